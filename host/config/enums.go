package config

import "berth/internal/rlog"

// Values of acl-pubsub-default.
const (
	ACLPubsubReset = iota
	ACLPubsubAll
)

// Values of appendfsync.
const (
	FsyncNo = iota
	FsyncAlways
	FsyncEverysec
)

// Values of cluster-preferred-endpoint-type.
const (
	EndpointIP = iota
	EndpointHostname
	EndpointUnknown
)

// Values of enable-protected-configs, enable-debug-command and enable-module-command.
const (
	ActionNo = iota
	ActionYes
	ActionLocal
)

// Bits of maxmemory-policy: how to choose, and among which keys. A policy's value also has a
// number of its own above bit 8, so policies compare with ==.
const (
	PolicyFlagLRU     = 1
	PolicyFlagLFU     = 2
	PolicyFlagAllKeys = 4
)

// Values of maxmemory-policy.
const (
	PolicyVolatileLRU    = 0<<8 | PolicyFlagLRU
	PolicyVolatileLFU    = 1<<8 | PolicyFlagLFU
	PolicyVolatileTTL    = 2 << 8
	PolicyVolatileRandom = 3 << 8
	PolicyAllKeysLRU     = 4<<8 | PolicyFlagLRU | PolicyFlagAllKeys
	PolicyAllKeysLFU     = 5<<8 | PolicyFlagLFU | PolicyFlagAllKeys
	PolicyAllKeysRandom  = 6<<8 | PolicyFlagAllKeys
	PolicyNoEviction     = 7 << 8
)

// Values of oom-score-adj.
const (
	OOMScoreAdjNo = iota
	OOMScoreAdjRelative
	OOMScoreAdjAbsolute
)

// Values of propagation-error-behavior.
const (
	PropagationErrorIgnore = iota
	PropagationErrorPanic
	PropagationErrorPanicOnReplicas
)

// Values of repl-diskless-load.
const (
	DisklessLoadDisabled = iota
	DisklessLoadOnEmptyDB
	DisklessLoadSwapDB
)

// Values of sanitize-dump-payload.
const (
	SanitizeNo = iota
	SanitizeYes
	SanitizeClients
)

// Values of module-unknown-values: what becomes of values whose module is not loaded.
const (
	UnknownRefuse = iota
	UnknownPreserve
)

// Bits of shutdown-on-sigint and shutdown-on-sigterm.
const (
	ShutdownDefault = 0
	ShutdownSave    = 1
	ShutdownNoSave  = 2
	ShutdownNow     = 4
	ShutdownForce   = 8
)

// Values of supervised.
const (
	SupervisedNo = iota
	SupervisedAuto
	SupervisedSystemd
	SupervisedUpstart
)

// Values of syslog-facility. SyslogFacilityName gives the name that rlog takes.
const (
	SyslogUser = iota
	SyslogLocal0
	SyslogLocal1
	SyslogLocal2
	SyslogLocal3
	SyslogLocal4
	SyslogLocal5
	SyslogLocal6
	SyslogLocal7
)

// Values of tls-auth-clients.
const (
	TLSAuthNo = iota
	TLSAuthYes
	TLSAuthOptional
)

// Client classes that client-output-buffer-limit knows.
const (
	ClientNormal = iota
	ClientReplica
	ClientPubSub
)

// Flags of notify-keyspace-events, with the numbers that the module API gives them.
const (
	NotifyKeyspace = 1 << iota
	NotifyKeyevent
	NotifyGeneric
	NotifyString
	NotifyList
	NotifySet
	NotifyHash
	NotifyZset
	NotifyExpired
	NotifyEvicted
	NotifyStream
	NotifyKeyMiss
	_ // loaded: seen by modules only
	NotifyModule
	NotifyNew

	// NotifyAll is what `A` stands for.
	NotifyAll = NotifyGeneric | NotifyString | NotifyList | NotifySet | NotifyHash | NotifyZset |
		NotifyExpired | NotifyEvicted | NotifyStream | NotifyModule
)

