//go:build !asan

package mem

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestDefrag: after most blocks of slabs are freed, moving the rest gives the pages back, and loses nothing.
func TestDefrag(t *testing.T) {
	defer LeakCheck(t.Errorf)()
	r := rand.New(rand.NewPCG(1, 1))
	type block struct {
		p unsafe.Pointer
		n int
	}
	var live []block
	base := Active()
	for range 200000 {
		n := 8 + r.IntN(150)
		if r.IntN(500) == 0 {
			n = r.IntN(20000)
		}
		live = append(live, block{Alloc(n), n})
	}
	full := Active() - base
	kept := live[:0]
	for i, b := range live {
		if r.IntN(10) == 0 {
			fill(b.p, b.n, byte(i))
			kept = append(kept, b)
		} else {
			Free(b.p)
		}
	}
	used, before := Used(), Active()-base
	require.Greater(t, Fragmentation(), full/2)

	bytes, ok := DefragBegin()
	require.True(t, ok)
	require.Greater(t, bytes, before/2)
	_, ok = DefragBegin()
	require.False(t, ok, "one at a time")
	var m Mover
	for i := range kept {
		seed := *(*byte)(kept[i].p)
		kept[i].p = m.Move(kept[i].p)
		checkFill(t, kept[i].p, kept[i].n, seed)
		// Others come and go meanwhile.
		if i%3 == 0 {
			Free(Alloc(8 + r.IntN(150)))
		}
	}
	DefragEnd()
	require.Positive(t, m.Hits)
	require.EqualValues(t, len(kept), m.Hits+m.Misses)
	require.Equal(t, used, Used())
	require.Less(t, Active()-base, before/3)
	require.Less(t, Fragmentation(), full/4)

	// There is nothing left to win.
	_, ok = DefragBegin()
	require.True(t, ok)
	m = Mover{}
	for i := range kept {
		kept[i].p = m.Move(kept[i].p)
	}
	DefragEnd()
	require.Less(t, int(m.Hits), len(kept)/10)
	for _, b := range kept {
		Free(b.p)
	}
}

// TestDefragGivenUp: what was not moved is used again.
func TestDefragGivenUp(t *testing.T) {
	defer LeakCheck(t.Errorf)()
	var live []unsafe.Pointer
	for range 50000 {
		live = append(live, Alloc(72))
	}
	for i, p := range live {
		if i%16 != 0 {
			Free(p)
		}
	}
	_, ok := DefragBegin()
	require.True(t, ok)
	DefragEnd()
	before := Active()
	var again []unsafe.Pointer
	for range 40000 {
		again = append(again, Alloc(72))
	}
	require.Equal(t, before, Active())
	for i, p := range live {
		if i%16 == 0 {
			Free(p)
		}
	}
	for _, p := range again {
		Free(p)
	}
}

func TestPurge(t *testing.T) {
	p := Alloc(500 << 10)
	fill(p, 500<<10, 1)
	Free(p)
	Purge()
	require.Equal(t, Active(), Reserved())
	q := AllocZero(500 << 10)
	for _, c := range Bytes(q, 500<<10) {
		require.Zero(t, c)
	}
	Free(q)
}
