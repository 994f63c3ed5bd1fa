package host

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"berth/host/config"
	"berth/internal/rlog"
	"berth/persistence/rdb"
)

// diskServer is a server whose files are in dir, with its log. end waits for it and returns what Serve did.
func diskServer(t *testing.T, dir string, set ...string) (s *testServer, log *logBuffer, end func() error) {
	t.Helper()
	cfg := config.New()
	cfg.Port = 0
	cfg.EnableDebugCommand = config.ActionYes
	cfg.Getwd = func() (string, error) { return dir, nil }
	if len(set) > 0 {
		require.NoError(t, cfg.Set(config.SetOptions{}, set...))
	}
	log = &logBuffer{}
	srv, err := New(Options{Config: cfg, Logger: slog.New(rlog.New(log))})
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- srv.Serve() }()
	t.Cleanup(func() { _ = srv.Close() })
	return &testServer{srv, t}, log, func() error {
		select {
		case err := <-done:
			return err
		case <-time.After(20 * time.Second):
			t.Fatal("the server goes on")
			return nil
		}
	}
}

func infoField(c *testClient, section, field string) string {
	for line := range strings.Lines(c.text("info " + section)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && name == field {
			return value
		}
	}
	return ""
}

func waitField(t *testing.T, c *testClient, section, field, want string) {
	t.Helper()
	require.Eventually(t, func() bool { return infoField(c, section, field) == want }, 20*time.Second, 5*time.Millisecond, field)
}

// A server in a Go program writes no file that the program did not ask for: no save points, and neither Close nor
// SHUTDOWN nor FLUSHALL saves.
func TestEmbeddedServerLeavesNoFiles(t *testing.T) {
	for _, end := range []string{"close", "shutdown"} {
		dir := t.TempDir()
		t.Chdir(dir)
		cfg := config.New()
		cfg.Port = 0
		for _, o := range []Options{{}, {Config: cfg}} {
			srv, err := New(o)
			require.NoError(t, err)
			served := make(chan error, 1)
			go func() { served <- srv.Serve() }()
			c := (&testServer{srv, t}).client()
			require.Equal(t, "*2\r\n$4\r\nsave\r\n$0\r\n\r\n", c.do("config get save"))
			c.do("set a 1")
			require.Equal(t, "+OK\r\n", c.do("flushall"))
			c.do("set b 2")
			if end == "shutdown" {
				c.send("shutdown")
				require.NoError(t, <-served)
			}
			require.NoError(t, srv.Close())
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Empty(t, left, end)
		}
	}
	// Close saves nothing even where there are save points; SHUTDOWN does.
	dir := t.TempDir()
	s, _, _ := diskServer(t, dir, "save", "3600 1")
	s.client().do("set a 1")
	require.NoError(t, s.Close())
	require.NoFileExists(t, filepath.Join(dir, "dump.rdb"))
}

func TestBackgroundSave(t *testing.T) {
	dir := t.TempDir()
	s, log, _ := diskServer(t, dir, "save", "3600 1000000")
	c := s.client()
	c.do("debug populate 5000 k 100")
	digest := c.do("debug digest")
	require.Equal(t, "+OK\r\n", c.do("config set rdb-key-save-delay 200"))
	require.Equal(t, "+Background saving started\r\n", c.do("bgsave"))
	require.Equal(t, "-ERR Background save already in progress\r\n", c.do("bgsave"))
	require.Equal(t, "-ERR Background save already in progress\r\n", c.do("save"))
	require.Equal(t, "1", infoField(c, "persistence", "rdb_bgsave_in_progress"))
	require.Equal(t, "5000", infoField(c, "persistence", "current_save_keys_total"))
	c.do("flushdb")
	c.do("set k:1 later")
	waitField(t, c, "persistence", "rdb_bgsave_in_progress", "0")
	require.Equal(t, "ok", infoField(c, "persistence", "rdb_last_bgsave_status"))
	require.NotEqual(t, "0", infoField(c, "persistence", "rdb_last_cow_size"))
	require.Contains(t, log.String(), "Background saving terminated with success")

	// Another server finds what was there when it began.
	s2, log2, _ := diskServer(t, dir)
	c2 := s2.client()
	require.Equal(t, digest, c2.do("debug digest"), log2.String())
	require.Contains(t, log2.String(), "Done loading RDB, keys loaded: 5000, keys expired: 0.")

	// FLUSHALL ends a save that is under way, and saves the emptiness.
	require.Equal(t, "+OK\r\n", c.do("config set rdb-key-save-delay 100000"))
	c.do("set a b")
	c.do("bgsave")
	c.do("flushall")
	waitField(t, c, "persistence", "rdb_bgsave_in_progress", "0")
	require.Contains(t, log.String(), "Background saving terminated by signal 10")
	require.Equal(t, "1", infoField(c, "persistence", "rdb_changes_since_last_save"))
	require.Equal(t, "+OK\r\n", c.do("set a b"), "that was no failure")
	s3, _, _ := diskServer(t, dir)
	require.Equal(t, ":0\r\n", s3.client().do("dbsize"))
}

func TestSaveFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	s, log, _ := diskServer(t, dir, "save", "3600 1000000")
	c := s.client()
	require.Equal(t, "+OK\r\n", c.do("set a b"))
	require.Equal(t, "-ERR\r\n", c.do("save"))
	require.Equal(t, "+OK\r\n", c.do("set a b"), "only saves in the background count")
	c.do("bgsave")
	waitField(t, c, "persistence", "rdb_last_bgsave_status", "err")
	require.Contains(t, log.String(), "Failed opening the temp RDB file temp-")
	require.Contains(t, log.String(), "Background saving error")
	require.Contains(t, c.do("set a c"), "-MISCONF Redis is configured to save RDB snapshots")
	require.Contains(t, c.do("ping"), "-MISCONF")
	require.Equal(t, "$1\r\nb\r\n", c.do("get a"))
	require.Equal(t, "+OK\r\n", c.do("config set stop-writes-on-bgsave-error no"))
	require.Equal(t, "+OK\r\n", c.do("set a c"))
	require.Equal(t, "-ERR Errors trying to SHUTDOWN. Check logs.\r\n", c.do("shutdown"))
	require.Contains(t, log.String(), "Error trying to save the DB, can't exit.")
	c.do("config set stop-writes-on-bgsave-error yes")
	require.Contains(t, c.do("set a c"), "-MISCONF")
	require.NoError(t, os.Mkdir(dir, 0o755))
	c.do("bgsave")
	waitField(t, c, "persistence", "rdb_last_bgsave_status", "ok")
	require.Equal(t, "+OK\r\n", c.do("set a c"))
}

func TestShutdownSaves(t *testing.T) {
	dir := t.TempDir()
	s, log, end := diskServer(t, dir, "save", "3600 1000000")
	c := s.client()
	c.do("set a b")
	c.send("shutdown")
	require.NoError(t, end())
	require.Contains(t, log.String(), "Saving the final RDB snapshot before exiting.")
	require.Contains(t, log.String(), "DB saved on disk")
	s, log, end = diskServer(t, dir, "save", "3600 1000000")
	c = s.client()
	require.Equal(t, "$1\r\nb\r\n", c.do("get a"))
	c.do("set a c")
	c.send("shutdown nosave")
	require.NoError(t, end())
	require.NotContains(t, log.String(), "Saving the final")
	s, _, _ = diskServer(t, dir)
	require.Equal(t, "$1\r\nb\r\n", s.client().do("get a"))
}

func TestSavePoints(t *testing.T) {
	s, log, _ := diskServer(t, t.TempDir(), "save", "1 3")
	c := s.client()
	for range 3 {
		c.do("incr n")
	}
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "Background saving terminated with success") },
		20*time.Second, 10*time.Millisecond)
	require.Contains(t, log.String(), "3 changes in 1 seconds. Saving...")
	require.Equal(t, "0", infoField(c, "persistence", "rdb_changes_since_last_save"))
}

