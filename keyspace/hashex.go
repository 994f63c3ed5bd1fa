package keyspace

import (
	"unsafe"

	"berth/keyspace/dict"
	"berth/keyspace/listpack"
	"berth/keyspace/mem"
)

// hashEx is a hash whose fields may have a time to live, an off-heap block of its own between the entry and the
// fields, so that other hashes pay nothing. There are two encodings:
//
//	ListpackEx   body is a listpack of field, value, time …; by rising time, the fields without one (0) at the end
//	HashtableEx  body is a dict whose elements may have a time; fields is a heap of those that do
//
// In the first the earliest time is that of the first triplet, in the second that of the heap's. A hash that
// is a table goes back to Hashtable with its last time; a ListpackEx stays one, as in Redis.
//
// An element with a time is
//
//	key header | field | ttlMark | time int64 | index in the heap uint32 | value header | value
type hashEx struct {
	body   uintptr
	entry  uintptr // the Entry, while it is in a database
	fields expireHeap
	index  uint32 // in the database's heap of hashes
	// announced is the earliest time as Redis would know it, which doesn't follow every change at
	// once: payloads of ListpackEx hold it. 0: none.
	announced int64
}

const (
	ttlMark = 0xff
	// ttlRoom is what the mark, the time and the index take.
	ttlRoom = 1 + 8 + 4
)

func (e *Entry) ex() *hashEx { return (*hashEx)(e.Ptr()) }

// hasFieldTimes reports whether fields of the entry may have a time to live.
func (e *Entry) hasFieldTimes() bool {
	enc := e.Encoding()
	return enc == ListpackEx || enc == HashtableEx
}

func (x *hashEx) lp() listpack.LP { return pointer(x.body) }

func (x *hashEx) setLP(lp listpack.LP) { x.body = uintptr(lp) }

func (x *hashEx) dict() *dict.Dict { return (*dict.Dict)(pointer(x.body)) }

// hashTable is the table of a hash that is one.
func hashTable(e *Entry) *dict.Dict {
	if e.Encoding() == HashtableEx {
		return e.ex().dict()
	}
	return e.dict()
}

func newHashEx(body unsafe.Pointer) *hashEx {
	x := (*hashEx)(mem.Alloc(int(unsafe.Sizeof(hashEx{}))))
	*x = hashEx{body: uintptr(body), index: noIndex}
	return x
}

func hashMoved(p unsafe.Pointer, i uint32) { (*hashEx)(p).index = i }

// fieldMoved tells an element its index.
func fieldMoved(p unsafe.Pointer, i uint32) {
	*(*uint32)(unsafe.Add(p, dict.HeaderSizeAt(p)+1+8)) = i
}

// elemExpire is the time of an element, 0 if it has none.
func elemExpire(p unsafe.Pointer) int64 {
	m := unsafe.Add(p, dict.HeaderSizeAt(p))
	if *(*byte)(m) != ttlMark {
		return 0
	}
	return *(*int64)(unsafe.Add(m, 1))
}

func elemIndex(p unsafe.Pointer) uint32 {
	return *(*uint32)(unsafe.Add(p, dict.HeaderSizeAt(p)+1+8))
}

func elemSize(p unsafe.Pointer) int {
	n := dict.HeaderSizeAt(p)
	if *(*byte)(unsafe.Add(p, n)) == ttlMark {
		n += ttlRoom
	}
	return n + dict.HeaderSizeAt(unsafe.Add(p, n))
}

// timedElem makes an element with a time that is in no heap yet.
func timedElem(field, value []byte, at int64) unsafe.Pointer {
	n := dict.KeyHeaderSize(len(field))
	p := mem.Alloc(n + ttlRoom + dict.KeyHeaderSize(len(value)))
	dict.PutKey(p, field)
	*(*byte)(unsafe.Add(p, n)) = ttlMark
	*(*int64)(unsafe.Add(p, n+1)) = at
	*(*uint32)(unsafe.Add(p, n+1+8)) = noIndex
	dict.PutKey(unsafe.Add(p, n+ttlRoom), value)
	return p
}

// packedTime is the time of the triplet that begins at off.
func packedTime(lp listpack.LP, off int) int64 {
	_, at := listpack.Get(lp, listpack.Next(lp, listpack.Next(lp, off)))
	return at
}

// min is the earliest time of a field, 0 if there is none.
func (x *hashEx) min(enc Encoding) int64 {
	if enc == HashtableEx {
		return x.fields.min()
	}
	lp := x.lp()
	if off := listpack.First(lp); off != 0 {
		return packedTime(lp, off)
	}
	return 0
}

