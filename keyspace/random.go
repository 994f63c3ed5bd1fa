package keyspace

import (
	"math/rand/v2"
	"unsafe"

	"berth/keyspace/dict"
	"berth/keyspace/listpack"
)

// choose says for each of n elements, asked in order, whether it belongs to a random selection of
// count of them.
type choose struct{ left, want int }

func (c *choose) take() bool {
	taken := c.want > 0 && rand.IntN(c.left) < c.want
	c.left--
	if taken {
		c.want--
	}
	return taken
}

// randomElems calls yield with count elements of a table taken at random: different ones, or
// with repetition when count is negative.
func randomElems(d *dict.Dict, count int, yield func(elem unsafe.Pointer)) {
	n := d.Len()
	switch {
	case n == 0:
	case count < 0:
		for ; count < 0; count++ {
			yield(d.FairRandom())
		}
	case count*3 > n:
		c := choose{n, min(count, n)}
		it := d.Iter()
		for p := it.Next(); p != nil && c.want > 0; p = it.Next() {
			if c.take() {
				yield(p)
			}
		}
		it.Close()
	default:
		seen := make(map[unsafe.Pointer]struct{}, count)
		for len(seen) < count {
			p := d.FairRandom()
			if _, ok := seen[p]; !ok {
				seen[p] = struct{}{}
				yield(p)
			}
		}
	}
}

// randomIndexes is randomElems for the indexes 0 to n-1.
func randomIndexes(n, count int, yield func(i int)) {
	switch {
	case n == 0:
	case count < 0:
		for ; count < 0; count++ {
			yield(rand.IntN(n))
		}
	default:
		c := choose{n, min(count, n)}
		for i := 0; c.want > 0; i++ {
			if c.take() {
				yield(i)
			}
		}
	}
}

// eachRandomPair is randomElems for a listpack of pairs: yield gets the offset of a pair's first element.
func eachRandomPair(lp listpack.LP, count int, yield func(off int)) {
	offs := listpack.Offsets(lp, 2, make([]uint32, 0, listpack.Len(lp)/2))
	randomIndexes(len(offs), count, func(i int) { yield(int(offs[i])) })
}

func randInt(n int) int { return rand.IntN(n) }