func rdbFile(t *testing.T, path string, records ...[]byte) {
	data := rdb.AppendHeader(nil, rdb.Version)
	for _, r := range records {
		data = append(data, r...)
	}
	data = append(rdb.AppendEnd(data), make([]byte, 8)...)
	require.NoError(t, os.WriteFile(path, data, 0o600))
}

func TestBrokenFileAtStart(t *testing.T) {
	for name, x := range map[string]struct {
		text string
		says []string
	}{
		"empty file":     {"", []string{"Short read or OOM loading DB", "Internal error in RDB reading offset 0, file dump.rdb -> Unexpected EOF", "Terminating server after rdb"}},
		"signature":      {"hello world", []string{"Wrong signature trying to load DB from file", "Fatal error loading the DB, check server logs. Exiting."}},
		"version":        {"REDIS0999", []string{"Can't handle RDB format version 999", "Fatal error loading the DB"}},
		"cut":            {"REDIS0010\xfe\x03\x00\x01k\x05abc", []string{`Internal error in RDB reading offset 11, file dump.rdb, database 3, key "k" (string) -> Unexpected EOF`}},
		"unknown opcode": {"REDIS0010\x63", []string{"offset 9, file dump.rdb -> unknown opcode or type 99"}},
		"database":       {"REDIS0010\xfe\x20\xff", []string{"configured to handle more than 16 databases"}},
		"twice":          {"REDIS0010\x00\x01k\x01v\x00\x01k\x01v\xff", []string{"RDB has duplicated key 'k' in DB 0"}},
		"checksum":       {"REDIS0010\x00\x01k\x01v\xff12345678", []string{"Wrong checksum: expected (", "RDB CRC error"}},
		"set":            {"REDIS0010\x0b\x01k\x03abc\xff", []string{`key "k" (set-intset) -> bad data format`}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "dump.rdb")
			require.NoError(t, os.WriteFile(path, []byte(x.text), 0o600))
			_, log, end := diskServer(t, dir)
			err := end()
			require.Error(t, err)
			all := log.String() + err.Error()
			for _, s := range x.says {
				require.Contains(t, all, s)
			}
			after, _ := os.ReadFile(path)
			require.Equal(t, x.text, string(after))
		})
	}
}

func TestUnknownModuleValues(t *testing.T) {
	dir := t.TempDir()
	const id = 0x1234567890abc<<10 | 3
	value := append(rdb.AppendLen([]byte("\x07\x03mod"), id), "\x02\x07\x05\x03abc\x00"...)
	path := filepath.Join(dir, "dump.rdb")
	rdbFile(t, path, rdb.AppendModuleAux(nil, id, rdb.AuxBefore, []byte("\x02\x05")), rdb.AppendSelectDB(nil, 0), value)
	_, log, end := diskServer(t, dir)
	require.ErrorContains(t, end(), "Fatal error loading the DB, check server logs. Exiting.")
	name := rdb.ModuleTypeName(id)
	require.Contains(t, log.String(), "The RDB file contains AUX module data I can't load: no matching module '"+name+"'")

	s, log, _ := diskServer(t, dir, "module-unknown-values", "preserve")
	c := s.client()
	require.Equal(t, "+"+name+"\r\n", c.do("type mod"), log.String())
	require.Equal(t, "$3\r\nraw\r\n", c.do("object encoding mod"))
	dump := c.text("dump mod")
	c.sendArgs("restore", "copy", "0", dump)
	require.Equal(t, "+OK\r\n", c.read())
	require.Equal(t, dump, c.text("dump copy"))
	require.Equal(t, "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", c.do("get mod"))
	require.Equal(t, ":1\r\n", c.do("copy mod third"))
	require.Equal(t, ":1\r\n", c.do("del copy"))
	require.Equal(t, ":1\r\n", c.do("unlink third"))
	for _, how := range []string{"save", "bgsave"} {
		c.do(how)
		waitField(t, c, "persistence", "rdb_bgsave_in_progress", "0")
		data, _ := os.ReadFile(path)
		require.True(t, bytes.Contains(data, value), how)
		require.True(t, bytes.Contains(data, rdb.AppendModuleAux(nil, id, rdb.AuxBefore, []byte("\x02\x05"))), how)
		require.Equal(t, "+OK\r\n", c.do("debug reload nosave"), log.String())
		require.Equal(t, dump, c.text("dump mod"))
	}
	require.Equal(t, "+OK\r\n", c.do("config set module-unknown-values refuse"))
	c.sendArgs("restore", "copy", "0", dump)
	require.Equal(t, "-ERR Bad data format\r\n", c.read())
}

