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
	require.Contains(t, got, "$4\r\nAUTH\r\n$10\r\n(redacted)\r\n$10\r\n(redacted)\r\n")
	require.Contains(t, got, "*32\r\n$4\r\nMSET\r\n")
	require.Contains(t, got, "... (10 more arguments)")
	require.Contains(t, got, long[:128]+"... (72 more bytes)")
	require.NotContains(t, got, long[:129])
	c.script("CONFIG SET slowlog-log-slower-than -1", "+OK\r\n", "SLOWLOG LEN", ":3\r\n",
		"SLOWLOG GET -2", "-ERR count should be greater than or equal to -1\r\n", "SLOWLOG RESET", "+OK\r\n", "SLOWLOG LEN", ":0\r\n")
}

func TestClientList(t *testing.T) {
	s := newTestServer(t)
	a, b := s.client(), s.client()
	b.script("CLIENT SETNAME bob", "+OK\r\n", "CLIENT SETINFO LIB-NAME lib", "+OK\r\n", "CLIENT SETINFO lib-ver 1.2", "+OK\r\n",
		"CLIENT NO-EVICT ON", "+OK\r\n", "CLIENT NO-TOUCH ON", "+OK\r\n", "SELECT 4", "+OK\r\n", "WATCH x y", "+OK\r\n",
		"MULTI", "+OK\r\n", "GET x", "+QUEUED\r\n")
	line := a.text("CLIENT LIST ID " + b.id2(a))
	for name, want := range map[string]string{
		"name": "bob", "lib-name": "lib", "lib-ver": "1.2", "db": "4", "watch": "2", "multi": "1", "flags": "xeT", "cmd": "get",
		"user": "default", "resp": "2", "fd": "-1", "addr": "127.0.0.1:0", "sub": "0", "events": "r",
	} {
		require.Equal(t, want, field(line, name), name)
	}
	var names []string
	for _, f := range strings.Fields(line) {
		name, _, _ := strings.Cut(f, "=")
		names = append(names, name)
	}
	require.Equal(t, "id addr laddr fd name age idle flags db sub psub ssub multi watch qbuf qbuf-free argv-mem multi-mem rbs rbp "+
		"obl oll omem tot-mem events cmd user redir resp lib-name lib-ver io-thread", strings.Join(names, " "))
	require.Equal(t, "client|info", field(a.text("CLIENT INFO"), "cmd"))
	a.script("CLIENT LIST TYPE pubsub", "$0\r\n\r\n", "CLIENT LIST TYPE x", "-ERR Unknown client type 'x'\r\n")
}

// id2 finds the number of a client that is inside MULTI, through another one.
func (c *testClient) id2(by *testClient) string {
	c.t.Helper()
	for _, l := range strings.Split(by.text("CLIENT LIST"), "\n") {
		if field(l, "name") == "bob" {
			return field(l, "id")
		}
	}
	c.t.Fatal("not listed")
	return ""
}

func TestClientKill(t *testing.T) {
	s := newTestServer(t)
	a, b, c, d := s.client(), s.client(), s.client(), s.client()
	id := b.id()
	a.script("CLIENT KILL ID "+id, ":1\r\n", "CLIENT KILL ID "+id, ":0\r\n")
	b.closed()
	_ = c.do("SUBSCRIBE x")
	a.script("CLIENT KILL TYPE pubsub", ":1\r\n", "PUBSUB CHANNELS", "*0\r\n")
	c.closed()
	d.send("BLPOP l 0")
	a.eventually(func() bool { return a.infoField("clients", "blocked_clients") == "1" })
	require.Equal(t, "1", a.infoField("clients", "total_blocking_keys"))
	a.script("CLIENT KILL SKIPME yes USER default", ":1\r\n")
	d.closed()
	require.Equal(t, "0", a.infoField("clients", "blocked_clients"))
	require.Equal(t, "0", a.infoField("clients", "total_blocking_keys"))
	a.script("CLIENT KILL 1.2.3.4:5", "-ERR No such client\r\n", "CLIENT KILL 127.0.0.1:0", "+OK\r\n")
	a.closed()
}

