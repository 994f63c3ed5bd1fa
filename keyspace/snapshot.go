package keyspace

import (
	"unsafe"
)

// A Snapshot walks all entries as they were at one instant, its epoch, while the server goes on working. Step takes
// some, between commands; an entry that is about to change before its turn is taken first, by beforeWrite, which every
// operation that changes an entry or its value calls. Each entry notes in which epoch it was taken or made, so nothing
// has to be kept aside, and while no snapshot is under way a write costs one branch more.
//
// Databases keep the number that they had, whatever SWAPDB does; what FLUSHDB removes stays until it was taken.
type Snapshot struct {
	// Total and Taken count keys.
	Total, Taken int

	ks    *Keyspace
	epoch uint32
	take  func(db int, of *DB, e *Entry) (more func() bool)
	parts []*snapshotPart

	current *Entry // is being taken bit by bit
	more    func() bool
	batch   []*Entry
}

// snapshotPart is what was one database.
type snapshotPart struct {
	id      int
	home    *DB // for the operations that want one
	c       contents
	flushed bool // c is in no database any more
	cursor  uint64
	done    bool
}

const (
	epochShift = 16
	epochMask  = 0xff << epochShift
	// detachedEpoch is that of entries that are in no table.
	detachedEpoch = 0xff
)

// taken reports whether an entry has been taken in an epoch or was made in it, or is in no table.
func (e *Entry) taken(epoch uint32) bool {
	in := e.aux & epochMask >> epochShift
	return in == epoch || in == detachedEpoch
}

func (e *Entry) setEpoch(epoch uint32) { e.aux = e.aux&^epochMask | epoch<<epochShift }

// Layout is where the entries are in memory, for a copy of this process that reads them without Go.
type Layout struct {
	KeyOff     int // of the key header in an entry
	Tables     []TableLayout
	LRUSeconds uint32 // what the LRU field of an entry that is used now gets
	LFUMinutes uint32
}

// TableLayout is one database's.
type TableLayout struct {
	Buckets [2]uintptr // 0: none
	Size    [2]int
}

// Layout returns where the entries are now.
func (ks *Keyspace) Layout() Layout {
	l := Layout{KeyOff: keyOff, LRUSeconds: ks.lruSecs, LFUMinutes: ks.lfuMinutes()}
	for _, db := range ks.dbs {
		var t TableLayout
		t.Buckets, t.Size = db.keys.Layout()
		l.Tables = append(l.Tables, t)
	}
	return l
}

// ModuleValues is how many values of modules there are.
func (ks *Keyspace) ModuleValues() (n int) {
	for _, db := range ks.dbs {
		n += db.modules
	}
	return n
}

// beforeWrite is called before an entry, its expire or its value changes, or goes away.
func (db *DB) beforeWrite(e *Entry) {
	if s := db.ks.snapshot; s != nil && !e.taken(s.epoch) {
		s.takeNow(db, e)
	}
}

// BeginSnapshot starts a snapshot of this instant. take is called once for each entry, with the number that
// its database had then: it must not write the keyspace. For a value that takes long it may return a function, which
// is called until it returns true; it has to end at once when it is called with no time left, as the value is about to
// change. There is one snapshot at a time; End ends it.
func (ks *Keyspace) BeginSnapshot(take func(db int, of *DB, e *Entry) (more func() bool)) *Snapshot {
	if ks.snapshot != nil {
		panic("keyspace: a snapshot is under way")
	}
	ks.nextEpoch()
	s := &Snapshot{ks: ks, epoch: ks.epoch, take: take}
	for _, db := range ks.dbs {
		s.Total += db.Len()
		p := &snapshotPart{id: db.id, home: db, c: db.contents}
		db.part = p
		s.parts = append(s.parts, p)
	}
	ks.snapshot = s
	return s
}

// nextEpoch goes on to a number that no entry has. Numbers come again, and an entry has an old one if the snapshots
// since then were ended early: before that can be so old that it would be taken for new, all get the present one.
func (ks *Keyspace) nextEpoch() {
	if ks.walked++; ks.walked >= detachedEpoch-1 {
		for _, db := range ks.dbs {
			for it := db.Iter(); ; {
				e := it.Next()
				if e == nil {
					it.Close()
					break
				}
				e.setEpoch(ks.epoch)
			}
		}
		ks.walked = 1
	}
	ks.epoch = (ks.epoch + 1) % detachedEpoch
}

// Snapshotting reports whether a snapshot is under way.
func (ks *Keyspace) Snapshotting() bool { return ks.snapshot != nil }

// takeNow takes an entry before it changes.
func (s *Snapshot) takeNow(db *DB, e *Entry) {
	if e == s.current {
		for !s.more() {
		}
		s.finishCurrent()
		return
	}
	e.setEpoch(s.epoch)
	s.Taken++
	if more := s.take(db.part.id, db, e); more != nil {
		for !more() {
		}
	}
}

func (s *Snapshot) finishCurrent() {
	s.current.setEpoch(s.epoch)
	s.current, s.more = nil, nil
	s.Taken++
}

// Step takes entries until enough returns true, which is asked about every few, and reports whether all have been
// taken.
func (s *Snapshot) Step(enough func() bool) bool {
	for {
		if s.current != nil {
			for !s.more() {
				if enough() {
					return false
				}
			}
			s.finishCurrent()
		}
		p := s.next()
		if p == nil {
			s.ks.walked = 0
			return true
		}
		if s.stepPart(p) && enough() {
			return false
		}
	}
}

// next is the part to go on with: what was flushed comes first, so that its memory is free soon.
func (s *Snapshot) next() *snapshotPart {
	var next *snapshotPart
	for _, p := range s.parts {
		if !p.done && (next == nil || p.flushed && !next.flushed) {
			next = p
		}
	}
	return next
}

// stepPart takes the entries of some buckets of a part.
func (s *Snapshot) stepPart(p *snapshotPart) bool {
	cursor := p.cursor
	s.batch = s.batch[:0]
	for range 4 {
		cursor = p.c.keys.Scan(cursor, func(q unsafe.Pointer) {
			if e := (*Entry)(q); !e.taken(s.epoch) {
				s.batch = append(s.batch, e)
			}
		})
		if cursor == 0 {
			break
		}
	}
	for _, e := range s.batch {
		more := s.take(p.id, p.home, e)
		if more != nil {
			// The others of the bucket are found again when this one is done.
			s.current, s.more = e, more
			return true
		}
		e.setEpoch(s.epoch)
		s.Taken++
	}
	p.cursor = cursor
	if cursor == 0 {
		s.finishPart(p)
	}
	return true
}

func (s *Snapshot) finishPart(p *snapshotPart) {
	p.done = true
	if p.flushed {
		s.ks.lazy.push(freeJob{keys: p.c.keys, expires: p.c.expires}, int64(p.c.keys.Len()))
	}
}

// End ends the snapshot, whether all entries have been taken or not.
func (s *Snapshot) End() {
	for _, p := range s.parts {
		if !p.done {
			s.finishPart(p)
		}
	}
	for _, db := range s.ks.dbs {
		db.part = nil
	}
	s.ks.snapshot = nil
	s.current, s.more = nil, nil
}

// keep keeps the contents of a database that are about to be freed, if the snapshot still has to take entries of them,
// and reports whether it does: it frees them then.
func (s *Snapshot) keep(c contents) bool {
	if c.part == nil || c.part.done {
		return false
	}
	c.part.c = c
	c.part.flushed = true
	return true
}
