// Command commands reads the command table of a running redis-server 8.0.2
// and writes it as static Go rows into package host/command, with the golden
// replies that the package's tests hold the rows and the COMMAND replies to.
//
//	go run ./internal/gen/commands -addr 127.0.0.1:6379 -out host/command
//
// Everything comes from COMMAND, COMMAND DOCS and the HELP subcommands, but
// for what Redis never shows: hidden.go lists the hidden flags and the
// commands whose keys no key spec describes. The commands of modules are left
// out; those of the vectorset module are compiled into redis-server 8.
package main
