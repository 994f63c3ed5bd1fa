package capi

// #include <errno.h>
// #include "stream.h"
import "C"

import (
	"unsafe"

	"berth/keyspace"
)

// streamWalk is an iteration of a stream. The iterator is good for one epoch; when the data set may have changed
// since, another one goes on behind the entry at which it was.
type streamWalk struct {
	it           keyspace.StreamIter
	epoch        C.int64_t
	lower, upper keyspace.StreamID
	rev, at      bool // at: id is the entry that was given last
	id           keyspace.StreamID
}

func streamID(id *C.RedisModuleStreamID) keyspace.StreamID {
	return keyspace.StreamID{MS: uint64(id.ms), Seq: uint64(id.seq)}
}

// stopIterator ends a key's iteration, if there is one.
func stopIterator(key *C.RedisModuleKey) {
	if key.iter != 0 {
		runtimeOf(key).walks.remove(int64(key.iter))
		key.iter = 0
	}
}

// streamIs is keyIs for a stream that was written: it may be empty.
func streamIs(key *C.RedisModuleKey) {
	db, e := entryOf(key)
	keyIs(key, db, e)
}

//export goStreamAdd
func goStreamAdd(key *C.RedisModuleKey, own C.bool, id *C.RedisModuleStreamID, argv **C.RedisModuleString, n C.int64_t) (errno C.int) {
	defer guard("StreamAdd")
	errno = C.EINVAL
	rt := runtimeOf(key)
	pairs := rt.pairs[:0]
	for _, s := range unsafe.Slice(argv, 2*n) {
		pairs = append(pairs, bytesOf(s))
	}
	defer func() { clear(pairs); rt.pairs = pairs[:0] }()
	db, e := containerOf(key, keyspace.Stream)
	defer streamIs(key)
	if keyspace.StreamStateOf(e).LastID == keyspace.MaxStreamID {
		return C.EFBIG
	}
	mode := keyspace.StreamIDAuto
	if own {
		mode = keyspace.StreamIDGiven
	}
	added, result := keyspace.StreamAdd(db, e, mode, streamID(id), pairs)
	switch result {
	case keyspace.StreamIDTooLow:
		return C.EDOM
	case keyspace.StreamTooLarge:
		return C.ERANGE
	}
	id.ms, id.seq = C.uint64_t(added.MS), C.uint64_t(added.Seq)
	rt.srv.KeyReady(db, bytesOf(key.name), keyspace.Stream)
	return 0
}

// goStreamDelete deletes an entry. As in Redis, the stream goes on telling of it as its first
// one, and not as one that was deleted.
//
//export goStreamDelete
func goStreamDelete(key *C.RedisModuleKey, ms, seq C.uint64_t) (there C.int) {
	defer guard("StreamDelete")
	db, e := entryOf(key)
	if keyspace.StreamDelete(db, e, keyspace.StreamID{MS: uint64(ms), Seq: uint64(seq)}) {
		there = 1
	}
	streamIs(key)
	return there
}

//export goStreamStart
func goStreamStart(key *C.RedisModuleKey, lower, upper *C.RedisModuleStreamID, rev C.int) {
	defer guard("StreamIteratorStart")
	w := &streamWalk{epoch: -1, lower: streamID(lower), upper: streamID(upper), rev: rev != 0}
	key.iter = C.int64_t(runtimeOf(key).walks.add(w))
}

//export goStreamStop
func goStreamStop(key *C.RedisModuleKey) {
	defer guard("StreamIteratorStop")
	stopIterator(key)
}

// resume puts the iterator behind the entry at which it was, and reports whether there can be any.
func (w *streamWalk) resume(e *keyspace.Entry) bool {
	ok := true
	if w.at && w.rev {
		w.upper, ok = w.id.Prev()
	} else if w.at {
		w.lower, ok = w.id.Next()
	}
	w.it = keyspace.NewStreamIter(e, w.lower, w.upper, w.rev)
	return ok
}

//export goStreamNext
func goStreamNext(key *C.RedisModuleKey, c *C.rm_swalk) (found C.int) {
	defer guard("StreamIteratorNextID")
	w, ok := runtimeOf(key).walks.get(int64(key.iter))
	if !ok {
		return 0
	}
	_, e := entryOf(key)
	if w.epoch != C.rm_state.epoch && !w.resume(e) {
		return 0
	}
	w.epoch = C.rm_state.epoch
	if !w.it.Next() {
		return 0
	}
	w.at, w.id = true, w.it.ID()
	c.id.ms, c.id.seq = C.uint64_t(w.id.MS), C.uint64_t(w.id.Seq)
	c.fields = C.long(w.it.Fields())
	c.left = c.fields
	fillFields(c, &w.it, 0)
	return 1
}

// fillFields tells C of some fields and values of an entry, from the one of number from on, at which the iterator is.
func fillFields(c *C.rm_swalk, it *keyspace.StreamIter, from C.long) {
	c.epoch = C.rm_state.epoch
	c.from = from
	c.count = C.long(min(it.Fields(), C.RM_STREAM_FIELDS))
	for i := range c.count {
		field, value := it.Get()
		c.items[2*i], c.items[2*i+1] = streamElem(field), streamElem(value)
	}
}

func streamElem(e keyspace.StreamElem) C.rm_selem {
	if e.Text == nil {
		return C.rm_selem{n: C.int64_t(e.Int)}
	}
	return C.rm_selem{ptr: (*C.char)(unsafe.Pointer(unsafe.SliceData(e.Text))), n: C.int64_t(len(e.Text))}
}

// goStreamFields fetches fields of the present entry from the one of number from on; 0 if the entry is gone.
//
//export goStreamFields
func goStreamFields(key *C.RedisModuleKey, c *C.rm_swalk, from C.long) (ok C.int) {
	defer guard("StreamIteratorNextField")
	_, e := entryOf(key)
	id := streamID(&c.id)
	it := keyspace.NewStreamIter(e, id, id, false)
	if !it.Next() || it.Fields() <= int(from) {
		return 0
	}
	for range from {
		it.Get()
	}
	fillFields(c, &it, from)
	return 1
}

//export goStreamTrim
func goStreamTrim(key *C.RedisModuleKey, approx, byID C.int, length C.longlong, ms, seq C.uint64_t) (n C.longlong) {
	defer guard("StreamTrimByLength")
	n = -1
	db, e := entryOf(key)
	t := keyspace.StreamTrim{ByID: byID != 0, MaxLen: int64(length), Approx: approx != 0,
		MinID: keyspace.StreamID{MS: uint64(ms), Seq: uint64(seq)}}
	if t.Approx {
		t.Limit = 100 * int64(db.Keyspace().Limits.StreamNodeMaxEntries)
	}
	n = C.longlong(keyspace.StreamTrimTo(db, e, &t))
	streamIs(key)
	return n
}
