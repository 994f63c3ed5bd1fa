package keyspace

import (
	"unsafe"

	"berth/keyspace/dict"
	"berth/keyspace/listpack"
	"berth/keyspace/mem"
)

// A hash is a listpack of field, value, field, value … while it is small, and a dict beyond
// hash-max-listpack-entries or -value. It never goes back.
//
// An element of the dict is one block, with keyOff 0:
//
//	key header | field | value header, of the same form | value
//
// The first byte of the value header is below 0x81, so that a larger one can say later that the field's
// expire stands in front of the value.

func (e *Entry) dict() *dict.Dict { return (*dict.Dict)(e.Ptr()) }

// HashLen is the number of fields.
func HashLen(e *Entry) int {
	if e.Encoding() == Listpack {
		return listpack.Len(e.Ptr()) / 2
	}
	return e.dict().Len()
}

// hashElem makes a dict element.
func hashElem(field, value []byte) unsafe.Pointer {
	p := mem.Alloc(dict.KeyHeaderSize(len(field)) + dict.KeyHeaderSize(len(value)))
	dict.PutKey(unsafe.Add(p, dict.PutKey(p, field)), value)
	return p
}

func elemField(p unsafe.Pointer) []byte { return dict.KeyAt(p) }

func elemValue(p unsafe.Pointer) []byte { return dict.KeyAt(unsafe.Add(p, dict.HeaderSizeAt(p))) }

// hashToTable converts a listpack, making room for n fields.
func hashToTable(e *Entry, n int) {
	lp := e.Ptr()
	d := dict.New(0)
	d.Expand(max(n, listpack.Len(lp)/2))
	var fsc, vsc Scratch
	for off := listpack.First(lp); off != 0; off = listpack.Next(lp, off) {
		field := listpack.GetBytes(lp, off, &fsc)
		off = listpack.Next(lp, off)
		d.Insert(hashElem(field, listpack.GetBytes(lp, off, &vsc)))
	}
	listpack.Free(lp)
	e.SetPtr(unsafe.Pointer(d))
	e.SetEncoding(Hashtable)
}

// HashReserve chooses the encoding for a command's fields and values, in turn, before
// they are set one by one, as Redis does: too many or too long ones make it a table even if
// some of them turn out to be there already.
func HashReserve(db *DB, e *Entry, pairs [][]byte) {
	if e.Encoding() != Listpack {
		return
	}
	lim := db.ks.Limits
	if n := len(pairs) / 2; n > lim.HashMaxListpackEntries {
		hashToTable(e, n)
		return
	}
	sum := 0
	for _, s := range pairs {
		if len(s) > lim.HashMaxListpackValue {
			hashToTable(e, 0)
			return
		}
		sum += len(s)
	}
	if !listpack.SafeToAdd(e.Ptr(), sum) {
		hashToTable(e, 0)
	}
}

// HashSet sets a field and reports whether it is new.
func HashSet(db *DB, e *Entry, field, value []byte) (created bool) {
	if e.Encoding() == Listpack {
		lim := db.ks.Limits
		if len(field) <= lim.HashMaxListpackValue && len(value) <= lim.HashMaxListpackValue {
			lp := e.Ptr()
			if off := listpack.Find(lp, 0, field, 1); off != 0 {
				e.SetPtr(listpack.Replace(lp, listpack.Next(lp, off), value))
				return false
			}
			lp = listpack.AppendPair(lp, field, value)
			e.SetPtr(lp)
			if listpack.Len(lp)/2 > lim.HashMaxListpackEntries {
				hashToTable(e, 0)
			}
			return true
		}
		hashToTable(e, 0)
	}
	d := e.dict()
	h := dict.Hash(field)
	p := d.FindHashed(h, field)
	if p == nil {
		d.InsertHashed(h, hashElem(field, value))
		return true
	}
	off := dict.HeaderSizeAt(p)
	q := mem.Realloc(p, off+dict.KeyHeaderSize(len(value)))
	dict.PutKey(unsafe.Add(q, off), value)
	if q != p {
		d.ReplaceHashed(h, p, q)
	}
	return false
}

// HashSetNX sets a field that isn't there; false if it is.
func HashSetNX(db *DB, e *Entry, field, value []byte) bool {
	if HashExists(e, field) {
		return false
	}
	return HashSet(db, e, field, value)
}

// HashGet returns the value of a field.
func HashGet(e *Entry, field []byte, sc *Scratch) ([]byte, bool) {
	if e.Encoding() == Listpack {
		lp := e.Ptr()
		off := listpack.Find(lp, 0, field, 1)
		if off == 0 {
			return nil, false
		}
		return listpack.GetBytes(lp, listpack.Next(lp, off), sc), true
	}
	p := e.dict().Find(field)
	if p == nil {
		return nil, false
	}
	return elemValue(p), true
}

