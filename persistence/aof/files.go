package aof

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"berth/internal/errtext"
)

// Logger takes lines for the server's log: a format and its arguments.
type Logger interface {
	Debug(format string, args ...any)
	Notice(format string, args ...any)
	Warn(format string, args ...any)
}

// ErrFatal is an error that the log has in full already: the server cannot go on.
var ErrFatal = errors.New("append only file: see the log")

// Files are the files of an append only file: the directory and the manifest in it.
type Files struct {
	Disk Disk
	Log  Logger
	// Root is the server's directory, "" for the process's.
	Root string
	// Dir is appenddirname, Name is appendfilename.
	Dir, Name string
	// Manifest is what the directory holds, from [Files.Load] on.
	Manifest *Manifest

	background func(fn func()) // runs fn on another goroutine
}

const (
	tempPrefix     = "temp-"
	manifestSuffix = ".manifest"
)

// NewFiles returns the files of a server that has not looked at its disk yet.
func NewFiles(d Disk, log Logger, root, dir, name string) *Files {
	return &Files{Disk: d, Log: log, Root: root, Dir: dir, Name: name, Manifest: &Manifest{}, background: func(fn func()) { go fn() }}
}

// Path is the path of a file of the directory.
func (f *Files) Path(name string) string { return filepath.Join(f.Root, f.Dir, name) }

// OutsidePath is the path of a file beside the directory.
func (f *Files) OutsidePath(name string) string { return filepath.Join(f.Root, name) }

// TempIncr is the name of the file that is appended to while the append only file is being turned on.
func (f *Files) TempIncr() string { return tempPrefix + f.Name + ".incr" }

func (f *Files) exists(path string) bool {
	_, err := f.Disk.Stat(path)
	return err == nil
}

func (f *Files) dirExists() bool {
	st, err := f.Disk.Stat(f.Path(""))
	return err == nil && st.IsDir()
}

// MakeDir makes the directory if it isn't there.
func (f *Files) MakeDir() error {
	err := f.Disk.Mkdir(f.Path(""))
	if errors.Is(err, fs.ErrExist) {
		err = nil
		if !f.dirExists() {
			err = syscall.ENOTDIR
		}
	}
	if err != nil {
		f.Log.Warn("Can't open or create append-only dir %s: %s", f.Dir, errtext.Of(err))
	}
	return err
}

// Load reads the manifest. That there is none is no error; one that cannot be read, or makes no sense, gives ErrFatal.
func (f *Files) Load() error {
	f.Manifest = &Manifest{}
	if !f.dirExists() {
		f.Log.Debug("The AOF directory %s doesn't exist", f.Dir)
		return nil
	}
	name := f.Name + manifestSuffix
	if !f.exists(f.Path(name)) {
		f.Log.Debug("The AOF manifest file %s doesn't exist", name)
		return nil
	}
	r, err := f.Disk.Open(f.Path(name), os.O_RDONLY)
	if err != nil {
		f.Log.Warn("Fatal error: can't open the AOF manifest file %s for reading: %s", filepath.Join(f.Dir, name), errtext.Of(err))
		return ErrFatal
	}
	defer r.Close()
	m, err := ParseManifest(r)
	if err == nil {
		f.Manifest = m
		return nil
	}
	f.Log.Warn("\n*** FATAL AOF MANIFEST FILE ERROR ***\n")
	var bad *ManifestError
	if errors.As(err, &bad) {
		if bad.Line > 0 {
			f.Log.Warn("Reading the manifest file, at line %d\n", bad.Line)
			f.Log.Warn(">>> '%s'\n", bad.Text)
		}
		f.Log.Warn("%s\n", bad.Reason)
	}
	return ErrFatal
}

// ErrNotSynced is the error of Persist when the manifest has been replaced, but may be the old one again after a loss
// of power: files of neither may be removed.
var ErrNotSynced = errors.New("the directory could not be synced")

