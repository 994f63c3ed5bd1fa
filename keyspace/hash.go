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
// The first byte of the value header is below 0x81: ttlMark in its place says that the field has a time to live.
// Hashes with such fields have encodings of their own, see hashEx.

func (e *Entry) dict() *dict.Dict { return (*dict.Dict)(e.Ptr()) }

// HashLen is the number of fields.
func HashLen(e *Entry) int {
	switch e.Encoding() {
	case Listpack:
		return listpack.Len(e.Ptr()) / 2
	case ListpackEx:
		return listpack.Len(e.ex().lp()) / 3
	}
	return hashTable(e).Len()
}

// hashElem makes a dict element.
func hashElem(field, value []byte) unsafe.Pointer {
	p := mem.Alloc(dict.KeyHeaderSize(len(field)) + dict.KeyHeaderSize(len(value)))
	dict.PutKey(unsafe.Add(p, dict.PutKey(p, field)), value)
	return p
}

func elemField(p unsafe.Pointer) []byte { return dict.KeyAt(p) }

func elemValue(p unsafe.Pointer) []byte {
	v := unsafe.Add(p, dict.HeaderSizeAt(p))
	if *(*byte)(v) == ttlMark {
		v = unsafe.Add(v, ttlRoom)
	}
	return dict.KeyAt(v)
}

// hashToTable converts a listpack of either form, making room for n fields.
func hashToTable(e *Entry, n int) {
	if e.Encoding() == ListpackEx {
		exToTable(e, n)
		return
	}
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
	db.beforeWrite(e)
	lp := e.Ptr()
	switch e.Encoding() {
	case Listpack:
	case ListpackEx:
		lp = e.ex().lp()
	default:
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
	if !listpack.SafeToAdd(lp, sum) {
		hashToTable(e, 0)
	}
}

// HashSet sets a field, which has no time to live then, and reports whether it is new.
func HashSet(db *DB, e *Entry, field, value []byte) (created bool) {
	db.beforeWrite(e)
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
	} else if e.hasFieldTimes() {
		return setWithTimes(db, e, field, value, false)
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

// HashSetKeep is HashSet that lets the field's time to live be.
func HashSetKeep(db *DB, e *Entry, field, value []byte) (created bool) {
	if e.hasFieldTimes() {
		return setWithTimes(db, e, field, value, true)
	}
	return HashSet(db, e, field, value)
}

func setWithTimes(db *DB, e *Entry, field, value []byte, keep bool) (created bool) {
	db.beforeWrite(e)
	lim := db.ks.Limits
	if e.Encoding() == ListpackEx && (len(field) > lim.HashMaxListpackValue || len(value) > lim.HashMaxListpackValue) {
		exToTable(e, 0)
		if e.Encoding() == Hashtable {
			return HashSet(db, e, field, value)
		}
	}
	created = exSet(e, field, value, keep)
	if e.Encoding() == ListpackEx && HashLen(e) > lim.HashMaxListpackEntries {
		exToTable(e, 0)
	}
	if e.hasFieldTimes() {
		db.fieldTimesChanged(e)
	}
	return created
}

// HashGet returns the value of a field.
func HashGet(db *DB, e *Entry, field []byte, sc *Scratch) ([]byte, bool) {
	switch e.Encoding() {
	case Listpack:
		lp := e.Ptr()
		off := listpack.Find(lp, 0, field, 1)
		if off == 0 {
			return nil, false
		}
		return listpack.GetBytes(lp, listpack.Next(lp, off), sc), true
	case Hashtable:
		p := e.dict().Find(field)
		if p == nil {
			return nil, false
		}
		return elemValue(p), true
	}
	v, at, ok := exFind(e, field, sc)
	if !ok || db.fieldDead(at) {
		return nil, false
	}
	return v, true
}

// HashExists reports whether the field is there.
func HashExists(db *DB, e *Entry, field []byte) bool {
	switch e.Encoding() {
	case Listpack:
		return listpack.Find(e.Ptr(), 0, field, 1) != 0
	case Hashtable:
		return e.dict().Find(field) != nil
	}
	var sc Scratch
	_, at, ok := exFind(e, field, &sc)
	return ok && !db.fieldDead(at)
}

// HashStrLen is the length of a field's value, 0 when it isn't there.
func HashStrLen(db *DB, e *Entry, field []byte) int {
	var sc Scratch
	v, _ := HashGet(db, e, field, &sc)
	return len(v)
}

// HashDelete removes a field and reports whether it was there, its time being over or not.
func HashDelete(db *DB, e *Entry, field []byte) bool {
	db.beforeWrite(e)
	switch e.Encoding() {
	case Listpack:
		lp := e.Ptr()
		off := listpack.Find(lp, 0, field, 1)
		if off == 0 {
			return false
		}
		lp, _ = listpack.DeleteN(lp, off, 2)
		e.SetPtr(lp)
		return true
	case Hashtable:
		p := e.dict().Delete(field)
		mem.Free(p)
		return p != nil
	}
	timed := HashMinExpire(e) != -1
	if !exDelete(e, field) {
		return false
	}
	if timed && HashMinExpire(e) == -1 {
		e.ex().announced = 0
	}
	db.fieldTimesChanged(e)
	return true
}

// HashIter walks the fields of a hash. The current field may be deleted or set in a table (Hashtable); any
// other change ends the iterator's use. It lives on the caller's stack; Close must end it.
type HashIter struct {
	lp       unsafe.Pointer // nil: a table
	off      int
	started  bool
	timed    bool // the listpack is of triplets
	live     *DB  // not nil: only fields whose time isn't over there
	it       dict.Iter
	elem     unsafe.Pointer
	fsc, vsc Scratch
}

// NewHashIter returns an iterator before the first field. It doesn't look at times to live.
func NewHashIter(e *Entry) HashIter {
	switch e.Encoding() {
	case Listpack:
		return HashIter{lp: e.Ptr()}
	case ListpackEx:
		return HashIter{lp: e.ex().lp(), timed: true}
	}
	return HashIter{it: hashTable(e).Iter()}
}

// NewLiveHashIter is NewHashIter that leaves out the fields whose time is over.
func NewLiveHashIter(db *DB, e *Entry) HashIter {
	it := NewHashIter(e)
	if HashHasDead(db, e) {
		it.live = db
	}
	return it
}

// Next goes to the next field and reports whether there is one.
func (it *HashIter) Next() bool {
	for it.next() {
		if it.live == nil || !it.live.fieldDead(it.Expire()) {
			return true
		}
	}
	return false
}

func (it *HashIter) next() bool {
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
			if it.timed {
				it.off = listpack.Next(it.lp, it.off)
			}
		}
	}
	return it.off != 0
}

