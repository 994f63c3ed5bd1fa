package host

import (
	"fmt"
	"strings"
	"time"
	"unsafe"

	"berth/host/acl"
	"berth/host/command"
	"berth/internal/errtext"
	"berth/internal/resp"
	"berth/keyspace"
	"berth/keyspace/mem"
)

// ClientFlags are the states a client can be in.
type ClientFlags uint64

// The client flags.
const (
	FlagMulti             ClientFlags = 1 << iota // between MULTI and EXEC
	FlagDirtyCAS                                  // a watched key changed: EXEC fails
	FlagDirtyExec                                 // an error while queueing: EXEC fails
	FlagCloseAfterReply                           // close once the output is sent
	FlagCloseASAP                                 // freed at the next turn
	FlagBlocked                                   // waits for something; reads nothing
	FlagUnblocked                                 // its pending input is to be processed
	FlagMonitor                                   // receives every command
	FlagPubSub                                    // has a subscription
	FlagUnixSocket                                //
	FlagReplyOff                                  // CLIENT REPLY OFF
	FlagReplySkip                                 // CLIENT REPLY SKIP: this command
	FlagReplySkipNext                             // CLIENT REPLY SKIP: the next one
	FlagNoEvict                                   // CLIENT NO-EVICT
	FlagNoTouch                                   // CLIENT NO-TOUCH
	FlagDenyBlocking                              // may not block
	FlagModule                                    // a module's own client, without a connection
	FlagScript                                    // the client that runs a script's commands
	FlagAuthenticated                             //
	FlagExecuting                                 // a command of it is running
	FlagReplica                                   //
	FlagMaster                                    //
	FlagCloseAfterCommand                         // close when the command has ended
	FlagProtected                                 // not freed while held by somebody
	FlagModuleAuth                                // authenticated by a module
	FlagTransactionModule                         // the transaction in hand is a module's
	FlagReadOnlyCluster                           // READONLY
	FlagKilledByACL                               //
	FlagPreventAOF                                // what it runs does not go to the append only file
	FlagPreventReplicas                           // what it runs does not go to replicas
	FlagInternal                                  // sees the internal commands too
	FlagReprocessing                              // its command was filtered already
	FlagTracking                                  // CLIENT TRACKING
	FlagTrackingBcast                             // hears of every change to keys with its prefixes
	FlagTrackingOptIn                             // only what CLIENT CACHING YES precedes is tracked
	FlagTrackingOptOut                            // what CLIENT CACHING NO precedes is not tracked
	FlagTrackingNoLoop                            // is not told of its own changes
	FlagTrackingCaching                           // CLIENT CACHING was the last command
	FlagTrackingBroken                            // the client that it redirects to is gone
)

// ioSize is how much is read from a socket at a time.
const ioSize = 16 * 1024

// Client is one connection, or a module's or script's client without one.
type Client struct {
	command.Ctx
	w command.Writer

	s     *Server
	id    int64
	flags ClientFlags
	io    transport // nil for a client without a connection

	Name           []byte
	LibName        []byte
	LibVer         []byte
	addr, laddr    string
	created        time.Time
	lastActive     int64 // unix time in seconds of the last interaction
	lastCmd        *command.Row
	totalIn        int64
	totalOut       int64
	totalCmds      int64
	parser         resp.Parser
	pending        []byte // input not consumed yet, off heap; len is what is there
	argv           [][]byte
	outOff         int  // how much of w.Buf has been sent
	writeQueued    bool // stands in s.pendingWrites
	writing        bool // waits for its socket to become writable
	softLimitSince int64
	pushed         []byte // pushes that came while a command was running
	qbufPeak       int
	written        int64 // replication offset behind its last write
	shared         int   // bytes of the shared read buffer that hold its requests, while they run
	outPeak        int   // largest output of late
	outPeakSince   int64
	outRoom        int // of w.Buf when it was last looked at
	inRecent       int // largest input and output since the cron last saw the client
	outRecent      int
	redacted       []int // arguments of the running command that are secrets

	multi        *multiState
	watched      []*watchedKey
	watchedBytes int
	blocked      *blockState
	subs         *subscriptions

	tracking *clientTracking // nil until CLIENT TRACKING ON

	user *acl.User // nil for a client of the server's own, which may do everything

	// Module state that package capi attaches.
	ModuleData any
	// Finished, of a client without a connection, is called when a command
	// that had blocked it has ended; its reply is in the Writer.
	Finished func()

	listIndex int // position in s.clients
	share     clientShare
}

