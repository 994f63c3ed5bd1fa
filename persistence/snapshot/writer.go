package snapshot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"berth/internal/rlog"
	"berth/persistence/rdb"
)

// Spec says what the writer makes of the snapshot.
type Spec struct {
	// Path is the file; without one the file keeps its temporary name. Temp is that name; a %d in it becomes the
	// number of the process that writes.
	Path, Temp string
	// Raw writes the bytes as they come; else they are records of package rdb.
	Raw bool
	// Append says that it is the base of an append only file: that only words the failures.
	Append bool
	// Compression, Checksum, Incremental and Version are those of rdb.FileOptions.
	Compression, Checksum, Incremental bool
	Version                            int
	// KeyDelay is rdb-key-save-delay, in microseconds per key.
	KeyDelay int

	// Title is what the process calls itself. Its lines go to LogFile (standard output without one), from LogLevel on.
	Title    string
	LogFile  string
	LogLevel int
	// Saved is the line for success, in which a %d becomes the process's number. For failures there are Redis's lines.
	Saved string
	// OOMScore, if not empty, is written to the process's oom_score_adj; CPUs is a list of processors as bgsave-cpulist.
	OOMScore string
	CPUs     string
}

// specEnv holds the Spec of a process that is a writer.
const specEnv = "BERTH_SNAPSHOT_WRITER"

// SIGUSR1 ends a writer without that being a failure of it; this is its exit status then, as in Redis.
const killedStatus = 255

// writer is the other half of a job.
type writer interface {
	pid() int
	kill(sig syscall.Signal)
	wait() Result
}

// startWriter starts the writer and returns what it reads from.
func startWriter(spec *Spec, process bool, extra *os.File) (*os.File, writer, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	if c, err := w.SyscallConn(); err == nil {
		_ = c.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, 1<<20) })
	}
	var wr writer
	if process {
		wr, err = startProcess(spec, r, extra)
		_ = r.Close()
	} else {
		wr, err = startGoroutine(spec, r, extra)
	}
	if err != nil {
		_ = w.Close()
		return nil, nil, err
	}
	return w, wr, nil
}

// process is a writer that is a process.
type process struct{ p *os.Process }

func startProcess(spec *Spec, in, extra *os.File) (writer, error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer func() { _ = null.Close() }()
	files := []*os.File{null, os.Stdout, os.Stderr, in}
	if extra != nil {
		files = append(files, extra)
	}
	env := append(os.Environ(), specEnv+"="+string(text))
	if extra != nil {
		env = append(env, specEnv+"_EXTRA=1")
	}
	p, err := os.StartProcess("/proc/self/exe", []string{spec.Title}, &os.ProcAttr{Env: env, Files: files})
	if err != nil {
		return nil, err
	}
	return process{p}, nil
}

func (w process) pid() int                { return w.p.Pid }
func (w process) kill(sig syscall.Signal) { _ = w.p.Signal(sig) }

func (w process) wait() Result {
	st, err := w.p.Wait()
	if err != nil {
		return Result{Err: err}
	}
	ws := st.Sys().(syscall.WaitStatus)
	switch {
	case ws.Signaled():
		return Result{Signal: ws.Signal()}
	case ws.ExitStatus() == killedStatus:
		return Result{Signal: syscall.SIGUSR1}
	}
	return Result{OK: ws.ExitStatus() == 0}
}

// goroutine is a writer in this process.
type goroutine struct {
	in     *os.File
	killed atomic.Int32
	done   chan error
}

func startGoroutine(spec *Spec, in, extra *os.File) (writer, error) {
	g := &goroutine{in: in, done: make(chan error, 1)}
	var second io.Reader
	if extra != nil {
		// The caller closes its own.
		fd, err := unix.FcntlInt(extra.Fd(), unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			return nil, err
		}
		second = os.NewFile(uintptr(fd), extra.Name())
	}
	go func() {
		g.done <- spec.write(in, second, g.stop)
		_ = in.Close()
		if f, ok := second.(*os.File); ok {
			_ = f.Close()
		}
	}()
	return g, nil
}

func (g *goroutine) stop() error {
	if g.killed.Load() != 0 {
		return errKilled
	}
	return nil
}

func (g *goroutine) pid() int { return 0 }

func (g *goroutine) kill(sig syscall.Signal) {
	g.killed.Store(int32(sig))
	_ = g.in.Close()
}

