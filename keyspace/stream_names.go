package keyspace

import (
	"bytes"
	"sort"
	"unsafe"

	"berth/keyspace/mem"
)

// named is what a block with a name begins with.
type named struct{ off, size uint32 }

// newNamed makes a zeroed block of size bytes that begins with named, and the name behind it.
func newNamed(size uintptr, name []byte) unsafe.Pointer {
	p := mem.AllocZero(int(size) + len(name))
	*(*named)(p) = named{uint32(size), uint32(len(name))}
	copy(mem.Bytes(unsafe.Add(p, size), len(name)), name)
	return p
}

func nameOf(p unsafe.Pointer) []byte {
	h := (*named)(p)
	return mem.Bytes(unsafe.Add(p, h.off), int(h.size))
}

// nameList is a list of blocks with names in the order of these, in off-heap memory. The zero value is empty.
type nameList struct {
	list   uintptr
	n, cap int
}

func (l *nameList) len() int { return l.n }

func (l *nameList) slots() []uintptr {
	return unsafe.Slice((*uintptr)(*(*unsafe.Pointer)(unsafe.Pointer(&l.list))), l.cap)
}

func (l *nameList) at(i int) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&l.slots()[i]))
}

// find returns where a name is, or belongs.
func (l *nameList) find(name []byte) (i int, there bool) {
	i = sort.Search(l.n, func(i int) bool { return bytes.Compare(nameOf(l.at(i)), name) >= 0 })
	return i, i < l.n && bytes.Equal(nameOf(l.at(i)), name)
}

func (l *nameList) insert(i int, p unsafe.Pointer) {
	if l.n == l.cap {
		l.cap = max(1, 2*l.cap)
		l.list = uintptr(mem.Realloc(*(*unsafe.Pointer)(unsafe.Pointer(&l.list)), 8*l.cap))
	}
	slots := l.slots()
	copy(slots[i+1:l.n+1], slots[i:l.n])
	slots[i] = uintptr(p)
	l.n++
}

func (l *nameList) remove(i int) {
	slots := l.slots()
	copy(slots[i:], slots[i+1:l.n])
	l.n--
	if l.n == 0 {
		l.free()
	}
}

// free gives back the list; the blocks are not its own.
func (l *nameList) free() {
	mem.Free(*(*unsafe.Pointer)(unsafe.Pointer(&l.list)))
	*l = nameList{}
}

func (l *nameList) memUsage() int { return 8 * l.cap }
