package rdb

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"berth/internal/errtext"
)

// FileOptions are for WriteFile.
type FileOptions struct {
	// Path is the file, Temp what it is called until it is complete; both in one directory. Without
	// a Path it keeps its temporary name.
	Path, Temp string
	// Compression and Checksum are rdbcompression and rdbchecksum; Incremental is
	// rdb-save-incremental-fsync.
	Compression, Checksum, Incremental bool
	// Splice and Each are those of FileWriter.
	Splice io.Reader
	Each   func()
	// Stop, if not nil, is asked now and then, and before the file takes its place: an error ends the writing.
	Stop func() error
	// Version, if not 0, is the version to write whatever the content is.
	Version int
}

// A WriteError says at which step a file could not be written.
type WriteError struct {
	Step string // "open", "write", "fsync", "close", "rename" or "dir"
	Err  error
}

func (e *WriteError) Error() string { return e.Step + ": " + e.Err.Error() }
func (e *WriteError) Unwrap() error { return e.Err }

// Cause is the text of the system's error alone, as the C library gives it.
func (e *WriteError) Cause() string {
	return errtext.Of(e.Err)
}

// WriteFile writes a file of the records in src. Until all of it is on disk, the old file stays. The temporary file
// is removed on an error.
func WriteFile(o FileOptions, src io.Reader) (written int64, err error) {
	err = writeFile(o, func(f *syncingFile) error {
		w := FileWriter{Compression: o.Compression, Checksum: o.Checksum, Version: o.Version, Splice: o.Splice, Each: o.Each, Stop: o.Stop}
		defer func() { written = w.Written }()
		return w.Copy(f, src)
	})
	return written, err
}

// WriteRaw is WriteFile for bytes that are written as they come; they must end with EndMark, which is left out.
// What Splice has, with its own EndMark, comes behind it.
func WriteRaw(o FileOptions, src io.Reader) error {
	return writeFile(o, func(f *syncingFile) error {
		err := copyToMark(f, src)
		if err == nil && o.Splice != nil {
			err = copyToMark(f, o.Splice)
		}
		return err
	})
}

// EndMark ends what WriteRaw reads, so that it is not taken for complete when its source dies.
const EndMark = "\x00berth end of snapshot\x00"

// copyToMark copies src without the mark at its end, which must be there.
func copyToMark(dst io.Writer, src io.Reader) error {
	buf := make([]byte, copyStep)
	held := 0
	for {
		n, err := src.Read(buf[held:])
		held += n
		if out := held - len(EndMark); out > 0 && (err == nil || held == len(buf)) {
			if _, err := dst.Write(buf[:out]); err != nil {
				return err
			}
			held = copy(buf, buf[out:held])
		}
		switch {
		case errors.Is(err, io.EOF):
			out := held - len(EndMark)
			if out < 0 || string(buf[out:held]) != EndMark {
				return ErrTruncated
			}
			_, err = dst.Write(buf[:out])
			return err
		case err != nil:
			return err
		}
	}
}

// writeFile has fill write the temporary file, puts it on disk and in its place.
func writeFile(o FileOptions, fill func(f *syncingFile) error) (err error) {
	f, err := os.OpenFile(o.Temp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644) //nolint:gosec // the mode that Redis gives it
	if err != nil {
		return &WriteError{"open", err}
	}
	step := "write"
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(o.Temp)
			err = &WriteError{step, err}
		}
	}()
	sink := &syncingFile{File: f}
	if o.Incremental {
		sink.every = 4 << 20
	}
	if err = fill(sink); err != nil {
		return err
	}
	step = "fsync"
	if err = f.Sync(); err != nil {
		return err
	}
	step = "fclose"
	if err = f.Close(); err != nil {
		return err
	}
	if o.Path == "" {
		return nil
	}
	step = "write"
	if o.Stop != nil {
		if err = o.Stop(); err != nil {
			_ = os.Remove(o.Temp)
			return err
		}
	}
	step = "rename"
	if err = os.Rename(o.Temp, o.Path); err != nil {
		return err
	}
	step = "dir"
	if err = SyncDir(filepath.Dir(o.Path)); err != nil {
		return err
	}
	return nil
}

// SyncDir puts on disk which files a directory has.
func SyncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the server's own directory
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	err = d.Sync()
	// Some file systems can't, and need not.
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) {
		return nil
	}
	return err
}

// syncingFile has the kernel write out a file as it grows, so that the last fsync is short.
type syncingFile struct {
	*os.File
	every, at, synced int64
}

func (f *syncingFile) Write(b []byte) (int, error) {
	n, err := f.File.Write(b)
	f.at += int64(n)
	if f.every > 0 && f.at-f.synced >= f.every && err == nil {
		if err := unix.SyncFileRange(int(f.Fd()), f.synced, f.at-f.synced, unix.SYNC_FILE_RANGE_WRITE); err == nil {
			f.synced = f.at
		}
	}
	return n, err
}
