package keyspace

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

type scored struct {
	member string
	score  float64
}

func sorted(m map[string]float64) []scored {
	var out []scored
	for k, v := range m {
		out = append(out, scored{k, v})
	}
	slices.SortFunc(out, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.member, b.member))
	})
	return out
}

func walk(it ZSetIter) (out []scored) {
	for it.Next() {
		out = append(out, scored{string(it.Member()), it.Score()})
	}
	return out
}

func reversed(s []scored) []scored {
	s = slices.Clone(s)
	slices.Reverse(s)
	return s
}

func TestZSetAgainstMap(t *testing.T) {
	db := testDB(t, smallLimits())
	seen := map[Encoding]bool{}
	for round := range 40 {
		e := db.CreateContainer([]byte("z"), ZSet)
		m := map[string]float64{}
		span := 8 + round%4*100
		same := round%5 == 0 // all scores equal, for ranges of members
		score := func() float64 {
			if same {
				return 1
			}
			return []float64{rand.NormFloat64(), float64(rand.IntN(5)), math.Inf(1), math.Inf(-1), 1e20, 0.1}[rand.IntN(6)]
		}
		var sc Scratch
		for step := range 250 {
			k := randText(span)
			cur, had := m[k]
			s := score()
			switch rand.IntN(10) {
			case 0, 1, 2, 3:
				flags := ZAddFlags(0)
				if !same && rand.IntN(2) == 0 {
					flags = ZAddFlags(rand.IntN(32))
				}
				want := s
				var r ZAddResult
				switch {
				case !had && flags&ZAddXX != 0, had && flags&ZAddNX != 0:
					r = ZAddNop
				case !had:
					r = ZAddAdded
				default:
					if flags&ZAddIncr != 0 {
						want += cur
					}
					switch {
					case want != want:
						r = ZAddNaN
					case flags&ZAddGT != 0 && want <= cur, flags&ZAddLT != 0 && want >= cur:
						r = ZAddNop
					case want == cur:
						r = ZAddSame
					default:
						r = ZAddUpdated
					}
				}
				got, gr := ZSetAdd(db, e, s, []byte(k), flags)
				require.Equal(t, r, gr)
				if r != ZAddNop && r != ZAddNaN {
					require.Equal(t, want, got)
					m[k] = want
				}
			case 4:
				require.Equal(t, had, ZSetRemove(db, e, []byte(k)))
				delete(m, k)
			case 5:
				all := sorted(m)
				high := rand.IntN(2) == 0
				got, s, ok := ZSetPop(db, e, high, nil)
				require.Equal(t, len(all) > 0, ok)
				if ok {
					want := all[0]
					if high {
						want = all[len(all)-1]
					}
					require.Equal(t, want, scored{string(got), s})
					delete(m, want.member)
				}
			case 6:
				if step%5 != 0 || len(m) == 0 {
					break
				}
				all := sorted(m)
				i := rand.IntN(len(all))
				j := min(len(all)-1, i+rand.IntN(5))
				switch rand.IntN(3) {
				case 0:
					require.Equal(t, j-i+1, ZSetRemoveRangeByRank(db, e, i, j))
				case 1:
					r := ZRangeSpec{Min: all[i].score, Max: all[j].score}
					n := 0
					for _, x := range all {
						if r.Contains(x.score) {
							delete(m, x.member)
							n++
						}
					}
					require.Equal(t, n, ZSetRemoveRangeByScore(db, e, &r))
					all = nil
				default:
					if !same {
						all = nil
						break
					}
					r := ZLexRangeSpec{ZLexBound{Value: []byte(all[i].member)}, ZLexBound{Value: []byte(all[j].member)}}
					require.Equal(t, j-i+1, ZSetRemoveRangeByLex(db, e, &r))
				}
				if all != nil {
					for _, x := range all[i : j+1] {
						delete(m, x.member)
					}
				}
			case 7:
				got := map[string]float64{}
				for cursor := uint64(0); ; {
					cursor = ZSetScan(e, cursor, func(k []byte, s float64) { got[string(k)] = s })
					if cursor == 0 {
						break
					}
				}
				require.Equal(t, m, got)
				d := dupCheck(t, e)
				require.Equal(t, sorted(m), walk(NewZSetRankIter(d, 0, len(m)-1, false)))
				FreeDetached(d)
			case 8:
				if len(m) > 0 {
					k, s := ZSetRandom(e, &sc)
					require.Equal(t, m[string(k)], s)
				}
				got := map[string]float64{}
				ZSetRandomMany(e, len(m)/2, func(k []byte, s float64) { got[string(k)] = s })
				require.Len(t, got, len(m)/2)
				for k, s := range got {
					require.Equal(t, m[k], s)
				}
			default:
				checkRanges(t, e, sorted(m), same)
			}
			want, has := m[k]
			got, ok := ZSetScore(e, []byte(k))
			require.Equal(t, has, ok)
			require.Equal(t, want, got)
			require.Equal(t, len(m), ZSetLen(e))
			rank, _, ok := ZSetRank(e, []byte(k), false)
			rrank, s, _ := ZSetRank(e, []byte(k), true)
			require.Equal(t, has, ok)
			if has {
				at := slices.Index(sorted(m), scored{k, want})
				require.Equal(t, at, rank)
				require.Equal(t, len(m)-1-at, rrank)
				require.Equal(t, want, s)
			}
			seen[e.Encoding()] = true
		}
		require.Equal(t, len(m) == 0, db.DeleteIfEmpty(e))
		db.Delete([]byte("z"))
	}
	require.Len(t, seen, 2)
}

