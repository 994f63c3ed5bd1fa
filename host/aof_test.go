package host

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"berth/host/config"
	"berth/internal/rlog"
	"berth/persistence/aof/aoftest"
)

// aofServer is a testServer with an append only file on a disk that can fail.
type aofServer struct {
	*testServer
	disk   *aoftest.Disk
	dir    string
	log    *logBuffer
	served chan error
}

// newAOFServer starts a server on a directory, "" for a new one.
func newAOFServer(t *testing.T, dir string, set ...string) *aofServer {
	t.Helper()
	if dir == "" {
		dir = t.TempDir()
	}
	cfg := config.New()
	cfg.Port = 0
	cfg.EnableDebugCommand = config.ActionYes
	cfg.AppendOnly = true
	cfg.Getwd = func() (string, error) { return dir, nil }
	cfg.Chdir = func(string) error { return nil }
	require.NoError(t, cfg.Set(config.SetOptions{}, append([]string{"save", "", "hz", "100"}, set...)...))
	a := &aofServer{disk: &aoftest.Disk{}, dir: dir, log: &logBuffer{}, served: make(chan error, 1)}
	s, err := New(Options{Config: cfg, Disk: a.disk, Logger: slog.New(rlog.New(a.log))})
	require.NoError(t, err)
	a.testServer = &testServer{s, t}
	go func() { a.served <- s.Serve() }()
	t.Cleanup(func() {
		_ = s.Close()
		if t.Failed() {
			t.Log(a.log)
		}
	})
	return a
}

// reopen ends the server as it is and starts another one on its files.
func (a *aofServer) reopen(set ...string) *aofServer {
	a.t.Helper()
	require.NoError(a.t, a.Close())
	return newAOFServer(a.t, a.dir, set...)
}

// client waits until the server has loaded its data.
func (a *aofServer) client() *testClient {
	c := a.testServer.client()
	for strings.HasPrefix(c.do("PING"), "-LOADING") {
		time.Sleep(time.Millisecond)
	}
	return c
}

func (a *aofServer) path(name string) string { return filepath.Join(a.dir, "appendonlydir", name) }

func (a *aofServer) manifest() string {
	b, err := os.ReadFile(a.path("appendonly.aof.manifest"))
	require.NoError(a.t, err)
	return string(b)
}

// eventually waits for a line of INFO persistence.
func (a *aofServer) eventually(c *testClient, line string) {
	a.t.Helper()
	require.Eventually(a.t, func() bool { return strings.Contains(c.text("INFO persistence"), line+"\r\n") },
		20*time.Second, 5*time.Millisecond, "%s", line)
}

const misconf = "-MISCONF Errors writing to the AOF file: "

func TestAOFRestart(t *testing.T) {
	a := newAOFServer(t, "")
	c := a.client()
	require.Equal(t, "+OK\r\n", c.do("SET a 1"))
	require.Equal(t, "+OK\r\n", c.do("SELECT 3"))
	require.Equal(t, "+OK\r\n", c.do("MULTI"))
	c.do("SET b 1")
	c.do("INCR b")
	c.do("EXEC")
	digest := c.text("DEBUG DIGEST")
	a = a.reopen()
	c = a.client()
	require.Equal(t, digest, c.text("DEBUG DIGEST"))
	require.Equal(t, "+OK\r\n", c.do("DEBUG LOADAOF"))
	require.Equal(t, digest, c.text("DEBUG DIGEST"))
	for _, preamble := range []string{"yes", "no"} {
		c.do("CONFIG SET aof-use-rdb-preamble " + preamble)
		require.Equal(t, "+Background append only file rewriting started\r\n", c.do("BGREWRITEAOF"))
		a.eventually(c, "aof_rewrite_in_progress:0")
		require.Contains(t, c.text("INFO persistence"), "aof_last_bgrewrite_status:ok")
		a = a.reopen()
		c = a.client()
		require.Equal(t, digest, c.text("DEBUG DIGEST"))
	}
	require.Regexp(t, `^file appendonly.aof.3.base.aof seq 3 type b\nfile appendonly.aof.3.incr.aof seq 3 type i startoffset \d+\n$`, a.manifest())
}

