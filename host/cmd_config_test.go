package host

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"berth/host/config"

	"github.com/stretchr/testify/require"
)

// configClient is a connection to a server of its own.
type configClient struct {
	t    *testing.T
	s    *Server
	conn net.Conn
	r    *bufio.Reader
}

func newConfigClient(t *testing.T, c *config.Config) *configClient {
	t.Helper()
	s, err := New(Options{Config: c, ListenAnyPort: true})
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- s.Serve() }()
	conn, err := s.Dial()
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	t.Cleanup(func() {
		_ = conn.Close()
		require.NoError(t, s.Close())
		require.ErrorIs(t, <-ended, ErrClosed)
	})
	return &configClient{t: t, s: s, conn: conn, r: bufio.NewReader(conn)}
}

// do sends words as a command and returns its raw reply.
func (c *configClient) do(words ...string) string {
	c.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(w), w)
	}
	_, err := io.WriteString(c.conn, b.String())
	require.NoError(c.t, err)
	return c.reply()
}

func (c *configClient) reply() string {
	line, err := c.r.ReadString('\n')
	require.NoError(c.t, err)
	n, _ := strconv.Atoi(strings.TrimSpace(line[1:]))
	switch line[0] {
	case '$':
		if n >= 0 {
			b := make([]byte, n+2)
			_, err := io.ReadFull(c.r, b)
			require.NoError(c.t, err)
			line += string(b)
		}
	case '*':
		for range n {
			line += c.reply()
		}
	case '%':
		for range 2 * n {
			line += c.reply()
		}
	}
	return line
}

func quietConfig() *config.Config {
	c := config.New()
	c.Port = 0
	c.Bind = []string{"127.0.0.1"}
	return c
}

func TestConfigGetAndSet(t *testing.T) {
	c := newConfigClient(t, quietConfig())
	require.Equal(t, "*2\r\n$2\r\nHZ\r\n$2\r\n10\r\n", c.do("CONFIG", "GET", "HZ"))
	require.Equal(t, "*0\r\n", c.do("CONFIG", "GET", "nope"))
	require.Equal(t, "+OK\r\n", c.do("CONFIG", "SET", "hz", "20", "timeout", "3"))
	require.Equal(t, "*4\r\n$2\r\nhz\r\n$2\r\n20\r\n$7\r\ntimeout\r\n$1\r\n3\r\n", c.do("CONFIG", "GET", "hz", "timeout"))
	for words, want := range map[string]string{
		"SET hz":                          "-ERR wrong number of arguments for 'config|set' command\r\n",
		"SET hz 1 timeout":                "-ERR syntax error\r\n",
		"SET nope 1":                      "-ERR Unknown option or number of arguments for CONFIG SET - 'nope'\r\n",
		"SET hz 30 timeout x":             "-ERR CONFIG SET failed (possibly related to argument 'timeout') - argument couldn't be parsed into an integer\r\n",
		"SET dir /":                       "-ERR CONFIG SET failed (possibly related to argument 'dir') - can't set protected config\r\n",
		"SET databases 1":                 "-ERR CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config\r\n",
		"SET port 1 bind 203.0.113.77":    "-ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.\r\n",
		"REWRITE":                         "-ERR The server is running without a config file\r\n",
		"GET":                             "-ERR wrong number of arguments for 'config|get' command\r\n",
		"RESETSTAT x":                     "-ERR wrong number of arguments for 'config|resetstat' command\r\n",
		"FOO":                             "-ERR unknown subcommand 'FOO'. Try CONFIG HELP.\r\n",
		"SET port 4 port 5":               "-ERR CONFIG SET failed (possibly related to argument 'port') - duplicate parameter\r\n",
		"SET maxmemory-policy volatile-x": "-ERR CONFIG SET failed (possibly related to argument 'maxmemory-policy') - argument(s) must be one of the following: volatile-lru, volatile-lfu, volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction\r\n",
	} {
		require.Equal(t, want, c.do(append([]string{"CONFIG"}, strings.Fields(words)...)...), words)
	}
	require.Contains(t, c.do("CONFIG", "GET", "hz"), "\r\n20\r\n", "nothing of a failed CONFIG SET stays")
	c.do("HELLO", "3")
	require.Equal(t, "%1\r\n$2\r\nhz\r\n$2\r\n20\r\n", c.do("CONFIG", "GET", "hz"))
}

