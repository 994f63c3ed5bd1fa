package resptree

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Node is one reply. Kind is its type byte. Aggregates have Elems (a map has
// its keys and values in turn), everything else has Text. A RESP2 null has
// Null set and keeps its kind.
type Node struct {
	Kind  byte
	Text  string
	Null  bool
	Elems []Node
}

// ErrProtocol says that the bytes are no RESP reply.
var ErrProtocol = errors.New("resptree: not a RESP reply")

// Read reads one reply from r.
func Read(r *bufio.Reader) (Node, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return Node{}, err
	}
	if len(line) < 3 || line[len(line)-2] != '\r' {
		return Node{}, fmt.Errorf("%w: %q", ErrProtocol, line)
	}
	n := Node{Kind: line[0], Text: line[1 : len(line)-2]}
	switch n.Kind {
	case '+', '-', ':', '_', '#', ',', '(':
		return n, nil
	case '$', '=', '!', '*', '~', '%', '>':
	default:
		return Node{}, fmt.Errorf("%w: %q", ErrProtocol, line)
	}
	size, err := strconv.Atoi(n.Text)
	if err != nil {
		return Node{}, fmt.Errorf("%w: %q", ErrProtocol, line)
	}
	n.Text = ""
	if size < 0 {
		n.Null = true
		return n, nil
	}
	switch n.Kind {
	case '$', '=', '!':
		buf := make([]byte, size+2)
		if _, err := io.ReadFull(r, buf); err != nil {
			return Node{}, err
		}
		n.Text = string(buf[:size])
		return n, nil
	case '%':
		size *= 2
	}
	n.Elems = make([]Node, size)
	for i := range n.Elems {
		if n.Elems[i], err = Read(r); err != nil {
			return Node{}, err
		}
	}
	return n, nil
}

// Append encodes n as it was read.
func Append(dst []byte, n Node) []byte {
	dst = append(dst, n.Kind)
	switch n.Kind {
	case '$', '=', '!':
		if n.Null {
			return append(dst, "-1\r\n"...)
		}
		dst = strconv.AppendInt(dst, int64(len(n.Text)), 10)
		dst = append(dst, '\r', '\n')
		dst = append(dst, n.Text...)
	case '*', '~', '%', '>':
		if n.Null {
			return append(dst, "-1\r\n"...)
		}
		size := len(n.Elems)
		if n.Kind == '%' {
			size /= 2
		}
		dst = strconv.AppendInt(dst, int64(size), 10)
		dst = append(dst, '\r', '\n')
		for _, e := range n.Elems {
			dst = Append(dst, e)
		}
		return dst
	default:
		dst = append(dst, n.Text...)
	}
	return append(dst, '\r', '\n')
}

// Get returns the value of key in a map, or in an array of keys and values
// in turn, as RESP2 writes maps.
func (n Node) Get(key string) (Node, bool) {
	for i := 0; i+1 < len(n.Elems); i += 2 {
		if n.Elems[i].Text == key {
			return n.Elems[i+1], true
		}
	}
	return Node{}, false
}

// Str returns the text of key's value, or "".
func (n Node) Str(key string) string {
	v, _ := n.Get(key)
	return v.Text
}

// Int returns n as a number, 0 when it is none.
func (n Node) Int() int {
	i, err := strconv.Atoi(n.Text)
	if err != nil {
		return 0
	}
	return i
}

// Strings returns the texts of n's elements.
func (n Node) Strings() []string {
	out := make([]string, len(n.Elems))
	for i, e := range n.Elems {
		out[i] = e.Text
	}
	return out
}
