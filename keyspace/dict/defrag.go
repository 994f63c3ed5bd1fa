package dict

import (
	"math/bits"
	"unsafe"

	"berth/keyspace/mem"
)

// Defrag moves the blocks of a part of the table, and has elem move each of the elements in it: elem returns
// where the element is now. The cursor is one of Scan. Nothing moves while the resizing is paused, which
// somebody who walks the table does: then it returns 0.
func (d *Dict) Defrag(m *mem.Mover, cursor uint64, elem func(p unsafe.Pointer) unsafe.Pointer) uint64 {
	if d.paused > 0 {
		return 0
	}
	if cursor == 0 {
		for t := range d.tables {
			if d.tables[t] != nil {
				setPointer(&d.tables[t], m.Move(d.tables[t]))
			}
		}
	}
	return d.scan(cursor, func(t, i int) {
		for b := d.bucket(t, i); b != nil; b = b.next() {
			for s := b.present(); s != 0; s &= s - 1 {
				slot := bits.TrailingZeros8(s)
				// elem may have deleted it.
				if elem != nil && b.present()>>slot&1 != 0 {
					b.slots[slot] = uintptr(elem(*b.slot(slot)))
				}
			}
			if next := b.next(); next != nil {
				b.slots[bucketSlots-1] = uintptr(m.Move(unsafe.Pointer(next)))
			}
		}
	})
}

// Moved moves the header of the table and returns where it is now.
func (d *Dict) Moved(m *mem.Mover) *Dict {
	if d.paused > 0 {
		return d
	}
	return (*Dict)(m.Move(unsafe.Pointer(d)))
}

// setPointer is an assignment without Go's write barrier.
func setPointer(slot *unsafe.Pointer, p unsafe.Pointer) {
	*(*uintptr)(unsafe.Pointer(slot)) = uintptr(p)
}
