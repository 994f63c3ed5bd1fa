package lzf

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// samples gives inputs of all kinds: random from small alphabets, repetitions, texts.
func samples() [][]byte {
	rng := rand.New(rand.NewPCG(1, 2))
	var all [][]byte
	for i := range 400 {
		n := 5 + rng.IntN(1+i*20)
		letters := 1 + rng.IntN(1+i%40)
		b := make([]byte, n)
		for j := range b {
			b[j] = byte(rng.IntN(letters))
			if period := i % 7 * 11; i%3 == 0 && period > 0 && j >= period {
				b[j] = b[j-period]
			}
		}
		all = append(all, b)
	}
	return append(all, bytes.Repeat([]byte("a"), 100000), bytes.Repeat([]byte("hello world, "), 3000))
}

func TestRoundTrip(t *testing.T) {
	var c Compressor
	compressed := 0
	for _, in := range samples() {
		out := make([]byte, len(in)-4)
		n := c.Compress(out, in)
		if n == 0 {
			continue
		}
		compressed++
		back := make([]byte, len(in))
		require.True(t, Expand(back, out[:n]))
		require.Equal(t, in, back)
		require.Equal(t, out[:n], again(in), "the result depends on earlier calls")
		require.False(t, Expand(make([]byte, len(in)-1), out[:n]))
		require.False(t, Expand(make([]byte, len(in)+1), out[:n]))
	}
	require.Greater(t, compressed, 300)
}

func again(in []byte) []byte {
	out := make([]byte, len(in)-4)
	return out[:new(Compressor).Compress(out, in)]
}

func TestOriginWraps(t *testing.T) {
	in := bytes.Repeat([]byte("abcdefgh"), 40)
	want := again(in)
	c := Compressor{origin: 1<<32 - 700}
	out := make([]byte, len(in)-4)
	for range 4 {
		require.Equal(t, want, out[:c.Compress(out, in)])
	}
}

func TestDoesNotFit(t *testing.T) {
	var c Compressor
	for _, in := range samples() {
		want := again(in)
		for room := range min(len(want), 200) {
			require.Zero(t, c.Compress(make([]byte, room), in))
		}
	}
}

func FuzzExpand(f *testing.F) {
	f.Add([]byte("\x01aa\xe0\xff\x00"), 300)
	f.Add([]byte("\x00a\x20\x01"), 4)
	f.Fuzz(func(_ *testing.T, src []byte, n int) {
		Expand(make([]byte, n&0xffff), src)
	})
}
