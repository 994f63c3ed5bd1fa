package script

import (
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

const (
	maxIntSize  = 32
	nativeAlign = 8
)

func (in *Interp) openStruct() {
	in.lib("struct", map[string]lua.LGFunction{"pack": in.structPack, "unpack": in.structUnpack, "size": in.structSize})
}

// layoutReader walks over a format of struct.
type layoutReader struct {
	in    *Interp
	L     *lua.LState
	fmt   string
	big   bool
	align int
}

// number is the number that follows in the format, or def.
func (f *layoutReader) number(def int) int {
	if f.fmt == "" || !isDigit(int(f.fmt[0])) {
		return def
	}
	n := 0
	for f.fmt != "" && isDigit(int(f.fmt[0])) {
		d := int(f.fmt[0] - '0')
		if n > math.MaxInt32/10 || n*10 > math.MaxInt32-d {
			f.in.fail(f.L, "integral size overflow")
		}
		n = n*10 + d
		f.fmt = f.fmt[1:]
	}
	return n
}

// next takes one option and its size; ok is false at the end.
func (f *layoutReader) next() (opt byte, size int, ok bool) {
	if f.fmt == "" || f.fmt[0] == 0 {
		return 0, 0, false
	}
	opt = f.fmt[0]
	f.fmt = f.fmt[1:]
	switch opt {
	case 'b', 'B', 'x':
		size = 1
	case 'h', 'H':
		size = 2
	case 'l', 'L', 'T', 'd':
		size = 8
	case 'f':
		size = 4
	case 'c':
		size = f.number(1)
	case 'i', 'I':
		size = f.number(4)
		if size > maxIntSize {
			f.in.fail(f.L, "integral size %d is larger than limit of %d", size, maxIntSize)
		}
	}
	return opt, size, true
}

// padding is what lies before an option at pos.
func (f *layoutReader) padding(pos int, opt byte, size int) int {
	if size == 0 || opt == 'c' {
		return 0
	}
	size = min(size, f.align)
	return (size - pos&(size-1)) & (size - 1)
}

func (f *layoutReader) control(opt byte) {
	switch opt {
	case ' ':
	case '>':
		f.big = true
	case '<':
		f.big = false
	case '!':
		a := f.number(nativeAlign)
		if a <= 0 || a&(a-1) != 0 {
			f.in.fail(f.L, "alignment %d is not a power of 2", a)
		}
		f.align = a
	default:
		f.in.argError(f.L, 1, "invalid format option '"+string([]byte{opt})+"'")
	}
}

func (in *Interp) layout(L *lua.LState) *layoutReader {
	return &layoutReader{in: in, L: L, fmt: in.checkString(L, 1), align: 1}
}

func (in *Interp) structPack(L *lua.LState) int {
	f := in.layout(L)
	// In C a nil marks the end of the arguments.
	L.Push(lua.LNil)
	var out []byte
	arg := 1
	for {
		opt, size, ok := f.next()
		if !ok {
			break
		}
		pad := f.padding(len(out), opt, size)
		in.charge(pad + size)
		out = append(out, make([]byte, pad)...)
		switch opt {
		case 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I':
			arg++
			out = f.appendInt(out, in.checkNumber(L, arg), size)
		case 'x':
			out = append(out, 0)
		case 'f':
			arg++
			out = f.appendBits(out, uint64(math.Float32bits(float32(in.checkNumber(L, arg)))), 4)
		case 'd':
			arg++
			out = f.appendBits(out, math.Float64bits(in.checkNumber(L, arg)), 8)
		case 'c', 's':
			arg++
			s := in.checkString(L, arg)
			if size == 0 {
				size = len(s)
			}
			if len(s) < size {
				return in.argError(L, arg+1, "string too short")
			}
			out = append(out, s[:size]...)
			if opt == 's' {
				out = append(out, 0)
			}
		default:
			f.control(opt)
		}
		in.grown(len(out), size)
	}
	L.Push(lua.LString(out))
	return 1
}

func (f *layoutReader) appendInt(out []byte, n float64, size int) []byte {
	v := toUint64(n)
	if n < 0 {
		v = uint64(toInt64(n))
	}
	return f.appendBits(out, v, size)
}

func (f *layoutReader) appendBits(out []byte, v uint64, size int) []byte {
	at := len(out)
	for range size {
		out = append(out, byte(v))
		v >>= 8
	}
	if f.big {
		for i, j := at, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return out
}

func (f *layoutReader) bits(b string) (v uint64) {
	for i := range len(b) {
		c := b[len(b)-1-i]
		if f.big {
			c = b[i]
		}
		v = v<<8 | uint64(c)
	}
	return v
}

func (in *Interp) structUnpack(L *lua.LState) int {
	f := in.layout(L)
	data := in.checkString(L, 2)
	start := in.optInt(L, 3, 1)
	if start == 0 {
		return in.argError(L, 3, "offset must be 1 or greater")
	}
	// A negative offset is a huge one, as in C.
	pos := math.MaxInt32 * 4
	if start > 0 && start < math.MaxInt32 {
		pos = int(start) - 1
	}
	short := func() { in.argError(L, 2, "data string too short") }
	var out []lua.LValue
	for {
		opt, size, ok := f.next()
		if !ok {
			break
		}
		pos += f.padding(pos, opt, size)
		if size > len(data) || pos > len(data)-size {
			short()
		}
		if len(out) > maxPush-8 {
			in.fail(L, "stack overflow (too many results)")
		}
		switch opt {
		case 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I':
			out = append(out, lua.LNumber(f.integer(data[pos:pos+size], opt >= 'a')))
		case 'x':
		case 'f':
			out = append(out, lua.LNumber(math.Float32frombits(uint32(f.bits(data[pos:pos+4])))))
		case 'd':
			out = append(out, lua.LNumber(math.Float64frombits(f.bits(data[pos:pos+8]))))
		case 'c':
			if size == 0 {
				n, ok := 0.0, false
				if len(out) > 0 {
					n, ok = toNumber(out[len(out)-1])
				}
				if !ok {
					in.fail(L, "format 'c0' needs a previous size")
				}
				out = out[:len(out)-1]
				if n < 0 || n > float64(len(data)-pos) {
					short()
				}
				size = int(n)
			}
			out = append(out, lua.LString(data[pos:pos+size]))
		case 's':
			end := strings.IndexByte(data[pos:], 0)
			if end < 0 {
				in.fail(L, "unfinished string in data")
			}
			out = append(out, lua.LString(data[pos:pos+end]))
			size = end + 1
		default:
			f.control(opt)
		}
		pos += size
	}
	for _, v := range out {
		L.Push(v)
	}
	L.Push(lua.LNumber(pos + 1))
	return len(out) + 1
}

func (f *layoutReader) integer(b string, signed bool) float64 {
	v := f.bits(b)
	if !signed {
		return float64(v)
	}
	mask := ^uint64(0) << (uint(len(b)*8-1) & 63)
	if v&mask != 0 {
		v |= mask
	}
	return float64(int64(v))
}

func (in *Interp) structSize(L *lua.LState) int {
	f := in.layout(L)
	pos := 0
	for {
		opt, size, ok := f.next()
		if !ok {
			break
		}
		pos += f.padding(pos, opt, size)
		if opt == 's' || opt == 'c' && size == 0 {
			name := string([]byte{opt})
			if opt == 'c' {
				name = "c0"
			}
			return in.argError(L, 1, fmt.Sprintf("option '%s' has no fixed size", name))
		}
		if !isAlnum(int(opt)) {
			f.control(opt)
		}
		pos += size
	}
	L.Push(lua.LNumber(pos))
	return 1
}
