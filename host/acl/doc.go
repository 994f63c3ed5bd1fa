// Package acl decides who may do what: users with their passwords, rules about commands, keys and
// channels, selectors, and the log of what was refused.
//
// A [Users] is the set of one server's named users; a [User] may also stand alone, as a module's do.
// Rules are the words of ACL SETUSER: [User.Set] applies one, [User.Apply] a list of them or none.
// [User.Check] judges a command by its row in package command: its ID, its key specs and its
// channels. [User.Describe] writes the rules down as ACL LIST does, and reading that back gives the
// same user.
//
// The package knows neither clients nor connections nor replies. Nothing in it locks: every call is
// made with the server lock held.
package acl
