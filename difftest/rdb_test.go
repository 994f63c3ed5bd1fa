package difftest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// checkRDB has redis-check-rdb look at a file.
func checkRDB(t *testing.T, path string) {
	t.Helper()
	check, err := exec.LookPath(filepath.Join(OracleDir(), "bin", "redis-check-rdb"))
	if err != nil {
		return
	}
	out, err := exec.Command(check, path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), `\o/ RDB looks OK! \o/`)
}

// TestRDBFilesBothWays has every server load the RDB files of berth, and berth those of the others.
func TestRDBFilesBothWays(t *testing.T) {
	name, bin := subject(t, "8.0")
	type server struct{ name, bin string }
	me := server{name, bin}
	for _, version := range []string{"8.0", "8.2", "valkey-8.1"} {
		ref, err := Oracle(version)
		if err != nil {
			continue
		}
		other := server{version, ref}
		for _, way := range [][2]server{{me, other}, {other, me}} {
			for _, how := range []string{"SAVE", "BGSAVE"} {
				from, to := way[0], way[1]
				t.Run(from.name+"-"+to.name+"-"+how, func(t *testing.T) {
					t.Parallel()
					known := commonCommands(t, from.bin, to.bin)
					dir := t.TempDir()
					args := []string{"--maxmemory-policy", "allkeys-lru"}
					a := startIn(t, from.name, from.bin, dir, args...)
					fillAny(t, a, 7, known)
					if how == "SAVE" {
						require.Equal(t, "+OK", do(t, a, "SAVE"))
					} else {
						require.Equal(t, "+Background saving started", do(t, a, "BGSAVE"))
						waitInfo(t, a, "rdb_bgsave_in_progress:0")
						require.Contains(t, do(t, a, "INFO", "persistence"), "rdb_last_bgsave_status:ok")
					}
					want := do(t, a, "DEBUG", "DIGEST")
					require.NotContains(t, want, "0000000000000000000000000000000000000000")
					a.Kill(syscall.SIGKILL)
					if !strings.Contains(from.name, "valkey") {
						checkRDB(t, filepath.Join(dir, "dump.rdb"))
					}
					b := startIn(t, to.name, to.bin, dir, args...)
					require.Equal(t, want, do(t, b, "DEBUG", "DIGEST"), "%s", b.LogTail(2000))
				})
			}
		}
	}
}

// TestModuleFilesBothWays is the same for values and AUX data of a module, and for the indexes of RediSearch.
func TestModuleFilesBothWays(t *testing.T) {
	name, bin := subject(t, "8.0")
	ref := oracle(t, "8.0")
	mods, err := testModules()
	require.NoError(t, err)
	type server struct{ name, bin string }
	for _, way := range [][2]server{{{name, bin}, {"redis", ref}}, {{"redis", ref}, {name, bin}}} {
		for _, how := range []string{"SAVE", "BGSAVE"} {
			from, to := way[0], way[1]
			save := func(t *testing.T, s *Server) {
				do(t, s, how)
				waitInfo(t, s, "rdb_bgsave_in_progress:0")
				require.Contains(t, do(t, s, "INFO", "persistence"), "rdb_last_bgsave_status:ok")
			}
			t.Run("persist-"+from.name+"-"+how, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				args := []string{"--loadmodule", filepath.Join(mods, "persist.so"), "silent"}
				a := startIn(t, from.name, from.bin, dir, args...)
				for i := range 300 {
					do(t, a, "persist.set", fmt.Sprintf("key:%d", i), strings.Repeat(strconv.Itoa(i), i), strconv.Itoa(1+i%4))
					do(t, a, "SET", fmt.Sprintf("string:%d", i), "v")
				}
				do(t, a, "persist.set", "large", strings.Repeat("much ", 100000), "3", "2")
				do(t, a, "persist.aux", "1", "1", "before")
				do(t, a, "persist.aux", "2", "2", "after")
				save(t, a)
				want := do(t, a, "DEBUG", "DIGEST")
				a.Kill(syscall.SIGKILL)
				checkRDB(t, filepath.Join(dir, "dump.rdb"))
				b := startIn(t, to.name, to.bin, dir, args...)
				require.Equal(t, want, do(t, b, "DEBUG", "DIGEST"), "%s", b.LogTail(2000))
				require.Contains(t, do(t, b, "persist.aux", "1", "1"), "before")
				require.Contains(t, do(t, b, "persist.aux", "2", "2"), "after")
			})
			t.Run("redisearch-"+from.name+"-"+how, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				args := []string{"--loadmodule", filepath.Join(OracleDir(), "redisearch.so"), "NOGC"}
				a := startIn(t, from.name, from.bin, dir, args...)
				require.Equal(t, "+OK", do(t, a, "FT.CREATE", "idx", "SCHEMA", "title", "TEXT", "SORTABLE", "price", "NUMERIC", "tags", "TAG"))
				for i := range 200 {
					require.Equal(t, "+OK", do(t, a, "FT.ADD", "idx", fmt.Sprintf("doc%d", i), "1.0", "FIELDS", "title",
						fmt.Sprintf("word%d hello common%d", i, i%7), "price", strconv.Itoa(i), "tags", fmt.Sprintf("t%d", i%5)))
				}
				do(t, a, "FT.SUGADD", "sug", "hello world", "3")
				queries := [][]string{
					{"FT.SEARCH", "idx", "hello common3", "SORTBY", "title", "LIMIT", "0", "50"}, {"FT.SEARCH", "idx", "@price:[10 20]", "NOCONTENT"},
					{"FT.SEARCH", "idx", "@tags:{t2}", "LIMIT", "0", "5"}, {"FT.SUGGET", "sug", "he"}, {"FT.GET", "idx", "doc5"},
				}
				var want []string
				for _, q := range queries {
					want = append(want, do(t, a, q...))
				}
				save(t, a)
				a.Kill(syscall.SIGKILL)
				b := startIn(t, to.name, to.bin, dir, args...)
				for i, q := range queries {
					require.Equal(t, want[i], do(t, b, q...), "%q\n%s", q, b.LogTail(2000))
				}
			})
		}
	}
}

