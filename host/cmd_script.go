package host

import (
	"berth/host/command"
	"berth/host/script"
	"berth/internal/numfmt"
)

func (s *Server) registerScripting() {
	reg := s.commands.Register
	reg("eval", func(cc *command.Ctx) { s.cmdEval(cc, false, false) })
	reg("eval_ro", func(cc *command.Ctx) { s.cmdEval(cc, false, true) })
	reg("evalsha", func(cc *command.Ctx) { s.cmdEval(cc, true, false) })
	reg("evalsha_ro", func(cc *command.Ctx) { s.cmdEval(cc, true, true) })
	reg("script|load", s.cmdScriptLoad)
	reg("script|exists", s.cmdScriptExists)
	reg("script|flush", s.cmdScriptFlush)
	reg("script|kill", func(cc *command.Ctx) { s.killScript(cc, false) })
	reg("script|debug", s.cmdScriptDebug)
	reg("script|help", command.Help)
	s.registerFunctions()
	for _, name := range []string{"eval", "eval_ro", "evalsha", "evalsha_ro", "fcall", "fcall_ro"} {
		s.commands.LookupFull(name).Flags |= flagRunsScript
	}
}

// scriptArgs splits the arguments of EVAL and FCALL into keys and others.
func scriptArgs(cc *command.Ctx, notInteger string) (keys, args [][]byte, ok bool) {
	n, isInt := numfmt.ParseInt64(cc.Args[2])
	switch {
	case !isInt:
		cc.Error(notInteger)
	case n > int64(len(cc.Args)-3):
		cc.Error("ERR Number of keys can't be greater than number of args")
	case n < 0:
		cc.Error("ERR Number of keys can't be negative")
	default:
		return cc.Args[3 : 3+n], cc.Args[3+n:], true
	}
	return nil, nil, false
}

// feedScriptMonitors shows a script's command before those that it runs.
func (s *Server) feedScriptMonitors(c *Client) {
	if len(s.monitors) > 0 && !s.loading {
		s.feedMonitors(c)
	}
}

func (s *Server) cmdEval(cc *command.Ctx, bySHA, readOnly bool) {
	c := cc.Client.(*Client)
	s.feedScriptMonitors(c)
	keys, args, ok := scriptArgs(cc, command.ErrNotInteger)
	if !ok {
		return
	}
	scripts := s.scripting.scripts
	var sc *script.Script
	if bySHA {
		if sc = scripts.Find(cc.Args[1]); sc == nil {
			cc.Error("NOSCRIPT No matching script. Please use EVAL.")
			return
		}
	} else {
		var err error
		if sc, err = scripts.Load(script.SHA1(cc.Args[1]), cc.Args[1], true); err != nil {
			cc.Error("ERR " + err.Error())
			return
		}
	}
	run, refusal := s.beginScript(c, sc.SHA, sc.Flags, false, readOnly)
	if refusal != "" {
		cc.Error(refusal)
		return
	}
	scripts.Used(sc)
	defer s.endScript()
	scripts.Run(sc, &run.Run, keys, args, cc.Writer)
}

func (s *Server) cmdScriptLoad(cc *command.Ctx) {
	sc, err := s.scripting.scripts.Load(script.SHA1(cc.Args[2]), cc.Args[2], false)
	if err != nil {
		cc.Error("ERR " + err.Error())
		return
	}
	cc.BulkString(sc.SHA)
}

func (s *Server) cmdScriptExists(cc *command.Ctx) {
	cc.Array(len(cc.Args) - 2)
	for _, sha := range cc.Args[2:] {
		n := int64(0)
		if s.scripting.scripts.Find(sha) != nil {
			n = 1
		}
		cc.Int(n)
	}
}

// flushMode reads the optional SYNC or ASYNC. What a flush frees is the
// collector's to reclaim, so that both mean the same.
func flushMode(cc *command.Ctx, refusal string) bool {
	if len(cc.Args) == 2 || len(cc.Args) == 3 && (cc.ArgIs(2, "sync") || cc.ArgIs(2, "async")) {
		return true
	}
	cc.Error(refusal)
	return false
}

func (s *Server) cmdScriptFlush(cc *command.Ctx) {
	if !flushMode(cc, "ERR SCRIPT FLUSH only support SYNC|ASYNC option") {
		return
	}
	if s.scripting.run != nil && !s.scripting.run.Function {
		cc.Error("ERR a script is running")
		return
	}
	s.scripting.scripts.Flush()
	cc.OK()
}

func (s *Server) cmdScriptDebug(cc *command.Ctx) {
	switch {
	case cc.ArgIs(2, "no"):
		cc.OK()
	case cc.ArgIs(2, "yes"), cc.ArgIs(2, "sync"):
		cc.Error("ERR there is no debugger for scripts")
	default:
		cc.Error("ERR Use SCRIPT DEBUG YES/SYNC/NO")
	}
}

// debugDenyScripts: DEBUG SET-DISABLE-DENY-SCRIPTS 1 lets scripts run what they may not.
func (s *Server) debugDenyScripts(cc *command.Ctx) {
	n, _ := numfmt.ParseInt64(cc.Args[2])
	s.scripting.anyCommand = n != 0
	cc.OK()
}
