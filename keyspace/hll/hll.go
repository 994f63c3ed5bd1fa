package hll

import (
	"encoding/binary"
	"math"
	"math/bits"
)

const (
	// Registers is how many registers there are.
	Registers = 1 << registerBits
	// HeaderSize is what stands in front of the registers.
	HeaderSize = 16
	// DenseSize is the length of a string in dense encoding.
	DenseSize = HeaderSize + Registers*6/8

	registerBits = 14
	// maxCount is the largest value that hashing gives a register.
	maxCount = 64 - registerBits + 1

	encodingAt  = 4
	cacheAt     = 8
	cacheFlagAt = 15
	cacheStale  = 0x80

	dense  = 0
	sparse = 1
)

const magic = "HYLL"

// Max holds the largest value of each register among several HyperLogLogs.
type Max [Registers]uint8

// New returns an empty HyperLogLog: sparse, one run of zeros.
func New() []byte {
	b := make([]byte, HeaderSize, HeaderSize+2)
	copy(b, magic)
	b[encodingAt] = sparse
	return appendZeros(b, Registers)
}

// Valid reports whether a string has the header of a HyperLogLog, and, in dense encoding, its length.
func Valid(b []byte) bool {
	return len(b) >= HeaderSize && string(b[:len(magic)]) == magic &&
		(b[encodingAt] == sparse || b[encodingAt] == dense && len(b) == DenseSize)
}

// Sparse reports whether a valid HyperLogLog has the sparse encoding.
func Sparse(b []byte) bool { return b[encodingAt] == sparse }

// Invalidate says that the cardinality in the header no longer holds.
func Invalidate(b []byte) { b[cacheFlagAt] |= cacheStale }

// Cached is the cardinality in the header, if it holds.
func Cached(b []byte) (n uint64, ok bool) {
	return binary.LittleEndian.Uint64(b[cacheAt:]), b[cacheFlagAt]&cacheStale == 0
}

// SetCached puts a cardinality into the header.
func SetCached(b []byte, n uint64) { binary.LittleEndian.PutUint64(b[cacheAt:], n) }

// Hash is where an element goes: the register and the value that it should at least have.
func Hash(element []byte) (register int, count uint8) {
	h := murmur64A(element, 0xadc83b19)
	register = int(h & (Registers - 1))
	// The bit above all others ends the run of zeros.
	return register, uint8(bits.TrailingZeros64(h>>registerBits|1<<(maxCount-1)) + 1)
}

// murmur64A is MurmurHash2 in its variant with 64 bits for 64-bit machines, reading little-endian everywhere.
func murmur64A(b []byte, seed uint64) uint64 {
	const (
		m = 0xc6a4a7935bd1e995
		r = 47
	)
	h := seed ^ uint64(len(b))*m
	for ; len(b) >= 8; b = b[8:] {
		k := binary.LittleEndian.Uint64(b) * m
		k ^= k >> r
		h = (h ^ k*m) * m
	}
	if len(b) > 0 {
		var last [8]byte
		copy(last[:], b)
		h = (h ^ binary.LittleEndian.Uint64(last[:])) * m
	}
	h ^= h >> r
	h *= m
	return h ^ h>>r
}

// get and set treat r as the registers of the dense encoding.
func get(r []byte, i int) uint8 {
	at, shift := i*6>>3, i*6&7
	v := uint(r[at]) >> shift
	if shift > 2 {
		v |= uint(r[at+1]) << (8 - shift)
	}
	return uint8(v & 63)
}

func set(r []byte, i int, v uint8) {
	at, shift := i*6>>3, i*6&7
	r[at] = byte(uint(r[at])&^(63<<shift) | uint(v)<<shift)
	if shift > 2 {
		r[at+1] = byte(uint(r[at+1])&^(63>>(8-shift)) | uint(v)>>(8-shift))
	}
}

// RaiseDense raises a register of a dense HyperLogLog and reports whether it was lower.
func RaiseDense(b []byte, register int, count uint8) bool {
	if get(b[HeaderSize:], register) >= count {
		return false
	}
	set(b[HeaderSize:], register, count)
	return true
}

// Register reads a register of a dense HyperLogLog.
func Register(b []byte, i int) uint8 { return get(b[HeaderSize:], i) }

// Store writes all registers of a dense HyperLogLog.
func (m *Max) Store(b []byte) {
	r := b[HeaderSize:DenseSize]
	for i := 0; i < Registers; i += 4 {
		v := uint32(m[i]) | uint32(m[i+1])<<6 | uint32(m[i+2])<<12 | uint32(m[i+3])<<18
		r[0], r[1], r[2] = byte(v), byte(v>>8), byte(v>>16)
		r = r[3:]
	}
}

// Add takes in the registers of a valid HyperLogLog, or reports false if it is corrupt.
func (m *Max) Add(b []byte) bool {
	if Sparse(b) {
		return eachRun(b, func(first, n int, v uint8) {
			if v == 0 {
				return
			}
			for i := first; i < first+n; i++ {
				m[i] = max(m[i], v)
			}
		})
	}
	r := b[HeaderSize:DenseSize]
	for i := 0; i < Registers; i += 4 {
		v := uint32(r[0]) | uint32(r[1])<<8 | uint32(r[2])<<16
		m[i] = max(m[i], uint8(v&63))
		m[i+1] = max(m[i+1], uint8(v>>6&63))
		m[i+2] = max(m[i+2], uint8(v>>12&63))
		m[i+3] = max(m[i+3], uint8(v>>18))
		r = r[3:]
	}
	return true
}

// Count estimates the cardinality.
func (m *Max) Count() uint64 {
	var h [64]int
	for _, v := range m {
		h[v&63]++
	}
	return estimate(&h)
}

// Count estimates the cardinality of a valid HyperLogLog from its registers, or reports false if it is corrupt.
func Count(b []byte) (uint64, bool) {
	var h [64]int
	if Sparse(b) {
		if !eachRun(b, func(_, n int, v uint8) { h[v] += n }) {
			return 0, false
		}
		return estimate(&h), true
	}
	r := b[HeaderSize:DenseSize]
	for ; len(r) >= 3; r = r[3:] {
		v := uint32(r[0]) | uint32(r[1])<<8 | uint32(r[2])<<16
		h[v&63]++
		h[v>>6&63]++
		h[v>>12&63]++
		h[v>>18]++
	}
	return estimate(&h), true
}

// estimate is Ertl's improved estimator ("New cardinality estimation algorithms for HyperLogLog sketches", 2017), from how many registers
// have which value. Each product is rounded on its own, so that every machine gives the same number.
func estimate(h *[64]int) uint64 {
	const alpha = 0.721347520444481703680
	m := float64(Registers)
	z := m * tau((m-float64(h[maxCount]))/m)
	for j := maxCount - 1; j >= 1; j-- {
		z = float64(z+float64(h[j])) * 0.5
	}
	z += float64(m * sigma(float64(h[0])/m))
	if n := math.Round(float64(float64(alpha*m)*m) / z); n < math.MaxInt64 {
		return uint64(n)
	}
	return 1 << 63 // every register at its end: what C makes of infinity
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for {
		x = math.Sqrt(x)
		before := z
		y *= 0.5
		d := 1 - x
		z -= float64(float64(d*d) * y)
		if z == before {
			return z / 3
		}
	}
}

func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for {
		x *= x
		before := z
		z += float64(x * y)
		y += y
		if z == before {
			return z
		}
	}
}
