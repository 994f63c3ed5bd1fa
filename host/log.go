package host

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"berth/internal/rlog"
)

// LogBanner writes the lines with which a server's log begins.
func LogBanner(h *rlog.Handler, configured bool) {
	h.Log(rlog.LevelNotice, "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo")
	h.Log(rlog.LevelNotice, fmt.Sprintf("Redis version=%s, bits=64, commit=00000000, modified=0, pid=%d, just started", RedisVersion, os.Getpid()))
	if configured {
		h.Log(rlog.LevelNotice, "Configuration loaded")
	}
}

// Log writes lines at Redis's four levels. The arguments are a format as in
// fmt.Sprintf when there are any.
type Log struct{ l *slog.Logger }

func (g Log) at(level slog.Level, text string, args []any) {
	if !g.l.Enabled(context.Background(), level) {
		return
	}
	if len(args) > 0 {
		text = fmt.Sprintf(text, args...)
	}
	g.l.Log(context.Background(), level, text)
}

// Debug logs at level debug.
func (g Log) Debug(text string, args ...any) { g.at(rlog.LevelDebug, text, args) }

// Verbose logs at level verbose.
func (g Log) Verbose(text string, args ...any) { g.at(rlog.LevelVerbose, text, args) }

// Notice logs at level notice.
func (g Log) Notice(text string, args ...any) { g.at(rlog.LevelNotice, text, args) }

// Warn logs at level warning.
func (g Log) Warn(text string, args ...any) { g.at(rlog.LevelWarning, text, args) }

// Debugging reports whether lines at level debug are written.
func (g Log) Debugging() bool { return g.l.Enabled(context.Background(), rlog.LevelDebug) }
