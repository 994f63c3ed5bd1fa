package idtree

import (
	"cmp"
	"encoding/binary"
	"math"
	"strconv"
)

// ID is the id of a stream's entry: milliseconds and a number among those of the same millisecond.
type ID struct{ MS, Seq uint64 }

// Size is the number of bytes of an ID in the form that Put writes.
const Size = 16

// Max is the greatest ID.
var Max = ID{math.MaxUint64, math.MaxUint64}

// Compare orders IDs: negative, zero or positive.
func (a ID) Compare(b ID) int {
	if a.MS != b.MS {
		return cmp.Compare(a.MS, b.MS)
	}
	return cmp.Compare(a.Seq, b.Seq)
}

// Less reports whether a comes before b.
func (a ID) Less(b ID) bool { return a.MS < b.MS || a.MS == b.MS && a.Seq < b.Seq }

// IsZero reports whether a is 0-0, which no entry has.
func (a ID) IsZero() bool { return a == ID{} }

// Next is the ID after a; false, and 0-0, when a is the greatest.
func (a ID) Next() (ID, bool) {
	if a.Seq++; a.Seq == 0 {
		a.MS++
		return a, a.MS != 0
	}
	return a, true
}

// Prev is the ID before a; false, and the greatest, when a is 0-0.
func (a ID) Prev() (ID, bool) {
	if a.Seq--; a.Seq == math.MaxUint64 {
		a.MS--
		return a, a.MS != math.MaxUint64
	}
	return a, true
}

// Put writes a so that the order of the bytes is that of the IDs, as files have it.
func (a ID) Put(b *[Size]byte) {
	binary.BigEndian.PutUint64(b[:], a.MS)
	binary.BigEndian.PutUint64(b[8:], a.Seq)
}

// FromBytes reads what Put wrote; b has Size bytes at least.
func FromBytes(b []byte) ID {
	return ID{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
}

// MaxText is the length of the longest ID as text.
const MaxText = 41

// Append appends a as text: ms-seq.
func (a ID) Append(dst []byte) []byte {
	dst = strconv.AppendUint(dst, a.MS, 10)
	return strconv.AppendUint(append(dst, '-'), a.Seq, 10)
}

// String returns a as text.
func (a ID) String() string { return string(a.Append(nil)) }
