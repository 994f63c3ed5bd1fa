package crc64

// matrix is a linear map of the 64 bits of a checksum: column i is the image of bit i.
type matrix [64]uint64

func (m *matrix) times(v uint64) (sum uint64) {
	for i := 0; v != 0; v, i = v>>1, i+1 {
		if v&1 != 0 {
			sum ^= m[i]
		}
	}
	return sum
}

func (m *matrix) square() (sq matrix) {
	for i := range m {
		sq[i] = m.times(m[i])
	}
	return sq
}

// Combine returns the checksum of what a is the checksum of, followed by n bytes whose checksum is b. So
// the beginning of a file may be settled after the rest was written.
func Combine(a, b uint64, n int64) uint64 {
	var zero matrix // the effect of one byte of zero
	for i := range zero {
		zero[i] = Update(1<<i, []byte{0})
	}
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			a = zero.times(a)
		}
		zero = zero.square()
	}
	return a ^ b
}
