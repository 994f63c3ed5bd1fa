package host

import (
	"fmt"
	"os"

	"berth/host/config"
)

// OwnsProcess reports whether [Server.OwnProcess] was called: the process ends
// with the server.
func (s *Server) OwnsProcess() bool { return s.ownsProcess }

// OwnProcess has the server govern its process: the limit of open files follows
// maxclients, the OOM score oom-score-adj, and the title proc-title-template. It is for programs that
// are a server, and is called before Serve; a program that embeds one keeps its process to itself.
// The error is a line to log before exiting.
func (s *Server) OwnProcess() error {
	s.ownsProcess = true
	c := s.cfg
	c.OnChange(func() error {
		asked := c.MaxClients
		if err := c.AdjustOpenFiles(); err != nil {
			return err
		}
		if c.MaxClients != asked {
			return fmt.Errorf("The operating system is not able to handle the specified number of clients, try with %d", c.MaxClients)
		}
		return nil
	}, "maxclients")
	score := &config.OOMScore{}
	adjust := func() error {
		class := config.OOMMaster
		if c.MasterHost != "" {
			class = config.OOMReplica
		}
		return score.Apply(c, class)
	}
	c.OnChange(adjust, "oom-score-adj", "oom-score-adj-values")
	argv0 := os.Args[0]
	title := func() error {
		if c.SetProcTitle {
			config.SetProcTitle(c.ProcTitle(argv0))
		}
		return nil
	}
	c.OnChange(title, "proc-title-template")

	if err := c.AdjustOpenFiles(); err != nil {
		return err
	}
	if err := config.DisableHugePages(c.DisableTHP); err != nil {
		s.log.Warn("WARNING " + err.Error())
	}
	_ = adjust() // Redis goes on without; the log says why
	return title()
}
