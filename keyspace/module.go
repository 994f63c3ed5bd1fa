package keyspace

import (
	"slices"
	"sync/atomic"
	"unsafe"

	"berth/keyspace/dict"
)

// ModuleType is the type of a module's values, as the module declared it. Values are
// pointers to C memory that only the module understands.
type ModuleType interface {
	// Name is the nine characters that TYPE answers.
	Name() string
	// ID is the 64-bit id that names the type and its encoding version in RDB files.
	ID() uint64
	// Free frees a value. It may be called on another goroutine, without the server
	// lock, for values whose FreeEffort was large.
	Free(p unsafe.Pointer)
	// FreeEffort estimates the blocks that Free has to free; 0 asks for the background.
	FreeEffort(db int, key []byte, p unsafe.Pointer) int
	// Unlink tells that the key is about to go, before Free.
	Unlink(db int, key []byte, p unsafe.Pointer)
	// Copy makes a copy for another key, or returns nil if the type can't.
	Copy(fromDB, toDB int, from, to []byte, p unsafe.Pointer) unsafe.Pointer
	// MemUsage returns the bytes that the value takes.
	MemUsage(db int, key []byte, p unsafe.Pointer, samples int) int
	// Digest returns the value's digest for DEBUG DIGEST.
	Digest(db int, key []byte, p unsafe.Pointer) [20]byte
}

// moduleRegistry resolves the type ids in entries. Ids are never used again. The list
// is replaced, not changed, since values being freed in the background look it up.
type moduleRegistry struct {
	types atomic.Pointer[[]ModuleType]
}

func (r *moduleRegistry) list() []ModuleType {
	if p := r.types.Load(); p != nil {
		return *p
	}
	return []ModuleType{nil}
}

// RegisterModuleType gives a type its registry id; 0 when there is none left.
func (ks *Keyspace) RegisterModuleType(mt ModuleType) int {
	if len(ks.modules.list()) > auxMask {
		return 0
	}
	l := append(slices.Clone(ks.modules.list()), mt)
	ks.modules.types.Store(&l)
	return len(l) - 1
}

// NumModuleTypes is one more than the highest registry id there has been.
func (ks *Keyspace) NumModuleTypes() int { return len(ks.modules.list()) }

// UnregisterModuleType forgets a type. No value of it may be left, nor be waiting to be
// freed (WaitLazyfree).
func (ks *Keyspace) UnregisterModuleType(id int) {
	l := slices.Clone(ks.modules.list())
	l[id] = nil
	ks.modules.types.Store(&l)
}

// ModuleType returns the type with that registry id, or nil.
func (ks *Keyspace) ModuleType(id int) ModuleType {
	l := ks.modules.list()
	if id <= 0 || id >= len(l) {
		return nil
	}
	return l[id]
}

// ModuleTypeAt is ModuleType for whoever wants all: more is false behind the last one.
func (ks *Keyspace) ModuleTypeAt(id int) (mt ModuleType, more bool) {
	l := ks.modules.list()
	if id >= len(l) {
		return nil, false
	}
	return l[id], true
}

// ModuleTypeOf returns the type of a module value.
func (ks *Keyspace) ModuleTypeOf(e *Entry) ModuleType { return ks.ModuleType(e.ModuleTypeID()) }

// TypeName returns what TYPE answers for the entry.
func (ks *Keyspace) TypeName(e *Entry) string {
	if e.Type() == Module {
		return ks.ModuleTypeOf(e).Name()
	}
	return e.Type().String()
}

// SetModule stores a module's value under a key, in place of what is there. It keeps
// no expire. The DB owns the value from then on.
func (db *DB) SetModule(key []byte, typeID int, p unsafe.Pointer) *Entry {
	e := db.Find(key)
	isNew := e == nil
	if isNew {
		e = newEntry(key, Module, Raw, 8, db.ks.newLRU())
		db.insert(dict.Hash(key), e)
	} else {
		e = db.overwrite(e, Module, Raw, 8, false)
		db.countModule(e, 1)
	}
	e.setAux(uint32(typeID))
	storePtr(e.value(), p)
	if isNew {
		return db.added(e, key)
	}
	return e
}

// countModule counts the value of an entry that comes or goes, if it is a module's.
func (db *DB) countModule(e *Entry, by int) {
	if e.Type() == Module {
		db.modules += by
	}
}

// ReplaceModule exchanges the value of a module entry for another, which may be of
// another type, without freeing the old one: that is the caller's. Nobody is told.
func (db *DB) ReplaceModule(e *Entry, typeID int, p unsafe.Pointer) (oldTypeID int, old unsafe.Pointer) {
	db.beforeWrite(e)
	oldTypeID, old = e.ModuleTypeID(), e.Ptr()
	e.setAux(uint32(typeID))
	e.SetPtr(p)
	return oldTypeID, old
}
