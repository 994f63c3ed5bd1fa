package script

import (
	"math"
	"math/bits"

	lua "github.com/yuin/gopher-lua"
)

// gopher-lua walks a table in the order in which its keys came. In Lua the
// order is that of its hash table, and scripts show it: cjson.encode of a table
// of several keys gives a text that is stored, compared and replied. So the
// order is worked out from what Lua would have done with the same keys.

// sizeHint stands in the place of a table's metatable, where there is none: how
// many keys the table was written with. The virtual machine takes what is no
// table for no metatable.
type sizeHint struct{ n int }

func (*sizeHint) String() string       { return "nil" }
func (*sizeHint) Type() lua.LValueType { return lua.LTNil }

// helperTable marks a table that was written with n keys.
func (in *Interp) helperTable(L *lua.LState) int {
	t := L.Get(1).(*lua.LTable)
	n := int(L.Get(2).(lua.LNumber))
	h := in.hints[n]
	if h == nil {
		h = &sizeHint{n}
		in.hints[n] = h
	}
	if t.Metatable == lua.LNil {
		t.Metatable = h
	}
	L.SetTop(1)
	return 1
}

// walk is a walk over a table's keys outside of its array.
type walk struct {
	t    *lua.LTable
	keys []lua.LValue
	pos  int // of the key that was given last
}

func isArrayKey(k lua.LValue) bool {
	n, ok := k.(lua.LNumber)
	return ok && n >= 1 && n < maxArray && n == lua.LNumber(int(n))
}

// next is the key after k and its value; ok is false when k is no key of t.
func (in *Interp) next(t *lua.LTable, k lua.LValue) (key, value lua.LValue, ok bool) {
	t = in.raw(t)
	if h, ok := t.Metatable.(*sizeHint); ok && k == lua.LNil {
		// Where there are no more keys than it was written with, none of them is
		// in Lua's array.
		if first, _ := t.Next(k); isArrayKey(first) {
			if keys := in.hashKeys(t, first); len(keys) <= h.n {
				w := &in.walks[in.walkNext]
				in.walkNext = (in.walkNext + 1) % len(in.walks)
				w.t, w.keys, w.pos = t, keys, -1
				key, value = w.step()
				return key, value, true
			}
		}
	}
	if w := in.walkAt(t, k); w != nil {
		key, value = w.step()
		return key, value, true
	}
	if k == lua.LNil || isArrayKey(k) {
		key, value = t.Next(k)
		if key == lua.LNil || isArrayKey(key) {
			return key, value, true
		}
		w := &in.walks[in.walkNext]
		in.walkNext = (in.walkNext + 1) % len(in.walks)
		w.t, w.keys, w.pos = t, in.hashKeys(t, key), -1
		key, value = w.step()
		return key, value, true
	}
	w := &in.walks[in.walkNext]
	in.walkNext = (in.walkNext + 1) % len(in.walks)
	_, first := firstHashKey(t)
	w.t, w.keys, w.pos = t, nil, -1
	if first != lua.LNil {
		w.keys = in.hashKeys(t, first)
	}
	for i, x := range w.keys {
		if x == k {
			w.pos = i
		}
	}
	if w.pos < 0 {
		w.t = nil
		return lua.LNil, lua.LNil, false
	}
	key, value = w.step()
	return key, value, true
}

// walkAt finds the walk over t that has come to k.
func (in *Interp) walkAt(t *lua.LTable, k lua.LValue) *walk {
	for i := range in.walks {
		if x := &in.walks[i]; x.t == t && x.pos >= 0 && x.pos < len(x.keys) && x.keys[x.pos] == k {
			return x
		}
	}
	return nil
}

// firstHashKey skips a table's array.
func firstHashKey(t *lua.LTable) (n int, key lua.LValue) {
	n = t.MaxN()
	k := lua.LValue(lua.LNil)
	if n > 0 {
		k = lua.LNumber(n)
	}
	key, _ = t.Next(k)
	return n, key
}

func (w *walk) step() (key, value lua.LValue) {
	for w.pos++; w.pos < len(w.keys); w.pos++ {
		if v := w.t.RawGet(w.keys[w.pos]); v != lua.LNil {
			return w.keys[w.pos], v
		}
	}
	w.t = nil
	return lua.LNil, lua.LNil
}

