package host

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// call sends a command whose words may hold blanks.
func (c *testClient) call(args ...string) string {
	c.t.Helper()
	c.sendArgs(args...)
	return c.read()
}

// Scripts that want too much end with an error, and the server goes on.
func TestHostileScripts(t *testing.T) {
	c := newTestServer(t).client()
	for script, want := range map[string]string{
		"return string.rep('x', 1e9)":                           "not enough memory",
		"local t={} for i=1,100 do t[i]=string.rep(i,2^26) end": "not enough memory",
		"local function f() return 1+f() end return f()":        "stack overflow",
		"error({})": "without a field 'err'",
		"return loadstring('x='..string.rep('(',100000)..'1') == nil and {err='deep'}": "deep",
	} {
		require.Contains(t, c.call("EVAL", script, "0"), want, script)
	}
	require.Equal(t, "+PONG\r\n", c.call("PING"))
}

func TestScriptDebug(t *testing.T) {
	c := newTestServer(t).client()
	require.Equal(t, "-ERR there is no debugger for scripts\r\n", c.call("SCRIPT", "DEBUG", "YES"))
	require.Equal(t, "+OK\r\n", c.call("SCRIPT", "DEBUG", "NO"))
}

// Scripts that came by EVAL make room for newer ones, those of SCRIPT LOAD stay.
func TestScriptEviction(t *testing.T) {
	c := newTestServer(t).client()
	require.Equal(t, "$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n", c.call("SCRIPT", "LOAD", "return 1"))
	for i := range 600 {
		c.call("EVAL", "return "+strings.Repeat(" ", i)+"2", "0")
	}
	info := c.call("INFO", "everything")
	require.Contains(t, info, "evicted_scripts:100\r\n")
	require.Contains(t, info, "number_of_cached_scripts:501\r\n")
	require.Equal(t, ":1\r\n", c.call("EVALSHA", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "0"))
}

// A script that takes long can be killed, wherever it is.
func TestSlowScripts(t *testing.T) {
	s := newTestServer(t)
	a, b := s.client(), s.client()
	require.Equal(t, "+OK\r\n", b.call("CONFIG", "SET", "busy-reply-threshold", "20"))
	require.Contains(t, b.call("SCRIPT", "KILL"), "-NOTBUSY")
	for _, script := range []string{
		"while true do end",
		"while true do pcall(function() while true do end end) end",
		"local c = coroutine.wrap(function() while true do end end) c()",
		"return string.rep('a', 5000):find(string.rep('.-', 12)..'b')",
		"for i = 1, 1e12 do redis.call('ping') end",
	} {
		a.sendArgs("EVAL", script, "0")
		kill(t, b, "SCRIPT")
		require.Contains(t, a.read(), "-ERR Script killed by user with SCRIPT KILL... script: ", script)
	}
	require.Equal(t, "$1\r\nl\r\n", b.call("FUNCTION", "LOAD",
		"#!lua name=l\nredis.register_function('loop', function() while true do end end)"))
	a.sendArgs("FCALL", "loop", "0")
	kill(t, b, "FUNCTION")
	require.Contains(t, a.read(), "script: loop")

	// What has written can't be killed; only the server can.
	a.sendArgs("EVAL", "redis.call('set','k','v') while true do end", "0")
	require.Eventually(t, func() bool { return strings.HasPrefix(b.call("GET", "k"), "-BUSY") }, 10*time.Second, 5*time.Millisecond)
	require.Contains(t, b.call("SCRIPT", "KILL"), "-UNKILLABLE")
	require.Contains(t, b.call("SHUTDOWN"), "-BUSY")
	b.sendArgs("SHUTDOWN", "NOSAVE")
	select {
	case <-s.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the server does not end")
	}
}

// kill waits until a script is slow, looks at what others are told, and kills it.
func kill(t *testing.T, c *testClient, what string) {
	require.Eventually(t, func() bool {
		r := c.call("GET", "x")
		return strings.HasPrefix(r, "-BUSY Redis is busy running a script. You can only call "+what+" KILL or SHUTDOWN NOSAVE.")
	}, 10*time.Second, 5*time.Millisecond)
	other := map[string]string{"SCRIPT": "FUNCTION", "FUNCTION": "SCRIPT"}[what]
	require.Contains(t, c.call(other, "KILL"), "-BUSY")
	require.Equal(t, "+OK\r\n", c.call(what, "KILL"))
}
