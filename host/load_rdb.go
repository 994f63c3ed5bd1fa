package host

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"berth/host/command"
	"berth/host/config"
	"berth/internal/errtext"
	"berth/keyspace"
	"berth/persistence/rdb"
)

// LibraryStore is what keeps libraries of functions: what is saved and loaded with the data set.
type LibraryStore interface {
	// Libraries returns the codes of all libraries.
	Libraries() [][]byte
	// LoadLibrary adds one, or replaces it if that is allowed.
	LoadLibrary(code []byte, replace bool) error
	// FlushLibraries removes all of them.
	FlushLibraries()
}

// keptAux is what a type of a module that is not loaded had saved beside its values.
type keptAux struct {
	id     uint64
	when   int
	fields []byte
}

var (
	// errNoRDB: there is no file.
	errNoRDB = errors.New("there is no RDB file")
	// errLoadFailed is the last line of a server that can't load its data.
	errLoadFailed = errors.New("Fatal error loading the DB, check server logs. Exiting.") //nolint:staticcheck // Redis's log line
	// errRDBBroken is that of one whose file is damaged.
	errRDBBroken = errors.New("Terminating server after rdb file reading failure.") //nolint:staticcheck // Redis's log line
)

// loadRDBAtStart loads the RDB file, if there is one.
func (s *Server) loadRDBAtStart() error {
	start := time.Now()
	err := s.loadRDBFile(s.inDir(s.cfg.DBFilename), false)
	switch {
	case err == nil:
		s.log.Notice("DB loaded from disk: %.3f seconds", time.Since(start).Seconds())
		return nil
	case errors.Is(err, errNoRDB), errors.Is(err, errLoadStopped):
		return nil
	}
	return err
}

// loadRDBFile adds what a file holds to the data set. With merge keys of the file replace those that are there. What is
// wrong has been logged when it returns an error: errNoRDB, errLoadStopped, errLoadFailed or errRDBBroken.
func (s *Server) loadRDBFile(path string, merge bool) error {
	f, err := os.Open(path) //nolint:gosec // the server's own file, or one that a module chose
	if errors.Is(err, fs.ErrNotExist) {
		return errNoRDB
	}
	if err != nil {
		s.log.Warn("Fatal error: can't open the RDB file %s for reading: %s", filepath.Base(path), errtext.Of(err))
		return errLoadFailed
	}
	defer func() { _ = f.Close() }()
	size := int64(0)
	if st, err := f.Stat(); err == nil {
		size = st.Size()
	}
	s.startLoading(size, LoadingRDB)
	s.loadInfo.file = filepath.Base(path)
	l := s.rdbLoader(0)
	l.DropExpired = s.cfg.MasterHost == ""
	l.Merge = merge
	err = s.runLoader(l, f)
	s.stopLoading(err == nil)
	if err == nil {
		s.loadedRDB(l)
	}
	return err
}

// runLoader loads a file; keys that it brings are news to nobody.
func (s *Server) runLoader(l *rdb.Loader, f *os.File) error {
	added := s.ks.Hooks.KeyAdded
	s.ks.Hooks.KeyAdded = nil
	defer func() { s.ks.Hooks.KeyAdded = added }()
	err := l.LoadFile(f)
	if err == nil || errors.Is(err, errLoadStopped) {
		return err
	}
	return s.rdbLoadFailed(filepath.Base(f.Name()), err)
}

// fillLoader adds to a loader what is of modules and functions.
func (s *Server) fillLoader(l *rdb.Loader) {
	l.Preserve = s.cfg.ModuleUnknownValues == config.UnknownPreserve
	l.Function = func(code []byte) error { return s.libraries.LoadLibrary(code, l.Merge) }
	l.KeptAux = func(id uint64, when int, fields []byte) {
		s.keptAux = append(s.keptAux, keptAux{id, when, append([]byte(nil), fields...)})
	}
	if sv, ok := s.runtime.(Saver); ok {
		l.ModuleAux = sv.LoadAux
	}
	if s.moduleEvents&command.NotifyLoaded != 0 {
		l.Loaded = func(db *keyspace.DB, key []byte) { s.Notify(db, command.NotifyLoaded, "loaded", key) }
	}
}

// AdoptType makes real what was kept of a type whose module was not there, and is now.
func (s *Server) AdoptType(mt rdb.ModuleType, typeID int) {
	n := rdb.Adopt(s.ks, mt, typeID, func(db *keyspace.DB, key []byte) {
		s.log.Warn("The value of key %q in DB %d, which was kept for module type '%s', can't be loaded and is deleted", key, db.ID(), mt.Name())
	})
	sv, _ := s.runtime.(Saver)
	rest := s.keptAux[:0]
	for _, k := range s.keptAux {
		if k.id>>10 != mt.ID()>>10 || sv == nil {
			rest = append(rest, k)
			continue
		}
		if err := rdb.ReadAux(k.fields, func(r *rdb.ModuleReader) error { return sv.LoadAux(mt, r, int(k.id&1023), k.when) }); err != nil {
			s.log.Warn("AUX data that was kept for module type '%s' can't be loaded: %s", mt.Name(), err)
		}
	}
	s.keptAux = rest
	if n > 0 {
		s.log.Notice("%d values of module type '%s' that were kept are there now", n, mt.Name())
	}
}

// keptAuxRecords are the records of what was kept of types at that moment.
func (s *Server) keptAuxRecords(when int) (out []byte) {
	for _, k := range s.keptAux {
		if k.when == when {
			out = rdb.AppendModuleAux(out, k.id, k.when, k.fields)
		}
	}
	return out
}

