package capi

// #include "capi_internal.h"
import "C"

import "time"

//export goYield
func goYield(ctx *C.RedisModuleCtx, flags C.int, reply *C.char, now C.int64_t) (next C.int64_t) {
	defer guard("Yield")
	next = now + 100_000
	rt := runtimeOfCtx(ctx)
	if ctx.yield_us == 0 {
		// The first time: how long the command has been running is what the
		// clock has moved since it began.
		ran := time.Now().UnixMicro() - clock()
		wait := int64(rt.srv.Config().BusyReplyThreshold)*1000 - ran
		if wait > 0 {
			return now + C.int64_t(wait)
		}
	}
	text := ""
	if reply != nil {
		text = C.GoString(reply)
	}
	rt.srv.Yield(flags&C.REDISMODULE_YIELD_FLAG_CLIENTS != 0, text)
	changed()
	return now + C.int64_t(1_000_000/max(int64(rt.srv.Config().Hz), 1))
}

//export goCloseClient
func goCloseClient(ctx *C.RedisModuleCtx, id C.uint64_t) (status C.int) {
	defer guard("DeauthenticateAndCloseClient")
	status = C.REDISMODULE_ERR
	rt := runtimeOfCtx(ctx)
	c := rt.srv.ClientByID(int64(id))
	if c == nil {
		return status
	}
	rt.srv.CloseClient(c)
	return C.REDISMODULE_OK
}

//export goRedact
func goRedact(ctx *C.RedisModuleCtx, pos C.int) {
	defer guard("RedactClientCommandArgument")
	if k := callOf(ctx); k != nil && k.client != nil {
		k.client.Redact(int(pos))
	}
}
