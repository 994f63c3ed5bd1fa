package capi

// #include "capi_internal.h"
import "C"

import (
	"net"
	"strconv"
	"syscall"
	"unsafe"

	"berth/host"
	"berth/host/command"
	"berth/host/config"
)

// runtimeAt is the runtime of the module in a slot; nil for slot 0.
func runtimeAt(slot C.uint32_t) *Runtime {
	if m := bySlot[slot].Load(); m != nil {
		return m.rt
	}
	return nil
}

// runtimeOfCtx is the runtime of a context's module.
func runtimeOfCtx(ctx *C.RedisModuleCtx) *Runtime { return moduleOf(ctx.module).rt }

//export goClientId
func goClientId(ctx *C.RedisModuleCtx) (id C.uint64_t) {
	defer guard("GetClientId")
	if k := callOf(ctx); k != nil && k.client != nil {
		return C.uint64_t(k.client.ID())
	}
	return C.uint64_t(runtimeOfCtx(ctx).srv.NewClientID())
}

//export goClientUserName
func goClientUserName(ctx *C.RedisModuleCtx, id C.uint64_t, code *C.int) (s *C.RedisModuleString) {
	defer guard("GetClientUserNameById")
	c := runtimeOfCtx(ctx).srv.ClientByID(int64(id))
	if c == nil {
		*code = C.int(syscall.ENOENT)
		return nil
	}
	return newString(ctx, ctx.module, []byte(c.UserName()))
}

//export goCurrentUserName
func goCurrentUserName(ctx *C.RedisModuleCtx) (s *C.RedisModuleString) {
	defer guard("GetCurrentUserName")
	name := "default"
	if k := callOf(ctx); k != nil {
		name = k.client.UserName()
	}
	return newString(ctx, ctx.module, []byte(name))
}

//export goClientInfo
func goClientInfo(slot C.uint32_t, id C.uint64_t, info *C.RedisModuleClientInfoV1) (status C.int) {
	defer guard("GetClientInfoById")
	status = C.REDISMODULE_ERR
	rt := runtimeAt(slot)
	if rt == nil {
		return status
	}
	c := rt.srv.ClientByID(int64(id))
	if c == nil {
		return status
	}
	fillClientInfo(info, c, bool(C.rm_valkey(moduleAt(slot))))
	return C.REDISMODULE_OK
}

// fillClientInfo tells what is known of a client. Some flags are Valkey's alone.
func fillClientInfo(info *C.RedisModuleClientInfoV1, c *host.Client, valkey bool) {
	info.flags = 0
	for _, f := range [...]struct {
		has  host.ClientFlags
		flag C.uint64_t
	}{
		{host.FlagPubSub, C.REDISMODULE_CLIENTINFO_FLAG_PUBSUB},
		{host.FlagUnixSocket, C.REDISMODULE_CLIENTINFO_FLAG_UNIXSOCKET},
		{host.FlagBlocked, C.REDISMODULE_CLIENTINFO_FLAG_BLOCKED},
		{host.FlagMulti, C.REDISMODULE_CLIENTINFO_FLAG_MULTI},
	} {
		if c.Has(f.has) {
			info.flags |= f.flag
		}
	}
	if valkey {
		info.flags |= valkeyClientFlags(c)
	}
	info.id = C.uint64_t(c.ID())
	info.db = C.uint16_t(c.DB.ID())
	ip, port, err := net.SplitHostPort(c.Addr())
	if err != nil {
		ip, port = c.Addr(), "0"
	}
	n, _ := strconv.Atoi(port)
	info.port = C.uint16_t(n)
	ip = ip[:min(len(ip), len(info.addr)-1)]
	for i := range ip {
		info.addr[i] = C.char(ip[i])
	}
	info.addr[len(ip)] = 0
}

//export goClientName
func goClientName(ctx *C.RedisModuleCtx, id C.uint64_t) (s *C.RedisModuleString) {
	defer guard("GetClientNameById")
	c := runtimeOfCtx(ctx).srv.ClientByID(int64(id))
	if c == nil || len(c.Name) == 0 {
		return nil
	}
	return newString(ctx, ctx.module, c.Name)
}

