package host

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"berth/host/eventloop"
	"berth/internal/errtext"
	"berth/keyspace/mem"

	"golang.org/x/sys/unix"
)

var aLongTimeAgo = time.Unix(1, 0)

// listener is one listening socket.
type listener struct {
	s    *Server
	fd   int
	unix string // path of a Unix socket
	tls  bool
	addr string
}

func (l *listener) Ready(int, eventloop.Mask) {
	accepts := l.s.cfg.MaxNewConnectionsPerCycle
	if l.tls {
		accepts = l.s.cfg.MaxNewTLSConnectionsPerCycle
	}
	for range accepts {
		fd, sa, err := unix.Accept4(l.fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if err != nil {
			if !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) && !errors.Is(err, unix.ECONNABORTED) {
				l.s.log.Warn("Accepting client connection: accept: " + err.Error())
			}
			return
		}
		l.s.acceptFD(fd, sa, l)
	}
}

func (s *Server) acceptFD(fd int, sa unix.Sockaddr, l *listener) {
	var flags ClientFlags
	addr, laddr := "", ""
	if l.unix != "" {
		flags = FlagUnixSocket
		addr, laddr = l.unix+":0", l.unix+":0"
	} else {
		addr = addrString(sa)
		if local, err := unix.Getsockname(fd); err == nil {
			laddr = addrString(local)
		}
		s.setSocketOptions(fd)
	}
	if l.tls {
		s.acceptTLS(fd, addr, laddr)
		return
	}
	t := &fdTransport{fd: fd}
	if c := s.acceptTransport(t, addr, laddr, flags); c != nil {
		if l.unix != "" {
			s.log.Verbose("Accepted connection to " + s.cfg.UnixSocket)
		} else {
			s.log.Verbose("Accepted " + addr)
		}
		t.c = c
		if err := s.loop.Add(fd, eventloop.Readable, t); err != nil {
			s.freeClient(c)
		}
	} else {
		_ = unix.Close(fd)
	}
}

func (s *Server) keepAlive(fd int) {
	interval := int(s.cfg.TCPKeepalive)
	if interval <= 0 {
		return
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, interval)
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, max(interval/3, 1))
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3)
}

// acceptTransport makes the client of a new connection, or refuses it: the
// refusal has been sent then, and the caller closes.
func (s *Server) acceptTransport(t transport, addr, laddr string, flags ClientFlags) *Client {
	refuse := func(msg string) {
		switch t := t.(type) {
		case *fdTransport:
			_, _ = unix.Write(t.fd, []byte(msg))
		case *connTransport:
			go func() { _, _ = t.conn.Write([]byte(msg)); _ = t.conn.Close() }()
		}
		s.stat.rejectedConns++
	}
	if int64(len(s.clients)) >= int64(s.cfg.MaxClients) {
		refuse("-ERR max number of clients reached\r\n")
		return nil
	}
	c := s.newClient(t)
	c.flags |= flags
	c.addr, c.laddr = addr, laddr
	if msg := s.protectedMode(c); msg != "" {
		refuse(msg)
		c.io = nil
		s.unlinkClient(c)
		return nil
	}
	s.stat.connections++
	s.deauthenticate(c)
	s.fireEvent(EventClientChange, 0, c)
	return c
}

// protectedMode is the refusal of a connection from outside to a server
// without a password and without an explicit bind.
func (s *Server) protectedMode(c *Client) string {
	if !s.cfg.ProtectedMode || !s.acl.Default().NoPass() || c.flags&FlagUnixSocket != 0 {
		return ""
	}
	host, _, err := net.SplitHostPort(c.addr)
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsLoopback() {
		return ""
	}
	return protectedModeText
}

