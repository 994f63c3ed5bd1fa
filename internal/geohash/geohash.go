package geohash

// The limits of what can be encoded with [Encode]: those of the web Mercator projection, which has no poles.
const (
	MinLon, MaxLon = -180.0, 180.0
	MinLat, MaxLat = -85.05112878, 85.05112878
)

// MaxStep is how often a stored point's cell was halved in both directions.
const MaxStep = 26

// Hash is a cell. The zero Hash is none.
type Hash struct {
	Bits uint64
	Step uint8
}

// Zero reports whether h is no cell.
func (h Hash) Zero() bool { return h == Hash{} }

// Area is the rectangle of a cell in degrees.
type Area struct {
	MinLon, MaxLon float64
	MinLat, MaxLat float64
}

// Valid reports whether a point can be encoded.
func Valid(lon, lat float64) bool {
	return lon >= MinLon && lon <= MaxLon && lat >= MinLat && lat <= MaxLat
}

// Encode returns the cell of a point, which must be [Valid].
func Encode(lon, lat float64, step uint8) Hash { return encode(lon, lat, step, MinLat, MaxLat) }

// encode encodes within another range of latitudes. The upper limits themselves belong to a cell beyond the last.
func encode(lon, lat float64, step uint8, minLat, maxLat float64) Hash {
	cells := float64(uint64(1) << step)
	y := (lat - minLat) / (maxLat - minLat) * cells
	x := (lon - MinLon) / (MaxLon - MinLon) * cells
	return Hash{spread(uint32(y)) | spread(uint32(x))<<1, step}
}

// Decode returns the rectangle of a cell.
func (h Hash) Decode() Area {
	cells := float64(uint64(1) << h.Step)
	y, x := float64(gather(h.Bits)), float64(gather(h.Bits>>1))
	const height, width = MaxLat - MinLat, MaxLon - MinLon
	return Area{
		MinLat: MinLat + float64(y/cells*height), MaxLat: MinLat + float64((y+1)/cells*height),
		MinLon: MinLon + float64(x/cells*width), MaxLon: MinLon + float64((x+1)/cells*width),
	}
}

// Center returns the point in the middle of a cell, or the nearest that is [Valid].
func (h Hash) Center() (lon, lat float64) {
	a := h.Decode()
	lon = min(max((a.MinLon+a.MaxLon)/2, MinLon), MaxLon)
	lat = min(max((a.MinLat+a.MaxLat)/2, MinLat), MaxLat)
	return lon, lat
}

// Score is where the cell begins on the line of points; where the next cell begins it ends.
func (h Hash) Score() uint64 { return h.Bits << (2 * (MaxStep - h.Step)) }

// FromScore is the cell of a point with any score, even one that no point has.
func FromScore(score float64) Hash { return Hash{truncate(score), MaxStep} }

// truncate converts to an unsigned integer as compiled C does on x86-64: negative numbers wrap, and what is
// out of range has the top bit only, or nothing when it is above.
func truncate(f float64) uint64 {
	const top = 1 << 63
	if f < top {
		if f < -top {
			return top
		}
		return uint64(int64(f))
	}
	if f -= top; f < top {
		return uint64(int64(f)) ^ top
	}
	return 0
}

// neighbor returns the cell dx to the east and dy to the north; the map has no edges. A move leaves the other
// direction's bits alone, also those of a point on the upper limit, which are one too many.
func (h Hash) neighbor(dx, dy int) Hash {
	mask := uint32(1)<<h.Step - 1
	y, x := gather(h.Bits), gather(h.Bits>>1)
	if dx != 0 {
		x = (x + uint32(dx)) & mask
	}
	if dy != 0 {
		y = (y + uint32(dy)) & mask
	}
	h.Bits = spread(y) | spread(x)<<1
	return h
}

// spread puts the bits of v into the even bits.
func spread(v uint32) uint64 {
	b := uint64(v)
	b = (b | b<<16) & 0x0000ffff0000ffff
	b = (b | b<<8) & 0x00ff00ff00ff00ff
	b = (b | b<<4) & 0x0f0f0f0f0f0f0f0f
	b = (b | b<<2) & 0x3333333333333333
	return (b | b<<1) & 0x5555555555555555
}

// gather collects the even bits.
func gather(b uint64) uint32 {
	b &= 0x5555555555555555
	b = (b | b>>1) & 0x3333333333333333
	b = (b | b>>2) & 0x0f0f0f0f0f0f0f0f
	b = (b | b>>4) & 0x00ff00ff00ff00ff
	b = (b | b>>8) & 0x0000ffff0000ffff
	return uint32(b | b>>16)
}

// TextLen is the length of a standard geohash string as Redis writes it.
const TextLen = 11

// Text returns a point's standard geohash, which unlike scores covers latitudes up to the poles. 52 bits are ten
// characters and two bits; the eleventh is always 0.
func Text(lon, lat float64) (s [TextLen]byte) {
	const alphabet = "0123456789bcdefghjkmnpqrstuvwxyz"
	bits := encode(lon, lat, MaxStep, -90, 90).Bits
	for i := range TextLen - 1 {
		s[i] = alphabet[bits>>(47-5*i)&31]
	}
	s[TextLen-1] = alphabet[0]
	return s
}
