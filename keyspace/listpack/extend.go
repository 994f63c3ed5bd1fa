package listpack

import (
	"encoding/binary"

	"berth/keyspace/mem"
)

// IntSize is the number of bytes that v takes as an element.
func IntSize(v int64) int { return intEncSize(v) + 1 }

// StrSize is the number of bytes that s takes as an element.
func StrSize(s []byte) int {
	it := strItem(s)
	return it.size
}

// Extend makes room at the end for elements elements of n bytes in all, which the caller writes with PutInt and PutStr
// from the returned offset on. The block grows in large steps up to reserve bytes: Fit gives back what is left.
func Extend(lp LP, n, elements, reserve int) (LP, int) {
	size := Size(lp)
	total := size + n
	if uint(total) > 1<<32-1 {
		panic("listpack: too large")
	}
	if total > mem.Usable(lp) {
		lp = mem.Realloc(lp, max(total, min(2*total, reserve)))
	}
	b := mem.Bytes(lp, total)
	binary.LittleEndian.PutUint32(b, uint32(total))
	addCount(b, elements)
	b[total-1] = eof
	return lp, size - 1
}

// PutInt writes an element into the room that Extend made and returns the offset behind it.
func PutInt(lp LP, off int, v int64) int {
	it := intItem(v)
	it.put(Bytes(lp)[off:])
	return off + it.size
}

// PutStr is PutInt for a string.
func PutStr(lp LP, off int, s []byte) int {
	it := strItem(s)
	it.put(Bytes(lp)[off:])
	return off + it.size
}

// Fit gives back the room behind the end.
func Fit(lp LP) LP { return mem.Realloc(lp, Size(lp)) }
