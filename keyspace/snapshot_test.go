package keyspace

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// content is a comparable picture of an entry.
func content(db *DB, e *Entry) string {
	groups := ""
	if e.Type() == Stream {
		groups = groupsOf(e)
	}
	return fmt.Sprintf("%d %x %s", e.Expire(), db.ValueDigest(e), groups)
}

func picture(ks *Keyspace) map[string]string {
	all := map[string]string{}
	for i, db := range ks.dbs {
		for it := db.Iter(); ; {
			e := it.Next()
			if e == nil {
				it.Close()
				break
			}
			all[fmt.Sprintf("%d/%s", i, e.Key())] = content(db, e)
		}
	}
	return all
}

// changeAtRandom does something at random to something.
func changeAtRandom(ks *Keyspace, r *rand.Rand) {
	db := ks.DB(r.IntN(3))
	key := fmt.Appendf(nil, "k%d", r.IntN(300))
	val := fmt.Appendf(nil, "v%d", r.IntN(100))
	e := db.Find(key)
	switch n := r.IntN(100); {
	case n == 0 && r.IntN(20) == 0:
		db.Flush(true)
		return
	case n == 1:
		ks.SwapDB(r.IntN(3), r.IntN(3))
		return
	case n < 10:
		db.Delete(key)
		return
	case n < 14 && e != nil:
		db.MoveKey(e, ks.DB(r.IntN(3)), fmt.Appendf(nil, "k%d", r.IntN(300)))
		return
	case n < 18 && e != nil:
		to := fmt.Appendf(nil, "k%d", r.IntN(300))
		if other := ks.DB(r.IntN(3)); other.Find(to) == nil {
			db.CopyKey(e, other, to)
		}
		return
	case n < 26 && e != nil:
		db.SetExpire(e, 1<<40+int64(r.IntN(1000)))
		return
	case n < 30 && e != nil:
		db.Persist(e)
		return
	}
	if e == nil {
		switch t := []Type{String, List, Set, ZSet, Hash, Stream}[r.IntN(6)]; t {
		case String:
			db.SetString(key, val, false)
			return
		default:
			e = db.CreateContainer(key, t)
		}
	}
	switch e.Type() {
	case String:
		switch r.IntN(5) {
		case 0:
			db.Append(e, val)
		case 1:
			_, _, _ = db.IncrBy(e, 7)
		case 2:
			db.SetRange(e, r.IntN(50), val)
		case 3:
			_, b := db.StringResize(e, 3)
			b[0] = 'x'
		default:
			db.SetString(key, val, true)
		}
	case List:
		switch r.IntN(4) {
		case 0:
			ListPop(db, e, ListHead, nil)
		case 1:
			ListInsert(db, e, val, []byte("new"), true)
		case 2:
			ListRemove(db, e, 1, val)
		default:
			ListPush(db, e, ListTail, val, val)
		}
		db.DeleteIfEmpty(e)
	case Set:
		if r.IntN(3) == 0 {
			SetPop(db, e, nil)
		} else {
			SetAdd(db, e, val)
		}
		db.DeleteIfEmpty(e)
	case ZSet:
		if r.IntN(3) == 0 {
			ZSetRemoveRangeByRank(db, e, 0, min(2, ZSetLen(e)-1))
		} else {
			ZSetAdd(db, e, float64(r.IntN(10)), val, 0)
		}
		db.DeleteIfEmpty(e)
	case Stream:
		switch r.IntN(5) {
		case 0:
			StreamTrimTo(db, e, &StreamTrim{MaxLen: int64(r.IntN(5))})
		case 1:
			StreamDelete(db, e, StreamStateOf(e).LastID)
		case 2:
			StreamCreateGroup(db, e, val, StreamID{}, 0)
		case 3:
			if g := StreamWriteGroup(db, e, val); g != nil {
				c, _ := g.CreateConsumer(val, 1)
				g.Deliver(StreamID{MS: uint64(r.IntN(9))}, c, 1)
			}
		default:
			StreamAdd(db, e, StreamIDAuto, StreamID{}, [][]byte{val, val})
		}
	case Hash:
		switch r.IntN(4) {
		case 0:
			HashDelete(db, e, val)
			db.DeleteIfEmpty(e)
		case 1:
			HashSet(db, e, val, val)
			HashSetExpire(db, e, val, 1<<40)
		default:
			HashSet(db, e, val, fmt.Append(nil, r.IntN(1000)))
		}
	}
}

// What a snapshot takes is what was there when it began, whatever is done meanwhile.
func TestSnapshotIsOfOneInstant(t *testing.T) {
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 1))
		ks := New(Options{Limits: &Limits{HashMaxListpackEntries: 4, HashMaxListpackValue: 64, SetMaxIntsetEntries: 4, SetMaxListpackEntries: 4,
			SetMaxListpackValue: 64, ZSetMaxListpackEntries: 4, ZSetMaxListpackValue: 64, ListMaxListpackSize: 4}})
		for range 2000 {
			changeAtRandom(ks, r)
		}
		// More than there are numbers of epochs, some of them ended early.
		for round := range 280 {
			want := picture(ks)
			got := map[string]string{}
			s := ks.BeginSnapshot(func(id int, db *DB, e *Entry) func() bool {
				name := fmt.Sprintf("%d/%s", id, e.Key())
				put := func() {
					require.NotContains(t, got, name, "taken twice")
					got[name] = content(db, e)
				}
				if r.IntN(4) > 0 {
					put()
					return nil
				}
				left := r.IntN(4)
				return func() bool {
					if left--; left <= 0 {
						put()
						return true
					}
					return false
				}
			})
			early := round%3 > 0 || round > 10 && round < 270
			steps := 0
			for !s.Step(func() bool { steps++; return r.IntN(3) == 0 }) {
				for range r.IntN(20) {
					changeAtRandom(ks, r)
				}
				if early && steps > 3 {
					break
				}
			}
			if !early {
				require.Equal(t, want, got, "seed %d round %d", seed, round)
				require.Equal(t, s.Total, s.Taken)
			} else {
				for k, v := range got {
					require.Equal(t, want[k], v)
				}
			}
			s.End()
		}
		ks.WaitLazyfree()
		ks.Close()
		if testing.Short() {
			break
		}
	}
}
