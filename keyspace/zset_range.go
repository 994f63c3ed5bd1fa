package keyspace

import (
	"bytes"
	"unsafe"

	"berth/internal/numfmt"
	"berth/keyspace/listpack"
	"berth/keyspace/mem"
	"berth/keyspace/zindex"
)

// ZRangeSpec is a range of scores; MinEx and MaxEx leave out the bound itself.
type ZRangeSpec struct {
	Min, Max     float64
	MinEx, MaxEx bool
}

// ParseZRange reads the bounds of a score range: a number, or "(" and a number for one that is left out.
func ParseZRange(min, max []byte) (r ZRangeSpec, ok bool) {
	if r.Min, r.MinEx, ok = parseScoreBound(min); ok {
		r.Max, r.MaxEx, ok = parseScoreBound(max)
	}
	return r, ok
}

func parseScoreBound(b []byte) (v float64, ex, ok bool) {
	if len(b) > 0 && b[0] == '(' {
		b, ex = b[1:], true
	}
	v, ok = numfmt.ParseBound(b)
	return v, ex, ok
}

// Empty reports whether no score can be in the range.
func (r *ZRangeSpec) Empty() bool { return r.Min > r.Max || r.Min == r.Max && (r.MinEx || r.MaxEx) }

func (r *ZRangeSpec) below(s float64) bool { return s < r.Min || r.MinEx && s == r.Min }

func (r *ZRangeSpec) above(s float64) bool { return s > r.Max || r.MaxEx && s == r.Max }

// Below reports whether the score lies before the range.
func (r *ZRangeSpec) Below(s float64) bool { return r.below(s) }

// Above reports whether the score lies after the range.
func (r *ZRangeSpec) Above(s float64) bool { return r.above(s) }

// Contains reports whether the score is in the range.
func (r *ZRangeSpec) Contains(s float64) bool { return !r.below(s) && !r.above(s) }

// ZLexBound is a bound of a range of members.
type ZLexBound struct {
	Value []byte
	Ex    bool // the value itself is left out
	Inf   int8 // -1: before all members, 1: after all, and Value has no meaning
}

// ZLexRangeSpec is a range of members; it has a meaning where all scores are equal.
type ZLexRangeSpec struct{ Min, Max ZLexBound }

// ParseZLexRange reads the bounds of a range of members: "-", "+", "[member" or "(member". The spec holds views of
// the arguments.
func ParseZLexRange(min, max []byte) (r ZLexRangeSpec, ok bool) {
	if r.Min, ok = parseLexBound(min); ok {
		r.Max, ok = parseLexBound(max)
	}
	return r, ok
}

func parseLexBound(b []byte) (ZLexBound, bool) {
	if len(b) == 0 {
		return ZLexBound{}, false
	}
	alone := len(b) == 1 || b[1] == 0
	switch {
	case b[0] == '+' && alone:
		return ZLexBound{Inf: 1}, true
	case b[0] == '-' && alone:
		return ZLexBound{Inf: -1}, true
	case b[0] == '[' || b[0] == '(':
		return ZLexBound{Value: b[1:], Ex: b[0] == '('}, true
	}
	return ZLexBound{}, false
}

// Empty reports whether no member can be in the range.
func (r *ZLexRangeSpec) Empty() bool {
	c := 0
	if r.Min.Inf != 0 || r.Max.Inf != 0 {
		c = int(r.Min.Inf) - int(r.Max.Inf)
	} else {
		c = bytes.Compare(r.Min.Value, r.Max.Value)
	}
	return c > 0 || c == 0 && (r.Min.Ex || r.Max.Ex)
}

func (r *ZLexRangeSpec) below(m []byte) bool {
	if r.Min.Inf != 0 {
		return r.Min.Inf > 0
	}
	c := bytes.Compare(m, r.Min.Value)
	return c < 0 || c == 0 && r.Min.Ex
}

func (r *ZLexRangeSpec) above(m []byte) bool {
	if r.Max.Inf != 0 {
		return r.Max.Inf < 0
	}
	c := bytes.Compare(m, r.Max.Value)
	return c > 0 || c == 0 && r.Max.Ex
}

// Below reports whether the member lies before the range.
func (r *ZLexRangeSpec) Below(m []byte) bool { return r.below(m) }