func TestClientUnblock(t *testing.T) {
	s := newTestServer(t)
	a, b := s.client(), s.client()
	id := b.id()
	for _, c := range [][2]string{
		{"CLIENT UNBLOCK " + id, "*-1\r\n"},
		{"CLIENT UNBLOCK " + id + " TIMEOUT", "*-1\r\n"},
		{"CLIENT UNBLOCK " + id + " ERROR", "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n"},
	} {
		b.send("BLPOP l 0")
		a.eventually(func() bool { return a.do(c[0]) == ":1\r\n" })
		require.Equal(t, c[1], b.read())
	}
	a.script("CLIENT UNBLOCK "+id, ":0\r\n")
	b.script("PING", "+PONG\r\n")
	require.Equal(t, "1", a.infoField("errorstats", "errorstat_UNBLOCKED")[len("count="):])
}

func TestClientPause(t *testing.T) {
	s := newTestServer(t)
	a, b := s.client(), s.client()
	a.script("CLIENT PAUSE 100000 WRITE", "+OK\r\n")
	b.send("SET x 1")
	a.script("GET x", "$-1\r\n", "CLIENT UNPAUSE", "+OK\r\n")
	require.Equal(t, "+OK\r\n", b.read())
	a.script("GET x", "$1\r\n1\r\n", "CLIENT PAUSE 50", "+OK\r\n", "GET x", "$1\r\n1\r\n")
}

func TestInfo(t *testing.T) {
	s := newTestServer(t)
	c := s.client()
	headers := func(args string) string {
		var out []string
		for _, l := range strings.Split(c.text("INFO "+args), "\r\n") {
			if h, ok := strings.CutPrefix(l, "# "); ok {
				out = append(out, h)
			}
		}
		return strings.Join(out, " ")
	}
	const byDefault = "Server Clients Memory Persistence Threads Stats Replication CPU Modules Errorstats Cluster Keyspace Keysizes"
	const all = "Server Clients Memory Persistence Threads Stats Replication CPU Modules Commandstats Errorstats Latencystats Cluster Keyspace Keysizes"
	require.Equal(t, byDefault, headers(""))
	require.Equal(t, byDefault, headers("default"))
	require.Equal(t, all, headers("all"))
	require.Equal(t, all, headers("everything"))
	require.Equal(t, all+" Debug", headers("all debug"))
	require.Equal(t, "Server Keyspace", headers("KEYSPACE server nosuch"))
	require.Equal(t, "", headers("nosuch"))
	require.Equal(t, "Modules", headers("modules"))

	_ = c.do("SET s 12345")
	_ = c.do("SET v x EX 100")
	_ = c.do("RPUSH l a b c")
	_ = c.do("GET l")
	_ = c.do("GET nosuchkey")
	_ = c.do("GET")
	require.Equal(t, RedisVersion, c.infoField("server", "redis_version"))
	require.Equal(t, "berth", c.infoField("server", "server_name"))
	require.Regexp(t, `^keys=3,expires=1,avg_ttl=\d+,subexpiry=0$`, c.infoField("keyspace", "db0"))
	require.Equal(t, "1=1,4=1", c.infoField("keysizes", "db0_distrib_strings_sizes"))
	require.Equal(t, "2=1", c.infoField("keysizes", "db0_distrib_lists_items"))
	require.Equal(t, "count=1", c.infoField("errorstats", "errorstat_WRONGTYPE"))
	require.Regexp(t, `^calls=2,usec=\d+,usec_per_call=[\d.]+,rejected_calls=1,failed_calls=1$`, c.infoField("commandstats", "cmdstat_get"))
	require.Regexp(t, `^p50=\d+\.\d{3},p99=\d+\.\d{3},p99\.9=\d+\.\d{3}$`, c.infoField("latencystats", "latency_percentiles_usec_get"))
	require.Equal(t, "1", c.infoField("stats", "keyspace_misses"))
	_ = c.do("CONFIG RESETSTAT")
	require.Equal(t, "0", c.infoField("stats", "keyspace_misses"))
	require.Equal(t, "(none)", c.infoField("errorstats", "errorstat_WRONGTYPE"))
}

