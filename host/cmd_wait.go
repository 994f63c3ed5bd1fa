package host

import (
	"math"

	"berth/host/command"
)

// ackWait is what a client of WAIT or WAITAOF waits for: that its writes have come so far.
type ackWait struct {
	offset   int64
	local    int64 // 1: on the disk here
	replicas int64
	aof      bool // on their disks
}

func (s *Server) registerWait() {
	s.commands.Register("wait", s.cmdWait)
	s.commands.Register("waitaof", s.cmdWaitAOF)
}

// cmdWait: WAIT numreplicas timeout.
func (s *Server) cmdWait(cc *command.Ctx) {
	c := cc.Client.(*Client)
	n, ok := cc.IntArg(1)
	if !ok {
		return
	}
	deadline, ok := s.waitDeadline(cc, 2)
	if !ok {
		return
	}
	s.waitForAcks(c, ackWait{offset: c.written, replicas: n}, deadline)
}

// cmdWaitAOF: WAITAOF numlocal numreplicas timeout.
func (s *Server) cmdWaitAOF(cc *command.Ctx) {
	c := cc.Client.(*Client)
	const outOfRange = "ERR value is out of range, value must between 0 and 1"
	local, ok := cc.RangeArgMsg(1, 0, 1, command.ErrNotInteger, outOfRange)
	if !ok {
		return
	}
	replicas, ok := cc.RangeArg(2, 0, math.MaxInt64, command.ErrMustPositive)
	if !ok {
		return
	}
	deadline, ok := s.waitDeadline(cc, 3)
	if !ok {
		return
	}
	if local > 0 && !s.cfg.AppendOnly {
		cc.Error("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.")
		return
	}
	s.waitForAcks(c, ackWait{offset: c.written, local: local, replicas: replicas, aof: true}, deadline)
}

// waitDeadline is the end of a wait of so many milliseconds, 0 for none.
func (s *Server) waitDeadline(cc *command.Ctx, i int) (int64, bool) {
	ms, ok := cc.IntArgMsg(i, command.ErrTimeoutInt)
	switch now := s.unixMillis(); {
	case !ok:
		return 0, false
	case ms < 0:
		cc.Error(command.ErrTimeoutNeg)
		return 0, false
	case ms == 0:
		return 0, true
	case ms > math.MaxInt64-now:
		cc.Error("ERR timeout is out of range")
		return 0, false
	default:
		return now + ms, true
	}
}

func (s *Server) waitForAcks(c *Client, w ackWait, deadline int64) {
	if s.acked(&w) || !c.Ctx.MayBlock() {
		s.replyAcks(&c.Ctx, &w)
		return
	}
	b := s.block(c, blockWait)
	b.acks, b.deadline = w, deadline
	b.timeout = func(cc *command.Ctx) { s.replyAcks(cc, &b.acks) }
	s.waiters = append(s.waiters, c)
	c.Ctx.Blocked = true
	s.armDeadline(c)
}

// acks are how many of those that keep a copy have it up to the wait's offset: this server's disk, and replicas.
func (s *Server) acks(w *ackWait) (local, replicas int64) {
	if s.aof.syncedOff >= w.offset {
		local = 1
	}
	return local, 0
}

func (s *Server) acked(w *ackWait) bool {
	local, replicas := s.acks(w)
	return local >= w.local && replicas >= w.replicas
}

func (s *Server) replyAcks(cc *command.Ctx, w *ackWait) {
	local, replicas := s.acks(w)
	if w.aof {
		cc.Array(2)
		cc.Int(local)
	}
	cc.Int(replicas)
}

// serveWaiters replies to the clients that have waited for long enough.
func (s *Server) serveWaiters() {
	for _, c := range append([]*Client(nil), s.waiters...) {
		if c.blocked == nil || c.blocked.kind != blockWait || !s.acked(&c.blocked.acks) {
			continue
		}
		out := len(c.w.Buf)
		s.replyAcks(&c.Ctx, &c.blocked.acks)
		s.unblock(c)
		c.endBlockedCommand(out)
	}
}

// dropWaiter forgets that a client waits.
func (s *Server) dropWaiter(c *Client) {
	for i, x := range s.waiters {
		if x == c {
			s.waiters = append(s.waiters[:i:i], s.waiters[i+1:]...)
			return
		}
	}
}
