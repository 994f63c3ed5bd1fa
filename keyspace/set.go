package keyspace

import (
	"strconv"
	"unsafe"

	"berth/internal/numfmt"
	"berth/keyspace/dict"
	"berth/keyspace/intset"
	"berth/keyspace/listpack"
	"berth/keyspace/mem"
)

// A set is an intset while all members are integers and at most set-max-intset-entries, else a
// listpack up to set-max-listpack-entries and -value, else a dict. It never goes back.
//
// An element of the dict is the member's key header and bytes, with keyOff 0.

// maxIntset bounds set-max-intset-entries, as in Redis.
const maxIntset = 1 << 30

func setElem(member []byte) unsafe.Pointer {
	p := mem.Alloc(dict.KeyHeaderSize(len(member)))
	dict.PutKey(p, member)
	return p
}

// SetLen is the number of members.
func SetLen(e *Entry) int {
	switch e.Encoding() {
	case Intset:
		return intset.Len(e.Ptr())
	case Listpack:
		return listpack.Len(e.Ptr())
	}
	return e.dict().Len()
}

// SetReserve chooses the encoding of a set to which n members, the first of them given, are about to be added,
// as Redis does it for a command: by n even if some turn out to be there already.
func SetReserve(db *DB, e *Entry, first []byte, n int) {
	db.beforeWrite(e)
	lim := db.ks.Limits
	if e.Encoding() == Intset && intset.Len(e.Ptr()) == 0 {
		if _, ok := numfmt.ParseInt64(first); ok && n <= lim.SetMaxIntsetEntries {
			return
		}
		if n <= lim.SetMaxListpackEntries {
			setToListpack(e)
		} else {
			setToTable(e, n)
		}
		return
	}
	if e.Encoding() == Listpack && n > lim.SetMaxListpackEntries || e.Encoding() == Intset && n > lim.SetMaxIntsetEntries {
		setToTable(e, n)
	}
}

// setToTable converts a set, making room for n members.
func setToTable(e *Entry, n int) {
	d := dict.New(0)
	d.Expand(max(n, SetLen(e)))
	it := NewSetIter(e)
	for it.Next() {
		d.Insert(setElem(it.Member()))
	}
	mem.Free(e.Ptr())
	e.SetPtr(unsafe.Pointer(d))
	e.SetEncoding(Hashtable)
}

// setToListpack converts an intset.
func setToListpack(e *Entry) {
	s := e.Ptr()
	lp := listpack.New(0)
	for i := range intset.Len(s) {
		lp = listpack.AppendInt(lp, intset.Get(s, i))
	}
	intset.Free(s)
	e.SetPtr(lp)
	e.SetEncoding(Listpack)
}

// SetAdd adds a member and reports whether it is new.
func SetAdd(db *DB, e *Entry, member []byte) bool {
	db.beforeWrite(e)
	lim := db.ks.Limits
	if e.Encoding() == Intset {
		s := e.Ptr()
		if intset.Len(s) == 0 {
			SetReserve(db, e, member, 1)
		} else if _, ok := numfmt.ParseInt64(member); !ok {
			width := max(numfmt.IntLen(intset.Max(s)), numfmt.IntLen(intset.Min(s)))
			if intset.Len(s) < lim.SetMaxListpackEntries && len(member) <= lim.SetMaxListpackValue && width <= lim.SetMaxListpackValue {
				setToListpack(e)
			} else {
				setToTable(e, intset.Len(s)+1)
			}
		}
	}
	switch e.Encoding() {
	case Intset:
		v, _ := numfmt.ParseInt64(member)
		s, added := intset.Add(e.Ptr(), v)
		e.SetPtr(s)
		if added && intset.Len(s) > min(lim.SetMaxIntsetEntries, maxIntset) {
			setToTable(e, 0)
		}
		return added
	case Listpack:
		lp := e.Ptr()
		if listpack.Find(lp, 0, member, 0) != 0 {
			return false
		}
		if listpack.Len(lp) < lim.SetMaxListpackEntries && len(member) <= lim.SetMaxListpackValue &&
			listpack.SafeToAdd(lp, len(member)) {
			e.SetPtr(listpack.Append(lp, member))
			return true
		}
		setToTable(e, listpack.Len(lp)+1)
	}
	d := e.dict()
	h := dict.Hash(member)
	if d.FindHashed(h, member) != nil {
		return false
	}
	d.InsertHashed(h, setElem(member))
	return true
}

// SetRemove removes a member and reports whether it was there.
func SetRemove(db *DB, e *Entry, member []byte) bool {
	db.beforeWrite(e)
	switch e.Encoding() {
	case Intset:
		v, ok := numfmt.ParseInt64(member)
		if !ok {
			return false
		}
		s, removed := intset.Remove(e.Ptr(), v)
		e.SetPtr(s)
		return removed
	case Listpack:
		lp := e.Ptr()
		off := listpack.Find(lp, 0, member, 0)
		if off == 0 {
			return false
		}
		lp, _ = listpack.Delete(lp, off)
		e.SetPtr(lp)
		return true
	}
	p := e.dict().Delete(member)
	mem.Free(p)
	return p != nil
}

// SetIsMember reports whether the set has the member.
func SetIsMember(e *Entry, member []byte) bool {
	switch e.Encoding() {
	case Intset:
		v, ok := numfmt.ParseInt64(member)
		return ok && intset.Has(e.Ptr(), v)
	case Listpack:
		return listpack.Find(e.Ptr(), 0, member, 0) != 0
	}
	return e.dict().Find(member) != nil
}