// listen opens every configured listener.
func (s *Server) listen() error {
	if s.cfg.Port > 0 || s.autoPort {
		if err := s.listenTCP(s.cfg.Port, false); err != nil {
			return err
		}
	}
	if s.cfg.TLSPort > 0 {
		if err := s.listenTCP(s.cfg.TLSPort, true); err != nil {
			return err
		}
	}
	if path := s.cfg.UnixSocket; path != "" {
		if err := s.listenUnix(path); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) listenTCP(port int, overTLS bool) error {
	opened := 0
	for _, addr := range s.cfg.Bind {
		optional := strings.HasPrefix(addr, "-")
		addr = strings.TrimPrefix(addr, "-")
		fd, local, err := s.openTCP(addr, port)
		if err != nil {
			if optional && (errors.Is(err, unix.EADDRNOTAVAIL) || errors.Is(err, unix.EAFNOSUPPORT)) {
				continue
			}
			s.log.Warn(fmt.Sprintf("Warning: Could not create server TCP listening socket %s:%d: %s", addr, port, listenError(err)))
			if errors.Is(err, unix.EADDRNOTAVAIL) || errors.Is(err, unix.EAFNOSUPPORT) || errors.Is(err, unix.EPROTONOSUPPORT) {
				continue
			}
			return errListenFailed(port, overTLS)
		}
		opened++
		l := &listener{s: s, fd: fd, addr: local, tls: overTLS}
		if err := s.loop.Add(fd, eventloop.Readable, l); err != nil {
			return err
		}
		s.listeners = append(s.listeners, l)
	}
	if opened == 0 {
		return errListenFailed(port, overTLS)
	}
	return nil
}

// listenError words a failure as Redis does: which call failed, and why.
func listenError(err error) string {
	var se *os.SyscallError
	if errors.As(err, &se) {
		return se.Syscall + ": " + errtext.Of(se.Err)
	}
	return err.Error()
}

func errListenFailed(port int, overTLS bool) error {
	kind := "tcp"
	if overTLS {
		kind = "tls"
	}
	return fmt.Errorf("Failed listening on port %d (%s), aborting.", port, kind) //nolint:staticcheck // Redis's log line
}

func (s *Server) openTCP(addr string, port int) (fd int, local string, err error) {
	var sa unix.Sockaddr
	family := unix.AF_INET
	switch ip := net.ParseIP(addr); {
	case addr == "*" || addr == "":
		sa = &unix.SockaddrInet4{Port: port}
	case addr == "::*":
		family = unix.AF_INET6
		sa = &unix.SockaddrInet6{Port: port}
	case ip == nil:
		ips, lerr := net.LookupIP(addr)
		if lerr != nil || len(ips) == 0 {
			return -1, "", errors.New("Name or service not known")
		}
		return s.openTCP(ips[0].String(), port)
	case ip.To4() != nil:
		a := &unix.SockaddrInet4{Port: port}
		copy(a.Addr[:], ip.To4())
		sa = a
	default:
		family = unix.AF_INET6
		a := &unix.SockaddrInet6{Port: port}
		copy(a.Addr[:], ip.To16())
		sa = a
	}
	fd, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, "", os.NewSyscallError("socket", err)
	}
	fail := func(call string, err error) (int, string, error) {
		_ = unix.Close(fd)
		return -1, "", os.NewSyscallError(call, err)
	}
	if family == unix.AF_INET6 {
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1)
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if id := s.cfg.SocketMarkID; id > 0 {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_MARK, int(id)); err != nil {
			s.log.Warn("setsockopt: " + errtext.Of(err))
		}
	}
	if err := unix.Bind(fd, sa); err != nil {
		return fail("bind", err)
	}
	if err := unix.Listen(fd, int(s.cfg.TCPBacklog)); err != nil {
		return fail("listen", err)
	}
	if name, err := unix.Getsockname(fd); err == nil {
		local = addrString(name)
	}
	return fd, local, nil
}

func (s *Server) listenUnix(path string) error {
	_ = unix.Unlink(path)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		if err = unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err == nil {
			err = unix.Listen(fd, int(s.cfg.TCPBacklog))
		}
		if err != nil {
			_ = unix.Close(fd)
		}
	}
	if err != nil {
		s.log.Warn("Failed opening Unix socket: bind: " + errtext.Of(err))
		return errors.New("Failed listening on Unix socket, aborting.")
	}
	if perm := s.cfg.UnixSocketPerm; perm != 0 {
		_ = os.Chmod(path, os.FileMode(perm))
	}
	l := &listener{s: s, fd: fd, unix: path, addr: path}
	s.listeners = append(s.listeners, l)
	return s.loop.Add(fd, eventloop.Readable, l)
}

func (s *Server) closeListeners() {
	for _, l := range s.listeners {
		s.loop.Remove(l.fd, eventloop.Readable)
		_ = unix.Close(l.fd)
		if l.unix != "" {
			_ = unix.Unlink(l.unix)
		}
	}
	s.listeners = nil
}

// Addrs are the addresses listened on, "host:port" or a socket's path. It is
// safe from any goroutine once the server serves.
func (s *Server) Addrs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]string, 0, len(s.listeners))
	for _, l := range s.listeners {
		out = append(out, l.addr)
	}
	return out
}

// Port is the TCP port listened on, or 0.
func (s *Server) Port() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.listeners {
		if l.tls {
			continue
		}
		if _, p, err := net.SplitHostPort(l.addr); err == nil {
			n, _ := strconv.Atoi(p)
			return n
		}
	}
	return 0
}

// readBuf lends a buffer for one read; it belongs to the caller until
// releaseReadBuf. Nested event processing gets buffers of its own, so that the
// arguments of the command that waits outside stay intact.
func (s *Server) readBuf() []byte {
	if n := len(s.readBufs); n > 0 {
		b := s.readBufs[n-1]
		s.readBufs = s.readBufs[:n-1]
		return b
	}
	return mem.Bytes(mem.Alloc(ioSize), ioSize)
}

func (s *Server) releaseReadBuf(b []byte) { s.readBufs = append(s.readBufs, b[:ioSize]) }
