package geohash

import "math"

// The functions of package math may be wrong in the last bit, more often than those of the C library, and a
// stored distance shows it. Those here carry a second number, the first one's rounding error, through the
// computation, so that the result is nearly always the number closest to the true value, as the C library's is.

// pair is the unevaluated sum of two numbers, the second of which is small.
type pair struct{ hi, lo float64 }

// sum adds two numbers exactly.
func sum(a, b float64) pair {
	s := a + b
	t := s - a
	return pair{s, (a - (s - t)) + (b - t)}
}

func (p pair) add(q pair) pair {
	s := sum(p.hi, q.hi)
	return sum(s.hi, s.lo+p.lo+q.lo)
}

func (p pair) mul(q pair) pair {
	hi := p.hi * q.hi
	return sum(hi, math.FMA(p.hi, q.hi, -hi)+(float64(p.hi*q.lo)+float64(p.lo*q.hi)))
}

func (p pair) neg() pair { return pair{-p.hi, -p.lo} }

const (
	perUnit  = 64 // points of the table per radian
	tableMax = 3.15
)

var (
	// angles holds the sine and cosine of 0, 1/64, 2/64 … up to a little more than π.
	angles     [tableMax*perUnit + 1.4]struct{ sin, cos pair }
	halfPi     = pair{0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54}
	sinQuantum = pair{0x1.fffaaaaeeeed5p-7, -0x1.2ab639a9f0776p-63}
	cosQuantum = pair{0x1.fff000155549fp-1, 0x1.28a28a03a5ef3p-55}
)

func init() {
	angles[0].cos = pair{1, 0}
	for i := 1; i < len(angles); i++ {
		s, c := angles[i-1].sin, angles[i-1].cos
		angles[i].sin = s.mul(cosQuantum).add(c.mul(sinQuantum))
		angles[i].cos = c.mul(cosQuantum).add(s.mul(sinQuantum).neg())
	}
}

// nearest splits an angle of 0 to tableMax into one of the table and a rest of at most half a step.
func nearest(x float64) (i int, rest float64) {
	i = int(x*perUnit + 0.5)
	return i, x - float64(i)/perUnit
}

// small returns sin r - r and cos r - 1 of a rest.
func small(r float64) (s, c float64) {
	r2 := r * r
	s = r * r2 * (-1.0/6 + r2*(1.0/120+r2*(-1.0/5040+r2/362880)))
	c = r2 * (-1.0/2 + r2*(1.0/24+r2*(-1.0/720+r2/40320)))
	return s, c
}

// turn returns a + b·r with corrections: the larger part of the sine or cosine of a sum of angles.
func turn(a, b pair, r, correction float64) pair {
	p := b.hi * r
	s := sum(a.hi, p)
	return sum(s.hi, s.lo+(math.FMA(b.hi, r, -p)+(a.lo+float64(b.lo*r)+correction)))
}

func sinPair(x float64) pair {
	i, r := nearest(math.Abs(x))
	a := &angles[i]
	s, c := small(r)
	p := turn(a.sin, a.cos, r, float64(a.sin.hi*c)+float64(a.cos.hi*s))
	if x < 0 {
		return p.neg()
	}
	return p
}

func sin(x float64) float64 {
	if !(math.Abs(x) < tableMax) {
		return math.Sin(x) // a radius beyond all measure
	}
	return sinPair(x).hi
}

func cos(x float64) float64 {
	if !(math.Abs(x) < tableMax) {
		return math.Cos(x)
	}
	i, r := nearest(math.Abs(x))
	a := &angles[i]
	s, c := small(r)
	return turn(a.cos, a.sin.neg(), r, float64(a.cos.hi*c)-float64(a.sin.hi*s)).hi
}

// asin returns the arc sine of 0 to 1, and not a number beyond.
func asin(y float64) float64 {
	switch {
	case y == 0 || !(y < 1):
		return math.Asin(y)
	case y <= 0.5:
		return asinPair(pair{y, 0}).hi
	}
	// Where the curve is steep, the other half angle is the better known.
	w := (1 - y) / 2
	s := math.Sqrt(w)
	half := asinPair(pair{s, math.FMA(-s, s, w) / (2 * s)})
	return halfPi.add(pair{-2 * half.hi, -2 * half.lo}).hi
}

// asinPair corrects an approximation by how far its sine is off.
func asinPair(y pair) pair {
	z := math.Asin(y.hi)
	s := sinPair(z)
	return sum(z, ((y.hi-s.hi)-s.lo+y.lo)/math.Cos(z))
}
