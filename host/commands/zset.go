package commands

import (
	"math"
	"strconv"

	"berth/host/command"
	"berth/internal/numfmt"
	"berth/keyspace"
)

func registerZSets(t *command.Table) {
	t.Register("zadd", func(c *command.Ctx) { zadd(c, 0) })
	t.Register("zincrby", func(c *command.Ctx) { zadd(c, keyspace.ZAddIncr) })
	t.Register("zrem", cmdZRem)
	t.Register("zcard", cardinality(keyspace.ZSet))
	t.Register("zscore", cmdZScore)
	t.Register("zmscore", cmdZMScore)
	t.Register("zrank", func(c *command.Ctx) { zrank(c, false) })
	t.Register("zrevrank", func(c *command.Ctx) { zrank(c, true) })
	t.Register("zcount", cmdZCount)
	t.Register("zlexcount", cmdZLexCount)
	t.Register("zrandmember", cmdZRandMember)
	t.Register("zscan", cmdZScan)
	registerZRanges(t)
	registerZPops(t)
	registerZSetAlgebra(t)
}

// zadd is ZADD, and ZINCRBY with the flag incr given.
func zadd(c *command.Ctx, flags keyspace.ZAddFlags) {
	key := c.Args[1]
	ch := false
	at := 2
	if flags == 0 {
	options:
		for ; at < len(c.Args); at++ {
			switch {
			case c.ArgIs(at, "nx"):
				flags |= keyspace.ZAddNX
			case c.ArgIs(at, "xx"):
				flags |= keyspace.ZAddXX
			case c.ArgIs(at, "ch"):
				ch = true
			case c.ArgIs(at, "incr"):
				flags |= keyspace.ZAddIncr
			case c.ArgIs(at, "gt"):
				flags |= keyspace.ZAddGT
			case c.ArgIs(at, "lt"):
				flags |= keyspace.ZAddLT
			default:
				break options
			}
		}
	}
	incr := flags&keyspace.ZAddIncr != 0
	pairs := c.Args[at:]
	if len(pairs)%2 != 0 || len(pairs) == 0 {
		c.Error(command.ErrSyntax)
		return
	}
	const gt, lt, nx, xx = keyspace.ZAddGT, keyspace.ZAddLT, keyspace.ZAddNX, keyspace.ZAddXX
	switch {
	case flags&nx != 0 && flags&xx != 0:
		c.Error("ERR XX and NX options at the same time are not compatible")
		return
	case flags&gt != 0 && flags&(nx|lt) != 0, flags&lt != 0 && flags&nx != 0:
		c.Error("ERR GT, LT, and/or NX options at the same time are not compatible")
		return
	case incr && len(pairs) > 2:
		c.Error("ERR INCR option supports a single increment-element pair")
		return
	}
	var few [16]float64
	scores := few[:0]
	for i := 0; i < len(pairs); i += 2 {
		f, ok := numfmt.ParseDouble(pairs[i])
		if !ok {
			c.Error(command.ErrNotFloat)
			return
		}
		scores = append(scores, f)
	}
	e, ok := c.WriteTyped(key, keyspace.ZSet)
	if !ok {
		return
	}
	if e == nil {
		if flags&xx != 0 {
			if incr {
				c.Null()
			} else {
				c.Int(0)
			}
			return
		}
		e = c.DB.CreateContainer(key, keyspace.ZSet)
		keyspace.ZSetReserve(c.DB, e, len(scores), len(pairs[1]))
	} else {
		keyspace.ZSetReserve(c.DB, e, len(scores), 0)
	}
	added, updated := int64(0), int64(0)
	var score float64
	var r keyspace.ZAddResult
	for i, f := range scores {
		score, r = keyspace.ZSetAdd(c.DB, e, f, pairs[2*i+1], flags)
		switch r {
		case keyspace.ZAddAdded:
			added++
		case keyspace.ZAddUpdated:
			updated++
		case keyspace.ZAddNaN:
			c.Error(command.ErrNaNScore)
			endZAdd(c, key, added+updated, incr)
			return
		}
	}
	switch {
	case !incr && ch:
		c.Int(added + updated)
	case !incr:
		c.Int(added)
	case r == keyspace.ZAddNop:
		c.Null()
	default:
		c.Double(score)
	}
	endZAdd(c, key, added+updated, incr)
}

func endZAdd(c *command.Ctx, key []byte, changed int64, incr bool) {
	if changed == 0 {
		return
	}
	event := "zadd"
	if incr {
		event = "zincr"
	}
	c.Changed(key, command.NotifyZSet, event, changed)
}

// zsetRemoved ends a removal of n members.
func zsetRemoved(c *command.Ctx, key []byte, e *keyspace.Entry, event string, n int64) {
	gone := c.DB.DeleteIfEmpty(e)
	if n > 0 {
		c.Changed(key, command.NotifyZSet, event, n)
		if gone {
			c.Notify(command.NotifyGeneric, "del", key)
		}
	}
}

func cmdZRem(c *command.Ctx) {
	key := c.Args[1]
	e, ok := c.WriteTyped(key, keyspace.ZSet)
	if !ok {
		return
	}
	if e == nil {
		c.Int(0)
		return
	}
	n := int64(0)
	for _, m := range c.Args[2:] {
		if keyspace.ZSetRemove(c.DB, e, m) {
			n++
			if keyspace.ZSetLen(e) == 0 {
				break
			}
		}
	}
	zsetRemoved(c, key, e, "zrem", n)
	c.Int(n)
}

