package script

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"berth/host/command"
	"berth/internal/argsplit"

	lua "github.com/yuin/gopher-lua"
)

// The errors that commands about functions reply with.
var (
	errNoMetadata  = errors.New("Missing library metadata")
	errBadMetadata = errors.New("Invalid library metadata")
)

const textBadName = "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long"

// loadTimeout is what a library's code may take while it is loaded.
const loadTimeout = 500 * time.Millisecond

// Function is one function of a library.
type Function struct {
	Name        string
	Description string
	Described   bool
	Flags       Flags
	Library     *Library
	fn          *lua.LFunction
}

// FlagNames lists the function's flags.
func (f *Function) FlagNames() (names []string) {
	for _, n := range flagNames {
		if f.Flags&n.flag != 0 {
			names = append(names, n.name)
		}
	}
	return names
}

// Library is a set of functions that came with one piece of code.
type Library struct {
	Name      string
	Code      string
	Functions []*Function
}

// Functions is what FUNCTION and FCALL work on: the libraries and their
// interpreter.
type Functions struct {
	in        *Interp
	rt        Runtime
	random    *Random
	libraries []*Library
	byName    map[string]*Library
	functions map[string]*Function
	bytes     int64
}

// NewFunctions makes an empty set of libraries.
func NewFunctions(rt Runtime, random *Random) *Functions {
	f := &Functions{rt: rt, random: random}
	f.Flush()
	return f
}

// Flush removes all libraries and begins with a fresh interpreter.
func (f *Functions) Flush() {
	if f.in != nil {
		f.in.L.Close()
	}
	f.in = nil
	f.libraries = nil
	f.byName, f.functions = map[string]*Library{}, map[string]*Function{}
	f.bytes = 0
}

func (f *Functions) interp() *Interp {
	if f.in == nil {
		f.in = newInterp(f.rt, f.random)
		f.in.contents.RawSetString("redis", f.in.freeze(f.in.newRedis(false)))
	}
	return f.in
}

// Libraries are the libraries, in the order in which they came.
func (f *Functions) Libraries() []*Library { return f.libraries }

// Count is the number of functions.
func (f *Functions) Count() int { return len(f.functions) }

// Bytes is what the libraries take in memory, the interpreter apart.
func (f *Functions) Bytes() int64 { return f.bytes }

// Memory is what the interpreter holds.
func (f *Functions) Memory() int64 {
	if f.in == nil {
		return baseMemory
	}
	return int64(f.in.memory())
}

// Find returns a function, or nil.
func (f *Functions) Find(name []byte) *Function { return f.functions[string(name)] }

// Get returns a library, or nil.
func (f *Functions) Get(name string) *Library { return f.byName[name] }

// loadState is a library that is being loaded.
type loadState struct {
	lib     *Library
	started time.Time
	limit   time.Duration // 0: none
}

// Load makes a library of its code. The error's text is the reply.
func (f *Functions) Load(code string, replace bool) (*Library, error) {
	lib, err := f.make(code, replace, loadTimeout, f.byName)
	if err != nil {
		return nil, err
	}
	if err := f.collision(lib, f.byName[lib.Name]); err != nil {
		return nil, err
	}
	f.Delete(lib.Name)
	f.add(lib)
	return lib, nil
}

// collision tells whether another library than old has a function of lib's.
func (f *Functions) collision(lib, old *Library) error {
	for _, fn := range lib.Functions {
		if x := f.functions[fn.Name]; x != nil && x.Library != old {
			return fmt.Errorf("Function %s already exists", fn.Name)
		}
	}
	return nil
}

const libraryOverhead, functionOverhead = 128, 160

func (f *Functions) add(lib *Library) {
	f.libraries = append(f.libraries, lib)
	f.byName[lib.Name] = lib
	f.bytes += int64(len(lib.Code) + libraryOverhead)
	for _, fn := range lib.Functions {
		f.functions[fn.Name] = fn
		f.bytes += int64(len(fn.Name) + len(fn.Description) + functionOverhead)
	}
}

// Delete removes a library, if there is one of that name.
func (f *Functions) Delete(name string) bool {
	lib := f.byName[name]
	if lib == nil {
		return false
	}
	for i, x := range f.libraries {
		if x == lib {
			f.libraries = append(f.libraries[:i:i], f.libraries[i+1:]...)
			break
		}
	}
	delete(f.byName, name)
	f.bytes -= int64(len(lib.Code) + libraryOverhead)
	for _, fn := range lib.Functions {
		delete(f.functions, fn.Name)
		f.bytes -= int64(len(fn.Name) + len(fn.Description) + functionOverhead)
	}
	return true
}

