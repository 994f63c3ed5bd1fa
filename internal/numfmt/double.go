package numfmt

import (
	"errors"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"unsafe"
)

// MaxDoubleLen bounds what AppendDouble writes.
const MaxDoubleLen = 32

// AppendDouble appends d as Redis 8 prints a score: integers of up to about 4.6e18 in full,
// "inf", "-inf", "nan", "-0", and otherwise few digits that read back as d, in plain or
// exponent form.
//
// The digits come from the Grisu2 algorithm rather than from strconv: for about one number in a
// thousand Grisu2 is a digit longer than the shortest form, and the reference server prints that one.
func AppendDouble(dst []byte, d float64) []byte {
	switch {
	case d != d:
		return append(dst, "nan"...)
	case d > math.MaxFloat64:
		return append(dst, "inf"...)
	case d < -math.MaxFloat64:
		return append(dst, "-inf"...)
	case d == 0:
		if math.Signbit(d) {
			return append(dst, "-0"...)
		}
		return append(dst, '0')
	}
	if v, ok := DoubleInt(d); ok {
		return strconv.AppendInt(dst, v, 10)
	}
	return appendGrisu(dst, d)
}

// AppendDigestDouble appends d as DEBUG DIGEST takes scores into account: as AppendDouble does,
// but integers are like other numbers, so that those with many zeros get an exponent.
func AppendDigestDouble(dst []byte, d float64) []byte {
	if d == 0 || d != d || math.IsInf(d, 0) {
		return AppendDouble(dst, d)
	}
	return appendGrisu(dst, d)
}

// appendGrisu appends a finite number other than 0.
func appendGrisu(dst []byte, d float64) []byte {
	neg := d < 0
	if neg {
		dst = append(dst, '-')
		d = -d
	}
	var digits [18]byte
	n, k := grisu2(d, &digits)
	return appendDigits(dst, digits[:n], k, neg)
}

// DoubleInt reports d as an integer when it is one within half of the int64 range, the range
// where Redis prints and stores doubles as integers. Negative zero counts as 0.
func DoubleInt(d float64) (int64, bool) {
	const half = 1 << 62
	if !(d >= -half && d <= half) {
		return 0, false
	}
	v := int64(d)
	return v, float64(v) == d
}

// appendDigits lays out digits × 10^k.
func appendDigits(dst, digits []byte, k int, neg bool) []byte {
	n := len(digits)
	exp := k + n - 1
	mag := exp
	if mag < 0 {
		mag = -mag
	}
	if k >= 0 && mag < n+7 {
		dst = append(dst, digits...)
		for ; k > 0; k-- {
			dst = append(dst, '0')
		}
		return dst
	}
	if k < 0 && (k > -7 || mag < 4) {
		point := n + k
		if point > 0 {
			dst = append(dst, digits[:point]...)
			dst = append(dst, '.')
			return append(dst, digits[point:]...)
		}
		dst = append(dst, '0', '.')
		for ; point < 0; point++ {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	}
	limit := 18
	if neg {
		limit = 17
	}
	if n > limit {
		n = limit
	}
	dst = append(dst, digits[0])
	if n > 1 {
		dst = append(dst, '.')
		dst = append(dst, digits[1:n]...)
	}
	if exp < 0 {
		dst = append(dst, 'e', '-')
	} else {
		dst = append(dst, 'e', '+')
	}
	return strconv.AppendInt(dst, int64(mag), 10)
}

// diyFP is frac × 2^exp.
type diyFP struct {
	frac uint64
	exp  int
}

func (a diyFP) mul(b diyFP) diyFP {
	hi, lo := bits.Mul64(a.frac, b.frac)
	return diyFP{hi + lo>>63, a.exp + b.exp + 64}
}

const (
	powFirst = -348
	powStep  = 8
	powCount = 87
)

// pow10 holds 10^-348, 10^-340 … 10^340 as correctly rounded 64-bit significands.
var pow10 = func() (t [powCount]diyFP) {
	for i := range t {
		e := powFirst + i*powStep
		f := new(big.Float).SetPrec(2000).SetInt64(1)
		p := new(big.Float).SetPrec(2000).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(e, -e))), nil))
		if e < 0 {
			f.Quo(f, p)
		} else {
			f.Mul(f, p)
		}
		f.SetMode(big.ToNearestEven).SetPrec(64)
		exp := f.MantExp(f)
		m, _ := f.SetMantExp(f, 64).Uint64()
		t[i] = diyFP{m, exp - 64}
	}
	return
}()

func cachedPow10(exp int) (diyFP, int) {
	const lo, hi = -60, -32
	approx := int(-float64(exp+powCount) * 0.30102999566398114)
	i := (approx - powFirst) / powStep
	for {
		e := exp + pow10[i].exp + 64
		switch {
		case e < lo:
			i++
		case e > hi:
			i--
		default:
			return pow10[i], powFirst + i*powStep
		}
	}
}

