package command

import (
	"berth/internal/glob"
)

// RegisterCommand registers COMMAND and its subcommands, which describe the
// table they stand in.
func RegisterCommand(t *Table) {
	t.Register("command", t.cmdInfoAll)
	t.Register("command|count", func(c *Ctx) { c.Int(int64(t.visible(c))) })
	t.Register("command|info", t.cmdInfo)
	t.Register("command|docs", t.cmdDocs)
	t.Register("command|list", t.cmdList)
	t.Register("command|getkeys", func(c *Ctx) { t.cmdGetKeys(c, false) })
	t.Register("command|getkeysandflags", func(c *Ctx) { t.cmdGetKeys(c, true) })
	t.Register("command|help", Help)
}

// visible counts the top-level commands that c sees.
func (t *Table) visible(c *Ctx) int {
	n := 0
	for _, r := range t.rows {
		if c.Sees(r) {
			n++
		}
	}
	return n
}

// cmdInfoAll: COMMAND.
func (t *Table) cmdInfoAll(c *Ctx) {
	c.Array(t.visible(c))
	for _, r := range t.rows {
		if c.Sees(r) {
			t.WriteInfo(c, r)
		}
	}
}

// cmdInfo: COMMAND INFO [name ...].
func (t *Table) cmdInfo(c *Ctx) {
	if len(c.Args) == 2 {
		t.cmdInfoAll(c)
		return
	}
	c.Array(len(c.Args) - 2)
	for _, name := range c.Args[2:] {
		t.WriteInfo(c, t.LookupFull(string(name)))
	}
}

// cmdDocs: COMMAND DOCS [name ...]. Unknown names are left out.
func (t *Table) cmdDocs(c *Ctx) {
	if len(c.Args) == 2 {
		c.Map(t.visible(c))
		for _, r := range t.rows {
			if c.Sees(r) {
				t.WriteDocs(c.Writer, r)
			}
		}
		return
	}
	mark, n := c.Defer(), 0
	for _, name := range c.Args[2:] {
		if r := t.LookupFull(string(name)); r != nil && c.Sees(r) {
			t.WriteDocs(c.Writer, r)
			n++
		}
	}
	c.DeferredMap(mark, n)
}

// cmdList: COMMAND LIST [FILTERBY MODULE name|ACLCAT category|PATTERN pattern].
func (t *Table) cmdList(c *Ctx) {
	keep := func(*Row) bool { return true }
	switch {
	case len(c.Args) == 2:
	case len(c.Args) == 5 && c.ArgIs(2, "filterby"):
		value := c.Args[4]
		switch {
		case c.ArgIs(3, "module"):
			keep = func(r *Row) bool {
				n := r.moduleName()
				return n != "" && len(n) == len(value) && foldEqual(value, n)
			}
		case c.ArgIs(3, "aclcat"):
			cat, _ := t.Category(string(value))
			keep = func(r *Row) bool { return r.Categories&cat != 0 }
		case c.ArgIs(3, "pattern"):
			keep = func(r *Row) bool { return glob.Match(value, []byte(r.FullName()), true) }
		default:
			c.Error(ErrSyntax)
			return
		}
	default:
		c.Error(ErrSyntax)
		return
	}
	mark, n := c.Defer(), 0
	t.All(func(r *Row) {
		if c.Sees(r) && keep(r) {
			c.BulkString(r.FullName())
			n++
		}
	})
	c.DeferredArray(mark, n)
}

// cmdGetKeys: COMMAND GETKEYS and GETKEYSANDFLAGS command [arg ...].
func (t *Table) cmdGetKeys(c *Ctx, flags bool) {
	argv := c.Args[2:]
	r := t.LookupArgs(argv)
	switch {
	case r == nil || !c.Sees(r):
		c.Error("ERR Invalid command specified")
		return
	case !r.HasKeys():
		c.Error("ERR The command has no key arguments")
		return
	case !r.ArityOK(len(argv)):
		c.Error("ERR Invalid number of arguments specified for command")
		return
	}
	var room [16]KeyRef
	keys, ok := GetKeys(r, argv, room[:0], 0)
	if !ok || len(keys) == 0 {
		if r.Flags&FlagNoMandatoryKeys != 0 {
			c.Array(0)
		} else {
			c.Error("ERR Invalid arguments specified for command")
		}
		return
	}
	c.Array(len(keys))
	for _, k := range keys {
		if flags {
			c.Array(2)
		}
		c.Bulk(argv[k.Pos])
		if flags {
			flagSet(c.Writer, uint64(k.Flags&^(KeyNotKey|KeyIncomplete|KeyVariableFlags)), keyFlagNames[:], "")
		}
	}
}
