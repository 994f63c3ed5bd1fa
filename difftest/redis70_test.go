package difftest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// contents describes every key of a server, by database and name: its type, its digest and when it expires. Sorted
// sets have their members and scores in place of the digest, because that of Redis 7.0 takes scores into account with 17
// digits and that of later ones with as few as tell them apart; for the same reason scores are compared as numbers.
func contents(t *testing.T, s *Server) map[string]string {
	t.Helper()
	c, err := Dial(s.Addr)
	require.NoError(t, err)
	defer c.Close()
	ask := func(args ...string) Value {
		reply, err := c.Do(args...)
		require.NoError(t, err, "%s: %q", s.Name, args)
		v, err := ParseReply(reply)
		require.NoError(t, err)
		return v
	}
	all := map[string]string{}
	for db := range 16 {
		require.Equal(t, "OK", string(ask("SELECT", strconv.Itoa(db)).Text))
		for _, e := range ask("KEYS", "*").Elems {
			key := string(e.Text)
			kind := string(ask("TYPE", key).Text)
			var value string
			if kind == "zset" {
				elems := ask("ZRANGE", key, "0", "-1", "WITHSCORES").Elems
				for i := 0; i+1 < len(elems); i += 2 {
					score, err := strconv.ParseFloat(string(elems[i+1].Text), 64)
					require.NoError(t, err)
					value += fmt.Sprintf("%q %v\n", elems[i].Text, score)
				}
			} else {
				value = string(ask("DEBUG", "DIGEST-VALUE", key).Elems[0].Text)
			}
			expires := string(ask("PEXPIRETIME", key).Text)
			all[fmt.Sprintf("%d %q", db, key)] = kind + " " + value + " " + expires
		}
	}
	return all
}

// digestWithoutScores is DEBUG DIGEST after all sorted sets have been deleted.
func digestWithoutScores(t *testing.T, s *Server) string {
	t.Helper()
	c, err := Dial(s.Addr)
	require.NoError(t, err)
	defer c.Close()
	for key, what := range contents(t, s) {
		if !strings.HasPrefix(what, "zset ") {
			continue
		}
		db, quoted, _ := strings.Cut(key, " ")
		name, err := strconv.Unquote(quoted)
		require.NoError(t, err)
		_, err = c.Do("SELECT", db)
		require.NoError(t, err)
		reply, err := c.Do("DEL", name)
		require.NoError(t, err)
		require.Equal(t, ":1\r\n", string(reply))
	}
	return do(t, s, "DEBUG", "DIGEST")
}

// library is one that every server since 7.0 knows.
const library = "#!lua name=old\nredis.register_function('greet', function(keys, args) return 'hello ' .. args[1] end)\n" +
	"redis.register_function{function_name='count', callback=function(keys) return redis.call('DBSIZE') end, flags={'no-writes'}}\n"

// fillOld puts data into a server that Redis 7.0 can have too: no times of fields, for which it has no commands, no
// payloads of later versions, and no consumer that has asked and got nothing, whose two times it doesn't tell apart.
func fillOld(t *testing.T, s *Server, seed uint64, known map[string]bool) {
	t.Helper()
	fillAny(t, s, seed, known)
	c, err := Dial(s.Addr)
	require.NoError(t, err)
	defer c.Close()
	ask := func(args ...string) Value {
		reply, err := c.Do(args...)
		require.NoError(t, err)
		v, err := ParseReply(reply)
		require.NoError(t, err)
		return v
	}
	for db := range 16 {
		ask("SELECT", strconv.Itoa(db))
		for _, e := range ask("KEYS", "*").Elems {
			key := string(e.Text)
			if string(ask("TYPE", key).Text) != "stream" {
				continue
			}
			for _, g := range ask("XINFO", "GROUPS", key).Elems {
				group := string(g.Elems[1].Text)
				for _, consumer := range ask("XINFO", "CONSUMERS", key, group).Elems {
					about := map[string]string{}
					for i := 0; i+1 < len(consumer.Elems); i += 2 {
						about[string(consumer.Elems[i].Text)] = string(consumer.Elems[i+1].Text)
					}
					if _, ok := about["inactive"]; ok && about["inactive"] != about["idle"] {
						ask("XGROUP", "DELCONSUMER", key, group, about["name"])
					}
				}
			}
		}
	}
}

// groups is what a server knows about the groups of a stream, without times that go on.
func groups(t *testing.T, s *Server) string {
	t.Helper()
	return do(t, s, "XINFO", "GROUPS", "stream") + do(t, s, "XPENDING", "stream", "g")
}

