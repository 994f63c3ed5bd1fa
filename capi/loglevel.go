package capi

// #include "capi_internal.h"
import "C"

import (
	"log/slog"

	"berth/internal/rlog"
)

// logLevels are the levels of the servers in this process; loadMu guards them.
var logLevels = map[*Runtime]int{}

// followLogLevel keeps C informed of the level below which every server drops
// lines, so that it need not cross for them.
func (rt *Runtime) followLogLevel() {
	cfg := rt.srv.Config()
	follow := func() error {
		rt.setLogLevel(slog.Level(cfg.LogLevel))
		return nil
	}
	_ = follow()
	cfg.OnChange(follow, "loglevel")
}

func (rt *Runtime) setLogLevel(l slog.Level) {
	level := levelWarning
	switch {
	case l <= rlog.LevelDebug:
		level = levelDebug
	case l <= rlog.LevelVerbose:
		level = levelVerbose
	case l <= rlog.LevelNotice:
		level = levelNotice
	}
	loadMu.Lock()
	defer loadMu.Unlock()
	logLevels[rt] = level
	shareLogLevel()
}

// dropLogLevel forgets a server that ends.
func (rt *Runtime) dropLogLevel() {
	loadMu.Lock()
	defer loadMu.Unlock()
	delete(logLevels, rt)
	shareLogLevel()
}

func shareLogLevel() {
	lowest := levelWarning
	for _, l := range logLevels {
		lowest = min(lowest, l)
	}
	C.rm_state.loglevel = C.int64_t(lowest)
}
