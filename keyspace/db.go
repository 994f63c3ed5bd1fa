package keyspace

import (
	"unsafe"

	"berth/keyspace/dict"
	"berth/keyspace/mem"
)

// DB is one database. All access is under the server lock.
type DB struct {
	contents
	ks  *Keyspace
	id  int
	gen uint64
}

// contents is what SWAPDB exchanges.
type contents struct {
	keys    *dict.Dict // elements are *Entry
	expires *dict.Dict // those of keys that have an expire
	avgTTL  int64      // estimate of the active cycle, ms
	cursor  uint64     // of the active cycle in expires
	part    *snapshotPart
	modules int        // values of modules
	timed   expireHeap // hashEx of which fields have a time to live, by the earliest
}

func newContents() contents {
	return contents{keys: dict.New(keyOff), expires: dict.New(keyOff)}
}

func newDB(ks *Keyspace, id int) *DB { return &DB{ks: ks, id: id, contents: newContents()} }

// ID returns the number of the database.
func (db *DB) ID() int { return db.id }

// Keyspace returns the Keyspace that the database is of.
func (db *DB) Keyspace() *Keyspace { return db.ks }

// Len returns the number of keys, expired ones included.
func (db *DB) Len() int { return db.keys.Len() }

// ExpiresLen returns the number of keys with an expire.
func (db *DB) ExpiresLen() int { return db.expires.Len() }

// AvgTTL returns the average time to live as the active cycle estimates it, in ms.
func (db *DB) AvgTTL() int64 { return db.avgTTL }

// Gen returns a number that changes whenever an entry of the database is added, removed
// or relocated: an *Entry is good as long as it is the same.
func (db *DB) Gen() uint64 { return db.gen }

// Dicts returns the tables of keys and of keys with an expire, to be looked at
// (DEBUG HTSTATS, MEMORY STATS).
func (db *DB) Dicts() (keys, expires *dict.Dict) { return db.keys, db.expires }

// Expand makes room for so many keys, and for so many with an expire.
func (db *DB) Expand(keys, expires int) {
	db.keys.Expand(keys)
	db.expires.Expand(expires)
}

// Resize moves table elements for a moment, if a table is being resized; cron calls it so that
// an idle database gets done.
func (db *DB) Resize() {
	const steps = 1000
	db.keys.RehashSteps(steps)
	db.expires.RehashSteps(steps)
}

// LookupFlags modify Lookup.
type LookupFlags uint8

// The flags; their names are Redis's.
const (
	LookupWrite         LookupFlags = 1 << iota // expired keys are deleted even where only a master may otherwise; no stats
	LookupNoTouch                               // don't note the use
	LookupNoStats                               // don't count hit or miss
	LookupNoNotify                              // don't tell of a miss
	LookupNoExpire                              // an expired key is not seen, but stays
	LookupAccessExpired                         // an expired key is seen

	// LookupNoEffects leaves no trace at all.
	LookupNoEffects = LookupNoTouch | LookupNoStats | LookupNoNotify | LookupNoExpire
	// LookupRead is the absence of flags.
	LookupRead LookupFlags = 0
)

// Find returns the entry of a key, expired or not, or nil. It has no side effects.
func (db *DB) Find(key []byte) *Entry { return (*Entry)(db.keys.Find(key)) }

// Lookup returns the entry of a key, or nil if there is none or it has expired. Unless
// flags say otherwise it deletes it then, and it keeps the hit statistics and the LRU
// or LFU data.
func (db *DB) Lookup(key []byte, flags LookupFlags) *Entry {
	e := (*Entry)(db.keys.Find(key))
	ks := db.ks
	if e != nil && e.meta&metaExpire != 0 && db.expireIfNeeded(e, flags) {
		e = nil
	}
	if e == nil {
		if flags&LookupWrite == 0 {
			if flags&LookupNoNotify == 0 && ks.Hooks.KeyMiss != nil {
				ks.Hooks.KeyMiss(db, key)
			}
			if flags&LookupNoStats == 0 {
				ks.Stats.Misses++
			}
		}
		return nil
	}
	if flags&LookupWrite != 0 {
		db.beforeWrite(e)
	}
	if flags&LookupNoTouch == 0 && !ks.Switches.NoTouch {
		ks.touch(e)
	}
	if flags&(LookupNoStats|LookupWrite) == 0 {
		ks.Stats.Hits++
	}
	return e
}

