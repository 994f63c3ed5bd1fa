package script

import (
	"container/list"
	"fmt"
	"strings"
	"time"

	"berth/host/command"

	lua "github.com/yuin/gopher-lua"
)

// Flags are what a script or function declares about itself.
type Flags uint

// The flags of scripts and functions.
const (
	NoWrites Flags = 1 << iota
	AllowOOM
	AllowStale
	NoCluster
	AllowCrossSlotKeys
	// Compat marks a script without a shebang.
	Compat
)

// flagNames are the flags in the order in which FUNCTION LIST shows them.
var flagNames = []struct {
	name string
	flag Flags
}{
	{"no-writes", NoWrites}, {"allow-oom", AllowOOM}, {"allow-stale", AllowStale}, {"no-cluster", NoCluster},
	{"allow-cross-slot-keys", AllowCrossSlotKeys},
}

func flagByName(s string) (Flags, bool) {
	for _, f := range flagNames {
		if f.name == s {
			return f.flag, true
		}
	}
	return 0, false
}

// evictable is how many scripts that came by EVAL are kept.
const evictable = 500

// Script is one script of the cache.
type Script struct {
	SHA   string
	Body  string
	Flags Flags
	fn    *lua.LFunction
	lru   *list.Element // its place among those that came by EVAL; nil for SCRIPT LOAD's
}

// Scripts is what EVAL and SCRIPT work on: the cache and its interpreter.
type Scripts struct {
	in      *Interp
	rt      Runtime
	random  *Random
	cache   map[string]*Script
	lru     *list.List
	bytes   int64
	Evicted int64
}

// NewScripts makes an empty cache.
func NewScripts(rt Runtime, random *Random) *Scripts {
	s := &Scripts{rt: rt, random: random}
	s.Flush()
	return s
}

// Flush empties the cache and begins with a fresh interpreter.
func (s *Scripts) Flush() {
	if s.in != nil {
		s.in.L.Close()
	}
	s.in = nil
	s.cache = map[string]*Script{}
	s.lru = list.New()
	s.bytes = 0
}

// interp makes the interpreter when it is first needed.
func (s *Scripts) interp() *Interp {
	if s.in == nil {
		s.in = newInterp(s.rt, s.random)
		s.in.contents.RawSetString("redis", s.in.freeze(s.in.newRedis(true)))
		// What Redis's own handler of errors is called.
		s.in.contents.RawSetString("__redis__err__handler", s.in.L.NewFunction(func(L *lua.LState) int {
			v := L.Get(1)
			if _, ok := v.(*lua.LTable); !ok {
				text, _ := toString(v)
				v = s.in.errorTable(text)
			}
			L.Push(v)
			return 1
		}))
	}
	return s.in
}

// Len is the number of scripts, Bytes what their texts take.
func (s *Scripts) Len() int { return len(s.cache) }

// Bytes is what the cache takes in memory, the interpreter apart.
func (s *Scripts) Bytes() int64 { return s.bytes }

// Memory is what the interpreter holds.
func (s *Scripts) Memory() int64 {
	if s.in == nil {
		return baseMemory
	}
	return int64(s.in.memory())
}

// baseMemory is about what a state with its libraries takes.
const baseMemory = 160 << 10

// memory is what the state holds: its libraries and compiled scripts, and what
// the running script has taken so far.
func (in *Interp) memory() int {
	n := baseMemory + in.compiled
	if in.base != 0 {
		if used := heapInUse(); used > in.base {
			n += int(used - in.base)
		}
	}
	return n
}

// Find returns a script of the cache by its hash, in any case; nil if there is none.
func (s *Scripts) Find(sha []byte) *Script {
	if len(sha) != 40 {
		return nil
	}
	var low [40]byte
	for i, c := range sha {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		low[i] = c
	}
	return s.cache[string(low[:])]
}

const scriptOverhead = 64 + 40

// Load compiles a script and keeps it. evict says that it may be dropped for
// newer ones. The error's text is the reply.
func (s *Scripts) Load(sha string, body []byte, evict bool) (*Script, error) {
	if c := s.cache[sha]; c != nil {
		if !evict && c.lru != nil {
			s.lru.Remove(c.lru)
			c.lru = nil
		}
		return c, nil
	}
	flags, code, err := shebang(string(body))
	if err != nil {
		return nil, err
	}
	in := s.interp()
	fn, err := in.compile(code, "@user_script")
	if err != nil {
		return nil, fmt.Errorf("Error compiling script (new function): %w", err)
	}
	c := &Script{SHA: sha, Body: string(body), Flags: flags, fn: fn}
	s.cache[sha] = c
	s.bytes += int64(len(body) + scriptOverhead)
	if evict {
		if s.lru.Len() >= evictable {
			s.drop(s.lru.Front().Value.(*Script))
			s.Evicted++
		}
		c.lru = s.lru.PushBack(c)
	}
	return c, nil
}

