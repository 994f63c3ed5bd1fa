package argsplit

import (
	"bytes"
	"errors"
)

// ErrUnbalanced means that a quote is not closed, or that a closing quote is
// followed by something other than white space.
var ErrUnbalanced = errors.New("unbalanced quotes")

// Split splits line into its arguments. The result is never nil without an error; its
// slices are the caller's and do not alias line. As in Redis a NUL byte ends the line.
//
// Inside double quotes `\n \r \t \b \a`, `\xHH` and a backslash before any other byte
// are escapes; inside single quotes only `\'` is. Quotes may open in the middle of
// an argument, but an argument ends where its quotes close.
func Split(line []byte) ([][]byte, error) {
	if n := bytes.IndexByte(line, 0); n >= 0 {
		line = line[:n]
	}
	args := [][]byte{}
	for i := 0; ; {
		for i < len(line) && isSpace(line[i]) {
			i++
		}
		if i == len(line) {
			return args, nil
		}
		arg := []byte{}
		for i < len(line) {
			c := line[i]
			if c == ' ' || c == '\n' || c == '\r' || c == '\t' {
				break
			}
			i++
			if c != '"' && c != '\'' {
				arg = append(arg, c)
				continue
			}
			var n int
			if c == '"' {
				arg, n = double(arg, line[i:])
			} else {
				arg, n = single(arg, line[i:])
			}
			if n < 0 {
				return nil, ErrUnbalanced
			}
			i += n
			if i < len(line) && !isSpace(line[i]) {
				return nil, ErrUnbalanced
			}
			break
		}
		args = append(args, arg)
	}
}

// double appends to arg the text of b up to its closing double quote and returns
// how many bytes were used, or -1 if the quote is not closed.
func double(arg, b []byte) ([]byte, int) {
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return arg, i + 1
		case c != '\\' || i+1 == len(b):
			arg = append(arg, c)
		case b[i+1] == 'x' && i+3 < len(b) && hex(b[i+2]) >= 0 && hex(b[i+3]) >= 0:
			arg = append(arg, byte(hex(b[i+2])<<4|hex(b[i+3])))
			i += 3
		default:
			i++
			c = b[i]
			if at := bytes.IndexByte([]byte("nrtba"), c); at >= 0 {
				c = "\n\r\t\b\a"[at]
			}
			arg = append(arg, c)
		}
	}
	return arg, -1
}

// single does for single quotes what double does for double ones.
func single(arg, b []byte) ([]byte, int) {
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\\' && i+1 < len(b) && b[i+1] == '\'':
			i++
			arg = append(arg, '\'')
		case b[i] == '\'':
			return arg, i + 1
		default:
			arg = append(arg, b[i])
		}
	}
	return arg, -1
}

// Quote appends b to dst between double quotes, with everything that is not
// printable ASCII escaped, so that Split gives b back.
func Quote(dst, b []byte) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	for _, c := range b {
		switch c {
		case '\\', '"':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\a':
			dst = append(dst, '\\', 'a')
		case '\b':
			dst = append(dst, '\\', 'b')
		default:
			if c >= ' ' && c <= '~' {
				dst = append(dst, c)
			} else {
				dst = append(dst, '\\', 'x', digits[c>>4], digits[c&15])
			}
		}
	}
	return append(dst, '"')
}

// NeedsQuote reports whether b, written bare into a configuration file, would not
// be read back as the same single argument.
func NeedsQuote(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	for _, c := range b {
		if isSpace(c) || c < ' ' || c > '~' || c == '\\' || c == '"' || c == '\'' {
			return true
		}
	}
	return false
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func hex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
