package command

import (
	"strconv"

	"berth/internal/numfmt"
)

// Writer encodes replies in RESP2 or RESP3 into a growing buffer. The zero
// value writes RESP2.
type Writer struct {
	Buf   []byte
	Proto int // 2 or 3; anything below 3 is RESP2
	// Errors counts the error replies written since the caller last reset it,
	// and LastError is the text of the newest (without "-" and CRLF, a view
	// into Buf's contents is never kept).
	Errors    int
	LastError string
	// Failed says that an error was replied that Errors leaves out: the call
	// failed, but the statistics of errors are not to know.
	Failed bool
	// Room, where it is set, gives an empty buffer with room for n bytes, for
	// large replies; the one that it takes the place of is not used again.
	Room func(n int) []byte
}

// RESP3 reports whether replies are encoded in RESP3.
func (w *Writer) RESP3() bool { return w.Proto >= 3 }

func (w *Writer) prefix(kind byte, n int64) {
	b := append(w.Buf, kind)
	if n >= 0 && n < 10 {
		b = append(b, byte('0'+n))
	} else {
		b = strconv.AppendInt(b, n, 10)
	}
	w.Buf = append(b, '\r', '\n')
}

// Raw appends bytes that are encoded already.
func (w *Writer) Raw(b []byte) { w.Buf = append(w.Buf, b...) }

// RawString appends a string that is encoded already.
func (w *Writer) RawString(s string) { w.Buf = append(w.Buf, s...) }

// OK writes the simple string OK.
func (w *Writer) OK() { w.Buf = append(w.Buf, "+OK\r\n"...) }

// Simple writes a simple string; s must not contain CR or LF.
func (w *Writer) Simple(s string) {
	b := append(w.Buf, '+')
	b = append(b, s...)
	w.Buf = append(b, '\r', '\n')
}

// Error writes an error reply. msg begins with its code ("ERR ...",
// "WRONGTYPE ..."); CR and LF in it become spaces, as in Redis.
func (w *Writer) Error(msg string) {
	w.Errors++
	w.LastError = msg
	b := append(w.Buf, '-')
	start := len(b)
	b = append(b, msg...)
	for i := start; i < len(b); i++ {
		if b[i] == '\r' || b[i] == '\n' {
			b[i] = ' '
		}
	}
	w.Buf = append(b, '\r', '\n')
}

// Int writes an integer.
func (w *Writer) Int(n int64) { w.prefix(':', n) }

// Bulk writes a bulk string.
func (w *Writer) Bulk(b []byte) {
	// Most are short, and many come in a row: one look at the room for all parts.
	i, n := len(w.Buf), len(b)
	if n >= 100 || cap(w.Buf)-i < n+7 {
		if n >= largeReply {
			w.reserve(n + bulkOverhead)
		}
		w.prefix('$', int64(n))
		w.Buf = append(w.Buf, b...)
		w.Buf = append(w.Buf, '\r', '\n')
		return
	}
	p := w.Buf[i : i+n+7]
	p[0] = '$'
	at := 1
	if n >= 10 {
		p[1] = byte('0' + n/10)
		at = 2
	}
	p[at] = byte('0' + n%10)
	p[at+1], p[at+2] = '\r', '\n'
	at += 3 + copy(p[at+3:], b)
	p[at], p[at+1] = '\r', '\n'
	w.Buf = w.Buf[:i+at+2]
}

// BulkString writes a bulk string.
func (w *Writer) BulkString(s string) {
	w.prefix('$', int64(len(s)))
	w.Buf = append(w.Buf, s...)
	w.Buf = append(w.Buf, '\r', '\n')
}

// BulkInt writes an integer as a bulk string.
func (w *Writer) BulkInt(n int64) {
	var tmp [20]byte
	w.Bulk(strconv.AppendInt(tmp[:0], n, 10))
}

// Null writes the null: a null bulk in RESP2.
func (w *Writer) Null() {
	if w.Proto >= 3 {
		w.Buf = append(w.Buf, "_\r\n"...)
	} else {
		w.Buf = append(w.Buf, "$-1\r\n"...)
	}
}

// NullArray writes the null: a null array in RESP2.
func (w *Writer) NullArray() {
	if w.Proto >= 3 {
		w.Buf = append(w.Buf, "_\r\n"...)
	} else {
		w.Buf = append(w.Buf, "*-1\r\n"...)
	}
}

// Array writes the header of an array of n elements.
func (w *Writer) Array(n int) {
	if n >= largeReply/elementGuess {
		w.reserve(n * elementGuess)
	}
	w.prefix('*', int64(n))
}

