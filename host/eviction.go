package host

import (
	"math"
	"time"

	"berth/host/command"
	"berth/keyspace"
)

// eviction is the state of keeping to maxmemory.
type eviction struct {
	timer int64 // set while eviction goes on between commands
	since time.Time
	total time.Duration // time spent over the limit, in the periods that ended
}

type evictResult int

const (
	evictOK      evictResult = iota // within the limit
	evictRunning                    // over it, and working on it
	evictFailed                     // over it, and nothing can go
)

// checkMemory keeps to maxmemory before a command runs. A command that may
// need more memory is refused where that failed.
func (s *Server) checkMemory(c *Client, row *command.Row) string {
	if s.evict() != evictFailed {
		return ""
	}
	flags := s.commandFlags(c, row)
	if row.Name == "exec" && row.Parent == nil && c.multi != nil {
		flags |= c.multi.flags
	}
	if flags&command.FlagDenyOOM != 0 {
		return command.ErrOOM
	}
	return ""
}

// memoryExcess is how far the data set is over maxmemory.
func (s *Server) memoryExcess() int64 {
	if s.cfg.MaxMemory == 0 {
		return 0
	}
	return max(s.usedMemory()-int64(s.cfg.MaxMemory), 0)
}

// OverMaxMemory reports whether more memory is in use than maxmemory allows.
func (s *Server) OverMaxMemory() bool { return s.memoryExcess() > 0 }

// evict deletes keys by the policy until the limit is kept, for a limited
// time: what remains is done between commands.
func (s *Server) evict() evictResult {
	// While clients are paused nothing may be written, for whatever reason.
	if s.nesting > 0 || s.loading || s.yield.on || s.pauseUntil > s.unixMillis() {
		return evictOK
	}
	e := &s.eviction
	if s.memoryExcess() == 0 {
		s.evictionOver()
		return evictOK
	}
	if e.since.IsZero() {
		e.since = time.Now()
	}
	policy := s.policy()
	if policy == keyspace.NoEviction {
		return evictFailed
	}
	start := time.Now()
	limit := evictionTime(s.cfg.MaxMemoryEvictionTenacity)
	defer func() { s.addLatencySample("eviction-cycle", time.Since(start)) }()
	for n := 1; s.memoryExcess() > 0; n++ {
		// What was deleted already, and is being freed in the background, need not be made up for.
		pending := s.ks.FreesInBackground()
		if pending && s.freesEnough(start, limit) {
			break
		}
		if n%16 == 0 && time.Since(start) > limit || pending && time.Since(start) > limit {
			s.evictLater()
			return evictRunning
		}
		db, key, ok := s.ks.Victim(policy, s.cfg.MaxMemorySamples)
		if !ok {
			return evictFailed
		}
		s.evictKey(db, key)
	}
	s.evictionOver()
	return evictOK
}

// freesEnough waits, as long as eviction may take, for the memory of what was deleted, and reports whether that
// was enough.
func (s *Server) freesEnough(start time.Time, limit time.Duration) bool {
	began := time.Now()
	deadline := start.Add(min(limit, time.Minute))
	for s.ks.FreesInBackground() && s.memoryExcess() > 0 && time.Now().Before(deadline) {
		s.ks.WaitLazyfreeUntil(time.Now().Add(100 * time.Microsecond))
	}
	s.addLatencySample("eviction-lazyfree", time.Since(began))
	return s.memoryExcess() == 0
}

func (s *Server) evictKey(db *keyspace.DB, key []byte) {
	start := time.Now()
	s.nesting++
	s.stat.evicted++
	s.propagateRemoval(db, removal(s.cfg.LazyfreeLazyEviction), key)
	db.Evict(key)
	s.addLatencySample("eviction-del", time.Since(start))
	s.Modified(nil, db, key)
	s.Notify(db, command.NotifyEvicted, "evicted", key)
	s.nesting--
	s.afterUnit()
}

// evictLater goes on with eviction when the loop comes round.
func (s *Server) evictLater() {
	if s.eviction.timer != 0 {
		return
	}
	s.eviction.timer = s.loop.AddTimer(0, func() time.Duration {
		s.tick()
		s.eviction.timer = 0
		s.evict()
		return -1
	})
}

func (s *Server) evictionOver() {
	e := &s.eviction
	if !e.since.IsZero() {
		e.total += time.Since(e.since)
		e.since = time.Time{}
	}
}

// evictionTime is what one turn of eviction may take (maxmemory-eviction-tenacity):
// linear up to 0.5 ms at the default of 10, then growing by 15 percent a step.
func evictionTime(tenacity int) time.Duration {
	switch {
	case tenacity <= 10:
		return time.Duration(50*tenacity) * time.Microsecond
	case tenacity < 100:
		return time.Duration(500*math.Pow(1.15, float64(tenacity)-10)) * time.Microsecond
	}
	return math.MaxInt64
}
