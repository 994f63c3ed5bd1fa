package commands

import (
	"berth/host/command"
	"berth/keyspace"
)

func registerLists(t *command.Table) {
	t.Register("lpush", func(c *command.Ctx) { push(c, keyspace.ListHead, false) })
	t.Register("rpush", func(c *command.Ctx) { push(c, keyspace.ListTail, false) })
	t.Register("lpushx", func(c *command.Ctx) { push(c, keyspace.ListHead, true) })
	t.Register("rpushx", func(c *command.Ctx) { push(c, keyspace.ListTail, true) })
	t.Register("lpop", func(c *command.Ctx) { pop(c, keyspace.ListHead) })
	t.Register("rpop", func(c *command.Ctx) { pop(c, keyspace.ListTail) })
	t.Register("llen", cardinality(keyspace.List))
	t.Register("lindex", cmdLIndex)
	t.Register("lset", cmdLSet)
	t.Register("linsert", cmdLInsert)
	t.Register("lrem", cmdLRem)
	t.Register("ltrim", cmdLTrim)
	t.Register("lrange", cmdLRange)
	t.Register("lpos", cmdLPos)
	registerListMoves(t)
}

var (
	pushEvent = [2]string{keyspace.ListHead: "lpush", keyspace.ListTail: "rpush"}
	popEvent  = [2]string{keyspace.ListHead: "lpop", keyspace.ListTail: "rpop"}
)

func push(c *command.Ctx, end keyspace.ListEnd, mustExist bool) {
	key := c.Args[1]
	e, ok := c.WriteTyped(key, keyspace.List)
	if !ok {
		return
	}
	if e == nil {
		if mustExist {
			c.Int(0)
			return
		}
		e = c.DB.CreateContainer(key, keyspace.List)
	}
	values := c.Args[2:]
	keyspace.ListPush(c.DB, e, end, values...)
	c.Int(int64(keyspace.ListLen(e)))
	c.Changed(key, command.NotifyList, pushEvent[end], int64(len(values)))
}

// elementsRemoved ends a removal of list elements: the event, and the key's
// end when the list is empty.
func elementsRemoved(c *command.Ctx, key []byte, e *keyspace.Entry, event string, dirty int64) {
	c.Notify(command.NotifyList, event, key)
	if keyspace.ListLen(e) == 0 {
		c.DB.Delete(key)
		c.Notify(command.NotifyGeneric, "del", key)
	}
	c.Modified(key)
	c.Dirty(dirty)
}

func pop(c *command.Ctx, end keyspace.ListEnd) {
	key := c.Args[1]
	if len(c.Args) > 3 {
		c.Error("ERR wrong number of arguments for '" + c.Row.FullName() + "' command")
		return
	}
	count, counted := int64(1), len(c.Args) == 3
	if counted {
		var ok bool
		if count, ok = c.RangeArg(2, 0, 1<<63-1, command.ErrMustPositive); !ok {
			return
		}
	}
	e, ok := c.WriteTyped(key, keyspace.List)
	if !ok {
		return
	}
	switch {
	case e == nil && counted:
		c.NullArray()
	case e == nil:
		c.Null()
	case counted && count == 0:
		c.Array(0)
	case counted:
		popMany(c, key, e, end, count)
	default:
		var tmp [256]byte
		v, _ := keyspace.ListPop(c.DB, e, end, tmp[:0])
		c.Bulk(v)
		elementsRemoved(c, key, e, popEvent[end], 1)
	}
}

// popMany replies with up to count elements from an end and removes them.
func popMany(c *command.Ctx, key []byte, e *keyspace.Entry, end keyspace.ListEnd, count int64) {
	n := keyspace.ListLen(e)
	count = min(count, int64(n))
	first := 0
	if end == keyspace.ListTail {
		first = n - 1
	}
	replyList(c, e, first, int(count), end == keyspace.ListTail)
	start := 0
	if end == keyspace.ListTail {
		start = n - int(count)
	}
	keyspace.ListDeleteRange(c.DB, e, start, int(count))
	elementsRemoved(c, key, e, popEvent[end], count)
}

// replyList replies with an array of n elements from index first on.
func replyList(c *command.Ctx, e *keyspace.Entry, first, n int, backward bool) {
	c.Array(n)
	it := keyspace.NewListIter(c.DB, e, first, backward)
	for range n {
		it.Next()
		c.Bulk(it.Value())
	}
}

func cmdLIndex(c *command.Ctx) {
	e, ok := c.ReadTyped(c.Args[1], keyspace.List)
	if !ok {
		return
	}
	if e == nil {
		c.Null()
		return
	}
	i, ok := c.IntArg(2)
	if !ok {
		return
	}
	var sc keyspace.Scratch
	if v, ok := keyspace.ListIndex(e, int(i), &sc); ok {
		c.Bulk(v)
	} else {
		c.Null()
	}
}

