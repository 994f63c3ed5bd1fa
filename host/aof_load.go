package host

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"berth/host/command"
	"berth/host/config"
	"berth/internal/errtext"
	"berth/persistence/aof"
)

// How the load of an append only file ended.
var (
	errAOFNone      = errors.New("no append only file")
	errAOFEmpty     = errors.New("empty append only file")
	errAOFTruncated = errors.New("append only file cut short")
	// errAOFLoad: it cannot be loaded; the log says why.
	errAOFLoad = errors.New("append only file can't be loaded")
)

// aofClientID is the id that modules see of the client that replays the file.
const aofClientID = -1

// loadAOF loads what the manifest lists. The error is nil, errAOFNone, errAOFEmpty, or errAOFLoad.
func (s *Server) loadAOF() error {
	f := s.aof.files
	if f.Upgrade() != nil {
		return errAOFLoad
	}
	m := f.Manifest
	if m.Empty() {
		return errAOFNone
	}
	total, err := f.TotalSize()
	switch {
	case err != nil:
		return errAOFLoad
	case total == 0:
		return errAOFEmpty
	}
	s.startLoading(total, LoadingAOF)
	base, err := s.loadAOFFiles(m)
	s.stopLoading(err == nil)
	if err != nil {
		return errAOFLoad
	}
	s.aof.w.SetTotal(total)
	s.aof.baseSize = base
	return nil
}

// loadAOFFiles loads the base and the incremental files, and returns the size of the base.
func (s *Server) loadAOFFiles(m *aof.Manifest) (base int64, err error) {
	f := s.aof.files
	var done int64
	if m.Base != nil {
		base, _ = f.Size(m.Base.Name)
		if err := s.loadAOFPart(m.Base.Name, "base", 0, len(m.Incr) == 0); err != nil && !errors.Is(err, errAOFEmpty) {
			return 0, err
		}
		done = base
	}
	for i := range m.Incr {
		name := m.Incr[i].Name
		size, _ := f.Size(name)
		if err := s.loadAOFPart(name, "incr", done, i == len(m.Incr)-1); err != nil && !errors.Is(err, errAOFEmpty) {
			return 0, err
		}
		done += size
	}
	return base, nil
}

// loadAOFPart loads one file; before it so many bytes were loaded. Only the last may end early.
func (s *Server) loadAOFPart(name, kind string, before int64, last bool) error {
	s.loadInfo.file = name
	start := time.Now()
	err := s.loadAOFFile(name, before)
	if errors.Is(err, errAOFTruncated) && !last {
		s.log.Warn("Fatal error: the truncated file is not the last file")
		return errAOFLoad
	}
	if err == nil || errors.Is(err, errAOFTruncated) {
		s.log.Notice("DB loaded from %s file %s: %.3f seconds", kind, name, time.Since(start).Seconds())
		return nil
	}
	return err
}

func (s *Server) loadAOFFile(name string, before int64) error {
	a := &s.aof
	path := a.files.Path(name)
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		s.log.Warn("The append log file %s doesn't exist: %s", name, errtext.Of(err))
		return errAOFLoad
	}
	var f *os.File
	if err == nil {
		f, err = os.Open(path)
	}
	if err != nil {
		s.log.Warn("Fatal error: can't open the append log file %s for reading: %s", name, errtext.Of(err))
		return errAOFLoad
	}
	defer f.Close()
	if st.Size() == 0 {
		return errAOFEmpty
	}
	at, err := s.loadPreamble(f, name, before)
	if err != nil {
		return err
	}
	r := replay{s: s, name: name, path: path, before: before, in: aof.NewReader(f, at)}
	return r.run()
}

// loadPreamble loads the RDB file with which a file may begin, and leaves f behind it.
func (s *Server) loadPreamble(f *os.File, name string, before int64) (int64, error) {
	var magic [5]byte
	if n, _ := f.ReadAt(magic[:], 0); n < len(magic) || string(magic[:]) != "REDIS" {
		return 0, nil
	}
	old := name == s.aof.files.Name
	if old {
		s.log.Notice("Reading RDB preamble from AOF file...")
	} else {
		s.log.Notice("Reading RDB base file on AOF loading...")
	}
	l := s.rdbLoader(before)
	if err := s.runLoader(l, f); err != nil {
		if !errors.Is(err, errLoadStopped) {
			if old {
				s.log.Warn("Error reading the RDB preamble of the AOF file %s, AOF loading aborted", name)
			} else {
				s.log.Warn("Error reading the RDB base file %s, AOF loading aborted", name)
			}
		}
		return 0, errAOFLoad
	}
	s.loadedRDB(l)
	if old {
		s.log.Notice("Reading the remaining AOF tail...")
	}
	if _, err := f.Seek(l.Offset, io.SeekStart); err != nil {
		s.log.Warn("Unrecoverable error reading the append only file %s: %s", name, errtext.Of(err))
		return 0, errAOFLoad
	}
	return l.Offset, nil
}