func TestFlushAndSwap(t *testing.T) {
	s := newTestServer(t)
	a, b := s.client(), s.client()
	_ = a.do("SET x 1")
	b.script("WATCH x nosuch", "+OK\r\n")
	a.script("FLUSHALL ASYNC", "+OK\r\n", "DBSIZE", ":0\r\n", "FLUSHDB NOW", "-ERR syntax error\r\n")
	b.script("MULTI", "+OK\r\n", "EXEC", "*-1\r\n", "WATCH nosuch", "+OK\r\n")
	a.script("FLUSHDB SYNC", "+OK\r\n")
	b.script("MULTI", "+OK\r\n", "EXEC", "*0\r\n")
	// A client waits for a key by name and number of the database.
	b.send("BLPOP l 0")
	a.script("SELECT 1", "+OK\r\n", "RPUSH l v", ":1\r\n", "SWAPDB 0 16", "-ERR DB index is out of range\r\n")
	a.eventually(func() bool { return a.infoField("clients", "blocked_clients") == "1" })
	a.script("SWAPDB 0 1", "+OK\r\n")
	require.Equal(t, "*2\r\n$1\r\nl\r\n$1\r\nv\r\n", b.read())
}

func TestMaxMemory(t *testing.T) {
	c := newTestServer(t).client()
	_ = c.do("SET a 1")
	c.script("CONFIG SET maxmemory 1", "+OK\r\n",
		"SET b 1", "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
		"GET a", "$1\r\n1\r\n",
		"MULTI", "+OK\r\n", "SET b 1", "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
		"EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n",
		"CONFIG SET maxmemory-policy volatile-lru", "+OK\r\n",
		"SET b 1", "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
		"CONFIG SET maxmemory-policy allkeys-lru", "+OK\r\n",
		"GET a", "$-1\r\n",
		"CONFIG SET maxmemory 0", "+OK\r\n", "SET b 1", "+OK\r\n")
	require.Equal(t, "1", c.infoField("stats", "evicted_keys"))
}

func TestLatency(t *testing.T) {
	c := newTestServer(t, "latency-monitor-threshold", "1").client()
	c.script("LATENCY LATEST", "*0\r\n", "DEBUG SLEEP 0.003", "+OK\r\n")
	require.Regexp(t, `^\*1\r\n\*4\r\n\$7\r\ncommand\r\n:\d+\r\n:[3-9]\d*\r\n:[3-9]\d*\r\n$`, c.do("LATENCY LATEST"))
	require.Contains(t, c.text("LATENCY DOCTOR"), "1. command: 1 latency spikes")
	require.Contains(t, c.text("LATENCY GRAPH command"), "\n \n \n \n_\n \n")
	c.script("LATENCY GRAPH none", "-ERR No samples available for event 'none'\r\n", "LATENCY HISTORY none", "*0\r\n",
		"LATENCY RESET command none", ":1\r\n")
	_ = c.do("GET a")
	require.Regexp(t, `^\*2\r\n\$3\r\nget\r\n\*4\r\n\$5\r\ncalls\r\n:1\r\n\$14\r\nhistogram_usec\r\n\*2\r\n:\d+\r\n:1\r\n$`,
		c.do("LATENCY HISTOGRAM get nosuch"))
}

func TestLatencyGraph(t *testing.T) {
	e := &latencyEvent{name: "e", max: 500}
	for i, ms := range []int64{100, 300, 500} {
		e.samples[e.next] = latencySample{1000 + int64(i), ms}
		e.next++
	}
	require.Equal(t, "e - high 500 ms, low 100 ms (all time high 500 ms)\n"+strings.Repeat("-", 80)+
		"\n  #\n _|\n ||\n_||\n   \n222\nmmm\n", e.graph(1000+120+2))
}

func TestDebug(t *testing.T) {
	c := newTestServer(t).client()
	c.script(
		"DEBUG", "-ERR wrong number of arguments for 'debug' command\r\n",
		"DEBUG NOSUCH", "-ERR unknown subcommand or wrong number of arguments for 'NOSUCH'. Try DEBUG HELP.\r\n",
		"DEBUG SLEEP", "-ERR unknown subcommand or wrong number of arguments for 'SLEEP'. Try DEBUG HELP.\r\n",
		"DEBUG POPULATE 3 k 10", "+OK\r\n",
		"GET k:2", "$10\r\nvalue:2\x00\x00\x00\r\n",
		"DEBUG SET-ACTIVE-EXPIRE 0", "+OK\r\n",
		"DEBUG PROTOCOL attrib", "$39\r\nSome real reply following the attribute\r\n",
		"DEBUG HTSTATS 99", "-ERR Out of range database\r\n",
		"DEBUG OBJECT nosuch", "-ERR no such key\r\n",
		"DEBUG DIGEST-VALUE nosuch", "*1\r\n+0000000000000000000000000000000000000000\r\n",
		"DEBUG JMAP", "-ERR unknown subcommand or wrong number of arguments for 'JMAP'. Try DEBUG HELP.\r\n",
	)
	require.Regexp(t, `^\+Value at:0x[0-9a-f]+ refcount:1 encoding:(embstr|raw) serializedlength:11 lru:\d+ lru_seconds_idle:0\r\n$`, c.do("DEBUG OBJECT k:1"))
	require.Regexp(t, `elements: 3\n`, c.text("DEBUG HTSTATS 0 full"))
	require.Regexp(t, `^\+[0-9a-f]{40}\r\n$`, c.do("DEBUG DIGEST"))
}

