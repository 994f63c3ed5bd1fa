package script

import (
	"encoding/binary"
	"math"

	lua "github.com/yuin/gopher-lua"
)

// maxPackDepth is how deep cmsgpack.pack goes: what lies deeper is nil.
const maxPackDepth = 16

func (in *Interp) openMsgpack() {
	t := in.lib("cmsgpack", map[string]lua.LGFunction{
		"pack": in.packAll,
		"unpack": func(L *lua.LState) int {
			return in.unpackMessages(L, in.checkString(L, 1), 0, 0, true)
		},
		"unpack_one": func(L *lua.LState) int {
			s := in.checkString(L, 1)
			return in.unpackMessages(L, s, 1, toInt32(float64(in.optInt(L, 2, 0))), false)
		},
		"unpack_limit": func(L *lua.LState) int {
			s := in.checkString(L, 1)
			limit := toInt32(in.checkNumber(L, 2))
			offset := toInt32(float64(in.optInt(L, 3, 0)))
			return in.unpackMessages(L, s, limit, offset, limit == 0 && offset == 0)
		},
	})
	t.RawSetString("_NAME", lua.LString("cmsgpack"))
	t.RawSetString("_VERSION", lua.LString("lua-cmsgpack 0.4.0"))
	t.RawSetString("_COPYRIGHT", lua.LString("Copyright (C) 2012, Salvatore Sanfilippo"))
	t.RawSetString("_DESCRIPTION", lua.LString("MessagePack C implementation for Lua"))
}

type packer struct {
	in  *Interp
	L   *lua.LState
	out []byte
}

func (in *Interp) packAll(L *lua.LState) int {
	if L.GetTop() == 0 {
		return in.argError(L, 0, "MessagePack pack needs input.")
	}
	p := &packer{in: in, L: L}
	for i := 1; i <= L.GetTop(); i++ {
		p.value(L.Get(i), 0)
	}
	in.charge(len(p.out))
	L.Push(lua.LString(p.out))
	return 1
}

func (p *packer) value(v lua.LValue, depth int) {
	p.in.step(p.L, 1)
	switch x := v.(type) {
	case lua.LString:
		p.text(string(x))
	case lua.LBool:
		if x {
			p.out = append(p.out, 0xc3)
		} else {
			p.out = append(p.out, 0xc2)
		}
	case lua.LNumber:
		p.number(float64(x))
	case *lua.LTable:
		if depth == maxPackDepth {
			p.out = append(p.out, 0xc0)
			return
		}
		p.table(x, depth)
	default:
		p.out = append(p.out, 0xc0)
	}
}

func (p *packer) text(s string) {
	switch n := len(s); {
	case n < 32:
		p.out = append(p.out, 0xa0|byte(n))
	case n <= math.MaxUint8:
		p.out = append(p.out, 0xd9, byte(n))
	default:
		p.length(n, 0, -1, 0xda, 0xdb)
	}
	p.out = append(p.out, s...)
	p.in.grown(len(p.out), len(s))
}

// length writes the head of what has n parts: fixed where n is at most small.
func (p *packer) length(n int, fixed byte, small int, code16, code32 byte) {
	switch {
	case n <= small:
		p.out = append(p.out, fixed|byte(n))
	case n <= math.MaxUint16:
		p.out = binary.BigEndian.AppendUint16(append(p.out, code16), uint16(n))
	default:
		p.out = binary.BigEndian.AppendUint32(append(p.out, code32), uint32(n))
	}
}

func (p *packer) number(f float64) {
	if n := toInt64(f); float64(n) == f {
		p.integer(n)
		return
	}
	if g := float32(f); float64(g) == f {
		p.out = binary.BigEndian.AppendUint32(append(p.out, 0xca), math.Float32bits(g))
		return
	}
	p.out = binary.BigEndian.AppendUint64(append(p.out, 0xcb), math.Float64bits(f))
}

