package script

import (
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// throw ends the running function with an error that is a string.
func (in *Interp) throw(L *lua.LState, msg string) int {
	L.Error(lua.LString(msg), 0)
	return 0
}

// fail is throw with the place of the call, as luaL_error.
func (in *Interp) fail(L *lua.LState, format string, args ...any) int {
	return in.throw(L, in.where(L, 1)+fmt.Sprintf(format, args...))
}

// where is the place that runs at a level of the stack, or nothing where that
// is no Lua function.
func (in *Interp) where(L *lua.LState, level int) string {
	d, ok := L.GetStack(level)
	if !ok {
		return ""
	}
	source, line := place(L, d)
	if line < 0 {
		return ""
	}
	return chunkID(source) + ":" + strconv.Itoa(line) + ": "
}

// place is the chunk and line of a frame; the line is negative for functions
// that are not Lua's.
func place(L *lua.LState, d *lua.Debug) (source string, line int) {
	if _, err := L.GetInfo("Sl", d, lua.LNil); err != nil || d.What == "G" || d.Source == "" && d.CurrentLine <= 0 {
		return "", -1
	}
	return d.Source, d.CurrentLine
}

func frameFunc(L *lua.LState, d *lua.Debug) *lua.LFunction {
	v, _ := L.GetInfo("f", d, lua.LNil)
	f, _ := v.(*lua.LFunction)
	return f
}

// The fields of an instruction.
func opA(i uint32) int   { return int(i>>18) & 0xff }
func opB(i uint32) int   { return int(i & 0x1ff) }
func opC(i uint32) int   { return int(i>>9) & 0x1ff }
func opBx(i uint32) int  { return int(i & 0x3ffff) }
func opSBx(i uint32) int { return opBx(i) - 0x3ffff>>1 }

const rkConstant = 0x100

// setter finds the instruction that gave a register the value that it has at
// an instruction, by following the code from its beginning.
func setter(p *lua.FunctionProto, at, reg int) (found int) {
	found = -1
	for i := 0; i < at; i++ {
		inst := p.Code[i]
		a, set := opA(inst), false
		switch int(inst >> 26) {
		case lua.OP_LOADNIL:
			set = reg >= a && reg <= opB(inst)
		case lua.OP_LOADBOOL:
			set = reg == a
			if opC(inst) != 0 {
				i++
			}
		case lua.OP_TFORLOOP:
			set = reg >= a+2
		case lua.OP_CALL, lua.OP_TAILCALL, lua.OP_VARARG:
			set = reg >= a
		case lua.OP_SELF:
			set = reg == a || reg == a+1
		case lua.OP_FORLOOP, lua.OP_FORPREP, lua.OP_JMP:
			if dest := i + 1 + opSBx(inst); i < dest && dest <= at {
				if int(inst>>26) != lua.OP_JMP {
					set = reg >= a && reg <= a+3
				}
				if set {
					found = i
				}
				i = dest - 1
				continue
			}
		case lua.OP_SETLIST:
			if opC(inst) == 0 {
				i++
			}
		case lua.OP_CLOSURE:
			set = reg == a
			if set {
				found = i
			}
			i += int(p.FunctionPrototypes[opBx(inst)].NumUpvalues)
			continue
		case lua.OP_SETGLOBAL, lua.OP_SETUPVAL, lua.OP_SETTABLE, lua.OP_SETTABLEKS, lua.OP_EQ, lua.OP_LT, lua.OP_LE,
			lua.OP_TEST, lua.OP_RETURN, lua.OP_CLOSE, lua.OP_NOP:
		default:
			set = reg == a
		}
		if set {
			found = i
		}
	}
	return found
}

// nameOf is what the program calls the value in a register.
func nameOf(f *lua.LFunction, at, reg int) (kind, name string) {
	p := f.Proto
	if name := localName(p, at, reg); name != "" && name[0] != '(' {
		return "local", name
	}
	i := setter(p, at, reg)
	if i < 0 {
		return "", ""
	}
	inst := p.Code[i]
	switch int(inst >> 26) {
	case lua.OP_GETGLOBAL:
		return "global", p.Constants[opBx(inst)].String()
	case lua.OP_MOVE, lua.OP_MOVEN:
		if opB(inst) < opA(inst) {
			return nameOf(f, i, opB(inst))
		}
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS:
		return "field", constName(p, opC(inst))
	case lua.OP_GETUPVAL:
		if n := p.DbgUpvalues[opB(inst)]; !strings.HasPrefix(n, "(") {
			return "upvalue", n
		}
	case lua.OP_SELF:
		if reg == opA(inst) {
			return "method", constName(p, opC(inst))
		}
	}
	return "", ""
}

// localName is the local variable that lives in a register.
func localName(p *lua.FunctionProto, at, reg int) string {
	for _, l := range p.DbgLocals {
		if l.StartPc > at {
			break
		}
		if at <= l.EndPc {
			if reg == 0 {
				return l.Name
			}
			reg--
		}
	}
	return ""
}

func constName(p *lua.FunctionProto, rk int) string {
	if rk&rkConstant != 0 {
		if s, ok := p.Constants[rk&^rkConstant].(lua.LString); ok {
			return string(s)
		}
	}
	return "?"
}

// describe is a value in error messages: its name, if it has one, and type.
func describe(f *lua.LFunction, at, reg int, v lua.LValue) string {
	kind, name := "", ""
	if reg >= 0 {
		kind, name = nameOf(f, at, reg)
	}
	if kind == "" {
		return "a " + v.Type().String() + " value"
	}
	return kind + " '" + cString(name) + "' (a " + v.Type().String() + " value)"
}

// calledName is the name by which the function at a level was called.
func (in *Interp) calledName(L *lua.LState, level int) (kind, name string) {
	d, ok := L.GetStack(level + 1)
	if !ok {
		return "", ""
	}
	f := frameFunc(L, d)
	if f == nil || f.IsG {
		return "", ""
	}
	at := pc(d)
	if at < 0 || at >= len(f.Proto.Code) {
		return "", ""
	}
	switch inst := f.Proto.Code[at]; int(inst >> 26) {
	case lua.OP_CALL, lua.OP_TAILCALL, lua.OP_TFORLOOP:
		return nameOf(f, at, opA(inst))
	}
	return "", ""
}

// argError is luaL_argerror.
func (in *Interp) argError(L *lua.LState, n int, msg string) int {
	kind, name := in.calledName(L, 0)
	if kind == "" {
		name = "?"
	}
	if kind == "method" {
		if n--; n == 0 {
			return in.fail(L, "calling '%s' on bad self (%s)", name, msg)
		}
	}
	return in.fail(L, "bad argument #%d to '%s' (%s)", n, name, msg)
}

func (in *Interp) typeError(L *lua.LState, n int, want string) int {
	got := "no value"
	if n <= L.GetTop() {
		got = L.Get(n).Type().String()
	}
	return in.argError(L, n, want+" expected, got "+got)
}

func (in *Interp) checkAny(L *lua.LState, n int) lua.LValue {
	if n > L.GetTop() {
		in.argError(L, n, "value expected")
	}
	return L.Get(n)
}

func (in *Interp) checkTable(L *lua.LState, n int) *lua.LTable {
	t, ok := L.Get(n).(*lua.LTable)
	if !ok {
		in.typeError(L, n, "table")
	}
	return t
}

func (in *Interp) checkFunc(L *lua.LState, n int) *lua.LFunction {
	f, ok := L.Get(n).(*lua.LFunction)
	if !ok {
		in.typeError(L, n, "function")
	}
	return f
}

// toString is lua_tostring: strings and numbers.
func toString(v lua.LValue) (string, bool) {
	switch x := v.(type) {
	case lua.LString:
		return string(x), true
	case lua.LNumber:
		return formatNumber(float64(x)), true
	}
	return "", false
}

func toNumber(v lua.LValue) (float64, bool) {
	switch x := v.(type) {
	case lua.LNumber:
		return float64(x), true
	case lua.LString:
		return parseNumber(string(x))
	}
	return 0, false
}

func (in *Interp) checkString(L *lua.LState, n int) string {
	s, ok := toString(L.Get(n))
	if !ok {
		in.typeError(L, n, "string")
	}
	return s
}

func (in *Interp) optString(L *lua.LState, n int, def string) string {
	if L.Get(n) == lua.LNil {
		return def
	}
	return in.checkString(L, n)
}

func (in *Interp) checkNumber(L *lua.LState, n int) float64 {
	f, ok := toNumber(L.Get(n))
	if !ok {
		in.typeError(L, n, "number")
	}
	return f
}

func (in *Interp) checkInt(L *lua.LState, n int) int64 { return toInt64(in.checkNumber(L, n)) }

func (in *Interp) optInt(L *lua.LState, n int, def int64) int64 {
	if L.Get(n) == lua.LNil {
		return def
	}
	return in.checkInt(L, n)
}

// pcall calls what lies on the stack and returns the error object, or nil.
func (in *Interp) pcall(L *lua.LState, nargs, nret int) (failure lua.LValue) {
	if in.nested >= maxNested {
		L.Pop(nargs + 1)
		return lua.LString("C stack overflow")
	}
	if f := L.Get(-nargs - 1); f.Type() != lua.LTFunction && in.metafield(L, f, "__call") == lua.LNil {
		L.Pop(nargs + 1)
		return lua.LString("attempt to call a " + f.Type().String() + " value")
	}
	in.nested++
	nested := in.nested
	L.Insert(in.guard, -(nargs + 1))
	err := L.PCall(nargs+1, nret, nil)
	in.nested = nested - 1
	if err == nil {
		return nil
	}
	if e, ok := err.(*lua.ApiError); ok && e.Object != nil {
		return e.Object
	}
	return lua.LString(err.Error())
}

// newGuard makes the function that stands between a protected call and what it
// calls. An error is looked at where it happens, while the stack is still there.
func (in *Interp) newGuard() *lua.LFunction {
	return in.L.NewFunction(func(L *lua.LState) int {
		L.Panic = in.onPanic
		defer func() {
			r := recover()
			switch e := r.(type) {
			case nil:
			case *lua.ApiError:
				panic(e)
			default:
				panic(in.goPanic(L, e))
			}
		}()
		L.Call(L.GetTop()-1, lua.MultRet)
		return L.GetTop()
	})
}

// onPanic is called with an error object on the stack where it was raised.
func (in *Interp) onPanic(L *lua.LState) {
	v := in.luaError(L, L.Get(-1))
	in.noteError(L)
	panic(&lua.ApiError{Type: lua.ApiErrorRun, Object: v, StackTrace: "-"})
}

// noteError remembers the place of the latest error, for the report at the end.
func (in *Interp) noteError(L *lua.LState) {
	in.errSource, in.errLine = "", -1
	for level := range 2 {
		d, ok := L.GetStack(level)
		if !ok {
			return
		}
		if source, line := place(L, d); line >= 0 {
			in.errSource, in.errLine = source, line
			return
		}
		if f := frameFunc(L, d); f == nil || !f.IsG {
			return
		}
	}
}

// goPanic makes an error of a panic that is not Lua's.
func (in *Interp) goPanic(L *lua.LState, r any) *lua.ApiError {
	msg := fmt.Sprint(r)
	if msg == "lua callstack overflow" {
		msg = in.where(L, 0) + "stack overflow"
	} else {
		in.rt.Bug(fmt.Sprintf("a script met an internal error: %v\n%s", r, debug.Stack()))
	}
	in.noteError(L)
	return &lua.ApiError{Type: lua.ApiErrorRun, Object: lua.LString(msg), StackTrace: "-"}
}

// call calls what lies on the stack from a function of ours.
func (in *Interp) call(L *lua.LState, nargs, nret int) {
	if in.nested >= maxNested {
		in.throw(L, in.where(L, 1)+"C stack overflow")
	}
	in.nested++
	L.Call(nargs, nret)
	in.nested--
}

// luaError is an error object as Lua would have made it: errors of the virtual
// machine get the texts of Lua's.
func (in *Interp) luaError(L *lua.LState, v lua.LValue) lua.LValue {
	s, ok := v.(lua.LString)
	if !ok {
		return v
	}
	d, ok := L.GetStack(0)
	if !ok {
		return v
	}
	msg := string(s)
	f := frameFunc(L, d)
	if strings.HasSuffix(msg, "registry overflow") {
		level := 0
		if f != nil && f.IsG {
			level = 1
		}
		return lua.LString(in.where(L, level) + "stack overflow")
	}
	if f == nil || f.IsG {
		return v
	}
	where := in.where(L, 0)
	if in.hook.killed != "" {
		return in.errorTable(in.hook.killed)
	}
	if text := in.vmError(L, d, f, msg); text != "" {
		return lua.LString(where + text)
	}
	// What else the virtual machine says has the place in front, with the whole
	// name of the chunk.
	if source, line := place(L, d); line >= 0 {
		msg = strings.TrimPrefix(msg, source+":"+strconv.Itoa(line)+": ")
	}
	return lua.LString(where + msg)
}

// vmError is Lua's text for the instruction that failed.
func (in *Interp) vmError(L *lua.LState, d *lua.Debug, f *lua.LFunction, msg string) string {
	at := pc(d)
	if at < 0 || at >= len(f.Proto.Code) {
		return ""
	}
	for _, same := range []string{"table index is nil", "table index is NaN", "stack overflow"} {
		if strings.HasSuffix(msg, same) {
			return same
		}
	}
	if strings.HasSuffix(msg, "too many recursions in gettable") {
		return "loop in gettable"
	}
	if strings.HasSuffix(msg, "too many recursions in settable") {
		return "loop in settable"
	}
	inst := f.Proto.Code[at]
	reg := func(r int) lua.LValue { _, v := L.GetLocal(d, r+1); return v }
	rk := func(x int) (int, lua.LValue) {
		if x&rkConstant != 0 {
			return -1, f.Proto.Constants[x&^rkConstant]
		}
		return x, reg(x)
	}
	wrong := func(what string, r int, v lua.LValue) string {
		return "attempt to " + what + " " + describe(f, at, r, v)
	}
	switch int(inst >> 26) {
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS, lua.OP_SELF:
		r := opB(inst)
		return wrong("index", r, reg(r))
	case lua.OP_SETTABLE, lua.OP_SETTABLEKS:
		r := opA(inst)
		return wrong("index", r, reg(r))
	case lua.OP_ADD, lua.OP_SUB, lua.OP_MUL, lua.OP_DIV, lua.OP_POW:
		r, v := rk(opB(inst))
		if _, ok := toNumber(v); ok {
			r, v = rk(opC(inst))
		}
		return wrong("perform arithmetic on", r, v)
	case lua.OP_UNM:
		r, v := rk(opB(inst))
		return wrong("perform arithmetic on", r, v)
	case lua.OP_LEN:
		r, v := rk(opB(inst))
		return wrong("get length of", r, v)
	case lua.OP_LT, lua.OP_LE:
		_, a := rk(opB(inst))
		_, b := rk(opC(inst))
		return compareError(a, b)
	case lua.OP_CALL, lua.OP_TAILCALL:
		r := opA(inst)
		return wrong("call", r, reg(r))
	case lua.OP_TFORLOOP:
		return "attempt to call a " + reg(opA(inst)).Type().String() + " value"
	}
	return ""
}

func compareError(a, b lua.LValue) string {
	ta, tb := a.Type().String(), b.Type().String()
	if ta == tb {
		return "attempt to compare two " + ta + " values"
	}
	return "attempt to compare " + ta + " with " + tb
}
