package zindex

import (
	"unsafe"

	"berth/keyspace/mem"
)

// Delete removes p, an element of the index with its score unchanged, and reports whether it was there.
func (x *Index) Delete(p unsafe.Pointer) bool {
	var way path
	l, i := x.find(Score(p), Member(p), &way)
	if i >= l.n || l.elem[i] != uintptr(p) {
		return false
	}
	x.cut(l, i, 1, &way)
	return true
}

// DeleteRange removes up to n elements from the given rank on, calling f with each before it goes.
// f may free the element.
func (x *Index) DeleteRange(rank, n int, f func(p unsafe.Pointer)) int {
	if rank < 0 || rank >= x.count {
		return 0
	}
	n = min(n, x.count-rank)
	for left := n; left > 0; {
		var way path
		l, i := x.findRank(rank, &way)
		k := min(left, l.n-i)
		if f == nil {
			x.cut(l, i, k, &way)
		} else {
			// The tree lets go of the elements first: f may free what separators point to.
			var gone [leafCap]uintptr
			copy(gone[:], l.elem[i:i+k])
			x.cut(l, i, k, &way)
			for j := range k {
				f(*(*unsafe.Pointer)(unsafe.Pointer(&gone[j])))
			}
		}
		left -= k
	}
	return n
}

// cut removes k elements of a leaf.
func (x *Index) cut(l *leaf, i, k int, way *path) {
	copy(l.score[i:], l.score[i+k:l.n])
	copy(l.elem[i:], l.elem[i+k:l.n])
	l.n -= k
	x.count -= k
	first := i == 0
	for h := range x.height {
		in, c := way[h].in, way[h].i
		in.count[c] -= k
		if nodeLen(in.node(c), h) == 0 {
			x.dropChild(in, c, h)
			first = c == 0
			continue
		}
		if first {
			x.refresh(in, c, h)
			first = c == 0
		}
		x.mergeChild(in, c, h)
	}
	for x.height > 0 && (*inner)(x.root).n <= 1 {
		in := (*inner)(x.root)
		if in.n == 0 {
			// Every leaf is gone: dropChild kept none.
			nl := x.newLeaf()
			x.setRoot(unsafe.Pointer(nl))
			link(&x.first, nl)
			link(&x.last, nl)
			x.height = 0
		} else {
			x.setRoot(in.node(0))
			x.height--
		}
		x.freeInner(in)
	}
}

func nodeLen(p unsafe.Pointer, h int) int {
	if h == 0 {
		return (*leaf)(p).n
	}
	return (*inner)(p).n
}

// dropChild frees the empty child i, at height h, and takes it out of its parent.
func (x *Index) dropChild(in *inner, i, h int) {
	if h == 0 {
		x.unlinkLeaf((*leaf)(in.node(i)))
	} else {
		x.freeInner((*inner)(in.node(i)))
	}
	in.removeEntry(i)
}

func (x *Index) freeInner(in *inner) {
	x.bytes -= int(unsafe.Sizeof(inner{}))
	mem.Free(unsafe.Pointer(in))
}

func (x *Index) unlinkLeaf(l *leaf) {
	if l.prev != nil {
		link(&l.prev.next, l.next)
	} else {
		link(&x.first, l.next)
	}
	if l.next != nil {
		link(&l.next.prev, l.prev)
	} else {
		link(&x.last, l.prev)
	}
	x.bytes -= int(unsafe.Sizeof(leaf{}))
	mem.Free(unsafe.Pointer(l))
}

func (in *inner) removeEntry(i int) {
	copy(in.count[i:], in.count[i+1:in.n])
	copy(in.score[i:], in.score[i+1:in.n])
	copy(in.elem[i:], in.elem[i+1:in.n])
	copy(in.child[i:], in.child[i+1:in.n])
	in.n--
}

// mergeChild joins child i with a sibling when it has become small and both fit in three quarters of a
// node, so that the next insertion doesn't split it again.
func (x *Index) mergeChild(in *inner, i, h int) {
	limit := leafCap
	if h > 0 {
		limit = innerCap
	}
	n := nodeLen(in.node(i), h)
	if n > limit/4 {
		return
	}
	if i > 0 && n+nodeLen(in.node(i-1), h) <= limit*3/4 {
		i--
	} else if i+1 >= in.n || n+nodeLen(in.node(i+1), h) > limit*3/4 {
		return
	}
	if h == 0 {
		a, b := (*leaf)(in.node(i)), (*leaf)(in.node(i+1))
		copy(a.score[a.n:], b.score[:b.n])
		copy(a.elem[a.n:], b.elem[:b.n])
		a.n += b.n
		x.unlinkLeaf(b)
	} else {
		a, b := (*inner)(in.node(i)), (*inner)(in.node(i+1))
		copy(a.count[a.n:], b.count[:b.n])
		copy(a.score[a.n:], b.score[:b.n])
		copy(a.elem[a.n:], b.elem[:b.n])
		copy(a.child[a.n:], b.child[:b.n])
		a.n += b.n
		x.freeInner(b)
	}
	in.count[i] += in.count[i+1]
	in.removeEntry(i + 1)
}
