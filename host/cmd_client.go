package host

import (
	"math"
	"slices"
	"strings"
	"time"

	"berth/host/command"
	"berth/internal/numfmt"
)

const errClientName = "ERR Client names cannot contain spaces, newlines or special characters."

func (s *Server) registerClient() {
	reg := s.commands.Register
	reg("client|id", func(cc *command.Ctx) { cc.Int(cc.Client.(*Client).id) })
	reg("client|info", func(cc *command.Ctx) {
		cc.Verbatim("txt", append(cc.Client.(*Client).appendInfo(nil), '\n'))
	})
	reg("client|list", s.cmdClientList)
	reg("client|kill", s.cmdClientKill)
	reg("client|setname", cmdClientSetName)
	reg("client|getname", func(cc *command.Ctx) {
		if c := cc.Client.(*Client); len(c.Name) > 0 {
			cc.Bulk(c.Name)
		} else {
			cc.Null()
		}
	})
	reg("client|setinfo", cmdClientSetInfo)
	reg("client|reply", cmdClientReply)
	reg("client|pause", s.cmdClientPause)
	reg("client|unpause", func(cc *command.Ctx) { s.unpause(); cc.OK() })
	reg("client|no-evict", func(cc *command.Ctx) { cmdClientSwitch(cc, FlagNoEvict) })
	reg("client|no-touch", func(cc *command.Ctx) { cmdClientSwitch(cc, FlagNoTouch) })
	reg("client|unblock", s.cmdClientUnblock)
	reg("client|help", command.Help)
}

// clientType is a class of clients in CLIENT LIST and CLIENT KILL.
type clientType int

const (
	typeNormal clientType = iota
	typeReplica
	typePubSub
	typeMaster
)

func parseClientType(b []byte) (clientType, bool) {
	for name, t := range map[string]clientType{
		"normal": typeNormal, "slave": typeReplica, "replica": typeReplica, "pubsub": typePubSub, "master": typeMaster,
	} {
		if command.EqualFold(b, name) {
			return t, true
		}
	}
	return 0, false
}

func (c *Client) kind() clientType {
	switch {
	case c.flags&FlagMaster != 0:
		return typeMaster
	case c.flags&FlagReplica != 0:
		return typeReplica
	case c.flags&FlagPubSub != 0:
		return typePubSub
	}
	return typeNormal
}

// cmdClientList: CLIENT LIST [TYPE type | ID id ...].
func (s *Server) cmdClientList(cc *command.Ctx) {
	list := s.clients
	switch {
	case len(cc.Args) == 2:
	case len(cc.Args) == 4 && cc.ArgIs(2, "type"):
		t, ok := parseClientType(cc.Args[3])
		if !ok {
			cc.Error("ERR Unknown client type '" + string(cc.Args[3]) + "'")
			return
		}
		list = nil
		for _, c := range s.clients {
			if c.kind() == t {
				list = append(list, c)
			}
		}
	case len(cc.Args) > 3 && cc.ArgIs(2, "id"):
		list = nil
		for _, a := range cc.Args[3:] {
			id, ok := numfmt.ParseInt64(a)
			if !ok {
				cc.Error("ERR Invalid client ID")
				return
			}
			if c := s.clientByID[id]; c != nil {
				list = append(list, c)
			}
		}
	default:
		cc.Error(command.ErrSyntax)
		return
	}
	var b []byte
	for _, c := range list {
		b = append(c.appendInfo(b), '\n')
	}
	cc.Verbatim("txt", b)
}

// killFilter is what CLIENT KILL selects by; an absent condition is nil or 0.
type killFilter struct {
	id, maxAge  int64
	addr, laddr []byte
	user        []byte
	kind        clientType
	byKind      bool
	sparesSelf  bool
}

