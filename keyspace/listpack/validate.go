package listpack

import "encoding/binary"

// Validate checks untrusted bytes. Without deep it looks at the header and the end mark only, which is
// enough to copy the blob, not to read it; with deep it walks every element.
func Validate(b []byte, deep bool) bool {
	if len(b) < EmptySize || uint64(binary.LittleEndian.Uint32(b)) != uint64(len(b)) || b[len(b)-1] != eof {
		return false
	}
	if !deep {
		return true
	}
	count, ok := walk(b)
	said := int(binary.LittleEndian.Uint16(b[4:]))
	return ok && (said == countUnknown || said == count)
}

// ValidateUncounted is Validate, deep, for a listpack whose own number of elements nobody relies on: Len.
func ValidateUncounted(b []byte) bool {
	if !Validate(b, false) {
		return false
	}
	_, ok := walk(b)
	return ok
}

// walk looks at every element and counts them.
func walk(b []byte) (count int, ok bool) {
	end := len(b) - 1
	off := headerSize
	for off < end {
		n := checkedSize(b[:end], off)
		if n == 0 {
			return 0, false
		}
		next := off + n + backlenSize(n)
		if next > end || next < off || readBacklen(b, next-1) != n {
			return 0, false
		}
		off = next
		count++
	}
	return count, off == end
}

// checkedSize is encSize for bytes that may be anything: 0 when the encoding is not known or does
// not fit.
func checkedSize(b []byte, off int) int {
	c := b[off]
	left := len(b) - off
	need := 1
	switch {
	case c >= 0xE0 && c < 0xF0:
		need = 2
	case c == encStr32:
		need = 5
	case c > encInt64:
		return 0
	}
	if left < need {
		return 0
	}
	n := encSize(b, off)
	if n > left {
		return 0
	}
	return n
}
