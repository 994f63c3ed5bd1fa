package script

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (in *Interp) openTable() {
	in.lib("table", map[string]lua.LGFunction{
		"concat": in.tabConcat, "foreach": in.tabForEach, "foreachi": in.tabForEachI, "getn": in.tabGetN,
		"insert": in.tabInsert, "maxn": in.tabMaxN, "remove": in.tabRemove, "setn": in.tabSetN, "sort": in.tabSort,
	})
}

func (in *Interp) tabConcat(L *lua.LState) int {
	sep := in.optString(L, 2, "")
	t := in.raw(in.checkTable(L, 1))
	i := toInt32(float64(in.optInt(L, 3, 1)))
	last := 0
	if L.Get(4) == lua.LNil {
		last = t.Len()
	} else {
		last = toInt32(in.checkNumber(L, 4))
	}
	var b strings.Builder
	for ; i <= last; i++ {
		v := rawGetInt(t, i)
		s, ok := toString(v)
		if !ok {
			return in.fail(L, "invalid value (%s) at index %d in table for 'concat'", v.Type().String(), i)
		}
		b.WriteString(s)
		if i != last {
			b.WriteString(sep)
		}
		in.grown(b.Len(), len(s)+len(sep))
		in.step(L, 1)
	}
	L.Push(lua.LString(b.String()))
	return 1
}

func (in *Interp) tabForEach(L *lua.LState) int {
	t := in.checkTable(L, 1)
	f := in.checkFunc(L, 2)
	for k := lua.LValue(lua.LNil); ; {
		key, v, ok := in.next(t, k)
		if !ok {
			return in.throw(L, "invalid key to 'next'")
		}
		if key == lua.LNil {
			return 0
		}
		k = key
		L.Push(f)
		L.Push(key)
		L.Push(v)
		in.call(L, 2, 1)
		if L.Get(-1) != lua.LNil {
			return 1
		}
		L.Pop(1)
	}
}

func (in *Interp) tabForEachI(L *lua.LState) int {
	t := in.raw(in.checkTable(L, 1))
	f := in.checkFunc(L, 2)
	n := t.Len()
	for i := 1; i <= n; i++ {
		L.Push(f)
		L.Push(lua.LNumber(i))
		L.Push(rawGetInt(t, i))
		in.call(L, 2, 1)
		if L.Get(-1) != lua.LNil {
			return 1
		}
		L.Pop(1)
	}
	return 0
}

func (in *Interp) tabGetN(L *lua.LState) int {
	L.Push(lua.LNumber(in.raw(in.checkTable(L, 1)).Len()))
	return 1
}

func (in *Interp) tabSetN(L *lua.LState) int {
	in.checkTable(L, 1)
	return in.fail(L, "'setn' is obsolete")
}

func (in *Interp) tabMaxN(L *lua.LState) int {
	m := lua.LNumber(0)
	in.raw(in.checkTable(L, 1)).ForEach(func(k, _ lua.LValue) {
		if n, ok := k.(lua.LNumber); ok && n > m {
			m = n
		}
	})
	L.Push(m)
	return 1
}

func (in *Interp) tabInsert(L *lua.LState) int {
	t := in.checkTable(L, 1)
	n := in.raw(t).Len() + 1
	pos := n
	switch L.GetTop() {
	case 2:
	case 3:
		pos = toInt32(in.checkNumber(L, 2))
		if pos > n {
			n = pos
		}
		in.writable(L, t)
		in.step(L, max((n-pos)/8, 0))
		for i := n; i > pos; i-- {
			in.rawSetInt(L, t, i, rawGetInt(t, i-1))
		}
	default:
		return in.fail(L, "wrong number of arguments to 'insert'")
	}
	in.writable(L, t)
	in.rawSetInt(L, t, pos, L.Get(L.GetTop()))
	return 0
}

