package listpack

import (
	"encoding/binary"

	"berth/keyspace/mem"
)

// splice replaces the n bytes at off by room for m bytes, whose content is unspecified. The count is not
// touched.
func splice(lp LP, off, n, m int) LP {
	size := Size(lp)
	total := size - n + m
	if uint(total) > 1<<32-1 {
		panic("listpack: too large")
	}
	if total > size {
		lp = mem.Realloc(lp, total)
	}
	b := mem.Bytes(lp, max(total, size))
	copy(b[off+m:], b[off+n:size])
	binary.LittleEndian.PutUint32(b, uint32(total))
	if total < size {
		lp = mem.Realloc(lp, total)
	}
	return lp
}

func insert(lp LP, off int, it *item) LP {
	lp = splice(lp, off, 0, it.size)
	b := Bytes(lp)
	it.put(b[off:])
	addCount(b, 1)
	return lp
}

// Append adds s at the end.
func Append(lp LP, s []byte) LP {
	it := strItem(s)
	return insert(lp, End(lp), &it)
}

// AppendInt adds v at the end.
func AppendInt(lp LP, v int64) LP {
	it := intItem(v)
	return insert(lp, End(lp), &it)
}

// AppendPair adds two elements at the end in one move.
func AppendPair(lp LP, a, b []byte) LP {
	x, y := strItem(a), strItem(b)
	return insertPair(lp, End(lp), &x, &y)
}

func insertPair(lp LP, off int, x, y *item) LP {
	lp = splice(lp, off, 0, x.size+y.size)
	b := Bytes(lp)
	x.put(b[off:])
	y.put(b[off+x.size:])
	addCount(b, 2)
	return lp
}

// Prepend adds s at the start.
func Prepend(lp LP, s []byte) LP {
	it := strItem(s)
	return insert(lp, headerSize, &it)
}

// PrependInt adds v at the start.
func PrependInt(lp LP, v int64) LP {
	it := intItem(v)
	return insert(lp, headerSize, &it)
}

// InsertBefore puts s before the element at off, which may be End(lp). The new element is then at off.
func InsertBefore(lp LP, off int, s []byte) LP {
	it := strItem(s)
	return insert(lp, off, &it)
}

// InsertAfter puts s after the element at off and returns the new element's offset.
func InsertAfter(lp LP, off int, s []byte) (LP, int) {
	off = skip(Bytes(lp), off)
	return InsertBefore(lp, off, s), off
}

// InsertPairBefore puts a, b before the element at off, in one move; a is then at off.
func InsertPairBefore(lp LP, off int, a, b []byte) LP {
	x, y := strItem(a), strItem(b)
	return insertPair(lp, off, &x, &y)
}

// InsertStrIntBefore puts the pair a, v before off.
func InsertStrIntBefore(lp LP, off int, a []byte, v int64) LP {
	x, y := strItem(a), intItem(v)
	return insertPair(lp, off, &x, &y)
}

// Replace puts s in place of the element at off, which stays at off.
func Replace(lp LP, off int, s []byte) LP {
	it := strItem(s)
	return replace(lp, off, &it)
}

// ReplaceInt puts v in place of the element at off.
func ReplaceInt(lp LP, off int, v int64) LP {
	it := intItem(v)
	return replace(lp, off, &it)
}

func replace(lp LP, off int, it *item) LP {
	if old := skip(Bytes(lp), off) - off; old != it.size {
		lp = splice(lp, off, old, it.size)
	}
	it.put(Bytes(lp)[off:])
	return lp
}

// Delete removes the element at off. The element that followed it, or the end mark, is then at off;
// next is its offset, 0 at the end.
func Delete(lp LP, off int) (_ LP, next int) { return DeleteN(lp, off, 1) }

// DeleteN removes up to n elements from off on.
func DeleteN(lp LP, off, n int) (_ LP, next int) {
	b := Bytes(lp)
	end, gone := off, 0
	for ; gone < n && b[end] != eof; gone++ {
		end = skip(b, end)
	}
	lp = cut(lp, off, end, gone)
	if Bytes(lp)[off] == eof {
		return lp, 0
	}
	return lp, off
}

func cut(lp LP, from, to, elements int) LP {
	if to == from {
		return lp
	}
	b := Bytes(lp)
	addCount(b, -elements)
	if binary.LittleEndian.Uint16(b[4:]) == countUnknown && len(b)-(to-from) == EmptySize {
		setCount(b, 0)
	}
	return splice(lp, from, to-from, 0)
}

// DeleteRange removes n elements (negative: all) beginning with the element at index, which may be
// negative as in Seek.
func DeleteRange(lp LP, index, n int) LP {
	off := Seek(lp, index)
	if off == 0 || n == 0 {
		return lp
	}
	if n > 0 {
		if c := binary.LittleEndian.Uint16(Bytes(lp)[4:]); c != countUnknown {
			at := index
			if at < 0 {
				at += int(c)
			}
			if n >= int(c)-at {
				return truncate(lp, off, at)
			}
		}
		lp, _ = DeleteN(lp, off, n)
		return lp
	}
	keep := index
	if index < 0 {
		keep += Len(lp)
	}
	return truncate(lp, off, keep)
}

// truncate drops everything from off on, leaving keep elements.
func truncate(lp LP, off, keep int) LP {
	lp = splice(lp, off, End(lp)-off, 0)
	setCount(Bytes(lp), keep)
	return lp
}

// Merge appends the elements of b to a. Both are consumed.
func Merge(a, b LP) LP {
	n := Len(a) + Len(b)
	from := Bytes(b)[headerSize : Size(b)-1]
	at := End(a)
	a = splice(a, at, 0, len(from))
	copy(Bytes(a)[at:], from)
	setCount(Bytes(a), n)
	Free(b)
	return a
}

// Split moves the elements from index on (>= 0) to a new listpack.
func Split(lp LP, index int) (left, right LP) {
	off := Seek(lp, index)
	if off == 0 {
		return lp, New(0)
	}
	n := Len(lp)
	tail := Bytes(lp)[off:]
	right = mem.Alloc(headerSize + len(tail))
	b := mem.Bytes(right, headerSize+len(tail))
	binary.LittleEndian.PutUint32(b, uint32(len(b)))
	setCount(b, n-index)
	copy(b[headerSize:], tail)
	return truncate(lp, off, index), right
}
