package script

import (
	"bytes"
	"strconv"

	"berth/host/command"
	"berth/internal/numfmt"

	lua "github.com/yuin/gopher-lua"
)

// decoder makes values of Lua of a reply.
type decoder struct {
	in *Interp
	b  []byte
}

func (d *decoder) line() []byte {
	i := bytes.IndexByte(d.b, '\r')
	if i < 0 {
		l := d.b
		d.b = nil
		return l
	}
	l := d.b[:i]
	d.b = d.b[i+2:]
	return l
}

func (d *decoder) bulk(n int) string {
	s := string(d.b[:n])
	d.b = d.b[n+2:]
	return s
}

func (d *decoder) table(field string, v lua.LValue) *lua.LTable {
	t := d.in.L.NewTable()
	t.RawSetString(field, v)
	return t
}

func (d *decoder) value() lua.LValue {
	if len(d.b) == 0 {
		return lua.LNil
	}
	kind := d.b[0]
	d.b = d.b[1:]
	line := d.line()
	n := 0
	switch kind {
	case '$', '*', '%', '~', '>', '|', '=':
		n, _ = strconv.Atoi(string(line))
	}
	switch kind {
	case ':':
		i, _ := numfmt.ParseInt64(line)
		return lua.LNumber(i)
	case '$':
		if n < 0 {
			return lua.LFalse
		}
		return lua.LString(d.bulk(n))
	case '+':
		return d.table("ok", lua.LString(line))
	case '-':
		t := d.in.errorTable("-" + string(line))
		t.RawSetString("ignore_error_stats_update", lua.LTrue)
		return t
	case '*':
		if n < 0 {
			return lua.LFalse
		}
		t := d.in.L.CreateTable(n, 0)
		for i := range n {
			t.RawSetInt(i+1, d.value())
		}
		return t
	case '_':
		return lua.LNil
	case '#':
		return lua.LBool(len(line) > 0 && line[0] == 't')
	case ',':
		f, _ := numfmt.ParseDouble(line)
		return d.table("double", lua.LNumber(f))
	case '(':
		return d.table("big_number", lua.LString(line))
	case '=':
		s := d.bulk(n)
		t := d.in.L.NewTable()
		t.RawSetString("string", lua.LString(s[4:]))
		t.RawSetString("format", lua.LString(s[:3]))
		return d.table("verbatim_string", t)
	case '%':
		t := d.in.L.NewTable()
		for range n {
			k := d.value()
			v := d.value()
			if k != lua.LNil {
				t.RawSet(k, v)
			}
		}
		return d.table("map", t)
	case '~':
		t := d.in.L.NewTable()
		for range n {
			if k := d.value(); k != lua.LNil {
				t.RawSet(k, lua.LTrue)
			}
		}
		return d.table("set", t)
	case '|':
		for range 2 * n {
			d.value()
		}
		return d.value()
	}
	// A push, which is no reply.
	return lua.LNil
}

// maxReplyDepth is how deep tables may be nested in what a script returns: four
// places of Lua's stack are taken by each.
const maxReplyDepth = maxPush

// encoder writes what a script returns as a reply.
type encoder struct {
	in    *Interp
	w     *command.Writer
	proto int // of the script
}

func (e *encoder) value(v lua.LValue, used int) {
	if used+4 > maxReplyDepth {
		e.w.Error("ERR reached lua stack limit")
		return
	}
	e.in.step(e.in.L, 1)
	switch x := v.(type) {
	case lua.LString:
		e.w.BulkString(string(x))
	case lua.LBool:
		switch {
		case e.proto >= 3:
			e.w.Bool(bool(x))
		case bool(x):
			e.w.Int(1)
		default:
			e.w.Null()
		}
	case lua.LNumber:
		e.w.Int(toInt64(float64(x)))
	case *lua.LTable:
		e.table(e.in.raw(x), used+1)
	default:
		e.w.Null()
	}
}

// flat is a text without line ends, as simple strings need it.
func flat(s string) string {
	b := []byte(s)
	for i := range b {
		if b[i] == '\r' || b[i] == '\n' {
			b[i] = ' '
		}
	}
	return string(b)
}

func (e *encoder) table(t *lua.LTable, used int) {
	if s, ok := t.RawGetString("err").(lua.LString); ok {
		e.fail(string(s), t)
		return
	}
	if s, ok := t.RawGetString("ok").(lua.LString); ok {
		e.w.Simple(flat(string(s)))
		return
	}
	if n, ok := t.RawGetString("double").(lua.LNumber); ok {
		e.w.Double(float64(n))
		return
	}
	if m, ok := t.RawGetString("map").(*lua.LTable); ok {
		mark, n := e.w.Defer(), 0
		e.in.forEach(m, func(k, v lua.LValue) bool {
			e.value(k, used+3)
			e.value(v, used+2)
			n++
			return true
		})
		e.w.DeferredMap(mark, n)
		return
	}
	if m, ok := t.RawGetString("set").(*lua.LTable); ok {
		mark, n := e.w.Defer(), 0
		e.in.forEach(m, func(k, _ lua.LValue) bool {
			e.value(k, used+2)
			n++
			return true
		})
		e.w.DeferredSet(mark, n)
		return
	}
	if s, ok := t.RawGetString("big_number").(lua.LString); ok {
		e.w.BigNumber([]byte(flat(string(s))))
		return
	}
	if v, ok := t.RawGetString("verbatim_string").(*lua.LTable); ok {
		format, ok1 := v.RawGetString("format").(lua.LString)
		s, ok2 := v.RawGetString("string").(lua.LString)
		if ok1 && ok2 {
			e.w.Verbatim((string(format) + "\x00\x00\x00")[:3], []byte(s))
			return
		}
	}
	mark, n := e.w.Defer(), 0
	for {
		v := rawGetInt(t, n+1)
		if v == lua.LNil {
			break
		}
		e.value(v, used)
		n++
	}
	e.w.DeferredArray(mark, n)
}

// fail replies with an error; one that a command gave has been counted then.
func (e *encoder) fail(msg string, t *lua.LTable) {
	counted := lua.LVAsBool(t.RawGetString("ignore_error_stats_update"))
	replyError(e.w, msg, counted)
}

func replyError(w *command.Writer, msg string, counted bool) {
	n, last := w.Errors, w.LastError
	w.Error(msg)
	if counted {
		w.Errors, w.LastError = n, last
	}
}
