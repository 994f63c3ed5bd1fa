package dict

import (
	"math/bits"
	"math/rand/v2"
	"unsafe"

	"berth/keyspace/mem"
)

// Scan calls fn on the elements of a few buckets and returns the cursor to go on with;
// 0 starts, and 0 returned is the end. Every element that is there from start to end is
// seen at least once, however the table is resized in between; some may be seen twice.
// fn may delete any element; it may not insert.
func (d *Dict) Scan(cursor uint64, fn func(elem unsafe.Pointer)) uint64 {
	return d.scan(cursor, func(t, i int) { d.emit(t, i, fn) })
}

// scan is Scan by buckets: chain is called with array and index of each.
func (d *Dict) scan(cursor uint64, chain func(t, i int)) uint64 {
	if d.Len() == 0 {
		return 0
	}
	d.PauseResize()
	v := cursor
	if d.rehash < 0 {
		mask := uint64(d.size(0) - 1)
		chain(0, int(v&mask))
		v = nextCursor(v, mask)
	} else {
		// The elements of a bucket of the smaller array are in those buckets of the
		// larger whose index ends in the same bits: visit it and all of them.
		small, large := 0, 1
		if d.exp[0] > d.exp[1] {
			small, large = 1, 0
		}
		m0, m1 := uint64(d.size(small)-1), uint64(d.size(large)-1)
		chain(small, int(v&m0))
		for {
			chain(large, int(v&m1))
			v = nextCursor(v, m1)
			if v&(m0^m1) == 0 {
				break
			}
		}
	}
	d.ResumeResize()
	return v
}

// nextCursor increments the bits under mask from the highest down, so that a cursor
// stays meaningful when the mask gets longer or shorter.
func nextCursor(v, mask uint64) uint64 {
	return bits.Reverse64(bits.Reverse64(v|^mask) + 1)
}

func (d *Dict) emit(t, i int, fn func(unsafe.Pointer)) {
	for b := d.bucket(t, i); b != nil; b = b.next() {
		for m := b.present(); m != 0; m &= m - 1 {
			s := bits.TrailingZeros8(m)
			// fn may have deleted it.
			if b.present()>>s&1 != 0 {
				fn(*b.slot(s))
			}
		}
	}
}

// Iter walks all elements. Resizing is paused from Iter to Close. Elements may be
// deleted meanwhile, the current one too; inserting one may make others be seen twice.
type Iter struct {
	d     *Dict
	b     *bucket
	table int
	index int
	left  uint8 // slots of b still to be looked at
}

// Iter starts an iteration, which Close must end.
func (d *Dict) Iter() Iter {
	d.PauseResize()
	return Iter{d: d, index: -1}
}

// Next returns the next element, or nil at the end.
func (it *Iter) Next() unsafe.Pointer {
	for {
		if it.b != nil {
			if m := it.b.present() & it.left; m != 0 {
				s := bits.TrailingZeros8(m)
				it.left = fullMask << (s + 1) & fullMask
				return *it.b.slot(s)
			}
			it.b, it.left = it.b.next(), fullMask
			continue
		}
		if it.table > 1 || it.d.tables[it.table] == nil {
			return nil
		}
		it.index++
		if it.index >= it.d.size(it.table) {
			it.table++
			it.index = -1
			continue
		}
		it.b, it.left = it.d.bucket(it.table, it.index), fullMask
	}
}

// Close ends the iteration.
func (it *Iter) Close() {
	it.d.ResumeResize()
	it.d = nil
}

// Random returns an element taken at random, or nil if there is none. It is quick, but
// elements in emptier neighbourhoods are likelier than others.
func (d *Dict) Random() unsafe.Pointer {
	if d.Len() == 0 {
		return nil
	}
	if d.rehash >= 0 {
		d.step()
	}
	for range 1000 {
		t, i := d.randomBucket()
		if p := d.pick(t, i); p != nil {
			return p
		}
	}
	// A table that couldn't be shrunk: take the first one from somewhere on.
	t, i := d.randomBucket()
	for {
		if p := d.pick(t, i); p != nil {
			return p
		}
		if i++; i == d.size(t) {
			i = 0
			if d.rehash >= 0 {
				t = 1 - t
			}
		}
	}
}

