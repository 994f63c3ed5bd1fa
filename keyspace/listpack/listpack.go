package listpack

import (
	"encoding/binary"
	"strconv"
	"unsafe"

	"berth/internal/numfmt"
	"berth/keyspace/mem"
)

// LP points to a listpack's block.
type LP = unsafe.Pointer

// Scratch is room for the text of an integer element.
type Scratch [numfmt.MaxInt64Len]byte

// maxTotal keeps the 32-bit size field from overflowing.
const maxTotal = 1 << 30

// New returns an empty listpack with room for capacity bytes in all.
func New(capacity int) LP {
	lp := mem.Alloc(max(capacity, EmptySize))
	b := unsafe.Slice((*byte)(lp), EmptySize)
	binary.LittleEndian.PutUint32(b, EmptySize)
	b[4], b[5], b[6] = 0, 0, eof
	return lp
}

// FromBytes returns a listpack with a copy of b, which must have passed Validate.
func FromBytes(b []byte) LP {
	lp := mem.Alloc(len(b))
	copy(unsafe.Slice((*byte)(lp), len(b)), b)
	return lp
}

// Free gives the listpack's memory back.
func Free(lp LP) { mem.Free(lp) }

// Dup returns a copy.
func Dup(lp LP) LP { return FromBytes(Bytes(lp)) }

// Bytes is the whole listpack as a view.
func Bytes(lp LP) []byte {
	return unsafe.Slice((*byte)(lp), *(*uint32)(lp))
}

// Size is the total number of bytes.
func Size(lp LP) int { return int(*(*uint32)(lp)) }

// Len is the number of elements: constant time below 65535.
func Len(lp LP) int {
	b := Bytes(lp)
	if n := int(binary.LittleEndian.Uint16(b[4:])); n != countUnknown {
		return n
	}
	n := 0
	for off := headerSize; b[off] != eof; n++ {
		off = skip(b, off)
	}
	setCount(b, n)
	return n
}

func setCount(b []byte, n int) {
	binary.LittleEndian.PutUint16(b[4:], uint16(min(n, countUnknown)))
}

// addCount adjusts a known count by d.
func addCount(b []byte, d int) {
	if n := int(binary.LittleEndian.Uint16(b[4:])); n != countUnknown {
		setCount(b, n+d)
	}
}

func skip(b []byte, off int) int {
	switch c := b[off]; {
	case c < 0x80:
		return off + 2
	case c < 0xC0:
		return off + 2 + int(c&0x3F)
	}
	n := encSize(b, off)
	return off + n + backlenSize(n)
}

// SafeToAdd reports whether n more bytes keep the listpack within what Redis allows.
func SafeToAdd(lp LP, n int) bool { return lp == nil || Size(lp)+n <= maxTotal }

// First is the offset of the first element, 0 when there is none.
func First(lp LP) int {
	if Bytes(lp)[headerSize] == eof {
		return 0
	}
	return headerSize
}

// Last is the offset of the last element, 0 when there is none.
func Last(lp LP) int {
	b := Bytes(lp)
	return prev(b, len(b)-1)
}

// Next is the offset of the element after off, 0 at the end.
func Next(lp LP, off int) int {
	b := Bytes(lp)
	if off = skip(b, off); b[off] == eof {
		return 0
	}
	return off
}

// Prev is the offset of the element before off, 0 at the start. off may also be End(lp).
func Prev(lp LP, off int) int { return prev(Bytes(lp), off) }

// End is the offset of the end mark: what Insert takes to append, and Prev to find the last.
func End(lp LP) int { return Size(lp) - 1 }

func prev(b []byte, off int) int {
	if off <= headerSize {
		return 0
	}
	n := readBacklen(b, off-1)
	return off - n - backlenSize(n)
}

// Seek is the offset of the element with the given index; negative indexes count from the end, -1
// being the last. 0 when out of range.
func Seek(lp LP, index int) int {
	b := Bytes(lp)
	n := int(binary.LittleEndian.Uint16(b[4:]))
	fromEnd := index < 0
	if n != countUnknown {
		if index < 0 {
			index += n
		}
		if index < 0 || index >= n {
			return 0
		}
		// Walks from the nearer end.
		if fromEnd = index > n/2; fromEnd {
			index -= n
		}
	}
	if fromEnd {
		off := prev(b, len(b)-1)
		for index++; index < 0 && off != 0; index++ {
			off = prev(b, off)
		}
		return off
	}
	off := headerSize
	for ; b[off] != eof; index-- {
		if index == 0 {
			return off
		}
		off = skip(b, off)
	}
	return 0
}

// Get reads the element at off: a view of the string, or s nil and the integer v.
func Get(lp LP, off int) (s []byte, v int64) { return decode(Bytes(lp), off) }

// GetBytes reads the element at off as text, an integer being written into scratch.
func GetBytes(lp LP, off int, scratch *Scratch) []byte {
	s, v := decode(Bytes(lp), off)
	if s == nil {
		return strconv.AppendInt(scratch[:0], v, 10)
	}
	return s
}

// ElemLen is the length of the element's text.
func ElemLen(lp LP, off int) int {
	s, v := decode(Bytes(lp), off)
	if s == nil {
		return numfmt.IntLen(v)
	}
	return len(s)
}

// Compare reports whether the element at off has the text s.
func Compare(lp LP, off int, s []byte) bool {
	e, v := decode(Bytes(lp), off)
	if e != nil {
		return string(e) == string(s)
	}
	n, ok := numfmt.ParseInt64(s)
	return ok && n == v
}

// Find searches s from the element at off on (0: from the first), looking at one element and then
// passing over skipCount. It returns the offset, or 0.
func Find(lp LP, off int, s []byte, skipCount int) int {
	b := Bytes(lp)
	if off == 0 {
		off = headerSize
	}
	want, wantInt := numfmt.ParseInt64(s)
	for left := 0; ; left-- {
		look := left == 0
		if look {
			left = skipCount + 1
		}
		// The two short encodings first: they are most of what a small hash or set holds, and their
		// backlen is one byte.
		switch c := b[off]; {
		case c < 0x80:
			if look && wantInt && want == int64(c) {
				return off
			}
			off += 2
		case c < 0xC0:
			n := int(c & 0x3F)
			if look && n == len(s) && string(b[off+1:off+1+n]) == string(s) {
				return off
			}
			off += n + 2
		case c == eof:
			return 0
		default:
			if look {
				if e, v := decode(b, off); e == nil {
					if wantInt && v == want {
						return off
					}
				} else if string(e) == string(s) {
					return off
				}
			}
			off = skip(b, off)
		}
	}
}

// Offsets appends to dst the offset of every step-th element, beginning with the first.
func Offsets(lp LP, step int, dst []uint32) []uint32 {
	b := Bytes(lp)
	i := 0
	for off := headerSize; b[off] != eof; off = skip(b, off) {
		if i == 0 {
			dst = append(dst, uint32(off))
			i = step
		}
		i--
	}
	return dst
}
