//go:build !asan

package mem

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestClasses(t *testing.T) {
	prev := uintptr(0)
	for c := range uintptr(numClasses) {
		size := classSize(c)
		require.Greater(t, size, prev)
		require.Equal(t, c, classOf(size), "class of %d", size)
		require.Equal(t, c, classOf(prev+1), "class of %d", prev+1)
		slab := slabPages(size) << pageShift
		require.GreaterOrEqual(t, slab/size, uintptr(8))
		require.LessOrEqual(t, slab%size, slab/32)
		prev = size
	}
	require.EqualValues(t, maxSmall, prev)
	require.Equal(t, 56, UsableFor(56))
	require.Equal(t, 144, UsableFor(129))
	require.Equal(t, 36<<10, UsableFor(maxSmall+1))
}

// TestGivesBack: what is freed doesn't stay resident.
func TestGivesBack(t *testing.T) {
	// Other tests may have left pages that will serve the first of these.
	before := Reserved()
	var ps []unsafe.Pointer
	for range 1000 {
		for _, n := range []int{64, 5000, 100 << 10} {
			p := Alloc(n)
			fill(p, n, 1)
			ps = append(ps, p)
		}
	}
	full := Reserved()
	require.Greater(t, full, 100<<20)
	for _, p := range ps {
		Free(p)
	}
	require.Less(t, Reserved(), max(before, full-100<<20)+dirtyFloor+4<<20)
}

// TestChurn: large values that come and go reuse their pages.
func TestChurn(t *testing.T) {
	Free(Alloc(100 << 10))
	before := Reserved()
	for range 100 {
		p := Alloc(100 << 10)
		fill(p, 100<<10, 3)
		Free(p)
	}
	require.LessOrEqual(t, Reserved(), before+1<<20)
}

func TestGrowsInPlace(t *testing.T) {
	p := Alloc(40 << 20)
	Free(p)
	p = Alloc(1 << 20)
	q := Realloc(p, 8<<20)
	require.Equal(t, 8<<20, Usable(q))
	q2 := Realloc(q, 2<<20)
	require.Equal(t, q, q2)
	require.Equal(t, 2<<20, Usable(q2))
	Free(q2)
}

func TestHugeZeroIsLazy(t *testing.T) {
	res := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			Free(AllocZero(1 << 30))
		}
	})
	require.Less(t, res.NsPerOp(), int64(20_000_000), "AllocZero(1 GiB) touches its memory")
}

func BenchmarkAllocFree64(b *testing.B) {
	for b.Loop() {
		Free(Alloc(64))
	}
}

func BenchmarkAlloc64(b *testing.B) {
	ps := make([]unsafe.Pointer, b.N)
	b.ResetTimer()
	for i := range ps {
		ps[i] = Alloc(56)
	}
	b.StopTimer()
	for _, p := range ps {
		Free(p)
	}
}

func BenchmarkChurn20K(b *testing.B) {
	for b.Loop() {
		p := Alloc(20 << 10)
		*(*byte)(p) = 1
		Free(p)
	}
}

func BenchmarkChurn200K(b *testing.B) {
	for b.Loop() {
		p := Alloc(200 << 10)
		*(*byte)(p) = 1
		Free(p)
	}
}
