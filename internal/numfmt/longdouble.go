package numfmt

import (
	"math/big"
	"unsafe"
)

// Long doubles are x87 extended precision: 64 significant bits, exponents to 16384. They are
// emulated so that the result does not depend on the machine.
const (
	ldPrec   = 64
	ldMaxExp = 16384
	ldMinExp = -16445
	// ldMaxLen is the longest text read as a long double, as in Redis.
	ldMaxLen = 5*1024 - 1
)

// ParseLongDouble reads b as Redis reads the operands of INCRBYFLOAT: what C's strtold accepts, all
// of it, neither NaN nor out of range. An infinity is accepted here and refused by AddLongDouble.
func ParseLongDouble(b []byte) (*big.Float, bool) {
	if len(b) > ldMaxLen || !floatChars(b) {
		return nil, false
	}
	hex := isHex(b)
	if !isInfText(b) && !exponentSane(b, hex) {
		if zeroMantissa(b, hex) {
			return new(big.Float).SetPrec(ldPrec), true
		}
		return nil, false
	}
	s := unsafe.String(unsafe.SliceData(b), len(b))
	// Extra bits make the conversion from decimal right before the one rounding that counts.
	wide := new(big.Float).SetPrec(ldPrec + 256)
	base := 10
	if isInfText(b) {
		return new(big.Float).SetPrec(ldPrec).SetInf(b[0] == '-'), true
	}
	if hex {
		base = 0
	}
	if !hex && hasByte(b, 'p', 'P') {
		return nil, false
	}
	f, _, err := wide.Parse(s, base)
	if err != nil {
		return nil, false
	}
	r := new(big.Float).SetPrec(ldPrec).SetMode(big.ToNearestEven).Set(f)
	if r.Sign() == 0 {
		return r, zeroMantissa(b, hex)
	}
	if e := r.MantExp(nil); e > ldMaxExp || e < ldMinExp {
		return nil, false
	}
	return r, true
}

func isInfText(b []byte) bool {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		b = b[1:]
	}
	const inf = "infinity"
	if len(b) != 3 && len(b) != len(inf) {
		return false
	}
	for i, c := range b {
		if c|0x20 != inf[i] {
			return false
		}
	}
	return true
}

// exponentSane keeps "1e999999999" from making math/big compute a power of that size.
func exponentSane(b []byte, hex bool) bool {
	for i, c := range b {
		if c|0x20 == 'p' || !hex && c|0x20 == 'e' {
			v := 0
			for _, d := range b[i+1:] {
				if d == '-' || d == '+' {
					continue
				}
				if d < '0' || d > '9' {
					return true // not a number: the parser will say so
				}
				if v = v*10 + int(d-'0'); v > 40000 {
					return false
				}
			}
		}
	}
	return true
}

// AddLongDouble adds in long double arithmetic. ok is false when the sum would be NaN or infinite.
func AddLongDouble(a, b *big.Float) (sum *big.Float, ok bool) {
	if a.IsInf() || b.IsInf() {
		return nil, false
	}
	sum = new(big.Float).SetPrec(ldPrec).SetMode(big.ToNearestEven).Add(a, b)
	if sum.Sign() != 0 && sum.MantExp(nil) > ldMaxExp {
		return nil, false
	}
	return sum, true
}

// AppendLongDouble appends x in Redis's human form: plain decimal, at most 17 digits after the
// point, no trailing zeros, never "-0".
func AppendLongDouble(dst []byte, x *big.Float) []byte {
	if x.IsInf() {
		if x.Sign() < 0 {
			return append(dst, "-inf"...)
		}
		return append(dst, "inf"...)
	}
	at := len(dst)
	dst = x.Append(dst, 'f', 17)
	end := len(dst)
	for dst[end-1] == '0' {
		end--
	}
	if dst[end-1] == '.' {
		end--
	}
	dst = dst[:end]
	if string(dst[at:]) == "-0" {
		dst = append(dst[:at], '0')
	}
	return dst
}
