package host

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConnection(t *testing.T) {
	c := newTestServer(t).client()
	c.script(
		"PING", "+PONG\r\n",
		"PING x", "$1\r\nx\r\n",
		"ECHO hello", "$5\r\nhello\r\n",
		"SELECT 16", "-ERR DB index is out of range\r\n",
		"SELECT 3", "+OK\r\n",
		"SET a 1", "+OK\r\n",
		"MULTI", "+OK\r\n",
		"CLIENT SETNAME me", "+QUEUED\r\n",
		"RESET", "+RESET\r\n",
		"GET a", "$-1\r\n",
		"CLIENT GETNAME", "$-1\r\n",
		"EXEC", "-ERR EXEC without MULTI\r\n",
		"HELLO 4", "-NOPROTO unsupported protocol version\r\n",
		"HELLO 3 SETNAME", "-ERR Syntax error in HELLO option 'SETNAME'\r\n",
		"NOSUCH a b", "-ERR unknown command 'NOSUCH', with args beginning with: 'a' 'b' \r\n",
		"CLIENT NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try CLIENT HELP.\r\n",
		"CLIENT", "-ERR wrong number of arguments for 'client' command\r\n",
	)
	require.Contains(t, c.do("HELLO 3"), "$5\r\nproto\r\n:3\r\n")
	c.script("GET a", "_\r\n", "RESET", "+RESET\r\n", "GET a", "$-1\r\n", "QUIT", "+OK\r\n")
	c.closed()
}

func TestAuth(t *testing.T) {
	s := newTestServer(t)
	before := s.client()
	before.script("CONFIG SET requirepass secret", "+OK\r\n", "PING", "+PONG\r\n")
	c := s.client()
	c.script(
		"PING", "-NOAUTH Authentication required.\r\n",
		"AUTH wrong", "-WRONGPASS invalid username-password pair or user is disabled.\r\n",
		"HELLO 3", "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time\r\n",
		"AUTH nobody secret", "-WRONGPASS invalid username-password pair or user is disabled.\r\n",
		"AUTH secret", "+OK\r\n",
		"PING", "+PONG\r\n",
		"RESET", "+RESET\r\n",
		"PING", "-NOAUTH Authentication required.\r\n",
	)
	require.Equal(t, "2", before.infoField("stats", "acl_access_denied_auth"))
	// A client that has not logged in may send little.
	_, err := c.conn.Write([]byte("*1\r\n$20000\r\n"))
	require.NoError(t, err)
	require.Equal(t, "-ERR Protocol error: unauthenticated bulk length\r\n", c.read())
	c.closed()
}

func TestPubSub(t *testing.T) {
	s := newTestServer(t)
	sub, pub := s.client(), s.client()
	sub.script(
		"SUBSCRIBE a", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n",
		"PSUBSCRIBE [ab]*", "*3\r\n$10\r\npsubscribe\r\n$5\r\n[ab]*\r\n:2\r\n",
		"SSUBSCRIBE s", "*3\r\n$10\r\nssubscribe\r\n$1\r\ns\r\n:1\r\n",
		"PING", "*2\r\n$4\r\npong\r\n$0\r\n\r\n",
		"GET a", "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n",
	)
	pub.script("PUBLISH a m1", ":2\r\n", "SPUBLISH s m2", ":1\r\n", "PUBLISH s m3", ":0\r\n",
		"PUBSUB NUMSUB a b", "*4\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n:0\r\n", "PUBSUB NUMPAT", ":1\r\n",
		"PUBSUB CHANNELS", "*1\r\n$1\r\na\r\n", "PUBSUB SHARDCHANNELS x*", "*0\r\n")
	require.Equal(t, "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nm1\r\n", sub.read())
	require.Equal(t, "*4\r\n$8\r\npmessage\r\n$5\r\n[ab]*\r\n$1\r\na\r\n$2\r\nm1\r\n", sub.read())
	require.Equal(t, "*3\r\n$8\r\nsmessage\r\n$1\r\ns\r\n$2\r\nm2\r\n", sub.read())
	require.Equal(t, "1", pub.infoField("clients", "pubsub_clients"))
	sub.script("UNSUBSCRIBE", "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n",
		"PUNSUBSCRIBE", "*3\r\n$12\r\npunsubscribe\r\n$5\r\n[ab]*\r\n:0\r\n",
		"SUNSUBSCRIBE s", "*3\r\n$12\r\nsunsubscribe\r\n$1\r\ns\r\n:0\r\n",
		"UNSUBSCRIBE", "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n",
		"GET a", "$-1\r\n")
	require.Equal(t, "0", pub.infoField("clients", "pubsub_clients"))
}