// TestUnknownValuesComeAlive keeps a module's values while it is not there.
func TestUnknownValuesComeAlive(t *testing.T) {
	_, bin := subject(t, "8.0")
	if os.Getenv("BERTH_BIN") == "oracle" {
		t.Skip("Redis refuses such files")
	}
	mods, err := testModules()
	require.NoError(t, err)
	dir := t.TempDir()
	so := filepath.Join(mods, "persist.so")
	a := startIn(t, "redis", oracle(t, "8.0"), dir, "--loadmodule", so)
	do(t, a, "persist.set", "k", "text", "2")
	do(t, a, "persist.set", "gone", "text", "2")
	do(t, a, "persist.aux", "1", "2", "kept")
	do(t, a, "SAVE")
	want := do(t, a, "DEBUG", "DIGEST-VALUE", "k")
	dump := do(t, a, "DUMP", "k")
	a.Kill(syscall.SIGKILL)

	b := startIn(t, "berth", bin, dir, "--module-unknown-values", "preserve")
	require.Equal(t, "+persist-1", do(t, b, "TYPE", "k"))
	require.Equal(t, dump, do(t, b, "DUMP", "k"))
	require.Equal(t, ":1", do(t, b, "DEL", "gone"))
	require.Equal(t, "+Background saving started", do(t, b, "BGSAVE"))
	waitInfo(t, b, "rdb_bgsave_in_progress:0")
	require.Equal(t, "+OK", do(t, b, "MODULE", "LOAD", so))
	require.Equal(t, "*2\r\n$4\r\ntext\r\n:2", do(t, b, "persist.get", "k"), "%s", b.LogTail(1000))
	require.Equal(t, want, do(t, b, "DEBUG", "DIGEST-VALUE", "k"))
	require.Contains(t, do(t, b, "persist.aux", "1", "2"), "kept")
	b.Kill(syscall.SIGKILL)

	c := startIn(t, "redis", oracle(t, "8.0"), dir, "--loadmodule", so)
	require.Equal(t, want, do(t, c, "DEBUG", "DIGEST-VALUE", "k"))
	require.Contains(t, do(t, c, "persist.aux", "1", "2"), "kept")
	require.Equal(t, ":1", do(t, c, "DBSIZE"))
}

// children are the processes that a server has made.
func children(s *Server) (pids []int) {
	out, _ := exec.Command("pgrep", "-P", strconv.Itoa(s.cmd.Process.Pid)).Output()
	for _, f := range strings.Fields(string(out)) {
		n, _ := strconv.Atoi(f)
		pids = append(pids, n)
	}
	return pids
}

