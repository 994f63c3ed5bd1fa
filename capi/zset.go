package capi

// #include "zset.h"
import "C"

import (
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

// setRange has a walk cover what an iterator, from the lowest up, covers.
func setRange(w *C.rm_zwalk, e *keyspace.Entry, it keyspace.ZSetIter) {
	w.base, w.n = 0, C.long(it.Len())
	if w.n > 0 && it.Next() {
		rank, _, _ := keyspace.ZSetRank(e, it.Member(), false)
		w.base = C.long(rank)
	}
}

//export goZsetScoreRange
func goZsetScoreRange(key *C.RedisModuleKey, lo, hi C.double, loEx, hiEx C.int, w *C.rm_zwalk) {
	defer guard("ZsetFirstInScoreRange")
	_, e := entryOf(key)
	r := keyspace.ZRangeSpec{Min: float64(lo), Max: float64(hi), MinEx: loEx != 0, MaxEx: hiEx != 0}
	setRange(w, e, keyspace.NewZSetScoreIter(e, &r, false))
}

//export goZsetLexRange
func goZsetLexRange(key *C.RedisModuleKey, lo, hi *C.RedisModuleString, _ C.int, w *C.rm_zwalk) (status C.int) {
	defer guard("ZsetFirstInLexRange")
	status = C.REDISMODULE_ERR
	r, ok := keyspace.ParseZLexRange(bytesOf(lo), bytesOf(hi))
	if !ok {
		return status
	}
	_, e := entryOf(key)
	setRange(w, e, keyspace.NewZSetLexIter(e, &r, false))
	return C.REDISMODULE_OK
}

//export goZsetWindow
func goZsetWindow(key *C.RedisModuleKey, w *C.rm_zwalk) {
	defer guard("ZsetRangeCurrentElement")
	w.count = 0
	_, e := entryOf(key)
	from := w.pos
	if !w.forward {
		from = max(w.pos-C.RM_WINDOW+1, 0)
	}
	n := min(w.n-from, C.RM_WINDOW)
	first := int(w.base + from)
	last := min(first+int(n), keyspace.ZSetLen(e)) - 1
	if first > last {
		return
	}
	w.from = from
	it := &runtimeOf(key).window // it would escape to the heap
	*it = keyspace.NewZSetRankIter(e, first, last, false)
	for ; it.Next(); w.count++ {
		item := &w.items[w.count]
		item.score = C.double(it.Score())
		setText(&item.member, item.text[:], it.Member())
	}
}
