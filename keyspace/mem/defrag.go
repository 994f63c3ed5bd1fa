//go:build !asan

package mem

import (
	"sync/atomic"
	"unsafe"
)

// Defragmentation empties slabs of which little is used: DefragBegin picks them, and
// takes them out of the allocator's sight; a Mover then moves the blocks that its user leads
// it to; what has become empty goes back at once. DefragEnd makes what is left of the picked slabs
// ordinary ones again.
//
// The pick makes sure that moving pays: of a class whose blocks would fit into n of its
// slabs that have room, all but the n fullest are emptied.

// DefragBegin starts a defragmentation of the process's memory and returns how many bytes of
// slabs it is to empty. It returns false when one is going on.
func DefragBegin() (bytes int, ok bool) {
	if !defragging.CompareAndSwap(false, true) {
		return 0, false
	}
	for c := range h.classes {
		h.mu.Lock()
		bytes += h.pickSparse(&h.classes[c])
		h.mu.Unlock()
	}
	return bytes, true
}

// DefragEnd ends what DefragBegin started.
func DefragEnd() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.classes {
		ci := &h.classes[c]
		for i := ci.evac; i != 0; i = ci.evac {
			s := h.span(i)
			h.unlinkEvac(ci, s)
			h.linkSlab(ci, i, s)
		}
	}
	defragging.Store(false)
}

var defragging atomic.Bool

// pickSparse marks the slabs of a class that are to be emptied. h.mu is held.
func (h *heap) pickSparse(ci *classInfo) (bytes int) {
	per := ci.perSlab()
	var small [512]int
	byUse := small[:]
	if per >= len(small) {
		byUse = make([]int, per+1)
	}
	slabs, blocks := 0, 0
	for i := ci.head; i != 0; i = h.span(i).next {
		n := int(h.span(i).inuse)
		byUse[n]++
		slabs++
		blocks += n
	}
	spare := slabs - (blocks+per-1)/per
	for i := ci.head; i != 0 && spare > 0; {
		// All that have fewer than limit blocks go, and left of those that have as many.
		limit, left := 0, spare
		for byUse[limit] < left {
			left -= byUse[limit]
			limit++
		}
		for i != 0 {
			s := h.span(i)
			next := s.next
			n := int(s.inuse)
			if n < limit || n == limit && left > 0 {
				if n == limit {
					left--
				}
				bytes += int(ci.pages) << pageShift
				h.unlinkSlab(ci, i, s)
				if n == 0 {
					h.dropSlab(ci, i, s)
				} else {
					h.linkEvac(ci, i, s)
				}
			}
			i = next
		}
	}
	return bytes
}

func (h *heap) linkEvac(ci *classInfo, i uint32, s *span) {
	s.prev, s.next = 0, ci.evac
	if ci.evac != 0 {
		h.span(ci.evac).prev = i
	}
	ci.evac = i
	atomic.StoreUint32(&s.evac, 1)
}

func (h *heap) unlinkEvac(ci *classInfo, s *span) {
	if s.prev != 0 {
		h.span(s.prev).next = s.next
	} else {
		ci.evac = s.next
	}
	if s.next != 0 {
		h.span(s.next).prev = s.prev
	}
	s.prev, s.next = 0, 0
	atomic.StoreUint32(&s.evac, 0)
}

// movable reports whether moving a block would help, and its size.
func movable(p unsafe.Pointer) (int, bool) {
	s := h.span(*h.owner(pageOf(p)))
	if s.class >= numClasses || atomic.LoadUint32(&s.evac) == 0 && !moveAll.Load() {
		return 0, false
	}
	return int(h.classes[s.class].size), true
}

// Fragmentation is the room for blocks that is left in slabs, in bytes: what
// defragmentation can win back, but for the last slab of each class.
func Fragmentation() (bytes int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.classes {
		ci := &h.classes[c]
		bytes += (ci.slabs*ci.perSlab() - ci.inuse) * int(ci.size)
	}
	return bytes
}

// Active returns the bytes of the pages that hold blocks, or have room for some.
func Active() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return int(h.top-h.cleanPages-h.dirtyPages) << pageShift
}

// Purge gives all free pages back to the kernel.
func Purge() {
	h.mu.Lock()
	defer h.mu.Unlock()
	set := &h.runs[1]
	for b := range set.bins {
		for i := set.bins[b]; i != 0; i = set.bins[b] {
			s := h.span(i)
			start, n := s.start, s.npages
			if !discard(h.addr(start), uintptr(n)<<pageShift) {
				return
			}
			h.unlink(i)
			h.dropSpan(i)
			h.freeRun(start, n, false)
		}
	}
}
