package capi

// #include "zset.h"
import "C"

import (
	"unsafe"

	"berth/keyspace"
)

// zaddFlags are the conditions of ZsetAdd.
var zaddFlags = [...]struct {
	bit  C.int
	flag keyspace.ZAddFlags
}{
	{C.REDISMODULE_ZADD_XX, keyspace.ZAddXX},
	{C.REDISMODULE_ZADD_NX, keyspace.ZAddNX},
	{C.REDISMODULE_ZADD_GT, keyspace.ZAddGT},
	{C.REDISMODULE_ZADD_LT, keyspace.ZAddLT},
}

//export goZsetAdd
func goZsetAdd(key *C.RedisModuleKey, score C.double, ele *C.RedisModuleString, flags *C.int, incr C.int, newScore *C.double) (status C.int) {
	defer guard("ZsetAdd")
	status = C.REDISMODULE_ERR
	var f keyspace.ZAddFlags
	for _, x := range zaddFlags {
		if *flags&x.bit != 0 {
			f |= x.flag
		}
	}
	if incr != 0 {
		f |= keyspace.ZAddIncr
	}
	db, e := containerOf(key, keyspace.ZSet)
	now, r := keyspace.ZSetAdd(db, e, float64(score), bytesOf(ele), f)
	written(key, db, e)
	*flags = 0
	switch r {
	case keyspace.ZAddNaN:
		return status
	case keyspace.ZAddAdded:
		*flags = C.REDISMODULE_ZADD_ADDED
	case keyspace.ZAddUpdated:
		*flags = C.REDISMODULE_ZADD_UPDATED
	case keyspace.ZAddNop:
		*flags = C.REDISMODULE_ZADD_NOP
	}
	if newScore != nil && r != keyspace.ZAddNop {
		*newScore = C.double(now)
	}
	return C.REDISMODULE_OK
}

//export goZsetRem
func goZsetRem(key *C.RedisModuleKey, ele *C.RedisModuleString) (there C.int) {
	defer guard("ZsetRem")
	db, e := entryOf(key)
	if keyspace.ZSetRemove(db, e, bytesOf(ele)) {
		there = 1
	}
	written(key, db, e)
	return there
}

//export goZsetScore
func goZsetScore(key *C.RedisModuleKey, ele *C.RedisModuleString, score *C.double) (status C.int) {
	defer guard("ZsetScore")
	status = C.REDISMODULE_ERR
	_, e := entryOf(key)
	if s, ok := keyspace.ZSetScore(e, bytesOf(ele)); ok {
		*score = C.double(s)
		status = C.REDISMODULE_OK
	}
	return status
}

// walkRange is what a walk covers.
type walkRange struct {
	lex    bool
	scores keyspace.ZRangeSpec
	names  keyspace.ZLexRangeSpec
}

func rangeOf(w *C.rm_zwalk) (r walkRange, ok bool) {
	if !w.lex {
		r.scores = keyspace.ZRangeSpec{Min: float64(w.min), Max: float64(w.max), MinEx: bool(w.minex), MaxEx: bool(w.maxex)}
		return r, true
	}
	b := unsafe.Slice((*byte)(unsafe.Pointer(w.bounds)), w.minlen+w.maxlen)
	r.lex = true
	r.names, ok = keyspace.ParseZLexRange(b[:w.minlen], b[w.minlen:])
	return r, ok
}

// past reports whether an element lies beyond the end at which a walk in the
// given direction stops. A step looks at no other bound.
func (r *walkRange) past(up bool, score float64, member []byte) bool {
	switch {
	case r.lex && up:
		return r.names.Above(member)
	case r.lex:
		return r.names.Below(member)
	case up:
		return r.scores.Above(score)
	default:
		return r.scores.Below(score)
	}
}

