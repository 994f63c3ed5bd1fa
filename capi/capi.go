package capi

// #include "capi_internal.h"
// #include "dispatch.h"
// #include "crash.h"
// #include "blocked.h"
// #include "moduleconf.h"
// #include <stdlib.h>
import "C"

import (
	"embed"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"berth/host"
	"berth/host/acl"
	"berth/host/command"
	"berth/keyspace"
	"berth/persistence/rdb"
)

// Runtime hosts C modules for one server; it implements [host.Runtime]. Its
// state is guarded by the lock of its server.
type Runtime struct {
	srv  *host.Server
	mods []*module // in the order they were loaded

	calls []*call // one per nesting depth, kept for reuse
	depth int
	idle  []*host.Client // clients of the runtime's own calls, kept for reuse

	scratch   keyspace.Scratch  // for the text of one integer at a time
	window    keyspace.ZSetIter // for a piece of a sorted set's range at a time
	lastReply []byte            // what C may still be reading of a large reply
	pairs     [][]byte          // fields and values of one entry of a stream at a time

	writers  table[*rdb.ModuleWriter] // values being saved, and loaded
	readers  table[payload]
	walks    table[*streamWalk] // iterations of streams
	shared   map[string]sharedAPI
	stopping bool

	background
}

var _ host.Runtime = (*Runtime)(nil)

// background is what modules have going on outside of their commands.
type background struct {
	c *C.rm_runtime // what threads leave for the loop

	blocked     table[*blockedClient]
	users       table[*acl.User] // in modules' hands
	auth        []*authCallback  // the newest first
	timers      timers
	files       map[int]*moduleFile
	subscribers []*subscriber
	eventNames  map[string]*C.char
	listeners   []*listener
	filters     []*commandFilter
}

// New makes a runtime, to be given to [host.New].
func New() *Runtime { return &Runtime{} }

// module is one loaded module.
type module struct {
	rt   *Runtime
	c    *C.rm_module
	slot int
	path string
	file fileID
	// fingerprint is of the file's content.
	fingerprint uint64
	args        [][]byte

	undo     []func() // what the module registered, to be taken back newest first
	usedBy   []*module
	using    []*module
	types    []*dataType
	commands []*moduleCommand
	filters  int

	configs        []*C.rm_config
	config         configState
	blockedClients int
	categorised    bool // put commands into ACL categories
	timers         int
	inCall         int              // calls of RM_Call under way
	gone           bool             // unloaded
	promises       *table[*promise] // commands it called that have blocked
}

// name is the name the module gave itself, or "" before it did.
func (m *module) name() string { return C.GoString(m.c.name) }

// onUndo has fn called when the module goes, be it unloaded or not loaded
// after all.
func (m *module) onUndo(fn func()) { m.undo = append(m.undo, fn) }

// bySlot finds a module by the number that its C struct holds. loadMu orders
// the writers, for several servers may be loading at once.
var (
	loadMu sync.Mutex
	bySlot [C.RM_MAX_MODULES]atomic.Pointer[module]
)

func moduleOf(m *C.rm_module) *module { return bySlot[m.slot].Load() }

// Attach implements [host.Runtime].
func (rt *Runtime) Attach(s *host.Server) error {
	rt.srv = s
	// The loop's own descriptor is closed with it, but a thread may come later.
	wake, err := syscall.Dup(s.Loop().WakeFD())
	if err != nil {
		return err
	}
	syscall.CloseOnExec(wake)
	rt.c = C.rm_runtime_new(C.int(wake))
	rt.files, rt.eventNames = map[int]*moduleFile{}, map[string]*C.char{}
	s.BeforeSleep(rt.beforeSleep)
	C.rm_state.server_version = host.RedisVersionNum
	installCrashHandler(rt)
	rt.followLogLevel()
	return nil
}

// Modules implements [host.Runtime].
func (rt *Runtime) Modules() []host.ModuleInfo {
	out := make([]host.ModuleInfo, 0, len(rt.mods))
	for _, m := range rt.mods {
		info := host.ModuleInfo{
			Name: m.name(), Version: int(m.c.ver), Path: m.path, Args: m.args, Fingerprint: m.fingerprint,
			API: int(m.c.apiver), Filters: m.filters, Options: m.options(),
		}
		for _, o := range m.usedBy {
			info.UsedBy = append(info.UsedBy, o.name())
		}
		for _, o := range m.using {
			info.Using = append(info.Using, o.name())
		}
		out = append(out, info)
	}
	return out
}

