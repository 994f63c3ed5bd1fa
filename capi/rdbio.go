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
	var out C.rm_reply
	C.rm_type_save(t.c, k, n, C.int(w.DB), p, C.int64_t(h), &out)
	if out.len > 0 {
		w.Encoded(unsafe.Slice((*byte)(unsafe.Pointer(out.buf)), out.len))
	}
	C.rm_reply_free(nil, &out)
}

// payload is a value that is being loaded. C reads it, too, and tells how far
// it came whenever it crosses.
type payload struct {
	*rdb.ModuleReader
	total int
}

// upTo drops what C has read.
func (p payload) upTo(off C.size_t) {
	if !p.Failed() {
		p.Skip(int(off) - (p.total - len(p.Rest())))
	}
}

// read notes in C's struct how far Go came.
func (p payload) read(io *C.RedisModuleIO) {
	if !p.Failed() {
		io.off = C.size_t(p.total - len(p.Rest()))
	}
}

// Load implements [rdb.ModuleType].
func (t *dataType) Load(r *rdb.ModuleReader, encver int) unsafe.Pointer {
	rt := t.m.rt
	in := r.Rest()
	l := payload{r, len(in)}
	h := rt.readers.add(l)
	defer rt.readers.remove(h)
	k, n := keyOf(r.Key)
	var off C.size_t
	value := C.rm_type_load(t.c, k, n, C.int(r.DB), C.int(encver), C.int64_t(h),
		(*C.char)(unsafe.Pointer(unsafe.SliceData(in))), C.size_t(len(in)), &off)
	l.upTo(off)
	return value
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

// readerOf is the payload that C reads, from where C is.
func readerOf(io *C.RedisModuleIO) payload {
	p, _ := moduleOf(io._type.module).rt.readers.get(int64(io._go))
	p.upTo(io.off)
	return p
}

//export goSaveEncoded
func goSaveEncoded(io *C.RedisModuleIO, p *C.char, n C.size_t) {
	defer guard("SaveUnsigned")
	writerOf(io).Encoded(unsafe.Slice((*byte)(unsafe.Pointer(p)), n))
}

//export goSaveString
func goSaveString(io *C.RedisModuleIO, p *C.char, n C.size_t) {
	defer guard("SaveStringBuffer")
	writerOf(io).String(unsafe.Slice((*byte)(unsafe.Pointer(p)), n))
}

//export goLoadUnsigned
func goLoadUnsigned(io *C.RedisModuleIO, v *C.uint64_t) (ok bool) {
	defer guard("LoadUnsigned")
	l := readerOf(io)
	x, ok := l.Unsigned()
	*v = C.uint64_t(x)
	l.read(io)
	return ok
}

//export goLoadString
func goLoadString(io *C.RedisModuleIO, p *C.uintptr_t, n *C.size_t) (ok bool) {
	defer guard("LoadString")
	// A view of the payload, or of the reader's scratch: C copies it at once.
	l := readerOf(io)
	s, ok := l.String()
	moduleOf(io._type.module).rt.lastReply = s
	*p, *n = C.uintptr_t(uintptr(unsafe.Pointer(unsafe.SliceData(s)))), C.size_t(len(s))
	l.read(io)
	return ok
}

//export goLoadDouble
func goLoadDouble(io *C.RedisModuleIO, v *C.double) (ok bool) {
	defer guard("LoadDouble")
	l := readerOf(io)
	x, ok := l.Double()
	*v = C.double(x)
	l.read(io)
	return ok
}

//export goLoadFloat
func goLoadFloat(io *C.RedisModuleIO, v *C.float) (ok bool) {
	defer guard("LoadFloat")
	l := readerOf(io)
	x, ok := l.Float()
	*v = C.float(x)
	l.read(io)
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
