package eventloop

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func newLoop(t *testing.T) (*Loop, *sync.Mutex) {
	t.Helper()
	var mu sync.Mutex
	l, err := New(&mu)
	require.NoError(t, err)
	t.Cleanup(l.Close)
	return l, &mu
}

func TestTimersRunInOrderAndRepeat(t *testing.T) {
	l, mu := newLoop(t)
	var got []string
	l.AddTimer(20*time.Millisecond, func() time.Duration { got = append(got, "late"); l.Stop(); return -1 })
	n := 0
	l.AddTimer(time.Millisecond, func() time.Duration {
		got = append(got, "early")
		if n++; n == 2 {
			return -1
		}
		return time.Millisecond
	})
	id := l.AddTimer(time.Millisecond, func() time.Duration { got = append(got, "removed"); return -1 })
	require.True(t, l.RemoveTimer(id))
	require.False(t, l.RemoveTimer(id))
	mu.Lock()
	l.Run()
	mu.Unlock()
	require.Equal(t, []string{"early", "early", "late"}, got)
}

func TestTimerMayRemoveItself(t *testing.T) {
	l, mu := newLoop(t)
	runs := 0
	var id int64
	id = l.AddTimer(0, func() time.Duration { runs++; l.RemoveTimer(id); return 0 })
	l.AddTimer(10*time.Millisecond, func() time.Duration { l.Stop(); return -1 })
	mu.Lock()
	l.Run()
	mu.Unlock()
	require.Equal(t, 1, runs)
}

func TestPostedFunctionsHoldTheLock(t *testing.T) {
	l, mu := newLoop(t)
	done := make(chan struct{})
	go func() {
		mu.Lock()
		l.Run()
		mu.Unlock()
		close(done)
	}()
	for range 100 {
		l.Post(func() { require.False(t, mu.TryLock()) })
	}
	// Another goroutine gets the lock while the loop sleeps.
	got := make(chan bool)
	go func() {
		mu.Lock()
		defer mu.Unlock()
		got <- true
	}()
	<-got
	l.Post(l.Stop)
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("the loop did not stop")
	}
}

// What was posted together with a function that processes events does not wait for its end, and order is kept.
func TestPostedFunctionsRunInsideOfEachOther(t *testing.T) {
	l, mu := newLoop(t)
	mu.Lock()
	defer mu.Unlock()
	var ran []int
	note := func(n int) func() { return func() { ran = append(ran, n) } }
	l.Post(func() {
		l.Post(note(3))
		l.ProcessOnce()
		ran = append(ran, 4)
		l.Post(note(5))
	})
	l.Post(note(1))
	l.Post(func() {
		ran = append(ran, 2)
		l.ProcessOnce()
	})
	l.ProcessOnce()
	require.Equal(t, []int{1, 2, 3, 4}, ran)
	l.ProcessOnce()
	require.Equal(t, []int{1, 2, 3, 4, 5}, ran, "each once")
}

func TestAnEventOfAClosedDescriptorIsNotDeliveredToItsSuccessor(t *testing.T) {
	l, mu := newLoop(t)
	a, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	require.NoError(t, err)
	b, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	require.NoError(t, err)
	defer func() { _ = unix.Close(a[1]); _ = unix.Close(b[1]) }()
	hits, wrong := 0, 0
	var other int
	replace := func(fd int, _ Mask) {
		hits++
		if hits > 1 {
			return
		}
		// Close the other descriptor, whose event is pending in this very
		// turn, and register a new one under its number.
		l.Remove(other, Readable)
		_ = unix.Close(other)
		p, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
		require.NoError(t, err)
		require.Equal(t, other, p[0])
		require.NoError(t, l.Add(p[0], Readable, HandlerFunc(func(int, Mask) { wrong++ })))
		l.AddTimer(5*time.Millisecond, func() time.Duration {
			_ = unix.Close(p[0])
			_ = unix.Close(p[1])
			l.Stop()
			return -1
		})
		l.Remove(fd, Readable)
		_ = unix.Close(fd)
	}
	require.NoError(t, l.Add(a[0], Readable, HandlerFunc(func(fd int, m Mask) { other = b[0]; replace(fd, m) })))
	require.NoError(t, l.Add(b[0], Readable, HandlerFunc(func(fd int, m Mask) { other = a[0]; replace(fd, m) })))
	_, _ = unix.Write(a[1], []byte("x"))
	_, _ = unix.Write(b[1], []byte("x"))
	mu.Lock()
	l.Run()
	mu.Unlock()
	require.Equal(t, 1, hits)
	require.Zero(t, wrong)
}

// Whoever wakes or posts too late must not write into a descriptor that took
// the number of the loop's own.
func TestWakeAfterClose(t *testing.T) {
	var mu sync.Mutex
	l, err := New(&mu)
	require.NoError(t, err)
	fd := l.WakeFD()
	l.Close()
	var p [2]int
	require.NoError(t, unix.Pipe2(p[:], unix.O_NONBLOCK))
	defer func() { _ = unix.Close(p[0]); _ = unix.Close(p[1]) }()
	if p[1] != fd {
		require.NoError(t, unix.Dup2(p[1], fd))
		defer func() { _ = unix.Close(fd) }()
	}
	l.Wake()
	l.Post(func() {})
	l.Stop()
	var b [8]byte
	_, err = unix.Read(p[0], b[:])
	require.ErrorIs(t, err, unix.EAGAIN, "something was written")
}