// options are the module's options as INFO modules names them.
func (m *module) options() (names []string) {
	for _, o := range []struct {
		bit  C.int
		name string
	}{
		{C.REDISMODULE_OPTIONS_HANDLE_IO_ERRORS, "handle-io-errors"},
		{C.REDISMODULE_OPTIONS_HANDLE_REPL_ASYNC_LOAD, "handle-repl-async-load"},
		{C.REDISMODULE_OPTION_NO_IMPLICIT_SIGNAL_MODIFIED, "no-implicit-signal-modified"},
	} {
		if m.c.options&o.bit != 0 {
			names = append(names, o.name)
		}
	}
	return names
}

// find is the loaded module of that name, or nil.
func (rt *Runtime) find(name string) *module {
	for _, m := range rt.mods {
		if m.name() == name {
			return m
		}
	}
	return nil
}

// AllocatedMemory implements [host.Runtime].
func (rt *Runtime) AllocatedMemory() int64 { return int64(C.rm_heap_used()) }

// db is a database of the runtime's server.
func (rt *Runtime) db(id C.int) *keyspace.DB { return rt.srv.Keyspace().DB(int(id)) }

// Shutdown implements [host.Runtime]. Modules that can't be unloaded are left
// in memory.
func (rt *Runtime) Shutdown() {
	rt.stopping = true
	rt.dropLogLevel()
	for i := len(rt.mods) - 1; i >= 0; i-- {
		rt.retire(rt.mods[i])
	}
	rt.mods = nil
	C.rm_runtime_close(rt.c)
	for _, k := range rt.calls[rt.depth:] {
		C.free(k.tmp)
		C.free(unsafe.Pointer(k.in))
	}
	rt.calls = rt.calls[:rt.depth]
}

// call is a call into a module that is under way: what exports called from it
// need to know. Calls nest.
type call struct {
	in     *C.rm_call // C memory
	m      *module
	ctx    *command.Ctx
	client *host.Client
	tmp    unsafe.Pointer // C memory for arguments that lie in Go's heap
	tmpLen int
}

// push begins a call for the client of ctx.
func (rt *Runtime) push(m *module, ctx *command.Ctx) *call {
	if rt.depth == len(rt.calls) {
		rt.calls = append(rt.calls, &call{in: (*C.rm_call)(C.calloc(1, C.sizeof_rm_call))})
	}
	k := rt.calls[rt.depth]
	rt.depth++
	k.m, k.ctx = m, ctx
	k.client, _ = ctx.Client.(*host.Client)
	k.in._go = C.int64_t(rt.depth)
	return k
}

func (rt *Runtime) pop() {
	rt.depth--
	k := rt.calls[rt.depth]
	k.m, k.ctx, k.client = nil, nil, nil
}

// callOf is the call that a context belongs to, or nil: contexts of threads
// have none.
func callOf(ctx *C.RedisModuleCtx) *call {
	if ctx == nil || ctx._go == 0 {
		return nil
	}
	return moduleOf(ctx.module).rt.calls[ctx._go-1]
}

// runningIn is the command that a context belongs to, or nil.
func runningIn(ctx *C.RedisModuleCtx) *command.Ctx {
	if k := callOf(ctx); k != nil {
		return k.ctx
	}
	return nil
}

// bytesOf is a view of a string object's bytes, good during the export.
func bytesOf(s *C.RedisModuleString) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(s.ptr)), s.len)
}

// newString makes a string object for a module; the caller owns it, or the
// context does under automatic memory.
func newString(ctx *C.RedisModuleCtx, m *C.rm_module, b []byte) *C.RedisModuleString {
	s := C.rm_str_new(m, (*C.char)(unsafe.Pointer(unsafe.SliceData(b))), C.size_t(len(b)))
	if ctx != nil {
		C.rm_am_add(ctx, C.RM_AM_STRING, unsafe.Pointer(s))
	}
	return s
}

// The table is compiled into C by #include, which the build cache does not
// see: embedding the files makes a change of them one of this package.
//
//go:embed api.def threads.def pow10.inc
var included embed.FS

//go:generate go run ./gen
