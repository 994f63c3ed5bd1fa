package capi

// #include "capi_internal.h"
// #include <stdlib.h>
import "C"

import (
	"strings"

	"berth/host/config"
)

// anyConfig is the configuration of the server that a caller belongs to.
func anyConfig(slot C.uint32_t) *config.Config { return anyRuntime(slot).srv.Config() }

//export goConfigNames
func goConfigNames(slot C.uint32_t, pattern *C.char) (list *C.char) {
	defer guard("ConfigIteratorCreate")
	p := ""
	if pattern != nil {
		p = C.GoString(pattern)
	}
	var b strings.Builder
	for _, name := range anyConfig(slot).Names(p) {
		b.WriteString(name)
		b.WriteByte(0)
	}
	return C.CString(b.String())
}

//export goConfigKind
func goConfigKind(slot C.uint32_t, name *C.char, kind *C.int) (found C.bool) {
	defer guard("ConfigGetType")
	r := anyConfig(slot).Lookup(C.GoString(name))
	if r == nil {
		return false
	}
	*kind = C.int(r.Kind())
	return true
}

//export goConfigText
func goConfigText(slot C.uint32_t, ctx *C.RedisModuleCtx, name *C.char, kind C.int, res **C.RedisModuleString) (status C.int) {
	defer guard("ConfigGet")
	r := anyConfig(slot).Lookup(C.GoString(name))
	if r == nil || kind >= 0 && r.Kind() != config.Kind(kind) {
		return C.REDISMODULE_ERR
	}
	*res = newString(ctx, moduleAt(slot), []byte(r.Get()))
	return C.REDISMODULE_OK
}

//export goConfigNumber
func goConfigNumber(slot C.uint32_t, name *C.char, kind C.int, res *C.longlong) (status C.int) {
	defer guard("ConfigGetNumeric")
	status = C.REDISMODULE_ERR
	r := anyConfig(slot).Lookup(C.GoString(name))
	if r == nil {
		return status
	}
	if config.Kind(kind) == config.KindBool {
		v, ok := r.Bool()
		if !ok {
			return status
		}
		if v {
			*res = 1
		}
		return C.REDISMODULE_OK
	}
	v, ok := r.Int()
	if !ok {
		return status
	}
	*res = C.longlong(v)
	return C.REDISMODULE_OK
}

//export goConfigSet
func goConfigSet(slot C.uint32_t, ctx *C.RedisModuleCtx, name *C.char, kind C.int, text C.rm_slice, reason **C.RedisModuleString) (status C.int) {
	defer guard("ConfigSet")
	status = C.REDISMODULE_ERR
	return configResult(slot, ctx, reason, anyConfig(slot).ModuleSet(config.Kind(kind), C.GoString(name), string(goBytes(&text))))
}

//export goConfigSetNumber
func goConfigSetNumber(slot C.uint32_t, ctx *C.RedisModuleCtx, name *C.char, value C.longlong, reason **C.RedisModuleString) (status C.int) {
	defer guard("ConfigSetNumeric")
	status = C.REDISMODULE_ERR
	return configResult(slot, ctx, reason, anyConfig(slot).ModuleSetInt(C.GoString(name), int(value)))
}

// configResult tells the module how setting a parameter went.
func configResult(slot C.uint32_t, ctx *C.RedisModuleCtx, reason **C.RedisModuleString, err error) C.int {
	if err == nil {
		return C.REDISMODULE_OK
	}
	if reason != nil && err.Error() != "" {
		*reason = newString(ctx, moduleAt(slot), []byte(err.Error()))
	}
	return C.REDISMODULE_ERR
}

// moduleAt is what memory is counted for: a module, or nil for the host.
func moduleAt(slot C.uint32_t) *C.rm_module {
	if m := bySlot[slot].Load(); m != nil {
		return m.c
	}
	return nil
}
