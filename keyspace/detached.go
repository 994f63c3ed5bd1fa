package keyspace

import (
	"unsafe"

	"berth/keyspace/intset"
	"berth/keyspace/listpack"
)

// NewDetachedOf is NewDetached for a container that exists: p, stored as enc says, is the
// detached value's from then on.
func NewDetachedOf(t Type, enc Encoding, p unsafe.Pointer) *Entry {
	e := newEntry(nil, t, enc, 8, 0)
	storePtr(e.value(), p)
	return e
}

// FitEncoding gives a container that came whole, from a payload, the encoding that the
// limits ask for at its number of elements. The lengths of single elements don't count
// here, as they don't in Redis.
func FitEncoding(db *DB, e *Entry) {
	lim := db.ks.Limits
	switch t, enc := e.Type(), e.Encoding(); {
	case t == List && enc == Listpack:
		listGrow(db, e, 0, 0)
	case t == List:
		listToListpack(db, e, 1)
	case t == Set && enc == Intset && intset.Len(e.Ptr()) > lim.SetMaxIntsetEntries,
		t == Set && enc == Listpack && listpack.Len(e.Ptr()) > lim.SetMaxListpackEntries:
		setToTable(e, 0)
	case t == Hash && enc == Listpack && listpack.Len(e.Ptr())/2 > lim.HashMaxListpackEntries:
		hashToTable(e, 0)
	case t == Hash && enc == ListpackEx && HashLen(e) > lim.HashMaxListpackEntries:
		exToTable(e, 0)
	case t == ZSet && enc == Listpack && listpack.Len(e.Ptr())/2 > lim.ZSetMaxListpackEntries:
		zsetToTable(e, 0)
	}
}

// ListFill is list-max-listpack-size as a quicklist takes it.
func ListFill(db *DB) int { return listFill(db) }

// ModuleTypeByID returns the registry id of the type whose 64-bit id has the given name
// part, the part above the encoding version; 0 if there is none.
func (ks *Keyspace) ModuleTypeByID(name uint64) int {
	l := ks.modules.list()
	// The newest counts: an older one only stood for it.
	for i := len(l) - 1; i > 0; i-- {
		if l[i] != nil && l[i].ID()>>10 == name {
			return i
		}
	}
	return 0
}

// SetToTable gives a set the encoding of large ones, with room for n members.
func SetToTable(e *Entry, n int) {
	if e.Encoding() != Hashtable {
		setToTable(e, n)
	}
}

// ZSetToTable gives a sorted set the encoding of large ones, whatever its size. Redis does so to the argument of
// SORT, and to the results of algebra while they are computed: a listpack has no -0.
func ZSetToTable(e *Entry) {
	if e.Encoding() == Listpack {
		zsetToTable(e, 0)
	}
}

// ZSetToListpack gives a sorted set back the encoding of small ones if the limits allow it, as the stored results of
// algebra get it at the end.
func ZSetToListpack(db *DB, e *Entry) {
	lim := db.ks.Limits
	if e.Encoding() == Listpack || ZSetLen(e) > lim.ZSetMaxListpackEntries {
		return
	}
	lp := listpack.New(0)
	for it := NewZSetRankIter(e, 0, ZSetLen(e)-1, false); it.Next(); {
		member := it.Member()
		if len(member) > lim.ZSetMaxListpackValue {
			listpack.Free(lp)
			return
		}
		lp = packedInsert(lp, it.Score(), member)
	}
	freeZSet(e.Encoding(), e.Ptr())
	e.SetPtr(lp)
	e.SetEncoding(Listpack)
}
