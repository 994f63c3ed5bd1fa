package idtree

import (
	"unsafe"

	"berth/keyspace/mem"
)

const (
	// leafCap and innerCap fill blocks of 1536 and 1544 bytes.
	leafCap  = 63
	innerCap = 64
	// tailCap is the room of a leaf that begins behind a full one.
	tailCap = 7
	// maxHeight is more than any tree that fits in memory needs.
	maxHeight = 16
)

// Tree is the head of an index. Its pointers are kept as numbers: a store of a typed pointer into
// off-heap memory would make Go's write barrier look at what was there before.
type Tree struct {
	root        uintptr // *leaf when height is 0, else *inner; 0: empty
	first, last uintptr // *leaf
	height      int
	count       int
	bytes       int
}

type slot struct {
	id  ID
	ptr uintptr
}

// leaf is followed by cap slots.
type leaf struct {
	prev, next uintptr
	n, cap     uint32
}

// inner has a lower bound for the ids of each child but the first, whose bound is that of the inner itself.
type inner struct {
	n     int
	bound [innerCap]ID
	child [innerCap]uintptr
}

const (
	leafHead = unsafe.Sizeof(leaf{})
	slotSize = unsafe.Sizeof(slot{})
)

func pointer(at *uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(at)) }

func leafAt(at *uintptr) *leaf { return (*leaf)(pointer(at)) }

func number(p unsafe.Pointer) uintptr { return uintptr(p) }

func (l *leaf) slots() []slot {
	return unsafe.Slice((*slot)(unsafe.Add(unsafe.Pointer(l), leafHead)), l.cap)
}

func (l *leaf) self() uintptr { return uintptr(unsafe.Pointer(l)) }

func leafBytes(room int) int { return int(leafHead + uintptr(room)*slotSize) }

// Len is the number of ids.
func (t *Tree) Len() int { return t.count }

// MemUsage is the number of bytes below the Tree.
func (t *Tree) MemUsage() int { return t.bytes }

func (t *Tree) newLeaf(room int) *leaf {
	l := (*leaf)(mem.Alloc(leafBytes(room)))
	*l = leaf{cap: uint32(room)}
	t.bytes += leafBytes(room)
	return l
}

func (t *Tree) newInner() *inner {
	in := (*inner)(mem.Alloc(int(unsafe.Sizeof(inner{}))))
	in.n = 0
	t.bytes += int(unsafe.Sizeof(inner{}))
	return in
}

// Free empties the tree. free, if not nil, is called with each pointer.
func (t *Tree) Free(free func(p unsafe.Pointer)) {
	if free != nil {
		for c := t.First(); c.Valid(); c.Next() {
			free(c.Ptr())
		}
	}
	if t.root != 0 {
		freeNode(pointer(&t.root), t.height)
	}
	*t = Tree{}
}

func freeNode(p unsafe.Pointer, height int) {
	if height > 0 {
		in := (*inner)(p)
		for i := range in.n {
			freeNode(pointer(&in.child[i]), height-1)
		}
	}
	mem.Free(p)
}

// step is one level of the way from the root to a leaf.
type step struct {
	in *inner
	i  int
}

type path [maxHeight]step

