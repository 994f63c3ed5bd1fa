package rdb

import (
	"encoding/binary"
	"math"
	"strconv"

	"berth/internal/lzf"
	"berth/internal/numfmt"
)

// reader takes apart untrusted bytes. After the first thing that doesn't fit, bad is true
// and everything reads as zero.
type reader struct {
	b     []byte
	bad   bool
	short bool // it failed because there was not enough
	// scratch holds the last string that was not there literally, in storage that the
	// next one reuses.
	scratch []byte
}

func (r *reader) fail() { r.bad, r.b = true, nil }

// take returns the next n bytes as a view, nil if there are fewer.
func (r *reader) take(n uint64) []byte {
	if r.bad || n > uint64(len(r.b)) {
		r.short = r.short || !r.bad
		r.fail()
		return nil
	}
	p := r.b[:n:n]
	r.b = r.b[n:]
	return p
}

func (r *reader) byte() byte {
	if p := r.take(1); p != nil {
		return p[0]
	}
	return 0
}

// length reads a length, or the number of a special encoding of strings.
func (r *reader) length() (n uint64, special bool) {
	first := r.byte()
	switch {
	case first>>6 == 0:
		return uint64(first), false
	case first>>6 == 1:
		return uint64(first&0x3f)<<8 | uint64(r.byte()), false
	case first>>6 == 3:
		return uint64(first & 0x3f), true
	case first == 0x80:
		if p := r.take(4); p != nil {
			return uint64(binary.BigEndian.Uint32(p)), false
		}
	case first == 0x81:
		if p := r.take(8); p != nil {
			return binary.BigEndian.Uint64(p), false
		}
	default:
		r.fail()
	}
	return 0, false
}

// len reads a length where no special encoding can be. As in Redis, the number of one counts as the length.
func (r *reader) len() uint64 {
	n, _ := r.length()
	return n
}

// string reads a string. It is a view of the payload or of scratch: valid until the next
// string is read.
func (r *reader) string() []byte {
	n, special := r.length()
	if !special {
		return r.take(n)
	}
	var v int64
	switch n {
	case encInt8:
		v = int64(int8(r.byte()))
	case encInt16:
		if p := r.take(2); p != nil {
			v = int64(int16(binary.LittleEndian.Uint16(p)))
		}
	case encInt32:
		if p := r.take(4); p != nil {
			v = int64(int32(binary.LittleEndian.Uint32(p)))
		}
	case encLZF:
		return r.compressed()
	default:
		r.fail()
	}
	if r.bad {
		return nil
	}
	r.scratch = strconv.AppendInt(r.scratch[:0], v, 10)
	return r.scratch
}

func (r *reader) compressed() []byte {
	packed, size := r.len(), r.len()
	src := r.take(packed)
	// No input expands further than this, so a false length can't make us allocate.
	if r.bad || size > packed*264/2+32 || size == 0 {
		r.fail()
		return nil
	}
	r.scratch = grow(r.scratch[:0], int(size))
	if !lzf.Expand(r.scratch, src) {
		r.fail()
		return nil
	}
	return r.scratch
}

func (r *reader) uint64() uint64 {
	if p := r.take(8); p != nil {
		return binary.LittleEndian.Uint64(p)
	}
	return 0
}

func (r *reader) double() float64 {
	if p := r.take(8); p != nil {
		return math.Float64frombits(binary.LittleEndian.Uint64(p))
	}
	return 0
}

func (r *reader) score(binary bool) float64 {
	if binary {
		return r.double()
	}
	return r.textDouble()
}

// textDouble reads a score of the old form: a length byte and digits.
func (r *reader) textDouble() float64 {
	switch n := r.byte(); n {
	case 255:
		return math.Inf(-1)
	case 254:
		return math.Inf(1)
	case 253:
		return math.NaN()
	default:
		f, ok := numfmt.ParseDouble(r.take(uint64(n)))
		if !ok {
			r.fail()
		}
		return f
	}
}
