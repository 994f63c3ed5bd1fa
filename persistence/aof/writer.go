package aof

import (
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"berth/internal/errtext"
)

// Policy is appendfsync.
type Policy int

// The policies.
const (
	SyncNo     Policy = iota // when the system likes
	SyncAlways               // before anybody learns of the change
	SyncEverySec
)

const (
	syncEvery      = time.Second
	postponeAtMost = 2 * time.Second
	// logEvery is how long an error that lasts is not logged again.
	logEvery = 30 * time.Second
	// idleBuffer is the largest buffer that is kept.
	idleBuffer = 64 * 1024
)

// Writer appends commands to the current incremental file. What is appended is in memory until
// Flush, which the server calls before it replies to anybody.
type Writer struct {
	Log Logger
	// Latency, if set, is told how long operations on the disk took.
	Latency func(event string, d time.Duration)
	// Synced, if set, is called from another goroutine when something that was written has come to the disk there.
	Synced func()
	// Policy is appendfsync.
	Policy Policy
	// FlushSleep delays each write (DEBUG AOF-FLUSH-SLEEP).
	FlushSleep time.Duration

	file File
	buf  []byte
	db   int   // of the last command, -1: the next one begins with SELECT
	last int64 // the second of the last time annotation

	size, synced int64 // of the current file: how much was written, and of that known to be on the disk or on its way
	total        int64 // of all files that a start would load
	lastSync     time.Duration
	postponed    time.Duration // since when a write waits for a sync to end, 0: none does
	delayed      int64
	writeErr     error // the last write failed
	held         bool  // nothing is written for now; the first stale bytes of buf are of before a rewrite began
	stale        int
	loggedAt     time.Duration
	logged       bool

	bg background
}

// background is what goes on on other goroutines.
type background struct {
	jobs    sync.WaitGroup
	pending atomic.Int32 // syncs of the current file
	closing atomic.Int32 // syncs of files that are written no more
	err     atomic.Pointer[error]
	offset  atomic.Int64 // replication offset up to which everything is on the disk
}

// NewWriter returns a writer without a file.
func NewWriter(log Logger) *Writer { return &Writer{Log: log, db: -1, Policy: SyncEverySec} }

// Open reports whether there is a file.
func (w *Writer) Open() bool { return w.file != nil }

// SetFile has the writer go on in a file that has size bytes already. What was appended and not
// flushed stays for it. The file before is synced and closed in the background; offset
// is the replication offset of the last command in it.
func (w *Writer) SetFile(f File, size int64, now time.Duration, offset int64) {
	if old := w.file; old != nil {
		w.lastSync = now
		w.bg.closing.Add(1)
		w.bg.jobs.Go(func() {
			defer w.bg.closing.Add(-1)
			w.syncInBackground(old, offset)
			_ = old.Close()
			if w.Synced != nil {
				w.Synced()
			}
		})
	}
	w.file, w.size, w.synced = f, size, size
}

// Close syncs and closes the file; what is not flushed is dropped.
func (w *Writer) Close(now time.Duration) {
	if w.file == nil {
		return
	}
	if err := w.file.Sync(); err != nil {
		w.Log.Warn("Fail to fsync the AOF file: %s", errtext.Of(err))
	} else {
		w.lastSync = now
	}
	w.bg.jobs.Wait()
	_ = w.file.Close()
	w.file, w.size, w.synced, w.postponed = nil, 0, 0, 0
	w.Drop()
	w.NeedSelect()
}

// Sync brings what was written to the disk, now (SHUTDOWN).
func (w *Writer) Sync() error { return w.file.Sync() }

// Drop forgets what was appended and not flushed.
func (w *Writer) Drop() { w.buf, w.held, w.stale = nil, false, 0 }

// Hold is called when a rewrite begins. What could not be written until then belongs to the file before, since the
// new base will have its effects: it waits, and everything behind it, until Release.
func (w *Writer) Hold() {
	if len(w.buf) > 0 {
		w.held, w.stale = true, len(w.buf)
	}
}

// Release ends what Hold began: with a new base that what waits is a part of, or without.
func (w *Writer) Release(rewritten bool) {
	if w.held && rewritten {
		w.buf = w.buf[:copy(w.buf, w.buf[w.stale:])]
		if len(w.buf) == 0 && w.writeErr != nil {
			// There is nothing left to try it with.
			w.Log.Notice("AOF write error looks solved, Redis can write again.")
			w.writeErr = nil
		}
	}
	w.held, w.stale = false, 0
}

// NeedSelect has the next command begin with SELECT.
func (w *Writer) NeedSelect() { w.db = -1 }

// Drain waits for what goes on in the background.
func (w *Writer) Drain() { w.bg.jobs.Wait() }

// Buffered is how many bytes wait to be written.
func (w *Writer) Buffered() int { return len(w.buf) }

// BufferMemory is how much memory the buffer takes.
func (w *Writer) BufferMemory() int { return cap(w.buf) }

