package script

import (
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (in *Interp) openBase() {
	for name, f := range map[string]lua.LGFunction{
		"assert": in.baseAssert, "collectgarbage": in.baseCollectGarbage, "error": in.baseError, "gcinfo": in.baseGCInfo,
		"getmetatable": in.baseGetMetatable, "load": in.baseLoad, "loadstring": in.baseLoadString,
		"next": in.baseNext, "pcall": in.basePCall, "rawequal": in.baseRawEqual, "rawget": in.baseRawGet,
		"rawset": in.baseRawSet, "select": in.baseSelect, "setmetatable": in.baseSetMetatable, "tonumber": in.baseToNumber,
		"tostring": in.baseToString, "type": in.baseType, "unpack": in.baseUnpack, "xpcall": in.baseXPCall,
	} {
		in.contents.RawSetString(name, in.L.NewFunction(f))
	}
	next := in.contents.RawGetString("next")
	in.contents.RawSetString("pairs", in.L.NewFunction(func(L *lua.LState) int {
		in.checkTable(L, 1)
		L.SetTop(1)
		L.Push(next)
		L.Push(L.Get(1))
		L.Push(lua.LNil)
		return 3
	}))
	step := in.L.NewFunction(func(L *lua.LState) int {
		i := int(in.checkInt(L, 2)) + 1
		v := rawGetInt(in.raw(in.checkTable(L, 1)), i)
		if v == lua.LNil {
			return 0
		}
		L.Push(lua.LNumber(i))
		L.Push(v)
		return 2
	})
	in.contents.RawSetString("ipairs", in.L.NewFunction(func(L *lua.LState) int {
		t := in.checkTable(L, 1)
		L.Push(step)
		L.Push(t)
		L.Push(lua.LNumber(0))
		return 3
	}))
	in.contents.RawSetString("_VERSION", lua.LString("Lua 5.1"))
	in.contents.RawSetString("_G", in.globals)
	// What is not there can't be read either.
	mt := in.L.NewTable()
	mt.RawSetString("__index", in.L.NewFunction(func(L *lua.LState) int {
		return in.fail(L, "Script attempted to access nonexistent global variable '%s'", cString(L.Get(2).String()))
	}))
	in.contents.Metatable = mt
	in.globals.Metatable.(*lua.LTable).RawSetString("__newindex", in.L.NewFunction(func(L *lua.LState) int {
		return in.fail(L, textReadonly)
	}))
}

// rawGetInt reads an index that gopher-lua may keep in either part.
func rawGetInt(t *lua.LTable, i int) lua.LValue {
	if i >= 1 && i < maxArray {
		return t.RawGetInt(i)
	}
	return t.RawGet(lua.LNumber(i))
}

func (in *Interp) baseAssert(L *lua.LState) int {
	if lua.LVIsFalse(in.checkAny(L, 1)) {
		return in.fail(L, "%s", in.optString(L, 2, "assertion failed!"))
	}
	return L.GetTop()
}

func (in *Interp) baseCollectGarbage(L *lua.LState) int {
	opt := in.optString(L, 1, "collect")
	switch opt {
	case "count":
		L.Push(lua.LNumber(float64(in.memory()) / 1024))
	case "step":
		L.Push(lua.LFalse)
	case "stop", "restart", "collect":
		// Go's collector is at work for all scripts together.
		L.Push(lua.LNumber(0))
	case "setpause", "setstepmul":
		L.Push(lua.LNumber(200))
	default:
		return in.argError(L, 1, fmt.Sprintf("invalid option '%s'", cString(opt)))
	}
	return 1
}

func (in *Interp) baseGCInfo(L *lua.LState) int {
	L.Push(lua.LNumber(in.memory() / 1024))
	return 1
}

func (in *Interp) baseError(L *lua.LState) int {
	level := int(in.optInt(L, 2, 1))
	v := L.Get(1)
	if s, ok := toString(v); ok && level > 0 {
		return in.throw(L, in.where(L, level)+s)
	}
	L.Error(v, 0)
	return 0
}

func (in *Interp) baseGetMetatable(L *lua.LState) int {
	v := in.checkAny(L, 1)
	var mt lua.LValue = lua.LNil
	if t, ok := v.(*lua.LTable); ok {
		if c, ok := in.readonly[t]; ok {
			// The view of the globals has the metatable of what it shows.
			if m, ok := c.Metatable.(*lua.LTable); ok && c != t {
				mt = in.frozen(m)
			}
			L.Push(mt)
			return 1
		}
		if m, ok := t.Metatable.(*lua.LTable); ok {
			mt = m
		}
	} else if m, ok := L.GetMetatable(v).(*lua.LTable); ok {
		mt = in.frozen(m)
	}
	if m, ok := mt.(*lua.LTable); ok {
		if p := in.raw(m).RawGetString("__metatable"); p != lua.LNil {
			mt = p
		}
	}
	L.Push(mt)
	return 1
}

// frozen is the read-only view of a table of ours, the same each time.
func (in *Interp) frozen(t *lua.LTable) *lua.LTable {
	for view, c := range in.readonly {
		if c == t && view != t {
			return view
		}
	}
	return in.freeze(t)
}

func (in *Interp) baseSetMetatable(L *lua.LState) int {
	t := in.checkTable(L, 1)
	mt := L.Get(2)
	if _, ok := mt.(*lua.LTable); !ok && (mt != lua.LNil || L.GetTop() < 2) {
		return in.argError(L, 2, "nil or table expected")
	}
	if old, ok := t.Metatable.(*lua.LTable); ok && old.RawGetString("__metatable") != lua.LNil {
		return in.fail(L, "cannot change a protected metatable")
	}
	in.writable(L, t)
	if m, ok := mt.(*lua.LTable); ok {
		t.Metatable = in.raw(m)
	} else {
		t.Metatable = mt
	}
	L.SetTop(1)
	return 1
}

func (in *Interp) baseLoadString(L *lua.LState) int {
	src := in.checkString(L, 1)
	return in.load(L, src, in.optString(L, 2, src))
}

func (in *Interp) load(L *lua.LState, src, name string) int {
	f, err := in.compile(src, cString(name))
	if err != nil {
		L.Push(lua.LNil)
		L.Push(lua.LString(err.Error()))
		return 2
	}
	L.Push(f)
	return 1
}

func (in *Interp) baseLoad(L *lua.LState) int {
	f := in.checkFunc(L, 1)
	name := in.optString(L, 2, "=(load)")
	var src strings.Builder
	for {
		L.Push(f)
		if failure := in.pcall(L, 0, 1); failure != nil {
			L.Push(lua.LNil)
			L.Push(failure)
			return 2
		}
		v := L.Get(-1)
		L.Pop(1)
		if v == lua.LNil {
			break
		}
		s, ok := toString(v)
		if !ok {
			// The reader's own errors go by Redis's handler, which makes tables of them.
			L.Push(lua.LNil)
			L.Push(in.errorTable(in.where(L, 1) + "reader function must return a string"))
			return 2
		}
		if s == "" {
			break
		}
		in.charge(src.Len() + len(s))
		src.WriteString(s)
	}
	return in.load(L, src.String(), name)
}

func (in *Interp) baseNext(L *lua.LState) int {
	t := in.checkTable(L, 1)
	k, v, ok := in.next(t, L.Get(2))
	if !ok {
		return in.throw(L, "invalid key to 'next'")
	}
	if k == lua.LNil {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(k)
	L.Push(v)
	return 2
}

func (in *Interp) basePCall(L *lua.LState) int {
	in.checkAny(L, 1)
	if failure := in.pcall(L, L.GetTop()-1, lua.MultRet); failure != nil {
		L.SetTop(0)
		L.Push(lua.LFalse)
		L.Push(in.plainError(failure))
		return 2
	}
	L.Insert(lua.LTrue, 1)
	return L.GetTop()
}

// plainError is what pcall tells of an error: of one that a command gave, the
// text alone.
func (in *Interp) plainError(v lua.LValue) lua.LValue {
	if t, ok := v.(*lua.LTable); ok {
		if e, ok := t.RawGetString("err").(lua.LString); ok {
			return e
		}
	}
	return v
}

func (in *Interp) baseXPCall(L *lua.LState) int {
	handler := in.checkAny(L, 2)
	L.SetTop(2)
	f := L.Get(1)
	L.SetTop(0)
	L.Push(f)
	failure := in.pcall(L, 0, lua.MultRet)
	if failure == nil {
		L.Insert(lua.LTrue, 1)
		return L.GetTop()
	}
	L.SetTop(0)
	L.Push(handler)
	L.Push(failure)
	if again := in.pcall(L, 1, 1); again != nil {
		L.SetTop(0)
		L.Push(lua.LFalse)
		L.Push(again)
		return 2
	}
	L.Insert(lua.LFalse, 1)
	return 2
}

func (in *Interp) baseRawEqual(L *lua.LState) int {
	a, b := in.checkAny(L, 1), in.checkAny(L, 2)
	L.Push(lua.LBool(L.RawEqual(a, b)))
	return 1
}

func (in *Interp) baseRawGet(L *lua.LState) int {
	t := in.checkTable(L, 1)
	L.Push(in.raw(t).RawGet(in.checkAny(L, 2)))
	return 1
}

func (in *Interp) baseRawSet(L *lua.LState) int {
	t := in.checkTable(L, 1)
	k, v := in.checkAny(L, 2), in.checkAny(L, 3)
	in.rawSet(L, t, k, v)
	L.SetTop(1)
	return 1
}

// rawSet is lua_rawset, whose errors have no place.
func (in *Interp) rawSet(L *lua.LState, t *lua.LTable, k, v lua.LValue) {
	in.writable(L, t)
	if k == lua.LNil {
		in.throw(L, "table index is nil")
	}
	if n, ok := k.(lua.LNumber); ok {
		if math.IsNaN(float64(n)) {
			in.throw(L, "table index is NaN")
		}
		in.reserve(t, float64(n))
	}
	t.RawSet(k, v)
}

// reserve accounts for the room that gopher-lua makes below an index.
func (in *Interp) reserve(t *lua.LTable, n float64) {
	if n > 4096 && n < maxArray {
		if grow := int(n) - t.MaxN(); grow > 0 {
			in.charge(16 * grow)
		}
	}
}

func (in *Interp) rawSetInt(L *lua.LState, t *lua.LTable, i int, v lua.LValue) {
	in.reserve(t, float64(i))
	t.RawSet(lua.LNumber(i), v)
}

func (in *Interp) baseSelect(L *lua.LState) int {
	n := L.GetTop()
	if s, ok := L.Get(1).(lua.LString); ok && strings.HasPrefix(string(s), "#") {
		L.Push(lua.LNumber(n - 1))
		return 1
	}
	i := toInt32(in.checkNumber(L, 1))
	if i < 0 {
		i += n
	} else if i > n {
		i = n
	}
	if i < 1 {
		return in.argError(L, 1, "index out of range")
	}
	return n - i
}

func (in *Interp) baseToNumber(L *lua.LState) int {
	base := int(in.optInt(L, 2, 10))
	if base == 10 {
		if f, ok := toNumber(in.checkAny(L, 1)); ok {
			L.Push(lua.LNumber(f))
			return 1
		}
		L.Push(lua.LNil)
		return 1
	}
	s := in.checkString(L, 1)
	if base < 2 || base > 36 {
		return in.argError(L, 2, "base out of range")
	}
	if f, ok := parseBase(s, base); ok {
		L.Push(lua.LNumber(f))
	} else {
		L.Push(lua.LNil)
	}
	return 1
}

// parseBase reads an unsigned number as C's strtoul, which takes a sign too.
func parseBase(s string, base int) (float64, bool) {
	s = strings.Trim(s, " \t\n\v\f\r")
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg = s[0] == '-'
		s = s[1:]
	}
	if base == 16 && len(s) > 2 && s[0] == '0' && s[1]|32 == 'x' {
		s = s[2:]
	}
	if s == "" {
		return 0, false
	}
	var n uint64
	over := false
	for i := range len(s) {
		d := 99
		switch c := int(s[i]); {
		case isDigit(c):
			d = c - '0'
		case isAlpha(c):
			d = (c | 32) - 'a' + 10
		}
		if d >= base {
			return 0, false
		}
		if n > (math.MaxUint64-uint64(d))/uint64(base) {
			over = true
		}
		n = n*uint64(base) + uint64(d)
	}
	if over {
		n = math.MaxUint64
	} else if neg {
		n = -n
	}
	return float64(n), true
}

func (in *Interp) baseToString(L *lua.LState) int {
	v := in.checkAny(L, 1)
	if h := in.metafield(L, v, "__tostring"); h != lua.LNil {
		L.SetTop(0)
		L.Push(h)
		L.Push(v)
		in.call(L, 1, 1)
		return 1
	}
	if s, ok := toString(v); ok {
		L.Push(lua.LString(s))
	} else if u, ok := v.(*lua.LUserData); ok && u == in.null() {
		L.Push(lua.LString("userdata: (nil)"))
	} else {
		L.Push(lua.LString(v.String()))
	}
	return 1
}

// metafield is an entry of a value's metatable.
func (in *Interp) metafield(L *lua.LState, v lua.LValue, name string) lua.LValue {
	var mt *lua.LTable
	if t, ok := v.(*lua.LTable); ok {
		mt, _ = t.Metatable.(*lua.LTable)
	} else if m, ok := L.GetMetatable(v).(*lua.LTable); ok {
		mt = m
	}
	if mt == nil {
		return lua.LNil
	}
	return mt.RawGetString(name)
}

func (in *Interp) baseType(L *lua.LState) int {
	L.Push(lua.LString(in.checkAny(L, 1).Type().String()))
	return 1
}

func (in *Interp) baseUnpack(L *lua.LState) int {
	t := in.raw(in.checkTable(L, 1))
	i := toInt32(float64(in.optInt(L, 2, 1)))
	e := 0
	if L.Get(3) == lua.LNil {
		e = t.Len()
	} else {
		e = toInt32(in.checkNumber(L, 3))
	}
	if i > e {
		return 0
	}
	if n := e - i + 1; n <= 0 || n+L.GetTop() > maxPush {
		return in.fail(L, "too many results to unpack")
	}
	for k := i; k <= e; k++ {
		L.Push(rawGetInt(t, k))
	}
	return e - i + 1
}
