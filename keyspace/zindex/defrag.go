package zindex

import (
	"unsafe"

	"berth/keyspace/mem"
)

// Defrag moves the nodes on the way to the element of the given rank, and returns the rank to go on with, 0 at the
// end. No Pos of the index is valid afterwards.
func (x *Index) Defrag(m *mem.Mover, rank int) (next int) {
	if rank < 0 || rank >= x.count {
		return 0
	}
	p := x.moveNode(m, x.root, x.height)
	x.setRoot(p)
	left := rank
	for h := x.height; h > 0; h-- {
		in := (*inner)(p)
		i := 0
		for left >= in.count[i] {
			left -= in.count[i]
			i++
		}
		p = x.moveNode(m, in.node(i), h-1)
		in.child[i] = uintptr(p)
	}
	if next = rank - left + (*leaf)(p).n; next >= x.count {
		return 0
	}
	return next
}

// moveNode moves a node of the given height. Its parent is the caller's business.
func (x *Index) moveNode(m *mem.Mover, p unsafe.Pointer, height int) unsafe.Pointer {
	q := m.Move(p)
	if q == p || height > 0 {
		return q
	}
	l := (*leaf)(q)
	if l.prev != nil {
		link(&l.prev.next, l)
	} else {
		link(&x.first, l)
	}
	if l.next != nil {
		link(&l.next.prev, l)
	} else {
		link(&x.last, l)
	}
	return q
}

// Relocated tells the index that the element p is at q now: both hold it at present.
func (x *Index) Relocated(p, q unsafe.Pointer) {
	var way path
	l, i := x.find(Score(p), Member(p), &way)
	l.elem[i] = uintptr(q)
	// The smallest element of a leaf stands in the nodes above, too.
	for h := 0; h < x.height && i == 0; h++ {
		i = way[h].i
		way[h].in.elem[i] = uintptr(q)
	}
}

// Moved moves the head of the index and returns where it is now.
func (x *Index) Moved(m *mem.Mover) *Index { return (*Index)(m.Move(unsafe.Pointer(x))) }
