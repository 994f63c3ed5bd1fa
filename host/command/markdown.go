package command

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteMarkdown writes docs/COMMANDS.md: every command of Redis by group, and
// whether t implements it.
func WriteMarkdown(w io.Writer, t *Table) error {
	groups := map[string][]int{}
	done := 0
	for i := range rowIndex {
		g := rowIndex[i].row.Group
		groups[g] = append(groups[g], i)
		if t.implements(i) {
			done++
		}
	}
	names := make([]string, 0, len(groups))
	for g := range groups {
		names = append(names, g)
	}
	slices.SortFunc(names, cmp.Compare)

	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# Commands\n\n<!-- Generated from the command table. DO NOT EDIT. -->\n\n"+
		"The commands of Redis 8.0.2, without those of its vectorset module: %d of %d commands and\n"+
		"subcommands are implemented. One that is not answers as an unknown command.\n", done, len(rowIndex))
	for _, g := range names {
		have := 0
		for _, i := range groups[g] {
			if t.implements(i) {
				have++
			}
		}
		fmt.Fprintf(b, "\n## %s (%d of %d)\n\n| command | since | implemented | summary |\n|---|---|---|---|\n",
			g, have, len(groups[g]))
		for _, i := range groups[g] {
			r := rowIndex[i].row
			yes := "no"
			if t.implements(i) {
				yes = "yes"
			}
			summary := r.Summary
			if r.DeprecatedSince != "" {
				summary += " *Deprecated since " + r.DeprecatedSince + ".*"
			}
			fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n",
				strings.ToUpper(strings.ReplaceAll(rowIndex[i].name, "|", " ")), r.Since, yes,
				strings.ReplaceAll(summary, "|", `\|`))
		}
	}
	return b.Flush()
}

// implements reports whether the table has the command at i of rowIndex; a
// container counts with its first subcommand.
func (t *Table) implements(i int) bool {
	r := t.native[i]
	return r != nil && (r.Handler != nil || len(r.Subs) > 0)
}
