package inspect

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"
)

// Command is `berth inspect`: it prints what modules' files need. The exit status is 0 when nothing is known that
// stands against loading them here, 1 when something does, 2 for wrong arguments.
func Command(args []string, out, errOut io.Writer) int {
	set := flag.NewFlagSet("inspect", flag.ContinueOnError)
	set.SetOutput(errOut)
	asJSON := set.Bool("json", false, "print JSON, an object per file")
	set.Usage = func() {
		fmt.Fprintln(errOut, "usage: berth inspect [--json] MODULE.so ...")
		fmt.Fprintln(errOut, "Tells what a module's file needs of a server, without running its code.")
		set.PrintDefaults()
	}
	// Flags may also stand behind the files.
	var files []string
	for len(args) > 0 {
		if err := set.Parse(args); err != nil {
			return 2
		}
		if args = set.Args(); len(args) > 0 {
			files, args = append(files, args[0]), args[1:]
		}
	}
	if len(files) == 0 {
		set.Usage()
		return 2
	}
	code := 0
	for i, path := range files {
		r, err := File(path)
		if err != nil {
			fmt.Fprintln(errOut, err)
			code = 1
			continue
		}
		if r.Problem != "" {
			code = 1
		}
		if *asJSON {
			enc := json.NewEncoder(out)
			enc.SetIndent("", "  ")
			_ = enc.Encode(r)
			continue
		}
		if i > 0 {
			fmt.Fprintln(out)
		}
		r.print(out)
	}
	return code
}

func (r *Report) print(w io.Writer) {
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-14s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("file", "%s", r.Path)
	row("machine", "%s", r.Machine)
	row("build id", "%s", orNone(r.BuildID))
	row("fingerprint", "%s", r.Fingerprint)
	row("entry points", "%s", orNone(strings.TrimSpace(r.OnLoad+" "+r.OnUnload)))
	if r.Persona != "" {
		row("made for", "%s", map[string]string{"redis": "Redis", "valkey": "Valkey"}[r.Persona])
	}
	row("asks for", "%d functions", len(r.Asked))
	row("calls", "%d of them", len(r.Reached))
	if len(r.Reached) > 0 {
		row("needs Redis", "%s", release(r.SinceRedis))
		row("needs Valkey", "%s", release(r.SinceValkey))
	}
	for _, l := range r.Libraries {
		if l.Path == "" {
			row("library", "%s: not on this machine", l.Name)
		} else {
			row("library", "%s: %s", l.Name, l.Path)
		}
	}
	for _, s := range r.Unresolved {
		row("unresolved", "%s", s)
	}
	for _, m := range r.Missing {
		row("berth lacks", "%s: %s", m.Name, m.Reason)
	}
	for _, n := range r.Unknown {
		row("unknown", "%s: no open-source release of that server has it", n)
	}
	if r.Problem != "" {
		row("problem", "%s", r.Problem)
	}
	if len(r.Reached) > 0 {
		fmt.Fprintln(w, "calls:")
		for _, n := range r.Reached {
			fmt.Fprintf(w, "  %s\n", n)
		}
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func release(s string) string {
	if s == "" {
		return "no release has all that it calls"
	}
	return s + " or later"
}