// While the disk is full, writes and PING are refused, reads served; nothing is lost or kept twice.
func TestAOFDiskFull(t *testing.T) {
	a := newAOFServer(t, "", "appendfsync", "no")
	c := a.client()
	require.Equal(t, "+OK\r\n", c.do("SET a 1"))
	a.disk.Set(func(f *aoftest.Faults) { f.Full, f.Room = true, 5 })
	require.Equal(t, "+OK\r\n", c.do("SET a 2"), "what fails is known after the reply was made, as in Redis")
	for _, line := range []string{"SET a 3", "PING", "DEL a"} {
		require.Equal(t, misconf+"No space left on device\r\n", c.do(line))
	}
	c.do("MULTI")
	require.Equal(t, misconf+"No space left on device\r\n", c.do("SET a 4"))
	require.Contains(t, c.do("EXEC"), "-EXECABORT")
	require.Equal(t, "2", c.text("GET a"))
	require.Contains(t, c.text("INFO persistence"), "aof_last_write_status:err")
	a.disk.Set(func(f *aoftest.Faults) { f.Full = false })
	a.eventually(c, "aof_last_write_status:ok")
	require.Equal(t, "+OK\r\n", c.do("SET b 1"))
	require.Contains(t, a.log.String(), "Short write while writing to the AOF file: (nwritten=5, expected=27)")
	require.Contains(t, a.log.String(), "AOF write error looks solved, Redis can write again.")
	digest := c.text("DEBUG DIGEST")
	c = a.reopen().client()
	require.Equal(t, digest, c.text("DEBUG DIGEST"))
}

// What could not be written when a rewrite begins is in the new base: it must not be done again behind it.
func TestAOFRewriteWhileFull(t *testing.T) {
	for _, works := range []bool{true, false} {
		t.Run(fmt.Sprintf("works=%v", works), func(t *testing.T) {
			a := newAOFServer(t, "", "appendfsync", "no")
			c := a.client()
			require.Equal(t, ":1\r\n", c.do("INCR n"))
			a.disk.Set(func(f *aoftest.Faults) { f.Full, f.Room = true, 5 })
			require.Equal(t, ":2\r\n", c.do("INCR n"))
			a.disk.Set(func(f *aoftest.Faults) { f.Room = 200 }) // for the manifest
			a.Do(func() {
				a.disk.Set(func(f *aoftest.Faults) { f.Write = syscall.ENOSPC })
				a.flushAOF(true)
				a.disk.Set(func(f *aoftest.Faults) { f.Write, f.Full = nil, false })
				a.aof.w.NeedSelect()
				require.NoError(t, a.aof.openNewIncr())
				a.aof.w.Hold()
				pid, err := a.startRewriteChild()
				require.NoError(t, err)
				require.NotZero(t, pid)
				a.aof.rewrite.running = true
				if !works {
					a.disk.Set(func(f *aoftest.Faults) { f.Rename = syscall.EIO })
				}
			})
			a.eventually(c, "aof_rewrite_in_progress:0")
			a.disk.Set(func(f *aoftest.Faults) { f.Rename = nil })
			require.Eventually(t, func() bool { return c.do("INCR n") == ":3\r\n" }, 20*time.Second, 5*time.Millisecond)
			c = a.reopen().client()
			require.Equal(t, "3", c.text("GET n"))
		})
	}
}