func TestLolwut(t *testing.T) {
	c := newTestServer(t).client()
	for _, line := range []string{"LOLWUT", "LOLWUT VERSION 5 10 2 3", "LOLWUT VERSION 6 10 4", "LOLWUT VERSION 99"} {
		require.True(t, strings.HasSuffix(c.text(line), "Redis ver. 8.0.2\n"), line)
	}
	c.script("LOLWUT VERSION x", "-ERR value is not an integer or out of range\r\n", "LOLWUT VERSION 5 x", "-ERR value is not an integer or out of range\r\n")
}

// infoRuntime is a module runtime that has nothing but sections of INFO.
type infoRuntime struct{ Runtime }

func (infoRuntime) Modules() []ModuleInfo  { return nil }
func (infoRuntime) AllocatedMemory() int64 { return 0 }

func (infoRuntime) Info(section string, _ bool) []InfoSection {
	var out []InfoSection
	for _, name := range []string{"m", "m_one", "m_two"} {
		if section == "" || section == "m" || section == name {
			out = append(out, InfoSection{name, []string{name + "_field:1"}})
		}
	}
	return out
}

func TestModuleInfo(t *testing.T) {
	s, err := New(Options{})
	require.NoError(t, err)
	s.runtime = infoRuntime{}
	text := func(names ...string) string { return string(s.Info(names)) }
	require.Equal(t, "# m_one\r\nm_one_field:1\r\n", text("m_one"))
	require.Equal(t, "# Cluster\r\ncluster_enabled:0\r\n\r\n# m_two\r\nm_two_field:1\r\n", text("m_two", "cluster"))
	require.Equal(t, text("m"), text("m_two", "m", "nosuch"))
	require.NotContains(t, text("all"), "m_one")
	s.runtime = nil
	require.NoError(t, s.Close())
}

func TestDebugValues(t *testing.T) {
	c := newTestServer(t, "list-max-listpack-size", "2").client()
	c.script("RPUSH small a", ":1\r\n", "RPUSH big a b c d e", ":5\r\n", "SET s 1", "+OK\r\n",
		"DEBUG LISTPACK small", "+Listpack structure printed on stdout\r\n",
		"DEBUG LISTPACK big", "-ERR Not a listpack encoded object.\r\n",
		"DEBUG QUICKLIST big", "+Quicklist structure printed on stdout\r\n",
		"DEBUG QUICKLIST small", "-ERR Not a quicklist encoded object.\r\n",
		"DEBUG QUICKLIST nosuch", "-ERR no such key\r\n",
		"DEBUG SDSLEN s", "-ERR Not an sds encoded string.\r\n",
		"DEBUG LEAK xyz", "+OK\r\n",
		"DEBUG HTSTATS-KEY s", "-ERR The value stored at the specified key is not represented using an hash table\r\n",
		"DEBUG QUICKLIST-PACKED-THRESHOLD 2b", "+OK\r\n",
		"RPUSH big plain", ":6\r\n",
		"DEBUG QUICKLIST-PACKED-THRESHOLD 0", "+OK\r\n",
		"DEBUG QUICKLIST-PACKED-THRESHOLD 5gb", "-ERR argument must be a memory value bigger than 1 and smaller than 4gb\r\n")
	require.Contains(t, c.text("DEBUG OBJECT big"), "encoding:quicklist")
	require.Contains(t, c.text("DEBUG OBJECT big"), " ql_nodes:4 ql_avg_node:1.50 ql_listpack_max:2 ql_compressed:0 ql_uncompressed_size:")
}