// find goes to the leaf where id is or belongs. The tree is not empty.
func (t *Tree) find(id ID, way *path) (l *leaf, i int, there bool) {
	p := pointer(&t.root)
	for h := t.height; h > 0; h-- {
		in := (*inner)(p)
		lo, hi := 1, in.n
		for lo < hi {
			m := int(uint(lo+hi) >> 1)
			if id.Less(in.bound[m]) {
				hi = m
			} else {
				lo = m + 1
			}
		}
		way[h-1] = step{in, lo - 1}
		p = pointer(&in.child[lo-1])
	}
	l = (*leaf)(p)
	slots := l.slots()
	lo, hi := 0, int(l.n)
	if hi > 0 && slots[hi-1].id.Less(id) {
		return l, hi, false
	}
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if slots[m].id.Less(id) {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return l, lo, lo < int(l.n) && slots[lo].id == id
}

// Get returns the pointer of an id.
func (t *Tree) Get(id ID) (p unsafe.Pointer, ok bool) {
	if t.root == 0 {
		return nil, false
	}
	var way path
	l, i, ok := t.find(id, &way)
	if !ok {
		return nil, false
	}
	return pointer(&l.slots()[i].ptr), true
}

// Put adds an id, and reports whether it did: an id that is there is left alone.
func (t *Tree) Put(id ID, p unsafe.Pointer) bool {
	if t.root == 0 {
		l := t.newLeaf(1)
		t.root, t.first, t.last = l.self(), l.self(), l.self()
	}
	var way path
	l, i, there := t.find(id, &way)
	if there {
		return false
	}
	if l.n == l.cap {
		l, i = t.makeRoom(l, i, &way)
	}
	slots := l.slots()
	copy(slots[i+1:l.n+1], slots[i:l.n])
	slots[i] = slot{id, number(p)}
	l.n++
	t.count++
	return true
}

// makeRoom gives a full leaf room for one more id at i, or splits it, and returns where the id belongs then.
func (t *Tree) makeRoom(l *leaf, i int, way *path) (*leaf, int) {
	if l.cap < leafCap {
		return t.resize(l, int(2*l.cap+1), way), i
	}
	if i == leafCap && l.next == 0 {
		r := t.newLeaf(tailCap)
		t.linkAfter(l, r)
		// Nobody is in r yet, and its bound must not be above who comes.
		t.addChild(way, 0, boundAfter(l), unsafe.Pointer(r))
		return r, 0
	}
	const half = leafCap / 2
	r := t.newLeaf(leafCap)
	copy(r.slots(), l.slots()[half:l.n])
	r.n = l.n - half
	l.n = half
	t.linkAfter(l, r)
	t.addChild(way, 0, r.slots()[0].id, unsafe.Pointer(r))
	if i > half {
		return r, i - half
	}
	return l, i
}

// boundAfter is a bound that keeps the ids of l apart from all that come behind it.
func boundAfter(l *leaf) ID {
	id, _ := l.slots()[l.n-1].id.Next()
	return id
}

func (t *Tree) linkAfter(l, r *leaf) {
	r.prev, r.next = l.self(), l.next
	t.relink(r)
}

// relink has the neighbours of a leaf, or the tree, point to where it is.
func (t *Tree) relink(l *leaf) {
	if l.prev != 0 {
		leafAt(&l.prev).next = l.self()
	} else {
		t.first = l.self()
	}
	if l.next != 0 {
		leafAt(&l.next).prev = l.self()
	} else {
		t.last = l.self()
	}
}

// resize gives a leaf another room. Whoever points to it is told.
func (t *Tree) resize(l *leaf, room int, way *path) *leaf {
	t.bytes += leafBytes(room) - leafBytes(int(l.cap))
	l = (*leaf)(mem.Realloc(unsafe.Pointer(l), leafBytes(room)))
	l.cap = uint32(room)
	t.relink(l)
	if t.height == 0 {
		t.root = l.self()
	} else {
		way[0].in.child[way[0].i] = l.self()
	}
	return l
}

// addChild puts a node behind the one that the way leads through at a level.
func (t *Tree) addChild(way *path, level int, bound ID, p unsafe.Pointer) {
	if level == t.height {
		in := t.newInner()
		in.n = 2
		in.child[0] = t.root
		in.bound[1], in.child[1] = bound, number(p)
		t.root = number(unsafe.Pointer(in))
		t.height++
		return
	}
	in, i := way[level].in, way[level].i+1
	if in.n == innerCap {
		at := innerCap / 2
		if i == innerCap {
			at = innerCap // ids come in order: leave the node full
		}
		r := t.newInner()
		r.n = copy(r.child[:], in.child[at:])
		copy(r.bound[:], in.bound[at:])
		in.n = at
		up := bound
		if r.n > 0 {
			up = r.bound[0]
		}
		t.addChild(way, level+1, up, unsafe.Pointer(r))
		if i > at || at == innerCap {
			in, i = r, i-at
		}
	}
	copy(in.bound[i+1:in.n+1], in.bound[i:in.n])
	copy(in.child[i+1:in.n+1], in.child[i:in.n])
	in.bound[i], in.child[i] = bound, number(p)
	in.n++
}

// Delete removes an id and returns the pointer that it had.
func (t *Tree) Delete(id ID) (p unsafe.Pointer, ok bool) {
	if t.root == 0 {
		return nil, false
	}
	var way path
	l, i, ok := t.find(id, &way)
	if !ok {
		return nil, false
	}
	slots := l.slots()
	p = pointer(&slots[i].ptr)
	copy(slots[i:], slots[i+1:l.n])
	l.n--
	t.count--
	switch {
	case l.n == 0:
		t.dropLeaf(l, &way)
	case t.height > 0 && l.n < leafCap/4:
		t.join(l, &way)
	case t.height == 0 && l.n <= l.cap/4:
		t.resize(l, int(l.cap/2), &way)
	}
	return p, true
}

// join moves the ids of a leaf and its neighbour below the same node together where they fit well.
func (t *Tree) join(l *leaf, way *path) {
	in, i := way[0].in, way[0].i
	if i+1 == in.n {
		if i == 0 {
			return
		}
		way[0].i--
		l = leafAt(&in.child[i-1])
	}
	r := leafAt(&in.child[way[0].i+1])
	n := l.n + r.n
	if n > leafCap*3/4 {
		return
	}
	if l.cap < n {
		l = t.resize(l, leafCap, way)
	}
	copy(l.slots()[l.n:], r.slots()[:r.n])
	l.n = n
	way[0].i++
	t.dropLeaf(r, way)
}

func (t *Tree) dropLeaf(l *leaf, way *path) {
	if l.prev != 0 {
		leafAt(&l.prev).next = l.next
	} else {
		t.first = l.next
	}
	if l.next != 0 {
		leafAt(&l.next).prev = l.prev
	} else {
		t.last = l.prev
	}
	t.bytes -= leafBytes(int(l.cap))
	mem.Free(unsafe.Pointer(l))
	t.dropChild(way, 0)
}

// dropChild takes the node, which is freed, out of the one above it.
func (t *Tree) dropChild(way *path, level int) {
	if level == t.height {
		*t = Tree{}
		return
	}
	in, i := way[level].in, way[level].i
	copy(in.bound[i:], in.bound[i+1:in.n])
	copy(in.child[i:], in.child[i+1:in.n])
	in.n--
	if in.n == 0 {
		t.freeInner(in)
		t.dropChild(way, level+1)
		return
	}
	for t.height > 0 {
		top := (*inner)(pointer(&t.root))
		if top.n > 1 {
			break
		}
		t.root = top.child[0]
		t.height--
		t.freeInner(top)
	}
}

func (t *Tree) freeInner(in *inner) {
	t.bytes -= int(unsafe.Sizeof(inner{}))
	mem.Free(unsafe.Pointer(in))
}
