package capi_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"berth/capi"
	"berth/host"
	"berth/keyspace/mem"
)

// visits is a module as its authors would write it.
const visits = `
#include "redismodule.h"

/* VISIT name: how many times it was called for that name. */
static int visit(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 2) return RedisModule_WrongArity(ctx);
    RedisModuleCallReply *r = RedisModule_Call(ctx, "INCR", "s!", argv[1]);
    if (r == NULL) return RedisModule_ReplyWithError(ctx, "ERR no INCR");
    RedisModule_ReplyWithCallReply(ctx, r);
    RedisModule_FreeCallReply(r);
    return REDISMODULE_OK;
}

/* VISIT.GREETING: the argument that the module was loaded with. */
static RedisModuleString *greeting;

static int greet(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    return RedisModule_ReplyWithString(ctx, greeting);
}

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (RedisModule_Init(ctx, "visits", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    greeting = argc > 0 ? RedisModule_HoldString(NULL, argv[0])
                        : RedisModule_CreateString(NULL, "hello", 5);
    if (RedisModule_CreateCommand(ctx, "visit", visit, "write", 1, 1, 1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    return RedisModule_CreateCommand(ctx, "visit.greeting", greet, "readonly", 0, 0, 0);
}

int RedisModule_OnUnload(RedisModuleCtx *ctx) {
    REDISMODULE_NOT_USED(ctx);
    RedisModule_FreeString(NULL, greeting);
    return REDISMODULE_OK;
}
`

// buildModule compiles the C source of a module into dir.
func buildModule(dir, source string) (path string, err error) {
	c, so := filepath.Join(dir, "visits.c"), filepath.Join(dir, "visits.so")
	if err := os.WriteFile(c, []byte(source), 0o644); err != nil {
		return "", err
	}
	if out, err := exec.Command("gcc", "-shared", "-fPIC", "-I..", "-o", so, c).CombinedOutput(); err != nil {
		return "", fmt.Errorf("gcc: %w\n%s", err, out)
	}
	return so, nil
}

// newClient is a client of the usual library that needs no socket.
func newClient(srv *host.Server) *redis.Client {
	return redis.NewClient(&redis.Options{
		Dialer: func(context.Context, string, string) (net.Conn, error) { return srv.Dial() },
	})
}

// A server inside of the program that hosts a C module.
func Example() {
	dir, err := os.MkdirTemp("", "berth")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	so, err := buildModule(dir, visits)
	if err != nil {
		fmt.Println(err)
		return
	}

	srv, err := host.New(host.Options{Runtime: capi.New()})
	if err != nil {
		fmt.Println(err)
		return
	}
	go srv.Serve()
	defer srv.Close()
	if err := srv.LoadModule(so, "welcome"); err != nil {
		fmt.Println(err)
		return
	}

	client := newClient(srv)
	defer client.Close()
	ctx := context.Background()
	fmt.Println(client.Do(ctx, "VISIT", "ada").Result())
	fmt.Println(client.Do(ctx, "VISIT", "ada").Result())
	fmt.Println(client.Do(ctx, "VISIT.GREETING").Result())
	// Output:
	// 1 <nil>
	// 2 <nil>
	// welcome <nil>
}

func TestEmbeddedRaw(t *testing.T) {
	so, err := buildModule(t.TempDir(), visits)
	require.NoError(t, err)
	srv, err := host.New(host.Options{Runtime: capi.New()})
	require.NoError(t, err)
	go func() { _ = srv.Serve() }()
	require.NoError(t, srv.LoadModule(so))
	require.EqualError(t, srv.LoadModule(so), "Error loading the extension. Please check the server logs.")
	require.Error(t, srv.LoadModule(filepath.Join(t.TempDir(), "none.so")))

	file, err := os.ReadFile(so)
	require.NoError(t, err)
	srv.Do(func() {
		require.Contains(t, string(srv.Info([]string{"berth"})), fmt.Sprintf("\r\nmodule_visits:fingerprint=%016x\r\n", xxhash.Sum64(file)))
	})

	conn, err := srv.Dial()
	require.NoError(t, err)
	r := bufio.NewReader(conn)
	for _, x := range []struct{ send, want string }{
		{"*2\r\n$5\r\nVISIT\r\n$1\r\na\r\n", ":1\r\n"},
		{"VISIT a\r\nVISIT b\r\nGET a\r\n", ":2\r\n:1\r\n$1\r\n2\r\n"},
		{"VISIT.GREETING\r\n", "$5\r\nhello\r\n"},
		{"VISIT\r\n", "-ERR wrong number of arguments for 'visit' command\r\n"},
	} {
		_, err := io.WriteString(conn, x.send)
		require.NoError(t, err)
		got := make([]byte, len(x.want))
		_, err = io.ReadFull(r, got)
		require.NoError(t, err)
		require.Equal(t, x.want, string(got))
	}

	require.NoError(t, srv.Close())
	_, err = r.ReadByte()
	require.ErrorIs(t, err, io.EOF)
	require.ErrorIs(t, srv.LoadModule(so), host.ErrClosed)
	require.NoError(t, conn.Close())
}

