package config

import (
	"errors"
	"math"
	"os"
	"strconv"
	"strings"
	"syscall"

	"berth/internal/argsplit"
)

// cString cuts s at its first NUL byte, which is where C code sees it end.
func cString(s string) string {
	if n := strings.IndexByte(s, 0); n >= 0 {
		return s[:n]
	}
	return s
}

// quoted is s as one double-quoted argument.
func quoted(s string) string { return string(argsplit.Quote(nil, []byte(s))) }

// parseInt accepts exactly what a 64-bit integer prints as.
func parseInt(s string) (int, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != s {
		return 0, false
	}
	return int(n), true
}

// cNumber is strtoll: white space, sign, digits; what follows is returned. ok is false if
// the number is out of range, and it is then the nearest one.
func cNumber(s string, base int) (n int64, rest string, ok bool) {
	i := 0
	for i < len(s) && (s[i] == ' ' || s[i] >= '\t' && s[i] <= '\r') {
		i++
	}
	start := i
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	first := i
	for i < len(s) && s[i] >= '0' && int(s[i]-'0') < base {
		i++
	}
	if i == first {
		return 0, s, true
	}
	n, err := strconv.ParseInt(s[start:i], base, 64)
	return n, s[i:], err == nil
}

// parseMemory reads a size such as 100, 1k (1000), 1kb (1024), 5MB or 1g. No digits
// mean 0; too many give the largest number; the multiplication wraps. All of it as Redis does.
func parseMemory(s string) (uint64, bool) {
	s = cString(s)
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	var mul uint64
	switch strings.ToLower(s[i:]) {
	case "", "b":
		mul = 1
	case "k":
		mul = 1000
	case "kb":
		mul = 1 << 10
	case "m":
		mul = 1000 * 1000
	case "mb":
		mul = 1 << 20
	case "g":
		mul = 1000 * 1000 * 1000
	case "gb":
		mul = 1 << 30
	default:
		return 0, false
	}
	if strings.HasPrefix(s, "-") || i >= 128 {
		return 0, false
	}
	var n uint64
	if i > 0 {
		var err error
		if n, err = strconv.ParseUint(s[:i], 10, 64); err != nil {
			n = math.MaxUint64
		}
	}
	return n * mul, true
}

// formatMemory writes a size in the largest unit that divides it.
func formatMemory(n int) string {
	switch {
	case n != 0 && n%(1<<30) == 0:
		return strconv.Itoa(n>>30) + "gb"
	case n != 0 && n%(1<<20) == 0:
		return strconv.Itoa(n>>20) + "mb"
	case n != 0 && n%(1<<10) == 0:
		return strconv.Itoa(n>>10) + "kb"
	}
	return strconv.Itoa(n)
}

// parseDouble is strtod for text that is a number as a whole.
func parseDouble(s string) (float64, error) {
	if strings.Contains(s, "_") {
		return 0, strconv.ErrSyntax
	}
	text := s
	if lower := strings.ToLower(s); strings.Contains(lower, "0x") && !strings.Contains(lower, "p") {
		text += "p0" // Go wants the exponent of a hexadecimal number
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || math.IsNaN(f) {
		return 0, strconv.ErrSyntax
	}
	return f, nil
}

// formatDouble writes at most six decimals and no trailing zeros.
func formatDouble(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 6, 64), "0"), ".")
}

func osChdir(dir string) error { return os.Chdir(dir) }

// osGetwd asks the kernel: os.Getwd would believe $PWD.
func osGetwd() (string, error) {
	var buf [4096]byte
	n, err := syscall.Getcwd(buf[:])
	if err != nil {
		return "", err
	}
	return cString(string(buf[:n])), nil
}
