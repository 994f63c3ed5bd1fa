package host

import (
	"strconv"
	"time"

	"berth/host/command"
)

func (s *Server) registerPersistence() {
	s.commands.Register("bgrewriteaof", s.cmdBGRewriteAOF)
}

// loadData loads what is on the disk, and gets ready to keep what changes. The log has what fails.
func (s *Server) loadData() error {
	if s.save.noFiles {
		return nil
	}
	if !s.cfg.AppendOnly {
		return s.loadRDBAtStart()
	}
	s.setAOFRoot()
	err := s.openAOF()
	if err != nil {
		s.fail(err)
	}
	return err
}

// setAOFRoot finds the directory that the append only file's is in: the process's, unless that is somebody else's.
func (s *Server) setAOFRoot() {
	s.aof.files.Root = ""
	if !s.ownsProcess {
		s.aof.files.Root, _ = s.cfg.Getwd()
	}
}

// openAOF loads the append only file, and goes on with it.
func (s *Server) openAOF() error {
	a := &s.aof
	if a.files.Load() != nil {
		return ErrAOF
	}
	if err := s.loadAOFAtStart(); err != nil {
		return err
	}
	if s.exit.done {
		return nil
	}
	if err := s.openAOFAtStart(); err != nil {
		return err
	}
	a.setState(aofOn)
	a.removeHistory()
	return nil
}

// debugAOFFlushSleep: DEBUG AOF-FLUSH-SLEEP microseconds.
func (s *Server) debugAOFFlushSleep(cc *command.Ctx) {
	n, _ := strconv.ParseInt(string(cc.Args[2]), 10, 64)
	s.aof.w.FlushSleep = time.Duration(n) * time.Microsecond
	cc.OK()
}