// replay runs the commands of one file.
type replay struct {
	s          *Server
	name, path string
	before     int64 // bytes of other files
	in         *aof.Reader
	c          *Client
	// valid is the end of the last command, multi the beginning of the transaction that is being read.
	valid, multi int64
}

// eventsEvery is after how many commands clients are served.
const eventsEvery = 1024

func (r *replay) run() error {
	s := r.s
	c := s.NewInternalClient()
	c.id = aofClientID
	r.c = c
	defer s.FreeInternalClient(c)
	previous := s.current
	s.current = c
	defer func() { s.current = previous }()
	r.valid = r.in.Offset()
	for n := 0; ; n++ {
		if n%eventsEvery == 0 {
			if err := s.loadingTick(r.before + r.in.Offset()); err != nil {
				return errAOFLoad
			}
		}
		args, err := r.in.Next()
		if err != nil {
			return r.ended(err)
		}
		row := s.commands.LookupArgs(args)
		if row == nil || row.Handler == nil {
			s.log.Warn("Unknown command '%s' reading the append only file %s", cText(args[0], 128), r.name)
			return errAOFLoad
		}
		if !row.ArityOK(len(args)) {
			s.log.Warn("Wrong number of arguments for '%s' at offset %d reading the append only file %s", row.FullName(), r.valid, r.name)
			return errAOFLoad
		}
		if row.Name == "multi" && row.Parent == nil {
			r.multi = r.valid
		}
		r.exec(row, args)
		r.valid = r.in.Offset()
		if d := s.cfg.KeyLoadDelay; d > 0 {
			time.Sleep(time.Duration(d) * time.Microsecond)
		}
	}
}

// exec runs a command as the client of the file, without what surrounds the commands of others.
func (r *replay) exec(row *command.Row, args [][]byte) {
	s, c := r.s, r.c
	c.Args, c.Row, c.lastCmd = args, row, row
	if c.flags&FlagMulti != 0 && (row.Name != "exec" || row.Parent != nil) {
		c.queueMulti(row)
	} else {
		c.DirtyCount = 0
		c.Ctx.Flags = command.CallReplica | command.CallDenyBlocking
		s.nesting++
		s.invoke(c, row, len(c.w.Buf))
		s.nesting--
		s.dirty += c.DirtyCount
		s.countErrors(c)
		s.afterUnit()
	}
	c.w.Buf = c.w.Buf[:0]
	c.Args = nil
}

// replayedText is an error as Redis's log shows it: its own objects as they are sent, others as they were made.
func replayedText(e string) string {
	switch e {
	case command.ErrSyntax, command.ErrNoSuchKey, "ERR index out of range", "ERR source and destination objects are the same":
	default:
		if text, ok := strings.CutPrefix(e, "ERR "); ok {
			return text
		}
	}
	return "-" + e
}

// replayError says in the log that a command of the file, which had succeeded once, got an error.
func (s *Server) replayError(c *Client) {
	const limit = 4096
	text := replayedText(c.w.LastError)
	s.log.Warn("== CRITICAL == This server is sending an error to its AOF-loading-client: '%s' after processing the command '%s'",
		text[:min(len(text), limit)], c.lastCmd.FullName())
	s.stat.unexpectedErrors++
	if s.cfg.PropagationErrorBehavior == config.PropagationErrorPanic {
		s.panicked("This server panicked sending an error to its AOF-loading-client after processing the command '" + c.lastCmd.FullName() + "'")
	}
}

