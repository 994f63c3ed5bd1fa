package host

import (
	"time"

	"berth/keyspace"
	"berth/keyspace/mem"
)

// Defragmenter is what a [Runtime] implements whose modules have a part in active defragmentation.
type Defragmenter interface {
	// DefragStart and DefragEnd tell the modules of the beginning and the end of a round.
	DefragStart(m *mem.Mover)
	DefragEnd(m *mem.Mover)
	// DefragModules names the modules with data that is in no key.
	DefragModules() []string
	// DefragGlobals has one of them move such data, and reports whether it has more to do. cursor is the module's.
	DefragGlobals(module string, cursor *uint64, until time.Time, m *mem.Mover) (more bool)
	// DataMoved says that what is remembered of the data set's addresses is out of date.
	DataMoved()
	// HeapWaste is how many bytes of the modules' heap are free, between what is in use.
	HeapWaste() int64
	// PurgeHeap gives back what the heap holds without need.
	PurgeHeap()
}

// defrag is the state of active defragmentation. A round leads over the whole data set; its pieces run from a timer of
// its own, so that they take the share of the time that the parameters say.
type defrag struct {
	round   *keyspace.Defrag // nil: none is going on
	percent int              // share of the time that pieces take
	changed bool             // parameters have changed since percent was set
	timer   int64
	began   time.Duration
	ended   time.Duration // the last piece, 0 before the first
	overage time.Duration // time that pieces took beyond their share
	modules []string      // of which data that is in no key is left to be done
	cursor  uint64        // of the first of them

	// Of the rounds that are over.
	hits, misses, keyHits, keyMisses int64
	total                            time.Duration
}

// defragPiece is how long a piece takes at least, and maxDefragPiece at most.
const (
	defragPiece    = 500 * time.Microsecond
	maxDefragPiece = 10 * defragPiece
)

// fragmentation is how much memory could be won back: in bytes, and as a percentage of what is in use.
func (s *Server) fragmentation() (percent float64, bytes int64) {
	bytes = int64(mem.Fragmentation())
	if d, ok := s.runtime.(Defragmenter); ok && s.runtime.AllocatedMemory() > 0 {
		bytes += d.HeapWaste()
	}
	if used := s.usedMemory(); used > 0 {
		percent = float64(bytes) * 100 / float64(used)
	}
	return percent, bytes
}

// defragCron starts a round when there is reason for one, and sets its share of the time.
func (s *Server) defragCron() {
	if !s.cfg.ActiveDefrag || s.dataFrozen() {
		return
	}
	s.setDefragShare()
	if s.defrag.percent > 0 && s.defrag.round == nil {
		s.startDefrag()
	}
}

// dataFrozen reports whether what is in memory has to stay where it is.
func (s *Server) dataFrozen() bool { return s.loading || s.hasChild() }

func (s *Server) setDefragShare() {
	d, c := &s.defrag, s.cfg
	frag, bytes := s.fragmentation()
	lower := float64(c.ActiveDefragThresholdLower)
	if d.percent == 0 && (frag < lower || bytes < int64(c.ActiveDefragIgnoreBytes)) {
		return
	}
	share := c.ActiveDefragCycleMin
	if upper := float64(c.ActiveDefragThresholdUpper); upper > lower {
		share += int((frag - lower) / (upper - lower) * float64(c.ActiveDefragCycleMax-c.ActiveDefragCycleMin))
	}
	share = max(min(share, c.ActiveDefragCycleMax), c.ActiveDefragCycleMin)
	// A round doesn't slow down while it is being successful.
	if share > d.percent || d.changed {
		d.percent, d.changed = share, false
		s.log.Verbose("Starting active defrag, frag=%.0f%%, frag_bytes=%d, cpu=%d%%", frag, bytes, share)
	}
}

func (s *Server) startDefrag() {
	d := &s.defrag
	if d.round = s.ks.NewDefrag(s.cfg.ActiveDefragMaxScanFields); d.round == nil {
		d.percent = 0 // another server of the process is at it
		return
	}
	d.began, d.ended, d.overage = s.mono(), 0, 0
	if r, ok := s.runtime.(Defragmenter); ok {
		d.modules, d.cursor = r.DefragModules(), 0
		r.DefragStart(&d.round.Mover)
	}
	d.timer = s.loop.AddTimer(0, s.defragTimer)
}

