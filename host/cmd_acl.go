package host

import (
	"crypto/rand"
	"encoding/hex"
	"strings"

	"berth/host/acl"
	"berth/host/command"
	"berth/host/config"
)

const errNoACLFile = "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration."

func (s *Server) registerACL() {
	reg := s.commands.Register
	reg("acl|setuser", s.cmdACLSetUser)
	reg("acl|getuser", s.cmdACLGetUser)
	reg("acl|deluser", s.cmdACLDelUser)
	reg("acl|list", s.cmdACLList)
	reg("acl|users", s.cmdACLUsers)
	reg("acl|whoami", func(cc *command.Ctx) {
		if u := cc.Client.(*Client).user; u != nil {
			cc.BulkString(u.Name())
		} else {
			cc.Null()
		}
	})
	reg("acl|cat", s.cmdACLCat)
	reg("acl|dryrun", s.cmdACLDryRun)
	reg("acl|genpass", cmdACLGenPass)
	reg("acl|log", s.cmdACLLog)
	reg("acl|load", s.cmdACLLoad)
	reg("acl|save", s.cmdACLSave)
	reg("acl|help", command.Help)
}

func (s *Server) cmdACLSetUser(cc *command.Ctx) {
	c := cc.Client.(*Client)
	for i := 2; i < len(cc.Args); i++ {
		c.Redact(i)
	}
	name := string(cc.Args[2])
	if strings.ContainsAny(name, " \t\n\v\f\r\x00") {
		cc.Error("ERR Usernames can't contain spaces or null characters")
		return
	}
	rules := make([]string, 0, len(cc.Args)-3)
	for _, a := range cc.Args[3:] {
		rules = append(rules, string(a))
	}
	if err := s.acl.Set(name, rules); err != nil {
		cc.Error("ERR " + err.Error())
		return
	}
	cc.OK()
}

func (s *Server) cmdACLGetUser(cc *command.Ctx) {
	cc.Client.(*Client).Redact(2)
	u := s.acl.Get(cc.Args[2])
	if u == nil {
		cc.Null()
		return
	}
	permissions := func(p acl.Permissions) {
		cc.BulkString("commands")
		cc.BulkString(p.Commands)
		cc.BulkString("keys")
		cc.BulkString(p.Keys)
		cc.BulkString("channels")
		cc.BulkString(p.Channels)
	}
	cc.Map(6)
	cc.BulkString("flags")
	flags := u.Flags()
	cc.Set(len(flags))
	for _, f := range flags {
		cc.BulkString(f)
	}
	cc.BulkString("passwords")
	cc.Array(len(u.Passwords()))
	for _, h := range u.Passwords() {
		cc.BulkString(h)
	}
	selectors := u.Selectors()
	permissions(selectors[0])
	cc.BulkString("selectors")
	cc.Array(len(selectors) - 1)
	for _, p := range selectors[1:] {
		cc.Map(3)
		permissions(p)
	}
}

func (s *Server) cmdACLDelUser(cc *command.Ctx) {
	c := cc.Client.(*Client)
	for i := 2; i < len(cc.Args); i++ {
		c.Redact(i)
	}
	for _, name := range cc.Args[2:] {
		if string(name) == acl.DefaultName {
			cc.Error("ERR The 'default' user cannot be removed")
			return
		}
	}
	deleted := 0
	for _, name := range cc.Args[2:] {
		if u := s.acl.Delete(string(name)); u != nil {
			deleted++
			s.CloseClientsOf(u)
		}
	}
	cc.Int(int64(deleted))
}

func (s *Server) cmdACLList(cc *command.Ctx) {
	lines := s.acl.Lines()
	cc.Array(len(lines))
	for _, l := range lines {
		cc.BulkString("user " + l)
	}
}

func (s *Server) cmdACLUsers(cc *command.Ctx) {
	names := s.acl.Names()
	cc.Array(len(names))
	for _, n := range names {
		cc.BulkString(n)
	}
}

