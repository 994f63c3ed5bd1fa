package capi

// #include "call.h"
import "C"

import (
	"strings"
	"syscall"
	"unsafe"

	"berth/host"
	"berth/host/command"
)

// slices is C's argument array as Go sees it: the layouts are the same.
func slices(argv *C.rm_slice, n C.int) [][]byte {
	return unsafe.Slice((*[]byte)(unsafe.Pointer(argv)), n)
}

// refusal is why RM_Call does not run a command.
type refusal struct {
	errno syscall.Errno
	text  string
}

//export goCall
func goCall(ctx *C.RedisModuleCtx, argv *C.rm_slice, argc C.int, flags C.uint32_t, r *C.rm_call_result) {
	defer guard("Call")
	r.error = C.int(syscall.EINVAL)
	m := moduleOf(ctx.module)
	rt := m.rt
	c := rt.client()
	kept := false // by a promise
	defer func() {
		if !kept {
			rt.release(c)
		}
	}()
	c.DB = rt.db(ctx.dbid)
	c.Proto = 2
	if flags&C.RM_CALL_RESP3 != 0 || flags&C.RM_CALL_RESP_AUTO != 0 && ctx.resp == 3 {
		c.Proto = 3
	}
	c.ArgsOffHeap = true
	c.Args = slices(argv, argc)
	m.inCall++
	defer func() { m.inCall-- }()
	rt.filter(c)
	row, no := rt.admit(ctx, c, uint32(flags))
	if no.errno != 0 {
		c.Args = nil
		r.error = C.int(no.errno)
		if flags&C.RM_CALL_ERRORS_AS_REPLIES != 0 {
			c.Error(no.text)
			c.Errors = 0
			rt.result(c, r)
			r.errors = 1
		}
		return
	}
	r.error = 0
	if flags&C.RM_CALL_DRY_RUN != 0 {
		c.Args = nil
		return
	}
	callFlags := command.CallModule
	if flags&C.RM_CALL_ALLOW_BLOCK == 0 {
		callFlags |= command.CallDenyBlocking
	} else {
		c.SetFlag(host.FlagDenyBlocking, false)
	}
	// The command is propagated only where the module asks for it.
	c.SetFlag(host.FlagPreventAOF, flags&C.RM_CALL_NO_AOF != 0)
	c.SetFlag(host.FlagPreventReplicas, flags&C.RM_CALL_NO_REPLICAS != 0)
	before := rt.srv.SuppressPropagation(true)
	rt.srv.SuppressPropagation(before || flags&C.RM_CALL_REPLICATE == 0)
	rt.srv.Call(c, row, c.Args, callFlags)
	rt.srv.SuppressPropagation(before)
	if c.Has(host.FlagBlocked) {
		// It goes on on its own, when nothing is suppressed any more.
		if flags&C.RM_CALL_REPLICATE == 0 {
			c.SetFlag(host.FlagPreventAOF|host.FlagPreventReplicas, true)
		}
		c.RetainArgs()
		r.promise = C.int64_t(m.promise(c))
		kept = true
		return
	}
	c.SetFlag(host.FlagPreventAOF|host.FlagPreventReplicas, false)
	rt.result(c, r)
	r.errors = C.uint32_t(c.Errors)
}

// result tells C where the reply of a call lies.
func (rt *Runtime) result(c *host.Client, r *C.rm_call_result) {
	r.ran = true
	if b := c.Writer.Buf; len(b) > 0 {
		// C copies the bytes as soon as it has control again. The buffer is the
		// client's, which stays in rt.idle.
		r.ptr = C.uintptr_t(uintptr(unsafe.Pointer(unsafe.SliceData(b))))
		r.len = C.size_t(len(b))
	}
}

// client takes a client of the runtime's own, to run commands as.
func (rt *Runtime) client() *host.Client {
	if n := len(rt.idle); n > 0 {
		c := rt.idle[n-1]
		rt.idle = rt.idle[:n-1]
		rt.srv.ResetInternalClient(c, host.FlagModule)
		return c
	}
	c := rt.srv.NewInternalClient()
	c.SetFlag(host.FlagModule, true)
	return c
}

