package difftest

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAppendOnlyFile plays the scripts of the commands and compares what they leave in the append only file.
func TestAppendOnlyFile(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join("testdata", "commands", "*.rt"))
	require.NoError(t, err)
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".rt"), func(t *testing.T) {
			t.Parallel()
			s, err := ParseScript(path, "")
			require.NoError(t, err)
			if s.Reference != "8.0" {
				t.Skip("for another server")
			}
			name, bin := subject(t, "8.0")
			args := append([]string{"--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0"}, s.ServerArgs...)
			a := StartT(t, name, bin, args...)
			b := StartT(t, "redis", oracle(t, "8.0"), args...)
			for _, server := range []*Server{a, b} {
				// What nobody looks at expires at some time or other.
				c, err := Dial(server.Addr)
				require.NoError(t, err)
				_, err = c.Do("DEBUG", "SET-ACTIVE-EXPIRE", "0")
				require.NoError(t, err)
				require.NoError(t, c.Close())
			}
			mine := make(chan []Outcome)
			go func() { mine <- s.Run(a.Addr, 2) }()
			s.Run(b.Addr, 2)
			<-mine
			x, err := a.AOFCommands()
			require.NoError(t, err)
			y, err := b.AOFCommands()
			require.NoError(t, err)
			if filepath.Base(path) == "eviction.rt" {
				sortDeletions(x)
				sortDeletions(y)
			}
			if diff := CompareAOF(name, "redis", x, y); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// sortDeletions puts deletions that follow one another in order: which key is evicted first is chance.
func sortDeletions(commands [][]string) {
	for i := 0; i < len(commands); {
		j := i
		for j < len(commands) && strings.EqualFold(commands[j][0], "del") {
			j++
		}
		slices.SortFunc(commands[i:j], slices.Compare)
		i = max(j, i+1)
	}
}

// startIn is StartIn for a test.
func startIn(t *testing.T, name, bin, dir string, args ...string) *Server {
	t.Helper()
	s, err := StartIn(name, bin, dir, args...)
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of %s:\n%s", s.Name, s.LogTail(3000))
		}
		s.Stop()
	})
	return s
}

// do is Conn.Do on a connection of its own, for a test.
func do(t *testing.T, s *Server, args ...string) string {
	t.Helper()
	c, err := Dial(s.Addr)
	require.NoError(t, err)
	defer c.Close()
	reply, err := c.Do(args...)
	require.NoError(t, err, "%s: %q", s.Name, args)
	return strings.TrimSpace(string(reply))
}

// waitInfo waits until INFO has a line.
func waitInfo(t *testing.T, s *Server, line string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(do(t, s, "INFO", "persistence"), line+"\r\n") },
		20*time.Second, 20*time.Millisecond, "%s never says %s", s.Name, line)
}

// commonCommands are the commands that all servers have.
func commonCommands(t *testing.T, bins ...string) map[string]bool {
	t.Helper()
	count := map[string]int{}
	for _, bin := range bins {
		s := StartT(t, "commands", bin)
		v, err := ParseReply([]byte(do(t, s, "COMMAND", "LIST") + "\r\n"))
		require.NoError(t, err)
		for _, e := range v.Elems {
			count[strings.ToLower(string(e.Text))]++
		}
	}
	common := map[string]bool{}
	for name, n := range count {
		common[name] = n == len(bins)
	}
	return common
}

