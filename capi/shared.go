package capi

// #include "capi_internal.h"
import "C"

import list "slices"

// sharedAPI is a function that a module offers to others.
type sharedAPI struct {
	m    *module
	addr C.uintptr_t // of code
}

//export goExportSharedAPI
func goExportSharedAPI(slot C.uint32_t, name *C.char, addr C.uintptr_t) (status C.int) {
	defer guard("ExportSharedAPI")
	status = C.REDISMODULE_ERR
	m := bySlot[slot].Load()
	rt, key := m.rt, C.GoString(name)
	if _, taken := rt.shared[key]; taken {
		return status
	}
	if rt.shared == nil {
		rt.shared = map[string]sharedAPI{}
	}
	rt.shared[key] = sharedAPI{m, addr}
	m.onUndo(func() { delete(rt.shared, key) })
	return C.REDISMODULE_OK
}

//export goGetSharedAPI
func goGetSharedAPI(slot C.uint32_t, name *C.char) (addr C.uintptr_t) {
	defer guard("GetSharedAPI")
	m := bySlot[slot].Load()
	f, ok := m.rt.shared[C.GoString(name)]
	if !ok {
		return 0
	}
	if !list.Contains(f.m.usedBy, m) {
		f.m.usedBy = append(f.m.usedBy, m)
		m.using = append(m.using, f.m)
		m.onUndo(func() {
			is := func(x *module) bool { return x == m }
			f.m.usedBy = list.DeleteFunc(f.m.usedBy, is)
			m.using = list.DeleteFunc(m.using, func(x *module) bool { return x == f.m })
		})
	}
	return f.addr
}
