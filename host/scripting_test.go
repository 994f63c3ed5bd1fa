package host

import (
	"strings"
	"testing"

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
