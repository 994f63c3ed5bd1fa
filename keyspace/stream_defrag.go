package keyspace

import (
	"unsafe"

	"berth/keyspace/idtree"
	"berth/keyspace/mem"
)

const (
	// defragGroup marks cursors of a stream that belong to a group: its index and the milliseconds of a pending id are
	// below. Others are the milliseconds of a listpack's id.
	defragGroup      = 1 << 63
	defragGroupShift = 48
	defragMaxMS      = 1<<defragGroupShift - 1
	defragMaxGroups  = 1<<(63-defragGroupShift) - 1
	// defragMaxOwned is how many pending entries a consumer may have to be moved: each refers to it.
	defragMaxOwned = 10000
)

// defragStream moves the listpacks first, then group by group what is pending.
func defragStream(_ *DB, e *Entry, m *mem.Mover, cursor uint64) uint64 {
	if cursor == 0 {
		e.SetPtr(m.Move(e.Ptr()))
		e.stream().groups.defrag(m)
	}
	s := e.stream()
	if cursor&defragGroup == 0 {
		if ms, more := defragTree(&s.nodes, m, cursor, 1, func(_ StreamID, p unsafe.Pointer) unsafe.Pointer { return m.Move(p) }); more {
			return ms
		}
		cursor = defragGroup
	}
	i := int(cursor &^ defragGroup >> defragGroupShift)
	if i >= min(s.groups.len(), defragMaxGroups) {
		return 0
	}
	g := s.groupAt(i)
	ms := cursor & defragMaxMS
	if ms == 0 {
		g = (*StreamGroup)(s.groups.defragAt(m, i))
		g.defragConsumers(m)
	}
	if ms, more := defragTree(&g.pending, m, ms, defragChains, g.movePending(m)); more {
		return defragGroup | uint64(i)<<defragGroupShift | ms
	}
	return defragGroup | uint64(i+1)<<defragGroupShift
}

// defragTree does some leaves of a tree, from an id's milliseconds on, and returns those to go on from, which are greater.
func defragTree(t *idtree.Tree, m *mem.Mover, from uint64, leaves int, elem func(StreamID, unsafe.Pointer) unsafe.Pointer) (ms uint64, more bool) {
	at := StreamID{MS: from}
	for n := 1; ; n++ {
		if at, more = t.Defrag(m, at, elem); !more {
			return 0, false
		}
		if n >= leaves && at.MS > from && at.MS <= defragMaxMS {
			return at.MS, true
		}
	}
}

// movePending moves a pending entry of the group, to which its consumer refers as well.
func (g *StreamGroup) movePending(m *mem.Mover) func(StreamID, unsafe.Pointer) unsafe.Pointer {
	return func(id StreamID, p unsafe.Pointer) unsafe.Pointer {
		q, moved := m.Copy(p)
		if moved {
			at := (*StreamPending)(q).Consumer().pending.SeekGE(id)
			at.SetPtr(q)
			mem.Free(p)
		}
		return q
	}
}

func (g *StreamGroup) defragConsumers(m *mem.Mover) {
	g.consumers.defrag(m)
	for i := range g.consumers.len() {
		c := g.ConsumerAt(i)
		if c.pending.Len() <= defragMaxOwned {
			c = (*StreamConsumer)(g.consumers.defragAt(m, i))
			for at := c.pending.First(); at.Valid(); at.Next() {
				PendingAt(&at).consumer = uintptr(unsafe.Pointer(c))
			}
		}
		for id, more := c.pending.Defrag(m, StreamID{}, nil); more; {
			id, more = c.pending.Defrag(m, id, nil)
		}
	}
}

// defrag moves the list, not the blocks.
func (l *nameList) defrag(m *mem.Mover) {
	if l.list != 0 {
		l.list = uintptr(m.Move(*(*unsafe.Pointer)(unsafe.Pointer(&l.list))))
	}
}

// defragAt moves the i-th block and returns where it is.
func (l *nameList) defragAt(m *mem.Mover, i int) unsafe.Pointer {
	p := m.Move(l.at(i))
	l.slots()[i] = uintptr(p)
	return p
}
