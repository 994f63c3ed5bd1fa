package capi

// #include "capi_internal.h"
import "C"

import (
	"berth/host"
	"berth/host/command"
	"berth/keyspace"
)

// The server's hooks into families of which nothing is in api.def yet: no
// module can have asked for them. Each moves to its family's file with it.

// KeyspaceEvent implements [host.Runtime].
func (rt *Runtime) KeyspaceEvent(*keyspace.DB, command.Class, string, []byte) {}

// Filter implements [host.Runtime].
func (rt *Runtime) Filter(*host.Client) {}

// filter runs the command filters for a command that module m calls.
func (rt *Runtime) filter(*host.Client, *module) {}

// ServerEvent implements [host.Runtime].
func (rt *Runtime) ServerEvent(host.Event, int, any) {}

// ClientFreed implements [host.Runtime].
func (rt *Runtime) ClientFreed(*host.Client) {}

// stopIterator ends a key's iterator, if it has one.
func stopIterator(key *C.RedisModuleKey) { key.iter = 0 }

// parked has the server park the client of a command that blocked it.
func (rt *Runtime) parked(*call) {}
