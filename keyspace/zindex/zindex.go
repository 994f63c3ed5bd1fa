package zindex

import (
	"bytes"
	"unsafe"

	"berth/keyspace/dict"
	"berth/keyspace/mem"
)

// KeyOff is where an element's key header begins: the keyOff of the dict that owns the elements.
const KeyOff = 8

const (
	leafCap  = 62
	innerCap = 63
	// maxHeight is more than any index that fits in memory needs.
	maxHeight = 16
)

// Index is the head of the tree, in off-heap memory.
type Index struct {
	root        unsafe.Pointer // *leaf when height is 0, else *inner
	height      int
	count       int
	first, last *leaf
	bytes       int
}

type leaf struct {
	prev, next *leaf
	n          int
	score      [leafCap]float64
	elem       [leafCap]uintptr
}

// inner has for each child its number of elements and its smallest element.
type inner struct {
	n     int
	count [innerCap]int
	score [innerCap]float64
	elem  [innerCap]uintptr
	child [innerCap]uintptr
}

// Pointers in nodes are written as uintptr: Go's write barrier would look at the old content of a slot
// as if the collector had put it there. They are read back through memory, never converted.

func link(slot **leaf, l *leaf) {
	*(*uintptr)(unsafe.Pointer(slot)) = uintptr(unsafe.Pointer(l))
}

func (x *Index) setRoot(p unsafe.Pointer) { *(*uintptr)(unsafe.Pointer(&x.root)) = uintptr(p) }

func (l *leaf) at(i int) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&l.elem[i])) }

func (in *inner) at(i int) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&in.elem[i])) }

func (in *inner) node(i int) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&in.child[i])) }

// Member is the member of an element.
func Member(p unsafe.Pointer) []byte { return dict.KeyAt(unsafe.Add(p, KeyOff)) }

// Score is the score of an element.
func Score(p unsafe.Pointer) float64 { return *(*float64)(p) }

// New returns an empty index.
func New() *Index {
	x := (*Index)(mem.AllocZero(int(unsafe.Sizeof(Index{}))))
	x.bytes = int(unsafe.Sizeof(Index{}))
	l := x.newLeaf()
	x.setRoot(unsafe.Pointer(l))
	link(&x.first, l)
	link(&x.last, l)
	return x
}

// Free gives back the index; the elements are not its own.
func (x *Index) Free() {
	freeNode(x.root, x.height)
	mem.Free(unsafe.Pointer(x))
}

func freeNode(p unsafe.Pointer, height int) {
	if height > 0 {
		in := (*inner)(p)
		for i := range in.n {
			freeNode(in.node(i), height-1)
		}
	}
	mem.Free(p)
}

func (x *Index) newLeaf() *leaf {
	l := (*leaf)(mem.Alloc(int(unsafe.Sizeof(leaf{}))))
	l.n = 0
	link(&l.prev, nil)
	link(&l.next, nil)
	x.bytes += int(unsafe.Sizeof(leaf{}))
	return l
}

func (x *Index) newInner() *inner {
	in := (*inner)(mem.Alloc(int(unsafe.Sizeof(inner{}))))
	in.n = 0
	x.bytes += int(unsafe.Sizeof(inner{}))
	return in
}

// Len is the number of elements.
func (x *Index) Len() int { return x.count }

// MemUsage is the number of bytes of the index itself.
func (x *Index) MemUsage() int { return x.bytes }

// step is one level of the way from the root to a leaf.
type step struct {
	in *inner
	i  int
}

type path [maxHeight]step

// before reports whether the element p with the given score sorts before (score, member).
func before(s float64, p unsafe.Pointer, score float64, member []byte) bool {
	return s < score || s == score && bytes.Compare(Member(p), member) < 0
}

