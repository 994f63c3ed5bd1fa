//go:build !asan

package capi_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Not with the address sanitizer, which sees it first.
func TestFreeingTwiceIsSeen(t *testing.T) {
	reply, log := run(t, `RedisModuleString *s = RedisModule_CreateString(NULL, "x", 1);
    RedisModule_RetainString(NULL, s); RedisModule_FreeString(NULL, s); RedisModule_FreeString(NULL, s);
    RedisModule_FreeString(NULL, s); RedisModule_ReplyWithLongLong(ctx, 1);`)
	require.Equal(t, ":1", reply)
	require.Contains(t, log, "freed before")
}
