package host

import (
	"bytes"
	"runtime/debug"
	"strings"
	"time"

	"berth/host/acl"
	"berth/host/command"
)

// processCommand decides whether the request in c.Args may run now, and runs
// it, queues it (MULTI) or refuses it.
func (s *Server) processCommand(c *Client) {
	if c.flags&FlagReplySkipNext != 0 {
		c.flags = c.flags&^FlagReplySkipNext | FlagReplySkip
	}
	served := s.served
	if c.io != nil {
		s.served, s.ahead = c, c
	}
	c.flags |= FlagExecuting
	if c.flags&FlagReprocessing == 0 {
		s.filterCommand(c)
	}
	row, reject := s.admit(c)
	s.ahead = nil
	out := len(c.w.Buf)
	switch {
	case c.flags&FlagCloseASAP != 0 && row == nil: // an attack, or too much memory
	case reject != "":
		s.rejectCommand(c, row, reject)
	case c.flags&FlagBlocked != 0: // paused
	case c.flags&FlagMulti != 0 && !runsInsideMulti(row):
		c.queueMulti(row)
		c.w.RawString("+QUEUED\r\n")
	default:
		c.Row = row
		offset := s.replOffset
		s.call(c)
		if s.nesting == 0 {
			s.afterUnit()
		}
		if s.replOffset != offset {
			c.written = s.replOffset
		}
	}
	c.finishCommand(out)
	if c.flags&FlagTrackingCaching != 0 {
		c.endCaching()
	}
	s.served = served
}

// finishCommand settles the output of a request whose reply began at out.
func (c *Client) finishCommand(out int) {
	c.flags &^= FlagExecuting
	if c.flags&(FlagReplyOff|FlagReplySkip) != 0 && c.flags&FlagBlocked == 0 {
		c.w.Buf = c.w.Buf[:min(out, len(c.w.Buf))]
	}
	if c.flags&FlagBlocked == 0 {
		c.flags &^= FlagReplySkip
	}
	if c.tracking != nil {
		c.s.sendPending(c)
	}
	if len(c.pushed) > 0 {
		c.w.Buf = append(c.w.Buf, c.pushed...)
		c.pushed = c.pushed[:0]
	}
	if c.flags&FlagCloseAfterCommand != 0 && c.flags&FlagBlocked == 0 {
		c.flags &^= FlagCloseAfterCommand
		c.flags |= FlagCloseAfterReply
	}
	if c.io == nil {
		if c.Finished != nil && c.flags&FlagBlocked == 0 {
			c.Finished()
		}
		return
	}
	if len(c.w.Buf) > c.outOff {
		c.wrote()
	} else if c.flags&FlagCloseAfterReply != 0 {
		c.s.freeClientAsync(c)
	}
	c.io.resumeReading()
}

// runsInsideMulti tells the commands that act at once between MULTI and EXEC.
func runsInsideMulti(row *command.Row) bool { return row != nil && row.Flags&flagRunsInMulti != 0 }

// flagRunsInMulti marks EXEC, DISCARD, MULTI, WATCH, QUIT and RESET. It is
// above the flags that COMMAND shows.
const flagRunsInMulti command.Flags = 1 << 62

// admit looks the command up and applies every check that comes before
// running it. A refusal is the text of the error reply.
func (s *Server) admit(c *Client) (row *command.Row, reject string) {
	row = s.commands.LookupArgs(c.Args)
	c.lastCmd = row
	if row == nil || !c.Sees(row) {
		if command.EqualFold(c.Args[0], "host:") || command.EqualFold(c.Args[0], "post") {
			s.crossProtocol(c)
			return nil, ""
		}
		return nil, s.unknownCommand(c, s.commands.Lookup(c.Args[0]))
	}
	if row.Flags&command.FlagProtected != 0 {
		if msg := s.protectedCommand(c, row); msg != "" {
			return row, msg
		}
	}
	if !row.ArityOK(len(c.Args)) {
		return row, "ERR wrong number of arguments for '" + row.FullName() + "' command"
	}
	if s.authRequired(c) && row.Flags&command.FlagNoAuth == 0 {
		return row, command.ErrNoAuth
	}
	if row.Flags&command.FlagNoMulti != 0 && c.flags&FlagMulti != 0 {
		return row, "ERR Command not allowed inside a transaction"
	}
	if d, at := c.user.Check(row, c.Args); d != acl.Allowed {
		return row, s.denied(c, row, d, at)
	}
	if s.clientMem.buckets != nil && c.io != nil {
		s.evictClients()
		if c.flags&FlagCloseASAP != 0 {
			return nil, ""
		}
	}
	if s.cfg.MaxMemory > 0 {
		if msg := s.checkMemory(c, row); msg != "" {
			return row, msg
		}
	}
	if s.tracking.clients > 0 {
		s.limitTracking()
	}
	if s.waitsForYield(c) {
		s.postpone(c)
		return row, ""
	}
	if msg := s.checkState(c, row); msg != "" {
		return row, msg
	}
	if s.paused(c, row) {
		s.postpone(c)
	}
	return row, ""
}

