package difftest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// Conn is a client connection that hands out replies as the bytes that came over the wire. It is not safe for
// concurrent use. (tidwall/resp is not used here: it knows RESP2 only and does not keep the raw bytes.)
type Conn struct {
	c net.Conn
	r *bufio.Reader
	w []byte // commands appended by Queue, not yet flushed

	// Timeout bounds each read of a reply.
	Timeout time.Duration
}

// ErrNoReply is returned when no complete reply arrived in time. The connection is of no further use, because the
// reply may still come.
var ErrNoReply = errors.New("no reply in time")

// Dial connects to a server.
func Dial(addr string) (*Conn, error) {
	c, err := net.DialTimeout("tcp", addr, 2*time.Second)
	if err != nil {
		return nil, err
	}
	return &Conn{c: c, r: bufio.NewReaderSize(c, 64<<10), Timeout: 10 * time.Second}, nil
}

// Close closes the connection.
func (c *Conn) Close() error { return c.c.Close() }

// AppendCommand appends args as a RESP array of bulk strings.
func AppendCommand[S ~string | ~[]byte](dst []byte, args ...S) []byte {
	dst = append(dst, '*')
	dst = strconv.AppendInt(dst, int64(len(args)), 10)
	dst = append(dst, '\r', '\n')
	for _, a := range args {
		dst = append(dst, '$')
		dst = strconv.AppendInt(dst, int64(len(a)), 10)
		dst = append(dst, '\r', '\n')
		dst = append(dst, a...)
		dst = append(dst, '\r', '\n')
	}
	return dst
}

// Do sends one command and returns its raw reply.
func (c *Conn) Do(args ...string) ([]byte, error) {
	if err := c.Send(args...); err != nil {
		return nil, err
	}
	return c.Read()
}

// Send sends one command.
func (c *Conn) Send(args ...string) error { return c.SendRaw(AppendCommand(nil, args...)) }

// Queue appends a command to the pipeline that Flush sends.
func (c *Conn) Queue(args ...string) { c.w = AppendCommand(c.w, args...) }

// Flush sends what was queued, in one write.
func (c *Conn) Flush() error {
	err := c.SendRaw(c.w)
	c.w = c.w[:0]
	return err
}

// SendRaw sends bytes as they are.
func (c *Conn) SendRaw(b []byte) error {
	if err := c.c.SetWriteDeadline(time.Now().Add(c.Timeout)); err != nil {
		return err
	}
	_, err := c.c.Write(b)
	return err
}

// Read returns the raw bytes of the next reply or push.
func (c *Conn) Read() ([]byte, error) { return c.ReadWithin(c.Timeout) }

// ReadWithin is Read with a time limit of its own.
func (c *Conn) ReadWithin(d time.Duration) ([]byte, error) {
	if err := c.c.SetReadDeadline(time.Now().Add(d)); err != nil {
		return nil, err
	}
	raw, err := appendFrame(nil, c.r)
	var ne net.Error
	if errors.As(err, &ne) && ne.Timeout() {
		return raw, ErrNoReply
	}
	return raw, err
}

// appendFrame copies one complete RESP value from r to dst, whatever its type.
func appendFrame(dst []byte, r *bufio.Reader) ([]byte, error) {
	start := len(dst)
	for {
		part, err := r.ReadSlice('\n')
		dst = append(dst, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return dst, err
		}
		break
	}
	line := dst[start:]
	if len(line) < 3 || line[len(line)-2] != '\r' {
		return dst, fmt.Errorf("not a RESP line: %q", line)
	}
	body := line[1 : len(line)-2]
	var children int64
	switch line[0] {
	case '+', '-', ':', '_', '#', ',', '(':
		return dst, nil
	case '$', '=', '!':
		n, err := strconv.ParseInt(string(body), 10, 64)
		if err != nil {
			return dst, fmt.Errorf("bad length: %q", line)
		}
		if n < 0 {
			return dst, nil
		}
		at := len(dst)
		dst = append(dst, make([]byte, n+2)...)
		if _, err := io.ReadFull(r, dst[at:]); err != nil {
			return dst, err
		}
		if !bytes.HasSuffix(dst, []byte("\r\n")) {
			return dst, fmt.Errorf("bulk of %d bytes does not end with CRLF: %q", n, dst[at:])
		}
		return dst, nil
	case '*', '~', '>', '%', '|':
		n, err := strconv.ParseInt(string(body), 10, 64)
		if err != nil {
			return dst, fmt.Errorf("bad length: %q", line)
		}
		children = n
		if line[0] == '%' || line[0] == '|' {
			children *= 2
		}
		if line[0] == '|' { // the attribute's subject follows and belongs to the same reply
			children++
		}
	default:
		return dst, fmt.Errorf("not a RESP type: %q", line)
	}
	var err error
	for ; children > 0 && err == nil; children-- {
		dst, err = appendFrame(dst, r)
	}
	return dst, err
}

// Value is a parsed reply.
type Value struct {
	Kind  byte    // the RESP type byte
	Text  []byte  // the line's content, or the bulk's
	Null  bool    // $-1, *-1 or _
	Elems []Value // of *, ~, > and, keys and values alternating, of % and |
}

// ParseReply parses the raw bytes of one reply.
func ParseReply(raw []byte) (Value, error) {
	v, rest, err := parseValue(raw)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes after the reply", len(rest))
	}
	return v, err
}

func parseValue(raw []byte) (Value, []byte, error) {
	i := bytes.Index(raw, []byte("\r\n"))
	if i < 1 {
		return Value{}, nil, fmt.Errorf("not a RESP line: %q", raw)
	}
	v := Value{Kind: raw[0], Text: raw[1:i]}
	rest := raw[i+2:]
	switch v.Kind {
	case '_':
		v.Null = true
		return v, rest, nil
	case '$', '=', '!':
		n, err := strconv.Atoi(string(v.Text))
		if err == nil && n < 0 {
			v.Null = true
			return v, rest, nil
		}
		if err != nil || n > len(rest)-2 {
			return v, nil, fmt.Errorf("bad bulk: %q", raw)
		}
		v.Text = rest[:n]
		return v, rest[n+2:], nil
	case '*', '~', '>', '%', '|':
		n, err := strconv.Atoi(string(v.Text))
		if err != nil {
			return v, nil, fmt.Errorf("bad length: %q", raw)
		}
		if n < 0 {
			v.Null = true
			return v, rest, nil
		}
		if v.Kind == '%' || v.Kind == '|' {
			n *= 2
		}
		for ; n > 0; n-- {
			var e Value
			e, rest, err = parseValue(rest)
			if err != nil {
				return v, nil, err
			}
			v.Elems = append(v.Elems, e)
		}
		return v, rest, nil
	}
	return v, rest, nil
}

// IsError says whether a raw reply is an error.
func IsError(raw []byte) bool { return len(raw) > 0 && (raw[0] == '-' || raw[0] == '!') }
