package acl

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"berth/host/command"
)

// DefaultName is the user that connections begin as.
const DefaultName = "default"

// Users are the named users of a server.
type Users struct {
	// AllChannels tells whether new users may use every channel (acl-pubsub-default).
	AllChannels func() bool
	// Warn receives lines for the server's log; nil is silence.
	Warn func(string)
	// ChannelsLost is called when a user's new rules, not in place yet, may forbid subscriptions of clients that are that
	// user. allowed are the patterns that remain.
	ChannelsLost func(u *User, allowed Channels)

	// Changed is called when a user may have become another.
	Changed func(u *User)

	table *command.Table
	named map[string]*User
	deflt *User
}

// Channels are channel patterns.
type Channels [][]byte

// Allow reports whether the patterns cover a channel, or hold a pattern.
func (c Channels) Allow(name []byte, pattern bool) bool { return channelIn(c, name, pattern) }

// New makes the users of a server: the default user, who may do everything.
func New(table *command.Table) *Users {
	us := &Users{table: table, named: map[string]*User{}}
	us.deflt = us.newDefault()
	us.named[DefaultName] = us.deflt
	return us
}

func (us *Users) allChannels() bool { return us.AllChannels != nil && us.AllChannels() }

func (us *Users) newDefault() *User {
	u := us.NewUser(DefaultName)
	u.enabled, u.noPass = true, true
	root := u.selectors[0]
	root.allKeys, root.allChannels = true, true
	root.setAll(true)
	u.refresh()
	return u
}

// Default is the default user; it is the same one always.
func (us *Users) Default() *User { return us.deflt }

// Get finds a user by name, or nil.
func (us *Users) Get(name []byte) *User { return us.named[string(name)] }

// Names lists the users, sorted.
func (us *Users) Names() []string { return slices.Sorted(maps.Keys(us.named)) }

// Set applies rules to the named user, who comes into being with them. Nothing changes if one is
// refused.
func (us *Users) Set(name string, rules []string) error {
	u := us.named[name]
	base := u
	if base == nil {
		base = us.NewUser(name)
	}
	staged, err := base.stage(rules)
	if err != nil {
		return err
	}
	if u == nil {
		us.named[name] = staged
		return nil
	}
	us.replace(u, staged)
	return nil
}

// SetUser is [Users.Set] for a user at hand, named or a module's.
func (us *Users) SetUser(u *User, rules []string) error {
	staged, err := u.stage(rules)
	if err == nil {
		us.replace(u, staged)
	}
	return err
}

// SetRule applies one rule to a user at hand. A rule that is refused changes nothing.
func (us *Users) SetRule(u *User, rule string) error {
	err := u.Set(rule)
	us.changed(u)
	return err
}

// replace gives u the rules of staged.
func (us *Users) replace(u, staged *User) {
	if us.ChannelsLost != nil {
		if allowed, lost := lostChannels(staged, u); lost {
			us.ChannelsLost(u, allowed)
		}
	}
	u.copyFrom(staged)
	us.changed(u)
}

func (us *Users) changed(u *User) {
	if us.Changed != nil {
		us.Changed(u)
	}
}

// Delete removes a named user and returns it, or nil.
func (us *Users) Delete(name string) *User {
	u := us.named[name]
	delete(us.named, name)
	return u
}

// SetDefaultPassword makes password the only one of the default user, or lets it in without any
// (requirepass).
func (us *Users) SetDefaultPassword(password string) {
	u := us.deflt
	u.noPass, u.hashes = password == "", nil
	if password != "" {
		u.hashes = []string{HashPassword([]byte(password))}
	}
	us.changed(u)
}

// Lines are the users as files hold them, without the leading word `user`.
func (us *Users) Lines() []string {
	lines := make([]string, 0, len(us.named))
	for _, name := range us.Names() {
		lines = append(lines, name+" "+us.named[name].Describe())
	}
	return lines
}

// Recompute applies every named user's command rules anew, when commands with categories came.
func (us *Users) Recompute() {
	for _, u := range us.named {
		for _, s := range u.selectors {
			s.recompute(us.table)
		}
		u.refresh()
	}
}

var errFormat = errors.New("Wrong format")

// DeclareError is a `user` line of a configuration file that is refused.
type DeclareError struct {
	Arg    string // the argument at fault
	Reason error
}

func (e *DeclareError) Error() string {
	return "Error in user declaration '" + e.Arg + "': " + e.Reason.Error()
}

