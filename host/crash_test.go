package host

import (
	"bytes"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"berth/host/config"
	"berth/internal/rlog"

	"github.com/stretchr/testify/require"
)

// crashing runs a command in a process of its own, this test binary again, and
// returns what it logged and how it ended.
func crashing(t *testing.T, line string, set ...string) (string, *os.ProcessState) {
	t.Helper()
	if os.Getenv("CRASH_TEST") != "" {
		cfg := config.New()
		cfg.Port = 0
		cfg.EnableDebugCommand = config.ActionYes
		require.NoError(t, cfg.Set(config.SetOptions{}, append(set, "requirepass", "")...))
		s, err := New(Options{Config: cfg, Logger: slog.New(rlog.New(os.Stdout))})
		require.NoError(t, err)
		go func() { _ = s.Serve() }()
		c := (&testServer{s, t}).client()
		c.do("SET secret v")
		c.send(line)
		time.Sleep(10 * time.Second)
		t.Fatal("survived")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$")
	cmd.Env = append(os.Environ(), "CRASH_TEST=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	require.Error(t, cmd.Run())
	return out.String(), cmd.ProcessState
}

func signalled(st *os.ProcessState) syscall.Signal { return st.Sys().(syscall.WaitStatus).Signal() }

// inOrder requires that the parts stand in the text one after the other.
func inOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, p := range parts {
		_, after, ok := strings.Cut(rest, p)
		require.True(t, ok, "%q is not there, or out of order, in\n%s", p, text)
		rest = after
	}
}

const (
	reportStarts = "=== REDIS BUG REPORT START: Cut & paste starting from here ===\n"
	reportEnds   = "=== REDIS BUG REPORT END. Make sure to include from START to END. ===\n"
)

func TestCrashPanic(t *testing.T) {
	out, st := crashing(t, "DEBUG panic secret")
	inOrder(t, out, reportStarts, "# !!! Software Failure. Press left mouse button to continue\n",
		"# Guru Meditation: DEBUG PANIC called at Unix time ", " #cmd_debug.go:", "------ STACK TRACE ------\n", "debugPanic",
		"------ STACK TRACE DONE ------\n", "------ INFO OUTPUT ------\n# Server\r\n", "# Keyspace\r\ndb0:keys=1",
		"------ CLIENT LIST OUTPUT ------\nid=", "------ CURRENT CLIENT INFO ------\nid=", "argc: '3'\nargv[0]: '\"DEBUG\"'\nargv[1]: '\"panic\"'\n",
		"------ EXECUTING CLIENT INFO ------\nid=", "------ MODULES INFO OUTPUT ------\n",
		"------ CONFIG DEBUG OUTPUT ------\n", "list-compress-depth 0\n", reportEnds)
	require.Equal(t, syscall.SIGABRT, signalled(st))
}

func TestCrashPanicExits(t *testing.T) {
	out, st := crashing(t, "DEBUG panic", "use-exit-on-panic", "yes", "crash-log-enabled", "no")
	inOrder(t, out, reportStarts, "Guru Meditation: ", reportEnds)
	require.NotContains(t, out, "STACK TRACE")
	require.Equal(t, 1, st.ExitCode())
}

func TestCrashHidesUserData(t *testing.T) {
	out, _ := crashing(t, "DEBUG panic secret", "hide-user-data-from-log", "yes")
	inOrder(t, out, "CURRENT CLIENT INFO", "argv[0]: '\"DEBUG\"'\nargv[1]: '*redacted*'\nargv[2]: '*redacted*'\n")
	require.NotContains(t, out, "secret")
}

func TestCrashOOM(t *testing.T) {
	out, st := crashing(t, "DEBUG oom")
	inOrder(t, out, "# Out Of Memory allocating 9223372036854775807 bytes!\n", reportStarts,
		"Guru Meditation: Redis aborting for OUT OF MEMORY. Allocating 9223372036854775807 bytes! #", "INFO OUTPUT", reportEnds)
	require.Equal(t, syscall.SIGABRT, signalled(st))
}

func TestCrashAssert(t *testing.T) {
	out, st := crashing(t, "DEBUG assert key")
	inOrder(t, out, reportStarts, "# === ASSERTION FAILED CLIENT CONTEXT ===\n", "# client->argc = 3\n", "# client->argv[2] = \"key\"",
		"ASSERTION FAILED ===\n", "# ==> cmd_debug.go:", " '1 == 2' is not true\n", "------ STACK TRACE ------", reportEnds)
	require.Equal(t, syscall.SIGABRT, signalled(st))
}

func TestCrashSegfault(t *testing.T) {
	out, st := crashing(t, "DEBUG segfault")
	inOrder(t, out, reportStarts, "# Redis 8.0.2 crashed by signal: 11, si_code: 2\n", "# Accessing address: 0x",
		"# Crashed running the instruction at: 0x", "------ STACK TRACE ------", "faultNow", "INFO OUTPUT", "argv[1]: '\"segfault\"'", reportEnds)
	require.Equal(t, syscall.SIGSEGV, signalled(st))
}

func TestCrashSegfaultUnlogged(t *testing.T) {
	out, st := crashing(t, "DEBUG segfault", "crash-log-enabled", "no")
	require.NotContains(t, out, "BUG REPORT")
	require.Equal(t, syscall.SIGSEGV, signalled(st))
}

// logBuffer is a log that tests may read at any time.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A loop that does not come round is noticed once, with what it is doing.
func TestWatchdog(t *testing.T) {
	var log logBuffer
	cfg := config.New()
	cfg.Port = 0
	cfg.EnableDebugCommand = config.ActionYes
	s, err := New(Options{Config: cfg, Logger: slog.New(rlog.New(&log))})
	require.NoError(t, err)
	go func() { _ = s.Serve() }()
	t.Cleanup(func() { _ = s.Close() })
	c := (&testServer{s, t}).client()
	c.do("CONFIG SET watchdog-period 1")
	require.Equal(t, "*2\r\n$15\r\nwatchdog-period\r\n$3\r\n200\r\n", c.do("CONFIG GET watchdog-period"))
	c.do("DEBUG sleep 1.2")
	inOrder(t, log.String(), ":signal-handler (", "\n--- WATCHDOG TIMER EXPIRED ---\n", "debugSleep", "STACK TRACE DONE", ") --------\n")
	require.Equal(t, 1, strings.Count(log.String(), "EXPIRED"))
	c.do("CONFIG SET watchdog-period 0")
	c.do("DEBUG sleep 0.5")
	require.Equal(t, 1, strings.Count(log.String(), "EXPIRED"))
}
