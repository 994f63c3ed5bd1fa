// Package host is the server: it owns the event loop, the clients, the command
// table and the server lock, and runs commands against a keyspace.
//
// [New] makes a [Server], [Server.Serve] listens and runs it, [Server.Dial]
// opens a connection inside the process. Modules are a plug-in: package capi
// implements [Runtime], and without one the server is pure Go.
//
// Everything except the methods that say otherwise runs on the loop's
// goroutine with the server lock held. See docs/locking.md.
package host
