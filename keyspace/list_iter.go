package keyspace

import (
	"unsafe"

	"berth/keyspace/listpack"
	"berth/keyspace/quicklist"
)

// Matcher compares many elements with one text.
type Matcher = quicklist.Matcher

// NewMatcher prepares s, which must stay as it is while the Matcher is used.
func NewMatcher(s []byte) Matcher { return quicklist.NewMatcher(s) }

// ListIter walks a list in one direction and may change it at its place. Any other change
// of the list ends its use. It lives on the caller's stack.
type ListIter struct {
	db       *DB
	e        *Entry
	off      int           // the element, in a listpack; 0: none
	pos      quicklist.Pos // the element, in a quicklist
	index    int           // of the element, from the head
	backward bool
	pending  bool // off or pos is what the next Next yields
	keep     bool // no conversion to a listpack meanwhile
	sc       Scratch
}

// NewListIter returns an iterator before the element with the given index (negative from the end); out of range
// there is nothing to walk. db may be nil when the list isn't changed.
func NewListIter(db *DB, e *Entry, index int, backward bool) ListIter {
	if index < 0 {
		index += ListLen(e)
	}
	it := ListIter{db: db, e: e, index: index, backward: backward, pending: true}
	it.seek()
	return it
}

// ListMark is the place of an element. It may be kept outside of Go's memory, and is good
// until the list changes.
type ListMark struct {
	Node unsafe.Pointer // nil: in a listpack
	Off  int
}

// Mark returns the element's place.
func (it *ListIter) Mark() ListMark {
	if it.off != 0 {
		return ListMark{Off: it.off}
	}
	return ListMark{it.pos.Node(), it.pos.Offset()}
}

// ResumeListIter returns an iterator before the element at m, for reading: it knows no index.
func ResumeListIter(e *Entry, m ListMark, backward bool) ListIter {
	it := ListIter{e: e, backward: backward, pending: true}
	if m.Node == nil {
		it.off = m.Off
	} else {
		it.pos = quicklist.PosAt(m.Node, m.Off)
	}
	return it
}

// seek finds the place of it.index in the list's present encoding.
func (it *ListIter) seek() {
	it.off, it.pos = 0, quicklist.Pos{}
	if it.index < 0 {
		return
	}
	if it.e.Encoding() == Listpack {
		it.off = listpack.Seek(it.e.Ptr(), it.index)
	} else {
		it.pos = it.e.quicklist().Index(it.index)
	}
}

func (it *ListIter) valid() bool { return it.off != 0 || it.pos.Valid() }

// Next goes to the next element and reports whether there is one.
func (it *ListIter) Next() bool {
	if it.pending {
		it.pending = false
		return it.valid()
	}
	if !it.valid() {
		return false
	}
	switch {
	case it.off != 0 && it.backward:
		it.off = listpack.Prev(it.e.Ptr(), it.off)
	case it.off != 0:
		it.off = listpack.Next(it.e.Ptr(), it.off)
	case it.backward:
		it.pos = it.pos.Prev()
	default:
		it.pos = it.pos.Next()
	}
	if it.backward {
		it.index--
	} else {
		it.index++
	}
	return it.valid()
}

// Value is the element's text, valid until Next or a change.
func (it *ListIter) Value() []byte {
	if it.off != 0 {
		return listpack.GetBytes(it.e.Ptr(), it.off, &it.sc)
	}
	return it.pos.Bytes(&it.sc)
}

// Get is the element: its text, or nil and the integer v.
func (it *ListIter) Get() (s []byte, v int64) {
	if it.off != 0 {
		return listpack.Get(it.e.Ptr(), it.off)
	}
	return it.pos.Get()
}

// Match reports whether the element is m's text.
func (it *ListIter) Match(m *Matcher) bool { return m.Match(it.Get()) }

// Index is the element's index from the head.
func (it *ListIter) Index() int { return it.index }

// Set replaces the element.
func (it *ListIter) Set(value []byte) {
	it.grow(value)
	if it.off != 0 {
		it.e.SetPtr(listpack.Replace(it.e.Ptr(), it.off, value))
		return
	}
	it.replaceInQuicklist(value)
	it.shrink()
}

// Replace is Set that leaves a quicklist one however small it is (RM_ListSet).
func (it *ListIter) Replace(value []byte) {
	it.grow(value)
	if it.off != 0 {
		it.e.SetPtr(listpack.Replace(it.e.Ptr(), it.off, value))
		return
	}
	it.replaceInQuicklist(value)
}

func (it *ListIter) replaceInQuicklist(value []byte) {
	it.pos = it.e.quicklist().Replace(it.pos, value)
}

// InsertBefore puts value before the element, which stays the current one.
func (it *ListIter) InsertBefore(value []byte) { it.insert(value, false) }

// InsertAfter puts value after the element, which stays the current one.
func (it *ListIter) InsertAfter(value []byte) { it.insert(value, true) }

func (it *ListIter) insert(value []byte, after bool) {
	it.grow(value)
	if it.off != 0 {
		lp := it.e.Ptr()
		if after {
			lp, _ = listpack.InsertAfter(lp, it.off, value)
		} else {
			lp = listpack.InsertBefore(lp, it.off, value)
			it.off = listpack.Next(lp, it.off)
			it.index++
		}
		it.e.SetPtr(lp)
		return
	}
	if after {
		it.e.quicklist().InsertAfter(it.pos, value)
	} else {
		it.e.quicklist().InsertBefore(it.pos, value)
		it.index++
	}
	it.seek()
}

// Delete removes the element. There is no current one then; Next goes to the one that followed it in the
// direction of the walk.
func (it *ListIter) Delete() {
	it.db.beforeWrite(it.e)
	it.pending = true
	if it.off != 0 {
		lp, next := listpack.Delete(it.e.Ptr(), it.off)
		it.e.SetPtr(lp)
		if it.backward {
			it.off = listpack.Prev(lp, it.off)
			it.index--
		} else {
			it.off = next
		}
		return
	}
	next, prev := it.e.quicklist().Delete(it.pos)
	if it.backward {
		it.pos = prev
		it.index--
	} else {
		it.pos = next
	}
	it.shrink()
}

// grow converts the list if value makes it too large, and finds the place again.
func (it *ListIter) grow(value []byte) {
	it.db.beforeWrite(it.e)
	if it.off == 0 {
		return
	}
	listGrow(it.db, it.e, 1, len(value))
	if it.e.Encoding() != Listpack {
		it.seek()
	}
}

func (it *ListIter) shrink() {
	if it.keep {
		return
	}
	if listShrink(it.db, it.e); it.e.Encoding() == Listpack {
		it.seek()
	}
}
