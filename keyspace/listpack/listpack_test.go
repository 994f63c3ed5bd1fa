package listpack

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"berth/keyspace/mem"
)

func check(t *testing.T, lp LP, model []string) {
	t.Helper()
	require.True(t, Validate(Bytes(lp), true))
	require.Equal(t, len(model), Len(lp))
	var sc Scratch
	i := 0
	for off := First(lp); off != 0; off = Next(lp, off) {
		require.Equal(t, model[i], string(GetBytes(lp, off, &sc)))
		require.Equal(t, len(model[i]), ElemLen(lp, off))
		i++
	}
	require.Equal(t, len(model), i)
	for off := Last(lp); off != 0; off = Prev(lp, off) {
		i--
		require.Equal(t, model[i], string(GetBytes(lp, off, &sc)))
	}
	require.Zero(t, i)
}

var edges = []int64{0, 127, 128, -1, 4095, 4096, -4096, -4097, 32767, 32768, -32768, -32769, 1<<23 - 1, 1 << 23, -1 << 23, -1<<23 - 1,
	math.MaxInt32, math.MaxInt32 + 1, math.MinInt32, math.MinInt32 - 1, math.MaxInt64, math.MinInt64}

func randElem() string {
	switch rand.IntN(8) {
	case 0:
		return strconv.FormatInt(edges[rand.IntN(len(edges))], 10)
	case 1:
		return strconv.Itoa(rand.IntN(1000) - 500)
	case 2:
		return string(bytes.Repeat([]byte{'x'}, []int{0, 63, 64, 125, 126, 127, 4095, 4096, 16377, 16378, 16379, 20000}[rand.IntN(12)]))
	case 3:
		return []string{"-0", "01", "+1", "9223372036854775808", "1.5", ""}[rand.IntN(6)]
	}
	b := make([]byte, rand.IntN(20))
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return string(b)
}

func TestAgainstSlice(t *testing.T) {
	used := mem.Used()
	for range 60 {
		lp := New(0)
		var m []string
		for range 150 {
			e := randElem()
			switch op := rand.IntN(14); {
			case op == 0:
				lp, m = Append(lp, []byte(e)), append(m, e)
			case op == 1:
				lp, m = Prepend(lp, []byte(e)), append([]string{e}, m...)
			case op == 2:
				v := edges[rand.IntN(len(edges))]
				lp, m = AppendInt(lp, v), append(m, strconv.FormatInt(v, 10))
			case op == 3:
				e2 := randElem()
				lp, m = AppendPair(lp, []byte(e), []byte(e2)), append(m, e, e2)
			case len(m) == 0:
				require.Zero(t, First(lp))
				require.Zero(t, Last(lp))
			case op < 6:
				i := rand.IntN(len(m))
				at := i
				if rand.IntN(2) == 0 {
					at -= len(m)
				}
				lp = InsertBefore(lp, Seek(lp, at), []byte(e))
				m = slices.Insert(m, i, e)
			case op == 6:
				i := rand.IntN(len(m))
				var off int
				lp, off = InsertAfter(lp, Seek(lp, i), []byte(e))
				require.True(t, Compare(lp, off, []byte(e)))
				m = slices.Insert(m, i+1, e)
			case op == 7:
				i := rand.IntN(len(m))
				lp = Replace(lp, Seek(lp, i), []byte(e))
				m[i] = e
			case op == 8:
				i, n := rand.IntN(len(m)), rand.IntN(4)
				var next int
				lp, next = DeleteN(lp, Seek(lp, i), n)
				m = slices.Delete(m, i, min(i+n, len(m)))
				if i < len(m) {
					require.True(t, Compare(lp, next, []byte(m[i])))
				} else {
					require.Zero(t, next)
				}
			case op == 9:
				i, n := rand.IntN(len(m)), rand.IntN(5)-1
				end := i + n
				if n < 0 || end > len(m) {
					end = len(m)
				}
				at := i
				if rand.IntN(2) == 0 {
					at -= len(m)
				}
				lp = DeleteRange(lp, at, n)
				m = slices.Delete(m, i, end)
			case op == 10:
				i := rand.IntN(len(m) + 1)
				var r LP
				lp, r = Split(lp, i)
				check(t, lp, m[:i])
				check(t, r, m[i:])
				lp = Merge(lp, r)
			case op == 11:
				i := rand.IntN(len(m))
				off := Find(lp, 0, []byte(m[i]), 0)
				require.Equal(t, Seek(lp, slices.Index(m, m[i])), off)
				want := -1
				for j := 0; j < len(m); j += 2 {
					if m[j] == m[i] {
						want = j
						break
					}
				}
				off = Find(lp, 0, []byte(m[i]), 1)
				if want < 0 {
					require.Zero(t, off)
				} else {
					require.Equal(t, Seek(lp, want), off)
				}
			case op == 12:
				require.Zero(t, Seek(lp, len(m)))
				require.Zero(t, Seek(lp, -len(m)-1))
				offs := Offsets(lp, 2, nil)
				require.Len(t, offs, (len(m)+1)/2)
				require.Equal(t, Seek(lp, (len(offs)-1)*2), int(offs[len(offs)-1]))
			default:
				d := Dup(lp)
				Free(lp)
				lp = d
			}
			check(t, lp, m)
		}
		Free(lp)
	}
	require.Equal(t, used, mem.Used())
}

