package capi

// #include "blocked.h"
// #include "dispatch.h"
import "C"

import (
	"math"
	"sync/atomic"
	"time"
	"unsafe"

	"berth/host"
	"berth/host/command"
	"berth/keyspace"
)

// blockedClient is a client that a module blocked; it implements
// [host.ModuleBlock]. It lives from BlockClient until the module has unblocked
// it, which may be long after the client went away.
type blockedClient struct {
	m      *module
	c      *C.RedisModuleBlockedClient
	client *host.Client // nil when there is nobody to reply to
}

//export goBlockClient
func goBlockClient(ctx *C.RedisModuleCtx, bc *C.RedisModuleBlockedClient, timeout C.longlong, keys *C.rm_slice, n C.int, flags C.int) (why C.int) {
	defer guard("BlockClient")
	why = C.RM_BLOCK_OK
	m := moduleOf(ctx.module)
	b := &blockedClient{m: m, c: bc}
	bc._go = C.int64_t(m.rt.blocked.add(b))
	m.blockedClients++
	var deadline int64
	if timeout != 0 {
		now := time.Now().UnixMilli()
		if int64(timeout) > math.MaxInt64-now {
			return C.RM_BLOCK_BAD_TIMEOUT
		}
		deadline = now + int64(timeout)
	}
	k := callOf(ctx)
	switch {
	case k == nil || ctx.flags&C.RMC_COMMAND == 0 || k.client == nil:
		return why // nobody waits
	case k.ctx.Flags&command.CallScript != 0:
		return C.RM_BLOCK_IN_SCRIPT
	case m.rt.srv.InExec():
		return C.RM_BLOCK_IN_MULTI
	case ctx.flags&C.RMC_BLOCKED_REPLY != 0:
		return C.RM_BLOCK_IN_REPLY
	case k.client.Has(host.FlagBlocked) || !k.client.Connected() && !k.ctx.MayBlock():
		return why // blocked before, or called by a module that cannot wait
	}
	b.client = k.client
	m.rt.srv.BlockModule(k.client, b, slices(keys, n), deadline, flags&C.REDISMODULE_BLOCK_UNBLOCK_DELETED != 0)
	return why
}

//export goSignalKeyAsReady
func goSignalKeyAsReady(ctx *C.RedisModuleCtx, key *C.RedisModuleString) {
	defer guard("SignalKeyAsReady")
	rt := runtimeOfCtx(ctx)
	rt.srv.KeyReady(rt.db(ctx.dbid), bytesOf(key), keyspace.Module)
}

// run calls the reply or timeout callback as a call of the blocked command and
// returns its result; the reply has been written to the client.
func (b *blockedClient) run(fn C.RedisModuleCmdFunc, flags C.uint32_t, key []byte) C.int {
	rt, c := b.m.rt, b.client
	rt.srv.EnterUnit()
	protected := c.Has(host.FlagProtected)
	c.SetFlag(host.FlagProtected, true)
	k := rt.push(b.m, &c.Ctx)
	in := k.in
	in.cmd, in._func, in.flags = b.c.cmd, fn, flags
	in.bc, in.privdata, in.ready_key = b.c, b.c.privdata, nil
	if key != nil {
		in.ready_key = newString(nil, b.m.c, key)
	}
	k.dispatch(c.Args)
	k.deliver()
	result := in.result
	if in.ready_key != nil {
		C.rm_str_decr(in.ready_key)
	}
	rt.pop()
	c.SetFlag(host.FlagProtected, protected)
	rt.srv.LeaveUnit()
	return result
}

// Timeout implements [host.ModuleBlock].
func (b *blockedClient) Timeout(c *host.Client) bool {
	if C.rm_bc_unblocked(b.c) {
		return false
	}
	if b.c.on_timeout != nil {
		b.run(b.c.on_timeout, C.RMC_BLOCKED_TIMEOUT, nil)
	}
	c.AddBlockedTime(time.Duration(b.c.measured_us) * time.Microsecond)
	b.c.on_disconnect = nil
	b.lost()
	return true
}

