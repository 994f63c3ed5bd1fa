package host

import (
	"berth/host/command"
	"berth/host/config"
)

// ConfigChange is the data of EventConfig: the parameters that one CONFIG SET changed.
type ConfigChange struct{ Names []string }

func (s *Server) registerConfig() {
	s.commands.Register("config|get", s.cmdConfigGet)
	s.commands.Register("config|set", s.cmdConfigSet)
	s.commands.Register("config|rewrite", s.cmdConfigRewrite)
	s.commands.Register("config|resetstat", s.cmdConfigResetStat)
	s.commands.Register("config|help", command.Help)
}

func (s *Server) cmdConfigGet(cc *command.Ctx) {
	patterns := make([]string, 0, len(cc.Args)-2)
	for _, a := range cc.Args[2:] {
		patterns = append(patterns, string(a))
	}
	found := s.cfg.Get(patterns...)
	cc.Map(len(found))
	for _, p := range found {
		cc.BulkString(p.Name)
		cc.BulkString(p.Value)
	}
}

func (s *Server) cmdConfigSet(cc *command.Ctx) {
	c := cc.Client.(*Client)
	pairs := make([]string, 0, len(cc.Args)-2)
	for i, a := range cc.Args[2:] {
		pairs = append(pairs, string(a))
		if i%2 == 1 && s.cfg.Sensitive(pairs[i-1]) {
			c.Redact(2 + i)
		}
	}
	err := s.cfg.Set(config.SetOptions{
		Loading:        s.loading,
		AllowProtected: allowed(s.cfg.EnableProtectedConfigs, c),
	}, pairs...)
	switch err {
	case nil:
		s.fireEvent(EventConfig, 0, ConfigChange{s.configNames(pairs)})
		cc.OK()
	case config.ErrLoading:
		cc.Error("LOADING Redis is loading the dataset in memory")
	default:
		cc.Error("ERR " + err.Error())
	}
}

// configNames are the names of the parameters of a CONFIG SET as they are registered.
func (s *Server) configNames(pairs []string) []string {
	var names []string
	for i := 0; i < len(pairs); i += 2 {
		names = append(names, s.cfg.Lookup(pairs[i]).Name)
	}
	return names
}

// allowed judges the value of enable-protected-configs and its like for a client.
func allowed(mode int, c *Client) bool {
	return mode == config.ActionYes || mode == config.ActionLocal && c.local()
}

func (s *Server) cmdConfigRewrite(cc *command.Ctx) {
	if err := s.RewriteConfig(false); err != nil {
		cc.Error("ERR " + err.Error())
		return
	}
	cc.OK()
}

// RewriteConfig brings the configuration file up to date. With forceAll it holds every parameter
// afterwards (DEBUG CONFIG-REWRITE-FORCE-ALL).
func (s *Server) RewriteConfig(forceAll bool) error {
	state := config.RewriteState{ForceAll: forceAll}
	if s.cfg.ACLFile == "" {
		state.Users = s.acl.Lines()
	}
	if s.runtime != nil {
		for _, m := range s.runtime.Modules() {
			args := make([]string, len(m.Args))
			for i, a := range m.Args {
				args[i] = string(a)
			}
			state.Modules = append(state.Modules, config.LoadModule{Path: m.Path, Args: args})
		}
	}
	return s.cfg.Rewrite(state)
}

func (s *Server) cmdConfigResetStat(cc *command.Ctx) {
	s.initStats()
	s.commands.All(func(r *command.Row) { r.Stats = command.Stats{} })
	cc.OK()
}
