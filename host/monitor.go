package host

import (
	"strconv"

	"berth/host/command"
	"berth/internal/argsplit"
)

func (s *Server) registerMonitor() {
	s.commands.Register("monitor", s.cmdMonitor)
}

func (s *Server) cmdMonitor(cc *command.Ctx) {
	c := cc.Client.(*Client)
	if c.flags&FlagDenyBlocking != 0 {
		cc.Error("ERR MONITOR isn't allowed for DENY BLOCKING client")
		return
	}
	if c.flags&(FlagMonitor|FlagReplica) != 0 {
		return // no reply, as in Redis
	}
	c.flags |= FlagMonitor
	s.monitors = append(s.monitors, c)
	cc.OK()
}

func (s *Server) stopMonitor(c *Client) {
	c.flags &^= FlagMonitor
	for i, x := range s.monitors {
		if x == c {
			s.monitors = append(s.monitors[:i:i], s.monitors[i+1:]...)
			return
		}
	}
}

// feedMonitors shows the command that c has just run to those who watch. It
// is called after the command, so that a SELECT shows its own database and
// what the command asked to redact is redacted.
func (s *Server) feedMonitors(c *Client) {
	now := s.now()
	b := append(s.scratch[:0], '+')
	b = strconv.AppendInt(b, now.Unix(), 10)
	b = append(b, '.')
	micros := strconv.Itoa(1000000 + now.Nanosecond()/1000)
	b = append(b, micros[1:]...)
	b = append(b, " ["...)
	b = strconv.AppendInt(b, int64(c.DB.ID()), 10)
	switch {
	case c.flags&FlagScript != 0:
		b = append(b, " lua] "...)
	case c.flags&FlagUnixSocket != 0:
		b = append(b, " unix:"...)
		b = append(b, s.cfg.UnixSocket...)
		b = append(b, "] "...)
	default:
		b = append(b, ' ')
		b = append(b, c.addr...)
		b = append(b, "] "...)
	}
	for i, a := range c.Args {
		if i > 0 {
			b = append(b, ' ')
		}
		if c.isRedacted(i) {
			a = redactedText
		}
		b = argsplit.Quote(b, a)
	}
	b = append(b, "\r\n"...)
	for _, m := range s.monitors {
		if m.flags&(FlagCloseASAP|FlagCloseAfterReply|FlagReplyOff) != 0 {
			continue
		}
		m.w.Raw(b)
		m.wrote()
	}
	s.scratch = b[:0]
}

// What MONITOR and the slow log show in place of a secret.
var redactedText = []byte("(redacted)")

// Redact hides argument i of the running command from MONITOR and the slow
// log.
func (c *Client) Redact(i int) {
	if !c.isRedacted(i) {
		c.redacted = append(c.redacted, i)
	}
}

// isRedacted is true for few arguments of few commands: a list does.
func (c *Client) isRedacted(i int) bool {
	for _, r := range c.redacted {
		if r == i {
			return true
		}
	}
	return false
}
