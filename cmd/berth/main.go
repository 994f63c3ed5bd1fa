// Command berth is the server: it takes what redis-server takes.
package main

import (
	"errors"
	"log/slog"
	"os"

	"berth/capi"
	"berth/host"
	"berth/host/config"
	"berth/internal/rlog"
)

func main() { os.Exit(run()) }

func run() int {
	launch := config.NewLaunch()
	args := os.Args[1:]
	if code, done := config.RunSpecial(args, host.Version, os.Stdout, os.Stderr); done {
		return code
	}
	log := rlog.New(os.Stdout)
	cfg := config.New()
	cfg.Log = func(l slog.Level, text string) { log.Log(l, text) }
	if err := cfg.LoadArgs(args, launch.Stdin()); err != nil {
		var fatal *config.FatalError
		if errors.As(err, &fatal) {
			_, _ = os.Stderr.WriteString(fatal.Text)
		}
		return 1
	}
	if cfg.SyslogEnabled {
		if err := log.SetSyslog(cfg.SyslogIdent, config.SyslogFacilityName(cfg.SyslogFacility)); err != nil {
			log.Log(rlog.LevelWarning, "Can't open syslog: "+err.Error())
		}
	}
	log.SetLevel(slog.Level(cfg.LogLevel))
	log.SetFile(cfg.LogFile)
	supervised := cfg.Supervise()
	daemon := cfg.Daemonize && supervised == config.SupervisedNo
	if daemon && !launch.Detached {
		if err := launch.Daemonize(); err != nil {
			log.Log(rlog.LevelWarning, err.Error())
			return 1
		}
		return 0
	}
	if len(args) == 0 {
		log.Log(rlog.LevelWarning, "Warning: no config file specified, using the default config. In order to specify a config file use "+os.Args[0]+" /path/to/redis.conf")
	}
	host.LogBanner(log, len(args) > 0)
	log.SetRole('M')
	srv, err := host.New(host.Options{
		Config:  cfg,
		Runtime: capi.New(),
		Logger:  slog.New(log),
		OnReady: func() {
			if supervised == config.SupervisedSystemd {
				_ = config.SystemdNotify("STATUS=Ready to accept connections\nREADY=1\n")
			}
		},
	})
	if err != nil {
		log.Log(rlog.LevelWarning, err.Error())
		return 1
	}
	cfg.OnChange(func() error { log.SetLevel(slog.Level(cfg.LogLevel)); return nil }, "loglevel")
	if err := srv.OwnProcess(); err != nil {
		log.Log(rlog.LevelWarning, err.Error())
		return 1
	}
	if cfg.CreatePidFile(daemon) {
		defer cfg.RemovePidFile()
	}
	srv.HandleSignals()
	if err := srv.Serve(); err != nil {
		log.Log(rlog.LevelWarning, err.Error())
		return 1
	}
	return 0
}
