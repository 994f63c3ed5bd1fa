package host

import (
	"errors"
	"os"
	"time"

	"berth/host/config"
	"berth/internal/errtext"
	"berth/persistence/aof"
)

// aofState says what becomes of the commands that are propagated.
type aofState uint8

const (
	aofOff aofState = iota
	aofOn
	// aofWaiting: it is being turned on. Commands are kept while the first rewrite runs, in a file that
	// becomes a part of the whole when the rewrite is done.
	aofWaiting
)

// ErrAOF is what Serve returns when what clients were told is on the disk cannot get there.
var ErrAOF = errors.New("host: the append only file can't be written")

// appendOnly is the append only file of a server.
type appendOnly struct {
	s     *Server
	state aofState
	files *aof.Files
	w     *aof.Writer

	baseSize  int64 // of everything, when it was last rewritten
	syncedOff int64 // replication offset up to which it is on the disk, -1 while it is off

	rewrite aofRewrite
}

// initAOF prepares it; nothing is opened yet.
func (s *Server) initAOF(disk aof.Disk) {
	if disk == nil {
		disk = aof.OS{}
	}
	a := &s.aof
	a.s = s
	a.files = aof.NewFiles(disk, s.log, "", s.cfg.AppendDirName, s.cfg.AppendFilename)
	a.w = aof.NewWriter(s.log)
	a.w.Latency = s.addLatencySample
	a.w.Synced = s.loop.Wake
	a.syncedOff = -1
	a.rewrite = aofRewrite{ok: true, lastTime: -1}
	policy := func() {
		switch s.cfg.AppendFsync {
		case config.FsyncAlways:
			a.w.Policy = aof.SyncAlways
		case config.FsyncNo:
			a.w.Policy = aof.SyncNo
		default:
			a.w.Policy = aof.SyncEverySec
		}
	}
	policy()
	s.cfg.OnChange(func() error { policy(); return nil }, "appendfsync")
	s.cfg.OnChange(s.appendOnlyChanged, "appendonly")
}

// Propagate implements [Sink].
func (a *appendOnly) Propagate(db int, argv [][]byte) {
	if a.state == aofWaiting && !a.rewrite.running {
		return
	}
	if a.s.cfg.AOFTimestampEnabled {
		a.w.Annotate(a.s.unixSeconds())
	}
	a.w.Append(db, argv)
}

// setState changes what becomes of propagated commands.
func (a *appendOnly) setState(st aofState) {
	if (a.state == aofOff) != (st == aofOff) {
		if st == aofOff {
			a.s.RemoveSink(a)
		} else {
			a.s.AddSink(a, TargetAOF)
		}
	}
	a.state = st
}

// flushAOF writes what the commands of this turn have propagated, and syncs it as
// appendfsync says. Replies are sent afterwards. With force it writes whatever the disk is doing.
func (s *Server) flushAOF(force bool) {
	a := &s.aof
	if a.state == aofOff || !a.w.Open() || s.failed != nil {
		return
	}
	start := s.mono()
	child := s.hasChild()
	err := a.w.Flush(aof.FlushState{
		Now: start, Force: force, Child: child, SkipSync: s.cfg.NoAppendFsyncOnRewrite, Offset: s.replOffset,
	})
	s.stat.aofTime += s.mono() - start
	if err != nil {
		s.fail(ErrAOF)
		return
	}
	if a.state == aofOn && a.syncedOff != -1 {
		a.noteSynced()
	}
}

// noteSynced takes notice of what is on the disk by now.
func (a *appendOnly) noteSynced() {
	if off := a.w.SyncedOffset(); off != a.syncedOff {
		a.syncedOff = off
		a.s.serveWaiters()
	}
}

// fail ends the server without another word to anybody: what clients would be told next is not true.
func (s *Server) fail(err error) {
	if s.ownsProcess {
		os.Exit(1)
	}
	s.failed = err
	s.pendingWrites = nil
	s.loop.Stop()
}

// aofCron is what the cron does for the append only file.
func (s *Server) aofCron(hz int) {
	a := &s.aof
	if a.state != aofOff && (a.w.Postponed() || a.w.WriteFailed() && s.every(time.Second, hz)) {
		s.flushAOF(false)
	}
}

// aofDenies is why writes are refused on account of the append only file, or "".
func (s *Server) aofDenies() string {
	if s.aof.state == aofOff {
		return ""
	}
	if err := s.aof.w.Err(); err != nil {
		return "MISCONF Errors writing to the AOF file: " + errtext.Of(err)
	}
	return ""
}

// appendOnlyChanged follows CONFIG SET appendonly.
func (s *Server) appendOnlyChanged() error {
	switch a := &s.aof; {
	case !s.cfg.AppendOnly && a.state != aofOff:
		s.stopAOF()
	case s.cfg.AppendOnly && a.state == aofOff && s.serving:
		if s.startAOF() != nil {
			return errors.New("Unable to turn on AOF. Check server logs.")
		}
	}
	return nil
}

