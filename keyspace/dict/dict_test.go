package dict

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"berth/keyspace/mem"
)

const testOff = 3

func elem(key string) unsafe.Pointer {
	p := mem.Alloc(testOff + KeyHeaderSize(len(key)))
	PutKey(unsafe.Add(p, testOff), []byte(key))
	return p
}

func keyOf(p unsafe.Pointer) string { return string(KeyAt(unsafe.Add(p, testOff))) }

func newTest(t testing.TB) *Dict {
	check := mem.LeakCheck(t.Errorf)
	d := New(testOff)
	t.Cleanup(func() {
		d.Free(mem.Free)
		check()
	})
	return d
}

func (d *Dict) verify(t *testing.T, model map[string]unsafe.Pointer) {
	t.Helper()
	require.Equal(t, len(model), d.Len())
	for k, p := range model {
		if d.Find([]byte(k)) != p {
			t.Fatalf("%q is lost", k)
		}
	}
	seen := map[string]bool{}
	it := d.Iter()
	for p := it.Next(); p != nil; p = it.Next() {
		k := keyOf(p)
		if seen[k] || model[k] != p {
			t.Fatalf("%q is iterated twice, or shouldn't be there", k)
		}
		seen[k] = true
	}
	it.Close()
	require.Len(t, seen, len(model))
	used, chains := 0, 0
	for _, st := range d.Stats(true) {
		used += st.Used
		chains += st.Chained
	}
	require.Equal(t, len(model), used)
	require.Equal(t, d.chains[0]+d.chains[1], chains)
}

// TestModel compares random operations with a Go map's.
func TestModel(t *testing.T) {
	for round := range 6 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			d := newTest(t)
			r := rand.New(rand.NewPCG(uint64(round), 1))
			model := map[string]unsafe.Pointer{}
			space := []int{5, 40, 1000, 30000, 30000, 30000}[round]
			for i := range 60000 {
				// Grow and shrink in turns.
				insert := r.IntN(10) < []int{7, 2}[i/15000%2]
				k := fmt.Sprint("key:", r.IntN(space))
				p := model[k]
				if d.Find([]byte(k)) != p {
					t.Fatalf("step %d: Find(%q)", i, k)
				}
				switch {
				case insert && p == nil:
					p = elem(k)
					d.Insert(p)
					model[k] = p
				case insert:
					q := elem(k)
					require.True(t, d.Replace(p, q))
					mem.Free(p)
					model[k] = q
				default:
					if q := d.Delete([]byte(k)); q != p {
						t.Fatalf("step %d: Delete(%q)", i, k)
					}
					mem.Free(p)
					delete(model, k)
				}
				switch r.IntN(4000) {
				case 0:
					d.PauseResize()
				case 1, 2:
					if d.paused > 0 {
						d.ResumeResize()
					}
				case 3:
					d.Expand(r.IntN(2 * space))
				case 4:
					d.RehashFor(time.Millisecond)
				}
			}
			d.verify(t, model)
			for d.paused > 0 {
				d.ResumeResize()
			}
			d.verify(t, model)
		})
	}
}

func TestReplaceMissing(t *testing.T) {
	d := newTest(t)
	p, q := elem("a"), elem("a")
	defer mem.Free(q)
	d.Insert(p)
	require.False(t, d.Replace(q, q))
	require.Equal(t, p, d.Find([]byte("a")))
}

func TestLongKeys(t *testing.T) {
	d := newTest(t)
	for _, n := range []int{0, 1, 127, 128, 129, 70000} {
		k := string(make([]byte, n))
		d.Insert(elem(k))
		require.Equal(t, k, keyOf(d.Find([]byte(k))))
		require.Equal(t, KeyHeaderSize(n), HeaderSizeAt(unsafe.Add(d.Find([]byte(k)), testOff)))
	}
	require.Equal(t, 6, d.Len())
}

// TestScanGuarantee: what is there from the start to the end of a scan is seen, while the
// table grows or shrinks under it.
func TestScanGuarantee(t *testing.T) {
	for round := range 40 {
		d := newTest(t)
		r := rand.New(rand.NewPCG(uint64(round), 2))
		n := 50 + r.IntN(3000)
		stay := map[string]bool{}
		var others []string
		for i := range n {
			k := fmt.Sprint("k", i)
			d.Insert(elem(k))
			if r.IntN(10) == 0 {
				stay[k] = true
			} else {
				others = append(others, k)
			}
		}
		growing := round%2 == 0
		for cursor := uint64(0); ; {
			cursor = d.Scan(cursor, func(p unsafe.Pointer) { delete(stay, keyOf(p)) })
			if cursor == 0 {
				break
			}
			for range r.IntN(60) {
				if growing && d.Len() < 50*n {
					d.Insert(elem(fmt.Sprint("new", d.Len())))
				} else if !growing && len(others) > 0 {
					mem.Free(d.Delete([]byte(others[len(others)-1])))
					others = others[:len(others)-1]
				}
			}
		}
		require.Empty(t, stay, "round %d", round)
	}
}

