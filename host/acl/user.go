package acl

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"strings"

	"berth/host/command"
)

// User is somebody with permissions: a named user of a [Users], or one that a module made.
// What holds a *User sees every later change of it.
type User struct {
	name     string
	enabled  bool
	noPass   bool
	skipSane bool     // RESTORE need not check payloads
	hashes   []string // of passwords: SHA-256 in lower-case hexadecimal
	// selectors has the root first.
	selectors []*selector
	// all is true when one selector allows everything: nothing needs to be looked at then.
	all bool

	users   *Users
	scratch scratch
}

// scratch is the room for the keys and channels of one command.
type scratch struct {
	keys     []command.KeyRef
	keysDone bool
	channels []command.ChannelRef
}

func (x *scratch) keysOf(row *command.Row, argv [][]byte) []command.KeyRef {
	if !x.keysDone {
		x.keys, _ = command.GetKeys(row, argv, x.keys[:0], 0)
		x.keysDone = true
	}
	return x.keys
}

func (x *scratch) channelsOf(row *command.Row, argv [][]byte) []command.ChannelRef {
	x.channels, _ = command.Channels(row, argv, x.channels[:0])
	return x.channels
}

// NewUser makes a user without permissions that is not among the named ones.
func (us *Users) NewUser(name string) *User {
	return &User{name: name, users: us, selectors: []*selector{newSelector(us.allChannels())}}
}

// Name is the user's name.
func (u *User) Name() string { return u.name }

// Enabled reports whether the user may authenticate.
func (u *User) Enabled() bool { return u.enabled }

// NoPass reports whether any password will do.
func (u *User) NoPass() bool { return u.noPass }

// copyFrom makes u the same as o but for the name.
func (u *User) copyFrom(o *User) {
	u.enabled, u.noPass, u.skipSane, u.all = o.enabled, o.noPass, o.skipSane, o.all
	u.hashes = slices.Clone(o.hashes)
	u.selectors = make([]*selector, len(o.selectors))
	for i, s := range o.selectors {
		u.selectors[i] = s.clone()
	}
}

func (u *User) clone() *User {
	c := &User{name: u.name, users: u.users}
	c.copyFrom(u)
	return c
}

// refresh works out what shortens later checks.
func (u *User) refresh() {
	u.all = slices.ContainsFunc(u.selectors, (*selector).everything)
}

// Set applies one rule. A rule that is refused changes nothing.
func (u *User) Set(op string) error {
	defer u.refresh()
	return u.set(op, true)
}

func (u *User) set(op string, warn bool) error {
	if op == "" {
		return nil
	}
	switch strings.ToLower(cString(op)) {
	case "on":
		u.enabled = true
		return nil
	case "off":
		u.enabled = false
		return nil
	case "nopass":
		u.noPass, u.hashes = true, nil
		return nil
	case "resetpass":
		u.noPass, u.hashes = false, nil
		return nil
	case "skip-sanitize-payload":
		u.skipSane = true
		return nil
	case "sanitize-payload":
		u.skipSane = false
		return nil
	case "clearselectors":
		u.selectors = u.selectors[:1:1]
		return nil
	case "reset":
		*u = User{name: u.name, users: u.users, selectors: []*selector{newSelector(u.users.allChannels())}}
		return nil
	}
	w := u.users.Warn
	if !warn {
		w = nil
	}
	switch op[0] {
	case '>', '#', '<', '!':
		return u.setPassword(op[0], op[1:])
	case '(':
		if op[len(op)-1] != ')' {
			break
		}
		s, err := parseSelector(u.users.table, op[1:len(op)-1], u.users.allChannels(), w)
		if err != nil {
			return err
		}
		u.selectors = append(u.selectors, s)
		return nil
	}
	return u.selectors[0].set(u.users.table, op, w)
}

// setPassword adds (> and #) or removes (< and !) a password, given as it is (> and <) or as its
// hash.
func (u *User) setPassword(sign byte, text string) error {
	hash := text
	if sign == '>' || sign == '<' {
		hash = HashPassword([]byte(text))
	} else if !isHash(text) {
		return ErrPasswordHash
	}
	at := slices.Index(u.hashes, hash)
	if sign == '<' || sign == '!' {
		if at < 0 {
			return ErrNoPassword
		}
		u.hashes = slices.Delete(u.hashes, at, at+1)
		return nil
	}
	if at < 0 {
		u.hashes = append(u.hashes, hash)
	}
	u.noPass = false
	return nil
}