// TestKilledSaves ends saves at random moments: a child's, which is an error that writers are told of, and the
// server's own, after which a whole file is there, of some moment at which the sum was right.
func TestKilledSaves(t *testing.T) {
	name, bin := subject(t, "8.0")
	dir := t.TempDir()
	args := []string{"--save", "3600 1000000000", "--rdb-key-save-delay", "20"}
	rnd := rand.New(rand.NewPCG(1, 1))
	const accounts, total = 2000, 2000 * 1000
	s := startIn(t, name, bin, dir, args...)
	c, err := Dial(s.Addr)
	require.NoError(t, err)
	for i := range accounts {
		c.Queue("SET", fmt.Sprintf("account:%d", i), "1000")
	}
	require.NoError(t, c.Flush())
	for range accounts {
		_, err := c.Read()
		require.NoError(t, err)
	}
	require.Equal(t, "+OK", do(t, s, "SAVE"))
	for round := range 12 {
		c, err := Dial(s.Addr)
		require.NoError(t, err)
		require.Equal(t, "+Background saving started", do(t, s, "BGSAVE"))
		deadline := time.Now().Add(time.Duration(rnd.IntN(80)) * time.Millisecond)
		for time.Now().Before(deadline) {
			n := strconv.Itoa(rnd.IntN(10))
			c.Queue("MULTI")
			c.Queue("DECRBY", fmt.Sprintf("account:%d", rnd.IntN(accounts)), n)
			c.Queue("INCRBY", fmt.Sprintf("account:%d", rnd.IntN(accounts)), n)
			c.Queue("EXEC")
			require.NoError(t, c.Flush())
			for range 4 {
				_, err := c.Read()
				require.NoError(t, err)
			}
		}
		if round%3 == 0 {
			for _, pid := range children(s) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			waitInfo(t, s, "rdb_bgsave_in_progress:0")
			if strings.Contains(do(t, s, "INFO", "persistence"), "rdb_last_bgsave_status:err") {
				require.Contains(t, do(t, s, "SET", "x", "y"), "MISCONF")
				require.Eventually(t, func() bool {
					left, _ := filepath.Glob(filepath.Join(dir, "temp-*.rdb"))
					return len(left) == 0
				}, 10*time.Second, 10*time.Millisecond)
			}
			require.Equal(t, "+OK", do(t, s, "SAVE"))
		}
		_ = c.Close()
		s.Kill(syscall.SIGKILL)
		s = startIn(t, name, bin, dir, args...)
		sum := 0
		c, err = Dial(s.Addr)
		require.NoError(t, err)
		for i := range accounts {
			c.Queue("GET", fmt.Sprintf("account:%d", i))
		}
		require.NoError(t, c.Flush())
		for range accounts {
			reply, err := c.Read()
			require.NoError(t, err)
			_, n, _ := strings.Cut(strings.TrimSpace(string(reply)), "\r\n")
			v, err := strconv.Atoi(n)
			require.NoError(t, err)
			sum += v
		}
		_ = c.Close()
		require.Equal(t, total, sum, "round %d", round)
	}
}

// TestBrokenRDB starts servers on damaged files: they end with status 1, say so as Redis does, and leave the file alone.
func TestBrokenRDB(t *testing.T) {
	name, bin := subject(t, "8.0")
	ref := oracle(t, "8.0")
	dir := t.TempDir()
	a := startIn(t, "redis", ref, dir)
	fillAny(t, a, 3, commonCommands(t, ref, bin))
	do(t, a, "SAVE")
	a.Kill(syscall.SIGKILL)
	whole, err := os.ReadFile(filepath.Join(dir, "dump.rdb"))
	require.NoError(t, err)
	rnd := rand.New(rand.NewPCG(4, 4))
	for round := range 12 {
		data := bytes.Clone(whole)
		if round%2 == 0 {
			data = data[:rnd.IntN(len(data))]
		} else {
			data[9+rnd.IntN(len(data)-9)] ^= 1 << rnd.IntN(8)
		}
		dir := t.TempDir()
		path := filepath.Join(dir, "dump.rdb")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		port, err := freePort()
		require.NoError(t, err)
		cmd := exec.Command(bin, "--port", strconv.Itoa(port), "--dir", dir, "--save", "")
		out, err := cmd.CombinedOutput()
		require.Error(t, err, "round %d: %s started", round, name)
		require.Equal(t, 1, cmd.ProcessState.ExitCode(), "%s", out)
		require.Regexp(t, "Terminating server after rdb file reading failure|Fatal error loading the DB", string(out))
		after, _ := os.ReadFile(path)
		require.Equal(t, data, after)
	}
}
