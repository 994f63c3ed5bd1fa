package capi

// #include "background.h"
// #include <stdlib.h>
import "C"

import (
	"unsafe"

	"berth/host"
)

// commandFilter is a command filter of a module.
type commandFilter struct {
	m *module
	c *C.RedisModuleCommandFilter
}

//export goRegisterFilter
func goRegisterFilter(c *C.RedisModuleCommandFilter) {
	defer guard("RegisterCommandFilter")
	m := moduleOf(c.module)
	m.filters++
	m.rt.filters = append(m.rt.filters, &commandFilter{m, c})
	m.rt.srv.SetFilterCount(len(m.rt.filters))
}

//export goUnregisterFilter
func goUnregisterFilter(c *C.RedisModuleCommandFilter) (status C.int) {
	defer guard("UnregisterCommandFilter")
	status = C.REDISMODULE_ERR
	rt := moduleOf(c.module).rt
	for _, f := range rt.filters {
		if f.c == c {
			rt.dropFilter(f)
			return C.REDISMODULE_OK
		}
	}
	return status
}

func (rt *Runtime) dropFilter(f *commandFilter) {
	for i, x := range rt.filters {
		if x == f {
			rt.filters = append(rt.filters[:i:i], rt.filters[i+1:]...)
			break
		}
	}
	f.m.filters--
	rt.srv.SetFilterCount(len(rt.filters))
	C.rm_free(nil, unsafe.Pointer(f.c))
	f.c = nil
}

// Filter implements [host.Runtime].
func (rt *Runtime) Filter(c *host.Client) { rt.filter(c) }

// filter runs the command filters on c.Args.
func (rt *Runtime) filter(c *host.Client) {
	if len(rt.filters) == 0 || len(c.Args) == 0 {
		return
	}
	args := c.Args
	var argv C.uintptr_t
	if c.ArgsOffHeap {
		argv = C.uintptr_t(uintptr(unsafe.Pointer(unsafe.SliceData(args))))
	} else {
		block, release := cSlices(args)
		defer release()
		argv = C.uintptr_t(uintptr(unsafe.Pointer(block)))
	}
	changed()
	f := C.rm_filter_begin(argv, C.int(len(args)), C.uint64_t(c.ID()))
	for _, x := range append([]*commandFilter(nil), rt.filters...) {
		if x.c == nil || x.m.inCall > 0 && x.c.flags&C.REDISMODULE_CMDFILTER_NOSELF != 0 {
			continue
		}
		C.rm_filter_call(f, x.c)
	}
	if f.changed {
		// The strings go with the filter: the command gets bytes of its own.
		args = make([][]byte, int(f.argc))
		for i := range args {
			args[i] = append([]byte{}, bytesOf(C.rm_filter_arg(f, C.int(i)))...)
		}
		c.Args, c.ArgsOffHeap = args, false
	}
	C.rm_filter_end(f)
}
