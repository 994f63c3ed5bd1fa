package host

import (
	"strconv"
	"time"

	"berth/host/command"
)

func (s *Server) registerPersistence() {
	s.commands.Register("bgrewriteaof", s.cmdBGRewriteAOF)
}

// loadData loads what is on the disk, and gets ready to keep what changes.
func (s *Server) loadData() error {
	a := &s.aof
	if !s.cfg.AppendOnly {
		return nil
	}
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
