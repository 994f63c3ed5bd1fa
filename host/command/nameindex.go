package command

import (
	"encoding/binary"
	"math/bits"
)

// nameIndex finds rows by name in any ASCII case. It is the first thing that
// every command pays for, hence neither a map (which would need a folded copy
// of the name) nor a comparison byte by byte.
//
// A name of up to 16 bytes is loaded into two words that overlap where it is
// shorter. ORing 0x20 into the bytes that are letters in the stored name folds
// exactly those, so two comparisons of words decide.
type nameIndex struct {
	slots []nameSlot // open addressing; the length is a power of two
	shift uint8      // 64 - log2(len(slots))
	used  int
}

type nameSlot struct {
	lo, hi         uint64 // the name in lower case
	maskLo, maskHi uint64 // 0x20 where the name has a letter
	row            *Row   // nil: the slot is free
	name           string // lower case
}

const fold = 0x2020202020202020

func newNameIndex(size int) nameIndex {
	x := nameIndex{shift: uint8(64 - bits.Len(uint(size-1)))}
	x.slots = make([]nameSlot, 1<<(64-x.shift))
	return x
}

// loadName puts the first and the last bytes of a name into words; for a name
// of up to 16 bytes that is all of them.
func loadName(b []byte) (lo, hi uint64) {
	n := len(b)
	switch {
	case n >= 8:
		return binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[n-8:])
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<32, 0
	case n > 0:
		return uint64(b[0]) | uint64(b[n>>1])<<8 | uint64(b[n-1])<<16, 0
	}
	return 0, 0
}

func (x *nameIndex) home(lo, hi uint64, n int) uint64 {
	h := (lo|fold)*0x9e3779b97f4a7c15 ^ bits.RotateLeft64((hi|fold)*0xc2b2ae3d27d4eb4f, 29)
	h = (h + uint64(n)) * 0xff51afd7ed558ccd
	return h >> x.shift
}

func (x *nameIndex) find(name []byte) *Row {
	if s := x.findSlot(name); s != nil {
		return s.row
	}
	return nil
}

func (x *nameIndex) findSlot(name []byte) *nameSlot {
	lo, hi := loadName(name)
	mask := uint64(len(x.slots) - 1)
	for i := x.home(lo, hi, len(name)); ; i++ {
		s := &x.slots[i&mask]
		if s.row == nil {
			return nil
		}
		if lo|s.maskLo == s.lo && hi|s.maskHi == s.hi && len(name) == len(s.name) &&
			(len(name) <= 16 || foldEqual(name, s.name)) {
			return s
		}
	}
}

// add puts a row in under a name that is not there.
func (x *nameIndex) add(name string, r *Row) {
	if 2*(x.used+1) > len(x.slots) {
		x.rebuild(2*len(x.slots), "", nil)
	}
	lower := make([]byte, len(name))
	letter := make([]byte, len(name))
	for i := range lower {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c >= 'a' && c <= 'z' {
			letter[i] = 0x20
		}
		lower[i] = c
	}
	s := nameSlot{row: r, name: string(lower)}
	s.lo, s.hi = loadName(lower)
	s.maskLo, s.maskHi = loadName(letter)
	x.place(s)
}

func (x *nameIndex) place(s nameSlot) {
	mask := uint64(len(x.slots) - 1)
	i := x.home(s.lo, s.hi, len(s.name))
	for x.slots[i&mask].row != nil {
		i++
	}
	x.slots[i&mask] = s
	x.used++
}

// rebuild moves everything but the name gone and the row dead to new slots.
func (x *nameIndex) rebuild(size int, gone string, dead *Row) {
	old := x.slots
	*x = newNameIndex(size)
	for _, s := range old {
		if s.row != nil && s.row != dead && (gone == "" || s.name != gone) {
			x.place(s)
		}
	}
}

func (x *nameIndex) remove(name string) {
	if s := x.findSlot([]byte(name)); s != nil {
		x.rebuild(len(x.slots), s.name, nil)
	}
}

func (x *nameIndex) removeRow(r *Row) { x.rebuild(len(x.slots), "", r) }

// foldEqual reports whether two names of one length are equal but for the
// case of ASCII letters.
func foldEqual(b []byte, s string) bool {
	for i := range b {
		if b[i] != s[i] && lowerByte(b[i]) != lowerByte(s[i]) {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}
