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
	end := len(b) - 1
	count := 0
	off := headerSize
	for off < end {
		n := checkedSize(b[:end], off)
		if n == 0 {
			return false
		}
		next := off + n + backlenSize(n)
		if next > end || next < off || readBacklen(b, next-1) != n {
			return false
		}
		off = next
		count++
	}
	if off != end {
		return false
	}
	said := int(binary.LittleEndian.Uint16(b[4:]))
	return said == countUnknown || said == count
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
