package commands

import (
	"math"
	"slices"

	"berth/host/command"
	"berth/internal/numfmt"
	"berth/keyspace"
)

func registerZSetAlgebra(t *command.Table) {
	t.Register("zunion", func(c *command.Ctx) { zalgebra(c, zunion, 1, nil) })
	t.Register("zinter", func(c *command.Ctx) { zalgebra(c, zinter, 1, nil) })
	t.Register("zdiff", func(c *command.Ctx) { zalgebra(c, zdiff, 1, nil) })
	t.Register("zintercard", func(c *command.Ctx) { zalgebra(c, zintercard, 1, nil) })
	t.Register("zunionstore", func(c *command.Ctx) { zalgebra(c, zunion, 2, c.Args[1]) })
	t.Register("zinterstore", func(c *command.Ctx) { zalgebra(c, zinter, 2, c.Args[1]) })
	t.Register("zdiffstore", func(c *command.Ctx) { zalgebra(c, zdiff, 2, c.Args[1]) })
}

type zop uint8

const (
	zunion zop = iota
	zinter
	zdiff
	zintercard
)

var zopEvent = [...]string{zunion: "zunionstore", zinter: "zinterstore", zdiff: "zdiffstore"}

// zsource is an operand: a sorted set, a set (every score is 1) or nothing.
type zsource struct {
	e      *keyspace.Entry
	weight float64
}

func (z *zsource) len() int {
	switch {
	case z.e == nil:
		return 0
	case z.e.Type() == keyspace.Set:
		return keyspace.SetLen(z.e)
	}
	return keyspace.ZSetLen(z.e)
}

func (z *zsource) score(m []byte) (float64, bool) {
	switch {
	case z.e == nil:
		return 0, false
	case z.e.Type() == keyspace.Set:
		return 1, keyspace.SetIsMember(z.e, m)
	}
	return keyspace.ZSetScore(z.e, m)
}

// each calls yield for every member until it returns false.
func (z *zsource) each(yield func(m []byte, score float64) bool) {
	if z.e == nil {
		return
	}
	if z.e.Type() == keyspace.Set {
		it := keyspace.NewSetIter(z.e)
		for it.Next() && yield(it.Member(), 1) {
		}
		it.Close()
		return
	}
	for it := keyspace.NewZSetRankIter(z.e, 0, keyspace.ZSetLen(z.e)-1, false); it.Next(); {
		if !yield(it.Member(), it.Score()) {
			return
		}
	}
}

func (z *zsource) weighted(score float64) float64 { return zeroNaN(z.weight * score) }

// zeroNaN is what Redis makes of 0 times infinity, and of infinity minus itself.
func zeroNaN(f float64) float64 {
	if f != f {
		return 0
	}
	return f
}

type zaggregate func(a, b float64) float64

func zsum(a, b float64) float64 { return zeroNaN(a + b) }

// zmin and zmax keep the first of 0 and -0, which math.Min and math.Max tell apart.
func zmin(a, b float64) float64 {
	if b < a {
		return b
	}
	return a
}

func zmax(a, b float64) float64 {
	if b > a {
		return b
	}
	return a
}