func (s *Server) newClient(io transport) *Client {
	c := &Client{s: s, io: io, created: time.Now()}
	c.Writer = &c.w
	c.w.Proto = 2
	c.Host = s
	c.Client = c
	c.KS = s.ks
	c.DB = s.ks.DB(0)
	c.lastActive = s.unixSeconds()
	c.argv = make([][]byte, 0, 8)
	c.id = s.NewClientID()
	c.parser.MaxBulk = int64(s.cfg.ProtoMaxBulkLen)
	if io != nil {
		c.w.Room = s.largeOutput.take
		c.listIndex = len(s.clients)
		s.clients = append(s.clients, c)
		s.clientByID[c.id] = c
	} else {
		c.listIndex = -1
		c.addr, c.laddr = "?:0", "?:0"
	}
	return c
}

// NewInternalClient makes a client without a connection: what a module, a
// script or the append only file runs commands as. Its replies gather in its
// Writer. It is released with [Server.FreeInternalClient].
func (s *Server) NewInternalClient() *Client {
	c := s.newClient(nil)
	c.flags |= FlagDenyBlocking | FlagAuthenticated
	return c
}

// FreeInternalClient releases a client made by NewInternalClient.
func (s *Server) FreeInternalClient(c *Client) { s.teardown(c) }

// ID is the client's number, unique for the life of the server.
func (c *Client) ID() int64 { return c.id }

// Server is the server the client belongs to.
func (c *Client) Server() *Server { return c.s }

// Has reports whether any of the flags is set.
func (c *Client) Has(f ClientFlags) bool { return c.flags&f != 0 }

// SetFlag sets or clears flags.
func (c *Client) SetFlag(f ClientFlags, on bool) {
	if on {
		c.flags |= f
	} else {
		c.flags &^= f
	}
}

// Addr is the peer's address as CLIENT LIST shows it.
func (c *Client) Addr() string { return c.addr }

// Connected reports whether the client has a connection.
func (c *Client) Connected() bool { return c.io != nil }

// fd is what CLIENT LIST shows as fd: -1 without a socket of the loop's own.
func (c *Client) fd() int {
	switch t := c.io.(type) {
	case *fdTransport:
		return t.fd
	case *connTransport:
		return t.fd
	}
	return -1
}

// outputLen is the number of reply bytes not sent yet.
func (c *Client) outputLen() int { return len(c.w.Buf) - c.outOff }

// readable takes what the socket has and runs the commands in it.
func (c *Client) readable(t *fdTransport) {
	if c.flags&(FlagExecuting|FlagCloseASAP) != 0 {
		// A command of this client is processing events: its input waits.
		if c.flags&FlagExecuting != 0 {
			t.pauseReading()
		}
		return
	}
	s := c.s
	if len(c.pending) == 0 {
		buf := s.readBuf()
		if n, ok := c.readInto(t, buf); ok {
			c.shared = n
			used := c.process(buf[:n])
			c.shared = 0
			if used < n && c.flags&FlagCloseASAP == 0 {
				c.keepPending(buf[used:n])
			}
		}
		s.releaseReadBuf(buf)
		c.updateMemory()
		return
	}
	want := max(ioSize, c.parser.Missing(c.pending))
	c.growPending(want)
	tail := c.pending[len(c.pending):cap(c.pending)]
	n, ok := c.readInto(t, tail)
	if !ok {
		return
	}
	c.pending = c.pending[:len(c.pending)+n]
	c.updateMemory()
	if c.inputTooLarge() {
		return
	}
	c.processPending()
}