// TestScanDeletes: the callback may delete what it is given.
func TestScanDeletes(t *testing.T) {
	d := newTest(t)
	for i := range 5000 {
		d.Insert(elem(fmt.Sprint(i)))
	}
	for d.Len() > 0 {
		cursor := uint64(0)
		for {
			cursor = d.Scan(cursor, func(p unsafe.Pointer) {
				d.Delete(KeyAt(unsafe.Add(p, testOff)))
				mem.Free(p)
			})
			if cursor == 0 {
				break
			}
		}
	}
	d.RehashFor(time.Second)
	d.RehashFor(time.Second)
	require.Less(t, d.MemUsage(), 4096)
}

func TestIterDeletes(t *testing.T) {
	d := newTest(t)
	for i := range 5000 {
		d.Insert(elem(fmt.Sprint(i)))
	}
	it := d.Iter()
	n := 0
	for p := it.Next(); p != nil; p = it.Next() {
		n++
		d.Delete(KeyAt(unsafe.Add(p, testOff)))
		mem.Free(p)
	}
	it.Close()
	require.Equal(t, 5000, n)
	require.Zero(t, d.Len())
}

// TestBoundedWork: no operation moves more than one chain, whatever the size.
func TestBoundedWork(t *testing.T) {
	d := newTest(t)
	const n = 300000
	before, worst := 0, 0
	note := func() {
		worst = max(worst, d.moved-before)
		before = d.moved
	}
	for i := range n {
		d.Insert(elem(fmt.Sprint(i)))
		note()
	}
	for i := range n {
		mem.Free(d.Delete([]byte(fmt.Sprint(i))))
		note()
	}
	require.Positive(t, worst)
	require.LessOrEqual(t, worst, 16, "chains moved by one operation")
	require.Less(t, d.MemUsage(), 64<<10, "the table did not shrink")
}

// TestFill: growing keeps chains short, and the table never takes much more than its
// elements need.
func TestFill(t *testing.T) {
	d := newTest(t)
	for i := range 200000 {
		d.Insert(elem(fmt.Sprint(i)))
		if i > 1000 && !d.Rehashing() {
			perKey := float64(d.MemUsage()) / float64(d.Len())
			if perKey > 20 {
				t.Fatalf("%d elements: %.1f bytes per element", d.Len(), perKey)
			}
			require.GreaterOrEqual(t, d.Slots(), d.Len())
		}
	}
	for _, st := range d.Stats(true) {
		require.Less(t, st.MaxLen, 40)
	}
}

func TestRandom(t *testing.T) {
	d := newTest(t)
	require.Nil(t, d.Random())
	require.Nil(t, d.FairRandom())
	const n = 100
	for i := range n {
		d.Insert(elem(fmt.Sprint(i)))
	}
	for _, f := range []func() unsafe.Pointer{d.Random, d.FairRandom} {
		hits := map[string]int{}
		for range 200 * n {
			hits[keyOf(f())]++
		}
		require.Len(t, hits, n)
		for k, c := range hits {
			require.Greater(t, c, 20, k)
		}
	}
	// All but one gone, with resizing paused: still found.
	d.PauseResize()
	for i := 1; i < n; i++ {
		mem.Free(d.Delete([]byte(fmt.Sprint(i))))
	}
	require.Equal(t, "0", keyOf(d.Random()))
	require.Equal(t, "0", keyOf(d.FairRandom()))
	d.ResumeResize()
}

func TestSample(t *testing.T) {
	d := newTest(t)
	for i := range 3000 {
		d.Insert(elem(fmt.Sprint(i)))
		if i%50 == 0 {
			var some [30]unsafe.Pointer
			n := d.Sample(some[:])
			require.LessOrEqual(t, n, d.Len())
			seen := map[unsafe.Pointer]bool{}
			for _, p := range some[:n] {
				require.False(t, seen[p], "sampled twice")
				seen[p] = true
			}
		}
	}
}

// FuzzDict runs operations taken from the input beside a map.
func FuzzDict(f *testing.F) {
	f.Add([]byte("\x00\x01\x00\x02\x01\x01\x02\x00"))
	f.Add([]byte("\x00\x01\x00\x02\x00\x03\x00\x04\x00\x05\x00\x06\x00\x07\x00\x08\x00\x09\x01\x03\x01\x09\x03\x00"))
	f.Fuzz(func(t *testing.T, ops []byte) {
		d := newTest(t)
		model := map[string]unsafe.Pointer{}
		for ; len(ops) >= 2; ops = ops[2:] {
			k := fmt.Sprint(ops[1])
			p := model[k]
			switch ops[0] % 6 {
			case 0, 4:
				if p == nil {
					model[k] = elem(k)
					d.Insert(model[k])
				}
			case 1:
				if d.Delete([]byte(k)) != p {
					t.Fatalf("Delete(%q)", k)
				}
				mem.Free(p)
				delete(model, k)
			case 2:
				d.PauseResize()
			case 3:
				if d.paused > 0 {
					d.ResumeResize()
				}
			case 5:
				d.RehashSteps(int(ops[1]))
			}
		}
		d.verify(t, model)
	})
}

func BenchmarkFind(b *testing.B) {
	for _, n := range []int{1000, 1000000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			d := newTest(b)
			var key [16]byte
			for i := range n {
				binary.LittleEndian.PutUint64(key[:], uint64(i))
				d.Insert(elem(string(key[:])))
			}
			r := rand.New(rand.NewPCG(1, 1))
			for b.Loop() {
				binary.LittleEndian.PutUint64(key[:], r.Uint64N(uint64(n)))
				if d.Find(key[:]) == nil {
					b.Fatal("not found")
				}
			}
		})
	}
}
