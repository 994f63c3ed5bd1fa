package capi_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"berth/capi"
	"berth/host"
	"berth/host/config"
)

// compile makes a module of C source text and returns its path.
func compile(t testing.TB, source string) string {
	t.Helper()
	dir := t.TempDir()
	src, so := filepath.Join(dir, "module.c"), filepath.Join(dir, "module.so")
	require.NoError(t, os.WriteFile(src, []byte(source), 0o644))
	out, err := exec.Command("gcc", "-shared", "-fPIC", "-g", "-O1", "-I..", "-o", so, src, "-lpthread").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return so
}

// logBuffer is a log that a test reads while the server writes it.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logBuffer) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Reset()
}

// server is a berth in this process, with its log.
type server struct {
	*host.Server
	rt  *capi.Runtime
	log *logBuffer
	t   testing.TB
}

// start runs a server without a socket.
func start(t testing.TB) *server {
	t.Helper()
	cfg := config.New()
	cfg.Port = 0
	cfg.EnableModuleCommand = config.ActionYes
	log := &logBuffer{}
	rt := capi.New()
	srv, err := host.New(host.Options{Config: cfg, Runtime: rt, Logger: slog.New(slog.NewTextHandler(log, nil))})
	require.NoError(t, err)
	go func() { _ = srv.Serve() }()
	t.Cleanup(func() { require.NoError(t, srv.Close()) })
	return &server{srv, rt, log, t}
}

// load loads a module and requires that it works.
func (s *server) load(path string, args ...string) {
	s.t.Helper()
	require.Equal(s.t, "+OK", s.dial().do(append([]string{"MODULE", "LOAD", path}, args...)...), "%s", s.log)
}

// client is a connection to a server.
type client struct {
	t testing.TB
	c net.Conn
	r *bufio.Reader
}

func (s *server) dial() *client {
	s.t.Helper()
	c, err := s.Dial()
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = c.Close() })
	return &client{s.t, c, bufio.NewReader(c)}
}

// do sends a command and returns its reply: lines joined by spaces, bulk
// strings in place of their lengths.
func (c *client) do(args ...string) string {
	c.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	_, err := io.WriteString(c.c, b.String())
	require.NoError(c.t, err)
	return c.reply()
}

func (c *client) reply() string {
	c.t.Helper()
	line, err := c.r.ReadString('\n')
	require.NoError(c.t, err)
	line = strings.TrimSuffix(line, "\r\n")
	n, _ := strconv.Atoi(line[1:])
	switch {
	case line[0] == '$' && n >= 0:
		b := make([]byte, n+2)
		_, err := io.ReadFull(c.r, b)
		require.NoError(c.t, err)
		return string(b[:n])
	case line[0] == '*' || line[0] == '~':
		parts := []string{line}
		for range n {
			parts = append(parts, c.reply())
		}
		return strings.Join(parts, " ")
	case line[0] == '%':
		parts := []string{line}
		for range 2 * n {
			parts = append(parts, c.reply())
		}
		return strings.Join(parts, " ")
	}
	return line
}

// withCommand is a module with one command x.do whose body is given.
func withCommand(name, flags, body string) string {
	return `#include "redismodule.h"
#include <string.h>
#include <errno.h>
static int x(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argv; (void)argc;
    ` + body + `
    return REDISMODULE_OK;
}
int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argv; (void)argc;
    if (RedisModule_Init(ctx, "` + name + `", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR) return REDISMODULE_ERR;
    return RedisModule_CreateCommand(ctx, "` + name + `.do", x, "` + flags + `", 0, 0, 0);
}
`
}
