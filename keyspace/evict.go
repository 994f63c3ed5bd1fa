package keyspace

import (
	"slices"
)

// Policy is a maxmemory-policy.
type Policy uint8

// The policies.
const (
	NoEviction Policy = iota
	VolatileLRU
	VolatileLFU
	VolatileTTL
	VolatileRandom
	AllKeysLRU
	AllKeysLFU
	AllKeysRandom
)

// Volatile reports whether only keys with an expire may be evicted.
func (p Policy) Volatile() bool { return p >= VolatileLRU && p <= VolatileRandom }

// LFU reports whether entries hold LFU data under the policy (Switches.LFU).
func (p Policy) LFU() bool { return p == VolatileLFU || p == AllKeysLFU }

// ByUse reports whether the policy goes by when or how often keys are used.
func (p Policy) ByUse() bool { return p.LFU() || p == VolatileLRU || p == AllKeysLRU }

const evictionPoolSize = 16

// evictionPool keeps the best candidates of earlier samplings, so that small samples
// approach the real order. Sorted by rising score.
type evictionPool struct {
	list    []candidate
	next    int // database to begin with, for the random policies
	entries [64]*Entry
}

type candidate struct {
	score uint64 // the higher, the sooner it goes
	db    int
	key   []byte
}

// Victim picks a key to evict: the database and a copy of the key, which is valid until the
// next call. ok is false if there is none. samples is maxmemory-samples. The caller then
// calls Evict.
func (ks *Keyspace) Victim(p Policy, samples int) (db *DB, key []byte, ok bool) {
	switch p {
	case NoEviction:
		return nil, nil, false
	case VolatileRandom, AllKeysRandom:
		return ks.randomVictim(p)
	}
	pool := &ks.evict
	for {
		found := false
		for _, db := range ks.dbs {
			if p.Volatile() && db.ExpiresLen() > 0 || !p.Volatile() && db.Len() > 0 {
				found = true
				pool.populate(db, p, samples)
			}
		}
		if !found {
			return nil, nil, false
		}
		for n := len(pool.list); n > 0; n = len(pool.list) {
			best := pool.list[n-1]
			pool.list = pool.list[:n-1]
			if best.db >= len(ks.dbs) {
				continue
			}
			db := ks.dbs[best.db]
			// It may have gone, or lost its expire, since it was sampled.
			if e := db.Find(best.key); e != nil && (!p.Volatile() || e.HasExpire()) {
				return db, best.key, true
			}
		}
	}
}

func (ks *Keyspace) randomVictim(p Policy) (*DB, []byte, bool) {
	for range ks.dbs {
		db := ks.dbs[ks.evict.next%len(ks.dbs)]
		ks.evict.next++
		d := db.keys
		if p.Volatile() {
			d = db.expires
		}
		if e := (*Entry)(d.Random()); e != nil {
			return db, append([]byte(nil), e.Key()...), true
		}
	}
	return nil, nil, false
}

// ClearEvictionPool forgets the candidates, when the policy changes.
func (ks *Keyspace) ClearEvictionPool() { ks.evict.list = ks.evict.list[:0] }

func (pool *evictionPool) populate(db *DB, p Policy, samples int) {
	n := db.SampleKeys(pool.entries[:min(max(samples, 1), len(pool.entries))], p.Volatile())
	for _, e := range pool.entries[:n] {
		pool.add(db, e, db.ks.score(e, p))
	}
}

// add puts an entry into the pool if it is a better candidate than the worst there.
func (pool *evictionPool) add(db *DB, e *Entry, score uint64) {
	i, _ := slices.BinarySearchFunc(pool.list, score, func(c candidate, s uint64) int {
		if c.score < s {
			return -1
		}
		return 1
	})
	full := len(pool.list) == evictionPoolSize
	if full && i == 0 {
		return
	}
	for _, c := range pool.list {
		if c.db == db.id && string(c.key) == string(e.Key()) {
			return
		}
	}
	c := candidate{score: score, db: db.id}
	if full {
		c.key = pool.list[0].key[:0]
		copy(pool.list, pool.list[1:i])
		i--
	} else {
		pool.list = slices.Insert(pool.list, i, candidate{})
	}
	c.key = append(c.key, e.Key()...)
	pool.list[i] = c
}

func (ks *Keyspace) score(e *Entry, p Policy) uint64 {
	switch {
	case p == VolatileTTL:
		return ^uint64(0) - uint64(e.Expire())
	case p.LFU():
		return 255 - uint64(ks.Freq(e))
	}
	return uint64(ks.IdleTime(e))
}
