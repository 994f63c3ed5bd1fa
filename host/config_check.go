package host

import (
	"fmt"

	"berth/host/acl"
	"berth/host/command"
	"berth/host/commands"
	"berth/host/config"
)

// PrepareConfig sets the checks for which a configuration needs to know the server's commands. Call it
// before anything is read into c.
func PrepareConfig(c *config.Config) {
	var table *command.Table // of a server that is never started: only its names count
	known := func() *command.Table {
		if table == nil {
			table = command.NewTable()
			commands.Register(table)
			(&Server{cfg: c, commands: table}).registerOwn()
		}
		return table
	}
	c.CheckRename = func(r config.Rename) error { return known().Rename(r.Old, r.New) }
	c.CheckUser = func(args []string) error { return acl.New(known()).CheckDeclaration(args, c.Users) }
}

// renameCommands does what the rename-command lines say.
func (s *Server) renameCommands() error {
	for _, r := range s.cfg.RenamedCommands {
		if err := s.commands.Rename(r.Old, r.New); err != nil {
			return fmt.Errorf("rename-command %s: %w", r.Old, err)
		}
	}
	return nil
}
