// Package listpack implements Redis's listpack: a sequence of strings and integers packed in one
// block of bytes, read from both ends.
//
// The bytes are exactly those that Redis writes, because DUMP payloads and RDB files carry
// listpacks as they are:
//
//	total bytes u32 | count u16 (65535: not known) | element … | 0xFF
//	element: encoding, data, and the length of both in 1 to 5 bytes readable backwards
//
// A string that is the canonical text of an int64 is stored as an integer.
//
// An LP is a pointer to a block of package mem, owned by whoever holds it; functions that change
// a listpack take the old pointer and return the new one. Elements are named by their byte offset;
// 0 is "no element". Offsets and the []byte views that Get returns are valid until the next change.
// Strings given to a function must not be views into the listpack that it changes.
//
// There is no locking: the caller holds the server lock. Untrusted bytes must pass Validate (deep)
// before any other function sees them.
package listpack
