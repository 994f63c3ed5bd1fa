package capi

// #include "acl.h"
import "C"

import (
	"errors"
	"syscall"
	"unsafe"

	"berth/host/acl"
	"berth/host/command"
	"berth/internal/argsplit"
)

// userOf finds the user of a handle and its runtime.
func userOf(slot C.uint32_t, h C.int64_t) (*Runtime, *acl.User) {
	rt := runtimeAt(slot)
	if rt == nil {
		return nil, nil
	}
	u, _ := rt.users.get(int64(h))
	return rt, u
}

//export goCreateModuleUser
func goCreateModuleUser(slot C.uint32_t, cname *C.char) (h C.int64_t) {
	defer guard("CreateModuleUser")
	rt := runtimeAt(slot)
	if rt == nil {
		return 0
	}
	return C.int64_t(rt.users.add(rt.srv.Users().NewUser(C.GoString(cname))))
}

//export goNamedUser
func goNamedUser(slot C.uint32_t, name *C.RedisModuleString) (h C.int64_t) {
	defer guard("GetModuleUserFromUserName")
	rt := runtimeAt(slot)
	if rt == nil {
		return 0
	}
	u := rt.srv.Users().Get(bytesOf(name))
	if u == nil {
		return 0
	}
	return C.int64_t(rt.users.add(u))
}

//export goFreeModuleUser
func goFreeModuleUser(slot C.uint32_t, h C.int64_t, owned C.bool) {
	defer guard("FreeModuleUser")
	rt := runtimeAt(slot)
	if rt == nil {
		return
	}
	if u, ok := rt.users.remove(int64(h)); ok && bool(owned) {
		rt.srv.CloseClientsOf(u)
	}
}

// ruleErrno are the numbers by which Redis tells why a rule is refused.
var ruleErrno = map[error]syscall.Errno{
	acl.ErrUnknown:      syscall.ENOENT,
	acl.ErrSyntax:       syscall.EINVAL,
	acl.ErrAllKeys:      syscall.EEXIST,
	acl.ErrAllChannels:  syscall.EISDIR,
	acl.ErrNoPassword:   syscall.ENODEV,
	acl.ErrPasswordHash: syscall.EBADMSG,
	acl.ErrSubFirstArg:  syscall.ECHILD,
}

//export goSetModuleUserACL
func goSetModuleUserACL(slot C.uint32_t, h C.int64_t, crule *C.char) (errno C.int) {
	defer guard("SetModuleUserACL")
	errno = C.int(syscall.EINVAL)
	rt, u := userOf(slot, h)
	if u == nil {
		return errno
	}
	if err := rt.srv.Users().SetRule(u, C.GoString(crule)); err != nil {
		return C.int(ruleErrno[err])
	}
	return 0
}

//export goSetModuleUserACLString
func goSetModuleUserACLString(ctx *C.RedisModuleCtx, slot C.uint32_t, h C.int64_t, crules *C.char) (why *C.RedisModuleString) {
	defer guard("SetModuleUserACLString")
	rt, u := userOf(slot, h)
	if u == nil {
		return nil
	}
	words, _ := argsplit.Split([]byte(C.GoString(crules)))
	rules := make([]string, len(words))
	for i, w := range words {
		rules[i] = string(w)
	}
	if err := rt.srv.Users().SetUser(u, rules); err != nil {
		var m *C.rm_module
		if ctx != nil {
			m = ctx.module
		}
		return newString(ctx, m, []byte(err.Error()))
	}
	return nil
}

//export goGetModuleUserACLString
func goGetModuleUserACLString(slot C.uint32_t, h C.int64_t) (s *C.RedisModuleString) {
	defer guard("GetModuleUserACLString")
	_, u := userOf(slot, h)
	if u == nil {
		return nil
	}
	return newString(nil, bySlot[slot].Load().c, []byte(u.Describe()))
}

//export goUserName
func goUserName(ctx *C.RedisModuleCtx, slot C.uint32_t, h C.int64_t) (s *C.RedisModuleString) {
	defer guard("GetUserUsername")
	_, u := userOf(slot, h)
	if u == nil {
		return nil
	}
	return newString(ctx, bySlot[slot].Load().c, []byte(u.Name()))
}