// unauthInput is how much input a client may send before it has authenticated.
const unauthInput = 1 << 20

// inputTooLarge closes a client whose input, with what waits for EXEC, is over
// the limit.
func (c *Client) inputTooLarge() bool {
	s := c.s
	n := len(c.pending)
	if c.multi != nil {
		n += int(c.multi.bytes)
	}
	if n <= s.cfg.ClientQueryBufferLimit && !(n > unauthInput && s.authRequired(c)) || c.flags&FlagMaster != 0 {
		return false
	}
	s.log.Warn("Closing client that reached max query buffer length: %s (qbuf initial bytes: %s)", c.info(), quoteForLog(c.pending, 64))
	s.stat.queryLimitDisconnections++
	s.freeClientAsync(c)
	return true
}

func (c *Client) readInto(t *fdTransport, buf []byte) (int, bool) {
	n, err := t.read(buf)
	s := c.s
	switch {
	case err == errAgain:
		return 0, false
	case err != nil:
		s.log.Verbose("Reading from client: " + errtext.Of(err))
		s.freeClient(c)
		return 0, false
	case n == 0:
		s.freeClientAsync(c)
		s.log.Verbose("Client closed connection " + c.info())
		s.freeClient(c)
		return 0, false
	}
	c.totalIn += int64(n)
	s.stat.netIn += int64(n)
	s.stat.reads++
	c.inRecent = max(c.inRecent, len(c.pending)+n)
	c.lastActive = s.unixSeconds()
	return n, true
}

// processPending runs the commands in the client's own buffer.
func (c *Client) processPending() {
	if len(c.pending) == 0 {
		return
	}
	used := c.process(c.pending)
	switch {
	case c.flags&FlagCloseASAP != 0 || c.pending == nil || used == 0:
	case used == len(c.pending):
		c.freePending()
	default:
		n := copy(c.pending, c.pending[used:])
		c.pending = c.pending[:n]
	}
	c.updateMemory()
}

func (c *Client) keepPending(b []byte) {
	c.growPending(len(b))
	c.pending = append(c.pending, b...)
}

func (c *Client) growPending(extra int) {
	need := len(c.pending) + extra
	if need <= cap(c.pending) {
		return
	}
	// Doubling keeps many small reads linear; a known large argument gets
	// exactly its room.
	size := need
	if extra <= ioSize {
		size = max(need, min(2*cap(c.pending), cap(c.pending)+1<<20))
	}
	p := mem.Alloc(size)
	fresh := mem.Bytes(p, size)[:len(c.pending)]
	copy(fresh, c.pending)
	n := len(c.pending)
	c.freePending()
	c.pending = fresh[:n]
	c.qbufPeak = max(c.qbufPeak, size)
	c.s.queryBufMem += int64(size)
}

func (c *Client) freePending() {
	if cap(c.pending) > 0 {
		c.s.queryBufMem -= int64(cap(c.pending))
		mem.Free(unsafe.Pointer(unsafe.SliceData(c.pending[:1])))
	}
	c.pending = nil
}

// process runs the complete requests at the start of buf and returns how much
// of it they took. It stops early when the client blocks or is to be closed.
func (c *Client) process(buf []byte) int {
	used := 0
	c.s.ticked = false
	for used < len(buf) {
		if c.flags&(FlagBlocked|FlagCloseAfterReply|FlagCloseASAP) != 0 {
			break
		}
		args, n, err := c.parser.Next(buf[used:], c.argv[:0])
		c.argv = args[:0]
		if err != nil {
			c.protocolError(err, buf[used:])
			return len(buf)
		}
		if n == 0 {
			break
		}
		used += n
		if len(args) == 0 {
			continue
		}
		c.ArgsOffHeap = !c.parser.Inline
		c.Args = args
		c.s.processCommand(c)
		if c.outputLen() >= sendAtOnce {
			c.s.sendEarly(c)
		}
		if c.flags&FlagBlocked != 0 && c.Args != nil {
			c.retainArgs()
		} else {
			c.Args = nil
		}
		if cap(c.argv) > 4096 {
			c.argv = make([][]byte, 0, 8)
		}
	}
	if c.flags&FlagCloseASAP != 0 {
		return len(buf)
	}
	return used
}