func (g *goroutine) wait() Result {
	err := <-g.done
	if sig := g.killed.Load(); sig != 0 && err != nil {
		return Result{Signal: syscall.Signal(sig)}
	}
	return Result{OK: err == nil, Err: err}
}

var errOrphan = errors.New("the server is gone")

var errKilled = errors.New("the writer was told to end")

// write makes the file. stop may be nil.
func (s *Spec) write(in io.Reader, second io.Reader, stop func() error) error {
	o := rdb.FileOptions{Path: s.Path, Temp: s.tempName(), Compression: s.Compression, Checksum: s.Checksum,
		Incremental: s.Incremental, Version: s.Version, Splice: second, Stop: stop}
	if s.KeyDelay > 0 {
		o.Each = func() { time.Sleep(time.Duration(s.KeyDelay) * time.Microsecond) }
	}
	if s.Raw {
		return rdb.WriteRaw(o, in)
	}
	_, err := rdb.WriteFile(o, in)
	return err
}

func (s *Spec) tempName() string { return TempName(s.Temp, os.Getpid()) }

// TempName puts the number of a process into the name of a temporary file.
func TempName(name string, pid int) string {
	dir, base := filepath.Split(name)
	return dir + fmt.Sprintf(base, pid)
}

// RunWriter does the work of a writer, if this process was started as one: ok says so, and the process must end
// with the status. A program whose server runs jobs with Options.Process calls it first thing.
func RunWriter() (status int, ok bool) {
	text := os.Getenv(specEnv)
	if text == "" {
		return 0, false
	}
	var spec Spec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return 1, true
	}
	log := rlog.New(os.Stdout)
	log.SetRole('C')
	log.SetFile(spec.LogFile)
	signals := make(chan os.Signal, 1)
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP, syscall.SIGPIPE)
	signal.Notify(signals, syscall.SIGUSR1)
	go func() {
		<-signals
		log.Log(rlog.LevelWarning, "Received SIGUSR1 in child, exiting now.")
		_ = os.Remove(spec.tempName())
		os.Exit(killedStatus)
	}()
	if spec.OOMScore != "" {
		_ = os.WriteFile("/proc/self/oom_score_adj", []byte(spec.OOMScore), 0) //nolint:gosec // it exists
	}
	bindTo(spec.CPUs)
	in := os.NewFile(3, "snapshot")
	var second io.Reader
	if os.Getenv(specEnv+"_EXTRA") != "" {
		second = os.NewFile(4, "modules")
	}
	// Whoever asked may be gone, killed, and somebody else be in its place, whose files these are now.
	parent := os.Getppid()
	err := spec.write(in, second, func() error {
		if os.Getppid() != parent {
			return errOrphan
		}
		return nil
	})
	if err == nil {
		if spec.Saved != "" {
			log.Log(rlog.LevelNotice, strings.ReplaceAll(spec.Saved, "%d", strconv.Itoa(os.Getpid())))
		}
		return 0, true
	}
	for _, line := range spec.FailureLines(err) {
		log.Log(rlog.LevelWarning, line)
	}
	return 1, true
}

// FailureLines are the lines for the log that say why a file could not be written.
func (s *Spec) FailureLines(err error) []string {
	var we *rdb.WriteError
	if !errors.As(err, &we) {
		return []string{"Write error while saving DB to the disk(rdbSaveRio): " + err.Error()}
	}
	if s.Append {
		switch we.Step {
		case "open":
			return []string{"Opening the temp file for AOF rewrite in rewriteAppendOnlyFile(): " + we.Cause()}
		case "rename":
			return []string{"Error moving temp append only file on the final destination: " + we.Cause()}
		}
		return []string{"Write error writing append only file on disk: " + we.Cause()}
	}
	dir, _ := os.Getwd()
	final := filepath.Base(s.Path)
	switch we.Step {
	case "open":
		return []string{fmt.Sprintf("Failed opening the temp RDB file %s (in server root dir %s) for saving: %s",
			filepath.Base(s.tempName()), dir, we.Cause())}
	case "rename":
		return []string{fmt.Sprintf("Error moving temp DB file %s on the final destination %s (in server root dir %s): %s",
			filepath.Base(s.tempName()), final, dir, we.Cause())}
	case "dir":
		return []string{"Failed to fsync directory while saving DB: " + we.Cause()}
	case "write":
		return []string{"Write error while saving DB to the disk(rdbSaveRio): " + we.Cause()}
	}
	return []string{fmt.Sprintf("Write error while saving DB to the disk(%s): %s", we.Step, we.Cause())}
}
