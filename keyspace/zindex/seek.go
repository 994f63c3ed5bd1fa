package zindex

import (
	"bytes"
	"unsafe"
)

// Pos is the place of one element. The zero Pos is no place.
type Pos struct {
	l *leaf
	i int
}

// Valid reports whether p is an element.
func (p Pos) Valid() bool { return p.l != nil }

// Elem is the element itself.
func (p Pos) Elem() unsafe.Pointer { return p.l.at(p.i) }

// Score is the element's score.
func (p Pos) Score() float64 { return p.l.score[p.i] }

// Next is the place after p, not valid at the end.
func (p Pos) Next() Pos {
	if p.i++; p.i == p.l.n {
		return p.l.next.start()
	}
	return p
}

// Prev is the place before p, not valid at the start.
func (p Pos) Prev() Pos {
	if p.i == 0 {
		return p.l.prev.end()
	}
	p.i--
	return p
}

func (l *leaf) start() Pos {
	if l == nil || l.n == 0 {
		return Pos{}
	}
	return Pos{l, 0}
}

func (l *leaf) end() Pos {
	if l == nil || l.n == 0 {
		return Pos{}
	}
	return Pos{l, l.n - 1}
}

// First is the smallest element.
func (x *Index) First() Pos { return x.first.start() }

// Last is the greatest element.
func (x *Index) Last() Pos { return x.last.end() }

func (x *Index) findRank(rank int, way *path) (*leaf, int) {
	p := x.root
	for h := x.height; h > 0; h-- {
		in := (*inner)(p)
		i := 0
		for rank >= in.count[i] {
			rank -= in.count[i]
			i++
		}
		if way != nil {
			way[h-1] = step{in, i}
		}
		p = in.node(i)
	}
	return (*leaf)(p), rank
}

// At is the element of the given rank, 0 being the smallest; not valid when out of range.
func (x *Index) At(rank int) Pos {
	if rank < 0 || rank >= x.count {
		return Pos{}
	}
	l, i := x.findRank(rank, nil)
	return Pos{l, i}
}

// Rank is the number of elements that sort before p, an element of the index.
func (x *Index) Rank(p unsafe.Pointer) int {
	var way path
	_, i := x.find(Score(p), Member(p), &way)
	return x.ranked(i, &way)
}

func (x *Index) ranked(i int, way *path) int {
	for h := range x.height {
		s := way[h]
		for _, c := range s.in.count[:s.i] {
			i += c
		}
	}
	return i
}

// seek finds the first element for which below is false, below being true for a prefix of the order.
// It returns that place (not valid: all are below) and its rank.
func (x *Index) seek(below func(s float64, p unsafe.Pointer) bool) (Pos, int) {
	p := x.root
	rank := 0
	for h := x.height; h > 0; h-- {
		in := (*inner)(p)
		lo, hi := 1, in.n
		for lo < hi {
			m := int(uint(lo+hi) >> 1)
			if below(in.score[m], in.at(m)) {
				lo = m + 1
			} else {
				hi = m
			}
		}
		for _, c := range in.count[:lo-1] {
			rank += c
		}
		p = in.node(lo - 1)
	}
	l := (*leaf)(p)
	lo, hi := 0, l.n
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if below(l.score[m], l.at(m)) {
			lo = m + 1
		} else {
			hi = m
		}
	}
	rank += lo
	if lo == l.n {
		return l.next.start(), rank
	}
	return Pos{l, lo}, rank
}

// SeekScore is the first element whose score is at least (after: greater than) score, and its rank, which
// is Len when there is none.
func (x *Index) SeekScore(score float64, after bool) (Pos, int) {
	if after {
		return x.seek(func(s float64, _ unsafe.Pointer) bool { return s <= score })
	}
	return x.seek(func(s float64, _ unsafe.Pointer) bool { return s < score })
}

// SeekMember is SeekScore for members, in an index where all scores are equal.
func (x *Index) SeekMember(member []byte, after bool) (Pos, int) {
	limit := 0
	if after {
		limit = 1
	}
	return x.seek(func(_ float64, p unsafe.Pointer) bool { return bytes.Compare(Member(p), member) < limit })
}

// CountBefore is the number of elements that sort before the given member with the given score.
func (x *Index) CountBefore(score float64, member []byte) int {
	_, rank := x.seek(func(s float64, p unsafe.Pointer) bool { return before(s, p, score, member) })
	return rank
}

// stays reports whether the element at i would keep its place with the given score.
func (x *Index) stays(l *leaf, i int, score float64, member []byte) bool {
	prev, next := Pos{l, i}.Prev(), Pos{l, i}.Next()
	return (!prev.Valid() || before(prev.Score(), prev.Elem(), score, member)) &&
		(!next.Valid() || !before(next.Score(), next.Elem(), score, member))
}

// Update changes the score of p, an element of the index.
func (x *Index) Update(p unsafe.Pointer, score float64) {
	var way path
	member := Member(p)
	l, i := x.find(Score(p), member, &way)
	if !x.stays(l, i, score, member) {
		x.cut(l, i, 1, &way)
		*(*float64)(p) = score
		x.Insert(p)
		return
	}
	*(*float64)(p) = score
	l.score[i] = score
	for h := 0; h < x.height && i == 0; h++ {
		x.refresh(way[h].in, way[h].i, h)
		i = way[h].i
	}
}
