package quicklist

import (
	"berth/keyspace/listpack"
	"berth/keyspace/mem"
)

// InsertAfter puts a copy of s after p. No Pos of the list is valid afterwards.
func (l *List) InsertAfter(p Pos, s []byte) { l.insert(p, s, true) }

// InsertBefore puts a copy of s before p. No Pos of the list is valid afterwards.
func (l *List) InsertBefore(p Pos, s []byte) { l.insert(p, s, false) }

func (l *List) insert(p Pos, s []byte, after bool) {
	n := p.n
	l.count++
	atEdge := n.plain || after && listpack.Next(n.data, p.off) == 0 || !after && listpack.Prev(n.data, p.off) == 0
	room := n.roomFor(l.fill, len(s))
	neighbour := n.prev
	if after {
		neighbour = n.next
	}
	switch {
	case room && after:
		lp, _ := listpack.InsertAfter(n.data, p.off, s)
		n.setListpack(lp, 1)
	case room:
		n.setListpack(listpack.InsertBefore(n.data, p.off, s), 1)
	case atEdge && neighbour.roomFor(l.fill, len(s)):
		if after {
			neighbour.setListpack(listpack.Prepend(neighbour.data, s), 1)
		} else {
			neighbour.setListpack(listpack.Append(neighbour.data, s), 1)
		}
	case atEdge:
		l.insertNode(n, l.nodeFor(s), after)
	case isLarge(l.fill, len(s)):
		m := l.split(p, after)
		big := plainNode(s)
		l.insertNode(n, big, after)
		l.insertNode(big, m, after)
	default:
		m := l.split(p, after)
		if after {
			m.setListpack(listpack.Prepend(m.data, s), 1)
		} else {
			m.setListpack(listpack.Append(m.data, s), 1)
		}
		l.insertNode(n, m, after)
		l.mergeAround(n)
	}
}

// split cuts a packed node at p and returns an unlinked node with what is after p (or, not after, with
// what is before it).
func (l *List) split(p Pos, after bool) *node {
	n := p.n
	index := 0
	for off := listpack.First(n.data); off != p.off; off = listpack.Next(n.data, off) {
		index++
	}
	if after {
		index++
	}
	left, right := listpack.Split(n.data, index)
	rest := int(n.count) - index
	if after {
		n.setListpack(left, -rest)
		return newNode(right, listpack.Size(right), rest, false)
	}
	n.setListpack(right, -index)
	return newNode(left, listpack.Size(left), index, false)
}

// mergeAround joins small neighbours around center after it was split, in Redis's order: the pair
// before it, the pair after it, then center with what is on its sides.
func (l *List) mergeAround(center *node) {
	if prev := center.prev; prev != nil {
		l.merge(prev.prev, prev)
	}
	if next := center.next; next != nil {
		l.merge(next, next.next)
	}
	if prev := center.prev; l.merge(prev, center) {
		center = prev
	}
	l.merge(center, center.next)
}

// merge moves b's elements to a if both are packed and one node may hold them all.
func (l *List) merge(a, b *node) bool {
	if a == nil || b == nil || a.plain || b.plain ||
		ExceedsLimit(l.fill, int(a.size)+int(b.size)-listpack.EmptySize, int(a.count)+int(b.count)) {
		return false
	}
	moved := int(b.count)
	a.setListpack(listpack.Merge(a.data, b.data), moved)
	b.setData(nil)
	l.dropNode(b)
	l.count += moved
	return true
}

// Replace puts a copy of s in place of the element at p. No Pos of the list is valid afterwards, except
// the one returned, which is the new element.
func (l *List) Replace(p Pos, s []byte) Pos {
	n := p.n
	large := isLarge(l.fill, len(s))
	if !n.plain && !large {
		n.setListpack(listpack.Replace(n.data, p.off, s), 0)
		return p
	}
	if n.plain && large {
		data := mem.Realloc(n.data, len(s))
		copy(mem.Bytes(data, len(s)), s)
		n.setData(data)
		n.size = uint32(len(s))
		return p
	}
	if n.plain {
		// The small element joins the next node if that has room, as an insertion would.
		l.insert(p, s, true)
		next := n.next
		l.dropNode(n)
		return next.first()
	}
	m := plainNode(s)
	l.count++
	if n.count == 1 {
		l.insertNode(n, m, true)
		l.dropNode(n)
		return m.first()
	}
	if listpack.Next(n.data, p.off) != 0 {
		tail := l.split(p, true)
		l.insertNode(n, m, true)
		l.insertNode(m, tail, true)
	} else {
		l.insertNode(n, m, true)
	}
	if n.count == 1 {
		l.dropNode(n)
	} else {
		lp, _ := listpack.Delete(n.data, listpack.Last(n.data))
		n.setListpack(lp, -1)
		l.count--
		l.mergeAround(m)
	}
	return m.first()
}

// Delete removes the element at p and returns the places that are then after and before it.
func (l *List) Delete(p Pos) (next, prev Pos) {
	n := p.n
	if n.count == 1 {
		next, prev = n.next.first(), n.prev.last()
		l.dropNode(n)
		return next, prev
	}
	lp, off := listpack.Delete(n.data, p.off)
	n.setListpack(lp, -1)
	l.count--
	if off != 0 {
		next = Pos{n, off}
	} else {
		next = n.next.first()
	}
	if before := listpack.Prev(lp, p.off); before != 0 {
		prev = Pos{n, before}
	} else {
		prev = n.prev.last()
	}
	return next, prev
}

// DeleteRange removes up to n elements from index start on (negative from the end) and returns how many.
func (l *List) DeleteRange(start, n int) int {
	if start < 0 {
		start += l.count
	}
	if start < 0 || start >= l.count || n <= 0 {
		return 0
	}
	n = min(n, l.count-start)
	at, skip := l.head, start
	if start < l.count/2 {
		for ; skip >= int(at.count); at = at.next {
			skip -= int(at.count)
		}
	} else {
		before := l.count - int(l.tail.count)
		for at = l.tail; before > start; before -= int(at.count) {
			at = at.prev
		}
		skip = start - before
	}
	for left := n; left > 0; skip = 0 {
		next := at.next
		here := min(left, int(at.count)-skip)
		if here == int(at.count) {
			l.dropNode(at)
		} else {
			at.setListpack(listpack.DeleteRange(at.data, skip, here), -here)
			l.count -= here
		}
		left -= here
		at = next
	}
	return n
}
