package keyspace

import (
	"unsafe"

	"berth/keyspace/dict"
)

// Scan calls fn on some entries, expired ones included, and returns the cursor to go on
// with; 0 starts and 0 returned is the end. Keys that are there all the time are seen at
// least once. fn may delete entries, but not add any.
func (db *DB) Scan(cursor uint64, fn func(e *Entry)) uint64 {
	return db.keys.Scan(cursor, func(p unsafe.Pointer) { fn((*Entry)(p)) })
}

// Iter walks all entries of a database, expired ones included. Tables are not resized from
// DB.Iter to Close. The current entry may be deleted or relocated; adding keys may make
// others be seen twice.
type Iter struct{ it dict.Iter }

// Iter starts an iteration, which Close must end.
func (db *DB) Iter() Iter { return Iter{it: db.keys.Iter()} }

// Next returns the next entry, or nil at the end.
func (it *Iter) Next() *Entry { return (*Entry)(it.it.Next()) }

// Close ends the iteration.
func (it *Iter) Close() { it.it.Close() }

// RandomKey returns the entry of a key taken at random that is not expired, or nil if
// there is none. Where expired keys can't be deleted and there may be nothing else, it
// returns one of them in the end.
func (db *DB) RandomKey() *Entry {
	tries := 100
	allVolatile := db.Len() == db.ExpiresLen()
	for {
		e := (*Entry)(db.keys.FairRandom())
		if e == nil || !e.HasExpire() {
			return e
		}
		if sw := &db.ks.Switches; allVolatile && (sw.Replica || sw.ExpirePaused) {
			if tries--; tries == 0 {
				return e
			}
		}
		if !db.expireIfNeeded(e, LookupRead) {
			return e
		}
	}
}

// SampleKeys fills dst with some entries that are neighbours in the table, starting at
// random, expired ones included, and returns how many. With volatile, only keys with an
// expire are taken.
func (db *DB) SampleKeys(dst []*Entry, volatile bool) int {
	d := db.keys
	if volatile {
		d = db.expires
	}
	if len(dst) == 0 {
		return 0
	}
	return d.Sample(unsafe.Slice((*unsafe.Pointer)(unsafe.Pointer(&dst[0])), len(dst)))
}
