package host

import (
	"sync/atomic"
	"time"

	"berth/host/acl"
	"berth/host/command"
	"berth/host/script"
)

// scripting is what runs scripts and functions: one at a time, by a client of
// their own.
type scripting struct {
	scripts   *script.Scripts
	functions *script.Functions

	client *Client // runs their commands; made when first needed
	run    *scriptRun
	idle   scriptRun

	// stop ends the running script: the server is to close.
	stop atomic.Bool

	// anyCommand is DEBUG SET-DISABLE-DENY-SCRIPTS.
	anyCommand bool
}

// scriptRun is the script that is running.
type scriptRun struct {
	script.Run
	caller *Client
	slow   bool // longer than busy-reply-threshold
	kill   bool
}

func (s *Server) initScripting() {
	random := script.NewRandom()
	s.scripting.scripts = script.NewScripts(scriptHost{s}, random)
	s.scripting.functions = script.NewFunctions(scriptHost{s}, random)
}

// flagRunsScript marks EVAL, FCALL and their kin, whose flags depend on the
// script. It is above the flags that COMMAND shows.
const flagRunsScript command.Flags = 1 << 61

// commandFlags are a command's flags, and those of a script that declares what
// it does in their place.
func (s *Server) commandFlags(c *Client, row *command.Row) command.Flags {
	if row.Flags&flagRunsScript == 0 {
		return row.Flags
	}
	f, ok := s.declaredFlags(c, row)
	if !ok || f&script.Compat != 0 {
		return row.Flags
	}
	flags := row.Flags &^ (command.FlagStale | command.FlagDenyOOM | command.FlagWrite | command.FlagMayReplicate)
	if f&(script.AllowOOM|script.NoWrites) == 0 {
		flags |= command.FlagDenyOOM
	}
	if f&script.NoWrites == 0 {
		flags |= command.FlagWrite
	}
	if f&script.AllowStale != 0 {
		flags |= command.FlagStale
	}
	return flags
}

// declaredFlags are the flags of the script or function that c.Args name. A
// script that is not there yet is compiled, which EVAL would do next.
func (s *Server) declaredFlags(c *Client, row *command.Row) (script.Flags, bool) {
	switch row.Name {
	case "fcall", "fcall_ro":
		if f := s.scripting.functions.Find(c.Args[1]); f != nil {
			return f.Flags, true
		}
	case "evalsha", "evalsha_ro":
		if sc := s.scripting.scripts.Find(c.Args[1]); sc != nil {
			return sc.Flags, true
		}
	default:
		if len(c.Args[1]) < 2 || c.Args[1][0] != '#' || c.Args[1][1] != '!' {
			return script.Compat, true
		}
		if sc, err := s.scripting.scripts.Load(script.SHA1(c.Args[1]), c.Args[1], true); err == nil {
			return sc.Flags, true
		}
	}
	return 0, false
}

// beginScript checks whether a script may run now, and makes it the running
// one. A refusal is the text of the error.
func (s *Server) beginScript(c *Client, name string, flags script.Flags, function, readOnly bool) (*scriptRun, string) {
	sc := &s.scripting
	if sc.run != nil {
		return nil, "ERR a script is running: another one can't be run inside of it"
	}
	if flags&script.Compat == 0 {
		if flags&script.NoCluster != 0 && s.cfg.ClusterEnabled {
			return nil, "ERR Can not run script on cluster, 'no-cluster' flag is set."
		}
		if flags&script.NoWrites == 0 {
			if s.WritesRefused() != "" && c.flags&FlagMaster == 0 {
				return nil, "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Writable scripts are blocked. Use 'no-writes' flag for read only scripts."
			}
			if readOnly {
				return nil, "ERR Can not execute a script with write flag using *_ro command."
			}
			if flags&script.AllowOOM == 0 && s.scriptOOM() && c.flags&FlagMaster == 0 {
				return nil, "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'"
			}
		}
	}
	if sc.client == nil {
		sc.client = s.NewInternalClient()
	}
	s.ResetInternalClient(sc.client, FlagScript)
	if c.flags&FlagMulti != 0 {
		sc.client.flags |= FlagMulti
	}
	sc.client.DB = c.DB
	sc.client.user = c.user
	r := &sc.idle
	*r = scriptRun{caller: c}
	r.Run = script.Run{
		Name: name, Flags: flags, Function: function, Repl: script.ReplAll, Proto: 2, Started: time.Now(),
		ReadOnly: readOnly || flags&script.Compat == 0 && flags&script.NoWrites != 0,
		AllowOOM: c.flags&FlagMaster != 0 || flags&script.Compat == 0 && flags&script.AllowOOM != 0,
		OOM:      s.scriptOOM(),
	}
	sc.run = r
	return r, ""
}