// checkState refuses what the server's or the client's present state forbids.
func (s *Server) checkState(c *Client, row *command.Row) string {
	flags := s.commandFlags(c, row)
	if text := s.WritesRefused(); text != "" && c.flags&FlagMaster == 0 && deniedByDisk(c, row, flags) {
		return text
	}
	if c.flags&FlagPubSub != 0 && c.w.Proto < 3 && !allowedWhileSubscribed(row) {
		return "ERR Can't execute '" + strings.ToLower(row.FullName()) +
			"': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
	}
	if s.loading && row.Flags&command.FlagLoading == 0 {
		return "LOADING Redis is loading the dataset in memory"
	}
	if s.yield.on && row.Flags&command.FlagAllowBusy == 0 {
		return s.yield.reply
	}
	if s.busy != nil && row.Flags&command.FlagAllowBusy == 0 {
		return s.busy(c)
	}
	if c.flags&(FlagMonitor|FlagReplica) != 0 &&
		flags&(command.FlagWrite|command.FlagReadOnly|command.FlagMayReplicate) != 0 {
		return "ERR Replica can't interact with the keyspace"
	}
	return ""
}

// deniedByDisk tells the commands that are refused while what they change would be lost. PING is among them, so that
// whoever watches the server notices.
func deniedByDisk(c *Client, row *command.Row, flags command.Flags) bool {
	if row.Parent == nil {
		switch {
		case row.Name == "ping":
			return true
		case row.Name == "exec" && c.multi != nil:
			return c.multi.flags&command.FlagWrite != 0
		}
	}
	return flags&command.FlagWrite != 0
}

func allowedWhileSubscribed(row *command.Row) bool {
	switch row.Name {
	case "ping", "subscribe", "ssubscribe", "psubscribe", "unsubscribe", "sunsubscribe", "punsubscribe", "quit", "reset":
		return row.Parent == nil
	}
	return false
}

// unknownCommand is the text for a name that is no command, with the first
// arguments as Redis shows them. parent is the container when only the
// subcommand is unknown.
func (s *Server) unknownCommand(c *Client, parent *command.Row) string {
	if parent != nil && len(parent.Subs) > 0 && len(c.Args) > 1 {
		return "ERR unknown subcommand '" + string(cText(c.Args[1], 128)) + "'. Try " +
			strings.ToUpper(string(c.Args[0])) + " HELP."
	}
	var b strings.Builder
	b.WriteString("ERR unknown command '")
	b.Write(cText(c.Args[0], 128))
	b.WriteString("', with args beginning with: ")
	listed := 0
	for _, a := range c.Args[1:] {
		if listed >= 128 {
			break
		}
		a = cText(a, 128-listed)
		b.WriteString("'")
		b.Write(a)
		b.WriteString("' ")
		listed += len(a) + 3
	}
	return b.String()
}

// crossProtocol drops a connection that speaks HTTP: a browser that a web page
// turned against the server.
func (s *Server) crossProtocol(c *Client) {
	s.log.Warn("Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. " +
		"This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. " +
		"Connection from " + c.addr + " aborted.")
	s.freeClientAsync(c)
}

// cText is what Redis prints of b as a C string of at most limit bytes.
func cText(b []byte, limit int) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return b[:min(len(b), limit)]
}