func (p *packer) integer(n int64) {
	be := binary.BigEndian
	switch {
	case n >= 0 && n <= 127, n < 0 && n >= -32:
		p.out = append(p.out, byte(n))
	case n >= 0 && n <= math.MaxUint8:
		p.out = append(p.out, 0xcc, byte(n))
	case n >= 0 && n <= math.MaxUint16:
		p.out = be.AppendUint16(append(p.out, 0xcd), uint16(n))
	case n >= 0 && n <= math.MaxUint32:
		p.out = be.AppendUint32(append(p.out, 0xce), uint32(n))
	case n >= 0:
		p.out = be.AppendUint64(append(p.out, 0xcf), uint64(n))
	case n >= math.MinInt8:
		p.out = append(p.out, 0xd0, byte(n))
	case n >= math.MinInt16:
		p.out = be.AppendUint16(append(p.out, 0xd1), uint16(n))
	case n >= math.MinInt32:
		p.out = be.AppendUint32(append(p.out, 0xd2), uint32(n))
	default:
		p.out = be.AppendUint64(append(p.out, 0xd3), uint64(n))
	}
}

func (p *packer) table(t *lua.LTable, depth int) {
	raw := p.in.raw(t)
	if n, ok := p.isArray(raw); ok {
		p.length(n, 0x90, 15, 0xdc, 0xdd)
		for i := 1; i <= n; i++ {
			p.value(rawGetInt(raw, i), depth+1)
		}
		return
	}
	n := 0
	raw.ForEach(func(_, _ lua.LValue) { n++ })
	p.length(n, 0x80, 15, 0xde, 0xdf)
	p.in.forEach(t, func(k, v lua.LValue) bool {
		p.value(k, depth+1)
		p.value(v, depth+1)
		return true
	})
}

func (p *packer) isArray(t *lua.LTable) (n int, ok bool) {
	ok = true
	top := 0.0
	t.ForEach(func(k, _ lua.LValue) {
		x, isNum := k.(lua.LNumber)
		if !isNum || x <= 0 || float64(toInt32(float64(x))) != float64(x) {
			ok = false
			return
		}
		top = max(top, float64(x))
		n++
	})
	return n, ok && int(top) == n
}

// unpacker reads one buffer. Its errors are cmsgpack's: missing bytes, or a
// byte that begins nothing.
type unpacker struct {
	in   *Interp
	L    *lua.LState
	s    string
	pos  int
	err  string
	used int // of Lua's stack
}

const (
	textMissing = "Missing bytes in input."
	textFormat  = "Bad data format in input."
)

func (in *Interp) unpackMessages(L *lua.LState, s string, limit, offset int, all bool) int {
	switch {
	case offset < 0 || limit < 0:
		return in.fail(L, "Invalid request to unpack with offset of %d and limit of %d.", offset, len(s))
	case offset > len(s):
		return in.fail(L, "Start offset %d greater than input length %d.", offset, len(s))
	}
	if all {
		limit = math.MaxInt32
	}
	u := &unpacker{in: in, L: L, s: s, pos: offset}
	var out []lua.LValue
	for u.pos < len(s) && len(out) < limit {
		v := u.value()
		if u.err != "" {
			return in.fail(L, "%s", u.err)
		}
		if out = append(out, v); len(out) > maxPush-8 {
			return in.fail(L, "stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)")
		}
	}
	n := len(out)
	if !all {
		next := u.pos
		if next == len(s) {
			next = -1
		}
		L.Push(lua.LNumber(next))
		n++
	}
	for _, v := range out {
		L.Push(v)
	}
	return n
}

// need takes n bytes behind the first, or fails.
func (u *unpacker) need(n int) string {
	if len(u.s)-u.pos < n+1 {
		u.err = textMissing
		return ""
	}
	b := u.s[u.pos+1 : u.pos+1+n]
	u.pos += n + 1
	return b
}

func bigEndian(b string) (n uint64) {
	for i := range len(b) {
		n = n<<8 | uint64(b[i])
	}
	return n
}

