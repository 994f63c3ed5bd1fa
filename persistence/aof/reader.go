package aof

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

const (
	readAhead = 256 * 1024
	// maxLine is the longest line that announces a length, and the longest annotation.
	maxLine = 1024
	// firstRoom is how much of an argument room is made for before any of it was read: what a file says of
	// lengths is not believed.
	firstRoom = 1 << 20
	// idleRoom is the largest room that is kept from one command to the next.
	idleRoom = 1 << 20
)

// FormatError says that a file is no append only file from an offset on.
type FormatError struct {
	Offset int64
	Reason string
}

func (e *FormatError) Error() string { return fmt.Sprintf("offset %d: %s", e.Offset, e.Reason) }

// Reader takes commands out of an incremental file, or of a base without RDB. It needs no more memory than the
// largest command.
type Reader struct {
	r     *bufio.Reader
	pos   int64 // of what was taken from r
	valid int64 // behind the last whole command

	flat []byte
	ends []int
	args [][]byte
}

// NewReader reads from r, which stands at an offset of the file.
func NewReader(r io.Reader, offset int64) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, readAhead), pos: offset, valid: offset}
}

// Offset is where the last command that Next returned ends.
func (r *Reader) Offset() int64 { return r.valid }

// Next returns the next command, which is good until the next call. The error is io.EOF at the end of the
// file, io.ErrUnexpectedEOF if that is in the middle of a command, a [*FormatError] for
// what is no command, or the file's own.
func (r *Reader) Next() ([][]byte, error) {
	if cap(r.flat) > idleRoom {
		r.flat = nil
	}
	r.flat, r.ends, r.args = r.flat[:0], r.ends[:0], r.args[:0]
	n, err := r.count()
	if err != nil {
		return nil, err
	}
	for range n {
		if err := r.arg(); err != nil {
			return nil, unexpected(err)
		}
	}
	at := 0
	for _, end := range r.ends {
		r.args = append(r.args, r.flat[at:end:end])
		at = end
	}
	r.valid = r.pos
	return r.args, nil
}

// count reads the line that begins a command, past annotations.
func (r *Reader) count() (int64, error) {
	for {
		start := r.pos
		line, err := r.line()
		if len(line) == 0 && err != nil {
			return 0, err
		}
		switch line[0] {
		case '#':
			if err != nil {
				return 0, err // at the very end: nothing is lost with it
			}
			continue
		case '*':
		default:
			return 0, &FormatError{start, "a command begins with '*', not with " + strconv.QuoteToASCII(string(line[:1]))}
		}
		if err != nil {
			return 0, unexpected(err)
		}
		n, ok := length(line[1:])
		if !ok || n < 1 {
			return 0, &FormatError{start, "no number of arguments: " + strconv.QuoteToASCII(string(line))}
		}
		return n, nil
	}
}

func (r *Reader) arg() error {
	start := r.pos
	line, err := r.line()
	if len(line) > 0 && line[0] != '$' {
		return &FormatError{start, "an argument begins with '$', not with " + strconv.QuoteToASCII(string(line[:1]))}
	}
	if err != nil {
		return err
	}
	n, ok := length(line[1:])
	if !ok {
		return &FormatError{start, "no length of an argument: " + strconv.QuoteToASCII(string(line))}
	}
	for n > 0 {
		step := min(n, max(firstRoom, int64(len(r.flat))))
		at := len(r.flat)
		r.flat = grow(r.flat, int(step))
		got, err := io.ReadFull(r.r, r.flat[at:])
		r.pos += int64(got)
		if err != nil {
			return err
		}
		n -= step
	}
	r.ends = append(r.ends, len(r.flat))
	var end [2]byte
	got, err := io.ReadFull(r.r, end[:])
	r.pos += int64(got)
	if err != nil {
		return err
	}
	if end != [2]byte{'\r', '\n'} {
		return &FormatError{r.pos - 2, "an argument is longer than announced"}
	}
	return nil
}

// line reads a line and returns it without its end. With an error comes what there is of it.
func (r *Reader) line() ([]byte, error) {
	start := r.pos
	line, err := r.r.ReadSlice('\n')
	r.pos += int64(len(line))
	if len(line) > maxLine || errors.Is(err, bufio.ErrBufferFull) {
		return line[:1], &FormatError{start, "a line is too long"}
	}
	if err != nil {
		return line, err
	}
	line = bytes.TrimSuffix(line[:len(line)-1], []byte{'\r'})
	if len(line) == 0 {
		return nil, &FormatError{start, "an empty line"}
	}
	return line, nil
}

// unexpected is the error of an end in the middle of something.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func length(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// grow extends b by n bytes of any content.
func grow(b []byte, n int) []byte {
	if need := len(b) + n; need <= cap(b) {
		return b[:need]
	}
	bigger := make([]byte, len(b)+n, len(b)+len(b)/2+n)
	copy(bigger, b)
	return bigger
}
