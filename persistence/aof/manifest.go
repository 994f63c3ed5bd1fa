package aof

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"berth/internal/argsplit"
)

// Type is what a file of the manifest is for.
type Type byte

// The types of files.
const (
	Base    Type = 'b' // the data set as the last rewrite found it
	Incr    Type = 'i' // the commands since then, in order of their number
	History Type = 'h' // replaced by a rewrite, about to be removed
)

// NoOffset is that of a file of which no replication offset is known.
const NoOffset = -1

// Info is one file of the manifest.
type Info struct {
	Name string
	Seq  int64
	Type Type
	// Start and End are the replication offsets between which an incremental file was written,
	// NoOffset where that is not known.
	Start, End int64
}

// Manifest lists the files that make up an append only file. It is a value: Clone before
// changing one that is in use.
type Manifest struct {
	Base    *Info
	History []Info
	Incr    []Info
	// BaseSeq and IncrSeq are the last numbers given out.
	BaseSeq, IncrSeq int64
	// Dirty is whether it has changed since it was written.
	Dirty bool
}

// Clone returns a copy that shares nothing.
func (m *Manifest) Clone() *Manifest {
	c := *m
	if m.Base != nil {
		b := *m.Base
		c.Base = &b
	}
	c.History, c.Incr = slices.Clone(m.History), slices.Clone(m.Incr)
	return &c
}

// Empty reports whether there is nothing to load.
func (m *Manifest) Empty() bool { return m.Base == nil && len(m.Incr) == 0 }

// LastIncr returns the file that is appended to, nil if there is none.
func (m *Manifest) LastIncr() *Info {
	if len(m.Incr) == 0 {
		return nil
	}
	return &m.Incr[len(m.Incr)-1]
}

// NewBase adds the next base file; the one before becomes history. The first part of its name is
// stem, and the format is told by its end.
func (m *Manifest) NewBase(stem string, rdb bool) *Info {
	if m.Base != nil {
		m.Base.Type = History
		m.History = slices.Insert(m.History, 0, *m.Base)
	}
	m.BaseSeq++
	format := "aof"
	if rdb {
		format = "rdb"
	}
	m.Base = &Info{Name: fmt.Sprintf("%s.%d.base.%s", stem, m.BaseSeq, format), Seq: m.BaseSeq, Type: Base, Start: NoOffset, End: NoOffset}
	m.Dirty = true
	return m.Base
}

// NewIncr adds the next incremental file, which begins at a replication offset.
func (m *Manifest) NewIncr(stem string, offset int64) *Info {
	m.IncrSeq++
	m.Incr = append(m.Incr, Info{
		Name: fmt.Sprintf("%s.%d.incr.aof", stem, m.IncrSeq), Seq: m.IncrSeq, Type: Incr, Start: offset, End: NoOffset,
	})
	m.Dirty = true
	return m.LastIncr()
}

// Rewritten makes history of the incremental files that a new base replaces: all of them, but for
// the last keep ones.
func (m *Manifest) Rewritten(keep int) {
	n := max(len(m.Incr)-keep, 0)
	for _, f := range slices.Backward(m.Incr[:n]) {
		f.Type = History
		// The oldest comes first.
		m.History = slices.Insert(m.History, 0, f)
	}
	m.Incr = slices.Delete(m.Incr, 0, n)
	m.Dirty = true
}

// Append appends the text of the manifest: a line per file.
func (m *Manifest) Append(dst []byte) []byte {
	if m.Base != nil {
		dst = m.Base.append(dst)
	}
	for i := range m.History {
		dst = m.History[i].append(dst)
	}
	for i := range m.Incr {
		dst = m.Incr[i].append(dst)
	}
	return dst
}

func (f *Info) append(dst []byte) []byte {
	dst = append(dst, "file "...)
	if needsQuotes(f.Name) {
		dst = argsplit.Quote(dst, []byte(f.Name))
	} else {
		dst = append(dst, f.Name...)
	}
	dst = strconv.AppendInt(append(dst, " seq "...), f.Seq, 10)
	dst = append(append(dst, " type "...), byte(f.Type))
	if f.Start != NoOffset {
		dst = strconv.AppendInt(append(dst, " startoffset "...), f.Start, 10)
	}
	if f.Start != NoOffset && f.End != NoOffset {
		dst = strconv.AppendInt(append(dst, " endoffset "...), f.End, 10)
	}
	return append(dst, '\n')
}