func (in *Interp) tabRemove(L *lua.LState) int {
	t := in.checkTable(L, 1)
	n := in.raw(t).Len()
	pos := toInt32(float64(in.optInt(L, 2, int64(n))))
	if pos < 1 || pos > n {
		return 0
	}
	in.writable(L, t)
	v := rawGetInt(t, pos)
	in.step(L, (n-pos)/8)
	for ; pos < n; pos++ {
		in.rawSetInt(L, t, pos, rawGetInt(t, pos+1))
	}
	in.rawSetInt(L, t, n, lua.LNil)
	L.Push(v)
	return 1
}

func (in *Interp) tabSort(L *lua.LState) int {
	t := in.checkTable(L, 1)
	n := in.raw(t).Len()
	s := &sorter{in: in, L: L, t: t}
	if L.Get(2) != lua.LNil {
		s.less = in.checkFunc(L, 2)
	}
	if n > 1 {
		in.writable(L, t)
	}
	L.SetTop(2)
	s.sort(1, n)
	return 0
}

// sorter is Lua's quicksort: the comparisons that it makes, and in which order,
// are seen by the comparing function.
type sorter struct {
	in   *Interp
	L    *lua.LState
	t    *lua.LTable
	less *lua.LFunction
}

func (s *sorter) get(i int) lua.LValue    { return rawGetInt(s.t, i) }
func (s *sorter) set(i int, v lua.LValue) { s.in.rawSetInt(s.L, s.t, i, v) }

func (s *sorter) lt(a, b lua.LValue) bool {
	L := s.L
	s.in.step(L, 1)
	if s.less != nil {
		L.Push(s.less)
		L.Push(a)
		L.Push(b)
		s.in.call(L, 2, 1)
		r := lua.LVAsBool(L.Get(-1))
		L.Pop(1)
		return r
	}
	switch x := a.(type) {
	case lua.LNumber:
		if y, ok := b.(lua.LNumber); ok {
			return x < y
		}
	case lua.LString:
		if y, ok := b.(lua.LString); ok {
			return x < y
		}
	default:
		if a.Type() == b.Type() && s.in.metafield(L, a, "__lt") != lua.LNil &&
			s.in.metafield(L, a, "__lt") == s.in.metafield(L, b, "__lt") {
			return L.LessThan(a, b)
		}
	}
	s.in.throw(L, compareError(a, b))
	return false
}

func (s *sorter) sort(lo, hi int) {
	for lo < hi {
		a, b := s.get(lo), s.get(hi)
		if s.lt(b, a) {
			s.set(lo, b)
			s.set(hi, a)
		}
		if hi-lo == 1 {
			return
		}
		i := (lo + hi) / 2
		a, b = s.get(i), s.get(lo)
		if s.lt(a, b) {
			s.set(i, b)
			s.set(lo, a)
		} else if b = s.get(hi); s.lt(b, a) {
			s.set(i, b)
			s.set(hi, a)
		}
		if hi-lo == 2 {
			return
		}
		pivot := s.get(i)
		s.set(i, s.get(hi-1))
		s.set(hi-1, pivot)
		i = lo
		j := hi - 1
		for {
			for i++; s.lt(s.get(i), pivot); i++ {
				if i > hi {
					s.in.fail(s.L, "invalid order function for sorting")
				}
			}
			for j--; s.lt(pivot, s.get(j)); j-- {
				if j < lo {
					s.in.fail(s.L, "invalid order function for sorting")
				}
			}
			if j < i {
				break
			}
			a, b := s.get(i), s.get(j)
			s.set(i, b)
			s.set(j, a)
		}
		a, b = s.get(hi-1), s.get(i)
		s.set(hi-1, b)
		s.set(i, a)
		// The smaller part by recursion, the larger in this loop.
		if i-lo < hi-i {
			j, i, lo = lo, i-1, i+1
		} else {
			j, i, hi = i+1, hi, i-1
		}
		s.sort(j, i)
	}
}