func (d *Dict) randomBucket() (t, i int) {
	if d.rehash < 0 {
		return 0, rand.IntN(d.size(0))
	}
	i = d.rehash + rand.IntN(d.size(0)+d.size(1)-d.rehash)
	if i >= d.size(0) {
		return 1, i - d.size(0)
	}
	return 0, i
}

// pick returns a random element of a chain, or nil.
func (d *Dict) pick(t, i int) unsafe.Pointer {
	n := 0
	for b := d.bucket(t, i); b != nil; b = b.next() {
		n += bits.OnesCount8(b.present())
	}
	if n == 0 {
		return nil
	}
	k := rand.IntN(n)
	for b := d.bucket(t, i); ; b = b.next() {
		m := b.present()
		if c := bits.OnesCount8(m); k >= c {
			k -= c
			continue
		}
		for ; k > 0; k-- {
			m &= m - 1
		}
		return *b.slot(bits.TrailingZeros8(m))
	}
}

// FairRandom is Random with less bias: it picks among the elements of several
// neighbouring buckets.
func (d *Dict) FairRandom() unsafe.Pointer {
	var some [40]unsafe.Pointer
	n := d.Sample(some[:])
	if n == 0 {
		return d.Random()
	}
	return some[rand.IntN(n)]
}

// Sample fills dst with elements from neighbouring buckets, starting at a random one,
// and returns how many it put there. It may be fewer than there are, and the same
// element is never there twice.
func (d *Dict) Sample(dst []unsafe.Pointer) int {
	want := min(len(dst), d.Len())
	if want == 0 {
		return 0
	}
	for range want {
		if d.rehash < 0 {
			break
		}
		d.step()
	}
	t, i := d.randomBucket()
	n := 0
	total := d.size(0)
	if d.rehash >= 0 {
		total += d.size(1) - d.rehash
	}
	for range min(want*10, total) {
		for b := d.bucket(t, i); b != nil && n < want; b = b.next() {
			for m := b.present(); m != 0 && n < want; m &= m - 1 {
				dst[n] = *b.slot(bits.TrailingZeros8(m))
				n++
			}
		}
		if n == want {
			break
		}
		if i++; i == d.size(t) {
			i = 0
			if d.rehash >= 0 {
				t = 1 - t
			}
			if t == 0 {
				i = max(d.rehash, 0)
			}
		}
	}
	return n
}

// MemUsage returns the bytes of the table itself, without its elements.
func (d *Dict) MemUsage() int {
	n := mem.Usable(unsafe.Pointer(d)) + (d.chains[0]+d.chains[1])*bucketSize
	for t := range d.tables {
		if d.tables[t] != nil {
			n += bucketSize << d.exp[t]
		}
	}
	return n
}

// RehashingBytes returns the bytes of the array that is being moved from, 0 if none is.
func (d *Dict) RehashingBytes() int {
	if d.rehash < 0 {
		return 0
	}
	return bucketSize<<d.exp[0] + d.chains[0]*bucketSize
}

// Slots returns the number of elements that fit before the table grows, both arrays counted.
func (d *Dict) Slots() int {
	n := 0
	for t := range d.tables {
		if d.tables[t] != nil {
			n += bucketSlots << d.exp[t]
		}
	}
	return n
}

// TableStats describes one array of a table, for DEBUG HTSTATS.
type TableStats struct {
	Size     int // slots that elements hash to
	Used     int // elements
	NonEmpty int // buckets that have any
	MaxLen   int // elements of the fullest bucket
	Chained  int // buckets behind the first of their chain
	// ByLen counts the buckets with so many elements; the last one, also those with more.
	ByLen [50]int
}

// Stats describes the arrays: one, or two while resizing. With full, it walks them.
func (d *Dict) Stats(full bool) []TableStats {
	var all []TableStats
	for t := range d.tables {
		if d.tables[t] == nil {
			continue
		}
		st := TableStats{Size: d.size(t), Used: d.used[t], Chained: d.chains[t]}
		if full {
			for i := range d.size(t) {
				n := 0
				for b := d.bucket(t, i); b != nil; b = b.next() {
					n += bits.OnesCount8(b.present())
				}
				if n > 0 {
					st.NonEmpty++
				}
				st.MaxLen = max(st.MaxLen, n)
				st.ByLen[min(n, len(st.ByLen)-1)]++
			}
		}
		all = append(all, st)
	}
	return all
}
