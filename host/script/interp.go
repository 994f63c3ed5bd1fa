package script

import (
	"context"
	"reflect"
	"runtime"
	"runtime/metrics"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// Bounds of what a script may use. Redis has no bound of memory; the others
// are Lua's own.
const (
	// MaxMemory is what scripts may hold in memory, in bytes, beyond what the
	// process held when the script began.
	MaxMemory = 512 << 20
	maxCalls  = 20000 // depth of calls among Lua functions
	maxNested = 200   // depth of calls through functions that are not Lua's
	maxStack  = 1 << 20
	// maxPush is how many values a function may push.
	maxPush = 8000
	// maxArray bounds the part of a table that one assignment may make
	// gopher-lua allocate at once.
	maxArray = 1 << 23
)

func init() {
	lua.MaxArrayIndex = maxArray
}

// How often a running script is looked after. The clock is asked every few
// instructions, since one alone may take long and much memory.
const (
	tickEvery = 16
	tickTime  = time.Millisecond
)

// Interp is one Lua state with Redis's libraries, and the scripts that run in
// it one at a time.
type Interp struct {
	L  *lua.LState
	rt Runtime

	hook   hook
	nested int
	guard  *lua.LFunction

	// Where the latest error was raised.
	errSource string
	errLine   int

	contents  *lua.LTable // what is in _G
	globals   *lua.LTable // _G: a read-only view of contents
	readonly  map[*lua.LTable]*lua.LTable
	helpers   []lua.LValue
	hints     map[int]*sizeHint
	threads   map[*lua.LState]*coroutine
	current   *coroutine
	random    *Random
	walks     [4]walk
	walkNext  int
	nullValue *lua.LUserData

	run  *runState
	base uint64 // bytes in use when the script began; 0: not known yet

	compiled int // bytes of compiled chunks, about
	args     [][]byte
	numbs    []byte
}

// hook is the context of the Lua state: its virtual machine asks for Done
// before each instruction.
type hook struct {
	context.Context
	in      *Interp
	left    int
	last    time.Time
	charged int
	killed  string // why the script is to end
}

var closedChan = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

type killError string

func (e killError) Error() string { return string(e) }

// Done implements [context.Context].
func (h *hook) Done() <-chan struct{} {
	if h.left--; h.left > 0 {
		return nil
	}
	return h.slow()
}

// Err implements [context.Context].
func (h *hook) Err() error { return killError(h.killed) }

func (h *hook) slow() <-chan struct{} {
	if h.killed == "" {
		h.left = tickEvery
		now := time.Now()
		if now.Sub(h.last) < tickTime {
			return nil
		}
		h.last = now
		if !h.in.memoryOK(0) {
			h.in.throwMemory()
		}
		switch r := h.in.run; {
		case r == nil:
		case r.loading == nil:
			h.killed = h.in.rt.Tick()
		case r.loading.limit > 0 && time.Since(r.loading.started) > r.loading.limit:
			h.killed = "FUNCTION LOAD timeout"
		}
	}
	if h.killed != "" {
		h.left = 0
		return closedChan
	}
	return nil
}

// step is for loops outside of the virtual machine: it counts n pieces of work
// and ends the script if it is to end.
func (in *Interp) step(L *lua.LState, n int) {
	if in.hook.left -= n; in.hook.left > 0 {
		return
	}
	if in.hook.slow() != nil {
		in.raise(L, in.hook.killed)
	}
}

// charge is called before n bytes are allocated in one piece.
func (in *Interp) charge(n int) {
	if n < 1<<16 {
		return
	}
	if n > MaxMemory {
		in.throwMemory()
	}
	if in.hook.charged += n; in.hook.charged > 16<<20 {
		in.hook.charged = 0
		if !in.memoryOK(n) {
			in.throwMemory()
		}
	}
}

func (in *Interp) throwMemory() {
	panic(&lua.ApiError{Type: lua.ApiErrorRun, Object: lua.LString("not enough memory"), StackTrace: "-"})
}

var heapSample = []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}

