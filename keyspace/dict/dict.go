package dict

import (
	"hash/maphash"
	"math/bits"
	"time"
	"unsafe"

	"berth/keyspace/mem"
)

const (
	bucketSize  = 64
	bucketSlots = 7
	fullMask    = 1<<bucketSlots - 1
	chained     = 1 << bucketSlots // in the meta byte: the last slot is the next bucket
	metaShift   = 56

	// emptyPerStep is how many empty buckets a step may skip while it looks for
	// one to move.
	emptyPerStep = 10
	// discardBuckets is the granularity in which moved buckets of a large array
	// go back to the kernel.
	discardBuckets = 1024
	discardFrom    = 1 << 20 / bucketSize

	// shrinkFill: an array with less than a 1/shrinkFill of its slots in use is too large.
	shrinkFill = 8
)

// Dict is a hash table. Its header is off-heap as well: New makes one, Free ends it.
type Dict struct {
	tables [2]unsafe.Pointer // tables[1] is the array being moved to, if any
	used   [2]int
	chains [2]int // buckets behind the first of their chain
	exp    [2]int8
	keyOff int32
	paused int32
	rehash int // next bucket of tables[0] to move, or -1
	moved  int // buckets moved, ever; for tests of the bound on work
}

var seed = maphash.MakeSeed()

// New returns an empty table of elements whose key headers are at offset keyOff.
func New(keyOff int) *Dict {
	d := (*Dict)(mem.AllocZero(int(unsafe.Sizeof(Dict{}))))
	d.keyOff = int32(keyOff)
	d.exp = [2]int8{-1, -1}
	d.rehash = -1
	return d
}

// Free frees the table after calling fn, if any, on every element. It may be called
// on any goroutine once nobody else has the table.
func (d *Dict) Free(fn func(elem unsafe.Pointer)) {
	for t := range d.tables {
		if d.tables[t] == nil {
			continue
		}
		for i := range d.size(t) {
			if t == 0 && i < d.rehash {
				continue
			}
			d.freeChain(d.bucket(t, i), fn)
			if i%discardBuckets == discardBuckets-1 && d.size(t) >= discardFrom {
				mem.Discard(d.tables[t], (i+1-discardBuckets)*bucketSize, discardBuckets*bucketSize)
			}
		}
		mem.Free(d.tables[t])
	}
	mem.Free(unsafe.Pointer(d))
}

func (d *Dict) freeChain(b *bucket, fn func(unsafe.Pointer)) {
	first := b
	for b != nil {
		if fn != nil {
			for m := b.present(); m != 0; m &= m - 1 {
				fn(*b.slot(bits.TrailingZeros8(m)))
			}
		}
		next := b.next()
		if b != first {
			mem.Free(unsafe.Pointer(b))
		}
		b = next
	}
}

// Len returns the number of elements.
func (d *Dict) Len() int { return d.used[0] + d.used[1] }

// Hash returns the hash of a key, for the functions whose name ends in Hashed.
func Hash(key []byte) uint64 { return maphash.Bytes(seed, key) }

// Layout returns where the arrays of buckets are and how many each has.
func (d *Dict) Layout() (buckets [2]uintptr, size [2]int) {
	for t := range d.tables {
		if d.tables[t] != nil {
			buckets[t], size[t] = uintptr(d.tables[t]), d.size(t)
		}
	}
	return buckets, size
}

// Vacated is how many buckets of the first array have gone to the second and hold nothing any more.
func (d *Dict) Vacated() int { return max(d.rehash, 0) }

// BucketLayout is the size of a bucket, how many slots it has, and the bit of its first word that says that the last
// slot is the next bucket of a chain. A slot that holds an element has a bit in the word's top byte.
func BucketLayout() (size, slots, chainedBit int) {
	return bucketSize, bucketSlots, metaShift + bucketSlots
}

func (d *Dict) size(t int) int { return 1 << d.exp[t] }

// bucket is one cache line: tags in the low seven bytes of word, the meta byte above.
type bucket struct {
	word  uint64
	slots [bucketSlots]uintptr
}

func (d *Dict) bucket(t, i int) *bucket {
	return (*bucket)(unsafe.Add(d.tables[t], i*bucketSize))
}

// present is the slots that hold an element.
func (b *bucket) present() uint8 { return uint8(b.word>>metaShift) & fullMask }

func (b *bucket) slot(i int) *unsafe.Pointer { return (*unsafe.Pointer)(unsafe.Pointer(&b.slots[i])) }

func (b *bucket) next() *bucket {
	if b.word>>63 == 0 {
		return nil
	}
	return (*bucket)(*b.slot(bucketSlots - 1))
}

func (b *bucket) set(i int, tag uint64, elem uintptr) {
	b.slots[i] = elem
	b.word = b.word&^(0xff<<(8*i)) | tag<<(8*i) | 1<<(metaShift+i)
}

func (b *bucket) tag(i int) uint64 { return b.word >> (8 * i) & 0xff }

const ones = 0x0001010101010101

