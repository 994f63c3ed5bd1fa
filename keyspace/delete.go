package keyspace

import (
	"unsafe"

	"berth/keyspace/dict"
	"berth/keyspace/mem"
)

// Delete removes a key and frees its value, and reports whether it was there, expired or
// not. What takes long to free is freed in the background.
func (db *DB) Delete(key []byte) bool {
	return db.deleteKey(key, ReasonDeleted, db.ks.Switches.LazyfreeServerDel)
}

// Unlink is Delete that leaves all but small values to the background.
func (db *DB) Unlink(key []byte) bool { return db.deleteKey(key, ReasonDeleted, true) }

// Outlive is Delete for a key whose end was set to a time that has passed.
func (db *DB) Outlive(key []byte) bool {
	return db.deleteKey(key, ReasonExpired, db.ks.Switches.LazyfreeExpire)
}

// Evict is Delete for lack of memory.
func (db *DB) Evict(key []byte) bool {
	return db.deleteKey(key, ReasonEvicted, db.ks.Switches.LazyfreeEviction)
}

func (db *DB) deleteKey(key []byte, why Reason, lazy bool) bool {
	h := dict.Hash(key)
	e := (*Entry)(db.keys.FindHashed(h, key))
	if e == nil {
		return false
	}
	db.detach(h, e, why)
	db.freeValue(e, lazy)
	mem.Free(unsafe.Pointer(e))
	return true
}

// detach takes an entry out of the tables. The entry is the caller's then.
func (db *DB) detach(h uint64, e *Entry, why Reason) {
	db.beforeWrite(e)
	if f := db.ks.Hooks.KeyRemoved; f != nil {
		f(db, e.Key(), e, why)
	}
	db.countModule(e, -1)
	db.unlinkValue(e)
	if why != ReasonMoved {
		db.detachTimes(e)
	}
	db.keys.DeleteHashed(h, e.Key())
	if e.HasExpire() {
		db.expires.DeleteHashed(h, e.Key())
	}
	db.gen++
}

// unlinkValue tells a module that its value is about to go.
func (db *DB) unlinkValue(e *Entry) {
	if e.Type() == Module {
		db.ks.ModuleTypeOf(e).Unlink(db.id, e.Key(), e.Ptr())
	}
}

// MoveKey moves the value of an entry, with its expire, to another key of the same or
// another database, whose own entry, if any, is deleted. The old entry is gone afterwards.
func (db *DB) MoveKey(e *Entry, to *DB, newKey []byte) *Entry {
	db.beforeWrite(e)
	if old := to.Find(newKey); old != nil {
		if old == e {
			return e
		}
		to.deleteKey(newKey, ReasonDeleted, db.ks.Switches.LazyfreeServerDel)
	}
	n := e.valueSize()
	ne := newEntry(newKey, e.Type(), e.Encoding(), n, e.LRU())
	ne.setAux(e.aux & auxMask)
	copy(mem.Bytes(ne.value(), n), mem.Bytes(e.value(), n))
	db.detachTimes(e)
	to.insert(dict.Hash(newKey), ne)
	ne = to.added(ne, newKey)
	if at := e.Expire(); at != -1 && ne != nil {
		ne = to.SetExpire(ne, at)
	}
	db.detach(dict.Hash(e.Key()), e, ReasonMoved)
	mem.Free(unsafe.Pointer(e))
	return ne
}

// CopyKey copies the value of an entry, with its expire, to a key that doesn't exist, of
// the same or another database. It returns nil if the value's module type can't copy.
func (db *DB) CopyKey(e *Entry, to *DB, newKey []byte) *Entry {
	var ne *Entry
	switch t := e.Type(); t {
	case String:
		n := e.valueSize()
		ne = newEntry(newKey, t, e.Encoding(), n, db.ks.newLRU())
		ne.setAux(e.aux & auxMask)
		copy(mem.Bytes(ne.value(), n), mem.Bytes(e.value(), n))
		if e.outside() {
			size := e.outsideLen()
			p := mem.Alloc(size)
			copy(mem.Bytes(p, size), mem.Bytes(loadPtr(e.value()), size))
			storePtr(ne.value(), p)
		}
	case Module:
		p := db.ks.ModuleTypeOf(e).Copy(db.id, to.id, e.Key(), newKey, e.Ptr())
		if p == nil {
			return nil
		}
		ne = newEntry(newKey, t, e.Encoding(), 8, db.ks.newLRU())
		ne.setAux(e.aux & auxMask)
		storePtr(ne.value(), p)
	default:
		p := containers[t].dup(e.Encoding(), e.Ptr())
		ne = newEntry(newKey, t, e.Encoding(), 8, db.ks.newLRU())
		storePtr(ne.value(), p)
	}
	to.insert(dict.Hash(newKey), ne)
	ne = to.added(ne, newKey)
	if at := e.Expire(); at != -1 && ne != nil {
		ne = to.SetExpire(ne, at)
	}
	return ne
}

// Flush removes all keys and returns how many there were. Their memory is freed in the
// background; counted says whether they are among Lazyfreed. Nobody is told of the single keys,
// except modules of their values being freed.
func (db *DB) Flush(counted bool) int {
	n := db.Len()
	old := db.contents
	db.contents = newContents()
	db.gen++
	old.timed.free()
	if s := db.ks.snapshot; s != nil && s.keep(old) {
		return n
	}
	if n == 0 {
		old.expires.Free(nil)
		old.keys.Free(nil)
		return 0
	}
	lazy := int64(0)
	if counted {
		lazy = int64(n)
	}
	db.ks.lazy.push(freeJob{keys: old.keys, expires: old.expires}, lazy)
	return n
}

// free frees the database with all that it has.
func (db *DB) free() {
	db.timed.free()
	db.expires.Free(nil)
	db.keys.Free(db.ks.freeEntry)
	db.gen++
}

// freeEntry frees an entry that is in no table any more, with its value.
func (ks *Keyspace) freeEntry(p unsafe.Pointer) {
	e := (*Entry)(p)
	if v, ok := ks.valueOf(e); ok {
		v.free()
	}
	mem.Free(p)
}
