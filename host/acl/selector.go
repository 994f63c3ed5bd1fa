package acl

import (
	"bytes"
	"slices"
	"strings"

	"berth/host/command"
	"berth/internal/argsplit"
	"berth/internal/glob"
)

// Access is what may be done to a key.
type Access uint8

// The kinds of access.
const (
	Read Access = 1 << iota
	Write
)

type keyPattern struct {
	pattern []byte
	access  Access
}

// selector is one set of permissions: a command is allowed when one selector of its user allows
// all of it. The first selector of a user, the root, takes the rules that stand outside of
// parentheses.
type selector struct {
	allKeys, allChannels bool
	// allCommands says that no command was ever taken away since +@all.
	allCommands bool
	// future is whether commands that are not known yet are allowed: what the last +@all or
	// -@all said.
	future bool
	bits   []uint64 // by command ID; what is beyond the end is as future says
	// firstArgs are the first arguments with which a command that is not allowed may still be called.
	firstArgs map[int][]string
	keys      []keyPattern
	channels  [][]byte
	// rules are the command rules since the last +@all or -@all, each with its sign.
	rules []string
}

func newSelector(allChannels bool) *selector { return &selector{allChannels: allChannels} }

func (s *selector) clone() *selector {
	c := *s
	c.bits = slices.Clone(s.bits)
	c.keys = slices.Clone(s.keys)
	c.channels = slices.Clone(s.channels)
	c.rules = slices.Clone(s.rules)
	if s.firstArgs != nil {
		c.firstArgs = make(map[int][]string, len(s.firstArgs))
		for id, args := range s.firstArgs {
			c.firstArgs[id] = slices.Clone(args)
		}
	}
	return &c
}

func (s *selector) everything() bool { return s.allCommands && s.allKeys && s.allChannels }

func (s *selector) bit(id int) bool {
	if id>>6 < len(s.bits) {
		return s.bits[id>>6]&(1<<(id&63)) != 0
	}
	return s.future
}

func (s *selector) setBit(id int, allow bool) {
	for id>>6 >= len(s.bits) {
		var word uint64
		if s.future {
			word = ^word
		}
		s.bits = append(s.bits, word)
	}
	if allow {
		s.bits[id>>6] |= 1 << (id & 63)
	} else {
		s.bits[id>>6] &^= 1 << (id & 63)
		s.allCommands = false
	}
}

// setAll is +@all and -@all.
func (s *selector) setAll(allow bool) {
	s.allCommands, s.future = allow, allow
	s.bits, s.firstArgs, s.rules = nil, nil, nil
}

// setCommand allows or denies a command with all its subcommands.
func (s *selector) setCommand(t *command.Table, k command.Known, allow bool) {
	s.setBit(k.ID, allow)
	delete(s.firstArgs, k.ID)
	t.SubIDs(k, func(id int) { s.setBit(id, allow) })
}

// note keeps a command rule for the description. Earlier rules that it makes void go: the same one,
// and those about subcommands and first arguments of the same command.
func (s *selector) note(rule string, allow bool) {
	rule = strings.ToLower(rule)
	s.rules = slices.DeleteFunc(s.rules, func(old string) bool {
		old = old[1:]
		return old == rule || strings.HasPrefix(old, rule) && old[len(rule)] == '|'
	})
	sign := "-"
	if allow {
		sign = "+"
	}
	s.rules = append(s.rules, sign+rule)
}

// set applies one rule about commands, keys or channels.
func (s *selector) set(t *command.Table, op string, warn func(string)) error {
	switch word := strings.ToLower(cString(op)); {
	case op == "":
		return nil
	case word == "allkeys", word == "~*":
		s.allKeys, s.keys = true, nil
		return nil
	case word == "resetkeys":
		s.allKeys, s.keys = false, nil
		return nil
	case word == "allchannels", word == "&*":
		s.allChannels, s.channels = true, nil
		return nil
	case word == "resetchannels":
		s.allChannels, s.channels = false, nil
		return nil
	case word == "allcommands", word == "+@all":
		s.setAll(true)
		return nil
	case word == "nocommands", word == "-@all":
		s.setAll(false)
		return nil
	}
	switch op[0] {
	case '~', '%':
		return s.addKey(op)
	case '&':
		return s.addChannel(op[1:])
	case '+', '-':
		return s.setCommands(t, cString(op), warn)
	}
	return ErrSyntax
}

