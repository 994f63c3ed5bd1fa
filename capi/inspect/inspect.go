package inspect

import (
	"debug/elf"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// Report is what a module's file needs and offers.
type Report struct {
	Path        string `json:"path"`
	Machine     string `json:"machine"`
	BuildID     string `json:"build_id,omitempty"`
	Fingerprint string `json:"fingerprint"` // of the file's content, as INFO berth has it
	OnLoad      string `json:"onload,omitempty"`
	OnUnload    string `json:"onunload,omitempty"`
	Persona     string `json:"persona,omitempty"` // "redis" or "valkey": whose names it asks for

	Asked   []string  `json:"asked"`   // full names of functions in the file
	Reached []string  `json:"reached"` // those that its code uses
	Missing []Missing `json:"missing"` // of those reached, what berth lacks
	Unknown []string  `json:"unknown"` // of those reached, what no server has

	// The first releases that have every function reached; "" when there is none.
	SinceRedis  string `json:"since_redis,omitempty"`
	SinceValkey string `json:"since_valkey,omitempty"`

	Libraries  []Library `json:"libraries"`
	Unresolved []string  `json:"unresolved"` // symbols that no library here has

	// Problem is why the file can't be loaded, "" when nothing is known that stands against it.
	Problem string `json:"problem,omitempty"`
}

// Missing is a function that berth lacks, and why.
type Missing struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Library is one that the file asks for; Path is empty when it is not on this machine.
type Library struct {
	Name string `json:"name"`
	Path string `json:"path,omitempty"`
}

// File inspects a module's file. The error says why it is no module at all.
func File(path string) (*Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if st.IsDir() {
		return nil, fmt.Errorf("%s: a directory", path)
	}
	e, err := elf.NewFile(f)
	if err != nil {
		return nil, fmt.Errorf("%s: not an ELF shared object", path)
	}
	if e.Type != elf.ET_DYN || e.Class != elf.ELFCLASS64 || e.Data != elf.ELFDATA2LSB {
		return nil, fmt.Errorf("%s: an ELF file, but not a shared object for a 64-bit little-endian machine", path)
	}
	r := &Report{Path: path, Machine: machineName(e.Machine), BuildID: buildID(e)}
	r.Fingerprint, err = fingerprint(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	im, err := newImage(e, st.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r.use(im.functionsUsed())
	r.entryPoints(e)
	n := resolve(e, path)
	r.Libraries, r.Unresolved = n.libraries, n.symbols
	r.judge(e)
	return r, nil
}

// MissingFunctions are the functions that a module's code uses and berth lacks. What can't be read has none.
func MissingFunctions(path string) []Missing {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil
	}
	e, err := elf.NewFile(f)
	if err != nil {
		return nil
	}
	im, err := newImage(e, st.Size())
	if err != nil {
		return nil
	}
	lacking := false
	for _, n := range im.names() {
		since, have, _ := lookup(n)
		lacking = lacking || have != "yes" && since != ""
	}
	if !lacking {
		return nil // the code need not be looked at
	}
	var r Report
	r.use(im.functionsUsed())
	return r.Missing
}

// use draws the conclusions from the functions that a module asks for and reaches.
func (r *Report) use(u usage) {
	r.Asked = u.asked
	valkeyNames := 0
	for _, n := range u.asked {
		if strings.HasPrefix(n, valkeyPrefix) {
			valkeyNames++
		}
	}
	switch {
	case len(u.asked) == 0:
	case valkeyNames*2 > len(u.asked):
		r.Persona = "valkey"
	default:
		r.Persona = "redis"
	}
	redis, valkey := true, true
	for n := range u.reached {
		r.Reached = append(r.Reached, n)
	}
	slices.Sort(r.Reached)
	for _, full := range r.Reached {
		_, have, known := lookup(full)
		switch {
		case !known:
			r.Unknown = append(r.Unknown, full)
		case have != "yes":
			r.Missing = append(r.Missing, Missing{full, have})
		}
		name := strings.TrimPrefix(strings.TrimPrefix(full, redisPrefix), valkeyPrefix)
		f := functions()[name]
		redis = redis && f.redis != "" && !strings.HasPrefix(full, valkeyPrefix)
		// Valkey answers to both prefixes.
		valkey = valkey && f.valkey != ""
		r.SinceRedis = newest(r.SinceRedis, f.redis)
		r.SinceValkey = newest(r.SinceValkey, f.valkey)
	}
	if !redis {
		r.SinceRedis = ""
	}
	if !valkey {
		r.SinceValkey = ""
	}
}

func (r *Report) entryPoints(e *elf.File) {
	syms, _ := e.DynamicSymbols()
	for _, s := range syms {
		if s.Section == elf.SHN_UNDEF {
			continue
		}
		switch s.Name {
		case "RedisModule_OnLoad":
			r.OnLoad = s.Name
		case "ValkeyModule_OnLoad":
			if r.OnLoad == "" {
				r.OnLoad = s.Name
			}
		case "RedisModule_OnUnload":
			r.OnUnload = s.Name
		case "ValkeyModule_OnUnload":
			if r.OnUnload == "" {
				r.OnUnload = s.Name
			}
		}
	}
}

// judge says what stands against loading the file here.
func (r *Report) judge(e *elf.File) {
	for _, s := range r.Unresolved {
		if strings.HasPrefix(s, redisPrefix) || strings.HasPrefix(s, valkeyPrefix) {
			r.Problem = "it expects the server to export the symbol " + s
			return
		}
	}
	switch want := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[runtime.GOARCH]; {
	case e.Machine != want:
		r.Problem = "it is compiled for " + r.Machine + ", and this machine is " + machineName(want)
	case r.OnLoad == "":
		r.Problem = "it exports neither RedisModule_OnLoad nor ValkeyModule_OnLoad"
	case len(r.missingLibraries()) > 0:
		r.Problem = "libraries are not on this machine: " + strings.Join(r.missingLibraries(), ", ")
	case len(r.Unresolved) > 0:
		r.Problem = "no library here has the symbols " + strings.Join(r.Unresolved, ", ")
	}
}

func (r *Report) missingLibraries() (names []string) {
	for _, l := range r.Libraries {
		if l.Path == "" {
			names = append(names, l.Name)
		}
	}
	return names
}

func machineName(m elf.Machine) string {
	switch m {
	case elf.EM_X86_64:
		return "x86-64"
	case elf.EM_AARCH64:
		return "arm64"
	}
	return m.String()
}

// buildID is the linker's note on the file, in hexadecimal.
func buildID(e *elf.File) string {
	s := e.Section(".note.gnu.build-id")
	if s == nil {
		return ""
	}
	b, err := s.Data()
	if err != nil || len(b) < 16 {
		return ""
	}
	return hex.EncodeToString(b[16:])
}

func fingerprint(f *os.File) (string, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	h := xxhash.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%016x", h.Sum64()), nil
}
