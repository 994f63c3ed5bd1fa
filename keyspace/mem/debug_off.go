//go:build !debug && !asan

package mem

import "unsafe"

const debugMem = false

func debugAlloc(unsafe.Pointer, int)  {}
func debugFree(unsafe.Pointer, *span) {}
func debugFill(unsafe.Pointer, int)   {}
