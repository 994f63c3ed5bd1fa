package script

import (
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"
)

// Random is the generator behind math.random: the 48 bits of C's lrand48. All
// scripts and functions draw from one, which begins with the server.
type Random struct{ x uint64 }

// NewRandom is the generator as it is at the beginning.
func NewRandom() *Random { return &Random{0x1234ABCD330E} }

func (r *Random) seed(n int32) { r.x = uint64(uint32(n))<<16 | 0x330E }

func (r *Random) next() int32 {
	r.x = (r.x*0x5DEECE66D + 0xB) & (1<<48 - 1)
	return int32(r.x >> 17)
}

func (in *Interp) openMath() {
	one := func(f func(float64) float64) lua.LGFunction {
		return func(L *lua.LState) int {
			L.Push(lua.LNumber(f(in.checkNumber(L, 1))))
			return 1
		}
	}
	two := func(f func(a, b float64) float64) lua.LGFunction {
		return func(L *lua.LState) int {
			a := in.checkNumber(L, 1)
			L.Push(lua.LNumber(f(a, in.checkNumber(L, 2))))
			return 1
		}
	}
	t := in.lib("math", map[string]lua.LGFunction{
		"abs": one(math.Abs), "acos": one(math.Acos), "asin": one(math.Asin), "atan": one(math.Atan), "atan2": two(math.Atan2),
		"ceil": one(math.Ceil), "cos": one(math.Cos), "cosh": one(math.Cosh), "exp": one(math.Exp), "floor": one(math.Floor),
		"fmod": two(math.Mod), "mod": two(math.Mod), "log": one(math.Log), "log10": one(math.Log10), "pow": two(math.Pow),
		"sin": one(math.Sin), "sinh": one(math.Sinh), "sqrt": one(math.Sqrt), "tan": one(math.Tan), "tanh": one(math.Tanh),
		"deg":   one(func(f float64) float64 { return f / (math.Pi / 180) }),
		"rad":   one(func(f float64) float64 { return f * (math.Pi / 180) }),
		"frexp": in.mathFrexp, "modf": in.mathModf, "max": in.mathMax, "min": in.mathMin,
		"ldexp": func(L *lua.LState) int {
			f := in.checkNumber(L, 1)
			L.Push(lua.LNumber(math.Ldexp(f, toInt32(in.checkNumber(L, 2)))))
			return 1
		},
		"random": in.mathRandom,
		"randomseed": func(L *lua.LState) int {
			in.random.seed(int32(toInt32(in.checkNumber(L, 1))))
			return 0
		},
	})
	t.RawSetString("pi", lua.LNumber(math.Pi))
	t.RawSetString("huge", lua.LNumber(math.Inf(1)))
	in.lib("os", map[string]lua.LGFunction{"clock": func(L *lua.LState) int {
		L.Push(lua.LNumber(processorTime().Seconds()))
		return 1
	}})
}

// processorTime is what the process has spent on processors.
func processorTime() time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts) != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}

func (in *Interp) mathFrexp(L *lua.LState) int {
	f, e := math.Frexp(in.checkNumber(L, 1))
	L.Push(lua.LNumber(f))
	L.Push(lua.LNumber(e))
	return 2
}

func (in *Interp) mathModf(L *lua.LState) int {
	f := in.checkNumber(L, 1)
	whole := math.Trunc(f)
	frac := f - whole
	if math.IsInf(f, 0) {
		frac = 0
	}
	L.Push(lua.LNumber(whole))
	L.Push(lua.LNumber(math.Copysign(frac, f)))
	return 2
}

func (in *Interp) mathMax(L *lua.LState) int {
	m := in.checkNumber(L, 1)
	for i := 2; i <= L.GetTop(); i++ {
		if f := in.checkNumber(L, i); f > m {
			m = f
		}
	}
	L.Push(lua.LNumber(m))
	return 1
}

func (in *Interp) mathMin(L *lua.LState) int {
	m := in.checkNumber(L, 1)
	for i := 2; i <= L.GetTop(); i++ {
		if f := in.checkNumber(L, i); f < m {
			m = f
		}
	}
	L.Push(lua.LNumber(m))
	return 1
}

func (in *Interp) mathRandom(L *lua.LState) int {
	r := float64(in.random.next()%math.MaxInt32) / math.MaxInt32
	switch L.GetTop() {
	case 0:
		L.Push(lua.LNumber(r))
	case 1:
		hi := toInt32(in.checkNumber(L, 1))
		if hi < 1 {
			return in.argError(L, 1, "interval is empty")
		}
		L.Push(lua.LNumber(math.Floor(r*float64(hi)) + 1))
	case 2:
		lo, hi := toInt32(in.checkNumber(L, 1)), toInt32(in.checkNumber(L, 2))
		if lo > hi {
			return in.argError(L, 2, "interval is empty")
		}
		L.Push(lua.LNumber(math.Floor(r*float64(int32(hi-lo+1))) + float64(lo)))
	default:
		return in.fail(L, "wrong number of arguments")
	}
	return 1
}
