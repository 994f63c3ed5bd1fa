package difftest

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestFalkorDB runs testdata/falkordb*.rt with FalkorDB's module, untouched, in berth and in the redis-server that it
// ships with.
func TestFalkorDB(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join("testdata", "falkordb*.rt"))
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".rt"), func(t *testing.T) {
			runScript(t, path, "falkordb", OracleDir())
		})
	}
}

// TestGraphsSurviveARestart ends a server with graphs by force and starts another in its directory: berth after berth,
// and each after the redis-server that FalkorDB ships with, from a snapshot; berth from its append-only file as well.
func TestGraphsSurviveARestart(t *testing.T) {
	name, bin := subject(t, "8.2")
	ref := oracle(t, "8.2")
	so := filepath.Join(OracleDir(), "falkordb.so")
	if _, err := os.Stat(so); err != nil {
		t.Skipf("FalkorDB is not on this machine: %v", err)
	}
	times := regexp.MustCompile(`execution time: [0-9.]+`)
	queries := [][]string{
		{"GRAPH.RO_QUERY", "other", "MATCH (x:X) RETURN count(x)"},
		{"GRAPH.RO_QUERY", "g", "MATCH (n:N) RETURN count(n), sum(n.v)"},
		{"GRAPH.RO_QUERY", "g", "MATCH (a:N)-[e:E]->(b:N) WHERE a.v > 2 AND a.v < 6 RETURN a, e, b ORDER BY id(e)"},
		{"GRAPH.RO_QUERY", "g", "MATCH (n:N {v:77}) RETURN n.name"},
		{"GRAPH.EXPLAIN", "g", "MATCH (n:N {v:77}) RETURN n.name"},
	}
	type server struct{ name, bin string }
	berth, redis := server{name, bin}, server{"8.2", ref}
	for _, way := range []struct {
		from, to server
		aof      string
	}{{berth, berth, "no"}, {berth, redis, "no"}, {redis, berth, "no"}, {berth, berth, "yes"}} {
		t.Run(way.from.name+"-"+way.to.name+"-aof-"+way.aof, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			args := []string{"--loadmodule", so, "--appendonly", way.aof, "--appendfsync", "always"}
			a := startIn(t, way.from.name, way.from.bin, dir, args...)
			do(t, a, "GRAPH.QUERY", "g", "CREATE INDEX FOR (n:N) ON (n.v)")
			for i := range 20 {
				do(t, a, "GRAPH.QUERY", "g", "UNWIND range("+strconv.Itoa(i*50)+","+strconv.Itoa(i*50+49)+") AS x CREATE (:N {v:x, name:'n' + x})")
			}
			do(t, a, "GRAPH.QUERY", "g", "MATCH (a:N), (b:N) WHERE b.v = a.v + 1 CREATE (a)-[:E {w:a.v}]->(b)")
			do(t, a, "GRAPH.QUERY", "other", "CREATE (:X)")
			if way.aof == "no" {
				do(t, a, "BGSAVE")
				waitInfo(t, a, "rdb_bgsave_in_progress:0")
				require.Contains(t, do(t, a, "INFO", "persistence"), "rdb_last_bgsave_status:ok")
			}
			var want []string
			for _, q := range queries {
				want = append(want, times.ReplaceAllString(do(t, a, q...), ""))
			}
			require.Contains(t, want[1], ":1000\r\n")
			a.Kill(syscall.SIGKILL)
			b := startIn(t, way.to.name, way.to.bin, dir, args...)
			for i, q := range queries {
				// FalkorDB fills its indexes in a thread of its own after loading.
				var got string
				for range 50 {
					if got = times.ReplaceAllString(do(t, b, q...), ""); got == want[i] {
						break
					}
					time.Sleep(100 * time.Millisecond)
				}
				require.Equal(t, want[i], got, "%q\n%s", q, b.LogTail(2000))
			}
		})
	}
}
