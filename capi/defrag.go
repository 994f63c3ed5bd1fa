package capi

// #include "defrag.h"
import "C"

import (
	"time"
	"unsafe"

	"berth/host"
	"berth/keyspace"
	"berth/keyspace/mem"
)

var (
	_ keyspace.ModuleDefragger = (*dataType)(nil)
	_ host.Defragmenter        = (*Runtime)(nil)
)

// CanDefrag implements [keyspace.ModuleDefragger].
func (t *dataType) CanDefrag() bool { return t.c.m.defrag != nil }

// Defrag implements [keyspace.ModuleDefragger].
func (t *dataType) Defrag(db int, key []byte, p unsafe.Pointer, cursor *uint64, until time.Time, m *mem.Mover) (q unsafe.Pointer, more bool) {
	k, n := nameOf(key)
	c := C.rm_defrag_call{value: p}
	if cursor != nil {
		c.resumes, c.cursor, c.budget_ns = true, C.ulong(*cursor), budget(until)
	}
	C.rm_type_defrag(t.c, k, n, C.int(db), &c)
	if cursor != nil {
		*cursor = uint64(c.cursor)
	}
	count(&c, m)
	return c.value, bool(c.more)
}

// count adds what a callback did to what the round did.
func count(c *C.rm_defrag_call, m *mem.Mover) {
	m.Hits += int64(c.hits)
	m.Misses += int64(c.misses)
}

func budget(until time.Time) C.int64_t { return C.int64_t(max(time.Until(until), 1)) }

// DefragStart implements [host.Defragmenter].
func (rt *Runtime) DefragStart(m *mem.Mover) {
	for _, mod := range rt.mods {
		var c C.rm_defrag_call
		C.rm_defrag_start(mod.c, &c)
		count(&c, m)
	}
}

// DefragEnd implements [host.Defragmenter].
func (rt *Runtime) DefragEnd(m *mem.Mover) {
	for _, mod := range rt.mods {
		var c C.rm_defrag_call
		C.rm_defrag_end(mod.c, &c)
		count(&c, m)
	}
}

// DefragModules implements [host.Defragmenter].
func (rt *Runtime) DefragModules() (names []string) {
	for _, mod := range rt.mods {
		if C.rm_defrag_has_globals(mod.c) {
			names = append(names, mod.name())
		}
	}
	return names
}

// DefragGlobals implements [host.Defragmenter].
func (rt *Runtime) DefragGlobals(name string, cursor *uint64, until time.Time, m *mem.Mover) (more bool) {
	for _, mod := range rt.mods {
		if mod.name() != name || !bool(C.rm_defrag_has_globals(mod.c)) {
			continue
		}
		c := C.rm_defrag_call{resumes: true, cursor: C.ulong(*cursor), budget_ns: budget(until)}
		C.rm_defrag_globals(mod.c, &c)
		*cursor = uint64(c.cursor)
		count(&c, m)
		return bool(c.more)
	}
	return false
}

// DataMoved implements [host.Defragmenter].
func (rt *Runtime) DataMoved() { changed() }

// HeapWaste implements [host.Defragmenter].
func (rt *Runtime) HeapWaste() int64 { return int64(C.rm_heap_waste()) }

// PurgeHeap implements [host.Defragmenter].
func (rt *Runtime) PurgeHeap() { C.rm_heap_trim() }
