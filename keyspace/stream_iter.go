package keyspace

import (
	"strconv"
	"unsafe"

	"berth/keyspace/listpack"
)

// StreamIter walks the entries of a stream. While it is in use the stream is changed by nothing but Remove.
type StreamIter struct {
	s          *stream
	start, end StreamID
	rev        bool
	tombstones bool // deleted entries are given too

	begun  bool
	lp     listpack.LP // the listpack that the iterator is in, or nil: between two
	master StreamID    // of lp, or of the listpack before
	names  int         // offset of the master's first field
	named  int         // number of these

	at     int // forward: what is behind the entry's read part; in reverse: where the entry begins
	id     StreamID
	flags  int64
	record int // offset of the entry
	fields int // of the entry
	left   int // fields not read yet
	field  int // offset of the next field, if it is the master's
	value  int // offset of the next value, or of its field
}

// NewStreamIter begins before the first entry of [start, end], or in reverse behind the last.
func NewStreamIter(e *Entry, start, end StreamID, rev bool) StreamIter {
	return StreamIter{s: e.stream(), start: start, end: end, rev: rev}
}

// Next goes to the next entry.
func (it *StreamIter) Next() bool {
	for {
		if it.lp == nil {
			if !it.enter() {
				return false
			}
		} else if !it.rev {
			it.skipRest()
		}
		if it.rev && !it.stepBack() || !it.rev && it.at == 0 {
			it.lp = nil
			continue
		}
		it.read()
		if it.flags&recordDeleted != 0 && !it.tombstones {
			continue
		}
		if it.rev {
			if it.end.Less(it.id) {
				continue
			}
			return !it.id.Less(it.start)
		}
		if it.id.Less(it.start) {
			continue
		}
		return !it.end.Less(it.id)
	}
}

// enter goes to the first listpack, or to the one behind master.
func (it *StreamIter) enter() bool {
	nodes := &it.s.nodes
	c := nodes.First()
	switch {
	case !it.begun && it.rev:
		if c = nodes.SeekLE(it.end); !c.Valid() {
			c = nodes.Last()
		}
	case !it.begun:
		if le := nodes.SeekLE(it.start); le.Valid() {
			c = le
		}
	case it.rev:
		id, ok := it.master.Prev()
		if !ok {
			return false
		}
		c = nodes.SeekLE(id)
	default:
		id, ok := it.master.Next()
		if !ok {
			return false
		}
		c = nodes.SeekGE(id)
	}
	it.begun = true
	if !c.Valid() {
		return false
	}
	it.lp, it.master = c.Ptr(), c.ID()
	off := listpack.Next(it.lp, listpack.Next(it.lp, listpack.First(it.lp)))
	_, n := listpack.Get(it.lp, off)
	it.names, it.named = listpack.Next(it.lp, off), int(n)
	if it.rev {
		it.at = listpack.End(it.lp)
		return true
	}
	off = it.names
	for range it.named {
		off = listpack.Next(it.lp, off)
	}
	it.at = listpack.Next(it.lp, off) // behind the zero
	it.left = 0
	return true
}

// stepBack goes to the beginning of the entry before, if there is one in the listpack.
func (it *StreamIter) stepBack() bool {
	off := listpack.Prev(it.lp, it.at)
	_, n := listpack.Get(it.lp, off)
	if n == 0 {
		return false // the end of the master entry
	}
	for range n {
		off = listpack.Prev(it.lp, off)
	}
	it.at = off
	return true
}

// skipRest passes what has not been read of the present entry.
func (it *StreamIter) skipRest() {
	n := it.left
	if it.flags&recordSameFields == 0 {
		n *= 2
	}
	off := it.value
	for range n + 1 {
		off = listpack.Next(it.lp, off)
	}
	it.at = off
}

// read takes apart the beginning of the entry at it.at.
func (it *StreamIter) read() {
	lp, off := it.lp, it.at
	it.record = off
	_, it.flags = listpack.Get(lp, off)
	off = listpack.Next(lp, off)
	_, ms := listpack.Get(lp, off)
	off = listpack.Next(lp, off)
	_, seq := listpack.Get(lp, off)
	off = listpack.Next(lp, off)
	it.id = StreamID{MS: it.master.MS + uint64(ms), Seq: it.master.Seq + uint64(seq)}
	if it.flags&recordSameFields != 0 {
		it.fields, it.field = it.named, it.names
	} else {
		_, n := listpack.Get(lp, off)
		it.fields = int(n)
		off = listpack.Next(lp, off)
	}
	it.left, it.value = it.fields, off
}

