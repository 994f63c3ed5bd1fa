package listpack

import (
	"encoding/binary"

	"berth/internal/numfmt"
)

const (
	headerSize   = 6
	eof          = 0xFF
	countUnknown = 65535

	encStr32 = 0xF0
	encInt16 = 0xF1
	encInt24 = 0xF2
	encInt32 = 0xF3
	encInt64 = 0xF4
)

// EmptySize is the number of bytes of a listpack without elements.
const EmptySize = headerSize + 1

// item is an element on its way in: how it will be encoded, and how long that is.
type item struct {
	s     []byte
	v     int64
	isInt bool
	enc   int // encoding and data
	size  int // enc and backlen
}

func strItem(s []byte) item {
	if len(s) <= numfmt.MaxInt64Len {
		if v, ok := numfmt.ParseInt64(s); ok {
			return intItem(v)
		}
	}
	n := len(s)
	switch {
	case n < 64:
		n++
	case n < 4096:
		n += 2
	default:
		n += 5
	}
	return item{s: s, enc: n, size: n + backlenSize(n)}
}

func intItem(v int64) item {
	n := intEncSize(v)
	return item{v: v, isInt: true, enc: n, size: n + 1}
}

func intEncSize(v int64) int {
	switch {
	case v >= 0 && v <= 127:
		return 1
	case v >= -4096 && v <= 4095:
		return 2
	case v >= -1<<15 && v < 1<<15:
		return 3
	case v >= -1<<23 && v < 1<<23:
		return 4
	case v >= -1<<31 && v < 1<<31:
		return 5
	}
	return 9
}

// put writes the item with its backlen at the start of b.
func (it *item) put(b []byte) {
	if it.isInt {
		putInt(b, it.v)
	} else {
		n := len(it.s)
		switch {
		case n < 64:
			b[0] = 0x80 | byte(n)
			copy(b[1:], it.s)
		case n < 4096:
			b[0] = 0xE0 | byte(n>>8)
			b[1] = byte(n)
			copy(b[2:], it.s)
		default:
			b[0] = encStr32
			binary.LittleEndian.PutUint32(b[1:], uint32(n))
			copy(b[5:], it.s)
		}
	}
	putBacklen(b[it.enc:it.size], it.enc)
}

func putInt(b []byte, v int64) {
	switch intEncSize(v) {
	case 1:
		b[0] = byte(v)
	case 2:
		b[0] = 0xC0 | byte(v>>8)&0x1F
		b[1] = byte(v)
	case 3:
		b[0] = encInt16
		binary.LittleEndian.PutUint16(b[1:], uint16(v))
	case 4:
		b[0] = encInt24
		b[1], b[2], b[3] = byte(v), byte(v>>8), byte(v>>16)
	case 5:
		b[0] = encInt32
		binary.LittleEndian.PutUint32(b[1:], uint32(v))
	default:
		b[0] = encInt64
		binary.LittleEndian.PutUint64(b[1:], uint64(v))
	}
}

// backlenSize is how many bytes the backlen of an encoding of n bytes takes. The limits are one
// short of what seven bits each could hold (16382, not 16383): the format has them so.
func backlenSize(n int) int {
	switch {
	case n <= 127:
		return 1
	case n < 16383:
		return 2
	case n < 2097151:
		return 3
	case n < 268435455:
		return 4
	}
	return 5
}

// putBacklen fills b with n, most significant group first; all but the first carry the high bit,
// which says to a reader going left that there is more.
func putBacklen(b []byte, n int) {
	for i := len(b) - 1; i > 0; i-- {
		b[i] = byte(n)&0x7F | 0x80
		n >>= 7
	}
	b[0] = byte(n) & 0x7F
}

// readBacklen reads the backlen that ends at b[end]. It returns -1 when it has more than five bytes
// or runs out of b.
func readBacklen(b []byte, end int) int {
	n := 0
	for shift := 0; shift <= 28; shift += 7 {
		if end < 0 {
			return -1
		}
		c := b[end]
		n |= int(c&0x7F) << shift
		if c&0x80 == 0 {
			return n
		}
		end--
	}
	return -1
}

// encSize is the number of bytes of encoding and data at b[off:], backlen not included.
func encSize(b []byte, off int) int {
	c := b[off]
	switch {
	case c < 0x80:
		return 1
	case c < 0xC0:
		return 1 + int(c&0x3F)
	case c < 0xE0:
		return 2
	case c < 0xF0:
		return 2 + int(c&0x0F)<<8 + int(b[off+1])
	}
	switch c {
	case encStr32:
		return 5 + int(binary.LittleEndian.Uint32(b[off+1:]))
	case encInt16:
		return 3
	case encInt24:
		return 4
	case encInt32:
		return 5
	case encInt64:
		return 9
	}
	return 1 // the end mark
}

// decode reads the element at off. s is nil when it is the integer v.
func decode(b []byte, off int) (s []byte, v int64) {
	c := b[off]
	switch {
	case c < 0x80:
		return nil, int64(c)
	case c < 0xC0:
		n := int(c & 0x3F)
		return b[off+1 : off+1+n : off+1+n], 0
	case c < 0xE0:
		return nil, int64(int16(uint16(c)<<11|uint16(b[off+1])<<3) >> 3)
	case c < 0xF0:
		n := int(c&0x0F)<<8 | int(b[off+1])
		return b[off+2 : off+2+n : off+2+n], 0
	}
	switch c {
	case encStr32:
		n := int(binary.LittleEndian.Uint32(b[off+1:]))
		return b[off+5 : off+5+n : off+5+n], 0
	case encInt16:
		return nil, int64(int16(binary.LittleEndian.Uint16(b[off+1:])))
	case encInt24:
		return nil, int64(int32(uint32(b[off+1])<<8|uint32(b[off+2])<<16|uint32(b[off+3])<<24) >> 8)
	case encInt32:
		return nil, int64(int32(binary.LittleEndian.Uint32(b[off+1:])))
	case encInt64:
		return nil, int64(binary.LittleEndian.Uint64(b[off+1:]))
	}
	panic("listpack: bad encoding")
}
