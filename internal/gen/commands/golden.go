package main

import (
	"compress/gzip"
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"

	"berth/internal/resptree"
)

// golden is one command with the raw replies in RESP2 and RESP3.
type golden struct {
	Cmd []string `json:"c"`
	R2  string   `json:"2"`
	R3  string   `json:"3"`
}

// fixed are commands whose replies do not depend on the iteration order of
// the server's tables, or are lists of names, which the test sorts.
var fixed = [][]string{
	{"COMMAND", "HELP"},
	{"command", "help"},
	{"COMMAND", "INFO", "get", "nosuch", "GET", "config|nosuch", "config|get|x", "Config|Get", "|", ""},
	{"COMMAND", "DOCS", "get", "nosuch", "GET", "config|nosuch", "config|get|x", "Config|Get", "|", ""},
	{"COMMAND", "COUNT", "x"},
	{"COMMAND", "GETKEYS"},
	{"COMMAND", "GETKEYSANDFLAGS"},
	{"COMMAND", "GETKEYS", "nosuch"},
	{"COMMAND", "GETKEYS", "config", "nosuch"},
	{"COMMAND", "GETKEYS", "config|get", "x"},
	{"COMMAND", "GETKEYS", "memory|usage", "x"},
	{"COMMAND", "GETKEYS", "config"},
	{"COMMAND", "GETKEYS", "object"},
	{"COMMAND", "LIST"},
	{"COMMAND", "LIST", "x"},
	{"COMMAND", "LIST", "FILTERBY"},
	{"COMMAND", "LIST", "FILTERBY", "ACLCAT"},
	{"COMMAND", "LIST", "FILTERBY", "NOSUCH", "x"},
	{"COMMAND", "LIST", "FILTERBY", "MODULE", "x", "y"},
	{"COMMAND", "LIST", "FILTERBY", "MODULE", "nosuch"},
	{"COMMAND", "LIST", "FILTERBY", "ACLCAT", "nosuch"},
	{"COMMAND", "LIST", "FILTERBY", "ACLCAT", "@hash"},
	{"COMMAND", "LIST", "FILTERBY", "ACLCAT", "hash"},
	{"COMMAND", "LIST", "filterby", "aclcat", "HASH"},
	{"COMMAND", "LIST", "FILTERBY", "ACLCAT", "dangerous"},
	{"COMMAND", "LIST", "FILTERBY", "ACLCAT", "scripting"},
	{"COMMAND", "LIST", "FILTERBY", "PATTERN", "CONFIG|*"},
	{"COMMAND", "LIST", "FILTERBY", "PATTERN", "xr*"},
	{"COMMAND", "LIST", "FILTERBY", "PATTERN", "nosuch"},
}

// writeGolden records the replies that berth's have to equal.
func writeGolden(path string, s2, s3 *conn, all []*cmd) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(z)
	enc.SetEscapeHTML(false)
	native := func(name string) bool {
		_, ok := slices.BinarySearchFunc(all, name, func(c *cmd, n string) int { return strings.Compare(c.full, n) })
		return ok
	}
	ask := func(args ...string) error {
		r2, err := s2.do(args...)
		if err != nil {
			return err
		}
		r3, err := s3.do(args...)
		if err != nil {
			return err
		}
		if len(args) > 1 && strings.EqualFold(args[1], "LIST") {
			for _, r := range []*resptree.Node{&r2, &r3} {
				r.Elems = slices.DeleteFunc(r.Elems, func(n resptree.Node) bool { return !native(n.Text) })
			}
		}
		return enc.Encode(golden{args, string(resptree.Append(nil, r2)), string(resptree.Append(nil, r3))})
	}

	for _, args := range fixed {
		if err := ask(args...); err != nil {
			return err
		}
	}
	for _, c := range all {
		if err := ask("COMMAND", "INFO", c.full); err != nil {
			return err
		}
		if err := ask("COMMAND", "DOCS", c.full); err != nil {
			return err
		}
	}
	rng := rand.New(rand.NewPCG(8, 2))
	for _, c := range all {
		for range rounds(c) {
			argv := append([]string{"COMMAND", "GETKEYSANDFLAGS"}, vector(rng, c)...)
			if err := ask(argv...); err != nil {
				return err
			}
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return f.Close()
}

// rounds is how many argument vectors are tried on a command.
func rounds(c *cmd) int {
	switch {
	case len(c.info.Elems[infoSpecs].Elems) == 0:
		return 1
	case getKeys[c.full] != "":
		return 80
	}
	return 6
}

var words = []string{"a", "b", "c", "0", "1", "2", "3", "4", "-1", "1x", "9223372036854775808", ""}

// vector makes up arguments for c: mostly plausible ones, words of the
// command's own syntax and numbers among them.
func vector(rng *rand.Rand, c *cmd) []string {
	argv := strings.Split(c.full, "|")
	var tokens []string
	var walk func(d resptree.Node)
	walk = func(d resptree.Node) {
		args, _ := d.Get("arguments")
		for _, a := range args.Elems {
			if t := a.Str("token"); t != "" {
				tokens = append(tokens, t)
			}
			walk(a)
		}
	}
	walk(c.docs)
	n := max(abs(c.info.Elems[infoArity].Int()), 1) - len(argv)
	if c.info.Elems[infoArity].Int() < 0 {
		n += rng.IntN(8)
	}
	if rng.IntN(10) == 0 {
		n--
	}
	for i := range max(n, 0) {
		switch w := rng.IntN(6); {
		case w == 0 && len(tokens) > 0:
			argv = append(argv, tokens[rng.IntN(len(tokens))])
		case w <= 1 && len(tokens) > 0:
			argv = append(argv, strings.ToLower(tokens[rng.IntN(len(tokens))]))
		case w == 2:
			argv = append(argv, strconv.Itoa(1+rng.IntN(3)))
		case w == 3:
			argv = append(argv, words[rng.IntN(len(words))])
		default:
			argv = append(argv, "k"+strconv.Itoa(i))
		}
	}
	return argv
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