//export goSetClientName
func goSetClientName(slot C.uint32_t, id C.uint64_t, name *C.RedisModuleString) (errno C.int) {
	defer guard("SetClientNameById")
	errno = C.int(syscall.EINVAL)
	rt := runtimeAt(slot)
	if rt == nil {
		return C.int(syscall.ENOENT)
	}
	c := rt.srv.ClientByID(int64(id))
	if c == nil {
		return C.int(syscall.ENOENT)
	}
	b := bytesOf(name)
	for _, ch := range b {
		if ch < '!' || ch > '~' {
			return errno
		}
	}
	c.Name = append([]byte(nil), b...)
	return 0
}

//export goPublish
func goPublish(ctx *C.RedisModuleCtx, channel, message *C.RedisModuleString, shard C.int) (receivers C.int) {
	defer guard("PublishMessage")
	return C.int(runtimeOfCtx(ctx).srv.Publish(bytesOf(channel), bytesOf(message), shard != 0))
}

//export goContextFlags
func goContextFlags(slot C.uint32_t, ctx *C.RedisModuleCtx) (flags C.int) {
	defer guard("GetContextFlags")
	rt := runtimeAt(slot)
	if rt == nil {
		return 0
	}
	srv, cfg := rt.srv, rt.srv.Config()
	set := func(on bool, f C.int) {
		if on {
			flags |= f
		}
	}
	if ctx != nil {
		set(ctx.resp == 3, C.REDISMODULE_CTX_FLAGS_RESP3)
		if k := callOf(ctx); k != nil {
			c := k.client
			set(k.ctx.Flags&command.CallScript != 0, C.REDISMODULE_CTX_FLAGS_LUA)
			set(k.ctx.Flags&command.CallReplica != 0 || c.Has(host.FlagMaster), C.REDISMODULE_CTX_FLAGS_REPLICATED)
			set(c.Has(host.FlagMulti), C.REDISMODULE_CTX_FLAGS_MULTI)
			set(c.Has(host.FlagDirtyCAS), C.REDISMODULE_CTX_FLAGS_MULTI_DIRTY)
			set(c.Has(host.FlagDenyBlocking) && !c.Has(host.FlagModule) || k.ctx.Flags&command.CallDenyBlocking != 0,
				C.REDISMODULE_CTX_FLAGS_DENY_BLOCKING)
		}
	}
	set(true, C.REDISMODULE_CTX_FLAGS_MASTER)
	set(cfg.AppendOnly, C.REDISMODULE_CTX_FLAGS_AOF)
	set(len(cfg.Save) > 0, C.REDISMODULE_CTX_FLAGS_RDB)
	set(cfg.ClusterEnabled, C.REDISMODULE_CTX_FLAGS_CLUSTER)
	if cfg.MaxMemory > 0 {
		set(true, C.REDISMODULE_CTX_FLAGS_MAXMEMORY)
		set(cfg.MaxMemoryPolicy != config.PolicyNoEviction, C.REDISMODULE_CTX_FLAGS_EVICT)
		used := srv.UsedMemory()
		set(used > int64(cfg.MaxMemory), C.REDISMODULE_CTX_FLAGS_OOM)
		set(float64(used) > 0.75*float64(cfg.MaxMemory), C.REDISMODULE_CTX_FLAGS_OOM_WARNING)
	}
	set(srv.HasChild(), C.REDISMODULE_CTX_FLAGS_ACTIVE_CHILD)
	set(srv.Loading(), C.REDISMODULE_CTX_FLAGS_LOADING)
	set(srv.Starting(), C.REDISMODULE_CTX_FLAGS_SERVER_STARTUP)
	set(cfg.EnableDebugCommand == config.ActionYes, C.REDISMODULE_CTX_FLAGS_DEBUG_ENABLED)
	return flags
}

//export goAvoidReplicaTraffic
func goAvoidReplicaTraffic(slot C.uint32_t) (paused C.int) {
	defer guard("AvoidReplicaTraffic")
	if rt := runtimeAt(slot); rt != nil && rt.srv.Paused() {
		return 1
	}
	return 0
}

