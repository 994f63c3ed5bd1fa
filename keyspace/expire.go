package keyspace

import (
	"math"
	"time"
	"unsafe"

	"berth/keyspace/dict"
	"berth/keyspace/mem"
)

// SetExpire sets the time, in Unix milliseconds, at which the key expires. It may
// relocate the entry.
func (db *DB) SetExpire(e *Entry, at int64) *Entry {
	db.beforeWrite(e)
	if !e.HasExpire() {
		n := e.valueSize()
		e = db.resizeValue(e, n+8)
		v := e.value()
		copy(mem.Bytes(unsafe.Add(v, 8), n), mem.Bytes(v, n))
		e.meta |= metaExpire
		db.expires.Insert(unsafe.Pointer(e))
	}
	*(*int64)(e.at(keyOff + dict.HeaderSizeAt(e.at(keyOff)))) = at
	return e
}

// Persist removes the expire and reports whether there was one. The entry stays where
// it is.
func (db *DB) Persist(e *Entry) bool {
	if !e.HasExpire() {
		return false
	}
	db.beforeWrite(e)
	db.expires.Delete(e.Key())
	e.dropExpire()
	return true
}

// Expired reports whether the entry's time is over, by the clock's snapshot.
func (db *DB) Expired(e *Entry) bool {
	return e.meta&metaExpire != 0 && !db.ks.Switches.Loading && db.ks.now > e.Expire()
}

// expireIfNeeded reports whether an entry with an expire is to be treated as absent,
// and deletes it where that is allowed.
func (db *DB) expireIfNeeded(e *Entry, flags LookupFlags) bool {
	sw := &db.ks.Switches
	if sw.AllowAccessExpired || flags&LookupAccessExpired != 0 || !db.Expired(e) {
		return false
	}
	if sw.Replica {
		if sw.FromMaster {
			return false
		}
		if flags&LookupWrite == 0 || !sw.ReplicaWritable {
			return true
		}
	}
	if flags&LookupNoExpire != 0 || sw.ExpirePaused {
		return true
	}
	db.DeleteExpired(e)
	return true
}

// DeleteExpired removes an entry as expired.
func (db *DB) DeleteExpired(e *Entry) {
	ks := db.ks
	db.detach(dict.Hash(e.Key()), e, ReasonExpired)
	ks.Stats.Expired++
	if f := ks.Hooks.KeyExpired; f != nil {
		f(db, e.Key(), e)
	}
	db.freeValue(e, ks.Switches.LazyfreeExpire)
	mem.Free(unsafe.Pointer(e))
}

const (
	cronDBsPerCall     = 16
	expireKeysPerLoop  = 20
	expireFastDuration = 1000 * time.Microsecond
	expireSlowPercent  = 25
	expireAcceptStale  = 10
)

// expireCycle is what the active cycle keeps between its runs.
type expireCycle struct {
	current    int // database to go on with
	dbsPerCall int
	lastFast   time.Time
	exhausted  bool // the last run used up its time
}

// ExpireCycle deletes some of the keys whose time is over, without needing a lookup to
// come by, in a time that is bounded: a fast cycle, which the event loop runs before it
// sleeps, takes about a millisecond and only runs when the last cycles found much to do;
// a slow one, run hz times a second, takes at most a quarter of the time. It uses the
// clock, not the snapshot. The number of keys deleted is returned.
func (ks *Keyspace) ExpireCycle(fast bool, hz int) int {
	c := &ks.cycle
	if ks.Switches.ActiveExpireOff || ks.Switches.ExpirePaused || ks.Switches.Loading || ks.Switches.Replica {
		return 0
	}
	effort := ks.ActiveExpireEffort - 1
	perLoop := expireKeysPerLoop + expireKeysPerLoop/4*effort
	fastDuration := expireFastDuration + expireFastDuration/4*time.Duration(effort)
	acceptStale := expireAcceptStale - effort

	start := time.Now()
	limit := time.Duration(expireSlowPercent+2*effort) * time.Second / time.Duration(max(hz, 1)) / 100
	if fast {
		if !c.exhausted && ks.Stats.ExpiredStalePerc < float64(acceptStale) {
			return 0
		}
		if start.Before(c.lastFast.Add(2 * fastDuration)) {
			return 0
		}
		c.lastFast = start
		limit = fastDuration
	}
	if c.dbsPerCall > len(ks.dbs) || c.exhausted {
		c.dbsPerCall = len(ks.dbs)
	}
	c.exhausted = false
	saved := ks.now
	defer ks.SetNow(saved)

	sampled, expired, rounds := 0, 0, 0
	for range c.dbsPerCall {
		if c.exhausted {
			break
		}
		db := ks.dbs[c.current%len(ks.dbs)]
		c.current++
		if db.timed.n > 0 {
			ks.SetNow(time.Now().UnixMilli())
			db.expireFields(start, limit)
		}
		for {
			ks.SetNow(time.Now().UnixMilli())
			n, gone, ttl := db.expireSome(perLoop)
			sampled += n
			expired += gone
			db.noteTTL(n-gone, ttl)
			if rounds++; rounds%16 == 0 && time.Since(start) > limit {
				c.exhausted = true
				ks.Stats.ExpiredTimeCapped++
				break
			}
			// Go on here only while a good part of what is seen has expired.
			if n == 0 || gone*100/n <= acceptStale {
				break
			}
		}
	}
	ks.Stats.ExpireCycleTime += time.Since(start)
	ks.Stats.LastCycleExpiredKeys = int64(expired)
	now := 0.0
	if sampled > 0 {
		now = float64(expired) / float64(sampled) * 100
	}
	ks.Stats.ExpiredStalePerc = now*0.05 + ks.Stats.ExpiredStalePerc*0.95
	return expired
}

// expireSome looks at about n keys with an expire and deletes those whose time is over.
// ttl is the sum over the others.
func (db *DB) expireSome(n int) (sampled, expired int, ttl int64) {
	n = min(n, db.expires.Len())
	var gone [64]*Entry
	for buckets := n * 20; sampled < n && buckets > 0; buckets-- {
		k := 0
		db.cursor = db.expires.Scan(db.cursor, func(p unsafe.Pointer) {
			e := (*Entry)(p)
			sampled++
			switch left := e.Expire() - db.ks.now; {
			case left >= 0:
				ttl += left
			case k < len(gone):
				gone[k] = e
				k++
			}
		})
		// Deleted behind the scan, as hooks may write the keyspace; which also may
		// make the rest of the list stale.
		gen := db.gen
		for _, e := range gone[:k] {
			if db.gen != gen {
				break
			}
			db.DeleteExpired(e)
			expired++
			gen++
		}
		if db.cursor == 0 && db.expires.Len() == 0 {
			break
		}
	}
	return sampled, expired, ttl
}

// noteTTL mixes what a round saw into the running average.
func (db *DB) noteTTL(n int, sum int64) {
	if db.expires.Len() == 0 {
		db.avgTTL = 0
		return
	}
	if n <= 0 {
		return
	}
	avg := sum / int64(n)
	if db.avgTTL == 0 {
		db.avgTTL = avg
		return
	}
	db.avgTTL = avg + int64(math.Round(float64(db.avgTTL-avg)*0.98))
}
