package capi

// #include "crash.h"
// #include <stdlib.h>
import "C"

import (
	"reflect"
	"runtime"
	"sync"
	"time"
	"unsafe"
)

var crashOnce sync.Once

// crashRuntime is asked for INFO when the process dies.
var crashRuntime *Runtime

// installCrashHandler puts the handler of fatal signals in place, once per
// process, for faults of C code.
func installCrashHandler(rt *Runtime) {
	crashOnce.Do(func() {
		crashRuntime = rt
		lo, hi := goText()
		C.rm_crash_install(C.uintptr_t(lo), C.uintptr_t(hi))
	})
	enable := func() error {
		C.rm_crash_enable(C.bool(rt.srv.Config().CrashLogEnabled))
		return nil
	}
	_ = enable()
	rt.srv.Config().OnChange(enable, "crash-log-enabled")
	path := C.CString(rt.srv.Config().LogFile)
	defer C.free(unsafe.Pointer(path))
	_, offset := time.Now().Zone()
	C.rm_crash_log_to(path, C.long(offset), 'M')
}

// goText finds the bounds of Go's code. The runtime knows every function of
// Go and none of C; the linker puts Go's into one stretch, so a binary search
// from inside finds the ends.
func goText() (lo, hi uintptr) {
	in := reflect.ValueOf(goText).Pointer()
	isGo := func(pc uintptr) bool { return runtime.FuncForPC(pc) != nil }
	edge := func(dir int) uintptr {
		step := uintptr(1 << 12)
		at := in
		move := func(n uintptr) uintptr {
			if dir < 0 {
				return at - n
			}
			return at + n
		}
		for isGo(move(step)) {
			at = move(step)
			step *= 2
		}
		for ; step > 0; step /= 2 {
			if isGo(move(step)) {
				at = move(step)
			}
		}
		return at
	}
	return edge(-1), edge(+1) + 1
}

//export goCrashInfo
func goCrashInfo() {
	// No guard: a panic here ends the process, which is about to end anyway.
	rt := crashRuntime
	if rt == nil {
		return
	}
	crashWrite(string(rt.srv.CrashInfo()))
}

func crashWrite(s string) {
	b := []byte(s)
	if len(b) > 0 {
		C.rm_crash_write((*C.char)(unsafe.Pointer(&b[0])), C.size_t(len(b)))
	}
}
