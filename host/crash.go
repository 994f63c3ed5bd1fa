package host

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"berth/internal/argsplit"

	"golang.org/x/sys/unix"
)

// The report of a crash is read by people and matched by programs: its
// headings, and the order of its parts, are Redis's.
const (
	bugReportStart = "\n\n=== REDIS BUG REPORT START: Cut & paste starting from here ===\n"
	bugReportEnd   = "\n=== REDIS BUG REPORT END. Make sure to include from START to END. ===\n\n" +
		"       berth hosts modules written by others: when a module is named above, its authors\n" +
		"       are the first to ask.\n\n"
)

// panicked ends the process because of a state that should not be.
func (s *Server) panicked(text string) {
	s.log.Raw(bugReportStart)
	s.log.Warn("------------------------------------------------")
	s.log.Warn("!!! Software Failure. Press left mouse button to continue")
	s.log.Warn("Guru Meditation: %s #%s", text, caller(2))
	if s.cfg.CrashLogEnabled {
		s.logStack()
		s.log.Raw(string(s.CrashInfo()))
	}
	s.log.Raw(bugReportEnd)
	s.abort()
}

// assertionFailed ends the process because expr does not hold; c is the client
// that was being served.
func (s *Server) assertionFailed(c *Client, expr string) {
	s.log.Raw(bugReportStart)
	s.log.Warn("=== ASSERTION FAILED CLIENT CONTEXT ===")
	s.log.Warn("client->flags = %d", uint64(c.flags))
	s.log.Warn("client->conn = fd=%d", c.fd())
	s.log.Warn("client->argc = %d", len(c.Args))
	for i := range c.Args {
		s.log.Warn("client->argv[%d] = %s (refcount: 1)", i, s.argForLog(c, i))
	}
	s.log.Warn("=== RECURSIVE ASSERTION FAILED ===")
	s.log.Warn("==> %s '%s' is not true", caller(2), expr)
	if s.cfg.CrashLogEnabled {
		s.logStack()
	}
	s.log.Raw(bugReportEnd)
	s.abort()
}

// crashedBy reports a fatal signal that Go code met and dies of it.
func (s *Server) crashedBy(sig syscall.Signal, code int, addr, pc uintptr) {
	if s.cfg.CrashLogEnabled {
		s.log.Raw(bugReportStart)
		s.log.Warn("Redis %s crashed by signal: %d, si_code: %d", RedisVersion, int(sig), code)
		s.log.Warn("Accessing address: %#x", addr)
		s.log.Warn("Crashed running the instruction at: %#x", pc)
		s.logStack()
		s.log.Raw(string(s.CrashInfo()))
		s.log.Raw(bugReportEnd)
	}
	die(sig)
}

// caller is where a function was called, as file:line.
func caller(skip int) string {
	_, file, line, _ := runtime.Caller(skip)
	return fmt.Sprintf("%s:%d", file[strings.LastIndexByte(file, '/')+1:], line)
}

func (s *Server) logStack() {
	s.log.Raw("\n------ STACK TRACE ------\n" + string(debug.Stack()) + "\n------ STACK TRACE DONE ------\n")
}

// abort ends the process after a report: use-exit-on-panic chooses how.
func (s *Server) abort() {
	if s.cfg.UseExitOnPanic {
		os.Exit(1)
	}
	die(syscall.SIGABRT)
}

// die ends the process as the signal does when nobody handles it. Go's own
// handler would print all goroutines, that of package capi a second report.
func die(sig syscall.Signal) {
	var byDefault [4]uintptr // struct sigaction: SIG_DFL, no flags, an empty mask
	_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&byDefault)), 0, 8, 0, 0)
	_ = unix.Kill(os.Getpid(), sig)
	time.Sleep(time.Second) // it may reach another thread first
	os.Exit(128 + int(sig))
}

// argForLog is an argument of a command as the report shows it.
func (s *Server) argForLog(c *Client, i int) string {
	if i > 0 && s.cfg.HideUserDataFromLog || c.isRedacted(i) {
		return "*redacted*"
	}
	return quoteForLog(c.Args[i], 128)
}

// CrashInfo is what a crash report tells of the server: INFO, the clients, what
// is being run, what modules can tell while broken, and the parameters that
// matter. Nothing else may be going on.
func (s *Server) CrashInfo() []byte {
	b := append([]byte("\n------ INFO OUTPUT ------\n"), s.Info([]string{"all"})...)
	b = append(b, "\n------ CLIENT LIST OUTPUT ------\n"...)
	for _, c := range s.clients {
		b = append(c.appendInfo(b), '\n')
	}
	b = s.appendRunning(b, "CURRENT", s.served)
	b = s.appendRunning(b, "EXECUTING", s.current)
	b = append(b, "\n------ MODULES INFO OUTPUT ------\n"...)
	if s.runtime != nil {
		w := infoWriter{b: b}
		w.moduleSections(s.runtime.Info("", true), nil)
		b = w.b
	}
	b = append(b, "\n------ CONFIG DEBUG OUTPUT ------\n"...)
	for _, p := range s.cfg.Get(crashParameters...) {
		b = fmt.Appendf(b, "%s %s\n", p.Name, p.Value)
	}
	return b
}

// appendRunning tells of the client whose command runs.
func (s *Server) appendRunning(b []byte, which string, c *Client) []byte {
	if c == nil {
		return b
	}
	b = fmt.Appendf(b, "\n------ %s CLIENT INFO ------\n", which)
	b = append(c.appendInfo(b), '\n')
	b = fmt.Appendf(b, "argc: '%d'\n", len(c.Args))
	for i, a := range c.Args {
		b = fmt.Appendf(b, "argv[%d]: '%s'\n", i, s.argForLog(c, i))
		if low := strings.ToLower(string(a)); low == "auth" || low == "auth2" {
			b = fmt.Appendf(b, "argv[%d...]: '%s'\n", i+1, "*redacted*")
			break
		}
	}
	if len(c.Args) > 1 {
		if e := c.DB.Find(c.Args[1]); e != nil {
			name := string(argsplit.Quote(nil, c.Args[1]))
			if s.cfg.HideUserDataFromLog {
				name = "*redacted*"
			}
			b = fmt.Appendf(b, "key %s is a %s in database %d\n", name, e.Type(), c.DB.ID())
		}
	}
	return b
}

// crashParameters are those that a report shows: they change how the server
// works inside.
var crashParameters = []string{
	"replica-read-only", "lazyfree-lazy-user-del", "list-compress-depth", "lazyfree-lazy-server-del", "activedefrag",
	"lazyfree-lazy-user-flush", "repl-diskless-sync", "proto-max-bulk-len", "lazyfree-lazy-eviction", "sanitize-dump-payload",
	"slave-read-only", "io-threads", "client-query-buffer-limit", "lazyfree-lazy-expire", "repl-diskless-load",
}

// faultNow makes Go code fault, and the fault known.
func (s *Server) faultNow() {
	page, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		fault, ok := recover().(interface{ Addr() uintptr })
		if !ok {
			return
		}
		const noAccess = 2 // SEGV_ACCERR
		pc, _, _, _ := runtime.Caller(2)
		s.crashedBy(syscall.SIGSEGV, noAccess, fault.Addr(), pc)
	}()
	page[0] = 'x'
}
