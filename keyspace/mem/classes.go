//go:build !asan

package mem

import "math/bits"

const (
	pageShift = 12
	pageSize  = 1 << pageShift

	maxSmall   = 32 << 10 // the largest block that comes from a slab
	numClasses = 80
	classLarge = 0xff // a block of its own
	classFree  = 0xfe // a run of free pages

	minSlab = 32 << 10
)

type classInfo struct {
	size  uint32
	pages uint32
	head  uint32 // first span with room; 0 is none
	evac  uint32 // first span that is being emptied; 0 is none
	slabs int
	inuse int // live blocks
}

// perSlab is how many blocks a slab of the class has.
func (ci *classInfo) perSlab() int { return int(ci.pages<<pageShift) / int(ci.size) }

// smallClass maps (n+7)/8 to its class for n up to 1024, where lookups are
// frequent enough for the table to beat the computation.
var smallClass [1024/8 + 1]uint8

// classOf returns the class of the smallest block that holds n bytes,
// 1 <= n <= maxSmall.
func classOf(n uintptr) uintptr {
	if n <= 1024 {
		return uintptr(smallClass[(n+7)>>3])
	}
	return computeClass(n)
}

func computeClass(n uintptr) uintptr {
	if n <= 128 {
		return (n+7)>>3 - 1
	}
	// 8 classes in each interval (2^k, 2^(k+1)], k from 7.
	k := uintptr(bits.Len64(uint64(n-1))) - 1
	return 16 + (k-7)*8 + ((n - 1) >> (k - 3) & 7)
}

func classSize(c uintptr) uintptr {
	if c < 16 {
		return (c + 1) * 8
	}
	k := 7 + (c-16)/8
	return 1<<k + ((c-16)%8+1)<<(k-3)
}

// slabPages picks the slab of a class: the shortest of at least minSlab bytes and
// eight blocks whose unusable tail is at most 1/32 of it.
func slabPages(size uintptr) uintptr {
	n := max(minSlab, size*8)
	n = (n + pageSize - 1) &^ (pageSize - 1)
	for n%size > n/32 {
		n += pageSize
	}
	return n >> pageShift
}

func init() {
	for i := range smallClass {
		smallClass[i] = uint8(computeClass(max(uintptr(i)*8, 1)))
	}
	for c := range uintptr(numClasses) {
		size := classSize(c)
		h.classes[c] = classInfo{size: uint32(size), pages: uint32(slabPages(size))}
	}
}
