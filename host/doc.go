// Package host is the server: it owns the event loop, the clients, the command
// table and the server lock, and runs commands against a keyspace.
//
// [New] makes a [Server], [Server.Serve] listens and runs it, [Server.Dial]
// opens a connection inside the process. Modules are a plug-in: package capi
// implements [Runtime], and without one the server is pure Go. With one,
// [Server.LoadModule] loads a module; see the example of package capi.
//
// A process may have several servers. What they share is the allocator, so
// used_memory is that of all of them. A server leaves the process alone (limits,
// title, signals) unless [Server.OwnProcess] and [Server.HandleSignals] are
// called, and [Server.Close] gives everything back: goroutines, descriptors,
// memory, and the modules that can be unloaded. It writes no files unless its
// configuration or a command says so.
//
// Everything except the methods that say otherwise runs on the loop's
// goroutine with the server lock held. See docs/locking.md.
package host
