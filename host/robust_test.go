package host

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"berth/host/command"
	"berth/host/config"
	"berth/keyspace/mem"

	"github.com/stretchr/testify/require"
)

// startSocketServer serves on a free TCP port and a Unix socket.
func startSocketServer(t *testing.T, set func(*config.Config)) (s *Server, addr, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "s")
	cfg := config.New()
	cfg.Port = 0
	cfg.Bind = []string{"127.0.0.1", "-::1"}
	cfg.UnixSocket = path
	cfg.UnixSocketPerm = 0o700
	if set != nil {
		set(cfg)
	}
	ready := make(chan struct{})
	s, err := New(Options{Config: cfg, ListenAnyPort: true, OnReady: func() { close(ready) }})
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		require.ErrorIs(t, <-served, ErrClosed)
	})
	select {
	case <-ready:
	case err := <-served:
		served <- err
		t.Fatalf("not serving: %v", err)
	}
	return s, fmt.Sprintf("127.0.0.1:%d", s.Port()), path
}

func dialTCP(t *testing.T, addr string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	return c.(*net.TCPConn)
}

// exchange sends and reads as many bytes as want has.
func exchange(t *testing.T, c net.Conn, send, want string) {
	t.Helper()
	_, err := io.WriteString(c, send)
	require.NoError(t, err)
	got := make([]byte, len(want))
	_, err = io.ReadFull(c, got)
	require.NoError(t, err, "got %q", got)
	require.Equal(t, want, string(got))
}

func TestSockets(t *testing.T) {
	_, addr, path := startSocketServer(t, nil)
	exchange(t, dialTCP(t, addr), "PING\r\n", "+PONG\r\n")
	st, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), st.Mode().Perm())
	u, err := net.Dial("unix", path)
	require.NoError(t, err)
	exchange(t, u, "*1\r\n$4\r\nPING\r\n", "+PONG\r\n")
	require.NoError(t, u.Close())
}

func TestHalfClosedSocketStillGetsItsReplies(t *testing.T) {
	_, addr, _ := startSocketServer(t, nil)
	c := dialTCP(t, addr)
	var req, want bytes.Buffer
	for range 1000 {
		req.WriteString("*2\r\n$4\r\nECHO\r\n$100\r\n" + strings.Repeat("x", 100) + "\r\n")
		want.WriteString("$100\r\n" + strings.Repeat("x", 100) + "\r\n")
	}
	_, err := c.Write(req.Bytes())
	require.NoError(t, err)
	require.NoError(t, c.CloseWrite())
	got, err := io.ReadAll(c)
	// The server may meet the end of input before it has sent everything, as
	// Redis does; what came must be whole and in order.
	if err == nil {
		require.True(t, bytes.HasPrefix(want.Bytes(), got))
	}
}

// A request that arrives byte by byte, larger than any buffer, is one request.
func TestLargeArguments(t *testing.T) {
	_, addr, _ := startSocketServer(t, nil)
	c := dialTCP(t, addr)
	big := strings.Repeat("0123456789abcdef", 5<<16) // 5 MiB
	req := fmt.Sprintf("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n%s\r\n", len(big), big)
	go func() {
		for at := 0; at < len(req); {
			n := min(1+rand.IntN(100000), len(req)-at)
			_, _ = io.WriteString(c, req[at:at+n])
			at += n
		}
	}()
	exchange(t, c, "", "+OK\r\n")
	exchange(t, c, "GET k\r\nSTRLEN k\r\n", fmt.Sprintf("$%d\r\n%s\r\n:%d\r\n", len(big), big, len(big)))
}

func TestQueryBufferLimit(t *testing.T) {
	_, addr, _ := startSocketServer(t, func(c *config.Config) { c.ClientQueryBufferLimit = 1 << 20 })
	c := dialTCP(t, addr)
	_, _ = io.WriteString(c, "*2\r\n$4\r\nECHO\r\n$100000000\r\n")
	chunk := bytes.Repeat([]byte("x"), 1<<16)
	var err error
	for i := 0; i < 2000 && err == nil; i++ {
		_, err = c.Write(chunk)
	}
	require.Error(t, err, "the connection must be cut")
}

