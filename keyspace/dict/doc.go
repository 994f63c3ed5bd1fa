// Package dict is a hash table off the Go heap: the keyspace, and the hashes, sets and
// sorted sets that are too large for a listpack.
//
// An element is a pointer to a block that the caller owns; the table only compares
// keys, whose header (see PutKey) is at the same offset in each element of a table.
//
// The table is an array of 64-byte buckets, one cache line each: seven elements with
// a byte of each one's hash, so that a lookup seldom touches an element that it isn't
// looking for. A bucket that overflows keeps six and a pointer to the next of its chain.
// The number of buckets is a power of two. Growing and shrinking are incremental: every
// operation moves one chain from the old array to the new, and what was moved goes back
// to the kernel piece by piece, so that no operation costs more for a larger table.
//
// The caller holds the lock that guards the table; lookups move buckets too. The hash is
// seeded per process: clients can't choose keys that collide.
package dict
