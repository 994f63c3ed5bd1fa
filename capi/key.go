package capi

// #include "capi_internal.h"
import "C"

import (
	"time"
	"unsafe"

	"berth/keyspace"
)

// keyType is what the API calls the types of values.
var keyType = [...]C.int{
	keyspace.String: C.REDISMODULE_KEYTYPE_STRING,
	keyspace.List:   C.REDISMODULE_KEYTYPE_LIST,
	keyspace.Hash:   C.REDISMODULE_KEYTYPE_HASH,
	keyspace.Set:    C.REDISMODULE_KEYTYPE_SET,
	keyspace.ZSet:   C.REDISMODULE_KEYTYPE_ZSET,
	keyspace.Module: C.REDISMODULE_KEYTYPE_MODULE,
	keyspace.Stream: C.REDISMODULE_KEYTYPE_STREAM,
}

// runtimeOf is the runtime that a key's module belongs to.
func runtimeOf(key *C.RedisModuleKey) *Runtime { return moduleOf(key.module).rt }

// dbOf is the database of a key.
func dbOf(key *C.RedisModuleKey) *keyspace.DB { return runtimeOf(key).db(key.dbid) }

// entryOf is the entry of an open key, found again where it may have moved,
// or nil. Expired keys that were opened stay what they were.
func entryOf(key *C.RedisModuleKey) (*keyspace.DB, *keyspace.Entry) {
	db := dbOf(key)
	if uint64(key.gen) != db.Gen() {
		key.entry = unsafe.Pointer(db.Find(bytesOf(key.name)))
		key.gen = C.uint64_t(db.Gen())
	}
	return db, (*keyspace.Entry)(key.entry)
}

// keyIs brings the cached part of a key's struct up to date: e is its entry,
// or nil. Every export that changed or looked at the key's value ends with it.
func keyIs(key *C.RedisModuleKey, db *keyspace.DB, e *keyspace.Entry) {
	key.entry = unsafe.Pointer(e)
	key.gen = C.uint64_t(db.Gen())
	key.epoch = epoch()
	key.mt, key.mv = nil, nil
	if e == nil {
		key._type, key.length = C.REDISMODULE_KEYTYPE_EMPTY, 0
		return
	}
	t := e.Type()
	key._type = keyType[t]
	switch t {
	case keyspace.String:
		key.length = C.size_t(keyspace.StringLen(e))
	case keyspace.List:
		key.length = C.size_t(keyspace.ListLen(e))
	case keyspace.Hash:
		key.length = C.size_t(keyspace.HashLen(e))
	case keyspace.Set:
		key.length = C.size_t(keyspace.SetLen(e))
	case keyspace.ZSet:
		key.length = C.size_t(keyspace.ZSetLen(e))
	case keyspace.Stream:
		key.length = C.size_t(keyspace.StreamLen(e))
	case keyspace.Module:
		key.length = 0
		moduleValueIs(key, e)
	default:
		key.length = 0
	}
}

// lookupFlags are the effects that a mode of OpenKey leaves out.
func lookupFlags(mode C.int) (f keyspace.LookupFlags) {
	if mode>>16 == 0 {
		return 0
	}
	for _, x := range [...]struct {
		bit  C.int
		flag keyspace.LookupFlags
	}{
		{C.REDISMODULE_OPEN_KEY_NOTOUCH, keyspace.LookupNoTouch},
		{C.REDISMODULE_OPEN_KEY_NONOTIFY, keyspace.LookupNoNotify},
		{C.REDISMODULE_OPEN_KEY_NOSTATS, keyspace.LookupNoStats},
		{C.REDISMODULE_OPEN_KEY_NOEXPIRE, keyspace.LookupNoExpire},
		{C.REDISMODULE_OPEN_KEY_NOEFFECTS, keyspace.LookupNoEffects},
		{C.REDISMODULE_OPEN_KEY_ACCESS_EXPIRED, keyspace.LookupAccessExpired},
	} {
		if mode&x.bit != 0 {
			f |= x.flag
		}
	}
	return f
}

