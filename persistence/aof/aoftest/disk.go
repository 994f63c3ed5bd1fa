package aoftest

import (
	"sync"
	"syscall"

	"berth/persistence/aof"
)

// Disk is the real disk with faults. Its fields are changed through Set while it is in use.
type Disk struct {
	aof.OS
	mu sync.Mutex
	f  Faults
}

// Faults says what fails.
type Faults struct {
	// Room is how many more bytes can be written, if Full.
	Full bool
	Room int
	// Write, Sync, Open, Rename, Mkdir, SyncDir and Truncate, if set, are what these fail with.
	Write, Sync, Open, Rename, Mkdir, SyncDir, Truncate error
	// Hold, if set, is what syncs wait for.
	Hold chan struct{}
}

// Set changes what fails.
func (d *Disk) Set(change func(f *Faults)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(&d.f)
}

func (d *Disk) faults() Faults {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.f
}

// Open implements [aof.Disk].
func (d *Disk) Open(name string, flag int) (aof.File, error) {
	if err := d.faults().Open; err != nil {
		return nil, err
	}
	f, err := d.OS.Open(name, flag)
	if err != nil {
		return nil, err
	}
	return &file{f, d}, nil
}

// Rename implements [aof.Disk].
func (d *Disk) Rename(from, to string) error {
	if err := d.faults().Rename; err != nil {
		return err
	}
	return d.OS.Rename(from, to)
}

// Mkdir implements [aof.Disk].
func (d *Disk) Mkdir(name string) error {
	if err := d.faults().Mkdir; err != nil {
		return err
	}
	return d.OS.Mkdir(name)
}

// SyncDir implements [aof.Disk].
func (d *Disk) SyncDir(name string) error {
	if err := d.faults().SyncDir; err != nil {
		return err
	}
	return d.OS.SyncDir(name)
}

type file struct {
	aof.File
	d *Disk
}

func (f *file) Write(b []byte) (int, error) {
	x := f.d.faults()
	if x.Write != nil {
		return 0, x.Write
	}
	if !x.Full || len(b) <= x.Room {
		f.d.Set(func(x *Faults) { x.Room -= len(b) })
		return f.File.Write(b)
	}
	n, err := f.File.Write(b[:x.Room])
	f.d.Set(func(x *Faults) { x.Room = 0 })
	if err == nil {
		err = syscall.ENOSPC
	}
	return n, err
}

func (f *file) Sync() error {
	x := f.d.faults()
	if x.Hold != nil {
		<-x.Hold
	}
	if x.Sync != nil {
		return x.Sync
	}
	return f.File.Sync()
}

func (f *file) Truncate(n int64) error {
	if err := f.d.faults().Truncate; err != nil {
		return err
	}
	return f.File.Truncate(n)
}
