package commands

import (
	"math"

	"berth/host/command"
	"berth/keyspace"
)

func registerZPops(t *command.Table) {
	t.Register("zpopmin", func(c *command.Ctx) { zpop(c, false) })
	t.Register("zpopmax", func(c *command.Ctx) { zpop(c, true) })
	t.Register("bzpopmin", func(c *command.Ctx) { blockingZPop(c, false) })
	t.Register("bzpopmax", func(c *command.Ctx) { blockingZPop(c, true) })
	zsetMPop.register(t, "zmpop", "bzmpop")
}

func zpopEvent(max bool) string {
	if max {
		return "zpopmax"
	}
	return "zpopmin"
}

func zpopName(max bool) []byte {
	if max {
		return []byte("ZPOPMAX")
	}
	return []byte("ZPOPMIN")
}

// popMembers removes n members from an end; each replies with one.
func popMembers(c *command.Ctx, key []byte, e *keyspace.Entry, max bool, n int64, each func(m []byte, score float64)) {
	for i := range n {
		var tmp [256]byte
		m, score, _ := keyspace.ZSetPop(c.DB, e, max, tmp[:0])
		each(m, score)
		if i == 0 {
			c.Notify(command.NotifyZSet, zpopEvent(max), key)
		}
	}
	if c.DB.DeleteIfEmpty(e) {
		c.Notify(command.NotifyGeneric, "del", key)
	}
	c.Modified(key)
	c.Dirty(n)
}

func zpop(c *command.Ctx, max bool) {
	key := c.Args[1]
	if len(c.Args) > 3 {
		c.Error(command.ErrSyntax)
		return
	}
	count, counted := int64(1), len(c.Args) == 3
	if counted {
		var ok bool
		if count, ok = c.RangeArg(2, 0, math.MaxInt64, command.ErrMustPositive); !ok {
			return
		}
	}
	e, ok := c.WriteTyped(key, keyspace.ZSet)
	if !ok {
		return
	}
	if e == nil || count == 0 {
		c.Array(0)
		return
	}
	n := min(count, int64(keyspace.ZSetLen(e)))
	if counted {
		replyPairs(c, int(n), true)
	} else {
		c.Array(2)
	}
	popMembers(c, key, e, max, n, func(m []byte, score float64) {
		if counted {
			replyPair(c, m, score, true)
			return
		}
		c.Bulk(m)
		c.Double(score)
	})
}

func blockingZPop(c *command.Ctx, max bool) {
	last := len(c.Args) - 1
	deadline, ok := blockDeadline(c, last)
	if !ok {
		return
	}
	keys := c.Args[1:last]
	for _, key := range keys {
		e, ok := c.WriteTyped(key, keyspace.ZSet)
		if !ok {
			return
		}
		if e == nil {
			continue
		}
		c.Array(3)
		c.Bulk(key)
		popMembers(c, key, e, max, 1, func(m []byte, score float64) {
			c.Bulk(m)
			c.Double(score)
		})
		if c.Host.Propagates() {
			c.Propagate(zpopName(max), key)
		}
		return
	}
	if !c.MayBlock() {
		c.NullArray()
		return
	}
	c.Block(command.BlockRequest{Type: keyspace.ZSet, Keys: keys, Deadline: deadline, OnTimeout: nullArray})
}

var zsetMPop = mpop{typ: keyspace.ZSet, size: keyspace.ZSetLen, first: "min", second: "max",
	take: func(c *command.Ctx, key []byte, e *keyspace.Entry, max bool, n int64) {
		c.Array(int(n))
		popMembers(c, key, e, max, n, func(m []byte, score float64) {
			c.Array(2)
			c.Bulk(m)
			c.Double(score)
		})
	},
	name: zpopName,
}
