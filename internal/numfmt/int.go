package numfmt

import "math"

// MaxInt64Len is the longest text of an int64, sign included.
const MaxInt64Len = 20

// ParseInt64 reads b as a canonical decimal int64: the one spelling that AppendInt would produce,
// so no plus sign, no leading zero, no "-0", no space. It is the test that decides whether a
// string may be stored as an integer.
func ParseInt64(b []byte) (int64, bool) {
	n := len(b)
	if n == 0 || n > MaxInt64Len {
		return 0, false
	}
	if n == 1 {
		d := b[0] - '0'
		return int64(d), d <= 9
	}
	i := 0
	neg := b[0] == '-'
	if neg {
		i = 1
	}
	d := b[i] - '0'
	if d < 1 || d > 9 {
		return 0, false
	}
	v := uint64(d)
	i++
	if n-i <= 17 {
		for ; i < n; i++ {
			d = b[i] - '0'
			if d > 9 {
				return 0, false
			}
			v = v*10 + uint64(d)
		}
	} else {
		for ; i < n; i++ {
			d = b[i] - '0'
			if d > 9 || v > math.MaxUint64/10 {
				return 0, false
			}
			v *= 10
			if v > math.MaxUint64-uint64(d) {
				return 0, false
			}
			v += uint64(d)
		}
	}
	if neg {
		if v > 1<<63 {
			return 0, false
		}
		return int64(-v), true
	}
	if v > math.MaxInt64 {
		return 0, false
	}
	return int64(v), true
}

// IntLen is the number of bytes that AppendInt writes for v.
func IntLen(v int64) int {
	n := 1
	u := uint64(v)
	if v < 0 {
		n = 2
		u = -u
	}
	for u >= 10000 {
		u /= 10000
		n += 4
	}
	switch {
	case u >= 1000:
		return n + 3
	case u >= 100:
		return n + 2
	case u >= 10:
		return n + 1
	}
	return n
}

// Atoi is C's atoi: it reads as far as there are digits.
func Atoi(b []byte) int {
	i, neg := 0, false
	for i < len(b) && (b[i] == ' ' || b[i] >= '\t' && b[i] <= '\r') {
		i++
	}
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		neg = b[i] == '-'
		i++
	}
	n := 0
	for ; i < len(b) && b[i] >= '0' && b[i] <= '9'; i++ {
		if n > (1<<62)/10 {
			n = 1<<63 - 1
			// strtol saturates, the conversion to int then keeps its low half.
			return int(int32(uint32(n)))
		}
		n = n*10 + int(b[i]-'0')
	}
	if neg {
		n = -n
	}
	return int(int32(uint32(n)))
}
