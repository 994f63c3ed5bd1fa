package aof

import (
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// Disk is the file system as this package uses it. Names are paths as the system takes them.
type Disk interface {
	// Open opens a file with flags of package os; one that is made may be read by everybody.
	Open(name string, flag int) (File, error)
	Rename(from, to string) error
	Remove(name string) error
	// Mkdir makes a directory.
	Mkdir(name string) error
	Stat(name string) (fs.FileInfo, error)
	// Truncate cuts a file.
	Truncate(name string, size int64) error
	// SyncDir brings a directory's entries to the disk.
	SyncDir(name string) error
}

// File is an open file.
type File interface {
	io.Reader
	io.Writer
	io.Closer
	// Sync brings the file's content to the disk.
	Sync() error
	// Truncate cuts the file.
	Truncate(size int64) error
}

// OS is the operating system's file system.
type OS struct{}

// Open implements [Disk].
func (OS) Open(name string, flag int) (File, error) {
	f, err := os.OpenFile(name, flag, 0o644)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// Rename implements [Disk].
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements [Disk].
func (OS) Remove(name string) error { return os.Remove(name) }

// Mkdir implements [Disk].
func (OS) Mkdir(name string) error { return os.Mkdir(name, 0o755) }

// Stat implements [Disk].
func (OS) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

// Truncate implements [Disk].
func (OS) Truncate(name string, size int64) error { return os.Truncate(name, size) }

// SyncDir implements [Disk].
func (OS) SyncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

type osFile struct{ *os.File }

// Sync leaves out what is not needed to read the content again.
func (f osFile) Sync() error {
	for {
		if err := unix.Fdatasync(int(f.Fd())); err != unix.EINTR {
			return err
		}
	}
}
