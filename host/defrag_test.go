package host

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"berth/keyspace/mem"

	"github.com/stretchr/testify/require"
)

// TestActiveDefrag: with activedefrag on, a data set of which most keys were deleted gives its pages back, in pieces
// between commands, and stays what it is.
func TestActiveDefrag(t *testing.T) {
	s := newTestServer(t, "hz", "100")
	c := s.client()
	c.script("DEBUG POPULATE 60000", "+OK\r\n")
	for i := 0; i < 60000; i += 100 {
		args := []string{"DEL"}
		for k := i + 1; k < i+100; k++ {
			args = append(args, fmt.Sprintf("key:%d", k))
		}
		c.sendArgs(args...)
		require.Equal(t, ":99\r\n", c.read())
	}
	digest := c.do("DEBUG DIGEST")
	num := func(section, field string) int {
		n, err := strconv.Atoi(c.infoField(section, field))
		require.NoError(t, err, field)
		return n
	}
	frag := num("memory", "allocator_frag_bytes")
	if mem.Fragmentation() == 0 {
		t.Skip("the address sanitizer's allocator has no slabs")
	}
	require.Greater(t, frag, 2<<20)
	require.Zero(t, num("stats", "active_defrag_hits"))
	c.script("CONFIG SET active-defrag-ignore-bytes 1mb active-defrag-threshold-lower 10 active-defrag-cycle-min 20", "+OK\r\n",
		"CONFIG SET activedefrag yes", "+OK\r\n")
	c.eventually(func() bool {
		return num("memory", "allocator_frag_bytes") < frag/2 && num("memory", "active_defrag_running") == 0
	})
	require.Positive(t, num("stats", "active_defrag_hits"))
	require.Positive(t, num("stats", "active_defrag_misses"))
	require.Positive(t, num("stats", "active_defrag_key_hits"))
	require.Zero(t, num("stats", "current_active_defrag_time"))
	require.Equal(t, digest, c.do("DEBUG DIGEST"))
	c.script("CONFIG RESETSTAT", "+OK\r\n")
	require.Zero(t, num("stats", "active_defrag_hits"))
	require.Zero(t, num("stats", "total_active_defrag_time"))
}

// TestDefragAmidTraffic: clients see nothing of blocks that move, in a process with another server that would move some.
func TestDefragAmidTraffic(t *testing.T) {
	defer mem.MoveAll()()
	s := newTestServer(t, "hz", "100", "active-defrag-ignore-bytes", "1", "active-defrag-threshold-lower", "0",
		"active-defrag-cycle-min", "50", "active-defrag-cycle-max", "75", "active-defrag-max-scan-fields", "10", "activedefrag", "yes")
	other := newTestServer(t, "hz", "100", "active-defrag-ignore-bytes", "1", "active-defrag-threshold-lower", "0", "activedefrag", "yes")
	c, oc := s.client(), other.client()
	oc.do("SET x y")
	for i := range 1000 {
		k := strconv.Itoa(i % 50)
		for _, line := range []string{"SET s" + k + " " + strings.Repeat("v", i%700) + "x", "RPUSH l" + k + " a b c", "SADD s:" + k + " " + strconv.Itoa(i) + " x y",
			"ZADD z " + strconv.Itoa(i%17) + " m" + strconv.Itoa(i), "HSET h" + k + " f" + strconv.Itoa(i) + " v", "EXPIRE s" + k + " 1000"} {
			c.send(line)
		}
		if i%100 == 99 {
			for range 600 {
				require.NotEqual(t, byte('-'), c.read()[0])
			}
		}
	}
	c.script("ZCARD z", ":1000\r\n", "LLEN l7", ":60\r\n", "HLEN h3", ":20\r\n", "SCARD s:9", ":22\r\n", "TTL s1", ":1000\r\n")
	require.Equal(t, "13", c.text("ZSCORE z m999"))
	require.Equal(t, "y", oc.text("GET x"))
}
