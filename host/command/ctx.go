package command

import (
	"berth/internal/numfmt"
	"berth/keyspace"
	"berth/persistence/rdb"
)

// Host is what the server offers to a running command. Package host
// implements it; every method is called with the server lock held.
type Host interface {
	// Notify publishes a keyspace event and tells modules of it.
	Notify(db *keyspace.DB, class Class, event string, key []byte)
	// NotifyFields is Notify with the fields of a hash that the event is about.
	NotifyFields(db *keyspace.DB, class Class, event string, key []byte, fields [][]byte)
	// WantsFields reports whether anybody is told of fields, so that handlers
	// can skip gathering them.
	WantsFields() bool
	// Modified marks key as changed by c: WATCH is invalidated, tracked
	// clients are told.
	Modified(c *Ctx, db *keyspace.DB, key []byte)
	// AlsoPropagate adds a command to what replicas and the AOF receive for
	// the running execution unit. The slices are copied.
	AlsoPropagate(db *keyspace.DB, argv ...[]byte)
	// Propagates reports whether anybody receives propagated commands, so
	// that handlers can skip building them.
	Propagates() bool
	// Block parks the client of c until one of keys is ready or the deadline
	// passes. See [Ctx.Block].
	Block(c *Ctx, b BlockRequest)
	// KeyReady says that key may now satisfy clients blocked on it.
	KeyReady(db *keyspace.DB, key []byte, t keyspace.Type)
	// SetDB selects the database of the client of c.
	SetDB(c *Ctx, db *keyspace.DB)
	// LazyUserDel is lazyfree-lazy-user-del: DEL behaves as UNLINK.
	LazyUserDel() bool
	// RDB encodes and decodes values for DUMP and RESTORE.
	RDB() *rdb.Codec
	// KeysUnrestricted reports whether the client's user may read every key with this command: what
	// a command needs that reads keys which are not among its arguments.
	KeysUnrestricted(c *Ctx) bool
	// MaxBulkLen is proto-max-bulk-len.
	MaxBulkLen() int64
}

// BlockRequest says what a client waits for.
type BlockRequest struct {
	Type keyspace.Type // the type of value that can satisfy it
	Keys [][]byte      // copied
	// Deadline is the unix time in milliseconds at which the wait ends; 0
	// means never. A command that runs again keeps its first deadline.
	Deadline int64
	// OnTimeout writes the reply when the deadline passes.
	OnTimeout func(c *Ctx)
	// WakeOnRemoval asks to be woken also when the key goes away or changes
	// its type (XREADGROUP).
	WakeOnRemoval bool
	// Args, if not nil, are the arguments with which the command runs again. Copied.
	Args [][]byte
}

// CallFlags say how a command came to run.
type CallFlags uint32

// The call flags.
const (
	// CallDenyBlocking: inside MULTI, a script or a module call that may not
	// block; blocking commands answer as if their timeout had passed.
	CallDenyBlocking CallFlags = 1 << iota
	// CallReexecuted: the command runs again after having blocked.
	CallReexecuted
	// CallNoTouch: the client asked not to touch LRU and LFU (CLIENT NO-TOUCH).
	CallNoTouch
	// CallMulti: the command runs inside EXEC.
	CallMulti
	// CallScript: the command runs inside a script.
	CallScript
	// CallModule: the command was called with RM_Call.
	CallModule
	// CallReplica: the command comes from the replication stream or the AOF.
	CallReplica
	// CallInternal: the connection is internal (DEBUG MARK-INTERNAL-CLIENT, a
	// cluster peer) and may see and call commands with FlagInternal.
	CallInternal
)

// Ctx is the context in which one command runs: its arguments, the selected
// database, the place of its reply and the services of the server. A Ctx
// belongs to one client and is reused for its next command.
type Ctx struct {
	*Writer
	Args [][]byte // Args[0] is the command's name as sent
	Row  *Row
	DB   *keyspace.DB
	KS   *keyspace.Keyspace
	Host Host
	// Client is the client on whose behalf the command runs; its concrete
	// type belongs to package host.
	Client any
	Flags  CallFlags
	// ArgsOffHeap says that the argument bytes live outside Go's heap and may
	// be lent to C until the handler returns.
	ArgsOffHeap bool

	// DirtyCount is the number of changes this call made to the data set; a
	// command that changed nothing is not propagated.
	DirtyCount int64
	// PropArgs, when set, is propagated in place of Args.
	PropArgs [][]byte
	// NoPropagate keeps the call itself from being propagated.
	NoPropagate bool
	// Blocked is set by [Ctx.Block]: no reply is expected yet.
	Blocked bool

	touched [][]byte // by Touch
}

// Dirty counts n changes to the data set.
func (c *Ctx) Dirty(n int64) { c.DirtyCount += n }

// Notify publishes a keyspace event of the selected database.
func (c *Ctx) Notify(class Class, event string, key []byte) {
	c.Host.Notify(c.DB, class, event, key)
}

// Modified marks a key of the selected database as changed.
func (c *Ctx) Modified(key []byte) { c.Host.Modified(c, c.DB, key) }

// Changed is what most writes end with: the key is marked as modified, the
// event published and n changes counted.
func (c *Ctx) Changed(key []byte, class Class, event string, n int64) {
	c.Host.Modified(c, c.DB, key)
	c.Host.Notify(c.DB, class, event, key)
	c.DirtyCount += n
}