// HashExists reports whether the field is there.
func HashExists(e *Entry, field []byte) bool {
	if e.Encoding() == Listpack {
		return listpack.Find(e.Ptr(), 0, field, 1) != 0
	}
	return e.dict().Find(field) != nil
}

// HashStrLen is the length of a field's value, 0 when it isn't there.
func HashStrLen(e *Entry, field []byte) int {
	var sc Scratch
	v, _ := HashGet(e, field, &sc)
	return len(v)
}

// HashDelete removes a field and reports whether it was there.
func HashDelete(db *DB, e *Entry, field []byte) bool {
	if e.Encoding() == Listpack {
		lp := e.Ptr()
		off := listpack.Find(lp, 0, field, 1)
		if off == 0 {
			return false
		}
		lp, _ = listpack.DeleteN(lp, off, 2)
		e.SetPtr(lp)
		return true
	}
	p := e.dict().Delete(field)
	mem.Free(p)
	return p != nil
}

// HashIter walks the fields of a hash. The current field may be deleted or set in a table (Hashtable); any
// other change ends the iterator's use. It lives on the caller's stack; Close must end it.
type HashIter struct {
	lp       unsafe.Pointer // nil: a table
	off      int
	started  bool
	it       dict.Iter
	elem     unsafe.Pointer
	fsc, vsc Scratch
}

// NewHashIter returns an iterator before the first field.
func NewHashIter(e *Entry) HashIter {
	if e.Encoding() == Listpack {
		return HashIter{lp: e.Ptr()}
	}
	return HashIter{it: e.dict().Iter()}
}

// Next goes to the next field and reports whether there is one.
func (it *HashIter) Next() bool {
	if it.lp == nil {
		it.elem = it.it.Next()
		return it.elem != nil
	}
	switch {
	case !it.started:
		it.started = true
		it.off = listpack.First(it.lp)
	case it.off != 0:
		if it.off = listpack.Next(it.lp, it.off); it.off != 0 {
			it.off = listpack.Next(it.lp, it.off)
		}
	}
	return it.off != 0
}

// Field is the current field, valid until Next.
func (it *HashIter) Field() []byte {
	if it.lp == nil {
		return elemField(it.elem)
	}
	return listpack.GetBytes(it.lp, it.off, &it.fsc)
}

// Value is the current field's value, valid until Next.
func (it *HashIter) Value() []byte {
	if it.lp == nil {
		return elemValue(it.elem)
	}
	return listpack.GetBytes(it.lp, listpack.Next(it.lp, it.off), &it.vsc)
}

// Close ends the iteration.
func (it *HashIter) Close() {
	if it.lp == nil {
		it.it.Close()
	}
}

// HashRandom returns a field taken at random from a hash that isn't empty, and its value.
func HashRandom(e *Entry, fsc, vsc *Scratch) (field, value []byte) {
	if e.Encoding() == Listpack {
		lp := e.Ptr()
		off := listpack.Seek(lp, randInt(listpack.Len(lp)/2)*2)
		return listpack.GetBytes(lp, off, fsc), listpack.GetBytes(lp, listpack.Next(lp, off), vsc)
	}
	p := e.dict().FairRandom()
	return elemField(p), elemValue(p)
}

// HashRandomMany calls yield with count fields taken at random: different ones, or with repetition when
// count is negative. The views are valid during the call.
func HashRandomMany(e *Entry, count int, yield func(field, value []byte)) {
	if e.Encoding() != Listpack {
		randomElems(e.dict(), count, func(p unsafe.Pointer) { yield(elemField(p), elemValue(p)) })
		return
	}
	lp := e.Ptr()
	var fsc, vsc Scratch
	eachRandomPair(lp, count, func(off int) {
		yield(listpack.GetBytes(lp, off, &fsc), listpack.GetBytes(lp, listpack.Next(lp, off), &vsc))
	})
}

// HashScan calls yield with the fields of a few buckets, all of them in a listpack, and returns the
// cursor to go on with, 0 at the end. The views are valid during the call. yield may delete the
// field that it is given when the hash is a table.
func HashScan(e *Entry, cursor uint64, yield func(field, value []byte)) uint64 {
	if e.Encoding() == Listpack {
		for it := NewHashIter(e); it.Next(); {
			yield(it.Field(), it.Value())
		}
		return 0
	}
	return e.dict().Scan(cursor, func(p unsafe.Pointer) { yield(elemField(p), elemValue(p)) })
}

func dupHash(enc Encoding, p unsafe.Pointer) unsafe.Pointer {
	if enc == Listpack {
		return listpack.Dup(p)
	}
	return dupDict((*dict.Dict)(p), 0, func(p unsafe.Pointer) int {
		n := dict.HeaderSizeAt(p)
		return n + dict.HeaderSizeAt(unsafe.Add(p, n))
	})
}
