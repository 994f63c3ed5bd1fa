package commands

import (
	"bytes"
	"errors"
	"slices"
	"strconv"

	"berth/host/command"
	"berth/keyspace"
)

// sortItem is an element of the value that SORT sorts, with what it is compared by.
type sortItem struct {
	elem  []byte
	text  []byte // ALPHA with BY: nil if there is no such key
	score float64
}

// sorter is one SORT.
type sorter struct {
	c            *command.Ctx
	desc, alpha  bool
	noSort       bool   // BY without a "*"
	by           []byte // nil: by the elements themselves
	get          [][]byte
	store        []byte
	start, count int64 // of LIMIT; a negative count is all
	items        []sortItem
	keyBuf       []byte
}

// parse reads the options. Read-only, there is no STORE.
func (s *sorter) parse(readOnly bool) bool {
	c := s.c
	s.count = -1
	for i := 2; i < len(c.Args); i++ {
		left := len(c.Args) - i - 1
		var ok bool
		switch {
		case c.ArgIs(i, "asc"):
			s.desc = false
		case c.ArgIs(i, "desc"):
			s.desc = true
		case c.ArgIs(i, "alpha"):
			s.alpha = true
		case c.ArgIs(i, "limit") && left >= 2:
			if s.start, ok = c.IntArg(i + 1); !ok {
				return false
			}
			if s.count, ok = c.IntArg(i + 2); !ok {
				return false
			}
			i += 2
		case !readOnly && c.ArgIs(i, "store") && left >= 1:
			s.store = c.Args[i+1]
			i++
		case c.ArgIs(i, "by") && left >= 1:
			s.by = c.Args[i+1]
			if bytes.IndexByte(s.by, '*') < 0 {
				s.noSort, s.by = true, nil
			} else if !c.Host.KeysUnrestricted(c) {
				c.Error("ERR BY option of SORT denied due to insufficient ACL permissions.")
				return false
			}
			i++
		case c.ArgIs(i, "get") && left >= 1:
			if !c.Host.KeysUnrestricted(c) {
				c.Error("ERR GET option of SORT denied due to insufficient ACL permissions.")
				return false
			}
			s.get = append(s.get, c.Args[i+1])
			i++
		default:
			c.Error(command.ErrSyntax)
			return false
		}
	}
	return true
}

func sortKey(c *command.Ctx, readOnly bool) {
	s := sorter{c: c}
	if !s.parse(readOnly) {
		return
	}
	e := c.LookupRead(c.Args[1])
	n := int64(0)
	if e != nil {
		switch e.Type() {
		case keyspace.List, keyspace.Set, keyspace.ZSet:
			n = int64(keyspace.ContainerLen(e))
		default:
			c.Error(command.ErrWrongType)
			return
		}
		if e.Type() == keyspace.ZSet {
			keyspace.ZSetToTable(e)
		}
		// A set has no order of its own: what is stored or given to a script must not
		// depend on the server.
		if s.noSort && e.Type() == keyspace.Set && (s.store != nil || c.Flags&command.CallScript != 0) {
			s.noSort, s.alpha, s.by = false, true, nil
		}
	}
	from := min(max(s.start, 0), n)
	to := n
	if s.count >= 0 {
		to = min(from+min(s.count, n), n)
	}
	if e != nil {
		s.load(e, &from, &to)
	}
	if !s.noSort && !s.sort() {
		c.Error("ERR One or more scores can't be converted into double")
		return
	}
	s.items = s.items[from:to]
	if s.store != nil {
		s.storeResult()
		return
	}
	c.Array(len(s.items) * max(len(s.get), 1))
	for i := range s.items {
		s.output(i, func(v []byte) {
			if v == nil {
				c.Null()
			} else {
				c.Bulk(v)
			}
		})
	}
}

func (s *sorter) add(elem []byte) {
	s.items = append(s.items, sortItem{elem: append(make([]byte, 0, len(elem)), elem...)})
}

// load copies the elements. Of what has an order and isn't sorted, only the part that is
// wanted is taken, and from and to are changed to say so.
func (s *sorter) load(e *keyspace.Entry, from, to *int64) {
	n := *to - *from
	switch {
	case e.Type() == keyspace.List && s.noSort:
		start := int(*from)
		if s.desc {
			start = keyspace.ListLen(e) - 1 - start
		}
		it := keyspace.NewListIter(s.c.DB, e, start, s.desc)
		for n > 0 && it.Next() {
			s.add(it.Value())
			n--
		}
		*from, *to = 0, *to-*from
	case e.Type() == keyspace.ZSet && s.noSort:
		if n > 0 {
			it := keyspace.NewZSetRankIter(e, int(*from), int(*to)-1, s.desc)
			for it.Next() {
				s.add(it.Member())
			}
		}
		*from, *to = 0, *to-*from
	case e.Type() == keyspace.List:
		for it := keyspace.NewListIter(s.c.DB, e, 0, false); it.Next(); {
			s.add(it.Value())
		}
	case e.Type() == keyspace.ZSet:
		for it := keyspace.NewZSetRankIter(e, 0, keyspace.ZSetLen(e)-1, false); it.Next(); {
			s.add(it.Member())
		}
	default:
		it := keyspace.NewSetIter(e)
		for it.Next() {
			s.add(it.Member())
		}
		it.Close()
	}
}

