package host

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLargeOutput(t *testing.T) {
	var l largeOutput
	a := l.take(100_000)
	require.Equal(t, 100_000, cap(a))
	l.give(a)
	b := l.take(80_000)
	require.Equal(t, cap(a), cap(b), "it is used again")
	require.Empty(t, l.free)
	l.give(make([]byte, 0, maxSpare+1))
	require.Empty(t, l.free, "too large to be kept")
	for n := range maxSpares + 2 {
		l.give(make([]byte, 0, 1000*(n+1)))
	}
	require.Len(t, l.free, maxSpares)
	for _, b := range l.free {
		require.GreaterOrEqual(t, cap(b), 3000, "the smallest made room")
	}
	l.cron()
	require.NotEmpty(t, l.free)
	l.cron()
	require.Empty(t, l.free, "unused between two looks")
}
