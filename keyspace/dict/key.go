package dict

import "unsafe"

// A key header is the length of the key, then its bytes. Lengths below 128 take
// one byte; others take 0x80 and four bytes, little-endian.
const (
	shortKey   = 128
	longHeader = 5
)

// KeyLayout is the length from which a key has the long header, and the length of that.
func KeyLayout() (short, long int) { return shortKey, longHeader }

// KeyHeaderSize returns the bytes that a key of n bytes takes, length included.
func KeyHeaderSize(n int) int {
	if n < shortKey {
		return 1 + n
	}
	return longHeader + n
}

// PutKey writes the key header of key at p and returns its size. Keys are shorter
// than 4 GiB.
func PutKey(p unsafe.Pointer, key []byte) int {
	n := len(key)
	if n < shortKey {
		*(*byte)(p) = byte(n)
		copy(unsafe.Slice((*byte)(unsafe.Add(p, 1)), n), key)
		return 1 + n
	}
	*(*byte)(p) = shortKey
	*(*uint32)(unsafe.Add(p, 1)) = uint32(n)
	copy(unsafe.Slice((*byte)(unsafe.Add(p, longHeader)), n), key)
	return longHeader + n
}

// KeyAt returns the key whose header is at p, as a view.
func KeyAt(p unsafe.Pointer) []byte {
	n := int(*(*byte)(p))
	if n < shortKey {
		return unsafe.Slice((*byte)(unsafe.Add(p, 1)), n)
	}
	n = int(*(*uint32)(unsafe.Add(p, 1)))
	return unsafe.Slice((*byte)(unsafe.Add(p, longHeader)), n)
}

// HeaderSizeAt returns the size of the key header at p, key bytes included.
func HeaderSizeAt(p unsafe.Pointer) int {
	n := int(*(*byte)(p))
	if n < shortKey {
		return 1 + n
	}
	return longHeader + int(*(*uint32)(unsafe.Add(p, 1)))
}