// cmdACLCat: ACL CAT [category].
func (s *Server) cmdACLCat(cc *command.Ctx) {
	t := s.commands
	switch len(cc.Args) {
	case 2:
		mark, n := cc.Defer(), 0
		t.CategoryNames(t.AllCategories(), func(name string) {
			cc.BulkString(name)
			n++
		})
		cc.DeferredArray(mark, n)
	case 3:
		cat, ok := t.Category(string(cc.Args[2]))
		if !ok {
			cc.Error("ERR Unknown category '" + string(cText(cc.Args[2], 128)) + "'")
			return
		}
		mark, n := cc.Defer(), 0
		t.Original(func(r *command.Row) {
			if r.Categories&cat != 0 {
				cc.BulkString(r.FullName())
				n++
			}
		})
		cc.DeferredArray(mark, n)
	default:
		subcommandSyntax(cc)
	}
}

// cmdACLDryRun: ACL DRYRUN user command [arg ...].
func (s *Server) cmdACLDryRun(cc *command.Ctx) {
	u := s.acl.Get(cc.Args[2])
	if u == nil {
		cc.Error("ERR User '" + string(cText(cc.Args[2], len(cc.Args[2]))) + "' not found")
		return
	}
	argv := cc.Args[3:]
	row := s.commands.LookupArgs(argv)
	if row == nil || !cc.Sees(row) {
		cc.Error("ERR Command '" + string(cText(argv[0], len(argv[0]))) + "' not found")
		return
	}
	if !row.ArityOK(len(argv)) {
		cc.Error("ERR wrong number of arguments for '" + row.FullName() + "' command")
		return
	}
	if d, at := u.Check(row, argv); d != acl.Allowed {
		cc.BulkString(d.Message(u, row, argv[at], true))
		return
	}
	cc.OK()
}

// cmdACLGenPass: ACL GENPASS [bits].
func cmdACLGenPass(cc *command.Ctx) {
	const most = 4096
	bits := int64(256)
	switch len(cc.Args) {
	case 2:
	case 3:
		n, ok := cc.IntArg(2)
		if !ok {
			return
		}
		if n <= 0 || n > most {
			cc.Error("ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096")
			return
		}
		bits = n
	default:
		subcommandSyntax(cc)
		return
	}
	digits := int(bits+3) / 4
	raw := make([]byte, (digits+1)/2)
	_, _ = rand.Read(raw) // never fails
	cc.BulkString(hex.EncodeToString(raw)[:digits])
}

// cmdACLLog: ACL LOG [count | RESET].
func (s *Server) cmdACLLog(cc *command.Ctx) {
	count := int64(10)
	switch {
	case len(cc.Args) == 2:
	case len(cc.Args) != 3:
		subcommandSyntax(cc)
		return
	case cc.ArgIs(2, "reset"):
		s.aclLog.Trim(0)
		cc.OK()
		return
	default:
		n, ok := cc.IntArg(2)
		if !ok {
			return
		}
		count = max(n, 0)
	}
	entries := s.aclLog.Entries()
	entries = entries[:min(count, int64(len(entries)))]
	cc.Array(len(entries))
	text := func(key, value string) {
		cc.BulkString(key)
		cc.BulkString(value)
	}
	number := func(key string, value int64) {
		cc.BulkString(key)
		cc.Int(value)
	}
	now := s.unixMillis()
	for _, e := range entries {
		cc.Map(10)
		number("count", e.Count)
		text("reason", e.ReasonName())
		text("context", e.Context)
		text("object", e.Object)
		text("username", e.UserName)
		cc.BulkString("age-seconds")
		cc.Double(float64(now-e.Updated) / 1000)
		text("client-info", e.Client)
		number("entry-id", e.ID)
		number("timestamp-created", e.Created)
		number("timestamp-last-updated", e.Updated)
	}
}

func (s *Server) cmdACLLoad(cc *command.Ctx) {
	if s.cfg.ACLFile == "" {
		cc.Error(errNoACLFile)
		return
	}
	if err := s.loadACLFile(); err != nil {
		cc.Error("ERR " + err.Error())
		return
	}
	cc.OK()
}

func (s *Server) cmdACLSave(cc *command.Ctx) {
	if s.cfg.ACLFile == "" {
		cc.Error(errNoACLFile)
		return
	}
	var text strings.Builder
	for _, l := range s.acl.Lines() {
		text.WriteString("user " + l + "\n")
	}
	if err := config.ReplaceFile(s.cfg.ACLFile, []byte(text.String())); err != nil {
		s.log.Warn("Saving ACL file: %s", err.Error())
		cc.Error("ERR There was an error trying to save the ACLs. Please check the server logs for more information")
		return
	}
	cc.OK()
}
