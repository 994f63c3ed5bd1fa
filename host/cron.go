package host

import (
	"time"

	"berth/keyspace"
)

// effectiveHz is how often the cron runs: hz, raised with dynamic-hz so that
// the sweep over all clients stays short.
func (s *Server) effectiveHz() int {
	hz := s.cfg.Hz
	if s.cfg.DynamicHz {
		for len(s.clients)/hz > 200 && hz < 500 {
			hz *= 2
		}
	}
	return min(max(hz, 1), 500)
}

// cron is the periodic work.
func (s *Server) cron() time.Duration {
	if s.cronPaused {
		return time.Second / time.Duration(s.effectiveHz())
	}
	began := s.mono()
	s.feedWatchdog()
	hz := s.effectiveHz()
	now := s.monoNow
	if s.every(100*time.Millisecond, hz) {
		s.stat.samples[sampleCommands].track(now, s.stat.commands)
		s.stat.samples[sampleNetIn].track(now, s.stat.netIn)
		s.stat.samples[sampleNetOut].track(now, s.stat.netOut)
		s.stat.samples[sampleLoops].track(now, s.stat.loopCount)
		s.stat.loopDuration.trackMean(s.stat.loopCount, s.stat.loopMicros)
	}
	s.stat.peakMemory = max(s.stat.peakMemory, s.usedMemory())
	if s.every(time.Second, hz) {
		s.largeOutput.cron()
	}
	s.clientsCron(hz)
	if s.activeExpire() {
		s.expireCycle(false)
	}
	if s.cfg.ActiveRehashing {
		s.rehashSome()
	}
	s.defragCron()
	s.aofCron(hz)
	s.scheduledRewrite()
	s.saveCron()
	s.automaticRewrite()
	if s.every(time.Second, hz) {
		s.closeIdleMigrateLinks(false)
	}
	if s.every(5*time.Second, hz) {
		s.logVerboseStats()
	}
	if s.shutdownSignal() {
		s.handleShutdownSignal()
	}
	s.fireEvent(EventCron, 0, hz)
	s.EndUnit()
	s.cronLoops++
	s.stat.cronTime += s.mono() - began
	return time.Second / time.Duration(hz)
}

// every reports whether a job that runs each period is due in this run.
func (s *Server) every(period time.Duration, hz int) bool {
	runs := int(int64(period) * int64(hz) / int64(time.Second))
	return runs <= 1 || s.cronLoops%runs == 0
}

func (s *Server) logVerboseStats() {
	for i := range s.ks.NumDBs() {
		db := s.ks.DB(i)
		if n := db.Len(); n > 0 {
			s.log.Verbose("DB %d: %d keys (%d volatile) in %d slots HT.", i, n, db.ExpiresLen(), slots(db))
		}
	}
	s.log.Debug("%d clients connected (%d replicas), %d bytes in use", len(s.clients), 0, s.usedMemory())
}

// clientsCron looks at a part of the clients, so that each is seen once a
// second.
func (s *Server) clientsCron(hz int) {
	n := len(s.clients)
	if n == 0 {
		return
	}
	quota := max(n/hz, min(n, 5))
	now := s.unixSeconds()
	for range quota {
		if len(s.clients) == 0 {
			return
		}
		s.cronClient++
		c := s.clients[s.cronClient%len(s.clients)]
		if s.cfg.Timeout > 0 && c.flags&(FlagReplica|FlagMaster|FlagBlocked|FlagPubSub) == 0 &&
			now-c.lastActive > int64(s.cfg.Timeout) {
			s.log.Verbose("Closing idle client")
			s.freeClient(c)
			continue
		}
		if len(c.pending) == 0 && cap(c.pending) > 0 && c.flags&FlagExecuting == 0 {
			c.freePending()
		}
		s.resizeReplies(c)
		c.updateMemory()
		c.checkOutputLimit()
		s.stat.notePeaks(now, c)
	}
}

// rehashSome goes on with the resizing of one database's tables.
func (s *Server) rehashSome() {
	s.ks.DB(s.cronLoops % s.ks.NumDBs()).Resize()
}

func slots(db *keyspace.DB) int {
	keys, _ := db.Dicts()
	n := 0
	for _, t := range keys.Stats(false) {
		n += t.Size
	}
	return n
}

// expireCycle runs the active expiry, whose pauses the latency monitor sees.
func (s *Server) expireCycle(fast bool) {
	if s.cfg.LatencyMonitorThreshold == 0 {
		s.ks.ExpireCycle(fast, s.effectiveHz())
		return
	}
	start := s.mono()
	s.ks.ExpireCycle(fast, s.effectiveHz())
	s.addLatencySample("expire-cycle", s.mono()-start)
}
