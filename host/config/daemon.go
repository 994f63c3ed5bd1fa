package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"berth/internal/errtext"
	"berth/internal/rlog"
)

// detachedEnv marks the process that a daemonizing server started in its place.
const detachedEnv = "BERTH_DETACHED"

// defaultPidFile is used by a daemon without a pidfile.
const defaultPidFile = "/var/run/redis.pid"

// Launch is how this process was started, taken before anything could change it.
type Launch struct {
	args  []string
	dir   string
	stdin bytes.Buffer
	// Detached is true in the process that daemonizing started.
	Detached bool
}

// NewLaunch looks at the process. Call it first thing in main.
func NewLaunch() *Launch {
	l := &Launch{args: os.Args, Detached: os.Getenv(detachedEnv) != ""}
	l.dir, _ = osGetwd()
	_ = os.Unsetenv(detachedEnv)
	return l
}

// Stdin is the standard input for LoadArgs. What is read through it is kept for the daemon.
func (l *Launch) Stdin() io.Reader { return io.TeeReader(os.Stdin, &l.stdin) }

// Daemonize starts the server again, detached: in a session of its own, without terminal, in the
// directory and with the arguments and the standard input of this process, which must then
// exit with status 0. Go cannot fork, so the daemon reads the configuration once more. It has
// a new pid, which is the one in the pidfile.
func (l *Launch) Daemonize() error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { _ = null.Close() }()
	in := null
	if l.stdin.Len() > 0 {
		if in, err = l.spool(); err != nil {
			return err
		}
		defer func() { _ = in.Close() }()
	}
	p, err := os.StartProcess("/proc/self/exe", l.args, &os.ProcAttr{
		Dir:   l.dir,
		Env:   append(os.Environ(), detachedEnv+"=1"),
		Files: []*os.File{in, null, null},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return fmt.Errorf("can't daemonize: %w", err)
	}
	return p.Release()
}

// spool puts the standard input that was read into a file without a name: a pipe would
// block when the text is long.
func (l *Launch) spool() (*os.File, error) {
	f, err := os.CreateTemp("", "berth-stdin-*")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name())
	if _, err = f.Write(l.stdin.Bytes()); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// CreatePidFile writes the pidfile if there is one to write: configured, or because the process is
// a daemon. It reports whether it did.
func (c *Config) CreatePidFile(daemon bool) bool {
	if c.PidFile == "" {
		if !daemon {
			return false
		}
		c.PidFile = defaultPidFile
	}
	text := strconv.Itoa(os.Getpid()) + "\n"
	if err := os.WriteFile(c.PidFile, []byte(text), 0o666); err != nil {
		c.log(rlog.LevelNotice, "Failed to write PID file: "+errtext.Of(err))
		return false
	}
	c.ownsPidFile = true
	return true
}

// RemovePidFile removes the pidfile that CreatePidFile wrote. The server calls it when it ends in
// good order.
func (c *Config) RemovePidFile() {
	if !c.ownsPidFile {
		return
	}
	c.ownsPidFile = false
	c.log(rlog.LevelNotice, "Removing the pid file.")
	_ = os.Remove(c.PidFile)
}

// Supervise resolves `supervised`, tells the supervisor that the server is starting, and returns
// who it is: SupervisedSystemd, SupervisedUpstart or SupervisedNo. A supervised server does
// not daemonize.
func (c *Config) Supervise() int {
	mode := c.Supervised
	if mode == SupervisedAuto {
		switch {
		case os.Getenv("UPSTART_JOB") != "":
			mode = SupervisedUpstart
		case os.Getenv("NOTIFY_SOCKET") != "":
			mode = SupervisedSystemd
		default:
			mode = SupervisedNo
		}
	}
	switch mode {
	case SupervisedUpstart:
		if os.Getenv("UPSTART_JOB") == "" {
			c.log(rlog.LevelWarning, "upstart supervision requested, but UPSTART_JOB not found!")
			return SupervisedNo
		}
		c.log(rlog.LevelNotice, "supervised by upstart, will stop to signal readiness.")
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		_ = os.Unsetenv("UPSTART_JOB")
	case SupervisedSystemd:
		c.log(rlog.LevelNotice, "Supervised by systemd. Please make sure you set appropriate values for TimeoutStartSec and "+
			"TimeoutStopSec in your service unit.")
		if err := SystemdNotify("STATUS=berth is loading...\n"); err != nil {
			c.log(rlog.LevelWarning, "systemd supervision requested or auto-detected, but "+err.Error())
			return SupervisedNo
		}
	}
	return mode
}

// SystemdNotify sends lines such as `READY=1` to the service manager.
func SystemdNotify(state string) error {
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return errors.New("NOTIFY_SOCKET not found!")
	}
	if strings.HasPrefix(name, "@") {
		name = "\x00" + name[1:]
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_, err = conn.Write([]byte(state))
	return err
}
