package difftest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// AOFFiles returns the names of the files that make up the server's append only file, in the order in which they are
// loaded. The manifest is read anew.
func (s *Server) AOFFiles() ([]string, error) {
	dir := filepath.Join(s.Dir, "appendonlydir")
	text, err := os.ReadFile(filepath.Join(dir, "appendonly.aof.manifest"))
	if err != nil {
		return nil, err
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) >= 6 && f[5] != "h" {
			names = append(names, filepath.Join(dir, f[1]))
		}
	}
	return names, nil
}

// AOFCommands returns the commands in the server's incremental files.
func (s *Server) AOFCommands() ([][]string, error) {
	names, err := s.AOFFiles()
	if err != nil {
		return nil, err
	}
	var all [][]string
	for _, name := range names {
		if !strings.HasSuffix(name, ".incr.aof") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		commands, err := ParseAOF(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, commands...)
	}
	return all, nil
}

// ParseAOF returns the commands of a file. Annotations are commands of one word, which begins with #.
func ParseAOF(b []byte) ([][]string, error) {
	var all [][]string
	for at := b; len(at) > 0; {
		line, rest, ok := bytes.Cut(at, []byte("\r\n"))
		if !ok {
			return all, fmt.Errorf("offset %d: no end of line", len(b)-len(at))
		}
		if line[0] == '#' {
			all, at = append(all, []string{string(line)}), rest
			continue
		}
		n, err := strconv.Atoi(string(line[1:]))
		if line[0] != '*' || err != nil {
			return all, fmt.Errorf("offset %d: %q", len(b)-len(at), line)
		}
		at = rest
		args := make([]string, n)
		for i := range args {
			line, rest, ok := bytes.Cut(at, []byte("\r\n"))
			if !ok || len(line) < 2 || line[0] != '$' {
				return all, fmt.Errorf("offset %d: %q", len(b)-len(at), line)
			}
			size, err := strconv.Atoi(string(line[1:]))
			if err != nil || len(rest) < size+2 {
				return all, fmt.Errorf("offset %d: %q", len(b)-len(at), line)
			}
			args[i], at = string(rest[:size]), rest[size+2:]
		}
		all = append(all, args)
	}
	return all, nil
}

// sameCommand compares a command of two append only files. Times of expiry may be some time apart, and which members SPOP
// took out of a set is chance. So may the ids of entries, and the payloads of streams tell of times.
func sameCommand(a, b []string) bool {
	if len(a) != len(b) || len(a) == 0 {
		return len(a) == len(b)
	}
	if len(a) > 2 && strings.EqualFold(a[0], "SREM") {
		a, b = a[:2], b[:2]
	}
	const stream = 0x15 // the first byte of a payload
	for i := range a {
		if i == 3 && strings.EqualFold(a[0], "RESTORE") && len(a[i]) == len(b[i]) && a[i][0] == stream && b[i][0] == stream {
			continue
		}
		if a[i] != b[i] && !closeTimes(a[i], b[i]) {
			return false
		}
	}
	return true
}

// closeTimes reports whether both are times in milliseconds, or ids of entries of streams, of which neither is far from
// the other.
func closeTimes(a, b string) bool {
	a, seqA, _ := strings.Cut(a, "-")
	b, seqB, _ := strings.Cut(b, "-")
	if seqA != seqB {
		return false
	}
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	now := time.Now().UnixMilli()
	const far = 10 * 365 * 24 * 3600 * 1000
	return errX == nil && errY == nil && x > now-far && x-y < 60000 && y-x < 60000
}

// CompareAOF describes where two servers' append only files differ, "" if they do not.
func CompareAOF(nameA, nameB string, a, b [][]string) string {
	for i := range max(len(a), len(b)) {
		var x, y []string
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if sameCommand(x, y) && x != nil && y != nil {
			continue
		}
		var out strings.Builder
		fmt.Fprintf(&out, "command %d\n", i)
		for _, s := range []struct {
			name string
			all  [][]string
		}{{nameA, a}, {nameB, b}} {
			for j := max(i-4, 0); j < min(i+4, len(s.all)); j++ {
				mark := " "
				if j == i {
					mark = ">"
				}
				fmt.Fprintf(&out, "  %s %-8s %q\n", mark, s.name, s.all[j])
			}
		}
		return out.String()
	}
	return ""
}
