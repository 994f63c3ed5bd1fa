package argsplit

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// Verified against inline commands on redis-server 8.0.2.
func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		"":               {},
		"  \t ":          {},
		"a b  c":         {"a", "b", "c"},
		`"a b" 'c d'`:    {"a b", "c d"},
		`""`:             {""},
		`a"b c"`:         {"ab c"},
		`"\x41\n\q\"" x`: {"A\nq\"", "x"},
		`"\x4"`:          {"x4"},
		`'a\'b\n'`:       {`a'b\n`},
		"a\vb":           {"a\vb"},
		"\va":            {"a"},
		"a\x00b c":       {"a"},
		`a\ b`:           {`a\`, "b"},
		"\"a\"\v\"b\"":   {"a", "b"},
	} {
		got, err := Split([]byte(line))
		require.NoError(t, err, "%q", line)
		text := []string{}
		for _, a := range got {
			text = append(text, string(a))
		}
		require.Equal(t, want, text, "%q", line)
	}
	for _, line := range []string{`"a`, `'a`, `"a"b`, `'a'b`, `"a\`, `a "`, "\"a\x00\""} {
		_, err := Split([]byte(line))
		require.ErrorIs(t, err, ErrUnbalanced, "%q", line)
	}
}

func TestQuote(t *testing.T) {
	require.Equal(t, `"a\"\\\n\r\t\a\b\x00\xff'"`, string(Quote(nil, []byte("a\"\\\n\r\t\a\b\x00\xff'"))))
}

func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("a b\x00\\\"'"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Split(Quote(nil, b))
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.True(t, bytes.Equal(b, got[0]))
		if !NeedsQuote(b) {
			got, err = Split(b)
			require.NoError(t, err)
			require.Equal(t, [][]byte{b}, got)
		}
		_, _ = Split(b)
	})
}
