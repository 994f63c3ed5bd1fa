package host

import (
	"fmt"
	"strings"
	"testing"

	"berth/host/command"
	"berth/host/config"

	"github.com/stretchr/testify/require"
)

// sinkTransport takes all output and forgets it.
type sinkTransport struct{ sent int }

func (k *sinkTransport) write(b []byte) (int, error) { k.sent += len(b); return len(b), nil }
func (k *sinkTransport) close()                      {}
func (k *sinkTransport) resumeReading()              {}

func request(args ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	return b.String()
}

// From a request's bytes to its reply's bytes, the common commands allocate
// nothing on Go's heap.
func TestHotPathAllocatesNothing(t *testing.T) {
	cfg := config.New()
	cfg.Port = 0
	s, err := New(Options{Config: cfg})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.newClient(&sinkTransport{})
	run := func(args ...string) {
		req := []byte(request(args...))
		require.Equal(t, len(req), c.process(req))
	}
	for _, mode := range []string{"off", "on", "on bcast prefix nosuch"} {
		run("CLIENT", "TRACKING", "off")
		run(append([]string{"CLIENT", "TRACKING"}, strings.Fields(mode)...)...)
		t.Run("tracking "+mode, func(t *testing.T) { hotPath(t, s, c, mode != "on") })
	}
}

// hotPath runs the common commands; changes of keys that the client tracks
// cost it a message.
func hotPath(t *testing.T, s *Server, c *Client, writes bool) {
	run := func(req string) {
		buf := s.readBuf()
		n := copy(buf, req)
		require.Equal(t, n, c.process(buf[:n]))
		s.releaseReadBuf(buf)
		s.flushWrites()
	}
	var members []string
	for i := range 100 {
		members = append(members, fmt.Sprint(i), fmt.Sprintf("m%d", i))
	}
	run(request(append([]string{"ZADD", "z"}, members...)...))
	run(request(append([]string{"RPUSH", "l100"}, members[:100]...)...))
	run(request("SADD", "s", "a", "b", "c"))
	for i := range 100 {
		run(request("XADD", "x", fmt.Sprintf("1-%d", i+1), "field", "value"))
	}
	run(request("XGROUP", "CREATE", "x", "g", "0"))
	run(request("XREADGROUP", "GROUP", "g", "c", "STREAMS", "x", ">"))
	for _, args := range [][]string{
		{"PING"},
		{"SET", "key", "a value of thirty-two bytes......"},
		{"GET", "key"},
		{"SET", "n", "1"},
		{"INCR", "n"},
		{"LPUSH", "l", "element"},
		{"LPOP", "l"},
		{"LRANGE", "l100", "0", "-1"},
		{"SADD", "s", "member"},
		{"SISMEMBER", "s", "a"},
		{"HSET", "h", "field", "value"},
		{"HGET", "h", "field"},
		{"ZADD", "z", "1.5", "m1"},
		{"ZSCORE", "z", "m1"},
		{"ZRANGE", "z", "0", "-1"},
		{"MSET", "a", "1", "b", "2", "c", "3"},
		{"MGET", "a", "b", "c"},
		{"EXPIRE", "key", "1000"},
		{"TTL", "key"},
		{"EXISTS", "key", "a"},
		{"XADD", "stream", "*", "field", "value", "number", "12345"},
		{"XADD", "capped", "MAXLEN", "~", "1000", "*", "field", "value"},
		{"XADD", "capped", "MAXLEN", "10", "*", "field", "value"},
		{"XRANGE", "x", "-", "+", "COUNT", "10"},
		{"XREVRANGE", "x", "+", "-", "COUNT", "10"},
		{"XREAD", "COUNT", "10", "STREAMS", "x", "1-50"},
		{"XREADGROUP", "GROUP", "g", "c", "COUNT", "10", "STREAMS", "x", "0"},
		{"XLEN", "x"},
	} {
		if row := s.commands.Lookup([]byte(args[0])); row.Flags&command.FlagWrite != 0 && !writes {
			continue
		}
		req := request(args...)
		for range 100 {
			run(req)
		}
		allocs := testing.AllocsPerRun(200, func() {
			buf := s.readBuf()
			n := copy(buf, req)
			c.process(buf[:n])
			s.releaseReadBuf(buf)
			s.flushWrites()
		})
		if !memFromC {
			require.Zero(t, allocs, "%s allocates", args[0])
		}
	}
}

func BenchmarkCommand(b *testing.B) {
	cfg := config.New()
	cfg.Port = 0
	s, err := New(Options{Config: cfg})
	require.NoError(b, err)
	defer func() { _ = s.Close() }()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.newClient(&sinkTransport{})
	for _, args := range [][]string{{"PING"}, {"SET", "key", "value"}, {"GET", "key"}, {"INCR", "n"}, {"HSET", "h", "f", "v"}, {"ZADD", "z", "1", "m"}} {
		b.Run(args[0], func(b *testing.B) {
			req := strings.Repeat(request(args...), 16)
			buf := s.readBuf()
			n := copy(buf, req)
			b.ReportAllocs()
			for b.Loop() {
				c.process(buf[:n])
				s.flushWrites()
			}
			s.releaseReadBuf(buf)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/16, "ns/cmd")
		})
	}
}
