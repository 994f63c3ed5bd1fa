package capi

// #include "scan.h"
// #include <stdlib.h>
import "C"

import (
	"math"
	"strconv"

	"berth/internal/numfmt"
	"berth/keyspace"
)

// hand copies what a step found to where C expects it.
func (f *found) hand(to *C.rm_found, per int) {
	if len(f.items) == 0 {
		return
	}
	size := len(f.items) * C.sizeof_rm_slice
	for _, b := range f.items {
		size += len(b) + 1
	}
	block := C.malloc(C.size_t(size))
	fillSlices(block, f.items)
	to.at, to.n, to.per = (*C.rm_slice)(block), C.size_t(len(f.items)), C.int(per)
}

// found is what a step of a scan finds: views, and bytes of its own for
// elements that are numbers.
type found struct{ items [][]byte }

// keep adds a copy: views of small elements may share one buffer.
func (f *found) keep(b []byte) { f.items = append(f.items, append([]byte(nil), b...)) }

//export goScan
func goScan(ctx *C.RedisModuleCtx, cursor C.ulonglong, to *C.rm_found) (next C.ulonglong) {
	defer guard("Scan")
	var f found
	n := moduleOf(ctx.module).rt.db(ctx.dbid).Scan(uint64(cursor), func(e *keyspace.Entry) {
		f.items = append(f.items, e.Key())
	})
	f.hand(to, 1)
	return C.ulonglong(n)
}

//export goScanKey
func goScanKey(key *C.RedisModuleKey, cursor C.ulonglong, to *C.rm_found) (next C.ulonglong) {
	defer guard("ScanKey")
	var f found
	var n uint64
	per := 2
	db, e := entryOf(key)
	switch e.Type() {
	case keyspace.Set:
		per = 1
		n = keyspace.SetScan(e, uint64(cursor), f.keep)
	case keyspace.Hash:
		n = keyspace.HashScan(db, e, uint64(cursor), func(field, value []byte) {
			f.keep(field)
			f.keep(value)
		})
	case keyspace.ZSet:
		compact := e.Encoding() == keyspace.Listpack
		n = keyspace.ZSetScan(e, uint64(cursor), func(member []byte, score float64) {
			f.keep(member)
			if compact || math.IsInf(score, 0) {
				f.items = append(f.items, numfmt.AppendDouble(nil, score))
			} else {
				f.items = append(f.items, strconv.AppendFloat(nil, score, 'g', 17, 64))
			}
		})
	}
	f.hand(to, per)
	return C.ulonglong(n)
}