// defragTimer runs a piece and says when the next is due.
func (s *Server) defragTimer() time.Duration {
	d := &s.defrag
	if !s.cfg.ActiveDefrag {
		s.endDefrag(false)
		return -1
	}
	if s.dataFrozen() || s.nesting > 0 || s.loop.Depth() > 0 {
		d.ended = 0
		return 100 * time.Millisecond
	}
	start := s.mono()
	done := s.defragFor(s.defragTime(start))
	end := s.mono()
	if r, ok := s.runtime.(Defragmenter); ok {
		r.DataMoved()
	}
	s.addLatencySample("active-defrag-cycle", end-start)
	if done {
		s.endDefrag(true)
		return -1
	}
	d.ended = end
	return d.pause()
}

// defragTime is how long a piece that begins now may take: what is missing to the share of the time since the last.
func (s *Server) defragTime(now time.Duration) time.Duration {
	d := &s.defrag
	if d.ended == 0 {
		d.overage = 0
		return defragPiece
	}
	p := time.Duration(min(d.percent, 99))
	n := p*(now-d.ended)/(100-p) - d.overage
	d.overage = max(defragPiece-n, 0)
	return min(max(n, defragPiece), maxDefragPiece)
}

// pause is the time between two pieces.
func (d *defrag) pause() time.Duration {
	p := time.Duration(min(max(d.percent, 1), 99))
	n := (defragPiece+d.overage)*100/p - defragPiece - d.overage
	return max(n, 0)
}

// defragFor runs a piece and reports whether the round is over.
func (s *Server) defragFor(n time.Duration) bool {
	d := &s.defrag
	until := time.Now().Add(n)
	if !d.round.Run(until) {
		return false
	}
	r, ok := s.runtime.(Defragmenter)
	for ok && len(d.modules) > 0 {
		if !time.Now().Before(until) {
			return false
		}
		if !r.DefragGlobals(d.modules[0], &d.cursor, until, &d.round.Mover) {
			d.modules, d.cursor = d.modules[1:], 0
		}
	}
	return true
}

// endDefrag ends the round, and begins another when that is due.
func (s *Server) endDefrag(done bool) {
	d := &s.defrag
	if r, ok := s.runtime.(Defragmenter); ok {
		r.DefragEnd(&d.round.Mover)
	}
	d.round.Close()
	took := s.mono() - d.began
	if done {
		frag, bytes := s.fragmentation()
		s.log.Verbose("Active defrag done in %dms, reallocated=%d, frag=%.0f%%, frag_bytes=%d",
			took.Milliseconds(), d.round.Hits, frag, bytes)
	}
	d.hits += d.round.Hits
	d.misses += d.round.Misses
	d.keyHits += d.round.KeyHits
	d.keyMisses += d.round.KeyMisses
	d.total += took
	d.round, d.timer, d.percent, d.modules = nil, 0, 0, nil
	if done {
		s.defragCron()
	}
}

// stopDefrag ends the round when the server ends.
func (s *Server) stopDefrag() {
	if s.defrag.round != nil {
		s.defrag.round.Close()
		s.defrag.round = nil
	}
}

func (s *Server) infoDefrag(w *infoWriter) {
	d := s.defrag
	var current time.Duration
	if d.round != nil {
		d.hits += d.round.Hits
		d.misses += d.round.Misses
		d.keyHits += d.round.KeyHits
		d.keyMisses += d.round.KeyMisses
		current = s.mono() - d.began
	}
	w.line("active_defrag_hits:%d", d.hits)
	w.line("active_defrag_misses:%d", d.misses)
	w.line("active_defrag_key_hits:%d", d.keyHits)
	w.line("active_defrag_key_misses:%d", d.keyMisses)
	w.line("total_active_defrag_time:%d", (d.total + current).Milliseconds())
	w.line("current_active_defrag_time:%d", current.Milliseconds())
}

// resetDefragStats is CONFIG RESETSTAT.
func (s *Server) resetDefragStats() {
	d := &s.defrag
	d.hits, d.misses, d.keyHits, d.keyMisses, d.total = 0, 0, 0, 0, 0
	if d.round != nil {
		d.round.Hits, d.round.Misses, d.round.KeyHits, d.round.KeyMisses = 0, 0, 0, 0
		d.began = s.mono()
	}
}
