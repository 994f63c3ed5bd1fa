package keyspace

import (
	"unsafe"

	"berth/keyspace/listpack"
	"berth/keyspace/quicklist"
)

// A list is one listpack while it is small, and a quicklist beyond list-max-listpack-size. It goes back
// to a listpack when its quicklist has shrunk to one node of half that size.

// ListEnd is an end of a list.
type ListEnd uint8

// The ends of a list.
const (
	ListHead ListEnd = iota
	ListTail
)

func (e *Entry) quicklist() *quicklist.List { return (*quicklist.List)(e.Ptr()) }

// ListLen is the number of elements.
func ListLen(e *Entry) int {
	if e.Encoding() == Listpack {
		return listpack.Len(e.Ptr())
	}
	return e.quicklist().Len()
}

// listGrow converts a listpack that would exceed the limit with n more elements of size bytes in all.
func listGrow(db *DB, e *Entry, n, size int) {
	if e.Encoding() != Listpack {
		return
	}
	lp := e.Ptr()
	fill := listFill(db)
	if !quicklist.ExceedsLimit(fill, listpack.Size(lp)+size, listpack.Len(lp)+n) {
		return
	}
	var ql *quicklist.List
	if listpack.First(lp) == 0 {
		ql = quicklist.New(fill)
		listpack.Free(lp)
	} else {
		ql = quicklist.FromListpack(fill, lp)
	}
	e.SetPtr(unsafe.Pointer(ql))
	e.SetEncoding(Quicklist)
}

// listShrink makes a quicklist of one small node a listpack again.
func listShrink(db *DB, e *Entry) { listToListpack(db, e, 2) }

// listToListpack converts a quicklist of one node that is within the limit divided by part.
func listToListpack(db *DB, e *Entry, part int) {
	if e.Encoding() != Quicklist {
		return
	}
	ql := e.quicklist()
	size, count, ok := ql.Single()
	if !ok {
		return
	}
	maxSize, maxCount := quicklist.Limits(listFill(db))
	if size > maxSize/part || count > maxCount/part {
		return
	}
	e.SetPtr(ql.TakeListpack())
	e.SetEncoding(Listpack)
}

// listFill is list-max-listpack-size within the range that a quicklist keeps.
func listFill(db *DB) int {
	return max(-5, min(db.ks.Limits.ListMaxListpackSize, 1<<15-1))
}

// ListPush adds copies of the values at an end, one after the other.
func ListPush(db *DB, e *Entry, end ListEnd, values ...[]byte) {
	db.beforeWrite(e)
	if e.Encoding() == Listpack {
		size := 0
		for _, v := range values {
			size += len(v)
		}
		listGrow(db, e, len(values), size)
	}
	if e.Encoding() == Listpack {
		lp := e.Ptr()
		for _, v := range values {
			if end == ListHead {
				lp = listpack.Prepend(lp, v)
			} else {
				lp = listpack.Append(lp, v)
			}
		}
		e.SetPtr(lp)
		return
	}
	ql := e.quicklist()
	for _, v := range values {
		if end == ListHead {
			ql.PushHead(v)
		} else {
			ql.PushTail(v)
		}
	}
}

// ListPop removes the element at an end and appends its text to dst. ok is false when the list is empty.
func ListPop(db *DB, e *Entry, end ListEnd, dst []byte) (_ []byte, ok bool) {
	db.beforeWrite(e)
	dst, ok = listPop(e, end, dst)
	listShrink(db, e)
	return dst, ok
}

// ListRotate moves the element at one end of a list to an end of the same list and appends its text to dst. The
// list's encoding is that of its full length: it doesn't shrink in between.
func ListRotate(db *DB, e *Entry, from, to ListEnd, dst []byte) []byte {
	db.beforeWrite(e)
	at := len(dst)
	dst, ok := listPop(e, from, dst)
	if ok {
		ListPush(db, e, to, dst[at:])
		listShrink(db, e)
	}
	return dst
}

