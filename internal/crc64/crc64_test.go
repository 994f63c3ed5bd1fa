package crc64

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheckValue(t *testing.T) {
	// The check value that every description of CRC-64/Redis gives.
	require.EqualValues(t, uint64(0xe9c6d914c4b8d9ca), Update(0, []byte("123456789")))
	require.Zero(t, Update(0, nil))
}

func TestSplitAnywhere(t *testing.T) {
	p := make([]byte, 100)
	for i := range p {
		p[i] = byte(i * 37)
	}
	whole := Update(0, p)
	for i := range p {
		require.Equal(t, whole, Update(Update(0, p[:i]), p[i:]), "split at %d", i)
	}
}

func TestCombine(t *testing.T) {
	text := bytes.Repeat([]byte("what is behind stays as it is; "), 100)
	for _, n := range []int{0, 1, 9, 64, len(text)} {
		got := Combine(Update(0, text[:n]), Update(0, text[n:]), int64(len(text)-n))
		if want := Update(0, text); got != want {
			t.Errorf("split at %d: %x, want %x", n, got, want)
		}
	}
}
