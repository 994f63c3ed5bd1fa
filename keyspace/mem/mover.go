package mem

import (
	"sync/atomic"
	"unsafe"
)

// Mover moves blocks out of slabs that are to become empty. It counts what it was asked to.
type Mover struct {
	Hits   int64 // blocks that were moved
	Misses int64 // blocks that stayed where they were
}

// Move moves a block if that helps, and returns where it is now. The old block is freed.
func (m *Mover) Move(p unsafe.Pointer) unsafe.Pointer {
	q, moved := m.Copy(p)
	if moved {
		Free(p)
	}
	return q
}

// Copy is Move for a block to which there are pointers elsewhere that can only be set right
// while the old one is there: the caller frees p, if it was moved.
func (m *Mover) Copy(p unsafe.Pointer) (q unsafe.Pointer, moved bool) {
	n, ok := movable(p)
	if !ok {
		m.Misses++
		return p, false
	}
	m.Hits++
	q = Alloc(n)
	copy(Bytes(q, n), Bytes(p, n))
	return q, true
}

// moveAll has every small block move: tests find stale pointers that way.
var moveAll atomic.Bool

// MoveAll has Movers move every block that they can, whether it helps or not, until the
// function that it returns is called. It is for tests, above all with the build tags `asan` and
// `debug`.
func MoveAll() (restore func()) {
	moveAll.Store(true)
	return func() { moveAll.Store(false) }
}
