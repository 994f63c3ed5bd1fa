package commands

import (
	"math"

	"berth/host/command"
	"berth/internal/numfmt"
	"berth/keyspace"
)

func registerListMoves(t *command.Table) {
	t.Register("lmove", cmdLMove)
	t.Register("rpoplpush", func(c *command.Ctx) { move(c, keyspace.ListTail, keyspace.ListHead) })
	t.Register("blmove", cmdBLMove)
	t.Register("brpoplpush", func(c *command.Ctx) {
		if at, ok := blockDeadline(c, 3); ok {
			blockingMove(c, keyspace.ListTail, keyspace.ListHead, at)
		}
	})
	t.Register("blpop", func(c *command.Ctx) { blockingPop(c, keyspace.ListHead) })
	t.Register("brpop", func(c *command.Ctx) { blockingPop(c, keyspace.ListTail) })
	listMPop.register(t, "lmpop", "blmpop")
}

// blockDeadline parses a timeout in seconds, with a fraction, to the unix time
// in milliseconds at which the wait ends; 0 is never.
func blockDeadline(c *command.Ctx, i int) (at int64, ok bool) {
	f, ok := numfmt.ParseDouble(c.Args[i])
	if !ok {
		c.Error(command.ErrTimeoutFloat)
		return 0, false
	}
	ms := math.Ceil(f * 1000)
	if ms < 0 {
		c.Error(command.ErrTimeoutNeg)
		return 0, false
	}
	if ms == 0 {
		return 0, true
	}
	if ms >= float64(math.MaxInt64-c.KS.Now()) {
		c.Error("ERR timeout is out of range")
		return 0, false
	}
	return c.KS.Now() + int64(ms), true
}

// listEnd reads LEFT or RIGHT.
func listEnd(c *command.Ctx, i int) (keyspace.ListEnd, bool) {
	switch {
	case c.ArgIs(i, "left"):
		return keyspace.ListHead, true
	case c.ArgIs(i, "right"):
		return keyspace.ListTail, true
	}
	c.Error(command.ErrSyntax)
	return 0, false
}

func cmdLMove(c *command.Ctx) {
	from, ok := listEnd(c, 3)
	if !ok {
		return
	}
	to, ok := listEnd(c, 4)
	if !ok {
		return
	}
	move(c, from, to)
}

// move is LMOVE and RPOPLPUSH.
func move(c *command.Ctx, from, to keyspace.ListEnd) {
	src, ok := c.WriteTyped(c.Args[1], keyspace.List)
	if !ok {
		return
	}
	if src == nil {
		c.Null()
		return
	}
	moveElement(c, src, from, to)
}

// moveElement moves one element from src to the list named by the second key.
func moveElement(c *command.Ctx, src *keyspace.Entry, from, to keyspace.ListEnd) {
	srcKey, dstKey := c.Args[1], c.Args[2]
	dst, ok := c.WriteTyped(dstKey, keyspace.List)
	if !ok {
		return
	}
	var tmp [256]byte
	var v []byte
	if dst == src {
		v = keyspace.ListRotate(c.DB, src, from, to, tmp[:0])
	} else {
		v, _ = keyspace.ListPop(c.DB, src, from, tmp[:0])
	}
	if dst == nil {
		dst = c.DB.CreateContainer(dstKey, keyspace.List)
	}
	c.Modified(dstKey)
	if dst != src {
		keyspace.ListPush(c.DB, dst, to, v)
	}
	c.Notify(command.NotifyList, pushEvent[to], dstKey)
	c.Bulk(v)
	// A module that was told of the push may have changed the source.
	if src = c.DB.Find(srcKey); src != nil && src.Type() == keyspace.List {
		elementsRemoved(c, srcKey, src, popEvent[from], 1)
	}
	if !c.Host.Propagates() {
		return
	}
	switch c.Row.Name {
	case "blmove":
		c.Propagate([]byte("LMOVE"), srcKey, dstKey, c.Args[3], c.Args[4])
	case "brpoplpush":
		c.Propagate([]byte("RPOPLPUSH"), srcKey, dstKey)
	}
}

func cmdBLMove(c *command.Ctx) {
	from, ok := listEnd(c, 3)
	if !ok {
		return
	}
	to, ok := listEnd(c, 4)
	if !ok {
		return
	}
	if at, ok := blockDeadline(c, 5); ok {
		blockingMove(c, from, to, at)
	}
}

func blockingMove(c *command.Ctx, from, to keyspace.ListEnd, deadline int64) {
	src, ok := c.WriteTyped(c.Args[1], keyspace.List)
	if !ok {
		return
	}
	if src != nil {
		moveElement(c, src, from, to)
		return
	}
	if !c.MayBlock() {
		c.Null()
		return
	}
	c.Block(command.BlockRequest{Type: keyspace.List, Keys: c.Args[1:2], Deadline: deadline,
		OnTimeout: nullArray})
}

func nullArray(c *command.Ctx) { c.NullArray() }

// blockingPop is BLPOP and BRPOP.
func blockingPop(c *command.Ctx, end keyspace.ListEnd) {
	last := len(c.Args) - 1
	deadline, ok := blockDeadline(c, last)
	if !ok {
		return
	}
	keys := c.Args[1:last]
	for _, key := range keys {
		e, ok := c.WriteTyped(key, keyspace.List)
		if !ok {
			return
		}
		if e == nil {
			continue
		}
		c.Array(2)
		c.Bulk(key)
		var tmp [256]byte
		v, _ := keyspace.ListPop(c.DB, e, end, tmp[:0])
		c.Bulk(v)
		elementsRemoved(c, key, e, popEvent[end], 1)
		if c.Host.Propagates() {
			c.Propagate(popName[end], key)
		}
		return
	}
	if !c.MayBlock() {
		c.NullArray()
		return
	}
	c.Block(command.BlockRequest{Type: keyspace.List, Keys: keys, Deadline: deadline, OnTimeout: nullArray})
}

var popName = [2][]byte{keyspace.ListHead: []byte("LPOP"), keyspace.ListTail: []byte("RPOP")}

var listMPop = mpop{typ: keyspace.List, size: keyspace.ListLen, first: "left", second: "right",
	take: func(c *command.Ctx, key []byte, e *keyspace.Entry, right bool, n int64) {
		popMany(c, key, e, endOf(right), n)
	},
	name: func(right bool) []byte { return popName[endOf(right)] },
}

func endOf(right bool) keyspace.ListEnd {
	if right {
		return keyspace.ListTail
	}
	return keyspace.ListHead
}
