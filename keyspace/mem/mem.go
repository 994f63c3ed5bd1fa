//go:build !asan

package mem

import (
	"fmt"
	"unsafe"
)

// Alloc returns a block of at least n bytes, with unspecified content. Blocks are
// aligned to 8 bytes, and to 16 or 64 when their usable size is a multiple of it
// (a power of two up to 4096 is aligned to itself).
func Alloc(n int) unsafe.Pointer {
	if uint(n-1) >= maxSmall {
		return allocOther(n, false)
	}
	c := classOf(uintptr(n))
	h.mu.Lock()
	p := h.allocSmall(c)
	h.mu.Unlock()
	if debugMem {
		debugAlloc(p, Usable(p))
	}
	return p
}

// AllocZero is Alloc with zeroed content. From 1 MiB on its cost doesn't depend on n.
func AllocZero(n int) unsafe.Pointer {
	if uint(n-1) >= maxSmall {
		return allocOther(n, true)
	}
	p := Alloc(n)
	clear(unsafe.Slice((*byte)(p), n))
	return p
}

// Free gives a block back. A nil p is ignored.
func Free(p unsafe.Pointer) {
	if p == nil {
		return
	}
	i := *h.owner(pageOf(p))
	s := h.span(i)
	if debugMem {
		debugFree(p, s)
	}
	if s.class < numClasses {
		h.mu.Lock()
		h.freeSmall(i, s, p)
		h.mu.Unlock()
		return
	}
	freeLarge(i, s, p)
}

// Realloc resizes a block, moving it when it must: the old pointer is no longer
// valid unless it is the one returned. A nil p is allocated.
func Realloc(p unsafe.Pointer, n int) unsafe.Pointer {
	if p == nil {
		return Alloc(n)
	}
	old := Usable(p)
	want := UsableFor(n)
	if want == old {
		return p
	}
	if old > maxSmall && want > maxSmall && resizeLarge(p, uint32(want>>pageShift)) {
		return p
	}
	q := Alloc(n)
	copy(unsafe.Slice((*byte)(q), n), unsafe.Slice((*byte)(p), min(old, n)))
	Free(p)
	return q
}

// Usable returns the size that the block really has.
func Usable(p unsafe.Pointer) int {
	s := h.span(*h.owner(pageOf(p)))
	if s.class < numClasses {
		return int(h.classes[s.class].size)
	}
	return int(s.npages) << pageShift
}

// UsableFor returns the usable size that Alloc(n) would give.
func UsableFor(n int) int {
	if uint(n-1) < maxSmall {
		return int(h.classes[classOf(uintptr(n))].size)
	}
	if n <= 0 {
		return 8
	}
	return (n + pageSize - 1) &^ (pageSize - 1)
}

// Used returns the bytes handed out, in usable sizes.
func Used() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return int(h.used)
}

// Reserved returns the bytes held from the kernel: blocks, room in slabs, and free
// pages that were not given back.
func Reserved() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return int(h.top-h.cleanPages) << pageShift
}

// Discard zeroes the bytes [off, off+n) of a block and gives the pages that lie in
// them back to the kernel. It is for large blocks that are emptied piece by piece.
func Discard(p unsafe.Pointer, off, n int) {
	q := unsafe.Add(p, off)
	if !discard(q, uintptr(n)) {
		clear(unsafe.Slice((*byte)(q), n))
	}
}

func pageOf(p unsafe.Pointer) uint32 {
	return uint32((uintptr(p) - uintptr(h.base)) >> pageShift)
}

// allocSmall takes a block of class c. h.mu is held.
func (h *heap) allocSmall(c uintptr) unsafe.Pointer {
	ci := &h.classes[c]
	i := ci.head
	if i == 0 {
		i = h.newSlab(c)
	}
	s := h.span(i)
	size := uintptr(ci.size)
	h.used += size
	ci.inuse++
	s.inuse++
	start := h.addr(s.start)
	if f := s.free; f != 0 {
		p := unsafe.Add(start, uintptr(f-1)<<3)
		s.free = *(*uint32)(p)
		if s.free == 0 && s.bump == s.limit {
			h.unlinkSlab(ci, i, s)
		}
		return p
	}
	p := unsafe.Add(start, uintptr(s.bump))
	s.bump += uint32(size)
	if s.bump == s.limit {
		h.unlinkSlab(ci, i, s)
	}
	return p
}

func (h *heap) newSlab(c uintptr) uint32 {
	ci := &h.classes[c]
	i, _ := h.allocRun(ci.pages, false)
	s := h.span(i)
	bytes := ci.pages << pageShift
	*s = span{start: s.start, npages: ci.pages, class: uint8(c), limit: bytes - bytes%ci.size}
	for n := range ci.pages {
		*h.owner(s.start + n) = i
	}
	if debugMem {
		clear(unsafe.Slice((*byte)(h.addr(s.start)), bytes))
	}
	ci.slabs++
	h.linkSlab(ci, i, s)
	return i
}

