package inspect

import (
	"debug/elf"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// needs is what the dynamic loader will look for.
type needs struct {
	libraries []Library
	symbols   []string // that nothing provides, with their version
}

// resolve looks for the libraries as the dynamic loader does, and for the symbols in them and in what they need.
func resolve(f *elf.File, path string) needs {
	var n needs
	r := resolver{seen: map[string]bool{}, provided: map[string]bool{}, wanted: map[string]bool{}, machine: f.Machine}
	r.add(f)
	direct, _ := f.ImportedLibraries()
	queue := r.locate(f, path, direct)
	for i, name := range direct {
		n.libraries = append(n.libraries, Library{Name: name, Path: queue[i]})
	}
	complete := true
	for i := 0; i < len(queue); i++ {
		if queue[i] == "" {
			complete = false
			continue
		}
		if r.seen[queue[i]] {
			continue
		}
		r.seen[queue[i]] = true
		lib, err := elf.Open(queue[i])
		if err != nil {
			complete = false
			continue
		}
		r.add(lib)
		more, _ := lib.ImportedLibraries()
		queue = append(queue, r.locate(lib, queue[i], more)...)
		_ = lib.Close()
	}
	// The program itself brings the C library and what goes with it, asked for or not.
	for _, name := range []string{"libc.so.6", "libpthread.so.0", "libdl.so.2", "libm.so.6"} {
		if p := r.find(name, nil); p != "" && !r.seen[p] && name != "libm.so.6" {
			r.seen[p] = true
			if lib, err := elf.Open(p); err == nil {
				r.add(lib)
				_ = lib.Close()
			}
		}
	}
	if !complete {
		return n // the library is what is missing
	}
	for _, s := range imported(f) {
		if !r.provided[s] {
			n.symbols = append(n.symbols, s)
		}
	}
	return n
}

type resolver struct {
	machine  elf.Machine
	seen     map[string]bool
	provided map[string]bool // symbols, each with and without its version
	wanted   map[string]bool
}

// imported are the symbols that a file wants of others and cannot do without, with their version.
func imported(f *elf.File) (list []string) {
	syms, _ := f.DynamicSymbols()
	for _, s := range syms {
		if s.Section == elf.SHN_UNDEF && elf.ST_BIND(s.Info) == elf.STB_GLOBAL && s.Name != "" {
			list = append(list, versioned(s))
		}
	}
	return list
}

func versioned(s elf.Symbol) string {
	if s.Version == "" {
		return s.Name
	}
	return s.Name + "@" + s.Version
}

func (r *resolver) add(f *elf.File) {
	syms, _ := f.DynamicSymbols()
	for _, s := range syms {
		if s.Section != elf.SHN_UNDEF {
			r.provided[s.Name] = true
			r.provided[versioned(s)] = true
		}
	}
}

// locate finds the files of libraries that a file at path needs; "" where there is none.
func (r *resolver) locate(f *elf.File, path string, names []string) []string {
	var own []string
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		list, _ := f.DynString(tag)
		for _, l := range list {
			origin, _ := filepath.Abs(filepath.Dir(path))
			l = strings.NewReplacer("$ORIGIN", origin, "${ORIGIN}", origin).Replace(l)
			own = append(own, strings.Split(l, ":")...)
		}
	}
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = r.find(name, own)
	}
	return out
}

func (r *resolver) find(name string, own []string) string {
	if strings.Contains(name, "/") {
		return r.usable(name)
	}
	dirs := append([]string{}, own...)
	dirs = append(dirs, filepath.SplitList(os.Getenv("LD_LIBRARY_PATH"))...)
	dirs = append(dirs, configuredDirs("/etc/ld.so.conf", 0)...)
	triplet := map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[runtime.GOARCH]
	for _, d := range []string{"/lib", "/usr/lib"} {
		dirs = append(dirs, d+"/"+triplet, d+"64", d)
	}
	for _, d := range dirs {
		if p := r.usable(filepath.Join(d, name)); p != "" {
			return p
		}
	}
	return ""
}

// usable is the path if a library for this machine is there, else "".
func (r *resolver) usable(path string) string {
	f, err := elf.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	if f.Machine != r.machine {
		return ""
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// configuredDirs are the directories of ld.so.conf and the files that it includes.
func configuredDirs(file string, depth int) (dirs []string) {
	text, err := os.ReadFile(file)
	if err != nil || depth > 4 {
		return nil
	}
	for _, line := range strings.Split(string(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if pattern, ok := strings.CutPrefix(line, "include "); ok {
			if !filepath.IsAbs(pattern) {
				pattern = filepath.Join(filepath.Dir(file), pattern)
			}
			matches, _ := filepath.Glob(strings.TrimSpace(pattern))
			for _, m := range matches {
				dirs = append(dirs, configuredDirs(m, depth+1)...)
			}
		} else if line != "" {
			dirs = append(dirs, line)
		}
	}
	return dirs
}
