package host

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"berth/host/config"
	"berth/internal/rlog"

	"github.com/stretchr/testify/require"
)

// loggedServer is a server on a TCP port with a log.
func loggedServer(t *testing.T, set ...string) (*Server, string, *logBuffer) {
	t.Helper()
	log := &logBuffer{}
	cfg := config.New()
	cfg.Port = 0
	cfg.EnableDebugCommand = config.ActionYes
	require.NoError(t, cfg.Set(config.SetOptions{}, append(set, "bind", "127.0.0.1")...))
	ready := make(chan struct{})
	h := rlog.New(log)
	h.SetLevel(slog.Level(cfg.LogLevel))
	s, err := New(Options{Config: cfg, Logger: slog.New(h), ListenAnyPort: true, OnReady: func() { close(ready) }})
	require.NoError(t, err)
	go func() { _ = s.Serve() }()
	t.Cleanup(func() { _ = s.Close() })
	<-ready
	return s, fmt.Sprintf("127.0.0.1:%d", s.Port()), log
}

const overcame = "scheduled to be closed ASAP for overcoming of output buffer limits."

// A client that asks and does not read is closed at the hard limit, and the
// server holds no more for it than that.
func TestSlowReaderHardLimit(t *testing.T) {
	s, addr, log := loggedServer(t, "client-output-buffer-limit", "normal 4mb 0 0")
	w := (&testServer{s, t}).client()
	w.sendArgs("SET", "big", strings.Repeat("x", 100_000))
	w.read()
	slow := dialTCP(t, addr)
	go func() {
		for range 2000 { // far more than what the kernel's buffers take
			if _, err := io.WriteString(slow, "GET big\r\n"); err != nil {
				return
			}
		}
	}()
	w.eventually(func() bool { return w.infoField("stats", "client_output_buffer_limit_disconnections") == "1" })
	require.Contains(t, log.String(), "# Client id=")
	require.Contains(t, log.String(), overcame)
	w.eventually(func() bool { return w.infoField("clients", "connected_clients") == "1" })
}

// The soft limit allows a burst, but not for longer than its seconds.
func TestSlowReaderSoftLimit(t *testing.T) {
	s, addr, log := loggedServer(t, "client-output-buffer-limit", "pubsub 0 100kb 3")
	w := (&testServer{s, t}).client()
	slow := dialTCP(t, addr)
	exchange(t, slow, "SUBSCRIBE ch\r\n", "*3\r\n$9\r\nsubscribe\r\n$2\r\nch\r\n:1\r\n")
	msg := strings.Repeat("m", 100_000)
	for range 200 {
		w.sendArgs("PUBLISH", "ch", msg)
		w.read()
	}
	require.NotContains(t, log.String(), overcame)
	require.Equal(t, "1", w.infoField("clients", "pubsub_clients"))
	require.Eventually(t, func() bool { return strings.Contains(log.String(), overcame) }, 20*time.Second, 10*time.Millisecond)
	w.eventually(func() bool { return w.infoField("clients", "pubsub_clients") == "0" })
}

// A transaction whose replies are over the limit ends its client, does what it
// was to do, and does not gather the rest of the replies.
func TestOutputLimitInsideExec(t *testing.T) {
	s, _, log := loggedServer(t, "client-output-buffer-limit", "normal 1mb 0 0")
	w, c := (&testServer{s, t}).client(), (&testServer{s, t}).client()
	w.sendArgs("SET", "big", strings.Repeat("x", 500_000))
	w.read()
	c.do("MULTI")
	for range 1000 {
		c.do("GET big")
	}
	c.do("INCR done")
	c.send("EXEC")
	c.closed()
	require.Equal(t, "$1\r\n1\r\n", w.do("GET done"))
	require.Contains(t, log.String(), overcame)
	require.Equal(t, 1, strings.Count(log.String(), overcame))
}

// Input without end is refused, and sooner from somebody unknown.
func TestInputLimits(t *testing.T) {
	s, addr, log := loggedServer(t, "client-query-buffer-limit", "2mb", "requirepass", "pw")
	flood := func(c net.Conn) {
		_, _ = io.WriteString(c, "*2\r\n$4\r\nECHO\r\n$30000000\r\n")
		junk := strings.Repeat("\x01", 1<<16)
		for range 400 {
			if _, err := io.WriteString(c, junk); err != nil {
				return
			}
		}
		t.Error("nobody objects to 26 MB")
	}
	known := dialTCP(t, addr)
	exchange(t, known, "AUTH pw\r\n", "+OK\r\n")
	flood(known)
	w := (&testServer{s, t}).client()
	w.do("AUTH pw")
	w.eventually(func() bool { return w.infoField("stats", "client_query_buffer_limit_disconnections") == "1" })
	require.Contains(t, log.String(), "# Closing client that reached max query buffer length: id=")
	require.Contains(t, log.String(), `(qbuf initial bytes: "`)
}

// What waits for EXEC counts as input.
func TestInputLimitOfTransaction(t *testing.T) {
	s, addr, _ := loggedServer(t, "client-query-buffer-limit", "1mb")
	w := (&testServer{s, t}).client()
	c := dialTCP(t, addr)
	exchange(t, c, "MULTI\r\n", "+OK\r\n")
	big := strings.Repeat("x", 100_000)
	req := fmt.Sprintf("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n%s\r\n", len(big), big)
	for range 50 {
		if _, err := io.WriteString(c, req); err != nil {
			break
		}
	}
	w.eventually(func() bool { return w.infoField("stats", "client_query_buffer_limit_disconnections") == "1" })
	require.Equal(t, "$-1\r\n", w.do("GET k"))
}

