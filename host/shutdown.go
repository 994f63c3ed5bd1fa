package host

import (
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"berth/host/config"
	"berth/persistence/snapshot"
)

type shutdownState struct {
	signals chan os.Signal
	pending atomic.Int32 // the signal that asked for it, 0 for none
	loading atomic.Bool  // for the goroutine that handles signals
	done    bool
}

// HandleSignals has SIGTERM and SIGINT shut the server down in order. It is
// for programs that are a server; a program that embeds one keeps its own
// handling. A second SIGINT ends the process at once, as in Redis.
func (s *Server) HandleSignals() {
	s.exit.signals = make(chan os.Signal, 4)
	signal.Ignore(syscall.SIGHUP, syscall.SIGPIPE)
	signal.Notify(s.exit.signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGALRM)
	go func() {
		for sig := range s.exit.signals {
			if sig == syscall.SIGALRM {
				s.logStalled("\nReceived SIGALRM")
				continue
			}
			n := int32(sig.(syscall.Signal))
			if s.exit.pending.Load() != 0 && sig == syscall.SIGINT {
				s.log.Warn("You insist... exiting now.")
				os.Exit(1)
			}
			s.exit.pending.Store(n)
			switch {
			case s.exit.loading.Load():
				s.log.Warn("Received shutdown signal during loading, scheduling shutdown.")
			case sig == syscall.SIGINT:
				s.log.Warn("Received SIGINT scheduling shutdown...")
			default:
				s.log.Warn("Received SIGTERM scheduling shutdown...")
			}
			s.loop.Post(s.handleShutdownSignal)
		}
	}()
}

func (s *Server) shutdownSignal() bool { return s.exit.pending.Load() != 0 }

func (s *Server) handleShutdownSignal() {
	sig := syscall.Signal(s.exit.pending.Load())
	if s.exit.done || sig == 0 {
		return
	}
	how := s.cfg.ShutdownOnSigterm
	if sig == syscall.SIGINT {
		how = s.cfg.ShutdownOnSigint
	}
	if !s.shutdown(shutdownOptions{
		save: how&config.ShutdownSave != 0, noSave: how&config.ShutdownNoSave != 0,
		now: how&config.ShutdownNow != 0, force: how&config.ShutdownForce != 0,
	}) && s.loading {
		s.log.Warn("SIGTERM received but errors trying to shut down the server, check the logs for more information")
	}
	s.exit.pending.Store(0)
}

// shutdown ends the server in order. It returns false when that would lose data.
func (s *Server) shutdown(o shutdownOptions) bool {
	if s.loading {
		// What is there is not yet what is on disk.
		o.save, o.noSave = false, true
	}
	s.log.Notice("User requested shutdown...")
	if !s.finishShutdown(o) {
		s.log.Warn("Errors trying to shut down the server. Check the logs for more information.")
		return false
	}
	s.fireEvent(EventShutdown, 0, nil)
	s.cfg.RemovePidFile()
	s.flushWrites()
	if s.cfg.UnixSocket != "" {
		s.log.Notice("Removing the unix socket file.")
	}
	s.closeListeners()
	s.log.Warn("Redis is now ready to exit, bye bye...")
	s.exit.done = true
	s.loop.Stop()
	return true
}

// finishShutdown ends what is going on in the background and brings the data to the disk.
func (s *Server) finishShutdown(o shutdownOptions) bool {
	switch s.child.kind {
	case childRDB:
		s.log.Warn("There is a child saving an .rdb. Killing it!")
		temp := snapshot.TempName(s.rdbSpec().Temp, s.child.pid)
		s.killSave()
		s.dropChild(syscall.SIGUSR1)
		_ = os.Remove(temp)
	case childModule:
		s.log.Warn("There is a module fork child. Killing it!")
		s.KillModuleFork(s.child.pid)
	}
	if !s.shutdownAOF(o.force) {
		return false
	}
	if len(s.cfg.Save) > 0 && !o.noSave || o.save {
		s.log.Notice("Saving the final RDB snapshot before exiting.")
		_ = config.SystemdNotify("STATUS=Saving the final RDB snapshot\n")
		if !s.saveRDB() {
			if !o.force {
				s.log.Warn("Error trying to save the DB, can't exit.")
				_ = config.SystemdNotify("STATUS=Error trying to save the DB, can't exit.\n")
				return false
			}
			s.log.Warn("Error trying to save the DB. Exit anyway.")
		}
	}
	s.aof.closed()
	return true
}
