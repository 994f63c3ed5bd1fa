package keyspace

import (
	"bytes"
	"unsafe"

	"berth/internal/numfmt"
	"berth/keyspace/dict"
	"berth/keyspace/listpack"
	"berth/keyspace/mem"
	"berth/keyspace/zindex"
)

// A sorted set is a listpack of member, score, member, score … in order while it is small, and beyond
// zset-max-listpack-entries or -value a zset: a dict of the members with their scores, which owns the
// elements, and the index of their order. It never goes back.

// zset is the container of a large sorted set.
type zset struct {
	members *dict.Dict // elements as package zindex describes them
	order   *zindex.Index
}

func (e *Entry) zset() *zset { return (*zset)(e.Ptr()) }

func newZSet() *zset {
	z := (*zset)(mem.AllocZero(int(unsafe.Sizeof(zset{}))))
	z.members = dict.New(zindex.KeyOff)
	z.order = zindex.New()
	return z
}

// add inserts a member that isn't there.
func (z *zset) add(h uint64, score float64, member []byte) {
	p := mem.Alloc(zindex.KeyOff + dict.KeyHeaderSize(len(member)))
	*(*float64)(p) = score
	dict.PutKey(unsafe.Add(p, zindex.KeyOff), member)
	z.members.InsertHashed(h, p)
	z.order.Insert(p)
}

// ZAddFlags modify ZSetAdd. The names are those of ZADD.
type ZAddFlags uint8

// The flags of ZSetAdd.
const (
	ZAddNX   ZAddFlags = 1 << iota // don't change members that are there
	ZAddXX                         // don't add members
	ZAddGT                         // don't lower scores
	ZAddLT                         // don't raise scores
	ZAddIncr                       // the score is added to the present one
)

// ZAddResult is what ZSetAdd did.
type ZAddResult uint8

// The results of ZSetAdd.
const (
	ZAddNop     ZAddResult = iota // the flags forbade it
	ZAddSame                      // the member had that score
	ZAddAdded                     // the member is new
	ZAddUpdated                   // the member has another score now
	ZAddNaN                       // the score is or would become NaN: nothing was done
)

// ZSetLen is the number of members.
func ZSetLen(e *Entry) int {
	if e.Encoding() == Listpack {
		return listpack.Len(e.Ptr()) / 2
	}
	return e.zset().members.Len()
}

// ZSetReserve chooses the encoding of a sorted set to which n members, the first of them memberLen bytes
// long, are about to be added, as Redis does it for a command: by n even if some turn out to be there already.
func ZSetReserve(db *DB, e *Entry, n, memberLen int) {
	db.beforeWrite(e)
	if e.Encoding() != Listpack {
		return
	}
	lim := db.ks.Limits
	if n > lim.ZSetMaxListpackEntries || listpack.Len(e.Ptr()) == 0 && memberLen > lim.ZSetMaxListpackValue {
		zsetToTable(e, n)
	}
}

// zsetToTable converts a listpack, making room for n members.
func zsetToTable(e *Entry, n int) {
	lp := e.Ptr()
	z := newZSet()
	z.members.Expand(max(n, listpack.Len(lp)/2))
	var sc Scratch
	for off := listpack.First(lp); off != 0; off = listpack.Next(lp, off) {
		member := listpack.GetBytes(lp, off, &sc)
		off = listpack.Next(lp, off)
		z.add(dict.Hash(member), packedScore(lp, off), member)
	}
	listpack.Free(lp)
	e.SetPtr(unsafe.Pointer(z))
	e.SetEncoding(Skiplist)
}

// packedScore reads a score in a listpack.
func packedScore(lp unsafe.Pointer, off int) float64 {
	s, v := listpack.Get(lp, off)
	if s == nil {
		return float64(v)
	}
	f, _ := numfmt.ParseBound(s)
	return f
}

// packedInsert puts a member that isn't there into its place in a listpack.
func packedInsert(lp unsafe.Pointer, score float64, member []byte) unsafe.Pointer {
	at := listpack.End(lp)
	if last := listpack.Last(lp); last != 0 && !packedBefore(lp, listpack.Prev(lp, last), last, score, member) {
		for off := listpack.First(lp); ; {
			so := listpack.Next(lp, off)
			if !packedBefore(lp, off, so, score, member) {
				at = off
				break
			}
			off = listpack.Next(lp, so)
		}
	}
	if v, ok := numfmt.DoubleInt(score); ok {
		return listpack.InsertStrIntBefore(lp, at, member, v)
	}
	var buf [numfmt.MaxDoubleLen]byte
	return listpack.InsertPairBefore(lp, at, member, numfmt.AppendDouble(buf[:0], score))
}

