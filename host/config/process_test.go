package config

import (
	"bytes"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestMain lets the test binary stand in for the server in a process of its own.
func TestMain(m *testing.M) {
	switch os.Getenv("CONFIG_TEST_PROCESS") {
	case "title":
		os.Exit(titleProcess())
	case "boot":
		os.Exit(bootProcess())
	case "limits":
		os.Exit(limitsProcess())
	case "daemon":
		os.Exit(daemonProcess())
	}
	os.Exit(m.Run())
}

func process(t *testing.T, kind, dir, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), "CONFIG_TEST_PROCESS="+kind, "KEPT=value")
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.Output()
	require.NoError(t, err)
	return string(out)
}

func titleProcess() int {
	args := strings.Join(os.Args[1:], " ")
	long := strings.Repeat("t", 10000)
	if !SetProcTitle(long) {
		return 1
	}
	cut, _ := os.ReadFile("/proc/self/cmdline")
	if !SetProcTitle("berth *:6379") {
		return 2
	}
	shown, _ := os.ReadFile("/proc/self/cmdline")
	if n := len(bytes.TrimRight(cut, "\x00")); n < len(args) || n > len(long) {
		return 3
	}
	shown = bytes.TrimRight(shown, "\x00")
	_, _ = os.Stdout.WriteString(string(shown) + "|" + strings.Join(os.Args[1:], " ") + "|" + os.Getenv("KEPT"))
	return 0
}

func TestProcTitleIsShown(t *testing.T) {
	require.Equal(t, "berth *:6379|a b|value", process(t, "title", "", "", "a", "b"))
}

func daemonProcess() int {
	l := NewLaunch()
	c := New()
	if err := c.LoadArgs(os.Args[1:], l.Stdin()); err != nil {
		return 1
	}
	if c.Daemonize && !l.Detached {
		if err := l.Daemonize(); err != nil {
			return 2
		}
		return 0
	}
	if !c.CreatePidFile(true) {
		return 3
	}
	sid, _, _ := syscall.Syscall(syscall.SYS_GETSID, 0, 0, 0)
	dir, _ := os.Getwd()
	in, _ := os.Readlink("/proc/self/fd/1")
	text := strings.Join([]string{
		strconv.FormatBool(int(sid) == os.Getpid()), dir, in, strconv.Itoa(c.MaxClients), os.Getenv(detachedEnv), "",
	}, "\n")
	_ = os.WriteFile("report.tmp", []byte(text), 0o600)
	_ = os.Rename("report.tmp", "report")
	return 0
}

func TestDaemonize(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "data"), 0o700))
	started := time.Now()
	out := process(t, "daemon", dir, "maxclients 77\n", "--daemonize", "yes", "--dir", "data", "--pidfile", "p", "-")
	require.Empty(t, out)
	var report []byte
	for time.Since(started) < 5*time.Second {
		if report, err = os.ReadFile(filepath.Join(dir, "data", "report")); err == nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	require.Equal(t, "true\n"+dir+"/data\n/dev/null\n77\n\n", string(report))
	pid, err := os.ReadFile(filepath.Join(dir, "data", "p"))
	require.NoError(t, err)
	require.Regexp(t, `^[1-9]\d*\n$`, string(pid))
}

func limitsProcess() int {
	c := New()
	c.MaxClients = 1 << 40
	c.Log = func(_ slog.Level, text string) { _, _ = os.Stdout.WriteString(text + "\n") }
	if c.AdjustOpenFiles() != nil || c.MaxClients >= 1<<40 {
		return 1
	}
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil || int(limit.Cur) != c.MaxClients+reservedFDs {
		return 2
	}
	score := func() string {
		text, _ := os.ReadFile(oomScoreFile)
		return strings.TrimSpace(string(text))
	}
	var o OOMScore
	before := score()
	base, _ := strconv.Atoi(before)
	if o.Apply(c, OOMChild) != nil || score() != before {
		return 3 // off: nothing happens
	}
	c.OOMScoreAdj, c.OOMScoreAdjValues = OOMScoreAdjRelative, [3]int{0, 5, 2000}
	if o.Apply(c, OOMReplica) != nil || score() != strconv.Itoa(min(base+5, 1000)) {
		return 4
	}
	if o.Apply(c, OOMChild) != nil || score() != "1000" {
		return 5
	}
	c.OOMScoreAdj = OOMScoreAdjNo
	if o.Apply(c, OOMMaster) != nil || score() != before {
		return 6
	}
	return 0
}

