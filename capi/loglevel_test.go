package capi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"berth/capi"
)

// TestLogLevel: what the server's level drops is not even formatted, and a new
// level counts at once.
func TestLogLevel(t *testing.T) {
	s := start(t)
	s.load(compile(t, withCommand("lines", "", `RedisModule_Log(ctx, "verbose", "quietly");
    return RedisModule_ReplyWithSimpleString(ctx, "OK");`)))
	c := s.dial()
	crossings := func() int64 {
		before, _ := capi.Crossings()
		require.Equal(t, "+OK", c.do("lines.do"))
		after, _ := capi.Crossings()
		return after - before
	}
	require.Zero(t, crossings())
	require.Equal(t, "+OK", c.do("CONFIG", "SET", "loglevel", "verbose"))
	require.EqualValues(t, 1, crossings())
	require.Equal(t, "+OK", c.do("CONFIG", "SET", "loglevel", "warning"))
	require.Zero(t, crossings())
}
