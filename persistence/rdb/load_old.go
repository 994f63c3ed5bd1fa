package rdb

import (
	"encoding/binary"

	"berth/keyspace/listpack"
)

// The packed encodings of before listpacks. They are only ever read, and become listpacks.

// The encodings of a ziplist's integers.
const (
	zipInt16 = 0xc0
	zipInt32 = 0xd0
	zipInt64 = 0xe0
	zipInt24 = 0xf0
	zipInt8  = 0xfe
	zipEnd   = 0xff
	zipImm   = 0xf1 // 0xf1 to 0xfd are the numbers 0 to 12
	zipBig   = 0xfe // first byte of a length of the previous element that takes four more
)

// ziplistToListpack makes a listpack of a ziplist:
//
//	bytes u32 | offset of the last element u32 | count u16 (65535: not known) | element … | 0xff
//	element: length of the one before in 1 or 5 bytes, encoding, data
func ziplistToListpack(b []byte) (listpack.LP, bool) {
	const header = 4 + 4 + 2
	if len(b) < header+1 || uint64(binary.LittleEndian.Uint32(b)) != uint64(len(b)) {
		return nil, false
	}
	tail := uint64(binary.LittleEndian.Uint32(b[4:]))
	count := int(binary.LittleEndian.Uint16(b[8:]))
	if b[len(b)-1] != zipEnd {
		return nil, false
	}
	r := reader{b: b[header : len(b)-1]}
	lp := listpack.New(len(b))
	ok := true
	n, size, last := 0, uint64(0), uint64(header)
	for len(r.b) > 0 && ok {
		left := len(r.b)
		last = uint64(len(b) - 1 - left)
		prev := uint64(r.byte())
		if prev == zipBig {
			if p := r.take(4); p != nil {
				prev = uint64(binary.LittleEndian.Uint32(p))
			}
		}
		lp, ok = ziplistElement(&r, lp)
		ok = ok && !r.bad && prev == size
		size = uint64(left - len(r.b))
		n++
	}
	if !ok || tail != last || count != 65535 && count != n {
		listpack.Free(lp)
		return nil, false
	}
	return lp, true
}

// ziplistElement moves one element, from its encoding byte on.
func ziplistElement(r *reader, lp listpack.LP) (listpack.LP, bool) {
	enc := r.byte()
	var n uint64
	switch {
	case enc>>6 == 0:
		n = uint64(enc)
	case enc>>6 == 1:
		n = uint64(enc&0x3f)<<8 | uint64(r.byte())
	case enc>>6 == 2:
		if p := r.take(4); p != nil {
			n = uint64(binary.BigEndian.Uint32(p))
		}
	default:
		v, ok := ziplistInt(r, enc)
		if !ok || r.bad {
			return lp, false
		}
		return listpack.AppendInt(lp, v), true
	}
	s := r.take(n)
	if r.bad || !listpack.SafeToAdd(lp, len(s)) {
		return lp, false
	}
	return listpack.Append(lp, s), true
}

func ziplistInt(r *reader, enc byte) (v int64, ok bool) {
	width := uint64(0)
	switch {
	case enc == zipInt8:
		width = 1
	case enc == zipInt16:
		width = 2
	case enc == zipInt24:
		width = 3
	case enc == zipInt32:
		width = 4
	case enc == zipInt64:
		width = 8
	case enc >= zipImm && enc < zipInt8:
		return int64(enc - zipImm), true
	default:
		return 0, false
	}
	var raw [8]byte
	copy(raw[8-width:], r.take(width))
	// The bytes are at the top of the word, so that the shift back extends the sign.
	return int64(binary.LittleEndian.Uint64(raw[:])) >> (64 - 8*width), true
}

// zipmapToListpack makes a listpack of a zipmap, the encoding of small hashes before Redis
// 2.6:
//
//	count (a hint) | pair … | 0xff
//	pair: length, field, length, number of unused bytes, value, unused bytes
func zipmapToListpack(b []byte) (listpack.LP, bool) {
	if len(b) < 2 || b[len(b)-1] != zipEnd {
		return nil, false
	}
	r := reader{b: b[1 : len(b)-1]}
	length := func() uint64 {
		n := uint64(r.byte())
		if n == zipBig {
			if p := r.take(4); p != nil {
				return uint64(binary.LittleEndian.Uint32(p))
			}
		}
		if n == zipEnd {
			r.fail()
		}
		return n
	}
	lp := listpack.New(len(b))
	n := 0
	for len(r.b) > 0 {
		field := r.take(length())
		size := length()
		unused := uint64(r.byte())
		value := r.take(size)
		r.take(unused)
		if r.bad || !listpack.SafeToAdd(lp, len(field)+len(value)) {
			r.fail()
			break
		}
		lp = listpack.AppendPair(lp, field, value)
		n++
	}
	if r.bad || b[0] < zipBig && int(b[0]) != n {
		listpack.Free(lp)
		return nil, false
	}
	return lp, true
}