// listPop is ListPop without a change of the encoding.
func listPop(e *Entry, end ListEnd, dst []byte) (_ []byte, ok bool) {
	var sc Scratch
	if e.Encoding() == Listpack {
		lp := e.Ptr()
		off := listpack.First(lp)
		if end == ListTail {
			off = listpack.Last(lp)
		}
		if off == 0 {
			return dst, false
		}
		dst = append(dst, listpack.GetBytes(lp, off, &sc)...)
		lp, _ = listpack.Delete(lp, off)
		e.SetPtr(lp)
		return dst, true
	}
	ql := e.quicklist()
	p := ql.First()
	if end == ListTail {
		p = ql.Last()
	}
	if !p.Valid() {
		return dst, false
	}
	dst = append(dst, p.Bytes(&sc)...)
	ql.Delete(p)
	return dst, true
}

// ListIndex returns the element with the given index, negative from the end.
func ListIndex(e *Entry, index int, sc *Scratch) ([]byte, bool) {
	if e.Encoding() == Listpack {
		lp := e.Ptr()
		off := listpack.Seek(lp, index)
		if off == 0 {
			return nil, false
		}
		return listpack.GetBytes(lp, off, sc), true
	}
	p := e.quicklist().Index(index)
	if !p.Valid() {
		return nil, false
	}
	return p.Bytes(sc), true
}

// ListSet replaces the element with the given index; false when out of range.
func ListSet(db *DB, e *Entry, index int, value []byte) bool {
	db.beforeWrite(e)
	listGrow(db, e, 1, len(value))
	if e.Encoding() == Listpack {
		lp := e.Ptr()
		off := listpack.Seek(lp, index)
		if off == 0 {
			return false
		}
		e.SetPtr(listpack.Replace(lp, off, value))
		return true
	}
	ql := e.quicklist()
	p := ql.Index(index)
	if !p.Valid() {
		return false
	}
	ql.Replace(p, value)
	listShrink(db, e)
	return true
}

// ListInsert puts value before or after the first element that equals pivot; false when there is none.
func ListInsert(db *DB, e *Entry, pivot, value []byte, after bool) bool {
	db.beforeWrite(e)
	listGrow(db, e, 1, len(value))
	m := NewMatcher(pivot)
	it := NewListIter(db, e, 0, false)
	for it.Next() {
		if it.Match(&m) {
			if after {
				it.InsertAfter(value)
			} else {
				it.InsertBefore(value)
			}
			return true
		}
	}
	return false
}

// ListRemove removes elements that equal value: the first count of them, the last -count when count is
// negative, all when it is 0. It returns how many.
func ListRemove(db *DB, e *Entry, count int, value []byte) int {
	db.beforeWrite(e)
	m := NewMatcher(value)
	backward := count < 0
	start := 0
	if backward {
		start, count = -1, -count
	}
	it := NewListIter(db, e, start, backward)
	it.keep = true
	n := 0
	for it.Next() {
		if it.Match(&m) {
			it.Delete()
			n++
			if n == count {
				break
			}
		}
	}
	if n > 0 {
		listShrink(db, e)
	}
	return n
}

// ListDeleteRange removes up to n elements from index start on (negative from the end) and
// returns how many.
func ListDeleteRange(db *DB, e *Entry, start, n int) int {
	db.beforeWrite(e)
	if e.Encoding() == Listpack {
		lp := e.Ptr()
		if n <= 0 {
			return 0
		}
		before := listpack.Len(lp)
		lp = listpack.DeleteRange(lp, start, n)
		e.SetPtr(lp)
		return before - listpack.Len(lp)
	}
	gone := e.quicklist().DeleteRange(start, n)
	listShrink(db, e)
	return gone
}

// ListFind calls yield with the index of every element that equals value, until it returns false. A
// positive rank begins with the rank-th match from the head, a negative one goes backwards from the tail.
// maxlen, if not 0, is the number of elements looked at.
func ListFind(e *Entry, value []byte, rank, maxlen int, yield func(index int) bool) {
	m := NewMatcher(value)
	it := NewListIter(nil, e, 0, false)
	if rank < 0 {
		it = NewListIter(nil, e, -1, true)
		rank = -rank
	}
	for seen := 0; it.Next(); {
		if seen++; maxlen > 0 && seen > maxlen {
			return
		}
		if !it.Match(&m) {
			continue
		}
		if rank--; rank <= 0 && !yield(it.Index()) {
			return
		}
	}
}