func TestAOFBackgroundSyncFails(t *testing.T) {
	a := newAOFServer(t, "", "appendfsync", "everysec")
	c := a.client()
	a.disk.Set(func(f *aoftest.Faults) { f.Sync = syscall.EIO })
	require.Eventually(t, func() bool { return c.do("SET a 1") == misconf+"Input/output error\r\n" }, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, "1", c.text("GET a"))
	require.Contains(t, c.text("INFO persistence"), "aof_last_write_status:err")
	require.Contains(t, a.log.String(), "Fail to fsync the AOF file: Input/output error")
	// Switching it off and on begins anew.
	require.Equal(t, "+OK\r\n", c.do("CONFIG SET appendonly no"))
	require.Equal(t, "+OK\r\n", c.do("SET a 2"))
	a.disk.Set(func(f *aoftest.Faults) { f.Sync = nil })
	require.Equal(t, "+OK\r\n", c.do("CONFIG SET appendonly yes"))
	require.Equal(t, "+OK\r\n", c.do("SET a 3"))
	require.Contains(t, a.log.String(), "AOF reopen, just ignore the AOF fsync error in bio job")
	a.eventually(c, "aof_rewrite_in_progress:0")
	c = a.reopen().client()
	require.Equal(t, "3", c.text("GET a"))
}

// With always, a server that can't keep its promise ends without another reply.
func TestAOFAlwaysFails(t *testing.T) {
	for name, fault := range map[string]aoftest.Faults{"write": {Write: syscall.ENOSPC}, "sync": {Sync: syscall.EIO}} {
		t.Run(name, func(t *testing.T) {
			a := newAOFServer(t, "", "appendfsync", "always")
			c := a.client()
			require.Equal(t, "+OK\r\n", c.do("SET a 1"))
			a.disk.Set(func(f *aoftest.Faults) { *f = fault })
			c.send("SET a 2")
			require.ErrorIs(t, <-a.served, ErrAOF)
			_, err := c.r.ReadByte()
			require.Error(t, err, "nobody is told that it was kept")
			require.Contains(t, a.log.String(), "Exiting...")
			a.disk.Set(func(f *aoftest.Faults) { *f = aoftest.Faults{} })
			require.NoError(t, a.Close())
			c = newAOFServer(t, a.dir).client()
			got := c.text("GET a")
			require.Contains(t, []string{"1", "2"}, got)
		})
	}
}

