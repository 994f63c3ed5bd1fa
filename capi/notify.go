package capi

// #include "background.h"
// #include <stdlib.h>
import "C"

import (
	"unsafe"

	"berth/host/command"
	"berth/keyspace"
)

// subscriber is a module's interest in keyspace events.
type subscriber struct {
	m        *module
	classes  command.Class
	callback C.uintptr_t
	active   bool // its callback is running

	withFields, fieldsOnly bool // it is told of fields; of nothing but events that have some
}

//export goSubscribeKeyspace
func goSubscribeKeyspace(cm *C.rm_module, types C.int, callback C.uintptr_t) {
	defer guard("SubscribeToKeyspaceEvents")
	m := moduleOf(cm)
	m.rt.subscribers = append(m.rt.subscribers, &subscriber{m: m, classes: command.Class(types), callback: callback})
	m.rt.listenKeyspace()
}

//export goSubscribeFields
func goSubscribeFields(cm *C.rm_module, types, flags C.int, callback C.uintptr_t) {
	defer guard("SubscribeToKeyspaceEventsWithSubkeys")
	m := moduleOf(cm)
	m.rt.subscribers = append(m.rt.subscribers, &subscriber{
		m: m, classes: command.Class(types), callback: callback,
		withFields: true, fieldsOnly: flags&C.REDISMODULE_NOTIFY_FLAG_SUBKEYS_REQUIRED != 0,
	})
	m.rt.listenKeyspace()
}

//export goUnsubscribeKeyspace
func goUnsubscribeKeyspace(cm *C.rm_module, types, flags C.int, callback C.uintptr_t, withFields C.bool) (status C.int) {
	defer guard("UnsubscribeFromKeyspaceEvents")
	m := moduleOf(cm)
	before := len(m.rt.subscribers)
	m.rt.subscribers = without(m.rt.subscribers, func(s *subscriber) bool {
		return s.m == m && s.classes == command.Class(types) && s.callback == callback && s.withFields == bool(withFields) &&
			s.fieldsOnly == (flags&C.REDISMODULE_NOTIFY_FLAG_SUBKEYS_REQUIRED != 0)
	})
	m.rt.listenKeyspace()
	if len(m.rt.subscribers) == before {
		return C.REDISMODULE_ERR
	}
	return C.REDISMODULE_OK
}

// listenKeyspace tells the server which classes anybody wants.
func (rt *Runtime) listenKeyspace() {
	var all command.Class
	fields := false
	for _, s := range rt.subscribers {
		all |= s.classes
		fields = fields || s.withFields
	}
	rt.srv.ListenEvents(all)
	rt.srv.ListenFields(fields)
}

// KeyspaceEvent implements [host.Runtime].
func (rt *Runtime) KeyspaceEvent(db *keyspace.DB, class command.Class, event string, key []byte, fields [][]byte) {
	class &^= command.NotifyKeyspace | command.NotifyKeyevent
	var name *C.char
	for _, s := range rt.subscribers {
		if s.classes&class == 0 || s.m.gone || s.fieldsOnly && len(fields) == 0 ||
			s.active && s.m.c.options&C.REDISMODULE_OPTIONS_ALLOW_NESTED_KEYSPACE_NOTIFICATIONS == 0 {
			continue
		}
		if name == nil {
			name = rt.eventName(event)
		}
		// Whatever the callback writes belongs to the unit of the event, even
		// where none has begun, as when a key expires by itself.
		rt.srv.Nest()
		sw := &rt.srv.Keyspace().Switches
		active, access := s.active, sw.AllowAccessExpired
		s.active, sw.AllowAccessExpired = true, true
		k := rt.enter(s.m)
		if s.withFields {
			rt.fireWithFields(s, k, db, class, name, key, fields)
		} else {
			C.rm_fire_notification(s.m.c, k.in._go, C.int(db.ID()), s.callback, C.int(class), name,
				(*C.char)(unsafe.Pointer(unsafe.SliceData(key))), C.size_t(len(key)))
		}
		rt.leave()
		s.active, sw.AllowAccessExpired = active, access
		rt.srv.Unnest()
	}
}

func (rt *Runtime) fireWithFields(s *subscriber, k *call, db *keyspace.DB, class command.Class, event *C.char, key []byte, fields [][]byte) {
	argv, release := cSlices(fields)
	defer release()
	C.rm_fire_notification_fields(s.m.c, k.in._go, C.int(db.ID()), s.callback, C.int(class), event,
		(*C.char)(unsafe.Pointer(unsafe.SliceData(key))), C.size_t(len(key)), argv, C.int(len(fields)))
}

// maxEventNames bounds what modules' own event names can take.
const maxEventNames = 1024

// eventName is an event's name in C memory, for good.
func (rt *Runtime) eventName(event string) *C.char {
	if p, ok := rt.eventNames[event]; ok {
		return p
	}
	if len(rt.eventNames) >= maxEventNames {
		for e, p := range rt.eventNames {
			C.free(unsafe.Pointer(p))
			delete(rt.eventNames, e)
		}
	}
	p := C.CString(event)
	rt.eventNames[event] = p
	return p
}

//export goAddJob
func goAddJob(ctx *C.RedisModuleCtx, callback, data, free C.uintptr_t) (status C.int) {
	defer guard("AddPostNotificationJob")
	status = C.REDISMODULE_ERR
	m := moduleOf(ctx.module)
	if m.rt.srv.Loading() {
		return status
	}
	db := ctx.dbid
	m.rt.srv.AddPostJob(func() {
		if m.gone {
			return
		}
		k := m.rt.enter(m)
		C.rm_fire_job(m.c, k.in._go, db, callback, data, free)
		m.rt.leave()
	})
	return C.REDISMODULE_OK
}

//export goNotifyConfig
func goNotifyConfig(slot C.uint32_t) (classes C.int) {
	defer guard("GetNotifyKeyspaceEvents")
	return C.int(anyRuntime(slot).srv.Config().NotifyKeyspaceEvents)
}

//export goNotifyFields
func goNotifyFields(ctx *C.RedisModuleCtx, class C.int, event *C.char, key *C.RedisModuleString, fields *C.rm_slice, n C.int) {
	defer guard("NotifyKeyspaceEventWithSubkeys")
	rt := runtimeOfCtx(ctx)
	var list [][]byte
	for i := range unsafe.Slice(fields, n) {
		list = append(list, goBytes(&unsafe.Slice(fields, n)[i]))
	}
	rt.srv.NotifyFields(rt.db(ctx.dbid), command.Class(class), C.GoString(event), bytesOf(key), list)
}

//export goNotify
func goNotify(ctx *C.RedisModuleCtx, class C.int, event *C.char, key *C.RedisModuleString) {
	defer guard("NotifyKeyspaceEvent")
	rt := runtimeOfCtx(ctx)
	rt.srv.Notify(rt.db(ctx.dbid), command.Class(class), C.GoString(event), bytesOf(key))
}
