package keyspace

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"berth/keyspace/mem"
)

// newTestKS makes a Keyspace that is closed at the end of the test, when nothing may be
// left allocated.
func newTestKS(t testing.TB, hooks Hooks) *Keyspace {
	check := mem.LeakCheck(t.Errorf)
	ks := New(Options{Hooks: hooks})
	t.Cleanup(func() {
		ks.Close()
		check()
	})
	return ks
}

func get(db *DB, key string) string {
	e := db.Find([]byte(key))
	if e == nil {
		return "(nil)"
	}
	return string(StringBytes(e, make([]byte, 0, maxIntLen)))
}

func set(db *DB, key, val string) *Entry { return db.SetString([]byte(key), []byte(val), false) }

// recorder notes what the hooks are told.
type recorder struct{ events []string }

func (r *recorder) hooks() Hooks {
	return Hooks{
		KeyAdded: func(db *DB, key []byte, t Type) {
			r.events = append(r.events, fmt.Sprintf("added %d %s %s", db.ID(), key, t))
		},
		KeyRemoved: func(db *DB, key []byte, e *Entry, why Reason) {
			val := ""
			if e.Type() == String {
				val = " " + string(StringBytes(e, nil))
			}
			r.events = append(r.events, fmt.Sprintf("removed %d %s %d%s", db.ID(), key, why, val))
		},
		KeyExpired: func(db *DB, key []byte, e *Entry) {
			r.events = append(r.events, fmt.Sprintf("expired %d %s %v", db.ID(), key, db.Find(key) != nil))
		},
		KeyMiss: func(db *DB, key []byte) {
			r.events = append(r.events, fmt.Sprintf("miss %d %s", db.ID(), key))
		},
	}
}

func (r *recorder) take() []string {
	e := r.events
	r.events = nil
	return e
}

func TestEntryLayout(t *testing.T) {
	require.Equal(t, 8+16+32, entrySize(16, 32, false))
	ks := newTestKS(t, Hooks{})
	db := ks.DB(0)
	for _, klen := range []int{0, 1, 127, 128, 5000} {
		key := make([]byte, klen)
		e := db.SetString(key, []byte("value that is no int"), false)
		e.SetLRU(0xabcdef)
		e = db.SetExpire(e, 1<<60)
		require.Equal(t, key, e.Key())
		require.Equal(t, String, e.Type())
		require.Equal(t, EmbStr, e.Encoding())
		require.EqualValues(t, 1<<60, e.Expire())
		require.EqualValues(t, 0xabcdef, e.LRU())
		require.Equal(t, "value that is no int", string(StringBytes(e, nil)))
		require.True(t, db.Persist(e))
		require.False(t, db.Persist(e))
		require.EqualValues(t, -1, e.Expire())
		require.Equal(t, "value that is no int", string(StringBytes(e, nil)))
	}
}

