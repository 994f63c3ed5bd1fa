package capi

// #include "call.h"
import "C"

import (
	"unsafe"

	"berth/host"
)

// promise is a command called with 'K' that blocked: its reply comes later.
type promise struct {
	m    *module
	c    *host.Client
	dbid int
	fn   C.RedisModuleOnUnblocked
	data unsafe.Pointer // the module's
}

// promise makes a record for the command that blocked c, which belongs to the
// promise from now on.
func (m *module) promise(c *host.Client) int64 {
	if m.promises == nil {
		m.promises = &table[*promise]{}
		m.onUndo(func() {
			for i := range m.promises.slots {
				if s := &m.promises.slots[i]; s.used {
					s.value.fn = nil
				}
			}
		})
	}
	p := &promise{m: m, c: c, dbid: c.DB.ID()}
	h := m.promises.add(p)
	c.Finished = func() { p.kept(h) }
	return h
}

// kept is called when the command has ended, its reply in the client's buffer.
func (p *promise) kept(h int64) {
	rt, c := p.m.rt, p.c
	p.m.promises.remove(h)
	c.Finished = nil
	c.SetFlag(host.FlagPreventAOF|host.FlagPreventReplicas, false)
	if p.fn != nil {
		var r C.rm_call_result
		rt.result(c, &r)
		r.errors = C.uint32_t(c.Errors)
		k := rt.enter(p.m)
		C.rm_fire_unblocked(p.m.c, k.in._go, C.int(p.dbid), p.fn, C.uintptr_t(uintptr(p.data)), &r)
		rt.leave()
	}
	rt.srv.AddPostJob(func() { rt.srv.FreeInternalClient(c) })
}

//export goPromiseHandler
func goPromiseHandler(cm *C.rm_module, h C.int64_t, fn C.RedisModuleOnUnblocked, data unsafe.Pointer) {
	defer guard("CallReplyPromiseSetUnblockHandler")
	m := moduleOf(cm)
	if p, ok := m.promises.get(int64(h)); ok {
		p.fn, p.data = fn, data
	}
}

//export goPromiseAbort
func goPromiseAbort(cm *C.rm_module, h C.int64_t, data *unsafe.Pointer) (status C.int) {
	defer guard("CallReplyPromiseAbort")
	status = C.REDISMODULE_ERR
	m := moduleOf(cm)
	p, ok := m.promises.get(int64(h))
	if !ok || !p.c.Has(host.FlagBlocked) {
		return status
	}
	m.promises.remove(int64(h))
	if data != nil {
		*data = p.data
	}
	p.c.Finished = nil
	m.rt.srv.FreeInternalClient(p.c)
	return C.REDISMODULE_OK
}
