package capi

// #include "capi_internal.h"
import "C"

import (
	"sync/atomic"
	"unsafe"
)

// C's rm_state belongs to the process, while each server has a lock of its
// own: what several servers write is written atomically.

func stateOf(field *C.int64_t) *int64 { return (*int64)(unsafe.Pointer(field)) }

// setClock tells C the time of the command, milliseconds since the epoch. It
// seldom changes between two commands, and looking is cheaper than writing.
func setClock(ms int64) {
	if p := stateOf(&C.rm_state.cached_us); atomic.LoadInt64(p) != ms*1000 {
		atomic.StoreInt64(p, ms*1000)
	}
}

// clock is what setClock was last told, in microseconds.
func clock() int64 { return atomic.LoadInt64(stateOf(&C.rm_state.cached_us)) }

// changed marks what C has cached about data sets as stale; epoch is the
// number that it compares.
func changed()         { atomic.AddInt64(stateOf(&C.rm_state.epoch), 1) }
func epoch() C.int64_t { return C.int64_t(atomic.LoadInt64(stateOf(&C.rm_state.epoch))) }
