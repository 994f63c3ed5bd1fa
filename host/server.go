package host

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"berth/host/acl"
	"berth/host/command"
	"berth/host/commands"
	"berth/host/config"
	"berth/host/eventloop"
	"berth/keyspace"
	"berth/keyspace/mem"
	"berth/persistence/aof"
	"berth/persistence/rdb"
)

// The versions that the server reports. Modules and clients check the first.
const (
	RedisVersion    = "8.0.2"
	RedisVersionNum = 0x00080002
)

// Version is berth's own version.
var Version = "0.1.0"

// ErrClosed is what Serve returns after Close.
var ErrClosed = errors.New("host: server closed")

// Options configure a [Server].
type Options struct {
	// Config holds the parameters; nil means those of config.New without a
	// listening port. Only with a Config is a file of data loaded at the start, and
	// only one that says so (Save, AppendOnly) has the server write files unasked.
	Config *config.Config
	// Runtime hosts modules; nil means no modules.
	Runtime Runtime
	// Logger receives the log, at the levels of package rlog; nil means no log.
	Logger *slog.Logger
	// ListenAnyPort has a server whose port is 0 listen on a free one.
	ListenAnyPort bool
	// Disk is where the append only file is; nil is the operating system's file system.
	Disk aof.Disk
	// OnReady is called on the loop when connections are accepted.
	OnReady func()
}

// Server is one berth server.
type Server struct {
	cfg     *config.Config
	log     Log
	runtime Runtime

	// mu is the server lock: see docs/locking.md.
	mu   sync.Mutex
	loop *eventloop.Loop
	ks   *keyspace.Keyspace

	commands *command.Table
	codec    rdb.Codec

	clients       []*Client
	clientByID    map[int64]*Client
	nextClientID  atomic.Int64
	pendingWrites []*Client
	closing       []*Client
	monitors      []*Client
	unblocked     []*Client
	listeners     []*listener

	current *Client
	// served is the connection whose request is being served: what runs on its
	// behalf may have another client as current. ahead is it until its command
	// begins, or is refused: messages to it until then precede the reply.
	served, ahead *Client
	nesting       int // depth of the execution unit
	inExec        bool
	dirty         int64

	prop         propagation
	postJobs     []func()
	moduleEvents command.Class
	filters      int

	watchIndex map[int]map[string][]*watchedKey
	watching   int

	waiting        map[int]map[string][]*Client
	waitingKeys    int
	waitingRemoval int
	readyKeys      []waitKey
	readySet       map[waitKey]bool

	pauseUntil int64
	pauseAll   bool
	pauseTimer int64
	postponed  []*Client
	waiters    []*Client // of WAIT and WAITAOF

	pubsub *pubsub

	scripting scripting
	tracking  tracking

	loading       bool
	child         child
	save          saveState
	libraries     LibraryStore
	keptAux       []keptAux
	loadInfo      loadState
	aof           appendOnly
	busy          func(c *Client) string
	acl           *acl.Users
	aclLog        acl.Log
	commandEvents bool     // some module wants the events about commands
	fieldEvents   bool     // some module wants the fields of events
	expiredFields [][]byte // a hash's key and those that are going, until that is told

	tls      tlsState
	mustAuth bool // new connections have to authenticate first

	onReady                   func()
	autoPort                  bool
	wokeAt                    time.Duration
	cronLoops, cronClient     int
	keyEvents, noActiveExpire bool
	loopEvents                bool
	sleepHook                 func()
	yield                     yieldState

	stat    stats
	slowlog slowlog
	// migrateLinks are MIGRATE's open connections, by host:port.
	migrateLinks map[string]*migrateLink
	eviction     eviction
	defrag       defrag
	cronPaused   bool // DEBUG PAUSE-CRON
	latency      latencyMonitor
	watchdog     watchdog
	replyBuffers replyBuffers
	largeOutput  largeOutput
	queryBufMem  int64
	clientMem    clientMemory
	readBufs     [][]byte
	scratch      []byte

	started  time.Time
	wallBase time.Time     // wall clock at monoBase
	monoNow  time.Duration // monotonic time of the last look at the clock
	ticked   bool          // monoNow is good for the next command of a pipeline
	// wallBaseNanos is wallBase as a number.
	wallBaseNanos int64
	runID         string
	replID        string
	replOffset    int64
	// startupMemory is what was in use before there was any data.
	startupMemory int64

	ownsProcess bool

	serving  bool
	starting bool // modules of the configuration are being loaded
	closed   bool
	failed   error // why the server ends without having been asked to
	done     chan struct{}
	exit     shutdownState
}

