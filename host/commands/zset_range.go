package commands

import (
	"berth/host/command"
	"berth/keyspace"
)

func registerZRanges(t *command.Table) {
	t.Register("zrange", func(c *command.Ctx) { zrange(c, zrangeQuery{key: 1}) })
	t.Register("zrevrange", func(c *command.Ctx) { zrange(c, zrangeQuery{key: 1, fixed: true, rev: true}) })
	t.Register("zrangebyscore", func(c *command.Ctx) { zrange(c, zrangeQuery{key: 1, fixed: true, by: byScore}) })
	t.Register("zrevrangebyscore", func(c *command.Ctx) { zrange(c, zrangeQuery{key: 1, fixed: true, by: byScore, rev: true}) })
	t.Register("zrangebylex", func(c *command.Ctx) { zrange(c, zrangeQuery{key: 1, fixed: true, by: byLex}) })
	t.Register("zrevrangebylex", func(c *command.Ctx) { zrange(c, zrangeQuery{key: 1, fixed: true, by: byLex, rev: true}) })
	t.Register("zrangestore", func(c *command.Ctx) { zrange(c, zrangeQuery{key: 2, dst: c.Args[1]}) })
	t.Register("zremrangebyrank", func(c *command.Ctx) { zremrange(c, byRank, "zremrangebyrank") })
	t.Register("zremrangebyscore", func(c *command.Ctx) { zremrange(c, byScore, "zremrangebyscore") })
	t.Register("zremrangebylex", func(c *command.Ctx) { zremrange(c, byLex, "zremrangebylex") })
}

type zrangeBy uint8

const (
	byRank zrangeBy = iota
	byScore
	byLex
)

// zrangeQuery is one command of the ZRANGE family: what its name says, and then
// what its options say.
type zrangeQuery struct {
	key   int    // position of the source key
	dst   []byte // ZRANGESTORE
	fixed bool   // the name says by what and in which direction
	by    zrangeBy
	rev   bool

	withScores    bool
	offset, limit int64

	zbounds
}

// zbounds are the bounds of a range, of whichever kind it is.
type zbounds struct {
	start, end int64
	score      keyspace.ZRangeSpec
	lex        keyspace.ZLexRangeSpec
}

func (b *zbounds) parse(c *command.Ctx, by zrangeBy, lo, hi int) bool {
	var ok bool
	switch by {
	case byRank:
		if b.start, ok = c.IntArg(lo); !ok {
			return false
		}
		b.end, ok = c.IntArg(hi)
	case byScore:
		if b.score, ok = keyspace.ParseZRange(c.Args[lo], c.Args[hi]); !ok {
			c.Error(command.ErrMinMaxFloat)
		}
	case byLex:
		if b.lex, ok = keyspace.ParseZLexRange(c.Args[lo], c.Args[hi]); !ok {
			c.Error(command.ErrMinMaxLex)
		}
	}
	return ok
}

// ranks turns the bounds of a range by rank into ranks of a set of n members.
func (b *zbounds) ranks(n int64) (start, end int64, ok bool) {
	start, end = b.start, b.end
	if start < 0 {
		start = max(start+n, 0)
	}
	if end < 0 {
		end += n
	}
	if start > end || start >= n {
		return 0, 0, false
	}
	return start, min(end, n-1), true
}

func (q *zrangeQuery) parse(c *command.Ctx) bool {
	q.limit = -1
	limited := false
	for i := q.key + 3; i < len(c.Args); i++ {
		left := len(c.Args) - i - 1
		switch {
		case q.dst == nil && c.ArgIs(i, "withscores"):
			q.withScores = true
		case left >= 2 && c.ArgIs(i, "limit"):
			var ok bool
			if q.offset, ok = c.IntArg(i + 1); !ok {
				return false
			}
			if q.limit, ok = c.IntArg(i + 2); !ok {
				return false
			}
			limited = q.limit != -1
			i += 2
		case !q.fixed && !q.rev && c.ArgIs(i, "rev"):
			q.rev = true
		case !q.fixed && q.by == byRank && c.ArgIs(i, "byscore"):
			q.by = byScore
		case !q.fixed && q.by == byRank && c.ArgIs(i, "bylex"):
			q.by = byLex
		default:
			c.Error(command.ErrSyntax)
			return false
		}
	}
	if limited && q.by == byRank {
		c.Error("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")
		return false
	}
	if q.withScores && q.by == byLex {
		c.Error("ERR syntax error, WITHSCORES not supported in combination with BYLEX")
		return false
	}
	lo, hi := q.key+1, q.key+2
	if q.rev && q.by != byRank {
		lo, hi = hi, lo
	}
	return q.zbounds.parse(c, q.by, lo, hi)
}

