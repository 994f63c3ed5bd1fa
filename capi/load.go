package capi

// #include "loader.h"
// #include "blocked.h"
// #include <stdlib.h>
import "C"

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"unsafe"

	"berth/capi/inspect"
	"berth/host"
)

// errLoad is what a client learns of a module that could not be loaded; the
// log has the reason.
var errLoad = errors.New("Error loading the extension. Please check the server logs.")

// Load implements [host.Runtime].
func (rt *Runtime) Load(path string, args [][]byte, configs [][2]string) error {
	log := rt.srv.Log()
	if st, err := os.Stat(path); err == nil && st.Mode()&0o111 == 0 {
		log.Warn("Module %s failed to load: It does not have execute permissions.", path)
		return errLoad
	}
	if reason := preflight(path); reason != "" {
		log.Warn("Module %s failed to load: %s", path, reason)
		return errLoad
	}
	for _, f := range inspect.MissingFunctions(path) {
		log.Warn("Module %s calls %s, which is not there: %s.", path, f.Name, f.Reason)
	}
	m, err := rt.open(path)
	if err != nil {
		log.Warn("Module %s failed to load: %v", path, err)
		return errLoad
	}
	m.args = args
	if !hasSymbol(m.c, "RedisModule_OnLoad") && !hasSymbol(m.c, "ValkeyModule_OnLoad") {
		m.close()
		log.Warn("Module %s does not export RedisModule_OnLoad() symbol. Module not loaded.", path)
		return errLoad
	}
	for _, c := range configs {
		m.config.loadex = true
		rt.srv.Config().QueueModuleValue(c[0], c[1])
	}
	if m.config.loadex {
		defer rt.srv.Config().ClearModuleValues()
	}
	ok := rt.onLoad(m, args)
	if ok && m.c.name == nil {
		log.Warn("Module %s did not call RedisModule_Init.", path)
		ok = false
	}
	if !ok {
		m.takeBack()
		m.close()
		log.Warn("Module %s initialization failed. Module not loaded", path)
		return errLoad
	}
	rt.mods = append(rt.mods, m)
	if m.categorised {
		rt.srv.Users().Recompute()
	}
	log.Notice("Module '%s' loaded from %s", m.name(), path)
	for _, t := range m.types {
		rt.srv.AdoptType(t, int(t.c.registry))
	}
	if reasons := m.checkConfigs(); reasons != nil {
		for _, r := range reasons {
			log.Warn("%s", r)
		}
		if err := rt.unload(m); err != nil {
			log.Warn("Error unloading module %s: %v", m.name(), err)
		}
		return errLoad
	}
	rt.moduleChanged(m, true)
	return nil
}

// Unload implements [host.Runtime].
func (rt *Runtime) Unload(name string) error {
	m := rt.find(name)
	if m == nil {
		return errors.New("no such module with that name")
	}
	if err := m.inUse(); err != nil {
		return err
	}
	return rt.unload(m)
}

// inUse says why a module can't be unloaded.
func (m *module) inUse() error {
	switch {
	case m.hasTypes():
		return errors.New("the module exports one or more module-side data types, can't unload")
	case len(m.usedBy) > 0:
		return errors.New("the module exports APIs used by other modules. Please unload them first and try again")
	case m.blockedClients > 0:
		return errors.New("the module has blocked clients. Please wait for them to be unblocked and try again")
	case m.timers > 0:
		return errors.New("the module holds timer that is not fired. Please stop the timer or wait until it fires.")
	case m.c.in_calls > 0:
		return errors.New("the module is running. Please try again when its command has returned.")
	}
	return nil
}

func (rt *Runtime) unload(m *module) error {
	log := rt.srv.Log()
	name := m.name()
	m.c.unloading = true
	k := rt.enter(m)
	status := C.rm_module_onunload(m.c, k.in._go)
	rt.leave()
	m.c.unloading = false
	if status == C.REDISMODULE_ERR {
		log.Warn("Module %s OnUnload failed.  Unload canceled.", name)
		return errors.New("operation not possible.")
	}
	m.takeBack()
	for i, x := range rt.mods {
		if x == m {
			rt.mods = append(rt.mods[:i:i], rt.mods[i+1:]...)
			break
		}
	}
	rt.moduleChanged(m, false)
	if reason := m.close(); reason != "" {
		log.Warn("Error when trying to close the %s module: %s", name, reason)
	}
	log.Notice("Module %s unloaded", name)
	return nil
}

// takeBack undoes everything the module registered.
func (m *module) takeBack() {
	for len(m.undo) > 0 {
		fn := m.undo[len(m.undo)-1]
		m.undo = m.undo[:len(m.undo)-1]
		fn()
	}
	m.dropBackground()
}

// dropBackground takes back what may still call the module from outside of
// commands.
func (m *module) dropBackground() {
	rt := m.rt
	m.gone = true
	m.dropTimers()
	m.dropFiles()
	rt.closeAuthenticated(m)
	C.rm_oneshot_drop(rt.c, m.c)
	rt.subscribers = without(rt.subscribers, func(s *subscriber) bool { return s.m == m })
	rt.listenKeyspace()
	rt.listeners = without(rt.listeners, func(l *listener) bool { return l.m == m })
	rt.listenEvents()
	for _, f := range append([]*commandFilter(nil), rt.filters...) {
		if f.m == m {
			rt.dropFilter(f)
		}
	}
}