// Libraries of functions are kept even where nobody can run them.
func TestLibrariesAreKept(t *testing.T) {
	dir := t.TempDir()
	code := []byte("#!lua name=lib\nredis.register_function('f', function() return 1 end)")
	rdbFile(t, filepath.Join(dir, "dump.rdb"), (&rdb.Codec{}).AppendFunction(nil, code))
	s, _, end := diskServer(t, dir)
	c := s.client()
	require.Equal(t, "+OK\r\n", c.do("save"))
	require.Equal(t, "+OK\r\n", c.do("debug reload"))
	c.send("shutdown nosave")
	require.NoError(t, end())
	data, _ := os.ReadFile(filepath.Join(dir, "dump.rdb"))
	require.Equal(t, 1, bytes.Count(data, []byte("redis.register_function('f'")))
}

// While a data set is loaded, clients are served what they may have, and the server can be told to end.
func TestServesWhileLoading(t *testing.T) {
	dir := t.TempDir()
	s, _, end := diskServer(t, dir)
	c := s.client()
	c.do("debug populate 2000 k 1000")
	c.do("config set rdbcompression no")
	require.Equal(t, "+OK\r\n", c.do("save"))
	c.send("shutdown nosave")
	require.NoError(t, end())

	s, log, end := diskServer(t, dir, "key-load-delay", "1000", "loading-process-events-interval-bytes", "1024")
	c = s.client()
	require.Equal(t, "*2\r\n$4\r\nport\r\n$1\r\n0\r\n", c.do("config get port"))
	require.Equal(t, "-LOADING Redis is loading the dataset in memory\r\n", c.do("get k:1"))
	require.Equal(t, "1", infoField(c, "persistence", "loading"))
	total := infoField(c, "persistence", "loading_total_bytes")
	require.NotEmpty(t, total)
	require.NotEqual(t, "0", total)
	require.NotEmpty(t, infoField(c, "persistence", "loading_eta_seconds"))
	c.send("shutdown")
	require.NoError(t, end())
	require.NotContains(t, log.String(), "Saving the final")
	require.NotContains(t, log.String(), "Ready to accept")
}

func TestExpiredKeysAreNotLoaded(t *testing.T) {
	dir := t.TempDir()
	s, _, end := diskServer(t, dir)
	c := s.client()
	c.do("debug set-active-expire 0")
	c.do("set gone x px 1")
	c.do("set stays x px 100000000")
	require.Equal(t, "+OK\r\n", c.do("save"))
	time.Sleep(5 * time.Millisecond)
	c.send("shutdown nosave")
	require.NoError(t, end())
	s, log, _ := diskServer(t, dir)
	c = s.client()
	require.Equal(t, ":1\r\n", c.do("dbsize"))
	require.Equal(t, "1", infoField(c, "persistence", "rdb_last_load_keys_expired"))
	require.Contains(t, log.String(), "keys loaded: 1, keys expired: 1.")
}

// A server that goes away in the middle of a save leaves nothing behind.
func TestCloseWhileSaving(t *testing.T) {
	dir := t.TempDir()
	before := runtime.NumGoroutine()
	s, _, _ := diskServer(t, dir, "rdb-key-save-delay", "1000")
	c := s.client()
	c.do("debug populate 100000 k 100")
	require.Equal(t, "+Background saving started\r\n", c.do("bgsave"))
	c.do("flushall")
	require.Equal(t, "+OK\r\n", c.do("set a b"))
	c.do("bgsave")
	require.NoError(t, s.Close())
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+2 }, 10*time.Second, 10*time.Millisecond)
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	require.Empty(t, left)
}
