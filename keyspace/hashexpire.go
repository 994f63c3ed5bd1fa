package keyspace

import (
	"math"
	"time"
	"unsafe"

	"berth/keyspace/listpack"
)

// fieldDead reports whether a field with that time, 0 for none, is to be treated as absent.
func (db *DB) fieldDead(at int64) bool {
	sw := &db.ks.Switches
	return at != 0 && at < db.ks.now && !sw.AllowAccessExpired && !(sw.Replica && sw.FromMaster)
}

// HashExpireTime returns the time, in Unix milliseconds, at which a field ends; -1 when it never does, and
// false when there is no such field, or no longer.
func HashExpireTime(db *DB, e *Entry, field []byte) (at int64, ok bool) {
	if !e.hasFieldTimes() {
		if HashExists(db, e, field) {
			return -1, true
		}
		return 0, false
	}
	var sc Scratch
	_, at, ok = exFind(e, field, &sc)
	switch {
	case !ok || db.fieldDead(at):
		return 0, false
	case at == 0:
		return -1, true
	}
	return at, true
}

// HashFieldTime is HashExpireTime that also sees a field whose time is over.
func HashFieldTime(e *Entry, field []byte) (at int64, ok bool) {
	var sc Scratch
	switch e.Encoding() {
	case Listpack:
		return -1, listpack.Find(e.Ptr(), 0, field, 1) != 0
	case Hashtable:
		return -1, e.dict().Find(field) != nil
	}
	if _, at, ok = exFind(e, field, &sc); at == 0 {
		at = -1
	}
	return at, ok
}

// HashSetExpire sets the time, in Unix milliseconds and positive, at which a field that is there ends. The
// entry stays where it is; its encoding may change.
func HashSetExpire(db *DB, e *Entry, field []byte, at int64) {
	db.beforeWrite(e)
	if !e.hasFieldTimes() {
		hashToEx(e)
	}
	exSetTime(e, field, at)
	db.attachTimes(e)
}

// HashReserveTimes gives a small hash the encoding with times, as Redis does before it knows whether a field gets one.
func HashReserveTimes(db *DB, e *Entry) {
	db.beforeWrite(e)
	if e.Encoding() == Listpack {
		hashToEx(e)
		db.attachTimes(e)
	}
}

// HashLoad adds a field with a time, 0 for none, to a detached hash; false if it is there already.
func HashLoad(db *DB, e *Entry, field, value []byte, at int64) bool {
	lim := db.ks.Limits
	if at != 0 && !e.hasFieldTimes() {
		hashToEx(e)
	}
	if e.Encoding() == ListpackEx && (len(field) > lim.HashMaxListpackValue || len(value) > lim.HashMaxListpackValue ||
		HashLen(e) >= lim.HashMaxListpackEntries) {
		exToTable(e, 0)
		if at != 0 && e.Encoding() == Hashtable {
			hashToEx(e)
		}
	}
	switch e.Encoding() {
	case ListpackEx:
		x := e.ex()
		if listpack.Find(x.lp(), 0, field, 2) != 0 {
			return false
		}
		x.setLP(packedAdd(x.lp(), field, value, at))
		return true
	case HashtableEx:
		x := e.ex()
		if x.dict().Find(field) != nil {
			return false
		}
		if at == 0 {
			x.dict().Insert(hashElem(field, value))
			return true
		}
		p := timedElem(field, value, at)
		x.dict().Insert(p)
		x.fields.insert(at, p, fieldMoved)
		return true
	}
	return HashSet(db, e, field, value)
}

// NewDetachedTimed is NewDetachedOf for a listpack of triplets: field, value, and the time or 0, in the order of
// ListpackEx.
func NewDetachedTimed(lp listpack.LP) *Entry {
	return NewDetachedOf(Hash, ListpackEx, unsafe.Pointer(newHashEx(lp)))
}

// HashPacked is the listpack of a hash whose encoding is Listpack or ListpackEx.
func HashPacked(e *Entry) listpack.LP {
	if e.Encoding() == ListpackEx {
		return e.ex().lp()
	}
	return e.Ptr()
}

// HashPersist takes the time of a field away and reports whether there was one.
func HashPersist(db *DB, e *Entry, field []byte) bool {
	if at, ok := HashExpireTime(db, e, field); !ok || at == -1 {
		return false
	}
	db.beforeWrite(e)
	exSetTime(e, field, 0)
	db.fieldTimesChanged(e)
	return true
}

// HashTimes is a number of changes of fields' times by one command, from NewHashTimes to Done.
type HashTimes struct {
	announced int64 // before
	fields    int64 // the earliest of the changed fields, before or after
	changed   bool
}

const never = math.MaxInt64

// NewHashTimes begins with the changes of a hash.
func NewHashTimes(e *Entry) HashTimes {
	t := HashTimes{announced: never, fields: never}
	if e.hasFieldTimes() && e.ex().announced != 0 {
		t.announced = e.ex().announced
	}
	return t
}

func (t *HashTimes) note(e *Entry, field []byte) {
	if at, ok := HashFieldTime(e, field); ok && at != -1 {
		t.fields = min(t.fields, at)
	}
	t.changed = true
}

// Set is HashSetExpire.
func (t *HashTimes) Set(db *DB, e *Entry, field []byte, at int64) {
	t.note(e, field)
	t.fields = min(t.fields, at)
	HashSetExpire(db, e, field, at)
}

