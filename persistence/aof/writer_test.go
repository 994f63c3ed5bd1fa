package aof_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"berth/persistence/aof"
	"berth/persistence/aof/aoftest"
)

// logLines keeps what was logged.
type logLines struct {
	mu    sync.Mutex
	lines []string
}

func (l *logLines) add(format string, args []any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func (l *logLines) Debug(string, ...any)              {}
func (l *logLines) Notice(format string, args ...any) { l.add(format, args) }
func (l *logLines) Warn(format string, args ...any)   { l.add(format, args) }

// take returns what was logged since the last call.
func (l *logLines) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := l.lines
	l.lines = nil
	return lines
}

type writerTest struct {
	*aof.Writer
	t    *testing.T
	d    *aoftest.Disk
	log  *logLines
	path string
	now  time.Duration
}

func newWriterTest(t *testing.T, policy aof.Policy) *writerTest {
	w := &writerTest{t: t, d: &aoftest.Disk{}, log: &logLines{}, path: filepath.Join(t.TempDir(), "x.aof"), now: time.Hour}
	w.Writer = aof.NewWriter(w.log)
	w.Policy = policy
	w.SetSyncTime(w.now)
	w.open(w.path, 1)
	t.Cleanup(func() { w.Close(w.now) })
	return w
}

func (w *writerTest) open(path string, offset int64) {
	f, err := w.d.Open(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND)
	require.NoError(w.t, err)
	w.SetFile(f, 0, w.now, offset)
}

func (w *writerTest) set(key string) {
	w.Append(0, [][]byte{[]byte("SET"), []byte(key), []byte("v")})
}

// flush lets d pass and flushes.
func (w *writerTest) flush(d time.Duration, offset int64) error {
	w.now += d
	return w.Flush(aof.FlushState{Now: w.now, Offset: offset})
}

func (w *writerTest) content() string {
	b, err := os.ReadFile(w.path)
	require.NoError(w.t, err)
	return string(b)
}

const selectZero = "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"

func setText(key string) string {
	return fmt.Sprintf("*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$1\r\nv\r\n", len(key), key)
}

func TestWriterContent(t *testing.T) {
	w := newWriterTest(t, aof.SyncNo)
	w.set("a")
	w.set("b")
	require.Empty(t, w.content(), "nothing is written before Flush")
	w.Append(-1, [][]byte{[]byte("MULTI")})
	w.Annotate(1700000000)
	w.Append(3, [][]byte{[]byte("DEL"), nil})
	w.Annotate(1700000000)
	w.set("a")
	require.NoError(t, w.flush(0, 5))
	want := selectZero + setText("a") + setText("b") + "*1\r\n$5\r\nMULTI\r\n#TS:1700000000\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n" +
		"*2\r\n$3\r\nDEL\r\n$0\r\n\r\n" + selectZero + setText("a")
	require.Equal(t, want, w.content())
	require.EqualValues(t, len(want), w.Size())
	require.EqualValues(t, len(want), w.Total())
	require.Zero(t, w.Buffered())
	require.Zero(t, w.SyncedOffset())

	// A new file begins with SELECT only if it is told to.
	w.path += "2"
	w.NeedSelect()
	w.open(w.path, 5)
	w.set("c")
	require.NoError(t, w.flush(0, 6))
	require.Equal(t, selectZero+setText("c"), w.content())
	require.EqualValues(t, len(selectZero+setText("c")), w.Size())
	w.Drain()
	require.EqualValues(t, 5, w.SyncedOffset(), "the file before was synced")
	require.Empty(t, w.log.take())
}

func TestWriterAlways(t *testing.T) {
	w := newWriterTest(t, aof.SyncAlways)
	events := map[string]int{}
	w.Latency = func(event string, _ time.Duration) { events[event]++ }
	for i := range 3 {
		w.set("k")
		require.NoError(t, w.flush(0, int64(i+1)))
		require.EqualValues(t, i+1, w.SyncedOffset(), "synced before Flush returns")
	}
	require.Equal(t, map[string]int{"aof-write": 3, "aof-write-alone": 3, "aof-fsync-always": 3}, events)

	// Neither a write nor a sync that fails can be made good.
	w.d.Set(func(f *aoftest.Faults) { f.Sync = syscall.EIO })
	w.set("k")
	require.ErrorIs(t, w.flush(0, 4), aof.ErrFatal)
	require.Equal(t, []string{"Can't persist AOF for fsync error when the AOF fsync policy is 'always': Input/output error. Exiting..."}, w.log.take())
	require.EqualValues(t, 3, w.SyncedOffset())
	w.d.Set(func(f *aoftest.Faults) { *f = aoftest.Faults{Write: syscall.ENOSPC} })
	w.set("k")
	require.ErrorIs(t, w.flush(0, 5), aof.ErrFatal)
	require.Equal(t, []string{"Error writing to the AOF file: No space left on device",
		"Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting..."}, w.log.take())
}

