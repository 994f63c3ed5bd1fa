package host

import (
	"errors"
	"os"
	"slices"

	"berth/host/acl"
	"berth/host/command"
	"berth/host/config"
	"berth/internal/errtext"
)

// attachUsers makes the users, and connects them with the clients.
func (s *Server) attachUsers() {
	s.acl = acl.New(s.commands)
	s.acl.AllChannels = func() bool { return s.cfg.ACLPubsubDefault == config.ACLPubsubAll }
	s.acl.Warn = func(text string) { s.log.Warn("%s", text) }
	s.acl.Changed = s.userChanged
	s.acl.ChannelsLost = func(u *acl.User, allowed acl.Channels) {
		for _, c := range s.clientsOf(u) {
			s.closeIfLost(c, allowed)
		}
	}
}

// loadUsers makes the users of the configuration, or those of the ACL file. The error is the last line
// for the log.
func (s *Server) loadUsers() error {
	if s.cfg.ACLFile != "" && len(s.cfg.Users) > 0 {
		return errors.New("Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is invalid. This setup is very likely to lead to configuration errors and security holes, please define either an ACL file or declare users directly in your redis.conf, but not both.")
	}
	for _, args := range s.cfg.Users {
		var refused *acl.RuleError
		err := s.acl.Declare(args)
		switch {
		case errors.As(err, &refused):
			s.log.Warn("Error loading ACL rule '%s' for the user named '%s': %s", refused.Rule, args[0], refused.Reason.Error())
		case err != nil:
			s.log.Warn("%s", err.Error())
		case !s.acl.Get([]byte(args[0])).Enabled():
			s.log.Notice("The user '%s' is disabled (there is no 'on' modifier in the user description). Make sure this is not a configuration error.", args[0])
		}
		if err != nil {
			return errors.New("Critical error while loading ACLs. Exiting.")
		}
	}
	if s.cfg.ACLFile != "" {
		if err := s.loadACLFile(); err != nil {
			return errors.New("Aborting Redis startup because of ACL errors: " + err.Error())
		}
	}
	return nil
}

// loadACLFile replaces the users by those of the ACL file. Clients go on as the user of the same name;
// those whose user is gone, or has lost channels that they are subscribed to, are cut.
func (s *Server) loadACLFile() error {
	text, err := os.ReadFile(s.cfg.ACLFile)
	if err != nil {
		return errors.New("Error loading ACLs, opening file '" + s.cfg.ACLFile + "': " + errtext.Of(err))
	}
	return s.acl.Load(s.cfg.ACLFile, string(text), func(old, fresh *acl.User, allowed acl.Channels, lost bool) {
		for _, c := range s.clientsOf(old) {
			if fresh == nil {
				s.CloseClient(c)
				continue
			}
			c.user = fresh
			if lost {
				s.closeIfLost(c, allowed)
			}
		}
	})
}

// clientsOf lists the connections of a user.
func (s *Server) clientsOf(u *acl.User) []*Client {
	var list []*Client
	for _, c := range s.clients {
		if c.user == u {
			list = append(list, c)
		}
	}
	return list
}

// closeIfLost cuts a client that is subscribed to something that it may not hear any more.
func (s *Server) closeIfLost(c *Client, allowed acl.Channels) {
	if c.subs == nil || c.flags&FlagPubSub == 0 {
		return
	}
	for _, k := range []*subKind{kindPattern, kindChannel, kindShard} {
		for name := range k.held(c.subs) {
			if !allowed.Allow([]byte(name), k.pattern) {
				s.CloseClient(c)
				return
			}
		}
	}
}

// userChanged keeps what is derived from the default user: whether a connection has to authenticate.
func (s *Server) userChanged(u *acl.User) {
	if u != s.acl.Default() {
		return
	}
	s.mustAuth = !u.NoPass() || !u.Enabled()
	for _, c := range s.clients {
		c.parser.Unauth = s.authRequired(c)
	}
}

// Users are the server's users.
func (s *Server) Users() *acl.Users { return s.acl }

// UserName is the name of the user that the client is.
func (c *Client) UserName() string {
	if c.user == nil {
		return "(superuser)"
	}
	return c.user.Name()
}

// User is who the client is; nil for a client of the server's own, which may do everything.
func (c *Client) User() *acl.User { return c.user }

// SetUser makes a client of the server's own run commands as u, or as nobody in particular (nil).
func (c *Client) SetUser(u *acl.User) { c.user = u }

// deauthenticate puts the client back to the default user, as after connecting.
func (s *Server) deauthenticate(c *Client) {
	s.leaveUser(c)
	c.user = s.acl.Default()
	c.flags &^= FlagAuthenticated | FlagModuleAuth
	if !s.mustAuth {
		// A password that is set later does not lock this client out.
		c.flags |= FlagAuthenticated
	}
	c.parser.Unauth = s.authRequired(c)
}

