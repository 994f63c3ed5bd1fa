package command

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A bulk string of any length reads the same whatever room the buffer has.
func TestBulk(t *testing.T) {
	for n := range 300 {
		text := strings.Repeat("x", n)
		want := fmt.Sprintf("$%d\r\n%s\r\n", n, text)
		for _, room := range []int{0, n, n + 6, n + 7, n + 8, 1000} {
			w := Writer{Buf: append(make([]byte, 0, 3+room), "+a\r"...)}
			w.Bulk([]byte(text))
			require.Equal(t, "+a\r"+want, string(w.Buf), "length %d, room %d", n, room)
		}
	}
}

func BenchmarkBulk(b *testing.B) {
	w := Writer{Buf: make([]byte, 0, 1<<16)}
	v := []byte("element:000042")
	for b.Loop() {
		w.Buf = w.Buf[:0]
		for range 100 {
			w.Bulk(v)
		}
	}
}
