package quicklist

import (
	"unsafe"

	"berth/keyspace/mem"
)

// Defrag moves up to n nodes, beginning with the first one when start is true and where the last call ended
// otherwise, and reports whether there are more. No Pos of the list is valid afterwards.
func (l *List) Defrag(m *mem.Mover, n int, start bool) (more bool) {
	at := l.mark
	if start {
		at = l.head
	}
	for ; at != nil && n > 0; n-- {
		if at.data != nil {
			at.setData(m.Move(at.data))
		}
		p := (*node)(m.Move(unsafe.Pointer(at)))
		if p != at {
			l.relink(p)
		}
		at = p.next
	}
	link(&l.mark, at)
	return at != nil
}

// relink has a node's neighbours know where it is.
func (l *List) relink(n *node) {
	if n.prev != nil {
		link(&n.prev.next, n)
	} else {
		link(&l.head, n)
	}
	if n.next != nil {
		link(&n.next.prev, n)
	} else {
		link(&l.tail, n)
	}
}

// Moved moves the head of the list and returns where it is now.
func (l *List) Moved(m *mem.Mover) *List { return (*List)(m.Move(unsafe.Pointer(l))) }