// Size is the size of the current file.
func (w *Writer) Size() int64 { return w.size }

// Total is the size of all files that a start would load.
func (w *Writer) Total() int64 { return w.total }

// SetTotal sets what Total returns; each write adds to it.
func (w *Writer) SetTotal(n int64) { w.total = n }

// Pending is how many syncs go on in the background.
func (w *Writer) Pending() int { return int(w.bg.pending.Load() + w.bg.closing.Load()) }

// Delayed is how often a write did not wait any longer for a sync that went on.
func (w *Writer) Delayed() int64 { return w.delayed }

// ResetStats sets what Delayed counts to zero.
func (w *Writer) ResetStats() { w.delayed = 0 }

// Postponed reports whether a write waits for a sync to end.
func (w *Writer) Postponed() bool { return w.postponed != 0 }

// WriteFailed reports whether the last write failed.
func (w *Writer) WriteFailed() bool { return w.writeErr != nil }

// Err is what keeps the file from taking more, nil when nothing does.
func (w *Writer) Err() error {
	if w.writeErr != nil {
		return w.writeErr
	}
	if p := w.bg.err.Load(); p != nil {
		return *p
	}
	return nil
}

// Forgive forgets errors: the file is begun anew.
func (w *Writer) Forgive() {
	if w.bg.err.Swap(nil) != nil {
		w.Log.Warn("AOF reopen, just ignore the AOF fsync error in bio job")
	}
	if w.writeErr != nil {
		w.Log.Warn("AOF reopen, just ignore the last error.")
		w.writeErr = nil
	}
}

// SyncedOffset is the replication offset up to which everything is on the disk.
func (w *Writer) SyncedOffset() int64 { return w.bg.offset.Load() }

// SetSyncedOffset sets what SyncedOffset returns.
func (w *Writer) SetSyncedOffset(n int64) { w.bg.offset.Store(n) }

// SetSyncTime says when the file was last synced, or begun.
func (w *Writer) SetSyncTime(now time.Duration) { w.lastSync = now }

// Annotate begins what is appended next with its time, unless something of that second has it already.
func (w *Writer) Annotate(unix int64) {
	if w.last < unix {
		w.last = unix
		w.buf = AppendTime(w.buf, unix)
	}
}

// Append appends a command for a database, or for none in particular (-1), as MULTI and EXEC.
func (w *Writer) Append(db int, argv [][]byte) {
	if db != -1 && db != w.db {
		w.buf = AppendSelect(w.buf, db)
		w.db = db
	}
	w.buf = AppendCommand(w.buf, argv...)
}

// FlushState is what Flush must know of the server.
type FlushState struct {
	// Now is monotonic time.
	Now time.Duration
	// Force writes even while a sync goes on.
	Force bool
	// Child is whether a child process is at work; SkipSync that nothing is synced then (no-appendfsync-on-rewrite).
	Child, SkipSync bool
	// Offset is the replication offset of the last command appended.
	Offset int64
}

// Flush writes what was appended, and syncs the file if that is due. An error means that the server must end, since it can't keep
// what appendfsync always promises; the log has why. Whatever else fails is told by Err and tried again at the next call.
func (w *Writer) Flush(s FlushState) error {
	if w.held {
		return nil
	}
	syncing := w.bg.pending.Load() > 0
	if len(w.buf) == 0 {
		switch {
		case w.synced == w.size:
			if !syncing && w.bg.err.Load() == nil {
				w.raiseOffset(s.Offset)
			}
			return nil
		case w.Policy == SyncAlways, w.Policy == SyncEverySec && !syncing && s.Now-w.lastSync >= syncEvery:
			return w.sync(s, syncing)
		}
		return nil
	}
	if w.Policy == SyncEverySec && syncing && !s.Force {
		// The write would wait for the sync inside of the system: better it waits here, where clients are served meanwhile.
		if w.postponed == 0 {
			w.postponed = s.Now
			return nil
		}
		if s.Now-w.postponed < postponeAtMost {
			return nil
		}
		w.delayed++
		w.Log.Notice("Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting for fsync to complete, this may slow down Redis.")
	}
	if w.FlushSleep > 0 {
		time.Sleep(w.FlushSleep)
	}
	start := time.Now()
	n, err := w.file.Write(w.buf)
	w.tellWrite(time.Since(start), syncing && w.Policy == SyncEverySec, s.Child)
	w.postponed = 0
	if n < len(w.buf) {
		return w.writeFailed(s, n, err)
	}
	if w.writeErr != nil {
		w.Log.Notice("AOF write error looks solved, Redis can write again.")
		w.writeErr = nil
	}
	w.wrote(n)
	return w.sync(s, syncing)
}

