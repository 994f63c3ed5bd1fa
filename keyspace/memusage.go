package keyspace

import (
	"unsafe"

	"berth/keyspace/mem"
)

// MemUsage returns the bytes that a key takes, with its value and its share of the table:
// MEMORY USAGE. samples > 0 bounds the elements that are looked at; with 0, all are.
func (db *DB) MemUsage(e *Entry, samples int) int {
	const slot = 64 / 7 // of a bucket, about
	n := mem.Usable(unsafe.Pointer(e)) + slot
	if e.HasExpire() {
		n += slot
	}
	v, ok := db.ks.valueOf(e)
	if !ok {
		return n
	}
	switch v.typ {
	case String:
		return n + mem.Usable(v.p)
	case Module:
		return n + v.mt.MemUsage(db.id, e.Key(), v.p, samples)
	}
	return n + containers[v.typ].memUsage(v.enc, v.p, samples)
}

// Overhead returns the bytes of the database's tables, for MEMORY STATS.
func (db *DB) Overhead() (keys, expires int) {
	return db.keys.MemUsage(), db.expires.MemUsage()
}
