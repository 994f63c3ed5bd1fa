package host

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"berth/host/command"
	"berth/internal/errtext"
	"berth/persistence/aof"
	"berth/persistence/snapshot"
)

// aofRewrite is the rewriting of the append only file.
type aofRewrite struct {
	running, scheduled bool
	ok                 bool // the last one
	began              time.Time
	lastTime, count    int64
	failures           int64 // in a row
	lastCOW            int64
	preamble           bool  // the base that is written is in RDB format
	offset             int64 // replication offset at which the incremental file begins

	// After several failures the next attempt waits.
	delay   time.Duration
	retryAt time.Time
}

const (
	rewriteFailuresAllowed = 3
	rewriteDelay           = time.Minute
	rewriteDelayAtMost     = time.Hour
)

func (s *Server) cmdBGRewriteAOF(cc *command.Ctx) {
	r := &s.aof.rewrite
	switch {
	case r.running:
		cc.Error("ERR Background append only file rewriting already in progress")
	case s.hasChild() || s.inExec:
		r.scheduled = true
		r.failures = 0
		cc.Simple("Background append only file rewriting scheduled")
	case s.startRewrite() == nil:
		cc.Simple("Background append only file rewriting started")
	default:
		cc.Error("ERR Can't execute an AOF background rewriting. Please check the server logs for more information.")
	}
}

// scheduledRewrite begins a rewrite that was scheduled.
func (s *Server) scheduledRewrite() {
	if s.aof.rewrite.scheduled && !s.hasChild() && !s.rewriteLimited() {
		_ = s.startRewrite()
	}
}

// automaticRewrite begins one that is due since the files have grown.
func (s *Server) automaticRewrite() {
	a := &s.aof
	if s.hasChild() {
		return
	}
	perc := int64(s.cfg.AutoAOFRewritePercentage)
	if a.state != aofOn || perc == 0 || a.w.Total() <= int64(s.cfg.AutoAOFRewriteMinSize) {
		return
	}
	if growth := a.w.Total()*100/max(a.baseSize, 1) - 100; growth >= perc && !s.rewriteLimited() {
		s.log.Notice("Starting automatic rewriting of AOF on %d%% growth", growth)
		_ = s.startRewrite()
	}
}

// rewriteLimited keeps rewrites that fail again and again from leaving a new incremental file each time.
func (s *Server) rewriteLimited() bool {
	r := &s.aof.rewrite
	if r.failures < rewriteFailuresAllowed {
		r.delay, r.retryAt = 0, time.Time{}
		return false
	}
	if !r.retryAt.IsZero() {
		if time.Now().Before(r.retryAt) {
			return true
		}
		r.retryAt = time.Time{}
		return false
	}
	r.delay = min(max(2*r.delay, rewriteDelay), rewriteDelayAtMost)
	r.retryAt = time.Now().Add(r.delay)
	s.log.Warn("Background AOF rewrite has repeatedly failed and triggered the limit, will retry in %d minutes", int(r.delay.Minutes()))
	return true
}

// startRewrite begins a new incremental file, and the rewrite of everything before it in the background.
func (s *Server) startRewrite() error {
	a, r := &s.aof, &s.aof.rewrite
	if s.hasChild() {
		return errChildActive
	}
	s.setAOFRoot()
	err := a.files.MakeDir()
	if err == nil {
		a.w.NeedSelect()
		s.flushAOF(true)
		err = a.openNewIncr()
	}
	if err != nil {
		r.ok = false
		return err
	}
	if a.state == aofWaiting {
		// What was synced of an earlier file must not count for this one.
		a.w.Drain()
		a.w.SetSyncedOffset(s.replOffset)
		a.syncedOff = 0
	}
	r.count++
	a.w.Hold()
	pid, err := s.startRewriteChild()
	if err != nil {
		a.w.Release(false)
		r.ok = false
		s.log.Warn("Can't rewrite append only file in background: fork: %s", errtext.Of(err))
		return err
	}
	s.log.Notice("Background append only file rewriting started by pid %d", pid)
	r.running, r.scheduled = true, false
	r.began = time.Now()
	return nil
}