func (s *Scripts) drop(c *Script) {
	if c.lru != nil {
		s.lru.Remove(c.lru)
	}
	delete(s.cache, c.SHA)
	s.bytes -= int64(len(c.Body) + scriptOverhead)
}

// Used notes that a script ran.
func (s *Scripts) Used(c *Script) {
	if c.lru != nil {
		s.lru.MoveToBack(c.lru)
	}
}

// shebang reads a script's first line, where it is one, and returns the rest.
// The line is replaced by an empty one, so that lines keep their numbers.
func shebang(body string) (Flags, string, error) {
	if !strings.HasPrefix(body, "#!") {
		return Compat, body, nil
	}
	end := strings.IndexByte(body, '\n')
	if end < 0 {
		return 0, "", fmt.Errorf("Invalid script shebang")
	}
	words, ok := splitWords(body[:end])
	if !ok || len(words) == 0 {
		return 0, "", fmt.Errorf("Invalid engine in script shebang")
	}
	if words[0] != "#!lua" {
		return 0, "", fmt.Errorf("Unexpected engine in script shebang: %s", words[0])
	}
	var flags Flags
	for _, w := range words[1:] {
		list, ok := strings.CutPrefix(w, "flags=")
		if !ok {
			return 0, "", fmt.Errorf("Unknown lua shebang option: %s", w)
		}
		for _, name := range strings.Split(list, ",") {
			if name == "" {
				continue
			}
			f, ok := flagByName(name)
			if !ok {
				return 0, "", fmt.Errorf("Unexpected flag in script shebang: %s", name)
			}
			flags |= f
		}
	}
	return flags, body[end:], nil
}

// Run runs a script and writes its reply. The run's Flags are the script's.
func (s *Scripts) Run(c *Script, r *Run, keys, args [][]byte, w *command.Writer) {
	in := s.in
	in.contents.RawSetString("KEYS", in.list(keys))
	in.contents.RawSetString("ARGV", in.list(args))
	in.exec(r, c.fn, nil, w)
}

func (in *Interp) list(items [][]byte) *lua.LTable {
	t := in.L.CreateTable(len(items), 0)
	for i, b := range items {
		t.RawSetInt(i+1, lua.LString(b))
	}
	return t
}

// exec runs a function as a script.
func (in *Interp) exec(r *Run, fn *lua.LFunction, args []lua.LValue, w *command.Writer) {
	L := in.L
	in.begin(&runState{Run: r})
	defer in.end()
	L.Push(fn)
	for _, a := range args {
		L.Push(a)
	}
	if failure := in.pcall(L, len(args), 1); failure != nil {
		in.report(r, failure, w)
		return
	}
	v := L.Get(-1)
	L.Pop(1)
	start := len(w.Buf)
	if failure := in.protect(func() {
		e := encoder{in: in, w: w, proto: r.Proto}
		e.value(v, 2)
	}); failure != nil {
		// Killed, or out of memory, while the reply was made.
		w.Buf = w.Buf[:start]
		in.report(r, failure, w)
	}
}

// protect runs f, which is no function of Lua's, and returns what it threw.
func (in *Interp) protect(f func()) lua.LValue {
	in.L.Push(in.L.NewFunction(func(*lua.LState) int {
		f()
		return 0
	}))
	return in.pcall(in.L, 0, 0)
}

func (in *Interp) begin(r *runState) {
	in.run = r
	in.base = 0
	in.nested = 0
	in.current = nil
	in.errSource, in.errLine = "", -1
	in.hook.left, in.hook.last, in.hook.charged, in.hook.killed = tickEvery, time.Now(), 0, ""
}

func (in *Interp) end() {
	in.run = nil
	in.base = 0
	in.hook.killed = ""
	in.hook.left = tickEvery
	in.L.SetTop(0)
	clear(in.threads)
	for i := range in.walks {
		in.walks[i] = walk{}
	}
}

// errorFields are an error's text and whether it is in the statistics already.
func errorFields(v lua.LValue) (text string, counted bool) {
	t, ok := v.(*lua.LTable)
	if !ok {
		if s, ok := toString(v); ok {
			return "ERR " + s, false
		}
		return "ERR " + v.String(), false
	}
	text, ok = toString(t.RawGetString("err"))
	if !ok {
		text = "ERR the script raised a table without a field 'err'"
	}
	return text, lua.LVAsBool(t.RawGetString("ignore_error_stats_update"))
}

// report replies with the error that ended a script.
func (in *Interp) report(r *Run, failure lua.LValue, w *command.Writer) {
	if failure == lua.LString("not enough memory") {
		w.Error("ERR Error running script " + r.Name + ", not enough memory\n")
		return
	}
	text, counted := errorFields(failure)
	if in.errLine >= 0 && in.errSource != "" {
		text += fmt.Sprintf(" script: %s, on %s:%d.", r.Name, in.errSource, in.errLine)
	}
	replyError(w, text, counted)
}
