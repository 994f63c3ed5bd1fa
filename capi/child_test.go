package capi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A forked child that calls what needs Go ends with a line in the log, and the server goes on.
func TestForkedChildCallsGo(t *testing.T) {
	s := start(t)
	s.load(compile(t, withCommand("forks", "", `
    void done(int status, int signal, void *data) {
        RedisModule_Log(NULL, "notice", "child ended %d %d %s", status, signal, (char *)data);
    }
    int pid = RedisModule_Fork(done, "with data");
    if (pid == 0) {
        if (RedisModule_StringPtrLen(argv[1], NULL)[0] == 'c') {
            RedisModule_Call(ctx, "PING", "");
            RedisModule_ExitFromChild(0);
        }
        return REDISMODULE_OK; /* back to where Go is */
    }
    return RedisModule_ReplyWithSimpleString(ctx, "forked");`)))
	c := s.dial()
	for n, how := range []string{"calls", "returns"} {
		require.Equal(t, "+forked", c.do("forks.do", how))
		require.Eventually(t, func() bool { return strings.Count(s.log.String(), "child ended 1 0 with data") == n+1 },
			10*time.Second, 5*time.Millisecond, "%s", s.log)
		require.Equal(t, "+PONG", c.do("PING"))
	}
}
