package capi_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"berth/capi"
	"berth/host"
	"berth/host/config"
)

// testModule builds one of the conformance modules.
func testModule(t testing.TB, name string) string {
	t.Helper()
	so := filepath.Join(t.TempDir(), name+".so")
	out, err := exec.Command("gcc", "-shared", "-fPIC", "-g", "-O1", "-std=gnu11", "-I..", "-o", so,
		filepath.Join("..", "testmodules", name+".c"), "-lpthread").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return so
}

// listen runs a server with a socket and returns its address.
func listen(t testing.TB) string {
	t.Helper()
	cfg := config.New()
	cfg.Port = 0
	cfg.Bind = []string{"127.0.0.1"}
	cfg.EnableModuleCommand = config.ActionYes
	ready := make(chan struct{})
	srv, err := host.New(host.Options{Config: cfg, Runtime: capi.New(), ListenAnyPort: true,
		Logger:  slog.New(slog.NewTextHandler(io.Discard, nil)),
		OnReady: func() { close(ready) }})
	require.NoError(t, err)
	go func() { _ = srv.Serve() }()
	<-ready
	t.Cleanup(func() { require.NoError(t, srv.Close()) })
	return fmt.Sprintf("127.0.0.1:%d", srv.Port())
}

func connect(t testing.TB, addr string) *client {
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(time.Now().Add(2*time.Minute)))
	return &client{t, c, bufio.NewReader(c)}
}

// send sends a command without waiting for its reply.
func (c *client) send(args ...string) {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	_, err := io.WriteString(c.c, b.String())
	require.NoError(c.t, err)
}

// TestThreadsOfModulesWhileClientsComeAndGo has threads of modules take the
// lock, reply and unblock while half of the clients they work for go away.
func TestThreadsOfModulesWhileClientsComeAndGo(t *testing.T) {
	addr := listen(t)
	main := connect(t, addr)
	for _, m := range []string{"threadsafe", "blocked"} {
		require.Equal(t, "+OK", main.do("MODULE", "LOAD", testModule(t, m)))
	}
	long := 700 * time.Millisecond
	if os.Getenv("BERTH_STRESS") != "" {
		long = 30 * time.Second
	}
	const clients, threads, times = 8, 3, 20
	var increments, replies atomic.Int64
	var wg sync.WaitGroup
	until := time.Now().Add(long)
	for id := range clients {
		wg.Add(1)
		go func() {
			defer wg.Done()
			rnd := rand.New(rand.NewPCG(uint64(id), 1))
			for time.Now().Before(until) {
				c := connect(t, addr)
				for range 1 + rnd.IntN(8) {
					var want string
					switch rnd.IntN(8) {
					case 0:
						c.send("threadsafe.hammer", "hammered", fmt.Sprint(threads), fmt.Sprint(times))
						increments.Add(threads * times)
					case 1:
						c.send("threadsafe.replies", "300")
						want = "*300 :0 :1 "
					case 2:
						c.send("threadsafe.call", "incr", "called")
						want = ":"
					case 3:
						c.send("blocked.thread", fmt.Sprint(rnd.IntN(3)), fmt.Sprint(rnd.IntN(3)), "text")
						want = "*"
					case 4:
						c.send("blocked.threadreplies", fmt.Sprint(rnd.IntN(3)), "5")
						want = "*5 :0 :1 :2 :3 :4"
					case 5:
						c.send("blocked.block", "5", "rtfd")
						want = "*"
					case 6:
						c.send("blocked.blockclientonkeys", fmt.Sprint(1+rnd.IntN(4)), "1", "list")
						want = "*"
					default:
						c.send("rpush", "list", "x")
						want = ":"
					}
					if rnd.IntN(4) == 0 {
						break // the client goes away, whatever it waits for
					}
					require.True(t, strings.HasPrefix(c.reply(), want))
					replies.Add(1)
				}
				require.NoError(t, c.c.Close())
			}
		}()
	}
	for time.Now().Before(until) {
		require.Equal(t, "+PONG", main.do("PING"))
		// The module remembers so many of those who wait, and no more.
		for main.do("blocked.unblock", "text") != "+nobody" {
		}
		main.do("blocked.log")
		time.Sleep(time.Millisecond)
	}
	wg.Wait()
	// Every thread ends its work, whether anybody waits for it or not.
	require.Eventually(t, func() bool {
		for main.do("blocked.unblock", "late") != "+nobody" {
		}
		return main.do("GET", "hammered") == fmt.Sprint(increments.Load()) && !strings.Contains(main.do("INFO", "clients"), "blocked_clients:1")
	}, 10*time.Second, 10*time.Millisecond)
	require.Positive(t, replies.Load())
	require.Equal(t, "+PONG", main.do("PING"))
	require.Contains(t, main.do("MODULE", "LIST"), "threadsafe")
	require.Eventually(t, func() bool {
		// Refused as long as any client is blocked for the module.
		return main.do("MODULE", "UNLOAD", "blocked") == "+OK"
	}, 5*time.Second, 300*time.Millisecond)
}