func TestOutputBufferLimit(t *testing.T) {
	s, addr, _ := startSocketServer(t, func(c *config.Config) {
		c.ClientOutputBufferLimit[0].Hard = 8 << 20
	})
	c := dialTCP(t, addr)
	exchange(t, c, fmt.Sprintf("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n%s\r\n", 1<<20, strings.Repeat("v", 1<<20)), "+OK\r\n")
	// Asked for more than the limit, and never read.
	_, err := io.WriteString(c, strings.Repeat("GET k\r\n", 64))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		n := 0
		s.Do(func() { n = len(s.clients) })
		return n == 0
	}, 10*time.Second, 10*time.Millisecond)
}

func TestMaxClients(t *testing.T) {
	_, addr, _ := startSocketServer(t, func(c *config.Config) { c.MaxClients = 2 })
	a, b := dialTCP(t, addr), dialTCP(t, addr)
	exchange(t, a, "PING\r\n", "+PONG\r\n")
	exchange(t, b, "PING\r\n", "+PONG\r\n")
	exchange(t, dialTCP(t, addr), "", "-ERR max number of clients reached\r\n")
	require.NoError(t, a.Close())
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return false
		}
		defer func() { _ = c.Close() }()
		_ = c.SetDeadline(time.Now().Add(time.Second))
		_, _ = io.WriteString(c, "PING\r\n")
		got := make([]byte, 7)
		_, err = io.ReadFull(c, got)
		return err == nil && string(got) == "+PONG\r\n"
	}, 5*time.Second, 10*time.Millisecond)
}

// Clients that go away in every state leave nothing behind: no client, no
// descriptor, no goroutine, no memory.
func TestNothingLeaksWhenClientsGo(t *testing.T) {
	_ = openFDs(t)
	goroutines := runtime.NumGoroutine()
	used := mem.Used()
	fds := openFDs(t)
	func() {
		cfg := config.New()
		cfg.Port = 0
		cfg.Bind = []string{"127.0.0.1"}
		ready := make(chan struct{})
		s, err := New(Options{Config: cfg, ListenAnyPort: true, OnReady: func() { close(ready) }})
		require.NoError(t, err)
		served := make(chan error, 1)
		go func() { served <- s.Serve() }()
		<-ready
		addr := fmt.Sprintf("127.0.0.1:%d", s.Port())
		states := []string{
			"",
			"PING\r\n",
			"*2\r\n$3\r\nGET\r\n$10\r\nabc",
			"*100000\r\n$3\r\n",
			"BLPOP nokey 0\r\n",
			"BLPOP nokey 0\r\nPING\r\n",
			"BZPOPMIN a b c 0\r\n",
			"SUBSCRIBE a b\r\nPSUBSCRIBE x*\r\n",
			"MULTI\r\nSET a 1\r\n",
			"WATCH a b c\r\n",
			"MONITOR\r\n",
			"CLIENT PAUSE 1 ALL\r\nPING\r\n",
			"SET big " + strings.Repeat("x", 1000) + "\r\n" + strings.Repeat("GET big\r\n", 2000),
			"HELLO 3\r\nSUBSCRIBE c\r\nPING\r\n",
			"LPUSH l a b c\r\nSADD s 1 2 3\r\nZADD z 1 a\r\nHSET h f v\r\n",
			"CLIENT REPLY OFF\r\nGET a\r\n",
			"*1\r\n$-5\r\n",
			"\x00\x01\x02\xff\r\n",
		}
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				c, err := net.Dial("tcp", addr)
				if err != nil {
					return
				}
				_, _ = io.WriteString(c, states[i%len(states)])
				if i%3 == 0 {
					time.Sleep(time.Duration(i%7) * time.Millisecond)
				}
				if i%5 == 0 {
					_ = c.(*net.TCPConn).SetLinger(0)
				}
				_ = c.Close()
			}()
		}
		wg.Wait()
		// In-process connections, too.
		for i := range 20 {
			c, err := s.Dial()
			require.NoError(t, err)
			_ = c.SetDeadline(time.Now().Add(time.Second))
			_, _ = io.WriteString(c, states[1+i%3])
			_ = c.Close()
		}
		require.Eventually(t, func() bool {
			n := -1
			s.Do(func() { n = len(s.clients) })
			return n == 0
		}, 10*time.Second, 5*time.Millisecond, "all clients are gone: %v", still(s))
		s.Do(func() {
			require.Zero(t, s.stat.blocked)
			require.Zero(t, s.watching)
			require.Zero(t, s.waitingKeys)
			require.Zero(t, s.waitingRemoval)
			require.Empty(t, s.monitors)
			require.Empty(t, s.clientByID)
			require.Zero(t, s.queryBufMem)
		})
		require.NoError(t, s.Close())
		<-served
	}()
	if !eventually(10*time.Second, func() bool { return runtime.NumGoroutine() <= goroutines }) {
		buf := make([]byte, 1<<16)
		t.Fatalf("goroutines are left:\n%s", buf[:runtime.Stack(buf, true)])
	}
	require.Equal(t, fds, openFDs(t))
	require.True(t, eventually(5*time.Second, func() bool { return mem.Used() == used }),
		"data-set memory: %d before, %d after", used, mem.Used())
}