// stopAOF turns the append only file off. What it holds stays on the disk.
func (s *Server) stopAOF() {
	a := &s.aof
	s.flushAOF(true)
	if s.failed != nil {
		return
	}
	a.w.Close(s.mono())
	a.closed()
	a.setState(aofOff)
	a.rewrite.scheduled = false
	a.syncedOff = -1
	a.w.SetSyncedOffset(0)
	a.killRewrite()
	a.w.Drop()
}

// closed notes in the manifest at which replication offset the last file ends.
func (a *appendOnly) closed() {
	m := a.files.Manifest
	if a.state != aofOn || m.LastIncr() == nil {
		return
	}
	m.LastIncr().End = a.s.replOffset
	m.Dirty = true
	_ = a.files.Persist(m) // it would be of use only
}

// startAOF turns it on: with a rewrite, since there is nothing of what is in memory in it yet.
func (s *Server) startAOF() error {
	a := &s.aof
	a.setState(aofWaiting)
	switch {
	case s.hasChild() && !a.rewrite.running:
		a.rewrite.scheduled = true
		s.log.Notice("AOF was enabled but there is already another background operation. An AOF background was scheduled to start when possible.")
	case s.inExec:
		a.rewrite.scheduled = true
		s.log.Notice("AOF was enabled during a transaction. An AOF background was scheduled to start when possible.")
	default:
		if a.rewrite.running {
			s.log.Notice("AOF was enabled but there is already an AOF rewriting in background. Stopping background AOF and starting a rewrite now.")
			a.killRewrite()
		}
		if err := s.startRewrite(); err != nil {
			a.setState(aofOff)
			s.log.Warn("Redis needs to enable the AOF but can't trigger a background AOF rewrite operation. Check the above logs for more info about the error.")
			return err
		}
	}
	a.w.SetSyncTime(s.mono())
	a.w.Forgive()
	return nil
}

// RestartAOF turns the append only file off, has fn replace the data set, and turns it on again.
func (s *Server) RestartAOF(fn func()) {
	on := s.aof.state != aofOff
	if on {
		s.stopAOF()
	}
	fn()
	if !on {
		return
	}
	for try := range 10 {
		if try > 0 {
			s.log.Warn("Failed to enable AOF! Trying it again in one second.")
			time.Sleep(time.Second)
		}
		if s.startAOF() == nil {
			return
		}
	}
	s.log.Warn("FATAL: AOF can't be turned on. Exiting now.")
	s.fail(ErrAOF)
}

// shutdownAOF brings everything to the disk before the server ends. It returns false if that would lose data, unless
// it is forced.
func (s *Server) shutdownAOF(force bool) bool {
	a := &s.aof
	if a.rewrite.running {
		if a.state == aofWaiting {
			if !force {
				s.log.Warn("Writing initial AOF, can't exit")
				return false
			}
			s.log.Warn("Writing initial AOF. Exit anyway.")
		}
		s.log.Warn("There is a child rewriting the AOF. Killing it!")
		a.killRewrite()
	}
	if a.state == aofOff || !a.w.Open() {
		return true
	}
	s.log.Notice("Calling fsync() on the AOF file.")
	s.flushAOF(true)
	if err := a.w.Sync(); err != nil {
		s.log.Warn("Fail to fsync the AOF file: %s.", errtext.Of(err))
	}
	return true
}

func (s *Server) infoAOF(w *infoWriter) {
	a, r := &s.aof, &s.aof.rewrite
	w.line("aof_enabled:%d", oneIf(a.state != aofOff))
	w.line("aof_rewrite_in_progress:%d", oneIf(r.running))
	w.line("aof_rewrite_scheduled:%d", oneIf(r.scheduled))
	w.line("aof_last_rewrite_time_sec:%d", r.lastTime)
	current := int64(-1)
	if r.running {
		current = time.Now().Unix() - r.began.Unix()
	}
	w.line("aof_current_rewrite_time_sec:%d", current)
	w.line("aof_last_bgrewrite_status:%s", okErr(r.ok))
	w.line("aof_rewrites:%d", r.count)
	w.line("aof_rewrites_consecutive_failures:%d", r.failures)
	w.line("aof_last_write_status:%s", okErr(a.w.Err() == nil))
	w.line("aof_last_cow_size:%d", r.lastCOW)
}

// infoAOFSizes are the lines that are there only while it is on.
func (s *Server) infoAOFSizes(w *infoWriter) {
	a := &s.aof
	if a.state == aofOff {
		return
	}
	w.line("aof_current_size:%d", a.w.Total())
	w.line("aof_base_size:%d", a.baseSize)
	w.line("aof_pending_rewrite:0")
	w.line("aof_buffer_length:%d", a.w.Buffered())
	w.line("aof_pending_bio_fsync:%d", a.w.Pending())
	w.line("aof_delayed_fsync:%d", a.w.Delayed())
}

func okErr(ok bool) string {
	if ok {
		return "ok"
	}
	return "err"
}
