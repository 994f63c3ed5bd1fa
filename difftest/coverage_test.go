package difftest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// docs is what COMMAND DOCS tells of one command or subcommand.
type docs struct {
	name   string // "config|get"
	tokens []string
}

// tokensOf gathers the tokens of arguments at every depth.
func tokensOf(args Value, into []string) []string {
	for _, a := range args.Elems {
		if token, ok := field(a, "token"); ok && len(token.Text) > 0 {
			into = append(into, strings.ToLower(string(token.Text)))
		}
		if inner, ok := field(a, "arguments"); ok {
			into = tokensOf(inner, into)
		}
	}
	return into
}

// commandDocs asks a server for all commands that it has, without those of modules.
func commandDocs(t *testing.T, s *Server) []docs {
	c, err := Dial(s.Addr)
	require.NoError(t, err)
	defer c.Close()
	reply, err := c.Do("COMMAND", "DOCS")
	require.NoError(t, err)
	v, err := ParseReply(reply)
	require.NoError(t, err)
	var all []docs
	var walk func(v Value)
	walk = func(v Value) {
		for i := 0; i+1 < len(v.Elems); i += 2 {
			name, about := string(v.Elems[i].Text), v.Elems[i+1]
			if group, _ := field(about, "group"); string(group.Text) == "module" {
				continue
			}
			subs, isContainer := field(about, "subcommands")
			walk(subs)
			if !isContainer {
				args, _ := field(about, "arguments")
				all = append(all, docs{name, tokensOf(args, nil)})
			}
		}
	}
	walk(v)
	return all
}

// usedWords says, for each command name in lower case, which words its uses in the scripts have.
func usedWords(t *testing.T) map[string]map[string]bool {
	used := map[string]map[string]bool{}
	var paths []string
	for _, pattern := range []string{"testdata/commands/*.rt", "testdata/*.rt", filepath.Join(rootDir, "testmodules", "*.rt")} {
		more, err := filepath.Glob(pattern)
		require.NoError(t, err)
		paths = append(paths, more...)
	}
	require.NotEmpty(t, paths)
	note := func(name string, args []string) {
		if used[name] == nil {
			used[name] = map[string]bool{}
		}
		for _, a := range args {
			used[name][strings.ToLower(a)] = true
		}
	}
	for _, path := range paths {
		s, err := ParseScript(path, "")
		require.NoError(t, err)
		for _, step := range s.Steps {
			if len(step.args) == 0 {
				continue
			}
			name := strings.ToLower(step.args[0])
			note(name, step.args[1:])
			if len(step.args) > 1 {
				note(name+"|"+strings.ToLower(step.args[1]), step.args[2:])
			}
		}
	}
	return used
}

// untested are commands that no script can play, with what tests them instead.
var untested = map[string]string{
	"script|debug": "host.TestScriptDebug", // a debugger takes the connection
}

// TestEveryArgumentIsScripted looks for commands, and words of their syntax, that stand in no script.
func TestEveryArgumentIsScripted(t *testing.T) {
	name, bin := subject(t, "8.0")
	server := StartT(t, name, bin)
	used := usedWords(t)
	var missing []string
	for _, d := range commandDocs(t, server) {
		if untested[d.name] != "" {
			continue
		}
		words, ok := used[d.name]
		if !ok {
			missing = append(missing, d.name)
			continue
		}
		slices.Sort(d.tokens)
		for _, token := range slices.Compact(d.tokens) {
			if !words[token] {
				missing = append(missing, fmt.Sprintf("%s … %s", d.name, strings.ToUpper(token)))
			}
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		t.Errorf("add these to difftest/testdata/commands/<group>.rt:\n%s", strings.Join(missing, "\n"))
	}
}
