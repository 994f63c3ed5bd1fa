package host

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"berth/host/config"

	"github.com/stretchr/testify/require"
)

// overTCP is a testClient with a socket, whose output gathers in the server when it isn't read.
func overTCP(t *testing.T, addr string) *testClient {
	conn := dialTCP(t, addr)
	return &testClient{t, conn, bufio.NewReader(conn)}
}

func named(t *testing.T, addr, name string) *testClient {
	c := overTCP(t, addr)
	c.script("CLIENT SETNAME "+name, "+OK\r\n")
	return c
}

func clientNames(c *testClient) (names []string) {
	for _, l := range strings.Split(strings.TrimSpace(c.text("CLIENT LIST")), "\n") {
		names = append(names, field(l, "name"))
	}
	return names
}

// gone reports whether the server has closed a connection.
func (c *testClient) gone() bool {
	_, err := c.conn.Write([]byte("PING\r\n"))
	if err != nil {
		return true
	}
	// What was sent before it went may still be there.
	_, err = io.Copy(io.Discard, c.r)
	return err == nil || errors.Is(err, syscall.ECONNRESET)
}

// many sends variants of a line until the connection is closed.
func many(c *testClient, line string) {
	for i := 0; ; i++ {
		l := strings.Fields(line + strconv.Itoa(i))
		_, err := fmt.Fprintf(c.conn, "%s", request(l...))
		if err != nil {
			return
		}
		if _, err := c.r.ReadString('\n'); err != nil {
			return
		}
	}
}

// TestEvictClients: whatever a client makes the server hold, it is the largest that goes when it is too much.
func TestEvictClients(t *testing.T) {
	const size = 3 << 20
	big := strings.Repeat("x", size)
	for name, fill := range map[string]func(c *testClient){
		"query buffer": func(c *testClient) {
			// It may be evicted before all is written, and then this fails.
			_, _ = fmt.Fprintf(c.conn, "*2\r\n$3\r\nSET\r\n$%d\r\n%s", 2*size, big)
		},
		"output buffer": func(c *testClient) {
			_, _ = fmt.Fprint(c.conn, strings.Repeat(request("GET", "big"), 100))
		},
		"transaction": func(c *testClient) {
			c.script("MULTI", "+OK\r\n")
			many(c, "SET k "+big[:100<<10])
		},
		"watched keys": func(c *testClient) { many(c, "WATCH "+big[:100<<10]) },
		"prefixes": func(c *testClient) {
			c.do("HELLO 3")
			c.sendArgs("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", big)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, addr, _ := startSocketServer(t, func(c *config.Config) { c.EnableDebugCommand = config.ActionYes })
			watcher := named(t, addr, "watcher")
			watcher.script("CLIENT NO-EVICT on", "+OK\r\n")
			watcher.sendArgs("SET", "big", big)
			watcher.read()
			victim, small := named(t, addr, "victim"), named(t, addr, "small")
			watcher.script("CONFIG SET maxmemory-clients 2mb", "+OK\r\n")
			small.script("PING", "+PONG\r\n")
			fill(victim)
			watcher.eventually(func() bool { return watcher.infoField("stats", "evicted_clients") == "1" })
			require.True(t, victim.gone())
			require.Equal(t, []string{"watcher", "small"}, clientNames(watcher))
			small.script("PING", "+PONG\r\n")
			require.True(t, s.Do(func() {
				require.Less(t, s.clientMem.sum[classNormal], int64(2<<20))
				n := 0
				for _, b := range s.clientMem.buckets {
					n += b.n
				}
				require.Equal(t, 1, n, "only small is in a bucket")
			}))
		})
	}
}

