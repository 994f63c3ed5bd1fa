package capi

// #include "background.h"
// #include <stdlib.h>
import "C"

import (
	"bytes"
	"unsafe"

	"berth/host"
	"berth/host/acl"
)

//export goUpdateRuntimeArgs
func goUpdateRuntimeArgs(slot C.uint32_t, argv *C.rm_slice, n C.int) {
	defer guard("UpdateRuntimeArgs")
	m := bySlot[slot].Load()
	m.args = nil
	for i := range unsafe.Slice(argv, n) {
		m.args = append(m.args, bytes.Clone(goBytes(&unsafe.Slice(argv, n)[i])))
	}
}

// valkeyClientFlags are the flags of a client that only modules of Valkey know.
func valkeyClientFlags(c *host.Client) (flags C.uint64_t) {
	for _, f := range [...]struct {
		has  host.ClientFlags
		flag C.uint64_t
	}{
		{host.FlagMaster, C.VALKEYMODULE_CLIENTINFO_FLAG_PRIMARY},
		{host.FlagReplica, C.VALKEYMODULE_CLIENTINFO_FLAG_REPLICA},
		{host.FlagMonitor, C.VALKEYMODULE_CLIENTINFO_FLAG_MONITOR},
		{host.FlagModule, C.VALKEYMODULE_CLIENTINFO_FLAG_MODULE},
	} {
		if c.Has(f.has) {
			flags |= f.flag
		}
	}
	if c.MayRun() {
		// A client never loses its user without another, or its connection.
		flags |= C.VALKEYMODULE_CLIENTINFO_FLAG_AUTHENTICATED | C.VALKEYMODULE_CLIENTINFO_FLAG_EVER_AUTHENTICATED
	}
	return flags
}

// fillCommandResult tells of a command, without its arguments, and which subevent that is.
func fillCommandResult(d *C.rm_event_data, x host.CommandResult) (sub int, release func()) {
	info := &d.command
	info.version = 1
	info.duration_us = C.longlong(x.Duration.Microseconds())
	info.dirty = C.longlong(x.Dirty)
	info.client_id = C.uint64_t(x.Client.ID())
	if x.Client.Has(host.FlagModule) {
		info.is_module_client = 1
	}
	if x.Name != "" {
		info.command_name = C.CString(x.Name)
	}
	if x.Reason != "" {
		info.rejection_context = C.CString(x.Reason)
	}
	switch x.Denial {
	case acl.DeniedCommand:
		sub = 1
	case acl.DeniedKey:
		sub = 2
	case acl.DeniedChannel:
		sub = 3
	}
	return sub, func() {
		C.free(unsafe.Pointer(info.command_name))
		C.free(unsafe.Pointer(info.rejection_context))
	}
}
