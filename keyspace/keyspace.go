package keyspace

import (
	"time"
	"unsafe"

	"berth/keyspace/mem"
)

// Reason says why a key goes away.
type Reason uint8

// The reasons of KeyRemoved.
const (
	ReasonDeleted     Reason = iota // by a command or a module
	ReasonExpired                   // lazily or by the active cycle
	ReasonEvicted                   // for lack of memory
	ReasonOverwritten               // the key stays, with another value
	ReasonMoved                     // the value lives on under another name (RENAME, MOVE)
)

// Hooks are told about keys. Any of them may be nil. They are called under the server
// lock, in the middle of an operation: they may read the keyspace, but not write it,
// except where it is said. Key and entry are only valid during the call.
type Hooks struct {
	// KeyAdded: a key that didn't exist is there.
	KeyAdded func(db *DB, key []byte, t Type)
	// KeyRemoved: the entry is about to be removed, or its value replaced; it can
	// still be read.
	KeyRemoved func(db *DB, key []byte, e *Entry, why Reason)
	// KeyExpired: an expired key has just been removed. e is no longer in the DB, but
	// can still be read. The hook may write the keyspace.
	KeyExpired func(db *DB, key []byte, e *Entry)
	// FieldExpired: a field of a hash is about to be deleted because its time is over.
	FieldExpired func(db *DB, key, field []byte)
	// FieldsExpired: fields of a hash have just been deleted because their time was over, and the
	// hash as well if it is gone. The hook may write the keyspace.
	FieldsExpired func(db *DB, key []byte, gone bool)
	// KeyMiss: a lookup for reading found nothing.
	KeyMiss func(db *DB, key []byte)
}

// Options configure a Keyspace.
type Options struct {
	Databases int     // 0 is 16
	Limits    *Limits // nil is DefaultLimits
	Hooks     Hooks
}

// Switches alter how expired keys and lookups are treated. The owner of the Keyspace
// sets them as the state of the server and of the current client changes.
type Switches struct {
	// Loading: nothing expires.
	Loading bool
	// ExpirePaused: expired keys are not seen, but stay.
	ExpirePaused bool
	// AllowAccessExpired: expired keys are seen by everybody (DEBUG, import mode).
	AllowAccessExpired bool
	// Replica: a master decides about expiry; expired keys are not seen, but stay.
	Replica bool
	// ReplicaWritable goes with Replica: lookups for writing delete what has expired.
	ReplicaWritable bool
	// FromMaster goes with Replica: the current command comes from the master, for
	// which nothing expires.
	FromMaster bool
	// ActiveExpireOff: no active cycle (DEBUG SET-ACTIVE-EXPIRE 0).
	ActiveExpireOff bool
	// NoTouch: lookups don't update LRU and LFU (a snapshot child is running, or
	// CLIENT NO-TOUCH).
	NoTouch bool
	// LFU: the LRU field of entries holds LFU data.
	LFU bool
	// Unshared: small integers are not said to be shared, since each key's use matters for eviction.
	Unshared bool
	// Lazyfree*: what deletes of that kind free in the background, whatever its size class.
	LazyfreeExpire, LazyfreeEviction, LazyfreeServerDel, LazyfreeUserDel bool
}

// Stats are counters since the start or since they were reset.
type Stats struct {
	Hits, Misses         int64
	Expired              int64   // keys
	ExpiredFields        int64   // of hashes
	ExpiredStalePerc     float64 // estimate of expired keys among those with an expire, percent
	ExpiredTimeCapped    int64   // cycles that ran out of time
	ExpireCycleTime      time.Duration
	LastCycleExpiredKeys int64
}

// Keyspace is all databases of a server.
type Keyspace struct {
	Limits   *Limits
	Hooks    Hooks
	Switches Switches
	Stats    Stats

	// LFULogFactor and LFUDecayTime are lfu-log-factor and lfu-decay-time.
	LFULogFactor int
	LFUDecayTime int
	// ActiveExpireEffort is active-expire-effort, 1 to 10.
	ActiveExpireEffort int

	dbs     []*DB
	now     int64
	lruSecs uint32
	modules moduleRegistry

	snapshot *Snapshot // nil most of the time
	epoch    uint32    // of the last one
	walked   int       // snapshots since the last one that took all entries
	lazy     lazyFreer
	cycle    expireCycle
	evict    evictionPool
}