// CheckDeclaration judges the arguments of a `user` line of the configuration file, against the
// lines before it. Commands that are not known may become so with a module.
func (us *Users) CheckDeclaration(args []string, before [][]string) error {
	for _, b := range before {
		if b[0] == args[0] {
			return &DeclareError{cString(args[0]), ErrDuplicate}
		}
	}
	rules, err := MergeSelectors(args[1:])
	if err != nil {
		return &DeclareError{"user", errFormat}
	}
	u := us.NewUser(args[0])
	for i, r := range rules {
		if err := u.set(r, false); err != nil && err != ErrUnknown {
			// Redis counts the rules from the line's first word.
			return &DeclareError{cString(append([]string{"user"}, args...)[i]), err}
		}
	}
	return nil
}

// Declare makes a user of a `user` line. The default user is made anew by it.
func (us *Users) Declare(args []string) error {
	name := args[0]
	u := us.named[name]
	if u == nil {
		u = us.NewUser(name)
		us.named[name] = u
	} else if err := u.Set("reset"); err != nil {
		return err
	}
	defer us.changed(u)
	defer u.refresh()
	rules, err := MergeSelectors(args[1:])
	if err != nil {
		return err
	}
	for _, r := range rules {
		if err := u.set(r, true); err != nil {
			return &RuleError{cString(r), err}
		}
	}
	return nil
}

// Load replaces all users by those of an ACL file's text; name is the file's, for messages. With an
// error, which lists everything that is wrong, nothing changes. moved is called for each user that
// was there before with the one that takes its place: nil where there is none, and itself for the
// default user, which stays.
func (us *Users) Load(name, text string, moved func(old, fresh *User, allowed Channels, lost bool)) error {
	fresh := &Users{AllChannels: us.AllChannels, Warn: us.Warn, table: us.table, named: map[string]*User{}}
	if problems := fresh.parse(name, text); problems != "" {
		return LoadError(problems + "WARNING: ACL errors detected, no change to the previously active ACL rules was performed")
	}
	old := us.named
	if d := fresh.named[DefaultName]; d != nil {
		us.deflt.copyFrom(d)
	} else {
		us.deflt.copyFrom(us.newDefault())
	}
	fresh.named[DefaultName] = us.deflt
	for _, u := range fresh.named {
		u.users = us
	}
	us.named = fresh.named
	us.changed(us.deflt)
	for name, o := range old {
		n := us.named[name]
		if n == nil {
			moved(o, nil, nil, true)
			continue
		}
		allowed, lost := lostChannels(n, o)
		moved(o, n, allowed, lost)
	}
	return nil
}

// LoadError is everything that is wrong with an ACL file, in one line.
type LoadError string

func (e LoadError) Error() string { return string(e) }

// fileLines are the lines of a file as C reads them: a zero byte takes what follows it on its line away, the
// line's end with it.
func fileLines(text string) []string {
	if strings.IndexByte(text, 0) >= 0 {
		var b strings.Builder
		for line := range strings.Lines(text) {
			b.WriteString(cString(line))
		}
		text = b.String()
	}
	return strings.Split(text, "\n")
}

// parse adds the users of an ACL file's text and returns what is wrong with it.
func (us *Users) parse(file, text string) string {
	var problems strings.Builder
	for i, line := range fileLines(text) {
		at := file + ":" + itoa(i+1) + ": "
		line = strings.Trim(line, " \t\r\n")
		if line == "" {
			continue
		}
		args := strings.Split(line, " ")
		if args[0] != "user" || len(args) < 2 {
			problems.WriteString(strings.TrimSuffix(at, ": ") + " should start with user keyword followed by the username. ")
			continue
		}
		name := args[1]
		if hasSpaces(name) {
			problems.WriteString(at + "username '" + cString(name) + "' contains invalid characters. ")
			continue
		}
		if us.named[name] != nil {
			problems.WriteString("WARNING: Duplicate user '" + name + "' found on line " + itoa(i+1) + ". ")
			continue
		}
		u := us.NewUser(name)
		us.named[name] = u
		rules, err := MergeSelectors(args[2:])
		if err != nil {
			problems.WriteString(at + "Unmatched parenthesis in selector definition.")
			continue
		}
		syntax := false
		for _, r := range rules {
			r = strings.Trim(r, "\t\r\n")
			switch err := u.set(r, true); {
			case err == nil:
			case err == ErrUnknown:
				problems.WriteString(at + "Error in applying operation '" + cString(r) + "': " + err.Error() + ". ")
			case !syntax:
				syntax = true
				problems.WriteString(at + err.Error() + ". ")
			}
		}
		u.refresh()
	}
	return problems.String()
}
