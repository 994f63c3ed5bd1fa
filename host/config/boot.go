package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"

	"berth/internal/rlog"
)

// Process is a program that is a server, from reading its arguments to being ready to listen.
type Process struct {
	Config *Config
	// Log is configured by the log parameters and follows them.
	Log *rlog.Handler
	// Daemon is true in the detached process of a server that daemonizes.
	Daemon bool
	// Supervised is who supervises the process: SupervisedNo, SupervisedSystemd or SupervisedUpstart.
	Supervised int

	argv0   string
	noArgs  bool
	version string
}

// Boot does what redis-server does first: special arguments, configuration, log, supervision, daemonizing,
// and the lines of a start. When exit is true the process must end with that code. Everything is
// said by then. prepare, if not nil, sees the Config before anything is read into it, to set its
// checks.
func Boot(berthVersion string, prepare func(*Config)) (p *Process, code int, exit bool) {
	launch := NewLaunch()
	// The title will be written over the words themselves.
	words := make([]string, len(os.Args))
	for i, w := range os.Args {
		words[i] = strings.Clone(w)
	}
	args := words[1:]
	if code, exit := RunSpecial(args, berthVersion, os.Stdout, os.Stderr); exit {
		return nil, code, true
	}
	p = &Process{Config: New(), Log: rlog.New(os.Stdout), argv0: words[0], noArgs: len(args) == 0, version: berthVersion}
	c := p.Config
	c.Log = func(level slog.Level, text string) {
		// What the log parameters said so far holds already.
		p.Log.SetLevel(slog.Level(c.LogLevel))
		p.Log.SetFile(c.LogFile)
		p.Log.Log(level, text)
	}
	if prepare != nil {
		prepare(c)
	}
	if err := c.LoadArgs(args, launch.Stdin()); err != nil {
		var fatal *FatalError
		if errors.As(err, &fatal) {
			_, _ = io.WriteString(os.Stderr, fatal.Text)
		} else {
			_, _ = fmt.Fprintln(os.Stderr, err)
		}
		return nil, 1, true
	}
	if err := c.ConfigureLog(p.Log); err != nil {
		p.Log.Log(rlog.LevelWarning, err.Error())
		return nil, 1, true
	}
	c.Log = p.Log.Log
	p.Supervised = c.Supervise()
	if c.Daemonize && p.Supervised == SupervisedNo && !launch.Detached {
		if err := launch.Daemonize(); err != nil {
			p.Log.Log(rlog.LevelWarning, err.Error())
			return nil, 1, true
		}
		return nil, 0, true
	}
	p.Daemon = launch.Detached
	p.sayStarting()
	if checkLocale(c.LocaleCollate) != nil {
		p.Log.SetRole('M')
		p.Log.Log(rlog.LevelWarning, "Failed to configure LOCALE for invalid locale name.")
		return nil, 1, true
	}
	return p, 0, false
}

func (p *Process) sayStarting() {
	p.Log.Log(rlog.LevelNotice, "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo")
	p.Log.Logf(rlog.LevelNotice, "Redis version=%s, bits=64, commit=00000000, modified=0, pid=%d, just started", RedisVersion, os.Getpid())
	if p.noArgs {
		p.Log.Logf(rlog.LevelWarning, "Warning: no config file specified, using the default config. "+
			"In order to specify a config file use %s /path/to/redis.conf", p.argv0)
	} else {
		p.Log.Log(rlog.LevelNotice, "Configuration loaded")
	}
}

// ConfigureLog makes h follow loglevel, logfile and the syslog parameters.
func (c *Config) ConfigureLog(h *rlog.Handler) error {
	h.SetLevel(slog.Level(c.LogLevel))
	h.SetFile(c.LogFile)
	if c.SyslogEnabled {
		if err := h.SetSyslog(c.SyslogIdent, SyslogFacilityName(c.SyslogFacility)); err != nil {
			return err
		}
	}
	c.OnChange(func() error { h.SetLevel(slog.Level(c.LogLevel)); return nil }, "loglevel")
	return nil
}

// Started is called once the server exists and before it listens: it writes the pidfile, makes log
// lines those of a server (role M, or S for a replica), and says what runs where.
func (p *Process) Started() {
	c := p.Config
	role := byte('M')
	if c.MasterHost != "" {
		role = 'S'
	}
	p.Log.SetRole(role)
	c.CreatePidFile(p.Daemon)
	mode := "standalone"
	if c.ClusterEnabled {
		mode = "cluster"
	}
	port := c.Port
	if port == 0 {
		port = c.TLSPort
	}
	p.Log.Log(rlog.LevelNotice, "monotonic clock: POSIX clock_gettime")
	if c.AlwaysShowLogo || !c.SyslogEnabled && c.LogFile == "" && isTerminal(os.Stdout) {
		p.Log.Raw(rlog.LevelNotice, p.logo(mode, port))
	} else {
		p.Log.Logf(rlog.LevelNotice, "Running mode=%s, port=%d.", mode, port)
	}
	if text, err := os.ReadFile("/proc/sys/net/core/somaxconn"); err == nil {
		if n, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && n > 0 && n < c.TCPBacklog {
			p.Log.Logf(rlog.LevelWarning, "WARNING: The TCP backlog setting of %d cannot be enforced because "+
				"/proc/sys/net/core/somaxconn is set to the lower value of %d.", c.TCPBacklog, n)
		}
	}
}

// Ready tells the supervisor that connections are accepted.
func (p *Process) Ready() {
	if p.Supervised != SupervisedSystemd {
		return
	}
	status := "Ready to accept connections"
	if p.Config.MasterHost != "" {
		status += " in read-only mode. Waiting for MASTER <-> REPLICA sync"
	}
	_ = SystemdNotify("STATUS=" + status + "\nREADY=1\n")
}

// logo is what a person at a terminal sees. Test harnesses look for ` PID: N` in it.
func (p *Process) logo(mode string, port int) string {
	return fmt.Sprintf(`
        |    |    |
       )_)  )_)  )_)       berth %s (Redis %s) 64 bit
      )___))___))___)\
     )____)____)_____)\\   Running in %s mode
   _____|____|____|____\\\__   Port: %d
   \                     /     PID: %d
 ~~~~\~~~~~~~~~~~~~~~~~~/~~~~~~~~~~~~~

`, p.version, RedisVersion, mode, port, os.Getpid())
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
