package capi

// #include "background.h"
// #include <stdlib.h>
import "C"

import (
	"unsafe"

	"berth/host"
	"berth/keyspace"
)

// listener is a module's subscription to a server event.
type listener struct {
	m        *module
	event    host.Event
	number   C.uint64_t // what the module calls it
	dataver  C.uint64_t
	callback C.uintptr_t
}

//export goSubscribeEvent
func goSubscribeEvent(cm *C.rm_module, event, dataver C.uint64_t, callback C.uintptr_t) {
	defer guard("SubscribeToServerEvent")
	m := moduleOf(cm)
	rt := m.rt
	defer rt.listenEvents()
	which := host.Event(event)
	if event > C.uint64_t(host.EventKey) {
		which = host.EventAuthAttempt + host.Event(event-C.VALKEYMODULE_EVENT_AUTHENTICATION_ATTEMPT)
	}
	for i, l := range rt.listeners {
		if l.m == m && l.event == which {
			if callback == 0 {
				rt.listeners = append(rt.listeners[:i:i], rt.listeners[i+1:]...)
			} else {
				l.callback = callback
			}
			return
		}
	}
	if callback != 0 {
		rt.listeners = append(rt.listeners, &listener{m, which, event, dataver, callback})
	}
}

// listenEvents tells the server of the events that it fires only on demand.
func (rt *Runtime) listenEvents() {
	loop, key, commands := false, false, false
	for _, l := range rt.listeners {
		loop = loop || l.event == host.EventEventLoop
		key = key || l.event == host.EventKey
		commands = commands || l.event >= host.EventCommandSuccess
	}
	rt.srv.ListenCommandEvents(commands)
	rt.srv.ListenLoopEvents(loop)
	rt.srv.ListenKeyEvents(key)
}

// ServerEvent implements [host.Runtime].
func (rt *Runtime) ServerEvent(event host.Event, sub int, data any) {
	for _, l := range rt.listeners {
		if l.event == event {
			rt.fireEvents(event, sub, data)
			return
		}
	}
}

func (rt *Runtime) fireEvents(event host.Event, sub int, data any) {
	var d C.rm_event_data
	var client *host.Client
	var argv *C.rm_slice // of the command that it is about
	var argc C.int
	switch x := data.(type) {
	case *host.Client:
		client = x
		d.dbid, d.client_id, d.resp = C.int(x.DB.ID()), C.uint64_t(x.ID()), 2
		if x.RESP3() {
			d.resp = 3
		}
		d.client.version = C.REDISMODULE_CLIENTINFO_VERSION
	case host.FlushInfo:
		d.flush.version = C.REDISMODULE_FLUSHINFO_VERSION
		d.flush.dbnum = C.int32_t(x.DB)
		if x.Sync {
			d.flush.sync = 1
		}
		d.dbid = C.int(max(x.DB, 0))
	case *module:
		d.module.version = C.REDISMODULE_MODULE_CHANGE_VERSION
		d.module.module_name = x.c.name
		d.module.module_version = C.int32_t(x.c.ver)
	case int:
		d.cron.version = C.REDISMODULE_CRON_LOOP_VERSION
		d.cron.hz = C.int32_t(x)
	case host.LoadingProgress:
		d.progress.version = C.REDISMODULE_LOADING_PROGRESS_VERSION
		d.progress.hz, d.progress.progress = C.int32_t(x.Hz), C.int32_t(x.Progress)
	case host.SwapInfo:
		d.swap.version = C.REDISMODULE_SWAPDBINFO_VERSION
		d.swap.dbnum_first, d.swap.dbnum_second = C.int32_t(x.First), C.int32_t(x.Second)
	case host.ConfigChange:
		names, free := cStrings(x.Names)
		defer free()
		// Redis leaves the version at 0.
		d.config.num_changes = C.uint32_t(len(x.Names))
		d.config.config_names = names
	case host.AuthAttempt:
		client = x.Client
		d.auth.version = 1
		d.auth.client_id = C.uint64_t(x.Client.ID())
		d.auth.username = C.CString(x.User)
		defer C.free(unsafe.Pointer(d.auth.username))
		if !x.Granted {
			d.auth.result = 1
		}
	case host.CommandResult:
		var release func()
		sub, release = fillCommandResult(&d, x)
		defer release()
		args, releaseArgs := cSlices(x.Args)
		defer releaseArgs()
		argv, argc = args, C.int(len(x.Args))
	case host.KeyInfo:
		d.dbid = C.int(x.DB.ID())
		if keyspace.Reason(sub) == keyspace.ReasonMoved {
			sub = C.REDISMODULE_SUBEVENT_KEY_DELETED
		}
		// The key may be there only because nobody has looked at its time yet.
		sw := &rt.srv.Keyspace().Switches
		defer func(before bool) { sw.AllowAccessExpired = before }(sw.AllowAccessExpired)
		sw.AllowAccessExpired = true
	}
	// Listeners may come and go meanwhile.
	for _, l := range append([]*listener(nil), rt.listeners...) {
		if l.event != event || l.m.gone || data == any(l.m) {
			continue // a module is not told of itself
		}
		if client != nil {
			fillClientInfo(&d.client, client, bool(C.rm_valkey(l.m.c)))
		}
		k := rt.enterAs(l.m, client)
		ctx := C.rm_event_begin(l.m.c, k.in._go, &d)
		var key *C.RedisModuleKey
		if x, ok := data.(host.KeyInfo); ok {
			key = C.rm_event_key(ctx, d.dbid, (*C.char)(unsafe.Pointer(unsafe.SliceData(x.Key))), C.size_t(len(x.Key)))
			keyIs(key, x.DB, x.Entry)
		}
		if argv != nil {
			C.rm_event_args(ctx, &d, argv, argc)
		}
		C.rm_event_call(ctx, l.callback, l.number, l.dataver, C.uint64_t(sub), &d, key)
		if argv != nil {
			C.rm_event_args_end(&d)
		}
		C.rm_event_end(ctx, key)
		rt.leaveAs(client)
	}
}

// enterAs is enter for a callback that is about a client: it may change it.
// Without a client it is enter.
func (rt *Runtime) enterAs(m *module, c *host.Client) *call {
	if c == nil {
		return rt.enter(m)
	}
	rt.srv.EnterUnit()
	setClock(rt.srv.Keyspace().Now())
	return rt.push(m, &c.Ctx)
}

func (rt *Runtime) leaveAs(c *host.Client) {
	if c == nil {
		rt.leave()
		return
	}
	rt.pop()
	rt.srv.LeaveUnit()
}

// cStrings copies strings into an array of C.
func cStrings(list []string) (array **C.char, release func()) {
	size := C.size_t(len(list)+1) * C.size_t(unsafe.Sizeof(uintptr(0)))
	array = (**C.char)(C.malloc(size))
	all := unsafe.Slice(array, len(list))
	for i, s := range list {
		all[i] = C.CString(s)
	}
	return array, func() {
		for _, p := range all {
			C.free(unsafe.Pointer(p))
		}
		C.free(unsafe.Pointer(array))
	}
}
