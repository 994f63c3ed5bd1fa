package snapshot

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"berth/keyspace"
	"berth/persistence/rdb"
)

func TestMain(m *testing.M) {
	if status, ok := RunWriter(); ok {
		os.Exit(status)
	}
	os.Exit(m.Run())
}

// fill puts accounts into a keyspace whose sum is always the same, and large values.
const (
	accounts = 3000
	each     = 1000
)

func account(i int) []byte { return fmt.Appendf(nil, "account:%d", i) }

func fill(ks *keyspace.Keyspace) {
	for i := range accounts {
		ks.DB(i%3).SetInt(account(i), each, false)
	}
	db := ks.DB(4)
	h := db.CreateContainer([]byte("hash"), keyspace.Hash)
	th := db.CreateContainer([]byte("timed"), keyspace.Hash)
	s := db.CreateContainer([]byte("set"), keyspace.Set)
	z := db.CreateContainer([]byte("zset"), keyspace.ZSet)
	l := db.CreateContainer([]byte("list"), keyspace.List)
	for i := range 20000 {
		m := fmt.Appendf(nil, "m%d", i)
		keyspace.HashSet(db, h, m, m)
		keyspace.HashSet(db, th, m, m)
		keyspace.SetAdd(db, s, m)
		keyspace.ZSetAdd(db, z, float64(i), m, 0)
		keyspace.ListPush(db, l, keyspace.ListTail, m, bytes.Repeat(m, 60))
	}
	keyspace.HashSetExpire(db, th, []byte("m7"), 1<<42)
	db.SetString([]byte("string"), bytes.Repeat([]byte("a long string "), 300000), false)
}

// transfer moves money: every state between two transfers has the same sum.
func transfer(ks *keyspace.Keyspace, r *rand.Rand) {
	a, b, n := r.IntN(accounts), r.IntN(accounts), int64(r.IntN(50))
	for i, by := range map[int]int64{a: -n, b: n} {
		if a == b {
			return
		}
		db := ks.DB(i % 3)
		e := db.Lookup(account(i), keyspace.LookupWrite)
		_, _, _ = db.IncrBy(e, by)
	}
	db := ks.DB(4)
	m := fmt.Appendf(nil, "new%d", r.IntN(1000))
	switch r.IntN(400) {
	case 0:
		keyspace.HashSet(db, db.Find([]byte("hash")), m, m)
	case 1:
		keyspace.SetAdd(db, db.Find([]byte("set")), m)
	case 2:
		keyspace.ListPush(db, db.Find([]byte("list")), keyspace.ListHead, m)
	case 3:
		keyspace.ZSetAdd(db, db.Find([]byte("zset")), 5, m, 0)
	case 4:
		db.Append(db.Find([]byte("string")), m)
	case 5:
		keyspace.HashDelete(db, db.Find([]byte("timed")), []byte("m7"))
	}
}

func start(t *testing.T, ks *keyspace.Keyspace, process bool, spec Spec) (*Job, chan Result, chan struct{}) {
	done, wake := make(chan Result, 1), make(chan struct{}, 1000)
	job, err := Start(Options{Keyspace: ks, Encoder: &RDB{Keyspace: ks, Info: rdb.Info{RedisVersion: "8.0.2"}}, Writer: spec, Process: process,
		Wake: func() { wake <- struct{}{} }, Done: func(r Result) { done <- r }})
	require.NoError(t, err)
	return job, done, wake
}

func load(t *testing.T, path string) *keyspace.Keyspace {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	ks := keyspace.New(keyspace.Options{})
	l := rdb.Loader{Codec: &rdb.Codec{}, Keyspace: ks, Checksum: true}
	require.NoError(t, l.LoadFile(f))
	return ks
}

