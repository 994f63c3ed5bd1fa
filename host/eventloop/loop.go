package eventloop

import (
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Mask is a set of file events.
type Mask uint8

// The file events. An error or hang-up of the descriptor is delivered to
// whichever of the two is registered.
const (
	Readable Mask = 1 << iota
	Writable
)

// Handler receives the events of one file descriptor.
type Handler interface {
	Ready(fd int, mask Mask)
}

// HandlerFunc adapts a function to [Handler].
type HandlerFunc func(fd int, mask Mask)

// Ready calls f.
func (f HandlerFunc) Ready(fd int, mask Mask) { f(fd, mask) }

type file struct {
	mask     Mask
	read     Handler
	write    Handler
	instance uint32 // tells a reused descriptor from the one an event was for
}

// Loop is an event loop. Its fields are set before Run and not changed after.
type Loop struct {
	// BeforeSleep runs each time the loop is about to wait, AfterSleep as soon
	// as it has the lock again. Either may be nil.
	BeforeSleep, AfterSleep func()

	lock     sync.Locker
	epfd     int
	wakefd   int
	files    []file
	events   []unix.EpollEvent
	timers   timerHeap
	nextID   int64
	byID     map[int64]*timer
	stopped  atomic.Bool
	asleep   atomic.Bool
	depth    int
	dontWait bool

	postMu sync.Mutex
	closed bool
	posted []func()

	batch     []func() // taken from posted
	batchNext int      // the first of them that has not begun

	// Cycles counts the loop's turns, for INFO eventloop_cycles.
	Cycles int64
}

// New makes a loop that holds lock while it is awake.
func New(lock sync.Locker) (*Loop, error) {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	wakefd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		_ = unix.Close(epfd)
		return nil, err
	}
	l := &Loop{lock: lock, epfd: epfd, wakefd: wakefd, byID: map[int64]*timer{},
		events: make([]unix.EpollEvent, 1024)}
	if err := l.Add(wakefd, Readable, HandlerFunc(l.drainWake)); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Close releases the loop's descriptors. The loop must not be running.
func (l *Loop) Close() {
	_ = unix.Close(l.epfd)
	l.postMu.Lock()
	_ = unix.Close(l.wakefd)
	l.closed = true
	l.postMu.Unlock()
}

// WakeFD is the descriptor to which eight bytes are written, a number above
// zero, to wake the loop.
func (l *Loop) WakeFD() int { return l.wakefd }

// FD is the epoll descriptor.
func (l *Loop) FD() int { return l.epfd }

func epollBits(m Mask) uint32 {
	var e uint32
	if m&Readable != 0 {
		e |= unix.EPOLLIN
	}
	if m&Writable != 0 {
		e |= unix.EPOLLOUT
	}
	return e
}

// Add registers h for the events of mask on fd, beside what is registered
// already for its other events.
func (l *Loop) Add(fd int, mask Mask, h Handler) error {
	for fd >= len(l.files) {
		l.files = append(l.files, make([]file, 64)...)
	}
	f := &l.files[fd]
	op := unix.EPOLL_CTL_MOD
	if f.mask == 0 {
		op = unix.EPOLL_CTL_ADD
		f.instance++
	}
	ev := unix.EpollEvent{Events: epollBits(f.mask | mask), Fd: int32(fd), Pad: int32(f.instance)}
	if err := unix.EpollCtl(l.epfd, op, fd, &ev); err != nil {
		return err
	}
	f.mask |= mask
	if mask&Readable != 0 {
		f.read = h
	}
	if mask&Writable != 0 {
		f.write = h
	}
	return nil
}

// Remove unregisters the events of mask on fd. It does nothing for events
// that are not registered.
func (l *Loop) Remove(fd int, mask Mask) {
	if fd < 0 || fd >= len(l.files) || l.files[fd].mask == 0 {
		return
	}
	f := &l.files[fd]
	f.mask &^= mask
	if mask&Readable != 0 {
		f.read = nil
	}
	if mask&Writable != 0 {
		f.write = nil
	}
	if f.mask == 0 {
		_ = unix.EpollCtl(l.epfd, unix.EPOLL_CTL_DEL, fd, nil)
		return
	}
	ev := unix.EpollEvent{Events: epollBits(f.mask), Fd: int32(fd), Pad: int32(f.instance)}
	_ = unix.EpollCtl(l.epfd, unix.EPOLL_CTL_MOD, fd, &ev)
}

// Registered reports the events registered on fd.
func (l *Loop) Registered(fd int) Mask {
	if fd < 0 || fd >= len(l.files) {
		return 0
	}
	return l.files[fd].mask
}

// Post queues fn to run on the loop and wakes it. Safe from any goroutine.
func (l *Loop) Post(fn func()) {
	l.postMu.Lock()
	l.posted = append(l.posted, fn)
	l.wake()
	l.postMu.Unlock()
}

// Wake makes a sleeping loop turn once. Safe from any goroutine or signal
// handling goroutine.
func (l *Loop) Wake() {
	l.postMu.Lock()
	l.wake()
	l.postMu.Unlock()
}

// wake is Wake with postMu held: a descriptor that Close has given back may be
// somebody else's by now, and must not be written to.
func (l *Loop) wake() {
	if l.closed {
		return
	}
	one := uint64(1)
	b := (*[8]byte)(unsafe.Pointer(&one))
	_, _ = unix.Write(l.wakefd, b[:])
}

// Stop makes Run return after the current turn. Safe from any goroutine.
func (l *Loop) Stop() {
	l.stopped.Store(true)
	l.Wake()
}

// DontWait makes the next turn poll instead of sleep.
func (l *Loop) DontWait() { l.dontWait = true }

func (l *Loop) drainWake(fd int, _ Mask) {
	var b [8]byte
	_, _, _ = syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), 8)
}

