package config

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"berth/internal/argsplit"

	"github.com/stretchr/testify/require"
)

// load runs LoadArgs and returns what the process would print before it ends.
func load(t *testing.T, stdin string, args ...string) (*Config, string) {
	t.Helper()
	c := New()
	c.Chdir = func(dir string) error { _, err := os.Stat(dir); return err }
	var out []string
	c.Log = func(_ slog.Level, text string) { out = append(out, text) }
	if err := c.LoadArgs(args, strings.NewReader(stdin)); err != nil {
		var fatal *FatalError
		require.ErrorAs(t, err, &fatal)
		out = append(out, strings.TrimPrefix(fatal.Text, "\n*** FATAL CONFIG FILE ERROR (Redis 8.0.2) ***\n"))
	}
	return c, strings.Join(out, "\n")
}

func at(line, text, reason string) string {
	return "Reading the configuration file, at line " + line + "\n>>> '" + text + "'\n" + reason + "\n"
}

// Seen on redis-server 8.0.2. `bogus` without a value ends the reading, which shows the line.
func TestCommandLine(t *testing.T) {
	const arity, bad = "wrong number of arguments", "Bad directive or wrong number of arguments"
	for _, x := range []struct {
		args []string
		want string
	}{
		{[]string{"--port"}, at("2", "port", arity)},
		{[]string{"--port", "a", "b"}, at("2", `port "a" "b"`, arity)},
		{[]string{"--port 1", "3"}, at("2", `port 1 "3"`, arity)},
		{[]string{"--port 1", "--bogus"}, at("3", "bogus", bad)},
		{[]string{`--port "1`}, at("2", `port "1`, "Unbalanced quotes in configuration line")},
		{[]string{"--timeout", "1", "--save", "--bogus"}, at("4", "bogus", bad)},
		{[]string{"--save", "--port", "--bogus"}, at("3", `port "--bogus"`, "argument couldn't be parsed into an integer")},
		{[]string{"--save", "", "--bogus"}, at("3", "bogus", bad)},
		{[]string{"--save", "60  1", "--bogus"}, at("3", "bogus", bad)},
		{[]string{"--save", "60"}, at("2", `save "60"`, "Invalid save parameters")},
		{[]string{"--requirepass", "--foo", "--bogus"}, at("3", "bogus", bad)},
		{[]string{"--loglevel", "-", "notice"}, at("2", `loglevel "-" "notice"`, arity)},
		{[]string{"--timeout", "1", "--", "a"}, at("3", `"a"`, bad)},
		{[]string{"--port", "1", ""}, at("2", `port "1" ""`, arity)},
		{[]string{"--client-output-buffer-limit", ""}, at("2", `client-output-buffer-limit ""`, "Wrong number of arguments in buffer limit configuration.")},
		{[]string{"--SLAVEOF", "a", "70000"}, at("2", `SLAVEOF "a" "70000"`, "Invalid master port")},
		{[]string{"--replicaof", "a"}, at("2", `replicaof "a"`, arity)},
		{[]string{"--unixsocketperm", "1777"}, at("2", `unixsocketperm "1777"`, "argument must be between 0 and 777 inclusive")},
		{[]string{"--unixsocketperm", "8"}, at("2", `unixsocketperm "8"`, "argument couldn't be parsed as an octal number")},
		{[]string{"--dir", "/nonexistent"}, at("2", `dir "/nonexistent"`, "No such file or directory")},
		{[]string{"--include"}, at("2", "include", bad)},
		{[]string{"--loadmodule"}, at("2", "loadmodule", bad)},
		{[]string{"--x.y"}, at("2", "x.y", bad)},
		{[]string{"--logfile", "/nonexistent/x"}, "Can't open the log file: No such file or directory\n"},
		{[]string{"--cluster-enabled", "yes", "--replicaof", "a", "1"}, "replicaof directive not allowed in cluster mode\n"},
		{[]string{"--cluster-enabled", "yes"}, "WARNING: Changing databases number from 16 to 1 since we are in cluster mode"},
		{[]string{"/nonexistent"}, "Fatal error, can't open config file '/nonexistent': No such file or directory\n"},
		{[]string{"--include", "/nonexistent"}, "Fatal error, can't open config file '/nonexistent': No such file or directory\n"},
		{[]string{"--include", "/nonexist*", "--bogus"}, at("3", "bogus", bad)},
		{[]string{"--lua-replicate-commands", "x", "--io-threads-do-reads", "x", "--list-max-ziplist-value", "x"}, ""},
		{[]string{"-", "--port", "2"}, "Reading config from stdin\n" + at("1", "stdin", bad)},
		{[]string{"--port", "-"}, "Reading config from stdin\n" + at("1", "stdin", bad)},
		{[]string{"--port", "1", "-", "--bogus"}, at("2", `port "1" "-"`, arity)},
	} {
		_, got := load(t, "stdin\n", x.args...)
		require.Equal(t, x.want, got, "%q", x.args)
	}
	c := New()
	require.ErrorContains(t, c.LoadArgs([]string{"--port", "1", "--sentinel"}, nil), "does not run Redis Sentinel")
	require.NoError(t, c.LoadArgs(nil, nil))
}

