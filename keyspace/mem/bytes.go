package mem

import "unsafe"

// Bytes returns a view of the first n bytes at p. It is valid as long as the block.
func Bytes(p unsafe.Pointer, n int) []byte {
	return unsafe.Slice((*byte)(p), n)
}

// LeakCheck notes what is in use and returns a function that reports, through
// errorf, if the amount in use then differs. It is for tests:
//
//	defer mem.LeakCheck(t.Errorf)()
func LeakCheck(errorf func(format string, args ...any)) func() {
	before := Used()
	return func() {
		if after := Used(); after != before {
			errorf("mem: %d bytes in use, %d before: %+d", after, before, after-before)
		}
	}
}
