package difftest

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// luaScript is a file of testdata/scripts: a script or a function library, and the commands to run with it, in
// comments that start with "-->". The words RUN and RUN_RO stand for EVALSHA and EVALSHA_RO with its SHA.
type luaScript struct {
	name, text string
	library    bool
	commands   [][]string
}

func readLuaScript(path string) (luaScript, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return luaScript{}, err
	}
	s := luaScript{name: strings.TrimSuffix(filepath.Base(path), ".lua"), text: string(text)}
	first, _, _ := strings.Cut(s.text, "\n")
	s.library = strings.HasPrefix(first, "#!lua") && strings.Contains(first, "name=")
	sum := sha1.Sum(text)
	sha := hex.EncodeToString(sum[:])
	for line := range strings.Lines(s.text) {
		line, ok := strings.CutPrefix(strings.TrimSpace(line), "--> ")
		if !ok {
			continue
		}
		args, err := SplitArgs(line)
		if err != nil {
			return s, fmt.Errorf("%s: %q: %w", path, line, err)
		}
		switch args[0] {
		case "RUN":
			args = append([]string{"EVALSHA", sha}, args[1:]...)
		case "RUN_RO":
			args = append([]string{"EVALSHA_RO", sha}, args[1:]...)
		}
		s.commands = append(s.commands, args)
	}
	if len(s.commands) < 3 {
		return s, fmt.Errorf("%s: %d commands to run", path, len(s.commands))
	}
	return s, nil
}

// load gives the command that makes a server know the script.
func (s luaScript) load() []string {
	if s.library {
		return []string{"FUNCTION", "LOAD", s.text}
	}
	return []string{"SCRIPT", "LOAD", s.text}
}

// TestScripts runs testdata/scripts/*.lua on berth and on a real server, and compares every reply, the data set after
// each script, and what it wrote to the append only file.
func TestScripts(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "scripts", "*.lua"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(paths), 25)
	name, bin := subject(t, "8.0")
	ref := oracle(t, "8.0")
	for _, proto := range []string{"2", "3"} {
		t.Run("resp"+proto, func(t *testing.T) {
			args := []string{"--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0"}
			servers := []*Server{StartT(t, name, bin, args...), StartT(t, "redis", ref, args...)}
			var conns []*Conn
			for _, s := range servers {
				c, err := Dial(s.Addr)
				require.NoError(t, err)
				defer c.Close()
				reply, err := c.Do("HELLO", proto)
				require.NoError(t, err)
				require.False(t, IsError(reply))
				conns = append(conns, c)
			}
			before := make([]int, len(servers)) // commands in the append only file
			for _, path := range paths {
				s, err := readLuaScript(path)
				require.NoError(t, err)
				t.Run(s.name, func(t *testing.T) {
					both := func(args ...string) []byte {
						mine, err := conns[0].Do(args...)
						require.NoError(t, err, "%s: %q", name, args)
						theirs, err := conns[1].Do(args...)
						require.NoError(t, err, "redis: %q", args)
						if string(mine) != string(theirs) {
							t.Errorf("%q\n  %-6s %q\n  redis  %q", args, name, mine, theirs)
						} else if testing.Verbose() {
							t.Logf("%q %q", args, theirs)
						}
						return theirs
					}
					require.False(t, IsError(both(s.load()...)), "the script does not load")
					for _, args := range s.commands {
						both(args...)
					}
					both("DEBUG", "DIGEST")
					var written [2][][]string
					for i, server := range servers {
						all, err := server.AOFCommands()
						require.NoError(t, err)
						written[i] = all[before[i]:]
					}
					if diff := CompareAOF(name, "redis", written[0], written[1]); diff != "" {
						t.Error(diff)
					}
					both("FLUSHALL")
					both("FUNCTION", "FLUSH")
					for i, server := range servers {
						all, err := server.AOFCommands()
						require.NoError(t, err)
						before[i] = len(all)
					}
				})
			}
		})
	}
}
