package script

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

// openHelpers makes the functions that stand for operators: see compile.
func (in *Interp) openHelpers() {
	for _, f := range []lua.LGFunction{in.helperConcat, in.helperMod, in.helperFor, in.helperTable} {
		in.helpers = append(in.helpers, in.L.NewFunction(f))
	}
}

// operandName describes the n-th argument of a helper as the operand that it
// is in the program.
func (in *Interp) operandName(L *lua.LState, n int) string {
	v := L.Get(n)
	d, ok := L.GetStack(1)
	if !ok {
		return "a " + v.Type().String() + " value"
	}
	f := frameFunc(L, d)
	if f == nil || f.IsG {
		return "a " + v.Type().String() + " value"
	}
	at := pc(d)
	return describe(f, at, opA(f.Proto.Code[at])+n, v)
}

// helperConcat is `..` of all its operands.
func (in *Interp) helperConcat(L *lua.LState) int {
	n := L.GetTop()
	// From the right, as many as are strings at a time.
	rhs := L.Get(n)
	for i := n - 1; i >= 1; {
		right, ok := toString(rhs)
		left, ok2 := toString(L.Get(i))
		if !ok || !ok2 {
			v, err := in.concatEvent(L, i, rhs, i == n-1)
			if err != "" {
				return in.fail(L, "%s", err)
			}
			rhs = v
			i--
			continue
		}
		total, from := len(right)+len(left), i
		for from > 1 {
			s, ok := toString(L.Get(from - 1))
			if !ok {
				break
			}
			total += len(s)
			from--
		}
		in.charge(total)
		b := make([]byte, 0, total)
		for k := from; k < i; k++ {
			s, _ := toString(L.Get(k))
			b = append(b, s...)
		}
		b = append(b, left...)
		b = append(b, right...)
		rhs = lua.LString(b)
		i = from - 1
	}
	L.Push(rhs)
	return 1
}

// concatEvent is the concatenation of operand i with what stands right of it,
// of which one is no string.
func (in *Interp) concatEvent(L *lua.LState, i int, rhs lua.LValue, last bool) (v lua.LValue, err string) {
	lhs := L.Get(i)
	h := in.metafield(L, lhs, "__concat")
	if h == lua.LNil {
		h = in.metafield(L, rhs, "__concat")
	}
	if h == lua.LNil {
		if _, ok := toString(lhs); !ok {
			return nil, "attempt to concatenate " + in.operandName(L, i)
		}
		if last {
			return nil, "attempt to concatenate " + in.operandName(L, i+1)
		}
		return nil, "attempt to concatenate a " + rhs.Type().String() + " value"
	}
	L.Push(h)
	L.Push(lhs)
	L.Push(rhs)
	in.call(L, 2, 1)
	v = L.Get(-1)
	L.Pop(1)
	return v, ""
}

// helperMod is `%`.
func (in *Interp) helperMod(L *lua.LState) int {
	x, y := L.Get(1), L.Get(2)
	a, ok := x.(lua.LNumber)
	b, ok2 := y.(lua.LNumber)
	if ok && ok2 {
		L.Push(lua.LNumber(modulo(float64(a), float64(b))))
		return 1
	}
	f, ok := toNumber(x)
	g, ok2 := toNumber(y)
	if ok && ok2 {
		L.Push(lua.LNumber(modulo(f, g)))
		return 1
	}
	h := in.metafield(L, x, "__mod")
	if h == lua.LNil {
		h = in.metafield(L, y, "__mod")
	}
	if h == lua.LNil {
		n := 1
		if ok {
			n = 2
		}
		return in.fail(L, "attempt to perform arithmetic on %s", in.operandName(L, n))
	}
	L.SetTop(0)
	L.Push(h)
	L.Push(x)
	L.Push(y)
	in.call(L, 2, 1)
	return 1
}

func modulo(a, b float64) float64 { return a - math.Floor(a/b)*b }

// helperFor is a bound of a numeric loop.
func (in *Interp) helperFor(L *lua.LState) int {
	f, ok := toNumber(L.Get(1))
	if !ok {
		return in.fail(L, "'for' %s must be a number", L.Get(2).String())
	}
	L.Push(lua.LNumber(f))
	return 1
}
