// Package config holds the server's parameters: their values, the rules of
// redis.conf and of the command line, and CONFIG GET, SET and REWRITE.
//
// A Config is a struct whose fields are the values, so that hot paths read
// c.HashMaxListpackEntries and nothing more. One row per parameter (rows.go) ties the field to its
// name, alias, default, limits and flags; everything that handles parameters by name goes
// through the rows, module parameters included. What must happen when a value changes is attached
// by the server with OnChange.
//
// A Config has no lock of its own: it belongs to the server and the caller holds the server
// lock. It never exits the process, writes to a client or listens on a socket.
package config