// ID is the entry's id.
func (it *StreamIter) ID() StreamID { return it.id }

// Fields is the number of fields that Field has still to give.
func (it *StreamIter) Fields() int { return it.left }

// StreamElem is a field or a value: a view of its text, or nil and the integer whose text it is.
type StreamElem struct {
	Text []byte
	Int  int64
}

func elemAt(lp listpack.LP, off int) StreamElem {
	s, v := listpack.Get(lp, off)
	return StreamElem{s, v}
}

// Get returns the entry's next field and its value; there is one.
func (it *StreamIter) Get() (field, value StreamElem) {
	at := &it.value
	if it.flags&recordSameFields != 0 {
		at = &it.field
	}
	field = elemAt(it.lp, *at)
	*at = listpack.Next(it.lp, *at)
	value = elemAt(it.lp, it.value)
	it.value = listpack.Next(it.lp, it.value)
	it.left--
	return field, value
}

// Field is Get with integers as text, written into the given rooms.
func (it *StreamIter) Field(fsc, vsc *Scratch) (field, value []byte) {
	f, v := it.Get()
	return f.bytes(fsc), v.bytes(vsc)
}

func (e *StreamElem) bytes(sc *Scratch) []byte {
	if e.Text == nil {
		return strconv.AppendInt(sc[:0], e.Int, 10)
	}
	return e.Text
}

// Remove deletes the present entry. What the stream knows of its first and its deleted entries is
// left to the caller.
func (it *StreamIter) Remove() {
	before := listpack.Size(it.lp)
	lp := listpack.ReplaceInt(it.lp, it.record, it.flags|recordDeleted)
	off := listpack.First(lp)
	_, valid := listpack.Get(lp, off)
	it.s.length--
	if valid == 1 {
		listpack.Free(lp)
		it.s.nodes.Delete(it.master)
		it.lp = nil
		return
	}
	lp = listpack.ReplaceInt(lp, off, valid-1)
	off = listpack.Next(lp, off)
	_, gone := listpack.Get(lp, off)
	lp = listpack.ReplaceInt(lp, off, gone+1)
	c := it.s.nodes.SeekLE(it.master)
	c.SetPtr(lp)
	d := listpack.Size(lp) - before
	it.lp, it.flags = lp, it.flags|recordDeleted
	it.at += d
	it.record += d
	it.field += d
	it.value += d
	it.names += d
}

// StreamEdge is the id of the first or the last entry; false, and the other end of all ids, when there is none.
// With tombstones, deleted entries that still take room count too.
func StreamEdge(e *Entry, first, tombstones bool) (StreamID, bool) {
	return e.stream().edge(first, tombstones)
}

func (s *stream) edge(first, tombstones bool) (StreamID, bool) {
	it := StreamIter{s: s, end: MaxStreamID, rev: !first, tombstones: tombstones}
	if it.Next() {
		return it.id, true
	}
	if first {
		return MaxStreamID, false
	}
	return StreamID{}, false
}

// StreamHas reports whether there is an entry with an id.
func StreamHas(e *Entry, id StreamID) bool {
	it := NewStreamIter(e, id, id, false)
	return it.Next()
}

// StreamDelete deletes an entry, and reports whether it was there. StreamDeleted must follow, once, after all.
func StreamDelete(db *DB, e *Entry, id StreamID) bool {
	db.beforeWrite(e)
	it := NewStreamIter(e, id, id, false)
	if !it.Next() {
		return false
	}
	it.Remove()
	return true
}

// StreamDeleted brings up to date what a stream knows of its entries after some were deleted, id being the
// greatest of them.
func StreamDeleted(e *Entry, id StreamID) {
	s := e.stream()
	if s.deleted.Less(id) {
		s.deleted = id
	}
	s.findFirst()
}

// findFirst looks for the first entry again.
func (s *stream) findFirst() {
	if s.length == 0 {
		s.first = StreamID{}
	} else {
		s.first, _ = s.edge(true, false)
	}
}

