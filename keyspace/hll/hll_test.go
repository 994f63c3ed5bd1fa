package hll

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

// raise raises a register of a sparse or dense value held in a Go slice of exactly its size.
func raise(b []byte, register int, count uint8, limit int) ([]byte, Verdict) {
	if !Sparse(b) {
		if RaiseDense(b, register, count) {
			return b, Change
		}
		return b, Nothing
	}
	e := Plan(b, register, count, limit)
	if e.Verdict != Change {
		return b, e.Verdict
	}
	room := make([]byte, len(b)+max(e.Len-e.Old, 0))
	copy(room, b)
	return room[:e.Apply(room, len(b))], Change
}

func registers(t *testing.T, b []byte) Max {
	var m Max
	require.True(t, m.Add(b))
	return m
}

// TestEncodingsAgree raises the same registers in both encodings and a plain array.
func TestEncodingsAgree(t *testing.T) {
	d := make([]byte, DenseSize)
	copy(d, magic)
	s := New()
	var want Max
	for i := range 3000 {
		var element [8]byte
		binary.LittleEndian.PutUint64(element[:], uint64(i)*0x9e3779b97f4a7c15)
		register, count := Hash(element[:])
		// Close neighbours and few values, so that runs are split and joined.
		register, count = register&0x3ff, min(count, 3)
		want[register] = max(want[register], count)
		var v Verdict
		s, v = raise(s, register, count, 1<<20)
		require.NotEqual(t, Corrupt, v)
		RaiseDense(d, register, count)
		if i%97 == 0 || i < 50 {
			require.Equal(t, want, registers(t, s))
			require.Equal(t, want, registers(t, d))
			n, ok := Count(s)
			require.True(t, ok)
			m, _ := Count(d)
			require.Equal(t, m, n)
			require.Equal(t, m, want.Count())
			converted, ok := AppendDense(nil, s)
			require.True(t, ok)
			require.Equal(t, d[HeaderSize:], converted[HeaderSize:])
		}
	}
	out := make([]byte, DenseSize)
	want.Store(out)
	require.Equal(t, d[HeaderSize:], out[HeaderSize:])
}

func TestSelfTestPasses(t *testing.T) { require.NoError(t, SelfTest()) }

func TestCachedCardinality(t *testing.T) {
	b := New()
	n, ok := Cached(b)
	require.True(t, ok)
	require.Zero(t, n)
	Invalidate(b)
	_, ok = Cached(b)
	require.False(t, ok)
	SetCached(b, 1234567)
	n, ok = Cached(b)
	require.True(t, ok)
	require.EqualValues(t, 1234567, n)
}

func TestPromotes(t *testing.T) {
	b := New()
	require.Equal(t, Promote, Plan(b, 5, maxSparseCount+1, 3000).Verdict, "no sparse form of a value this large")
	require.Equal(t, Promote, Plan(b, 5, 1, len(b)).Verdict, "no room")
	require.Equal(t, Change, Plan(b, 5, 1, len(b)+3).Verdict)
	require.Equal(t, Corrupt, Plan(b[:HeaderSize], 5, 1, 3000).Verdict)
}

// TestEstimates pins the estimator where rounding could go astray.
func TestEstimates(t *testing.T) {
	var h [64]int
	h[0] = Registers
	require.EqualValues(t, 0, estimate(&h))
	h[0], h[1] = Registers-1, 1
	require.EqualValues(t, 1, estimate(&h))
	h[0], h[1], h[maxCount] = 0, 0, Registers
	require.EqualValues(t, uint64(1<<63), estimate(&h))
}

// FuzzHostile takes any string for a HyperLogLog, as SET and RESTORE let clients do. Slices have no spare room, so
// that a step outside panics.
func FuzzHostile(f *testing.F) {
	f.Add(New(), uint16(1), uint8(3))
	b := New()
	for i := range 40 {
		b, _ = raise(b, i*i*7%Registers, uint8(i%5+1), 3000)
	}
	f.Add(b, uint16(700), uint8(33))
	f.Add(b[:len(b)-1], uint16(16383), uint8(2))
	f.Add(append(append([]byte(nil), b...), 0x7f), uint16(16383), uint8(2))
	d, _ := AppendDense(nil, b)
	f.Add(d, uint16(16383), uint8(63))
	f.Fuzz(func(t *testing.T, b []byte, register uint16, count uint8) {
		b = append(make([]byte, 0, len(b)), b...)
		if !Valid(b) {
			return
		}
		r, c := int(register%Registers), count%64
		if c == 0 {
			c = 1
		}
		var m Max
		good := m.Add(b)
		n, counted := Count(b)
		if good != counted {
			t.Fatalf("Add says %v, Count %v", good, counted)
		}
		if good && n != m.Count() {
			t.Fatalf("Count %d, of the registers %d", n, m.Count())
		}
		if Sparse(b) {
			AppendRuns(nil, b)
			if converted, ok := AppendDense(nil, b); ok != good {
				t.Fatalf("AppendDense says %v, Add %v", ok, good)
			} else if good && registers(t, converted) != m {
				t.Fatal("AppendDense made other registers")
			}
		}
		cut := false
		if Sparse(b) {
			e := Plan(b, r, c, 3000)
			cut = e.At+e.Old > len(b)
		}
		after, v := raise(b, r, c, 3000)
		if !good || cut { // what Redis makes of a run that is cut off is not whole either
			return
		}
		if v == Corrupt {
			t.Fatal("a good value is corrupt")
		}
		if v == Change {
			m[r] = max(m[r], c)
			if registers(t, after) != m {
				t.Fatalf("raised %d to %d: other registers changed", r, c)
			}
		}
	})
}