func (u *unpacker) value() lua.LValue {
	u.in.step(u.L, 1)
	if u.pos >= len(u.s) {
		u.err = textMissing
		return lua.LNil
	}
	number := func(n int, f func(uint64) float64) lua.LValue {
		b := u.need(n)
		if u.err != "" {
			return lua.LNil
		}
		return lua.LNumber(f(bigEndian(b)))
	}
	unsigned := func(n uint64) float64 { return float64(n) }
	length := func(n int) int { return int(bigEndian(u.need(n))) }
	switch c := u.s[u.pos]; {
	case c <= 0x7f, c >= 0xe0:
		u.pos++
		return lua.LNumber(int8(c))
	case c >= 0xa0 && c <= 0xbf:
		return u.bytes(int(c&31), 0)
	case c&0xf0 == 0x90:
		u.pos++
		return u.array(int(c & 15))
	case c&0xf0 == 0x80:
		u.pos++
		return u.hash(int(c & 15))
	case c == 0xc0:
		u.pos++
		return lua.LNil
	case c == 0xc2, c == 0xc3:
		u.pos++
		return lua.LBool(c == 0xc3)
	case c == 0xca:
		return number(4, func(n uint64) float64 { return float64(math.Float32frombits(uint32(n))) })
	case c == 0xcb:
		return number(8, math.Float64frombits)
	case c == 0xcc:
		return number(1, unsigned)
	case c == 0xcd:
		return number(2, unsigned)
	case c == 0xce:
		return number(4, unsigned)
	case c == 0xcf:
		return number(8, unsigned)
	case c == 0xd0:
		return number(1, func(n uint64) float64 { return float64(int8(n)) })
	case c == 0xd1:
		return number(2, func(n uint64) float64 { return float64(int16(n)) })
	case c == 0xd2:
		return number(4, func(n uint64) float64 { return float64(int32(n)) })
	case c == 0xd3:
		return number(8, func(n uint64) float64 { return float64(int64(n)) })
	case c == 0xd9:
		return u.bytes(-1, 1)
	case c == 0xda:
		return u.bytes(-1, 2)
	case c == 0xdb:
		return u.bytes(-1, 4)
	case c == 0xdc:
		return u.array(length(2))
	case c == 0xdd:
		return u.array(length(4))
	case c == 0xde:
		return u.hash(length(2))
	case c == 0xdf:
		return u.hash(length(4))
	}
	u.err = textFormat
	return lua.LNil
}

// bytes reads a string of n bytes, or whose length stands in the next size
// bytes.
func (u *unpacker) bytes(n, size int) lua.LValue {
	if size > 0 {
		if len(u.s)-u.pos < size+1 {
			u.err = textMissing
			return lua.LNil
		}
		n = int(bigEndian(u.s[u.pos+1 : u.pos+1+size]))
	}
	if len(u.s)-u.pos < n+size+1 {
		u.err = textMissing
		return lua.LNil
	}
	from := u.pos + 1 + size
	u.pos = from + n
	return lua.LString(u.s[from:u.pos])
}

func (u *unpacker) enter(n int, where string) {
	if u.used += n; u.used > maxPush-8 {
		u.in.fail(u.L, "stack overflow (in function %s)", where)
	}
}

func (u *unpacker) array(n int) lua.LValue {
	if u.err != "" {
		return lua.LNil
	}
	u.enter(2, "mp_decode_to_lua_array")
	t := u.L.NewTable()
	for i := 1; i <= n; i++ {
		v := u.value()
		if u.err != "" {
			return lua.LNil
		}
		t.RawSetInt(i, v)
	}
	u.used -= 2
	return t
}

func (u *unpacker) hash(n int) lua.LValue {
	if u.err != "" {
		return lua.LNil
	}
	u.enter(2, "mp_decode_to_lua_hash")
	t := u.L.NewTable()
	for range n {
		k := u.value()
		if u.err != "" {
			return lua.LNil
		}
		v := u.value()
		if u.err != "" {
			return lua.LNil
		}
		u.in.rawSet(u.L, t, k, v)
	}
	u.used -= 2
	return t
}
