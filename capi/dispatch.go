package capi

// #include "dispatch.h"
// #include <stdlib.h>
import "C"

import (
	"unsafe"

	"berth/host"
	"berth/host/command"
)

// run is the handler of a module's command: one call into C.
func (mc *moduleCommand) run(c *command.Ctx) {
	rt := mc.m.rt
	k := rt.push(mc.m, c)
	in := k.in
	in.cmd = mc.c
	in.flags = 0
	in._func = nil
	in.bc, in.privdata, in.ready_key = nil, nil, nil
	k.dispatch(c.Args)
	k.deliver()
	rt.pop()
	if rt.depth == 0 {
		rt.srv.EndYield()
	}
}

// dispatch calls the module with the given arguments and the client's state.
func (k *call) dispatch(args [][]byte) {
	in, c := k.in, k.ctx
	in.argc = C.int(len(args))
	if c.ArgsOffHeap {
		// C reads Go's slice headers in place: they stay where they are, and hold
		// no pointers into Go's heap.
		in.argv = C.uintptr_t(uintptr(unsafe.Pointer(unsafe.SliceData(args))))
	} else {
		in.argv = C.uintptr_t(uintptr(k.copyArgs(args)))
	}
	in.resp = 2
	if c.RESP3() {
		in.resp = 3
	}
	in.dbid = C.int(c.DB.ID())
	if k.client != nil {
		in.client_id = C.uint64_t(k.client.ID())
	}
	setClock(c.KS.Now())
	in.watched = C.bool(k.m.rt.srv.Watching())
	C.rm_dispatch(C.uintptr_t(uintptr(unsafe.Pointer(in))))
	if in.dbid_after != in.dbid {
		c.Host.SetDB(c, c.KS.DB(int(in.dbid_after)))
	}
}

// deliver appends the reply of the call to what the client gets.
func (k *call) deliver() {
	in, w := k.in, k.ctx.Writer
	if in.reply_len == 0 {
		return
	}
	w.Raw(unsafe.Slice((*byte)(unsafe.Pointer(in.reply)), in.reply_len))
	if in.quiet > 0 {
		w.Failed = true
	}
	if in.errors > 0 {
		k.m.rt.noteErrors(w, unsafe.Slice((*byte)(unsafe.Pointer(in.reply)), in.reply_len), int(in.errors), in.error_at[:in.spans],
			k.client == nil || !k.client.Has(host.FlagModule))
	}
}

// noteErrors tells of error replies that were appended raw: n of them, the
// first of which are at the given places of b. A client of a module's own does
// not count in the statistics.
func (rt *Runtime) noteErrors(w *command.Writer, b []byte, n int, at []C.rm_span, counts bool) {
	for i := range at {
		text := string(b[at[i].off+1 : at[i].off+at[i].len-2])
		switch {
		case i == 0:
			// The writer has room for one; the host counts it when the call ends.
			w.LastError = text
		case counts:
			rt.srv.CountErrorCode(text)
		}
	}
	w.Errors += n
}

// copyArgs lays the arguments out in C memory that belongs to the call.
func (k *call) copyArgs(args [][]byte) unsafe.Pointer {
	size := len(args)*C.sizeof_rm_slice + 1
	for _, a := range args {
		size += len(a) + 1
	}
	if size > k.tmpLen {
		C.free(k.tmp)
		k.tmpLen = max(size, 512)
		k.tmp = C.malloc(C.size_t(k.tmpLen))
	} else if k.tmpLen > 1<<16 && size < 1<<12 {
		k.tmp, k.tmpLen = C.realloc(k.tmp, 1<<12), 1<<12
	}
	fillSlices(k.tmp, args)
	return k.tmp
}

// enter begins a call into a module that is not a client's command: loading,
// a timer, an event. It runs as a client of the runtime's own, and as an
// execution unit, until leave.
func (rt *Runtime) enter(m *module) *call {
	c := rt.client()
	c.DB = rt.srv.Keyspace().DB(0)
	rt.srv.EnterUnit()
	setClock(rt.srv.Keyspace().Now())
	return rt.push(m, &c.Ctx)
}

// leave ends what enter began.
func (rt *Runtime) leave() {
	c := rt.calls[rt.depth-1].client
	rt.pop()
	rt.release(c)
	rt.srv.LeaveUnit()
}

// Crossings are the calls between Go and C since the process started: C to Go
// from API functions, and Go to C for commands. Tests and the benchmark read
// them.
func Crossings() (toGo, toC int64) {
	return int64(C.rm_state.crossings), int64(C.rm_state.dispatches)
}

// Crossings implements [host.CrossingCounter].
func (rt *Runtime) Crossings() (toGo, toC int64) { return Crossings() }
