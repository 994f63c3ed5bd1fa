package script

import (
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (in *Interp) openString() {
	in.lib("string", map[string]lua.LGFunction{
		"byte": in.strByte, "char": in.strChar, "dump": in.strDump, "find": in.strFind, "format": in.strFormat,
		"gfind": in.strGMatch, "gmatch": in.strGMatch, "gsub": in.strGSub, "len": in.strLen, "lower": in.strLower,
		"match": in.strMatch, "rep": in.strRep, "reverse": in.strReverse, "sub": in.strSub, "upper": in.strUpper,
	})
}

// relative makes a position that may count from the end one that does not.
func relative(pos int64, n int) int64 {
	if pos < 0 {
		pos += int64(n) + 1
	}
	return max(pos, 0)
}

func (in *Interp) strByte(L *lua.LState) int {
	s := in.checkString(L, 1)
	from := relative(in.optInt(L, 2, 1), len(s))
	to := relative(in.optInt(L, 3, from), len(s))
	from, to = max(from, 1), min(to, int64(len(s)))
	if from > to {
		return 0
	}
	if to-from+1 > maxPush-int64(L.GetTop()) {
		return in.fail(L, "stack overflow (string slice too long)")
	}
	for i := from; i <= to; i++ {
		L.Push(lua.LNumber(s[i-1]))
	}
	return int(to - from + 1)
}

func (in *Interp) strChar(L *lua.LState) int {
	b := make([]byte, L.GetTop())
	for i := range b {
		c := toInt32(in.checkNumber(L, i+1))
		if c < 0 || c > 255 {
			return in.argError(L, i+1, "invalid value")
		}
		b[i] = byte(c)
	}
	L.Push(lua.LString(b))
	return 1
}

// strDump gives the head of a binary chunk. What it would hold beyond that can't
// be loaded: Redis's loadstring refuses binary chunks.
func (in *Interp) strDump(L *lua.LState) int {
	if f := in.checkFunc(L, 1); f.IsG {
		return in.fail(L, "unable to dump given function")
	}
	L.Push(lua.LString("\x1bLuaQ\x00\x01\x04\x08\x04\x08\x00"))
	return 1
}

func (in *Interp) strLen(L *lua.LState) int {
	L.Push(lua.LNumber(len(in.checkString(L, 1))))
	return 1
}

func (in *Interp) strLower(L *lua.LState) int {
	return in.mapBytes(L, func(c byte) byte {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		return c
	})
}

func (in *Interp) strUpper(L *lua.LState) int {
	return in.mapBytes(L, func(c byte) byte {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		return c
	})
}

func (in *Interp) mapBytes(L *lua.LState, f func(byte) byte) int {
	s := in.checkString(L, 1)
	in.charge(2 * len(s))
	b := []byte(s)
	for i := range b {
		b[i] = f(b[i])
	}
	L.Push(lua.LString(b))
	return 1
}

func (in *Interp) strReverse(L *lua.LState) int {
	s := in.checkString(L, 1)
	in.charge(2 * len(s))
	b := make([]byte, len(s))
	for i := range b {
		b[i] = s[len(s)-1-i]
	}
	L.Push(lua.LString(b))
	return 1
}

func (in *Interp) strRep(L *lua.LState) int {
	s := in.checkString(L, 1)
	n := max(toInt32(in.checkNumber(L, 2)), 0)
	if len(s) == 0 {
		n = 0
	}
	if len(s) > 0 && n > MaxMemory/len(s) {
		in.throwMemory()
	}
	in.charge(n * len(s))
	L.Push(lua.LString(strings.Repeat(s, n)))
	return 1
}

func (in *Interp) strSub(L *lua.LState) int {
	s := in.checkString(L, 1)
	from := max(relative(in.checkInt(L, 2), len(s)), 1)
	to := min(relative(in.optInt(L, 3, -1), len(s)), int64(len(s)))
	if from > to {
		L.Push(lua.LString(""))
	} else {
		L.Push(lua.LString(s[from-1 : to]))
	}
	return 1
}

func (in *Interp) strFind(L *lua.LState) int  { return in.find(L, true) }
func (in *Interp) strMatch(L *lua.LState) int { return in.find(L, false) }

func (in *Interp) find(L *lua.LState, find bool) int {
	s, p := in.checkString(L, 1), in.checkString(L, 2)
	init := int(min(max(relative(in.optInt(L, 3, 1), len(s))-1, 0), int64(len(s))))
	if find && (lua.LVAsBool(L.Get(4)) || !hasSpecials(p)) {
		if i := strings.Index(s[init:], p); i >= 0 {
			L.Push(lua.LNumber(init + i + 1))
			L.Push(lua.LNumber(init + i + len(p)))
			return 2
		}
		L.Push(lua.LNil)
		return 1
	}
	m := &matcher{in: in, L: L, src: s, pat: p}
	start := 0
	if m.at(0) == '^' {
		start = 1
	}
	for at := init; at <= len(s); at++ {
		m.level = 0
		if e := m.match(at, start); e >= 0 {
			if find {
				L.Push(lua.LNumber(at + 1))
				L.Push(lua.LNumber(e))
				return m.push(at, e, false) + 2
			}
			return m.push(at, e, true)
		}
		if start == 1 {
			break
		}
	}
	L.Push(lua.LNil)
	return 1
}

func (in *Interp) strGMatch(L *lua.LState) int {
	s, p := in.checkString(L, 1), in.checkString(L, 2)
	at := 0
	L.Push(L.NewFunction(func(L *lua.LState) int {
		m := &matcher{in: in, L: L, src: s, pat: p}
		for ; at <= len(s); at++ {
			m.level = 0
			if e := m.match(at, 0); e >= 0 {
				from := at
				at = e
				if e == from {
					at++
				}
				return m.push(from, e, true)
			}
		}
		return 0
	}))
	return 1
}

func (in *Interp) strGSub(L *lua.LState) int {
	s, p := in.checkString(L, 1), in.checkString(L, 2)
	repl := L.Get(3)
	switch repl.Type() {
	case lua.LTNumber, lua.LTString, lua.LTFunction, lua.LTTable:
	default:
		return in.argError(L, 3, "string/function/table expected")
	}
	limit := in.optInt(L, 4, int64(len(s)+1))
	m := &matcher{in: in, L: L, src: s, pat: p}
	start := 0
	if m.at(0) == '^' {
		start = 1
	}
	var out []byte
	n := int64(0)
	at := 0
	for n < limit {
		m.level = 0
		e := m.match(at, start)
		if e >= 0 {
			n++
			out = in.substitute(m, out, repl, at, e)
		}
		if e >= 0 && e > at {
			at = e
		} else if at < len(s) {
			out = append(out, s[at])
			at++
		} else {
			break
		}
		if start == 1 {
			break
		}
	}
	in.charge(2*len(out) + len(s))
	if at < len(s) {
		out = append(out, s[at:]...)
	}
	L.Push(lua.LString(out))
	L.Push(lua.LNumber(n))
	return 2
}

// substitute appends what stands for a match.
func (in *Interp) substitute(m *matcher, out []byte, repl lua.LValue, s, e int) []byte {
	L := m.L
	var v lua.LValue
	switch r := repl.(type) {
	case *lua.LFunction:
		L.Push(r)
		in.call(L, m.push(s, e, true), 1)
		v = L.Get(-1)
		L.Pop(1)
	case *lua.LTable:
		v = L.GetTable(r, m.capture(0, s, e))
	default:
		text, _ := toString(repl)
		before := len(out)
		for i := 0; i < len(text); i++ {
			c := text[i]
			if c != '%' {
				out = append(out, c)
				continue
			}
			i++
			var d byte
			if i < len(text) {
				d = text[i]
			}
			switch {
			case !isDigit(int(d)):
				out = append(out, d)
			case d == '0':
				out = append(out, m.src[s:e]...)
			default:
				part, _ := toString(m.capture(int(d)-'1', s, e))
				out = append(out, part...)
			}
		}
		in.grown(len(out), len(out)-before)
		return out
	}
	if lua.LVIsFalse(v) {
		return append(out, m.src[s:e]...)
	}
	text, ok := toString(v)
	if !ok {
		in.fail(L, "invalid replacement value (a %s)", v.Type().String())
	}
	in.grown(len(out)+len(text), len(text))
	return append(out, text...)
}

// grown accounts for a buffer that has grown by more to n bytes.
func (in *Interp) grown(n, more int) {
	if n > MaxMemory {
		in.throwMemory()
	}
	if n > 1<<20 {
		in.hook.charged += more
		in.charge(1 << 16)
	}
}

// strFormat is printf, with C's printf's flags and Lua's limits.
func (in *Interp) strFormat(L *lua.LState) int {
	f := in.checkString(L, 1)
	var out []byte
	arg := 1
	for i := 0; i < len(f); i++ {
		if f[i] != '%' {
			out = append(out, f[i])
			continue
		}
		i++
		if i < len(f) && f[i] == '%' {
			out = append(out, '%')
			continue
		}
		arg++
		if arg > L.GetTop() {
			return in.argError(L, arg, "no value")
		}
		spec, next := in.formatSpec(L, f, i)
		i = next
		var verb byte
		if i < len(f) {
			verb = f[i]
		}
		out = append(out, in.formatArg(L, arg, spec, verb)...)
		in.grown(len(out), len(out))
	}
	L.Push(lua.LString(out))
	return 1
}

// formatSpec reads flags, width and precision.
func (in *Interp) formatSpec(L *lua.LState, f string, i int) (spec string, next int) {
	from := i
	for i < len(f) && strings.IndexByte("-+ #0", f[i]) >= 0 {
		i++
	}
	if i-from >= 6 {
		in.fail(L, "invalid format (repeated flags)")
	}
	digits := func() {
		for n := 0; n < 2 && i < len(f) && isDigit(int(f[i])); n++ {
			i++
		}
	}
	digits()
	if i < len(f) && f[i] == '.' {
		i++
		digits()
	}
	if i < len(f) && isDigit(int(f[i])) {
		in.fail(L, "invalid format (width or precision too long)")
	}
	return f[from:i], i
}

func (in *Interp) formatArg(L *lua.LState, arg int, spec string, verb byte) string {
	switch verb {
	case 'c':
		return cString(fmt.Sprintf("%"+spec+"s", string([]byte{byte(int64(in.checkNumber(L, arg)))})))
	case 'd', 'i':
		return fmt.Sprintf("%"+spec+"d", toInt64(in.checkNumber(L, arg)))
	case 'o', 'u', 'x', 'X':
		n := toUint64(in.checkNumber(L, arg))
		if n == 0 {
			spec = strings.ReplaceAll(spec, "#", "")
		}
		spec = strings.NewReplacer("+", "", " ", "").Replace(spec)
		if verb == 'u' {
			return fmt.Sprintf("%"+strings.ReplaceAll(spec, "#", "")+"d", n)
		}
		return fmt.Sprintf("%"+spec+string(verb), n)
	case 'e', 'E', 'f', 'g', 'G':
		return formatFloat(spec, verb, in.checkNumber(L, arg))
	case 'q':
		return quoteLua(in.checkString(L, arg))
	case 's':
		s := in.checkString(L, arg)
		if strings.IndexByte(spec, '.') < 0 && len(s) >= 100 {
			return s
		}
		s = cString(s)
		width, prec, left := splitSpec(spec)
		if prec >= 0 && prec < len(s) {
			s = s[:prec]
		}
		pad := strings.Repeat(" ", max(width-len(s), 0))
		if left {
			return s + pad
		}
		return pad + s
	}
	in.fail(L, "invalid option '%s' to 'format'", "%"+strings.TrimRight(string([]byte{verb}), "\x00"))
	return ""
}

func splitSpec(spec string) (width, prec int, left bool) {
	i := 0
	for i < len(spec) && strings.IndexByte("-+ #0", spec[i]) >= 0 {
		left = left || spec[i] == '-'
		i++
	}
	prec = -1
	for ; i < len(spec); i++ {
		switch {
		case spec[i] == '.':
			prec = 0
		case prec >= 0:
			prec = prec*10 + int(spec[i]-'0')
		default:
			width = width*10 + int(spec[i]-'0')
		}
	}
	return width, prec, left
}

func formatFloat(spec string, verb byte, f float64) string {
	if s, ok := formatSpecial(f); ok {
		if verb < 'a' {
			s = strings.ToUpper(s)
		}
		if s[0] != '-' {
			flags := spec[:len(spec)-len(strings.TrimLeft(spec, "-+ #0"))]
			if strings.Contains(flags, "+") {
				s = "+" + s
			} else if strings.Contains(flags, " ") {
				s = " " + s
			}
		}
		width, _, left := splitSpec(spec)
		if left {
			return fmt.Sprintf("%-*s", width, s)
		}
		return fmt.Sprintf("%*s", width, s)
	}
	if strings.IndexByte(spec, '.') < 0 {
		spec += ".6"
	}
	return fmt.Sprintf("%"+spec+string(verb), f)
}

func toUint64(f float64) uint64 {
	if f >= 9223372036854775808.0 && f < 18446744073709551616.0 {
		return uint64(f)
	}
	if f >= 18446744073709551616.0 || math.IsNaN(f) {
		return 1 << 63
	}
	return uint64(toInt64(f))
}

// quoteLua is a string that Lua reads back.
func quoteLua(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\', '\n':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\r':
			b.WriteString("\\r")
		case 0:
			b.WriteString("\\000")
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