// rejectCommand replies with an error to a command that does not run.
func (s *Server) rejectCommand(c *Client, row *command.Row, msg string) {
	if c.flags&FlagMulti != 0 {
		c.flags |= FlagDirtyExec
	}
	if row != nil {
		row.Stats.RejectedCalls++
		if row.Name == "exec" && row.Parent == nil {
			s.execAborted(c, msg)
			return
		}
	}
	c.w.Error(msg)
	s.countErrors(c)
	if s.commandEvents {
		s.commandRejected(c, row, msg)
	}
}

// countErrors adds the error replies that the client's writer gathered to the
// error statistics and reports how many there were.
func (s *Server) countErrors(c *Client) int {
	n := c.w.Errors
	if n == 0 {
		return 0
	}
	if c.flags&FlagModule != 0 {
		// What a module calls fails on its own account: its errors count when
		// the module passes them on.
		return n
	}
	c.w.Errors = 0
	if c.id == aofClientID {
		s.replayError(c)
	}
	s.stat.errorReplies += int64(n)
	s.countErrorCode(c.w.LastError)
	return n
}

// call runs c.Row with c.Args: statistics, slow log, MONITOR and propagation
// are this function's business, admission is not.
func (s *Server) call(c *Client) {
	row := c.Row
	prevFlags := c.Ctx.Flags
	c.Ctx.Flags = c.Ctx.Flags&^command.CallDenyBlocking | s.callFlags(c)
	allDirty0 := s.dirty
	dirty0, prop0, noProp0, blocked0 := c.DirtyCount, c.PropArgs, c.NoPropagate, c.Blocked
	c.DirtyCount, c.PropArgs, c.NoPropagate, c.Blocked = 0, nil, false, false
	// A client that is to be closed gets no replies beyond the one at which that
	// was decided.
	mute, out := c.flags&(FlagCloseAfterReply|FlagCloseASAP) != 0 && c.io != nil, len(c.w.Buf)
	redacted0 := c.redacted
	c.redacted = nil
	if s.nesting > 0 {
		s.monoNow = s.mono()
	} else if !s.ticked {
		s.tick()
	}
	start := s.monoNow
	s.nesting++
	previous := s.current
	s.current = c
	errsBefore := s.stat.errorReplies
	s.invoke(c, row, len(c.w.Buf))
	s.current = previous
	s.nesting--
	if mute {
		c.w.Buf = c.w.Buf[:out]
	}
	end := s.mono()
	s.monoNow = end
	if s.tracking.clients > 0 {
		s.rememberKeys(c)
	}
	if s.nesting == 0 {
		// In a pipeline the end of one command is the beginning of the next:
		// reading the clock is a good part of a short command's cost.
		s.setNow(end)
		s.ticked = true
	}

	failed := s.countErrors(c) > 0 || c.w.Failed || s.stat.errorReplies != errsBefore && row.Flags&command.FlagModule != 0
	c.w.Failed = false
	spent := end - start
	if s.nesting == 0 {
		s.stat.commandTime += spent
	}
	if len(s.monitors) > 0 && row.Flags&(command.FlagSkipMonitor|command.FlagAdmin) == 0 && !s.loading &&
		c.Ctx.Flags&command.CallReexecuted == 0 {
		s.feedMonitors(c)
	}
	if c.Blocked {
		c.blockedFor().spent += spent
	} else {
		if c.blocked != nil {
			spent += c.blocked.spent
			c.blocked.spent = 0
		}
		s.account(c, row, spent, failed)
	}
	if s.commandEvents {
		s.commandDone(c, row, end-start, s.dirty-allDirty0+c.DirtyCount, failed)
	}
	s.dirty += c.DirtyCount
	if c.DirtyCount > 0 && !c.NoPropagate && row.Flags&command.FlagModule == 0 && s.prop.has != 0 {
		s.propagateCall(c)
	}
	c.redacted = redacted0
	c.DirtyCount, c.PropArgs, c.NoPropagate, c.Blocked = dirty0, prop0, noProp0, blocked0 || c.Blocked
	c.Ctx.Flags = prevFlags &^ command.CallInternal
	if c.flags&FlagInternal != 0 {
		c.Ctx.Flags |= command.CallInternal
	}
}

