// Package intset implements Redis's intset: a sorted array of distinct integers of 2, 4 or 8 bytes each,
// whichever the widest needs.
//
// The bytes are exactly Redis's (DUMP payloads and RDB files carry them): encoding u32, length u32, then
// the integers in ascending order, little endian. The width never shrinks.
//
// A Set is a pointer to a block of package mem, owned by whoever holds it; functions that change it
// return the new pointer. The caller holds the server lock.
package intset
