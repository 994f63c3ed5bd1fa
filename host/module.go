package host

import (
	"berth/host/command"
	"berth/keyspace"
)

// Runtime hosts modules. Package capi implements it; a server without one
// answers MODULE commands as a server without modules. Every method is called
// on the loop's goroutine with the server lock held.
type Runtime interface {
	// Attach binds the runtime to its server, once, before any other call.
	Attach(s *Server) error
	// Load loads a module. configs are name-value pairs given to LOADEX.
	Load(path string, args [][]byte, configs [][2]string) error
	// Unload unloads a module by name.
	Unload(name string) error
	// Modules lists what is loaded.
	Modules() []ModuleInfo
	// KeyspaceEvent tells the modules that listen for class of an event, and
	// of the fields that it is about, where they are known.
	KeyspaceEvent(db *keyspace.DB, class command.Class, event string, key []byte, fields [][]byte)
	// Filter lets the command filters of modules see and change c.Args before
	// the command is looked up.
	Filter(c *Client)
	// ServerEvent fires a server event; data depends on it (see the Event
	// constants).
	ServerEvent(event Event, sub int, data any)
	// Authenticate lets the modules decide about a name and a password, before those of the users are
	// looked at. A failure may have a text of its own. A client that was blocked runs its
	// command again when its module has decided.
	Authenticate(c *Client, name, password []byte) (AuthResult, string)
	// UserChanged is called when the client stops being the user that it is.
	UserChanged(c *Client)
	// ClientFreed is called before a client goes away.
	ClientFreed(c *Client)
	// Info appends the modules' own sections of INFO. section is a module's
	// name or "module.section", or "" for all of them.
	Info(section string, forCrash bool) []InfoSection
	// AllocatedMemory is what modules hold through the API's allocator.
	AllocatedMemory() int64
	// Shutdown is called last: modules are unloaded where that can be done.
	Shutdown()
}

// ModuleInfo is one loaded module as MODULE LIST shows it.
type ModuleInfo struct {
	Name    string
	Version int
	Path    string
	Args    [][]byte
	// Fingerprint identifies the content that the file had when it was loaded.
	Fingerprint uint64
	// For INFO modules.
	API     int
	Filters int
	UsedBy  []string
	Using   []string
	Options []string
}

// InfoSection is a section of INFO that a module provides.
type InfoSection struct {
	Name  string
	Lines []string // "field:value", without line ends
}

// AuthResult is what the modules say about an authentication.
type AuthResult int

// The results.
const (
	AuthNotHandled AuthResult = iota
	AuthOK
	AuthFailed
	AuthBlocked
)

// Event is a server event, numbered as the module API's REDISMODULE_EVENT_*.
type Event int

// The server events.
const (
	EventReplicationRole Event = iota
	EventPersistence
	EventFlushDB
	EventLoading
	EventClientChange
	EventShutdown
	EventReplicaChange
	EventMasterLink
	EventCron
	EventModuleChange
	EventLoadingProgress
	EventSwapDB
	EventReplBackup
	EventForkChild
	EventReplAsyncLoad
	EventEventLoop
	EventConfig
	EventKey
)

// The events that only Valkey has, numbered apart since Redis means others by its numbers.
const (
	EventAuthAttempt Event = 1000 + iota
	EventSlotMigration
	EventCommandSuccess
	EventCommandFailure
	EventCommandRejected
	EventCommandDenied
)

// FlushInfo is the data of EventFlushDB.
type FlushInfo struct {
	Sync bool
	DB   int // -1: all of them
}

// SwapInfo is the data of EventSwapDB.
type SwapInfo struct{ First, Second int }

// KeyInfo is the data of EventKey.
type KeyInfo struct {
	DB    *keyspace.DB
	Key   []byte
	Entry *keyspace.Entry
}

// filterCommand runs the modules' command filters.
func (s *Server) filterCommand(c *Client) {
	if s.filters > 0 {
		s.runtime.Filter(c)
	}
}

// SetFilterCount tells the server how many command filters there are, so that
// it can skip asking when there are none.
func (s *Server) SetFilterCount(n int) { s.filters = n }

// MayRun reports whether the client has authenticated, where it has to.
func (c *Client) MayRun() bool { return !c.s.authRequired(c) }

// fireEvent tells the runtime of a server event, if there is one.
func (s *Server) fireEvent(e Event, sub int, data any) {
	if s.runtime != nil {
		s.runtime.ServerEvent(e, sub, data)
	}
}

// Commands is the command table, to which modules add their commands.
func (s *Server) Commands() *command.Table { return s.commands }

// Keyspace is the data set.
func (s *Server) Keyspace() *keyspace.Keyspace { return s.ks }

// Log is the server's log.
func (s *Server) Log() Log { return s.log }

// Call runs row for c with args as a call inside of the present execution
// unit: admission has been done by the caller. The reply is appended to c's
// writer.
func (s *Server) Call(c *Client, row *command.Row, args [][]byte, flags command.CallFlags) {
	c.Args, c.Row, c.lastCmd = args, row, row
	prev := c.Ctx.Flags
	c.Ctx.Flags |= flags
	s.call(c)
	c.Ctx.Flags = prev
	if c.flags&FlagBlocked == 0 {
		c.Args = nil
	}
	// Where no unit is under way, as in a callback of the event loop, the call
	// is one by itself.
	s.endCallback()
}

// ClientByID finds a connected client.
func (s *Server) ClientByID(id int64) *Client { return s.clientByID[id] }
