package commands

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGeoAdd(t *testing.T) {
	play(t, []step{
		{"GEOADD g NX Ch 1 2 a 3 4 b", ":2 ", "new g; zadd g", "zadd g NX Ch 3378080408407459 a 3379626039612548 b"},
		{"GEOADD g 1 2 a", ":0 ", "", ""},
		{"GEOADD g CH 1 2.5 a", ":1 ", "zadd g", "zadd g CH 3378101884046835 a"},
		{"GEOADD g XX 5 5 c", ":0 ", "", ""},
		{"GEOADD g 1 2 c 200 1 d", "-ERR invalid longitude,latitude pair 200.000000,1.000000 ", "", ""},
		{"GEOADD g 1 inf a", "-ERR invalid longitude,latitude pair 1.000000,inf ", "", ""},
		{"GEOADD g -inf 1 a", "-ERR invalid longitude,latitude pair -inf,1.000000 ", "", ""},
		{"ZCARD g", ":2 ", "", ""},
	})
}

func TestGeoStore(t *testing.T) {
	f := server(t)
	f.run("GEOADD", "g", "1", "2", "a", "3", "4", "b")
	play(t, []step{
		{"GEORADIUS g 2 3 1000 km STORE d", ":2 ", "new d; georadiusstore d", "GEORADIUS g 2 3 1000 km STORE d"},
	})
	require.Equal(t, int64(2), f.ctx.DirtyCount)
	play(t, []step{
		{"GEORADIUSBYMEMBER g a 1 m STOREDIST d", ":1 ", "georadiusstore d", "GEORADIUSBYMEMBER g a 1 m STOREDIST d"},
		{"ZSCORE d a", "$1 0 ", "", ""},
		{"GEOSEARCHSTORE d g FROMMEMBER b BYRADIUS 1 m", ":1 ", "geosearchstore d", "GEOSEARCHSTORE d g FROMMEMBER b BYRADIUS 1 m"},
		{"GEOSEARCHSTORE d g FROMLONLAT 50 50 BYRADIUS 1 m", ":0 ", "del d", "GEOSEARCHSTORE d g FROMLONLAT 50 50 BYRADIUS 1 m"},
		{"GEORADIUS g 50 50 1 m STORE d", ":0 ", "", ""},
		{"GEOSEARCHSTORE g g FROMMEMBER b BYRADIUS 1 m STOREDIST", ":1 ", "geosearchstore g", "GEOSEARCHSTORE g g FROMMEMBER b BYRADIUS 1 m STOREDIST"},
		{"ZRANGE g 0 -1 WITHSCORES", "*2 $1 b $1 0 ", "", ""},
	})
}

// The members of a large result come from one piece of memory, which grows meanwhile.
func TestGeoManyMembers(t *testing.T) {
	f := server(t)
	want := map[string]bool{}
	for i := range 500 {
		m := fmt.Sprintf("member%d", i)
		want[m] = true
		f.run("GEOADD", "g", fmt.Sprint(float64(i)/1000), "1", m)
	}
	got := strings.Split(f.run("GEOSEARCH", "g", "FROMLONLAT", "0", "1", "BYRADIUS", "200", "km"), "\r\n")
	require.Equal(t, "*500", got[0])
	for _, line := range got[1:] {
		if !strings.HasPrefix(line, "$") && line != "" {
			require.True(t, want[line], line)
			delete(want, line)
		}
	}
	require.Empty(t, want)
}

// sortFirst must be right about the first n in any input, whatever it does with equal ones.
func TestSortFirst(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		points := make([]geoPoint, 1+rnd.IntN(150))
		for i := range points {
			points[i] = geoPoint{score: float64(i), dist: float64(rnd.IntN(1 + rnd.IntN(300)))}
		}
		order := 1 - 2*rnd.IntN(2)
		want := slices.Clone(points)
		slices.SortFunc(want, func(a, b geoPoint) int { return order * cmp.Compare(a.dist, b.dist) })
		n := 1 + rnd.IntN(len(points))
		sortFirst(points, n, order)
		for i := range n {
			require.Equal(t, want[i].dist, points[i].dist)
		}
		slices.SortFunc(points, func(a, b geoPoint) int { return cmp.Compare(a.score, b.score) })
		for i := range points {
			require.Equal(t, float64(i), points[i].score, "a point was lost")
		}
	}
}