func TestLimits(t *testing.T) {
	out := process(t, "limits", "", "")
	require.Regexp(t, `^You requested maxclients of 1099511627776 requiring at least 1099511627808 max file descriptors\.
Server can't set maximum open files to 1099511627808 because of OS error: Operation not permitted\.
Current maximum open files is \d+\. maxclients has been reduced to \d+ to compensate for low ulimit\. If you need higher maxclients increase 'ulimit -n'\.
$`, out)
}

func TestPidFile(t *testing.T) {
	c := New()
	require.False(t, c.CreatePidFile(false))
	var log []string
	c.Log = func(_ slog.Level, text string) { log = append(log, text) }
	c.PidFile = filepath.Join(t.TempDir(), "pid")
	require.True(t, c.CreatePidFile(false))
	text, err := os.ReadFile(c.PidFile)
	require.NoError(t, err)
	require.Equal(t, strconv.Itoa(os.Getpid())+"\n", string(text))
	c.RemovePidFile()
	require.NoFileExists(t, c.PidFile)
	c.PidFile = "/nonexistent/pid"
	require.False(t, c.CreatePidFile(true))
	require.Equal(t, []string{"Removing the pid file.", "Failed to write PID file: No such file or directory"}, log)
}

func TestSupervise(t *testing.T) {
	t.Setenv("UPSTART_JOB", "")
	t.Setenv("NOTIFY_SOCKET", "")
	c := New()
	var log []string
	c.Log = func(_ slog.Level, text string) { log = append(log, text) }
	require.Equal(t, SupervisedNo, c.Supervise())
	c.Supervised = SupervisedUpstart
	require.Equal(t, SupervisedNo, c.Supervise())
	require.Equal(t, []string{"upstart supervision requested, but UPSTART_JOB not found!"}, log)

	path := filepath.Join(t.TempDir(), "n")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	t.Setenv("NOTIFY_SOCKET", path)
	c.Supervised = SupervisedAuto
	require.Equal(t, SupervisedSystemd, c.Supervise())
	require.NoError(t, SystemdNotify("READY=1\n"))
	buf := make([]byte, 100)
	for _, want := range []string{"STATUS=berth is loading...\n", "READY=1\n"} {
		n, err := conn.Read(buf)
		require.NoError(t, err)
		require.Equal(t, want, string(buf[:n]))
	}
}

func TestRunSpecial(t *testing.T) {
	for _, x := range []struct {
		args     []string
		code     int
		done     bool
		out, err string
	}{
		{[]string{"--version", "x"}, 0, true, "^Redis server v=8.0.2 sha=[0-9a-f]{8}:[01] malloc=berth bits=64 build=[0-9a-f]{16} berth=1.2.3\n$", "^$"},
		{[]string{"-h"}, 1, true, "^$", "^Usage: ./berth "},
		{[]string{"--test-memory"}, 1, true, "^$", "^Please specify the amount of memory"},
		{[]string{"--test-memory", "5"}, 1, true, "^$", "^berth has no memory test"},
		{[]string{"--check-system"}, 1, true, "^$", "^berth has no system check"},
		{[]string{"x.conf", "--version"}, 0, false, "^$", "^$"},
		{nil, 0, false, "^$", "^$"},
	} {
		var out, err bytes.Buffer
		code, done := RunSpecial(x.args, "1.2.3", &out, &err)
		require.Equal(t, x.code, code)
		require.Equal(t, x.done, done)
		require.Regexp(t, x.out, out.String())
		require.Regexp(t, x.err, err.String())
	}
}
