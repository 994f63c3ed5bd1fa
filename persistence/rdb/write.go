package rdb

import (
	"encoding/binary"
	"math"
	"strconv"

	"berth/internal/lzf"
	"berth/internal/numfmt"
)

// AppendLen appends a length, or any unsigned number, in its variable form.
func AppendLen(dst []byte, n uint64) []byte {
	switch {
	case n < 1<<6:
		return append(dst, byte(n))
	case n < 1<<14:
		return append(dst, 0x40|byte(n>>8), byte(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, 0x80), uint32(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, 0x81), n)
	}
}

// encoded is the length byte that announces a special encoding.
func encoded(enc byte) byte { return 0xc0 | enc }

// appendIntEncoded appends v in the form for small integers, if it has one.
func appendIntEncoded(dst []byte, v int64) ([]byte, bool) {
	switch {
	case v == int64(int8(v)):
		return append(dst, encoded(encInt8), byte(v)), true
	case v == int64(int16(v)):
		return binary.LittleEndian.AppendUint16(append(dst, encoded(encInt16)), uint16(v)), true
	case v == int64(int32(v)):
		return binary.LittleEndian.AppendUint32(append(dst, encoded(encInt32)), uint32(v)), true
	}
	return dst, false
}

// appendInt appends the string that is an integer's text.
func appendInt(dst []byte, v int64) []byte {
	if b, ok := appendIntEncoded(dst, v); ok {
		return b
	}
	dst = append(dst, byte(numfmt.IntLen(v)))
	return strconv.AppendInt(dst, v, 10)
}

const (
	maxIntText  = 11 // of the integers that have an encoding
	minCompress = 21 // shorter strings aren't worth a try
)

// AppendString appends a string: as an integer if it is the text of one that fits 32 bits,
// compressed if that is on and saves bytes, or as it is.
func (c *Codec) AppendString(dst, s []byte) []byte {
	if len(s) <= maxIntText {
		if v, ok := numfmt.ParseInt64(s); ok {
			if b, ok := appendIntEncoded(dst, v); ok {
				return b
			}
		}
	}
	if c.Compression && len(s) >= minCompress && len(s) <= math.MaxUint32 {
		if b, ok := c.appendCompressed(dst, s); ok {
			return b
		}
	}
	return append(AppendLen(dst, uint64(len(s))), s...)
}

// appendCompressed appends s in compressed form if that saves four bytes at least.
func (c *Codec) appendCompressed(dst, s []byte) ([]byte, bool) {
	// The two lengths stand in front and aren't known yet: the data goes behind the
	// largest possible header and is moved back.
	const maxHeader = 1 + 5 + 5
	if c.lz == nil {
		c.lz = new(lzf.Compressor)
	}
	start := len(dst)
	room := len(s) - 4
	dst = grow(dst, maxHeader+room)
	n := c.lz.Compress(dst[start+maxHeader:start+maxHeader+room], s)
	if n == 0 {
		return dst[:start], false
	}
	data := dst[start+maxHeader : start+maxHeader+n]
	dst = append(dst[:start], encoded(encLZF))
	dst = AppendLen(dst, uint64(n))
	dst = AppendLen(dst, uint64(len(s)))
	return append(dst, data...), true
}

// grow extends dst by n bytes of any content.
func grow(dst []byte, n int) []byte {
	if need := len(dst) + n; need <= cap(dst) {
		return dst[:need]
	}
	bigger := make([]byte, len(dst)+n, 2*len(dst)+n)
	copy(bigger, dst)
	return bigger
}

func appendDouble(dst []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(f))
}
