package difftest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var kills = flag.Int("kills", 15, "how often TestKilled kills the server, for each of two policies")

const (
	crashWriters = 4
	// kept is how many of the last elements of each writer's list are kept.
	kept = 50
	// everysecLoss is how old a write may be that everysec loses.
	everysecLoss = 2 * time.Second
)

// crashWriter is a client that writes numbers which go up by one, and remembers what it was told.
type crashWriter struct {
	id    int
	sent  int // the last number that was sent
	acked int // the last that was acknowledged
	times []ackTime
}

type ackTime struct {
	n  int
	at time.Time
}

// write sends numbers until the server goes away. Each is a transaction: a counter and a list must tell the same.
func (w *crashWriter) write(addr string, rnd *rand.Rand) {
	c, err := Dial(addr)
	if err != nil {
		return
	}
	defer c.Close()
	c.Timeout = 20 * time.Second
	counter, list := fmt.Sprintf("counter:%d", w.id), fmt.Sprintf("list:%d", w.id)
	for {
		batch := 1
		if rnd.IntN(4) == 0 {
			batch = 1 + rnd.IntN(20)
		}
		for i := range batch {
			n := strconv.Itoa(w.sent + 1 + i)
			c.Queue("MULTI")
			c.Queue("INCR", counter)
			c.Queue("RPUSH", list, n)
			c.Queue("LTRIM", list, strconv.Itoa(-kept), "-1")
			c.Queue("SET", fmt.Sprintf("key:%d:%d", w.id, rnd.IntN(3000)), n+strings.Repeat("x", rnd.IntN(200)))
			c.Queue("EXEC")
		}
		w.sent += batch
		if c.Flush() != nil {
			return
		}
		for range batch {
			for range 6 {
				reply, err := c.Read()
				if err != nil || IsError(reply) {
					return
				}
			}
			w.acked++
			w.times = append(w.times, ackTime{w.acked, time.Now()})
		}
	}
}

// check compares what the server has with what the writer knows. lossBefore is the moment before which nothing
// acknowledged may be missing.
func (w *crashWriter) check(t *testing.T, s *Server, lossBefore time.Time) {
	t.Helper()
	least := 0
	for _, a := range w.times {
		if a.at.Before(lossBefore) {
			least = a.n
		}
	}
	text := do(t, s, "GET", fmt.Sprintf("counter:%d", w.id))
	got := 0
	if text != "$-1" {
		_, value, _ := strings.Cut(text, "\r\n")
		var err error
		got, err = strconv.Atoi(value)
		require.NoError(t, err)
	}
	require.GreaterOrEqual(t, got, least, "writer %d: an acknowledged write is missing", w.id)
	require.LessOrEqual(t, got, w.sent, "writer %d: more than was sent", w.id)
	v, err := ParseReply([]byte(do(t, s, "LRANGE", fmt.Sprintf("list:%d", w.id), "0", "-1") + "\r\n"))
	require.NoError(t, err)
	require.Len(t, v.Elems, min(got, kept), "writer %d: half a transaction", w.id)
	for i, e := range v.Elems {
		require.Equal(t, strconv.Itoa(got-len(v.Elems)+1+i), string(e.Text), "writer %d: order", w.id)
	}
	w.sent, w.acked, w.times = got, got, []ackTime{{got, time.Time{}}}
}