// packedBefore reports whether the pair at off and so sorts before (score, member).
func packedBefore(lp unsafe.Pointer, off, so int, score float64, member []byte) bool {
	s := packedScore(lp, so)
	if s != score {
		return s < score
	}
	var sc Scratch
	return bytes.Compare(listpack.GetBytes(lp, off, &sc), member) < 0
}

// ZSetAdd adds a member or changes its score, as flags say. It returns the member's score then; it is
// meaningful unless the result is ZAddNop or ZAddNaN.
func ZSetAdd(db *DB, e *Entry, score float64, member []byte, flags ZAddFlags) (newScore float64, r ZAddResult) {
	db.beforeWrite(e)
	if score != score {
		return 0, ZAddNaN
	}
	if e.Encoding() == Listpack {
		lp := e.Ptr()
		if off := listpack.Find(lp, 0, member, 1); off != 0 {
			cur := packedScore(lp, listpack.Next(lp, off))
			score, r = zaddScore(cur, score, flags)
			if r == ZAddUpdated {
				lp, _ = listpack.DeleteN(lp, off, 2)
				e.SetPtr(packedInsert(lp, score, member))
			}
			return score, r
		}
		if flags&ZAddXX != 0 {
			return 0, ZAddNop
		}
		lim := db.ks.Limits
		n := listpack.Len(lp)/2 + 1
		if n <= lim.ZSetMaxListpackEntries && len(member) <= lim.ZSetMaxListpackValue && listpack.SafeToAdd(lp, len(member)) {
			e.SetPtr(packedInsert(lp, score, member))
			return score, ZAddAdded
		}
		zsetToTable(e, n)
	}
	z := e.zset()
	h := dict.Hash(member)
	p := z.members.FindHashed(h, member)
	if p == nil {
		if flags&ZAddXX != 0 {
			return 0, ZAddNop
		}
		z.add(h, score, member)
		return score, ZAddAdded
	}
	score, r = zaddScore(zindex.Score(p), score, flags)
	if r == ZAddUpdated {
		z.order.Update(p, score)
	}
	return score, r
}

// zaddScore decides about the score of a member that is there.
func zaddScore(cur, score float64, flags ZAddFlags) (float64, ZAddResult) {
	if flags&ZAddNX != 0 {
		return cur, ZAddNop
	}
	if flags&ZAddIncr != 0 {
		score += cur
		if score != score {
			return cur, ZAddNaN
		}
	}
	if flags&ZAddLT != 0 && score >= cur || flags&ZAddGT != 0 && score <= cur {
		return cur, ZAddNop
	}
	if score == cur {
		return score, ZAddSame
	}
	return score, ZAddUpdated
}

// ZSetScore returns a member's score.
func ZSetScore(e *Entry, member []byte) (float64, bool) {
	if e.Encoding() == Listpack {
		lp := e.Ptr()
		off := listpack.Find(lp, 0, member, 1)
		if off == 0 {
			return 0, false
		}
		return packedScore(lp, listpack.Next(lp, off)), true
	}
	p := e.zset().members.Find(member)
	if p == nil {
		return 0, false
	}
	return zindex.Score(p), true
}

// ZSetRemove removes a member and reports whether it was there.
func ZSetRemove(db *DB, e *Entry, member []byte) bool {
	db.beforeWrite(e)
	if e.Encoding() == Listpack {
		lp := e.Ptr()
		off := listpack.Find(lp, 0, member, 1)
		if off == 0 {
			return false
		}
		lp, _ = listpack.DeleteN(lp, off, 2)
		e.SetPtr(lp)
		return true
	}
	z := e.zset()
	p := z.members.Delete(member)
	if p == nil {
		return false
	}
	z.order.Delete(p)
	mem.Free(p)
	return true
}

// ZSetRank returns how many members sort before the given one (rev: after it), and its score.
func ZSetRank(e *Entry, member []byte, rev bool) (rank int, score float64, ok bool) {
	n := ZSetLen(e)
	if e.Encoding() == Listpack {
		lp := e.Ptr()
		m := NewMatcher(member)
		for off := listpack.First(lp); off != 0; rank++ {
			so := listpack.Next(lp, off)
			if m.Match(listpack.Get(lp, off)) {
				score, ok = packedScore(lp, so), true
				break
			}
			off = listpack.Next(lp, so)
		}
	} else {
		z := e.zset()
		if p := z.members.Find(member); p != nil {
			rank, score, ok = z.order.Rank(p), zindex.Score(p), true
		}
	}
	if !ok {
		return 0, 0, false
	}
	if rev {
		rank = n - 1 - rank
	}
	return rank, score, true
}

