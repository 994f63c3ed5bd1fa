package command

import "github.com/HdrHistogram/hdrhistogram-go"

// Flags are the command flags, with the names that COMMAND INFO prints.
type Flags uint64

// The command flags. String names are in flagNames, in Redis's print order.
const (
	FlagWrite Flags = 1 << iota
	FlagReadOnly
	FlagDenyOOM
	FlagModule
	FlagAdmin
	FlagPubSub
	FlagNoScript
	FlagBlocking
	FlagLoading
	FlagStale
	FlagSkipMonitor
	FlagSkipSlowlog
	FlagAsking
	FlagFast
	FlagNoAuth
	FlagMayReplicate
	FlagSentinel
	FlagOnlySentinel
	FlagNoMandatoryKeys
	FlagProtected
	FlagModuleGetKeys
	FlagModuleNoCluster
	FlagNoAsyncLoading
	FlagNoMulti
	FlagMovableKeys
	FlagAllowBusy
	FlagTouchesArbitraryKeys
	FlagInternal
)

// Category is a set of ACL categories.
type Category uint64

// The ACL categories of Redis 8.0; modules may add more from CatFirstModule on.
const (
	CatKeyspace Category = 1 << iota
	CatRead
	CatWrite
	CatSet
	CatSortedSet
	CatList
	CatHash
	CatString
	CatBitmap
	CatHyperLogLog
	CatGeo
	CatStream
	CatPubSub
	CatAdmin
	CatFast
	CatSlow
	CatBlocking
	CatDangerous
	CatConnection
	CatTransaction
	CatScripting
	CatFirstModule
)

// KeyFlags describe what a command does to a key.
type KeyFlags uint32

// The key flags of key specs, with Redis's meaning.
const (
	KeyRO KeyFlags = 1 << iota
	KeyRW
	KeyOW
	KeyRM
	KeyAccess
	KeyUpdate
	KeyInsert
	KeyDelete
	KeyNotKey
	KeyIncomplete
	KeyVariableFlags
)

// BeginSearch says where a key spec starts to look for keys.
type BeginSearch struct {
	Type      uint8 // BSUnknown, BSIndex or BSKeyword
	Index     int   // BSIndex: position of the first key
	Keyword   string
	StartFrom int // BSKeyword: where the search starts; negative counts from the end
}

// The values of BeginSearch.Type.
const (
	BSUnknown uint8 = iota
	BSIndex
	BSKeyword
)

// FindKeys says how a key spec goes on from its beginning.
type FindKeys struct {
	Type uint8 // FKUnknown, FKRange or FKKeynum
	// FKRange
	LastKey, KeyStep, Limit int
	// FKKeynum (KeyStep is shared)
	KeyNumIdx, FirstKey int
}

// The values of FindKeys.Type.
const (
	FKUnknown uint8 = iota
	FKRange
	FKKeynum
)

// KeySpec is one key specification of a command.
type KeySpec struct {
	Notes string
	Flags KeyFlags
	Begin BeginSearch
	Find  FindKeys
}

// Arg is one argument of a command as COMMAND DOCS shows it.
type Arg struct {
	Name, Type, Token, Summary, Since, DeprecatedSince, DisplayText string
	KeySpecIndex                                                    int // -1: none
	Optional, Multiple, MultipleToken                               bool
	EmptyToken                                                      bool // the token is the empty string
	Args                                                            []Arg
}

// HistoryEntry is one line of a command's history.
type HistoryEntry struct{ Since, Changes string }

// Row is one command or subcommand.
type Row struct {
	Name   string // lower case; subcommands without their parent's name
	Parent *Row   // nil for a top-level command
	Subs   []*Row

	Arity      int // negative: at least that many
	Flags      Flags
	Categories Category
	FirstKey   int // legacy range, derived from the key specs
	LastKey    int
	KeyStep    int
	KeySpecs   []KeySpec
	Tips       []string

	// COMMAND DOCS
	Summary, Complexity, Since, Group string
	DocFlags                          []string
	DeprecatedSince, ReplacedBy       string
	History                           []HistoryEntry
	Args                              []Arg

	// Handler runs the command. Nil for a container without a handler of its
	// own, and for a command that is not implemented.
	Handler Handler
	// GetKeys extracts keys where the key specs cannot; nil for most.
	GetKeys GetKeysFunc
	// Channels says what a command does to the pub/sub channels among its
	// arguments; zero for most.
	Channels ChannelFlags
	// GetChannels finds the channels of a module's command that reports them
	// itself; nil for all others.
	GetChannels GetChannelsFunc
	// Module is what package host keeps about the module that registered the
	// row; nil for a native command.
	Module any

	// ID numbers the rows of one table; command permissions index by it.
	ID int
	// Stats is updated by package host with the server lock held.
	Stats Stats
}

// Stats are the counters that INFO commandstats and latencystats print.
type Stats struct {
	Calls, RejectedCalls, FailedCalls int64
	Microseconds                      int64
	Latency                           *hdrhistogram.Histogram // nil until the first sample
}

// Handler runs one command. It writes its reply to c and returns; it never
// keeps c or slices of c.Args beyond its return without copying.
type Handler func(c *Ctx)

// KeyRef is a key of an argument vector: its position and what is done to it.
type KeyRef struct {
	Pos   int
	Flags KeyFlags
}

// GetKeysFunc appends to dst the keys of argv. It reports false when the
// arguments are too malformed to tell.
type GetKeysFunc func(row *Row, argv [][]byte, dst []KeyRef) ([]KeyRef, bool)

// FullName is the name with the parent's: "config|get".
func (r *Row) FullName() string {
	if r.Parent != nil {
		return r.Parent.Name + "|" + r.Name
	}
	return r.Name
}

// ArityOK reports whether argc arguments, the name (and subcommand) included,
// are acceptable.
func (r *Row) ArityOK(argc int) bool {
	if r.Arity >= 0 {
		return argc == r.Arity
	}
	return argc >= -r.Arity
}