// forEach calls f for each entry, in Lua's order, until it returns false.
func (in *Interp) forEach(t *lua.LTable, f func(k, v lua.LValue) bool) {
	t = in.raw(t)
	k, v := t.Next(lua.LNil)
	if h, ok := t.Metatable.(*sizeHint); ok && isArrayKey(k) {
		if keys := in.hashKeys(t, k); len(keys) <= h.n {
			for _, k := range keys {
				if !f(k, t.RawGet(k)) {
					return
				}
			}
			return
		}
	}
	for ; k != lua.LNil && isArrayKey(k); k, v = t.Next(k) {
		if !f(k, v) {
			return
		}
	}
	if k == lua.LNil {
		return
	}
	for _, k := range in.hashKeys(t, k) {
		if v := t.RawGet(k); v != lua.LNil && !f(k, v) {
			return
		}
	}
}

// hashKeys lists the keys outside of the array, of which first is the oldest.
func (in *Interp) hashKeys(t *lua.LTable, first lua.LValue) []lua.LValue {
	keys := []lua.LValue{first}
	for k := first; ; {
		k, _ = t.Next(k)
		if k == lua.LNil {
			break
		}
		keys = append(keys, k)
	}
	in.charge(16 * len(keys))
	if len(keys) == 1 {
		return keys
	}
	size := 0
	if h, ok := t.Metatable.(*sizeHint); ok {
		size = h.n
	}
	var l layout
	l.resize(size)
	for i, k := range keys {
		l.insert(k, i)
	}
	out := keys[:0:0]
	for i := range l.nodes {
		if l.nodes[i].key != nil {
			out = append(out, l.nodes[i].key)
		}
	}
	return out
}

// layout is Lua's hash table: each key has a main position, collisions go to
// the last free place.
type layout struct {
	nodes []node
	free  int
	used  int
}

type node struct {
	key  lua.LValue
	age  int
	next int // index of the next node of the chain plus one; 0: none
}

func (l *layout) resize(n int) {
	old := l.nodes
	l.nodes = nil
	if n > 0 {
		l.nodes = make([]node, 1<<bits.Len(uint(n-1)))
	}
	l.free, l.used = len(l.nodes), 0
	for i := len(old) - 1; i >= 0; i-- {
		if old[i].key != nil {
			l.insert(old[i].key, old[i].age)
		}
	}
}

func (l *layout) insert(k lua.LValue, age int) {
	if len(l.nodes) == 0 {
		l.resize(1)
	}
	mp := l.position(k, age)
	at := &l.nodes[mp]
	if at.key == nil {
		*at = node{key: k, age: age}
		l.used++
		return
	}
	free := -1
	for l.free > 0 {
		l.free--
		if l.nodes[l.free].key == nil {
			free = l.free
			break
		}
	}
	if free < 0 {
		l.resize(l.used + 1)
		l.insert(k, age)
		return
	}
	l.used++
	other := l.position(at.key, at.age)
	if other == mp {
		// It goes behind the one that lives here.
		l.nodes[free] = node{key: k, age: age, next: at.next}
		at.next = free + 1
		return
	}
	// The one that is here belongs elsewhere: it makes room.
	for l.nodes[other].next != mp+1 {
		other = l.nodes[other].next - 1
	}
	l.nodes[other].next = free + 1
	l.nodes[free] = *at
	*at = node{key: k, age: age}
}

// position is a key's main position.
func (l *layout) position(k lua.LValue, age int) int {
	size := uint32(len(l.nodes))
	odd := (size - 1) | 1
	switch x := k.(type) {
	case lua.LString:
		return int(hashString(string(x)) & (size - 1))
	case lua.LNumber:
		if x == 0 {
			return 0
		}
		b := math.Float64bits(float64(x))
		return int((uint32(b) + uint32(b>>32)) % odd)
	case lua.LBool:
		if x {
			return int(1 & (size - 1))
		}
		return 0
	}
	// In Lua it is an address.
	return int(uint32(age) % odd)
}

// hashString is Lua's hash of a string: of a long one it looks at every few
// bytes only.
func hashString(s string) uint32 {
	h := uint32(len(s))
	step := len(s)>>5 + 1
	for i := len(s); i >= step; i -= step {
		h ^= h<<5 + h>>2 + uint32(s[i-1])
	}
	return h
}
