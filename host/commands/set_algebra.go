package commands

import (
	"math"
	"slices"

	"berth/host/command"
	"berth/keyspace"
)

func registerSetAlgebra(t *command.Table) {
	t.Register("sinter", func(c *command.Ctx) { setInter(c, c.Args[1:], nil, nil) })
	t.Register("sinterstore", func(c *command.Ctx) { setInter(c, c.Args[2:], c.Args[1], nil) })
	t.Register("sintercard", cmdSInterCard)
	t.Register("sunion", func(c *command.Ctx) { setUnionDiff(c, c.Args[1:], nil, true) })
	t.Register("sunionstore", func(c *command.Ctx) { setUnionDiff(c, c.Args[2:], c.Args[1], true) })
	t.Register("sdiff", func(c *command.Ctx) { setUnionDiff(c, c.Args[1:], nil, false) })
	t.Register("sdiffstore", func(c *command.Ctx) { setUnionDiff(c, c.Args[2:], c.Args[1], false) })
}

// readSets finds the sets of keys; a missing one is nil.
func readSets(c *command.Ctx, keys [][]byte) (sets []*keyspace.Entry, missing bool, ok bool) {
	sets = make([]*keyspace.Entry, len(keys))
	for i, key := range keys {
		var e *keyspace.Entry
		if e, ok = c.ReadTyped(key, keyspace.Set); !ok {
			return nil, false, false
		}
		sets[i] = e
		missing = missing || e == nil
	}
	return sets, missing, true
}

// storeSet puts a detached set under dst, or removes dst when it is empty, and
// replies with the number of members.
func storeSet(c *command.Ctx, dst []byte, e *keyspace.Entry, event string) {
	n := 0
	if e != nil {
		if n = keyspace.SetLen(e); n == 0 {
			keyspace.FreeDetached(e)
		}
	}
	if n == 0 {
		if c.LookupWrite(dst) != nil {
			c.DB.Delete(dst)
			c.Changed(dst, command.NotifyGeneric, "del", 1)
		}
		c.Int(0)
		return
	}
	c.LookupWrite(dst)
	c.DB.StoreDetached(dst, e)
	c.Changed(dst, command.NotifySet, event, 1)
	c.Int(int64(n))
}

// setInter is SINTER, SINTERSTORE (dst) and SINTERCARD (limit, 0 for none).
func setInter(c *command.Ctx, keys [][]byte, dst []byte, limit *int64) {
	sets, missing, ok := readSets(c, keys)
	if !ok {
		return
	}
	if missing {
		switch {
		case dst != nil:
			storeSet(c, dst, nil, "sinterstore")
		case limit != nil:
			c.Int(0)
		default:
			c.Set(0)
		}
		return
	}
	if len(sets) == 1 && dst == nil && limit == nil {
		replySet(c, sets[0])
		return
	}
	slices.SortStableFunc(sets, func(a, b *keyspace.Entry) int { return keyspace.SetLen(a) - keyspace.SetLen(b) })
	var out *keyspace.Entry
	mark, n := c.Defer(), int64(0)
	if dst != nil {
		out = keyspace.NewDetached(keyspace.Set)
	}
	it := keyspace.NewSetIter(sets[0])
	for it.Next() {
		m := it.Member()
		if !inAll(sets[1:], sets[0], m) {
			continue
		}
		n++
		switch {
		case out != nil:
			keyspace.SetAdd(c.DB, out, m)
		case limit == nil:
			c.Bulk(m)
		}
		if limit != nil && n == *limit {
			break
		}
	}
	it.Close()
	switch {
	case dst != nil:
		storeSet(c, dst, out, "sinterstore")
	case limit != nil:
		c.Int(n)
	default:
		c.DeferredSet(mark, int(n))
	}
}

func inAll(sets []*keyspace.Entry, self *keyspace.Entry, m []byte) bool {
	for _, e := range sets {
		if e != self && !keyspace.SetIsMember(e, m) {
			return false
		}
	}
	return true
}

func cmdSInterCard(c *command.Ctx) {
	keys, rest, ok := countedKeys(c, 1, "ERR numkeys should be greater than 0")
	if !ok {
		return
	}
	limit := int64(0)
	for i := rest; i < len(c.Args); i += 2 {
		if !c.ArgIs(i, "limit") || i+1 >= len(c.Args) {
			c.Error(command.ErrSyntax)
			return
		}
		if limit, ok = c.RangeArg(i+1, 0, math.MaxInt64, "ERR LIMIT can't be negative"); !ok {
			return
		}
	}
	setInter(c, keys, nil, &limit)
}

// countedKeys reads a number of keys at argument i and the keys after it.
func countedKeys(c *command.Ctx, i int, msg string) (keys [][]byte, rest int, ok bool) {
	n, ok := c.RangeArg(i, 1, math.MaxInt64, msg)
	if !ok {
		return nil, 0, false
	}
	if n > int64(len(c.Args)-i-1) {
		c.Error("ERR Number of keys can't be greater than number of args")
		return nil, 0, false
	}
	rest = i + 1 + int(n)
	return c.Args[i+1 : rest], rest, true
}

// setUnionDiff is SUNION, SDIFF and their storing forms.
func setUnionDiff(c *command.Ctx, keys [][]byte, dst []byte, union bool) {
	sets, _, ok := readSets(c, keys)
	if !ok {
		return
	}
	out := keyspace.NewDetached(keyspace.Set)
	if union {
		for _, e := range sets {
			addAll(c, out, e)
		}
	} else if sets[0] != nil {
		diffInto(c, out, sets)
	}
	if dst == nil {
		replySet(c, out)
		keyspace.FreeDetached(out)
		return
	}
	event := "sdiffstore"
	if union {
		event = "sunionstore"
	}
	storeSet(c, dst, out, event)
}

func addAll(c *command.Ctx, out, e *keyspace.Entry) {
	if e == nil {
		return
	}
	it := keyspace.NewSetIter(e)
	for it.Next() {
		keyspace.SetAdd(c.DB, out, it.Member())
	}
	it.Close()
}

// diffInto computes the difference either by asking the other sets for each
// member of the first, or by taking their members out of a copy of it,
// whichever is less work.
func diffInto(c *command.Ctx, out *keyspace.Entry, sets []*keyspace.Entry) {
	first, others := sets[0], make([]*keyspace.Entry, 0, len(sets)-1)
	asking, taking := 0, keyspace.SetLen(first)
	for _, e := range sets[1:] {
		if e == first {
			return
		}
		if e != nil {
			others = append(others, e)
			taking += keyspace.SetLen(e)
		}
	}
	asking = keyspace.SetLen(first) * (len(others) + 1) / 2
	if asking <= taking {
		// The largest is the likeliest to know a member.
		slices.SortStableFunc(others, func(a, b *keyspace.Entry) int { return keyspace.SetLen(b) - keyspace.SetLen(a) })
		it := keyspace.NewSetIter(first)
	next:
		for it.Next() {
			m := it.Member()
			for _, e := range others {
				if keyspace.SetIsMember(e, m) {
					continue next
				}
			}
			keyspace.SetAdd(c.DB, out, m)
		}
		it.Close()
		return
	}
	addAll(c, out, first)
	for _, e := range others {
		it := keyspace.NewSetIter(e)
		for it.Next() {
			keyspace.SetRemove(c.DB, out, it.Member())
		}
		it.Close()
		if keyspace.SetLen(out) == 0 {
			return
		}
	}
}
