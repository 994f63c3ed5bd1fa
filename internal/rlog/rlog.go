package rlog

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"log/syslog"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Redis's log levels. A Handler drops what is below its own level.
const (
	LevelDebug   = slog.LevelDebug
	LevelVerbose = slog.Level(-2)
	LevelNotice  = slog.LevelInfo
	LevelWarning = slog.LevelError
	// LevelNothing is for SetLevel only: no line is that important.
	LevelNothing = slog.Level(1 << 20)
)

// maxText is how much of one line's text is kept: Redis formats into 1024 bytes
// with a terminating NUL.
const maxText = 1023

// Handler writes records in Redis's format. Use New.
type Handler struct {
	*state
	prefix string
	attrs  string
}

// state is what all handlers derived from one New share.
type state struct {
	level atomic.Int64
	pid   atomic.Int64
	role  atomic.Uint32

	mu     sync.Mutex
	out    io.Writer
	file   string
	buf    []byte
	syslog *sysLogger
}

// New returns a handler that writes to out at level notice, as role C (a
// process that is not yet a server) and with this process's pid. out is written to
// with one Write per line.
func New(out io.Writer) *Handler {
	h := &Handler{state: &state{out: out}}
	h.level.Store(int64(LevelNotice))
	h.pid.Store(int64(os.Getpid()))
	h.role.Store('C')
	return h
}

// SetLevel changes which records are written from now on.
func (h *Handler) SetLevel(l slog.Level) { h.level.Store(int64(l)) }

// SetRole sets the role character: M master, S replica, C child or start-up, X sentinel.
func (h *Handler) SetRole(role byte) { h.role.Store(uint32(role)) }

// SetPID sets the pid that lines show.
func (h *Handler) SetPID(pid int) { h.pid.Store(int64(pid)) }

// SetFile makes lines go to the file of that name, opened for appending at each line; the
// empty name means the writer given to New.
func (h *Handler) SetFile(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.file = name
}

// SetSyslog sends every line to the local syslog daemon as well, under the identity
// ident and the facility of that name (user, local0 … local7).
func (h *Handler) SetSyslog(ident, facility string) error {
	f, ok := facilities[strings.ToLower(facility)]
	if !ok {
		return fmt.Errorf("unknown syslog facility '%s'", facility)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.syslog.close()
	h.syslog = &sysLogger{ident: ident, facility: f}
	return nil
}

// Enabled reports whether a record of that level would be written.
func (h *Handler) Enabled(_ context.Context, l slog.Level) bool {
	return int64(l) >= h.level.Load()
}

// Handle writes one record. Attributes follow the text as ` key=value`; server code puts
// everything into the text, because readers of Redis logs match whole lines.
func (h *Handler) Handle(_ context.Context, r slog.Record) error {
	text := r.Message + h.attrs
	if r.NumAttrs() > 0 {
		var b strings.Builder
		b.WriteString(text)
		r.Attrs(func(a slog.Attr) bool {
			appendAttr(&b, h.prefix, a)
			return true
		})
		text = b.String()
	}
	if len(text) > maxText {
		text = text[:maxText]
	}
	h.line(r.Level, r.Time, text)
	return nil
}

// WithAttrs implements slog.Handler.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var b strings.Builder
	b.WriteString(h.attrs)
	for _, a := range attrs {
		appendAttr(&b, h.prefix, a)
	}
	return &Handler{state: h.state, prefix: h.prefix, attrs: b.String()}
}

// WithGroup implements slog.Handler.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &Handler{state: h.state, prefix: h.prefix + name + ".", attrs: h.attrs}
}

// Logf formats and writes a line if the level is enabled.
func (h *Handler) Logf(l slog.Level, format string, args ...any) {
	if !h.Enabled(context.Background(), l) {
		return
	}
	text := fmt.Sprintf(format, args...)
	if len(text) > maxText {
		text = text[:maxText]
	}
	h.line(l, time.Now(), text)
}

// Log writes a line of any length if the level is enabled.
func (h *Handler) Log(l slog.Level, text string) {
	if h.Enabled(context.Background(), l) {
		h.line(l, time.Now(), text)
	}
}

// Raw writes text to the log as it is, without pid, time and newline: the logo and the
// bug report.
func (h *Handler) Raw(l slog.Level, text string) {
	if !h.Enabled(context.Background(), l) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.buf = append(h.buf[:0], text...)
	h.write(l, text)
}

func (h *Handler) line(l slog.Level, t time.Time, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := strconv.AppendInt(h.buf[:0], h.pid.Load(), 10)
	b = append(b, ':', byte(h.role.Load()), ' ')
	b = t.Local().AppendFormat(b, "02 Jan 2006 15:04:05.000")
	b = append(b, ' ', sign(l), ' ')
	b = append(b, text...)
	h.buf = append(b, '\n')
	h.write(l, text)
}

// write sends h.buf to its file, and text to syslog. h.mu is held.
func (h *Handler) write(l slog.Level, text string) {
	if h.file == "" {
		_, _ = h.out.Write(h.buf)
	} else if f, err := os.OpenFile(h.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666); err == nil {
		_, _ = f.Write(h.buf)
		_ = f.Close()
	} else {
		return
	}
	h.syslog.write(l, text)
	if cap(h.buf) > 1<<16 {
		h.buf = nil
	}
}

func sign(l slog.Level) byte {
	switch {
	case l < LevelVerbose:
		return '.'
	case l < LevelNotice:
		return '-'
	case l < LevelWarning:
		return '*'
	}
	return '#'
}

func appendAttr(b *strings.Builder, prefix string, a slog.Attr) {
	a.Value = a.Value.Resolve()
	if a.Value.Kind() == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, sub := range a.Value.Group() {
			appendAttr(b, prefix, sub)
		}
		return
	}
	if a.Equal(slog.Attr{}) {
		return
	}
	fmt.Fprintf(b, " %s%s=%v", prefix, a.Key, a.Value.Any())
}

var facilities = map[string]syslog.Priority{
	"user":   syslog.LOG_USER,
	"local0": syslog.LOG_LOCAL0,
	"local1": syslog.LOG_LOCAL1,
	"local2": syslog.LOG_LOCAL2,
	"local3": syslog.LOG_LOCAL3,
	"local4": syslog.LOG_LOCAL4,
	"local5": syslog.LOG_LOCAL5,
	"local6": syslog.LOG_LOCAL6,
	"local7": syslog.LOG_LOCAL7,
}

// sysLogger connects to syslog when it first has something to say, and again after a
// failure, so that a daemon that starts later is found.
type sysLogger struct {
	ident    string
	facility syslog.Priority
	w        *syslog.Writer
}

func (s *sysLogger) write(l slog.Level, text string) {
	if s == nil {
		return
	}
	if s.w == nil {
		w, err := syslog.New(s.facility|syslog.LOG_NOTICE, s.ident)
		if err != nil {
			return
		}
		s.w = w
	}
	var err error
	switch {
	case l < LevelVerbose:
		err = s.w.Debug(text)
	case l < LevelNotice:
		err = s.w.Info(text)
	case l < LevelWarning:
		err = s.w.Notice(text)
	default:
		err = s.w.Warning(text)
	}
	if err != nil {
		s.close()
	}
}

func (s *sysLogger) close() {
	if s != nil && s.w != nil {
		_ = s.w.Close()
		s.w = nil
	}
}