// Above reports whether the member lies after the range.
func (r *ZLexRangeSpec) Above(m []byte) bool { return r.above(m) }

// Contains reports whether the member is in the range.
func (r *ZLexRangeSpec) Contains(m []byte) bool { return !r.below(m) && !r.above(m) }

// zsetScoreRange returns the ranks of the first and last member in a range; first > last when none is.
func zsetScoreRange(e *Entry, r *ZRangeSpec) (first, last int) {
	if r.Empty() {
		return 0, -1
	}
	if e.Encoding() != Listpack {
		x := e.zset().order
		_, first = x.SeekScore(r.Min, r.MinEx)
		_, end := x.SeekScore(r.Max, !r.MaxEx)
		return first, end - 1
	}
	lp := e.Ptr()
	first, last = 0, -1
	for off := listpack.First(lp); off != 0; {
		so := listpack.Next(lp, off)
		s := packedScore(lp, so)
		if r.above(s) {
			break
		}
		if r.below(s) {
			first++
		}
		last++
		off = listpack.Next(lp, so)
	}
	return first, last
}

// zsetLexRange is zsetScoreRange for members. In a listpack the walk is Redis's, so that sets of
// different scores, for which the order has no meaning, give the same.
func zsetLexRange(e *Entry, r *ZLexRangeSpec, rev bool) (first, last int) {
	n := ZSetLen(e)
	if r.Empty() || n == 0 {
		return 0, -1
	}
	if e.Encoding() != Listpack {
		x := e.zset().order
		last = n - 1
		switch r.Min.Inf {
		case 0:
			_, first = x.SeekMember(r.Min.Value, r.Min.Ex)
		case 1:
			first = n
		}
		switch r.Max.Inf {
		case 0:
			_, end := x.SeekMember(r.Max.Value, !r.Max.Ex)
			last = end - 1
		case -1:
			last = -1
		}
		return first, last
	}
	lp := e.Ptr()
	var sc Scratch
	if r.below(listpack.GetBytes(lp, listpack.Seek(lp, -2), &sc)) || r.above(listpack.GetBytes(lp, listpack.First(lp), &sc)) {
		return 0, -1
	}
	at := func(off int) []byte { return listpack.GetBytes(lp, off, &sc) }
	if rev {
		prev := func(off int) int {
			if off = listpack.Prev(lp, off); off != 0 {
				off = listpack.Prev(lp, off)
			}
			return off
		}
		off := listpack.Seek(lp, -2)
		for last = n - 1; off != 0 && r.above(at(off)); last-- {
			off = prev(off)
		}
		for first = last; off != 0 && !r.below(at(off)); first-- {
			off = prev(off)
		}
		return first + 1, last
	}
	next := func(off int) int { return listpack.Next(lp, listpack.Next(lp, off)) }
	off := listpack.First(lp)
	for ; off != 0 && r.below(at(off)); first++ {
		off = next(off)
	}
	for last = first; off != 0 && !r.above(at(off)); last++ {
		off = next(off)
	}
	return first, last - 1
}

// ZSetCount is the number of members whose score is in the range.
func ZSetCount(e *Entry, r *ZRangeSpec) int {
	first, last := zsetScoreRange(e, r)
	return max(last-first+1, 0)
}

// ZSetLexCount is the number of members in the range.
func ZSetLexCount(e *Entry, r *ZLexRangeSpec) int {
	first, last := zsetLexRange(e, r, false)
	return max(last-first+1, 0)
}

// ZSetIter walks a range of a sorted set, which must not change meanwhile. It lives on the caller's stack.
type ZSetIter struct {
	lp    unsafe.Pointer // nil: a table
	order *zindex.Index
	off   int
	pos   zindex.Pos
	first int // rank of the range's first member in the direction of the walk
	n     int // members of the range
	i     int // the current one, -1 before the first
	rev   bool
	sc    Scratch
}

func newZSetIter(e *Entry, first, last int, rev bool) ZSetIter {
	it := ZSetIter{first: first, n: max(last-first+1, 0), i: -1, rev: rev}
	if rev {
		it.first = last
	}
	if e.Encoding() == Listpack {
		it.lp = e.Ptr()
	} else {
		it.order = e.zset().order
	}
	return it
}

