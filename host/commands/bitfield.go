package commands

import (
	"bytes"

	"berth/host/command"
	"berth/internal/numfmt"
	"berth/keyspace"
)

// fieldType is an integer type of BITFIELD.
type fieldType struct {
	signed bool
	width  int
}

func parseFieldType(c *command.Ctx, i int) (ft fieldType, ok bool) {
	b := c.Args[i]
	// Redis reads it as a string of C.
	if end := bytes.IndexByte(b, 0); end >= 0 {
		b = b[:end]
	}
	if len(b) > 0 && (b[0] == 'i' || b[0] == 'u') {
		ft.signed = b[0] == 'i'
		most := int64(63)
		if ft.signed {
			most = 64
		}
		if n, ok := numfmt.ParseInt64(b[1:]); ok && n >= 1 && n <= most {
			ft.width = int(n)
			return ft, true
		}
	}
	c.Error("ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.")
	return ft, false
}

// limits are the smallest and the largest value of the type, as bit patterns of 64 bits.
func (ft fieldType) limits() (lo, hi uint64) {
	if !ft.signed {
		return 0, 1<<ft.width - 1
	}
	hi = 1<<(ft.width-1) - 1
	return ^hi, hi
}

// wrap cuts a value down to the type.
func (ft fieldType) wrap(v uint64) uint64 {
	unused := 64 - ft.width
	if ft.signed {
		return uint64(int64(v<<unused) >> unused)
	}
	return v << unused >> unused
}

func (ft fieldType) read(b []byte, off int64) uint64 {
	return ft.wrap(keyspace.GetBits(b, off, ft.width))
}

// add sums a value, which for INCRBY is one of the type and for SET is any, and an increment. It says how far out of the type's
// range that goes: 1 above, -1 below, 0 not at all.
func (ft fieldType) add(v uint64, by int64) (sum uint64, beyond int) {
	lo, hi := ft.limits()
	sum = v + uint64(by)
	if !ft.signed {
		// The comparisons are between signed numbers that may have wrapped around, as in Redis: u63 and negative numbers of
		// SET show it.
		switch {
		case v > hi || by > 0 && by > int64(hi-v):
			return sum, 1
		case by < 0 && by < -int64(v):
			return sum, -1
		}
		return sum, 0
	}
	x, most, least := int64(v), int64(hi), int64(lo)
	narrow := ft.width != 64
	above, below := int64(hi-v), int64(lo-v)
	switch {
	case x > most || narrow && by > above || x >= 0 && by > 0 && by > above:
		return sum, 1
	case x < least || narrow && by < below || x < 0 && by < 0 && by < below:
		return sum, -1
	}
	return sum, 0
}

type overflowMode uint8

const (
	overflowWrap overflowMode = iota
	overflowSat
	overflowFail
)

// result is the value to store, unless ok is false: mode is to fail, and did.
func (ft fieldType) result(v uint64, by int64, mode overflowMode) (_ uint64, ok bool) {
	sum, beyond := ft.add(v, by)
	lo, hi := ft.limits()
	switch {
	case beyond == 0:
		return sum, true
	case mode == overflowFail:
		return 0, false
	case mode == overflowWrap:
		return ft.wrap(sum), true
	case beyond > 0:
		return hi, true
	}
	return lo, true
}

type fieldVerb uint8

const (
	fieldGet fieldVerb = iota
	fieldSet
	fieldIncr
)

// fieldOp is one operation of a BITFIELD.
type fieldOp struct {
	fieldType
	verb     fieldVerb
	overflow overflowMode
	off      int64
	arg      int64 // of SET and INCRBY
}

// parseFieldOps reads the arguments of BITFIELD; last is the last bit that is written, or -1.
func parseFieldOps(c *command.Ctx) (ops []fieldOp, last int64, ok bool) {
	last = -1
	mode := overflowWrap
	for i := 2; i < len(c.Args); i++ {
		left := len(c.Args) - i - 1
		op := fieldOp{}
		switch {
		case c.ArgIs(i, "get") && left >= 2:
			op.verb = fieldGet
		case c.ArgIs(i, "set") && left >= 3:
			op.verb = fieldSet
		case c.ArgIs(i, "incrby") && left >= 3:
			op.verb = fieldIncr
		case c.ArgIs(i, "overflow") && left >= 1:
			i++
			switch {
			case c.ArgIs(i, "wrap"):
				mode = overflowWrap
			case c.ArgIs(i, "sat"):
				mode = overflowSat
			case c.ArgIs(i, "fail"):
				mode = overflowFail
			default:
				c.Error("ERR Invalid OVERFLOW type specified")
				return nil, 0, false
			}
			continue
		default:
			c.Error(command.ErrSyntax)
			return nil, 0, false
		}
		op.overflow = mode
		if op.fieldType, ok = parseFieldType(c, i+1); !ok {
			return nil, 0, false
		}
		if op.off, ok = bitOffset(c, i+2, op.width); !ok {
			return nil, 0, false
		}
		i += 2
		if op.verb != fieldGet {
			i++
			if op.arg, ok = c.IntArg(i); !ok {
				return nil, 0, false
			}
			last = max(last, op.off+int64(op.width)-1)
		}
		ops = append(ops, op)
	}
	return ops, last, true
}

func bitField(c *command.Ctx, readOnly bool) {
	key := c.Args[1]
	ops, last, ok := parseFieldOps(c)
	if !ok {
		return
	}
	var scratch keyspace.Scratch
	var b []byte
	grown := 0
	if last < 0 {
		if b, _, ok = readBits(c, &scratch); !ok {
			return
		}
	} else {
		if readOnly {
			c.Error("ERR BITFIELD_RO only supports the GET subcommand")
			return
		}
		e, ok := c.WriteTyped(key, keyspace.String)
		if !ok {
			return
		}
		_, b, grown = c.DB.BitRoom(e, key, int(last>>3)+1)
		if int64(len(b)) <= last>>3 {
			// Whoever was told of the new key changed it at once: the operations have nothing left to work on.
			b = make([]byte, last>>3+1)
		}
	}
	c.Array(len(ops))
	changes := int64(0)
	for i := range ops {
		op := &ops[i]
		old := op.read(b, op.off)
		if op.verb == fieldGet {
			c.Int(int64(old))
			continue
		}
		v, by := old, op.arg
		if op.verb == fieldSet {
			v, by = uint64(op.arg), 0
		}
		v, ok := op.result(v, by, op.overflow)
		if !ok {
			c.Null()
			continue
		}
		if op.verb == fieldSet {
			c.Int(int64(old))
		} else {
			c.Int(int64(v))
		}
		keyspace.SetBits(b, op.off, op.width, v)
		if grown > 0 || v != old {
			changes++
		}
	}
	if changes > 0 {
		c.Changed(key, command.NotifyString, "setbit", changes)
	}
}
