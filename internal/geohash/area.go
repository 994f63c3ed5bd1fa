package geohash

import "math"

// EarthRadius is the radius of the sphere in metres.
const EarthRadius = 6372797.560856

// degree is in radians, rounded after each step as C does it.
const degree = float64(math.Pi) / 180

func radians(deg float64) float64 { return deg * degree }
func degrees(rad float64) float64 { return rad / degree }

// Distance returns the metres between two points.
func Distance(lon1, lat1, lon2, lat2 float64) float64 {
	v := sin((radians(lon2) - radians(lon1)) / 2)
	if v == 0 {
		return latDistance(lat1, lat2)
	}
	phi1, phi2 := radians(lat1), radians(lat2)
	u := sin((phi2 - phi1) / 2)
	a := float64(u*u) + float64(cos(phi1)*cos(phi2)*v*v)
	return 2 * EarthRadius * asin(math.Sqrt(a))
}

// latDistance returns the metres between two points on a meridian.
func latDistance(lat1, lat2 float64) float64 {
	return EarthRadius * math.Abs(float64(radians(lat2))-float64(radians(lat1)))
}

// Shape is an area around a point: a circle, or a box whose sides are Width and Height. Lengths are in units of
// Unit metres.
type Shape struct {
	Lon, Lat      float64
	Box           bool
	Radius        float64
	Width, Height float64
	Unit          float64
}

// Contains returns how many metres a point is from the middle, and whether it lies in the shape.
func (s *Shape) Contains(lon, lat float64) (metres float64, ok bool) {
	if !s.Box {
		d := Distance(s.Lon, s.Lat, lon, lat)
		return d, !(d > s.Radius*s.Unit)
	}
	if latDistance(lat, s.Lat) > s.Height*s.Unit/2 {
		return 0, false
	}
	// The width is measured along the point's own parallel.
	if Distance(lon, lat, s.Lon, lat) > s.Width*s.Unit/2 {
		return 0, false
	}
	return Distance(s.Lon, s.Lat, lon, lat), true
}

// bounds returns a rectangle that has the shape within it.
func (s *Shape) bounds() Area {
	height, width := s.Unit*s.Radius, s.Unit*s.Radius
	if s.Box {
		height, width = s.Unit*(s.Height/2), s.Unit*(s.Width/2)
	}
	dLat := degrees(height / EarthRadius)
	// The edge farther from the equator spans more degrees.
	edge := s.Lat + dLat
	if s.Lat < 0 {
		edge = s.Lat - dLat
	}
	dLon := degrees(width / EarthRadius / cos(radians(edge)))
	return Area{MinLon: s.Lon - dLon, MaxLon: s.Lon + dLon, MinLat: s.Lat - dLat, MaxLat: s.Lat + dLat}
}

// reach is the distance in metres from the middle to the farthest point.
func (s *Shape) reach() float64 {
	if !s.Box {
		return s.Radius * s.Unit
	}
	w, h := s.Width/2, s.Height/2
	return math.Sqrt(float64(w*w)+float64(h*h)) * s.Unit
}

// step guesses how fine cells may be for 3 by 3 of them to cover a reach.
func step(reach, lat float64) uint8 {
	const mercatorMax = 20037726.37
	if reach == 0 {
		return MaxStep
	}
	n := -1 // two less than it seems, so that most cases fit
	for ; reach < mercatorMax; n++ {
		reach *= 2
	}
	// Cells get narrower towards the poles.
	if lat > 66 || lat < -66 {
		n--
		if lat > 80 || lat < -80 {
			n--
		}
	}
	return uint8(min(max(n, 1), MaxStep))
}

// The cells of a cover, in the order in which they are searched.
const (
	center = iota
	north
	south
	east
	west
	northEast
	northWest
	southEast
	southWest
	coverCells
)

var directions = [coverCells]struct{ dx, dy int }{
	north: {0, 1}, south: {0, -1}, east: {1, 0}, west: {-1, 0},
	northEast: {1, 1}, northWest: {-1, 1}, southEast: {1, -1}, southWest: {-1, -1},
}

// Cover returns the cell of the shape's middle and its neighbours, in the order of Redis, which can be seen in
// unsorted results: N, S, E, W, NE, NW, SE, SW. Those that the shape doesn't reach are zero. Around the whole earth
// neighbours coincide.
func (s *Shape) Cover() (cells [coverCells]Hash) {
	b := s.bounds()
	n := step(s.reach(), s.Lat)
	around := func() {
		h := Encode(s.Lon, s.Lat, n)
		for i, d := range directions {
			cells[i] = h.neighbor(d.dx, d.dy)
		}
	}
	around()
	tooFine := cells[north].Decode().MaxLat < b.MaxLat || cells[south].Decode().MinLat > b.MinLat ||
		cells[east].Decode().MaxLon < b.MaxLon || cells[west].Decode().MinLon > b.MinLon
	if n > 1 && tooFine {
		n--
		around()
	}
	if n < 2 {
		return cells
	}
	drop := func(is ...int) {
		for _, i := range is {
			cells[i] = Hash{}
		}
	}
	a := cells[center].Decode()
	if a.MinLat < b.MinLat {
		drop(south, southWest, southEast)
	}
	if a.MaxLat > b.MaxLat {
		drop(north, northEast, northWest)
	}
	if a.MinLon < b.MinLon {
		drop(west, southWest, northWest)
	}
	if a.MaxLon > b.MaxLon {
		drop(east, southEast, northEast)
	}
	return cells
}