// Expire is the time at which the current field ends, 0 if it never does.
func (it *HashIter) Expire() int64 {
	switch {
	case it.lp == nil:
		return elemExpire(it.elem)
	case it.timed:
		return packedTime(it.lp, it.off)
	}
	return 0
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

// HashRandom returns a field taken at random from a hash, and its value; ok is false when there is none.
func HashRandom(db *DB, e *Entry, fsc, vsc *Scratch) (field, value []byte, ok bool) {
	const tries = 100
	for range tries {
		switch e.Encoding() {
		case Listpack:
			lp := e.Ptr()
			off := listpack.Seek(lp, randInt(listpack.Len(lp)/2)*2)
			return listpack.GetBytes(lp, off, fsc), listpack.GetBytes(lp, listpack.Next(lp, off), vsc), true
		case ListpackEx:
			lp := e.ex().lp()
			off := listpack.Seek(lp, randInt(listpack.Len(lp)/3)*3)
			if !db.fieldDead(packedTime(lp, off)) {
				return listpack.GetBytes(lp, off, fsc), listpack.GetBytes(lp, listpack.Next(lp, off), vsc), true
			}
		default:
			if p := hashTable(e).FairRandom(); !db.fieldDead(elemExpire(p)) {
				return elemField(p), elemValue(p), true
			}
		}
	}
	// Nearly all are over: choose among the others.
	c := choose{HashLive(db, e), 1}
	it := NewLiveHashIter(db, e)
	defer it.Close()
	for it.Next() {
		if c.take() {
			field = append([]byte(nil), it.Field()...)
			return field, append([]byte(nil), it.Value()...), true
		}
	}
	return nil, nil, false
}

// HashRandomMany calls yield with count fields taken at random: different ones, or with repetition when
// count is negative. The views are valid during the call.
func HashRandomMany(db *DB, e *Entry, count int, yield func(field, value []byte)) {
	var fsc, vsc Scratch
	switch e.Encoding() {
	case Listpack:
		lp := e.Ptr()
		eachRandomPair(lp, count, func(off int) {
			yield(listpack.GetBytes(lp, off, &fsc), listpack.GetBytes(lp, listpack.Next(lp, off), &vsc))
		})
		return
	case Hashtable:
		randomElems(e.dict(), count, func(p unsafe.Pointer) { yield(elemField(p), elemValue(p)) })
		return
	}
	for ; count < 0; count++ {
		f, v, ok := HashRandom(db, e, &fsc, &vsc)
		if !ok {
			return
		}
		yield(f, v)
	}
	n := HashLive(db, e)
	c := choose{n, min(count, n)}
	it := NewLiveHashIter(db, e)
	for c.want > 0 && it.Next() {
		if c.take() {
			yield(it.Field(), it.Value())
		}
	}
	it.Close()
}

// HashScan calls yield with the fields of a few buckets, all of them in a listpack, and returns the
// cursor to go on with, 0 at the end. The views are valid during the call. yield may delete the
// field that it is given when the hash is a table.
func HashScan(db *DB, e *Entry, cursor uint64, yield func(field, value []byte)) uint64 {
	switch e.Encoding() {
	case Listpack, ListpackEx:
		for it := NewLiveHashIter(db, e); it.Next(); {
			yield(it.Field(), it.Value())
		}
		return 0
	case Hashtable:
		return e.dict().Scan(cursor, func(p unsafe.Pointer) { yield(elemField(p), elemValue(p)) })
	}
	return hashTable(e).Scan(cursor, func(p unsafe.Pointer) {
		if !db.fieldDead(elemExpire(p)) {
			yield(elemField(p), elemValue(p))
		}
	})
}