func TestWriterEverySecond(t *testing.T) {
	w := newWriterTest(t, aof.SyncEverySec)
	synced := make(chan struct{}, 10)
	w.Synced = func() { synced <- struct{}{} }
	w.SetSyncTime(w.now)
	w.set("a")
	require.NoError(t, w.flush(500*time.Millisecond, 1))
	require.Equal(t, selectZero+setText("a"), w.content(), "written at once, synced later")
	w.Drain()
	require.Zero(t, w.SyncedOffset())
	// The clients have stopped writing: still it is synced.
	require.NoError(t, w.flush(600*time.Millisecond, 1))
	<-synced
	require.EqualValues(t, 1, w.SyncedOffset())
	require.NoError(t, w.flush(5*time.Second, 1))
	w.Drain()
	require.Empty(t, synced, "nothing to sync")

	// A sync takes its time: writes wait for it, two seconds at most.
	hold := make(chan struct{})
	w.d.Set(func(f *aoftest.Faults) { f.Hold = hold })
	w.set("b")
	require.NoError(t, w.flush(2*time.Second, 2))
	require.Equal(t, 1, w.Pending())
	w.set("c")
	for range 3 {
		require.NoError(t, w.flush(600*time.Millisecond, 3))
		require.True(t, w.Postponed())
		require.NotContains(t, w.content(), setText("c"))
	}
	require.NoError(t, w.Flush(aof.FlushState{Now: w.now, Offset: 3, Force: true}))
	require.Contains(t, w.content(), setText("c"))
	require.False(t, w.Postponed())
	require.Zero(t, w.Delayed())
	w.set("d")
	require.NoError(t, w.flush(0, 4))
	require.NoError(t, w.flush(2*time.Second, 4))
	require.Contains(t, w.content(), setText("d"))
	require.EqualValues(t, 1, w.Delayed())
	require.Len(t, w.log.take(), 1)
	require.Equal(t, 1, w.Pending(), "one sync at a time")
	close(hold)
	w.Drain()
	require.EqualValues(t, 2, w.SyncedOffset(), "what was written meanwhile is not known to be on the disk")
}

// A sync that fails in the background stops writes until one succeeds.
func TestWriterBackgroundSyncFails(t *testing.T) {
	w := newWriterTest(t, aof.SyncEverySec)
	w.d.Set(func(f *aoftest.Faults) { f.Sync = syscall.EIO })
	for i := range 3 {
		w.set("a")
		require.NoError(t, w.flush(2*time.Second, int64(i+1)))
		w.Drain()
		require.ErrorIs(t, w.Err(), syscall.EIO)
	}
	require.Equal(t, []string{"Fail to fsync the AOF file: Input/output error"}, w.log.take(), "logged once")
	require.NoError(t, w.flush(0, 3))
	require.Zero(t, w.SyncedOffset())
	w.d.Set(func(f *aoftest.Faults) { f.Sync = nil })
	w.set("a")
	require.NoError(t, w.flush(2*time.Second, 4))
	w.Drain()
	require.NoError(t, w.Err())
	require.EqualValues(t, 4, w.SyncedOffset())
}

func TestWriterDiskFull(t *testing.T) {
	w := newWriterTest(t, aof.SyncNo)
	w.set("a")
	require.NoError(t, w.flush(0, 1))
	good := w.content()
	w.d.Set(func(f *aoftest.Faults) { f.Full, f.Room = true, 10 })
	w.set("b")
	require.NoError(t, w.flush(0, 2))
	require.ErrorIs(t, w.Err(), syscall.ENOSPC)
	require.True(t, w.WriteFailed())
	require.Equal(t, good, w.content(), "half a command is taken back")
	require.Equal(t, []string{fmt.Sprintf("Short write while writing to the AOF file: (nwritten=10, expected=%d)", len(setText("b")))}, w.log.take())
	w.set("c")
	for range 3 {
		require.NoError(t, w.flush(time.Second, 3))
	}
	require.Empty(t, w.log.take(), "the same is not said again at once")
	require.NoError(t, w.flush(time.Minute, 3))
	require.Equal(t, []string{"Error writing to the AOF file: No space left on device"}, w.log.take())
	require.ErrorIs(t, w.Err(), syscall.ENOSPC)

	w.d.Set(func(f *aoftest.Faults) { f.Full = false })
	require.NoError(t, w.flush(0, 3))
	require.NoError(t, w.Err())
	require.Equal(t, []string{"AOF write error looks solved, Redis can write again."}, w.log.take())
	require.Equal(t, good+setText("b")+setText("c"), w.content())

	// Half a command that can't be taken back is completed later.
	w.d.Set(func(f *aoftest.Faults) { f.Full, f.Room, f.Truncate = true, 10, syscall.EPERM })
	w.set("d")
	require.NoError(t, w.flush(time.Minute, 4))
	require.Contains(t, strings.Join(w.log.take(), "\n"), "ftruncate: Operation not permitted")
	w.d.Set(func(f *aoftest.Faults) { *f = aoftest.Faults{} })
	require.NoError(t, w.flush(0, 4))
	require.Equal(t, good+setText("b")+setText("c")+setText("d"), w.content())
	require.EqualValues(t, len(w.content()), w.Size())

	// Begun anew, the file has no past.
	w.d.Set(func(f *aoftest.Faults) { f.Write = syscall.EIO })
	w.set("e")
	require.NoError(t, w.flush(0, 5))
	require.Error(t, w.Err())
	w.Drop()
	w.Forgive()
	require.NoError(t, w.Err())
}

func TestWriterSkipsSyncWhileChildRuns(t *testing.T) {
	w := newWriterTest(t, aof.SyncAlways)
	w.set("a")
	require.NoError(t, w.Flush(aof.FlushState{Now: w.now, Offset: 1, Child: true, SkipSync: true}))
	require.Zero(t, w.SyncedOffset())
	require.NoError(t, w.Flush(aof.FlushState{Now: w.now, Offset: 1, Child: false, SkipSync: true}))
	require.EqualValues(t, 1, w.SyncedOffset(), "made up for")
}

func TestWriterAllocatesNothing(t *testing.T) {
	w := newWriterTest(t, aof.SyncNo)
	args := [][]byte{[]byte("SET"), []byte("key:000001"), []byte("value")}
	w.Append(0, args)
	require.NoError(t, w.flush(0, 1))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for range 50 {
			w.Append(0, args)
		}
		_ = w.Flush(aof.FlushState{Now: w.now})
	}))
}
