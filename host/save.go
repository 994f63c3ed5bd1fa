package host

import (
	"os"
	"path/filepath"
	"syscall"
	"time"

	"berth/host/command"
	"berth/keyspace"
	"berth/persistence/rdb"
	"berth/persistence/snapshot"
)

// Subevents of EventPersistence. Others are fired in children.
const (
	persistSyncRDB = 2
	persistEnded   = 3
	persistFailed  = 4
	persistSyncAOF = 5
)

// saveState is what the server knows of its RDB file.
type saveState struct {
	saves     int64
	lastSave  time.Time
	lastTry   time.Time
	ok        bool // the last one in the background
	lastTook  int64
	scheduled bool
	dirty     int64 // when the present one began
	lastCOW   int64
	// noFiles: a server that is embedded without a configuration has no business with the directory's files.
	noFiles bool
}

func (s *Server) registerSave() {
	s.commands.Register("save", s.cmdSave)
	s.commands.Register("bgsave", s.cmdBGSave)
	s.commands.Register("lastsave", func(cc *command.Ctx) { cc.Int(s.save.lastSave.Unix()) })
}

const errSaveInProgress = "ERR Background save already in progress"

func (s *Server) cmdSave(cc *command.Ctx) {
	if s.child.kind == childRDB {
		cc.Error(errSaveInProgress)
		return
	}
	s.save.saves++
	if !s.saveRDB() {
		cc.Error("ERR")
		return
	}
	cc.OK()
}

func (s *Server) cmdBGSave(cc *command.Ctx) {
	schedule := false
	if len(cc.Args) > 1 {
		if schedule = len(cc.Args) == 2 && cc.ArgIs(1, "schedule"); !schedule {
			cc.Error(command.ErrSyntax)
			return
		}
	}
	switch {
	case s.child.kind == childRDB:
		cc.Error(errSaveInProgress)
	case (s.hasChild() || s.inExec) && (schedule || s.inExec):
		s.save.scheduled = true
		cc.Simple("Background saving scheduled")
	case s.hasChild():
		cc.Error("ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a " +
			"BGSAVE whenever possible.")
	case s.bgsave() == nil:
		cc.Simple("Background saving started")
	default:
		cc.Error("ERR")
	}
}

// inDir is a file of the server's directory.
func (s *Server) inDir(name string) string {
	if dir, err := s.cfg.Getwd(); err == nil {
		return filepath.Join(dir, name)
	}
	return name
}

// rdbSpec describes the server's RDB file to whoever writes it.
func (s *Server) rdbSpec() snapshot.Spec {
	return snapshot.Spec{
		Path: s.inDir(s.cfg.DBFilename), Temp: s.inDir("temp-%d.rdb"), Incremental: s.cfg.RDBSaveIncrementalFsync,
		Title: "redis-rdb-bgsave", Saved: "DB saved on disk",
	}
}

// rdbEncoder makes the records of an RDB file.
func (s *Server) rdbEncoder() *snapshot.RDB {
	enc := &snapshot.RDB{
		Keyspace: s.ks,
		Info:     rdb.Info{RedisVersion: RedisVersion, Now: time.Now().Unix(), UsedMemory: s.usedMemory()},
		// What was kept of modules that are not here comes beside what modules save.
		Before: s.keptAuxRecords(rdb.AuxBefore), After: s.keptAuxRecords(rdb.AuxAfter),
		Functions: s.libraries.Libraries(),
	}
	if s.policy().LFU() {
		enc.Use = rdb.FreqUse
	} else if p := s.policy(); p == keyspace.VolatileLRU || p == keyspace.AllKeysLRU {
		enc.Use = rdb.IdleUse
	}
	return enc
}

// rdbEncoderNow is rdbEncoder for a file that is written at once, by the server itself.
func (s *Server) rdbEncoderNow() *snapshot.RDB {
	enc := s.rdbEncoder()
	if sv, ok := s.runtime.(Saver); ok {
		enc.Before = append(enc.Before, sv.SaveAux(rdb.AuxBefore)...)
		enc.After = append(enc.After, sv.SaveAux(rdb.AuxAfter)...)
	}
	return enc
}

// saveRDB writes the RDB file at once.
func (s *Server) saveRDB() bool {
	spec := s.rdbSpec()
	if s.writeRDB(spec) != nil {
		return false
	}
	s.log.Notice(spec.Saved)
	s.dirty = 0
	s.save.lastSave = time.Now()
	s.save.ok = true
	return true
}

// writeRDB writes an RDB file at once, and says in the log what went wrong.
func (s *Server) writeRDB(spec snapshot.Spec) error {
	s.fillSpec(&spec)
	s.fireEvent(EventPersistence, persistSyncRDB, nil)
	err := s.rdbEncoderNow().Save(&spec)
	if err != nil {
		for _, line := range spec.FailureLines(err) {
			s.log.Warn("%s", line)
		}
		s.fireEvent(EventPersistence, persistFailed, nil)
		return err
	}
	s.fireEvent(EventPersistence, persistEnded, nil)
	return nil
}