// SetPop removes a member taken at random and appends it to dst; ok is false when the set is empty.
func SetPop(db *DB, e *Entry, dst []byte) (_ []byte, ok bool) {
	db.beforeWrite(e)
	n := SetLen(e)
	if n == 0 {
		return dst, false
	}
	switch e.Encoding() {
	case Intset:
		s := e.Ptr()
		i := randInt(n)
		dst = strconv.AppendInt(dst, intset.Get(s, i), 10)
		e.SetPtr(intset.RemoveAt(s, i))
	case Listpack:
		lp := e.Ptr()
		off := listpack.Seek(lp, randInt(n))
		var sc Scratch
		dst = append(dst, listpack.GetBytes(lp, off, &sc)...)
		lp, _ = listpack.Delete(lp, off)
		e.SetPtr(lp)
	default:
		d := e.dict()
		p := d.FairRandom()
		dst = append(dst, dict.KeyAt(p)...)
		d.Delete(dict.KeyAt(p))
		mem.Free(p)
	}
	return dst, true
}

// SetRandom returns a member taken at random from a set that isn't empty.
func SetRandom(e *Entry, sc *Scratch) []byte {
	switch e.Encoding() {
	case Intset:
		return strconv.AppendInt(sc[:0], intset.Random(e.Ptr()), 10)
	case Listpack:
		lp := e.Ptr()
		return listpack.GetBytes(lp, listpack.Seek(lp, randInt(listpack.Len(lp))), sc)
	}
	return dict.KeyAt(e.dict().FairRandom())
}

// SetRandomMany calls yield with count members taken at random: different ones, or with repetition when
// count is negative. The views are valid during the call.
func SetRandomMany(e *Entry, count int, yield func(member []byte)) {
	var sc Scratch
	switch e.Encoding() {
	case Intset:
		s := e.Ptr()
		randomIndexes(intset.Len(s), count, func(i int) {
			yield(strconv.AppendInt(sc[:0], intset.Get(s, i), 10))
		})
	case Listpack:
		lp := e.Ptr()
		offs := listpack.Offsets(lp, 1, make([]uint32, 0, listpack.Len(lp)))
		randomIndexes(len(offs), count, func(i int) {
			yield(listpack.GetBytes(lp, int(offs[i]), &sc))
		})
	default:
		randomElems(e.dict(), count, func(p unsafe.Pointer) { yield(dict.KeyAt(p)) })
	}
}

// SetIter walks the members of a set: ascending in an intset, in order of insertion in a listpack. The current
// member of a table (Hashtable) may be removed; any other change ends the iterator's use. It lives on the
// caller's stack; Close must end it.
type SetIter struct {
	enc  Encoding
	p    unsafe.Pointer
	i    int // next index (intset) or current offset (listpack)
	it   dict.Iter
	elem unsafe.Pointer
	sc   Scratch
}

// NewSetIter returns an iterator before the first member.
func NewSetIter(e *Entry) SetIter {
	it := SetIter{enc: e.Encoding(), p: e.Ptr(), i: -1}
	if it.enc == Hashtable {
		it.it = e.dict().Iter()
	}
	return it
}

// Next goes to the next member and reports whether there is one.
func (it *SetIter) Next() bool {
	switch it.enc {
	case Intset:
		it.i++
		return it.i < intset.Len(it.p)
	case Listpack:
		if it.i < 0 {
			it.i = listpack.First(it.p)
		} else if it.i > 0 {
			it.i = listpack.Next(it.p, it.i)
		}
		return it.i > 0
	}
	it.elem = it.it.Next()
	return it.elem != nil
}

// Member is the current member, valid until Next.
func (it *SetIter) Member() []byte {
	switch it.enc {
	case Intset:
		return strconv.AppendInt(it.sc[:0], intset.Get(it.p, it.i), 10)
	case Listpack:
		return listpack.GetBytes(it.p, it.i, &it.sc)
	}
	return dict.KeyAt(it.elem)
}

// Int is the current member when it is stored as an integer.
func (it *SetIter) Int() (int64, bool) {
	switch it.enc {
	case Intset:
		return intset.Get(it.p, it.i), true
	case Listpack:
		s, v := listpack.Get(it.p, it.i)
		return v, s == nil
	}
	return 0, false
}

// Close ends the iteration.
func (it *SetIter) Close() {
	if it.enc == Hashtable {
		it.it.Close()
	}
}

// SetScan calls yield with the members of a few buckets, all of them in a small encoding, and
// returns the cursor to go on with, 0 at the end. The views are valid during the call. yield may remove
// the member that it is given when the set is a table.
func SetScan(e *Entry, cursor uint64, yield func(member []byte)) uint64 {
	if e.Encoding() == Hashtable {
		return e.dict().Scan(cursor, func(p unsafe.Pointer) { yield(dict.KeyAt(p)) })
	}
	for it := NewSetIter(e); it.Next(); {
		yield(it.Member())
	}
	return 0
}

func dupSet(enc Encoding, p unsafe.Pointer) unsafe.Pointer {
	switch enc {
	case Intset:
		return intset.Dup(p)
	case Listpack:
		return listpack.Dup(p)
	}
	return dupDict((*dict.Dict)(p), 0, dict.HeaderSizeAt)
}
