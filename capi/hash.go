package capi

// #include "hash.h"
import "C"

import (
	"unsafe"

	"berth/keyspace"
)

// goBytes is a slice of C as Go sees it, good during the export.
func goBytes(s *C.rm_slice) []byte { return *(*[]byte)(unsafe.Pointer(s)) }

// setText tells C of bytes of the data set. What is short is copied to where
// text points, for it may lie in a buffer of Go's.
func setText(s *C.rm_slice, text []C.char, b []byte) {
	s.len, s.cap = C.size_t(len(b)), C.size_t(len(b))
	if len(b) <= len(text) {
		s.ptr = nil
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&text[0])), len(text)), b)
		return
	}
	s.ptr = (*C.char)(unsafe.Pointer(unsafe.SliceData(b)))
}

// containerOf is the entry of a key to be written as a value of type t, which
// is created where the key is empty.
func containerOf(key *C.RedisModuleKey, t keyspace.Type) (*keyspace.DB, *keyspace.Entry) {
	db, e := entryOf(key)
	if e == nil {
		e = db.CreateContainer(bytesOf(key.name), t)
	}
	return db, e
}

// written ends a change of a container: one that is empty goes, and the key's
// struct learns what is there.
func written(key *C.RedisModuleKey, db *keyspace.DB, e *keyspace.Entry) {
	if db.DeleteIfEmpty(e) {
		e = nil
	} else if uint64(key.gen) != db.Gen() {
		e = db.Find(bytesOf(key.name))
	}
	keyIs(key, db, e)
}

//export goHashSet
func goHashSet(key *C.RedisModuleKey, flags C.int, fields *C.rm_field, n C.int) (count C.int) {
	defer guard("HashSet")
	db, e := containerOf(key, keyspace.Hash)
	for i := range unsafe.Slice(fields, n) {
		f := &unsafe.Slice(fields, n)[i]
		name := goBytes(&f.name)
		if flags&(C.REDISMODULE_HASH_NX|C.REDISMODULE_HASH_XX) != 0 {
			exists := keyspace.HashExists(db, e, name)
			if flags&C.REDISMODULE_HASH_XX != 0 && !exists || flags&C.REDISMODULE_HASH_NX != 0 && exists {
				continue
			}
		}
		if f.delete {
			if keyspace.HashDelete(db, e, name) {
				count++
			}
			continue
		}
		created := keyspace.HashSet(db, e, name, goBytes(&f.value))
		// With NX all are new, also in the place of a field whose time is over.
		if !created && flags&C.REDISMODULE_HASH_NX == 0 || flags&C.REDISMODULE_HASH_COUNT_ALL != 0 {
			count++
		}
	}
	written(key, db, e)
	return count
}

//export goHashGet
func goHashGet(key *C.RedisModuleKey, flags C.int, fields *C.rm_field, n C.int) {
	defer guard("HashGet")
	db, e := entryOf(key)
	if sw := &db.Keyspace().Switches; key.mode&C.REDISMODULE_OPEN_KEY_ACCESS_EXPIRED != 0 && !sw.AllowAccessExpired {
		sw.AllowAccessExpired = true
		defer func() { sw.AllowAccessExpired = false }()
	}
	sc := &runtimeOf(key).scratch
	for i := range unsafe.Slice(fields, n) {
		f := &unsafe.Slice(fields, n)[i]
		name := goBytes(&f.name)
		switch {
		case flags&C.REDISMODULE_HASH_EXISTS != 0:
			f.found = C.bool(keyspace.HashExists(db, e, name))
		case flags&C.REDISMODULE_HASH_EXPIRE_TIME != 0:
			at, ok := keyspace.HashExpireTime(db, e, name)
			f.found, f.expire = C.bool(ok && at != -1), C.mstime_t(at)
		default:
			if b, ok := keyspace.HashGet(db, e, name, sc); ok {
				f.found = true
				setText(&f.value, f.text[:], b)
			}
		}
	}
}

//export goHashFieldMinExpire
func goHashFieldMinExpire(key *C.RedisModuleKey) (at C.mstime_t) {
	defer guard("HashFieldMinExpire")
	_, e := entryOf(key)
	if first := keyspace.HashMinExpire(e); first != -1 {
		return C.mstime_t(first)
	}
	return C.REDISMODULE_NO_EXPIRE
}