// scriptOOM reports whether memory was short before the command began.
func (s *Server) scriptOOM() bool { return s.cfg.MaxMemory > 0 && s.OverMaxMemory() }

func (s *Server) endScript() {
	r := s.scripting.run
	s.scripting.run = nil
	if cap(s.scripting.client.w.Buf) > maxKeptScriptReply {
		s.scripting.client.w.Buf = nil
	}
	if r.slow {
		s.busy = nil
		r.caller.flags &^= FlagProtected
		if s.pauseUntil == 0 {
			s.unpause()
		}
	}
}

// maxKeptScriptReply is the size up to which the buffer of replies to scripts
// is kept.
const maxKeptScriptReply = 1 << 20

// scriptHost is what scripts see of the server.
type scriptHost struct{ s *Server }

// Call implements [script.Runtime].
func (h scriptHost) Call(r *script.Run, args [][]byte, proto int) ([]byte, script.CallError) {
	s := h.s
	c := s.scripting.client
	c.w.Buf = c.w.Buf[:0]
	c.w.Proto = proto
	c.w.Errors = 0
	c.Args = args
	s.filterCommand(c)
	row, refusal := s.admitFromScript(r, c)
	if refusal != "" {
		c.Args = nil
		s.stat.errorReplies++
		s.countErrorCode(errorCode(refusal))
		if row != nil {
			row.Stats.RejectedCalls++
		}
		return nil, script.CallError{Text: refusal}
	}
	c.SetFlag(FlagPreventAOF, r.Repl&script.ReplAOF == 0)
	c.SetFlag(FlagPreventReplicas, r.Repl&script.ReplReplica == 0)
	c.Row, c.lastCmd = row, row
	prev := c.Ctx.Flags
	c.Ctx.Flags |= command.CallScript
	if r.Repl == 0 {
		before := s.SuppressPropagation(true)
		s.call(c)
		s.SuppressPropagation(before)
	} else {
		s.call(c)
	}
	c.Ctx.Flags = prev
	c.Args = nil
	return c.w.Buf, script.CallError{}
}

// errorCode is a refusal as an error reply has it.
func errorCode(refusal string) string {
	if refusal[0] == '-' {
		return refusal[1:]
	}
	return "ERR " + refusal
}

// admitFromScript is admit for a script's commands. A refusal without a code of
// its own ("-CODE …") is an ERR.
func (s *Server) admitFromScript(r *script.Run, c *Client) (*command.Row, string) {
	row := s.commands.LookupArgs(c.Args)
	if row == nil || !c.Sees(row) {
		return nil, "Unknown Redis command called from script"
	}
	if !row.ArityOK(len(c.Args)) || row.Handler == nil && len(row.Subs) > 0 {
		return row, "Wrong number of args calling Redis command from script"
	}
	if row.Handler == nil {
		return nil, "Unknown Redis command called from script"
	}
	flags := row.Flags
	if flags&command.FlagNoScript != 0 && !s.scripting.anyCommand {
		return row, "This Redis command is not allowed from script"
	}
	if d, at := c.user.Check(row, c.Args); d != acl.Allowed {
		s.logDenied(c, row, d, at)
		return row, "ACL failure in script: " + d.Message(c.user, row, c.Args[at], false)
	}
	if r.ReadOnly && flags&(command.FlagWrite|command.FlagMayReplicate) != 0 {
		return row, "Write commands are not allowed from read-only scripts."
	}
	if flags&command.FlagWrite != 0 && !r.Wrote {
		if text := s.WritesRefused(); text != "" {
			return row, "-" + text
		}
	}
	if r.OOM && !r.AllowOOM && !r.Wrote && flags&command.FlagDenyOOM != 0 {
		return row, "-" + command.ErrOOM
	}
	if flags&command.FlagWrite != 0 {
		r.Wrote = true
	}
	return row, ""
}