func TestServersInOneProcessAreApart(t *testing.T) {
	so, err := buildModule(t.TempDir(), visits)
	require.NoError(t, err)
	var servers [2]*host.Server
	var clients [2]*redis.Client
	for i := range servers {
		servers[i], err = host.New(host.Options{Runtime: capi.New()})
		require.NoError(t, err)
		go func() { _ = servers[i].Serve() }()
		defer servers[i].Close()
		require.NoError(t, servers[i].LoadModule(so))
		clients[i] = newClient(servers[i])
		defer clients[i].Close()
	}
	ctx := context.Background()
	done := make(chan error, 2)
	for i := range clients {
		go func() {
			for range 500 * (i + 1) {
				if err := clients[i].Do(ctx, "VISIT", "x").Err(); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	require.NoError(t, <-done)
	require.NoError(t, <-done)
	require.Equal(t, "500", clients[0].Get(ctx, "x").Val())
	require.Equal(t, "1000", clients[1].Get(ctx, "x").Val())

	// One server's end is nothing to the other.
	require.NoError(t, servers[0].Close())
	require.Error(t, clients[0].Do(ctx, "VISIT", "x").Err())
	require.Equal(t, int64(1001), clients[1].Do(ctx, "VISIT", "x").Val())
}

// There is room for 255 modules in a process: servers that are gone must not take any.
func TestModulesGoWithTheirServer(t *testing.T) {
	so, err := buildModule(t.TempDir(), visits)
	require.NoError(t, err)
	for range 300 {
		srv, err := host.New(host.Options{Runtime: capi.New()})
		require.NoError(t, err)
		go func() { _ = srv.Serve() }()
		require.NoError(t, srv.LoadModule(so))
		require.NoError(t, srv.Close())
	}
}

// used is what a server may have taken of the process.
type used struct{ goroutines, fds, memory int }

func inUse(t *testing.T) used {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return used{runtime.NumGoroutine(), len(fds), mem.Used()}
}

func TestCloseReleasesEverything(t *testing.T) {
	so, err := buildModule(t.TempDir(), visits)
	require.NoError(t, err)
	ctx := context.Background()
	live := func(serve bool) {
		srv, err := host.New(host.Options{Runtime: capi.New()})
		require.NoError(t, err)
		if !serve {
			require.NoError(t, srv.Close())
			return
		}
		served := make(chan error, 1)
		go func() { served <- srv.Serve() }()
		require.NoError(t, srv.LoadModule(so))
		client := newClient(srv)
		for i := range 300 {
			n := fmt.Sprint(i)
			require.NoError(t, client.Set(ctx, "string"+n, strings.Repeat("v", i), 0).Err())
			require.NoError(t, client.Do(ctx, "VISIT", "counter"+n).Err())
			require.NoError(t, client.RPush(ctx, "list", n).Err())
			require.NoError(t, client.HSet(ctx, "hash", n, strings.Repeat(n, 10)).Err())
			require.NoError(t, client.SAdd(ctx, "set", "member"+n).Err())
			require.NoError(t, client.ZAdd(ctx, "zset", redis.Z{Score: float64(i), Member: n}).Err())
		}
		// One in every state: blocked, subscribed, in the middle of a request, of a transaction.
		var conns []net.Conn
		for _, send := range []string{"BLPOP none 0\r\n", "SUBSCRIBE channel\r\n", "*2\r\n$100\r\nhalf", "MULTI\r\nSET a b\r\n", "MONITOR\r\n"} {
			conn, err := srv.Dial()
			require.NoError(t, err)
			_, err = io.WriteString(conn, send)
			require.NoError(t, err)
			conns = append(conns, conn)
		}
		require.NoError(t, srv.Close())
		require.ErrorIs(t, <-served, host.ErrClosed)
		require.NoError(t, client.Close())
		for _, conn := range conns {
			require.NoError(t, conn.Close())
		}
	}
	live(true) // what is made once per process
	before := inUse(t)
	for range 5 {
		live(true)
		live(false)
	}
	var after used
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		after = inUse(t)
		if after.goroutines <= before.goroutines && after.fds <= before.fds && after.memory <= before.memory {
			return
		}
	}
	t.Fatalf("closed servers left something behind: %+v, %+v before", after, before)
}