// bgsave starts to write the RDB file in the background.
func (s *Server) bgsave() error {
	if s.hasChild() {
		return errChildActive
	}
	v := &s.save
	v.saves++
	v.dirty = s.dirty
	v.lastTry = time.Now()
	spec := s.rdbSpec()
	began := time.Now()
	var job *snapshot.Job
	pid, err := s.startChild(childRDB, s.rdbEncoder(), spec, func(r snapshot.Result) { s.bgsaveEnded(job, &spec, began, r) })
	if err != nil {
		v.ok = false
		s.log.Warn("Can't save in background: fork: %s", err)
		return err
	}
	job = s.child.job
	s.log.Notice("Background saving started by pid %d", pid)
	return nil
}

func (s *Server) bgsaveEnded(job *snapshot.Job, spec *snapshot.Spec, began time.Time, r snapshot.Result) {
	v := &s.save
	now := time.Now()
	if job.Pid() == 0 {
		// A goroutine has no log of its own.
		if r.OK {
			s.log.Notice(spec.Saved)
		} else if r.Err != nil {
			for _, line := range spec.FailureLines(r.Err) {
				s.log.Warn("%s", line)
			}
		}
	}
	switch {
	case r.OK:
		s.logCOW("RDB", job.Peak)
		s.log.Notice("Background saving terminated with success")
		s.dirty -= v.dirty
		v.lastSave = now
		v.ok = true
	case r.Signal == 0:
		s.log.Warn("Background saving error")
		v.ok = false
	default:
		s.log.Warn("Background saving terminated by signal %d", int(r.Signal))
		_ = os.Remove(snapshot.TempName(spec.Temp, s.writerPid(job)))
		// Whoever ends it in order does not want to be told of an error.
		if r.Signal != syscall.SIGUSR1 {
			v.ok = false
		}
	}
	v.lastCOW = job.Peak
	v.lastTook = now.Unix() - began.Unix()
}

func (s *Server) writerPid(job *snapshot.Job) int {
	if pid := job.Pid(); pid != 0 {
		return pid
	}
	return os.Getpid()
}

// saveRetryDelay is how long the server waits after a failure before it tries again by itself.
const saveRetryDelay = 5 * time.Second

func (s *Server) mayRetrySave() bool {
	return s.save.ok || time.Since(s.save.lastTry) > saveRetryDelay
}

// saveCron starts the saves that are due.
func (s *Server) saveCron() {
	if s.hasChild() || s.loading {
		return
	}
	now := s.unixSeconds()
	for _, p := range s.cfg.Save {
		if s.dirty >= int64(p.Changes) && now-s.save.lastSave.Unix() > int64(p.Seconds) && s.mayRetrySave() {
			s.log.Notice("%d changes in %d seconds. Saving...", p.Changes, p.Seconds)
			_ = s.bgsave()
			return
		}
	}
	if s.save.scheduled && s.mayRetrySave() && s.bgsave() == nil {
		s.save.scheduled = false
	}
}

// errMisconf is what writes meet while the RDB file can't be written.
const errMisconf = "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. " +
	"Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if " +
	"RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error."

// saveDenies is why writes are refused on account of the RDB file, or "".
func (s *Server) saveDenies() string {
	if s.save.ok || !s.cfg.StopWritesOnBGSaveError || len(s.cfg.Save) == 0 {
		return ""
	}
	return errMisconf
}

// flushedAll ends what FLUSHALL makes pointless, and puts the emptiness on disk where anything is saved; true if that
// is done.
func (s *Server) flushedAll() bool {
	s.killSave()
	return len(s.cfg.Save) > 0 && s.saveRDB()
}

// killSave ends a save in the background: what it writes must not take the place of what is saved next.
func (s *Server) killSave() {
	if job := s.child.job; job != nil && s.child.kind == childRDB {
		s.killChild(syscall.SIGUSR1)
		job.Await(time.Second)
	}
}

func (s *Server) infoSave(w *infoWriter) {
	now, peak := s.childCOW()
	perc, processed, total := 0.0, 0, 0
	if s.child.progress != nil {
		perc = s.child.progress() * 100
	}
	if job := s.child.job; job != nil {
		processed, total = job.Taken(), job.Keys
		if total > 0 {
			perc = float64(processed) / float64(total) * 100
		}
	}
	w.line("current_cow_peak:%d", peak)
	w.line("current_cow_size:%d", now)
	w.line("current_cow_size_age:0")
	w.line("current_fork_perc:%.2f", perc)
	w.line("current_save_keys_processed:%d", processed)
	w.line("current_save_keys_total:%d", total)
	v := &s.save
	w.line("rdb_changes_since_last_save:%d", s.dirty)
	w.line("rdb_bgsave_in_progress:%d", oneIf(s.child.kind == childRDB))
	w.line("rdb_last_save_time:%d", v.lastSave.Unix())
	status := "ok"
	if !v.ok {
		status = "err"
	}
	w.line("rdb_last_bgsave_status:%s", status)
	w.line("rdb_last_bgsave_time_sec:%d", v.lastTook)
	current := int64(-1)
	if s.child.kind == childRDB {
		current = time.Now().Unix() - s.child.began.Unix()
	}
	w.line("rdb_current_bgsave_time_sec:%d", current)
	w.line("rdb_saves:%d", v.saves)
	w.line("rdb_last_cow_size:%d", v.lastCOW)
	w.line("rdb_last_load_keys_expired:%d", s.loadInfo.expired)
	w.line("rdb_last_load_keys_loaded:%d", s.loadInfo.keys)
}