// One sync serves all clients of a turn, and comes before their replies.
func TestAOFGroupCommit(t *testing.T) {
	a := newAOFServer(t, "", "appendfsync", "always")
	hold := make(chan struct{})
	c := a.client()
	require.Equal(t, "+OK\r\n", c.do("SET a 0"))
	a.disk.Set(func(f *aoftest.Faults) { f.Hold = hold })
	const n = 20
	var line strings.Builder
	for i := range n {
		fmt.Fprintf(&line, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\n%02d\r\n", i)
	}
	_, err := c.conn.Write([]byte(line.String()))
	require.NoError(t, err)
	require.NoError(t, c.conn.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	_, err = c.r.Peek(1)
	require.Error(t, err, "no reply before the sync is over")
	hold <- struct{}{}
	close(hold)
	for range n {
		require.Equal(t, "+OK\r\n", c.read())
	}
}

func TestWaitAOF(t *testing.T) {
	a := newAOFServer(t, "", "appendfsync", "everysec")
	c := a.client()
	require.Equal(t, "+OK\r\n", c.do("SET a 1"))
	require.Equal(t, "*2\r\n:1\r\n:0\r\n", c.do("WAITAOF 1 0 0"))
	hold := make(chan struct{})
	a.disk.Set(func(f *aoftest.Faults) { f.Hold = hold })
	require.Equal(t, "+OK\r\n", c.do("SET a 2"))
	require.Equal(t, "*2\r\n:0\r\n:0\r\n", c.do("WAITAOF 1 0 50"))
	require.Equal(t, "*2\r\n:1\r\n:0\r\n", a.client().do("WAITAOF 1 0 0"), "a client that has written nothing waits for nothing")
	c.send("WAITAOF 1 0 0")
	time.Sleep(50 * time.Millisecond)
	close(hold)
	require.Equal(t, "*2\r\n:1\r\n:0\r\n", c.read())
	require.Equal(t, "*2\r\n:1\r\n:0\r\n", c.do("WAITAOF 0 0 0"))
	c.do("CONFIG SET appendonly no")
	require.Contains(t, c.do("WAITAOF 1 0 0"), "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.")
}

// Rewrites that fail leave the files as they were, and are tried less and less often.
func TestAOFRewriteFails(t *testing.T) {
	a := newAOFServer(t, "")
	c := a.client()
	require.Equal(t, "+OK\r\n", c.do("SET a 1"))
	a.disk.Set(func(f *aoftest.Faults) { f.Open = syscall.EACCES })
	require.Contains(t, c.do("BGREWRITEAOF"), "-ERR Can't execute an AOF background rewriting. Please check the server logs for more information.")
	require.Contains(t, a.log.String(), "Can't open the append-only file appendonly.aof.2.incr.aof: Permission denied")
	a.disk.Set(func(f *aoftest.Faults) { *f = aoftest.Faults{Mkdir: syscall.EROFS} })
	require.Contains(t, c.do("BGREWRITEAOF"), "-ERR Can't execute")
	a.disk.Set(func(f *aoftest.Faults) { *f = aoftest.Faults{} })

	for i := range 3 {
		a.Do(func() {
			require.NoError(t, a.startRewrite())
			// The rename of the new base fails.
			a.disk.Set(func(f *aoftest.Faults) { f.Rename = syscall.ENOSPC })
		})
		a.eventually(c, fmt.Sprintf("aof_rewrites_consecutive_failures:%d", i+1))
		a.disk.Set(func(f *aoftest.Faults) { f.Rename = nil })
	}
	require.Contains(t, c.text("INFO persistence"), "aof_last_bgrewrite_status:err")
	a.Do(func() { a.aof.rewrite.scheduled = true })
	require.Eventually(t, func() bool {
		return strings.Contains(a.log.String(), "Background AOF rewrite has repeatedly failed and triggered the limit, will retry in 1 minutes")
	}, 20*time.Second, 5*time.Millisecond)
	require.Contains(t, c.text("INFO persistence"), "aof_rewrite_scheduled:1")
	require.Equal(t, "+OK\r\n", c.do("SET a 2"))
	// Who asks for it gets it.
	require.Equal(t, "+Background append only file rewriting started\r\n", c.do("BGREWRITEAOF"))
	a.eventually(c, "aof_rewrites_consecutive_failures:0")
	c = a.reopen().client()
	require.Equal(t, "2", c.text("GET a"))
}

func TestManifestNotSynced(t *testing.T) {
	a := newAOFServer(t, "")
	c := a.client()
	require.Equal(t, "+OK\r\n", c.do("SET a 1"))
	a.Do(func() {
		require.NoError(t, a.startRewrite())
		a.disk.Set(func(f *aoftest.Faults) { f.SyncDir = syscall.EIO })
	})
	a.eventually(c, "aof_rewrites_consecutive_failures:1")
	require.Equal(t, "+OK\r\n", c.do("SET a 2"))
	require.Contains(t, a.manifest(), "file appendonly.aof.2.base.rdb seq 2 type b")
	time.Sleep(50 * time.Millisecond) // files are removed in the background
	for _, name := range []string{"1.base.rdb", "1.incr.aof", "2.base.rdb", "2.incr.aof"} {
		require.FileExists(t, a.path("appendonly.aof."+name))
	}
	require.Contains(t, c.do("BGREWRITEAOF"), "-ERR Can't execute", "its manifest cannot be synced either")
	require.Equal(t, "+OK\r\n", c.do("SET a 3"))
	a.disk.Set(func(f *aoftest.Faults) { f.SyncDir = nil })
	c = a.reopen().client()
	require.Equal(t, "3", c.text("GET a"))
}

// The append only file is turned on while something else keeps the child busy, and turned off in the middle.
func TestAOFSwitching(t *testing.T) {
	a := newAOFServer(t, "")
	c := a.client()
	require.Equal(t, "+OK\r\n", c.do("CONFIG SET appendonly no"))
	require.Regexp(t, `appendonly.aof.1.incr.aof seq 1 type i startoffset 0 endoffset 0\n$`, a.manifest())
	c.do("DEBUG POPULATE 2000 k 10")
	c.do("CONFIG SET rdb-key-save-delay 1000")
	require.Equal(t, "+Background saving started\r\n", c.do("BGSAVE"))
	require.Equal(t, "+OK\r\n", c.do("CONFIG SET appendonly yes"))
	require.Contains(t, a.log.String(), "AOF was enabled but there is already another background operation. An AOF background was scheduled to start when possible.")
	require.Contains(t, c.text("INFO persistence"), "aof_rewrite_scheduled:1")
	require.Equal(t, "+OK\r\n", c.do("SET before 1"))
	a.eventually(c, "aof_rewrite_in_progress:1")
	c.do("CONFIG SET rdb-key-save-delay 0")
	require.Equal(t, "+OK\r\n", c.do("SET during 1"))
	require.FileExists(t, a.path("temp-appendonly.aof.incr"))
	require.Equal(t, "+OK\r\n", c.do("CONFIG SET appendonly no"))
	require.Contains(t, a.log.String(), "Killing running AOF rewrite child")
	require.Equal(t, "+OK\r\n", c.do("CONFIG SET appendonly yes"))
	require.Equal(t, "+OK\r\n", c.do("SET after 1"))
	a.eventually(c, "aof_rewrite_in_progress:0")
	digest := c.text("DEBUG DIGEST")
	c = a.reopen().client()
	require.Equal(t, digest, c.text("DEBUG DIGEST"))
	require.Equal(t, ":2003\r\n", c.do("DBSIZE"))

	// Inside a transaction it has to wait for the end.
	c.do("CONFIG SET appendonly no")
	c.do("MULTI")
	c.do("CONFIG SET appendonly yes")
	c.do("BGREWRITEAOF")
	require.Equal(t, "*2\r\n+OK\r\n+Background append only file rewriting scheduled\r\n", c.do("EXEC"))
	require.Eventually(t, func() bool { return strings.Contains(c.text("INFO persistence"), "aof_rewrite_scheduled:0") }, 20*time.Second, time.Millisecond)
}

func TestAOFAutomaticRewrite(t *testing.T) {
	a := newAOFServer(t, "", "auto-aof-rewrite-percentage", "100", "auto-aof-rewrite-min-size", "2000")
	c := a.client()
	for range 100 {
		require.Equal(t, "+OK\r\n", c.do("SET key value"))
	}
	require.Eventually(t, func() bool { return strings.Contains(a.log.String(), "Background AOF rewrite finished successfully") }, 20*time.Second, time.Millisecond)
	require.Regexp(t, `Starting automatic rewriting of AOF on \d+% growth`, a.log.String())
	require.Contains(t, a.manifest(), "2.base.rdb")
}

// What makes no sense in a file ends the start, with the place in the log and the file untouched.
func TestReplayRefuses(t *testing.T) {
	for name, x := range map[string]struct{ text, log string }{
		"arity":   {"*1\r\n$3\r\nGET\r\n", "Wrong number of arguments for 'get' at offset 0 reading the append only file f"},
		"format":  {"*1\r\n$4\r\nPING\r\nhello\r\n", "The append only file f is damaged at offset 14: "},
		"unknown": {"*1\r\n$6\r\nNOSUCH\r\n", "Unknown command 'NOSUCH' reading the append only file f"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.Mkdir(filepath.Join(dir, "appendonlydir"), 0o755))
			path := filepath.Join(dir, "appendonlydir", "f")
			require.NoError(t, os.WriteFile(path, []byte(x.text), 0o644))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "appendonlydir", "appendonly.aof.manifest"), []byte("file f seq 1 type i\n"), 0o644))
			a := newAOFServer(t, dir)
			require.ErrorIs(t, <-a.served, ErrAOF)
			require.Contains(t, a.log.String(), x.log)
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, x.text, string(b), "the file is left as it was")
		})
	}
}
