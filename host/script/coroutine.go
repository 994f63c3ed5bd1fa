package script

import (
	lua "github.com/yuin/gopher-lua"
)

// threadHook is the context of a coroutine: the interpreter's hook, and a place
// to take over the coroutine's errors, which gopher-lua decides only when it
// starts.
type threadHook struct {
	*hook
	th    *lua.LState
	ready bool
}

// Done implements [context.Context].
func (h *threadHook) Done() <-chan struct{} {
	if !h.ready {
		h.ready = true
		h.th.Panic = h.in.onPanic
	}
	return h.hook.Done()
}

// coroutine is what is known of a coroutine beside gopher-lua's state.
type coroutine struct {
	th     *lua.LState
	fn     *lua.LFunction
	nested int // of the interpreter when it was resumed
}

func (in *Interp) openCoroutine() {
	in.lib("coroutine", map[string]lua.LGFunction{
		"create": func(L *lua.LState) int {
			L.Push(in.newCoroutine(L).th)
			return 1
		},
		"resume": in.coResume, "running": in.coRunning, "status": in.coStatus, "wrap": in.coWrap, "yield": in.coYield,
	})
}

func (in *Interp) newCoroutine(L *lua.LState) *coroutine {
	f, ok := L.Get(1).(*lua.LFunction)
	if !ok || f.IsG {
		in.argError(L, 1, "Lua function expected")
	}
	in.charge(1 << 16)
	th, _ := L.NewThread()
	th.SetContext(&threadHook{hook: &in.hook, th: th})
	th.Panic = in.onPanic
	co := &coroutine{th: th, fn: f}
	if in.threads == nil {
		in.threads = map[*lua.LState]*coroutine{}
	}
	in.threads[th] = co
	return co
}

// resume runs a coroutine until it yields or ends; failure is nil for success.
func (in *Interp) resume(L *lua.LState, co *coroutine, args []lua.LValue) (values []lua.LValue, failure lua.LValue) {
	status := L.Status(co.th)
	switch {
	case co.th.Dead:
		return nil, lua.LString("cannot resume dead coroutine")
	case status != "suspended":
		return nil, lua.LString("cannot resume non-suspended coroutine")
	case in.nested >= maxNested:
		return nil, lua.LString("C stack overflow")
	}
	outer, nested := in.current, in.nested
	in.nested++
	co.nested = in.nested
	in.current = co
	state, err, values := L.Resume(co.th, co.fn, args...)
	in.current, in.nested = outer, nested
	if state != lua.ResumeYield {
		co.th.Dead = true
		delete(in.threads, co.th)
	}
	if state == lua.ResumeError {
		if e, ok := err.(*lua.ApiError); ok && e.Object != nil {
			return nil, e.Object
		}
		return nil, lua.LString(err.Error())
	}
	return values, nil
}

func (in *Interp) threadArg(L *lua.LState) *coroutine {
	th, ok := L.Get(1).(*lua.LState)
	if !ok {
		in.argError(L, 1, "coroutine expected")
	}
	co := in.threads[th]
	if co == nil {
		co = &coroutine{th: th}
	}
	return co
}

func stackFrom(L *lua.LState, first int) []lua.LValue {
	var args []lua.LValue
	for i := first; i <= L.GetTop(); i++ {
		args = append(args, L.Get(i))
	}
	return args
}

func (in *Interp) coResume(L *lua.LState) int {
	co := in.threadArg(L)
	values, failure := in.resume(L, co, stackFrom(L, 2))
	if failure != nil {
		L.Push(lua.LFalse)
		L.Push(failure)
		return 2
	}
	L.Push(lua.LTrue)
	for _, v := range values {
		L.Push(v)
	}
	return len(values) + 1
}

func (in *Interp) coWrap(L *lua.LState) int {
	co := in.newCoroutine(L)
	L.Push(L.NewFunction(func(L *lua.LState) int {
		values, failure := in.resume(L, co, stackFrom(L, 1))
		if failure != nil {
			if s, ok := toString(failure); ok {
				return in.throw(L, in.where(L, 1)+s)
			}
			L.Error(failure, 0)
		}
		for _, v := range values {
			L.Push(v)
		}
		return len(values)
	}))
	return 1
}

func (in *Interp) coYield(L *lua.LState) int {
	if in.current == nil || in.current.th != L || in.nested > in.current.nested {
		return in.throw(L, "attempt to yield across metamethod/C-call boundary")
	}
	return L.Yield(stackFrom(L, 1)...)
}

func (in *Interp) coStatus(L *lua.LState) int {
	co := in.threadArg(L)
	L.Push(lua.LString(L.Status(co.th)))
	return 1
}

func (in *Interp) coRunning(L *lua.LState) int {
	if in.current == nil {
		return 0
	}
	L.Push(in.current.th)
	return 1
}