// packedAdd puts a triplet where its time belongs, in front of others with the same.
func packedAdd(lp listpack.LP, field, value []byte, at int64) listpack.LP {
	if at != 0 {
		for off := listpack.First(lp); off != 0; {
			t := listpack.Next(lp, listpack.Next(lp, off))
			if _, v := listpack.Get(lp, t); v == 0 || v >= at {
				lp = listpack.InsertStrIntBefore(lp, off, value, at)
				return listpack.InsertBefore(lp, off, field)
			}
			off = listpack.Next(lp, t)
		}
	}
	return listpack.AppendInt(listpack.AppendPair(lp, field, value), at)
}

// hashToEx gives a hash without times the form of one that may have some.
func hashToEx(e *Entry) {
	p := e.Ptr()
	if e.Encoding() == Hashtable {
		e.SetPtr(unsafe.Pointer(newHashEx(p)))
		e.SetEncoding(HashtableEx)
		return
	}
	lp := listpack.New(listpack.Size(p) + listpack.Len(p))
	var fsc, vsc Scratch
	for off := listpack.First(p); off != 0; off = listpack.Next(p, off) {
		field := listpack.GetBytes(p, off, &fsc)
		off = listpack.Next(p, off)
		lp = listpack.AppendInt(listpack.AppendPair(lp, field, listpack.GetBytes(p, off, &vsc)), 0)
	}
	listpack.Free(p)
	e.SetPtr(unsafe.Pointer(newHashEx(lp)))
	e.SetEncoding(ListpackEx)
}

// exToTable converts a listpack of triplets, making room for n fields.
func exToTable(e *Entry, n int) {
	x := e.ex()
	lp := x.lp()
	d := dict.New(0)
	d.Expand(max(n, listpack.Len(lp)/3))
	var fsc, vsc Scratch
	for off := listpack.First(lp); off != 0; off = listpack.Next(lp, off) {
		field := listpack.GetBytes(lp, off, &fsc)
		off = listpack.Next(lp, off)
		value := listpack.GetBytes(lp, off, &vsc)
		off = listpack.Next(lp, off)
		if _, at := listpack.Get(lp, off); at != 0 {
			p := timedElem(field, value, at)
			d.Insert(p)
			x.fields.insert(at, p, fieldMoved)
		} else {
			d.Insert(hashElem(field, value))
		}
	}
	listpack.Free(lp)
	x.body = uintptr(unsafe.Pointer(d))
	e.SetEncoding(HashtableEx)
	if x.fields.n == 0 && x.entry == 0 {
		exToPlain(e)
	}
}

// exToPlain takes the block away from a table without times that is in no heap.
func exToPlain(e *Entry) {
	x := e.ex()
	e.SetPtr(unsafe.Pointer(x.dict()))
	e.SetEncoding(Hashtable)
	mem.Free(unsafe.Pointer(x))
}

// fieldTimesChanged brings the database's heap of hashes up to date. Every change of a hash with times
// ends with it.
func (db *DB) fieldTimesChanged(e *Entry) {
	x := e.ex()
	at := x.min(e.Encoding())
	if x.entry != 0 {
		switch {
		case at == 0 && x.index != noIndex:
			db.timed.remove(x.index, hashMoved)
		case at == 0:
		case x.index == noIndex:
			db.timed.insert(at, unsafe.Pointer(x), hashMoved)
		case db.timed.list()[x.index].at != at:
			db.timed.update(x.index, at, hashMoved)
		}
	}
	if at == 0 && e.Encoding() == HashtableEx {
		exToPlain(e)
	}
}

// attachTimes notes that an entry is in the database, which must know when its fields are due.
func (db *DB) attachTimes(e *Entry) {
	if e.hasFieldTimes() {
		x := e.ex()
		x.entry = uintptr(unsafe.Pointer(e))
		if x.announced == 0 {
			x.announced = x.min(e.Encoding())
		}
		db.fieldTimesChanged(e)
	}
}

// detachTimes undoes attachTimes: the entry, or its value, leaves the database.
func (db *DB) detachTimes(e *Entry) {
	if !e.hasFieldTimes() {
		return
	}
	x := e.ex()
	if x.index != noIndex {
		db.timed.remove(x.index, hashMoved)
	}
	x.entry = 0
}

// exSet is HashSet for a hash with times; keep keeps the field's. The value fits the encoding.
func exSet(e *Entry, field, value []byte, keep bool) (created bool) {
	x := e.ex()
	if e.Encoding() == ListpackEx {
		lp := x.lp()
		off := listpack.Find(lp, 0, field, 2)
		switch {
		case off == 0:
			x.setLP(packedAdd(lp, field, value, 0))
			return true
		case keep || packedTime(lp, off) == 0:
			x.setLP(listpack.Replace(lp, listpack.Next(lp, off), value))
		default:
			lp, _ = listpack.DeleteN(lp, off, 3)
			x.setLP(packedAdd(lp, field, value, 0))
		}
		return false
	}
	d := x.dict()
	h := dict.Hash(field)
	p := d.FindHashed(h, field)
	if p == nil {
		d.InsertHashed(h, hashElem(field, value))
		return true
	}
	off := dict.HeaderSizeAt(p)
	timed := elemExpire(p) != 0
	if timed && !keep {
		x.fields.remove(elemIndex(p), fieldMoved)
		timed = false
	} else if timed {
		off += ttlRoom
	}
	q := mem.Realloc(p, off+dict.KeyHeaderSize(len(value)))
	dict.PutKey(unsafe.Add(q, off), value)
	if q != p {
		d.ReplaceHashed(h, p, q)
		if timed {
			x.fields.relocated(elemIndex(q), q)
		}
	}
	return false
}