// logReasons are the reasons of ACLAddLogEntry.
var logReasons = map[C.int]acl.Denial{
	C.REDISMODULE_ACL_LOG_AUTH:    acl.DeniedAuth,
	C.REDISMODULE_ACL_LOG_CMD:     acl.DeniedCommand,
	C.REDISMODULE_ACL_LOG_KEY:     acl.DeniedKey,
	C.REDISMODULE_ACL_LOG_CHANNEL: acl.DeniedChannel,
}

//export goCheckCommand
func goCheckCommand(slot C.uint32_t, h C.int64_t, argv *C.rm_slice, argc C.int, arity C.bool, reason *C.int) (errno C.int) {
	defer guard("ACLCheckCommandPermissions")
	errno = C.int(syscall.ENOENT)
	rt, u := userOf(slot, h)
	if u == nil || argc < 1 {
		return errno
	}
	args := slices(argv, argc)
	row := rt.srv.Commands().LookupArgs(args)
	if row == nil {
		return errno
	}
	if bool(arity) && !row.ArityOK(len(args)) {
		return C.int(syscall.EINVAL)
	}
	d, _ := u.Check(row, args)
	if d == acl.Allowed {
		return 0
	}
	for r, x := range logReasons {
		if x == d {
			*reason = r
		}
	}
	return C.int(syscall.EACCES)
}

//export goDatabaseExists
func goDatabaseExists(slot C.uint32_t, db C.int) (ok C.bool) {
	defer guard("ACLCheckPermissions")
	rt := runtimeAt(slot)
	return C.bool(rt != nil && int(db) < rt.srv.Keyspace().NumDBs())
}

//export goCheckKey
func goCheckKey(slot C.uint32_t, h C.int64_t, key C.rm_slice, flags C.int, prefix C.bool) (ok C.bool) {
	defer guard("ACLCheckKeyPermissions")
	_, u := userOf(slot, h)
	if u == nil {
		return false
	}
	return u.CheckKey(slices(&key, 1)[0], command.KeyFlags(flags), bool(prefix)) == acl.Allowed
}

//export goCheckChannel
func goCheckChannel(slot C.uint32_t, h C.int64_t, name *C.RedisModuleString, pattern C.int) (ok C.bool) {
	defer guard("ACLCheckChannelPermissions")
	_, u := userOf(slot, h)
	if u == nil {
		return false
	}
	return u.CheckChannel(bytesOf(name), pattern != 0) == acl.Allowed
}

//export goACLLog
func goACLLog(ctx *C.RedisModuleCtx, h C.int64_t, name, object *C.RedisModuleString, reason C.int) {
	defer guard("ACLAddLogEntry")
	rt := runtimeOfCtx(ctx)
	d, ok := logReasons[reason]
	if !ok {
		return
	}
	who := ""
	if name != nil {
		who = string(bytesOf(name))
	} else if u, ok := rt.users.get(int64(h)); ok {
		who = u.Name()
	}
	k := callOf(ctx)
	if k == nil {
		rt.srv.LogDenial(nil, d, acl.ContextModule, string(bytesOf(object)), who)
		return
	}
	rt.srv.LogDenial(k.client, d, acl.ContextModule, string(bytesOf(object)), who)
}

// errNoUser refuses 'C' of RM_Call where there is no user.
var errNoUser = errors.New("no user")

// callUser is the user as whom RM_Call runs with 'C'.
func (rt *Runtime) callUser(ctx *C.RedisModuleCtx) (*acl.User, error) {
	if ctx.user != nil {
		if u, ok := rt.users.get(int64((*C.struct_RedisModuleUser)(unsafe.Pointer(ctx.user))._go)); ok {
			return u, nil
		}
		return nil, errNoUser
	}
	if k := callOf(ctx); k != nil && k.client != nil && k.client.User() != nil {
		return k.client.User(), nil
	}
	return nil, errNoUser
}
