package aof

import (
	"strconv"

	"berth/internal/numfmt"
	"berth/keyspace"
)

// itemsPerCommand is how many elements one command of a rewrite carries at most.
const itemsPerCommand = 64

// Walk says an entry in the commands that make it anew. Begin it, then call Append until it reports that there is nothing
// more. The entry must not change meanwhile. It can be used again.
type Walk struct {
	db   *keyspace.DB
	e    *keyspace.Entry
	left int // elements to come

	list   keyspace.ListIter
	set    keyspace.SetIter
	zset   keyspace.ZSetIter
	hash   keyspace.HashIter
	timed  bool // fields of the hash have times
	stream streamWalk
	number []byte
}

// Begin begins with an entry. Values of modules are not for it: their types have a function of their own.
func (w *Walk) Begin(db *keyspace.DB, e *keyspace.Entry) {
	w.db, w.e, w.left = db, e, 0
	switch e.Type() {
	case keyspace.String:
		w.left = 1
	case keyspace.List:
		w.left, w.list = keyspace.ListLen(e), keyspace.NewListIter(nil, e, 0, false)
	case keyspace.Set:
		w.left, w.set = keyspace.SetLen(e), keyspace.NewSetIter(e)
	case keyspace.ZSet:
		w.left = keyspace.ZSetLen(e)
		w.zset = keyspace.NewZSetRankIter(e, 0, w.left-1, false)
	case keyspace.Hash:
		w.left, w.hash = keyspace.HashLen(e), keyspace.NewHashIter(e)
		w.timed = keyspace.HashMinExpire(e) != -1
	case keyspace.Stream:
		w.stream = streamWalk{}
	}
}

// Append appends a command or two, and reports whether that was all.
func (w *Walk) Append(dst []byte) (_ []byte, done bool) {
	n := min(w.left, itemsPerCommand)
	key := w.e.Key()
	switch w.e.Type() {
	case keyspace.String:
		dst = AppendArg(AppendArg(AppendCount(dst, 3), "SET"), key)
		dst = AppendArg(dst, w.text())
	case keyspace.List:
		dst = AppendArg(AppendArg(AppendCount(dst, 2+n), "RPUSH"), key)
		for i := 0; i < n && w.list.Next(); i++ {
			dst = AppendArg(dst, w.list.Value())
		}
	case keyspace.Set:
		dst = AppendArg(AppendArg(AppendCount(dst, 2+n), "SADD"), key)
		for i := 0; i < n && w.set.Next(); i++ {
			dst = AppendArg(dst, w.set.Member())
		}
	case keyspace.ZSet:
		dst = AppendArg(AppendArg(AppendCount(dst, 2+2*n), "ZADD"), key)
		for i := 0; i < n && w.zset.Next(); i++ {
			w.number = numfmt.AppendDouble(w.number[:0], w.zset.Score())
			dst = AppendArg(AppendArg(dst, w.number), w.zset.Member())
		}
	case keyspace.Hash:
		dst = w.appendHash(dst, n)
	case keyspace.Stream:
		var more bool
		if dst, more = w.appendStream(dst); more {
			return dst, false
		}
	}
	if w.left -= n; w.left > 0 {
		return dst, false
	}
	w.end()
	if at := w.e.Expire(); at != -1 {
		dst = AppendArg(AppendArg(AppendCount(dst, 3), "PEXPIREAT"), key)
		dst = w.appendInt(dst, at)
	}
	return dst, true
}

func (w *Walk) appendHash(dst []byte, n int) []byte {
	key := w.e.Key()
	if !w.timed {
		dst = AppendArg(AppendArg(AppendCount(dst, 2+2*n), "HMSET"), key)
	}
	for i := 0; i < n && w.hash.Next(); i++ {
		if w.timed {
			dst = AppendArg(AppendArg(AppendCount(dst, 4), "HMSET"), key)
		}
		dst = AppendArg(AppendArg(dst, w.hash.Field()), w.hash.Value())
		if at := w.hash.Expire(); at != 0 {
			dst = AppendArg(AppendArg(AppendCount(dst, 6), "HPEXPIREAT"), key)
			dst = w.appendInt(dst, at)
			dst = AppendArg(AppendArg(AppendArg(dst, "FIELDS"), "1"), w.hash.Field())
		}
	}
	return dst
}

// end lets go of what the walk held on to.
func (w *Walk) end() {
	switch w.e.Type() {
	case keyspace.Set:
		w.set.Close()
	case keyspace.Hash:
		w.hash.Close()
	}
}

// text is the value of a string.
func (w *Walk) text() []byte {
	if w.e.Encoding() == keyspace.Int {
		v, _ := keyspace.StringInt(w.e)
		w.number = strconv.AppendInt(w.number[:0], v, 10)
		return w.number
	}
	return keyspace.StringBytes(w.e, nil)
}

func (w *Walk) appendInt(dst []byte, v int64) []byte {
	w.number = strconv.AppendInt(w.number[:0], v, 10)
	return AppendArg(dst, w.number)
}