func (f *killFilter) matches(c *Client) bool {
	switch {
	case f.addr != nil && c.addr != string(f.addr),
		f.laddr != nil && c.laddr != string(f.laddr),
		f.byKind && c.kind() != f.kind,
		f.id != 0 && c.id != f.id,
		f.user != nil && c.UserName() != string(f.user),
		f.maxAge != 0 && int64(time.Since(c.created)/time.Second) < f.maxAge:
		return false
	}
	return true
}

// cmdClientKill: CLIENT KILL addr, or CLIENT KILL filter value ...
func (s *Server) cmdClientKill(cc *command.Ctx) {
	self := cc.Client.(*Client)
	f := killFilter{sparesSelf: true}
	old := len(cc.Args) == 3
	if old {
		f.addr, f.sparesSelf = cc.Args[2], false
	} else if !s.parseKillFilter(cc, &f) {
		return
	}
	killed, suicide := 0, false
	for _, c := range slices.Clone(s.clients) {
		if !f.matches(c) || c == self && f.sparesSelf {
			continue
		}
		killed++
		if c == self {
			suicide = true
		} else {
			s.freeClient(c)
		}
	}
	switch {
	case !old:
		cc.Int(int64(killed))
	case killed == 0:
		cc.Error("ERR No such client")
	default:
		cc.OK()
	}
	if suicide {
		self.flags |= FlagCloseAfterReply
	}
}

func (s *Server) parseKillFilter(cc *command.Ctx, f *killFilter) bool {
	for i := 2; i < len(cc.Args); i += 2 {
		if i+1 >= len(cc.Args) {
			cc.Error(command.ErrSyntax)
			return false
		}
		v := cc.Args[i+1]
		switch {
		case cc.ArgIs(i, "id"):
			id, ok := numfmt.ParseInt64(v)
			if !ok || id < 1 {
				cc.Error("ERR client-id should be greater than 0")
				return false
			}
			f.id = id
		case cc.ArgIs(i, "maxage"):
			age, ok := cc.IntArgMsg(i+1, "ERR maxage is not an integer or out of range")
			if !ok {
				return false
			}
			if age <= 0 {
				cc.Error("ERR maxage should be greater than 0")
				return false
			}
			f.maxAge = age
		case cc.ArgIs(i, "type"):
			t, ok := parseClientType(v)
			if !ok {
				cc.Error("ERR Unknown client type '" + string(v) + "'")
				return false
			}
			f.kind, f.byKind = t, true
		case cc.ArgIs(i, "addr"):
			f.addr = v
		case cc.ArgIs(i, "laddr"):
			f.laddr = v
		case cc.ArgIs(i, "user"):
			if s.acl.Get(v) == nil {
				cc.Error("ERR No such user '" + string(v) + "'")
				return false
			}
			f.user = v
		case cc.ArgIs(i, "skipme") && command.EqualFold(v, "yes"):
			f.sparesSelf = true
		case cc.ArgIs(i, "skipme") && command.EqualFold(v, "no"):
			f.sparesSelf = false
		default:
			cc.Error(command.ErrSyntax)
			return false
		}
	}
	return true
}

// validAttr reports whether b can stand in a field of CLIENT LIST.
func validAttr(b []byte) bool {
	for _, ch := range b {
		if ch < '!' || ch > '~' {
			return false
		}
	}
	return true
}

func validClientName(b []byte) bool { return validAttr(b) }

// setName names the connection; an empty name removes the name.
func (c *Client) setName(b []byte) {
	c.Name = append([]byte(nil), b...)
}

func cmdClientSetName(cc *command.Ctx) {
	if !validClientName(cc.Args[2]) {
		cc.Error(errClientName)
		return
	}
	cc.Client.(*Client).setName(cc.Args[2])
	cc.OK()
}