func cmdLSet(c *command.Ctx) {
	key := c.Args[1]
	e := c.LookupWrite(key)
	if e == nil {
		c.Error(command.ErrNoSuchKey)
		return
	}
	if e.Type() != keyspace.List {
		c.Error(command.ErrWrongType)
		return
	}
	i, ok := c.IntArg(2)
	if !ok {
		return
	}
	// Redis keeps the index in 32 bits.
	if !keyspace.ListSet(c.DB, e, int(int32(i)), c.Args[3]) {
		c.Error(command.ErrIndexRange)
		return
	}
	c.OK()
	c.Changed(key, command.NotifyList, "lset", 1)
}

func cmdLInsert(c *command.Ctx) {
	key := c.Args[1]
	after := c.ArgIs(2, "after")
	if !after && !c.ArgIs(2, "before") {
		c.Error(command.ErrSyntax)
		return
	}
	e, ok := c.WriteTyped(key, keyspace.List)
	if !ok {
		return
	}
	if e == nil {
		c.Int(0)
		return
	}
	if !keyspace.ListInsert(c.DB, e, c.Args[3], c.Args[4], after) {
		c.Int(-1)
		return
	}
	c.Changed(key, command.NotifyList, "linsert", 1)
	c.Int(int64(keyspace.ListLen(e)))
}

func cmdLRem(c *command.Ctx) {
	key := c.Args[1]
	count, ok := symmetricCount(c, 2)
	if !ok {
		return
	}
	e, ok := c.WriteTyped(key, keyspace.List)
	if !ok {
		return
	}
	if e == nil {
		c.Int(0)
		return
	}
	n := keyspace.ListRemove(c.DB, e, int(count), c.Args[3])
	if n > 0 {
		elementsRemoved(c, key, e, "lrem", int64(n))
	}
	c.Int(int64(n))
}

// listRange turns the two indexes of LRANGE and LTRIM into a first index and a
// number of elements.
func listRange(start, end, n int64) (first, count int64) {
	if start < 0 {
		start = max(start+n, 0)
	}
	if end < 0 {
		end += n
	}
	if start > end || start >= n {
		return 0, 0
	}
	return start, min(end, n-1) - start + 1
}

func cmdLTrim(c *command.Ctx) {
	key := c.Args[1]
	start, ok := c.IntArg(2)
	if !ok {
		return
	}
	end, ok := c.IntArg(3)
	if !ok {
		return
	}
	e, ok := c.WriteTyped(key, keyspace.List)
	if !ok {
		return
	}
	if e == nil {
		c.OK()
		return
	}
	n := int64(keyspace.ListLen(e))
	first, count := listRange(start, end, n)
	if count == 0 {
		first = n
	}
	keyspace.ListDeleteRange(c.DB, e, int(first+count), int(n-first-count))
	keyspace.ListDeleteRange(c.DB, e, 0, int(first))
	elementsRemoved(c, key, e, "ltrim", n-count)
	c.OK()
}

func cmdLRange(c *command.Ctx) {
	start, ok := c.IntArg(2)
	if !ok {
		return
	}
	end, ok := c.IntArg(3)
	if !ok {
		return
	}
	e, ok := c.ReadTyped(c.Args[1], keyspace.List)
	if !ok {
		return
	}
	if e == nil {
		c.Array(0)
		return
	}
	first, count := listRange(start, end, int64(keyspace.ListLen(e)))
	replyList(c, e, int(first), int(count), false)
}

func cmdLPos(c *command.Ctx) {
	const most = 1<<63 - 1
	rank, count, maxlen := int64(1), int64(-1), int64(0)
	for i := 3; i < len(c.Args); i += 2 {
		if i+1 >= len(c.Args) {
			c.Error(command.ErrSyntax)
			return
		}
		var ok bool
		switch {
		case c.ArgIs(i, "rank"):
			if rank, ok = c.IntArg(i + 1); !ok {
				return
			}
			if rank == -most-1 {
				c.Error("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")
				return
			}
			if rank == 0 {
				c.Error("ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list")
				return
			}
		case c.ArgIs(i, "count"):
			if count, ok = c.RangeArg(i+1, 0, most, "ERR COUNT can't be negative"); !ok {
				return
			}
		case c.ArgIs(i, "maxlen"):
			if maxlen, ok = c.RangeArg(i+1, 0, most, "ERR MAXLEN can't be negative"); !ok {
				return
			}
		default:
			c.Error(command.ErrSyntax)
			return
		}
	}
	e, ok := c.ReadTyped(c.Args[1], keyspace.List)
	if !ok {
		return
	}
	if e == nil {
		if count >= 0 {
			c.Array(0)
		} else {
			c.Null()
		}
		return
	}
	if count < 0 {
		at := -1
		keyspace.ListFind(e, c.Args[2], int(rank), int(maxlen), func(i int) bool {
			at = i
			return false
		})
		if at < 0 {
			c.Null()
		} else {
			c.Int(int64(at))
		}
		return
	}
	mark, n := c.Defer(), int64(0)
	keyspace.ListFind(e, c.Args[2], int(rank), int(maxlen), func(i int) bool {
		c.Int(int64(i))
		n++
		return count == 0 || n < count
	})
	c.DeferredArray(mark, int(n))
}