func heapInUse() uint64 {
	metrics.Read(heapSample)
	return heapSample[0].Value.Uint64()
}

// memoryOK reports whether the script keeps within bounds when it takes more
// bytes. What is in use includes garbage, so that it is collected before
// anybody is accused.
func (in *Interp) memoryOK(more int) bool {
	if in.base == 0 {
		in.base = heapInUse()
		return true
	}
	limit := in.base + MaxMemory
	if heapInUse()+uint64(more) <= limit {
		return true
	}
	runtime.GC()
	return heapInUse()+uint64(more) <= limit
}

// Runtime is what an interpreter needs of the server. Every method is called
// by the goroutine that runs the script.
type Runtime interface {
	// Call runs a command of the script; the reply is RESP in the protocol that
	// was asked for, good until the next call. What has an error text was refused
	// or failed, and count says whether that is in the error statistics already.
	Call(r *Run, args [][]byte, proto int) (reply []byte, failed CallError)
	// MayCall is acl_check_cmd; bad is the error for what can't be asked.
	MayCall(r *Run, args [][]byte) (allowed bool, bad string)
	// Tick is called every now and then; a text ends the script with that error.
	Tick() string
	// Log writes to the server's log, at a level of redis.log.
	Log(level int, msg string)
	// Bug reports an internal error.
	Bug(msg string)
	// Version is what REDIS_VERSION and REDIS_VERSION_NUM are.
	Version() (string, int)
}

// CallError says why a command failed: an error reply without its "-".
type CallError struct {
	Text    string
	Counted bool
}

// Run is one run of a script.
type Run struct {
	Name     string // its hash, or the name of the function
	ReadOnly bool
	Flags    Flags
	Repl     Target // where the effects go
	Proto    int    // of replies to the script
	Function bool
	Wrote    bool // a command that writes has run
	OOM      bool // memory was short when it began
	AllowOOM bool
	Started  time.Time
}

// Elapsed is for how long it has been running.
func (r *Run) Elapsed() time.Duration { return time.Since(r.Started) }

// Target says who receives the effects of a script.
type Target uint8

// The targets of redis.set_repl.
const (
	ReplAOF     Target = 1
	ReplReplica Target = 2
	ReplAll            = ReplAOF | ReplReplica
)

type runState struct {
	*Run
	loading *loadState // FUNCTION LOAD
}

// newInterp makes a state with the libraries that scripts and functions share.
func newInterp(rt Runtime, random *Random) *Interp {
	in := &Interp{rt: rt, random: random, readonly: map[*lua.LTable]*lua.LTable{}, hints: map[int]*sizeHint{}}
	in.L = lua.NewState(lua.Options{
		CallStackSize: maxCalls, RegistrySize: 1024, RegistryMaxSize: maxStack, RegistryGrowStep: 1024,
		SkipOpenLibs: true, MinimizeStackMemory: true,
	})
	in.hook = hook{Context: context.Background(), in: in, left: tickEvery}
	in.L.SetContext(&in.hook)
	in.guard = in.newGuard()
	in.contents = in.L.NewTable()
	in.globals = in.freeze(in.contents)
	in.openBase()
	in.openString()
	in.openTable()
	in.openMath()
	in.openCoroutine()
	in.openBit()
	in.openStruct()
	in.openMsgpack()
	in.openJSON()
	in.openHelpers()
	strings := in.contents.RawGetString("string").(*lua.LTable)
	mt := in.L.NewTable()
	mt.RawSetString("__index", strings)
	in.L.SetMetatable(lua.LString(""), in.freeze(mt))
	// The virtual machine looks for events in the table itself.
	in.L.SetMetatable(lua.LString(""), mt)
	in.readonly[mt] = mt
	in.L.Env = in.globals
	return in
}

// lib makes a library and its entry in the globals.
func (in *Interp) lib(name string, funcs map[string]lua.LGFunction) *lua.LTable {
	t := in.L.NewTable()
	for k, f := range funcs {
		t.RawSetString(k, in.L.NewFunction(f))
	}
	in.contents.RawSetString(name, in.freeze(t))
	return t
}

