package host

import (
	"math"

	"berth/host/command"
)

func (s *Server) registerWait() {
	s.commands.Register("wait", s.cmdWait)
	s.commands.Register("waitaof", s.cmdWaitAOF)
}

// timeoutArg reads argument i, a time in milliseconds, as a deadline: 0 for none.
func (s *Server) timeoutArg(cc *command.Ctx, i int) (deadline int64, ok bool) {
	ms, ok := cc.IntArgMsg(i, command.ErrTimeoutInt)
	switch {
	case !ok:
	case ms < 0:
		cc.Error(command.ErrTimeoutNeg)
		return 0, false
	case ms == 0:
	case ms > math.MaxInt64-cc.KS.Now():
		cc.Error("ERR timeout is out of range")
		return 0, false
	default:
		deadline = ms + cc.KS.Now()
	}
	return deadline, ok
}

// cmdWait: WAIT numreplicas timeout.
func (s *Server) cmdWait(cc *command.Ctx) {
	want, ok := cc.IntArg(1)
	if !ok {
		return
	}
	deadline, ok := s.timeoutArg(cc, 2)
	if !ok {
		return
	}
	reply := func(cc *command.Ctx) { cc.Int(s.replicasThatHave()) }
	if s.replicasThatHave() >= want || !cc.MayBlock() {
		reply(cc)
		return
	}
	s.blockUntilHeld(cc, deadline, reply)
}

// cmdWaitAOF: WAITAOF numlocal numreplicas timeout.
func (s *Server) cmdWaitAOF(cc *command.Ctx) {
	const localRange = "ERR value is out of range, value must between 0 and 1"
	local, ok := cc.RangeArgMsg(1, 0, 1, command.ErrNotInteger, localRange)
	if !ok {
		return
	}
	replicas, ok := cc.RangeArg(2, 0, math.MaxInt64, command.ErrMustPositive)
	if !ok {
		return
	}
	deadline, ok := s.timeoutArg(cc, 3)
	if !ok {
		return
	}
	if local == 1 && !s.cfg.AppendOnly {
		cc.Error("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.")
		return
	}
	reply := func(cc *command.Ctx) {
		cc.Array(2)
		cc.Int(s.aofHas())
		cc.Int(s.replicasThatHave())
	}
	if s.replicasThatHave() >= replicas && s.aofHas() >= local || !cc.MayBlock() {
		reply(cc)
		return
	}
	s.blockUntilHeld(cc, deadline, reply)
}

// replicasThatHave is how many replicas have acknowledged everything; none can be attached yet.
func (s *Server) replicasThatHave() int64 { return 0 }

// aofHas is 1 when everything is on this server's disk; nothing is written there yet.
func (s *Server) aofHas() int64 { return 0 }

// blockUntilHeld parks the client of WAIT and WAITAOF; reply is what it gets at the deadline, if there is one.
func (s *Server) blockUntilHeld(cc *command.Ctx, deadline int64, reply func(*command.Ctx)) {
	c := cc.Client.(*Client)
	b := s.block(c, blockWait)
	b.deadline, b.timeout = deadline, reply
	s.armDeadline(c)
	cc.Blocked = true
}
