package difftest

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slowTimeout bounds the wait for a script to count as slow, or to be over.
const slowTimeout = 30 * time.Second

// slowScripts runs scripts that do not end by themselves and returns what those who are served meanwhile, and the
// scripts' callers, were told.
func slowScripts(t *testing.T, who, path string) []string {
	t.Helper()
	srv, err := Start(who, path, "--busy-reply-threshold", "20")
	require.NoError(t, err)
	t.Cleanup(srv.Stop)
	a, b := dialT(t, srv), dialT(t, srv)
	var lines []string
	duration := regexp.MustCompile(`(duration_ms\r\n):\d+`)
	note := func(what string, raw []byte, err error) {
		require.NoError(t, err, what)
		lines = append(lines, what+" => "+duration.ReplaceAllString(string(raw), "$1:N"))
	}
	do := func(c *Conn, args ...string) {
		t.Helper()
		raw, err := c.Do(args...)
		note(strings.Join(args, " "), raw, err)
	}
	// busy waits until the script that was just sent is slow.
	busy := func() {
		t.Helper()
		require.Eventually(t, func() bool {
			raw, err := b.Do("get", "x")
			return err == nil && strings.HasPrefix(string(raw), "-BUSY")
		}, slowTimeout, 5*time.Millisecond)
	}
	killed := func(what string) {
		t.Helper()
		do(b, what, "kill")
		raw, err := a.ReadWithin(slowTimeout)
		note("caller", raw, err)
		do(b, "ping")
		do(b, what, "kill")
	}
	allowed := func() {
		for _, line := range []string{
			"get x", "set x y", "ping", "echo a", "info", "config get maxmemory", "client id", "client list", "debug sleep 0",
			"eval 'return 1' 0", "script exists a", "script load 'return 1'", "script flush", "function list", "function stats",
			"nosuch", "get", "auth a", "watch x", "unwatch", "multi", "discard", "multi", "get x", "exec", "exec",
			"subscribe ch", "publish ch m", "shutdown", "shutdown save", "shutdown abort", "reset", "command count", "acl whoami",
		} {
			args, err := SplitArgs(line)
			require.NoError(t, err)
			do(b, args...)
		}
	}

	do(b, "script", "kill")
	do(b, "function", "kill")
	for i, script := range []string{
		"while true do end",
		"while true do pcall(function() while true do end end) end",
		"while true do redis.call('get', 'x') end",
		"while true do redis.pcall('set', 'x') end",
		"#!lua flags=no-writes\nwhile true do end",
	} {
		require.NoError(t, a.Send("eval", script, "0"))
		busy()
		if i == 0 {
			allowed()
		}
		do(b, "function", "kill")
		killed("script")
	}

	do(a, "multi")
	do(a, "set", "m", "1")
	do(a, "eval", "while true do end", "0")
	do(a, "get", "m")
	require.NoError(t, a.Send("exec"))
	busy()
	killed("script")

	do(b, "function", "load", "#!lua name=l\n"+
		"redis.register_function('loop', function() while true do end end)\n"+
		"redis.register_function('writes', function(keys) redis.call('set', keys[1], 'v') while true do end end)")
	require.NoError(t, a.Send("fcall", "loop", "0"))
	busy()
	do(b, "get", "x")
	allowed()
	do(b, "script", "kill")
	killed("function")

	// A caller that goes away leaves its script behind.
	gone := dialT(t, srv)
	require.NoError(t, gone.Send("eval", "while true do end", "0"))
	busy()
	require.NoError(t, gone.Close())
	time.Sleep(settle)
	do(b, "get", "x")
	do(b, "script", "kill")
	require.Eventually(t, func() bool {
		raw, err := b.Do("ping")
		return err == nil && string(raw) == "+PONG\r\n"
	}, slowTimeout, 5*time.Millisecond)

	// What has written can't be killed; only the server can.
	require.NoError(t, a.Send("fcall", "writes", "1", "k"))
	busy()
	for _, what := range []string{"script", "function"} {
		do(b, what, "kill")
	}
	do(b, "shutdown")
	require.NoError(t, b.Send("shutdown", "nosave"))
	select {
	case <-srv.done:
	case <-time.After(slowTimeout):
		t.Errorf("%s does not end", who)
	}
	return lines
}

// Those who are served while a script takes long, and those who kill it, are told the same.
func TestSlowScripts(t *testing.T) {
	name, bin := subject(t, "8.0")
	require.Equal(t, slowScripts(t, "8.0", oracle(t, "8.0")), slowScripts(t, name, bin))
}