// MayCall implements [script.Runtime].
func (h scriptHost) MayCall(_ *script.Run, args [][]byte) (allowed bool, bad string) {
	s := h.s
	row := s.commands.LookupArgs(args)
	if row != nil && !row.ArityOK(len(args)) {
		return false, "Wrong number of args for redis.acl_check_cmd()"
	}
	if row == nil || row.Handler == nil {
		return false, "Invalid command passed to redis.acl_check_cmd()"
	}
	d, _ := s.scripting.client.user.Check(row, args)
	return d == acl.Allowed, ""
}

// Tick implements [script.Runtime]: a script that takes long gives way to
// events, and those who want to kill it are heard.
func (h scriptHost) Tick() string {
	s := h.s
	r := s.scripting.run
	if r == nil {
		return ""
	}
	if s.scripting.stop.Load() {
		return textKilled
	}
	if time.Since(r.Started) < time.Duration(s.cfg.BusyReplyThreshold)*time.Millisecond && !r.slow {
		return ""
	}
	if !r.slow {
		r.slow = true
		kill := "SCRIPT KILL"
		if r.Function {
			kill = "FUNCTION KILL"
		}
		s.log.Warn("Slow script detected: still in execution after %d milliseconds. You can try killing the script using the %s command. Script name is: %s.",
			time.Since(r.Started).Milliseconds(), kill, r.Name)
		r.caller.flags |= FlagProtected
		s.busy = s.busyScript
	}
	for range yieldRounds {
		if s.loop.ProcessOnce() == 0 {
			break
		}
	}
	s.flushOut()
	s.monoNow = s.mono()
	if s.exit.done || s.scripting.stop.Load() {
		r.kill = true
	}
	if r.kill {
		s.log.Notice("Lua script killed by user with SCRIPT KILL.")
		return textKilled
	}
	return ""
}

const textKilled = "Script killed by user with SCRIPT KILL..."

// The errors for what can't be had while a script runs.
const (
	busyEval     = "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
	busyFunction = "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE."
)

func (s *Server) busyScript(*Client) string {
	if r := s.scripting.run; r != nil && r.Function {
		return busyFunction
	}
	return busyEval
}

// killScript is SCRIPT KILL and FUNCTION KILL.
func (s *Server) killScript(cc *command.Ctx, function bool) {
	r := s.scripting.run
	switch {
	case r == nil:
		cc.Error("NOTBUSY No scripts in execution right now.")
	case r.caller.flags&FlagMaster != 0:
		cc.Error("UNKILLABLE The busy script was sent by a master instance in the context of replication and cannot be killed.")
	case r.Wrote:
		cc.Error("UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.")
	case r.Function != function:
		cc.Error(s.busyScript(nil))
	default:
		r.kill = true
		cc.OK()
	}
}

// Log implements [script.Runtime].
func (h scriptHost) Log(level int, msg string) {
	log := h.s.log
	switch level {
	case script.LogDebug:
		log.Debug("%s", msg)
	case script.LogVerbose:
		log.Verbose("%s", msg)
	case script.LogNotice:
		log.Notice("%s", msg)
	default:
		log.Warn("%s", msg)
	}
}

// Bug implements [script.Runtime].
func (h scriptHost) Bug(msg string) { h.s.log.Warn("%s", msg) }

// Version implements [script.Runtime].
func (h scriptHost) Version() (string, int) { return RedisVersion, RedisVersionNum }

// scriptMemory is what scripts and functions take: of the interpreters, and of
// the cache and the libraries.
func (s *Server) scriptMemory() (eval, functions, cache, libraries int64) {
	sc := &s.scripting
	return sc.scripts.Memory(), sc.functions.Memory(), sc.scripts.Bytes(), sc.functions.Bytes()
}
