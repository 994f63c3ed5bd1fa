package script

import (
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"
)

// jsonConfig is the state of one instance of cjson.
type jsonConfig struct {
	sparseConvert bool
	sparseRatio   int
	sparseSafe    int
	encodeDepth   int
	decodeDepth   int
	encodeInvalid int // 0 off, 1 on, 2 null
	decodeInvalid bool
	keepBuffer    bool
	precision     int
}

func defaultJSON() jsonConfig {
	return jsonConfig{sparseRatio: 2, sparseSafe: 10, encodeDepth: 1000, decodeDepth: 1000, decodeInvalid: true,
		keepBuffer: true, precision: 14}
}

// null is cjson.null.
func (in *Interp) null() *lua.LUserData {
	if in.nullValue == nil {
		in.nullValue = in.L.NewUserData()
	}
	return in.nullValue
}

func (in *Interp) openJSON() {
	cfg := defaultJSON()
	in.contents.RawSetString("cjson", in.freeze(in.newJSON(&cfg)))
}

func (in *Interp) newJSON(cfg *jsonConfig) *lua.LTable {
	t := in.L.NewTable()
	for name, f := range map[string]lua.LGFunction{
		"encode": func(L *lua.LState) int { return in.jsonEncode(L, cfg) },
		"decode": func(L *lua.LState) int { return in.jsonDecode(L, cfg) },
		"encode_sparse_array": func(L *lua.LState) int {
			in.maxArgs(L, 3)
			in.optionBool(L, 1, &cfg.sparseConvert)
			in.optionInt(L, 2, &cfg.sparseRatio, 0, math.MaxInt32)
			in.optionInt(L, 3, &cfg.sparseSafe, 0, math.MaxInt32)
			return 3
		},
		"encode_max_depth": func(L *lua.LState) int {
			in.maxArgs(L, 1)
			return in.optionInt(L, 1, &cfg.encodeDepth, 1, math.MaxInt32)
		},
		"decode_max_depth": func(L *lua.LState) int {
			in.maxArgs(L, 1)
			return in.optionInt(L, 1, &cfg.decodeDepth, 1, math.MaxInt32)
		},
		"encode_number_precision": func(L *lua.LState) int {
			in.maxArgs(L, 1)
			return in.optionInt(L, 1, &cfg.precision, 1, 14)
		},
		"encode_keep_buffer": func(L *lua.LState) int {
			in.maxArgs(L, 1)
			return in.optionBool(L, 1, &cfg.keepBuffer)
		},
		"encode_invalid_numbers": func(L *lua.LState) int {
			in.maxArgs(L, 1)
			return in.optionEnum(L, 1, &cfg.encodeInvalid, "off", "on", "null")
		},
		"decode_invalid_numbers": func(L *lua.LState) int {
			in.maxArgs(L, 1)
			return in.optionBool(L, 1, &cfg.decodeInvalid)
		},
		"new": func(L *lua.LState) int {
			fresh := defaultJSON()
			L.Push(in.newJSON(&fresh))
			return 1
		},
	} {
		t.RawSetString(name, in.L.NewFunction(f))
	}
	t.RawSetString("null", in.null())
	t.RawSetString("_NAME", lua.LString("cjson"))
	t.RawSetString("_VERSION", lua.LString("2.1.0"))
	return t
}

func (in *Interp) maxArgs(L *lua.LState, n int) {
	if L.GetTop() > n {
		in.argError(L, n+1, "found too many arguments")
	}
}

func (in *Interp) optionInt(L *lua.LState, n int, v *int, lo, hi int) int {
	if L.Get(n) != lua.LNil {
		x := int(in.checkInt(L, n))
		if x < lo || x > hi {
			in.argError(L, n, fmt.Sprintf("expected integer between %d and %d", lo, hi))
		}
		*v = x
	}
	L.Push(lua.LNumber(*v))
	return 1
}

func (in *Interp) optionBool(L *lua.LState, n int, v *bool) int {
	i := 0
	if *v {
		i = 1
	}
	in.optionEnum(L, n, &i, "off", "on")
	*v = i == 1
	return 1
}

func (in *Interp) optionEnum(L *lua.LState, n int, v *int, words ...string) int {
	switch x := L.Get(n).(type) {
	case *lua.LNilType:
	case lua.LBool:
		*v = 0
		if x {
			*v = 1
		}
	default:
		s := in.checkString(L, n)
		found := -1
		for i, w := range words {
			if s == w {
				found = i
			}
		}
		if found < 0 {
			in.argError(L, n, fmt.Sprintf("invalid option '%s'", cString(s)))
		}
		*v = found
	}
	if *v <= 1 {
		L.Push(lua.LBool(*v == 1))
	} else {
		L.Push(lua.LString(words[*v]))
	}
	return 1
}