// authRequired reports whether the client has yet to authenticate.
func (s *Server) authRequired(c *Client) bool {
	return s.mustAuth && c.flags&FlagAuthenticated == 0
}

// Authenticated makes the client u's from now on.
func (s *Server) Authenticated(c *Client, u *acl.User) {
	c.user = u
	c.flags |= FlagAuthenticated
	c.parser.Unauth = false
}

// leaveUser tells modules that the client stops being the user that it is.
func (s *Server) leaveUser(c *Client) {
	if c.ModuleData != nil {
		s.runtime.UserChanged(c)
	}
}

// authenticate checks a name and a password, and makes the client that user's. The text is that of the error
// for AuthFailed.
func (s *Server) authenticate(c *Client, name, password []byte) (AuthResult, string) {
	if s.runtime != nil {
		if r, text := s.runtime.Authenticate(c, name, password); r != AuthNotHandled {
			if r == AuthFailed && text == "" {
				text = errWrongPass
			}
			return r, text
		}
	}
	u := s.acl.Get(name)
	if u == nil || !u.Enabled() || !u.HasPassword(password) {
		s.LogDenial(c, acl.DeniedAuth, c.aclContext(), string(c.Args[0]), string(name))
		s.fireEvent(EventAuthAttempt, 0, AuthAttempt{c, string(name), false})
		return AuthFailed, errWrongPass
	}
	s.leaveUser(c)
	s.Authenticated(c, u)
	s.fireEvent(EventAuthAttempt, 0, AuthAttempt{c, u.Name(), true})
	return AuthOK, ""
}

func (c *Client) aclContext() string {
	switch {
	case c.flags&FlagScript != 0:
		return acl.ContextScript
	case c.flags&FlagMulti != 0:
		return acl.ContextMulti
	}
	return acl.ContextTopLevel
}

// denied logs that the client may not run c.Args, and words the refusal. at is the argument at fault.
func (s *Server) denied(c *Client, row *command.Row, d acl.Denial, at int) string {
	s.logDenied(c, row, d, at)
	return "NOPERM " + d.Message(c.user, row, c.Args[at], false)
}

func (s *Server) logDenied(c *Client, row *command.Row, d acl.Denial, at int) {
	object := row.FullName()
	if d != acl.DeniedCommand {
		object = string(c.Args[at])
	}
	s.LogDenial(c, d, c.aclContext(), object, c.UserName())
}

// deniedInExec is denied for a command that was allowed when it was queued.
func (s *Server) deniedInExec(c *Client, row *command.Row, d acl.Denial, at int) string {
	s.logDenied(c, row, d, at)
	reason := "no permission to execute the command or subcommand"
	switch d {
	case acl.DeniedKey:
		reason = "no permission to touch the specified keys"
	case acl.DeniedChannel:
		reason = "no permission to access one of the channels used as arguments"
	}
	return "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: " + reason
}

// CheckCommand judges the command in c.Args by the rights of c's user, as for a client: what is refused is logged, and the
// text of the reply is returned. It is "" where the command is allowed.
func (s *Server) CheckCommand(c *Client, row *command.Row) string {
	if d, at := c.user.Check(row, c.Args); d != acl.Allowed {
		return s.denied(c, row, d, at)
	}
	return ""
}

// LogDenial enters a refusal in ACL LOG and in the statistics. The client shown is the one whose command runs, else
// c, which may be nil.
func (s *Server) LogDenial(c *Client, d acl.Denial, context, object, user string) {
	s.stat.denied[d]++
	if s.current != nil {
		c = s.current
	}
	info := ""
	if c != nil {
		info = c.info()
	}
	s.aclLog.Add(acl.LogEntry{
		Reason: d, Context: context, Object: object, UserName: user, Client: info, Created: s.unixMillis(),
	}, s.cfg.ACLLogMaxLen)
}

// KeysUnrestricted implements [command.Host].
func (s *Server) KeysUnrestricted(cc *command.Ctx) bool {
	return cc.Client.(*Client).user.KeysUnrestricted(cc.Row, cc.Args, acl.Read)
}

// CheckModuleCall is CheckCommand for a command that a module calls as a user; c is the client that it
// is called with.
func (s *Server) CheckModuleCall(c *Client, row *command.Row) string {
	d, at := c.user.Check(row, c.Args)
	if d == acl.Allowed {
		return ""
	}
	object := row.FullName()
	if d != acl.DeniedCommand {
		object = string(c.Args[at])
	}
	s.LogDenial(c, d, acl.ContextModule, object, c.UserName())
	return "NOPERM " + d.Message(c.user, row, c.Args[at], false)
}

// CloseClientsOf cuts the connections of a user that goes away.
func (s *Server) CloseClientsOf(u *acl.User) {
	for _, c := range s.clientsOf(u) {
		s.CloseClient(c)
	}
}

// Clients are the connections. The slice is the caller's.
func (s *Server) Clients() []*Client { return slices.Clone(s.clients) }