// exDelete is HashDelete for a hash with times.
func exDelete(e *Entry, field []byte) bool {
	x := e.ex()
	if e.Encoding() == ListpackEx {
		lp := x.lp()
		off := listpack.Find(lp, 0, field, 2)
		if off == 0 {
			return false
		}
		lp, _ = listpack.DeleteN(lp, off, 3)
		x.setLP(lp)
		return true
	}
	p := x.dict().Delete(field)
	if p == nil {
		return false
	}
	if elemExpire(p) != 0 {
		x.fields.remove(elemIndex(p), fieldMoved)
	}
	mem.Free(p)
	return true
}

// exFind finds a field: its value and its time, 0 for none.
func exFind(e *Entry, field []byte, sc *Scratch) (value []byte, at int64, ok bool) {
	x := e.ex()
	if e.Encoding() == ListpackEx {
		lp := x.lp()
		off := listpack.Find(lp, 0, field, 2)
		if off == 0 {
			return nil, 0, false
		}
		return listpack.GetBytes(lp, listpack.Next(lp, off), sc), packedTime(lp, off), true
	}
	p := x.dict().Find(field)
	if p == nil {
		return nil, 0, false
	}
	return elemValue(p), elemExpire(p), true
}

// exSetTime gives a field that is there another time, 0 for none.
func exSetTime(e *Entry, field []byte, at int64) {
	x := e.ex()
	if e.Encoding() == ListpackEx {
		var sc Scratch
		lp := x.lp()
		off := listpack.Find(lp, 0, field, 2)
		v := listpack.GetBytes(lp, listpack.Next(lp, off), &sc)
		value := append(make([]byte, 0, len(v)), v...)
		lp, _ = listpack.DeleteN(lp, off, 3)
		x.setLP(packedAdd(lp, field, value, at))
		return
	}
	d := x.dict()
	h := dict.Hash(field)
	p := d.FindHashed(h, field)
	had := elemExpire(p) != 0
	switch {
	case had && at != 0:
		*(*int64)(unsafe.Add(p, dict.HeaderSizeAt(p)+1)) = at
		x.fields.update(elemIndex(p), at, fieldMoved)
	case had:
		x.fields.remove(elemIndex(p), fieldMoved)
		d.ReplaceHashed(h, p, hashElem(field, elemValue(p)))
		mem.Free(p)
	case at != 0:
		q := timedElem(field, elemValue(p), at)
		d.ReplaceHashed(h, p, q)
		mem.Free(p)
		x.fields.insert(at, q, fieldMoved)
	}
}

func freeHash(enc Encoding, p unsafe.Pointer) {
	if enc != ListpackEx && enc != HashtableEx {
		freeTable(enc, p)
		return
	}
	x := (*hashEx)(p)
	if enc == ListpackEx {
		listpack.Free(x.lp())
	} else {
		x.dict().Free(mem.Free)
	}
	x.fields.free()
	mem.Free(p)
}

func dupHash(enc Encoding, p unsafe.Pointer) unsafe.Pointer {
	switch enc {
	case Listpack:
		return listpack.Dup(p)
	case Hashtable:
		return dupDict((*dict.Dict)(p), 0, elemSize)
	case ListpackEx:
		x := newHashEx(listpack.Dup((*hashEx)(p).lp()))
		x.announced = (*hashEx)(p).announced
		return unsafe.Pointer(x)
	}
	x := newHashEx(dupDict((*hashEx)(p).dict(), 0, elemSize))
	it := x.dict().Iter()
	for q := it.Next(); q != nil; q = it.Next() {
		if at := elemExpire(q); at != 0 {
			x.fields.insert(at, q, fieldMoved)
		}
	}
	it.Close()
	return unsafe.Pointer(x)
}

func hashEffort(enc Encoding, p unsafe.Pointer) int {
	if enc == HashtableEx {
		return (*hashEx)(p).dict().Len()
	}
	return tableEffort(enc, p)
}

func hashMemUsage(enc Encoding, p unsafe.Pointer, samples int) int {
	if enc != ListpackEx && enc != HashtableEx {
		return tableMemUsage(enc, p, samples)
	}
	x := (*hashEx)(p)
	n := mem.Usable(p)
	if enc == ListpackEx {
		return n + mem.Usable(x.lp())
	}
	if x.fields.n > 0 {
		n += mem.Usable(pointer(x.fields.items))
	}
	return n + dictMemUsage(x.dict(), samples)
}
