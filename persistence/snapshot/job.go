package snapshot

import (
	"os"
	"syscall"
	"time"

	"berth/keyspace"
)

// Encoder makes the bytes of a snapshot. Its methods are called with the server lock held and append to dst.
type Encoder interface {
	// Begin appends what comes first.
	Begin(dst []byte) ([]byte, error)
	// Select says that the entries that follow are of a database.
	Select(dst []byte, db int) []byte
	// Entry appends an entry. Of one that takes long it may append the beginning only and return what goes on with
	// it: more appends a part and reports whether it was the last, abandon ends it early.
	Entry(dst []byte, of *keyspace.DB, e *keyspace.Entry) (_ []byte, more func(dst []byte) ([]byte, bool), abandon func(), err error)
	// End appends what comes last.
	End(dst []byte) ([]byte, error)
}

// Options are for Start.
type Options struct {
	Keyspace *keyspace.Keyspace
	Encoder  Encoder
	Writer   Spec
	// Process has a process write the file, else a goroutine does.
	Process bool
	// Extra, if not nil, is handed to the writer as the second source of records (rdb.FileWriter.Splice). The job
	// closes it.
	Extra *os.File
	// Wake is called, from a goroutine, when Step can go on after it had to wait for the writer.
	Wake func()
	// Done is called from a goroutine when the writer has ended, before the result is in Job.Done.
	Done func(Result)
}

// Result is how a writer ended.
type Result struct {
	OK     bool
	Signal syscall.Signal // that ended it, 0 for none
	Err    error          // that of a goroutine; a process has logged its own
}

// Job is a snapshot being written.
type Job struct {
	Started time.Time
	// Keys is how many there are; Peak how many bytes waited for the writer at most.
	Keys int
	Peak int64

	o        Options
	snap     *keyspace.Snapshot
	out      *pump
	writer   writer
	buf      []byte // encoded and not yet queued
	side     []byte // what has to wait until the large value at hand is complete
	selected int    // database of the last entry in buf, and in side
	sideSel  int
	abandon  func() // of the large value at hand
	err      error
	ended    chan struct{} // closed when the writer has ended
	over     bool          // all keys have been encoded, or the job was aborted
}

const (
	// queueLimit is how much may wait for the writer before Step stops; writes that need their key encoded
	// first go beyond it.
	queueLimit = 4 << 20
	chunk      = 128 << 10
)

// Start begins a job: its instant is now.
func Start(o Options) (*Job, error) {
	j := &Job{Started: time.Now(), o: o, selected: -1}
	var err error
	if j.buf, err = o.Encoder.Begin(make([]byte, 0, chunk+chunk/4)); err != nil {
		return nil, err
	}
	to, w, err := startWriter(&o.Writer, o.Process, o.Extra)
	if o.Extra != nil {
		_ = o.Extra.Close()
	}
	if err != nil {
		return nil, err
	}
	j.writer = w
	j.out = newPump(to, o.Wake)
	j.snap = o.Keyspace.BeginSnapshot(j.take)
	j.Keys = j.snap.Total
	j.ended = make(chan struct{})
	go func() {
		r := w.wait()
		close(j.ended)
		if o.Done != nil {
			o.Done(r)
		}
	}()
	return j, nil
}

// Pid is the writer's process, 0 when it is a goroutine.
func (j *Job) Pid() int { return j.writer.pid() }

// Taken is how many keys have been encoded.
func (j *Job) Taken() int { return j.snap.Taken }

// Waiting is how many bytes wait for the writer: the memory that the snapshot costs at present.
func (j *Job) Waiting() int64 { return j.out.queued() + int64(len(j.buf)+len(j.side)) }

// Over reports whether the job needs no more calls of Step.
func (j *Job) Over() bool { return j.over }

// take is called for each entry, in the middle of whatever is about to change it or from Step.
func (j *Job) take(db int, of *keyspace.DB, e *keyspace.Entry) func() bool {
	if j.err != nil {
		return nil
	}
	dst, sel := &j.buf, &j.selected
	if j.abandon != nil {
		dst, sel = &j.side, &j.sideSel
	}
	if *sel != db {
		*dst = j.o.Encoder.Select(*dst, db)
		*sel = db
	}
	var more func([]byte) ([]byte, bool)
	var abandon func()
	*dst, more, abandon, j.err = j.o.Encoder.Entry(*dst, of, e)
	if more == nil || j.err != nil {
		j.flush(false)
		return nil
	}
	if dst == &j.side {
		// One large value is at hand already: this one is encoded in one go, as it is about to change.
		for last := false; !last; {
			j.side, last = more(j.side)
		}
		return nil
	}
	j.abandon, j.sideSel = abandon, -1
	return func() bool {
		var last bool
		j.buf, last = more(j.buf)
		if last {
			j.abandon = nil
			if len(j.side) > 0 {
				j.buf = append(j.buf, j.side...)
				j.selected = j.sideSel
				j.side = nil
			}
		}
		j.flush(false)
		return last
	}
}

// flush queues what is encoded, if it is enough.
func (j *Job) flush(all bool) {
	if len(j.buf) < chunk && !all {
		return
	}
	j.buf = j.out.put(j.buf)
	j.Peak = max(j.Peak, j.Waiting())
}

// Step encodes keys for about so long, and less if the writer does not keep up, and reports whether there is nothing
// left to do.
func (j *Job) Step(limit time.Duration) bool {
	if j.over {
		return true
	}
	if j.err == nil {
		j.err = j.out.failed()
	}
	if j.err != nil {
		j.Abort(0)
		return true
	}
	if j.out.full() {
		return false
	}
	start := time.Now()
	n := 0
	done := j.snap.Step(func() bool {
		n++
		return j.out.queued() >= queueLimit || n&15 == 0 && time.Since(start) >= limit
	})
	if !done || j.err != nil {
		return false
	}
	j.buf, j.err = j.o.Encoder.End(j.buf)
	if j.err != nil {
		j.Abort(0)
		return true
	}
	j.finish()
	j.flush(true)
	j.out.close()
	return true
}

// Blocked reports whether Step waits for the writer, after which Options.Wake is called.
func (j *Job) Blocked() bool { return !j.over && j.out.full() }

func (j *Job) finish() {
	j.over = true
	j.snap.End()
}

// Await waits until the writer has ended, but not for ever.
func (j *Job) Await(limit time.Duration) {
	select {
	case <-j.ended:
	case <-time.After(limit):
	}
}

// Abort ends a job early. With a signal it also ends the writer; without, the writer finds that its input ends in
// the middle, and fails.
func (j *Job) Abort(sig syscall.Signal) {
	if !j.over {
		if j.abandon != nil {
			j.abandon()
			j.abandon = nil
		}
		j.finish()
		j.buf, j.side = nil, nil
	}
	if sig != 0 {
		j.writer.kill(sig)
	}
	j.out.abort()
}
