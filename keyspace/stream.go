package keyspace

import (
	"math"
	"unsafe"

	"berth/keyspace/idtree"
	"berth/keyspace/listpack"
	"berth/keyspace/mem"
)

// A stream is a sequence of listpacks, found by the id of the first entry that each was made for. DUMP shows them, so
// they are Redis's to the byte:
//
//	valid entries | deleted entries | n | field 1 … field n | 0          the master entry
//	flags | ms - master's | seq - master's | value 1 … value n | count   an entry with the master's fields
//	flags | ms | seq | n | field 1 | value 1 … | count                   any other entry
//
// count is the number of elements of the entry before it, by which it is read backwards. A deleted entry is marked
// in its flags and stays until all entries of its listpack are.

// StreamID is the id of an entry.
type StreamID = idtree.ID

// MaxStreamID is the greatest id.
var MaxStreamID = idtree.Max

// stream is the head of a stream, in off-heap memory.
type stream struct {
	nodes   idtree.Tree // listpacks
	length  uint64
	last    StreamID // of whatever was added
	first   StreamID // of the entries that are there
	deleted StreamID // the greatest that XDEL removed
	added   uint64   // how many entries were ever added
	groups  nameList // *StreamGroup
}

const (
	recordDeleted    = 1
	recordSameFields = 2

	// maxStreamElements is how many bytes the fields and values of an entry may have.
	maxStreamElements = 1 << 30
)

func (e *Entry) stream() *stream { return (*stream)(e.Ptr()) }

func newStream() unsafe.Pointer { return mem.AllocZero(int(unsafe.Sizeof(stream{}))) }

func init() {
	containers[Stream] = typeOps{free: freeStream, dup: dupStream, effort: streamEffort, memUsage: streamMemUsage,
		defrag: defragStream}
}

func freeStream(_ Encoding, p unsafe.Pointer) {
	s := (*stream)(p)
	s.nodes.Free(mem.Free)
	for i := range s.groups.len() {
		s.groupAt(i).free()
	}
	s.groups.free()
	mem.Free(p)
}

func dupStream(_ Encoding, p unsafe.Pointer) unsafe.Pointer {
	s, q := (*stream)(p), newStream()
	c := (*stream)(q)
	c.length, c.last, c.first, c.deleted, c.added = s.length, s.last, s.first, s.deleted, s.added
	for at := s.nodes.First(); at.Valid(); at.Next() {
		c.nodes.Put(at.ID(), listpack.Dup(at.Ptr()))
	}
	for i := range s.groups.len() {
		g := s.groupAt(i)
		c.groups.insert(i, g.dup())
	}
	return q
}

func streamEffort(_ Encoding, p unsafe.Pointer) int {
	s := (*stream)(p)
	n := 1 + s.nodes.Len()
	for i := range s.groups.len() {
		g := s.groupAt(i)
		n += 1 + g.pending.Len() + g.consumers.len()
	}
	return n
}

func streamMemUsage(_ Encoding, p unsafe.Pointer, samples int) int {
	s := (*stream)(p)
	n, sum := 0, 0
	for at := s.nodes.First(); at.Valid() && (samples == 0 || n < samples); at.Next() {
		sum += mem.Usable(at.Ptr())
		n++
	}
	if n > 0 {
		sum = sum * s.nodes.Len() / n
	}
	sum += mem.Usable(p) + s.nodes.MemUsage() + s.groups.memUsage()
	for i := range s.groups.len() {
		sum += s.groupAt(i).memUsage()
	}
	return sum
}

// StreamLen is the number of entries.
func StreamLen(e *Entry) int { return int(e.stream().length) }

// StreamState is what a stream knows about itself beside its entries.
type StreamState struct {
	Length  uint64
	LastID  StreamID // of what was added last, there or not
	FirstID StreamID // 0-0 when there is no entry
	// MaxDeletedID is the greatest id of a deleted entry, and EntriesAdded how many entries there ever were.
	MaxDeletedID StreamID
	EntriesAdded uint64
}

// StreamStateOf returns the state of a stream.
func StreamStateOf(e *Entry) StreamState {
	s := e.stream()
	return StreamState{s.length, s.last, s.first, s.deleted, s.added}
}

// StreamSetState replaces the state of a stream: XSETID, which leaves Length and FirstID, and loading.
func StreamSetState(db *DB, e *Entry, st StreamState) {
	db.beforeWrite(e)
	s := e.stream()
	s.length, s.last, s.first, s.deleted, s.added = st.Length, st.LastID, st.FirstID, st.MaxDeletedID, st.EntriesAdded
}

// StreamNodes is the number of listpacks.
func StreamNodes(e *Entry) int { return e.stream().nodes.Len() }

// StreamNode is the place of the first listpack whose id is not before id.
func StreamNode(e *Entry, id StreamID) idtree.Cursor { return e.stream().nodes.SeekGE(id) }

// StreamIDMode says how much of a new entry's id is given.
type StreamIDMode uint8

// The ways to choose an id.
const (
	StreamIDAuto    StreamIDMode = iota // from the clock
	StreamIDAutoSeq                     // the milliseconds are given
	StreamIDGiven
)

// StreamAddResult is what became of an addition.
type StreamAddResult uint8

// The results.
const (
	StreamAdded    StreamAddResult = iota
	StreamIDTooLow                 // not above the last id
	StreamTooLarge                 // more than one entry may hold
)

