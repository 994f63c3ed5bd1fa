package host

import (
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"time"
)

// watchdog notices when the loop does not come round (watchdog-period): the
// cron puts the moment off by which it has to be back, a goroutine looks
// whether it has passed.
type watchdog struct {
	due     atomic.Int64 // monotonic time, 0: nothing to notice
	period  atomic.Int64 // 0: off
	running bool
}

// watchdogChanged starts, adjusts or stops the watchdog. A period of less than
// two runs of the cron would see stalls that are none.
func (s *Server) watchdogChanged() error {
	w := &s.watchdog
	if ms := s.cfg.WatchdogPeriod; ms > 0 {
		s.cfg.WatchdogPeriod = max(ms, 1000/s.effectiveHz()*2)
	}
	w.period.Store(int64(s.cfg.WatchdogPeriod) * int64(time.Millisecond))
	s.feedWatchdog()
	if s.cfg.WatchdogPeriod > 0 && !w.running {
		w.running = true
		go s.watchLoop()
	}
	return nil
}

func (s *Server) feedWatchdog() {
	w := &s.watchdog
	if p := w.period.Load(); p > 0 {
		w.due.Store(int64(s.mono()) + p)
	} else {
		w.due.Store(0)
	}
}

func (s *Server) watchLoop() {
	const look = 10 * time.Millisecond
	t := time.NewTicker(look)
	defer t.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-t.C:
		}
		due := s.watchdog.due.Load()
		// Once per stall: only the cron arms it again.
		if due != 0 && int64(s.mono()) > due && s.watchdog.due.CompareAndSwap(due, 0) {
			s.logStalled("\n--- WATCHDOG TIMER EXPIRED ---")
		}
	}
}

// logStalled logs what all goroutines are doing. Safe from any goroutine.
func (s *Server) logStalled(why string) {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	head := fmt.Sprintf("%d:signal-handler (%d) ", os.Getpid(), time.Now().Unix())
	s.log.Raw(head + why + "\n\n------ STACK TRACE ------\n" + string(stacks) + "\n------ STACK TRACE DONE ------\n" + head + "--------\n")
}
