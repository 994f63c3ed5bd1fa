package keyspace

import (
	"unsafe"

	"berth/keyspace/dict"
	"berth/keyspace/mem"
)

// MemUsage returns the bytes that a key takes, with its value and its share of the table:
// MEMORY USAGE. samples > 0 bounds the elements that are looked at; with 0, all are.
func (db *DB) MemUsage(e *Entry, samples int) int {
	n := mem.Usable(unsafe.Pointer(e)) + tableShare(db.keys)
	if e.HasExpire() {
		n += tableShare(db.expires)
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

// tableShare is an element's part of a table, which is between a slot and what a table that is being resized takes.
func tableShare(d *dict.Dict) int {
	const least, most = 9, 40
	return max(least, min(most, d.MemUsage()/max(d.Len(), 1)))
}

// Overhead returns the bytes of the database's tables, for MEMORY STATS.
func (db *DB) Overhead() (keys, expires int) {
	return db.keys.MemUsage(), db.expires.MemUsage()
}