// still describes the clients that are there.
func still(s *Server) fmt.Stringer { return stillThere{s} }

type stillThere struct{ s *Server }

func (x stillThere) String() string {
	var b strings.Builder
	x.s.Do(func() {
		for _, c := range x.s.clients {
			fmt.Fprintf(&b, "\n%s flags=%b pending=%d out=%d", c.info(), c.flags, len(c.pending), c.outputLen())
		}
	})
	return b.String()
}

// eventually waits for a condition without goroutines of its own.
func eventually(limit time.Duration, ok func() bool) bool {
	for end := time.Now().Add(limit); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

func openFDs(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(list)
}

// Random bytes must never take the server down, and never disturb others.
func FuzzRequests(f *testing.F) {
	f.Add([]byte("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n"))
	f.Add([]byte("EVAL x 0\r\nCLIENT KILL ID 1\r\nOBJECT ENCODING a\r\n"))
	f.Add([]byte("SORT a BY x->* GET # LIMIT 0 1 STORE b\r\nZADD a NX 1 b\r\n"))
	cfg := config.New()
	cfg.Port = 0
	dir := f.TempDir() // for SAVE
	cfg.Getwd = func() (string, error) { return dir, nil }
	s, err := New(Options{Config: cfg})
	require.NoError(f, err)
	go func() { _ = s.Serve() }()
	f.Cleanup(func() { _ = s.Close() })
	f.Fuzz(func(t *testing.T, in []byte) {
		up := bytes.ToUpper(in)
		for _, word := range []string{"SHUTDOWN", "DEBUG", "PAUSE", "MONITOR", "REWRITE"} {
			if bytes.Contains(up, []byte(word)) {
				return
			}
		}
		c, err := s.Dial()
		require.NoError(t, err)
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		go func() { _, _ = io.Copy(io.Discard, c) }()
		_, _ = c.Write(in)
		_ = c.Close()
		ok := false
		require.True(t, s.Do(func() { ok = true }) && ok, "the server is gone")
	})
}

// A bug in a handler costs its client an error and nobody else anything.
func TestPanicInAHandler(t *testing.T) {
	s := newTestServer(t)
	s.Do(func() {
		require.True(t, s.Commands().Add(&command.Row{Name: "boom", Arity: 1, Flags: command.FlagReadOnly,
			Handler: func(c *command.Ctx) {
				c.Array(3)
				c.Int(1)
				panic("boom")
			}}))
	})
	c := s.client()
	c.send("boom")
	require.Equal(t, "-ERR internal error in command 'boom', see the server log\r\n", c.read())
	c.send("multi")
	require.Equal(t, "+OK\r\n", c.read())
	c.send("boom")
	require.Equal(t, "+QUEUED\r\n", c.read())
	c.send("ping")
	require.Equal(t, "+QUEUED\r\n", c.read())
	c.send("exec")
	require.Equal(t, "*2\r\n-ERR internal error in command 'boom', see the server log\r\n+PONG\r\n", c.read())
	s.Do(func() { require.Zero(t, s.nesting) })
}
