package commands

import (
	"bytes"
	"strconv"

	"berth/host/command"
	"berth/internal/glob"
	"berth/internal/numfmt"
	"berth/keyspace"
)

// scanOptions are the options of SCAN and its kin.
type scanOptions struct {
	cursor   uint64
	count    int64
	pattern  []byte // nil: everything matches
	typ      []byte // SCAN only
	noValues bool   // HSCAN only
}

// parseScanCursor reads the cursor at argument i.
func parseScanCursor(c *command.Ctx, i int, o *scanOptions) bool {
	var ok bool
	if o.cursor, ok = scanCursor(c.Args[i]); !ok {
		c.Error(command.ErrInvalidCursor)
	}
	return ok
}

// scanCursor reads a cursor as leniently as C's strtoull: space and a sign in front, leading
// zeros, and nothing behind a zero byte.
func scanCursor(b []byte) (uint64, bool) {
	b = cString(b)
	if n, ok := numfmt.ParseInt64(b); ok {
		return uint64(n), n >= 0
	}
	b = bytes.TrimLeft(b, " \t\n\v\f\r")
	neg := len(b) > 0 && b[0] == '-'
	if neg || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	n, err := strconv.ParseUint(string(b), 10, 64)
	if neg {
		n = -n
	}
	return n, err == nil
}

// parseScanOptions reads the options from argument i on. t is the type of the
// value scanned; scanning the keyspace itself is keys.
func parseScanOptions(c *command.Ctx, i int, o *scanOptions, keys bool, t keyspace.Type) bool {
	o.count = 10
	for ; i < len(c.Args); i++ {
		more := i+1 < len(c.Args)
		switch {
		case more && c.ArgIs(i, "count"):
			var ok bool
			if o.count, ok = c.IntArg(i + 1); !ok {
				return false
			}
			if o.count < 1 {
				c.Error(command.ErrSyntax)
				return false
			}
			i++
		case more && c.ArgIs(i, "match"):
			o.pattern = c.Args[i+1]
			if len(o.pattern) == 1 && o.pattern[0] == '*' {
				o.pattern = nil
			}
			i++
		case more && keys && c.ArgIs(i, "type"):
			o.typ = c.Args[i+1]
			i++
		case c.ArgIs(i, "novalues"):
			if keys || t != keyspace.Hash {
				c.Error("ERR NOVALUES option can only be used in HSCAN")
				return false
			}
			o.noValues = true
		default:
			c.Error(command.ErrSyntax)
			return false
		}
	}
	return true
}

func (o *scanOptions) matches(b []byte) bool {
	return o.pattern == nil || glob.Match(o.pattern, b, false)
}

// scanValue is HSCAN, SSCAN and ZSCAN: step visits a few elements from a cursor
// on, calling item for each, and returns the next cursor. item replies with the
// element and returns how many reply elements that were.
func scanValue(c *command.Ctx, t keyspace.Type, step func(e *keyspace.Entry, cursor uint64, o *scanOptions, n *int) uint64) {
	var o scanOptions
	if !parseScanCursor(c, 2, &o) {
		return
	}
	e, ok := c.ReadTyped(c.Args[1], t)
	if !ok {
		return
	}
	if e == nil {
		c.Array(2)
		c.BulkString("0")
		c.Array(0)
		return
	}
	if !parseScanOptions(c, 3, &o, false, t) {
		return
	}
	c.Array(2)
	start := c.Defer()
	n := 0
	cursor := o.cursor
	// A sparse table must not keep the server busy for ever.
	for rounds := int64(0); ; rounds++ {
		cursor = step(e, cursor, &o, &n)
		if cursor == 0 || int64(n) >= o.count || rounds >= o.count*10 {
			break
		}
	}
	c.DeferredArray(start, n)
	insertCursor(c, start, cursor)
}

// insertCursor puts the cursor before the items, whose scan has just told it.
func insertCursor(c *command.Ctx, at command.Mark, cursor uint64) {
	var tmp, head [48]byte
	text := strconv.AppendUint(tmp[:0], cursor, 10)
	h := append(head[:0], '$')
	h = strconv.AppendInt(h, int64(len(text)), 10)
	h = append(h, '\r', '\n')
	h = append(h, text...)
	h = append(h, '\r', '\n')
	c.Insert(at, h)
}
