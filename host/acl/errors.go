package acl

import "errors"

// The reasons for which a rule is refused, in Redis's words.
var (
	ErrUnknown      = errors.New("Unknown command or category name in ACL")
	ErrSyntax       = errors.New("Syntax error")
	ErrAllKeys      = errors.New("Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns")
	ErrAllChannels  = errors.New("Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels")
	ErrNoPassword   = errors.New("The password you are trying to remove from the user does not exist")
	ErrPasswordHash = errors.New("The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters")
	ErrDuplicate    = errors.New("Duplicate user found. A user can only be defined once in config files")
	ErrSubFirstArg  = errors.New("Allowing first-arg of a subcommand is not supported")
)
