package resp

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func parseAll(t *testing.T, p *Parser, in []byte) (reqs [][]string, err error) {
	t.Helper()
	for len(in) > 0 {
		args, n, err := p.Next(in, nil)
		if err != nil {
			return reqs, err
		}
		if n == 0 {
			return reqs, nil
		}
		in = in[n:]
		var req []string
		for _, a := range args {
			req = append(req, string(a))
		}
		reqs = append(reqs, req)
	}
	return reqs, nil
}

func TestRequests(t *testing.T) {
	in := "*2\r\n$3\r\nGET\r\n$0\r\n\r\n\r\n*0\r\n*-5\r\nSET 'a b' \"\\x00\"\r\nPING\n*1\r\n$4\rxPINGyy"
	got, err := parseAll(t, &Parser{MaxBulk: 512 << 20}, []byte(in))
	require.NoError(t, err)
	require.Equal(t, [][]string{{"GET", ""}, nil, nil, nil, {"SET", "a b", "\x00"}, {"PING"}, {"PING"}}, got)
}

// A request that comes in pieces of any size is the same request.
func TestPieces(t *testing.T) {
	in := []byte("*3\r\n$3\r\nSET\r\n$5\r\na\r\nbc\r\n$20\r\n01234567890123456789\r\nPING\r\n*1\r\n$4\r\nECHO\r\n")
	want, err := parseAll(t, &Parser{MaxBulk: 1 << 20}, in)
	require.NoError(t, err)
	require.Len(t, want, 3)
	for size := 1; size < len(in); size++ {
		p := &Parser{MaxBulk: 1 << 20}
		var buf []byte
		var got [][]string
		for at := 0; at < len(in); at += size {
			// A fresh slice each time: the buffer may move.
			buf = append(append([]byte(nil), buf...), in[at:min(at+size, len(in))]...)
			for {
				args, n, err := p.Next(buf, nil)
				require.NoError(t, err)
				if n == 0 {
					break
				}
				var req []string
				for _, a := range args {
					req = append(req, string(a))
				}
				got = append(got, req)
				buf = buf[n:]
			}
		}
		require.Equal(t, want, got, "pieces of %d", size)
	}
}

// The texts are redis-server 8.0.2's.
func TestProtocolErrors(t *testing.T) {
	for in, want := range map[string]string{
		"*1\r\n$x\r\n":         "Protocol error: invalid bulk length",
		"*1\r\n$-1\r\n":        "Protocol error: invalid bulk length",
		"*1\r\n$ 4\r\nPING":    "Protocol error: invalid bulk length",
		"*1\r\n$600000000\r\n": "Protocol error: invalid bulk length",
		"*x\r\n":               "Protocol error: invalid multibulk length",
		"*01\r\n":              "Protocol error: invalid multibulk length",
		"*3000000000\r\n":      "Protocol error: invalid multibulk length",
		"*1\r\n#4\r\n":         "Protocol error: expected '$', got '#'",
		"*1\r\n\r\n":           "Protocol error: expected '$', got '\r'",
		"PING \"a\r\n":         "Protocol error: unbalanced quotes in request",
		"*" + string(bytes.Repeat([]byte("1"), MaxInline+1)):       "Protocol error: too big mbulk count string",
		"*1\r\n$" + string(bytes.Repeat([]byte("1"), MaxInline+1)): "Protocol error: too big bulk count string",
		string(bytes.Repeat([]byte("x"), MaxInline+1)):             "Protocol error: too big inline request",
	} {
		_, err := parseAll(t, &Parser{MaxBulk: 512 << 20}, []byte(in))
		var pe ProtocolError
		require.True(t, errors.As(err, &pe), "%.40q", in)
		require.Equal(t, want, string(pe), "%.40q", in)
	}
	_, err := parseAll(t, &Parser{MaxBulk: 512 << 20, Unauth: true}, []byte("*11\r\n"))
	require.EqualError(t, err, "Protocol error: unauthenticated multibulk length")
	_, err = parseAll(t, &Parser{MaxBulk: 512 << 20, Unauth: true}, []byte("*1\r\n$16385\r\n"))
	require.EqualError(t, err, "Protocol error: unauthenticated bulk length")
}

func TestParsingAllocatesNothing(t *testing.T) {
	in := []byte("*3\r\n$3\r\nSET\r\n$5\r\nkey:1\r\n$5\r\nvalue\r\n")
	p := &Parser{MaxBulk: 1 << 20}
	args := make([][]byte, 0, 8)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		got, n, err := p.Next(in, args[:0])
		if n != len(in) || len(got) != 3 || err != nil {
			panic(fmt.Sprint(n, got, err))
		}
	}))
}

func FuzzParser(f *testing.F) {
	f.Add([]byte("*2\r\n$3\r\nGET\r\n$1\r\na\r\nPING\r\n"), 3)
	f.Add([]byte("*1000000000\r\n$1\r\n"), 1)
	f.Fuzz(func(t *testing.T, in []byte, size int) {
		if size <= 0 || len(in) > 1<<16 {
			return
		}
		whole, errWhole := parseAll(t, &Parser{MaxBulk: 1 << 20}, in)
		p := &Parser{MaxBulk: 1 << 20}
		var got [][]string
		var err error
		start := 0
		for end := min(size, len(in)); err == nil; end = min(end+size, len(in)) {
			for err == nil {
				var args [][]byte
				var n int
				args, n, err = p.Next(in[start:end:end], nil)
				if n == 0 || err != nil {
					break
				}
				start += n
				var req []string
				for _, a := range args {
					req = append(req, string(a))
				}
				got = append(got, req)
				if start == end {
					break
				}
			}
			if end == len(in) {
				break
			}
		}
		require.Equal(t, whole, got)
		require.Equal(t, errWhole, err)
	})
}