func TestLoadedValues(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.conf")
	text := "# comment\r\n  port\t1234  \r\n\n" +
		"SAVE 1 2\nsave 3 4\nrequirepass \"a\\x41 b\"\nslave-priority 7\n" +
		"include " + dir + "/inc*.conf\nrename-command GET \"\"\nuser joe on >pw ~*\n" +
		"loadmodule /m.so a \"b c\"\nX.Y 1  \"2  3\"\nx.y 4 5\nplain-module-parameter v\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "inc1.conf"), []byte("timeout 5\nhz 9999\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "inc2.conf"), []byte("maxmemory 5mb"), 0o600))

	c, out := load(t, "\nmaxclients 77\n", file, "--port", "4321", "--loadmodule", "/n.so", "-")
	require.Equal(t, "Reading config from stdin", out)
	require.Equal(t, file, c.File)
	require.Equal(t, 4321, c.Port, "options come last")
	require.Equal(t, 77, c.MaxClients)
	require.Equal(t, []SavePoint{{1, 2}, {3, 4}}, c.Save)
	require.Equal(t, "aA b", c.RequirePass)
	require.Equal(t, 7, c.ReplicaPriority)
	require.Equal(t, 5, c.Timeout)
	require.Equal(t, 500, c.Hz)
	require.Equal(t, uint64(5<<20), c.MaxMemory)
	require.Equal(t, []Rename{{"GET", ""}}, c.RenamedCommands)
	require.Equal(t, [][]string{{"joe", "on", ">pw", "~*"}}, c.Users)
	require.Equal(t, []LoadModule{{"/m.so", []string{"a", "b c"}}, {"/n.so", []string{}}}, c.LoadModules)
	require.Equal(t, []string{"x.y 4 5", "plain-module-parameter v"}, c.UnresolvedModuleValues())

	// A save line after an empty one counts from there.
	c, _ = load(t, "", "--save", "1 1", "--save", "--save", "2 2")
	require.Equal(t, []SavePoint{{2, 2}}, c.Save)
}

func TestConfigFilePath(t *testing.T) {
	c := New()
	c.Getwd = func() (string, error) { return "/a/b", nil }
	for name, want := range map[string]string{
		"x.conf": "/a/b/x.conf", "./x.conf": "/a/b/./x.conf", "../x.conf": "/a/x.conf", "../../../x": "/x", " /y ": "/y",
	} {
		require.Equal(t, want, c.absolutePath(name))
	}
}

func TestChecksNameTheLine(t *testing.T) {
	c := New()
	c.CheckRename = func(Rename) error { return errArity }
	require.ErrorContains(t, c.LoadText("port 1\nrename-command a b"), at("2", "rename-command a b", "wrong number of arguments")[:60])
	c.CheckUser = func(args []string) error {
		require.Equal(t, []string{"joe", "x"}, args)
		return errArity
	}
	require.ErrorContains(t, c.LoadText("user joe x"), ">>> 'user joe x'\nwrong number of arguments")
	require.Empty(t, c.Users)
}

// FuzzLoad: whatever the file holds, reading it does not crash, and what CONFIG REWRITE makes of it
// reads back as the same values.
func FuzzLoad(f *testing.F) {
	f.Add("port 1\nsave 1 2\n# x\nslaveof a 1\n\"timeout\" 3\nclient-output-buffer-limit \"normal 1kb 2 3\"\n")
	f.Add("user a on\nrename-command a b\nmaxmemory-clients 5%\nbind \"\"\nx.y z\n\n\n# Generated by CONFIG REWRITE\nhz 0")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(strings.ToLower(text), "include") || strings.Contains(strings.ToLower(text), "logfile") {
			t.Skip() // no files
		}
		fresh := func() *Config {
			c := New()
			c.Chdir = func(string) error { return nil }
			c.Getwd = func() (string, error) { return "/", nil }
			return c
		}
		c := fresh()
		if c.LoadText(text) != nil {
			return
		}
		// These are written without quotes, as Redis writes them.
		if slices.ContainsFunc(append(c.Bind, c.MasterHost+"x"), func(s string) bool { return argsplit.NeedsQuote([]byte(s)) }) {
			return
		}
		rewritten := string(c.rewriteAll(c.parseOld(text, false), RewriteState{}))
		again := fresh()
		require.NoError(t, again.LoadText(rewritten), "%q", rewritten)
		for _, r := range c.rows {
			require.Equal(t, r.Get(), again.Lookup(r.Name).Get(), "%s in %q", r.Name, rewritten)
		}
	})
}
