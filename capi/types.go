package capi

// #include "types.h"
import "C"

import (
	"math"
	"unsafe"

	"berth/keyspace"
	"berth/persistence/rdb"
)

// dataType is a module's type as the keyspace and the RDB codec use it.
type dataType struct {
	m    *module
	c    *C.RedisModuleType
	name string
	id   uint64
}

var _ rdb.ModuleType = (*dataType)(nil)

// Name implements [keyspace.ModuleType].
func (t *dataType) Name() string { return t.name }

// ID implements [keyspace.ModuleType].
func (t *dataType) ID() uint64 { return t.id }

// CanCopy reports whether COPY supports the type.
func (t *dataType) CanCopy() bool { return t.c.m.copy != nil || t.c.m.copy2 != nil }

// HasDigest reports whether values have a part in DEBUG DIGEST.
func (t *dataType) HasDigest() bool { return t.c.m.digest != nil }

// nameOf is a key's name as the callbacks take it, for the call.
func nameOf(key []byte) (*C.char, C.size_t) {
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(key))), C.size_t(len(key))
}

// Free implements [keyspace.ModuleType].
func (t *dataType) Free(p unsafe.Pointer) { C.rm_type_free(t.c, p) }

// FreeEffort implements [keyspace.ModuleType].
func (t *dataType) FreeEffort(db int, key []byte, p unsafe.Pointer) int {
	if t.c.m.free_effort == nil && t.c.m.free_effort2 == nil {
		return 1
	}
	k, n := nameOf(key)
	return int(C.rm_type_effort(t.c, k, n, C.int(db), p))
}

// Unlink implements [keyspace.ModuleType].
func (t *dataType) Unlink(db int, key []byte, p unsafe.Pointer) {
	if t.c.m.unlink != nil || t.c.m.unlink2 != nil {
		k, n := nameOf(key)
		C.rm_type_unlink(t.c, k, n, C.int(db), p)
	}
}

// Copy implements [keyspace.ModuleType].
func (t *dataType) Copy(fromDB, toDB int, from, to []byte, p unsafe.Pointer) unsafe.Pointer {
	k, n := nameOf(from)
	k2, n2 := nameOf(to)
	return C.rm_type_copy(t.c, k, n, C.int(fromDB), k2, n2, C.int(toDB), p)
}

// MemUsage implements [keyspace.ModuleType].
func (t *dataType) MemUsage(db int, key []byte, p unsafe.Pointer, samples int) int {
	if samples == 0 {
		samples = math.MaxInt64
	}
	k, n := nameOf(key)
	return int(C.rm_type_usage(t.c, k, n, C.int(db), p, C.size_t(samples)))
}

// Digest implements [keyspace.ModuleType].
func (t *dataType) Digest(db int, key []byte, p unsafe.Pointer) (d [20]byte) {
	if t.HasDigest() {
		k, n := nameOf(key)
		C.rm_type_digest(t.c, k, n, C.int(db), p, (*C.uchar)(unsafe.Pointer(&d)))
	}
	return d
}

// typeOf is the type of a module's value.
func typeOf(ks *keyspace.Keyspace, e *keyspace.Entry) *dataType {
	return ks.ModuleTypeOf(e).(*dataType)
}

// moduleValueIs caches a module's value in its key's struct.
func moduleValueIs(key *C.RedisModuleKey, e *keyspace.Entry) {
	key.mt = typeOf(dbOf(key).Keyspace(), e).c
	key.mv = e.Ptr()
}

// hasTypes reports whether values of the module may be about.
func (m *module) hasTypes() bool { return len(m.types) > 0 }

//export goCreateDataType
func goCreateDataType(c *C.RedisModuleType) (registry C.int) {
	defer guard("CreateDataType")
	m := moduleOf(c.module)
	ks := m.rt.srv.Keyspace()
	id := uint64(c.id)
	if old := ks.ModuleType(ks.ModuleTypeByID(id >> 10)); old != nil && !rdb.IsUnknown(old) {
		return 0
	}
	t := &dataType{m: m, c: c, id: id, name: C.GoString(&c.name[0])}
	n := ks.RegisterModuleType(t)
	m.types = append(m.types, t)
	m.onUndo(func() {
		if m.rt.stopping {
			return // the data set is freed last
		}
		m.types = nil
		ks.UnregisterModuleType(n)
		C.rm_type_delete(c)
	})
	return C.int(n)
}

//export goModuleTypeSetValue
func goModuleTypeSetValue(key *C.RedisModuleKey, mt *C.RedisModuleType, value unsafe.Pointer) (status C.int) {
	defer guard("ModuleTypeSetValue")
	status = C.REDISMODULE_ERR
	db, e := entryOf(key)
	if e != nil {
		db.Delete(bytesOf(key.name))
	}
	keyIs(key, db, db.SetModule(bytesOf(key.name), int(mt.registry), value))
	return C.REDISMODULE_OK
}

//export goModuleTypeReplaceValue
func goModuleTypeReplaceValue(key *C.RedisModuleKey, value unsafe.Pointer) {
	defer guard("ModuleTypeReplaceValue")
	db, e := entryOf(key)
	db.ReplaceModule(e, e.ModuleTypeID(), value)
	keyIs(key, db, e)
}
