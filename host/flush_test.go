package host

import (
	"sync"
	"testing"
	"unsafe"

	"berth/keyspace"
	"berth/keyspace/mem"

	"github.com/stretchr/testify/require"
)

// heldType is a module's type whose values are not free before release is called.
type heldType struct {
	keyspace.ModuleType
	held chan struct{}
}

func (h *heldType) Name() string                               { return "heldtype1" }
func (h *heldType) ID() uint64                                 { return 7 }
func (h *heldType) Free(p unsafe.Pointer)                      { <-h.held; mem.Free(p) }
func (h *heldType) FreeEffort(int, []byte, unsafe.Pointer) int { return 0 }
func (h *heldType) Unlink(int, []byte, unsafe.Pointer)         {}

// TestFreeingHoldsNobodyUp: while what UNLINK or FLUSHALL removed is still being freed, the others are served; the client of
// FLUSHALL SYNC has to wait, as with Redis.
func TestFreeingHoldsNobodyUp(t *testing.T) {
	s := newTestServer(t)
	h := &heldType{held: make(chan struct{})}
	release := sync.OnceFunc(func() { close(h.held) })
	t.Cleanup(release)
	require.True(t, s.Do(func() {
		id := s.ks.RegisterModuleType(h)
		for _, key := range []string{"a", "b", "c"} {
			s.ks.DB(0).SetModule([]byte(key), id, mem.Alloc(8))
		}
	}))
	flusher, other := s.client(), s.client()
	other.script("UNLINK a", ":1\r\n", "PING", "+PONG\r\n", "DBSIZE", ":2\r\n")
	require.Equal(t, "1", other.infoField("memory", "lazyfree_pending_objects"))
	other.script("FLUSHDB ASYNC", "+OK\r\n", "DBSIZE", ":0\r\n")
	require.Equal(t, "3", other.infoField("memory", "lazyfree_pending_objects"))
	id := flusher.id()
	flusher.send("SET x y")
	flusher.read()
	flusher.send("FLUSHALL")
	flusher.send("PING")
	other.eventually(func() bool { return other.infoField("clients", "blocked_clients") == "1" })
	other.script("DBSIZE", ":0\r\n", "SET k v", "+OK\r\n", "GET k", "$1\r\nv\r\n", "CLIENT UNBLOCK "+id, ":0\r\n")
	release()
	require.Equal(t, "+OK\r\n", flusher.read())
	require.Equal(t, "+PONG\r\n", flusher.read())
	other.script("GET k", "$1\r\nv\r\n")
	require.Equal(t, "0", other.infoField("memory", "lazyfree_pending_objects"))
	require.Equal(t, "4", other.infoField("memory", "lazyfreed_objects"))
}