func TestConfigSetProtected(t *testing.T) {
	cfg := quietConfig()
	cfg.EnableProtectedConfigs = config.ActionLocal
	c := newConfigClient(t, cfg)
	require.Equal(t, "+OK\r\n", c.do("CONFIG", "SET", "dbfilename", "x.rdb"))
	c.s.Do(func() { c.s.loading = true })
	require.Equal(t, "-LOADING Redis is loading the dataset in memory\r\n", c.do("CONFIG", "SET", "appendonly", "no"))
	require.Equal(t, "+OK\r\n", c.do("CONFIG", "SET", "hz", "11"))
	c.s.Do(func() { c.s.loading = false })
}

func TestConfigSetActs(t *testing.T) {
	c := newConfigClient(t, quietConfig())
	require.Equal(t, "+OK\r\n", c.do("CONFIG", "SET", "hash-max-listpack-entries", "1"))
	c.do("HSET", "h", "a", "1", "b", "2")
	require.Equal(t, "$9\r\nhashtable\r\n", c.do("OBJECT", "ENCODING", "h"))
}

func TestConfigSetRedactsSecrets(t *testing.T) {
	cfg := quietConfig()
	cfg.SlowlogLogSlowerThan = 0
	c := newConfigClient(t, cfg)
	require.Equal(t, "+OK\r\n", c.do("CONFIG", "SET", "hz", "12", "masterauth", "secret"))
	slow := c.do("SLOWLOG", "GET")
	require.NotContains(t, slow, "secret")
	require.Contains(t, slow, "(redacted)")
}

func TestConfigRewriteAndResetStat(t *testing.T) {
	cfg := quietConfig()
	cfg.File = filepath.Join(t.TempDir(), "redis.conf")
	require.NoError(t, os.WriteFile(cfg.File, []byte("# mine\nhz 10\n"), 0o600))
	c := newConfigClient(t, cfg)
	c.do("CONFIG", "SET", "hz", "33")
	require.Equal(t, "+OK\r\n", c.do("CONFIG", "REWRITE"))
	text, err := os.ReadFile(cfg.File)
	require.NoError(t, err)
	require.Contains(t, string(text), "# mine\nhz 33\n")
	require.Contains(t, string(text), "# Generated by CONFIG REWRITE\n")

	c.do("NOSUCH")
	require.Contains(t, c.do("INFO", "errorstats"), "errorstat_ERR:count=1")
	require.Equal(t, "+OK\r\n", c.do("CONFIG", "RESETSTAT"))
	require.NotContains(t, c.do("INFO", "errorstats"), "errorstat_ERR")
	require.NotContains(t, c.do("INFO", "commandstats"), "cmdstat_config|set")
}

func TestRenamedCommands(t *testing.T) {
	cfg := quietConfig()
	PrepareConfig(cfg)
	require.ErrorContains(t, cfg.LoadText("rename-command nosuch x"), "at line 1\n>>> 'rename-command nosuch x'\nNo such command in rename-command")
	require.ErrorContains(t, cfg.LoadText("rename-command get set"), "Target command name already exists")
	require.NoError(t, cfg.LoadText("rename-command set put\nrename-command psync resync\nrename-command CONFIG \"\""))
	require.ErrorContains(t, cfg.LoadText("rename-command set x"), "No such command in rename-command", "that name is gone")
	c := newConfigClient(t, cfg)
	require.Equal(t, "+OK\r\n", c.do("PUT", "k", "v"))
	require.Contains(t, c.do("SET", "k", "v"), "-ERR unknown command 'SET'")
	require.Contains(t, c.do("CONFIG", "GET", "hz"), "-ERR unknown command 'CONFIG'")
}

func TestUnclaimedModuleParameter(t *testing.T) {
	cfg := quietConfig()
	require.NoError(t, cfg.LoadText("some.thing 1"))
	s, err := New(Options{Config: cfg})
	require.NoError(t, err)
	require.EqualError(t, s.Serve(), "Module Configuration detected without loadmodule directive or no ApplyConfig call: aborting")
}
