package difftest

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// settle is what a server gets to take up a command whose reply nobody waits for.
const settle = 300 * time.Millisecond

// dialT is a connection that is closed when the test ends.
func dialT(t *testing.T, srv *Server) *Conn {
	t.Helper()
	c, err := Dial(srv.Addr)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// runOnTwo runs commands on two connections. A line that begins with "2:" runs on the second, without waiting for its reply.
func runOnTwo(t *testing.T, a, b *Conn, script []string) {
	t.Helper()
	for _, line := range script {
		c, rest := a, line
		if text, ok := strings.CutPrefix(line, "2:"); ok {
			c, rest = b, text
		}
		args, err := SplitArgs(rest)
		require.NoError(t, err)
		require.NoError(t, c.Send(args...))
		if c == a {
			_, err = c.Read()
			require.NoError(t, err, line)
		} else {
			time.Sleep(settle)
		}
	}
}

// monitored runs commands on two connections of a server and returns what MONITOR showed of them, without times and
// addresses.
func monitored(t *testing.T, who, path string, script []string) []string {
	t.Helper()
	srv := StartT(t, who, path)
	mon, a, b := dialT(t, srv), dialT(t, srv), dialT(t, srv)
	_, err := mon.Do("monitor")
	require.NoError(t, err)
	runOnTwo(t, a, b, script)
	_, err = a.Do("echo", "that is all")
	require.NoError(t, err)
	var lines []string
	head := regexp.MustCompile(`^\+\d{10}\.\d{6} \[(\d+) (127\.0\.0\.1:\d+|lua)\]`)
	for {
		raw, err := mon.Read()
		require.NoError(t, err)
		line := string(raw)
		require.Regexp(t, head, line)
		lines = append(lines, head.ReplaceAllString(line, "[$1]"))
		if strings.Contains(line, "that is all") {
			return lines
		}
	}
}

// MONITOR shows the same commands in the same order and form, and the same secrets hidden.
func TestMonitor(t *testing.T) {
	name, bin := subject(t, "8.0")
	script := []string{
		"set a b", `set "bin\x00\r\n\"\\" "\xff\a\b\t"`, "get nosuch extra", "nosuch a", "GeT a", "select 5", "ping", "select 0",
		"multi", "set a 1", "get a", "ping x", "exec", "multi", "get", "exec", "watch a", "unwatch", "discard",
		"auth secret", "auth user secret", "hello 2 auth u p", "hello 2 setname x", "hello 9", "hello 2 auth default ''",
		"client setname y", "client list", "config get maxmemory", "config set maxmemory 0", "config resetstat", "info", "debug sleep 0",
		"acl whoami", "acl setuser bob on >pw", "acl deluser bob", "slowlog get", "latency reset", "memory usage a", "object encoding a",
		"command count", "dbsize", "flushall", "swapdb 0 1", "lastsave", "time", "role", "publish ch m", "spublish ch m", "pubsub channels",
		"migrate 127.0.0.1 1 k 0 10 auth pw", "migrate 127.0.0.1 1 k 0 10 auth2 u pw keys a b",
		"2:blpop l 0", "echo wait", "rpush l x", "2:client reply off", "2:set off 1", "2:client reply on", "echo wait", "echo wait",
		"module list", "reset", "client no-touch on", "client tracking on", "client tracking off",
		"sort l by nosort get #", "copy a b", "wait 0 0", "reset",
	}
	require.Equal(t, monitored(t, "8.0", oracle(t, "8.0"), script), monitored(t, name, bin, script))
}