func TestSnapshotWhileWriting(t *testing.T) {
	for _, process := range []bool{false, true} {
		t.Run(fmt.Sprintf("process=%v", process), func(t *testing.T) {
			ks := keyspace.New(keyspace.Options{})
			defer ks.Close()
			fill(ks)
			r := rand.New(rand.NewPCG(1, 2))
			dir := t.TempDir()
			for round := range 3 {
				spec := Spec{Path: filepath.Join(dir, "dump.rdb"), Temp: filepath.Join(dir, "temp-%d.rdb"), Compression: round > 0, Checksum: true, Title: "writer"}
				want := ks.Digest()
				job, done, wake := start(t, ks, process, spec)
				turns := 0
				for !job.Step(0) { // as little at a time as there is, however fast the machine
					if job.Blocked() {
						<-wake
					}
					for range 5 {
						transfer(ks, r)
					}
					turns++
				}
				require.Greater(t, turns, 1)
				require.NotEqual(t, want, ks.Digest(), "something was written meanwhile")
				require.Equal(t, Result{OK: true}, <-done)
				require.Equal(t, job.Keys, job.Taken())
				got := load(t, spec.Path)
				require.Equal(t, want, got.Digest(), "round %d", round)
				got.Close()
			}
			left, _ := os.ReadDir(dir)
			require.Len(t, left, 1)
		})
	}
}

func TestKilledWriter(t *testing.T) {
	ks := keyspace.New(keyspace.Options{})
	defer ks.Close()
	fill(ks)
	dir := t.TempDir()
	spec := Spec{Path: filepath.Join(dir, "dump.rdb"), Temp: filepath.Join(dir, "temp-%d.rdb"), KeyDelay: 1000, Title: "writer"}
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGUSR1} {
		job, done, _ := start(t, ks, true, spec)
		for range 100 {
			job.Step(time.Millisecond)
			time.Sleep(time.Millisecond)
		}
		require.NoError(t, syscall.Kill(job.Pid(), sig))
		require.Equal(t, Result{Signal: sig}, <-done)
		job.Abort(0)
		require.NoFileExists(t, spec.Path)
		require.False(t, ks.Snapshotting())
		_ = os.Remove(TempName(spec.Temp, job.Pid()))
	}
	for _, process := range []bool{true, false} {
		job, done, _ := start(t, ks, process, spec)
		job.Step(time.Millisecond)
		job.Abort(0) // the writer sees its input end
		require.False(t, (<-done).OK)
	}
	left, _ := os.ReadDir(dir)
	require.Empty(t, left)
}

func TestUnwritable(t *testing.T) {
	ks := keyspace.New(keyspace.Options{})
	defer ks.Close()
	fill(ks)
	dir := filepath.Join(t.TempDir(), "nosuch")
	spec := Spec{Path: filepath.Join(dir, "dump.rdb"), Temp: filepath.Join(dir, "temp-%d.rdb"), Title: "writer"}
	job, done, _ := start(t, ks, false, spec)
	r := <-done
	require.False(t, r.OK)
	require.Contains(t, spec.FailureLines(r.Err)[0], "Failed opening the temp RDB file temp-")
	for !job.Step(time.Millisecond) {
		time.Sleep(time.Millisecond)
	}
	require.False(t, ks.Snapshotting())
}

func TestSave(t *testing.T) {
	ks := keyspace.New(keyspace.Options{})
	defer ks.Close()
	fill(ks)
	dir := t.TempDir()
	spec := Spec{Path: filepath.Join(dir, "dump.rdb"), Temp: filepath.Join(dir, "temp-%d.rdb"), Compression: true, Checksum: true, Incremental: true}
	require.NoError(t, (&RDB{Keyspace: ks}).Save(&spec))
	got := load(t, spec.Path)
	defer got.Close()
	require.Equal(t, ks.Digest(), got.Digest())
}

func TestRaw(t *testing.T) {
	dir := t.TempDir()
	o := rdb.FileOptions{Path: filepath.Join(dir, "f"), Temp: filepath.Join(dir, "t")}
	for _, n := range []int{0, 1, 100, 1 << 16, 1<<16 + 5, 300000} {
		text := bytes.Repeat([]byte("x\x00"), n)[:n]
		require.NoError(t, rdb.WriteRaw(o, io.MultiReader(bytes.NewReader(text), bytes.NewReader([]byte(rdb.EndMark)))))
		got, _ := os.ReadFile(o.Path)
		require.True(t, bytes.Equal(text, got))
		require.Error(t, rdb.WriteRaw(o, bytes.NewReader(text)))
	}
}
