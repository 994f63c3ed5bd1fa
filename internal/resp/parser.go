package resp

import (
	"bytes"

	"berth/internal/argsplit"
)

// ProtocolError is a request that breaks the protocol; its text is what
// follows "-ERR " in the reply. The connection is of no use afterwards.
type ProtocolError string

func (e ProtocolError) Error() string { return string(e) }

// The limits that do not depend on configuration.
const (
	// MaxInline is the longest inline request, and the longest line that
	// announces a length.
	MaxInline = 64 * 1024
	// MaxArgs is the largest number of arguments of one request.
	MaxArgs = 1<<31 - 1
	// MaxUnauthArgs and MaxUnauthBulk bound what a client may send before it
	// has authenticated.
	MaxUnauthArgs = 10
	MaxUnauthBulk = 16384
)

type span struct{ off, n int }

// Parser holds the state of one connection's request stream. The zero value
// is ready. Offsets are relative to the start of the unconsumed input, so the
// buffer may move between calls as long as its contents stay.
type Parser struct {
	// MaxBulk is proto-max-bulk-len.
	MaxBulk int64
	// Unauth tightens the limits for a client that must authenticate first.
	Unauth bool

	remaining int // arguments still to come; 0 between requests
	bulkLen   int // length of the argument being read; -1: not known yet
	pos       int // parsed so far
	spans     []span
	multi     bool

	// Inline says whether the newest request was an inline command, whose
	// arguments are copies on the Go heap instead of views.
	Inline bool
}

// Reset forgets a partly read request.
func (p *Parser) Reset() {
	p.remaining, p.bulkLen, p.pos, p.multi = 0, 0, 0, false
	p.spans = p.spans[:0]
}

// Missing is how many bytes beyond the buffer the argument being read still
// needs, or 0 when that is not known: a hint for sizing the buffer.
func (p *Parser) Missing(buf []byte) int {
	if !p.multi || p.bulkLen < 0 {
		return 0
	}
	return max(p.pos+p.bulkLen+2-len(buf), 0)
}

// Next parses one request from the start of buf. It appends the arguments to
// args, as views of buf, and returns how much of buf the request took.
// consumed is 0 when more input is needed. A request without arguments (an
// empty line, an empty array) has consumed > 0 and no arguments.
func (p *Parser) Next(buf []byte, args [][]byte) (out [][]byte, consumed int, err error) {
	if !p.multi {
		if len(buf) == 0 {
			return args, 0, nil
		}
		if buf[0] != '*' {
			return p.inline(buf, args)
		}
		line, next, err := p.line(buf, 0, "too big mbulk count string")
		if err != nil || next == 0 {
			return args, 0, err
		}
		n, ok := parseLen(line[1:])
		if !ok || n > MaxArgs {
			return args, 0, ProtocolError("Protocol error: invalid multibulk length")
		}
		if n > MaxUnauthArgs && p.Unauth {
			return args, 0, ProtocolError("Protocol error: unauthenticated multibulk length")
		}
		if n <= 0 {
			return args, next, nil
		}
		p.multi, p.remaining, p.bulkLen, p.pos = true, int(n), -1, next
		p.Inline = false
		p.spans = p.spans[:0]
	}
	for p.remaining > 0 {
		if p.bulkLen < 0 {
			if p.pos >= len(buf) {
				return args, 0, nil
			}
			// The length of the line is judged before its first byte, as in Redis.
			line, next, err := p.line(buf, p.pos, "too big bulk count string")
			if err != nil || next == 0 {
				return args, 0, err
			}
			if c := buf[p.pos]; c != '$' {
				return args, 0, ProtocolError("Protocol error: expected '$', got '" + printable(c) + "'")
			}
			n, ok := parseLen(line[1:])
			if !ok || n < 0 || n > p.MaxBulk {
				return args, 0, ProtocolError("Protocol error: invalid bulk length")
			}
			if n > MaxUnauthBulk && p.Unauth {
				return args, 0, ProtocolError("Protocol error: unauthenticated bulk length")
			}
			p.bulkLen, p.pos = int(n), next
		}
		if len(buf)-p.pos < p.bulkLen+2 {
			return args, 0, nil
		}
		p.spans = append(p.spans, span{p.pos, p.bulkLen})
		p.pos += p.bulkLen + 2
		p.bulkLen = -1
		p.remaining--
	}
	for _, s := range p.spans {
		args = append(args, buf[s.off:s.off+s.n:s.off+s.n])
	}
	consumed = p.pos
	p.Reset()
	if cap(p.spans) > 1024 {
		p.spans = nil
	}
	return args, consumed, nil
}

// line returns the line that starts at from and the offset after its CRLF; a
// next of 0 means that the line is not complete.
// At is where in the input the request that Next refused goes wrong.
func (p *Parser) At() int {
	if p.multi {
		return p.pos
	}
	return 0
}

func (p *Parser) line(buf []byte, from int, tooBig string) (line []byte, next int, err error) {
	rest := buf[min(from, len(buf)):]
	// Lengths are short: a loop beats a call.
	i := 0
	for i < len(rest) && rest[i] != '\r' {
		i++
		if i == 32 {
			if j := bytes.IndexByte(rest[i:], '\r'); j >= 0 {
				i += j
			} else {
				i = len(rest)
			}
			break
		}
	}
	if i >= len(rest) {
		if len(rest) > MaxInline {
			return nil, 0, ProtocolError("Protocol error: " + tooBig)
		}
		return nil, 0, nil
	}
	if i+1 >= len(rest) {
		return nil, 0, nil
	}
	// Redis takes whatever follows CR for LF.
	return rest[:i], from + i + 2, nil
}

func parseLen(b []byte) (int64, bool) {
	neg := false
	if len(b) > 0 && b[0] == '-' {
		neg = true
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 18 || (b[0] == '0' && (len(b) > 1 || neg)) {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if neg {
		n = -n
	}
	return n, true
}

// printable is how the offending byte shows in an error reply: line breaks
// become spaces there, like every error's.
func printable(c byte) string { return string([]byte{c}) }

func (p *Parser) inline(buf []byte, args [][]byte) ([][]byte, int, error) {
	i := bytes.IndexByte(buf, '\n')
	if i < 0 {
		if len(buf) > MaxInline {
			return args, 0, ProtocolError("Protocol error: too big inline request")
		}
		return args, 0, nil
	}
	line := buf[:i]
	if i > 0 && line[i-1] == '\r' {
		line = line[:i-1]
	}
	p.Inline = true
	words, err := argsplit.Split(line)
	if err != nil {
		return args, 0, ProtocolError("Protocol error: unbalanced quotes in request")
	}
	return append(args, words...), i + 1, nil
}