func (s *selector) addKey(op string) error {
	if s.allKeys {
		return ErrAllKeys
	}
	access, at := Read|Write, 1
	if op[0] == '%' {
		access = 0
	letters:
		for ; at < len(op); at++ {
			switch c := op[at]; {
			case (c == 'R' || c == 'r') && access&Read == 0:
				access |= Read
			case (c == 'W' || c == 'w') && access&Write == 0:
				access |= Write
			case c == '~':
				at++
				break letters
			default:
				return ErrSyntax
			}
		}
		if access == 0 {
			return ErrSyntax
		}
	}
	pattern := op[at:]
	if hasSpaces(pattern) {
		return ErrSyntax
	}
	for i := range s.keys {
		if string(s.keys[i].pattern) == pattern {
			s.keys[i].access |= access
			return nil
		}
	}
	s.keys = append(s.keys, keyPattern{[]byte(pattern), access})
	return nil
}

func (s *selector) addChannel(pattern string) error {
	if s.allChannels {
		return ErrAllChannels
	}
	if hasSpaces(pattern) {
		return ErrSyntax
	}
	if !channelIn(s.channels, []byte(pattern), true) {
		s.channels = append(s.channels, []byte(pattern))
	}
	return nil
}

// setCommands applies +command, -command, +command|sub, +command|first-arg and their like with
// categories.
func (s *selector) setCommands(t *command.Table, op string, warn func(string)) error {
	allow, name := op[0] == '+', op[1:]
	if strings.HasPrefix(name, "@") {
		return s.setCategory(t, name, allow)
	}
	k, ok := t.Known(name)
	bar := strings.LastIndexByte(name, '|')
	if !allow || bar < 0 {
		if !ok {
			return ErrUnknown
		}
		s.setCommand(t, k, allow)
		s.note(k.Name, allow)
		return nil
	}
	parent, arg := name[:bar], name[bar+1:]
	of, found := t.Known(parent)
	switch {
	case !found:
		return ErrUnknown
	case of.Sub:
		return ErrSubFirstArg
	case arg == "":
		return ErrSyntax
	case of.Container:
		if !ok {
			return ErrUnknown
		}
		s.setCommand(t, k, true)
	default:
		if warn != nil {
			warn("Deprecation warning: Allowing a first arg of an otherwise blocked command is a misuse of ACL and may get disabled in the future (offender: +" + name + ")")
		}
		if !slices.ContainsFunc(s.firstArgs[of.ID], func(a string) bool { return strings.EqualFold(a, arg) }) {
			if s.firstArgs == nil {
				s.firstArgs = map[int][]string{}
			}
			s.firstArgs[of.ID] = append(s.firstArgs[of.ID], arg)
		}
	}
	s.note(name, true)
	return nil
}

func (s *selector) setCategory(t *command.Table, name string, allow bool) error {
	cat, ok := t.Category(name[1:])
	if !ok {
		return ErrUnknown
	}
	s.note(name, allow)
	t.EachKnown(func(k command.Known) {
		if k.Categories&cat != 0 {
			s.setCommand(t, k, allow)
		}
	})
	return nil
}

// recompute applies the command rules anew, to commands and categories as they are now. A rule
// whose command has gone with its module stays in the description and has no effect.
func (s *selector) recompute(t *command.Table) {
	rules := s.rules
	s.setAll(s.future)
	for _, r := range rules {
		_ = s.setCommands(t, r, nil)
	}
	s.rules = rules
}

