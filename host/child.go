package host

import (
	"errors"
	"os"
	"strconv"
	"syscall"
	"time"

	"berth/host/config"
	"berth/persistence/aof"
	"berth/persistence/rdb"
	"berth/persistence/snapshot"
)

// childKind is what a server does in the background with the data set of one instant.
type childKind uint8

const (
	noChild childKind = iota
	childRDB
	childAOF
	childModule // a module's fork
)

// errChildActive: there is one such work at a time.
var errChildActive = errors.New("a child process is active")

// child is that work, and the process that stands for it.
type child struct {
	kind  childKind
	job   *snapshot.Job
	pid   int
	began time.Time
	ended func(r snapshot.Result)
	// modules is the process that saves what is of modules, 0 for none.
	modules int
	// Of a module's fork.
	forkEnded func(status, signal int)
	progress  func() float64

	// Of all of them.
	forks     int64
	forkMicro int64 // of the last one's start
}

// hasChild reports whether there is such work.
func (s *Server) hasChild() bool { return s.child.kind != noChild }

// childStep is how long the loop encodes keys for a snapshot in one turn.
const childStep = 500 * time.Microsecond

// startChild has the data set of this instant written as spec says, which it completes with what all writers have in
// common. ended is called on the loop when that is over, and hasChild is false by then. The pid is the writer's.
func (s *Server) startChild(kind childKind, enc snapshot.Encoder, spec snapshot.Spec, ended func(r snapshot.Result)) (pid int, err error) {
	if s.hasChild() {
		return 0, errChildActive
	}
	start := time.Now()
	s.fillSpec(&spec)
	spec.CPUs = s.cfg.BGSaveCPUList
	if kind == childAOF {
		spec.CPUs = s.cfg.AOFRewriteCPUList
	}
	extra, modules, err := s.forkModules(enc)
	if err != nil {
		return 0, err
	}
	var job *snapshot.Job
	job, err = snapshot.Start(snapshot.Options{
		Keyspace: s.ks, Encoder: enc, Writer: spec, Process: s.ownsProcess, Extra: extra, Wake: s.loop.Wake,
		Done: func(r snapshot.Result) { s.loop.Post(func() { s.childEnded(job, r) }) },
	})
	if err != nil {
		if modules != 0 {
			_ = syscall.Kill(modules, syscall.SIGKILL)
		}
		return 0, err
	}
	s.child.modules = modules
	s.child.kind, s.child.job, s.child.ended, s.child.began = kind, job, ended, start
	if s.child.pid = job.Pid(); s.child.pid == 0 {
		s.child.pid = os.Getpid()
	}
	s.childBorn(time.Since(start))
	return s.child.pid, nil
}

// fillSpec adds what does not depend on the kind of file.
func (s *Server) fillSpec(spec *snapshot.Spec) {
	c := s.cfg
	spec.Compression, spec.Checksum = c.RDBCompression, c.RDBChecksum
	spec.KeyDelay = c.RDBKeySaveDelay
	spec.LogFile, spec.LogLevel = c.LogFile, c.LogLevel
	if c.OOMScoreAdj != config.OOMScoreAdjNo {
		spec.OOMScore = strconv.Itoa(c.OOMScoreAdjValues[config.OOMChild])
	}
}

// childBorn tells everybody of a child that was just made.
func (s *Server) childBorn(took time.Duration) {
	s.child.forks++
	s.child.forkMicro = took.Microseconds()
	s.addLatencySample("fork", took)
	// Redis lets the notes of use be while a child shares its memory.
	s.ks.Switches.NoTouch = true
	s.fireEvent(EventForkChild, 0, nil)
}

// childGone is the other side of childBorn.
func (s *Server) childGone() {
	s.child.kind, s.child.job, s.child.pid, s.child.ended = noChild, nil, 0, nil
	s.child.modules, s.child.forkEnded, s.child.progress = 0, nil, nil
	s.ks.Switches.NoTouch = false
	s.fireEvent(EventForkChild, 1, nil)
}

// childEnded is called when a job's writer has ended.
func (s *Server) childEnded(job *snapshot.Job, r snapshot.Result) {
	ended := s.child.ended
	if job != s.child.job {
		return // dropped
	}
	job.Abort(0) // the writer may have ended before all was said
	s.childGone()
	ended(r)
}

// killChild ends the work; what that means is told to its ended as ever.
func (s *Server) killChild(sig syscall.Signal) {
	if s.child.job != nil {
		s.child.job.Abort(sig)
		if s.child.modules != 0 {
			_ = syscall.Kill(s.child.modules, sig)
		}
	}
}

// dropChild ends the work at once; its ended is not called.
func (s *Server) dropChild(sig syscall.Signal) {
	if job := s.child.job; job != nil {
		s.killChild(sig)
		s.childGone()
	}
}

