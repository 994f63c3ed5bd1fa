package keyspace

import (
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// bitAt is the plain reading of a bitmap.
func bitAt(b []byte, i int64) int {
	if i>>3 >= int64(len(b)) {
		return 0
	}
	return int(b[i>>3]>>(7-i&7)) & 1
}

func randomBytes(rnd *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return b
}

func TestBitsBitByBit(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		b := randomBytes(rnd, 1+rnd.IntN(40))
		off, width := rnd.Int64N(int64(len(b))*8+20), 1+rnd.IntN(64)
		want := uint64(0)
		for i := range int64(width) {
			want = want<<1 | uint64(bitAt(b, off+i))
		}
		require.Equal(t, want, GetBits(b, off, width))
		if off+int64(width) > int64(len(b))*8 {
			continue
		}
		v := rnd.Uint64()
		old := append([]byte(nil), b...)
		SetBits(b, off, width, v)
		require.Equal(t, v<<(64-width)>>(64-width), GetBits(b, off, width))
		for i := range int64(len(b)) * 8 {
			if i < off || i >= off+int64(width) {
				require.Equal(t, bitAt(old, i), bitAt(b, i))
			}
		}
	}
}

func TestBitCountAndPos(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for n := range 200 {
		b := make([]byte, n)
		require.EqualValues(t, -1, BitPos(b, true))
		if n == 0 {
			continue
		}
		at := rnd.Int64N(int64(n) * 8)
		SetBits(b, at, 1, 1)
		require.Equal(t, at, BitPos(b, true))
		require.EqualValues(t, 1, BitCount(b))
		not(b)
		require.Equal(t, at, BitPos(b, false))
		require.EqualValues(t, n*8-1, BitCount(b))
	}
}

func TestBitOp(t *testing.T) {
	db := testDB(t, nil)
	rnd := rand.New(rand.NewPCG(5, 6))
	for _, most := range []int{5, 100, 3 * bitOpBlock} {
		for _, op := range []BitOperation{BitAnd, BitOr, BitXor, BitNot} {
			src := [][]byte{randomBytes(rnd, 1+rnd.IntN(most))}
			for op != BitNot && len(src) < 4 {
				src = append(src, randomBytes(rnd, rnd.IntN(most)))
			}
			e, n := db.BitOp(op, db.Find([]byte("d")), []byte("d"), src)
			got := StringBytes(e, nil)
			require.Len(t, got, n)
			require.Equal(t, Raw, e.Encoding())
			for i := range n {
				var want byte
				for j, s := range src {
					var x byte
					if i < len(s) {
						x = s[i]
					}
					switch {
					case op == BitNot:
						want = ^x
					case j == 0:
						want = x
					case op == BitAnd:
						want &= x
					case op == BitOr:
						want |= x
					default:
						want ^= x
					}
				}
				if want != got[i] {
					t.Fatalf("operation %d, byte %d of %d: %08b, want %08b", op, i, n, got[i], want)
				}
			}
		}
	}
	// The destination may be a source, and a key that expires does so no longer.
	e := db.SetString([]byte("x"), []byte("\x0f\xff a long one, of a block of its own"+string(make([]byte, 300))), false)
	db.SetExpire(e, 1<<40)
	e = db.Find([]byte("x"))
	ones := bits.OnesCount8(0x0f) + 8
	require.GreaterOrEqual(t, BitCount(StringBytes(e, nil)), int64(ones))
	e, _ = db.BitOp(BitXor, e, []byte("x"), [][]byte{StringBytes(e, nil), StringBytes(e, nil)})
	require.EqualValues(t, 0, BitCount(StringBytes(e, nil)))
	require.False(t, e.HasExpire())
}
