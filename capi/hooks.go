package capi

// #include "capi_internal.h"
import "C"

// stopIterator ends a key's iterator, if it has one.
func stopIterator(key *C.RedisModuleKey) { key.iter = 0 }