// openNewIncr goes on in a new file. While the append only file is being turned on that is one that the manifest does
// not list yet.
func (a *appendOnly) openNewIncr() error {
	if a.state == aofOff {
		return nil
	}
	name := a.files.TempIncr()
	m := a.files.Manifest
	if a.state == aofOn {
		m = m.Clone()
		name = m.NewIncr(a.files.Name, a.s.replOffset).Name
	}
	f, err := a.files.Disk.Open(a.files.Path(name), os.O_WRONLY|os.O_TRUNC|os.O_CREATE|os.O_APPEND)
	if err != nil {
		a.s.log.Warn("Can't open the append-only file %s: %s", name, errtext.Of(err))
		return err
	}
	if a.state == aofOn {
		// A manifest that is in place lists the new file, which then has to be the one that is written.
		if err = a.files.Persist(m); err != nil && !errors.Is(err, aof.ErrNotSynced) {
			_ = f.Close()
			return err
		}
	}
	a.s.log.Notice("Creating AOF incr file %s on background rewrite", name)
	a.w.SetFile(f, 0, a.s.mono(), a.s.replOffset)
	a.files.Manifest = m
	a.rewrite.offset = a.s.replOffset
	return err
}

// rewriteTemp is the name under which a child writes the new base file.
func rewriteTemp(pid int) string { return fmt.Sprintf("temp-rewriteaof-bg-%d.aof", pid) }

// rewriteDone is called when the child has ended: with a status, or by a signal.
func (s *Server) rewriteDone(pid, status, signal int) {
	a, r := &s.aof, &s.aof.rewrite
	r.running = false
	switch {
	case signal == 0 && status == 0:
		s.log.Notice("Background AOF rewrite terminated with success")
		err := a.takeBase(rewriteTemp(pid))
		a.w.Release(err == nil)
		if err != nil {
			r.ok = false
			r.failures++
			break
		}
		r.ok = true
		r.failures = 0
		s.log.Notice("Background AOF rewrite finished successfully")
		if a.state == aofWaiting {
			a.setState(aofOn)
			a.syncedOff = a.w.SyncedOffset()
		}
	case signal == 0:
		r.ok = false
		r.failures++
		s.log.Warn("Background AOF rewrite terminated with error")
	default:
		if signal != int(syscall.SIGUSR1) {
			r.ok = false
			r.failures++
		}
		s.log.Warn("Background AOF rewrite terminated by signal %d", signal)
	}
	a.w.Release(false)
	a.removeTemp(pid)
	if a.state == aofWaiting {
		a.w.Drop()
		a.files.RemoveTempIncr()
	}
	r.lastTime = time.Now().Unix() - r.began.Unix()
	r.began = time.Time{}
	if a.state == aofWaiting {
		r.scheduled = true
	}
}

// takeBase makes the file that a child wrote the base, and history of what it replaces.
func (a *appendOnly) takeBase(temp string) error {
	s, f := a.s, a.files
	m := f.Manifest.Clone()
	base := m.NewBase(f.Name, a.rewrite.preamble).Name
	start := time.Now()
	if err := f.Disk.Rename(f.OutsidePath(temp), f.Path(base)); err != nil {
		s.log.Warn("Error trying to rename the temporary AOF base file %s into %s: %s", temp, f.Dir+"/"+base, errtext.Of(err))
		return err
	}
	s.addLatencySample("aof-rename", time.Since(start))
	s.log.Notice("Successfully renamed the temporary AOF base file %s into %s", temp, base)
	incr := ""
	if a.state == aofWaiting {
		incr = m.NewIncr(f.Name, a.rewrite.offset).Name
		start := time.Now()
		if err := f.Disk.Rename(f.Path(f.TempIncr()), f.Path(incr)); err != nil {
			s.log.Warn("Error trying to rename the temporary AOF incr file %s into %s: %s", f.Dir+"/"+f.TempIncr(), f.Dir+"/"+incr, errtext.Of(err))
			f.Remove(f.Path(base))
			return err
		}
		s.addLatencySample("aof-rename", time.Since(start))
		s.log.Notice("Successfully renamed the temporary AOF incr file %s into %s", f.TempIncr(), incr)
	}
	keep := 0
	if a.w.Open() {
		keep = 1
	}
	m.Rewritten(keep)
	if err := f.Persist(m); errors.Is(err, aof.ErrNotSynced) {
		f.Manifest = m
		return err
	} else if err != nil {
		f.Remove(f.Path(base))
		if incr != "" {
			f.Remove(f.Path(incr))
		}
		return err
	}
	f.Manifest = m
	if a.state != aofOff {
		n, _ := f.Size(base)
		a.w.SetTotal(n + a.w.Size())
		a.baseSize = a.w.Total()
	}
	a.removeHistory()
	return nil
}

