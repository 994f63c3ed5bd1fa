// Package keyspace holds the databases: keys, values, expiry, and the bookkeeping
// for eviction. Commands and module functions call the same typed operations here.
//
// The main types are Keyspace (all databases of a server), DB (one of them) and
// Entry (a key with its value, off the Go heap). Values own their memory; an entry
// owns its value; a DB owns its entries. Replacing or deleting frees.
//
// Everything is called with the server lock held, except where a comment says
// otherwise. The clock is Keyspace.Now, a snapshot that the caller sets once per
// command, so that a command sees one instant.
//
// The package knows nothing of clients, RESP or replication: what must happen there
// when a key appears, expires or goes is told through Hooks.
package keyspace
