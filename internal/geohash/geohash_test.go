package geohash

import (
	"math"
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

// Scores that no point has are converted as C does it on x86-64.
func TestTruncate(t *testing.T) {
	for f, want := range map[float64]uint64{
		0: 0, 1.9: 1, -1: math.MaxUint64, -0.5: 0, 1 << 62: 1 << 62, 1 << 63: 1 << 63, 3 << 62: 3 << 62,
		-1 << 63: 1 << 63, -1e30: 1 << 63, 1e30: 0, math.Inf(1): 0, math.Inf(-1): 1 << 63,
	} {
		require.Equal(t, want, truncate(f), "%g", f)
	}
}

func TestNeighborWraps(t *testing.T) {
	corner := Hash{0, 3}
	require.Equal(t, Encode(MaxLon-1, MinLat, 3), corner.neighbor(-1, 0))
	require.Equal(t, corner, corner.neighbor(-1, 0).neighbor(1, 0))
	require.Equal(t, corner, corner.neighbor(0, -1).neighbor(0, 1))
}

// TestCover checks what a search relies on: every point inside a shape is in one of its cells.
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
			h := Encode(lon, lat, MaxStep)
			if _, inside := s.Contains(h.Center()); !inside {
				continue
			}
			found := false
			for _, c := range cells {
				found = found || !c.Zero() && h.Bits>>(2*(MaxStep-c.Step)) == c.Bits
			}
			require.True(t, found, "%+v misses %v %v", s, lon, lat)
		}
	}
}

// TestTrig compares with values rounded correctly from 60 digits, where the functions of package math are off by one.
func TestTrig(t *testing.T) {
	for _, v := range trigCases {
		require.Equal(t, v.sin, sin(v.x), "sin %x", v.x)
		require.Equal(t, v.cos, cos(v.x), "cos %x", v.x)
		require.Equal(t, v.asin, asin(v.y), "asin %x", v.y)
		require.Equal(t, -v.sin, sin(-v.x))
		require.Equal(t, v.cos, cos(-v.x))
	}
	require.Zero(t, sin(0))
	require.Equal(t, 1.0, cos(0))
	require.Zero(t, asin(0))
	require.Equal(t, math.Pi/2, asin(1))
	require.True(t, math.IsNaN(asin(1.0000000000000002)))
	require.InDelta(t, math.Sin(1000), sin(1000), 1e-15)
}

func BenchmarkDistance(b *testing.B) {
	for i := range b.N {
		Distance(1.5, 2.5, float64(i%100), float64(i%80))
	}
}