func checkRanges(t *testing.T, e *Entry, all []scored, same bool) {
	require.Equal(t, all, walk(NewZSetRankIter(e, 0, len(all)-1, false)))
	require.Equal(t, reversed(all), walk(NewZSetRankIter(e, 0, len(all)-1, true)))
	if len(all) == 0 {
		return
	}
	a, b := all[rand.IntN(len(all))], all[rand.IntN(len(all))]
	var want []scored
	if same {
		r := ZLexRangeSpec{ZLexBound{Value: []byte(a.member), Ex: rand.IntN(2) == 0}, ZLexBound{Value: []byte(b.member), Ex: rand.IntN(2) == 0}}
		if rand.IntN(4) == 0 {
			r.Min = ZLexBound{Inf: int8(rand.IntN(2)*2 - 1)}
		}
		if rand.IntN(4) == 0 {
			r.Max = ZLexBound{Inf: int8(rand.IntN(2)*2 - 1)}
		}
		for _, x := range all {
			if !r.Empty() && r.Contains([]byte(x.member)) {
				want = append(want, x)
			}
		}
		require.Equal(t, len(want), ZSetLexCount(e, &r))
		require.Equal(t, want, walk(NewZSetLexIter(e, &r, false)))
		require.Equal(t, reversed(want), walk(NewZSetLexIter(e, &r, true)))
		return
	}
	r := ZRangeSpec{Min: a.score, Max: b.score, MinEx: rand.IntN(2) == 0, MaxEx: rand.IntN(2) == 0}
	for _, x := range all {
		if r.Contains(x.score) {
			want = append(want, x)
		}
	}
	require.Equal(t, len(want), ZSetCount(e, &r))
	require.Equal(t, want, walk(NewZSetScoreIter(e, &r, false)))
	require.Equal(t, reversed(want), walk(NewZSetScoreIter(e, &r, true)))

	// Forth, back, and with a leap.
	it := NewZSetScoreIter(e, &r, false)
	require.Equal(t, len(want), it.Len())
	it.Skip(1)
	for i := 1; i < len(want); i++ {
		require.True(t, it.Next())
		require.Equal(t, want[i].member, string(it.Member()))
	}
	require.False(t, it.Next())
	for i := len(want) - 1; i >= 0; i-- {
		require.True(t, it.Prev())
		require.Equal(t, want[i].member, string(it.Member()))
	}
	require.False(t, it.Prev())
	if len(want) > 0 {
		require.True(t, it.Next())
	}
}

func TestZSetNaN(t *testing.T) {
	db := testDB(t, smallLimits())
	e := db.CreateContainer([]byte("z"), ZSet)
	_, r := ZSetAdd(db, e, math.NaN(), []byte("a"), 0)
	require.Equal(t, ZAddNaN, r)
	ZSetAdd(db, e, math.Inf(1), []byte("a"), 0)
	_, r = ZSetAdd(db, e, math.Inf(-1), []byte("a"), ZAddIncr)
	require.Equal(t, ZAddNaN, r)
	s, _ := ZSetScore(e, []byte("a"))
	require.Equal(t, math.Inf(1), s)
}

