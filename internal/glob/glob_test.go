package glob

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every expectation was verified with KEYS (or, for nocase, COMMAND LIST FILTERBY PATTERN)
// on redis-server 8.0.2.
func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		nocase     bool
		want       bool
	}{
		{"", "", false, true},
		{"*", "", false, false},
		{"", "a", false, false},
		{"*", "a", false, true},
		{"a*", "a", false, true},
		{"a***", "a", false, true},
		{"h?llo", "hello", false, true},
		{"h?llo", "hllo", false, false},
		{"h[ae]llo", "hallo", false, true},
		{"h[^e]llo", "hello", false, false},
		{"h[a-b]llo", "hbllo", false, true},
		{"h[b-a]llo", "hbllo", false, true},
		{"[a", "a", false, true},
		{"[", "a", false, false},
		{"[^", "a", false, true},
		{"[a-]", "]", false, true},
		{`[\]]`, "]", false, true},
		{`[a\`, `\`, false, true},
		{`\*`, "*", false, true},
		{`\*`, "a", false, false},
		{`\`, `\`, false, true},
		{"a*b*c", "aXbYbZc", false, true},
		{"a*b*c", "aXbYbZ", false, false},
		{"[\x80-a]", "\xff", false, true},
		{"GET*", "getrange", true, true},
		{"[G]et", "get", true, true},
		{`[\G]et`, "get", true, false},
		{"[A-H]et", "get", true, true},
	} {
		require.Equal(t, c.want, Match([]byte(c.pattern), []byte(c.s), c.nocase), "%q %q", c.pattern, c.s)
	}
}

func TestStarLimit(t *testing.T) {
	for n, want := range map[int]bool{1000: true, 1001: false} {
		pattern, s := strings.Repeat("*a", n), strings.Repeat("a", n)
		require.Equal(t, want, Match([]byte(pattern), []byte(s), false), n)
		require.Equal(t, want, Match([]byte(pattern+"*"), []byte(s), false), n)
	}
}

func TestNoExponentialTime(t *testing.T) {
	pattern := strings.Repeat("a*", 500) + "b"
	require.False(t, Match([]byte(pattern), []byte(strings.Repeat("a", 5000)), false))
}

func BenchmarkMatch(b *testing.B) {
	p, s := []byte("user:*:prof[a-z]le"), []byte("user:1234567:profile")
	for b.Loop() {
		Match(p, s, false)
	}
}