func (w *Writer) tellWrite(d time.Duration, syncing, child bool) {
	if w.Latency == nil {
		return
	}
	switch {
	case syncing:
		w.Latency("aof-write-pending-fsync", d)
	case child:
		w.Latency("aof-write-active-child", d)
	default:
		w.Latency("aof-write-alone", d)
	}
	w.Latency("aof-write", d)
}

// wrote takes the first n bytes out of the buffer.
func (w *Writer) wrote(n int) {
	w.size += int64(n)
	w.total += int64(n)
	if n < len(w.buf) {
		w.buf = w.buf[:copy(w.buf, w.buf[n:])]
		return
	}
	if cap(w.buf) > idleBuffer {
		w.buf = nil
	}
	w.buf = w.buf[:0]
}

// writeFailed deals with a write of which only n bytes got through.
func (w *Writer) writeFailed(s FlushState, n int, err error) error {
	log := !w.logged || s.Now-w.loggedAt > logEvery
	if log {
		w.logged, w.loggedAt = true, s.Now
	}
	if n <= 0 {
		n = 0
		if err == nil {
			err = syscall.EIO
		}
		w.writeErr = err
		if log {
			w.Log.Warn("Error writing to the AOF file: %s", errtext.Of(err))
		}
	} else {
		w.writeErr = syscall.ENOSPC
		if log {
			w.Log.Warn("Short write while writing to the AOF file: (nwritten=%d, expected=%d)", n, len(w.buf))
		}
		if err := w.file.Truncate(w.size); err == nil {
			n = 0
		} else if log {
			w.Log.Warn("Could not remove short write from the append-only file.  Redis may refuse to load the AOF the next time it starts.  ftruncate: %s",
				errtext.Of(err))
		}
	}
	if w.Policy == SyncAlways {
		// Replies to what is lost stand in output buffers already, and the change can't be taken back.
		w.Log.Warn("Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...")
		return ErrFatal
	}
	w.wrote(n)
	return nil
}

// sync brings to the disk what was written, if that is due.
func (w *Writer) sync(s FlushState, syncing bool) error {
	if s.SkipSync && s.Child {
		return nil
	}
	switch {
	case w.Policy == SyncAlways:
		start := time.Now()
		if err := w.file.Sync(); err != nil {
			w.Log.Warn("Can't persist AOF for fsync error when the AOF fsync policy is 'always': %s. Exiting...", errtext.Of(err))
			return ErrFatal
		}
		if w.Latency != nil {
			w.Latency("aof-fsync-always", time.Since(start))
		}
		w.synced, w.lastSync = w.size, s.Now
		w.raiseOffset(s.Offset)
	case w.Policy == SyncEverySec && s.Now-w.lastSync >= syncEvery:
		if !syncing {
			f, offset := w.file, s.Offset
			w.bg.pending.Add(1)
			w.bg.jobs.Go(func() {
				w.syncInBackground(f, offset)
				w.bg.pending.Add(-1)
				if w.Synced != nil {
					w.Synced()
				}
			})
			w.synced = w.size
		}
		w.lastSync = s.Now
	}
	return nil
}

// syncInBackground runs on a goroutine of its own.
func (w *Writer) syncInBackground(f File, offset int64) {
	err := f.Sync()
	if err == nil || errors.Is(err, syscall.EINVAL) { // a file that can't be synced, such as /dev/null
		w.bg.err.Store(nil)
		w.raiseOffset(offset)
		return
	}
	if w.bg.err.Swap(&err) == nil {
		w.Log.Warn("Fail to fsync the AOF file: %s", errtext.Of(err))
	}
}

func (w *Writer) raiseOffset(n int64) {
	for {
		old := w.bg.offset.Load()
		if old >= n || w.bg.offset.CompareAndSwap(old, n) {
			return
		}
	}
}

// AppendCommand appends a command as clients send it.
func AppendCommand(dst []byte, argv ...[]byte) []byte {
	dst = AppendCount(dst, len(argv))
	for _, a := range argv {
		dst = AppendArg(dst, a)
	}
	return dst
}

// AppendCount begins a command of n arguments, its name among them.
func AppendCount(dst []byte, n int) []byte {
	return append(strconv.AppendInt(append(dst, '*'), int64(n), 10), '\r', '\n')
}

// AppendArg appends an argument.
func AppendArg[T []byte | string](dst []byte, a T) []byte {
	dst = append(strconv.AppendInt(append(dst, '$'), int64(len(a)), 10), '\r', '\n')
	return append(append(dst, a...), '\r', '\n')
}

// AppendSelect appends SELECT.
func AppendSelect(dst []byte, db int) []byte {
	var digits [20]byte
	return AppendArg(AppendArg(AppendCount(dst, 2), "SELECT"), strconv.AppendInt(digits[:0], int64(db), 10))
}

// AppendTime appends a time annotation: Unix time in seconds.
func AppendTime(dst []byte, unix int64) []byte {
	return append(strconv.AppendInt(append(dst, "#TS:"...), unix, 10), '\r', '\n')
}
