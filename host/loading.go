package host

import (
	"errors"
	"strconv"
	"time"

	"berth/persistence/rdb"
)

// The ways of EventLoading.
const (
	LoadingRDB = iota
	LoadingAOF
	LoadingReplication
	LoadingEnded
	LoadingFailed
)

// LoadingProgress is the data of EventLoadingProgress, whose way is LoadingRDB or LoadingAOF.
type LoadingProgress struct {
	Hz int
	// Progress is of 1024, -1 if it is not known.
	Progress int
}

// errLoadStopped is that of a load during which the server was told to end.
var errLoadStopped = errors.New("the server was told to end")

// loadState is a load of the data set that is under way, or was.
type loadState struct {
	began         time.Time
	total, loaded int64 // bytes
	usedMemory    int64 // what the data set took where it was saved
	keys, expired int64
	file          string
	kind          int
}

// startLoading has the server load a data set from now on: clients are refused what they may not see half of.
func (s *Server) startLoading(total int64, kind int) {
	s.loading = true
	s.exit.loading.Store(true)
	s.ks.Switches.Loading = true
	s.loadInfo = loadState{began: time.Now(), total: total, kind: kind}
	s.fireEvent(EventLoading, kind, nil)
}

// stopLoading ends it.
func (s *Server) stopLoading(ok bool) {
	s.loading = false
	s.exit.loading.Store(false)
	s.ks.Switches.Loading = false
	s.loadInfo.file = ""
	sub := LoadingEnded
	if !ok {
		sub = LoadingFailed
	}
	s.fireEvent(EventLoading, sub, nil)
}

// loadingTick tells how far the load has come, and serves clients meanwhile. It is to be called every now and
// then. An error ends the load.
func (s *Server) loadingTick(loaded int64) error {
	s.loadInfo.loaded = loaded
	s.stat.peakMemory = max(s.stat.peakMemory, s.usedMemory())
	s.tick()
	for range yieldRounds {
		if s.loop.ProcessOnce() == 0 {
			break
		}
	}
	s.flushOut()
	if len(s.closing) > 0 {
		s.freeClosing()
	}
	progress := LoadingProgress{Hz: s.cfg.Hz, Progress: -1}
	if s.loadInfo.total > 0 {
		progress.Progress = int(min(loaded*1024/s.loadInfo.total, 1024))
	}
	kind := s.loadInfo.kind
	if kind == LoadingReplication {
		kind = LoadingRDB
	}
	s.fireEvent(EventLoadingProgress, kind, progress)
	if s.exit.done {
		return errLoadStopped
	}
	return nil
}

// infoLoading is how far the load has come.
func (s *Server) infoLoading(w *infoWriter) {
	l := &s.loadInfo
	perc, remaining := 0.0, int64(1)
	if l.total > 0 {
		perc = float64(l.loaded) / float64(l.total) * 100
		remaining = l.total - l.loaded
	}
	eta := int64(1)
	if elapsed := time.Now().Unix() - l.began.Unix(); elapsed > 0 {
		eta = elapsed * remaining / (l.loaded + 1)
	}
	w.line("loading_start_time:%d", l.began.Unix())
	w.line("loading_total_bytes:%d", l.total)
	w.line("loading_rdb_used_mem:%d", l.usedMemory)
	w.line("loading_loaded_bytes:%d", l.loaded)
	w.line("loading_loaded_perc:%.2f", perc)
	w.line("loading_eta_seconds:%d", eta)
}

// rdbLoader returns a loader of whole files into the data set. base is the number of bytes loaded before it.
func (s *Server) rdbLoader(base int64) *rdb.Loader {
	l := &rdb.Loader{
		Codec:     s.RDB(),
		Keyspace:  s.ks,
		Checksum:  s.cfg.RDBChecksum && !s.codec.SkipChecksum,
		LFU:       s.policy().LFU(),
		Aux:       s.loadedAux,
		Tick:      func(offset int64) error { return s.loadingTick(base + offset) },
		TickEvery: int64(s.cfg.LoadingProcessEventsIntervalBytes),
		KeyDelay:  time.Duration(s.cfg.KeyLoadDelay) * time.Microsecond,
	}
	s.fillLoader(l)
	return l
}

// loadedAux notes the facts that a file tells of itself.
func (s *Server) loadedAux(key, value []byte) {
	n, _ := strconv.ParseInt(string(value), 10, 64)
	switch string(key) {
	case "redis-ver":
		s.log.Notice("Loading RDB produced by version %s", value)
	case "ctime":
		s.log.Notice("RDB age %d seconds", max(time.Now().Unix()-n, 0))
	case "used-mem":
		s.log.Notice("RDB memory usage when created %.2f Mb", float64(n)/(1024*1024))
		s.loadInfo.usedMemory = n
	case "aof-preamble":
		if n != 0 {
			s.log.Notice("RDB has an AOF tail")
		}
	case "aof-base":
		if n != 0 {
			s.log.Notice("RDB is base AOF")
		}
	case "redis-bits", "repl-stream-db", "repl-id", "repl-offset":
	default:
		s.log.Debug("Unrecognized RDB AUX field: '%s' '%s'", key, value)
	}
}

// loadedRDB says that a file was loaded.
func (s *Server) loadedRDB(l *rdb.Loader) {
	s.loadInfo.keys, s.loadInfo.expired = l.Keys, l.Expired
	if l.NoChecksum && s.cfg.RDBChecksum {
		s.log.Notice("RDB file was saved with checksum disabled: no check performed.")
	}
	if l.Empty > 0 {
		s.log.Notice("Done loading RDB, keys loaded: %d, keys expired: %d, empty keys skipped: %d.", l.Keys, l.Expired, l.Empty)
		return
	}
	s.log.Notice("Done loading RDB, keys loaded: %d, keys expired: %d.", l.Keys, l.Expired)
}