func needsQuotes(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' || r == '"' || r == '\'' })
}

// maxManifestLine is the longest line of a manifest, its end included.
const maxManifestLine = 1024

// ManifestError says what is wrong with a manifest. Text is the line, without white space around it,
// and Line its number, where the trouble is with one.
type ManifestError struct {
	Line   int
	Text   string
	Reason string
}

func (e *ManifestError) Error() string {
	if e.Text == "" {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s: '%s'", e.Line, e.Reason, e.Text)
}

const badManifest = "Invalid AOF manifest file format"

// ParseManifest reads a manifest. A text that is none gives a [*ManifestError].
func ParseManifest(r io.Reader) (*Manifest, error) {
	m := &Manifest{}
	br := bufio.NewReaderSize(r, maxManifestLine)
	for n := 1; ; n++ {
		chunk, err := br.ReadSlice('\n')
		switch {
		case err == nil, errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(chunk) > 0:
		case errors.Is(err, io.EOF) && n == 1:
			return nil, &ManifestError{Reason: "Found an empty AOF manifest"}
		case errors.Is(err, io.EOF):
			return m, nil
		default:
			return nil, &ManifestError{Reason: "Read AOF manifest failed"}
		}
		if chunk[0] == '#' {
			continue
		}
		if i := bytes.IndexByte(chunk, 0); i >= 0 {
			chunk = chunk[:i]
		}
		if !bytes.HasSuffix(chunk, []byte{'\n'}) {
			return nil, &ManifestError{Reason: "The AOF manifest file contains too long line"}
		}
		line := bytes.Trim(chunk, " \t\r\n")
		if reason := m.parseLine(line); reason != "" {
			return nil, &ManifestError{Line: n, Text: string(line), Reason: reason}
		}
	}
}

// parseLine adds the file of one line; otherwise it returns what is wrong.
func (m *Manifest) parseLine(line []byte) string {
	args, err := argsplit.Split(line)
	if err != nil || len(args) < 6 || len(args)%2 != 0 {
		return badManifest
	}
	f := Info{Start: NoOffset, End: NoOffset}
	for i := 0; i < len(args); i += 2 {
		// What newer versions add is passed over.
		value := args[i+1]
		switch strings.ToLower(string(args[i])) {
		case "file":
			if i := bytes.IndexByte(value, 0); i >= 0 {
				value = value[:i]
			}
			f.Name = string(value)
			if strings.ContainsAny(f.Name, `/\`) {
				return "File can't be a path, just a filename"
			}
		case "seq":
			f.Seq = leadingInt(value)
		case "type":
			f.Type = 0
			if len(value) > 0 {
				f.Type = Type(value[0])
			}
		case "startoffset":
			f.Start = leadingInt(value)
		case "endoffset":
			f.End = leadingInt(value)
		}
	}
	if f.Name == "" || f.Seq == 0 || f.Type == 0 {
		return badManifest
	}
	switch f.Type {
	case Base:
		if m.Base != nil {
			return "Found duplicate base file information"
		}
		m.Base, m.BaseSeq = &f, f.Seq
	case History:
		m.History = append(m.History, f)
	case Incr:
		if f.Seq <= m.IncrSeq {
			return "Found a non-monotonic sequence number"
		}
		m.Incr, m.IncrSeq = append(m.Incr, f), f.Seq
	default:
		return "Unknown AOF file type"
	}
	return ""
}

// leadingInt reads a number as C's atoll does: up to what is no digit; 0 for what is none.
func leadingInt(b []byte) int64 {
	b = bytes.TrimLeft(b, " \t\n\v\f\r")
	n := 0
	if n < len(b) && (b[n] == '-' || b[n] == '+') {
		n++
	}
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	v, _ := strconv.ParseInt(string(b[:n]), 10, 64)
	return v
}