// runPosted runs what has been posted, in order. A function may process events
// itself, and those must not wait for its end: the batch is the loop's, so that
// a turn inside of it goes on where the outer one is.
func (l *Loop) runPosted() {
	l.runBatch()
	l.postMu.Lock()
	l.batch, l.posted = l.posted, l.batch[:0]
	l.postMu.Unlock()
	l.batchNext = 0
	l.runBatch()
}

func (l *Loop) runBatch() {
	for l.batchNext < len(l.batch) {
		fn := l.batch[l.batchNext]
		l.batch[l.batchNext] = nil
		l.batchNext++
		fn()
	}
}

// Run turns the loop until Stop. The caller holds the lock and gets it back.
func (l *Loop) Run() {
	for !l.stopped.Load() {
		l.turn(-1, true)
	}
}

// ProcessOnce handles what is ready without sleeping, from inside a handler:
// for long-running work that must keep answering. It keeps the lock. Timers run
// too; the sleep hooks do not.
func (l *Loop) ProcessOnce() int {
	l.depth++
	defer func() { l.depth-- }()
	return l.turn(0, false)
}

// Depth is above zero while events are processed from inside a handler.
func (l *Loop) Depth() int { return l.depth }

func (l *Loop) turn(maxWait time.Duration, hooks bool) int {
	l.Cycles++
	if hooks && l.BeforeSleep != nil {
		l.BeforeSleep()
	}
	wait := maxWait
	if d, ok := l.timers.next(); ok && (wait < 0 || d < wait) {
		wait = d
	}
	if l.dontWait || l.stopped.Load() {
		wait = 0
		l.dontWait = false
	}
	events := l.events
	if l.depth > 0 {
		// The outer turn still walks l.events.
		events = make([]unix.EpollEvent, 64)
	}
	var n int
	if l.depth > 0 {
		n = l.poll(events, 0)
	} else {
		l.lock.Unlock()
		n = l.poll(events, 0)
		if n == 0 && wait != 0 {
			n = l.poll(events, wait)
		}
		l.lock.Lock()
	}
	if hooks && l.AfterSleep != nil {
		l.AfterSleep()
	}
	for i := range events[:n] {
		l.dispatch(&events[i])
	}
	l.runPosted()
	l.timers.run(l)
	return n
}

func (l *Loop) dispatch(ev *unix.EpollEvent) {
	fd := int(ev.Fd)
	f := &l.files[fd]
	if f.mask == 0 || f.instance != uint32(ev.Pad) {
		return
	}
	bad := ev.Events&(unix.EPOLLERR|unix.EPOLLHUP) != 0
	if f.mask&Readable != 0 && (ev.Events&unix.EPOLLIN != 0 || bad) {
		f.read.Ready(fd, Readable)
		// The handler may have changed or moved the table.
		f = &l.files[fd]
		if f.instance != uint32(ev.Pad) {
			return
		}
	}
	if f.mask&Writable != 0 && (ev.Events&unix.EPOLLOUT != 0 || bad) {
		f.write.Ready(fd, Writable)
	}
}

// poll waits at most wait (negative: for ever). A wait of zero stays on the
// CPU: leaving it to Go's scheduler would cost more than the call.
func (l *Loop) poll(events []unix.EpollEvent, wait time.Duration) int {
	if wait == 0 {
		n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(l.epfd),
			uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
		if errno != 0 {
			return 0
		}
		return int(n)
	}
	ms := -1
	if wait > 0 {
		ms = int((wait + time.Millisecond - 1) / time.Millisecond)
	}
	l.asleep.Store(true)
	n, err := unix.EpollWait(l.epfd, events, ms)
	l.asleep.Store(false)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