// invoke runs the handler. A panic in it is a bug of ours that must not cost
// everybody else their server: it is logged with its stack, and the client that
// met it gets an error in place of what the handler had replied from out on.
func (s *Server) invoke(c *Client, row *command.Row, out int) {
	nesting, current := s.nesting, s.current
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		s.nesting, s.current = nesting, current
		s.log.Warn("Internal error in command %s: %v\n%s", row.FullName(), r, debug.Stack())
		c.w.Buf = c.w.Buf[:min(out, len(c.w.Buf))]
		c.w.Error("ERR internal error in command '" + row.FullName() + "', see the server log")
	}()
	row.Handler(&c.Ctx)
}

// propagateCall propagates the command that c has run.
func (s *Server) propagateCall(c *Client) {
	to := TargetAll
	if c.flags&FlagPreventAOF != 0 {
		to &^= TargetAOF
	}
	if c.flags&FlagPreventReplicas != 0 {
		to &^= TargetReplicas
	}
	args := c.PropArgs
	if args == nil {
		args = c.Args
	}
	s.PropagateTo(to, c.DB, args)
}

func (s *Server) callFlags(c *Client) command.CallFlags {
	var f command.CallFlags
	if c.flags&(FlagMulti|FlagDenyBlocking) != 0 {
		f |= command.CallDenyBlocking
	}
	if c.flags&FlagNoTouch != 0 {
		f |= command.CallNoTouch
	}
	return f
}

// account books one finished call.
func (s *Server) account(c *Client, row *command.Row, spent time.Duration, failed bool) {
	us := spent.Microseconds()
	s.stat.commands++
	c.totalCmds++
	st := &row.Stats
	st.Calls++
	st.Microseconds += us
	if failed {
		st.FailedCalls++
	}
	if s.cfg.LatencyTracking {
		s.recordLatency(row, spent)
	}
	if s.cfg.LatencyMonitorThreshold > 0 {
		event := "command"
		if row.Flags&command.FlagFast != 0 {
			event = "fast-command"
		}
		s.addLatencySample(event, spent)
	}
	if us >= int64(s.cfg.SlowlogLogSlowerThan) && s.cfg.SlowlogLogSlowerThan >= 0 && row.Flags&command.FlagSkipSlowlog == 0 {
		s.slowlogAdd(c, us)
	}
}

// afterUnit ends an execution unit: jobs left by notifications run, what
// accumulated is propagated, and clients blocked on keys that became ready are
// served.
func (s *Server) afterUnit() {
	for {
		s.endCallback()
		if len(s.readyKeys) == 0 {
			return
		}
		s.serveReadyKeys()
	}
}

// endCallback is afterUnit without the clients that wait for keys: it may be
// called where clients are being freed, and on a module's thread.
func (s *Server) endCallback() {
	if s.nesting > 0 {
		return
	}
	if len(s.postJobs) > 0 {
		s.runPostJobs()
	}
	s.flushPropagation()
}

// EndUnit ends an execution unit that did not begin with a client's command:
// a module's timer, event or thread that held the lock.
func (s *Server) EndUnit() {
	if s.nesting == 0 {
		s.afterUnit()
	}
}

// EnterUnit and LeaveUnit bracket work that belongs to one execution unit,
// such as a module callback outside of a command. Units nest. Clients that wait
// for keys are served later, before the loop sleeps.
func (s *Server) EnterUnit() {
	if s.nesting == 0 {
		s.tick()
	}
	s.nesting++
}

// LeaveUnit is the other side of EnterUnit.
func (s *Server) LeaveUnit() {
	s.nesting--
	s.endCallback()
}

// Nest makes what runs until [Server.Unnest] a part of the execution unit
// around it, even where none has begun yet.
func (s *Server) Nest() { s.nesting++ }

// Unnest ends what Nest began, and no more.
func (s *Server) Unnest() { s.nesting-- }

// AddPostJob runs fn when the present execution unit ends.
func (s *Server) AddPostJob(fn func()) { s.postJobs = append(s.postJobs, fn) }

func (s *Server) runPostJobs() {
	for len(s.postJobs) > 0 {
		fn := s.postJobs[0]
		s.postJobs = s.postJobs[1:]
		s.nesting++
		fn()
		s.nesting--
	}
	s.postJobs = nil
}
