//go:build asan

package mem

// #include <stdlib.h>
// #include <malloc.h>
import "C"

import (
	"sync/atomic"
	"unsafe"
)

var used atomic.Int64

// Alloc returns a block of at least n bytes from C malloc.
func Alloc(n int) unsafe.Pointer {
	p := C.malloc(C.size_t(max(n, 1)))
	used.Add(int64(Usable(p)))
	return p
}

// AllocZero is Alloc with zeroed content.
func AllocZero(n int) unsafe.Pointer {
	p := C.calloc(1, C.size_t(max(n, 1)))
	used.Add(int64(Usable(p)))
	return p
}

// Free gives a block back. A nil p is ignored.
func Free(p unsafe.Pointer) {
	if p == nil {
		return
	}
	used.Add(-int64(Usable(p)))
	C.free(p)
}

// Realloc resizes a block, always by moving it, so that stale pointers show.
func Realloc(p unsafe.Pointer, n int) unsafe.Pointer {
	q := Alloc(n)
	if p != nil {
		copy(Bytes(q, n), Bytes(p, min(n, Usable(p))))
		Free(p)
	}
	return q
}

// Usable returns the size that the block really has.
func Usable(p unsafe.Pointer) int { return int(C.malloc_usable_size(p)) }

// UsableFor returns the usable size that Alloc(n) would give.
func UsableFor(n int) int { return max(n, 1) }

// Used returns the bytes handed out.
func Used() int { return int(used.Load()) }

// Reserved returns the bytes held from the kernel, as far as is known here.
func Reserved() int { return Used() }

// Discard zeroes the bytes [off, off+n) of a block.
func Discard(p unsafe.Pointer, off, n int) {
	clear(Bytes(unsafe.Add(p, off), n))
}

// DefragBegin, DefragEnd, Fragmentation, Active and Purge do what they say about slabs, of
// which there are none here: only MoveAll makes blocks move.
func DefragBegin() (bytes int, ok bool) { return 0, defragging.CompareAndSwap(false, true) }

// DefragEnd ends what DefragBegin started.
func DefragEnd() { defragging.Store(false) }

var defragging atomic.Bool

// Fragmentation is not known here.
func Fragmentation() int { return 0 }

// Active is Used.
func Active() int { return Used() }

// Purge does nothing.
func Purge() {}

func movable(p unsafe.Pointer) (int, bool) { return Usable(p), moveAll.Load() }