//export goOpenKey
func goOpenKey(key *C.RedisModuleKey) {
	defer guard("OpenKey")
	db := dbOf(key)
	f := lookupFlags(key.mode)
	if key.mode&C.REDISMODULE_WRITE != 0 {
		f |= keyspace.LookupWrite
	}
	keyIs(key, db, db.Lookup(bytesOf(key.name), f))
}

//export goKeyRefresh
func goKeyRefresh(key *C.RedisModuleKey) {
	defer guard("KeyType")
	db, e := entryOf(key)
	keyIs(key, db, e)
}

//export goCloseKey
func goCloseKey(key *C.RedisModuleKey) {
	defer guard("CloseKey")
	rt := runtimeOf(key)
	stopIterator(key)
	if key.mode&C.REDISMODULE_WRITE != 0 &&
		key.module.options&C.REDISMODULE_OPTION_NO_IMPLICIT_SIGNAL_MODIFIED == 0 {
		rt.srv.Modified(runningIn(key.ctx), dbOf(key), bytesOf(key.name))
	}
}

//export goDeleteKey
func goDeleteKey(key *C.RedisModuleKey, lazy C.int) {
	defer guard("DeleteKey")
	db := dbOf(key)
	stopIterator(key)
	if lazy != 0 {
		db.Unlink(bytesOf(key.name))
	} else {
		db.Delete(bytesOf(key.name))
	}
	keyIs(key, db, nil)
}

//export goGetExpire
func goGetExpire(key *C.RedisModuleKey, relative C.int) (ms C.mstime_t) {
	defer guard("GetExpire")
	ms = C.REDISMODULE_NO_EXPIRE
	db, e := entryOf(key)
	if e == nil || !e.HasExpire() {
		return ms
	}
	at := e.Expire()
	if relative != 0 {
		at = max(at-db.Keyspace().Now(), 0)
	}
	return C.mstime_t(at)
}

//export goSetExpire
func goSetExpire(key *C.RedisModuleKey, ms C.mstime_t, relative C.int) (status C.int) {
	defer guard("SetExpire")
	status = C.REDISMODULE_ERR
	db, e := entryOf(key)
	if ms == C.REDISMODULE_NO_EXPIRE {
		db.Persist(e)
		_, e = entryOf(key)
	} else {
		at := int64(ms)
		if relative != 0 {
			at += db.Keyspace().Now()
		}
		e = db.SetExpire(e, at)
	}
	keyIs(key, db, e)
	return C.REDISMODULE_OK
}

//export goKeyExists
func goKeyExists(ctx *C.RedisModuleCtx, name *C.RedisModuleString) (exists C.int) {
	defer guard("KeyExists")
	if moduleOf(ctx.module).rt.db(ctx.dbid).Exists(bytesOf(name)) {
		return 1
	}
	return 0
}

//export goSetLRU
func goSetLRU(key *C.RedisModuleKey, idle C.mstime_t) (status C.int) {
	defer guard("SetLRU")
	status = C.REDISMODULE_ERR
	db, e := entryOf(key)
	ks := db.Keyspace()
	if ks.Switches.LFU || idle < 0 {
		return status
	}
	ks.SetIdleTime(e, time.Duration(idle)*time.Millisecond)
	return C.REDISMODULE_OK
}

//export goGetLRU
func goGetLRU(key *C.RedisModuleKey) (idle C.mstime_t) {
	defer guard("GetLRU")
	idle = -1
	db, e := entryOf(key)
	ks := db.Keyspace()
	if ks.Switches.LFU {
		return idle
	}
	return C.mstime_t(ks.IdleTime(e) / time.Millisecond)
}

//export goSetLFU
func goSetLFU(key *C.RedisModuleKey, freq C.longlong) (status C.int) {
	defer guard("SetLFU")
	status = C.REDISMODULE_ERR
	db, e := entryOf(key)
	ks := db.Keyspace()
	if !ks.Switches.LFU || freq < 0 || freq > 255 {
		return status
	}
	ks.SetFreq(e, uint8(freq))
	return C.REDISMODULE_OK
}

//export goGetLFU
func goGetLFU(key *C.RedisModuleKey) (freq C.longlong) {
	defer guard("GetLFU")
	freq = -1
	db, e := entryOf(key)
	ks := db.Keyspace()
	if !ks.Switches.LFU {
		return freq
	}
	return C.longlong(ks.Freq(e))
}
