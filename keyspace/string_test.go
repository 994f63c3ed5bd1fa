package keyspace

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"berth/keyspace/mem"
)

func TestParseInt(t *testing.T) {
	for _, s := range []string{"0", "1", "-1", "42", "9223372036854775807", "-9223372036854775808"} {
		n, ok := ParseInt([]byte(s))
		require.True(t, ok, s)
		require.Equal(t, s, strconv.FormatInt(n, 10))
	}
	for _, s := range []string{"", "-", "-0", "00", "01", "+1", " 1", "1 ", "1a", "a", "9223372036854775808",
		"-9223372036854775809", "18446744073709551616", "99999999999999999999", "184467440737095516150"} {
		_, ok := ParseInt([]byte(s))
		require.False(t, ok, s)
	}
}

func FuzzParseInt(f *testing.F) {
	f.Add([]byte("-9223372036854775808"))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, ok := ParseInt(b)
		want, err := strconv.ParseInt(string(b), 10, 64)
		canonical := err == nil && strconv.FormatInt(want, 10) == string(b)
		if ok != canonical || ok && n != want {
			t.Fatalf("ParseInt(%q) = %d, %v", b, n, ok)
		}
	})
}

func TestStringEncodings(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	db := ks.DB(0)
	for _, c := range []struct {
		val string
		enc Encoding
	}{
		{"12", Int}, {"-9223372036854775808", Int}, {"012", EmbStr}, {"", EmbStr},
		{strings.Repeat("x", 44), EmbStr}, {strings.Repeat("x", 45), Raw},
		{strings.Repeat("x", 512), Raw}, {strings.Repeat("x", 513), Raw}, {strings.Repeat("x", 100000), Raw},
	} {
		e := set(db, "k", c.val)
		require.Equal(t, c.enc, e.Encoding(), c.val)
		require.Equal(t, c.val, get(db, "k"))
		e = db.Append(e, []byte("1"))
		require.Equal(t, "raw", e.Encoding().String())
		require.Equal(t, c.val+"1", get(db, "k"))
	}
	e := db.SetBytesAt(nil, []byte("n"), []byte("12"), false)
	require.Equal(t, EmbStr, e.Encoding())
	e, n, err := db.IncrBy(e, 1)
	require.NoError(t, err)
	require.EqualValues(t, 13, n)
	require.Equal(t, Int, e.Encoding())
	e = db.SetRaw(nil, []byte("z"), 700)
	require.Equal(t, 700, StringLen(e))
	require.Equal(t, strings.Repeat("\x00", 700), get(db, "z"))
}

func TestIncrBy(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	db := ks.DB(0)
	e := db.SetInt([]byte("n"), math.MaxInt64-1, false)
	gen, used := db.Gen(), mem.Used()
	e2, n, err := db.IncrBy(e, 1)
	require.NoError(t, err)
	require.EqualValues(t, math.MaxInt64, n)
	require.Equal(t, e, e2)
	_, _, err = db.IncrBy(e, 1)
	require.ErrorIs(t, err, ErrOverflow)
	_, _, err = db.IncrBy(e, math.MinInt64)
	require.NoError(t, err)
	_, _, err = db.IncrBy(e, math.MinInt64)
	require.ErrorIs(t, err, ErrOverflow)
	require.Equal(t, gen, db.Gen())
	require.Equal(t, used, mem.Used())
	_, _, err = db.IncrBy(set(db, "s", "abc"), 1)
	require.ErrorIs(t, err, ErrNotInteger)
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _, _ = db.IncrBy(e, 1) }))
}

// TestResize: direct access as modules use it, in and out of the entry.
func TestResize(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	db := ks.DB(0)
	e := db.SetExpire(set(db, "k", "12"), 1<<50)
	for _, n := range []int{2, 0, 20, 512, 513, 5000, 2 << 20, 5000, 10, 600, 0} {
		var b []byte
		e, b = db.StringResize(e, n)
		require.Len(t, b, n)
		if n > 0 {
			b[n-1] = 'x'
			require.Equal(t, byte('x'), StringBytes(e, nil)[n-1])
		}
		require.Equal(t, Raw, e.Encoding())
		require.EqualValues(t, 1<<50, e.Expire())
		require.Equal(t, n, StringLen(e))
	}
	e = db.TrimString(e)
	require.Zero(t, StringLen(e))
}

// TestAppendIsAmortised: appending byte by byte doesn't copy the string each time.
func TestAppendIsAmortised(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	db := ks.DB(0)
	e := set(db, "k", "x")
	moves := 0
	for range 300000 {
		p := unsafe.Pointer(unsafe.SliceData(StringBytes(e, nil)))
		e = db.Append(e, []byte("y"))
		if p != unsafe.Pointer(unsafe.SliceData(StringBytes(e, nil))) {
			moves++
		}
	}
	require.Less(t, moves, 60)
	require.Equal(t, 300001, StringLen(e))
}

func TestHotPathAllocatesNothing(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	db := ks.DB(0)
	key, val := []byte("key:000000000001"), []byte("the value of 32 bytes, just so..")
	db.SetString(key, val, false)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		e := db.Lookup(key, LookupWrite)
		e = db.SetStringAt(e, key, val, false)
		_ = StringBytes(e, nil)
	}))
}

// TestMemoryPerKey: a million keys of 16 bytes with values of 32.
func TestMemoryPerKey(t *testing.T) {
	const n = 200_000
	ks := newTestKS(t, Hooks{})
	db := ks.DB(0)
	used := mem.Used()
	fillKeys(db, n)
	perKey := float64(mem.Used()-used) / n
	t.Logf("%.1f bytes per key", perKey)
	require.Less(t, perKey, 80.0)
}

func fillKeys(db *DB, n int) {
	key, val := []byte("key:000000000000"), []byte("the value of 32 bytes, just so..")
	for i := range n {
		testKey(key, i)
		db.SetString(key, val, false)
	}
}

func testKey(key []byte, i int) {
	for k := len(key) - 1; k > 3; k-- {
		key[k] = '0' + byte(i%10)
		i /= 10
	}
}

func BenchmarkMillion(b *testing.B) {
	const n = 1_000_000
	key, val := []byte("key:000000000000"), []byte("the value of 32 bytes, just so..")
	b.Run("insert", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			ks := New(Options{})
			used, reserved := mem.Used(), mem.Reserved()
			b.StartTimer()
			fillKeys(ks.DB(0), n)
			b.StopTimer()
			b.ReportMetric(float64(mem.Used()-used)/n, "used-B/key")
			b.ReportMetric(float64(mem.Reserved()-reserved)/n, "reserved-B/key")
			ks.Close()
			b.StartTimer()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/key")
	})
	ks := New(Options{})
	defer ks.Close()
	db := ks.DB(0)
	fillKeys(db, n)
	i := 0
	b.Run("get", func(b *testing.B) {
		for b.Loop() {
			i = (i*1103515245 + 12345) % n
			testKey(key, i)
			if e := db.Lookup(key, LookupRead); e == nil || len(StringBytes(e, nil)) != 32 {
				b.Fatal("wrong value")
			}
		}
	})
	b.Run("overwrite", func(b *testing.B) {
		for b.Loop() {
			i = (i*1103515245 + 12345) % n
			testKey(key, i)
			db.SetStringAt(db.Lookup(key, LookupWrite), key, val, false)
		}
	})
	b.Run("incr", func(b *testing.B) {
		db.SetInt([]byte("counter"), 0, false)
		for b.Loop() {
			if _, _, err := db.IncrBy(db.Lookup([]byte("counter"), LookupWrite), 1); err != nil {
				b.Fatal(err)
			}
		}
	})
}