// TestKilled kills the server at random moments while clients write, files are rewritten and the server starts, and looks
// for what it had promised to keep.
func TestKilled(t *testing.T) {
	name, bin := subject(t, "8.0")
	for _, policy := range []string{"always", "everysec"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
			dir := t.TempDir()
			writers := make([]*crashWriter, crashWriters)
			for i := range writers {
				writers[i] = &crashWriter{id: i}
			}
			var lossBefore time.Time
			slowest, starts := time.Duration(0), 0
			for round := 0; round <= *kills; round++ {
				args := []string{
					"--appendonly", "yes", "--appendfsync", policy, "--auto-aof-rewrite-percentage", "50", "--auto-aof-rewrite-min-size", "64kb",
					"--aof-use-rdb-preamble", []string{"yes", "no"}[rnd.IntN(2)], "--save", "1 1000", "--hz", "100",
				}
				// Now and then the start itself is what is killed.
				for rnd.IntN(4) == 0 {
					starts++
					killedStart(t, bin, dir, args, time.Duration(rnd.IntN(60))*time.Millisecond)
				}
				began := time.Now()
				s := startIn(t, name, bin, dir, args...)
				slowest = max(slowest, time.Since(began))
				for _, w := range writers {
					w.check(t, s, lossBefore)
				}
				if t.Failed() || round == *kills {
					s.Stop()
					break
				}
				if round%5 == 4 {
					loadedByReference(t, s, dir)
				}
				crashRound(t, s, writers, rnd)
				lossBefore = time.Now()
				if policy == "everysec" {
					lossBefore = lossBefore.Add(-everysecLoss)
				}
			}
			total := 0
			for _, w := range writers {
				total += w.acked
			}
			t.Logf("%s: %d kills while serving, %d while starting, %d transactions acknowledged, slowest start %v",
				policy, *kills, starts, total, slowest.Round(time.Millisecond))
		})
	}
}

// crashRound has clients write for a while and then kills the server in the middle of it.
func crashRound(t *testing.T, s *Server, writers []*crashWriter, rnd *rand.Rand) {
	t.Helper()
	var all sync.WaitGroup
	for _, w := range writers {
		r := rand.New(rand.NewPCG(rnd.Uint64(), 0))
		all.Go(func() { w.write(s.Addr, r) })
	}
	what := rnd.IntN(3)
	all.Go(func() {
		c, err := Dial(s.Addr)
		if err != nil {
			return
		}
		defer c.Close()
		for s.Alive() {
			switch what {
			case 0:
				_, _ = c.Do("BGREWRITEAOF")
			case 1:
				_, _ = c.Do("BGSAVE", "SCHEDULE")
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
	time.Sleep(time.Duration(20+rnd.IntN(400)) * time.Millisecond)
	require.True(t, s.Alive(), "%s", s.LogTail(2000))
	s.Kill(syscall.SIGKILL)
	all.Wait()
}

// killedStart starts a server that is killed at once.
func killedStart(t *testing.T, bin, dir string, args []string, after time.Duration) {
	t.Helper()
	port, err := freePort()
	require.NoError(t, err)
	log, err := os.Create(filepath.Join(dir, "start.log"))
	require.NoError(t, err)
	defer log.Close()
	cmd := exec.Command(bin, slices.Concat([]string{"--port", strconv.Itoa(port), "--dir", dir, "--bind", "127.0.0.1"}, args)...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, cmd.Start())
	time.Sleep(after)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code > 0 {
		text, _ := os.ReadFile(log.Name())
		t.Fatalf("a start ended with status %d:\n%s", code, text)
	}
}

// loadedByReference has redis-server load a copy of the files, and redis-check-aof look at them.
func loadedByReference(t *testing.T, s *Server, dir string) {
	t.Helper()
	// The files must not change while they are copied.
	require.Equal(t, "+OK", do(t, s, "CONFIG", "SET", "auto-aof-rewrite-percentage", "0"))
	waitInfo(t, s, "aof_rewrite_in_progress:0")
	defer do(t, s, "CONFIG", "SET", "auto-aof-rewrite-percentage", "50")
	want := do(t, s, "DEBUG", "DIGEST")
	copied := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(copied, "appendonlydir"), os.DirFS(filepath.Join(dir, "appendonlydir"))))
	out, err := exec.Command(filepath.Join(OracleDir(), "bin", "redis-check-aof"), filepath.Join(copied, "appendonlydir", "appendonly.aof.manifest")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	ref := startIn(t, "redis", oracle(t, "8.0"), copied, "--appendonly", "yes")
	require.Equal(t, want, do(t, ref, "DEBUG", "DIGEST"), "redis-server loads something else")
	ref.Stop()
}
