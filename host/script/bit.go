package script

import (
	"math"
	"math/bits"

	lua "github.com/yuin/gopher-lua"
)

func (in *Interp) openBit() {
	fold := func(f func(a, b int32) int32) lua.LGFunction {
		return func(L *lua.LState) int {
			v := in.bitArg(L, 1)
			for i := 2; i <= L.GetTop(); i++ {
				v = f(v, in.bitArg(L, i))
			}
			return pushBits(L, v)
		}
	}
	shift := func(f func(v int32, n uint) int32) lua.LGFunction {
		return func(L *lua.LState) int {
			v := in.bitArg(L, 1)
			return pushBits(L, f(v, uint(in.bitArg(L, 2))&31))
		}
	}
	in.lib("bit", map[string]lua.LGFunction{
		"tobit":   func(L *lua.LState) int { return pushBits(L, in.bitArg(L, 1)) },
		"bnot":    func(L *lua.LState) int { return pushBits(L, ^in.bitArg(L, 1)) },
		"band":    fold(func(a, b int32) int32 { return a & b }),
		"bor":     fold(func(a, b int32) int32 { return a | b }),
		"bxor":    fold(func(a, b int32) int32 { return a ^ b }),
		"lshift":  shift(func(v int32, n uint) int32 { return v << n }),
		"rshift":  shift(func(v int32, n uint) int32 { return int32(uint32(v) >> n) }),
		"arshift": shift(func(v int32, n uint) int32 { return v >> n }),
		"rol":     shift(func(v int32, n uint) int32 { return int32(bits.RotateLeft32(uint32(v), int(n))) }),
		"ror":     shift(func(v int32, n uint) int32 { return int32(bits.RotateLeft32(uint32(v), -int(n))) }),
		"bswap":   func(L *lua.LState) int { return pushBits(L, int32(bits.ReverseBytes32(uint32(in.bitArg(L, 1))))) },
		"tohex":   in.bitToHex,
	})
}

func pushBits(L *lua.LState, v int32) int {
	L.Push(lua.LNumber(v))
	return 1
}

// bitArg takes a number modulo 2^32, by the rounding of an addition.
func (in *Interp) bitArg(L *lua.LState, n int) int32 {
	f := in.checkNumber(L, n)
	return int32(uint32(math.Float64bits(f + 6755399441055744.0)))
}

func (in *Interp) bitToHex(L *lua.LState) int {
	v := uint32(in.bitArg(L, 1))
	n := int32(8)
	if L.GetTop() >= 2 {
		n = in.bitArg(L, 2)
	}
	digits := "0123456789abcdef"
	if n < 0 {
		n, digits = -n, "0123456789ABCDEF"
		if n < 0 {
			n = 8
		}
	}
	n = min(n, 8)
	b := make([]byte, n)
	for i := n - 1; i >= 0; i-- {
		b[i] = digits[v&15]
		v >>= 4
	}
	L.Push(lua.LString(b))
	return 1
}