// New makes a server. It does not listen before [Server.Serve].
func New(o Options) (*Server, error) {
	s := &Server{cfg: o.Config, runtime: o.Runtime, log: Log{o.Logger}, onReady: o.OnReady}
	if s.cfg == nil {
		s.cfg = config.New()
		s.cfg.Port = 0
	}
	if o.Logger == nil {
		s.log = Log{slog.New(slog.DiscardHandler)}
	}
	s.autoPort = o.ListenAnyPort
	s.clientByID = map[int64]*Client{}
	s.watchIndex = map[int]map[string][]*watchedKey{}
	s.waiting = map[int]map[string][]*Client{}
	s.readySet = map[waitKey]bool{}
	s.done = make(chan struct{})
	s.started = time.Now()
	s.wallBase = s.started
	s.wallBaseNanos = s.wallBase.UnixNano()
	s.runID, s.replID = newRunID(), newRunID()
	s.pubsub = newPubSub()
	s.replyBuffers.peakReset = peakResetTime

	var err error
	if s.loop, err = eventloop.New(&s.mu); err != nil {
		return nil, fmt.Errorf("host: event loop: %w", err)
	}
	s.loop.BeforeSleep, s.loop.AfterSleep = s.beforeSleep, s.afterSleep
	s.ks = keyspace.New(keyspace.Options{
		Databases: int(s.cfg.Databases),
		Limits:    s.keyspaceLimits(),
		Hooks:     s.keyspaceHooks(),
	})
	s.ks.SetNow(s.started.UnixMilli())
	s.initScripting()
	s.commands = command.NewTable()
	commands.Register(s.commands)
	s.registerOwn()
	if err := s.renameCommands(); err != nil {
		s.loop.Close()
		return nil, err
	}
	s.attachUsers()
	s.attachConfig()
	s.save = saveState{lastSave: s.started, ok: true, lastTook: -1, noFiles: o.Config == nil}
	s.initAOF(o.Disk)
	s.libraries = scriptHost{s}
	s.initStats()
	s.startupMemory = s.usedMemory()
	s.loop.AddTimer(time.Millisecond, s.cron)
	if s.runtime != nil {
		if err := s.runtime.Attach(s); err != nil {
			s.loop.Close()
			return nil, err
		}
	}
	return s, nil
}

// tick takes a fresh look at the clock: the time that a command sees.
func (s *Server) tick() {
	s.monoNow = time.Since(s.started)
	s.setNow(s.monoNow)
}

// setNow is the time that commands see, from monotonic time.
func (s *Server) setNow(mono time.Duration) {
	s.ks.SetNow((s.wallBaseNanos + int64(mono)) / int64(time.Millisecond))
}

// mono is monotonic time since the start.
func (s *Server) mono() time.Duration { return time.Since(s.started) }

// syncClock follows a wall clock that was set.
func (s *Server) syncClock() {
	now := time.Now()
	s.monoNow = now.Sub(s.started)
	s.wallBase = now.Add(-s.monoNow)
	s.wallBaseNanos = s.wallBase.UnixNano()
	s.ticked = false
	s.ks.SetNow(now.UnixMilli())
}

func (s *Server) now() time.Time     { return s.wallBase.Add(s.monoNow) }
func (s *Server) unixMillis() int64  { return s.ks.Now() }
func (s *Server) unixSeconds() int64 { return s.ks.Now() / 1000 }

