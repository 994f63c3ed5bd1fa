package capi

// #include "info.h"
// #include <stdlib.h>
import "C"

import (
	"strings"
	"unsafe"

	"berth/host"
)

// Info implements [host.Runtime].
func (rt *Runtime) Info(section string, forCrash bool) (out []host.InfoSection) {
	var want *C.char
	if section != "" {
		want = C.CString(section)
		defer C.free(unsafe.Pointer(want))
	}
	crash := C.int(0)
	if forCrash {
		crash = 1
	}
	for _, m := range rt.mods {
		var n C.size_t
		p := C.rm_info_text(m.c, want, crash, &n)
		for _, line := range strings.Split(C.GoStringN(p, C.int(n)), "\r\n") {
			switch {
			case strings.HasPrefix(line, "# "):
				out = append(out, host.InfoSection{Name: line[2:]})
			case line != "":
				last := &out[len(out)-1]
				last.Lines = append(last.Lines, line)
			}
		}
		C.rm_free(nil, unsafe.Pointer(p))
	}
	return out
}

//export goServerInfo
func goServerInfo(slot C.uint32_t, section *C.char, n *C.size_t) (text C.uintptr_t) {
	defer guard("GetServerInfo")
	m := bySlot[slot].Load()
	if m == nil {
		return 0
	}
	var names []string
	if section != nil {
		names = []string{C.GoString(section)}
	}
	b := m.rt.srv.Info(names)
	m.rt.lastReply = b
	*n = C.size_t(len(b))
	return C.uintptr_t(uintptr(unsafe.Pointer(unsafe.SliceData(b))))
}
