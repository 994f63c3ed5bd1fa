package command

// Class is a class of keyspace events; the numbers are those of the module
// API's REDISMODULE_NOTIFY_* constants.
type Class int

// The classes of keyspace events.
const (
	NotifyKeyspace Class = 1 << iota // K
	NotifyKeyevent                   // E
	NotifyGeneric                    // g
	NotifyString                     // $
	NotifyList                       // l
	NotifySet                        // s
	NotifyHash                       // h
	NotifyZSet                       // z
	NotifyExpired                    // x
	NotifyEvicted                    // e
	NotifyStream                     // t
	NotifyKeyMiss                    // m
	NotifyLoaded                     // for modules only
	NotifyModule                     // d
	NotifyNew                        // n
)

// NotifyAll is what the letter A of notify-keyspace-events stands for.
const NotifyAll = NotifyGeneric | NotifyString | NotifyList | NotifySet | NotifyHash | NotifyZSet |
	NotifyExpired | NotifyEvicted | NotifyStream | NotifyModule