// StreamTrim says what to trim. Limit, if it is not 0, bounds how many entries are looked at for removal.
type StreamTrim struct {
	ByID   bool
	MaxLen int64    // entries to keep
	MinID  StreamID // the first to keep
	Approx bool     // whole listpacks only
	Limit  int64
}

// StreamTrimTo removes entries from the beginning and returns how many.
func StreamTrimTo(db *DB, e *Entry, t *StreamTrim) int64 {
	db.beforeWrite(e)
	s := e.stream()
	removed := int64(0)
	for c := s.nodes.First(); c.Valid(); c = s.nodes.First() {
		if !t.ByID && s.length <= uint64(t.MaxLen) {
			break
		}
		lp := c.Ptr()
		_, valid := listpack.Get(lp, listpack.First(lp))
		if t.Limit != 0 && removed+valid > t.Limit {
			break
		}
		whole := !t.ByID && s.length-uint64(valid) >= uint64(t.MaxLen)
		if t.ByID {
			whole = lastRecord(s, c.ID()).Less(t.MinID)
		}
		if whole {
			listpack.Free(lp)
			s.nodes.Delete(c.ID())
			s.length -= uint64(valid)
			removed += valid
			continue
		}
		if !t.Approx {
			removed += s.trimNode(c.ID(), t)
		}
		break
	}
	if removed > 0 || s.length == 0 {
		s.findFirst()
	}
	return removed
}

// lastRecord is the id of the last entry, deleted or not, of the first listpack, whose own id is master.
func lastRecord(s *stream, master StreamID) StreamID {
	it := StreamIter{s: s, end: master, rev: true, tombstones: true, begun: true}
	it.master, _ = master.Next() // enter finds what is before
	if it.enter() && it.stepBack() {
		it.read()
		return it.id
	}
	return master
}

// trimNode marks entries of the first listpack as deleted, as far as t says. It stays even if none is left.
func (s *stream) trimNode(master StreamID, t *StreamTrim) int64 {
	it := StreamIter{s: s, end: MaxStreamID, tombstones: true}
	marked := int64(0)
	for it.Next() && it.master == master {
		if !t.ByID && s.length <= uint64(t.MaxLen) || t.ByID && !it.id.Less(t.MinID) {
			break
		}
		if it.flags&recordDeleted != 0 {
			continue
		}
		listpack.ReplaceInt(it.lp, it.record, it.flags|recordDeleted) // one byte as before: nothing moves
		s.length--
		marked++
	}
	c := s.nodes.First()
	lp := c.Ptr()
	off := listpack.First(lp)
	_, valid := listpack.Get(lp, off)
	lp = listpack.ReplaceInt(lp, off, valid-marked)
	off = listpack.Next(lp, off)
	_, gone := listpack.Get(lp, off)
	c.SetPtr(listpack.ReplaceInt(lp, off, gone+marked))
	return marked
}

// StreamRadixNodes is the number of nodes that Redis's radix tree of the listpacks would have: one for each leaf, each
// place where ids part, and each run of bytes in between. XINFO tells it.
func StreamRadixNodes(e *Entry) int {
	// Depths of the places where ids part, on the way to the present id.
	var forks [2 * unsafe.Sizeof(StreamID{})]int
	depth, nodes := 0, 1
	var last [16]byte
	first := true
	// chain counts the run of bytes between two places on a way.
	chain := func(from, to int) {
		if to > from {
			nodes++
		}
	}
	for c := e.stream().nodes.First(); c.Valid(); c.Next() {
		var key [16]byte
		c.ID().Put(&key)
		if first {
			first = false
			last = key
			nodes = 1
			continue
		}
		common := 0
		for key[common] == last[common] {
			common++
		}
		// What lies below the new fork is complete.
		end := len(key)
		for depth > 0 && forks[depth-1] > common {
			chain(forks[depth-1]+1, end)
			end = forks[depth-1]
			depth--
		}
		chain(common+1, end)
		if depth == 0 || forks[depth-1] != common {
			forks[depth] = common
			depth++
			nodes++
		}
		nodes++
		last = key
	}
	if first {
		return 1
	}
	end := len(last)
	for ; depth > 0; depth-- {
		chain(forks[depth-1]+1, end)
		end = forks[depth-1]
	}
	chain(0, end)
	return nodes
}
