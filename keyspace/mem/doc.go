// Package mem is the off-heap allocator that every byte of the data set comes
// from. It is process-wide and safe for use from any goroutine or thread.
//
// Memory is carved from one large reserved address range, so that the span of
// a pointer is found by a subtraction and a table lookup, without a header in
// front of the block. Blocks up to 32 KiB come from slabs of one size class
// (steps of 8 bytes up to 128, then 8 classes per doubling); larger ones are
// runs of whole pages. Runs that become free are kept up to a small cap and
// given back to the kernel beyond it.
//
// It is not modernc.org/memory because that rounds small blocks up to powers of two: a
// block of 72 bytes takes 128, one of 136 takes 256. The entry of a 16-byte key with a
// 32-byte value, 56 bytes, would take 64. Speed was no reason: behind a mutex both take
// about 36 ns to allocate and free 64 bytes, 28 of which are the mutex (without one,
// modernc.org/memory takes 10).
//
// Ownership is the caller's: a block is live until Free or Realloc. A block must
// never hold the only reference to a Go object, nor any Go pointer at all.
//
// Build tags: `asan` takes blocks from C malloc, so that the address sanitizer
// sees them; `debug` overwrites freed blocks with 0xDB and panics on a write
// to, or a second free of, a freed block where it can be seen.
//
// The package never returns nil for lack of memory: it panics, since a data set
// that lost an allocation half-way through an operation can't be kept consistent.
package mem
