package script

import (
	"math"
	"strconv"
	"strings"
)

// formatNumber is a number as Lua prints it ("%.14g").
func formatNumber(f float64) string {
	if n := int64(f); float64(n) == f && n > -1e14 && n < 1e14 && (n != 0 || !math.Signbit(f)) {
		return strconv.FormatInt(n, 10)
	}
	return formatG(f, 14)
}

// formatG is C's "%.<prec>g".
func formatG(f float64, prec int) string {
	if s, ok := formatSpecial(f); ok {
		return s
	}
	return strconv.FormatFloat(f, 'g', max(prec, 1), 64)
}

// formatSpecial is what C prints for what is no number.
func formatSpecial(f float64) (string, bool) {
	switch {
	case math.IsNaN(f) && math.Signbit(f):
		return "-nan", true
	case math.IsNaN(f):
		return "nan", true
	case math.IsInf(f, 1):
		return "inf", true
	case math.IsInf(f, -1):
		return "-inf", true
	}
	return "", false
}

// parseNumber reads a number as Lua does: as C's strtod, with white space
// around it.
func parseNumber(s string) (float64, bool) {
	s = strings.Trim(s, " \t\n\v\f\r")
	if s == "" {
		return 0, false
	}
	body, neg := s, false
	if body[0] == '-' || body[0] == '+' {
		neg = body[0] == '-'
		body = body[1:]
	}
	if body == "" || strings.IndexByte(body, '_') >= 0 {
		return 0, false
	}
	var f float64
	switch c := body[0]; {
	case c == '0' && len(body) > 1 && body[1]|32 == 'x':
		if !strings.ContainsAny(body, "pP") {
			body += "p0"
		}
		v, err := strconv.ParseFloat(body, 64)
		if err != nil && !isRange(err) {
			return 0, false
		}
		f = v
	case isDigit(int(c)) || c == '.':
		v, err := strconv.ParseFloat(body, 64)
		if err != nil && !isRange(err) {
			return 0, false
		}
		f = v
	default:
		switch low := strings.ToLower(body); {
		case low == "inf" || low == "infinity":
			f = math.Inf(1)
		case low == "nan" || strings.HasPrefix(low, "nan(") && strings.HasSuffix(low, ")") && nanChars(low[4:len(low)-1]):
			f = math.Float64frombits(0x7ff8 << 48) // C has no payload where Go has one
		default:
			return 0, false
		}
	}
	if neg {
		f = math.Copysign(f, -1)
	}
	return f, true
}

func nanChars(s string) bool {
	for i := range len(s) {
		if !isAlnum(int(s[i])) && s[i] != '_' {
			return false
		}
	}
	return true
}

func isRange(err error) bool {
	e, ok := err.(*strconv.NumError)
	return ok && e.Err == strconv.ErrRange
}

// toInt64 converts as a cast in C does on the processors that Redis runs on:
// what does not fit becomes the smallest number.
func toInt64(f float64) int64 {
	if f >= -9223372036854775808.0 && f < 9223372036854775808.0 {
		return int64(f)
	}
	return math.MinInt64
}

// toInt32 is a conversion to int by way of 64 bits, as the compiler does it for
// lua_Integer to int.
func toInt32(f float64) int { return int(int32(toInt64(f))) }
