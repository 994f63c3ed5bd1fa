package keyspace

import (
	"fmt"
	"sync"
	"testing"
	"unsafe"

	"berth/keyspace/mem"

	"github.com/stretchr/testify/require"
)

// slowModule is a type whose values take as long to free as the test wants.
type slowModule struct {
	testModule
	started, goOn chan struct{}
}

func (m *slowModule) Free(p unsafe.Pointer) {
	m.started <- struct{}{}
	<-m.goOn
	mem.Free(p)
}

// TestLargeValuesAreFreedInBackground: nothing of a large value is freed by the one who unlinks or deletes it, and
// what INFO counts is what Redis would have freed lazily.
func TestLargeValuesAreFreedInBackground(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	db := ks.DB(0)
	m := &slowModule{started: make(chan struct{}), goOn: make(chan struct{})}
	m.effort = 1000
	release := sync.OnceFunc(func() { close(m.goOn) })
	t.Cleanup(release)
	db.SetModule([]byte("slow"), ks.RegisterModuleType(m), mem.Alloc(8))
	large := func(key string, n int) {
		e := db.CreateContainer([]byte(key), Set)
		for i := range n {
			SetAdd(db, e, fmt.Appendf(nil, "member:%d", i))
		}
	}
	large("unlinked", 100_000)
	large("deleted", 100_000)
	large("medium", 500)
	large("medium deleted", 500)
	large("small", 3)
	set(db, "string", "v")
	before := mem.Used()
	// The goroutine that frees is held up by the first value: what it was given after it stays whole.
	require.True(t, db.Unlink([]byte("slow")))
	<-m.started
	require.True(t, db.Unlink([]byte("unlinked")))
	require.True(t, db.Delete([]byte("deleted")))
	require.Greater(t, mem.Used(), before-2000)
	require.EqualValues(t, 2, ks.LazyfreePending())
	require.True(t, db.Unlink([]byte("medium")))
	require.EqualValues(t, 3, ks.LazyfreePending())
	held := mem.Used()
	require.True(t, db.Delete([]byte("medium deleted")))
	require.Less(t, mem.Used(), held)
	held = mem.Used()
	require.True(t, db.Unlink([]byte("small")))
	require.True(t, db.Unlink([]byte("string")))
	require.Less(t, mem.Used(), held)
	require.EqualValues(t, 3, ks.LazyfreePending())
	require.True(t, ks.FreesInBackground())
	set(db, "a", "v")
	set(db, "b", "v")
	require.Equal(t, 2, db.Flush(true))
	require.EqualValues(t, 5, ks.LazyfreePending())
	require.Zero(t, ks.Lazyfreed())
	set(db, "c", "v")
	require.Equal(t, 1, db.Flush(false))
	require.EqualValues(t, 5, ks.LazyfreePending())
	release()
	ks.WaitLazyfree()
	require.False(t, ks.FreesInBackground())
	require.Zero(t, ks.LazyfreePending())
	require.EqualValues(t, 5, ks.Lazyfreed())
}

// TestLazyfreeSwitches: the parameters decide about what takes long to free, but not very long.
func TestLazyfreeSwitches(t *testing.T) {
	for name, c := range map[string]struct {
		on   func(s *Switches) *bool
		drop func(db *DB)
	}{
		"server del": {func(s *Switches) *bool { return &s.LazyfreeServerDel }, func(db *DB) { set(db, "k", "v") }},
		"expire":     {func(s *Switches) *bool { return &s.LazyfreeExpire }, func(db *DB) { db.Outlive([]byte("k")) }},
		"eviction":   {func(s *Switches) *bool { return &s.LazyfreeEviction }, func(db *DB) { db.Evict([]byte("k")) }},
	} {
		ks := newTestKS(t, Hooks{})
		db := ks.DB(0)
		for i, lazy := range []bool{false, true} {
			e := db.CreateContainer([]byte("k"), Set)
			for n := range 500 {
				SetAdd(db, e, fmt.Appendf(nil, "member:%d", n))
			}
			*c.on(&ks.Switches) = lazy
			c.drop(db)
			ks.WaitLazyfree()
			require.EqualValues(t, i, ks.Lazyfreed(), name)
			db.Delete([]byte("k"))
		}
	}
}