// fillAny puts data of every type into a server, from the random streams and large values, by known commands.
func fillAny(t *testing.T, s *Server, seed uint64, known map[string]bool) {
	t.Helper()
	c, err := Dial(s.Addr)
	require.NoError(t, err)
	defer c.Close()
	n := 0
	send := func(args ...string) {
		if known[strings.ToLower(args[0])] {
			c.Queue(args...)
			n++
		}
	}
	g := NewGenerator(seed, templates)
	for range 1500 {
		for _, cmd := range g.Next() {
			send(cmd.Args...)
		}
	}
	big := func(name string, extra ...string) {
		for i := 0; i < 3000; i += 100 {
			args := []string{name, "big:" + name}
			for j := i; j < i+100; j++ {
				for _, x := range extra {
					args = append(args, strings.ReplaceAll(x, "#", strconv.Itoa(j)))
				}
			}
			send(args...)
		}
	}
	big("RPUSH", "element #", "#")
	big("SADD", "member-#")
	big("ZADD", "#.25", "member-#")
	big("HSET", "field-#", "value #")
	for _, line := range []string{
		"SELECT 9", "SET other-database v", "SET binary \"\\x00\\r\\n\\xff\"", "SET number -42", "SET float 3.0e10", "SELECT 0",
		"SET expires-later v EX 100000", "HSET timed f v g v", "HPEXPIREAT timed 4102444800000 FIELDS 1 f",
		"XADD stream 1-1 a b", "XADD stream 2-1 a c d e", "XADD stream 2-2 a b", "XDEL stream 2-1", "XGROUP CREATE stream g 0 ENTRIESREAD 1",
		"XREADGROUP GROUP g alice COUNT 1 STREAMS stream >", "XGROUP CREATECONSUMER stream g bob", "XGROUP CREATE stream empty $",
		"XADD gone MAXLEN 0 5-5 a b", "PEXPIREAT stream 4102444800000",
		"SETBIT bits 100 1", "PFADD hll a b c d", "GEOADD geo 13.36 38.11 Palermo",
	} {
		args, err := SplitArgs(line)
		require.NoError(t, err)
		send(args...)
	}
	require.NoError(t, c.Flush())
	for range n {
		_, err := c.Read()
		require.NoError(t, err)
	}
}

// TestAppendOnlyFileBothWays has every server load what the others wrote, as they left it when they were killed.
func TestAppendOnlyFileBothWays(t *testing.T) {
	name, bin := subject(t, "8.0")
	type server struct{ name, bin string }
	servers := []server{{name, bin}, {"redis", oracle(t, "8.0")}}
	if v, err := Oracle("valkey-8.1"); err == nil {
		servers = append(servers, server{"valkey", v})
	}
	for i, from := range servers {
		for j, to := range servers {
			if i == j && i > 0 || i > 0 && j > 0 {
				continue
			}
			for _, preamble := range []string{"yes", "no"} {
				t.Run(from.name+"-"+to.name+"-preamble="+preamble, func(t *testing.T) {
					t.Parallel()
					known := commonCommands(t, from.bin, to.bin)
					dir := t.TempDir()
					args := []string{"--appendonly", "yes", "--aof-use-rdb-preamble", preamble, "--auto-aof-rewrite-percentage", "0",
						"--appendfsync", "no", "--aof-timestamp-enabled", "yes"}
					a := startIn(t, from.name, from.bin, dir, args...)
					// A rewrite must carry this one, and what comes later is in the commands.
					require.Equal(t, "$3\r\nold", do(t, a, "FUNCTION", "LOAD", library))
					fillAny(t, a, 7, known)
					require.Contains(t, do(t, a, "BGREWRITEAOF"), "started")
					fillAny(t, a, 8, known)
					waitInfo(t, a, "aof_rewrite_in_progress:0")
					require.Contains(t, do(t, a, "INFO", "persistence"), "aof_last_bgrewrite_status:ok")
					fillAny(t, a, 9, known)
					want := do(t, a, "DEBUG", "DIGEST")
					sizes := do(t, a, "INFO", "keyspace")
					a.Kill(syscall.SIGKILL)

					if check, err := exec.LookPath(filepath.Join(OracleDir(), "bin", "redis-check-aof")); err == nil && !strings.Contains(from.name+to.name, "valkey") {
						out, err := exec.Command(check, filepath.Join(dir, "appendonlydir", "appendonly.aof.manifest")).CombinedOutput()
						require.NoError(t, err, "%s", out)
						require.Contains(t, string(out), "All AOF files and manifest are valid")
					}
					b := startIn(t, to.name, to.bin, dir, args...)
					if got := do(t, b, "DEBUG", "DIGEST"); got != want {
						t.Errorf("%s has %s after loading what %s wrote, which had %s\n%s\n%s\n%s", to.name, got, from.name, want,
							sizes, do(t, b, "INFO", "keyspace"), b.LogTail(2000))
					}
					require.Equal(t, "$11\r\nhello world", do(t, b, "FCALL", "greet", "0", "world"))
					require.Equal(t, do(t, b, "DBSIZE"), do(t, b, "FCALL_RO", "count", "0"))
				})
			}
		}
	}
}