func (a *appendOnly) removeHistory() {
	if !a.s.cfg.AOFDisableAutoGC {
		a.files.RemoveHistory()
	}
}

func (a *appendOnly) removeTemp(pid int) {
	a.files.Remove(a.files.OutsidePath(rewriteTemp(pid)))
	a.files.Remove(a.files.OutsidePath(fmt.Sprintf("temp-rewriteaof-%d.aof", pid)))
}

// startRewriteChild has the present data set written in the background.
func (s *Server) startRewriteChild() (pid int, err error) {
	r := &s.aof.rewrite
	// Libraries that came from a file are kept even where there is no command yet that could bring them back.
	r.preamble = s.cfg.AOFUseRDBPreamble ||
		len(s.libraries.Libraries()) > 0 && s.commands.LookupFull("function|load").Handler == nil
	enc, spec := s.baseSnapshot(r.preamble)
	spec.Temp = s.aof.files.OutsidePath("temp-rewriteaof-bg-%d.aof")
	spec.Title = "redis-aof-rewrite"
	spec.Saved = "Successfully created the temporary AOF base file temp-rewriteaof-bg-%d.aof"
	var job *snapshot.Job
	pid, err = s.startChild(childAOF, enc, spec, func(res snapshot.Result) {
		if job.Pid() == 0 {
			s.logRewriter(pid, spec, res)
		}
		status := 1
		if res.OK {
			status = 0
			s.logCOW("AOF rewrite", job.Peak)
		}
		r.lastCOW = job.Peak
		s.rewriteDone(pid, status, int(res.Signal))
	})
	if err == nil {
		job = s.child.job
	}
	return pid, err
}

// logRewriter says what a writer would have said that is a process.
func (s *Server) logRewriter(pid int, spec snapshot.Spec, res snapshot.Result) {
	if res.OK {
		s.log.Notice(strings.ReplaceAll(spec.Saved, "%d", strconv.Itoa(pid)))
		return
	}
	if res.Err != nil {
		for _, line := range spec.FailureLines(res.Err) {
			s.log.Warn("%s", line)
		}
	}
}

// baseSnapshot says how a base file is written.
func (s *Server) baseSnapshot(preamble bool) (snapshot.Encoder, snapshot.Spec) {
	spec := snapshot.Spec{Raw: !preamble, Append: true, Incremental: s.cfg.AOFRewriteIncrementalFsync}
	s.fillSpec(&spec)
	if preamble {
		enc := s.rdbEncoder()
		enc.Info.AOFBase = true
		return enc, spec
	}
	enc := &aof.Encoder{Functions: s.libraries.Libraries()}
	if s.cfg.AOFTimestampEnabled {
		enc.Time = s.unixSeconds()
	}
	return enc, spec
}

// writeBase writes a base file of what there is, at once.
func (s *Server) writeBase(path string) error {
	enc, spec := s.baseSnapshot(s.cfg.AOFUseRDBPreamble)
	spec.Path = path
	spec.Temp = s.aof.files.OutsidePath("temp-rewriteaof-%d.aof")
	wake, done := make(chan struct{}, 1), make(chan snapshot.Result, 1)
	s.fireEvent(EventPersistence, persistSyncAOF, nil)
	job, err := snapshot.Start(snapshot.Options{
		Keyspace: s.ks, Encoder: enc, Writer: spec,
		Wake: func() { wake <- struct{}{} }, Done: func(r snapshot.Result) { done <- r },
	})
	if err == nil {
		for !job.Step(time.Second) {
			if job.Blocked() {
				<-wake
			}
		}
		err = (<-done).Err
	}
	if err != nil {
		s.logRewriter(0, spec, snapshot.Result{Err: err})
		s.fireEvent(EventPersistence, persistFailed, nil)
		return err
	}
	s.fireEvent(EventPersistence, persistEnded, nil)
	return nil
}

// killRewrite ends a rewrite that is under way.
func (a *appendOnly) killRewrite() {
	if !a.rewrite.running {
		return
	}
	pid := a.s.child.pid
	a.s.log.Notice("Killing running AOF rewrite child: %d", pid)
	job := a.s.child.job
	a.s.dropChild(syscall.SIGUSR1)
	if job.Pid() == 0 {
		job.Await(time.Second) // the next writer in this process has the same names for its files
	}
	a.w.Release(false)
	a.removeTemp(pid)
	a.rewrite.running = false
	a.rewrite.began = time.Time{}
}