// fetch fills a walk's window from a rank on and stands at its first element;
// false, with the window left alone, when that is none of the range's. The
// element that a walk is at already is not asked whether it is (here).
func fetch(key *C.RedisModuleKey, w *C.rm_zwalk, e *keyspace.Entry, r *walkRange, rank int, up, here bool) bool {
	n := keyspace.ZSetLen(e)
	if rank < 0 || rank >= n {
		return false
	}
	it := &runtimeOf(key).window // it would escape to the heap
	if up {
		*it = keyspace.NewZSetRankIter(e, rank, n-1, false)
	} else {
		*it = keyspace.NewZSetRankIter(e, n-1-rank, n-1, true)
	}
	text := unsafe.Slice((*byte)(unsafe.Pointer(w.text)), w.cap)
	count, used, last := 0, 0, false
	for count < int(w.limit) {
		if last = !it.Next(); last {
			break
		}
		score, member := it.Score(), it.Member()
		if !here || count > 0 {
			if last = r.past(up, score, member); last {
				break
			}
		}
		if used+len(member) > len(text) {
			if count > 0 {
				break
			}
			C.rm_zset_room(w, C.size_t(len(member)))
			text = unsafe.Slice((*byte)(unsafe.Pointer(w.text)), w.cap)
		}
		item := &w.items[count]
		item.score, item.off, item.len = C.double(score), C.uint32_t(used), C.uint32_t(len(member))
		used += copy(text[used:], member)
		count++
	}
	if count == 0 {
		return false
	}
	w.up, w.last = C.bool(up), C.bool(last)
	w.rank, w.pos, w.count = C.long(rank), 0, C.long(count)
	w.epoch = C.rm_state.epoch
	return true
}

// goZsetStart begins a walk at the first or the last element of its range: 1,
// or 0 when that is empty, -1 when it is no range.
//
//export goZsetStart
func goZsetStart(key *C.RedisModuleKey, w *C.rm_zwalk, first C.bool) (found C.int) {
	defer guard("ZsetFirstInScoreRange")
	r, ok := rangeOf(w)
	if !ok {
		return -1
	}
	_, e := entryOf(key)
	var rank int
	if r.lex {
		rank, ok = keyspace.ZSetLexEdge(e, &r.names, !bool(first))
	} else {
		rank, ok = keyspace.ZSetScoreEdge(e, &r.scores, !bool(first))
	}
	w.limit = C.RM_WINDOW_FIRST
	if ok && fetch(key, w, e, &r, rank, bool(first), true) {
		return 1
	}
	return 0
}

// place finds the element at which a walk stands, and its neighbours, as the
// set is now. When the element is gone from its place, here is negative.
func place(w *C.rm_zwalk, e *keyspace.Entry) (here, before, after int) {
	item := &w.items[w.pos]
	member := unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(w.text), item.off)), item.len)
	here = int(w.rank - w.pos)
	if w.up {
		here = int(w.rank + w.pos)
	}
	if w.epoch == C.rm_state.epoch || keyspace.ZSetHasAt(e, here, float64(item.score), member) {
		return here, here - 1, here + 1
	}
	after = keyspace.ZSetCountBefore(e, float64(item.score), member)
	// With a new score it may still be where it was.
	if rank, _, ok := keyspace.ZSetRank(e, member, false); ok && (rank == after || rank == after-1) {
		return rank, rank - 1, rank + 1
	}
	return -1, after - 1, after
}

// goZsetStep goes a step up (1) or down (-1), or looks anew at where the walk
// stands (0), and fetches a window from there on.
//
//export goZsetStep
func goZsetStep(key *C.RedisModuleKey, w *C.rm_zwalk, step C.int) (ok C.int) {
	defer guard("ZsetRangeNext")
	r, _ := rangeOf(w)
	_, e := entryOf(key)
	// A walk that is disturbed often has little use for what lies ahead.
	if w.epoch == C.rm_state.epoch {
		w.limit = C.RM_WINDOW
	} else {
		w.limit = min(max(2*w.pos, 4), C.RM_WINDOW)
	}
	to, before, after := place(w, e)
	up := bool(w.up)
	switch {
	case step > 0:
		to, up = after, true
	case step < 0:
		to, up = before, false
	}
	if fetch(key, w, e, &r, to, up, step == 0) {
		ok = 1
	}
	return ok
}
