package geohash

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The expected values are redis-server 8.0.2's for the well-known example of its documentation.
func TestEncode(t *testing.T) {
	require.Equal(t, uint64(3479099956230698), Encode(13.361389, 38.115556, MaxStep).Score())
	require.Equal(t, uint64(3479447370796909), Encode(15.087269, 37.502669, MaxStep).Score())
	lon, lat := FromScore(3479099956230698).Center()
	require.Equal(t, 13.361389338970184, lon)
	require.Equal(t, 38.1155563954963, lat)
	text := Text(lon, lat)
	require.Equal(t, "sqc8b49rny0", string(text[:]))
	lon2, lat2 := FromScore(3479447370796909).Center()
	require.InDelta(t, 166274.1516, Distance(lon, lat, lon2, lat2), 0.00005)
}

func TestSpread(t *testing.T) {
	for range 1000 {
		v := rand.Uint32()
		require.Equal(t, v, gather(spread(v)))
		require.Zero(t, spread(v)&0xaaaaaaaaaaaaaaaa)
	}
}

func TestNeighborWraps(t *testing.T) {
	h := Hash{0, 3}
	require.Equal(t, Encode(MaxLon-1, -MaxLat, 3), h.neighbor(-1, 0))
	require.Equal(t, h, h.neighbor(-1, 0).neighbor(1, 0))
	require.Equal(t, h, h.neighbor(0, -1).neighbor(0, 1))
}

// TestCover checks what a search relies on: no position inside a shape has a score outside the ranges.
func TestCover(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		s := Shape{Lon: rnd.Float64()*340 - 170, Lat: rnd.Float64()*150 - 75, Radius: rnd.Float64() * 200, Unit: 1000}
		if rnd.IntN(2) == 0 {
			s = Shape{Lon: s.Lon, Lat: s.Lat, Box: true, Width: s.Radius, Height: rnd.Float64() * 200, Unit: 1000}
		}
		cells := s.Cover()
		for range 20 {
			lon, lat := s.Lon+rnd.Float64()*4-2, s.Lat+rnd.Float64()*4-2
			if !Valid(lon, lat) {
				continue
			}
			score := Encode(lon, lat, MaxStep).Score()
			lon, lat = FromScore(float64(score)).Center()
			if _, inside := s.Contains(lon, lat); !inside {
				continue
			}
			found := false
			for _, h := range cells {
				end := Hash{h.Bits + 1, h.Step}.Score()
				found = found || !h.Zero() && score >= h.Score() && score < end
			}
			require.True(t, found, "%+v misses %v %v", s, lon, lat)
		}
	}
}