// freeze makes a table that shows what t holds and can't be changed. Scripts
// see no difference from a table that Redis marks as read-only: the library
// functions look through it.
func (in *Interp) freeze(t *lua.LTable) *lua.LTable {
	view, mt := in.L.NewTable(), in.L.NewTable()
	mt.RawSetString("__index", t)
	mt.RawSetString("__newindex", in.L.NewFunction(func(L *lua.LState) int {
		return in.throw(L, in.where(L, 1)+textReadonly)
	}))
	mt.RawSetString("__len", in.L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LNumber(t.Len()))
		return 1
	}))
	view.Metatable = mt
	in.readonly[view] = t
	return view
}

const textReadonly = "Attempt to modify a readonly table"

// raw is the table behind a read-only view, or t itself.
func (in *Interp) raw(t *lua.LTable) *lua.LTable {
	if t.Metatable != lua.LNil {
		if c, ok := in.readonly[t]; ok {
			return c
		}
	}
	return t
}

// writable is t where it may be changed.
func (in *Interp) writable(L *lua.LState, t *lua.LTable) *lua.LTable {
	if t.Metatable != lua.LNil {
		if _, ok := in.readonly[t]; ok {
			in.throw(L, textReadonly)
		}
	} else if _, ok := in.readonly[t]; ok {
		in.throw(L, textReadonly)
	}
	return t
}

// compile makes a function of a chunk. Some operators become calls of
// functions of ours: `..` and `%` because gopher-lua's differ from Lua's (the
// format of numbers, the sign of remainders) and know no bounds, the bounds of
// numeric loops because Lua converts strings. Those functions are parameters of
// an outer function, so that they are upvalues of the chunk.
func (in *Interp) compile(src, chunkname string) (*lua.LFunction, error) {
	stmts, lines, err := parse(src, chunkname)
	if err != nil {
		return nil, err
	}
	names := []string{nameConcat, nameMod, nameFor, nameTable}
	body := at(&ast.FunctionExpr{ParList: &ast.ParList{HasVargs: true}, Stmts: stmts}, 0, lines)
	outer := at(&ast.FunctionExpr{ParList: &ast.ParList{Names: names}, Stmts: []ast.Stmt{
		at(&ast.ReturnStmt{Exprs: []ast.Expr{body}}, 0, lines),
	}}, 0, lines)
	proto, err := compileTree(at(&ast.ReturnStmt{Exprs: []ast.Expr{outer}}, 0, lines), chunkname)
	if err != nil {
		return nil, err
	}
	L := in.L
	top := L.GetTop()
	defer L.SetTop(top)
	L.Push(L.NewFunctionFromProto(proto))
	L.Call(0, 1)
	for _, h := range in.helpers {
		L.Push(h)
	}
	L.Call(len(in.helpers), 1)
	return L.Get(-1).(*lua.LFunction), nil
}

// compileTree has gopher-lua compile. What it refuses is too large for its
// instructions, and so close to what is too large for Lua's.
func compileTree(s ast.Stmt, chunkname string) (proto *lua.FunctionProto, err error) {
	proto, err = lua.Compile([]ast.Stmt{s}, chunkname)
	if ce, ok := err.(*lua.CompileError); ok {
		msg := ce.Message
		if strings.HasPrefix(msg, "register overflow") {
			msg = "function or expression too complex"
		}
		err = &syntaxError{shortName(chunkname, longIDSize) + ":" + formatNumber(float64(max(ce.Line, 1))) + ": " + msg}
	}
	return proto, err
}

// pc is the index of the instruction that a frame runs. The field is private to
// gopher-lua; [TestFrame] holds that it is there.
func pc(d *lua.Debug) int {
	return int(reflect.ValueOf(d).Elem().FieldByName("frame").Elem().FieldByName("Pc").Int()) - 1
}
