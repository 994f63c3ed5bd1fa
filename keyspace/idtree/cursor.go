package idtree

import "unsafe"

// Cursor is a place in a tree. The zero Cursor is no place.
type Cursor struct {
	l *leaf
	i int
}

// Valid reports whether the cursor is at an id.
func (c *Cursor) Valid() bool { return c.l != nil }

// ID is the id at the cursor.
func (c *Cursor) ID() ID { return c.l.slots()[c.i].id }

// Ptr is the pointer of the id at the cursor.
func (c *Cursor) Ptr() unsafe.Pointer { return pointer(&c.l.slots()[c.i].ptr) }

// SetPtr replaces the pointer of the id at the cursor.
func (c *Cursor) SetPtr(p unsafe.Pointer) { c.l.slots()[c.i].ptr = number(p) }

// Next goes to the next id; the cursor isn't valid behind the last.
func (c *Cursor) Next() {
	if c.i++; c.i < int(c.l.n) {
		return
	}
	c.i = 0
	c.l = leafAt(&c.l.next)
}

// Prev goes to the id before; the cursor isn't valid before the first.
func (c *Cursor) Prev() {
	if c.i--; c.i >= 0 {
		return
	}
	if c.l = leafAt(&c.l.prev); c.l != nil {
		c.i = int(c.l.n) - 1
	}
}

// First is the place of the smallest id.
func (t *Tree) First() Cursor { return Cursor{leafAt(&t.first), 0} }

// Last is the place of the greatest id.
func (t *Tree) Last() Cursor {
	if t.last == 0 {
		return Cursor{}
	}
	l := leafAt(&t.last)
	return Cursor{l, int(l.n) - 1}
}

// SeekGE is the place of the smallest id that is not before id.
func (t *Tree) SeekGE(id ID) Cursor {
	if t.root == 0 {
		return Cursor{}
	}
	var way path
	l, i, _ := t.find(id, &way)
	if i < int(l.n) {
		return Cursor{l, i}
	}
	return Cursor{leafAt(&l.next), 0}
}

// SeekLE is the place of the greatest id that is not behind id.
func (t *Tree) SeekLE(id ID) Cursor {
	if t.root == 0 {
		return Cursor{}
	}
	var way path
	l, i, there := t.find(id, &way)
	c := Cursor{l, i}
	if !there {
		c.Prev()
	}
	return c
}