// EnumEntry is one name of an enumeration.
type EnumEntry struct {
	Name  string
	Value int
}

// The names in the order in which error messages list them. Where two share a value, the
// first is the one that is shown.
var (
	aclPubsubNames = []EnumEntry{{"allchannels", ACLPubsubAll}, {"resetchannels", ACLPubsubReset}}
	fsyncNames     = []EnumEntry{{"everysec", FsyncEverysec}, {"always", FsyncAlways}, {"no", FsyncNo}}
	endpointNames  = []EnumEntry{{"ip", EndpointIP}, {"hostname", EndpointHostname}, {"unknown-endpoint", EndpointUnknown}}
	actionNames    = []EnumEntry{{"no", ActionNo}, {"yes", ActionYes}, {"local", ActionLocal}}
	logLevelNames  = []EnumEntry{
		{"debug", int(rlog.LevelDebug)}, {"verbose", int(rlog.LevelVerbose)}, {"notice", int(rlog.LevelNotice)},
		{"warning", int(rlog.LevelWarning)}, {"nothing", int(rlog.LevelNothing)},
	}
	policyNames = []EnumEntry{
		{"volatile-lru", PolicyVolatileLRU}, {"volatile-lfu", PolicyVolatileLFU},
		{"volatile-random", PolicyVolatileRandom}, {"volatile-ttl", PolicyVolatileTTL},
		{"allkeys-lru", PolicyAllKeysLRU}, {"allkeys-lfu", PolicyAllKeysLFU},
		{"allkeys-random", PolicyAllKeysRandom}, {"noeviction", PolicyNoEviction},
	}
	oomScoreAdjNames = []EnumEntry{
		{"no", OOMScoreAdjNo}, {"yes", OOMScoreAdjRelative}, {"relative", OOMScoreAdjRelative}, {"absolute", OOMScoreAdjAbsolute},
	}
	propagationErrorNames = []EnumEntry{
		{"ignore", PropagationErrorIgnore}, {"panic", PropagationErrorPanic}, {"panic-on-replicas", PropagationErrorPanicOnReplicas},
	}
	disklessLoadNames = []EnumEntry{
		{"disabled", DisklessLoadDisabled}, {"on-empty-db", DisklessLoadOnEmptyDB}, {"swapdb", DisklessLoadSwapDB},
	}
	sanitizeNames = []EnumEntry{{"no", SanitizeNo}, {"yes", SanitizeYes}, {"clients", SanitizeClients}}
	unknownNames  = []EnumEntry{{"refuse", UnknownRefuse}, {"preserve", UnknownPreserve}}
	shutdownNames = []EnumEntry{
		{"default", ShutdownDefault}, {"save", ShutdownSave}, {"nosave", ShutdownNoSave}, {"now", ShutdownNow}, {"force", ShutdownForce},
	}
	supervisedNames = []EnumEntry{
		{"upstart", SupervisedUpstart}, {"systemd", SupervisedSystemd}, {"auto", SupervisedAuto}, {"no", SupervisedNo},
	}
	syslogNames = []EnumEntry{
		{"user", SyslogUser}, {"local0", SyslogLocal0}, {"local1", SyslogLocal1}, {"local2", SyslogLocal2}, {"local3", SyslogLocal3},
		{"local4", SyslogLocal4}, {"local5", SyslogLocal5}, {"local6", SyslogLocal6}, {"local7", SyslogLocal7},
	}
	tlsAuthNames = []EnumEntry{{"no", TLSAuthNo}, {"yes", TLSAuthYes}, {"optional", TLSAuthOptional}}
)

// SyslogFacilityName returns the name of a value of syslog-facility.
func SyslogFacilityName(v int) string { return enumName(syslogNames, v, false) }

// PolicyName returns the name of a value of maxmemory-policy.
func PolicyName(v int) string { return enumName(policyNames, v, false) }
