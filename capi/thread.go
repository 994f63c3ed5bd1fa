package capi

// #include "blocked.h"
import "C"

//export goThreadLock
func goThreadLock(slot C.uint32_t) {
	// No guard: without the lock there is no way to go on.
	rt := anyRuntime(slot)
	rt.srv.Lock()
	if rt.stopping {
		// The server is gone while the process lives on: its data cannot be
		// touched any more.
		rt.srv.Unlock()
		select {}
	}
	rt.locked()
}

//export goThreadTryLock
func goThreadTryLock(slot C.uint32_t) (got C.int) {
	rt := anyRuntime(slot)
	if !rt.srv.TryLock() {
		return 0
	}
	if rt.stopping {
		rt.srv.Unlock()
		return 0
	}
	rt.locked()
	return 1
}

// locked begins the execution unit of a thread that has the lock.
func (rt *Runtime) locked() {
	rt.srv.EnterUnit()
	setClock(rt.srv.Keyspace().Now())
	changed()
}

//export goThreadUnlock
func goThreadUnlock(slot C.uint32_t) {
	rt := anyRuntime(slot)
	func() {
		defer guard("ThreadSafeContextUnlock")
		// Jobs are run and commands propagated here; clients that wait for keys
		// are served by the loop, which Unlock wakes.
		rt.srv.LeaveUnit()
	}()
	rt.srv.Unlock()
}

// anyRuntime is the runtime of the module in a slot; for code of no known
// module, that of the first module there is.
func anyRuntime(slot C.uint32_t) *Runtime {
	if rt := runtimeAt(slot); rt != nil {
		return rt
	}
	for i := range bySlot {
		if m := bySlot[i].Load(); m != nil {
			return m.rt
		}
	}
	return nil
}
