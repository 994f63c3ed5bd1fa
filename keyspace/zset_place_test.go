package keyspace

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestZSetPlaces(t *testing.T) {
	for _, n := range []int{1, 8, 400} {
		db := testDB(t, smallLimits())
		e := db.CreateContainer([]byte("z"), ZSet)
		for i := range n {
			ZSetAdd(db, e, float64(i/3), fmt.Appendf(nil, "m%04d", i), 0)
		}
		all := walk(NewZSetRankIter(e, 0, n-1, false))
		require.Len(t, all, n)
		for range 200 {
			s := float64(rand.IntN(n/3+3) - 1)
			r := ZRangeSpec{Min: s, Max: s + float64(rand.IntN(3)-1), MinEx: rand.IntN(2) == 0, MaxEx: rand.IntN(2) == 0}
			first, last := -1, -1
			for i, x := range all {
				if r.Contains(x.score) {
					if last = i; first < 0 {
						first = i
					}
				}
			}
			for want, end := range map[bool]int{false: first, true: last} {
				rank, ok := ZSetScoreEdge(e, &r, want)
				require.Equal(t, end >= 0, ok, "%+v", r)
				if ok {
					require.Equal(t, end, rank, "%+v", r)
				}
			}
			member := fmt.Appendf(nil, "m%04d", rand.IntN(n+1))
			before := 0
			for i, x := range all {
				if x.score < s || x.score == s && bytes.Compare([]byte(x.member), member) < 0 {
					before++
				}
				require.Equal(t, x.score == s && x.member == string(member), ZSetHasAt(e, i, s, member))
			}
			require.Equal(t, before, ZSetCountBefore(e, s, member))
			require.False(t, ZSetHasAt(e, n, s, member))
		}
	}
}

func TestListMark(t *testing.T) {
	for _, n := range []int{5, 3000} {
		db := testDB(t, smallLimits())
		e := db.CreateContainer([]byte("l"), List)
		for i := range n {
			ListPush(db, e, ListTail, fmt.Appendf(nil, "element-%d", i))
		}
		for _, back := range []bool{false, true} {
			it := NewListIter(db, e, n/2, back)
			for it.Next() {
				again := ResumeListIter(e, it.Mark(), back)
				require.True(t, again.Next())
				require.Equal(t, it.Value(), again.Value())
				next := it
				require.Equal(t, next.Next(), again.Next())
			}
		}
	}
}