// Touch adds fields of a hash to those that the next event of NotifyFields or
// ChangedFields is about: every step-th of them.
func (c *Ctx) Touch(step int, fields ...[]byte) {
	if !c.Host.WantsFields() {
		return
	}
	for i := 0; i < len(fields); i += step {
		c.touched = append(c.touched, fields[i])
	}
}

// NotifyFields is Notify for an event about the fields touched since the last.
func (c *Ctx) NotifyFields(class Class, event string, key []byte) {
	fields := c.touched
	c.touched = nil
	c.Host.NotifyFields(c.DB, class, event, key, fields)
}

// ChangedFields is Changed for an event about the fields touched since the last.
func (c *Ctx) ChangedFields(key []byte, class Class, event string, n int64) {
	c.Host.Modified(c, c.DB, key)
	c.NotifyFields(class, event, key)
	c.DirtyCount += n
}

// Propagate replaces what is propagated for this call. The slices are used
// when the call ends and must stay valid until then.
func (c *Ctx) Propagate(argv ...[]byte) { c.PropArgs = argv }

// Sees reports whether the client may know of the command: those with
// FlagInternal do not exist for ordinary connections.
func (c *Ctx) Sees(r *Row) bool {
	return r.Flags&FlagInternal == 0 || c.Flags&CallInternal != 0
}

// MayBlock reports whether a blocking command may park its client.
func (c *Ctx) MayBlock() bool { return c.Flags&CallDenyBlocking == 0 }

// Block parks the client until a key is ready or the deadline passes; the
// handler then runs again from its start. The handler returns at once.
func (c *Ctx) Block(b BlockRequest) {
	c.Blocked = true
	c.Host.Block(c, b)
}

func (c *Ctx) lookupFlags() keyspace.LookupFlags {
	if c.Flags&CallNoTouch != 0 {
		return keyspace.LookupNoTouch
	}
	return 0
}

// LookupRead finds a key for reading, or nil. An expired key is not there.
func (c *Ctx) LookupRead(key []byte) *keyspace.Entry {
	return c.DB.Lookup(key, c.lookupFlags())
}

// LookupWrite finds a key for writing, or nil. An expired key is removed.
func (c *Ctx) LookupWrite(key []byte) *keyspace.Entry {
	return c.DB.Lookup(key, c.lookupFlags()|keyspace.LookupWrite)
}

// ReadTyped finds a key for reading. When it holds another type the reply
// WRONGTYPE is written and ok is false; a missing key is (nil, true).
func (c *Ctx) ReadTyped(key []byte, t keyspace.Type) (e *keyspace.Entry, ok bool) {
	return c.typed(c.LookupRead(key), t)
}

// WriteTyped is [Ctx.ReadTyped] for writing.
func (c *Ctx) WriteTyped(key []byte, t keyspace.Type) (e *keyspace.Entry, ok bool) {
	return c.typed(c.LookupWrite(key), t)
}

func (c *Ctx) typed(e *keyspace.Entry, t keyspace.Type) (*keyspace.Entry, bool) {
	if e != nil && e.Type() != t {
		c.Error(ErrWrongType)
		return nil, false
	}
	return e, true
}

// IntArg parses argument i as a 64-bit integer; when it is none, the error is
// replied and ok is false.
func (c *Ctx) IntArg(i int) (n int64, ok bool) {
	n, ok = numfmt.ParseInt64(c.Args[i])
	if !ok {
		c.Error(ErrNotInteger)
	}
	return n, ok
}

// IntArgMsg is [Ctx.IntArg] with another error text.
func (c *Ctx) IntArgMsg(i int, msg string) (n int64, ok bool) {
	n, ok = numfmt.ParseInt64(c.Args[i])
	if !ok {
		c.Error(msg)
	}
	return n, ok
}

// RangeArg parses argument i as an integer within [lo, hi].
func (c *Ctx) RangeArg(i int, lo, hi int64, msg string) (n int64, ok bool) {
	return c.RangeArgMsg(i, lo, hi, msg, msg)
}

// RangeArgMsg is [Ctx.RangeArg] with one text for what is no integer and
// another for an integer out of range.
func (c *Ctx) RangeArgMsg(i int, lo, hi int64, notInt, outOfRange string) (n int64, ok bool) {
	n, ok = c.IntArgMsg(i, notInt)
	if ok && (n < lo || n > hi) {
		c.Error(outOfRange)
		return n, false
	}
	return n, ok
}

// FloatArg parses argument i as a double.
func (c *Ctx) FloatArg(i int) (f float64, ok bool) {
	f, ok = numfmt.ParseDouble(c.Args[i])
	if !ok {
		c.Error(ErrNotFloat)
	}
	return f, ok
}

// ArgIs reports whether argument i is the given lower-case word, in any case.
func (c *Ctx) ArgIs(i int, word string) bool { return EqualFold(c.Args[i], word) }

// EqualFold reports whether b equals the lower-case ASCII word in any case.
func EqualFold(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i := range b {
		ch := b[i]
		if ch >= 'A' && ch <= 'Z' {
			ch += 'a' - 'A'
		}
		if ch != word[i] {
			return false
		}
	}
	return true
}