// Persist writes a manifest to the disk if it has changed: under a temporary name first, so that there
// is a whole one at any time.
func (f *Files) Persist(m *Manifest) error {
	if !m.Dirty {
		return nil
	}
	name, temp := f.Name+manifestSuffix, tempPrefix+f.Name+manifestSuffix
	w, err := f.Disk.Open(f.Path(temp), os.O_WRONLY|os.O_TRUNC|os.O_CREATE)
	if err != nil {
		f.Log.Warn("Can't open the AOF manifest file %s: %s", temp, errtext.Of(err))
		return err
	}
	defer w.Close()
	if _, err := w.Write(m.Append(nil)); err != nil {
		f.Log.Warn("Error trying to write the temporary AOF manifest file %s: %s", temp, errtext.Of(err))
		return err
	}
	if err := w.Sync(); err != nil {
		f.Log.Warn("Fail to fsync the temp AOF file %s: %s.", temp, errtext.Of(err))
		return err
	}
	if err := f.Disk.Rename(f.Path(temp), f.Path(name)); err != nil {
		f.Log.Warn("Error trying to rename the temporary AOF manifest file %s into %s: %s", temp, name, errtext.Of(err))
		return err
	}
	if err := f.Disk.SyncDir(f.Path("")); err != nil {
		f.Log.Warn("Fail to fsync AOF directory %s: %s.", filepath.Join(f.Dir, name), errtext.Of(err))
		return ErrNotSynced
	}
	m.Dirty = false
	return nil
}

// Upgrade takes over the single file of a version of Redis before 7.0, if there is one that has not been taken
// over yet. It becomes the base. A crash in between does no harm: the next start goes on with it.
func (f *Files) Upgrade() error {
	m := f.Manifest
	if !f.exists(f.OutsidePath(f.Name)) {
		return nil
	}
	begun := m.Base != nil && len(m.Incr) == 0 && m.Base.Name == f.Name && !f.exists(f.Path(f.Name))
	if f.dirExists() && !m.Empty() && !begun {
		return nil
	}
	if err := f.MakeDir(); err != nil {
		return ErrFatal
	}
	m.Base = &Info{Name: f.Name, Seq: 1, Type: Base, Start: NoOffset, End: NoOffset}
	m.BaseSeq = 1
	m.Dirty = true
	if f.Persist(m) != nil {
		return ErrFatal
	}
	if err := f.Disk.Rename(f.OutsidePath(f.Name), f.Path(f.Name)); err != nil {
		f.Log.Warn("Error trying to move the old AOF file %s into dir %s: %s", f.Name, f.Dir, errtext.Of(err))
		return ErrFatal
	}
	f.Log.Notice("Successfully migrated an old-style AOF file (%s) into the AOF directory (%s).", f.Name, f.Dir)
	return nil
}

// Size is how long a file of the directory is.
func (f *Files) Size(name string) (int64, error) {
	st, err := f.Disk.Stat(f.Path(name))
	if err != nil {
		f.Log.Warn("Unable to obtain the AOF file %s length. stat: %s", name, errtext.Of(err))
		return 0, err
	}
	return st.Size(), nil
}

// TotalSize is how long the base and the incremental files are together. A file that the manifest lists and the disk
// does not have is an error.
func (f *Files) TotalSize() (int64, error) {
	var total int64
	names := make([]string, 0, 1+len(f.Manifest.Incr))
	if b := f.Manifest.Base; b != nil {
		names = append(names, b.Name)
	}
	for i := range f.Manifest.Incr {
		names = append(names, f.Manifest.Incr[i].Name)
	}
	for _, name := range names {
		n, err := f.Size(name)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// Remove removes a file. Its name is free when Remove returns, as the next file may have the same; its blocks, which
// may be many, are given back in the background.
func (f *Files) Remove(path string) {
	file, err := f.Disk.Open(path, os.O_RDONLY)
	_ = f.Disk.Remove(path)
	if err == nil {
		f.background(func() { _ = file.Close() })
	}
}

// RemoveHistory removes the files that a rewrite has replaced. That it fails does no harm: they stay listed.
func (f *Files) RemoveHistory() {
	if len(f.Manifest.History) == 0 {
		return
	}
	for _, h := range f.Manifest.History {
		f.Log.Notice("Removing the history file %s in the background", h.Name)
		f.Remove(f.Path(h.Name))
	}
	f.Manifest.History = nil
	f.Manifest.Dirty = true
	_ = f.Persist(f.Manifest)
}

// RemoveTempIncr removes the file of [Files.TempIncr].
func (f *Files) RemoveTempIncr() {
	f.Log.Notice("Removing the temp incr aof file %s in the background", f.TempIncr())
	f.Remove(f.Path(f.TempIncr()))
}