// rdbLoadFailed says in the log why a file could not be loaded, and returns what the server ends with.
func (s *Server) rdbLoadFailed(name string, err error) error {
	var bad *rdb.FileError
	if !errors.As(err, &bad) {
		s.log.Warn("Fatal error: can't read the RDB file %s: %s", name, errtext.Of(err))
		return errLoadFailed
	}
	warn := s.log.Warn
	end := errRDBBroken
	switch {
	case errors.Is(err, rdb.ErrSignature):
		warn("Wrong signature trying to load DB from file")
		return errLoadFailed
	case errors.Is(err, rdb.ErrVersion):
		warn("%s", capital(bad.Err.Error()))
		return errLoadFailed
	case errors.Is(err, rdb.ErrTruncated):
		warn("Short read or OOM loading DB. Unrecoverable error, aborting now.")
		bad.Err = errors.New("Unexpected EOF reading RDB file") //nolint:staticcheck // Redis's log line
	case errors.Is(err, rdb.ErrChecksum):
		warn("%s. Aborting now.", capital(bad.Err.Error()))
		bad.Err = errors.New("RDB CRC error") //nolint:staticcheck // Redis's log line
	case errors.Is(err, rdb.ErrDatabase):
		warn("FATAL: Data file was created with a Redis server configured to handle more than %d databases. Exiting", s.ks.NumDBs())
	case errors.Is(err, rdb.ErrDuplicate):
		warn("RDB has duplicated key '%s' in DB %d", bad.Key, bad.DB)
	case errors.Is(err, rdb.ErrFunction):
		warn("Failed loading library, %s", bad.Err)
	case bad.Module != "":
		warn("%s", moduleLoadText(bad))
		end = errLoadFailed
	}
	where := "file " + name
	if bad.Key != nil {
		where += ", " + bad.Where()
	}
	warn("Internal error in RDB reading offset %d, %s -> %s", bad.Offset, where, bad.Err)
	return end
}

// moduleLoadText is Redis's line for what a module could not load.
func moduleLoadText(bad *rdb.FileError) string {
	what, of := "module data", "type"
	if bad.Key == nil {
		what = "AUX module data"
	}
	switch {
	case errors.Is(bad, rdb.ErrNoModule):
		if bad.Key == nil {
			of = "module"
		} else {
			of = "module type"
		}
		return "The RDB file contains " + what + " I can't load: no matching " + of + " '" + bad.Module + "'"
	case errors.Is(bad, rdb.ErrModuleNoAux):
		return "The RDB file contains module AUX data, but the module '" + bad.Module + "' doesn't seem to support it."
	}
	if bad.Key == nil {
		what = "module AUX data"
	}
	if errors.Is(bad, rdb.ErrModuleEnd) {
		return "The RDB file contains " + what + " for the module '" + bad.Module + "' that is not terminated by the proper module value EOF marker"
	}
	return "The RDB file contains " + what + " for the module type '" + bad.Module + "', that the responsible module is not able to load. " +
		"Check for modules log above for additional clues."
}

func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// debugReload: DEBUG RELOAD [MERGE] [NOFLUSH] [NOSAVE].
func (s *Server) debugReload(cc *command.Ctx) {
	merge, flush, save := false, true, true
	for i := 2; i < len(cc.Args); i++ {
		switch {
		case cc.ArgIs(i, "merge"):
			merge = true
		case cc.ArgIs(i, "noflush"):
			flush = false
		case cc.ArgIs(i, "nosave"):
			save = false
		default:
			cc.Error("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.")
			return
		}
	}
	if save && !s.saveRDB() {
		cc.Error("ERR")
		return
	}
	if flush {
		s.emptyData()
	}
	c := cc.Client.(*Client)
	protected := c.flags & FlagProtected
	c.flags |= FlagProtected
	err := s.loadRDBFile(s.inDir(s.cfg.DBFilename), merge)
	c.flags = c.flags&^FlagProtected | protected
	if err != nil {
		cc.Error("ERR Error trying to load the RDB dump, check server logs.")
		return
	}
	s.log.Notice("DB reloaded by DEBUG RELOAD")
	cc.OK()
}

// emptyData removes all that a file may hold.
func (s *Server) emptyData() {
	s.flush(-1, false)
	s.libraries.FlushLibraries()
	s.keptAux = nil
}

// LoadRDB replaces the data set by what a file holds. The error is that of the system where there is one.
func (s *Server) LoadRDB(path string) (err error) {
	if s.cfg.MasterHost != "" {
		return errors.ErrUnsupported
	}
	s.RestartAOF(func() {
		s.killSave()
		s.emptyData()
		c := s.current
		if c != nil {
			c.flags |= FlagProtected
		}
		err = s.loadRDBFile(s.fileOf(path), false)
		if c != nil {
			c.flags &^= FlagProtected
		}
	})
	if errors.Is(err, errNoRDB) {
		return fs.ErrNotExist
	}
	return err
}

// SaveRDB writes the data set to a file.
func (s *Server) SaveRDB(path string) error {
	spec := s.rdbSpec()
	spec.Path = s.fileOf(path)
	spec.Temp = filepath.Join(filepath.Dir(spec.Path), "temp-%d.rdb")
	return s.writeRDB(spec)
}

// fileOf is a name as the server's directory makes it one.
func (s *Server) fileOf(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return s.inDir(path)
}
