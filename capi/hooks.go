package capi

// #include "capi_internal.h"
import "C"

import "berth/host"

// ClientFreed implements [host.Runtime].
func (rt *Runtime) ClientFreed(*host.Client) {}

// stopIterator ends a key's iterator, if it has one.
func stopIterator(key *C.RedisModuleKey) { key.iter = 0 }