// Policy says what Restore does with the libraries that are there.
type Policy int

// The policies of FUNCTION RESTORE.
const (
	Append Policy = iota
	Replace
	FlushFirst
)

// Restore adds libraries, all or none of them.
func (f *Functions) Restore(codes []string, policy Policy) error {
	names := map[string]*Library{}
	set := map[string]*Function{}
	var libs []*Library
	for _, code := range codes {
		lib, err := f.make(code, false, 0, names)
		if err != nil {
			return err
		}
		for _, fn := range lib.Functions {
			if set[fn.Name] != nil {
				return fmt.Errorf("Function %s already exists", fn.Name)
			}
			set[fn.Name] = fn
		}
		names[lib.Name] = lib
		libs = append(libs, lib)
	}
	if policy == FlushFirst {
		// The new libraries live in the interpreter: it stays.
		f.libraries, f.byName, f.functions, f.bytes = nil, map[string]*Library{}, map[string]*Function{}, 0
	}
	for _, lib := range libs {
		if f.byName[lib.Name] != nil && policy == Append {
			return fmt.Errorf("Library %s already exists", lib.Name)
		}
	}
	for name, fn := range set {
		if x := f.functions[name]; x != nil && (policy == Append || names[x.Library.Name] == nil) {
			return fmt.Errorf("Function %s already exists", fn.Name)
		}
	}
	for _, lib := range libs {
		f.Delete(lib.Name)
		f.add(lib)
	}
	return nil
}

// make compiles and runs a library's code. known are the libraries whose names
// are taken.
func (f *Functions) make(code string, replace bool, limit time.Duration, known map[string]*Library) (*Library, error) {
	name, engine, body, err := metadata(code)
	if err != nil {
		return nil, err
	}
	if !validName(name) {
		return nil, errors.New(textBadName)
	}
	if !strings.EqualFold(engine, "lua") {
		return nil, fmt.Errorf("Engine '%s' not found", engine)
	}
	if known[name] != nil && !replace {
		return nil, fmt.Errorf("Library '%s' already exists", name)
	}
	lib := &Library{Name: name, Code: code}
	if err := f.run(lib, body, limit); err != nil {
		return nil, err
	}
	if len(lib.Functions) == 0 {
		return nil, errors.New("No functions registered")
	}
	return lib, nil
}

func validName(s string) bool {
	for i := range len(s) {
		if !isAlnum(int(s[i])) && s[i] != '_' {
			return false
		}
	}
	return s != ""
}

// metadata reads a library's first line.
func metadata(code string) (name, engine, body string, err error) {
	if !strings.HasPrefix(code, "#!") {
		return "", "", "", errNoMetadata
	}
	end := strings.IndexByte(code, '\n')
	if end < 0 {
		return "", "", "", errBadMetadata
	}
	words, ok := splitWords(code[:end])
	if !ok || len(words) == 0 {
		return "", "", "", errBadMetadata
	}
	named := false
	for _, w := range words[1:] {
		if len(w) < 5 || !strings.EqualFold(w[:5], "name=") {
			return "", "", "", fmt.Errorf("Invalid metadata value given: %s", w)
		}
		if named {
			return "", "", "", errors.New("Invalid metadata value, name argument was given multiple times")
		}
		named = true
		name = w[5:]
	}
	if !named {
		return "", "", "", errors.New("Library name was not given")
	}
	return name, words[0][2:], code[end:], nil
}

// splitWords splits a line as redis.conf's are.
func splitWords(line string) (words []string, ok bool) {
	parts, err := argsplit.Split([]byte(line))
	for _, p := range parts {
		words = append(words, string(p))
	}
	return words, err == nil
}

