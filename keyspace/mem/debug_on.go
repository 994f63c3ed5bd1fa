//go:build debug && !asan

package mem

import (
	"fmt"
	"unsafe"
)

const (
	debugMem = true
	freed    = 0xDB
	fresh    = 0xCA
)

func debugFill(p unsafe.Pointer, n int) {
	b := unsafe.Slice((*byte)(p), n)
	for i := range b {
		b[i] = fresh
	}
}

// debugFree overwrites a block that is about to be freed. A small block whose
// bytes behind the list link are all mangled already has been freed before.
func debugFree(p unsafe.Pointer, s *span) {
	if s.class >= numClasses {
		return
	}
	off := uintptr(p) - uintptr(h.addr(s.start))
	size := uintptr(h.classes[s.class].size)
	if off%size != 0 {
		panic(fmt.Sprintf("mem: Free(%p): not the start of a block", p))
	}
	b := unsafe.Slice((*byte)(p), size)
	if size >= 32 && mangled(b[8:]) {
		panic(fmt.Sprintf("mem: Free(%p): freed twice", p))
	}
	for i := range b {
		b[i] = freed
	}
}

func debugAlloc(p unsafe.Pointer, n int) {
	b := unsafe.Slice((*byte)(p), n)
	if n >= 32 && b[n-1] == freed && !mangled(b[8:]) {
		panic(fmt.Sprintf("mem: block %p of %d bytes was written after it was freed", p, n))
	}
	debugFill(p, n)
}

func mangled(b []byte) bool {
	for _, c := range b {
		if c != freed {
			return false
		}
	}
	return true
}
