package host

import (
	"berth/host/command"
	"berth/host/script"
	"berth/internal/glob"
)

func (s *Server) registerFunctions() {
	reg := s.commands.Register
	reg("fcall", func(cc *command.Ctx) { s.cmdFCall(cc, false) })
	reg("fcall_ro", func(cc *command.Ctx) { s.cmdFCall(cc, true) })
	reg("function|load", s.cmdFunctionLoad)
	reg("function|delete", s.cmdFunctionDelete)
	reg("function|list", s.cmdFunctionList)
	reg("function|dump", s.cmdFunctionDump)
	reg("function|restore", s.cmdFunctionRestore)
	reg("function|flush", s.cmdFunctionFlush)
	reg("function|kill", func(cc *command.Ctx) { s.killScript(cc, true) })
	reg("function|stats", s.cmdFunctionStats)
	reg("function|help", command.Help)
}

func (s *Server) cmdFCall(cc *command.Ctx, readOnly bool) {
	c := cc.Client.(*Client)
	s.feedScriptMonitors(c)
	fn := s.scripting.functions.Find(cc.Args[1])
	if fn == nil {
		cc.Error("ERR Function not found")
		return
	}
	keys, args, ok := scriptArgs(cc, "ERR Bad number of keys provided")
	if !ok {
		return
	}
	run, refusal := s.beginScript(c, fn.Name, fn.Flags, true, readOnly)
	if refusal != "" {
		cc.Error(refusal)
		return
	}
	defer s.endScript()
	s.scripting.functions.Run(fn, &run.Run, keys, args, cc.Writer)
}

// functionsBusy refuses to change libraries while one of them runs.
func (s *Server) functionsBusy(cc *command.Ctx) bool {
	if r := s.scripting.run; r != nil && r.Function {
		cc.Error("ERR a function is running")
		return true
	}
	return false
}

func (s *Server) cmdFunctionLoad(cc *command.Ctx) {
	replace := false
	last := len(cc.Args) - 1
	for i := 2; i < last; i++ {
		if !cc.ArgIs(i, "replace") {
			cc.Error("ERR Unknown option given: " + string(cc.Args[i]))
			return
		}
		replace = true
	}
	if s.functionsBusy(cc) {
		return
	}
	lib, err := s.scripting.functions.Load(string(cc.Args[last]), replace)
	if err != nil {
		cc.Error("ERR " + err.Error())
		return
	}
	cc.Dirty(1)
	cc.BulkString(lib.Name)
}

func (s *Server) cmdFunctionDelete(cc *command.Ctx) {
	if s.functionsBusy(cc) {
		return
	}
	if !s.scripting.functions.Delete(string(cc.Args[2])) {
		cc.Error("ERR Library not found")
		return
	}
	cc.Dirty(1)
	cc.OK()
}

func (s *Server) cmdFunctionFlush(cc *command.Ctx) {
	if len(cc.Args) > 3 {
		cc.Error("ERR unknown subcommand or wrong number of arguments for 'flush'. Try FUNCTION HELP.")
		return
	}
	if !flushMode(cc, "ERR FUNCTION FLUSH only supports SYNC|ASYNC option") || s.functionsBusy(cc) {
		return
	}
	s.scripting.functions.Flush()
	cc.Dirty(1)
	cc.OK()
}

// cmdFunctionList: FUNCTION LIST [LIBRARYNAME pattern] [WITHCODE].
func (s *Server) cmdFunctionList(cc *command.Ctx) {
	var pattern []byte
	withCode := false
	for i := 2; i < len(cc.Args); i++ {
		switch {
		case !withCode && cc.ArgIs(i, "withcode"):
			withCode = true
		case pattern == nil && cc.ArgIs(i, "libraryname"):
			if i++; i == len(cc.Args) {
				cc.Error("ERR library name argument was not given")
				return
			}
			pattern = cc.Args[i]
		default:
			cc.Error("ERR Unknown argument " + string(cc.Args[i]))
			return
		}
	}
	mark, n := cc.Defer(), 0
	for _, lib := range s.scripting.functions.Libraries() {
		if pattern != nil && !glob.Match(pattern, []byte(lib.Name), true) {
			continue
		}
		n++
		fields := 3
		if withCode {
			fields = 4
		}
		cc.Map(fields)
		cc.BulkString("library_name")
		cc.BulkString(lib.Name)
		cc.BulkString("engine")
		cc.BulkString("LUA")
		cc.BulkString("functions")
		cc.Array(len(lib.Functions))
		for _, fn := range lib.Functions {
			listFunction(cc, fn)
		}
		if withCode {
			cc.BulkString("library_code")
			cc.BulkString(lib.Code)
		}
	}
	cc.DeferredArray(mark, n)
}