// ended says what the end of a file means, which err tells.
func (r *replay) ended(err error) error {
	s := r.s
	var bad *aof.FormatError
	switch {
	case errors.As(err, &bad):
		s.log.Warn("The append only file %s is damaged at offset %d: %s", r.name, bad.Offset, bad.Reason)
		s.log.Warn("Bad file format reading the append only file %s: make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>", r.name)
		return errAOFLoad
	case errors.Is(err, io.ErrUnexpectedEOF):
	case errors.Is(err, io.EOF):
		if r.c.flags&FlagMulti == 0 {
			return nil
		}
		s.log.Warn("Revert incomplete MULTI/EXEC transaction in AOF file %s", r.name)
	default:
		s.log.Warn("Unrecoverable error reading the append only file %s: %s", r.name, errtext.Of(err))
		return errAOFLoad
	}
	if r.c.flags&FlagMulti != 0 {
		r.valid = r.multi
	}
	if s.cfg.AOFLoadTruncated {
		s.log.Warn("!!! Warning: short read while loading the AOF file %s!!!", r.name)
		s.log.Warn("!!! Truncating the AOF %s at offset %d !!!", r.name, r.valid)
		if err := s.aof.files.Disk.Truncate(r.path, r.valid); err != nil {
			s.log.Warn("Error truncating the AOF file %s: %s", r.name, errtext.Of(err))
		} else {
			s.log.Warn("AOF %s loaded anyway because aof-load-truncated is enabled", r.name)
			return errAOFTruncated
		}
	}
	s.log.Warn("Unexpected end of file reading the append only file %s. You can: 1) Make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated' configuration option to yes and restart the server.", r.name)
	return errAOFLoad
}

// loadAOFAtStart reads the manifest and what it lists.
func (s *Server) loadAOFAtStart() error {
	a := &s.aof
	start := time.Now()
	err := s.loadAOF()
	if errors.Is(err, errAOFLoad) {
		return ErrAOF
	}
	if !errors.Is(err, errAOFNone) {
		s.log.Notice("DB loaded from append only file: %.3f seconds", time.Since(start).Seconds())
	}
	last := a.files.Manifest.LastIncr()
	switch {
	case last == nil:
	case last.End != aof.NoOffset:
		s.replOffset = last.End
		last.End = aof.NoOffset
		a.files.Manifest.Dirty = true
		if a.files.Persist(a.files.Manifest) != nil {
			return ErrAOF
		}
	default:
		n, _ := a.files.Size(last.Name)
		s.replOffset = max(last.Start, 0) + n
	}
	return nil
}

// openAOFAtStart opens the file that is appended to; a server without any makes a base file of what it has.
func (s *Server) openAOFAtStart() error {
	a, f := &s.aof, s.aof.files
	if f.MakeDir() != nil {
		return ErrAOF
	}
	m := f.Manifest
	fresh := len(m.Incr) == 0
	if m.Empty() {
		base := m.NewBase(f.Name, s.cfg.AOFUseRDBPreamble).Name
		if err := s.writeBase(f.Path(base)); err != nil {
			return ErrAOF
		}
		s.log.Notice("Creating AOF base file %s on server start", base)
	}
	if fresh {
		m.NewIncr(f.Name, s.replOffset)
	}
	name := m.LastIncr().Name
	w, err := f.Disk.Open(f.Path(name), os.O_WRONLY|os.O_APPEND|os.O_CREATE)
	if err != nil {
		s.log.Warn("Can't open the append-only file %s: %s", name, errtext.Of(err))
		return ErrAOF
	}
	if f.Persist(m) != nil {
		_ = w.Close()
		return ErrAOF
	}
	size, _ := f.Size(name)
	a.w.SetFile(w, size, s.mono(), s.replOffset)
	a.w.SetSyncedOffset(s.replOffset)
	a.syncedOff = s.replOffset
	if fresh {
		s.log.Notice("Creating AOF incr file %s on server start", name)
	} else {
		s.log.Notice("Opening AOF incr file %s on server start", name)
	}
	return nil
}

// debugLoadAOF: DEBUG LOADAOF replaces the data set by what is on the disk.
func (s *Server) debugLoadAOF(cc *command.Ctx) {
	a := &s.aof
	if a.state == aofOn {
		s.flushAOF(true)
	}
	s.flush(-1, false)
	if a.state == aofOn && a.files.Load() != nil {
		s.fail(ErrAOF)
		return
	}
	c := cc.Client.(*Client)
	c.flags |= FlagProtected
	err := s.loadAOF()
	c.flags &^= FlagProtected
	if err != nil && !errors.Is(err, errAOFEmpty) {
		cc.Error("ERR Error trying to load the AOF files, check server logs.")
		return
	}
	s.dirty = 0
	s.log.Notice("Append Only File loaded by DEBUG LOADAOF")
	cc.OK()
}
