package aof

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// readAll returns the commands of a file as text, where the last whole one ends, and the error.
func readAll(r io.Reader) (got []string, valid int64, err error) {
	x := NewReader(r, 0)
	for {
		args, err := x.Next()
		if err != nil {
			return got, x.Offset(), err
		}
		got = append(got, fmt.Sprintf("%q", args))
	}
}

func TestReader(t *testing.T) {
	big := strings.Repeat("x", 3*firstRoom+5)
	var b []byte
	b = AppendTime(b, 1700000000)
	b = AppendSelect(b, 11)
	b = AppendCommand(b, []byte("SET"), []byte("k\r\n\x00"), nil)
	b = AppendTime(b, 1700000001)
	b = AppendCommand(b, []byte("SET"), []byte("big"), []byte(big))
	b = AppendCommand(b, []byte("PING"))
	want := []string{`["SELECT" "11"]`, `["SET" "k\r\n\x00" ""]`, fmt.Sprintf(`["SET" "big" %q]`, big), `["PING"]`}
	for _, r := range []io.Reader{bytes.NewReader(b), iotest.HalfReader(bytes.NewReader(b))} {
		got, valid, err := readAll(r)
		require.ErrorIs(t, err, io.EOF)
		require.NotErrorIs(t, err, io.ErrUnexpectedEOF)
		require.Equal(t, want, got)
		require.EqualValues(t, len(b), valid)
	}
	_, _, err := readAll(strings.NewReader("*1\n$4\nPING\r\n#TS:1"))
	require.ErrorIs(t, err, io.EOF)
}

// Wherever a file is cut, what is whole is read, and the rest is told from nonsense.
func TestReaderTruncated(t *testing.T) {
	var b []byte
	b = AppendCommand(b, []byte("SET"), []byte("key"), []byte("value"))
	first := len(b)
	b = AppendTime(b, 1)
	annotated := len(b)
	b = AppendCommand(b, []byte("SET"), []byte("key2"), []byte("value"))
	for n := range len(b) {
		got, valid, err := readAll(bytes.NewReader(b[:n]))
		switch {
		case n == 0, n >= first && n <= annotated:
			require.Equal(t, io.EOF, err, "cut at %d", n)
		default:
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, "cut at %d", n)
		}
		if n < first {
			require.Empty(t, got)
			require.Zero(t, valid)
		} else {
			require.Len(t, got, 1)
			require.EqualValues(t, first, valid)
		}
	}
}

func TestReaderBadFormat(t *testing.T) {
	good := "*1\r\n$4\r\nPING\r\n"
	for _, x := range []struct {
		text   string
		offset int64
	}{
		{"PING\r\n", 14}, {"*0\r\n", 14}, {"*-1\r\n", 14}, {"*x\r\n", 14}, {"*\r\n", 14}, {"\r\n", 14},
		{"*99999999999999999999\r\n", 14},
		{"*1\r\n*1\r\n", 18}, {"*1\r\n$-1\r\n", 18}, {"*1\r\n$\r\n", 18}, {"*1\r\n$4x\r\n", 18},
		{"*1\r\n$3\r\nPING\r\n", 25}, {"*" + strings.Repeat("1", 2000), 14},
	} {
		_, valid, err := readAll(strings.NewReader(good + x.text))
		var bad *FormatError
		require.ErrorAs(t, err, &bad, "%q", x.text)
		require.Equal(t, x.offset, bad.Offset, "%q: %v", x.text, err)
		require.EqualValues(t, len(good), valid)
	}
	broken := errors.New("broken disk")
	_, _, err := readAll(io.MultiReader(strings.NewReader(good+"*2\r\n$1\r\n"), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
}

// A length that is not followed by as many bytes costs no memory.
func TestReaderAbsurdLengths(t *testing.T) {
	for _, text := range []string{"*1\r\n$100000000000000000\r\nx", "*100000000000000000\r\n$1\r\nx\r\n"} {
		x := NewReader(strings.NewReader(text), 0)
		_, err := x.Next()
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.LessOrEqual(t, cap(x.flat), 2*firstRoom)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("*1\r\n$4\r\nPING\r\n#TS:1\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"))
	f.Add([]byte("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		x := NewReader(bytes.NewReader(b), 0)
		var last int64
		for {
			args, err := x.Next()
			if err != nil {
				require.Equal(t, last, x.Offset())
				var bad *FormatError
				if !errors.As(err, &bad) && !errors.Is(err, io.EOF) {
					require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				}
				return
			}
			require.NotEmpty(t, args)
			require.Greater(t, x.Offset(), last)
			last = x.Offset()
			require.LessOrEqual(t, last, int64(len(b)))
			// Written again it reads the same.
			again, err := NewReader(bytes.NewReader(AppendCommand(nil, args...)), 0).Next()
			require.NoError(t, err)
			require.Equal(t, args, again)
		}
	})
}