// maxclients refuses with a reply, and lets clients in again when there is room.
func TestMaxClientsRefusal(t *testing.T) {
	s, addr, _ := loggedServer(t, "maxclients", "3", "max-new-connections-per-cycle", "1")
	w := (&testServer{s, t}).client()
	w.do("PING")
	a, b := dialTCP(t, addr), dialTCP(t, addr)
	exchange(t, a, "PING\r\n", "+PONG\r\n")
	exchange(t, b, "PING\r\n", "+PONG\r\n")
	refused, err := io.ReadAll(dialTCP(t, addr))
	require.NoError(t, err)
	require.Equal(t, "-ERR max number of clients reached\r\n", string(refused))
	require.Equal(t, "1", w.infoField("stats", "rejected_connections"))
	require.NoError(t, a.Close())
	w.eventually(func() bool { return w.infoField("clients", "connected_clients") == "2" })
	exchange(t, dialTCP(t, addr), "PING\r\n", "+PONG\r\n")
}

// timeout closes who is idle, but not who waits or listens.
func TestIdleTimeout(t *testing.T) {
	s, addr, log := loggedServer(t, "loglevel", "verbose")
	w := (&testServer{s, t}).client()
	idle, waits, listens := dialTCP(t, addr), dialTCP(t, addr), dialTCP(t, addr)
	exchange(t, idle, "PING\r\n", "+PONG\r\n")
	exchange(t, listens, "SUBSCRIBE c\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n")
	_, err := io.WriteString(waits, "BLPOP nokey 0\r\n")
	require.NoError(t, err)
	w.eventually(func() bool { return w.infoField("clients", "blocked_clients") == "1" })
	w.do("CONFIG SET timeout 1")
	_, err = io.ReadAll(idle)
	require.NoError(t, err)
	exchange(t, listens, "PING\r\n", "*2\r\n$4\r\npong\r\n$0\r\n\r\n")
	w = (&testServer{s, t}).client() // the other one was idle too
	w.do("CONFIG SET timeout 0")
	w.do("RPUSH nokey v")
	exchange(t, waits, "", "*2\r\n$5\r\nnokey\r\n$1\r\nv\r\n")
	require.Contains(t, log.String(), "- Closing idle client\n")
}

// Room for replies that a client does not use any more is given back.
func TestReplyRoomFollowsUse(t *testing.T) {
	s, _, _ := loggedServer(t)
	c, w := (&testServer{s, t}).client(), (&testServer{s, t}).client()
	w.do("DEBUG REPLYBUFFER PEAK-RESET-TIME 100")
	w.do("DEBUG REPLYBUFFER RESIZING 0")
	c.sendArgs("ECHO", strings.Repeat("x", 40_000))
	c.read()
	room := func() int {
		var n int
		s.Do(func() {
			for _, x := range s.clients {
				if fmt.Sprint(x.id) == "1" {
					n = cap(x.w.Buf)
				}
			}
		})
		return n
	}
	time.Sleep(time.Second)
	require.Greater(t, room(), 30_000)
	require.Equal(t, "0", w.infoField("stats", "reply_buffer_shrinks"))
	w.do("DEBUG REPLYBUFFER RESIZING 1")
	w.eventually(func() bool { return room() == leastReplyRoom })
	require.NotEqual(t, "0", w.infoField("stats", "reply_buffer_shrinks"))
	c.sendArgs("ECHO", strings.Repeat("x", 40_000))
	c.read()
	require.NotEqual(t, "0", w.infoField("stats", "reply_buffer_expands"))
	require.Regexp(t, ` obl=0 oll=0 `, w.text("CLIENT INFO"))
	w.do("DEBUG CLIENT-ENFORCE-REPLY-LIST 1")
	require.Regexp(t, ` oll=1 omem=[1-9]`, w.do("MULTI")+w.do("PING")+w.do("CLIENT INFO")+w.do("EXEC"))
}

// What a client sent that is no protocol is in the log, in a printable form.
func TestProtocolErrorInTheLog(t *testing.T) {
	s, addr, log := loggedServer(t, "loglevel", "verbose")
	for _, x := range []struct{ send, line string }{
		{"*1\r\n$abc\r\n", `- Protocol error \(invalid bulk length\) from client: id=\d+ .*\. Query buffer during protocol error: '\$abc\.\.'\n`},
		{"PING\r\n*1\r\nabc" + strings.Repeat("x", 300) + "\r\n", `Protocol error \(expected \$ but got something else\) from client: id=\d+ .*: 'abcx{61}' \(\.\.\. more 177 bytes \.\.\.\) 'x{62}\.\.'\n`},
		{"GET \"\x00\x01\r\n", `\(unbalanced quotes in request\) from client: .*: 'GET "'?`},
		{"*3000000000\r\n", `\(invalid mbulk count\) from client: .*: '\*3000000000\.\.'\n`},
	} {
		c := dialTCP(t, addr)
		_, err := io.WriteString(c, x.send)
		require.NoError(t, err)
		_, err = io.ReadAll(c)
		require.NoError(t, err)
		require.Regexp(t, x.line, log.String())
	}
	c := (&testServer{s, t}).client()
	c.do("CONFIG SET hide-user-data-from-log yes")
	bad := dialTCP(t, addr)
	_, err := io.WriteString(bad, "*1\r\n$secret\r\n")
	require.NoError(t, err)
	_, err = io.ReadAll(bad)
	require.NoError(t, err)
	require.Contains(t, log.String(), "Query buffer during protocol error: '*redacted*'\n")
	require.NotContains(t, log.String(), "secret")
	require.Regexp(t, `- Accepted 127\.0\.0\.1:\d+\n`, log.String())
}