// maxKeptReply is the size up to which an idle client keeps its buffer.
const maxKeptReply = 1 << 20

// release gives a client back. Its reply stays readable until the next client
// is taken.
func (rt *Runtime) release(c *host.Client) {
	if cap(c.Writer.Buf) > maxKeptReply {
		// Somebody may still read the old one: it is only dropped.
		rt.lastReply = c.Writer.Buf
		c.Writer.Buf = nil
	}
	rt.idle = append(rt.idle, c)
}

// admit finds the command of c.Args and applies the checks of RM_Call.
func (rt *Runtime) admit(ctx *C.RedisModuleCtx, c *host.Client, flags uint32) (*command.Row, refusal) {
	srv := rt.srv
	has := func(f uint32) bool { return flags&f != 0 }
	if has(C.RM_CALL_RUN_AS_USER) {
		u, err := rt.callUser(ctx)
		if err != nil {
			return nil, refusal{syscall.ENOTSUP, "ERR cannot run as user, no user directly attached to context or context's client"}
		}
		c.SetUser(u)
	}
	row := srv.Commands().LookupArgs(c.Args)
	if row == nil || row.Handler == nil && len(row.Subs) == 0 {
		return nil, refusal{syscall.ENOENT, srv.UnknownCommandText(c)}
	}
	if !row.ArityOK(len(c.Args)) || row.Handler == nil {
		return nil, refusal{syscall.EINVAL, "ERR wrong number of arguments for '" + row.FullName() + "' command"}
	}
	name := strings.ToLower(row.FullName())
	if has(C.RM_CALL_SCRIPT_MODE) && row.Flags&command.FlagNoScript != 0 {
		return nil, refusal{syscall.ESPIPE, "ERR command '" + name + "' is not allowed on script mode"}
	}
	if has(C.RM_CALL_RESPECT_DENY_OOM) && row.Flags&command.FlagDenyOOM != 0 && srv.OverMaxMemory() {
		return nil, refusal{syscall.ENOSPC, command.ErrOOM}
	}
	if has(C.RM_CALL_NO_WRITES) && row.Flags&command.FlagWrite != 0 {
		return nil, refusal{syscall.ENOSPC, "ERR Write command '" + name + "' was called while write is not allowed."}
	}
	if has(C.RM_CALL_SCRIPT_MODE) && row.Flags&command.FlagWrite != 0 {
		if text := srv.WritesRefused(); text != "" {
			return nil, refusal{syscall.ESPIPE, text}
		}
	}
	if has(C.RM_CALL_RUN_AS_USER) {
		if text := srv.CheckModuleCall(c, row); text != "" {
			return nil, refusal{syscall.EACCES, text}
		}
	}
	return row, refusal{}
}

//export goReplicate
func goReplicate(ctx *C.RedisModuleCtx, argv *C.rm_slice, argc C.int, flags C.uint32_t) (status C.int) {
	defer guard("Replicate")
	status = C.REDISMODULE_ERR
	rt := moduleOf(ctx.module).rt
	args := slices(argv, argc)
	if rt.srv.Commands().Lookup(args[0]) == nil {
		return status
	}
	to := host.TargetAll
	if flags&C.RM_CALL_NO_AOF != 0 {
		to &^= host.TargetAOF
	}
	if flags&C.RM_CALL_NO_REPLICAS != 0 {
		to &^= host.TargetReplicas
	}
	rt.srv.PropagateTo(to, rt.db(ctx.dbid), args)
	return C.REDISMODULE_OK
}

//export goReplicateVerbatim
func goReplicateVerbatim(ctx *C.RedisModuleCtx) (status C.int) {
	defer guard("ReplicateVerbatim")
	k := callOf(ctx)
	if k != nil && k.ctx.Args != nil {
		k.m.rt.srv.AlsoPropagate(k.ctx.DB, k.ctx.Args...)
	}
	return C.REDISMODULE_OK
}
