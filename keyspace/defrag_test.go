package keyspace

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unsafe"

	"berth/keyspace/mem"

	"github.com/stretchr/testify/require"
)

// change does a random thing to a random key, the same for the same random numbers.
func change(ks *Keyspace, r *rand.Rand) {
	db := ks.DB(r.IntN(2))
	kind := r.IntN(6)
	key := fmt.Appendf(nil, "%d:%d", kind, r.IntN(40))
	if r.IntN(6) == 0 {
		key = append(key, strings.Repeat("k", 150)...)
	}
	word := func(n int) []byte {
		b := fmt.Appendf(nil, "w%d", r.IntN(n))
		if r.IntN(10) == 0 {
			b = append(b, strings.Repeat("x", r.IntN(300))...)
		}
		return b
	}
	e := db.Find(key)
	container := func(t Type) {
		if e == nil {
			e = db.CreateContainer(key, t)
		}
	}
	many := 1 + r.IntN(20)
	switch op := r.IntN(40); {
	case op == 0 && e != nil:
		db.Delete(key)
		return
	case op == 1 && e != nil:
		db.SetExpire(e, 1<<50+int64(r.IntN(1000)))
		return
	case op == 2 && e != nil:
		db.Persist(e)
		return
	case op == 3 && e != nil:
		db.MoveKey(e, ks.DB(r.IntN(2)), fmt.Appendf(nil, "%d:%d", kind, r.IntN(40)))
		return
	}
	switch kind {
	case 0:
		db.SetString(key, []byte(strings.Repeat("s", r.IntN(2000))), r.IntN(2) == 0)
		return
	case 1:
		container(List)
		for range many {
			ListPush(db, e, ListEnd(r.IntN(2)), word(1000))
			if r.IntN(3) == 0 {
				ListPop(db, e, ListEnd(r.IntN(2)), nil)
			}
		}
	case 2:
		container(Set)
		for range many {
			if w := word(3000); r.IntN(4) != 0 {
				SetAdd(db, e, w)
			} else {
				SetRemove(db, e, w)
			}
		}
	case 3:
		container(ZSet)
		for range many {
			if w := word(3000); r.IntN(4) != 0 {
				ZSetAdd(db, e, float64(r.IntN(50)), w, 0)
			} else {
				ZSetRemove(db, e, w)
			}
		}
	default:
		container(Hash)
		for range many {
			switch w := word(500); r.IntN(6) {
			case 0:
				HashDelete(db, e, w)
			case 1:
				if _, ok := HashFieldTime(e, w); ok && kind == 5 {
					HashSetExpire(db, e, w, 1<<50+int64(r.IntN(1000)))
				}
			default:
				HashSet(db, e, w, word(100))
			}
		}
	}
	db.DeleteIfEmpty(e)
}

// TestDefragAmidChanges: a data set that is moved all the time, in pieces and between changes, stays the same
// as one that is not. Every block moves, so that each stale pointer leads to freed memory.
func TestDefragAmidChanges(t *testing.T) {
	defer mem.MoveAll()()
	moved, still := newTestKS(t, Hooks{}), New(Options{})
	t.Cleanup(still.Close)
	moved.SetNow(1 << 41)
	still.SetNow(1 << 41)
	ra, rb := rand.New(rand.NewPCG(5, 5)), rand.New(rand.NewPCG(5, 5))
	var round *Defrag
	rounds, hits := 0, int64(0)
	for step := range 12000 {
		change(moved, ra)
		change(still, rb)
		if round == nil {
			round = moved.NewDefrag(50)
			require.NotNil(t, round)
		}
		if round.Run(time.Now().Add(20 * time.Microsecond)) {
			hits += round.Hits
			require.Positive(t, round.KeyHits)
			round.Close()
			round = nil
			rounds++
		}
		if step%2000 == 1999 {
			require.Equal(t, still.Digest(), moved.Digest())
			checkAll(t, moved)
		}
	}
	if round != nil {
		round.Close()
	}
	require.Positive(t, hits)
	if rounds < 2 {
		t.Errorf("only %d rounds ended", rounds)
	}
}

// checkAll walks the structures that refer to elements from several places.
func checkAll(t *testing.T, ks *Keyspace) {
	t.Helper()
	for i := range ks.NumDBs() {
		db := ks.DB(i)
		it := db.Iter()
		for e := it.Next(); e != nil; e = it.Next() {
			require.Equal(t, e, db.Find(e.Key()))
			if e.HasExpire() {
				require.Equal(t, unsafe.Pointer(e), db.expires.Find(e.Key()))
			}
			if e.hasFieldTimes() {
				require.Equal(t, uintptr(unsafe.Pointer(e)), e.ex().entry)
				if e.ex().index != noIndex {
					require.Equal(t, uintptr(e.Ptr()), db.timed.list()[e.ex().index].p)
				}
			}
			if e.Type() == ZSet && e.Encoding() == Skiplist {
				z := e.zset()
				n := 0
				for pos := z.order.First(); pos.Valid(); pos = pos.Next() {
					require.Equal(t, pos.Elem(), z.order.At(n).Elem())
					n++
				}
				require.Equal(t, z.members.Len(), n)
			}
		}
		it.Close()
	}
}

// TestDefragWinsMemory: a round gives back the pages of a data set of which most was deleted.
func TestDefragWinsMemory(t *testing.T) {
	if mem.UsableFor(129) == 129 {
		t.Skip("the address sanitizer's allocator has no slabs")
	}
	ks := newTestKS(t, Hooks{})
	db := ks.DB(0)
	for i := range 30000 {
		set(db, fmt.Sprintf("key:%d", i), strings.Repeat("v", 60))
	}
	for i := range 30000 {
		if i%10 != 0 {
			db.Delete(fmt.Appendf(nil, "key:%d", i))
		}
	}
	want, used := ks.Digest(), mem.Used()
	waste, active := mem.Fragmentation(), mem.Active()
	round := ks.NewDefrag(1000)
	pieces := 0
	for !round.Run(time.Now().Add(100 * time.Microsecond)) {
		pieces++
	}
	round.Close()
	require.Positive(t, pieces)
	require.Equal(t, want, ks.Digest())
	require.Equal(t, used, mem.Used())
	require.Less(t, mem.Fragmentation(), waste/3)
	require.Less(t, mem.Active(), active-1<<20)
}

// TestDefragLeavesWalkedTablesAlone: whoever walks a table meets only blocks that are there.
func TestDefragLeavesWalkedTablesAlone(t *testing.T) {
	defer mem.MoveAll()()
	ks := newTestKS(t, Hooks{})
	db := ks.DB(0)
	for i := range 100 {
		set(db, fmt.Sprint(i), "v")
	}
	it := db.Iter()
	first := it.Next()
	round := ks.NewDefrag(1000)
	require.True(t, round.Run(time.Now().Add(time.Minute)))
	round.Close()
	require.Equal(t, first, db.Find(first.Key()))
	for e := first; e != nil; e = it.Next() {
		require.Equal(t, e, db.Find(e.Key()))
	}
	it.Close()
}
