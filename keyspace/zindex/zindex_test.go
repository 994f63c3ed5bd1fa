package zindex

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"berth/keyspace/dict"
	"berth/keyspace/mem"
)

func newElem(score float64, member string) unsafe.Pointer {
	p := mem.Alloc(KeyOff + dict.KeyHeaderSize(len(member)))
	*(*float64)(p) = score
	dict.PutKey(unsafe.Add(p, KeyOff), []byte(member))
	return p
}

type elem struct {
	score  float64
	member string
	p      uintptr
}

func (e elem) ptr() unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&e.p)) }

func compare(a, b elem) int {
	if a.score != b.score {
		if a.score < b.score {
			return -1
		}
		return 1
	}
	return bytes.Compare([]byte(a.member), []byte(b.member))
}

// checkNode verifies counts and smallest elements below a node and returns its number of elements.
func checkNode(t *testing.T, p unsafe.Pointer, h int, root bool) (n int, leaves int) {
	if h == 0 {
		l := (*leaf)(p)
		if !root {
			require.NotZero(t, l.n)
		}
		for i := range l.n {
			require.Equal(t, Score(l.at(i)), l.score[i])
		}
		return l.n, 1
	}
	in := (*inner)(p)
	require.NotZero(t, in.n)
	for i := range in.n {
		c, lv := checkNode(t, in.node(i), h-1, false)
		require.Equal(t, c, in.count[i])
		n += c
		leaves += lv
		q := in.node(i)
		for k := h - 1; k > 0; k-- {
			q = (*inner)(q).node(0)
		}
		require.Equal(t, (*leaf)(q).elem[0], in.elem[i])
		require.Equal(t, (*leaf)(q).score[0], in.score[i])
	}
	return n, leaves
}

func check(t *testing.T, x *Index, m []elem) {
	t.Helper()
	n, leaves := checkNode(t, x.root, x.height, true)
	require.Equal(t, len(m), n)
	require.Equal(t, len(m), x.Len())
	linked := 0
	for l := x.first; l != nil; l = l.next {
		linked++
	}
	require.Equal(t, leaves, linked)
	i := 0
	for p := x.First(); p.Valid(); p = p.Next() {
		require.Equal(t, m[i].p, uintptr(p.Elem()))
		i++
	}
	require.Equal(t, len(m), i)
	for p := x.Last(); p.Valid(); p = p.Prev() {
		i--
		require.Equal(t, m[i].p, uintptr(p.Elem()))
	}
	require.Zero(t, i)
}

func TestAgainstSortedSlice(t *testing.T) {
	used := mem.Used()
	for round, scores := range []int{1, 3, 100, 1 << 30, 1 << 30} {
		x := New()
		var m []elem
		seen := map[string]bool{}
		add := func(s float64, member string) {
			e := elem{s, member, uintptr(newElem(s, member))}
			i, _ := slices.BinarySearchFunc(m, e, compare)
			m = slices.Insert(m, i, e)
			x.Insert(e.ptr())
			seen[member] = true
		}
		grow := true
		for step := range 12000 {
			if len(m) > 4000 {
				grow = false
			} else if len(m) < 5 {
				grow = true
			}
			op := rand.IntN(10)
			if !grow {
				op = 9 - op
			}
			switch {
			case op < 5:
				member := strconv.Itoa(rand.IntN(1000000))
				if round == 4 {
					member = fmt.Sprintf("%08d", step)
				}
				if !seen[member] {
					s := float64(rand.IntN(scores))
					if round == 4 {
						s = float64(step)
					}
					add(s, member)
				}
			case len(m) == 0:
			case op < 7:
				i := rand.IntN(len(m))
				s := float64(rand.IntN(scores))
				if rand.IntN(2) == 0 {
					s = m[i].score + .25
				}
				x.Update(m[i].ptr(), s)
				e := m[i]
				e.score = s
				m = slices.Delete(m, i, i+1)
				i, _ = slices.BinarySearchFunc(m, e, compare)
				m = slices.Insert(m, i, e)
			case op < 9:
				i := rand.IntN(len(m))
				require.True(t, x.Delete(m[i].ptr()))
				mem.Free(m[i].ptr())
				delete(seen, m[i].member)
				m = slices.Delete(m, i, i+1)
			default:
				if step%50 != 0 {
					break
				}
				i, n := rand.IntN(len(m)), rand.IntN(400)
				want := min(n, len(m)-i)
				k := i
				require.Equal(t, want, x.DeleteRange(i, n, func(p unsafe.Pointer) {
					require.Equal(t, m[k].p, uintptr(p))
					mem.Free(p)
					k++
				}))
				for _, e := range m[i : i+want] {
					delete(seen, e.member)
				}
				m = slices.Delete(m, i, i+want)
			}
			if step%500 == 0 {
				check(t, x, m)
			}
			if len(m) > 0 {
				i := rand.IntN(len(m))
				require.Equal(t, i, x.Rank(m[i].ptr()))
				require.Equal(t, m[i].p, uintptr(x.At(i).Elem()))
				lo, _ := slices.BinarySearchFunc(m, elem{score: m[i].score}, compare)
				_, r := x.SeekScore(m[i].score, false)
				require.Equal(t, lo, r)
				p, r := x.SeekScore(m[i].score, true)
				for lo < len(m) && m[lo].score == m[i].score {
					lo++
				}
				require.Equal(t, lo, r)
				require.Equal(t, lo < len(m), p.Valid())
				if scores == 1 && m[0].score == m[len(m)-1].score {
					p, r = x.SeekMember([]byte(m[i].member), false)
					require.Equal(t, i, r)
					require.Equal(t, m[i].p, uintptr(p.Elem()))
					_, r = x.SeekMember([]byte(m[i].member), true)
					require.Equal(t, i+1, r)
				}
			}
		}
		require.False(t, x.At(len(m)).Valid())
		require.Equal(t, len(m), x.DeleteRange(0, 1<<40, mem.Free))
		check(t, x, nil)
		x.Insert(newElem(1, "again"))
		mem.Free(x.First().Elem())
		x.Free()
	}
	require.Equal(t, used, mem.Used())
}

func fill(n int, sorted bool) (*Index, []unsafe.Pointer) {
	x := New()
	ps := make([]unsafe.Pointer, n)
	for i := range ps {
		s := rand.Float64()
		if sorted {
			s = float64(i)
		}
		ps[i] = newElem(s, "member:"+strconv.Itoa(i))
		x.Insert(ps[i])
	}
	return x, ps
}

func BenchmarkInsertRandom(b *testing.B) {
	const n = 200000
	x, ps := fill(n, false)

	for i := 0; b.Loop(); i++ {
		p := ps[i%n]
		x.Delete(p)
		x.Insert(p)
	}
	b.ReportMetric(float64(x.MemUsage())/n, "B/member")
}

func BenchmarkRankSorted(b *testing.B) {
	const n = 200000
	x, ps := fill(n, true)

	for i := 0; b.Loop(); i++ {
		x.Rank(ps[i*7919%n])
	}
	b.ReportMetric(float64(x.MemUsage())/n, "B/member")
}

func BenchmarkRange100(b *testing.B) {
	const n = 200000
	x, _ := fill(n, false)
	sum := 0
	for i := 0; b.Loop(); i++ {
		p := x.At(i * 7919 % (n - 100))
		for range 100 {
			sum += len(Member(p.Elem()))
			p = p.Next()
		}
	}
}
