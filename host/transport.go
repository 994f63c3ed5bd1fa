package host

import (
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"berth/host/eventloop"

	"golang.org/x/sys/unix"
)

var errAgain = errors.New("would block")

// transport is how a client's bytes leave. Input arrives by itself.
type transport interface {
	// write sends what it can and returns how much that was; less than
	// everything without an error means that writable will be called.
	write(b []byte) (int, error)
	// close releases the connection. Nothing is called afterwards.
	close()
	// resumeReading undoes a pause, if there was one.
	resumeReading()
}

// fdTransport is a socket that the loop polls itself.
type fdTransport struct {
	fd      int
	c       *Client
	paused  bool
	waiting bool // registered for writability
}

func (t *fdTransport) Ready(_ int, mask eventloop.Mask) {
	if mask == eventloop.Readable {
		t.c.readable(t)
	} else {
		t.c.s.writable(t.c)
	}
}

// read and write go to the kernel without telling Go's scheduler: the socket
// is non-blocking, so the call is as short as any other piece of code.
func (t *fdTransport) read(b []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(t.fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			return 0, errAgain
		}
		return 0, errno
	}
}

func (t *fdTransport) write(b []byte) (int, error) {
	sent := 0
	for sent < len(b) {
		n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(t.fd), uintptr(unsafe.Pointer(&b[sent])), uintptr(len(b)-sent))
		switch errno {
		case 0:
			sent += int(n)
		case syscall.EINTR:
		case syscall.EAGAIN:
			if !t.waiting {
				t.waiting = true
				return sent, t.c.s.loop.Add(t.fd, eventloop.Writable, t)
			}
			return sent, nil
		default:
			return sent, errno
		}
	}
	if t.waiting {
		t.waiting = false
		t.c.s.loop.Remove(t.fd, eventloop.Writable)
	}
	return sent, nil
}

func (t *fdTransport) close() {
	t.c.s.loop.Remove(t.fd, eventloop.Readable|eventloop.Writable)
	_ = unix.Close(t.fd)
	t.fd = -1
}

func (t *fdTransport) pauseReading() {
	if !t.paused {
		t.paused = true
		t.c.s.loop.Remove(t.fd, eventloop.Readable)
	}
}

func (t *fdTransport) resumeReading() {
	if t.paused && t.fd >= 0 {
		t.paused = false
		_ = t.c.s.loop.Add(t.fd, eventloop.Readable, t)
	}
}

// connTransport carries a net.Conn (TLS, or a connection inside the process):
// one goroutine reads and hands what it got to the loop, another writes.
type connTransport struct {
	conn net.Conn
	c    *Client

	fd int // for CLIENT LIST; -1 for none

	mu     sync.Mutex
	wake   *sync.Cond
	out    []byte
	short  bool // the loop has more, and waits to be told that there is room
	closed bool
	// ready is signalled when the loop has consumed the last piece of input:
	// a client that sends faster than it is served waits in its own socket.
	ready chan struct{}
}

func newConnTransport(conn net.Conn) *connTransport {
	t := &connTransport{conn: conn, fd: -1, ready: make(chan struct{}, 1)}
	t.wake = sync.NewCond(&t.mu)
	return t
}

func (t *connTransport) start() {
	go t.readLoop()
	go t.writeLoop()
}

func (t *connTransport) readLoop() {
	buf := make([]byte, ioSize)
	s := t.c.s
	for {
		n, err := t.conn.Read(buf)
		if n > 0 {
			s.loop.Post(func() {
				s.feed(t.c, buf[:n])
				t.ready <- struct{}{}
			})
			select {
			case <-t.ready:
			case <-s.done:
				return
			}
		}
		if err != nil {
			s.loop.Post(func() {
				if t.c.io == transport(t) {
					s.freeClient(t.c)
				}
			})
			return
		}
	}
}

func (t *connTransport) writeLoop() {
	var buf []byte
	for {
		t.mu.Lock()
		for len(t.out) == 0 && !t.closed {
			t.wake.Wait()
		}
		if len(t.out) == 0 {
			t.mu.Unlock()
			_ = t.conn.Close()
			return
		}
		if cap(buf) > idleOutput {
			buf = nil
		}
		buf, t.out = t.out, buf[:0]
		short := t.short
		t.short = false
		t.mu.Unlock()
		if _, err := t.conn.Write(buf); err != nil {
			_ = t.conn.Close()
			return
		}
		if short {
			s := t.c.s
			s.loop.Post(func() {
				if t.c.io == transport(t) {
					s.writable(t.c)
				}
			})
		}
	}
}

// maxInFlight is how much output a connection takes off the loop's hands at a time. The rest stays with the
// client, where output limits see it.
const maxInFlight = 256 * 1024

func (t *connTransport) write(b []byte) (int, error) {
	t.mu.Lock()
	n := min(len(b), max(maxInFlight-len(t.out), 0))
	t.out = append(t.out, b[:n]...)
	t.short = n < len(b)
	t.mu.Unlock()
	t.wake.Signal()
	return n, nil
}

// closeTimeout is for the peer of a connection that is being closed to take what was written to it.
const closeTimeout = 5 * time.Second

func (t *connTransport) close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.wake.Signal()
	_ = t.conn.SetReadDeadline(aLongTimeAgo)
	_ = t.conn.SetWriteDeadline(time.Now().Add(closeTimeout))
}

func (t *connTransport) resumeReading() {}

// addrString prints a socket address as Redis does.
func addrString(sa unix.Sockaddr) string {
	switch a := sa.(type) {
	case *unix.SockaddrInet4:
		return fmt.Sprintf("%s:%d", net.IP(a.Addr[:]), a.Port)
	case *unix.SockaddrInet6:
		return fmt.Sprintf("[%s]:%d", net.IP(a.Addr[:]), a.Port)
	}
	return "?:0"
}

// Certificate is the certificate in PEM that the client identified itself with, or nil.
func (c *Client) Certificate() []byte {
	t, ok := c.io.(*connTransport)
	if !ok {
		return nil
	}
	conn, ok := t.conn.(*tls.Conn)
	if !ok {
		return nil
	}
	certs := conn.ConnectionState().PeerCertificates
	if len(certs) == 0 {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certs[0].Raw})
}
