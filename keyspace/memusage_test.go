package keyspace

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"berth/keyspace/mem"

	"github.com/stretchr/testify/require"
)

// TestMemUsageIsTheAllocatorsCount: what MEMORY USAGE says of keys of every type and encoding is within a tenth of what the
// allocator handed out for them, their tables included.
func TestMemUsageIsTheAllocatorsCount(t *testing.T) {
	word := func(r *rand.Rand, n int) []byte {
		return fmt.Appendf(nil, "%s%d", strings.Repeat("w", r.IntN(40)), n)
	}
	type kind struct {
		name string
		keys int
		enc  Encoding
		make func(db *DB, r *rand.Rand, key []byte)
	}
	container := func(typ Type, n int, add func(db *DB, e *Entry, r *rand.Rand, i int)) func(*DB, *rand.Rand, []byte) {
		return func(db *DB, r *rand.Rand, key []byte) {
			e := db.CreateContainer(key, typ)
			for i := range n {
				add(db, e, r, i)
			}
		}
	}
	push := func(db *DB, e *Entry, r *rand.Rand, i int) { ListPush(db, e, ListTail, word(r, i)) }
	sadd := func(db *DB, e *Entry, r *rand.Rand, i int) { SetAdd(db, e, word(r, i)) }
	sint := func(db *DB, e *Entry, r *rand.Rand, i int) { SetAdd(db, e, fmt.Append(nil, i*7)) }
	zadd := func(db *DB, e *Entry, r *rand.Rand, i int) { ZSetAdd(db, e, r.Float64(), word(r, i), 0) }
	hset := func(db *DB, e *Entry, r *rand.Rand, i int) { HashSet(db, e, word(r, i), word(r, i)) }
	hexp := func(db *DB, e *Entry, r *rand.Rand, i int) {
		f := word(r, i)
		HashSet(db, e, f, word(r, i))
		HashSetExpire(db, e, f, 1<<50+int64(r.IntN(1e6)))
	}
	xadd := func(n int) func(*DB, *rand.Rand, []byte) {
		return func(db *DB, r *rand.Rand, key []byte) {
			e := db.CreateContainer(key, Stream)
			for i := range n {
				StreamAdd(db, e, StreamIDGiven, StreamID{MS: uint64(i) + 1}, [][]byte{[]byte("field"), word(r, i)})
			}
		}
	}
	str := func(n int) func(*DB, *rand.Rand, []byte) {
		return func(db *DB, r *rand.Rand, key []byte) { db.SetString(key, make([]byte, n), false) }
	}
	for _, k := range []kind{
		{"int", 4000, Int, func(db *DB, r *rand.Rand, key []byte) { db.SetInt(key, r.Int64(), false) }},
		{"short string", 4000, EmbStr, str(20)},
		{"string with expire", 4000, EmbStr, func(db *DB, r *rand.Rand, key []byte) {
			db.SetExpire(db.SetString(key, make([]byte, 30), false), 1<<50)
		}},
		{"string", 2000, Raw, str(700)},
		{"long string", 3, Raw, str(3 << 20)},
		{"small list", 500, Listpack, container(List, 20, push)},
		{"list", 20, Quicklist, container(List, 3000, push)},
		{"large list", 1, Quicklist, container(List, 100000, push)},
		{"intset", 500, Intset, container(Set, 100, sint)},
		{"small set", 500, Listpack, container(Set, 50, sadd)},
		{"set", 100, Hashtable, container(Set, 300, sadd)},
		{"large set", 1, Hashtable, container(Set, 100000, sadd)},
		{"small zset", 500, Listpack, container(ZSet, 50, zadd)},
		{"zset", 100, Skiplist, container(ZSet, 300, zadd)},
		{"large zset", 1, Skiplist, container(ZSet, 100000, zadd)},
		{"small hash", 500, Listpack, container(Hash, 50, hset)},
		{"hash", 50, Hashtable, container(Hash, 700, hset)},
		{"large hash", 1, Hashtable, container(Hash, 100000, hset)},
		{"small hash with times", 500, ListpackEx, container(Hash, 50, hexp)},
		{"hash with times", 50, HashtableEx, container(Hash, 700, hexp)},
		{"large hash with times", 1, HashtableEx, container(Hash, 100000, hexp)},
		{"small stream", 500, StreamEnc, xadd(20)},
		{"stream", 10, StreamEnc, xadd(5000)},
		{"large stream", 1, StreamEnc, xadd(100000)},
	} {
		t.Run(k.name, func(t *testing.T) {
			ks := newTestKS(t, Hooks{})
			db := ks.DB(0)
			r := rand.New(rand.NewPCG(3, 4))
			before := mem.Used()
			for i := range k.keys {
				k.make(db, r, fmt.Appendf(nil, "key:%06d", i))
			}
			used := mem.Used() - before
			for _, samples := range []int{0, 5, 100} {
				sum := 0
				it := db.Iter()
				for e := it.Next(); e != nil; e = it.Next() {
					require.Equal(t, k.enc, e.Encoding())
					sum += db.MemUsage(e, samples)
				}
				it.Close()
				tolerance := 0.1
				if samples == 5 && k.keys == 1 {
					tolerance = 0.35 // five elements of forty possible lengths say no more
				}
				require.InEpsilon(t, used, sum, tolerance, "samples %d", samples)
			}
		})
	}
}