// parseSelector reads a selector's rules, without the parentheses.
func parseSelector(t *command.Table, text string, allChannels bool, warn func(string)) (*selector, error) {
	s := newSelector(allChannels)
	// Like Redis's, an unbalanced quote leaves no rules rather than an error.
	words, _ := argsplit.Split([]byte(text))
	for _, w := range words {
		if err := s.set(t, string(w), warn); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// keysText, channelsText and commandsText are the three parts of a description.
func (s *selector) keysText() string {
	if s.allKeys {
		return "~*"
	}
	words := make([]string, len(s.keys))
	for i, k := range s.keys {
		switch k.access {
		case Read:
			words[i] = "%R~" + string(k.pattern)
		case Write:
			words[i] = "%W~" + string(k.pattern)
		default:
			words[i] = "~" + string(k.pattern)
		}
	}
	return strings.Join(words, " ")
}

func (s *selector) channelsText() string {
	if s.allChannels {
		return "&*"
	}
	words := make([]string, len(s.channels))
	for i, c := range s.channels {
		words[i] = "&" + string(c)
	}
	return strings.Join(words, " ")
}

func (s *selector) commandsText() string {
	base := "-@all"
	if s.future {
		base = "+@all"
	}
	return strings.Join(append([]string{base}, s.rules...), " ")
}

func (s *selector) describe() string {
	var words []string
	if k := s.keysText(); k != "" {
		words = append(words, k)
	}
	if !s.allChannels {
		words = append(words, "resetchannels")
	}
	if c := s.channelsText(); c != "" {
		words = append(words, c)
	}
	return strings.Join(append(words, s.commandsText()), " ")
}

// check judges a command; the index is that of the argument that is at fault. x holds the keys
// of argv between the selectors of a user.
func (s *selector) check(row *command.Row, argv [][]byte, x *scratch) (Denial, int) {
	if !s.allCommands && row.Flags&command.FlagNoAuth == 0 && !s.bit(row.ID) && !s.allowsFirstArg(row, argv) {
		return DeniedCommand, 0
	}
	if !s.allKeys && row.HasKeys() {
		for _, k := range x.keysOf(row, argv) {
			if !s.allowsKey(argv[k.Pos], k.Flags, false) {
				return DeniedKey, k.Pos
			}
		}
	}
	const relevant = command.ChannelPublish | command.ChannelSubscribe
	if !s.allChannels && row.HasChannels() {
		for _, ch := range x.channelsOf(row, argv) {
			if ch.Flags&relevant != 0 && !s.allowsChannel(argv[ch.Pos], ch.Flags&command.ChannelPattern != 0) {
				return DeniedChannel, ch.Pos
			}
		}
	}
	return Allowed, 0
}

func (s *selector) allowsFirstArg(row *command.Row, argv [][]byte) bool {
	args := s.firstArgs[row.ID]
	at := 1
	if row.Parent != nil {
		at = 2
	}
	if len(args) == 0 || len(argv) <= at {
		return false
	}
	for _, a := range args {
		if strings.EqualFold(a, cString(string(argv[at]))) {
			return true
		}
	}
	return false
}

// needs is the access that a command with these key flags must have.
func needs(f command.KeyFlags) Access {
	var a Access
	if f&command.KeyAccess != 0 {
		a |= Read
	}
	if f&(command.KeyInsert|command.KeyDelete|command.KeyUpdate) != 0 {
		a |= Write
	}
	return a
}

// allowsKey reports whether key may be used so; with prefix, every key that begins with it.
func (s *selector) allowsKey(key []byte, flags command.KeyFlags, prefix bool) bool {
	if s.allKeys {
		return true
	}
	access := needs(flags)
	for i := range s.keys {
		k := &s.keys[i]
		if k.access&access != access || !glob.Match(k.pattern, key, false) {
			continue
		}
		if !prefix || endsInStar(k.pattern) {
			return true
		}
	}
	return false
}

// endsInStar reports whether a pattern's last character is a `*` that no backslash deprives of its
// meaning, so that it goes on matching whatever follows.
func endsInStar(p []byte) bool {
	rest, ok := bytes.CutSuffix(p, []byte("*"))
	return ok && (len(rest)-len(bytes.TrimRight(rest, `\`)))%2 == 0
}

func (s *selector) allowsChannel(name []byte, pattern bool) bool {
	return s.allChannels || channelIn(s.channels, name, pattern)
}

// channelIn looks a channel up among patterns. A pattern must be there as it is: that one pattern
// covers another is not worked out.
func channelIn(patterns [][]byte, name []byte, pattern bool) bool {
	for _, p := range patterns {
		if pattern && bytes.Equal(p, name) || !pattern && glob.Match(p, name, false) {
			return true
		}
	}
	return false
}

// keysUnrestricted reports whether every key may be used so.
func (s *selector) keysUnrestricted(access Access) bool {
	if s.allKeys {
		return true
	}
	for _, k := range s.keys {
		if k.access&access == access && string(k.pattern) == "*" {
			return true
		}
	}
	return false
}

// cString is what C's string functions see of s.
func cString(s string) string {
	if i := strings.IndexByte(s, 0); i >= 0 {
		return s[:i]
	}
	return s
}

func hasSpaces(s string) bool { return strings.ContainsAny(s, " \t\n\v\f\r\x00") }
