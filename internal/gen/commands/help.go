package main

import (
	"bytes"
	"fmt"
	"log"
	"path/filepath"
	"slices"
	"strings"
)

// writeHelp writes the texts of the HELP subcommands, without the first line
// and the last two, which are the same for all.
func writeHelp(dir string, s *conn, all []*cmd) error {
	names := slices.Clone(helpers)
	for _, c := range all {
		if p, ok := c.parent(); ok && strings.HasSuffix(c.full, "|help") {
			names = append(names, p)
		}
	}
	slices.Sort(names)

	var b bytes.Buffer
	b.WriteString(generated)
	b.WriteString("// helpTexts has the lines that are particular to a command's HELP, by name.\n")
	b.WriteString("var helpTexts = [...]helpText{\n")
	for _, n := range names {
		reply, err := s.do(n, "HELP")
		if err != nil {
			return err
		}
		lines := reply.Strings()
		if reply.Kind != '*' || len(lines) < 3 || lines[len(lines)-2] != "HELP" {
			log.Printf("%s HELP: unexpected reply %q", n, reply.Text)
			continue
		}
		fmt.Fprintf(&b, "{%q, []string{\n", n)
		for _, l := range lines[1 : len(lines)-2] {
			fmt.Fprintf(&b, "%q,\n", l)
		}
		b.WriteString("}},\n")
	}
	b.WriteString("}\n")
	return writeGo(filepath.Join(dir, "rows_help.go"), b.Bytes())
}
