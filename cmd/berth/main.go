// Command berth is the server: it takes what redis-server takes.
package main

import (
	"log/slog"
	"os"

	"berth/capi"
	"berth/capi/inspect"
	"berth/host"
	"berth/host/config"
	"berth/internal/rlog"
	"berth/persistence/check"
	"berth/persistence/snapshot"
)

func main() { os.Exit(run()) }

func run() int {
	if status, ok := snapshot.RunWriter(); ok {
		return status
	}
	if len(os.Args) > 1 && os.Args[1] == "inspect" {
		return inspect.Command(os.Args[2:], os.Stdout, os.Stderr)
	}
	if len(os.Args) > 1 && os.Args[1] == "check" {
		return check.Command(os.Args[2:], os.Stdout, os.Stderr)
	}
	p, code, exit := config.Boot(host.Version, host.PrepareConfig)
	if exit {
		return code
	}
	fail := func(err error) int {
		p.Log.Log(rlog.LevelWarning, err.Error())
		return 1
	}
	srv, err := host.New(host.Options{
		Config:  p.Config,
		Runtime: capi.New(),
		Logger:  slog.New(p.Log),
		OnReady: p.Ready,
	})
	if err != nil {
		return fail(err)
	}
	if err := srv.OwnProcess(); err != nil {
		return fail(err)
	}
	p.Started()
	srv.HandleSignals()
	if err := srv.Serve(); err != nil {
		return fail(err)
	}
	return 0
}