// retainArgs copies the arguments out of the read buffer, for a command that
// will run again after it has blocked.
func (c *Client) retainArgs() {
	c.Args = cloneArgs(c.Args)
	c.ArgsOffHeap = false
}

// cloneArgs copies an argument vector onto the Go heap in two allocations.
func cloneArgs(args [][]byte) [][]byte {
	total := 0
	for _, a := range args {
		total += len(a)
	}
	flat := make([]byte, 0, total)
	out := make([][]byte, len(args))
	for i, a := range args {
		at := len(flat)
		flat = append(flat, a...)
		out[i] = flat[at:len(flat):len(flat)]
	}
	return out
}

func (c *Client) protocolError(err error, rest []byte) {
	c.w.Error("ERR " + err.Error())
	c.queueWrite()
	c.s.log.Verbose("Protocol error (%s) from client: %s. %s", protocolErrorName(err), c.info(), c.s.dumpInput(rest[c.parser.At():]))
	c.flags |= FlagCloseAfterReply
}

// protocolErrorName is what the log calls an error of the protocol.
func protocolErrorName(err error) string {
	text := strings.TrimPrefix(err.Error(), "Protocol error: ")
	switch {
	case strings.HasPrefix(text, "expected '$'"):
		return "expected $ but got something else"
	case text == "invalid multibulk length":
		return "invalid mbulk count"
	case text == "unauthenticated multibulk length":
		return "unauth mbulk count"
	case text == "unauthenticated bulk length":
		return "unauth bulk length"
	}
	return text
}

// inputDumped is how much of broken input the log shows.
const inputDumped = 128

// dumpInput gives an idea of what broken input looks like.
func (s *Server) dumpInput(in []byte) string {
	if s.cfg.HideUserDataFromLog {
		return "Query buffer during protocol error: '*redacted*'"
	}
	text := func(b []byte) []byte { return cText(b, len(b)) }
	var b []byte
	if len(in) < inputDumped {
		b = fmt.Appendf(nil, "Query buffer during protocol error: '%s'", text(in))
	} else {
		b = fmt.Appendf(nil, "Query buffer during protocol error: '%s' (... more %d bytes ...) '%s'",
			text(in[:inputDumped/2]), len(in)-inputDumped, text(in[len(in)-inputDumped/2:]))
	}
	for i, ch := range b {
		if ch < ' ' || ch > '~' {
			b[i] = '.'
		}
	}
	return string(b)
}

// queueWrite has the client's output sent before the loop sleeps.
func (c *Client) queueWrite() {
	if c.io == nil || c.writeQueued || c.writing || c.flags&FlagCloseASAP != 0 {
		return
	}
	c.writeQueued = true
	c.s.pendingWrites = append(c.s.pendingWrites, c)
}

// Push sends an out-of-band message to the client: build writes it. While a
// command of the client itself runs, the message waits until that command's
// reply is complete.
func (c *Client) Push(build func(w *command.Writer)) {
	if c.flags&(FlagCloseASAP|FlagCloseAfterReply) != 0 {
		return
	}
	if c.flags&FlagExecuting != 0 && c != c.s.ahead {
		w := command.Writer{Buf: c.pushed, Proto: c.w.Proto}
		build(&w)
		c.pushed = w.Buf
		return
	}
	build(&c.w)
	c.wrote()
}

// wrote is called after output was added outside of the client's own command.
func (c *Client) wrote() {
	c.queueWrite()
	if c.writing {
		c.updateMemory()
	}
	c.checkOutputLimit()
}

// selectDB switches the client's database.
func (c *Client) selectDB(db *keyspace.DB) { c.DB = db }