func replyScore(c *command.Ctx, e *keyspace.Entry, m []byte) {
	if e != nil {
		if f, ok := keyspace.ZSetScore(e, m); ok {
			c.Double(f)
			return
		}
	}
	c.Null()
}

func cmdZScore(c *command.Ctx) {
	if e, ok := c.ReadTyped(c.Args[1], keyspace.ZSet); ok {
		replyScore(c, e, c.Args[2])
	}
}

func cmdZMScore(c *command.Ctx) {
	e, ok := c.ReadTyped(c.Args[1], keyspace.ZSet)
	if !ok {
		return
	}
	c.Array(len(c.Args) - 2)
	for _, m := range c.Args[2:] {
		replyScore(c, e, m)
	}
}

func zrank(c *command.Ctx, rev bool) {
	if len(c.Args) > 4 {
		c.Error("ERR wrong number of arguments for '" + c.Row.FullName() + "' command")
		return
	}
	withScore := len(c.Args) == 4
	if withScore && !c.ArgIs(3, "withscore") {
		c.Error(command.ErrSyntax)
		return
	}
	e, ok := c.ReadTyped(c.Args[1], keyspace.ZSet)
	if !ok {
		return
	}
	if e != nil {
		if rank, score, ok := keyspace.ZSetRank(e, c.Args[2], rev); ok {
			if withScore {
				c.Array(2)
			}
			c.Int(int64(rank))
			if withScore {
				c.Double(score)
			}
			return
		}
	}
	if withScore {
		c.NullArray()
	} else {
		c.Null()
	}
}

func cmdZCount(c *command.Ctx) {
	r, ok := keyspace.ParseZRange(c.Args[2], c.Args[3])
	if !ok {
		c.Error(command.ErrMinMaxFloat)
		return
	}
	e, ok := c.ReadTyped(c.Args[1], keyspace.ZSet)
	if !ok {
		return
	}
	if e == nil {
		c.Int(0)
		return
	}
	c.Int(int64(keyspace.ZSetCount(e, &r)))
}

func cmdZLexCount(c *command.Ctx) {
	r, ok := keyspace.ParseZLexRange(c.Args[2], c.Args[3])
	if !ok {
		c.Error(command.ErrMinMaxLex)
		return
	}
	e, ok := c.ReadTyped(c.Args[1], keyspace.ZSet)
	if !ok {
		return
	}
	if e == nil {
		c.Int(0)
		return
	}
	c.Int(int64(keyspace.ZSetLexCount(e, &r)))
}

// replyPairs writes the header of n members with their scores: a flat array in
// RESP2, an array of pairs in RESP3. replyPair writes each.
func replyPairs(c *command.Ctx, n int, withScores bool) {
	if withScores && !c.RESP3() {
		n *= 2
	}
	c.Array(n)
}

func replyPair(c *command.Ctx, m []byte, score float64, withScores bool) {
	if !withScores {
		c.Bulk(m)
		return
	}
	if c.RESP3() {
		c.Array(2)
	}
	c.Bulk(m)
	c.Double(score)
}

func cmdZRandMember(c *command.Ctx) {
	if len(c.Args) == 2 {
		e, ok := c.ReadTyped(c.Args[1], keyspace.ZSet)
		if !ok {
			return
		}
		if e == nil {
			c.Null()
			return
		}
		var sc keyspace.Scratch
		m, _ := keyspace.ZSetRandom(e, &sc)
		c.Bulk(m)
		return
	}
	count, ok := symmetricCount(c, 2)
	if !ok {
		return
	}
	withScores := len(c.Args) == 4
	if len(c.Args) > 4 || withScores && !c.ArgIs(3, "withscores") {
		c.Error(command.ErrSyntax)
		return
	}
	if withScores && (count < -math.MaxInt64/2 || count > math.MaxInt64/2) {
		c.Error(command.ErrOutOfRange)
		return
	}
	e, ok := c.ReadTyped(c.Args[1], keyspace.ZSet)
	if !ok {
		return
	}
	if e == nil || count == 0 {
		c.Array(0)
		return
	}
	n := -count
	if count > 0 {
		n = min(count, int64(keyspace.ZSetLen(e)))
	}
	replyPairs(c, int(n), withScores)
	keyspace.ZSetRandomMany(e, int(count), func(m []byte, score float64) { replyPair(c, m, score, withScores) })
}

// appendScanScore appends a score as ZSCAN shows those of large sets: with 17 digits, the shortest form or not.
func appendScanScore(dst []byte, score float64) []byte {
	if math.IsInf(score, 0) {
		return numfmt.AppendDouble(dst, score)
	}
	return strconv.AppendFloat(dst, score, 'g', 17, 64)
}

func cmdZScan(c *command.Ctx) {
	scanValue(c, keyspace.ZSet, func(e *keyspace.Entry, cursor uint64, o *scanOptions, n *int) uint64 {
		return keyspace.ZSetScan(e, cursor, func(m []byte, score float64) {
			if !o.matches(m) {
				return
			}
			c.Bulk(m)
			var tmp [512]byte
			if e.Encoding() == keyspace.Listpack {
				c.Bulk(numfmt.AppendDouble(tmp[:0], score))
			} else {
				c.Bulk(appendScanScore(tmp[:0], score))
			}
			*n += 2
		})
	})
}
