// Package rdb encodes and decodes single values in Redis's RDB format: a type byte and a
// payload. DUMP and RESTORE add a footer of version and checksum.
//
// A Codec belongs to one server. AppendValue and AppendDump write what Redis 8.0 writes
// for the same value, byte for byte, where the order of elements is determined. Load
// accepts every encoding that Redis 8.0 does, old ones included, except streams and hashes
// with field expiry. It reads untrusted bytes: whatever the bytes, it returns a value that is
// safe to use or ErrBadFormat. Unlike Redis it always checks in depth, since memory is at
// stake; sanitize-dump-payload no is therefore the same as yes.
//
// A Value that Load returns is detached: it ends in Store or Free.
//
// The caller holds the server lock. The package never writes files, never locks, and knows
// a module's values only through ModuleType.
package rdb