func zrange(c *command.Ctx, q zrangeQuery) {
	if !q.parse(c) {
		return
	}
	key := c.Args[q.key]
	e, ok := c.ReadTyped(key, keyspace.ZSet)
	if !ok {
		return
	}
	if e == nil {
		q.none(c)
		return
	}
	var it keyspace.ZSetIter
	switch q.by {
	case byRank:
		start, end, ok := q.ranks(int64(keyspace.ZSetLen(e)))
		if !ok {
			q.none(c)
			return
		}
		it = keyspace.NewZSetRankIter(e, int(start), int(end), q.rev)
	case byScore:
		it = keyspace.NewZSetScoreIter(e, &q.score, q.rev)
	case byLex:
		it = keyspace.NewZSetLexIter(e, &q.lex, q.rev)
	}
	n := int64(it.Len())
	if q.by != byRank {
		if q.offset < 0 && e.Encoding() != keyspace.Listpack {
			q.offset += n // as Redis does it in large sets only
		}
		if q.offset < 0 || q.offset >= n {
			q.none(c)
			return
		}
		it.Skip(int(q.offset))
		n -= q.offset
		if q.limit >= 0 {
			n = min(n, q.limit)
		}
	}
	if q.dst != nil {
		q.store(c, &it, n)
		return
	}
	replyPairs(c, int(n), q.withScores)
	for ; n > 0 && it.Next(); n-- {
		replyPair(c, it.Member(), it.Score(), q.withScores)
	}
}

// none answers a range without members.
func (q *zrangeQuery) none(c *command.Ctx) {
	if q.dst != nil {
		storeZSet(c, q.dst, nil, "zrangestore")
		return
	}
	c.Array(0)
}

func (q *zrangeQuery) store(c *command.Ctx, it *keyspace.ZSetIter, n int64) {
	out := keyspace.NewDetached(keyspace.ZSet)
	if q.by == byRank {
		// Only this range's length is known to Redis beforehand.
		keyspace.ZSetReserve(c.DB, out, int(n), 0)
	}
	for ; n > 0 && it.Next(); n-- {
		keyspace.ZSetAdd(c.DB, out, it.Score(), it.Member(), 0)
	}
	storeZSet(c, q.dst, out, "zrangestore")
}

// storeZSet puts a detached sorted set under dst, or removes dst when it is
// empty, and replies with the number of members.
func storeZSet(c *command.Ctx, dst []byte, e *keyspace.Entry, event string) {
	n := 0
	if e != nil {
		if n = keyspace.ZSetLen(e); n == 0 {
			keyspace.FreeDetached(e)
		}
	}
	old := c.LookupWrite(dst)
	if n == 0 {
		c.Int(0)
		if old != nil {
			c.DB.Delete(dst)
			c.Changed(dst, command.NotifyGeneric, "del", 1)
		}
		return
	}
	c.DB.StoreDetached(dst, e)
	c.Int(int64(n))
	c.Changed(dst, command.NotifyZSet, event, 1)
}

func zremrange(c *command.Ctx, by zrangeBy, event string) {
	key := c.Args[1]
	var b zbounds
	if !b.parse(c, by, 2, 3) {
		return
	}
	e, ok := c.WriteTyped(key, keyspace.ZSet)
	if !ok {
		return
	}
	if e == nil {
		c.Int(0)
		return
	}
	n := 0
	switch by {
	case byRank:
		if start, end, ok := b.ranks(int64(keyspace.ZSetLen(e))); ok {
			n = keyspace.ZSetRemoveRangeByRank(c.DB, e, int(start), int(end))
		}
	case byScore:
		n = keyspace.ZSetRemoveRangeByScore(c.DB, e, &b.score)
	case byLex:
		n = keyspace.ZSetRemoveRangeByLex(c.DB, e, &b.lex)
	}
	zsetRemoved(c, key, e, event, int64(n))
	c.Int(int64(n))
}