// sort looks up what the items are compared by and sorts them; false if a number is wanted
// and there is something else.
func (s *sorter) sort() bool {
	valid := true
	for i := range s.items {
		it := &s.items[i]
		by := it.elem
		if s.by != nil {
			if by = s.lookup(s.by, it.elem); by == nil {
				continue
			}
		}
		if s.alpha {
			it.text = by
			continue
		}
		var ok bool
		if it.score, ok = sortScore(by); !ok {
			valid = false
		}
	}
	if !valid {
		return false
	}
	slices.SortStableFunc(s.items, func(a, b sortItem) int {
		cmp := s.compare(&a, &b)
		if s.desc {
			return -cmp
		}
		return cmp
	})
	return true
}

func (s *sorter) compare(a, b *sortItem) int {
	switch {
	case !s.alpha && a.score != b.score:
		if a.score > b.score {
			return 1
		}
		return -1
	case !s.alpha:
		return bytes.Compare(a.elem, b.elem)
	case a.text == nil || b.text == nil:
		switch {
		case a.text != nil:
			return 1
		case b.text != nil:
			return -1
		}
		return 0
	case s.store != nil:
		return bytes.Compare(a.text, b.text)
	}
	return bytes.Compare(cString(a.text), cString(b.text))
}

// cString is what C sees of s: Redis compares by the locale's collation here, which ends
// at a zero byte. berth knows the C locale only.
func cString(s []byte) []byte {
	if i := bytes.IndexByte(s, 0); i >= 0 {
		return s[:i]
	}
	return s
}

// sortScore reads a number as SORT does: nothing at all is 0, a zero byte ends it, and what is
// out of range is infinite or 0.
func sortScore(b []byte) (float64, bool) {
	b = cString(b)
	if len(b) == 0 {
		return 0, true
	}
	if bytes.ContainsAny(b, "xX_") {
		return 0, false // Go's syntax
	}
	f, err := strconv.ParseFloat(string(b), 64)
	return f, f == f && (err == nil || errors.Is(err, strconv.ErrRange))
}

// lookup is the value that a pattern of BY or GET names for an element: "#" is the element
// itself, "a_*" a string key, "a_*->f" a field of a hash. It is a copy, nil if there is none.
func (s *sorter) lookup(pattern, elem []byte) []byte {
	if len(pattern) == 1 && pattern[0] == '#' {
		return elem
	}
	star := bytes.IndexByte(pattern, '*')
	if star < 0 {
		return nil
	}
	rest := pattern[star+1:]
	var field []byte
	if i := bytes.Index(rest, []byte("->")); i >= 0 && i+2 < len(rest) {
		field, rest = rest[i+2:], rest[:i]
	}
	key := append(append(append(s.keyBuf[:0], pattern[:star]...), elem...), rest...)
	s.keyBuf = key
	e := s.c.LookupRead(key)
	if e == nil {
		return nil
	}
	var v []byte
	if field == nil {
		if e.Type() != keyspace.String {
			return nil
		}
		v = keyspace.StringBytes(e, nil)
	} else {
		if e.Type() != keyspace.Hash {
			return nil
		}
		var sc keyspace.Scratch
		var ok bool
		if v, ok = keyspace.HashGet(s.c.DB, e, field, &sc); !ok {
			return nil
		}
	}
	return append(make([]byte, 0, len(v)), v...)
}

// output yields what the result has for item i: the element, or what GET asks for, nil for
// what isn't there.
func (s *sorter) output(i int, yield func(v []byte)) {
	if len(s.get) == 0 {
		yield(s.items[i].elem)
	}
	for _, pattern := range s.get {
		yield(s.lookup(pattern, s.items[i].elem))
	}
}

func (s *sorter) storeResult() {
	c := s.c
	n := int64(len(s.items) * max(len(s.get), 1))
	if n == 0 {
		if c.DB.Delete(s.store) {
			c.Changed(s.store, command.NotifyGeneric, "del", 1)
		}
		c.Int(0)
		return
	}
	list := keyspace.NewDetached(keyspace.List)
	for i := range s.items {
		s.output(i, func(v []byte) { keyspace.ListPush(c.DB, list, keyspace.ListTail, v) })
	}
	c.DB.StoreDetached(s.store, list)
	c.Changed(s.store, command.NotifyList, "sortstore", n)
	c.Int(n)
}