// matches returns a bit (the top one of its byte) for each slot whose tag may be tag.
func (b *bucket) matches(tag uint64) uint64 {
	x := b.word ^ tag*ones
	return (x - ones) &^ x & (ones << 7)
}

// keyOf returns the key of an element.
func (d *Dict) keyOf(elem unsafe.Pointer) []byte { return KeyAt(unsafe.Add(elem, d.keyOff)) }

// locate finds an element. It doesn't move buckets.
func (d *Dict) locate(h uint64, key []byte) (b *bucket, slot, table, index int) {
	tag := h >> 56
	for t := 0; t < 2 && d.tables[t] != nil; t++ {
		i := int(h) & (1<<d.exp[t] - 1)
		if t == 0 && i < d.rehash {
			continue
		}
		for b := d.bucket(t, i); b != nil; b = b.next() {
			present := b.word >> metaShift
			for m := b.matches(tag); m != 0; m &= m - 1 {
				s := bits.TrailingZeros64(m) >> 3
				if present>>s&1 == 0 {
					continue
				}
				if string(d.keyOf(*b.slot(s))) == string(key) {
					return b, s, t, i
				}
			}
		}
	}
	return nil, 0, 0, 0
}

// Find returns the element with the key, or nil.
func (d *Dict) Find(key []byte) unsafe.Pointer { return d.FindHashed(Hash(key), key) }

// FindHashed is Find with the key's Hash.
func (d *Dict) FindHashed(h uint64, key []byte) unsafe.Pointer {
	if d.rehash >= 0 {
		d.step()
	}
	b, s, _, _ := d.locate(h, key)
	if b == nil {
		return nil
	}
	return *b.slot(s)
}

// Insert adds an element. No element may have its key already.
func (d *Dict) Insert(elem unsafe.Pointer) { d.InsertHashed(Hash(d.keyOf(elem)), elem) }

// InsertHashed is Insert with the key's Hash.
func (d *Dict) InsertHashed(h uint64, elem unsafe.Pointer) {
	t := 0
	if d.rehash >= 0 {
		d.step()
	}
	if d.rehash >= 0 {
		t = 1
	} else if d.used[0] >= bucketSlots<<max(d.exp[0], 0) || d.tables[0] == nil {
		if d.grow() {
			t = 1
		}
	}
	d.place(t, int(h)&(d.size(t)-1), h>>56, uintptr(elem))
}

// place puts an element into the first free slot of a chain.
func (d *Dict) place(t, i int, tag uint64, elem uintptr) {
	d.used[t]++
	for b := d.bucket(t, i); ; {
		meta := b.word >> metaShift
		free := ^meta & fullMask
		if meta&chained != 0 {
			free &= fullMask >> 1
		}
		if free != 0 {
			b.set(bits.TrailingZeros64(free), tag, elem)
			return
		}
		next := b.next()
		if next == nil {
			next = (*bucket)(mem.AllocZero(bucketSize))
			d.chains[t]++
			const last = bucketSlots - 1
			next.set(0, b.tag(last), b.slots[last])
			b.slots[last] = uintptr(unsafe.Pointer(next))
			b.word = b.word&^(1<<(metaShift+last)) | 1<<63
		}
		b = next
	}
}

// Delete removes the element with the key and returns it, or nil. The element is the
// caller's then.
func (d *Dict) Delete(key []byte) unsafe.Pointer { return d.DeleteHashed(Hash(key), key) }

// DeleteHashed is Delete with the key's Hash.
func (d *Dict) DeleteHashed(h uint64, key []byte) unsafe.Pointer {
	if d.rehash >= 0 {
		d.step()
	}
	b, s, t, i := d.locate(h, key)
	if b == nil {
		return nil
	}
	elem := *b.slot(s)
	b.word &^= 1 << (metaShift + s)
	d.used[t]--
	if d.paused == 0 {
		if d.bucket(t, i).word>>63 != 0 {
			d.compact(t, i, b, s)
		}
		d.shrinkIfSparse()
	}
	return elem
}

// compact fills the hole in slot s of b with the last element of its chain and drops
// the last bucket when it is empty.
func (d *Dict) compact(t, i int, b *bucket, s int) {
	var parent *bucket
	last := d.bucket(t, i)
	for next := last.next(); next != nil; next = last.next() {
		parent, last = last, next
	}
	m := last.present()
	if m != 0 && last != b {
		k := bits.Len8(m) - 1
		b.set(s, last.tag(k), last.slots[k])
		last.word &^= 1 << (metaShift + k)
		m &^= 1 << k
	}
	if m == 0 && parent != nil {
		parent.word &^= 1 << 63
		mem.Free(unsafe.Pointer(last))
		d.chains[t]--
	}
}

// Replace puts another element with the same key in an element's place and reports
// whether the old one was there.
func (d *Dict) Replace(old, elem unsafe.Pointer) bool {
	return d.ReplaceHashed(Hash(d.keyOf(elem)), old, elem)
}

