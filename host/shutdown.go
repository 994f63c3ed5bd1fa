package host

import (
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

type shutdownState struct {
	signals chan os.Signal
	pending atomic.Int32 // the signal that asked for it, 0 for none
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
				os.Exit(1)
			}
			s.exit.pending.Store(n)
			if sig == syscall.SIGINT {
				s.log.Warn("Received SIGINT scheduling shutdown...")
			} else {
				s.log.Warn("Received SIGTERM scheduling shutdown...")
			}
			s.loop.Post(s.handleShutdownSignal)
		}
	}()
}

func (s *Server) shutdownSignal() bool { return s.exit.pending.Load() != 0 }

func (s *Server) handleShutdownSignal() {
	if s.exit.done {
		return
	}
	s.shutdown()
}

// shutdown ends the server in order. It returns false when it cannot.
func (s *Server) shutdown() bool {
	s.log.Notice("User requested shutdown...")
	s.fireEvent(EventShutdown, 0, nil)
	s.cfg.RemovePidFile()
	s.shutdownAOF(true)
	s.aof.closed()
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