//export goResetDataset
func goResetDataset(slot C.uint32_t, _, async C.int) {
	defer guard("ResetDataset")
	if rt := runtimeAt(slot); rt != nil {
		rt.srv.Flush(-1, async == 0)
	}
}

//export goDbSize
func goDbSize(ctx *C.RedisModuleCtx) (n C.ulonglong) {
	defer guard("DbSize")
	return C.ulonglong(runtimeOfCtx(ctx).db(ctx.dbid).Len())
}

//export goRandomKey
func goRandomKey(ctx *C.RedisModuleCtx) (s *C.RedisModuleString) {
	defer guard("RandomKey")
	e := runtimeOfCtx(ctx).db(ctx.dbid).RandomKey()
	if e == nil {
		return nil
	}
	return newString(ctx, ctx.module, e.Key())
}

//export goSignalModified
func goSignalModified(ctx *C.RedisModuleCtx, name *C.RedisModuleString) {
	defer guard("SignalModifiedKey")
	rt := runtimeOfCtx(ctx)
	rt.srv.Modified(runningIn(ctx), rt.db(ctx.dbid), bytesOf(name))
}

//export goUsedMemoryRatio
func goUsedMemoryRatio(slot C.uint32_t) (ratio C.float) {
	defer guard("GetUsedMemoryRatio")
	rt := runtimeAt(slot)
	if rt == nil {
		return 0
	}
	if limit := rt.srv.Config().MaxMemory; limit > 0 {
		return C.float(float64(rt.srv.UsedMemory()) / float64(limit))
	}
	return 0
}

//export goCommandKeys
func goCommandKeys(ctx *C.RedisModuleCtx, argv *C.rm_slice, argc C.int, n *C.int, flags **C.int, code *C.int) (keys *C.int) {
	defer guard("GetCommandKeys")
	*code = C.int(syscall.EINVAL)
	args := slices(argv, argc)
	var row *command.Row
	if argc > 0 {
		row = runtimeOfCtx(ctx).srv.Commands().LookupArgs(args)
	}
	if row == nil {
		*code = C.int(syscall.ENOENT)
		return nil
	}
	if !row.HasKeys() {
		*code = 0
		return nil
	}
	if !row.ArityOK(len(args)) {
		return nil
	}
	*code = 0
	refs := legacyKeys(row, args)
	if len(refs) == 0 {
		*n = 0
		return nil
	}
	size := C.size_t(len(refs)) * C.sizeof_int
	keys = (*C.int)(C.rm_malloc(ctx.module, size))
	*flags = (*C.int)(C.rm_malloc(ctx.module, size))
	ks, fs := unsafe.Slice(keys, len(refs)), unsafe.Slice(*flags, len(refs))
	for i, r := range refs {
		ks[i], fs[i] = C.int(r.Pos), C.int(r.Flags)
	}
	*n = C.int(len(refs))
	return keys
}

// legacyKeys finds keys as this function of the API does, which is older than
// key specs: by the row's own function, else by position and without flags;
// numbered keys come before the destination.
func legacyKeys(row *command.Row, args [][]byte) (refs []command.KeyRef) {
	if row.GetKeys != nil {
		refs, _ = row.GetKeys(row, args, nil)
		return refs
	}
	numbered := false
	for i := range row.KeySpecs {
		numbered = numbered || row.Flags&command.FlagModule == 0 && row.KeySpecs[i].Find.Type == command.FKKeynum
	}
	if numbered {
		all, ok := command.GetKeys(row, args, nil, 0)
		if !ok {
			return nil
		}
		var last []command.KeyRef
		for _, r := range all {
			if r.Flags = 0; r.Pos == row.FirstKey && row.LastKey == row.FirstKey {
				last = append(last, r)
			} else {
				refs = append(refs, r)
			}
		}
		return append(refs, last...)
	}
	if row.FirstKey <= 0 {
		return nil
	}
	end := row.LastKey
	if end < 0 {
		end += len(args)
	}
	for i := row.FirstKey; i <= end; i += max(row.KeyStep, 1) {
		if i >= len(args) {
			return nil
		}
		refs = append(refs, command.KeyRef{Pos: i})
	}
	return refs
}
