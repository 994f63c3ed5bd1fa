// Package capi is the C ABI of Redis modules: it opens shared objects compiled against
// redismodule.h and gives them the functions that they ask for by name.
//
// # How a call travels
//
// A module calls RedisModule_HashSet. The pointer leads to RM_HashSet in hash.c, which checks its
// arguments and crosses once to goHashSet in hash.go, which calls the same keyspace operation as
// the command HSET. Functions that touch only memory of C never cross. In the other direction a
// module's command costs one call from Go: rm_dispatch (dispatch.c) makes the context and the
// argument strings, calls the module and hands back the encoded reply in one piece.
//
// # Files
//
// api.def is the table of all functions; api.c looks them up, api.h declares and checks them.
// capi_internal.h holds the structs behind the opaque types. Then a file pair per family: X.c
// with the RM_ functions, X.go with the go exports that they call, where they need any.
// capi.go has the runtime and the registry of modules; handle.go turns the indexes that C holds
// into Go values; guard.go keeps panics out of C; errno.go maps errors.
//
// # Adding a function
//
//  1. Turn its row in api.def from MISSING into API.
//  2. Write RM_X in the family's .c file, its type as in redismodule.h (a difference does not
//     compile), with a comment above it: what, ownership, NULL cases, return, errno, thread, since.
//     Check the arguments in C; then RM_CROSS() and one call of goX.
//  3. Write goX in the family's .go file: "//export goX", first line "defer guard("X")" with
//     named results preset to the API's failure, then decode, call, translate. The file's preamble
//     contains only #include "capi_internal.h" and declarations.
//  4. Add a command to testmodules/<family>.c and lines to its .rt script.
//
// A new family is a new pair of files; what it shares with others is declared in
// capi_internal.h under its own heading, so that several people can work at once.
//
// # Calling back
//
// A callback that is no command (timer, event, notification, free function) is called in three
// steps: Go takes k := rt.enter(m), which begins an execution unit with a client for RM_Call; one
// call of a small C function rm_fire_x(m.c, k.in._go, …) that does rm_temp_begin, the callback,
// rm_temp_end; then rt.leave(). Everything a module registers pushes its own removal with
// m.onUndo. What C needs of a client's command is in the call record, callOf(ctx).
//
// A key that an export changed or looked up is brought up to date with keyIs before it returns.
// A string for the module is made with newString(ctx, ctx.module, bytes).
//
// # Rules
//
// No Go pointer is stored in C memory: C structs hold indexes ("go" fields). No symbol named
// RedisModule_* or ValkeyModule_* is ever defined; everything in C has hidden visibility. Exports
// run with the server lock held, unless their comment says otherwise, and on the thread of the
// module's call. Memory of the API's own objects comes from rm_malloc, which counts it.
package capi