// TestModel runs random writes on two databases beside Go maps.
func TestModel(t *testing.T) {
	for _, withHooks := range []bool{false, true} {
		var h Hooks
		if withHooks {
			h = (&recorder{}).hooks()
		}
		ks := newTestKS(t, h)
		ks.SetNow(1000)
		type val struct {
			s  string
			at int64
		}
		models := []map[string]val{{}, {}}
		r := rand.New(rand.NewPCG(3, 4))
		randomVal := func() string {
			switch r.IntN(5) {
			case 0:
				return strconv.FormatInt(int64(r.Uint64())>>r.IntN(64), 10)
			case 1:
				return string(make([]byte, r.IntN(3000)))
			}
			return fmt.Sprintf("%0*d", r.IntN(80), r.IntN(100))
		}
		for i := range 60000 {
			w := r.IntN(2)
			db, m := ks.DB(w), models[w]
			k := fmt.Sprintf("key:%0*d", r.IntN(30), r.IntN(300))
			e := db.Find([]byte(k))
			old, there := m[k]
			require.Equal(t, there, e != nil)
			gen := db.Gen()
			moved := e
			switch r.IntN(10) {
			case 0, 1:
				v := randomVal()
				keep := r.IntN(2) == 0
				moved = db.SetString([]byte(k), []byte(v), keep)
				if keep && there {
					m[k] = val{v, old.at}
				} else {
					m[k] = val{v, -1}
				}
			case 2:
				if there {
					v := randomVal()
					moved = db.Append(e, []byte(v))
					m[k] = val{old.s + v, old.at}
					require.Equal(t, Raw, moved.Encoding())
				}
			case 3:
				if there {
					at := r.Int64N(100) + 2000
					moved = db.SetExpire(e, at)
					m[k] = val{old.s, at}
				}
			case 4:
				if there {
					require.Equal(t, old.at != -1, db.Persist(e))
					m[k] = val{old.s, -1}
				}
			case 5:
				require.Equal(t, there, db.Delete([]byte(k)))
				moved = nil
				delete(m, k)
			case 6:
				if there {
					off, v := r.IntN(700), randomVal()
					moved = db.SetRange(e, off, []byte(v))
					b := make([]byte, max(len(old.s), off+len(v)))
					copy(b, old.s)
					copy(b[off:], v)
					m[k] = val{string(b), old.at}
				}
			case 7:
				if there {
					n := r.IntN(700)
					var b []byte
					moved, b = db.StringResize(e, n)
					want := make([]byte, n)
					copy(want, old.s)
					require.Equal(t, want, b)
					m[k] = val{string(want), old.at}
				}
			case 8:
				to := r.IntN(2)
				k2 := fmt.Sprint("to", r.IntN(50))
				if there {
					if r.IntN(2) == 0 {
						db.MoveKey(e, ks.DB(to), []byte(k2))
						delete(m, k)
					} else {
						ks.DB(to).Delete([]byte(k2))
						db.CopyKey(e, ks.DB(to), []byte(k2))
					}
					models[to][k2] = old
				}
				continue
			case 9:
				switch r.IntN(2000) {
				case 0:
					ks.SwapDB(0, 1)
					models[0], models[1] = models[1], models[0]
				case 1:
					require.Equal(t, len(m), db.Flush(true))
					clear(m)
				}
				continue
			}
			if db.Gen() == gen && moved != e {
				t.Fatalf("step %d: the entry moved and Gen didn't change", i)
			}
			if want, ok := m[k]; ok {
				e := db.Find([]byte(k))
				require.Equal(t, moved, e)
				require.Equal(t, want.s, get(db, k))
				require.Equal(t, len(want.s), StringLen(e))
				require.Equal(t, want.at, e.Expire())
			}
		}
		for w, m := range models {
			db := ks.DB(w)
			require.Equal(t, len(m), db.Len())
			volatile := 0
			for k, want := range m {
				require.Equal(t, want.s, get(db, k))
				if want.at != -1 {
					volatile++
				}
			}
			require.Equal(t, volatile, db.ExpiresLen())
		}
	}
}

func TestLookup(t *testing.T) {
	var rec recorder
	ks := newTestKS(t, rec.hooks())
	db := ks.DB(2)
	ks.SetNow(10_000)
	e := db.SetExpire(set(db, "k", "v"), 20_000)
	require.Equal(t, []string{"added 2 k string"}, rec.take())
	ks.SetNow(20_000)
	require.Equal(t, e, db.Lookup([]byte("k"), LookupRead))
	require.EqualValues(t, 20, e.LRU())
	require.EqualValues(t, 1, ks.Stats.Hits)
	require.Equal(t, e, db.Lookup([]byte("k"), LookupWrite))
	require.EqualValues(t, 1, ks.Stats.Hits, "lookups for writing don't count")

	ks.SetNow(20_001)
	require.Nil(t, db.Lookup([]byte("k"), LookupNoEffects))
	require.Empty(t, rec.take())
	require.Equal(t, e, db.Lookup([]byte("k"), LookupAccessExpired|LookupNoStats))
	for _, sw := range []Switches{{ExpirePaused: true}, {Replica: true}} {
		ks.Switches = sw
		require.Nil(t, db.Lookup([]byte("k"), LookupWrite))
		require.Equal(t, e, db.Find([]byte("k")))
	}
	for _, sw := range []Switches{{Loading: true}, {Replica: true, FromMaster: true}, {AllowAccessExpired: true}} {
		ks.Switches = sw
		require.Equal(t, e, db.Lookup([]byte("k"), LookupWrite))
	}
	ks.Switches = Switches{Replica: true, ReplicaWritable: true}
	require.Nil(t, db.Lookup([]byte("k"), LookupRead))
	require.Equal(t, []string{"miss 2 k"}, rec.take())
	require.Nil(t, db.Lookup([]byte("k"), LookupWrite))
	require.Equal(t, []string{"removed 2 k 1 v", "expired 2 k false"}, rec.take())
	require.EqualValues(t, 1, ks.Stats.Expired)
	require.EqualValues(t, 1, ks.Stats.Misses)
	require.Zero(t, db.Len())
	require.Zero(t, db.ExpiresLen())
}