// grisu2 writes the digits of d > 0 and returns how many there are and the decimal exponent of
// the last one.
func grisu2(d float64, digits *[18]byte) (n, k int) {
	b := math.Float64bits(d)
	w := diyFP{b & (1<<52 - 1), int(b >> 52 & 0x7ff)}
	if w.exp != 0 {
		w.frac |= 1 << 52
		w.exp -= 1075
	} else {
		w.exp = -1074
	}

	upper := diyFP{w.frac<<1 + 1, w.exp - 1}
	s := bits.LeadingZeros64(upper.frac)
	upper = diyFP{upper.frac << s, upper.exp - s}
	ls := 1
	if w.frac == 1<<52 {
		ls = 2
	}
	lower := diyFP{w.frac<<ls - 1, w.exp - ls}
	lower = diyFP{lower.frac << (lower.exp - upper.exp), upper.exp}
	s = bits.LeadingZeros64(w.frac)
	w = diyFP{w.frac << s, w.exp - s}

	c, ck := cachedPow10(upper.exp)
	w, upper, lower = w.mul(c), upper.mul(c), lower.mul(c)
	lower.frac++
	upper.frac--
	k = -ck

	dist := upper.frac - w.frac
	delta := upper.frac - lower.frac
	shift := uint(-upper.exp)
	one := uint64(1) << shift
	whole, part := upper.frac>>shift, upper.frac&(one-1)

	div := uint64(1000000000)
	for kappa := 10; kappa > 0; div /= 10 {
		q := whole / div
		if q != 0 || n != 0 {
			digits[n] = byte('0' + q)
			n++
		}
		whole -= q * div
		kappa--
		if rest := whole<<shift + part; rest <= delta {
			roundDigit(digits, n, delta, rest, div<<shift, dist)
			return n, k + kappa
		}
	}
	for unit := uint64(10); ; unit *= 10 {
		part *= 10
		delta *= 10
		k--
		q := part >> shift
		if q != 0 || n != 0 {
			digits[n] = byte('0' + q)
			n++
		}
		part &= one - 1
		if part < delta {
			roundDigit(digits, n, delta, part, one, dist*unit)
			return n, k
		}
	}
}

// roundDigit lowers the last digit while that moves the result closer to the exact value.
func roundDigit(digits *[18]byte, n int, delta, rest, step, dist uint64) {
	for rest < dist && delta-rest >= step &&
		(rest+step < dist || dist-rest > rest+step-dist) {
		digits[n-1]--
		rest += step
	}
}

// ParseDouble reads b as Redis reads a score: what C's strtod accepts ("1.5", ".5", "5.", "+1e3", hex,
// "inf", "infinity"), all of it, no surrounding space, neither NaN nor out of range.
func ParseDouble(b []byte) (float64, bool) {
	if v, ok := smallDecimal(b); ok {
		return v, true
	}
	if !floatChars(b) {
		return 0, false
	}
	s := unsafe.String(unsafe.SliceData(b), len(b))
	hex := isHex(b)
	if hex && !hasByte(b, 'p', 'P') {
		// strtod takes a hex number without exponent, strconv wants one.
		s += "p0"
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v != v {
		return 0, false
	}
	if v == 0 && !zeroMantissa(b, hex) {
		return 0, false
	}
	return v, true
}

// smallDecimal takes the common case of up to 15 plain digits, exact in a double.
func smallDecimal(b []byte) (float64, bool) {
	i, neg := 0, false
	if len(b) > 0 && b[0] == '-' {
		i, neg = 1, true
	}
	if n := len(b) - i; n == 0 || n > 15 {
		return 0, false
	}
	var v int64
	for ; i < len(b); i++ {
		d := b[i] - '0'
		if d > 9 {
			return 0, false
		}
		v = v*10 + int64(d)
	}
	if neg {
		return -float64(v), true
	}
	return float64(v), true
}

// floatChars rejects early what strconv would accept and strtod would not (underscores).
func floatChars(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	for _, c := range b {
		if c == '_' || c <= ' ' {
			return false
		}
	}
	return true
}

func isHex(b []byte) bool {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		b = b[1:]
	}
	return len(b) > 2 && b[0] == '0' && b[1]|0x20 == 'x'
}

func hasByte(b []byte, x, y byte) bool {
	for _, c := range b {
		if c == x || c == y {
			return true
		}
	}
	return false
}

// zeroMantissa tells a written zero from an underflow.
func zeroMantissa(b []byte, hex bool) bool {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		b = b[1:]
	}
	if hex {
		b = b[2:]
	}
	for _, c := range b {
		if c == 'p' || c == 'P' || !hex && (c == 'e' || c == 'E') {
			break
		}
		if c != '0' && c != '.' {
			return false
		}
	}
	return true
}

// ParseBound reads b as Redis reads the bounds of a score range. It differs from ParseDouble: nothing at all
// is 0, what follows a NUL byte is ignored, hex is refused, and what is out of range is an infinity or 0.
func ParseBound(b []byte) (float64, bool) {
	for i, c := range b {
		if c == 0 {
			b = b[:i]
			break
		}
	}
	if len(b) == 0 {
		return 0, true
	}
	if v, ok := smallDecimal(b); ok {
		return v, true
	}
	if !floatChars(b) || isHex(b) {
		return 0, false
	}
	v, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(b), len(b)), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || v != v {
		return 0, false
	}
	return v, true
}
