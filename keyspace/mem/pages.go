//go:build !asan

package mem

import (
	"fmt"
	"math/bits"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// span describes a run of pages: a slab, a large block or free pages. Spans are
// records of an off-heap table and refer to each other by index; 0 is none.
type span struct {
	start  uint32 // first page
	npages uint32
	free   uint32 // slab: offset/8 of the first freed block, plus one; 0 is none
	bump   uint32 // slab: offset of the part never handed out
	limit  uint32 // slab: offset behind the last block
	inuse  uint32 // slab: live blocks
	next   uint32
	prev   uint32
	class  uint8
	dirty  bool // free run: its pages may be resident and are not zero
	linked bool // slab: in its class's list
	// evac: the slab is in the class's list of those being emptied, from which
	// nothing is allocated. Written under the lock, read without it.
	evac uint32
}

const (
	spanSize  = unsafe.Sizeof(span{})
	exactBins = 128
	numBins   = exactBins + 8*24
	binWords  = (numBins + 63) / 64

	growBytes  = 16 << 20
	dirtyFloor = 8 << 20
	// releaseAt is the size from which a freed run goes back to the kernel at
	// once, outside the lock.
	releaseAt = 1 << 20
)

// binOf is the bin that a free run of n pages is kept in.
func binOf(n uint32) int {
	if n < exactBins {
		return int(n)
	}
	k := bits.Len32(n) - 1
	return exactBins + (k-7)*8 + int(n>>(k-3)&7)
}

// runSet is the free runs of one kind, binned by length.
type runSet struct {
	bins [numBins]uint32
	full [binWords]uint64 // a bit per bin that isn't empty
}

// heap is the whole allocator. All of it is guarded by h.mu except base and the
// tables' addresses, which are fixed at start.
type heap struct {
	base    unsafe.Pointer // address of page 0
	spans   unsafe.Pointer // span table
	pageMap unsafe.Pointer // uint32 span index by page; complete for slabs, ends only for other runs

	mu      sync.Mutex
	classes [numClasses]classInfo
	used    uintptr // bytes handed out, in usable sizes

	limit      uint32 // pages in the reservation
	top        uint32 // pages committed so far
	cleanPages uint32 // free pages that are not resident
	dirtyPages uint32
	nspans     uint32    // spans ever made; 0 is not used
	spanLimit  uint32    // committed records of the span table
	mapLimit   uint32    // committed entries of the page map
	freeSpan   uint32    // list of unused records
	runs       [2]runSet // clean, dirty
}

var h heap

func init() {
	// The range is only addresses: nothing is charged before it is committed.
	// It shrinks where the process may not have so many (ulimit -v, small VA), and
	// leaves a part of what there is to everybody else.
	for shift := 42; ; shift-- {
		bytes := uintptr(1) << shift
		pages := bytes >> pageShift
		tables := pages * (4 + spanSize)
		base, err := reserve(bytes + tables + bytes/2)
		if err == nil {
			_ = unix.MunmapPtr(unsafe.Add(base, bytes+tables), bytes/2)
			h.base = base
			h.limit = uint32(pages)
			h.pageMap = unsafe.Add(base, bytes)
			h.spans = unsafe.Add(h.pageMap, pages*4)
			break
		}
		if shift == 26 {
			panic(fmt.Sprintf("mem: can't reserve address space: %v", err))
		}
	}
	h.nspans = 1
}

func reserve(n uintptr) (unsafe.Pointer, error) {
	return unix.MmapPtr(-1, 0, nil, n, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
}

// commit makes the first n bytes of a reservation usable, given that the first
// from bytes are.
func commit(p unsafe.Pointer, from, n uintptr) {
	if err := unix.Mprotect(unsafe.Slice((*byte)(unsafe.Add(p, from)), n-from), unix.PROT_READ|unix.PROT_WRITE); err != nil {
		panic(fmt.Sprintf("mem: out of memory (%d bytes in use): %v", h.used, err))
	}
}

func (h *heap) span(i uint32) *span { return (*span)(unsafe.Add(h.spans, uintptr(i)*spanSize)) }

func (h *heap) owner(page uint32) *uint32 {
	return (*uint32)(unsafe.Add(h.pageMap, uintptr(page)*4))
}

func (h *heap) addr(page uint32) unsafe.Pointer {
	return unsafe.Add(h.base, uintptr(page)<<pageShift)
}

func (h *heap) newSpan() uint32 {
	if i := h.freeSpan; i != 0 {
		h.freeSpan = h.span(i).next
		return i
	}
	if h.nspans >= h.spanLimit {
		n := h.spanLimit + 1<<16
		commit(h.spans, uintptr(h.spanLimit)*spanSize, uintptr(n)*spanSize)
		h.spanLimit = n
	}
	i := h.nspans
	h.nspans++
	return i
}

func (h *heap) dropSpan(i uint32) {
	*h.span(i) = span{next: h.freeSpan, class: classFree}
	h.freeSpan = i
}

// grow commits at least n more pages and puts them among the clean runs.
func (h *heap) grow(n uint32) {
	more := max(n, growBytes>>pageShift)
	if more > h.limit-h.top {
		more = n
	}
	if more > h.limit-h.top-1 {
		panic(fmt.Sprintf("mem: out of address space (%d bytes in use)", h.used))
	}
	top := h.top + more
	if top+1 > h.mapLimit {
		limit := min(max(top+1, h.mapLimit+1<<20), h.limit)
		commit(h.pageMap, uintptr(h.mapLimit)*4, uintptr(limit)*4)
		h.mapLimit = limit
	}
	commit(h.base, uintptr(h.top)<<pageShift, uintptr(top)<<pageShift)
	start := h.top
	h.top = top
	h.freeRun(start, more, false)
}

func (h *heap) link(i uint32) {
	s := h.span(i)
	set := &h.runs[b2i(s.dirty)]
	b := binOf(s.npages)
	s.prev, s.next = 0, set.bins[b]
	if s.next != 0 {
		h.span(s.next).prev = i
	}
	set.bins[b] = i
	set.full[b/64] |= 1 << (b % 64)
	*h.owner(s.start) = i
	*h.owner(s.start + s.npages - 1) = i
	h.count(s.dirty, int(s.npages))
}

func (h *heap) unlink(i uint32) {
	s := h.span(i)
	set := &h.runs[b2i(s.dirty)]
	if s.prev != 0 {
		h.span(s.prev).next = s.next
	} else {
		b := binOf(s.npages)
		set.bins[b] = s.next
		if s.next == 0 {
			set.full[b/64] &^= 1 << (b % 64)
		}
	}
	if s.next != 0 {
		h.span(s.next).prev = s.prev
	}
	h.count(s.dirty, -int(s.npages))
}

func (h *heap) count(dirty bool, n int) {
	if dirty {
		h.dirtyPages += uint32(n)
	} else {
		h.cleanPages += uint32(n)
	}
}

// find returns a free run of at least n pages, or 0.
func (set *runSet) find(h *heap, n uint32) uint32 {
	b := binOf(n)
	if b >= exactBins {
		// This bin's runs may be shorter than asked; look at a few.
		i := set.bins[b]
		for range 8 {
			if i == 0 {
				break
			}
			if h.span(i).npages >= n {
				return i
			}
			i = h.span(i).next
		}
		b++
	}
	for w := b / 64; w < binWords; w++ {
		m := set.full[w]
		if w == b/64 {
			m &= ^uint64(0) << (b % 64)
		}
		if m != 0 {
			return set.bins[w*64+bits.TrailingZeros64(m)]
		}
	}
	return 0
}

// allocRun takes n pages. The span that it returns is neither a slab nor large
// yet. With preferClean, pages that are known to be zero are used first.
func (h *heap) allocRun(n uint32, preferClean bool) (i uint32, dirty bool) {
	first := 1
	if preferClean {
		first = 0
	}
	i = h.runs[first].find(h, n)
	if i == 0 {
		i = h.runs[1-first].find(h, n)
	}
	if i == 0 {
		h.grow(n)
		i = h.runs[0].find(h, n) // the newest run is the first of its bin
	}
	h.unlink(i)
	s := h.span(i)
	if s.npages > n {
		rest := h.newSpan()
		*h.span(rest) = span{start: s.start + n, npages: s.npages - n, class: classFree, dirty: s.dirty}
		h.link(rest)
		s.npages = n
	}
	return i, s.dirty
}

// freeRun makes pages free, joined with free neighbours of the same kind.
func (h *heap) freeRun(start, n uint32, dirty bool) {
	if start > 0 {
		if i := *h.owner(start - 1); i != 0 {
			if s := h.span(i); s.class == classFree && s.dirty == dirty {
				h.unlink(i)
				start, n = s.start, n+s.npages
				h.dropSpan(i)
			}
		}
	}
	if end := start + n; end < h.top {
		if i := *h.owner(end); i != 0 {
			if s := h.span(i); s.class == classFree && s.dirty == dirty {
				h.unlink(i)
				n += s.npages
				h.dropSpan(i)
			}
		}
	}
	i := h.newSpan()
	*h.span(i) = span{start: start, npages: n, class: classFree, dirty: dirty}
	h.link(i)
}

// releaseRun frees pages that held data: kept for reuse while few are, else given
// back to the kernel.
func (h *heap) releaseRun(start, n uint32) {
	limit := uintptr(dirtyFloor) + h.used/64
	dirty := uintptr(h.dirtyPages+n)<<pageShift <= limit
	if !dirty {
		dirty = !discard(h.addr(start), uintptr(n)<<pageShift)
	}
	h.freeRun(start, n, dirty)
}

var osPage = uintptr(os.Getpagesize())

// discard gives the pages behind [p, p+n) back to the kernel and reports whether
// all of the range reads as zero now.
func discard(p unsafe.Pointer, n uintptr) bool {
	from := (uintptr(p) + osPage - 1) &^ (osPage - 1)
	to := (uintptr(p) + n) &^ (osPage - 1)
	if from >= to {
		return false
	}
	b := unsafe.Slice((*byte)(unsafe.Add(p, from-uintptr(p))), to-from)
	if unix.Madvise(b, unix.MADV_DONTNEED) != nil {
		return false
	}
	clear(unsafe.Slice((*byte)(p), from-uintptr(p)))
	clear(unsafe.Slice((*byte)(unsafe.Add(p, to-uintptr(p))), uintptr(p)+n-to))
	return true
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