// Delete is HashDelete, for a time that is over.
func (t *HashTimes) Delete(db *DB, e *Entry, field []byte) {
	db.beforeWrite(e)
	t.note(e, field)
	if !e.hasFieldTimes() {
		HashDelete(db, e, field)
		return
	}
	exDelete(e, field)
	db.fieldTimesChanged(e)
	db.ks.Stats.ExpiredFields++
}

// Done ends the changes. Redis has its own idea of when they are worth to be noted.
func (t *HashTimes) Done(e *Entry) {
	const threshold = 4000
	if !t.changed || !e.hasFieldTimes() {
		return
	}
	x := e.ex()
	first := x.min(e.Encoding())
	if first == 0 {
		first = never
	}
	if x.announced = t.announced; t.announced >= t.fields && max(first, t.announced)-min(first, t.announced) >= threshold {
		x.announced = first
	}
	if x.announced == never {
		x.announced = 0
	}
}

// HashAnnouncedExpire is the earliest time that a payload of the hash tells; 0 for none.
func HashAnnouncedExpire(db *DB, e *Entry) int64 {
	if !e.hasFieldTimes() {
		return 0
	}
	x := e.ex()
	if x.announced == 0 || x.announced < db.ks.now {
		return x.min(e.Encoding())
	}
	return x.announced
}

// HashMinExpire returns the earliest time at which a field ends, -1 when none does.
func HashMinExpire(e *Entry) int64 {
	if e.hasFieldTimes() {
		if at := e.ex().min(e.Encoding()); at != 0 {
			return at
		}
	}
	return -1
}

// HashHasDead reports whether there are fields whose time is over and that are still there.
func HashHasDead(db *DB, e *Entry) bool {
	return e.hasFieldTimes() && db.fieldDead(e.ex().min(e.Encoding()))
}

// HashLive is the number of fields that reads see.
func HashLive(db *DB, e *Entry) int {
	if !HashHasDead(db, e) {
		return HashLen(e)
	}
	n := 0
	it := NewLiveHashIter(db, e)
	for it.Next() {
		n++
	}
	it.Close()
	return n
}

// mayReap reports whether fields whose time is over may be deleted now.
func (db *DB) mayReap() bool {
	sw := &db.ks.Switches
	return !sw.Loading && !sw.ExpirePaused && !sw.Replica
}

// HashReap deletes a field if its time is over and reports whether it did. The hook FieldExpired is called; the
// caller deletes the hash when it is empty, and calls HashReaped once behind a number of fields.
func HashReap(db *DB, e *Entry, field []byte) bool {
	if !HashHasDead(db, e) || !db.mayReap() {
		return false
	}
	var sc Scratch
	if _, at, ok := exFind(e, field, &sc); !ok || !db.fieldDead(at) {
		return false
	}
	if f := db.ks.Hooks.FieldExpired; f != nil {
		f(db, e.Key(), field)
	}
	db.beforeWrite(e)
	exDelete(e, field)
	db.fieldTimesChanged(e)
	db.ks.Stats.ExpiredFields++
	return true
}

// HashReaped ends a number of calls of HashReap, of which one deleted a field: the hash goes if it is empty,
// which is returned, and the hook FieldsExpired is called.
func HashReaped(db *DB, e *Entry) (gone bool) {
	key := append([]byte(nil), e.Key()...)
	gone = db.DeleteIfEmpty(e)
	if f := db.ks.Hooks.FieldsExpired; f != nil {
		f(db, key, gone)
	}
	return gone
}

// HashReapAll deletes all fields whose time is over, for a command that chooses among the others, and reports
// whether the hash is gone with them.
func HashReapAll(db *DB, e *Entry) (gone bool) {
	var sc Scratch
	n := 0
	for ; HashHasDead(db, e); n++ {
		if !HashReap(db, e, append([]byte(nil), firstDue(e, &sc)...)) {
			break
		}
	}
	if n > 0 && e.hasFieldTimes() {
		e.ex().announced = e.ex().min(e.Encoding())
	}
	return n > 0 && HashReaped(db, e)
}

// HashesWithTimes is the number of hashes of which a field has a time to live.
func (db *DB) HashesWithTimes() int { return int(db.timed.n) }

// firstDue returns the earliest field of a hash with times.
func firstDue(e *Entry, sc *Scratch) (field []byte) {
	x := e.ex()
	if e.Encoding() == ListpackEx {
		return listpack.GetBytes(x.lp(), listpack.First(x.lp()), sc)
	}
	return elemField(x.fields.first())
}

// fieldsPerHash is how many fields of one hash are expired before the clock and the other hashes are looked
// at again.
const fieldsPerHash = 128

// expireFields deletes fields whose time is over, in the order in which they are due, until the
// limit, and returns how many.
func (db *DB) expireFields(start time.Time, limit time.Duration) (n int) {
	for db.timed.n > 0 && db.fieldDead(db.timed.min()) {
		e := (*Entry)(pointer((*hashEx)(db.timed.first()).entry))
		var sc Scratch
		for i := 0; i < fieldsPerHash && HashHasDead(db, e); i++ {
			// A copy: the field's own bytes go while hooks and tables still use the name.
			field := append([]byte(nil), firstDue(e, &sc)...)
			if !HashReap(db, e, field) {
				return n
			}
			n++
		}
		if e.hasFieldTimes() {
			e.ex().announced = e.ex().min(e.Encoding())
		}
		HashReaped(db, e)
		if time.Since(start) > limit {
			break
		}
	}
	return n
}
