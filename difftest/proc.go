package difftest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startTimeout is how long a server may take from exec to its first PONG. It is generous because several
// test binaries share the machine's cores.
const startTimeout = 20 * time.Second

// Server is a running child process that answers RESP on a port of its own.
type Server struct {
	Name string // what difference reports call it
	Addr string
	Port int
	Dir  string // its working directory, removed by Stop

	cmd  *exec.Cmd
	log  string
	keep bool          // Dir is somebody else's
	done chan struct{} // closed when the process has ended
	err  error         // why it ended; read after done
}

// baseArgs makes any server of the family behave the same in a test: no persistence unless a script asks for it,
// and every guarded command allowed.
var baseArgs = []string{
	"--bind", "127.0.0.1",
	"--save", "",
	"--appendonly", "no",
	"--daemonize", "no",
	"--enable-debug-command", "yes",
	"--enable-module-command", "yes",
	"--enable-protected-configs", "yes",
}

// confFirst, as the first of the arguments of a server, has the next one stand before all others: the
// configuration file.
const confFirst = "\x00conf"

// Start runs binary with args after the common ones and waits until it answers PING.
func Start(name, binary string, args ...string) (*Server, error) {
	return start(name, binary, "", args)
}

// StartIn is Start in a directory that is there already, and stays.
func StartIn(name, binary, dir string, args ...string) (*Server, error) {
	return start(name, binary, dir, args)
}

func start(name, binary, dir string, args []string) (*Server, error) {
	var last error
	// A port that was free a moment ago may be taken by the time the child binds it.
	for range 3 {
		s, err := startOnce(name, binary, dir, args)
		if err == nil {
			return s, nil
		}
		if dir != "" {
			// What it did there is done.
			return nil, err
		}
		last = err
	}
	return nil, last
}

func startOnce(name, binary, dir string, args []string) (*Server, error) {
	s, err := launch(name, binary, dir, args)
	if err != nil {
		return nil, err
	}
	if err := s.waitReady(); err != nil {
		err = fmt.Errorf("%s (%s): %w\n%s", name, binary, err, s.LogTail(4000))
		s.Stop()
		return nil, err
	}
	return s, nil
}

// launch starts a process and does not wait for anything. Without a directory it gets one of its own.
func launch(name, binary, dir string, args []string) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	keep := dir != ""
	if !keep {
		if dir, err = os.MkdirTemp("", "difftest-"); err != nil {
			return nil, err
		}
	}
	s := &Server{
		Name: name,
		Port: port,
		Addr: "127.0.0.1:" + strconv.Itoa(port),
		Dir:  dir,
		log:  filepath.Join(dir, "server.log"),
		keep: keep,
		done: make(chan struct{}),
	}
	out, err := os.Create(s.log)
	if err != nil {
		return nil, errors.Join(err, s.removeDir())
	}
	defer out.Close()

	all := append([]string{"--port", strconv.Itoa(port), "--dir", dir}, baseArgs...)
	if len(args) >= 2 && args[0] == confFirst {
		all, args = append([]string{args[1]}, all...), args[2:]
	}
	s.cmd = exec.Command(binary, append(all, args...)...)
	s.cmd.Dir = dir
	s.cmd.Stdout, s.cmd.Stderr = out, out
	// The child dies with the test binary, even when that is killed.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(err, s.removeDir())
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.done)
	}()
	return s, nil
}

// freePort asks the kernel for a port that nobody listens on.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func (s *Server) waitReady() error {
	deadline := time.Now().Add(startTimeout)
	for time.Now().Before(deadline) {
		select {
		case <-s.done:
			return fmt.Errorf("ended while starting: %v", s.err)
		case <-time.After(5 * time.Millisecond):
		}
		c, err := Dial(s.Addr)
		if err != nil {
			continue
		}
		reply, err := c.Do("PING")
		c.Close()
		if err == nil && (string(reply) == "+PONG\r\n" || strings.HasPrefix(string(reply), "-NOAUTH ")) {
			return nil
		}
	}
	return fmt.Errorf("no answer to PING within %v", startTimeout)
}

// PID is the server's process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Alive says whether the process still runs.
func (s *Server) Alive() bool {
	select {
	case <-s.done:
		return false
	default:
		return true
	}
}

// Stop ends the process and removes its directory. Calling it twice is harmless.
func (s *Server) Stop() {
	if s.Alive() {
		// Nothing is worth saving, and a server under test may be stuck.
		_ = s.cmd.Process.Kill()
		<-s.done
	}
	_ = s.removeDir()
}

func (s *Server) removeDir() error {
	if s.keep {
		return nil
	}
	return os.RemoveAll(s.Dir)
}

// Kill sends a signal and waits until the process has ended.
func (s *Server) Kill(sig os.Signal) {
	_ = s.cmd.Process.Signal(sig)
	<-s.done
}

// ExitCode waits until the process has ended by itself and returns its status, -1 for a signal.
func (s *Server) ExitCode() int {
	<-s.done
	return s.cmd.ProcessState.ExitCode()
}

// LogTail returns the last max bytes that the server logged.
func (s *Server) LogTail(max int) string {
	b, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	if len(b) > max {
		b = b[len(b)-max:]
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			b = b[i+1:]
		}
	}
	return string(b)
}

// StartT is Start for a test: the server stops with the test, and its log is shown if the test failed or if the
// server died on its own.
func StartT(t testing.TB, name, binary string, args ...string) *Server {
	t.Helper()
	s, err := Start(name, binary, args...)
	if err != nil {
		t.Fatalf("cannot start %v", err)
	}
	t.Cleanup(func() {
		if !s.Alive() {
			t.Errorf("%s ended during the test: %v", s.Name, s.err)
		}
		if t.Failed() {
			t.Logf("log of %s:\n%s", s.Name, s.LogTail(3000))
		}
		s.Stop()
	})
	return s
}
