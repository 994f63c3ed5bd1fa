package quicklist

import (
	"math"
	"sync/atomic"
)

const (
	// sizeOverhead is what Redis assumes that an element's encoding may add.
	sizeOverhead = 8
	// safetyLimit bounds a node's bytes when the fill counts elements.
	safetyLimit = 8192
)

var levels = [...]int{4096, 8192, 16384, 32768, 65536}

// Limits splits a fill into the limit that it sets; the other is unlimited.
func Limits(fill int) (size, count int) {
	if fill >= 0 {
		return math.MaxInt, max(fill, 1)
	}
	return levels[min(-fill-1, len(levels)-1)], math.MaxInt
}

// ExceedsLimit reports whether a listpack of size bytes and count elements is more than one node may hold.
func ExceedsLimit(fill, size, count int) bool {
	if fill < 0 {
		return size > levels[min(-fill-1, len(levels)-1)]
	}
	return size > safetyLimit || count > max(fill, 1)
}

// isLarge reports whether an element of n bytes gets a plain node of its own.
func isLarge(fill, n int) bool {
	if limit := packedThreshold.Load(); limit != 0 {
		return int64(n) >= limit
	}
	if fill < 0 {
		return n > levels[min(-fill-1, len(levels)-1)]
	}
	return n > safetyLimit
}

func (n *node) roomFor(fill, size int) bool {
	return n != nil && !n.plain && !isLarge(fill, size) &&
		!ExceedsLimit(fill, int(n.size)+size+sizeOverhead, int(n.count)+1)
}

var packedThreshold atomic.Int64

// SetPackedThreshold sets, for every list of the process, from which size on an element gets
// a node of its own; 0 leaves it to the list's fill. For tests: DEBUG QUICKLIST-PACKED-THRESHOLD.
func SetPackedThreshold(n int64) { packedThreshold.Store(n) }