func TestHooksOfWrites(t *testing.T) {
	var rec recorder
	ks := newTestKS(t, rec.hooks())
	db := ks.DB(0)
	set(db, "a", "1")
	set(db, "a", "2")
	require.Equal(t, []string{"added 0 a string", "removed 0 a 3 1"}, rec.take())
	db.MoveKey(db.Find([]byte("a")), ks.DB(1), []byte("b"))
	require.Equal(t, []string{"added 1 b string", "removed 0 a 4 2"}, rec.take())
	require.Equal(t, "2", get(ks.DB(1), "b"))
	ks.DB(1).Evict([]byte("b"))
	require.Equal(t, []string{"removed 1 b 2 2"}, rec.take())
}

func TestExpireCycle(t *testing.T) {
	var rec recorder
	ks := newTestKS(t, rec.hooks())
	db := ks.DB(5)
	past := time.Now().UnixMilli() - 5
	for i := range 5000 {
		e := set(db, fmt.Sprint("gone", i), "v")
		db.SetExpire(e, past)
		e = set(db, fmt.Sprint("stays", i%100), "v")
		db.SetExpire(e, past+1_000_000)
		set(db, fmt.Sprint("forever", i), "v")
	}
	rec.take()
	ks.Switches.ActiveExpireOff = true
	require.Zero(t, ks.ExpireCycle(false, 10))
	ks.Switches.ActiveExpireOff = false
	now := ks.Now()
	for i := 0; db.ExpiresLen() > 100; i++ {
		require.Less(t, i, 10000)
		ks.ExpireCycle(false, 10)
	}
	require.Equal(t, now, ks.Now())
	require.Equal(t, 5100, db.Len())
	require.EqualValues(t, 5000, ks.Stats.Expired)
	require.Len(t, rec.take(), 10000)
	for range 300 {
		ks.ExpireCycle(false, 10)
	}
	require.InDelta(t, 1_000_000, db.AvgTTL(), 50_000)
}

func TestExpireCycleIsBounded(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	past := time.Now().UnixMilli() - 5
	for i := range 300000 {
		db := ks.DB(0)
		db.SetExpire(db.SetString(strconv.AppendInt(nil, int64(i), 10), []byte("v"), false), past)
	}
	start := time.Now()
	ks.ExpireCycle(false, 100) // 2.5 ms
	require.Less(t, time.Since(start), 50*time.Millisecond)
	require.NotZero(t, ks.DB(0).Len())
	require.EqualValues(t, 1, ks.Stats.ExpiredTimeCapped)
	n := ks.DB(0).Len()
	ks.ExpireCycle(true, 100)
	require.Less(t, ks.DB(0).Len(), n, "the fast cycle goes on where there is much to do")
}

func TestRandomKey(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	db := ks.DB(0)
	require.Nil(t, db.RandomKey())
	for i := range 50 {
		db.SetExpire(set(db, fmt.Sprint(i), "v"), 1)
	}
	ks.Switches.Replica = true
	require.NotNil(t, db.RandomKey(), "a replica can't delete them")
	ks.Switches.Replica = false
	require.Nil(t, db.RandomKey())
	require.Zero(t, db.Len())
	set(db, "live", "v")
	db.SetExpire(set(db, "dead", "v"), 1)
	require.Equal(t, "live", string(db.RandomKey().Key()))
}

func TestLFU(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	ks.Switches.LFU = true
	ks.SetNow(1e12)
	db := ks.DB(0)
	e := set(db, "k", "v")
	require.EqualValues(t, 5, ks.Freq(e))
	for range 10000 {
		db.Lookup([]byte("k"), LookupRead)
	}
	high := ks.Freq(e)
	require.Greater(t, high, uint8(15))
	require.Less(t, high, uint8(100))
	ks.SetNow(ks.Now() + 10*60_000)
	require.Equal(t, high-10, ks.Freq(e))
	ks.SetNow(ks.Now() + 1000*60_000)
	require.Zero(t, ks.Freq(e))
	ks.SetFreq(e, 77)
	require.EqualValues(t, 77, ks.Freq(e))
	set(db, "k", "another")
	require.EqualValues(t, 77, ks.Freq(db.Find([]byte("k"))), "overwriting keeps the frequency")
}

func TestIdleTime(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	ks.SetNow(1e12)
	e := set(ks.DB(0), "k", "v")
	ks.SetNow(ks.Now() + 90_500)
	require.Equal(t, 90*time.Second, ks.IdleTime(e))
	ks.SetIdleTime(e, 20*time.Second)
	require.Equal(t, 20*time.Second, ks.IdleTime(e))
	ks.Touch(e)
	require.Zero(t, ks.IdleTime(e))
}