// find goes to the leaf where (score, member) is or belongs, and returns the place in it.
func (x *Index) find(score float64, member []byte, way *path) (*leaf, int) {
	p := x.root
	for h := x.height; h > 0; h-- {
		in := (*inner)(p)
		// The last child whose smallest element isn't after the target.
		lo, hi := 1, in.n
		for lo < hi {
			m := int(uint(lo+hi) >> 1)
			if s := in.score[m]; s < score || s == score && bytes.Compare(Member(in.at(m)), member) <= 0 {
				lo = m + 1
			} else {
				hi = m
			}
		}
		way[h-1] = step{in, lo - 1}
		p = in.node(lo - 1)
	}
	l := (*leaf)(p)
	lo, hi := 0, l.n
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if before(l.score[m], l.at(m), score, member) {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return l, lo
}

// Insert adds p, whose (score, member) must not be in the index.
func (x *Index) Insert(p unsafe.Pointer) {
	var way path
	score := Score(p)
	l, i := x.find(score, Member(p), &way)
	x.count++
	if l.n == leafCap {
		l, i = x.splitLeaf(l, i, &way)
	}
	copy(l.score[i+1:l.n+1], l.score[i:l.n])
	copy(l.elem[i+1:l.n+1], l.elem[i:l.n])
	l.score[i], l.elem[i] = score, uintptr(p)
	l.n++
	for h := range x.height {
		s := way[h]
		s.in.count[s.i]++
		if i == 0 {
			x.refresh(s.in, s.i, h)
			i = s.i // only a first child's change is seen further up
		}
	}
}

// refresh takes over the smallest element of a child, which is at height h.
func (x *Index) refresh(in *inner, i, h int) {
	if h == 0 {
		c := (*leaf)(in.node(i))
		in.score[i], in.elem[i] = c.score[0], c.elem[0]
	} else {
		c := (*inner)(in.node(i))
		in.score[i], in.elem[i] = c.score[0], c.elem[0]
	}
}

// cutPoint says how many of n entries stay on the left when a full node is split for an insertion at i:
// half, except at the ends, where a set that is filled in order would leave every node half empty.
func cutPoint(i, n int, atLeft, atRight bool) int {
	switch {
	case atRight && i == n:
		return n
	case atLeft && i == 0:
		return 0
	}
	return n / 2
}

// splitLeaf makes room in a full leaf for an insertion at i and returns where it now belongs.
func (x *Index) splitLeaf(l *leaf, i int, way *path) (*leaf, int) {
	r := x.newLeaf()
	link(&r.next, l.next)
	link(&r.prev, l)
	if l.next != nil {
		link(&l.next.prev, r)
	} else {
		link(&x.last, r)
	}
	link(&l.next, r)
	cut := cutPoint(i, l.n, l == x.first, r == x.last)
	r.n = copy(r.score[:], l.score[cut:l.n])
	copy(r.elem[:], l.elem[cut:l.n])
	l.n = cut

	right := i > cut || i == cut && cut != 0
	var s float64
	var e uintptr
	if r.n > 0 {
		s, e = r.score[0], r.elem[0]
	}
	x.addChild(way, 0, r.n, s, e, uintptr(unsafe.Pointer(r)), right)
	if right {
		return r, i - cut
	}
	return l, i
}

// addChild puts a new right sibling of the child on the way at height h into its parent. right says that
// the way goes on through the new child.
func (x *Index) addChild(way *path, h, count int, score float64, elem, child uintptr, right bool) {
	if h == x.height {
		root := x.newInner()
		root.n = 1
		root.count[0] = x.count - 1
		root.child[0] = uintptr(x.root)
		x.setRoot(unsafe.Pointer(root))
		x.height++
		way[h] = step{root, 0}
		x.refresh(root, 0, h)
	}
	in, i := way[h].in, way[h].i
	if in.n == innerCap {
		in, i = x.splitInner(way, h)
	}
	in.count[i] -= count
	j := i + 1
	copy(in.count[j+1:in.n+1], in.count[j:in.n])
	copy(in.score[j+1:in.n+1], in.score[j:in.n])
	copy(in.elem[j+1:in.n+1], in.elem[j:in.n])
	copy(in.child[j+1:in.n+1], in.child[j:in.n])
	in.count[j], in.score[j], in.elem[j], in.child[j] = count, score, elem, child
	in.n++
	if right {
		i = j
	}
	way[h] = step{in, i}
}

// splitInner splits the full inner node on the way above height h and returns where the way goes now.
func (x *Index) splitInner(way *path, h int) (*inner, int) {
	in, i := way[h].in, way[h].i
	r := x.newInner()
	cut := in.n / 2
	if i == in.n-1 && x.isLast(way, h) {
		cut = in.n - 1
	}
	r.n = copy(r.count[:], in.count[cut:in.n])
	copy(r.score[:], in.score[cut:in.n])
	copy(r.elem[:], in.elem[cut:in.n])
	copy(r.child[:], in.child[cut:in.n])
	in.n = cut
	sum := 0
	for _, c := range r.count[:r.n] {
		sum += c
	}
	right := i >= cut
	x.addChild(way, h+1, sum, r.score[0], r.elem[0], uintptr(unsafe.Pointer(r)), right)
	if right {
		return r, i - cut
	}
	return in, i
}

// isLast reports whether the way runs along the right edge above height h.
func (x *Index) isLast(way *path, h int) bool {
	for h++; h < x.height; h++ {
		if way[h].i != way[h].in.n-1 {
			return false
		}
	}
	return true
}
