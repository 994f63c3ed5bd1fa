package idtree

import (
	"unsafe"

	"berth/keyspace/mem"
)

// Defrag moves the blocks on the way to the leaf where id is or belongs, and lets elem, if there is one, move what the
// ids of the leaf point to. It returns the first id of the next leaf; more is false at the end.
func (t *Tree) Defrag(m *mem.Mover, id ID, elem func(id ID, p unsafe.Pointer) unsafe.Pointer) (next ID, more bool) {
	if t.root == 0 {
		return next, false
	}
	at := &t.root
	for range t.height {
		*at = number(m.Move(pointer(at)))
		in := (*inner)(pointer(at))
		i := 0
		for i+1 < in.n && !id.Less(in.bound[i+1]) {
			i++
		}
		at = &in.child[i]
	}
	l := (*leaf)(pointer(at))
	if p, moved := m.Copy(unsafe.Pointer(l)); moved {
		old := l
		l = (*leaf)(p)
		*at = l.self()
		t.relink(l)
		mem.Free(unsafe.Pointer(old))
	}
	if elem != nil {
		slots := l.slots()
		for i := range l.n {
			slots[i].ptr = number(elem(slots[i].id, pointer(&slots[i].ptr)))
		}
	}
	if l.next == 0 {
		return next, false
	}
	return leafAt(&l.next).slots()[0].id, true
}