// ZSetPop removes the member with the lowest score (max: the highest) and appends it to dst; ok is
// false when the set is empty.
func ZSetPop(db *DB, e *Entry, max bool, dst []byte) (member []byte, score float64, ok bool) {
	db.beforeWrite(e)
	if e.Encoding() == Listpack {
		lp := e.Ptr()
		off := listpack.First(lp)
		if max {
			off = listpack.Seek(lp, -2)
		}
		if off == 0 {
			return dst, 0, false
		}
		var sc Scratch
		dst = append(dst, listpack.GetBytes(lp, off, &sc)...)
		score = packedScore(lp, listpack.Next(lp, off))
		lp, _ = listpack.DeleteN(lp, off, 2)
		e.SetPtr(lp)
		return dst, score, true
	}
	z := e.zset()
	pos := z.order.First()
	if max {
		pos = z.order.Last()
	}
	if !pos.Valid() {
		return dst, 0, false
	}
	p := pos.Elem()
	dst = append(dst, zindex.Member(p)...)
	score = zindex.Score(p)
	z.order.Delete(p)
	z.members.Delete(zindex.Member(p))
	mem.Free(p)
	return dst, score, true
}

// ZSetRandom returns a member taken at random from a set that isn't empty, and its score.
func ZSetRandom(e *Entry, sc *Scratch) (member []byte, score float64) {
	if e.Encoding() == Listpack {
		lp := e.Ptr()
		off := listpack.Seek(lp, randInt(listpack.Len(lp)/2)*2)
		return listpack.GetBytes(lp, off, sc), packedScore(lp, listpack.Next(lp, off))
	}
	// The index gives a member by rank, so the choice is exactly fair.
	z := e.zset()
	pos := z.order.At(randInt(z.order.Len()))
	return zindex.Member(pos.Elem()), pos.Score()
}

// ZSetRandomMany calls yield with count members taken at random: different ones, or with repetition when
// count is negative. The views are valid during the call.
func ZSetRandomMany(e *Entry, count int, yield func(member []byte, score float64)) {
	if e.Encoding() == Listpack {
		lp := e.Ptr()
		var sc Scratch
		eachRandomPair(lp, count, func(off int) {
			yield(listpack.GetBytes(lp, off, &sc), packedScore(lp, listpack.Next(lp, off)))
		})
		return
	}
	randomElems(e.zset().members, count, func(p unsafe.Pointer) { yield(zindex.Member(p), zindex.Score(p)) })
}

// ZSetScan calls yield with the members of a few buckets, all of them in a listpack, and returns the
// cursor to go on with, 0 at the end. The views are valid during the call. yield may remove the member that
// it is given unless the set is a listpack.
func ZSetScan(e *Entry, cursor uint64, yield func(member []byte, score float64)) uint64 {
	if e.Encoding() != Listpack {
		return e.zset().members.Scan(cursor, func(p unsafe.Pointer) { yield(zindex.Member(p), zindex.Score(p)) })
	}
	for it := NewZSetRankIter(e, 0, ZSetLen(e)-1, false); it.Next(); {
		yield(it.Member(), it.Score())
	}
	return 0
}

func freeZSet(enc Encoding, p unsafe.Pointer) {
	if enc == Listpack {
		mem.Free(p)
		return
	}
	z := (*zset)(p)
	z.order.Free()
	z.members.Free(mem.Free)
	mem.Free(p)
}

func dupZSet(enc Encoding, p unsafe.Pointer) unsafe.Pointer {
	if enc == Listpack {
		return listpack.Dup(p)
	}
	z, c := (*zset)(p), newZSet()
	c.members.Expand(z.members.Len())
	// In order, so that the index is filled to the brim.
	for pos := z.order.First(); pos.Valid(); pos = pos.Next() {
		member := zindex.Member(pos.Elem())
		c.add(dict.Hash(member), pos.Score(), member)
	}
	return unsafe.Pointer(c)
}

func zsetEffort(enc Encoding, p unsafe.Pointer) int {
	if enc == Listpack {
		return 1
	}
	return (*zset)(p).members.Len()
}

func zsetMemUsage(enc Encoding, p unsafe.Pointer, samples int) int {
	if enc == Listpack {
		return mem.Usable(p)
	}
	z := (*zset)(p)
	return mem.Usable(p) + z.order.MemUsage() + dictMemUsage(z.members, samples)
}