func listFunction(cc *command.Ctx, fn *script.Function) {
	cc.Map(3)
	cc.BulkString("name")
	cc.BulkString(fn.Name)
	cc.BulkString("description")
	if fn.Described {
		cc.BulkString(fn.Description)
	} else {
		cc.Null()
	}
	cc.BulkString("flags")
	names := fn.FlagNames()
	cc.Set(len(names))
	for _, name := range names {
		cc.Simple(name)
	}
}

func (s *Server) cmdFunctionStats(cc *command.Ctx) {
	r := s.scripting.run
	if r != nil && !r.Function {
		cc.Error(busyEval)
		return
	}
	cc.Map(2)
	cc.BulkString("running_script")
	if r == nil {
		cc.Null()
	} else {
		cc.Map(3)
		cc.BulkString("name")
		cc.BulkString(r.Name)
		cc.BulkString("command")
		cc.Array(len(r.caller.Args))
		for _, a := range r.caller.Args {
			cc.Bulk(a)
		}
		cc.BulkString("duration_ms")
		cc.Int(r.Elapsed().Milliseconds())
	}
	cc.BulkString("engines")
	cc.Map(1)
	cc.BulkString("LUA")
	cc.Map(2)
	cc.BulkString("libraries_count")
	cc.Int(int64(len(s.scripting.functions.Libraries())))
	cc.BulkString("functions_count")
	cc.Int(int64(s.scripting.functions.Count()))
}

func (s *Server) cmdFunctionDump(cc *command.Ctx) {
	cc.Bulk(s.RDB().AppendFunctionDump(nil, scriptHost{s}.Libraries()))
}

// cmdFunctionRestore: FUNCTION RESTORE payload [FLUSH|APPEND|REPLACE].
func (s *Server) cmdFunctionRestore(cc *command.Ctx) {
	policy := script.Append
	switch {
	case len(cc.Args) > 4:
		cc.Error("ERR unknown subcommand or wrong number of arguments for 'restore'. Try FUNCTION HELP.")
		return
	case len(cc.Args) == 3 || cc.ArgIs(3, "append"):
	case cc.ArgIs(3, "replace"):
		policy = script.Replace
	case cc.ArgIs(3, "flush"):
		policy = script.FlushFirst
	default:
		cc.Error("ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.")
		return
	}
	if s.functionsBusy(cc) {
		return
	}
	codes, err := s.RDB().LoadFunctionDump(cc.Args[2])
	if err == nil {
		err = s.scripting.functions.Restore(codes, policy)
	}
	if err != nil {
		cc.Error("ERR " + err.Error())
		return
	}
	cc.Dirty(1)
	cc.OK()
}

// Libraries implements [LibraryStore].
func (h scriptHost) Libraries() (codes [][]byte) {
	for _, lib := range h.s.scripting.functions.Libraries() {
		codes = append(codes, []byte(lib.Code))
	}
	return codes
}

// LoadLibrary implements [LibraryStore].
func (h scriptHost) LoadLibrary(code []byte, replace bool) error {
	policy := script.Append
	if replace {
		policy = script.Replace
	}
	return h.s.scripting.functions.Restore([]string{string(code)}, policy)
}

// FlushLibraries implements [LibraryStore].
func (h scriptHost) FlushLibraries() { h.s.scripting.functions.Flush() }
