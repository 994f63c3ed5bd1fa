package difftest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// maxReports keeps a script that fails everywhere readable.
const maxReports = 25

// TestModules runs testmodules/*.rt on the same .so in both servers.
func TestModules(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join(rootDir, "testmodules", "*.rt"))
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	dir, err := testModules()
	require.NoError(t, err)
	for _, path := range scripts {
		name := strings.TrimSuffix(filepath.Base(path), ".rt")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runScript(t, path, name, dir)
		})
	}
}

// TestCommands runs testdata/commands/*.rt.
func TestCommands(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join("testdata", "commands", "*.rt"))
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".rt"), func(t *testing.T) {
			t.Parallel()
			runScript(t, path, "", "")
		})
	}
}

// TestRediSearch runs testdata/redisearch*.rt with Debian's module, untouched, in both servers.
func TestRediSearch(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join("testdata", "redisearch*.rt"))
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".rt"), func(t *testing.T) {
			t.Parallel()
			runScript(t, path, "redisearch", OracleDir())
		})
	}
}

// runScript plays a script in each of its protocols, on fresh servers each time.
func runScript(t *testing.T, path, module, moduleDir string) {
	s, err := ParseScript(path, module)
	require.NoError(t, err)
	if rel, err := filepath.Rel(rootDir, path); err == nil && !strings.HasPrefix(rel, "..") {
		s.Path = rel
	}
	for _, proto := range s.Protos {
		t.Run(fmt.Sprintf("resp%d", proto), func(t *testing.T) {
			var diffs []string
			if s.Reference == "none" {
				name, bin := subject(t, "8.0")
				if name != "berth" {
					t.Skip("no reference server has this, and berth is not under test")
				}
				server := StartT(t, name, bin, s.ServerArgs...)
				require.NoError(t, s.Load(server.Addr, moduleDir))
				diffs = s.Check(name, proto, s.Run(server.Addr, proto))
			} else {
				name, bin := subject(t, s.Reference)
				ref := oracle(t, s.Reference)
				a := StartT(t, name, bin, s.ServerArgs...)
				b := StartT(t, s.Reference, ref, s.ServerArgs...)
				require.NoError(t, s.Load(b.Addr, moduleDir), "on the reference server")
				require.NoError(t, s.Load(a.Addr, moduleDir))
				mine := make(chan []Outcome)
				go func() { mine <- s.Run(a.Addr, proto) }()
				theirs := s.Run(b.Addr, proto)
				diffs = s.Compare(a.Name, b.Name, <-mine, theirs)
				if os.Getenv("DIFFTEST_SHOW") != "" {
					for i, o := range theirs {
						t.Logf("%s:%d: %s\n    %s", s.Path, s.Steps[i].Line, s.Steps[i].Text, o)
					}
				}
			}
			for _, d := range diffs[:min(len(diffs), maxReports)] {
				t.Error(d)
			}
			if len(diffs) > 0 {
				t.Errorf("%d of %d lines of %s differ", len(diffs), len(s.Steps), s.Path)
			}
		})
	}
}

func TestSplitArgs(t *testing.T) {
	for line, want := range map[string][]string{
		`set a b`:            {"set", "a", "b"},
		`  get   "a b" `:     {"get", "a b"},
		`x "\x00\n\t\"\\" y`: {"x", "\x00\n\t\"\\", "y"},
		`x 'a\'b\n'`:         {"x", `a'b\n`},
		`x "" ''`:            {"x", "", ""},
	} {
		got, err := SplitArgs(line)
		require.NoError(t, err, line)
		require.Equal(t, want, got, line)
	}
	for _, line := range []string{`x "a`, `x 'a`, `x "a"b`} {
		_, err := SplitArgs(line)
		require.Error(t, err, line)
	}
}

func TestUnordered(t *testing.T) {
	require.Equal(t,
		Unordered([]byte("*2\r\n$1\r\na\r\n$1\r\nb\r\n"), 1),
		Unordered([]byte("*2\r\n$1\r\nb\r\n$1\r\na\r\n"), 1))
	require.Equal(t, "*2\r\n$-1\r\n$1\r\na\r\n", string(Unordered([]byte("*2\r\n$1\r\na\r\n$-1\r\n"), 1)), "null at the end")
	require.NotEqual(t,
		Unordered([]byte("*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n"), 2),
		Unordered([]byte("*4\r\n:1\r\n:3\r\n:2\r\n:4\r\n"), 2), "pairs stay pairs")
	require.Equal(t,
		Unordered([]byte("%2\r\n:1\r\n:2\r\n:3\r\n:4\r\n"), 1),
		Unordered([]byte("%2\r\n:3\r\n:4\r\n:1\r\n:2\r\n"), 1))
	require.Equal(t,
		Unordered([]byte("*2\r\n$1\r\n0\r\n*2\r\n+x\r\n+y\r\n"), 1),
		Unordered([]byte("*2\r\n$1\r\n0\r\n*2\r\n+y\r\n+x\r\n"), 1), "nested")
}

// TestScriptFindsDifferences plays one script on two servers of different versions: the runner must see what
// differs, and only that.
func TestScriptFindsDifferences(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.rt")
	require.NoError(t, os.WriteFile(path, []byte(`
set k v
~/redis_version:/ info server
get k
hgetdel h fields 1 f
`), 0o600))
	s, err := ParseScript(path, "")
	require.NoError(t, err)
	a := StartT(t, "8.0", oracle(t, "8.0"))
	b := StartT(t, "valkey", oracle(t, "valkey-8.1"))
	diffs := s.Compare("8.0", "valkey", s.Run(a.Addr, 2), s.Run(b.Addr, 2))
	require.Len(t, diffs, 1)
	require.Contains(t, diffs[0], "x.rt:5: hgetdel h fields 1 f differs")
	require.Contains(t, diffs[0], "unknown command")
}