func zalgebra(c *command.Ctx, op zop, at int, dst []byte) {
	n, ok := c.IntArg(at)
	if !ok {
		return
	}
	if n < 1 {
		c.Error("ERR at least 1 input key is needed for '" + c.Row.FullName() + "' command")
		return
	}
	if n > int64(len(c.Args)-at-1) {
		c.Error(command.ErrSyntax)
		return
	}
	src := make([]zsource, n)
	for i, key := range c.Args[at+1 : at+1+int(n)] {
		e := c.LookupRead(key)
		if e != nil && e.Type() != keyspace.ZSet && e.Type() != keyspace.Set {
			c.Error(command.ErrWrongType)
			return
		}
		src[i] = zsource{e, 1}
	}
	agg := zaggregate(zsum)
	withScores := false
	limit := int64(0)
	for i := at + 1 + int(n); i < len(c.Args); i++ {
		left := len(c.Args) - i - 1
		switch {
		case op <= zinter && int64(left) >= n && c.ArgIs(i, "weights"):
			for j := range src {
				w, ok := numfmt.ParseDouble(c.Args[i+1+j])
				if !ok {
					c.Error("ERR weight value is not a float")
					return
				}
				src[j].weight = w
			}
			i += int(n)
		case op <= zinter && left >= 1 && c.ArgIs(i, "aggregate"):
			switch {
			case c.ArgIs(i+1, "sum"):
				agg = zsum
			case c.ArgIs(i+1, "min"):
				agg = zmin
			case c.ArgIs(i+1, "max"):
				agg = zmax
			default:
				c.Error(command.ErrSyntax)
				return
			}
			i++
		case op == zintercard && left >= 1 && c.ArgIs(i, "limit"):
			if limit, ok = c.RangeArg(i+1, 0, math.MaxInt64, "ERR LIMIT can't be negative"); !ok {
				return
			}
			i++
		case op != zintercard && dst == nil && c.ArgIs(i, "withscores"):
			withScores = true
		default:
			c.Error(command.ErrSyntax)
			return
		}
	}
	if op == zintercard {
		n := int64(0)
		intersect(src, agg, func([]byte, float64) bool {
			n++
			return n != limit
		})
		c.Int(n)
		return
	}
	out := keyspace.NewDetached(keyspace.ZSet)
	keyspace.ZSetToTable(out)
	add := func(m []byte, score float64) bool {
		keyspace.ZSetAdd(c.DB, out, score, m, 0)
		return true
	}
	switch op {
	case zunion:
		union(c, out, src, agg)
	case zinter:
		intersect(src, agg, add)
	case zdiff:
		subtract(c, out, src)
	}
	if dst != nil {
		keyspace.ZSetToListpack(c.DB, out)
		storeZSet(c, dst, out, zopEvent[op])
		return
	}
	size := keyspace.ZSetLen(out)
	replyPairs(c, size, withScores)
	for it := keyspace.NewZSetRankIter(out, 0, size-1, false); size > 0 && it.Next(); {
		replyPair(c, it.Member(), it.Score(), withScores)
	}
	keyspace.FreeDetached(out)
}

// intersect yields the members that every source has, with their aggregated
// scores, until yield returns false.
func intersect(src []zsource, agg zaggregate, yield func(m []byte, score float64) bool) {
	slices.SortStableFunc(src, func(a, b zsource) int { return a.len() - b.len() })
	src[0].each(func(m []byte, score float64) bool {
		score = src[0].weighted(score)
		for i := 1; i < len(src); i++ {
			other, ok := src[i].score(m)
			if !ok {
				return true
			}
			score = agg(score, src[i].weighted(other))
		}
		return yield(m, score)
	})
}

func union(c *command.Ctx, out *keyspace.Entry, src []zsource, agg zaggregate) {
	slices.SortStableFunc(src, func(a, b zsource) int { return a.len() - b.len() })
	for i := range src {
		z := &src[i]
		z.each(func(m []byte, score float64) bool {
			score = z.weighted(score)
			if old, ok := keyspace.ZSetScore(out, m); ok {
				if score = agg(old, score); score == 0 {
					keyspace.ZSetRemove(c.DB, out, m) // or -0 would stay where 0 comes
				}
			}
			keyspace.ZSetAdd(c.DB, out, score, m, 0)
			return true
		})
	}
}

// subtract adds to out the members of the first source that no other has, either
// by asking the others for each or by removing theirs, whichever is less work.
func subtract(c *command.Ctx, out *keyspace.Entry, src []zsource) {
	first, others := src[0], src[1:]
	total := 0
	for i := range others {
		if others[i].e != nil && others[i].e == first.e {
			return
		}
		total += others[i].len()
	}
	if first.len()*len(others) <= total+first.len() {
		first.each(func(m []byte, score float64) bool {
			for i := range others {
				if _, ok := others[i].score(m); ok {
					return true
				}
			}
			keyspace.ZSetAdd(c.DB, out, score, m, 0)
			return true
		})
		return
	}
	first.each(func(m []byte, score float64) bool {
		keyspace.ZSetAdd(c.DB, out, score, m, 0)
		return true
	})
	for i := range others {
		others[i].each(func(m []byte, _ float64) bool {
			keyspace.ZSetRemove(c.DB, out, m)
			return keyspace.ZSetLen(out) > 0
		})
	}
}