// NewZSetRankIter returns an iterator over the ranks start to end, both included and within the set; rev counts
// and walks from the highest score down.
func NewZSetRankIter(e *Entry, start, end int, rev bool) ZSetIter {
	if rev {
		n := ZSetLen(e)
		start, end = n-1-end, n-1-start
	}
	return newZSetIter(e, start, end, rev)
}

// NewZSetScoreIter returns an iterator over a range of scores, from the highest down when rev.
func NewZSetScoreIter(e *Entry, r *ZRangeSpec, rev bool) ZSetIter {
	first, last := zsetScoreRange(e, r)
	return newZSetIter(e, first, last, rev)
}

// NewZSetLexIter returns an iterator over a range of members, from the last back when rev.
func NewZSetLexIter(e *Entry, r *ZLexRangeSpec, rev bool) ZSetIter {
	first, last := zsetLexRange(e, r, rev)
	return newZSetIter(e, first, last, rev)
}

// Len is the number of members of the range.
func (it *ZSetIter) Len() int { return it.n }

// Skip passes over n members.
func (it *ZSetIter) Skip(n int) {
	if n > 0 {
		it.i = min(it.i+n, it.n)
		it.off, it.pos = 0, zindex.Pos{}
	}
}

// Next goes to the next member and reports whether there is one.
func (it *ZSetIter) Next() bool { return it.step(1) }

// Prev goes back to the member before and reports whether there is one.
func (it *ZSetIter) Prev() bool { return it.step(-1) }

func (it *ZSetIter) step(d int) bool {
	it.i = max(-1, min(it.i+d, it.n))
	if it.i < 0 || it.i >= it.n {
		it.off, it.pos = 0, zindex.Pos{}
		return false
	}
	up := d > 0 != it.rev
	switch {
	case it.off != 0:
		if up {
			it.off = listpack.Next(it.lp, listpack.Next(it.lp, it.off))
		} else {
			it.off = listpack.Prev(it.lp, listpack.Prev(it.lp, it.off))
		}
	case it.pos.Valid():
		if up {
			it.pos = it.pos.Next()
		} else {
			it.pos = it.pos.Prev()
		}
	default:
		rank := it.first + it.i
		if it.rev {
			rank = it.first - it.i
		}
		if it.lp != nil {
			it.off = listpack.Seek(it.lp, 2*rank)
		} else {
			it.pos = it.order.At(rank)
		}
	}
	return true
}

// Member is the current member, valid until Next.
func (it *ZSetIter) Member() []byte {
	if it.lp != nil {
		return listpack.GetBytes(it.lp, it.off, &it.sc)
	}
	return zindex.Member(it.pos.Elem())
}

// Score is the current member's score.
func (it *ZSetIter) Score() float64 {
	if it.lp != nil {
		return packedScore(it.lp, listpack.Next(it.lp, it.off))
	}
	return it.pos.Score()
}

// ZSetRemoveRangeByRank removes the ranks start to end, both included and within the set, and
// returns how many members that were.
func ZSetRemoveRangeByRank(db *DB, e *Entry, start, end int) int {
	n := end - start + 1
	if n <= 0 {
		return 0
	}
	db.beforeWrite(e)
	if e.Encoding() == Listpack {
		e.SetPtr(listpack.DeleteRange(e.Ptr(), 2*start, 2*n))
		return n
	}
	z := e.zset()
	return z.order.DeleteRange(start, n, func(p unsafe.Pointer) {
		z.members.Delete(zindex.Member(p))
		mem.Free(p)
	})
}

// ZSetRemoveRangeByScore removes the members whose score is in the range and returns how many.
func ZSetRemoveRangeByScore(db *DB, e *Entry, r *ZRangeSpec) int {
	first, last := zsetScoreRange(e, r)
	return ZSetRemoveRangeByRank(db, e, first, last)
}

// ZSetRemoveRangeByLex removes the members in the range and returns how many.
func ZSetRemoveRangeByLex(db *DB, e *Entry, r *ZLexRangeSpec) int {
	first, last := zsetLexRange(e, r, false)
	return ZSetRemoveRangeByRank(db, e, first, last)
}