// New makes a Keyspace with empty databases. Close ends it.
func New(o Options) *Keyspace {
	if o.Databases == 0 {
		o.Databases = 16
	}
	if o.Limits == nil {
		o.Limits = DefaultLimits()
	}
	ks := &Keyspace{Limits: o.Limits, Hooks: o.Hooks, LFULogFactor: 10, LFUDecayTime: 1, ActiveExpireEffort: 1}
	ks.lazy.ks = ks
	ks.cycle.dbsPerCall = cronDBsPerCall
	ks.SetNow(time.Now().UnixMilli())
	for i := range o.Databases {
		ks.dbs = append(ks.dbs, newDB(ks, i))
	}
	return ks
}

// Close frees everything. It waits for what is being freed in the background.
func (ks *Keyspace) Close() {
	ks.lazy.wait()
	for _, db := range ks.dbs {
		db.free()
	}
	ks.dbs = nil
}

// DB returns a database; i is in range.
func (ks *Keyspace) DB(i int) *DB { return ks.dbs[i] }

// NumDBs returns the number of databases.
func (ks *Keyspace) NumDBs() int { return len(ks.dbs) }

// Now returns the snapshot of the clock, in Unix milliseconds.
func (ks *Keyspace) Now() int64 { return ks.now }

// SetNow sets the clock: the caller does it before each command and each cron, and
// leaves it alone while a script or transaction runs.
func (ks *Keyspace) SetNow(ms int64) {
	ks.now = ms
	ks.lruSecs = uint32(ms/1000) & lruMax
}

// SwapDB exchanges the contents of two databases.
func (ks *Keyspace) SwapDB(a, b int) {
	x, y := ks.dbs[a], ks.dbs[b]
	x.contents, y.contents = y.contents, x.contents
	x.gen++
	y.gen++
}

// ResetStats sets the counters of CONFIG RESETSTAT to zero.
func (ks *Keyspace) ResetStats() {
	ks.Stats = Stats{}
	ks.lazy.freed.Store(0)
}

// FreesInBackground reports whether anything is waiting to be freed, or being freed.
func (ks *Keyspace) FreesInBackground() bool { return ks.lazy.queued.Load() > 0 }

// LazyfreePending returns how many values wait to be freed or are being freed in the
// background because they were to be freed lazily.
func (ks *Keyspace) LazyfreePending() int64 { return ks.lazy.pending.Load() }

// Lazyfreed returns how many values were freed in the background because they were to be freed lazily.
func (ks *Keyspace) Lazyfreed() int64 { return ks.lazy.freed.Load() }

// WaitLazyfree waits until the background has nothing left to free.
func (ks *Keyspace) WaitLazyfree() { ks.lazy.wait() }

// WaitLazyfreeUntil is WaitLazyfree with a deadline.
func (ks *Keyspace) WaitLazyfreeUntil(deadline time.Time) {
	for ks.FreesInBackground() {
		left := time.Until(deadline)
		if left <= 0 {
			return
		}
		time.Sleep(min(left, 100*time.Microsecond))
	}
}

// typeOps is what the core needs from each type of container. Each type's file puts
// its own into containers from init.
type typeOps struct {
	// free frees the container; it may be called on another goroutine, without the
	// server lock, when nobody else has the container any more.
	free func(enc Encoding, p unsafe.Pointer)
	// dup makes a deep copy with the same encoding.
	dup func(enc Encoding, p unsafe.Pointer) unsafe.Pointer
	// effort is about how many blocks free has to free.
	effort func(enc Encoding, p unsafe.Pointer) int
	// memUsage is the bytes that the container takes; with samples > 0 it is
	// estimated from that many elements, with 0 all are looked at.
	memUsage func(enc Encoding, p unsafe.Pointer, samples int) int
	// defrag moves the blocks of a piece of the container to where m wants them and stores its
	// new address in the entry. cursor is 0 at first; it returns the one to go on with, 0 at the end. Between two
	// calls anything may happen to the container, and the second may find another one in its place.
	defrag func(db *DB, e *Entry, m *mem.Mover, cursor uint64) uint64
}

var containers [numTypes]typeOps
