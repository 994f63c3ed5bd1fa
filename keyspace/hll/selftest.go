package hll

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
)

// SelfTest checks packing, both encodings against each other, and that estimates are as good as they should be (PFSELFTEST).
func SelfTest() error {
	rnd := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	d := make([]byte, DenseSize)
	copy(d, magic)
	var want Max
	for range 100 {
		for i := range want {
			want[i] = uint8(rnd.UintN(64))
			set(d[HeaderSize:], i, want[i])
		}
		for i, v := range want {
			if got := get(d[HeaderSize:], i); got != v {
				return fmt.Errorf("Register %d should be %d but is %d", i, v, got)
			}
		}
	}
	return selfTestEstimates(rnd)
}

func selfTestEstimates(rnd *rand.Rand) error {
	const most = 1 << 20
	d := make([]byte, DenseSize)
	copy(d, magic)
	s := New()
	seed := rnd.Uint64()
	next := uint64(1)
	for i := uint64(1); i <= most; i++ {
		var element [8]byte
		binary.LittleEndian.PutUint64(element[:], seed^i)
		register, count := Hash(element[:])
		RaiseDense(d, register, count)
		if s != nil {
			e := Plan(s, register, count, DenseSize)
			switch e.Verdict {
			case Change:
				old := len(s)
				s = append(s, make([]byte, max(e.Len-e.Old, 0))...)
				s = s[:e.Apply(s, old)]
			case Promote:
				s = nil
			case Corrupt:
				return fmt.Errorf("sparse encoding corrupt after %d elements", i)
			}
		}
		if i != next {
			continue
		}
		next *= 4
		n, _ := Count(d)
		// Six times the standard error, with some slack for the smallest sets.
		if off := math.Abs(float64(n) - float64(i)); off > math.Ceil(6*1.04/math.Sqrt(Registers)*float64(i))+1 {
			return fmt.Errorf("Too big error. card:%d estimate:%d", i, n)
		}
		if s == nil {
			continue
		}
		if m, ok := Count(s); !ok || m != n {
			return fmt.Errorf("sparse estimate %d, dense %d after %d elements", m, n, i)
		}
	}
	return nil
}
