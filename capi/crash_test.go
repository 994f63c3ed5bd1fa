package capi_test

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// crash runs a command of a module in a process of its own, this test binary
// again, and returns what it printed and how it ended.
func crash(t *testing.T, body string) (string, *os.ProcessState) {
	t.Helper()
	if so := os.Getenv("CRASH_MODULE"); so != "" {
		s := start(t)
		s.load(so)
		s.dial().do("crashing.do", "argument")
		t.Log("survived")
		t.FailNow()
	}
	so := compile(t, withCommand("crashing", "", body))
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "CRASH_MODULE="+so, "GOTRACEBACK=none")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	require.Error(t, cmd.Run())
	return out.String(), cmd.ProcessState
}

func requireReport(t *testing.T, out string, lines ...string) {
	t.Helper()
	require.Equal(t, 1, strings.Count(out, "=== REDIS BUG REPORT START: Cut & paste starting from here ==="), "%s", out)
	for _, l := range append(lines, "=== REDIS BUG REPORT END. Make sure to include from START to END. ===") {
		require.Regexp(t, regexp.MustCompile(l), out)
	}
}

func TestCrashReport(t *testing.T) {
	out, st := crash(t, `*(volatile int *)0x1234 = 1;`)
	requireReport(t, out,
		`# Redis 8\.0\.2 crashed by signal: 11, si_code: 1`,
		`# Accessing address: 0x1234`,
		`# Crashed running the instruction at: 0x[0-9a-f]+`,
		`# Module: crashing \(.*/module\.so\)`,
		`# Command: crashing\.do`,
		`------ STACK TRACE ------\n.*module\.so\(\+0x[0-9a-f]+\)\[0x[0-9a-f]+\] \(module crashing\)`,
		`module:name=crashing,ver=1,api=1,`,
		`------ INFO OUTPUT ------\n# Server`)
	require.Equal(t, syscall.SIGSEGV, st.Sys().(syscall.WaitStatus).Signal())
}

func TestCrashReportOfNullCall(t *testing.T) {
	out, _ := crash(t, `void (*volatile f)(void) = 0; f(); if (argc == 99) f();`)
	requireReport(t, out,
		`# Crashed running the instruction at: \(nil\)`,
		`# Module: crashing`,
		`------ STACK TRACE ------\n.*module\.so\(\+0x[0-9a-f]+\)`)
}

func TestCrashReportOfAbort(t *testing.T) {
	out, st := crash(t, `extern void abort(void); abort();`)
	requireReport(t, out, `crashed by signal: 6`, `# Module: crashing`, `------ INFO OUTPUT ------`)
	require.Equal(t, syscall.SIGABRT, st.Sys().(syscall.WaitStatus).Signal())
}

func TestCrashReportOfAssertion(t *testing.T) {
	out, _ := crash(t, `RedisModule_Assert(argc == 17);`)
	requireReport(t, out, `=== ASSERTION FAILED ===`, `==> .*module\.c:\d+ 'argc == 17' is not true`)
}

func TestCrashReportOfStackOverflow(t *testing.T) {
	out, _ := crash(t, `volatile char room[1 << 16]; room[argc] = 1; x(ctx, argv, argc); room[0] = 2;`)
	requireReport(t, out, `crashed by signal: 11`)
}

func TestCrashInsideTheReport(t *testing.T) {
	out, _ := crash(t, `
    void info(RedisModuleInfoCtx *i, int crash) { (void)i; if (crash) *(volatile int *)0 = 1; }
    RedisModule_RegisterInfoFunc(ctx, info);
    *(volatile int *)0x10 = 1;`)
	requireReport(t, out, `Crashed running signal handler\. Providing reduced version of recursive crash report`)
}

// A fault of Go code stays Go's: it panics.
func TestGoFaultsAreLeftAlone(t *testing.T) {
	start(t)
	require.Panics(t, func() {
		var p *int
		*p = 1
	})
}
