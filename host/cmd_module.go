package host

import (
	"errors"

	"berth/host/command"
)

func (s *Server) registerModule() {
	s.commands.Register("module|help", command.Help)
	s.commands.Register("module|list", s.moduleList)
	s.commands.Register("module|load", s.moduleLoad)
	s.commands.Register("module|loadex", s.moduleLoadEx)
	s.commands.Register("module|unload", s.moduleUnload)
}

// errNoRuntime is what a server without a module runtime answers.
var errNoRuntime = errors.New("this server was built without a module runtime")

func (s *Server) moduleList(c *command.Ctx) {
	var list []ModuleInfo
	if s.runtime != nil {
		list = s.runtime.Modules()
	}
	c.Array(len(list))
	for i := range list {
		m := &list[i]
		c.Map(4)
		c.BulkString("name")
		c.BulkString(m.Name)
		c.BulkString("ver")
		c.Int(int64(m.Version))
		c.BulkString("path")
		c.BulkString(m.Path)
		c.BulkString("args")
		c.Array(len(m.Args))
		for _, a := range m.Args {
			c.Bulk(a)
		}
	}
}

func (s *Server) moduleLoad(c *command.Ctx) {
	s.load(c, string(c.Args[2]), c.Args[3:], nil)
}

// loadexArgs takes the arguments of LOADEX apart: CONFIG name value, any number
// of times, then ARGS and everything behind it.
func loadexArgs(argv [][]byte) (configs [][2]string, args [][]byte, problem string) {
	for i := 0; i < len(argv); i++ {
		switch {
		case command.EqualFold(argv[i], "config"):
			if i+2 >= len(argv) {
				return nil, nil, "CONFIG specified without name value pair"
			}
			configs = append(configs, [2]string{string(argv[i+1]), string(argv[i+2])})
			i += 2
		case command.EqualFold(argv[i], "args"):
			return configs, argv[i+1:], ""
		default:
			return nil, nil, "Syntax Error from arguments to loadex around " + string(argv[i]) + "."
		}
	}
	return configs, nil, ""
}

func (s *Server) moduleLoadEx(c *command.Ctx) {
	configs, args, problem := loadexArgs(c.Args[3:])
	if problem != "" {
		s.log.Notice(problem)
		c.Error("ERR Error loading the extension. Please check the server logs.")
		return
	}
	s.load(c, string(c.Args[2]), args, configs)
}

func (s *Server) load(c *command.Ctx, path string, args [][]byte, configs [][2]string) {
	err := errNoRuntime
	if s.runtime != nil {
		err = s.runtime.Load(path, cloneArgs(args), configs)
	}
	if err != nil {
		c.Error("ERR " + err.Error())
		return
	}
	c.OK()
}

func (s *Server) moduleUnload(c *command.Ctx) {
	name := string(c.Args[2])
	err := errNoRuntime
	if s.runtime != nil {
		err = s.runtime.Unload(name)
	}
	if err != nil {
		s.log.Warn("Error unloading module %s: %s", name, err)
		c.Error("ERR Error unloading module: " + err.Error())
		return
	}
	c.OK()
}
