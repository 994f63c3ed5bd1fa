package capi

// #include "acl.h"
// #include "blocked.h"
import "C"

import (
	"strings"
	"unsafe"

	"berth/host"
	"berth/host/acl"
)

// authCallback is one RegisterAuthCallback.
type authCallback struct {
	m  *module
	fn C.RedisModuleAuthCallback
}

// clientAuth is what authentication by modules leaves at a client.
type clientAuth struct {
	asked    *authCallback  // the latest that was asked about the command in hand; nil: none
	decided  bool           // a module made it a user's
	answered *blockedClient // unblocked, and its reply callback not called yet
	// changed is to be called when the client becomes another user's.
	changed  C.RedisModuleUserChangedFunc
	privdata unsafe.Pointer
	m        *module
}

func authOf(c *host.Client) *clientAuth {
	a, _ := c.ModuleData.(*clientAuth)
	return a
}

//export goRegisterAuthCallback
func goRegisterAuthCallback(cm *C.rm_module, fn C.uintptr_t) {
	defer guard("RegisterAuthCallback")
	m := moduleOf(cm)
	rt := m.rt
	cb := &authCallback{m, *(*C.RedisModuleAuthCallback)(unsafe.Pointer(&fn))}
	rt.auth = append([]*authCallback{cb}, rt.auth...)
	m.onUndo(func() { rt.auth = without(rt.auth, func(x *authCallback) bool { return x == cb }) })
}

//export goAuthInProgress
func goAuthInProgress(ctx *C.RedisModuleCtx) (yes C.bool) {
	defer guard("BlockClientOnAuth")
	k := callOf(ctx)
	if k == nil || k.client == nil {
		return false
	}
	a := authOf(k.client)
	return C.bool(a != nil && a.asked != nil)
}

//export goAuthenticate
func goAuthenticate(ctx *C.RedisModuleCtx, h C.int64_t, name C.rm_slice, callback, privdata C.uintptr_t, id *C.uint64_t) (status C.int) {
	defer guard("AuthenticateClient")
	status = C.REDISMODULE_ERR
	m := moduleOf(ctx.module)
	rt := m.rt
	var u *acl.User
	if h != 0 {
		u, _ = rt.users.get(int64(h))
	} else {
		u = rt.srv.Users().Get(slices(&name, 1)[0])
	}
	k := callOf(ctx)
	if u == nil || !u.Enabled() || k == nil || k.client == nil || !k.client.Connected() {
		return status
	}
	c := k.client
	rt.UserChanged(c)
	rt.srv.Authenticated(c, u)
	a := authOf(c)
	if a == nil {
		a = &clientAuth{}
		c.ModuleData = a
	}
	a.decided = a.asked != nil
	if callback != 0 {
		a.changed = *(*C.RedisModuleUserChangedFunc)(unsafe.Pointer(&callback))
		a.privdata = *(*unsafe.Pointer)(unsafe.Pointer(&privdata))
		a.m = m
	}
	if id != nil {
		*id = C.uint64_t(c.ID())
	}
	return C.REDISMODULE_OK
}

// closeAuthenticated cuts the clients whose user a module that goes away wants to hear of.
func (rt *Runtime) closeAuthenticated(m *module) {
	for _, c := range rt.srv.Clients() {
		if a := authOf(c); a != nil && a.m == m && a.changed != nil {
			rt.srv.CloseClient(c)
		}
	}
}

// UserChanged implements [host.Runtime].
func (rt *Runtime) UserChanged(c *host.Client) {
	a := authOf(c)
	if a == nil || a.changed == nil {
		return
	}
	fn, privdata := a.changed, a.privdata
	a.changed, a.privdata, a.m = nil, nil, nil
	C.rm_fire_user_changed(fn, C.uint64_t(c.ID()), privdata)
}

// ClientFreed implements [host.Runtime].
func (rt *Runtime) ClientFreed(c *host.Client) {
	rt.UserChanged(c)
	if a := authOf(c); a != nil && a.answered != nil {
		b := a.answered
		a.answered = nil
		b.client = nil
		b.end()
	}
}

// Authenticate implements [host.Runtime].
func (rt *Runtime) Authenticate(c *host.Client, name, password []byte) (host.AuthResult, string) {
	a := authOf(c)
	if len(rt.auth) == 0 && (a == nil || a.answered == nil) {
		if a != nil {
			a.asked = nil
		}
		return host.AuthNotHandled, ""
	}
	if a == nil {
		a = &clientAuth{}
		c.ModuleData = a
	}
	out := len(c.Writer.Buf)
	handled, text := false, ""
	if b := a.answered; b != nil {
		a.answered = nil
		if b.c.on_auth != nil {
			handled, text = rt.ask(b.m, c, b.c, b.c.on_auth, name, password)
		}
		b.end()
	}
	// Those before the one that blocked the client have been asked.
	skip := a.asked != nil
	for _, cb := range append([]*authCallback(nil), rt.auth...) {
		if handled || text != "" {
			break
		}
		if skip {
			skip = cb != a.asked
			continue
		}
		a.asked = cb
		handled, text = rt.ask(cb.m, c, nil, cb.fn, name, password)
		if c.Has(host.FlagBlocked) {
			return host.AuthBlocked, ""
		}
	}
	a.asked = nil
	decided := a.decided
	a.decided = false
	switch {
	case len(c.Writer.Buf) > out:
		return host.AuthBlocked, "" // it could not be, and was told so
	case !handled && text == "":
		return host.AuthNotHandled, ""
	case decided && c.Has(host.FlagAuthenticated):
		return host.AuthOK, ""
	}
	return host.AuthFailed, text
}

// ask calls one authentication callback on behalf of a client. bc is the client as the module blocked it, in
// a reply callback.
func (rt *Runtime) ask(m *module, c *host.Client, bc *C.RedisModuleBlockedClient, fn C.RedisModuleAuthCallback, name, password []byte) (handled bool, text string) {
	rt.srv.EnterUnit()
	defer rt.srv.LeaveUnit()
	argv, release := cSlices([][]byte{name, password})
	defer release()
	k := rt.push(m, &c.Ctx)
	defer rt.pop()
	words := unsafe.Slice(argv, 2)
	in := k.in
	in.bc, in.dbid, in.resp, in.client_id = bc, C.int(c.DB.ID()), C.int(c.Proto), C.uint64_t(c.ID())
	var err *C.RedisModuleString
	setClock(c.KS.Now())
	result := C.rm_fire_auth(m.c, in, fn, words[0], words[1], &err)
	k.deliver()
	if err != nil {
		text = string(bytesOf(err))
		// As with every error, the code may be left out.
		if t, ok := strings.CutPrefix(text, "-"); ok {
			text = t
		} else {
			text = "ERR " + text
		}
		C.rm_str_decr(err)
	}
	return result == C.REDISMODULE_AUTH_HANDLED, text
}

//export goClientCertificate
func goClientCertificate(ctx *C.RedisModuleCtx, id C.uint64_t) (s *C.RedisModuleString) {
	defer guard("GetClientCertificate")
	c := runtimeOfCtx(ctx).srv.ClientByID(int64(id))
	if c == nil {
		return nil
	}
	pem := c.Certificate()
	if pem == nil {
		return nil
	}
	return newString(ctx, ctx.module, pem)
}
