package keyspace

import (
	"crypto/subtle"
	"encoding/binary"
	"math/bits"
	"unsafe"

	"berth/keyspace/mem"
)

// A bitmap is a string whose bits count from the most significant one of its first byte.

// BitRoom makes a string at least n bytes long and raw, for bits to be written: a missing one
// (e nil) comes to be under key. It returns the entry, a view of all bytes that is valid
// until the next operation on the key, and by how many bytes the string has grown. The view is empty
// if somebody who was told of the new key took it away again.
func (db *DB) BitRoom(e *Entry, key []byte, n int) (_ *Entry, b []byte, grown int) {
	if e == nil {
		if e = db.SetRaw(nil, key, n); e == nil || e.Type() != String {
			return nil, nil, n
		}
		e, b = db.StringResize(e, StringLen(e))
		return e, b, n
	}
	old := StringLen(e)
	e, b = db.StringResize(e, max(old, n))
	return e, b, len(b) - old
}

// adoptRaw stores a string of n bytes in raw encoding in place of whatever the key holds; the bytes are a block of mem, which
// belongs to the database from then on. The expire goes.
func (db *DB) adoptRaw(e *Entry, key []byte, p unsafe.Pointer, n int) *Entry {
	e, isNew := db.stringRoom(e, key, Raw, n, false)
	if e.outside() {
		e.setOutside(p, n)
	} else {
		copy(mem.Bytes(e.value(), n), mem.Bytes(p, n))
		mem.Free(p)
	}
	if isNew {
		return db.added(e, key)
	}
	return e
}

// BitCount counts the bits that are set.
func BitCount(b []byte) int64 {
	n := 0
	for len(b) >= 32 {
		n += bits.OnesCount64(binary.NativeEndian.Uint64(b)) +
			bits.OnesCount64(binary.NativeEndian.Uint64(b[8:])) +
			bits.OnesCount64(binary.NativeEndian.Uint64(b[16:])) +
			bits.OnesCount64(binary.NativeEndian.Uint64(b[24:]))
		b = b[32:]
	}
	for _, x := range b {
		n += bits.OnesCount8(x)
	}
	return int64(n)
}

// BitPos finds the first bit that is as wanted, or returns -1.
func BitPos(b []byte, set bool) int64 {
	skip := uint64(0)
	if !set {
		skip = ^skip
	}
	at := 0
	for len(b)-at >= 8 && binary.NativeEndian.Uint64(b[at:]) == skip {
		at += 8
	}
	for ; at < len(b); at++ {
		if x := b[at] ^ byte(skip); x != 0 {
			return int64(at)*8 + int64(bits.LeadingZeros8(x))
		}
	}
	return -1
}

// GetBits reads width bits (1 to 64) that begin at bit off; what lies behind the end is zero.
func GetBits(b []byte, off int64, width int) uint64 {
	var buf [9]byte
	if at := off >> 3; at < int64(len(b)) {
		copy(buf[:], b[at:])
	}
	shift := uint(off & 7)
	v := binary.BigEndian.Uint64(buf[:])<<shift | uint64(buf[8])>>(8-shift)
	return v >> (64 - width)
}

// SetBits writes the low width bits of v from bit off on; they lie within b.
func SetBits(b []byte, off int64, width int, v uint64) {
	for width > 0 {
		last := off + int64(width) - 1
		in := int(last & 7)
		take := min(width, in+1)
		mask := byte(1<<take-1) << (7 - in)
		p := &b[last>>3]
		*p = *p&^mask | byte(v<<(7-in))&mask
		v >>= take
		width -= take
	}
}

// BitOperation is one of those of BITOP.
type BitOperation uint8

// The operations that BitOp knows.
const (
	BitAnd BitOperation = iota
	BitOr
	BitXor
	BitNot
)

// bitOpBlock is how much of each source is worked on at a time: small enough that the result stays in
// the processor's cache while the sources pass by.
const bitOpBlock = 16 << 10

// BitOp combines strings into a new one, which it stores under key in raw encoding in place of e, the
// key's entry or nil. A shorter string counts as followed by zero bits. At least one source is not
// empty, and BitNot has one. The sources may be views of e's value.
func (db *DB) BitOp(op BitOperation, e *Entry, key []byte, src [][]byte) (*Entry, int) {
	n := 0
	for _, s := range src {
		n = max(n, len(s))
	}
	p := mem.Alloc(n)
	dst := mem.Bytes(p, n)
	for at := 0; at < n; at += bitOpBlock {
		d := dst[at:min(at+bitOpBlock, n)]
		clear(d[copy(d, tail(src[0], at)):])
		for _, s := range src[1:] {
			s = tail(s, at)
			s = s[:min(len(s), len(d))]
			switch op {
			case BitAnd:
				and(d, s)
				clear(d[len(s):])
			case BitOr:
				or(d, s)
			case BitXor:
				subtle.XORBytes(d, d, s)
			}
		}
		if op == BitNot {
			not(d)
		}
	}
	return db.adoptRaw(e, key, p, n), n
}

func tail(b []byte, at int) []byte { return b[min(at, len(b)):] }

func and(d, s []byte) {
	for len(s) >= 16 && len(d) >= 16 {
		le := binary.NativeEndian
		le.PutUint64(d, le.Uint64(d)&le.Uint64(s))
		le.PutUint64(d[8:], le.Uint64(d[8:])&le.Uint64(s[8:]))
		d, s = d[16:], s[16:]
	}
	for i := range s {
		d[i] &= s[i]
	}
}

func or(d, s []byte) {
	for len(s) >= 16 && len(d) >= 16 {
		le := binary.NativeEndian
		le.PutUint64(d, le.Uint64(d)|le.Uint64(s))
		le.PutUint64(d[8:], le.Uint64(d[8:])|le.Uint64(s[8:]))
		d, s = d[16:], s[16:]
	}
	for i := range s {
		d[i] |= s[i]
	}
}

func not(d []byte) {
	for len(d) >= 8 {
		binary.NativeEndian.PutUint64(d, ^binary.NativeEndian.Uint64(d))
		d = d[8:]
	}
	for i := range d {
		d[i] = ^d[i]
	}
}
