package commands

import (
	"berth/host/command"
	"berth/internal/numfmt"
	"berth/keyspace"
)

func registerBitmaps(t *command.Table) {
	t.Register("setbit", cmdSetBit)
	t.Register("getbit", cmdGetBit)
	t.Register("bitcount", cmdBitCount)
	t.Register("bitpos", cmdBitPos)
	t.Register("bitop", cmdBitOp)
	t.Register("bitfield", func(c *command.Ctx) { bitField(c, false) })
	t.Register("bitfield_ro", func(c *command.Ctx) { bitField(c, true) })
}

// bitOffset reads argument i as the number of a bit. width, if not 0, is that of an integer type: "#n"
// then means the n-th integer.
func bitOffset(c *command.Ctx, i, width int) (int64, bool) {
	b, scale := c.Args[i], int64(1)
	if width > 0 && len(b) > 0 && b[0] == '#' {
		b, scale = b[1:], int64(width)
	}
	n, ok := numfmt.ParseInt64(b)
	n *= scale // wraps around as Redis's does
	if !ok || n < 0 || n>>3 >= c.Host.MaxBulkLen() && c.Flags&command.CallReplica == 0 {
		c.Error("ERR bit offset is not an integer or out of range")
		return 0, false
	}
	return n, true
}

const errBit = "ERR bit is not an integer or out of range"

func cmdSetBit(c *command.Ctx) {
	key := c.Args[1]
	off, ok := bitOffset(c, 2, 0)
	if !ok {
		return
	}
	on, ok := c.RangeArg(3, 0, 1, errBit)
	if !ok {
		return
	}
	e, ok := c.WriteTyped(key, keyspace.String)
	if !ok {
		return
	}
	_, b, grown := c.DB.BitRoom(e, key, int(off>>3)+1)
	was := int64(0)
	if off>>3 < int64(len(b)) {
		was = int64(keyspace.GetBits(b, off, 1))
		keyspace.SetBits(b, off, 1, uint64(on))
	}
	if grown > 0 || was != on {
		c.Changed(key, command.NotifyString, "setbit", 1)
	}
	c.Int(was)
}

// readBits is the string to read bits of, nil for a missing key.
func readBits(c *command.Ctx, scratch *keyspace.Scratch) (b []byte, found, ok bool) {
	e, ok := c.ReadTyped(c.Args[1], keyspace.String)
	if !ok || e == nil {
		return nil, false, ok
	}
	return keyspace.StringBytes(e, scratch[:0]), true, true
}

func cmdGetBit(c *command.Ctx) {
	off, ok := bitOffset(c, 2, 0)
	if !ok {
		return
	}
	var scratch keyspace.Scratch
	if b, _, ok := readBits(c, &scratch); ok {
		c.Int(int64(keyspace.GetBits(b, off, 1)))
	}
}

// bitUnit reads BYTE or BIT.
func bitUnit(c *command.Ctx, i int) (bit, ok bool) {
	switch {
	case c.ArgIs(i, "bit"):
		return true, true
	case c.ArgIs(i, "byte"):
		return false, true
	}
	c.Error(command.ErrSyntax)
	return false, false
}

// bitRange is a range of bits within a string.
type bitRange struct {
	start, end int64 // in bits, both inclusive; start > end: empty
}

// clip makes a range of the indexes that a client gave, negative ones counting from the end, for a
// string of n bytes.
func clipBits(start, end, n int64, bit bool) bitRange {
	if bit {
		n <<= 3
	}
	if start < 0 {
		start = max(start+n, 0)
	}
	if end < 0 {
		end = max(end+n, 0)
	}
	end = min(end, n-1)
	if !bit && start <= end {
		return bitRange{start << 3, end<<3 + 7}
	}
	return bitRange{start, end}
}

// edges takes the range apart: whole bytes, and what is left of the bytes in front and behind. A part that is not
// there has the width 0.
func (r bitRange) edges() (head, headWidth, from, to, tail, tailWidth int64) {
	head, from = r.start, (r.start+7)>>3
	headWidth = min(from<<3, r.end+1) - head
	to = max((r.end+1)>>3, from)
	tail = to << 3
	tailWidth = max(r.end+1-tail, 0)
	return
}

