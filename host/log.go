package host

import (
	"context"
	"fmt"
	"log/slog"

	"berth/internal/rlog"
)

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

// Raw writes text at level warning without a line's head and end, if the
// handler can.
func (g Log) Raw(text string) {
	if h, ok := g.l.Handler().(interface{ Raw(slog.Level, string) }); ok {
		h.Raw(rlog.LevelWarning, text)
		return
	}
	g.Warn("%s", text)
}

// Debug logs at level debug.
func (g Log) Debug(text string, args ...any) { g.at(rlog.LevelDebug, text, args) }

// Verbose logs at level verbose.
func (g Log) Verbose(text string, args ...any) { g.at(rlog.LevelVerbose, text, args) }

// Notice logs at level notice.
func (g Log) Notice(text string, args ...any) { g.at(rlog.LevelNotice, text, args) }

// Warn logs at level warning.
func (g Log) Warn(text string, args ...any) { g.at(rlog.LevelWarning, text, args) }
