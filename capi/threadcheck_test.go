//go:build debug

package capi_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThreadCheck(t *testing.T) {
	for name, body := range map[string]string{
		"DbSize: called without the server lock": `
            void *f(void *c) { RedisModule_DbSize(c); return NULL; }
            pthread_t t; pthread_create(&t, NULL, f, RedisModule_GetDetachedThreadSafeContext(ctx)); pthread_join(t, NULL);`,
		"ThreadSafeContextLock: the thread has the lock already": `RedisModule_ThreadSafeContextLock(ctx);`,
		"ThreadSafeContextUnlock: the lock was not taken by":     `RedisModule_ThreadSafeContextUnlock(ctx);`,
	} {
		t.Run(strings.Fields(name)[0], func(t *testing.T) {
			out, _ := crash(t, body)
			requireReport(t, out, "==> module crashing: "+name)
		})
	}
}

// Through the check, arguments in registers and on the stack, variadic ones and long doubles arrive, and so do
// results.
func TestThreadCheckPassesArguments(t *testing.T) {
	s := start(t)
	s.load(compile(t, withCommand("passing", "", `
        RedisModule_ReplyWithArray(ctx, 4);
        RedisModuleString *s = RedisModule_CreateStringPrintf(ctx, "%d %s %.2f %d %d %d %d %.1f %.1f %.1f %.1f %.1f %.1f %.1f %.1f %.1f",
            1, "two", 3.25, 4, 5, 6, 7, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0);
        RedisModule_ReplyWithString(ctx, s);
        RedisModule_ReplyWithLongDouble(ctx, 1.25L);
        double d = 0;
        RedisModule_StringToDouble(RedisModule_CreateString(ctx, "2.5", 3), &d);
        RedisModule_ReplyWithDouble(ctx, d);
        RedisModule_ReplyWithCallReply(ctx, RedisModule_Call(ctx, "ECHO", "c", "hello"));`)))
	require.Equal(t, "*4 1 two 3.25 4 5 6 7 1.0 2.0 3.0 4.0 5.0 6.0 7.0 8.0 9.0 1.25 2.5 hello", s.dial().do("passing.do"))
}
