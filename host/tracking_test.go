package host

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// Many clients that read the same key are one entry, and each is told once.
func TestTrackingManyReaders(t *testing.T) {
	s := newTestServer(t)
	w := s.client()
	readers := make([]*testClient, 100)
	for i := range readers {
		readers[i] = s.client()
		readers[i].do("HELLO 3")
		readers[i].do("CLIENT TRACKING on")
	}
	for range 2 {
		for i := len(readers) - 1; i >= 0; i-- { // a lower number comes after a higher one
			require.Equal(t, "_\r\n", readers[i].do("GET nokey"))
			readers[i].do("GET k")
		}
	}
	require.Equal(t, "2", w.infoField("stats", "tracking_total_keys"))
	require.Equal(t, "200", w.infoField("stats", "tracking_total_items"))
	require.Equal(t, "100", w.infoField("clients", "tracking_clients"))
	require.NoError(t, readers[0].conn.Close())
	w.eventually(func() bool { return w.infoField("clients", "tracking_clients") == "99" })
	w.do("SET k v")
	for _, r := range readers[1:] {
		require.Equal(t, ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n", r.read())
		require.Equal(t, "+PONG\r\n", r.do("PING"))
	}
	require.Equal(t, "100", w.infoField("stats", "tracking_total_items"))
}

// A broadcasting client that goes away, with changes waiting for it and with
// itself as their author, leaves nothing behind.
func TestTrackingClientGoesAway(t *testing.T) {
	s := newTestServer(t)
	w, keeps := s.client(), s.client()
	keeps.do("HELLO 3")
	keeps.do("CLIENT TRACKING on BCAST PREFIX k")
	for i := range 20 {
		c := s.client()
		c.do("HELLO 3")
		c.do(fmt.Sprintf("CLIENT TRACKING on BCAST NOLOOP PREFIX k PREFIX own%d", i))
		c.send("SET k" + fmt.Sprint(i) + " v")
		c.send("SET own" + fmt.Sprint(i) + " v")
		c.send("QUIT")
		require.Equal(t, fmt.Sprintf(">2\r\n$10\r\ninvalidate\r\n*1\r\n$%d\r\nk%d\r\n", len(fmt.Sprint(i))+1, i), keeps.read())
	}
	w.eventually(func() bool { return w.infoField("clients", "tracking_clients") == "1" })
	require.Equal(t, "1", w.infoField("stats", "tracking_total_prefixes"))
	require.Equal(t, "0", w.infoField("stats", "tracking_total_keys"))
}

// What the table holds beyond its limit is given up, and told, with whatever
// command comes next.
func TestTrackingTableLimit(t *testing.T) {
	s := newTestServer(t, "tracking-table-max-keys", "100")
	c, w := s.client(), s.client()
	c.do("HELLO 3")
	c.do("CLIENT TRACKING on")
	seen := 0
	for i := range 500 {
		c.send(fmt.Sprintf("GET k%d", i))
		for reply := c.read(); reply != "_\r\n"; reply = c.read() {
			require.Contains(t, reply, "invalidate")
			seen++
		}
	}
	require.Equal(t, 399, seen)
	require.Equal(t, "100", w.infoField("stats", "tracking_total_keys"))
	require.Equal(t, "100", w.infoField("stats", "tracking_total_items"))
}
