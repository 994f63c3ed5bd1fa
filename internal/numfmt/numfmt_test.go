package numfmt

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// The expected texts come from redis-server 8.0.2 (ZADD then ZSCORE on a skiplist zset).
func TestAppendDouble(t *testing.T) {
	for in, want := range map[float64]string{
		3: "3", 1e17: "100000000000000000", 1e20: "1e+20", 1e21: "1e+21", 5e18: "5e+18",
		123456789012345678: "123456789012345680", 12345678901234567890: "12345678901234567000",
		1e-5: "0.00001", 0.0001: "0.0001", 0.00001234: "1.234e-5", 1.5e-7: "1.5e-7",
		123e18: "1.23e+20", 5e-324: "5e-324", 1e-310: "1e-310",
		math.MaxFloat64: "1.7976931348623157e+308", math.Inf(1): "inf", math.Inf(-1): "-inf",
		math.Copysign(0, -1): "-0", 4611686018427387904: "4611686018427387904", -0.5: "-0.5", 1e300: "1e+300",
	} {
		require.Equal(t, want, string(AppendDouble(nil, in)), in)
	}
	require.Equal(t, "0", string(AppendDouble(nil, 0)))
	require.Equal(t, "nan", string(AppendDouble(nil, math.NaN())))
}

func TestAppendDoubleReadsBack(t *testing.T) {
	longer := 0
	for range 200000 {
		d := math.Float64frombits(rand.Uint64())
		if d != d || math.IsInf(d, 0) {
			continue
		}
		s := AppendDouble(nil, d)
		require.LessOrEqual(t, len(s), MaxDoubleLen)
		v, err := strconv.ParseFloat(string(s), 64)
		require.NoError(t, err)
		require.Equal(t, d, v, string(s))
		v, ok := ParseDouble(s)
		require.True(t, ok)
		require.Equal(t, d, v)
		if len(s) > len(strconv.FormatFloat(d, 'g', -1, 64))+1 {
			longer++
		}
	}
	require.Less(t, longer, 2000, "Grisu2 is nearly always shortest")
}

func TestParseDouble(t *testing.T) {
	for in, want := range map[string]float64{
		"0x10": 16, "+5": 5, "inf": math.Inf(1), "+inf": math.Inf(1), "-infinity": math.Inf(-1), ".5": .5,
		"5.": 5, "-.5e1": -5, "0x1p3": 8, "1e-310": 1e-310, "0e999": 0, "-7": -7, "0x0": 0, "123456789012345678": 123456789012345678,
	} {
		v, ok := ParseDouble([]byte(in))
		require.True(t, ok, in)
		require.Equal(t, want, v, in)
	}
	for _, in := range []string{"", " 5", "5 ", "nan", "nan(1)", "1e400", "1e-400", "1e", "-", ".", "+ 5", "1_0", "0x", "0x_1p2", "5\x00"} {
		_, ok := ParseDouble([]byte(in))
		require.False(t, ok, "%q", in)
	}
}

func TestParseInt64(t *testing.T) {
	for _, v := range []int64{0, 1, -1, 9, 10, -10, math.MaxInt64, math.MinInt64, 1e18, -1e18, 99999999999999999, 100000000000000000} {
		s := strconv.AppendInt(nil, v, 10)
		got, ok := ParseInt64(s)
		require.True(t, ok, string(s))
		require.Equal(t, v, got)
		require.Equal(t, len(s), IntLen(v))
	}
	for range 100000 {
		v := int64(rand.Uint64() >> rand.IntN(64))
		if rand.IntN(2) == 0 {
			v = -v
		}
		s := strconv.AppendInt(nil, v, 10)
		got, ok := ParseInt64(s)
		require.True(t, ok, string(s))
		require.Equal(t, v, got)
		require.Equal(t, len(s), IntLen(v))
	}
	for _, in := range []string{"", "-", "-0", "00", "01", "+1", " 1", "1 ", "9223372036854775808", "-9223372036854775809", "99999999999999999999", "18446744073709551616", "1a", "123456789012345678901"} {
		_, ok := ParseInt64([]byte(in))
		require.False(t, ok, in)
	}
}

func TestLongDouble(t *testing.T) {
	for _, c := range [][3]string{
		{"0", "1e20", "100000000000000000000"}, {"10.50", "0.1", "10.6"}, {"5.0e3", "200", "5200"}, {"0", "0x10", "16"},
		{"0", "1e-7", "0.0000001"}, {"3.0", "1.000000000000005", "4.000000000000005"}, {"0", "-0", "0"}, {"1", "-1.0", "0"},
		{"0", "12345678901234567890", "12345678901234567890"}, {"0", "5e-324", "0"},
		{"0", "1e-5000000", "no"}, {"0", "1e5000", "no"}, {"0", "inf", "nosum"}, {"0", "nan", "no"}, {"0", "", "no"}, {"0", "1p3", "no"},
		{"0", "0e99999999", "0"}, {"1e4932", "1e4932", "nosum"},
	} {
		a, ok := ParseLongDouble([]byte(c[0]))
		require.True(t, ok)
		b, ok := ParseLongDouble([]byte(c[1]))
		require.Equal(t, c[2] != "no", ok, c)
		if !ok {
			continue
		}
		sum, ok := AddLongDouble(a, b)
		require.Equal(t, c[2] != "nosum", ok, c)
		if ok {
			require.Equal(t, c[2], string(AppendLongDouble(nil, sum)))
		}
	}
}

func BenchmarkAppendDouble(b *testing.B) {
	var buf [40]byte
	for i := 0; b.Loop(); i++ {
		AppendDouble(buf[:0], float64(i)*1.1)
	}
}

// Accepted and refused as ZCOUNT of redis-server 8.0.2 does.
func TestParseBound(t *testing.T) {
	for in, want := range map[string]float64{"": 0, "1e400": math.Inf(1), "-1e400": math.Inf(-1), "1e-400": 0, "+5": 5, "inf": math.Inf(1), "2.5": 2.5, "5\x00a": 5} {
		v, ok := ParseBound([]byte(in))
		require.True(t, ok, in)
		require.Equal(t, want, v, in)
	}
	for _, in := range []string{" 1", "1 ", "0x1", "-0x5", "1_0", "nan", "+", "-", "in", "1e", "infinityx"} {
		_, ok := ParseBound([]byte(in))
		require.False(t, ok, in)
	}
}