const (
	// largeReply is the length from which room for a reply is looked for at once.
	largeReply = 32 << 10
	// bulkOverhead is more than what stands around the bytes of a bulk string.
	bulkOverhead = 32
	// elementGuess is what an element of a long array may take.
	elementGuess = 24
)

// reserve sees to it that n more bytes have room.
func (w *Writer) reserve(n int) {
	need := len(w.Buf) + n
	if need <= cap(w.Buf) || w.Room == nil {
		return
	}
	w.Buf = append(w.Room(need), w.Buf...)
}

// Map writes the header of a map of n pairs: an array of 2n in RESP2.
func (w *Writer) Map(n int) {
	if w.Proto >= 3 {
		w.prefix('%', int64(n))
	} else {
		w.prefix('*', 2*int64(n))
	}
}

// Set writes the header of a set of n members: an array in RESP2.
func (w *Writer) Set(n int) {
	if w.Proto >= 3 {
		w.prefix('~', int64(n))
	} else {
		w.prefix('*', int64(n))
	}
}

// Push writes the header of a push of n elements: an array in RESP2.
func (w *Writer) Push(n int) {
	if w.Proto >= 3 {
		w.prefix('>', int64(n))
	} else {
		w.prefix('*', int64(n))
	}
}

// Attribute writes the header of an attribute of n pairs; RESP3 only.
func (w *Writer) Attribute(n int) { w.prefix('|', int64(n)) }

// Bool writes a boolean: 1 or 0 in RESP2.
func (w *Writer) Bool(v bool) {
	switch {
	case w.Proto >= 3 && v:
		w.Buf = append(w.Buf, "#t\r\n"...)
	case w.Proto >= 3:
		w.Buf = append(w.Buf, "#f\r\n"...)
	case v:
		w.Int(1)
	default:
		w.Int(0)
	}
}

// Double writes a double: a bulk string in RESP2.
func (w *Writer) Double(f float64) {
	if w.Proto >= 3 {
		b := append(w.Buf, ',')
		b = numfmt.AppendDouble(b, f)
		w.Buf = append(b, '\r', '\n')
		return
	}
	var tmp [512]byte
	w.Bulk(numfmt.AppendDouble(tmp[:0], f))
}

// BigNumber writes a big number: a bulk string in RESP2.
func (w *Writer) BigNumber(s []byte) {
	if w.Proto >= 3 {
		b := append(w.Buf, '(')
		b = append(b, s...)
		w.Buf = append(b, '\r', '\n')
		return
	}
	w.Bulk(s)
}

// Verbatim writes a verbatim string with its three-letter format: a bulk
// string in RESP2.
func (w *Writer) Verbatim(format string, b []byte) {
	if w.Proto >= 3 {
		w.prefix('=', int64(len(b)+4))
		w.Buf = append(w.Buf, format[:3]...)
		w.Buf = append(w.Buf, ':')
		w.Buf = append(w.Buf, b...)
		w.Buf = append(w.Buf, '\r', '\n')
		return
	}
	w.Bulk(b)
}

// Mark is the place of an aggregate whose length is not known yet.
type Mark int

// Defer remembers the place where an aggregate header is to be inserted.
func (w *Writer) Defer() Mark { return Mark(len(w.Buf)) }

func (w *Writer) insert(m Mark, kind byte, n int64) {
	var tmp [24]byte
	h := append(tmp[:0], kind)
	h = strconv.AppendInt(h, n, 10)
	w.Insert(m, append(h, '\r', '\n'))
}

// Insert puts encoded bytes at m, before what was written since.
func (w *Writer) Insert(m Mark, h []byte) {
	old := len(w.Buf)
	w.Buf = append(w.Buf, h...)
	copy(w.Buf[int(m)+len(h):], w.Buf[m:old])
	copy(w.Buf[m:], h)
}

// DeferredArray inserts the header of an array of n elements at m. Marks are
// resolved innermost first.
func (w *Writer) DeferredArray(m Mark, n int) { w.insert(m, '*', int64(n)) }

// DeferredMap inserts the header of a map of n pairs at m.
func (w *Writer) DeferredMap(m Mark, n int) {
	if w.Proto >= 3 {
		w.insert(m, '%', int64(n))
	} else {
		w.insert(m, '*', 2*int64(n))
	}
}

// DeferredSet inserts the header of a set of n members at m.
func (w *Writer) DeferredSet(m Mark, n int) {
	if w.Proto >= 3 {
		w.insert(m, '~', int64(n))
	} else {
		w.insert(m, '*', int64(n))
	}
}
