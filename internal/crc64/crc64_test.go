package crc64

import (
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
