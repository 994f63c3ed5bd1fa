package quicklist

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"berth/keyspace/listpack"
	"berth/keyspace/mem"
)

// check walks the whole list: counters and links agree, and the elements are the model's in both directions.
func check(t *testing.T, l *List, m []string) {
	t.Helper()
	count, nodes := 0, 0
	var prev *node
	for n := l.head; n != nil; prev, n = n, n.next {
		require.Equal(t, prev, n.prev)
		require.NotZero(t, n.count)
		if n.plain {
			require.EqualValues(t, 1, n.count)
		} else {
			require.Equal(t, listpack.Size(n.data), int(n.size))
			require.Equal(t, listpack.Len(n.data), int(n.count))
		}
		nodes++
		count += int(n.count)
	}
	require.Equal(t, prev, l.tail)
	require.Equal(t, count, l.Len())
	require.Equal(t, nodes, l.Nodes())
	require.Equal(t, len(m), l.Len())
	var sc listpack.Scratch
	i := 0
	for p := l.First(); p.Valid(); p = p.Next() {
		require.Equal(t, m[i], string(p.Bytes(&sc)))
		i++
	}
	for p := l.Last(); p.Valid(); p = p.Prev() {
		i--
		require.Equal(t, m[i], string(p.Bytes(&sc)))
	}
	require.Zero(t, i)
}

func elem(big bool) string {
	switch rand.IntN(12) {
	case 0:
		return strings.Repeat("b", rand.IntN(3000))
	case 1:
		if big {
			return strings.Repeat("L", 4000+rand.IntN(8000))
		}
	case 2, 3, 4:
		return strconv.Itoa(rand.Int() >> rand.IntN(63))
	}
	return "e" + strconv.Itoa(rand.IntN(1000))
}

func TestAgainstSlice(t *testing.T) {
	used := mem.Used()
	for _, fill := range []int{-2, -1, 1, 5, 0, 128} {
		for range 4 {
			l := New(fill)
			var m []string
			for step := range 250 {
				e := elem(true)
				b := []byte(e)
				i := 0
				if len(m) > 0 {
					i = rand.IntN(len(m))
				}
				at := i
				if rand.IntN(2) == 0 {
					at -= len(m)
				}
				switch op := rand.IntN(12); {
				case op < 2 || len(m) == 0:
					l.PushHead(b)
					m = append([]string{e}, m...)
				case op < 4:
					l.PushTail(b)
					m = append(m, e)
				case op == 4 || op == 5:
					l.InsertAfter(l.Index(at), b)
					m = slices.Insert(m, i+1, e)
				case op == 6 || op == 7:
					l.InsertBefore(l.Index(at), b)
					m = slices.Insert(m, i, e)
				case op == 8:
					p := l.Replace(l.Index(at), b)
					require.True(t, p.Equal(b))
					m[i] = e
				case op == 9:
					next, prev := l.Delete(l.Index(at))
					m = slices.Delete(m, i, i+1)
					require.Equal(t, i < len(m), next.Valid())
					require.Equal(t, i > 0, prev.Valid())
					if next.Valid() {
						require.True(t, next.Equal([]byte(m[i])))
					}
					if prev.Valid() {
						require.True(t, prev.Equal([]byte(m[i-1])))
					}
				case op == 10 && step%4 == 0:
					n := rand.IntN(len(m))
					want := min(n, len(m)-i)
					require.Equal(t, want, l.DeleteRange(at, n))
					m = slices.Delete(m, i, i+want)
				case op == 11 && step%8 == 0:
					d := l.Dup()
					l.Free()
					l = d
				}
				check(t, l, m)
			}
			require.False(t, l.Index(len(m)).Valid())
			require.False(t, l.Index(-len(m)-1).Valid())
			for i, e := range m {
				require.True(t, l.Index(i).Equal([]byte(e)))
				mt := NewMatcher([]byte(e))
				require.True(t, mt.Match(l.Index(i-len(m)).Get()))
			}
			l.Free()
		}
	}
	require.Equal(t, used, mem.Used())
}

// Node counts as DEBUG OBJECT of redis-server 8.0.2 shows them for the same steps.
func TestNodesAsRedis(t *testing.T) {
	l := New(10)
	for i := 1; i <= 30; i++ {
		l.PushTail([]byte(strconv.Itoa(i)))
	}
	find := func(s string) Pos {
		p := l.First()
		for !p.Equal([]byte(s)) {
			p = p.Next()
		}
		return p
	}
	require.Equal(t, 3, l.Nodes())
	for i, at := range []string{"15", "15", "1"} {
		l.InsertBefore(find(at), []byte("x"))
		require.Equal(t, []int{4, 4, 5}[i], l.Nodes())
	}
	for range 3 {
		l.Delete(find("x"))
	}
	require.Equal(t, 4, l.Nodes())
	l.InsertBefore(find("25"), []byte("x"))
	require.Equal(t, 5, l.Nodes())
	require.Equal(t, 98, l.DataSize())
	l.Free()
}

func TestListpackWithTooManyElements(t *testing.T) {
	lp := listpack.New(0)
	for i := range 70000 {
		lp = listpack.AppendInt(lp, int64(i))
	}
	l := FromListpack(-2, lp)
	require.Equal(t, 70000, l.Len())
	require.True(t, l.Index(69999).Equal([]byte("69999")))
	l.Free()
}

func BenchmarkPushTail(b *testing.B) {
	l := New(-2)
	v := []byte("value:1234567890")
	for b.Loop() {
		l.PushTail(v)
	}
	b.ReportMetric(float64(l.MemUsage(0))/float64(l.Len()), "B/elem")
	l.Free()
}

// Node counts and bytes as DEBUG OBJECT of redis-server 8.0.2 shows them for the same LSETs.
func TestReplaceAsRedis(t *testing.T) {
	used := mem.Used()
	l := New(-2)
	for range 75 {
		l.PushTail([]byte(strings.Repeat("a", 100)))
	}
	l.PushTail([]byte(strings.Repeat("a", 8000)))
	l.PushTail([]byte("b"))
	for _, c := range []struct{ size, nodes, bytes int }{{100, 2, 15749}, {2000, 2, 17650}, {1, 2, 15649}, {8193, 4, 23846}} {
		l.Replace(l.Index(5), []byte(strings.Repeat("x", c.size)))
		require.Equal(t, c.nodes, l.Nodes())
		require.Equal(t, c.bytes, l.DataSize())
	}
	// A plain node's element that becomes small joins the next node.
	l.Replace(l.Index(5), []byte("small"))
	require.Equal(t, 3, l.Nodes())
	require.Equal(t, 77, l.Len())
	l.Free()
	require.Equal(t, used, mem.Used())
}
