package keyspace

import (
	"unsafe"

	"berth/keyspace/dict"
	"berth/keyspace/intset"
	"berth/keyspace/listpack"
	"berth/keyspace/mem"
	"berth/keyspace/quicklist"
)

// Scratch is room for the text of an integer element. A caller gives one where a value may
// be stored as an integer, and owns the text as long as it keeps the Scratch.
type Scratch = listpack.Scratch

// newContainer makes the empty value that each type of container begins as.
func newContainer(t Type) (Encoding, unsafe.Pointer) {
	switch t {
	case Set:
		return Intset, intset.New()
	case Stream:
		return StreamEnc, newStream()
	}
	return Listpack, listpack.New(0)
}

// CreateContainer adds an empty list, hash, set, sorted set or stream under a key that doesn't exist. The
// caller puts an element into it or calls DeleteIfEmpty, unless it is a stream, which may be empty.
func (db *DB) CreateContainer(key []byte, t Type) *Entry {
	enc, p := newContainer(t)
	return db.Create(key, t, enc, p)
}

// NewDetached returns an empty list, hash, set, sorted set or stream that belongs to no database: the typed
// operations work on it. It must end in StoreDetached or FreeDetached.
func NewDetached(t Type) *Entry {
	enc, p := newContainer(t)
	e := newEntry(nil, t, enc, 8, 0)
	storePtr(e.value(), p)
	return e
}

// StoreDetached puts the value of e under a key, in place of what is there, and ends e. It returns the key's
// entry.
func (db *DB) StoreDetached(key []byte, e *Entry) *Entry {
	t, enc, p := e.Type(), e.Encoding(), e.Ptr()
	mem.Free(unsafe.Pointer(e))
	return db.SetContainer(key, t, enc, p)
}

// FreeDetached ends a detached value that isn't wanted.
func FreeDetached(e *Entry) {
	containers[e.Type()].free(e.Encoding(), e.Ptr())
	mem.Free(unsafe.Pointer(e))
}

// ContainerLen is the number of elements of a list, hash, set, sorted set or stream.
func ContainerLen(e *Entry) int {
	switch e.Type() {
	case List:
		return ListLen(e)
	case Hash:
		return HashLen(e)
	case Set:
		return SetLen(e)
	case ZSet:
		return ZSetLen(e)
	case Stream:
		return StreamLen(e)
	}
	panic("keyspace: not a container")
}

// DeleteIfEmpty deletes the key of a list, hash, set or sorted set without elements and reports
// whether it did; e is gone then.
func (db *DB) DeleteIfEmpty(e *Entry) bool {
	if ContainerLen(e) != 0 {
		return false
	}
	db.Delete(e.Key())
	return true
}

func init() {
	containers[List] = typeOps{free: freeList, dup: dupList, effort: listEffort, memUsage: listMemUsage, defrag: defragList}
	containers[Hash] = typeOps{free: freeHash, dup: dupHash, effort: hashEffort, memUsage: hashMemUsage, defrag: defragHash}
	containers[Set] = typeOps{free: freeTable, dup: dupSet, effort: tableEffort, memUsage: tableMemUsage, defrag: defragTable}
	containers[ZSet] = typeOps{free: freeZSet, dup: dupZSet, effort: zsetEffort, memUsage: zsetMemUsage, defrag: defragZSet}
}

// freeTable frees a hash or a set.
func freeTable(enc Encoding, p unsafe.Pointer) {
	if enc == Hashtable {
		(*dict.Dict)(p).Free(mem.Free)
		return
	}
	mem.Free(p)
}

func tableEffort(enc Encoding, p unsafe.Pointer) int {
	if enc == Hashtable {
		return (*dict.Dict)(p).Len()
	}
	return 1
}

func tableMemUsage(enc Encoding, p unsafe.Pointer, samples int) int {
	if enc == Hashtable {
		return dictMemUsage((*dict.Dict)(p), samples)
	}
	return mem.Usable(p)
}

// dictMemUsage adds the elements, or as many of them as samples says scaled up, to the table's own bytes.
func dictMemUsage(d *dict.Dict, samples int) int {
	it := d.Iter()
	defer it.Close()
	n, sum := 0, 0
	for p := it.Next(); p != nil && (samples == 0 || n < samples); p = it.Next() {
		sum += mem.Usable(p)
		n++
	}
	if n == 0 {
		return d.MemUsage()
	}
	return d.MemUsage() + sum*d.Len()/n
}

// dupDict copies a table; size tells how many bytes an element has.
func dupDict(d *dict.Dict, keyOff int, size func(elem unsafe.Pointer) int) unsafe.Pointer {
	c := dict.New(keyOff)
	c.Expand(d.Len())
	it := d.Iter()
	for p := it.Next(); p != nil; p = it.Next() {
		n := size(p)
		q := mem.Alloc(n)
		copy(mem.Bytes(q, n), mem.Bytes(p, n))
		c.Insert(q)
	}
	it.Close()
	return unsafe.Pointer(c)
}

func freeList(enc Encoding, p unsafe.Pointer) {
	if enc == Quicklist {
		(*quicklist.List)(p).Free()
		return
	}
	mem.Free(p)
}

func dupList(enc Encoding, p unsafe.Pointer) unsafe.Pointer {
	if enc == Quicklist {
		return unsafe.Pointer((*quicklist.List)(p).Dup())
	}
	return listpack.Dup(p)
}

func listEffort(enc Encoding, p unsafe.Pointer) int {
	if enc == Quicklist {
		return (*quicklist.List)(p).Nodes()
	}
	return 1
}

func listMemUsage(enc Encoding, p unsafe.Pointer, samples int) int {
	if enc == Quicklist {
		return (*quicklist.List)(p).MemUsage(samples)
	}
	return mem.Usable(p)
}
