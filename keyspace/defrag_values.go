package keyspace

import (
	"unsafe"

	"berth/keyspace/dict"
	"berth/keyspace/mem"
)

// How much the defrag functions do in one call.
const (
	defragNodes  = 64
	defragChains = 16
	// defragMembers marks cursors of a sorted set that belong to the table of its members; others are ranks.
	defragMembers = 1 << 63
)

// defragDict does some chains of a table whose elements are blocks that nothing else refers to.
func defragDict(d *dict.Dict, m *mem.Mover, cursor uint64) uint64 {
	return defragChainsOf(d, m, cursor, m.Move)
}

func defragChainsOf(d *dict.Dict, m *mem.Mover, cursor uint64, elem func(unsafe.Pointer) unsafe.Pointer) uint64 {
	for range defragChains {
		if cursor = d.Defrag(m, cursor, elem); cursor == 0 {
			break
		}
	}
	return cursor
}

// defragTable is for sets, and for hashes without times.
func defragTable(_ *DB, e *Entry, m *mem.Mover, cursor uint64) uint64 {
	if e.Encoding() != Hashtable {
		e.SetPtr(m.Move(e.Ptr()))
		return 0
	}
	if cursor == 0 {
		e.SetPtr(unsafe.Pointer(e.dict().Moved(m)))
	}
	return defragDict(e.dict(), m, cursor)
}

func defragList(_ *DB, e *Entry, m *mem.Mover, cursor uint64) uint64 {
	if e.Encoding() != Quicklist {
		e.SetPtr(m.Move(e.Ptr()))
		return 0
	}
	if cursor == 0 {
		e.SetPtr(unsafe.Pointer(e.quicklist().Moved(m)))
	}
	if e.quicklist().Defrag(m, defragNodes, cursor == 0) {
		return 1
	}
	return 0
}

func defragHash(db *DB, e *Entry, m *mem.Mover, cursor uint64) uint64 {
	if !e.hasFieldTimes() {
		return defragTable(db, e, m, cursor)
	}
	if cursor == 0 {
		if p, moved := m.Copy(e.Ptr()); moved {
			x := (*hashEx)(p)
			if x.index != noIndex {
				db.timed.relocated(x.index, p)
			}
			mem.Free(e.Ptr())
			e.SetPtr(p)
		}
	}
	x := e.ex()
	if e.Encoding() == ListpackEx {
		x.setLP(m.Move(x.lp()))
		return 0
	}
	if cursor == 0 {
		x.body = uintptr(unsafe.Pointer(x.dict().Moved(m)))
		x.fields.defrag(m)
	}
	return defragChainsOf(x.dict(), m, cursor, func(p unsafe.Pointer) unsafe.Pointer {
		q, moved := m.Copy(p)
		if moved {
			if elemExpire(q) != 0 {
				x.fields.relocated(elemIndex(q), q)
			}
			mem.Free(p)
		}
		return q
	})
}

func defragZSet(_ *DB, e *Entry, m *mem.Mover, cursor uint64) uint64 {
	if e.Encoding() != Skiplist {
		e.SetPtr(m.Move(e.Ptr()))
		return 0
	}
	if cursor == 0 {
		e.SetPtr(m.Move(e.Ptr()))
		z := e.zset()
		z.members = z.members.Moved(m)
		z.order = z.order.Moved(m)
	}
	z := e.zset()
	if cursor&defragMembers == 0 {
		rank := int(cursor)
		for range defragChains {
			if rank = z.order.Defrag(m, rank); rank == 0 {
				return defragMembers
			}
		}
		return uint64(rank)
	}
	cursor = defragChainsOf(z.members, m, cursor&^defragMembers, func(p unsafe.Pointer) unsafe.Pointer {
		q, moved := m.Copy(p)
		if moved {
			z.order.Relocated(p, q)
			mem.Free(p)
		}
		return q
	})
	if cursor == 0 {
		return 0
	}
	return cursor | defragMembers
}
