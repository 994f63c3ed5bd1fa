package capi

// #include "capi_internal.h"
import "C"

import (
	"unsafe"

	"berth/keyspace"
)

//export goStringSet
func goStringSet(key *C.RedisModuleKey, str *C.RedisModuleString) (status C.int) {
	defer guard("StringSet")
	status = C.REDISMODULE_ERR
	db, e := entryOf(key)
	if e != nil && runtimeOf(key).srv.TellsOfKeys() {
		// To Redis this is a key that goes and one that comes.
		db.Delete(bytesOf(key.name))
		e = nil
	}
	keyIs(key, db, db.SetBytesAt(e, bytesOf(key.name), bytesOf(str), false))
	return C.REDISMODULE_OK
}

//export goStringDMA
func goStringDMA(key *C.RedisModuleKey, length *C.size_t, mode C.int) (p *C.char) {
	defer guard("StringDMA")
	db, e := entryOf(key)
	var b []byte
	if mode&C.REDISMODULE_WRITE != 0 || e.Encoding() != keyspace.Raw {
		// Reading a string that is not raw makes it so, too, as in Redis.
		e, b = db.StringResize(e, keyspace.StringLen(e))
		keyIs(key, db, e)
	} else {
		b = keyspace.StringBytes(e, nil)
		key.epoch = epoch()
	}
	*length = C.size_t(len(b))
	if len(b) == 0 {
		return C.rm_empty
	}
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(b)))
}

//export goStringTruncate
func goStringTruncate(key *C.RedisModuleKey, n C.size_t) (status C.int) {
	defer guard("StringTruncate")
	status = C.REDISMODULE_ERR
	db, e := entryOf(key)
	if e == nil {
		e = db.SetRaw(nil, bytesOf(key.name), int(n))
	} else {
		e, _ = db.StringResize(e, int(n))
	}
	keyIs(key, db, e)
	return C.REDISMODULE_OK
}