// endChild ends whatever goes on in the background, and waits for it: the server goes away.
func (s *Server) endChild() {
	if job := s.child.job; job != nil {
		s.dropChild(syscall.SIGUSR1)
		job.Await(time.Second)
	}
	if s.child.kind == childModule {
		s.KillModuleFork(s.child.pid)
	}
}

// stepChild encodes some keys of a snapshot, between commands.
func (s *Server) stepChild() {
	job := s.child.job
	if job == nil || job.Over() {
		return
	}
	if !job.Step(childStep) && !job.Blocked() {
		s.loop.DontWait()
	}
}

// childCOW is what the work in the background costs in memory: at present, and at most so far.
func (s *Server) childCOW() (now, peak int64) {
	if job := s.child.job; job != nil {
		return job.Waiting(), job.Peak
	}
	return 0, 0
}

// logCOW says in the log what a snapshot cost.
func (s *Server) logCOW(purpose string, peak int64) {
	s.log.Notice("Fork CoW for %s: current %d MB, peak %d MB, average %d MB", purpose, 0, peak>>20, peak>>21)
}

// Saver is what a [Runtime] implements whose modules have values and facts of their own to be saved.
type Saver interface {
	// NeedsFork reports whether there is anything of modules to be saved.
	NeedsFork() bool
	// ForkSave forks a process that saves it, as it is at this instant, to the file, which is one for
	// rdb.FileWriter.Splice: what belongs before the keys, then values and what belongs behind the keys.
	ForkSave(use rdb.Use) (*os.File, int, error)
	// ForkRewrite forks a process that says the values in commands, as they are at this instant, to the file, which
	// ends with rdb.EndMark.
	ForkRewrite() (*os.File, int, error)
	// SaveAux returns the records of what types save beside their values, at rdb.AuxBefore or rdb.AuxAfter.
	SaveAux(when int) []byte
	// LoadAux is rdb.Loader.ModuleAux.
	LoadAux(mt rdb.ModuleType, r *rdb.ModuleReader, encver, when int) error
}

// forkModules has what is of modules saved by a process of its own, if there is any.
func (s *Server) forkModules(enc snapshot.Encoder) (from *os.File, pid int, err error) {
	sv, has := s.runtime.(Saver)
	if !has || !sv.NeedsFork() {
		return nil, 0, nil
	}
	switch e := enc.(type) {
	case *snapshot.RDB:
		from, pid, err = sv.ForkSave(e.Use)
		e.Spliced = err == nil
	case *aof.Encoder:
		from, pid, err = sv.ForkRewrite()
		e.Spliced = err == nil
	}
	if pid != 0 && err == nil {
		go reap(pid, nil)
	}
	return from, pid, err
}

// reap waits for a process that C made.
func reap(pid int, ended func(status, signal int)) {
	p, err := os.FindProcess(pid)
	if err != nil {
		return
	}
	st, err := p.Wait()
	if err != nil || ended == nil {
		return
	}
	status, signal := st.ExitCode(), 0
	if ws := st.Sys().(syscall.WaitStatus); ws.Signaled() {
		status, signal = 0, int(ws.Signal())
	} else if status == killedInOrder {
		status, signal = 1, int(syscall.SIGUSR1)
	}
	ended(status, signal)
}

// killedInOrder is the exit status of a child that was told to end.
const killedInOrder = 255

// HasChild reports whether the server, or a module, has a child process at work.
func (s *Server) HasChild() bool { return s.hasChild() }

// ModuleForked takes notice of a process that a module has forked: ended is called on the loop when it has ended,
// progress tells how far it says that it has come.
func (s *Server) ModuleForked(pid int, took time.Duration, ended func(status, signal int), progress func() float64) {
	c := &s.child
	c.kind, c.pid, c.began, c.progress = childModule, pid, time.Now(), progress
	c.forkEnded = ended
	s.log.Verbose("Module fork started pid: %d ", pid)
	s.childBorn(took)
	go reap(pid, func(status, signal int) {
		s.loop.Post(func() { s.moduleForkEnded(pid, status, signal) })
	})
}

func (s *Server) moduleForkEnded(pid, status, signal int) {
	if s.child.kind != childModule || s.child.pid != pid {
		return
	}
	ended := s.child.forkEnded
	s.log.Notice("Module fork exited pid: %d, retcode: %d, bysignal: %d", pid, status, signal)
	ended(status, signal)
	s.childGone()
}

// KillModuleFork ends a process that a module has forked, without a word to the module.
func (s *Server) KillModuleFork(pid int) bool {
	if s.child.kind != childModule || s.child.pid != pid {
		return false
	}
	s.log.Verbose("Killing running module fork child: %d", pid)
	_ = syscall.Kill(pid, syscall.SIGUSR1)
	s.childGone()
	return true
}
