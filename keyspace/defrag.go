package keyspace

import (
	"time"
	"unsafe"

	"berth/keyspace/dict"
	"berth/keyspace/mem"
)

// Defrag is one round of active defragmentation: it leads a mem.Mover to every block of the data set, in pieces
// as short as the caller wants. Between two pieces the data set may change at will.
//
// Whatever holds the address of an entry or of a part of a value must look at DB.Gen (entries), or must not hold
// it while a piece is running. Nothing is moved in a table that somebody is walking (dict.Iter).
type Defrag struct {
	mem.Mover
	KeyHits   int64 // keys of which something was moved
	KeyMisses int64 // keys of which nothing was

	ks        *Keyspace
	maxFields int
	db        int
	expires   bool // of the two tables of db, the one that is walked
	cursor    uint64
	late      []lateValue
	move      func(unsafe.Pointer) unsafe.Pointer
}

// lateValue is a value that is too large to be done in one go.
type lateValue struct {
	key    []byte
	typ    Type
	cursor uint64
}

// ModuleDefragger is a ModuleType that may move its values.
type ModuleDefragger interface {
	// CanDefrag reports whether it does.
	CanDefrag() bool
	// Defrag moves the blocks of a value and returns where the value is now. With a cursor it may stop at the
	// deadline, with more to do; without, it does all at once.
	Defrag(db int, key []byte, p unsafe.Pointer, cursor *uint64, until time.Time, m *mem.Mover) (q unsafe.Pointer, more bool)
}

// NewDefrag starts a round. Values of more than maxFields elements are done piece by piece. It returns nil when a
// round is going on for another keyspace of the process. Close ends it.
func (ks *Keyspace) NewDefrag(maxFields int) *Defrag {
	if _, ok := mem.DefragBegin(); !ok {
		return nil
	}
	d := &Defrag{ks: ks, maxFields: maxFields}
	d.move = func(p unsafe.Pointer) unsafe.Pointer { return unsafe.Pointer(d.entry((*Entry)(p))) }
	return d
}

// Close ends the round, done or not.
func (d *Defrag) Close() { mem.DefragEnd() }

// Run goes on until the deadline and reports whether the round is done. While a snapshot is under way nothing moves.
func (d *Defrag) Run(until time.Time) (done bool) {
	if d.ks.snapshot != nil {
		return false
	}
	for d.db < len(d.ks.dbs) {
		if !time.Now().Before(until) {
			return false
		}
		db := d.ks.dbs[d.db]
		switch {
		case len(d.late) > 0:
			d.goOn(db, until)
		case !d.expires:
			if d.cursor == 0 {
				db.keys = db.keys.Moved(&d.Mover)
			}
			if d.cursor = db.keys.Defrag(&d.Mover, d.cursor, d.move); d.cursor == 0 {
				d.expires = true
			}
		default:
			if d.cursor == 0 {
				db.expires = db.expires.Moved(&d.Mover)
				db.timed.defrag(&d.Mover)
			}
			if d.cursor = db.expires.Defrag(&d.Mover, d.cursor, nil); d.cursor == 0 {
				d.expires = false
				d.db++
			}
		}
	}
	return true
}

// entry moves an entry and its value, and returns where the entry is.
func (d *Defrag) entry(e *Entry) *Entry {
	db := d.ks.dbs[d.db]
	before := d.Hits
	if p, moved := d.Copy(unsafe.Pointer(e)); moved {
		old := e
		e = (*Entry)(p)
		if e.HasExpire() {
			db.expires.ReplaceHashed(dict.Hash(e.Key()), unsafe.Pointer(old), p)
		}
		if e.hasFieldTimes() {
			e.ex().entry = uintptr(p)
		}
		mem.Free(unsafe.Pointer(old))
		db.gen++
	}
	d.value(db, e)
	if d.Hits != before {
		d.KeyHits++
	} else {
		d.KeyMisses++
	}
	return e
}

// value moves what an entry's value has outside of it, or puts that off.
func (d *Defrag) value(db *DB, e *Entry) {
	switch t := e.Type(); t {
	case String:
		if e.outside() {
			storePtr(e.value(), d.Move(loadPtr(e.value())))
		}
	case Module:
		mt := d.ks.ModuleTypeOf(e)
		md, ok := mt.(ModuleDefragger)
		if !ok || !md.CanDefrag() {
			return
		}
		if effort := mt.FreeEffort(db.id, e.Key(), e.Ptr()); effort == 0 || effort > d.maxFields {
			d.putOff(e)
			return
		}
		p, _ := md.Defrag(db.id, e.Key(), e.Ptr(), nil, time.Time{}, &d.Mover)
		e.SetPtr(p)
	default:
		ops := &containers[t]
		if ops.defrag == nil {
			return
		}
		if ops.effort(e.Encoding(), e.Ptr()) > d.maxFields {
			d.putOff(e)
			return
		}
		for c := ops.defrag(db, e, &d.Mover, 0); c != 0; {
			c = ops.defrag(db, e, &d.Mover, c)
		}
	}
}

func (d *Defrag) putOff(e *Entry) {
	d.late = append(d.late, lateValue{key: append([]byte(nil), e.Key()...), typ: e.Type()})
}

// goOn does the next piece of the first value that was put off.
func (d *Defrag) goOn(db *DB, until time.Time) {
	l := &d.late[0]
	e := db.Find(l.key)
	if e == nil || e.Type() != l.typ {
		d.next()
		return
	}
	before := d.Hits
	more := false
	if l.typ == Module {
		md, ok := d.ks.ModuleTypeOf(e).(ModuleDefragger)
		if ok && md.CanDefrag() {
			var p unsafe.Pointer
			p, more = md.Defrag(db.id, e.Key(), e.Ptr(), &l.cursor, until, &d.Mover)
			e.SetPtr(p)
		}
	} else {
		l.cursor = containers[l.typ].defrag(db, e, &d.Mover, l.cursor)
		more = l.cursor != 0
	}
	if !more {
		if d.Hits != before {
			d.KeyHits++
		} else {
			d.KeyMisses++
		}
		d.next()
	}
}

func (d *Defrag) next() {
	d.late = d.late[1:]
	if len(d.late) == 0 {
		d.late = nil
	}
}

// defrag moves the array of a heap.
func (h *expireHeap) defrag(m *mem.Mover) {
	if h.items != 0 {
		h.items = uintptr(m.Move(pointer(h.items)))
	}
}
