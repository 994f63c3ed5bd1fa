package command

import (
	"slices"
	"strings"
)

// helpText is what the HELP of one command says, without what all say.
type helpText struct {
	name  string
	lines []string
}

// Help replies the HELP of the command that c runs: the handler of every
// HELP subcommand, and of the HELP argument of DEBUG.
func Help(c *Ctx) {
	name := c.Row.Name
	if c.Row.Parent != nil {
		name = c.Row.Parent.Name
	}
	i, ok := slices.BinarySearchFunc(helpTexts[:], name, func(h helpText, n string) int {
		return strings.Compare(h.name, n)
	})
	var lines []string
	if ok {
		lines = helpTexts[i].lines
	}
	// The name is the client's, which a rename may have changed.
	HelpLines(c, lines)
}

// HelpLines replies a HELP with the given lines.
func HelpLines(c *Ctx, lines []string) {
	c.Array(len(lines) + 3)
	c.Simple(strings.ToUpper(string(c.Args[0])) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
	for _, l := range lines {
		c.Simple(l)
	}
	c.Simple("HELP")
	c.Simple("    Print this help.")
}