// Lock takes the server lock from a goroutine or thread other than the loop's.
func (s *Server) Lock() { s.mu.Lock() }

// TryLock takes the server lock if it is free.
func (s *Server) TryLock() bool { return s.mu.TryLock() }

// Unlock releases the server lock and has the loop look at what was done.
func (s *Server) Unlock() {
	s.mu.Unlock()
	s.loop.Wake()
}

// Do runs fn on the loop with the server lock held and waits for it. It must
// not be called from the loop itself. It returns false when the server has
// stopped.
func (s *Server) Do(fn func()) bool {
	done := make(chan struct{})
	s.loop.Post(func() {
		defer close(done)
		fn()
	})
	select {
	case <-done:
		return true
	case <-s.done:
		return false
	}
}

// Loop is the event loop, for what lives on it.
func (s *Server) Loop() *eventloop.Loop { return s.loop }

// Config is the server's configuration.
func (s *Server) Config() *config.Config { return s.cfg }

// Serve listens as configured and runs the server until Close or SHUTDOWN. It
// keeps its goroutine on one OS thread: modules are loaded and called there.
func (s *Server) Serve() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s.mu.Lock()
	if s.serving || s.closed {
		s.mu.Unlock()
		return ErrClosed
	}
	s.serving = true
	err := s.start()
	if err == nil {
		s.loop.Run()
		err = ErrClosed
		switch {
		case s.failed != nil:
			err = s.failed
		case s.exit.done:
			err = nil
		}
	}
	s.teardownAll()
	s.mu.Unlock()
	close(s.done)
	return err
}

// start does what comes between having the configuration and serving.
func (s *Server) start() error {
	if err := s.loadConfiguredModules(); err != nil {
		return err
	}
	if err := s.loadUsers(); err != nil {
		return err
	}
	if err := s.startTLS(); err != nil {
		return err
	}
	if err := s.listen(); err != nil {
		return err
	}
	_ = s.watchdogChanged()
	s.log.Notice("Server initialized")
	if err := s.loadData(); err != nil || s.exit.done {
		return err
	}
	if s.onReady != nil {
		s.onReady()
	}
	s.logReady()
	return nil
}

// Close stops the server and waits until everything is released. It saves
// nothing, whatever the save points: data that is only in memory is lost, and
// SHUTDOWN or SAVE is what keeps it. Safe from any goroutine but the loop's.
func (s *Server) Close() error {
	// A script that runs holds the lock: it has to notice by itself.
	s.scripting.stop.Store(true)
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	if !s.serving {
		s.teardownAll()
		s.mu.Unlock()
		close(s.done)
		return nil
	}
	s.mu.Unlock()
	s.loop.Stop()
	<-s.done
	return nil
}

// Done is closed when the server has stopped.
func (s *Server) Done() <-chan struct{} { return s.done }

// Dial opens a connection inside the process, without a socket. The server
// must be serving, or be about to.
func (s *Server) Dial() (net.Conn, error) {
	ours, theirs := net.Pipe()
	t := newConnTransport(ours)
	s.loop.Post(func() {
		c := s.acceptTransport(t, "127.0.0.1:0", "127.0.0.1:0", 0)
		if c == nil {
			return
		}
		t.c = c
		t.start()
	})
	return theirs, nil
}

// teardownAll releases everything. The lock is held.
func (s *Server) teardownAll() {
	s.stopDefrag()
	s.endChild()
	s.closeIdleMigrateLinks(true)
	s.closeListeners()
	s.closeHandshakes()
	if s.runtime != nil {
		s.runtime.Shutdown()
	}
	for len(s.clients) > 0 {
		s.freeClient(s.clients[len(s.clients)-1])
	}
	s.ks.Close()
	for _, b := range s.readBufs {
		mem.Free(unsafe.Pointer(unsafe.SliceData(b)))
	}
	s.readBufs = nil
	s.loop.Close()
}
