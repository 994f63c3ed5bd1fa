package capi

// #include "background.h"
// #include "blocked.h"
import "C"

import (
	"errors"
	"syscall"

	"berth/host/eventloop"
)

// moduleFile is a descriptor that a module has on the loop.
type moduleFile struct {
	m           *module // nil for code of no known module
	read, write C.uintptr_t
	data        C.uintptr_t // one for both, as in Redis
}

// Ready implements [eventloop.Handler].
func (f *moduleFile) Ready(fd int, mask eventloop.Mask) {
	callback, bit := f.read, C.int(C.REDISMODULE_EVENTLOOP_READABLE)
	if mask == eventloop.Writable {
		callback, bit = f.write, C.REDISMODULE_EVENTLOOP_WRITABLE
	}
	if callback != 0 {
		C.rm_fire_file(callback, C.int(fd), f.data, bit)
	}
}

// moreFiles is how many descriptors there may be beyond those of clients.
const moreFiles = 128

// fileMask checks what both functions check.
func (rt *Runtime) fileMask(fd, mask C.int) (eventloop.Mask, syscall.Errno) {
	if fd < 0 || int64(fd) >= int64(rt.srv.Config().MaxClients)+moreFiles {
		return 0, syscall.ERANGE
	}
	if mask&^(C.REDISMODULE_EVENTLOOP_READABLE|C.REDISMODULE_EVENTLOOP_WRITABLE) != 0 {
		return 0, syscall.EINVAL
	}
	var m eventloop.Mask
	if mask&C.REDISMODULE_EVENTLOOP_READABLE != 0 {
		m |= eventloop.Readable
	}
	if mask&C.REDISMODULE_EVENTLOOP_WRITABLE != 0 {
		m |= eventloop.Writable
	}
	return m, 0
}

//export goEventLoopAdd
func goEventLoopAdd(slot C.uint32_t, fd, mask C.int, callback, data C.uintptr_t) (errno C.int) {
	defer guard("EventLoopAdd")
	errno = C.int(syscall.EINVAL)
	rt := anyRuntime(slot)
	m, e := rt.fileMask(fd, mask)
	if e != 0 {
		return C.int(e)
	}
	if callback == 0 {
		return errno
	}
	f := rt.files[int(fd)]
	if f == nil {
		f = &moduleFile{m: bySlot[slot].Load()}
	}
	if err := rt.srv.Loop().Add(int(fd), m, f); err != nil {
		errors.As(err, &e)
		return C.int(e)
	}
	if m&eventloop.Readable != 0 {
		f.read = callback
	}
	if m&eventloop.Writable != 0 {
		f.write = callback
	}
	f.data = data
	rt.files[int(fd)] = f
	return 0
}

//export goEventLoopDel
func goEventLoopDel(slot C.uint32_t, fd, mask C.int) (errno C.int) {
	defer guard("EventLoopDel")
	errno = C.int(syscall.EINVAL)
	rt := anyRuntime(slot)
	m, e := rt.fileMask(fd, mask)
	if e != 0 {
		return C.int(e)
	}
	if rt.files[int(fd)] == nil {
		return 0 // it may be one of the server's own
	}
	rt.srv.Loop().Remove(int(fd), m)
	if rt.srv.Loop().Registered(int(fd)) == 0 {
		delete(rt.files, int(fd))
	}
	return 0
}

// dropFiles takes the descriptors of a module off the loop.
func (m *module) dropFiles() {
	for fd, f := range m.rt.files {
		if f.m == m {
			m.rt.srv.Loop().Remove(fd, eventloop.Readable|eventloop.Writable)
			delete(m.rt.files, fd)
		}
	}
}

// runOneShots runs what threads have left for the loop, and what that leaves.
func (rt *Runtime) runOneShots() {
	for C.rm_oneshot_run(rt.c) {
		rt.srv.EndUnit()
	}
}
