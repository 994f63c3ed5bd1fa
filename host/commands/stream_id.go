package commands

import (
	"bytes"
	"math"
	"strconv"

	"berth/host/command"
	"berth/internal/numfmt"
	"berth/keyspace"
	"berth/keyspace/idtree"
)

const (
	errStreamID      = "ERR Invalid stream ID specified as stream command argument"
	errIntervalStart = "ERR invalid start ID for the interval"
	errIntervalEnd   = "ERR invalid end ID for the interval"
)

// parsedID is an id as a command may be given it: in full, or ms-* where the number is to be chosen.
type parsedID struct {
	keyspace.StreamID
	anySeq bool
}

// parseStreamID reads ms, ms-seq, or - and + for the least and the greatest id. seq stands in where only
// milliseconds are given.
func parseStreamID(b []byte, seq uint64) (id keyspace.StreamID, ok bool) {
	switch string(b) {
	case "-":
		return id, true
	case "+":
		return keyspace.MaxStreamID, true
	}
	return parseExactID(b, seq)
}

// parseExactID is parseStreamID without - and +.
func parseExactID(b []byte, seq uint64) (keyspace.StreamID, bool) {
	id, ok := parseNewID(b, seq)
	return id.StreamID, ok && !id.anySeq
}

// parseNewID is parseExactID that takes ms-* too.
func parseNewID(b []byte, seq uint64) (id parsedID, ok bool) {
	const longest = 127
	if len(b) > longest {
		return id, false
	}
	b = cString(b)
	i := bytes.IndexByte(b, '-')
	if i < 0 {
		id.Seq = seq
		id.MS, ok = parseUnsigned(b)
		return id, ok
	}
	if id.MS, ok = parseUnsigned(b[:i]); !ok {
		return id, false
	}
	if b = b[i+1:]; string(b) == "*" {
		id.anySeq = true
		return id, true
	}
	id.Seq, ok = parseUnsigned(b)
	return id, ok
}

// parseUnsigned reads a number as Redis does: the usual form quickly, anything else as C's strtoull takes it,
// which allows space and zeros in front, and a sign.
func parseUnsigned(b []byte) (uint64, bool) {
	if n, ok := numfmt.ParseInt64(b); ok {
		return uint64(n), n >= 0
	}
	b = bytes.TrimLeft(b, " \t\n\v\f\r")
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	n := uint64(0)
	for _, c := range b {
		d := uint64(c - '0')
		if d > 9 || n > math.MaxUint64/10 || n*10 > math.MaxUint64-d {
			return 0, false
		}
		n = n*10 + d
	}
	if negative {
		n = -n
	}
	return n, true
}

// idArg is argument i as an id; when it is none, the error is replied.
func idArg(c *command.Ctx, i int) (keyspace.StreamID, bool) {
	id, ok := parseExactID(c.Args[i], 0)
	if !ok {
		c.Error(errStreamID)
	}
	return id, ok
}

// intervalStart is argument i as the first id of a range, which may be exclusive.
func intervalStart(c *command.Ctx, i int) (keyspace.StreamID, bool) {
	id, exclusive, ok := intervalArg(c, i, 0)
	if ok && exclusive {
		if id, ok = id.Next(); !ok {
			c.Error(errIntervalStart)
		}
	}
	return id, ok
}

// intervalEnd is the same for the last id.
func intervalEnd(c *command.Ctx, i int) (keyspace.StreamID, bool) {
	id, exclusive, ok := intervalArg(c, i, math.MaxUint64)
	if ok && exclusive {
		if id, ok = id.Prev(); !ok {
			c.Error(errIntervalEnd)
		}
	}
	return id, ok
}

func intervalArg(c *command.Ctx, i int, seq uint64) (id keyspace.StreamID, exclusive, ok bool) {
	b := c.Args[i]
	if exclusive = len(b) > 1 && b[0] == '('; exclusive {
		id, ok = parseExactID(b[1:], seq)
	} else {
		id, ok = parseStreamID(b, seq)
	}
	if !ok {
		c.Error(errStreamID)
	}
	return id, exclusive, ok
}

// replyID writes an id.
func replyID(c *command.Ctx, id keyspace.StreamID) {
	var room [idtree.MaxText]byte
	c.Bulk(id.Append(room[:0]))
}

// idText is an id for what is propagated.
func idText(id keyspace.StreamID) []byte { return id.Append(nil) }

func intText(n int64) []byte { return strconv.AppendInt(nil, n, 10) }

// cText is what of a name an error shows.
func cText(b []byte) string { return string(cString(b)) }
