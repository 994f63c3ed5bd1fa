package host

import (
	"strconv"

	"berth/host/command"
	"berth/internal/numfmt"
)

// What is kept of one command's arguments.
const (
	slowlogArgs   = 32
	slowlogArgLen = 128
)

// slowlog has the commands that took long, newest last.
type slowlog struct {
	entries []slowEntry
	nextID  int64
}

type slowEntry struct {
	id, time, micros int64
	args             [][]byte
	peer             string
	name             []byte
}

func (s *Server) registerSlowlog() {
	s.commands.Register("slowlog|get", s.cmdSlowlogGet)
	s.commands.Register("slowlog|len", func(cc *command.Ctx) { cc.Int(int64(len(s.slowlog.entries))) })
	s.commands.Register("slowlog|reset", func(cc *command.Ctx) {
		s.slowlog.entries = nil
		cc.OK()
	})
	s.commands.Register("slowlog|help", command.Help)
}

// slowlogAdd enters the command that c has just run.
func (s *Server) slowlogAdd(c *Client, us int64) {
	l := &s.slowlog
	limit := s.cfg.SlowlogMaxLen
	if limit <= 0 {
		return
	}
	e := slowEntry{id: l.nextID, time: s.now().Unix(), micros: us, args: slowlogArguments(c)}
	l.nextID++
	if c.flags&FlagScript == 0 {
		e.peer = c.addr
		e.name = append([]byte(nil), c.Name...)
	}
	l.entries = append(l.entries, e)
	if over := len(l.entries) - limit; over > 0 {
		clear(l.entries[:over])
		l.entries = l.entries[over:]
	}
}

func slowlogArguments(c *Client) [][]byte {
	argc := len(c.Args)
	kept := min(argc, slowlogArgs)
	out := make([][]byte, kept)
	for i := range out {
		a := c.Args[i]
		switch {
		case argc > kept && i == kept-1:
			out[i] = append(strconv.AppendInt([]byte("... ("), int64(argc-kept+1), 10), " more arguments)"...)
		case c.isRedacted(i):
			out[i] = redactedText
		case len(a) > slowlogArgLen:
			b := append([]byte(nil), a[:slowlogArgLen]...)
			b = strconv.AppendInt(append(b, "... ("...), int64(len(a)-slowlogArgLen), 10)
			out[i] = append(b, " more bytes)"...)
		default:
			out[i] = append([]byte(nil), a...)
		}
	}
	return out
}

func (s *Server) cmdSlowlogGet(cc *command.Ctx) {
	if len(cc.Args) > 3 {
		subcommandSyntax(cc)
		return
	}
	n := 10
	if len(cc.Args) == 3 {
		v, ok := numfmt.ParseInt64(cc.Args[2])
		if !ok || v < -1 {
			cc.Error("ERR count should be greater than or equal to -1")
			return
		}
		n = int(v)
		if v == -1 {
			n = len(s.slowlog.entries)
		}
	}
	n = min(n, len(s.slowlog.entries))
	cc.Array(n)
	for i := range n {
		e := &s.slowlog.entries[len(s.slowlog.entries)-1-i]
		cc.Array(6)
		cc.Int(e.id)
		cc.Int(e.time)
		cc.Int(e.micros)
		cc.Array(len(e.args))
		for _, a := range e.args {
			cc.Bulk(a)
		}
		cc.BulkString(e.peer)
		cc.Bulk(e.name)
	}
}