func cmdClientSetInfo(cc *command.Ctx) {
	c := cc.Client.(*Client)
	var dst *[]byte
	name := strings.ToLower(string(cc.Args[2]))
	switch name {
	case "lib-name":
		dst = &c.LibName
	case "lib-ver":
		dst = &c.LibVer
	default:
		cc.Error("ERR Unrecognized option '" + string(cc.Args[2]) + "'")
		return
	}
	if !validAttr(cc.Args[3]) {
		cc.Error("ERR " + name + " cannot contain spaces, newlines or special characters.")
		return
	}
	*dst = append([]byte(nil), cc.Args[3]...)
	cc.OK()
}

func cmdClientReply(cc *command.Ctx) {
	c := cc.Client.(*Client)
	switch {
	case cc.ArgIs(2, "on"):
		c.flags &^= FlagReplyOff | FlagReplySkip
		cc.OK()
	case cc.ArgIs(2, "off"):
		c.flags |= FlagReplyOff
	case cc.ArgIs(2, "skip"):
		if c.flags&FlagReplyOff == 0 {
			c.flags |= FlagReplySkipNext
		}
	default:
		cc.Error(command.ErrSyntax)
	}
}

func cmdClientSwitch(cc *command.Ctx, f ClientFlags) {
	c := cc.Client.(*Client)
	switch {
	case cc.ArgIs(2, "on"):
		c.flags |= f
	case cc.ArgIs(2, "off"):
		c.flags &^= f
	default:
		cc.Error(command.ErrSyntax)
		return
	}
	c.updateMemory()
	cc.OK()
}

// cmdClientPause: CLIENT PAUSE timeout [WRITE|ALL].
func (s *Server) cmdClientPause(cc *command.Ctx) {
	all := true
	switch {
	case len(cc.Args) > 4:
		subcommandSyntax(cc)
		return
	case len(cc.Args) == 4 && cc.ArgIs(3, "write"):
		all = false
	case len(cc.Args) == 4 && !cc.ArgIs(3, "all"):
		cc.Error("ERR CLIENT PAUSE mode must be WRITE or ALL")
		return
	}
	ms, ok := cc.IntArgMsg(2, command.ErrTimeoutInt)
	if !ok {
		return
	}
	if ms < 0 {
		cc.Error(command.ErrTimeoutNeg)
		return
	}
	if ms > math.MaxInt64-s.unixMillis() {
		cc.Error("ERR timeout is out of range")
		return
	}
	s.pause(all, s.unixMillis()+ms)
	cc.OK()
}

// cmdClientUnblock: CLIENT UNBLOCK id [TIMEOUT|ERROR].
func (s *Server) cmdClientUnblock(cc *command.Ctx) {
	asError := false
	switch {
	case len(cc.Args) > 4:
		subcommandSyntax(cc)
		return
	case len(cc.Args) == 4 && cc.ArgIs(3, "error"):
		asError = true
	case len(cc.Args) == 4 && !cc.ArgIs(3, "timeout"):
		cc.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
		return
	}
	id, ok := cc.IntArg(2)
	if !ok {
		return
	}
	c := s.clientByID[id]
	if c == nil || !c.mayTimeOut() {
		cc.Int(0)
		return
	}
	if asError {
		s.unblockWithError(c, "UNBLOCKED client unblocked via CLIENT UNBLOCK")
	} else {
		s.blockTimedOut(c)
	}
	cc.Int(1)
}

// mayTimeOut reports whether the client waits for something that can end
// without having come.
func (c *Client) mayTimeOut() bool {
	if c.flags&FlagBlocked == 0 || c.blocked == nil {
		return false
	}
	switch c.blocked.kind {
	case blockKeys, blockWait:
		return true
	case blockModule:
		return c.blocked.module.CanUnblock(c)
	}
	return false
}

// unblockWithError ends a client's wait with an error reply.
func (s *Server) unblockWithError(c *Client, msg string) {
	out := len(c.w.Buf)
	c.w.Error(msg)
	if c.blocked.kind == blockModule {
		c.blocked.module.Disconnected(c)
	}
	s.unblock(c)
	c.endBlockedCommand(out)
}
