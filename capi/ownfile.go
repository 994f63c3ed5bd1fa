package capi

import (
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/cespare/xxhash/v2"
)

// fileID tells files apart as the dynamic loader does.
type fileID struct{ dev, ino uint64 }

// fileIDOf is the zero fileID for a file that is not there.
func fileIDOf(path string) (id fileID) {
	if st, err := os.Stat(path); err == nil {
		if sys, ok := st.Sys().(*syscall.Stat_t); ok {
			id = fileID{uint64(sys.Dev), sys.Ino}
		}
	}
	return id
}

// ownFile is the file to open so that the module gets static variables of its
// own. The loader maps a file once per process: the module that another server
// has loaded, or had, would be initialized a second time, and each would find
// the other's data in its variables. So it is opened through a copy, of which
// only the mapping stays; remove deletes it. The caller holds loadMu.
func (rt *Runtime) ownFile(path string, id fileID) (file string, remove func(), err error) {
	shared := false
	for i := range bySlot {
		m := bySlot[i].Load()
		if m != nil && m.c.dl != nil && m.file == id && id != (fileID{}) && !rt.has(m) {
			shared = true
			break
		}
	}
	if !shared {
		return path, func() {}, nil
	}
	from, err := os.Open(path)
	if err != nil {
		return "", nil, err
	}
	defer from.Close()
	// The name must be new: the loader compares that first.
	to, err := os.CreateTemp("", "berth-module-*.so")
	if err != nil {
		return "", nil, fmt.Errorf("copying the file, which another server of this process has loaded: %w", err)
	}
	remove = func() { _ = os.Remove(to.Name()) }
	_, err = io.Copy(to, from)
	if cerr := to.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		remove()
		return "", nil, fmt.Errorf("copying the file, which another server of this process has loaded: %w", err)
	}
	return to.Name(), remove, nil
}

// fingerprint identifies a file's content, on every machine alike; 0 if it
// can't be read.
func fingerprint(path string) uint64 {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	h := xxhash.New()
	if _, err := io.Copy(h, f); err != nil {
		return 0
	}
	return h.Sum64()
}

// has reports whether m is loaded in the runtime.
func (rt *Runtime) has(m *module) bool {
	for _, o := range rt.mods {
		if o == m {
			return true
		}
	}
	return false
}
