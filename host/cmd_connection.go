package host

import (
	"math"
	"net"
	"strings"

	"berth/host/command"
	"berth/internal/numfmt"
)

const errWrongPass = "WRONGPASS invalid username-password pair or user is disabled."

func (s *Server) registerConnection() {
	reg := s.commands.Register
	reg("ping", s.cmdPing)
	reg("echo", func(cc *command.Ctx) { cc.Bulk(cc.Args[1]) })
	reg("select", s.cmdSelect)
	reg("quit", func(cc *command.Ctx) {
		cc.OK()
		cc.Client.(*Client).flags |= FlagCloseAfterCommand
	})
	reg("reset", s.cmdReset)
	reg("auth", s.cmdAuth)
	reg("hello", s.cmdHello)
}

func (s *Server) cmdPing(cc *command.Ctx) {
	c := cc.Client.(*Client)
	if len(cc.Args) > 2 {
		cc.Error("ERR wrong number of arguments for 'ping' command")
		return
	}
	switch {
	case c.flags&FlagPubSub != 0 && !cc.RESP3():
		cc.Array(2)
		cc.BulkString("pong")
		if len(cc.Args) == 2 {
			cc.Bulk(cc.Args[1])
		} else {
			cc.BulkString("")
		}
	case len(cc.Args) == 2:
		cc.Bulk(cc.Args[1])
	default:
		cc.Simple("PONG")
	}
}

func (s *Server) cmdSelect(cc *command.Ctx) {
	n, ok := cc.RangeArgMsg(1, math.MinInt32, math.MaxInt32, command.ErrNotInteger, command.ErrNotInt32)
	if !ok {
		return
	}
	if n < 0 || n >= int64(s.ks.NumDBs()) {
		cc.Error(command.ErrDBIndex)
		return
	}
	cc.Client.(*Client).selectDB(s.ks.DB(int(n)))
	cc.OK()
}

// cmdReset makes the connection as good as new.
func (s *Server) cmdReset(cc *command.Ctx) {
	c := cc.Client.(*Client)
	if c.flags&(FlagReplica|FlagMaster|FlagModule) != 0 {
		cc.Error("ERR can only reset normal client connections")
		return
	}
	if c.flags&FlagMonitor != 0 {
		s.stopMonitor(c)
	}
	s.disableTracking(c)
	s.dropSubscriptions(c)
	s.discardTransaction(c)
	c.selectDB(s.ks.DB(0))
	c.w.Proto = 2
	c.Name = nil
	s.deauthenticate(c)
	c.flags &^= FlagReplyOff | FlagReplySkip | FlagReplySkipNext | FlagNoEvict | FlagNoTouch | FlagReadOnlyCluster
	cc.Simple("RESET")
}

func (s *Server) cmdAuth(cc *command.Ctx) {
	c := cc.Client.(*Client)
	user, password := []byte("default"), cc.Args[1]
	switch len(cc.Args) {
	case 2:
		c.Redact(1)
		if s.acl.Default().NoPass() {
			cc.Error("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?")
			return
		}
	case 3:
		c.Redact(1)
		c.Redact(2)
		user, password = cc.Args[1], cc.Args[2]
	default:
		cc.Error(command.ErrSyntax)
		return
	}
	switch result, text := s.authenticate(c, user, password); result {
	case AuthOK:
		cc.OK()
	case AuthFailed:
		cc.Error(text)
	}
}

// cmdHello: HELLO [version [AUTH user password] [SETNAME name]].
func (s *Server) cmdHello(cc *command.Ctx) {
	c := cc.Client.(*Client)
	version, at := int64(0), 1
	if len(cc.Args) > 1 {
		v, ok := numfmt.ParseInt64(cc.Args[1])
		if !ok {
			cc.Error("ERR Protocol version is not an integer or out of range")
			return
		}
		if v < 2 || v > 3 {
			cc.Error("NOPROTO unsupported protocol version")
			return
		}
		version, at = v, 2
	}
	var user, password, name []byte
	for at < len(cc.Args) {
		more := len(cc.Args) - 1 - at
		switch {
		case cc.ArgIs(at, "auth") && more >= 2:
			c.Redact(at + 1)
			c.Redact(at + 2)
			user, password = cc.Args[at+1], cc.Args[at+2]
			at += 3
		case cc.ArgIs(at, "setname") && more >= 1:
			name = cc.Args[at+1]
			if !validClientName(name) {
				cc.Error(errClientName)
				return
			}
			at += 2
		default:
			cc.Error("ERR Syntax error in HELLO option '" + string(cc.Args[at]) + "'")
			return
		}
	}
	if user != nil {
		switch result, text := s.authenticate(c, user, password); result {
		case AuthFailed:
			cc.Error(text)
			return
		case AuthBlocked:
			return
		}
	}
	if s.authRequired(c) {
		cc.Error("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time")
		return
	}
	if name != nil {
		c.setName(name)
	}
	if version != 0 {
		c.w.Proto = int(version)
	}
	s.replyHello(c)
}

func (s *Server) replyHello(c *Client) {
	w := &c.w
	w.Map(7)
	w.BulkString("server")
	w.BulkString("redis")
	w.BulkString("version")
	w.BulkString(RedisVersion)
	w.BulkString("proto")
	w.Int(int64(w.Proto))
	w.BulkString("id")
	w.Int(c.id)
	w.BulkString("mode")
	w.BulkString("standalone")
	w.BulkString("role")
	w.BulkString("master")
	w.BulkString("modules")
	var mods []ModuleInfo
	if s.runtime != nil {
		mods = s.runtime.Modules()
	}
	w.Array(len(mods))
	for i := range mods {
		writeModule(w, &mods[i])
	}
}

// writeModule describes a module as HELLO and MODULE LIST do.
func writeModule(w *command.Writer, m *ModuleInfo) {
	w.Map(4)
	w.BulkString("name")
	w.BulkString(m.Name)
	w.BulkString("ver")
	w.Int(int64(m.Version))
	w.BulkString("path")
	w.BulkString(m.Path)
	w.BulkString("args")
	w.Array(len(m.Args))
	for _, a := range m.Args {
		w.Bulk(a)
	}
}

// local reports whether the peer is on this machine, as far as
// enable-debug-command local and its like go.
func (c *Client) local() bool {
	if c.io == nil || c.flags&FlagUnixSocket != 0 {
		return true
	}
	host, _, err := net.SplitHostPort(c.addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// subcommandSyntax refuses arguments that do not fit the subcommand.
func subcommandSyntax(cc *command.Ctx) {
	sub := cc.Args[1]
	cc.Error("ERR unknown subcommand or wrong number of arguments for '" + string(sub[:min(len(sub), 128)]) +
		"'. Try " + strings.ToUpper(string(cc.Args[0])) + " HELP.")
}
