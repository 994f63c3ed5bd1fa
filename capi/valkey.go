package capi

// #include "capi_internal.h"
import "C"

import (
	"bytes"
	"unsafe"

	"berth/host"
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
