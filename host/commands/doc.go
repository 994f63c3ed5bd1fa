// Package commands implements the data commands: one file per group of the
// command table. Each handler parses its arguments, calls one keyspace
// operation and writes its reply; [Register] attaches them all to a table.
package commands
