package keyspace

import (
	"unsafe"

	"berth/keyspace/mem"
)

// expireHeap is a min-heap of blocks by the time at which they are due, off-heap. A block knows its
// index in the heap, which the moved functions write, so that any one can be taken out or given another time.
// The zero value is an empty heap.
type expireHeap struct {
	items  uintptr
	n, cap uint32
}

type heapItem struct {
	at int64
	p  uintptr
}

// movedFunc tells a block its index.
type movedFunc func(p unsafe.Pointer, i uint32)

// noIndex is the index of a block that is in no heap.
const noIndex = ^uint32(0)

// pointer makes a pointer of the address of an off-heap block, as it is stored off-heap.
func pointer(u uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&u)) }

func (h *expireHeap) list() []heapItem {
	return unsafe.Slice((*heapItem)(pointer(h.items)), h.n)
}

// min is the earliest time, 0 if the heap is empty.
func (h *expireHeap) min() int64 {
	if h.n == 0 {
		return 0
	}
	return h.list()[0].at
}

func (h *expireHeap) first() unsafe.Pointer { return pointer(h.list()[0].p) }

func (h *expireHeap) resize(capacity uint32) {
	h.cap = capacity
	h.items = uintptr(mem.Realloc(pointer(h.items), int(capacity)*int(unsafe.Sizeof(heapItem{}))))
}

func (h *expireHeap) insert(at int64, p unsafe.Pointer, moved movedFunc) {
	if h.n == h.cap {
		h.resize(max(4, 2*h.cap))
	}
	h.n++
	h.list()[h.n-1] = heapItem{at, uintptr(p)}
	h.up(h.n-1, moved)
}

func (h *expireHeap) remove(i uint32, moved movedFunc) {
	moved(pointer(h.list()[i].p), noIndex)
	last := h.list()[h.n-1]
	h.n--
	switch {
	case h.n == 0:
		h.free()
		return
	case i < h.n:
		h.list()[i] = last
		h.fix(i, moved)
	}
	if h.cap > 16 && h.n < h.cap/4 {
		h.resize(h.cap / 2)
	}
}

func (h *expireHeap) update(i uint32, at int64, moved movedFunc) {
	h.list()[i].at = at
	h.fix(i, moved)
}

// relocated says that the block with index i is elsewhere.
func (h *expireHeap) relocated(i uint32, p unsafe.Pointer) { h.list()[i].p = uintptr(p) }

func (h *expireHeap) fix(i uint32, moved movedFunc) {
	if h.up(i, moved) == i {
		h.down(i, moved)
	}
}

func (h *expireHeap) up(i uint32, moved movedFunc) uint32 {
	l := h.list()
	it := l[i]
	for i > 0 {
		parent := (i - 1) / 2
		if l[parent].at <= it.at {
			break
		}
		l[i] = l[parent]
		moved(pointer(l[i].p), i)
		i = parent
	}
	l[i] = it
	moved(pointer(it.p), i)
	return i
}

func (h *expireHeap) down(i uint32, moved movedFunc) {
	l := h.list()
	it := l[i]
	for {
		c := 2*i + 1
		if c >= h.n {
			break
		}
		if c+1 < h.n && l[c+1].at < l[c].at {
			c++
		}
		if it.at <= l[c].at {
			break
		}
		l[i] = l[c]
		moved(pointer(l[i].p), i)
		i = c
	}
	l[i] = it
	moved(pointer(it.p), i)
}

// free gives the heap's memory back; the blocks stay.
func (h *expireHeap) free() {
	mem.Free(pointer(h.items))
	*h = expireHeap{}
}
