package capi

// #include "types.h"
import "C"

import (
	"unsafe"

	"berth/persistence/rdb"
)

// Save implements [rdb.ModuleType].
func (t *dataType) Save(w *rdb.ModuleWriter, p unsafe.Pointer) {
	rt := t.m.rt
	h := rt.writers.add(w)
	defer rt.writers.remove(h)
	k, n := keyOf(w.Key)
	C.rm_type_save(t.c, k, n, C.int(w.DB), p, C.int64_t(h))
}

// Load implements [rdb.ModuleType].
func (t *dataType) Load(r *rdb.ModuleReader, encver int) unsafe.Pointer {
	rt := t.m.rt
	h := rt.readers.add(r)
	defer rt.readers.remove(h)
	k, n := keyOf(r.Key)
	return C.rm_type_load(t.c, k, n, C.int(r.DB), C.int(encver), C.int64_t(h))
}

// keyOf is nameOf for a key that may be none: an empty name is one.
func keyOf(key []byte) (*C.char, C.size_t) {
	if key == nil {
		return nil, 0
	}
	if len(key) == 0 {
		return C.rm_empty, 0
	}
	return nameOf(key)
}

func writerOf(io *C.RedisModuleIO) *rdb.ModuleWriter {
	w, _ := moduleOf(io._type.module).rt.writers.get(int64(io._go))
	return w
}

func readerOf(io *C.RedisModuleIO) *rdb.ModuleReader {
	r, _ := moduleOf(io._type.module).rt.readers.get(int64(io._go))
	return r
}

//export goSaveUnsigned
func goSaveUnsigned(io *C.RedisModuleIO, v C.uint64_t) {
	defer guard("SaveUnsigned")
	writerOf(io).Unsigned(uint64(v))
}

//export goSaveString
func goSaveString(io *C.RedisModuleIO, p *C.char, n C.size_t) {
	defer guard("SaveStringBuffer")
	writerOf(io).String(unsafe.Slice((*byte)(unsafe.Pointer(p)), n))
}

//export goSaveDouble
func goSaveDouble(io *C.RedisModuleIO, v C.double) {
	defer guard("SaveDouble")
	writerOf(io).Double(float64(v))
}

//export goSaveFloat
func goSaveFloat(io *C.RedisModuleIO, v C.float) {
	defer guard("SaveFloat")
	writerOf(io).Float(float32(v))
}

//export goLoadUnsigned
func goLoadUnsigned(io *C.RedisModuleIO, v *C.uint64_t) (ok bool) {
	defer guard("LoadUnsigned")
	x, ok := readerOf(io).Unsigned()
	*v = C.uint64_t(x)
	return ok
}

//export goLoadString
func goLoadString(io *C.RedisModuleIO, p *C.uintptr_t, n *C.size_t) (ok bool) {
	defer guard("LoadString")
	// A view of the payload, or of the reader's scratch: C copies it at once.
	s, ok := readerOf(io).String()
	moduleOf(io._type.module).rt.lastReply = s
	*p, *n = C.uintptr_t(uintptr(unsafe.Pointer(unsafe.SliceData(s)))), C.size_t(len(s))
	return ok
}

//export goLoadDouble
func goLoadDouble(io *C.RedisModuleIO, v *C.double) (ok bool) {
	defer guard("LoadDouble")
	x, ok := readerOf(io).Double()
	*v = C.double(x)
	return ok
}

//export goLoadFloat
func goLoadFloat(io *C.RedisModuleIO, v *C.float) (ok bool) {
	defer guard("LoadFloat")
	x, ok := readerOf(io).Float()
	*v = C.float(x)
	return ok
}

// dataTypeOf is the Go side of a type.
func dataTypeOf(c *C.RedisModuleType) *dataType {
	return moduleOf(c.module).rt.srv.Keyspace().ModuleType(int(c.registry)).(*dataType)
}

//export goLoadDataType
func goLoadDataType(s *C.RedisModuleString, c *C.RedisModuleType, encver C.int) (value unsafe.Pointer) {
	defer guard("LoadDataTypeFromString")
	t := dataTypeOf(c)
	return t.m.rt.srv.RDB().LoadModuleData(bytesOf(s), t, int(encver))
}

//export goSaveDataType
func goSaveDataType(ctx *C.RedisModuleCtx, value unsafe.Pointer, c *C.RedisModuleType) (s *C.RedisModuleString) {
	defer guard("SaveDataTypeToString")
	t := dataTypeOf(c)
	return newString(ctx, c.module, t.m.rt.srv.RDB().AppendModuleData(nil, t, value))
}