// TestEvictClientsInOrder: of many clients over the limit, the largest go, as few as possible.
func TestEvictClientsInOrder(t *testing.T) {
	s, addr, _ := startSocketServer(t, func(c *config.Config) { c.EnableDebugCommand = config.ActionYes })
	watcher := named(t, addr, "watcher")
	watcher.script("CLIENT NO-EVICT on", "+OK\r\n")
	var clients []*testClient
	for i := range 5 {
		c := named(t, addr, fmt.Sprint("c", i))
		// A request that is not complete: it stays in the query buffer.
		_, err := fmt.Fprintf(c.conn, "*2\r\n$3\r\nGET\r\n$%d\r\n%s", (200<<10)<<i+1, strings.Repeat("y", (200<<10)<<i))
		require.NoError(t, err)
		clients = append(clients, c)
	}
	mem := func(i int) (n int) {
		for _, l := range strings.Split(watcher.text("CLIENT LIST"), "\n") {
			if field(l, "name") == fmt.Sprint("c", i) {
				n, _ = strconv.Atoi(field(l, "qbuf"))
			}
		}
		return n
	}
	for i := range clients {
		watcher.eventually(func() bool { return mem(i) >= (200<<10)<<i })
	}
	require.NotContains(t, watcher.text("INFO memory"), "mem_clients_normal:0\r\n")
	var limit int64
	require.True(t, s.Do(func() {
		for _, c := range s.clients {
			c.updateMemory()
		}
		// All but the two largest fit.
		limit = s.clientMem.sum[classNormal]
		for _, c := range s.clients {
			if string(c.Name) == "c3" || string(c.Name) == "c4" {
				limit -= int64(c.share.bytes)
			}
		}
	}))
	watcher.script(fmt.Sprint("CONFIG SET maxmemory-clients ", limit+64<<10), "+OK\r\n")
	watcher.eventually(func() bool { return watcher.infoField("stats", "evicted_clients") == "2" })
	require.Equal(t, []string{"watcher", "c0", "c1", "c2"}, clientNames(watcher))

	// A percentage is of maxmemory; without maxmemory there is no limit.
	watcher.script("CONFIG SET maxmemory-clients 1%", "+OK\r\n", "PING", "+PONG\r\n")
	require.Equal(t, "2", watcher.infoField("stats", "evicted_clients"))
	watcher.script("CONFIG SET maxmemory 100mb", "+OK\r\n")
	watcher.eventually(func() bool { return watcher.infoField("stats", "evicted_clients") == "3" })
	require.Equal(t, []string{"watcher", "c0", "c1"}, clientNames(watcher))
	watcher.script("CONFIG SET maxmemory-clients 0", "+OK\r\n", "DEBUG CLIENT-EVICTION", "-ERR maxmemory-clients is disabled.\r\n")
}

// TestClientEvictsItself: the client whose command finds the limit exceeded may be the one that goes, unanswered.
func TestClientEvictsItself(t *testing.T) {
	_, addr, _ := startSocketServer(t, nil)
	watcher := named(t, addr, "watcher")
	watcher.script("CLIENT NO-EVICT on", "+OK\r\n", "CONFIG SET maxmemory-clients 1mb", "+OK\r\n")
	c := named(t, addr, "c")
	c.script("MULTI", "+OK\r\n")
	// It may be gone before all of this is written.
	_, _ = fmt.Fprint(c.conn, request("SET", "k", strings.Repeat("x", 2<<20)))
	watcher.eventually(func() bool { return watcher.infoField("stats", "evicted_clients") == "1" })
	require.Equal(t, ":0\r\n", watcher.do("EXISTS k"))
	require.True(t, c.gone())
}

// TestBuffersCountAsUsed: what a client leaves unread is part of used_memory, and can cost keys.
func TestBuffersCountAsUsed(t *testing.T) {
	_, addr, _ := startSocketServer(t, nil)
	c, slow := overTCP(t, addr), overTCP(t, addr)
	used := func() int {
		n, err := strconv.Atoi(c.infoField("memory", "used_memory"))
		require.NoError(t, err)
		return n
	}
	c.sendArgs("SET", "big", strings.Repeat("x", 1<<20))
	c.read()
	before := used()
	_ = slow.conn.(*net.TCPConn).SetReadBuffer(4096)
	for range 30 {
		slow.send("GET big")
	}
	c.eventually(func() bool { return used() > before+15<<20 })
	c.script("CONFIG SET maxmemory "+strconv.Itoa(before+1<<20)+" maxmemory-policy allkeys-lru", "+OK\r\n")
	c.eventually(func() bool { return c.infoField("stats", "evicted_keys") == "1" })
	_ = slow.conn.Close()
	c.eventually(func() bool { return used() < before+1<<20 })
}