// HashPassword is how passwords are kept.
func HashPassword(password []byte) string {
	sum := sha256.Sum256(password)
	return hex.EncodeToString(sum[:])
}

func isHash(s string) bool {
	return len(s) == 2*sha256.Size && strings.Trim(s, "0123456789abcdef") == ""
}

// HasPassword reports whether the password is one of the user's. Every one is compared in full, so
// that the time taken tells nothing about them.
func (u *User) HasPassword(password []byte) bool {
	if u.noPass {
		return true
	}
	have := []byte(HashPassword(password))
	found := 0
	for _, h := range u.hashes {
		found |= subtle.ConstantTimeCompare(have, []byte(h))
	}
	return found == 1
}

// Apply applies rules as ACL SETUSER gives them, where a selector may be spread over several
// arguments: all of them, or none if one is refused. The error names the rule.
func (u *User) Apply(rules []string) error {
	staged, err := u.stage(rules)
	if err != nil {
		return err
	}
	u.copyFrom(staged)
	return nil
}

// stage returns u with the rules applied, without changing u.
func (u *User) stage(rules []string) (*User, error) {
	rules, err := MergeSelectors(rules)
	if err != nil {
		return nil, err
	}
	staged := u.clone()
	defer staged.refresh()
	for _, op := range rules {
		if err := staged.set(op, true); err != nil {
			return nil, &RuleError{cString(op), err}
		}
	}
	return staged, nil
}

// RuleError is a rule that [User.Apply] refused.
type RuleError struct {
	Rule   string
	Reason error
}

func (e *RuleError) Error() string {
	return "Error in ACL SETUSER modifier '" + e.Rule + "': " + e.Reason.Error()
}

func (e *RuleError) Unwrap() error { return e.Reason }

// UnmatchedError is a selector that is opened and not closed.
type UnmatchedError struct {
	Start string // the argument that opens it
}

func (e *UnmatchedError) Error() string {
	return "Unmatched parenthesis in acl selector starting at '" + e.Start + "'."
}

// MergeSelectors joins the arguments between one that begins with `(` and one that ends with `)`.
func MergeSelectors(args []string) ([]string, error) {
	var out []string
	open, sel := -1, ""
	for i, a := range args {
		switch {
		case open < 0 && strings.HasPrefix(a, "(") && !strings.HasSuffix(a, ")"):
			open, sel = i, a
		case open >= 0:
			sel += " " + cString(a)
			if strings.HasSuffix(a, ")") {
				out = append(out, sel)
				open = -1
			}
		default:
			out = append(out, a)
		}
	}
	if open >= 0 {
		return nil, &UnmatchedError{cString(args[open])}
	}
	return out, nil
}

// Flags are the words for the user's state, as ACL GETUSER shows them.
func (u *User) Flags() []string {
	flags := []string{"off"}
	if u.enabled {
		flags[0] = "on"
	}
	if u.noPass {
		flags = append(flags, "nopass")
	}
	if u.skipSane {
		return append(flags, "skip-sanitize-payload")
	}
	return append(flags, "sanitize-payload")
}

// Passwords are the hashes of the user's passwords, oldest first.
func (u *User) Passwords() []string { return u.hashes }

// Permissions is what one selector says, in three parts.
type Permissions struct{ Commands, Keys, Channels string }

// Selectors describes the selectors, the root first.
func (u *User) Selectors() []Permissions {
	out := make([]Permissions, len(u.selectors))
	for i, s := range u.selectors {
		out[i] = Permissions{s.commandsText(), s.keysText(), s.channelsText()}
	}
	return out
}

// Describe is the rules that make the user: what follows its name in ACL LIST and in files.
func (u *User) Describe() string {
	words := u.Flags()
	for _, h := range u.hashes {
		words = append(words, "#"+h)
	}
	for i, s := range u.selectors {
		if i == 0 {
			words = append(words, s.describe())
		} else {
			words = append(words, "("+s.describe()+")")
		}
	}
	return strings.Join(words, " ")
}