// run runs the code of a library. While it does, the globals are not there but
// a `redis` with register_function.
func (f *Functions) run(lib *Library, body string, limit time.Duration) error {
	in := f.interp()
	L := in.L
	// Libraries see each other as little as scripts do: each has its own view of
	// the globals, whose contents change when it has been loaded.
	env, mt := L.NewTable(), L.NewTable()
	load := L.NewTable()
	api := in.newLoadRedis()
	api.RawSetString("register_function", L.NewFunction(in.registerFunction))
	missing := L.NewTable()
	missing.RawSetString("__index", in.contents.Metatable.(*lua.LTable).RawGetString("__index"))
	api.Metatable, load.Metatable = missing, missing
	load.RawSetString("redis", in.freeze(api))
	mt.RawSetString("__index", load)
	mt.RawSetString("__newindex", in.globals.Metatable.(*lua.LTable).RawGetString("__newindex"))
	env.Metatable = mt
	in.readonly[env] = load
	L.Env = env
	fn, err := in.compile(body, "@user_function")
	L.Env = in.globals
	if err != nil {
		return fmt.Errorf("Error compiling function: %w", err)
	}
	outer := in.run
	in.begin(&runState{loading: &loadState{lib: lib, started: time.Now(), limit: limit}})
	L.Push(fn)
	failure := in.pcall(L, 0, 0)
	in.end()
	in.run = outer
	delete(in.readonly, load.RawGetString("redis").(*lua.LTable))
	mt.RawSetString("__index", in.contents)
	in.readonly[env] = in.contents
	if failure != nil {
		delete(in.readonly, env)
		text, _ := errorFields(failure)
		return fmt.Errorf("Error registering functions: %s", text)
	}
	return nil
}

// registerFunction is redis.register_function, in both of its forms.
func (in *Interp) registerFunction(L *lua.LState) int {
	if in.run == nil || in.run.loading == nil {
		return in.raise(L, "redis.register_function can only be called on FUNCTION LOAD command")
	}
	lib := in.run.loading.lib
	fn := &Function{Library: lib}
	var bad string
	switch L.GetTop() {
	case 1:
		bad = in.namedArgs(L, fn)
	case 2:
		name, ok := toString(L.Get(1))
		callback, isFunc := L.Get(2).(*lua.LFunction)
		switch {
		case !ok:
			bad = "first argument to redis.register_function must be a string"
		case !isFunc:
			bad = "second argument to redis.register_function must be a function"
		}
		fn.Name, fn.fn = name, callback
	default:
		bad = "wrong number of arguments to redis.register_function"
	}
	if bad == "" && !validName(fn.Name) {
		bad = textBadName
	}
	if bad == "" {
		for _, x := range lib.Functions {
			if x.Name == fn.Name {
				bad = "Function already exists in the library"
			}
		}
	}
	if bad != "" {
		return in.raise(L, bad)
	}
	lib.Functions = append(lib.Functions, fn)
	return 0
}

// namedArgs reads the table of the named form. The text is an error.
func (in *Interp) namedArgs(L *lua.LState, fn *Function) (bad string) {
	t, ok := L.Get(1).(*lua.LTable)
	if !ok {
		return "calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments)."
	}
	named := false
	in.forEach(t, func(k, v lua.LValue) bool {
		key, ok := toString(k)
		if !ok {
			bad = "named argument key given to redis.register_function is not a string"
			return false
		}
		switch strings.ToLower(key) {
		case "function_name":
			if fn.Name, named = toString(v); !named {
				bad = "function_name argument given to redis.register_function must be a string"
			}
		case "description":
			if fn.Description, fn.Described = toString(v); !fn.Described {
				bad = "description argument given to redis.register_function must be a string"
			}
		case "callback":
			if fn.fn, ok = v.(*lua.LFunction); !ok {
				bad = "callback argument given to redis.register_function must be a function"
			}
		case "flags":
			flags, ok := v.(*lua.LTable)
			if !ok {
				bad = "flags argument to redis.register_function must be a table representing function flags"
				break
			}
			for i := 1; flags.RawGetInt(i) != lua.LNil; i++ {
				name, _ := flags.RawGetInt(i).(lua.LString)
				f, ok := flagByName(string(name))
				if !ok {
					bad = "unknown flag given"
					break
				}
				fn.Flags |= f
			}
		default:
			bad = "unknown argument given to redis.register_function"
		}
		return bad == ""
	})
	switch {
	case bad != "":
	case !named:
		bad = "redis.register_function must get a function name argument"
	case fn.fn == nil:
		bad = "redis.register_function must get a callback argument"
	}
	return bad
}

// Run calls a function and writes its reply.
func (f *Functions) Run(fn *Function, r *Run, keys, args [][]byte, w *command.Writer) {
	in := f.in
	in.exec(r, fn.fn, []lua.LValue{in.list(keys), in.list(args)}, w)
}
