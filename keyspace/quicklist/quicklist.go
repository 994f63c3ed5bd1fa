package quicklist

import (
	"unsafe"

	"berth/keyspace/listpack"
	"berth/keyspace/mem"
)

// List is the head of a quicklist, in off-heap memory.
type List struct {
	head, tail *node
	count      int
	nodes      int
	fill       int
	mark       *node // where Defrag goes on
}

// maxCount is how many elements a node can count.
const maxCount = 1<<16 - 1

type node struct {
	prev, next *node
	data       unsafe.Pointer // a listpack, or the bytes of the only element
	size       uint32
	count      uint16
	plain      bool
}

// link stores a pointer without Go's write barrier, which would look at the old content of the slot as
// if the collector had put it there.
func link(slot **node, n *node) {
	*(*uintptr)(unsafe.Pointer(slot)) = uintptr(unsafe.Pointer(n))
}

func (n *node) setData(p unsafe.Pointer) {
	*(*uintptr)(unsafe.Pointer(&n.data)) = uintptr(p)
}

// setListpack stores a listpack that was changed by d elements.
func (n *node) setListpack(lp listpack.LP, d int) {
	n.setData(lp)
	n.size = uint32(listpack.Size(lp))
	n.count = uint16(int(n.count) + d)
}

func (n *node) bytes() []byte { return mem.Bytes(n.data, int(n.size)) }

// New returns an empty list. fill is list-max-listpack-size.
func New(fill int) *List {
	l := (*List)(mem.AllocZero(int(unsafe.Sizeof(List{}))))
	l.fill = fill
	return l
}

// FromListpack returns a list of one node that takes over lp, which must not be empty.
func FromListpack(fill int, lp listpack.LP) *List {
	l := New(fill)
	l.AppendListpack(lp)
	return l
}

// Free gives back the list and all of its elements.
func (l *List) Free() {
	for n := l.head; n != nil; {
		next := n.next
		n.free()
		n = next
	}
	mem.Free(unsafe.Pointer(l))
}

func (n *node) free() {
	mem.Free(n.data)
	mem.Free(unsafe.Pointer(n))
}

// Dup returns a copy.
func (l *List) Dup() *List {
	c := New(l.fill)
	for n := l.head; n != nil; n = n.next {
		p := mem.Alloc(int(n.size))
		copy(mem.Bytes(p, int(n.size)), n.bytes())
		m := newNode(p, int(n.size), int(n.count), n.plain)
		c.insertNode(c.tail, m, true)
		c.count += int(n.count)
	}
	return c
}

// Len is the number of elements.
func (l *List) Len() int { return l.count }

// Nodes is the number of nodes.
func (l *List) Nodes() int { return l.nodes }

// Fill is the limit that the list was made with.
func (l *List) Fill() int { return l.fill }

// MemUsage is the number of bytes that the list takes, estimated from some nodes when samples is not 0.
func (l *List) MemUsage(samples int) int {
	sum, nodes := 0, 0
	for n := l.head; n != nil && (samples == 0 || nodes < samples); n = n.next {
		sum += mem.Usable(unsafe.Pointer(n)) + mem.Usable(n.data)
		nodes++
	}
	if nodes > 0 {
		sum = int(float64(sum) / float64(nodes) * float64(l.nodes))
	}
	return mem.Usable(unsafe.Pointer(l)) + sum
}

// DataSize is the sum of the nodes' bytes: what DEBUG OBJECT calls ql_uncompressed_size.
func (l *List) DataSize() int {
	sum := 0
	for n := l.head; n != nil; n = n.next {
		sum += int(n.size)
	}
	return sum
}

// EachNode calls f with every node from head to tail, until it returns false: data is the bytes of a
// listpack or, when plain, of the node's one element.
func (l *List) EachNode(f func(plain bool, data []byte) bool) {
	for n := l.head; n != nil; n = n.next {
		if !f(n.plain, n.bytes()) {
			return
		}
	}
}

// NodeIter walks nodes as EachNode does; the list must not change meanwhile.
type NodeIter struct{ n *node }

