// Command gen writes docs/COMMANDS.md from the command table of a server. It is run by go generate.
package main

import (
	"fmt"
	"io"
	"os"

	"berth/host"
	"berth/host/command"
)

//go:generate go run . ../../docs/COMMANDS.md

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// write takes the table from a server, because the server's own commands are registered there.
func write(w io.Writer) error {
	s, err := host.New(host.Options{})
	if err != nil {
		return err
	}
	if err := command.WriteMarkdown(w, s.Commands()); err != nil {
		_ = s.Close()
		return err
	}
	return s.Close()
}
