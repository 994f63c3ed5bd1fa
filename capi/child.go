package capi

// #include "child.h"
// #include <stdlib.h>
import "C"

import (
	"os"
	"sort"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"berth/host"
	"berth/host/command"
	"berth/internal/errtext"
	"berth/persistence/rdb"
)

var _ host.Saver = (*Runtime)(nil)

// savedTypes calls f for the types whose modules are loaded.
func (rt *Runtime) savedTypes(f func(t *dataType)) {
	for _, m := range rt.mods {
		for _, t := range m.types {
			f(t)
		}
	}
}

// NeedsFork implements [host.Saver].
func (rt *Runtime) NeedsFork() bool {
	need := rt.srv.Keyspace().ModuleValues() > 0
	rt.savedTypes(func(t *dataType) {
		need = need || t.c.m.aux_save != nil || t.c.m.aux_save2 != nil
	})
	return need
}

// SaveAux implements [host.Saver].
func (rt *Runtime) SaveAux(when int) []byte {
	var out []byte
	rt.savedTypes(func(t *dataType) {
		saved := false
		fields := rt.srv.RDB().AuxFields(func(w *rdb.ModuleWriter) {
			h := rt.writers.add(w)
			defer rt.writers.remove(h)
			var rest C.rm_reply
			saved = bool(C.rm_aux_save(t.c, C.int(when), C.int64_t(h), &rest))
			if rest.len > 0 {
				w.Encoded(unsafe.Slice((*byte)(unsafe.Pointer(rest.buf)), rest.len))
			}
			C.rm_reply_free(nil, &rest)
		})
		if saved && (t.c.m.aux_save2 == nil || len(fields) > 0) {
			out = rdb.AppendModuleAux(out, t.id, when, fields)
		}
	})
	return out
}

// LoadAux implements [host.Saver].
func (rt *Runtime) LoadAux(mt rdb.ModuleType, r *rdb.ModuleReader, encver, when int) error {
	t, ok := mt.(*dataType)
	if !ok {
		return rdb.ErrNoModule
	}
	if t.c.m.aux_load == nil {
		return rdb.ErrModuleNoAux
	}
	in := r.Rest()
	l := payload{r, len(in)}
	h := rt.readers.add(l)
	defer rt.readers.remove(h)
	var off C.size_t
	status := C.rm_aux_load(t.c, C.int(encver), C.int(when), C.int64_t(h),
		(*C.char)(unsafe.Pointer(unsafe.SliceData(in))), C.size_t(len(in)), &off)
	l.upTo(off)
	if status != C.REDISMODULE_OK || r.Failed() {
		return rdb.ErrModuleData
	}
	return nil
}

// ForkSave implements [host.Saver].
func (rt *Runtime) ForkSave(use rdb.Use) (*os.File, int, error) { return rt.fork(use, false) }

// ForkRewrite implements [host.Saver].
func (rt *Runtime) ForkRewrite() (*os.File, int, error) { return rt.fork(rdb.NoUse, true) }

// planCommands has values said in commands, and returns what gives the plan's memory back.
func (rt *Runtime) planCommands(plan *C.rm_save_plan) (free func()) {
	var names []string
	rt.srv.Commands().All(func(r *command.Row) {
		if r.Parent == nil {
			names = append(names, strings.ToLower(r.Name))
		}
	})
	sort.Strings(names)
	p := (**C.char)(C.calloc(C.size_t(len(names)+1), C.size_t(unsafe.Sizeof(uintptr(0)))))
	table := unsafe.Slice(p, len(names))
	for i, name := range names {
		table[i] = C.CString(name)
	}
	mark := C.CString(rdb.EndMark)
	plan.commands, plan.names, plan.nnames = true, p, C.int(len(names))
	plan.mark, plan.mark_len = mark, C.size_t(len(rdb.EndMark))
	return func() {
		for _, s := range table {
			C.free(unsafe.Pointer(s))
		}
		C.free(unsafe.Pointer(p))
		C.free(unsafe.Pointer(mark))
	}
}

func (rt *Runtime) fork(use rdb.Use, commands bool) (*os.File, int, error) {
	ks := rt.srv.Keyspace()
	lay := ks.Layout()
	plan := C.rm_save_plan{key_off: C.int(lay.KeyOff), ndbs: C.int(len(lay.Tables)), use: C.int(use),
		lru_secs: C.uint32_t(lay.LRUSeconds), lfu_minutes: C.uint32_t(lay.LFUMinutes), lfu_decay: C.uint32_t(ks.LFUDecayTime)}
	size := C.size_t(unsafe.Sizeof(C.rm_save_table{}))
	plan.dbs = (*C.rm_save_table)(C.calloc(C.size_t(max(len(lay.Tables), 1)), size))
	defer C.free(unsafe.Pointer(plan.dbs))
	for i, t := range unsafe.Slice(plan.dbs, len(lay.Tables)) {
		for k := range 2 {
			t.buckets[k], t.size[k] = C.uintptr_t(lay.Tables[i].Buckets[k]), C.int64_t(lay.Tables[i].Size[k])
		}
		unsafe.Slice(plan.dbs, len(lay.Tables))[i] = t
	}
	var types []*dataType
	plan.ntypes = 1
	rt.savedTypes(func(t *dataType) {
		types = append(types, t)
		plan.ntypes = max(plan.ntypes, t.c.registry+1)
	})
	plan.types = (*C.uintptr_t)(C.calloc(C.size_t(plan.ntypes), C.size_t(unsafe.Sizeof(uintptr(0)))))
	defer C.free(unsafe.Pointer(plan.types))
	for _, t := range types {
		unsafe.Slice(plan.types, plan.ntypes)[t.c.registry] = C.uintptr_t(uintptr(unsafe.Pointer(t.c)))
	}
	if commands {
		defer rt.planCommands(&plan)()
	}
	var fd C.int
	// Nobody else may be between opening a descriptor and marking it.
	syscall.ForkLock.Lock()
	pid, err := C.rm_save_fork(&plan, &fd)
	syscall.ForkLock.Unlock()
	if pid < 0 {
		return nil, 0, err
	}
	return os.NewFile(uintptr(fd), "modules"), int(pid), nil
}

//export goForkBegin
func goForkBegin(slot C.uint32_t) (code C.int) {
	defer guard("Fork")
	rt := bySlot[slot].Load().rt
	if rt.srv.HasChild() {
		return C.int(syscall.EEXIST)
	}
	rt.showChild()
	return 0
}

//export goForkMade
func goForkMade(slot C.uint32_t, pid, code C.int, took C.int64_t, callback, data C.uintptr_t) {
	defer guard("Fork")
	m := bySlot[slot].Load()
	rt := m.rt
	if code != 0 {
		rt.srv.Log().Warn("Can't fork for module: %s", errtext.Of(syscall.Errno(code)))
		return
	}
	rt.srv.ModuleForked(int(pid), time.Duration(took)*time.Microsecond, func(status, signal int) {
		if callback == 0 {
			return
		}
		rt.enter(m)
		C.rm_fork_done(callback, C.int(status), C.int(signal), data)
		rt.leave()
	}, func() float64 {
		if r := C.rm_child_reports(); r != nil {
			return float64(r.progress)
		}
		return -1
	})
}

//export goKillFork
func goKillFork(slot C.uint32_t, pid C.int) (ok bool) {
	defer guard("KillForkChild")
	return bySlot[slot].Load().rt.srv.KillModuleFork(int(pid))
}