// NodeIter returns an iterator before the head.
func (l *List) NodeIter() NodeIter { return NodeIter{l.head} }

// Next returns the next node.
func (it *NodeIter) Next() (plain bool, data []byte, ok bool) {
	n := it.n
	if n == nil {
		return false, nil, false
	}
	it.n = n.next
	return n.plain, n.bytes(), true
}

// Single is the listpack of a list of one packed node: its size and count. ok is false for any other.
func (l *List) Single() (size, count int, ok bool) {
	if l.nodes != 1 || l.head.plain {
		return 0, 0, false
	}
	return int(l.head.size), l.count, true
}

// TakeListpack frees a list for which Single is true and returns its listpack.
func (l *List) TakeListpack() listpack.LP {
	lp := l.head.data
	mem.Free(unsafe.Pointer(l.head))
	mem.Free(unsafe.Pointer(l))
	return lp
}

// AppendListpack adds a node that takes over lp, which must not be empty.
func (l *List) AppendListpack(lp listpack.LP) {
	n := listpack.Len(lp)
	for ; n > maxCount; n = listpack.Len(lp) {
		head, tail := listpack.Split(lp, maxCount)
		l.AppendListpack(head)
		lp = tail
	}
	l.insertNode(l.tail, newNode(lp, listpack.Size(lp), n, false), true)
	l.count += n
}

// AppendPlain adds a plain node with a copy of s.
func (l *List) AppendPlain(s []byte) {
	l.insertNode(l.tail, plainNode(s), true)
	l.count++
}

func newNode(data unsafe.Pointer, size, count int, plain bool) *node {
	n := (*node)(mem.AllocZero(int(unsafe.Sizeof(node{}))))
	n.setData(data)
	n.size, n.count, n.plain = uint32(size), uint16(count), plain
	return n
}

func plainNode(s []byte) *node {
	p := mem.Alloc(len(s))
	copy(mem.Bytes(p, len(s)), s)
	return newNode(p, len(s), 1, true)
}

// nodeFor makes the node of one element, plain when it is large.
func (l *List) nodeFor(s []byte) *node {
	if isLarge(l.fill, len(s)) {
		return plainNode(s)
	}
	lp := listpack.Append(listpack.New(0), s)
	return newNode(lp, listpack.Size(lp), 1, false)
}

// insertNode links n after (or before) at; at may be nil when the list is empty.
func (l *List) insertNode(at, n *node, after bool) {
	switch {
	case at == nil:
		link(&l.head, n)
		link(&l.tail, n)
	case after:
		link(&n.prev, at)
		link(&n.next, at.next)
		if at.next != nil {
			link(&at.next.prev, n)
		} else {
			link(&l.tail, n)
		}
		link(&at.next, n)
	default:
		link(&n.next, at)
		link(&n.prev, at.prev)
		if at.prev != nil {
			link(&at.prev.next, n)
		} else {
			link(&l.head, n)
		}
		link(&at.prev, n)
	}
	l.nodes++
}

// dropNode unlinks and frees n with its elements.
func (l *List) dropNode(n *node) {
	if l.mark == n {
		link(&l.mark, n.next)
	}
	if n.prev != nil {
		link(&n.prev.next, n.next)
	} else {
		link(&l.head, n.next)
	}
	if n.next != nil {
		link(&n.next.prev, n.prev)
	} else {
		link(&l.tail, n.prev)
	}
	l.nodes--
	l.count -= int(n.count)
	n.free()
}

// PushHead adds a copy of s in front.
func (l *List) PushHead(s []byte) {
	if n := l.head; n.roomFor(l.fill, len(s)) {
		n.setListpack(listpack.Prepend(n.data, s), 1)
	} else {
		l.insertNode(n, l.nodeFor(s), false)
	}
	l.count++
}

// PushTail adds a copy of s at the end.
func (l *List) PushTail(s []byte) {
	if n := l.tail; n.roomFor(l.fill, len(s)) {
		n.setListpack(listpack.Append(n.data, s), 1)
	} else {
		l.insertNode(n, l.nodeFor(s), true)
	}
	l.count++
}