// StreamAdd appends an entry of fields and values, and returns its id.
func StreamAdd(db *DB, e *Entry, mode StreamIDMode, id StreamID, pairs [][]byte) (StreamID, StreamAddResult) {
	s := e.stream()
	id, ok := s.chooseID(mode, id, uint64(db.ks.now))
	if !ok || !s.last.Less(id) {
		return id, StreamIDTooLow
	}
	size := 0
	for _, p := range pairs {
		size += len(p)
	}
	if size > maxStreamElements {
		return id, StreamTooLarge
	}
	db.beforeWrite(e)
	s.append(db.ks.Limits, id, pairs, size)
	return id, StreamAdded
}

func (s *stream) chooseID(mode StreamIDMode, id StreamID, now uint64) (StreamID, bool) {
	switch {
	case mode == StreamIDGiven:
		return id, true
	case mode == StreamIDAutoSeq && id.MS != s.last.MS:
		return StreamID{MS: id.MS}, true
	case mode == StreamIDAutoSeq:
		return StreamID{MS: id.MS, Seq: s.last.Seq + 1}, s.last.Seq != math.MaxUint64
	case now > s.last.MS:
		return StreamID{MS: now}, true
	}
	return s.last.Next()
}

// nodeMaxBytes is stream-node-max-bytes, within what a listpack may have.
func nodeMaxBytes(lim *Limits) int {
	if n := lim.StreamNodeMaxBytes; n > 0 && n < maxStreamElements {
		return n
	}
	return maxStreamElements
}

// append adds an entry whose id is above all others. size is the sum of the lengths of its fields and values.
func (s *stream) append(lim *Limits, id StreamID, pairs [][]byte, size int) {
	fields := int64(len(pairs) / 2)
	limit := nodeMaxBytes(lim)
	tail := s.nodes.Last()
	if tail.Valid() {
		lp := tail.Ptr()
		full := listpack.Size(lp)+size >= limit
		if !full && lim.StreamNodeMaxEntries > 0 {
			off := listpack.First(lp)
			_, valid := listpack.Get(lp, off)
			_, gone := listpack.Get(lp, listpack.Next(lp, off))
			full = valid+gone >= int64(lim.StreamNodeMaxEntries)
		}
		if full {
			tail.SetPtr(listpack.Fit(lp))
			tail = idtree.Cursor{}
		}
	}
	if !tail.Valid() {
		lp := newNode(pairs)
		s.nodes.Put(id, lp)
		tail = s.nodes.Last()
	} else {
		lp := tail.Ptr()
		off := listpack.First(lp)
		_, valid := listpack.Get(lp, off)
		tail.SetPtr(listpack.ReplaceInt(lp, off, valid+1))
	}
	lp := tail.Ptr()
	master := tail.ID()
	ms, seq := int64(id.MS-master.MS), int64(id.Seq-master.Seq)
	same := hasFields(lp, pairs)
	n := listpack.IntSize(ms) + listpack.IntSize(seq)
	count := fields + 3
	if same {
		n += listpack.IntSize(recordSameFields)
	} else {
		n += listpack.IntSize(0) + listpack.IntSize(fields)
		count += fields + 1
	}
	for i, p := range pairs {
		if !same || i%2 == 1 {
			n += listpack.StrSize(p)
		}
	}
	n += listpack.IntSize(count)
	lp, off := listpack.Extend(lp, n, int(count)+1, limit)
	if same {
		off = listpack.PutInt(lp, off, recordSameFields)
	} else {
		off = listpack.PutInt(lp, off, 0)
	}
	off = listpack.PutInt(lp, off, ms)
	off = listpack.PutInt(lp, off, seq)
	if !same {
		off = listpack.PutInt(lp, off, fields)
	}
	for i, p := range pairs {
		if !same || i%2 == 1 {
			off = listpack.PutStr(lp, off, p)
		}
	}
	listpack.PutInt(lp, off, count)
	tail.SetPtr(lp)
	s.added++
	s.last = id
	s.length++
	if s.length == 1 {
		s.first = id
	}
}

// newNode makes a listpack with the master entry for the fields of a first entry, which counts already.
func newNode(pairs [][]byte) listpack.LP {
	fields := int64(len(pairs) / 2)
	n := listpack.IntSize(1) + listpack.IntSize(0) + listpack.IntSize(fields) + listpack.IntSize(0)
	for i := 0; i < len(pairs); i += 2 {
		n += listpack.StrSize(pairs[i])
	}
	lp, off := listpack.Extend(listpack.New(0), n, int(fields)+4, 0)
	off = listpack.PutInt(lp, off, 1)
	off = listpack.PutInt(lp, off, 0)
	off = listpack.PutInt(lp, off, fields)
	for i := 0; i < len(pairs); i += 2 {
		off = listpack.PutStr(lp, off, pairs[i])
	}
	listpack.PutInt(lp, off, 0)
	return lp
}

// hasFields reports whether the master entry of lp has the fields of pairs.
func hasFields(lp listpack.LP, pairs [][]byte) bool {
	off := listpack.Next(lp, listpack.Next(lp, listpack.First(lp)))
	if _, n := listpack.Get(lp, off); n != int64(len(pairs)/2) {
		return false
	}
	for i := 0; i < len(pairs); i += 2 {
		off = listpack.Next(lp, off)
		if !listpack.Compare(lp, off, pairs[i]) {
			return false
		}
	}
	return true
}
