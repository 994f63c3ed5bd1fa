package script

import (
	"crypto/sha1"
	"encoding/hex"
	"math"
	"strings"
	"unsafe"

	"berth/internal/numfmt"

	lua "github.com/yuin/gopher-lua"
)

// The levels of redis.log.
const (
	LogDebug = iota
	LogVerbose
	LogNotice
	LogWarning
)

// newRedis makes the table `redis`. eval adds what only scripts have.
func (in *Interp) newRedis(eval bool) *lua.LTable {
	t := in.newLoadRedis()
	funcs := map[string]lua.LGFunction{
		"call":         func(L *lua.LState) int { return in.redisCall(L, true) },
		"pcall":        func(L *lua.LState) int { return in.redisCall(L, false) },
		"error_reply":  func(L *lua.LState) int { return in.singleField(L, "err") },
		"status_reply": func(L *lua.LState) int { return in.singleField(L, "ok") },
		"sha1hex":      in.redisSHA1, "setresp": in.redisSetResp, "set_repl": in.redisSetRepl, "acl_check_cmd": in.redisACL,
	}
	if eval {
		funcs["replicate_commands"] = func(L *lua.LState) int {
			L.Push(lua.LTrue)
			return 1
		}
		// Without a debugger attached, these do nothing.
		funcs["breakpoint"] = func(L *lua.LState) int {
			L.Push(lua.LFalse)
			return 1
		}
		funcs["debug"] = func(*lua.LState) int { return 0 }
	}
	for k, f := range funcs {
		t.RawSetString(k, in.L.NewFunction(f))
	}
	for k, n := range map[string]Target{
		"REPL_NONE": 0, "REPL_AOF": ReplAOF, "REPL_SLAVE": ReplReplica, "REPL_REPLICA": ReplReplica, "REPL_ALL": ReplAll,
	} {
		t.RawSetString(k, lua.LNumber(n))
	}
	return t
}

// newLoadRedis makes what `redis` is while a library is loaded, without
// register_function.
func (in *Interp) newLoadRedis() *lua.LTable {
	t := in.L.NewTable()
	t.RawSetString("log", in.L.NewFunction(in.redisLog))
	for k, n := range map[string]int{
		"LOG_DEBUG": LogDebug, "LOG_VERBOSE": LogVerbose, "LOG_NOTICE": LogNotice, "LOG_WARNING": LogWarning,
	} {
		t.RawSetString(k, lua.LNumber(n))
	}
	version, num := in.rt.Version()
	t.RawSetString("REDIS_VERSION", lua.LString(version))
	t.RawSetString("REDIS_VERSION_NUM", lua.LNumber(num))
	return t
}

// errorTable is an error as the functions of `redis` make it, which have a
// field err that begins with a code.
func (in *Interp) errorTable(text string) *lua.LTable {
	t := in.L.NewTable()
	t.RawSetString("err", lua.LString(errorText(text)))
	return t
}

// errorText gives an error its code: what begins with "-" has one, if there is
// a space behind it.
func errorText(s string) string {
	s, coded := strings.CutPrefix(s, "-")
	if coded {
		s = strings.TrimRight(s, "\r\n")
		if strings.IndexByte(s, ' ') >= 0 {
			return s
		}
	}
	return "ERR " + strings.Trim(s, "\r\n")
}

func (in *Interp) raise(L *lua.LState, text string) int {
	L.Error(in.errorTable(text), 0)
	return 0
}

func (in *Interp) singleField(L *lua.LState, field string) int {
	s, ok := L.Get(1).(lua.LString)
	if !ok || L.GetTop() != 1 {
		L.Push(in.errorTable("wrong number or type of arguments"))
		return 1
	}
	if field == "err" {
		text := cString(string(s))
		if !strings.HasPrefix(text, "-") {
			text = "-" + text
		}
		L.Push(in.errorTable(text))
		return 1
	}
	t := in.L.NewTable()
	t.RawSetString(field, s)
	L.Push(t)
	return 1
}

func (in *Interp) redisSHA1(L *lua.LState) int {
	if L.GetTop() != 1 {
		return in.raise(L, "wrong number of arguments")
	}
	s, _ := toString(L.Get(1))
	L.Push(lua.LString(SHA1(s)))
	return 1
}

