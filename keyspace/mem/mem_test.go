package mem

import (
	"math/rand/v2"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// fill writes a pattern that depends on the block, to find blocks that overlap.
func fill(p unsafe.Pointer, n int, seed byte) {
	b := Bytes(p, n)
	for i := range b {
		b[i] = seed + byte(i)
	}
}

func checkFill(t *testing.T, p unsafe.Pointer, n int, seed byte) {
	t.Helper()
	for i, c := range Bytes(p, n) {
		if c != seed+byte(i) {
			t.Fatalf("byte %d of a block of %d changed", i, n)
		}
	}
}

func randomSize(r *rand.Rand) int {
	switch r.IntN(20) {
	case 0:
		return r.IntN(3 << 20)
	case 1, 2:
		return r.IntN(200 << 10)
	case 3, 4, 5:
		return r.IntN(20 << 10)
	default:
		return r.IntN(300)
	}
}

// TestRandom allocates, resizes and frees at random; content must survive, and
// everything must be accounted.
func TestRandom(t *testing.T) {
	defer LeakCheck(t.Errorf)()
	r := rand.New(rand.NewPCG(1, 2))
	type block struct {
		p    unsafe.Pointer
		n    int
		seed byte
	}
	var live []block
	base, sum := Used(), 0
	for i := range 10000 {
		switch {
		case len(live) < 300 && r.IntN(5) < 3:
			n := randomSize(r)
			b := block{n: n, seed: byte(i)}
			if r.IntN(3) == 0 {
				b.p = AllocZero(n)
				for k, c := range Bytes(b.p, n) {
					if c != 0 {
						t.Fatalf("byte %d of AllocZero(%d) is %d", k, n, c)
					}
				}
			} else {
				b.p = Alloc(n)
			}
			require.Zero(t, uintptr(b.p)%8)
			require.GreaterOrEqual(t, Usable(b.p), n)
			sum += Usable(b.p)
			fill(b.p, n, b.seed)
			live = append(live, b)
		case len(live) > 0 && r.IntN(3) == 0:
			k := r.IntN(len(live))
			b := &live[k]
			n := randomSize(r)
			sum -= Usable(b.p)
			b.p = Realloc(b.p, n)
			sum += Usable(b.p)
			checkFill(t, b.p, min(n, b.n), b.seed)
			b.n = n
			fill(b.p, n, b.seed)
		case len(live) > 0:
			k := r.IntN(len(live))
			b := live[k]
			checkFill(t, b.p, b.n, b.seed)
			sum -= Usable(b.p)
			Free(b.p)
			live[k] = live[len(live)-1]
			live = live[:len(live)-1]
		}
		if Used()-base != sum {
			t.Fatalf("step %d: Used() is off by %d", i, Used()-base-sum)
		}
	}
	for _, b := range live {
		checkFill(t, b.p, b.n, b.seed)
		Free(b.p)
	}
}

func TestConcurrent(t *testing.T) {
	defer LeakCheck(t.Errorf)()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 7))
			var live []unsafe.Pointer
			for range 20000 {
				if len(live) < 100 && r.IntN(2) == 0 {
					p := Alloc(r.IntN(5000))
					*(*byte)(p) = byte(g)
					live = append(live, p)
				} else if len(live) > 0 {
					p := live[len(live)-1]
					live = live[:len(live)-1]
					if *(*byte)(p) != byte(g) {
						t.Error("a block has two owners")
					}
					Free(p)
				}
			}
			for _, p := range live {
				Free(p)
			}
		})
	}
	wg.Wait()
}

func TestFreeNil(t *testing.T) {
	defer LeakCheck(t.Errorf)()
	Free(nil)
	p := Realloc(nil, 10)
	require.NotNil(t, p)
	Free(p)
	Free(Alloc(0))
}

func TestDiscard(t *testing.T) {
	n := 1 << 20
	p := Alloc(n)
	defer Free(p)
	fill(p, n, 1)
	Discard(p, 100, n-200)
	for i, c := range Bytes(p, n) {
		if i < 100 || i >= n-100 {
			if c != byte(1+i) {
				t.Fatalf("byte %d lost", i)
			}
		} else if c != 0 {
			t.Fatalf("byte %d not discarded", i)
		}
	}
}

func TestLeakCheckReports(t *testing.T) {
	var said string
	check := LeakCheck(func(f string, _ ...any) { said = f })
	p := Alloc(10)
	check()
	require.NotEmpty(t, said)
	Free(p)
	said = ""
	check()
	require.Empty(t, said)
}
