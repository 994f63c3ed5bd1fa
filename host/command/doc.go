// Package command holds what every Redis command shares: its table row, the
// context a handler runs in, and the reply writer.
//
// A command is one [Row]: the metadata generated from the facts of Redis
// 8.0.2 joined with a Go handler. Arity checks, flags, ACL categories, key
// extraction, propagation and the COMMAND replies all derive from the row. A
// module's command becomes the same row.
//
// Handlers receive a [Ctx]. They parse their arguments, call one keyspace
// operation and write one reply; what happens around that (propagation,
// serving blocked clients, notifications to modules) belongs to package host.
// Handlers run on the event-loop goroutine with the server lock held.
package command