// Exists reports whether the key is there and not expired, as a read without touching.
func (db *DB) Exists(key []byte) bool { return db.Lookup(key, LookupNoTouch) != nil }

// Create adds a container under a key that doesn't exist. The DB owns it from then on.
func (db *DB) Create(key []byte, t Type, enc Encoding, p unsafe.Pointer) *Entry {
	e := newEntry(key, t, enc, 8, db.ks.newLRU())
	storePtr(e.value(), p)
	db.insert(dict.Hash(key), e)
	return db.added(e, key)
}

// SetContainer stores a container under a key, in place of what is there. It keeps no
// expire. The DB owns the container from then on.
func (db *DB) SetContainer(key []byte, t Type, enc Encoding, p unsafe.Pointer) *Entry {
	e := db.Find(key)
	if e == nil {
		return db.Create(key, t, enc, p)
	}
	e = db.overwrite(e, t, enc, 8, false)
	storePtr(e.value(), p)
	db.attachTimes(e)
	return e
}

// overwrite frees the value of an entry and makes room for another, which the caller
// stores.
func (db *DB) overwrite(e *Entry, t Type, enc Encoding, vlen int, keepTTL bool) *Entry {
	db.beforeWrite(e)
	if f := db.ks.Hooks.KeyRemoved; f != nil {
		f(db, e.Key(), e, ReasonOverwritten)
	}
	db.countModule(e, -1)
	db.unlinkValue(e)
	db.detachTimes(e)
	db.freeValue(e, db.ks.Switches.LazyfreeServerDel)
	// What is there now is nothing: eight bytes that belong to nobody.
	e.meta = e.meta&^(metaTypeMask|metaEncMask) | uint32(String) | uint32(Raw)<<metaEncShift
	e.setAux(0)
	if !keepTTL && e.HasExpire() {
		db.expires.Delete(e.Key())
		e.dropExpire()
	}
	e = db.resizeValue(e, vlen)
	lru := e.LRU()
	if !db.ks.Switches.LFU {
		lru = db.ks.newLRU()
	}
	e.meta = e.meta&metaExpire | uint32(t) | uint32(enc)<<metaEncShift | lru<<metaLRUShift
	return e
}

// resizeValue makes room for vlen bytes of value, keeping those that are there.
func (db *DB) resizeValue(e *Entry, vlen int) *Entry {
	need := e.valueOffset() + vlen
	if usable := mem.Usable(unsafe.Pointer(e)); need <= usable && (need > usable/2 || usable <= 64) {
		return e
	}
	ne := (*Entry)(mem.Realloc(unsafe.Pointer(e), need))
	if ne != e {
		h := dict.Hash(ne.Key())
		db.keys.ReplaceHashed(h, unsafe.Pointer(e), unsafe.Pointer(ne))
		if ne.HasExpire() {
			db.expires.ReplaceHashed(h, unsafe.Pointer(e), unsafe.Pointer(ne))
		}
		if ne.hasFieldTimes() {
			ne.ex().entry = uintptr(unsafe.Pointer(ne))
		}
		db.gen++
	}
	return ne
}

// insert puts a new entry into the table.
func (db *DB) insert(h uint64, e *Entry) {
	e.setEpoch(db.ks.epoch)
	db.countModule(e, 1)
	db.keys.InsertHashed(h, unsafe.Pointer(e))
	db.attachTimes(e)
	db.gen++
}

// added tells of a new key when its value is complete, and returns its entry: whoever is
// told may have written the key after all.
func (db *DB) added(e *Entry, key []byte) *Entry {
	f := db.ks.Hooks.KeyAdded
	if f == nil {
		return e
	}
	gen := db.gen
	f(db, key, e.Type())
	if db.gen != gen {
		return db.Find(key)
	}
	return e
}
