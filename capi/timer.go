package capi

// #include "background.h"
import "C"

import (
	"container/heap"
	"time"
)

// moduleTimer is a timer of a module.
type moduleTimer struct {
	m              *module
	callback, data C.uintptr_t
	db             C.int
	when           int64 // microseconds since the epoch
	seq            int64 // of two with the same time the older one is first
	id             int64
	at             int // in the heap; -1 when it is not
}

// timerHeap has the timers by their time.
type timerHeap []*moduleTimer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if h[i].when != h[j].when {
		return h[i].when < h[j].when
	}
	return h[i].seq < h[j].seq
}
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}
func (h *timerHeap) Push(x any) {
	t := x.(*moduleTimer)
	t.at = len(*h)
	*h = append(*h, t)
}
func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.at = -1
	return t
}

// timers are the timers of all modules of a runtime: one timer of the loop
// waits for the first of them.
type timers struct {
	heap    timerHeap
	byID    table[*moduleTimer]
	seq     int64
	loop    int64 // the loop's timer, 0: none
	armed   int64 // the time it waits for
	running bool
}

//export goCreateTimer
func goCreateTimer(ctx *C.RedisModuleCtx, period C.mstime_t, callback, data C.uintptr_t) (id C.uint64_t) {
	defer guard("CreateTimer")
	m := moduleOf(ctx.module)
	ts := &m.rt.timers
	ts.seq++
	t := &moduleTimer{m: m, callback: callback, data: data, db: ctx.dbid, seq: ts.seq,
		when: time.Now().UnixMicro() + int64(period)*1000}
	t.id = ts.byID.add(t)
	m.timers++
	heap.Push(&ts.heap, t)
	m.rt.armTimers()
	return C.uint64_t(t.id)
}

// armTimers has the loop wait for the first timer.
func (rt *Runtime) armTimers() {
	ts := &rt.timers
	if ts.running || len(ts.heap) == 0 || ts.loop != 0 && ts.armed <= ts.heap[0].when {
		return
	}
	loop := rt.srv.Loop()
	if ts.loop != 0 {
		loop.RemoveTimer(ts.loop)
	}
	ts.armed = ts.heap[0].when
	wait := time.Duration(ts.armed-time.Now().UnixMicro()) * time.Microsecond
	ts.loop = loop.AddTimer(max(wait, 0), rt.runTimers)
}

// runTimers calls every timer that is due.
func (rt *Runtime) runTimers() time.Duration {
	ts := &rt.timers
	if rt.srv.Loop().Depth() > 0 {
		// A command is in the middle of its work: timers wait for its end.
		return time.Millisecond
	}
	now := time.Now().UnixMicro()
	ts.running = true
	for len(ts.heap) > 0 && ts.heap[0].when <= now {
		t := ts.heap[0]
		k := rt.enter(t.m)
		C.rm_fire_timer(t.m.c, k.in._go, t.db, t.callback, t.data)
		rt.leave()
		// It was there while its callback ran.
		rt.dropTimer(t)
	}
	ts.running = false
	if len(ts.heap) == 0 {
		ts.loop = 0
		return -1
	}
	ts.armed = ts.heap[0].when
	return max(time.Duration(ts.armed-time.Now().UnixMicro())*time.Microsecond, time.Millisecond)
}

func (rt *Runtime) dropTimer(t *moduleTimer) {
	if t.at < 0 {
		return
	}
	heap.Remove(&rt.timers.heap, t.at)
	rt.timers.byID.remove(t.id)
	t.m.timers--
}

// dropTimers takes back every timer of a module.
func (m *module) dropTimers() {
	for _, t := range append(timerHeap(nil), m.rt.timers.heap...) {
		if t.m == m {
			m.rt.dropTimer(t)
		}
	}
}

// timerOf finds a timer of the context's module.
func timerOf(ctx *C.RedisModuleCtx, id C.uint64_t) *moduleTimer {
	m := moduleOf(ctx.module)
	t, ok := m.rt.timers.byID.get(int64(id))
	if !ok || t.m != m {
		return nil
	}
	return t
}

//export goStopTimer
func goStopTimer(ctx *C.RedisModuleCtx, id C.uint64_t, data *C.uintptr_t) (status C.int) {
	defer guard("StopTimer")
	status = C.REDISMODULE_ERR
	t := timerOf(ctx, id)
	if t == nil {
		return status
	}
	*data = t.data
	t.m.rt.dropTimer(t)
	return C.REDISMODULE_OK
}

//export goTimerInfo
func goTimerInfo(ctx *C.RedisModuleCtx, id C.uint64_t, remaining *C.uint64_t, data *C.uintptr_t) (status C.int) {
	defer guard("GetTimerInfo")
	status = C.REDISMODULE_ERR
	t := timerOf(ctx, id)
	if t == nil {
		return status
	}
	*data = t.data
	*remaining = C.uint64_t(max(t.when-time.Now().UnixMicro(), 0) / 1000)
	return C.REDISMODULE_OK
}
