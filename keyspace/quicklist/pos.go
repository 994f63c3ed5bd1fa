package quicklist

import (
	"unsafe"

	"berth/internal/numfmt"
	"berth/keyspace/listpack"
)

// Pos is the place of one element. The zero Pos is no place.
type Pos struct {
	n   *node
	off int // in the listpack; 0 in a plain node
}

// Valid reports whether p is an element.
func (p Pos) Valid() bool { return p.n != nil }

// Node and Offset are what a Pos consists of; the memory that Node points to is not Go's.
func (p Pos) Node() unsafe.Pointer { return unsafe.Pointer(p.n) }

// Offset is the other half of Node.
func (p Pos) Offset() int { return p.off }

// PosAt makes a Pos of its Node and Offset.
func PosAt(n unsafe.Pointer, off int) Pos { return Pos{(*node)(n), off} }

func (n *node) first() Pos {
	switch {
	case n == nil:
		return Pos{}
	case n.plain:
		return Pos{n, 0}
	}
	return Pos{n, listpack.First(n.data)}
}

func (n *node) last() Pos {
	switch {
	case n == nil:
		return Pos{}
	case n.plain:
		return Pos{n, 0}
	}
	return Pos{n, listpack.Last(n.data)}
}

// First is the first element's place.
func (l *List) First() Pos { return l.head.first() }

// Last is the last element's place.
func (l *List) Last() Pos { return l.tail.last() }

// Next is the place after p, not valid at the end.
func (p Pos) Next() Pos {
	if !p.n.plain {
		if off := listpack.Next(p.n.data, p.off); off != 0 {
			return Pos{p.n, off}
		}
	}
	return p.n.next.first()
}

// Prev is the place before p, not valid at the start.
func (p Pos) Prev() Pos {
	if !p.n.plain {
		if off := listpack.Prev(p.n.data, p.off); off != 0 {
			return Pos{p.n, off}
		}
	}
	return p.n.prev.last()
}

// Index is the place of the i-th element; negative from the end, -1 being the last. It isn't valid when
// out of range.
func (l *List) Index(i int) Pos {
	if i < 0 {
		i += l.count
	}
	if i < 0 || i >= l.count {
		return Pos{}
	}
	var n *node
	if i < l.count/2 {
		n = l.head
		for i >= int(n.count) {
			i -= int(n.count)
			n = n.next
		}
	} else {
		n = l.tail
		for i -= l.count; -i > int(n.count); n = n.prev {
			i += int(n.count)
		}
	}
	if n.plain {
		return Pos{n, 0}
	}
	return Pos{n, listpack.Seek(n.data, i)}
}

// Bytes is the element's text: a view, or an integer's text written into scratch.
func (p Pos) Bytes(scratch *listpack.Scratch) []byte {
	if p.n.plain {
		return p.n.bytes()
	}
	return listpack.GetBytes(p.n.data, p.off, scratch)
}

// Get is the element as listpack.Get gives it: s nil for the integer v.
func (p Pos) Get() (s []byte, v int64) {
	if p.n.plain {
		return p.n.bytes(), 0
	}
	return listpack.Get(p.n.data, p.off)
}

// Equal reports whether the element's text is s.
func (p Pos) Equal(s []byte) bool {
	if p.n.plain {
		return string(p.n.bytes()) == string(s)
	}
	return listpack.Compare(p.n.data, p.off, s)
}

// Matcher compares many elements with one text.
type Matcher struct {
	s     []byte
	v     int64
	isInt bool
}

// NewMatcher prepares s, which must stay as it is while the Matcher is used.
func NewMatcher(s []byte) Matcher {
	v, ok := numfmt.ParseInt64(s)
	return Matcher{s, v, ok}
}

// Match reports whether an element as Get gives it is the text.
func (m *Matcher) Match(s []byte, v int64) bool {
	if s == nil {
		return m.isInt && v == m.v
	}
	return string(s) == string(m.s)
}
