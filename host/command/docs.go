package command

// flagSet writes the names of the bits that are set, as a set of simple
// strings.
func flagSet(w *Writer, bits uint64, names []string, prefix string) {
	n := 0
	for i, name := range names {
		if bits&(1<<i) != 0 && name != "" {
			n++
		}
	}
	w.Set(n)
	for i, name := range names {
		if bits&(1<<i) != 0 && name != "" {
			w.Simple(prefix + name)
		}
	}
}

// WriteInfo writes a row as COMMAND and COMMAND INFO reply it: the null when
// c does not see the command.
func (t *Table) WriteInfo(c *Ctx, r *Row) {
	w := c.Writer
	if r == nil || !c.Sees(r) {
		w.Null()
		return
	}
	w.Array(10)
	w.BulkString(r.FullName())
	w.Int(int64(r.Arity))
	flagSet(w, uint64(r.Flags), flagNames[:], "")
	w.Int(int64(r.FirstKey))
	w.Int(int64(r.LastKey))
	w.Int(int64(r.KeyStep))
	n := 0
	t.CategoryNames(r.Categories, func(string) { n++ })
	w.Set(n)
	t.CategoryNames(r.Categories, func(name string) { w.Simple("@" + name) })
	w.Set(len(r.Tips))
	for _, s := range r.Tips {
		w.BulkString(s)
	}
	w.Set(len(r.KeySpecs))
	for i := range r.KeySpecs {
		writeKeySpec(w, &r.KeySpecs[i])
	}
	if len(r.Subs) == 0 {
		w.Set(0)
		return
	}
	w.Array(len(r.Subs))
	for _, s := range r.Subs {
		t.WriteInfo(c, s)
	}
}

func writeKeySpec(w *Writer, s *KeySpec) {
	if s.Notes != "" {
		w.Map(4)
		w.BulkString("notes")
		w.BulkString(s.Notes)
	} else {
		w.Map(3)
	}
	w.BulkString("flags")
	flagSet(w, uint64(s.Flags), keyFlagNames[:], "")

	part := func(name, kind string, fields int) {
		w.BulkString(name)
		w.Map(2)
		w.BulkString("type")
		w.BulkString(kind)
		w.BulkString("spec")
		w.Map(fields)
	}
	num := func(name string, n int) {
		w.BulkString(name)
		w.Int(int64(n))
	}
	switch s.Begin.Type {
	case BSIndex:
		part("begin_search", "index", 1)
		num("index", s.Begin.Index)
	case BSKeyword:
		part("begin_search", "keyword", 2)
		w.BulkString("keyword")
		w.BulkString(s.Begin.Keyword)
		num("startfrom", s.Begin.StartFrom)
	default:
		part("begin_search", "unknown", 0)
	}
	switch s.Find.Type {
	case FKRange:
		part("find_keys", "range", 3)
		num("lastkey", s.Find.LastKey)
		num("keystep", s.Find.KeyStep)
		num("limit", s.Find.Limit)
	case FKKeynum:
		part("find_keys", "keynum", 3)
		num("keynumidx", s.Find.KeyNumIdx)
		num("firstkey", s.Find.FirstKey)
		num("keystep", s.Find.KeyStep)
	default:
		part("find_keys", "unknown", 0)
	}
}

// moduleName is the name of the module that registered the row, or "".
func (r *Row) moduleName() string {
	if m, ok := r.Module.(interface{ ModuleName() string }); ok {
		return m.ModuleName()
	}
	return ""
}

// mapWriter counts the pairs of a map that is being written.
type mapWriter struct {
	*Writer
	n int
}

func (m *mapWriter) key(name string) {
	m.n++
	m.BulkString(name)
}

func (m *mapWriter) text(name, value string) {
	if value != "" {
		m.key(name)
		m.BulkString(value)
	}
}

// WriteDocs writes a row as COMMAND DOCS replies it, its name first. Internal
// subcommands are listed with their container, as Redis does.
func (t *Table) WriteDocs(w *Writer, r *Row) {
	w.BulkString(r.FullName())
	mark := w.Defer()
	m := mapWriter{Writer: w}
	m.text("summary", r.Summary)
	m.text("since", r.Since)
	m.text("group", r.Group)
	m.text("complexity", r.Complexity)
	m.text("module", r.moduleName())
	if len(r.DocFlags) > 0 {
		m.key("doc_flags")
		w.Set(len(r.DocFlags))
		for _, f := range r.DocFlags {
			w.Simple(f)
		}
	}
	m.text("deprecated_since", r.DeprecatedSince)
	m.text("replaced_by", r.ReplacedBy)
	if len(r.History) > 0 {
		m.key("history")
		w.Set(len(r.History))
		for _, h := range r.History {
			w.Array(2)
			w.BulkString(h.Since)
			w.BulkString(h.Changes)
		}
	}
	if len(r.Args) > 0 {
		m.key("arguments")
		writeArgs(w, r.Args)
	}
	if len(r.Subs) > 0 {
		m.key("subcommands")
		w.Map(len(r.Subs))
		for _, s := range r.Subs {
			t.WriteDocs(w, s)
		}
	}
	w.DeferredMap(mark, m.n)
}

func writeArgs(w *Writer, args []Arg) {
	w.Array(len(args))
	for i := range args {
		a := &args[i]
		mark := w.Defer()
		m := mapWriter{Writer: w}
		m.text("name", a.Name)
		m.text("type", a.Type)
		m.text("display_text", a.DisplayText)
		if a.KeySpecIndex >= 0 {
			m.key("key_spec_index")
			w.Int(int64(a.KeySpecIndex))
		}
		m.text("token", a.Token)
		if a.EmptyToken {
			m.key("token")
			w.BulkString("")
		}
		m.text("summary", a.Summary)
		m.text("since", a.Since)
		m.text("deprecated_since", a.DeprecatedSince)
		var flags uint64
		for j, f := range [...]bool{a.Optional, a.Multiple, a.MultipleToken} {
			if f {
				flags |= 1 << j
			}
		}
		if flags != 0 {
			m.key("flags")
			flagSet(w, flags, []string{"optional", "multiple", "multiple_token"}, "")
		}
		if len(a.Args) > 0 {
			m.key("arguments")
			writeArgs(w, a.Args)
		}
		w.DeferredMap(mark, m.n)
	}
}
