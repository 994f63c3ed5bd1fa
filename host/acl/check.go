package acl

import "berth/host/command"

// Denial is why something is not allowed. Where several selectors say different things, the greatest
// counts.
type Denial uint8

// The denials.
const (
	Allowed Denial = iota
	DeniedCommand
	DeniedKey
	DeniedAuth // a password that was wrong, in the log
	DeniedChannel
)

// Check judges a command. The index is that of the argument at fault, 0 where it is the command
// itself. A nil user may do everything.
func (u *User) Check(row *command.Row, argv [][]byte) (Denial, int) {
	if u == nil || u.all {
		return Allowed, 0
	}
	return u.check(row, argv)
}

func (u *User) check(row *command.Row, argv [][]byte) (Denial, int) {
	x := u.takeScratch()
	worst, at := DeniedCommand, 0
	for _, s := range u.selectors {
		d, i := s.check(row, argv, &x)
		if d == Allowed {
			worst = Allowed
			break
		}
		if d > worst || d == worst && i > at {
			worst, at = d, i
		}
	}
	u.scratch = x
	if worst == Allowed {
		return Allowed, 0
	}
	return worst, at
}

// takeScratch lends the user's scratch. A check within a check, by way of a module that is asked for
// keys, gets one of its own.
func (u *User) takeScratch() scratch {
	x := u.scratch
	u.scratch = scratch{}
	x.keysDone = false
	return x
}

// CheckKey judges the use of a key, described by key flags; with prefix, of every key that begins so.
func (u *User) CheckKey(key []byte, flags command.KeyFlags, prefix bool) Denial {
	if u == nil {
		return Allowed
	}
	for _, s := range u.selectors {
		if s.allowsKey(key, flags, prefix) {
			return Allowed
		}
	}
	return DeniedKey
}

// CheckChannel judges the use of a channel, or of a channel pattern.
func (u *User) CheckChannel(name []byte, pattern bool) Denial {
	if u == nil {
		return Allowed
	}
	for _, s := range u.selectors {
		if s.allowsChannel(name, pattern) {
			return Allowed
		}
	}
	return DeniedChannel
}

// KeysUnrestricted reports whether one selector allows the command and access to every key.
func (u *User) KeysUnrestricted(row *command.Row, argv [][]byte, access Access) bool {
	if u == nil || u.all {
		return true
	}
	x := u.takeScratch()
	defer func() { u.scratch = x }()
	for _, s := range u.selectors {
		if d, _ := s.check(row, argv, &x); d == Allowed && s.keysUnrestricted(access) {
			return true
		}
	}
	return false
}

// Message is the reply for a denial, without its code. Verbose ones name what was refused; object
// is the argument at fault.
func (d Denial) Message(u *User, row *command.Row, object []byte, verbose bool) string {
	switch d {
	case DeniedKey:
		if verbose {
			return "User " + u.name + " has no permissions to access the '" + string(object) + "' key"
		}
		return "No permissions to access a key"
	case DeniedChannel:
		if verbose {
			return "User " + u.name + " has no permissions to access the '" + string(object) + "' channel"
		}
		return "No permissions to access a channel"
	}
	return "User " + u.name + " has no permissions to run the '" + row.FullName() + "' command"
}

// lostChannels are the channel patterns of fresh, when those who subscribed as old may have
// subscriptions that fresh does not allow.
func lostChannels(fresh, old *User) (patterns [][]byte, lost bool) {
	for _, s := range fresh.selectors {
		if s.allChannels {
			return nil, false
		}
		patterns = append(patterns, s.channels...)
	}
	for _, s := range old.selectors {
		if s.allChannels {
			return patterns, true
		}
		for _, c := range s.channels {
			if !channelIn(patterns, c, true) {
				return patterns, true
			}
		}
	}
	return nil, false
}