func TestVictim(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	ks.SetNow(1e12)
	for i := range 100 {
		db := ks.DB(i % 2)
		e := set(db, fmt.Sprint(i), "v")
		ks.SetIdleTime(e, time.Duration(i)*time.Minute)
		if i < 20 {
			db.SetExpire(e, int64(2e12)+int64(i))
		}
	}
	_, _, ok := ks.Victim(NoEviction, 5)
	require.False(t, ok)
	first := func(p Policy) int {
		ks.ClearEvictionPool()
		db, key, ok := ks.Victim(p, 64)
		require.True(t, ok)
		require.NotNil(t, db.Find(key))
		n, err := strconv.Atoi(string(key))
		require.NoError(t, err)
		return n
	}
	require.Greater(t, first(AllKeysLRU), 90)
	require.Equal(t, 19, first(VolatileLRU))
	require.Equal(t, 0, first(VolatileTTL))
	require.Less(t, first(VolatileRandom), 20)
	for p := VolatileLRU; p <= AllKeysRandom; p++ {
		n := first(p)
		require.True(t, !p.Volatile() || n < 20)
	}
	for n := 100; n > 0; n-- {
		db, key, ok := ks.Victim(AllKeysLRU, 5)
		require.True(t, ok)
		require.True(t, db.Evict(key))
	}
	_, _, ok = ks.Victim(AllKeysLRU, 5)
	require.False(t, ok)
}

type testModule struct {
	freed, unlinked int
	effort          int
}

func (m *testModule) Name() string                                    { return "testtype1" }
func (m *testModule) ID() uint64                                      { return 1 }
func (m *testModule) Free(p unsafe.Pointer)                           { m.freed++; mem.Free(p) }
func (m *testModule) FreeEffort(int, []byte, unsafe.Pointer) int      { return m.effort }
func (m *testModule) Unlink(int, []byte, unsafe.Pointer)              { m.unlinked++ }
func (m *testModule) MemUsage(int, []byte, unsafe.Pointer, int) int   { return 1000 }
func (m *testModule) Digest(int, []byte, unsafe.Pointer) (d [20]byte) { return d }
func (m *testModule) Copy(_, _ int, _, _ []byte, p unsafe.Pointer) unsafe.Pointer {
	return mem.Alloc(10)
}

func TestModuleValues(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	mt := &testModule{effort: 1}
	id := ks.RegisterModuleType(mt)
	db := ks.DB(0)
	p := mem.Alloc(10)
	e := db.SetModule([]byte("m"), id, p)
	require.Equal(t, p, e.Ptr())
	require.Equal(t, "testtype1", ks.TypeName(e))
	require.Greater(t, db.MemUsage(e, 5), 1000)
	e = db.SetExpire(e, 1<<50)
	require.Equal(t, p, e.Ptr())
	c := db.CopyKey(e, ks.DB(1), []byte("m2"))
	require.NotEqual(t, p, c.Ptr())
	require.EqualValues(t, 1<<50, c.Expire())
	e = db.SetModule([]byte("m"), id, mem.Alloc(10))
	require.Equal(t, 1, mt.freed)
	require.Equal(t, 1, mt.unlinked)
	require.False(t, e.HasExpire())
	set(db, "m", "string")
	require.Equal(t, 2, mt.freed)
	mt.effort = 0
	ks.DB(1).Unlink([]byte("m2"))
	ks.WaitLazyfree()
	require.Equal(t, 3, mt.freed)
	require.EqualValues(t, 1, ks.Lazyfreed())
	require.Zero(t, ks.LazyfreePending())
	require.NotNil(t, ks.ModuleType(id))
	ks.UnregisterModuleType(id)
	require.Nil(t, ks.ModuleType(id))
}

func TestScanAndIter(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	db := ks.DB(0)
	for i := range 1000 {
		set(db, fmt.Sprint(i), "v")
	}
	seen := map[string]bool{}
	for cursor := uint64(0); ; {
		cursor = db.Scan(cursor, func(e *Entry) { seen[string(e.Key())] = true })
		if cursor == 0 {
			break
		}
	}
	require.Len(t, seen, 1000)
	it := db.Iter()
	n := 0
	for e := it.Next(); e != nil; e = it.Next() {
		n++
		db.Delete(e.Key())
	}
	it.Close()
	require.Equal(t, 1000, n)
	require.Zero(t, db.Len())
}