// The bytes are those of DUMP on redis-server 8.0.2.
func TestEncodings(t *testing.T) {
	lp := New(0)
	defer func() { Free(lp) }()
	for _, s := range []string{"a", "1", "-1", "300", "70000", "5000000000"} {
		lp = Append(lp, []byte(s))
	}
	require.Equal(t, "\x21\x00\x00\x00\x06\x00\x81a\x02\x01\x01\xdf\xff\x02\xc1\x2c\x02\xf2\x70\x11\x01\x04\xf4\x00\xf2\x05\x2a\x01\x00\x00\x00\x09\xff",
		string(Bytes(lp)))
}

func TestManyElements(t *testing.T) {
	lp := New(0)
	for i := range 70000 {
		lp = AppendInt(lp, int64(i))
	}
	require.Equal(t, 70000, Len(lp))
	var sc Scratch
	require.Equal(t, "69999", string(GetBytes(lp, Seek(lp, -1), &sc)))
	require.Equal(t, "66000", string(GetBytes(lp, Seek(lp, 66000), &sc)))
	require.Zero(t, Seek(lp, 70000))
	lp = DeleteRange(lp, 10, 69900)
	require.Equal(t, 100, Len(lp))
	require.True(t, Validate(Bytes(lp), true))
	Free(lp)
}

func FuzzValidate(f *testing.F) {
	lp := New(0)
	for i := range 30 {
		lp = Append(lp, bytes.Repeat([]byte("y"), i*i*i))
		lp = AppendInt(lp, edges[i%len(edges)])
	}
	f.Add(bytes.Clone(Bytes(lp)))
	Free(lp)
	f.Add([]byte("\x07\x00\x00\x00\x00\x00\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if !Validate(b, true) {
			return
		}
		lp := FromBytes(b)
		defer Free(lp)
		var sc Scratch
		n := 0
		for off := First(lp); off != 0; off = Next(lp, off) {
			GetBytes(lp, off, &sc)
			n++
		}
		for off := Last(lp); off != 0; off = Prev(lp, off) {
			n--
		}
		if n != 0 {
			t.Fatal("counts differ by direction")
		}
	})
}

func BenchmarkFind(b *testing.B) {
	lp := New(0)
	for i := range 64 {
		lp = AppendPair(lp, []byte("field"+strconv.Itoa(i)), []byte("value"))
	}
	k := []byte("field60")
	for b.Loop() {
		Find(lp, 0, k, 1)
	}
}