func TestParseRanges(t *testing.T) {
	r, ok := ParseZRange([]byte("(1"), []byte("+inf"))
	require.True(t, ok)
	require.Equal(t, ZRangeSpec{Min: 1, Max: math.Inf(1), MinEx: true}, r)
	_, ok = ParseZRange([]byte("a"), []byte("1"))
	require.False(t, ok)
	l, ok := ParseZLexRange([]byte("-"), []byte("(b"))
	require.True(t, ok)
	require.Equal(t, ZLexRangeSpec{ZLexBound{Inf: -1}, ZLexBound{Value: []byte("b"), Ex: true}}, l)
	require.False(t, l.Empty())
	for _, bad := range []string{"", "+a", "-a", "b", "1"} {
		_, ok = ParseZLexRange([]byte(bad), []byte("+"))
		require.False(t, ok, bad)
	}
	l, _ = ParseZLexRange([]byte("+"), []byte("-"))
	require.True(t, l.Empty())
}

func TestZSetReserve(t *testing.T) {
	db := testDB(t, smallLimits())
	for _, c := range []struct {
		n, length int
		want      Encoding
	}{{8, 16, Listpack}, {9, 1, Skiplist}, {1, 17, Skiplist}} {
		e := db.CreateContainer([]byte("z"), ZSet)
		ZSetReserve(db, e, c.n, c.length)
		require.Equal(t, c.want, e.Encoding())
		db.Delete([]byte("z"))
	}
}

func benchDB(b *testing.B) *DB {
	ks := New(Options{Databases: 1})
	b.Cleanup(ks.Close)
	return ks.DB(0)
}

func benchKeys(prefix string, n int) [][]byte {
	keys := make([][]byte, n)
	for i := range keys {
		keys[i] = []byte(prefix + strconv.Itoa(100000000000+i))
	}
	return keys
}

const benchMembers = 100000

func reportPerMember(b *testing.B, e *Entry) {
	used := containers[e.Type()].memUsage(e.Encoding(), e.Ptr(), 0)
	b.ReportMetric(float64(used)/float64(ContainerLen(e)), "B/member")
}

func BenchmarkZAdd(b *testing.B) {
	db, keys := benchDB(b), benchKeys("elem", benchMembers)
	e := db.CreateContainer([]byte("z"), ZSet)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		ZSetAdd(db, e, rand.Float64(), keys[i%benchMembers], 0)
	}
	reportPerMember(b, e)
}

func BenchmarkZRange100(b *testing.B) {
	db, keys := benchDB(b), benchKeys("elem", benchMembers)
	e := db.CreateContainer([]byte("z"), ZSet)
	for _, k := range keys {
		ZSetAdd(db, e, rand.Float64(), k, 0)
	}
	b.ReportAllocs()
	sum := 0
	for i := 0; b.Loop(); i++ {
		at := i * 7919 % (benchMembers - 100)
		it := NewZSetRankIter(e, at, at+99, false)
		for it.Next() {
			sum += len(it.Member())
		}
	}
	reportPerMember(b, e)
}

func BenchmarkZRank(b *testing.B) {
	db, keys := benchDB(b), benchKeys("elem", benchMembers)
	e := db.CreateContainer([]byte("z"), ZSet)
	for _, k := range keys {
		ZSetAdd(db, e, rand.Float64(), k, 0)
	}
	for i := 0; b.Loop(); i++ {
		ZSetRank(e, keys[i*7919%benchMembers], false)
	}
}

func BenchmarkHSet(b *testing.B) {
	db, keys := benchDB(b), benchKeys("field", benchMembers)
	e := db.CreateContainer([]byte("h"), Hash)
	v := []byte("xxxxxxxxxxxxxxxx")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		HashSet(db, e, keys[i%benchMembers], v)
	}
	reportPerMember(b, e)
}

func BenchmarkSAdd(b *testing.B) {
	db, keys := benchDB(b), benchKeys("elem", benchMembers)
	e := db.CreateContainer([]byte("s"), Set)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		SetAdd(db, e, keys[i%benchMembers])
	}
	reportPerMember(b, e)
}

func BenchmarkLPush(b *testing.B) {
	db := benchDB(b)
	e := db.CreateContainer([]byte("l"), List)
	v := []byte("xxxxxxxxxxxxxxxx")
	b.ReportAllocs()
	for b.Loop() {
		ListPush(db, e, ListHead, v)
	}
	reportPerMember(b, e)
}
