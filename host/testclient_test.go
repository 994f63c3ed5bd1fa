package host

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"berth/host/config"

	"github.com/stretchr/testify/require"
)

// testServer is a server that runs for the duration of a test and has no
// listener; set changes parameters before it starts.
type testServer struct {
	*Server
	t *testing.T
}

func newTestServer(t *testing.T, set ...string) *testServer {
	t.Helper()
	cfg := config.New()
	cfg.Port = 0
	cfg.EnableDebugCommand = config.ActionYes
	if len(set) > 0 {
		require.NoError(t, cfg.Set(config.SetOptions{}, set...))
	}
	s, err := New(Options{Config: cfg})
	require.NoError(t, err)
	go func() { _ = s.Serve() }()
	t.Cleanup(func() { _ = s.Close() })
	return &testServer{s, t}
}

// testClient talks RESP to a testServer; replies are compared as raw bytes.
type testClient struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

func (s *testServer) client() *testClient {
	s.t.Helper()
	conn, err := s.Dial()
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = conn.Close() })
	return &testClient{s.t, conn, bufio.NewReader(conn)}
}

// send writes a command, whose words are separated by blanks.
func (c *testClient) send(line string) { c.sendArgs(strings.Fields(line)...) }

func (c *testClient) sendArgs(args ...string) {
	c.t.Helper()
	b := strconv.AppendInt([]byte{'*'}, int64(len(args)), 10)
	b = append(b, "\r\n"...)
	for _, a := range args {
		b = append(strconv.AppendInt(append(b, '$'), int64(len(a)), 10), "\r\n"+a+"\r\n"...)
	}
	_, err := c.conn.Write(b)
	require.NoError(c.t, err)
}

// read returns the next reply or push as it came.
func (c *testClient) read() string {
	c.t.Helper()
	require.NoError(c.t, c.conn.SetReadDeadline(time.Now().Add(5*time.Second)))
	var b bytes.Buffer
	c.readInto(&b)
	return b.String()
}

func (c *testClient) readInto(b *bytes.Buffer) {
	c.t.Helper()
	line, err := c.r.ReadBytes('\n')
	require.NoError(c.t, err)
	b.Write(line)
	n, _ := strconv.Atoi(string(bytes.TrimSpace(line[1:])))
	switch line[0] {
	case '$', '=':
		if n >= 0 {
			_, err = io.CopyN(b, c.r, int64(n)+2)
			require.NoError(c.t, err)
		}
	case '%', '|':
		n *= 2
		fallthrough
	case '*', '~', '>':
		for range n {
			c.readInto(b)
		}
	}
}

// do sends a command and returns its raw reply.
func (c *testClient) do(line string) string {
	c.t.Helper()
	c.send(line)
	return c.read()
}

// text sends a command and returns the content of its bulk, simple or verbatim
// reply.
func (c *testClient) text(line string) string {
	c.t.Helper()
	raw := c.do(line)
	head, body, _ := strings.Cut(raw, "\r\n")
	switch raw[0] {
	case '$':
		return strings.TrimSuffix(body, "\r\n")
	case '=':
		return strings.TrimSuffix(body[4:], "\r\n")
	}
	return head[1:]
}

// script runs commands, each with the raw reply that is expected.
func (c *testClient) script(pairs ...string) {
	c.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		require.Equal(c.t, pairs[i+1], c.do(pairs[i]), pairs[i])
	}
}

// closed requires that the server has closed the connection.
func (c *testClient) closed() {
	c.t.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(5 * time.Second)) // fails once closed
	_, err := c.r.ReadByte()
	require.ErrorIs(c.t, err, io.EOF)
}

// field returns a field of CLIENT LIST's line.
func field(line, name string) string {
	for _, f := range strings.Fields(line) {
		if v, ok := strings.CutPrefix(f, name+"="); ok {
			return v
		}
	}
	return "(none)"
}

// infoField returns a field of INFO.
func (c *testClient) infoField(section, name string) string {
	c.t.Helper()
	for _, l := range strings.Split(c.text("INFO "+section), "\r\n") {
		if v, ok := strings.CutPrefix(l, name+":"); ok {
			return v
		}
	}
	return "(none)"
}

// id is the client's number.
func (c *testClient) id() string { return strings.TrimSpace(c.do("CLIENT ID")[1:]) }

// eventually waits for a condition.
func (c *testClient) eventually(f func() bool) {
	c.t.Helper()
	require.Eventually(c.t, f, 5*time.Second, time.Millisecond)
}
