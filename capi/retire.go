package capi

// #include "loader.h"
import "C"

import (
	"debug/elf"
	"strings"
)

// retire ends a module with its server. In a server that has the process to
// itself the module is only cut off: Redis doesn't unload modules either when
// it exits. In a program that goes on, a module that can be unloaded is, or
// each new server would find less room.
func (rt *Runtime) retire(m *module) {
	if rt.srv.OwnsProcess() || m.inUse() != nil || !m.endsItsThreads() {
		m.takeBack()
		return
	}
	m.c.unloading = true
	k := rt.enter(m)
	status := C.rm_module_onunload(m.c, k.in._go)
	rt.leave()
	m.c.unloading = false
	m.takeBack()
	if status == C.REDISMODULE_ERR {
		return // it asks to stay in memory
	}
	if reason := m.close(); reason != "" {
		rt.srv.Log().Warn("Error when trying to close the %s module: %s", m.name(), reason)
	}
}

// endsItsThreads reports that no thread of the module can be running once it
// was told to unload: there is a function for telling it, or it starts none.
func (m *module) endsItsThreads() bool {
	if hasSymbol(m.c, "RedisModule_OnUnload") || hasSymbol(m.c, "ValkeyModule_OnUnload") {
		return true
	}
	f, err := elf.Open(m.path)
	if err != nil {
		return false
	}
	defer f.Close()
	libs, err := f.ImportedLibraries()
	if err != nil || len(libs) == 0 {
		return false
	}
	for _, lib := range libs {
		// Any other library may start threads for it.
		if !strings.HasPrefix(lib, "libc.so") && !strings.HasPrefix(lib, "libm.so") {
			return false
		}
	}
	symbols, err := f.ImportedSymbols()
	if err != nil {
		return false
	}
	for _, s := range symbols {
		if s.Name == "pthread_create" || s.Name == "thrd_create" || s.Name == "timer_create" {
			return false
		}
	}
	return true
}