// without is a copy of a list with some of its elements left out.
func without[T any](list []T, out func(T) bool) (rest []T) {
	for _, x := range list {
		if !out(x) {
			rest = append(rest, x)
		}
	}
	return rest
}

// open maps a module's code into the process.
func (rt *Runtime) open(path string) (*module, error) {
	loadMu.Lock()
	defer loadMu.Unlock()
	// dlerror is per thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	id := fileIDOf(path)
	file, remove, err := rt.ownFile(path, id)
	if err != nil {
		return nil, err
	}
	defer remove()
	cpath, cfile := C.CString(path), C.CString(file)
	defer C.free(unsafe.Pointer(cpath))
	defer C.free(unsafe.Pointer(cfile))
	var reason *C.char
	c := C.rm_module_open(cpath, cfile, &reason)
	if c == nil {
		defer C.free(unsafe.Pointer(reason))
		return nil, errors.New(C.GoString(reason))
	}
	m := &module{rt: rt, c: c, slot: int(c.slot), path: path, file: id, fingerprint: fingerprint(file)}
	c.databases = C.int(rt.srv.Keyspace().NumDBs())
	c.rt = rt.c
	C.rm_runtime_thread(rt.c)
	bySlot[m.slot].Store(m)
	return m, nil
}

func (m *module) close() (reason string) {
	loadMu.Lock()
	defer loadMu.Unlock()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if p := C.rm_module_close(m.c); p != nil {
		reason = C.GoString(p)
		C.free(unsafe.Pointer(p))
	}
	return reason
}

func hasSymbol(m *C.rm_module, name string) bool {
	c := C.CString(name)
	defer C.free(unsafe.Pointer(c))
	return bool(C.rm_module_has(m, c))
}

// onLoad calls the module's OnLoad and reports whether it agreed to stay.
func (rt *Runtime) onLoad(m *module, args [][]byte) bool {
	argv, release := cSlices(args)
	defer release()
	k := rt.enter(m)
	defer rt.leave()
	return C.rm_module_onload(m.c, argv, C.int(len(args)), k.in._go) == C.REDISMODULE_OK
}

// cSlices copies arguments into one block of C memory.
func cSlices(args [][]byte) (argv *C.rm_slice, release func()) {
	size := len(args) * C.sizeof_rm_slice
	for _, a := range args {
		size += len(a) + 1
	}
	block := C.malloc(C.size_t(size + 1))
	fillSlices(block, args)
	return (*C.rm_slice)(block), func() { C.free(block) }
}

// fillSlices lays out slices and bytes in a block that is large enough.
func fillSlices(block unsafe.Pointer, args [][]byte) {
	heads := unsafe.Slice((*C.rm_slice)(block), len(args))
	p := unsafe.Add(block, len(args)*C.sizeof_rm_slice)
	for i, a := range args {
		dst := unsafe.Slice((*byte)(p), len(a)+1)
		copy(dst, a)
		dst[len(a)] = 0
		heads[i].ptr, heads[i].len, heads[i].cap = (*C.char)(p), C.size_t(len(a)), C.size_t(len(a))
		p = unsafe.Add(p, len(a)+1)
	}
}

// preflight looks at a module's file for what dlopen would report badly. What
// it can't judge it leaves to dlopen.
func preflight(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || st.IsDir() {
		return ""
	}
	e, err := elf.NewFile(f)
	if err != nil {
		return fmt.Sprintf("%s: not an ELF shared object", path)
	}
	if e.Type != elf.ET_DYN {
		return fmt.Sprintf("%s: an ELF file, but not a shared object", path)
	}
	want := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[runtime.GOARCH]
	if e.Machine != want {
		return fmt.Sprintf("%s: compiled for %s, while this server runs on %s", path, e.Machine, want)
	}
	syms, err := e.DynamicSymbols()
	if err != nil {
		return ""
	}
	for _, s := range syms {
		if s.Section == elf.SHN_UNDEF && elf.ST_BIND(s.Info) == elf.STB_GLOBAL &&
			(strings.HasPrefix(s.Name, "RedisModule_") || strings.HasPrefix(s.Name, "ValkeyModule_")) {
			return fmt.Sprintf("%s: expects the server to export the symbol %s; modules must define the API's "+
				"pointers themselves, as redismodule.h does", path, s.Name)
		}
	}
	return ""
}

// moduleChanged fires the server event for a module that came or went.
func (rt *Runtime) moduleChanged(m *module, loaded bool) {
	sub := 1
	if loaded {
		sub = 0
	}
	rt.ServerEvent(host.EventModuleChange, sub, m)
}

//export goIsModuleNameBusy
func goIsModuleNameBusy(slot C.uint32_t, name *C.char) (busy C.int) {
	defer guard("IsModuleNameBusy")
	m := bySlot[slot].Load()
	if m != nil && m.rt.find(C.GoString(name)) != nil {
		return 1
	}
	return 0
}
