package keyspace

import (
	"bytes"

	"berth/keyspace/listpack"
	"berth/keyspace/zindex"
)

// ZSetScoreEdge returns the rank of the first member of a range, or the last one; false when the
// range is empty.
func ZSetScoreEdge(e *Entry, r *ZRangeSpec, last bool) (rank int, ok bool) {
	if r.Empty() {
		return 0, false
	}
	if e.Encoding() != Listpack {
		x := e.zset().order
		if last {
			if _, rank = x.SeekScore(r.Max, !r.MaxEx); rank == 0 {
				return 0, false
			}
			rank--
			return rank, !r.below(x.At(rank).Score())
		}
		pos, rank := x.SeekScore(r.Min, r.MinEx)
		return rank, pos.Valid() && !r.above(pos.Score())
	}
	lp := e.Ptr()
	if last {
		rank = ZSetLen(e) - 1
		for so := listpack.Last(lp); so != 0; rank-- {
			if s := packedScore(lp, so); !r.above(s) {
				return rank, !r.below(s)
			}
			so = listpack.Prev(lp, listpack.Prev(lp, so))
		}
		return 0, false
	}
	for off := listpack.First(lp); off != 0; rank++ {
		so := listpack.Next(lp, off)
		if s := packedScore(lp, so); !r.below(s) {
			return rank, !r.above(s)
		}
		off = listpack.Next(lp, so)
	}
	return 0, false
}

// ZSetLexEdge is ZSetScoreEdge for a range of members.
func ZSetLexEdge(e *Entry, r *ZLexRangeSpec, last bool) (rank int, ok bool) {
	lo, hi := zsetLexRange(e, r, last)
	if last {
		return hi, lo <= hi
	}
	return lo, lo <= hi
}

// ZSetHasAt reports whether the member of that rank is the given one with the given score.
func ZSetHasAt(e *Entry, rank int, score float64, member []byte) bool {
	if e.Encoding() != Listpack {
		pos := e.zset().order.At(rank)
		return pos.Valid() && pos.Score() == score && bytes.Equal(zindex.Member(pos.Elem()), member)
	}
	lp := e.Ptr()
	if rank < 0 || rank >= ZSetLen(e) {
		return false
	}
	off := listpack.Seek(lp, 2*rank)
	var sc Scratch
	return packedScore(lp, listpack.Next(lp, off)) == score && bytes.Equal(listpack.GetBytes(lp, off, &sc), member)
}

// ZSetCountBefore is the number of members that sort before the given one with the given score,
// whether it is there or not.
func ZSetCountBefore(e *Entry, score float64, member []byte) (n int) {
	if e.Encoding() != Listpack {
		return e.zset().order.CountBefore(score, member)
	}
	lp := e.Ptr()
	for off := listpack.First(lp); off != 0; n++ {
		so := listpack.Next(lp, off)
		if !packedBefore(lp, off, so, score, member) {
			break
		}
		off = listpack.Next(lp, so)
	}
	return n
}
