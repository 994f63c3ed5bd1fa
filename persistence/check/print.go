package check

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// print writes the report for people.
func (r *Report) print(w io.Writer, indent string) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(w, indent+format+"\n", args...) }
	state := "ok"
	if !r.OK {
		state = "DAMAGED"
		if r.Problem == nil {
			state = "a part is DAMAGED"
		}
	}
	what := r.Format
	if r.Version > 0 {
		what += " version " + strconv.Itoa(r.Version)
	}
	p("%s: %s, %d bytes, %s", r.File, what, r.Size, state)
	if r.Problem != nil {
		p("  breaks at offset %d: %s", r.Problem.Offset, r.Problem.Text)
		if r.Problem.Type != "" {
			p("  in database %d, key %q (%s)", r.Problem.Database, r.Problem.Key, r.Problem.Type)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Facts)) {
		p("  %s: %s", name, r.Facts[name])
	}
	if r.Version >= 5 && r.OK && !r.Checksum {
		p("  saved without a checksum")
	}
	for _, db := range r.Databases {
		p("  database %d: %d keys, %d of them expire, %d bytes", db.DB, db.Keys, db.Expires, db.Bytes)
		for _, name := range slices.Sorted(maps.Keys(db.Types)) {
			p("    %-10s %10d keys %14d bytes", name, db.Types[name].Keys, db.Types[name].Bytes)
		}
	}
	if len(r.Modules) > 0 {
		p("  needs modules with these types:")
		for _, m := range r.Modules {
			p("    %s: %d keys, %d pieces of data beside them", m.Name, m.Keys, m.Aux)
		}
	}
	for _, f := range r.Functions {
		p("  library of functions: %s", f)
	}
	if len(r.Largest) > 0 {
		p("  largest keys:")
		for _, k := range r.Largest {
			p("    %12d bytes  db %d  %-8s %d elements  %q", k.Bytes, k.DB, k.Type, k.Elements, k.Key)
		}
	}
	if len(r.Commands) > 0 {
		var all []string
		total := int64(0)
		for _, name := range slices.Sorted(maps.Keys(r.Commands)) {
			all = append(all, fmt.Sprintf("%s %d", name, r.Commands[name]))
			total += r.Commands[name]
		}
		p("  %d commands, %d transactions: %s", total, r.Transactions, strings.Join(all, ", "))
	}
	for _, part := range r.Parts {
		part.print(w, indent+"  ")
	}
}