func cmdBitCount(c *command.Ctx) {
	var start, end int64
	bit, ranged := false, len(c.Args) != 2
	if ranged {
		if len(c.Args) != 4 && len(c.Args) != 5 {
			c.Error(command.ErrSyntax)
			return
		}
		var ok bool
		if start, ok = c.IntArg(2); !ok {
			return
		}
		if end, ok = c.IntArg(3); !ok {
			return
		}
		if len(c.Args) == 5 {
			if bit, ok = bitUnit(c, 4); !ok {
				return
			}
		}
	}
	var scratch keyspace.Scratch
	b, _, ok := readBits(c, &scratch)
	if !ok {
		return
	}
	if !ranged {
		c.Int(keyspace.BitCount(b))
		return
	}
	r := clipBits(start, end, int64(len(b)), bit)
	if start < 0 && end < 0 && start > end || r.start > r.end {
		c.Int(0)
		return
	}
	head, hw, from, to, tail, tw := r.edges()
	n := keyspace.BitCount(b[from:to])
	if hw > 0 {
		n += keyspace.BitCount([]byte{byte(keyspace.GetBits(b, head, int(hw)))})
	}
	if tw > 0 {
		n += keyspace.BitCount([]byte{byte(keyspace.GetBits(b, tail, int(tw)))})
	}
	c.Int(n)
}

func cmdBitPos(c *command.Ctx) {
	n := len(c.Args)
	want, ok := c.IntArg(2)
	if !ok {
		return
	}
	if want != 0 && want != 1 {
		c.Error("ERR The bit argument must be 1 or 0.")
		return
	}
	if n > 6 {
		c.Error(command.ErrSyntax)
		return
	}
	start, end, bit := int64(0), int64(-1), false
	if n > 3 {
		if start, ok = c.IntArg(3); !ok {
			return
		}
		if n == 6 {
			if bit, ok = bitUnit(c, 5); !ok {
				return
			}
		}
		if n > 4 {
			if end, ok = c.IntArg(4); !ok {
				return
			}
		}
	}
	var scratch keyspace.Scratch
	b, found, ok := readBits(c, &scratch)
	switch {
	case !ok:
		return
	case !found:
		// An endless row of clear bits.
		c.Int(-want)
		return
	}
	r := clipBits(start, end, int64(len(b)), bit)
	if r.start > r.end {
		c.Int(-1)
		return
	}
	pos := findBit(b, r, want == 1)
	if pos < 0 && want == 0 && n < 5 {
		// Without an explicit end, clear bits follow the string.
		pos = int64(len(b)) << 3
	}
	c.Int(pos)
}

// findBit is the position of the first bit in a range that is as wanted, or -1.
func findBit(b []byte, r bitRange, set bool) int64 {
	head, hw, from, to, tail, tw := r.edges()
	if p := findInEdge(b, head, hw, set); p >= 0 {
		return p
	}
	if p := keyspace.BitPos(b[from:to], set); p >= 0 {
		return from<<3 + p
	}
	return findInEdge(b, tail, tw, set)
}

func findInEdge(b []byte, at, width int64, set bool) int64 {
	for i := at; i < at+width; i++ {
		if (keyspace.GetBits(b, i, 1) == 1) == set {
			return i
		}
	}
	return -1
}

func cmdBitOp(c *command.Ctx) {
	var op keyspace.BitOperation
	switch {
	case c.ArgIs(1, "and"):
		op = keyspace.BitAnd
	case c.ArgIs(1, "or"):
		op = keyspace.BitOr
	case c.ArgIs(1, "xor"):
		op = keyspace.BitXor
	case c.ArgIs(1, "not"):
		op = keyspace.BitNot
	default:
		c.Error(command.ErrSyntax)
		return
	}
	if op == keyspace.BitNot && len(c.Args) != 4 {
		c.Error("ERR BITOP NOT must be called with a single source key.")
		return
	}
	dst, keys := c.Args[2], c.Args[3:]
	empty := true
	for _, key := range keys {
		e, ok := c.ReadTyped(key, keyspace.String)
		if !ok {
			return
		}
		empty = empty && (e == nil || keyspace.StringLen(e) == 0)
	}
	if empty {
		if c.LookupWrite(dst) != nil {
			c.DB.Delete(dst)
			c.Changed(dst, command.NotifyGeneric, "del", 1)
		}
		c.Int(0)
		return
	}
	e := c.LookupWrite(dst)
	// Now that nothing can expire any more, what was found stays where it is.
	src := make([][]byte, len(keys))
	for i, key := range keys {
		const quiet = keyspace.LookupNoStats | keyspace.LookupNoTouch | keyspace.LookupNoNotify
		if s := c.DB.Lookup(key, quiet); s != nil && s.Type() == keyspace.String {
			src[i] = keyspace.StringBytes(s, nil)
		}
	}
	_, n := c.DB.BitOp(op, e, dst, src)
	c.Changed(dst, command.NotifyString, "set", 1)
	c.Int(int64(n))
}