// SHA1 is a hash as scripts are named by it.
func SHA1[T string | []byte](s T) string {
	sum := sha1.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

func (in *Interp) redisLog(L *lua.LState) int {
	n := L.GetTop()
	if n < 2 {
		return in.raise(L, "redis.log() requires two arguments or more.")
	}
	level, ok := L.Get(1).(lua.LNumber)
	if !ok {
		return in.raise(L, "First argument must be a number (log level).")
	}
	if l := toInt64(float64(level)); l < LogDebug || l > LogWarning {
		return in.raise(L, "Invalid log level.")
	}
	var parts []string
	for i := 2; i <= n; i++ {
		if s, ok := toString(L.Get(i)); ok {
			parts = append(parts, s)
		}
	}
	in.rt.Log(int(level), strings.Join(parts, " "))
	return 0
}

func (in *Interp) redisSetResp(L *lua.LState) int {
	if L.GetTop() != 1 {
		return in.raise(L, "redis.setresp() requires one argument.")
	}
	f, _ := toNumber(L.Get(1))
	if f != 2 && f != 3 {
		return in.raise(L, "RESP version must be 2 or 3.")
	}
	if in.run != nil && in.run.Run != nil {
		in.run.Proto = int(f)
	}
	return 0
}

func (in *Interp) redisSetRepl(L *lua.LState) int {
	if L.GetTop() != 1 {
		return in.raise(L, "redis.set_repl() requires one argument.")
	}
	f, _ := toNumber(L.Get(1))
	n := toInt64(f)
	if n&^int64(ReplAll) != 0 {
		return in.raise(L, "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.")
	}
	if in.run != nil && in.run.Run != nil {
		in.run.Repl = Target(n)
	}
	return 0
}

const (
	textNoArgs  = "Please specify at least one argument for this redis lib call"
	textBadArgs = "Lua redis lib command arguments must be strings or integers"
)

// commandArgs are the arguments of a call as a command's. Strings are not
// copied: nobody writes to arguments.
func (in *Interp) commandArgs(L *lua.LState) (args [][]byte, bad string) {
	n := L.GetTop()
	if n == 0 {
		return nil, textNoArgs
	}
	args = in.args[:0]
	in.numbs = in.numbs[:0]
	for i := 1; i <= n; i++ {
		switch v := L.Get(i).(type) {
		case lua.LString:
			if len(v) == 0 {
				args = append(args, []byte{})
				continue
			}
			args = append(args, unsafe.Slice(unsafe.StringData(string(v)), len(v)))
		case lua.LNumber:
			from := len(in.numbs)
			if v == 0 {
				v = 0 // without its sign
			}
			if v != v && math.Signbit(float64(v)) {
				in.numbs = append(in.numbs, '-') // the sign of a NaN shows here, unlike in replies
			}
			in.numbs = numfmt.AppendDouble(in.numbs, float64(v))
			args = append(args, in.numbs[from:len(in.numbs):len(in.numbs)])
		default:
			return nil, textBadArgs
		}
	}
	in.args = args
	return args, ""
}

func (in *Interp) redisCall(L *lua.LState, raise bool) int {
	fail := func(t *lua.LTable) int {
		if raise {
			L.Error(t, 0)
		}
		L.Push(t)
		return 1
	}
	args, bad := in.commandArgs(L)
	if bad != "" {
		return fail(in.errorTable(bad))
	}
	if in.run == nil || in.run.Run == nil {
		return fail(in.errorTable("redis.call/pcall can only be called inside a script invocation"))
	}
	reply, failed := in.rt.Call(in.run.Run, args, in.run.Proto)
	if cap(in.args) > 1024 {
		in.args = nil
	}
	clear(in.args)
	if failed.Text != "" {
		t := in.errorTable(failed.Text)
		t.RawSetString("ignore_error_stats_update", lua.LTrue)
		return fail(t)
	}
	d := decoder{in: in, b: reply}
	in.charge(len(reply))
	v := d.value()
	if t, ok := v.(*lua.LTable); ok && raise && len(reply) > 0 && reply[0] == '-' {
		return fail(t)
	}
	L.Push(v)
	return 1
}

func (in *Interp) redisACL(L *lua.LState) int {
	args, bad := in.commandArgs(L)
	if bad != "" {
		return in.raise(L, bad)
	}
	if in.run == nil || in.run.Run == nil {
		return in.raise(L, "redis.acl_check_cmd can only be called inside a script invocation")
	}
	allowed, bad := in.rt.MayCall(in.run.Run, args)
	if bad != "" {
		return in.raise(L, bad)
	}
	L.Push(lua.LBool(allowed))
	return 1
}
