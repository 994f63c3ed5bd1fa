// Package eventloop is the single loop that drives a berth server: file
// descriptors through epoll, timers, functions posted from other goroutines,
// and the hooks around sleeping.
//
// One goroutine, locked to its OS thread, calls [Loop.Run]. The loop holds the
// lock it was given except while it sleeps in epoll_wait, so whatever runs in
// a handler, timer, hook or posted function runs under that lock. Only
// [Loop.Post], [Loop.Wake] and [Loop.Stop] may be called from elsewhere.
package eventloop
