package keyspace

import (
	"maps"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type timedValue struct {
	v  string
	at int64
}

// checkTimed compares a hash with the model: what is stored, what reads see, and what the database knows.
func checkTimed(t *testing.T, db *DB, e *Entry, m map[string]timedValue) {
	t.Helper()
	first := int64(-1)
	live := map[string]string{}
	for f, x := range m {
		if x.at != 0 && (first == -1 || x.at < first) {
			first = x.at
		}
		if x.at == 0 || x.at >= db.ks.now {
			live[f] = x.v
		}
		cur, ok := HashFieldTime(e, []byte(f))
		require.True(t, ok)
		require.Equal(t, max(x.at, 0), max(cur, 0))
	}
	require.Equal(t, first, HashMinExpire(e))
	require.Equal(t, len(m), HashLen(e))
	require.Equal(t, len(live), HashLive(db, e))
	raw, seen, scanned := map[string]timedValue{}, map[string]string{}, map[string]string{}
	it := NewHashIter(e)
	last := int64(0)
	for it.Next() {
		raw[string(it.Field())] = timedValue{string(it.Value()), it.Expire()}
		if e.Encoding() == ListpackEx {
			require.True(t, it.Expire() == 0 || last != -1 && it.Expire() >= last, "the listpack is in order")
			if last = it.Expire(); last == 0 {
				last = -1
			}
		}
	}
	it.Close()
	it = NewLiveHashIter(db, e)
	for it.Next() {
		seen[string(it.Field())] = string(it.Value())
	}
	it.Close()
	for cursor := uint64(0); ; {
		if cursor = HashScan(db, e, cursor, func(f, v []byte) { scanned[string(f)] = string(v) }); cursor == 0 {
			break
		}
	}
	require.Equal(t, m, raw)
	require.Equal(t, live, seen)
	require.Equal(t, live, scanned)
	n := 0
	HashRandomMany(db, e, len(m), func(f, v []byte) {
		require.Equal(t, live[string(f)], string(v))
		n++
	})
	require.Equal(t, len(live), n)
}

func TestHashTimesAgainstMap(t *testing.T) {
	db := testDB(t, smallLimits())
	expired := 0
	db.ks.Hooks.FieldExpired = func(*DB, []byte, []byte) { expired++ }
	gone := 0
	db.ks.Hooks.FieldsExpired = func(_ *DB, _ []byte, g bool) {
		if g {
			gone++
		}
	}
	encodings := map[Encoding]int{}
	for round := range 60 {
		key := []byte("h")
		e := db.CreateContainer(key, Hash)
		m := map[string]timedValue{}
		span := 6 + round%3*60
		for range 250 {
			now := db.ks.now
			f, v := randText(span), randText(1000)
			x, had := m[f]
			dead := had && x.at != 0 && x.at < now
			switch rand.IntN(12) {
			case 0, 1:
				require.Equal(t, !had, HashSet(db, e, []byte(f), []byte(v)))
				m[f] = timedValue{v, 0}
			case 2:
				require.Equal(t, !had, HashSetKeep(db, e, []byte(f), []byte(v)))
				m[f] = timedValue{v, x.at}
			case 3, 4, 5:
				if had {
					at := now - 2 + rand.Int64N(40)
					HashSetExpire(db, e, []byte(f), at)
					m[f] = timedValue{x.v, at}
				}
			case 6:
				require.Equal(t, had && x.at != 0 && !dead, HashPersist(db, e, []byte(f)))
				if had && !dead {
					m[f] = timedValue{x.v, 0}
				}
			case 7:
				require.Equal(t, had, HashDelete(db, e, []byte(f)))
				delete(m, f)
			case 8:
				before := expired
				require.Equal(t, dead, HashReap(db, e, []byte(f)))
				if dead {
					delete(m, f)
					require.Equal(t, before+1, expired)
				}
			case 9:
				db.ks.SetNow(now + rand.Int64N(4))
			case 10:
				// A copy has times of its own, and a rename takes them along.
				c := db.CopyKey(e, db, []byte("copy"))
				checkTimed(t, db, c, m)
				e = db.MoveKey(c, db, key)
				e = db.SetExpire(e, now+1e6)
				db.Persist(e)
			default:
				var sc Scratch
				got, ok := HashGet(db, e, []byte(f), &sc)
				require.Equal(t, had && !dead, ok)
				if ok {
					require.Equal(t, x.v, string(got))
				}
			}
			encodings[e.Encoding()]++
			want := 0
			if HashMinExpire(e) != -1 {
				want = 1
			}
			require.Equal(t, want, db.HashesWithTimes())
			if rand.IntN(8) == 0 {
				checkTimed(t, db, e, m)
			}
		}
		if round%2 == 0 {
			db.Delete(key)
			continue
		}
		// The active cycle leaves nothing that is over.
		db.ks.SetNow(db.ks.now + 20)
		before := expired
		total := len(m)
		maps.DeleteFunc(m, func(_ string, x timedValue) bool { return x.at != 0 && x.at < db.ks.now })
		require.Equal(t, total-len(m), db.expireFields(time.Now(), time.Minute))
		require.Equal(t, before+total-len(m), expired)
		if len(m) == 0 && total > 0 {
			require.Nil(t, db.Find(key))
			require.Positive(t, gone)
		} else {
			checkTimed(t, db, e, m)
			db.StoreDetached(key, NewDetached(Hash))
			db.Flush(true)
		}
		require.Zero(t, db.HashesWithTimes())
	}
	for _, enc := range []Encoding{Listpack, Hashtable, ListpackEx, HashtableEx} {
		require.Positive(t, encodings[enc], enc)
	}
	db.ks.WaitLazyfree()
}

// Of many hashes, the active cycle touches those that are due, in a time that is bounded.
func TestFieldExpireCycle(t *testing.T) {
	db := testDB(t, nil)
	now := time.Now().UnixMilli()
	for i := range 5000 {
		e := db.CreateContainer([]byte("h"+strconv.Itoa(i)), Hash)
		HashSet(db, e, []byte("f"), []byte("v"))
		HashSet(db, e, []byte("g"), []byte("v"))
		at := now + 1e6
		if i%2 == 0 {
			at = now - 10
		}
		HashSetExpire(db, e, []byte("f"), at)
	}
	require.Equal(t, 5000, db.HashesWithTimes())
	require.Equal(t, 1, db.expireFields(time.Now(), -1), "the limit counts")
	start := time.Now()
	for range 1000 {
		db.ks.ExpireCycle(false, 10)
		if db.HashesWithTimes() == 2500 {
			break
		}
	}
	require.Less(t, time.Since(start), 5*time.Second)
	require.Equal(t, 2500, db.HashesWithTimes())
	require.EqualValues(t, 2500, db.ks.Stats.ExpiredFields)
	require.Equal(t, 5000, db.Len())
}

func TestHashWithoutTimesPaysNothing(t *testing.T) {
	db := testDB(t, smallLimits())
	e := db.CreateContainer([]byte("h"), Hash)
	for i := range 20 {
		HashSet(db, e, []byte(strconv.Itoa(i)), []byte("v"))
	}
	require.Equal(t, Hashtable, e.Encoding())
	before := db.MemUsage(e, 0)
	HashSetExpire(db, e, []byte("1"), db.ks.now+1000)
	require.Equal(t, HashtableEx, e.Encoding())
	require.Equal(t, "hashtable", e.Encoding().String())
	require.Greater(t, db.MemUsage(e, 0), before)
	require.True(t, HashPersist(db, e, []byte("1")))
	require.Equal(t, Hashtable, e.Encoding())
	require.Equal(t, before, db.MemUsage(e, 0))
}
