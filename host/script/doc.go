// Package script runs Lua: the scripts of EVAL and the libraries of FUNCTION.
//
// The machine is gopher-lua. What a script can see of it is made to be Redis's
// Lua 5.1: this package has its own parser (messages, limits and language are
// Lua's; some operators become calls, see compile), its own libraries, Lua's texts for
// the errors of the machine (errors.go), and Lua's order of walking tables (order.go).
//
// [Scripts] and [Functions] each have an interpreter ([Interp]), which runs one
// script at a time. The server is seen through [Runtime]. A script is looked after while
// it runs: the machine's context asks the clock every few instructions, and loops
// outside of the machine count their steps, so that a script can be killed anywhere, and
// ends with an error when it takes more than [MaxMemory].
//
// Everything runs on the event loop's goroutine with the server lock held.
package script
