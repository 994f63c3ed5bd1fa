package intset

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"unsafe"

	"berth/keyspace/mem"
)

// Set points to an intset's block.
type Set = unsafe.Pointer

const headerSize = 8

// New returns an empty set.
func New() Set {
	s := mem.Alloc(headerSize)
	b := unsafe.Slice((*byte)(s), headerSize)
	binary.LittleEndian.PutUint32(b, 2)
	binary.LittleEndian.PutUint32(b[4:], 0)
	return s
}

// FromBytes returns a set with a copy of b, which must have passed Validate.
func FromBytes(b []byte) Set {
	s := mem.Alloc(len(b))
	copy(mem.Bytes(s, len(b)), b)
	return s
}

// Free gives the set's memory back.
func Free(s Set) { mem.Free(s) }

// Dup returns a copy.
func Dup(s Set) Set { return FromBytes(Bytes(s)) }

// Bytes is the whole set as a view, valid until the next change.
func Bytes(s Set) []byte {
	return unsafe.Slice((*byte)(s), headerSize+Len(s)*width(s))
}

// Size is the number of bytes.
func Size(s Set) int { return headerSize + Len(s)*width(s) }

// Len is the number of members.
func Len(s Set) int { return int(*(*uint32)(unsafe.Add(s, 4))) }

func width(s Set) int { return int(*(*uint32)(s)) }

func widthFor(v int64) int {
	switch {
	case v >= math.MinInt16 && v <= math.MaxInt16:
		return 2
	case v >= math.MinInt32 && v <= math.MaxInt32:
		return 4
	}
	return 8
}

func at(b []byte, w, i int) int64 {
	o := headerSize + i*w
	switch w {
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(b[o:])))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(b[o:])))
	}
	return int64(binary.LittleEndian.Uint64(b[o:]))
}

func put(b []byte, w, i int, v int64) {
	o := headerSize + i*w
	switch w {
	case 2:
		binary.LittleEndian.PutUint16(b[o:], uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(b[o:], uint32(v))
	default:
		binary.LittleEndian.PutUint64(b[o:], uint64(v))
	}
}

// search returns where v is, or where it belongs.
func search(s Set, v int64) (int, bool) {
	b, w := Bytes(s), width(s)
	lo, hi := 0, Len(s)
	// Ascending insertion is common, so the ends are tried first.
	if hi == 0 || v > at(b, w, hi-1) {
		return hi, false
	}
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if at(b, w, m) < v {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo, at(b, w, lo) == v
}

// Has reports whether v is a member.
func Has(s Set, v int64) bool {
	if widthFor(v) > width(s) {
		return false
	}
	_, ok := search(s, v)
	return ok
}

// Get is the i-th smallest member, 0 <= i < Len.
func Get(s Set, i int) int64 { return at(Bytes(s), width(s), i) }

// Random is a uniformly chosen member of a set that is not empty.
func Random(s Set) int64 { return Get(s, rand.IntN(Len(s))) }

// Max is the largest member of a set that is not empty.
func Max(s Set) int64 { return Get(s, Len(s)-1) }

// Min is the smallest member of a set that is not empty.
func Min(s Set) int64 { return Get(s, 0) }

// Add inserts v and reports whether it was missing.
func Add(s Set, v int64) (Set, bool) {
	w, n := width(s), Len(s)
	nw := widthFor(v)
	if nw > w {
		// Wider than all there is, so v goes to one of the ends.
		s = mem.Realloc(s, headerSize+(n+1)*nw)
		b := mem.Bytes(s, headerSize+(n+1)*nw)
		shift := 0
		if v < 0 {
			shift = 1
		}
		for i := n - 1; i >= 0; i-- {
			put(b, nw, i+shift, at(b, w, i))
		}
		if v < 0 {
			put(b, nw, 0, v)
		} else {
			put(b, nw, n, v)
		}
		setHeader(b, nw, n+1)
		return s, true
	}
	i, found := search(s, v)
	if found {
		return s, false
	}
	s = mem.Realloc(s, headerSize+(n+1)*w)
	b := mem.Bytes(s, headerSize+(n+1)*w)
	o := headerSize + i*w
	copy(b[o+w:], b[o:headerSize+n*w])
	put(b, w, i, v)
	setHeader(b, w, n+1)
	return s, true
}

func setHeader(b []byte, w, n int) {
	binary.LittleEndian.PutUint32(b, uint32(w))
	binary.LittleEndian.PutUint32(b[4:], uint32(n))
}

// Remove deletes v and reports whether it was a member.
func Remove(s Set, v int64) (Set, bool) {
	w := width(s)
	if widthFor(v) > w {
		return s, false
	}
	i, found := search(s, v)
	if !found {
		return s, false
	}
	return RemoveAt(s, i), true
}

// RemoveAt deletes the i-th smallest member.
func RemoveAt(s Set, i int) Set {
	w, n := width(s), Len(s)
	b := Bytes(s)
	o := headerSize + i*w
	copy(b[o:], b[o+w:])
	setHeader(b, w, n-1)
	return mem.Realloc(s, headerSize+(n-1)*w)
}

// Validate checks untrusted bytes: the header against the length, and with deep the order of the
// members. A set without members isn't valid, as in Redis.
func Validate(b []byte, deep bool) bool {
	if len(b) < headerSize {
		return false
	}
	w := binary.LittleEndian.Uint32(b)
	n := binary.LittleEndian.Uint32(b[4:])
	if w != 2 && w != 4 && w != 8 || n == 0 || uint64(n)*uint64(w)+headerSize != uint64(len(b)) {
		return false
	}
	if !deep {
		return true
	}
	for i := 1; i < int(n); i++ {
		if at(b, int(w), i-1) >= at(b, int(w), i) {
			return false
		}
	}
	return true
}