// A client's own message comes behind the reply of the command that sent it,
// except for confirmations, which are the reply.
func TestPubSubOrder(t *testing.T) {
	c := newTestServer(t).client()
	_ = c.do("HELLO 3")
	c.script("SUBSCRIBE a", ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n", "PUBLISH a x", ":1\r\n")
	require.Equal(t, ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n", c.read())
	c.script("MULTI", "+OK\r\n", "PUBLISH a y", "+QUEUED\r\n", "SSUBSCRIBE b", "+QUEUED\r\n", "GET k", "+QUEUED\r\n",
		"EXEC", "*3\r\n:1\r\n-ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client\r\n_\r\n")
	require.Equal(t, ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\ny\r\n", c.read())
	// Confirmations and messages get through where replies do not.
	c.send("CLIENT REPLY OFF")
	c.send("SUBSCRIBE b")
	require.Equal(t, ">3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n", c.read())
	c.send("PUBLISH b z")
	require.Equal(t, ">3\r\n$7\r\nmessage\r\n$1\r\nb\r\n$1\r\nz\r\n", c.read())
	c.script("CLIENT REPLY ON", "+OK\r\n")
}

func TestPublishAllocates(t *testing.T) {
	s := newTestServer(t)
	for range 20 {
		_ = s.client().do("SUBSCRIBE ch")
	}
	s.Do(func() {
		name, msg := []byte("ch"), []byte("message")
		for _, c := range s.clients {
			c.w.Buf = make([]byte, 0, 1<<16)
		}
		allocs := testing.AllocsPerRun(100, func() {
			if s.publish(name, msg, false) != 20 {
				t.Error("not everybody was told")
			}
		})
		if allocs > 0 {
			t.Errorf("publishing to 20 clients allocates %v times", allocs)
		}
		for _, c := range s.clients {
			c.w.Buf = c.w.Buf[:0]
		}
	})
}

func TestMonitor(t *testing.T) {
	s := newTestServer(t)
	m, c := s.client(), s.client()
	m.script("MONITOR", "+OK\r\n", "GET a", "-ERR Replica can't interact with the keyspace\r\n")
	c.sendArgs("SET", "a", "\"\x01")
	_ = c.read()
	_ = c.do("AUTH default pw")
	_ = c.do("CONFIG GET port") // administrative: not shown
	_ = c.do("SELECT 2")
	for _, want := range []string{`[0 127.0.0.1:0] "SET" "a" "\"\x01"`, `"AUTH" "(redacted)" "(redacted)"`, `[2 127.0.0.1:0] "SELECT" "2"`} {
		require.Contains(t, m.read(), want)
	}
	require.Equal(t, "+RESET\r\n", m.do("RESET"))
	_ = c.do("PING")
	require.Equal(t, "+PONG\r\n", m.do("PING"))
}

func TestSlowlog(t *testing.T) {
	c := newTestServer(t).client()
	c.script("CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 3", "+OK\r\n", "SLOWLOG RESET", "+OK\r\n")
	long := strings.Repeat("x", 200)
	_ = c.do("SET k " + long)
	_ = c.do("MSET " + strings.Repeat("a ", 40))
	_ = c.do("AUTH default pw")
	got := c.do("SLOWLOG GET -1")
	require.Contains(t, got, "*2\r\n$4\r\nAUTH\r\n"[4:])
	require.Contains(t, got, "$4\r\nAUTH\r\n$10\r\n(redacted)\r\n$10\r\n(redacted)\r\n")
	require.Contains(t, got, "*32\r\n$4\r\nMSET\r\n")
	require.Contains(t, got, "... (10 more arguments)")
	require.Contains(t, got, long[:128]+"... (72 more bytes)")
	require.NotContains(t, got, long[:129])
	c.script("CONFIG SET slowlog-log-slower-than -1", "+OK\r\n", "SLOWLOG LEN", ":3\r\n",
		"SLOWLOG GET -2", "-ERR count should be greater than or equal to -1\r\n", "SLOWLOG RESET", "+OK\r\n", "SLOWLOG LEN", ":0\r\n")
}