// checkOld has one of the checking programs of Redis 7.0 look at a file.
func checkOld(t *testing.T, program, path, good string) {
	t.Helper()
	out, err := exec.Command(filepath.Join(OracleDir(), "bin", program+"-7.0"), path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), good)
}

// TestFilesOfRedis70 has Redis 7.0 load what berth writes, where the content needs nothing newer, and the other way round.
func TestFilesOfRedis70(t *testing.T) {
	name, bin := subject(t, "8.0")
	if os.Getenv("BERTH_BIN") == "oracle" {
		t.Skip("Redis 8.0 writes files that 7.0 refuses, whatever is in them")
	}
	type server struct{ name, bin string }
	me, old := server{name, bin}, server{"redis-7.0", oracle(t, "7.0")}
	known := commonCommands(t, me.bin, old.bin)
	known["restore"] = false
	for _, way := range [][2]server{{me, old}, {old, me}} {
		from, to := way[0], way[1]
		verify := func(t *testing.T, want map[string]string, wantGroups, dir string, args ...string) *Server {
			t.Helper()
			b := startIn(t, to.name, to.bin, dir, args...)
			require.Equal(t, want, contents(t, b), "%s", b.LogTail(2000))
			require.Equal(t, wantGroups, groups(t, b))
			require.Equal(t, "$11\r\nhello world", do(t, b, "FCALL", "greet", "0", "world"))
			require.Equal(t, do(t, b, "DBSIZE"), do(t, b, "FCALL_RO", "count", "0"))
			return b
		}
		for _, how := range []string{"SAVE", "BGSAVE"} {
			t.Run(from.name+"-"+to.name+"-"+how, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				a := startIn(t, from.name, from.bin, dir, "--maxmemory-policy", "allkeys-lfu")
				fillOld(t, a, 7, known)
				require.Equal(t, "$3\r\nold", do(t, a, "FUNCTION", "LOAD", library))
				do(t, a, how)
				waitInfo(t, a, "rdb_bgsave_in_progress:0")
				require.Contains(t, do(t, a, "INFO", "persistence"), "rdb_last_bgsave_status:ok")
				path := filepath.Join(dir, "dump.rdb")
				file, err := os.ReadFile(path)
				require.NoError(t, err)
				require.Equal(t, "REDIS0010", string(file[:9]))
				checkOld(t, "redis-check-rdb", path, `\o/ RDB looks OK! \o/`)
				want, wantGroups := contents(t, a), groups(t, a)
				require.Greater(t, len(want), 20)
				b := verify(t, want, wantGroups, dir, "--maxmemory-policy", "allkeys-lfu")
				require.Equal(t, digestWithoutScores(t, a), digestWithoutScores(t, b))
			})
		}
		for _, preamble := range []string{"yes", "no"} {
			t.Run(from.name+"-"+to.name+"-preamble="+preamble, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				args := []string{"--appendonly", "yes", "--aof-use-rdb-preamble", preamble, "--auto-aof-rewrite-percentage", "0",
					"--appendfsync", "no", "--aof-timestamp-enabled", "yes"}
				a := startIn(t, from.name, from.bin, dir, args...)
				require.Equal(t, "$3\r\nold", do(t, a, "FUNCTION", "LOAD", library))
				fillOld(t, a, 7, known)
				require.Contains(t, do(t, a, "BGREWRITEAOF"), "started")
				fillAny(t, a, 8, known)
				waitInfo(t, a, "aof_rewrite_in_progress:0")
				require.Contains(t, do(t, a, "INFO", "persistence"), "aof_last_bgrewrite_status:ok")
				fillAny(t, a, 9, known)
				want, wantGroups := contents(t, a), groups(t, a)
				require.Greater(t, len(want), 20)
				a.Kill(syscall.SIGKILL)
				if from == old {
					// How much a group has read is not in the commands of 7.0, so that it doesn't find that again either.
					again := startIn(t, old.name, old.bin, dir, args...)
					require.Equal(t, want, contents(t, again))
					wantGroups = groups(t, again)
					again.Kill(syscall.SIGKILL)
				}
				checkOld(t, "redis-check-aof", filepath.Join(dir, "appendonlydir", "appendonly.aof.manifest"), "All AOF files and manifest are valid")
				verify(t, want, wantGroups, dir, args...)
			})
		}
	}
}