// jsonWriter encodes one value.
type jsonWriter struct {
	in  *Interp
	L   *lua.LState
	cfg *jsonConfig
	out []byte
}

func (in *Interp) jsonEncode(L *lua.LState, cfg *jsonConfig) int {
	if L.GetTop() != 1 {
		return in.argError(L, 1, "expected 1 argument")
	}
	w := &jsonWriter{in: in, L: L, cfg: cfg}
	w.value(L.Get(1), 0)
	in.charge(len(w.out))
	L.Push(lua.LString(w.out))
	return 1
}

func (w *jsonWriter) refuse(v lua.LValue, why string) {
	w.in.fail(w.L, "Cannot serialise %s: %s", v.Type().String(), why)
}

func (w *jsonWriter) value(v lua.LValue, depth int) {
	w.in.step(w.L, 1)
	switch x := v.(type) {
	case lua.LString:
		w.text(string(x))
	case lua.LNumber:
		w.number(float64(x), v)
	case lua.LBool:
		w.out = append(w.out, x.String()...)
	case *lua.LNilType:
		w.out = append(w.out, "null"...)
	case *lua.LTable:
		w.table(x, depth+1)
	case *lua.LUserData:
		if x != w.in.null() {
			w.refuse(v, "type not supported")
		}
		w.out = append(w.out, "null"...)
	default:
		w.refuse(v, "type not supported")
	}
}

func (w *jsonWriter) number(f float64, v lua.LValue) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		switch {
		case w.cfg.encodeInvalid == 0:
			w.refuse(v, "must not be NaN or Inf")
		case w.cfg.encodeInvalid == 2:
			w.out = append(w.out, "null"...)
			return
		case math.IsNaN(f):
			w.out = append(w.out, "nan"...)
			return
		}
	}
	w.out = append(w.out, formatG(f, w.cfg.precision)...)
}

func (w *jsonWriter) text(s string) {
	before := len(w.out)
	w.out = append(w.out, '"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\', '/':
			w.out = append(w.out, '\\', c)
		case '\b':
			w.out = append(w.out, `\b`...)
		case '\t':
			w.out = append(w.out, `\t`...)
		case '\n':
			w.out = append(w.out, `\n`...)
		case '\f':
			w.out = append(w.out, `\f`...)
		case '\r':
			w.out = append(w.out, `\r`...)
		default:
			if c < 32 || c == 127 {
				w.out = append(w.out, `\u00`...)
				w.out = append(w.out, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
			} else {
				w.out = append(w.out, c)
			}
		}
	}
	w.out = append(w.out, '"')
	w.in.grown(len(w.out), len(w.out)-before)
}

func (w *jsonWriter) table(t *lua.LTable, depth int) {
	if depth > w.cfg.encodeDepth || depth > maxPush/3 {
		w.in.fail(w.L, "Cannot serialise, excessive nesting (%d)", depth)
	}
	if n := w.arrayLen(t); n > 0 {
		raw := w.in.raw(t)
		w.out = append(w.out, '[')
		for i := 1; i <= n; i++ {
			if i > 1 {
				w.out = append(w.out, ',')
			}
			w.value(rawGetInt(raw, i), depth)
		}
		w.out = append(w.out, ']')
		return
	}
	w.out = append(w.out, '{')
	first := true
	w.in.forEach(t, func(k, v lua.LValue) bool {
		if !first {
			w.out = append(w.out, ',')
		}
		first = false
		switch x := k.(type) {
		case lua.LString:
			w.text(string(x))
		case lua.LNumber:
			w.out = append(w.out, '"')
			w.number(float64(x), k)
			w.out = append(w.out, '"')
		default:
			w.refuse(k, "table key must be a number or string")
		}
		w.out = append(w.out, ':')
		w.value(v, depth)
		return true
	})
	w.out = append(w.out, '}')
}

// arrayLen is the length of a table that is to be an array, or less than one.
func (w *jsonWriter) arrayLen(t *lua.LTable) int {
	top, items := 0.0, 0
	array := true
	w.in.raw(t).ForEach(func(k, _ lua.LValue) {
		n, ok := k.(lua.LNumber)
		if !ok || n < 1 || float64(n) != math.Floor(float64(n)) {
			array = false
			return
		}
		top = max(top, float64(n))
		items++
	})
	if !array {
		return -1
	}
	// As in C, where lengths are ints.
	n := toInt32(top)
	if w.cfg.sparseRatio > 0 && n > items*w.cfg.sparseRatio && n > w.cfg.sparseSafe {
		if !w.cfg.sparseConvert {
			w.refuse(t, "excessively sparse array")
		}
		return -1
	}
	return n
}