// ReplaceHashed is Replace with the key's Hash. The old element is only compared as a
// pointer: it may have been freed already.
func (d *Dict) ReplaceHashed(h uint64, old, elem unsafe.Pointer) bool {
	tag := h >> 56
	for t := 0; t < 2 && d.tables[t] != nil; t++ {
		i := int(h) & (1<<d.exp[t] - 1)
		for b := d.bucket(t, i); b != nil; b = b.next() {
			present := b.word >> metaShift
			for m := b.matches(tag); m != 0; m &= m - 1 {
				s := bits.TrailingZeros64(m) >> 3
				if present>>s&1 != 0 && b.slots[s] == uintptr(old) {
					b.slots[s] = uintptr(elem)
					return true
				}
			}
		}
	}
	return false
}

// PauseResize stops the moving of elements until as many ResumeResize. Elements may be
// inserted and deleted meanwhile.
func (d *Dict) PauseResize() { d.paused++ }

// ResumeResize undoes one PauseResize.
func (d *Dict) ResumeResize() {
	d.paused--
	if d.paused == 0 {
		d.shrinkIfSparse()
	}
}

// Rehashing reports whether elements are being moved to another array.
func (d *Dict) Rehashing() bool { return d.rehash >= 0 }

// RehashFor moves elements for about that long and reports whether there is more to do.
func (d *Dict) RehashFor(limit time.Duration) bool {
	start := time.Now()
	for d.rehash >= 0 && d.paused == 0 {
		for range 100 {
			d.step()
		}
		if time.Since(start) >= limit {
			break
		}
	}
	return d.rehash >= 0
}

// RehashSteps moves up to n chains and reports whether there is more to do.
func (d *Dict) RehashSteps(n int) bool {
	for ; n > 0 && d.rehash >= 0; n-- {
		d.step()
	}
	return d.rehash >= 0
}

// Expand makes room for n elements in all. It only ever grows the table.
func (d *Dict) Expand(n int) {
	exp := expFor(n)
	if d.rehash >= 0 || d.paused > 0 || exp <= int(d.exp[0]) {
		return
	}
	d.resize(exp)
}

func expFor(n int) int {
	if n <= bucketSlots {
		return 0
	}
	return bits.Len(uint((n+bucketSlots-1)/bucketSlots - 1))
}

// grow makes the first array, or starts to move to one of twice the size. It reports
// whether tables[1] is the one to insert into.
func (d *Dict) grow() bool {
	if d.tables[0] == nil {
		d.resize(0)
		return false
	}
	// While paused, chains grow longer instead.
	if d.paused > 0 {
		return false
	}
	d.resize(int(d.exp[0]) + 1)
	return d.rehash >= 0
}

func (d *Dict) shrinkIfSparse() {
	if d.rehash >= 0 || d.exp[0] <= 0 || d.used[0]*shrinkFill > bucketSlots<<d.exp[0] {
		return
	}
	d.resize(min(expFor(d.used[0]*2), int(d.exp[0])-1))
}

func (d *Dict) resize(exp int) {
	table := mem.AllocZero(bucketSize << exp)
	if d.tables[0] == nil {
		d.tables[0], d.exp[0] = table, int8(exp)
		return
	}
	d.tables[1], d.exp[1] = table, int8(exp)
	d.rehash = 0
	if d.used[0] == 0 && d.exp[0] <= 4 {
		for d.rehash >= 0 {
			d.step()
		}
	}
}

// step moves one chain of the old array, or skips a few empty ones.
func (d *Dict) step() {
	if d.paused > 0 || d.rehash < 0 {
		return
	}
	size := d.size(0)
	for range emptyPerStep {
		i := d.rehash
		b := d.bucket(0, i)
		d.rehash++
		filled := b.word>>metaShift != 0
		if filled {
			d.moveChain(i, b)
		}
		if d.rehash%discardBuckets == 0 && size >= discardFrom {
			mem.Discard(d.tables[0], (d.rehash-discardBuckets)*bucketSize, discardBuckets*bucketSize)
		}
		if d.rehash == size {
			d.finish()
			return
		}
		if filled {
			return
		}
	}
}

func (d *Dict) moveChain(i int, b *bucket) {
	first := b
	mask := d.size(1) - 1
	shrinking := d.exp[1] < d.exp[0]
	for b != nil {
		for m := b.present(); m != 0; m &= m - 1 {
			s := bits.TrailingZeros8(m)
			to := i
			if !shrinking {
				to = int(Hash(d.keyOf(*b.slot(s))))
			}
			d.place(1, to&mask, b.tag(s), b.slots[s])
			d.used[0]--
		}
		next := b.next()
		if b != first {
			mem.Free(unsafe.Pointer(b))
			d.chains[0]--
		}
		b = next
	}
	first.word = 0
	d.moved++
}

// finish makes the new array the only one.
func (d *Dict) finish() {
	mem.Free(d.tables[0])
	d.tables[0], d.tables[1] = d.tables[1], nil
	d.exp[0], d.exp[1] = d.exp[1], -1
	d.used[0], d.used[1] = d.used[1], 0
	d.chains[0], d.chains[1] = d.chains[1], 0
	d.rehash = -1
	if d.paused == 0 {
		d.shrinkIfSparse()
	}
}