func (h *heap) linkSlab(ci *classInfo, i uint32, s *span) {
	s.prev, s.next, s.linked = 0, ci.head, true
	if ci.head != 0 {
		h.span(ci.head).prev = i
	}
	ci.head = i
}

func (h *heap) unlinkSlab(ci *classInfo, i uint32, s *span) {
	if s.prev != 0 {
		h.span(s.prev).next = s.next
	} else {
		ci.head = s.next
	}
	if s.next != 0 {
		h.span(s.next).prev = s.prev
	}
	s.prev, s.next, s.linked = 0, 0, false
}

// freeSmall puts a block back into its slab. h.mu is held.
func (h *heap) freeSmall(i uint32, s *span, p unsafe.Pointer) {
	ci := &h.classes[s.class]
	h.used -= uintptr(ci.size)
	ci.inuse--
	s.inuse--
	*(*uint32)(p) = s.free
	s.free = uint32((uintptr(p)-uintptr(h.addr(s.start)))>>3) + 1
	if !s.linked {
		switch {
		case s.evac == 0:
			h.linkSlab(ci, i, s)
		case s.inuse == 0:
			h.unlinkEvac(ci, s)
			h.dropSlab(ci, i, s)
		}
		return
	}
	// The last slab of a class stays, so that a size that comes and goes
	// doesn't make and drop a slab each time.
	if s.inuse == 0 && (s.prev != 0 || s.next != 0) {
		h.unlinkSlab(ci, i, s)
		h.dropSlab(ci, i, s)
	}
}

// dropSlab frees the pages of an empty slab that is in no list.
func (h *heap) dropSlab(ci *classInfo, i uint32, s *span) {
	start, n := s.start, s.npages
	for k := range n {
		*h.owner(start + k) = 0
	}
	ci.slabs--
	h.dropSpan(i)
	h.releaseRun(start, n)
}

// allocOther serves the sizes that have no class: nothing and large.
func allocOther(n int, zero bool) unsafe.Pointer {
	if n < 0 {
		panic(fmt.Sprintf("mem: Alloc(%d)", n))
	}
	if n == 0 {
		p := Alloc(1)
		if zero {
			clear(unsafe.Slice((*byte)(p), 8))
		}
		return p
	}
	if uintptr(n) > uintptr(h.limit)<<pageShift {
		panic(fmt.Sprintf("mem: Alloc(%d): more than the address space", n))
	}
	pages := uint32((uintptr(n) + pageSize - 1) >> pageShift)
	h.mu.Lock()
	// Large blocks that must be zero come from fresh pages; so do those large
	// enough that reusing dirty pages would only fragment them.
	i, dirty := h.allocRun(pages, zero || n >= releaseAt)
	s := h.span(i)
	s.class = classLarge
	*h.owner(s.start) = i
	*h.owner(s.start + pages - 1) = i
	p := h.addr(s.start)
	h.used += uintptr(pages) << pageShift
	h.mu.Unlock()
	if zero && dirty {
		if n < releaseAt || !discard(p, uintptr(pages)<<pageShift) {
			clear(unsafe.Slice((*byte)(p), n))
		}
	}
	if debugMem && !zero {
		debugFill(p, n)
	}
	return p
}

func freeLarge(i uint32, s *span, p unsafe.Pointer) {
	if s.class != classLarge || h.addr(s.start) != p {
		panic("mem: Free of a pointer that is not a block")
	}
	bytes := uintptr(s.npages) << pageShift
	// A long run is given back before taking the lock: that may take a while.
	clean := bytes >= releaseAt && discard(p, bytes)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.used -= bytes
	start, n := s.start, s.npages
	h.dropSpan(i)
	if clean {
		h.freeRun(start, n, false)
	} else {
		h.releaseRun(start, n)
	}
}

// resizeLarge changes the length of a large block in place, if it can.
func resizeLarge(p unsafe.Pointer, pages uint32) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := *h.owner(pageOf(p))
	s := h.span(i)
	if pages < s.npages {
		cut := s.npages - pages
		s.npages = pages
		*h.owner(s.start + pages - 1) = i
		h.used -= uintptr(cut) << pageShift
		h.releaseRun(s.start+pages, cut)
		return true
	}
	more := pages - s.npages
	end := s.start + s.npages
	if end >= h.top {
		return false
	}
	j := *h.owner(end)
	if j == 0 {
		return false
	}
	t := h.span(j)
	if t.class != classFree || t.npages < more {
		return false
	}
	h.unlink(j)
	if t.npages > more {
		t.start += more
		t.npages -= more
		h.link(j)
	} else {
		h.dropSpan(j)
	}
	s.npages = pages
	*h.owner(s.start + pages - 1) = i
	h.used += uintptr(more) << pageShift
	return true
}