// TryKey implements [host.ModuleBlock].
func (b *blockedClient) TryKey(_ *host.Client, key []byte) bool {
	if C.rm_bc_unblocked(b.c) || b.c.on_reply == nil {
		return false
	}
	if b.run(b.c.on_reply, C.RMC_BLOCKED_REPLY, key) != C.REDISMODULE_OK {
		return false
	}
	if !C.rm_bc_claim(b.c) {
		// Its callback, or a thread, unblocked it: it stands in the queue.
		b.c.by_module = false
		return false
	}
	b.end()
	return true
}

// Disconnected implements [host.ModuleBlock].
func (b *blockedClient) Disconnected(*host.Client) {
	if b.c.on_disconnect != nil && !b.m.rt.stopping {
		k := b.m.rt.enter(b.m)
		C.rm_fire_disconnect(b.c, k.in._go)
		b.m.rt.leave()
	}
	b.lost()
}

// CanUnblock implements [host.ModuleBlock].
func (b *blockedClient) CanUnblock(*host.Client) bool { return b.c.on_timeout != nil }

// lost takes the client away. What waits for keys is finished without the
// module's doing.
func (b *blockedClient) lost() {
	b.client = nil
	if b.c.on_keys {
		C.rm_bc_unblock(b.c)
	}
}

// end frees the private data, hands over what threads have replied, and
// forgets the handle.
func (b *blockedClient) end() {
	rt := b.m.rt
	if b.c.privdata != nil && b.c.free_privdata != nil {
		k := rt.enter(b.m)
		C.rm_fire_free(b.c, k.in._go, C.bool(b.client == nil))
		rt.leave()
	}
	if b.client != nil {
		r := &b.c.reply
		C.rm_reply_finish(nil, r)
		if r.len > 0 {
			p := unsafe.Slice((*byte)(unsafe.Pointer(r.buf)), r.len)
			b.client.Raw(p)
			if r.errors > 0 {
				rt.noteErrors(b.client.Writer, p, int(r.errors), r.error_at[:r.spans], true)
			}
		}
	}
	rt.blocked.remove(int64(b.c._go))
	b.m.blockedClients--
	C.rm_bc_free(b.c)
}

// finish replies to a client that its module has unblocked.
func (b *blockedClient) finish() {
	c := b.client
	if c == nil {
		b.end()
		return
	}
	if b.c.on_auth != nil {
		// AUTH, or HELLO, runs again and asks its reply callback.
		b.c.on_disconnect = nil
		authOf(c).answered = b
		c.AddBlockedTime(time.Duration(b.c.measured_us) * time.Microsecond)
		b.m.rt.srv.Rerun(c)
		return
	}
	start := time.Now()
	out := len(c.Writer.Buf)
	spent := time.Duration(b.c.measured_us) * time.Microsecond
	switch {
	case bool(b.c.on_keys) && bool(b.c.by_module):
		b.run(b.c.on_timeout, C.RMC_BLOCKED_TIMEOUT, nil)
	case !bool(b.c.on_keys) && b.c.on_reply != nil:
		b.run(b.c.on_reply, C.RMC_BLOCKED_REPLY, nil)
		spent += time.Since(start)
	}
	b.c.on_disconnect = nil
	c.SetFlag(host.FlagProtected, true)
	b.end()
	c.SetFlag(host.FlagProtected, false)
	b.m.rt.srv.FinishModuleBlock(c, out, spent)
}

// beforeSleep finishes what modules have unblocked since the loop last looked,
// and runs the functions that their threads left for it.
func (rt *Runtime) beforeSleep() {
	for atomic.LoadInt32((*int32)(unsafe.Pointer(&rt.c.pending))) != 0 && !rt.stopping {
		rt.runOneShots()
		if bc := C.rm_bc_next(rt.c); bc != nil {
			if b, ok := rt.blocked.get(int64(bc._go)); ok {
				b.finish()
			}
		}
	}
}
