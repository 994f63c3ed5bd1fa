package acl

import "strconv"

func itoa(n int) string { return strconv.Itoa(n) }

// Where a refused command came from.
const (
	ContextTopLevel = "toplevel"
	ContextMulti    = "multi"
	ContextScript   = "lua"
	ContextModule   = "module"
)

// LogEntry is one line of ACL LOG.
type LogEntry struct {
	ID       int64
	Count    int64
	Reason   Denial
	Context  string
	Object   string
	UserName string
	Client   string // as CLIENT INFO shows it
	Created  int64  // unix time in milliseconds
	Updated  int64
}

// ReasonName is the reason as ACL LOG shows it.
func (e *LogEntry) ReasonName() string {
	switch e.Reason {
	case DeniedCommand:
		return "command"
	case DeniedKey:
		return "key"
	case DeniedChannel:
		return "channel"
	case DeniedAuth:
		return "auth"
	}
	return "unknown"
}

// Log is what was refused lately, the newest first.
type Log struct {
	entries []*LogEntry
	nextID  int64
}

// What counts as the same thing happening again.
const (
	logSameWithin = 60_000 // milliseconds
	logSearch     = 10     // entries looked at
)

// Add enters e, or counts it with a recent entry that is the same, and keeps at most limit entries.
// e.Created is the time.
func (l *Log) Add(e LogEntry, limit int) {
	if limit <= 0 {
		l.Trim(limit)
		return
	}
	e.Count, e.Updated = 1, e.Created
	for i, o := range l.entries[:min(len(l.entries), logSearch)] {
		apart := max(o.Updated-e.Updated, e.Updated-o.Updated)
		if o.Reason == e.Reason && o.Context == e.Context && o.Object == e.Object && o.UserName == e.UserName && apart <= logSameWithin {
			o.Client, o.Updated = e.Client, e.Updated
			o.Count++
			copy(l.entries[1:i+1], l.entries[:i])
			l.entries[0] = o
			return
		}
	}
	e.ID = l.nextID
	l.nextID++
	l.entries = append(l.entries, nil)
	copy(l.entries[1:], l.entries)
	l.entries[0] = &e
	l.Trim(limit)
}

// Trim forgets all but the newest entries.
func (l *Log) Trim(limit int) {
	if limit = max(limit, 0); len(l.entries) > limit {
		clear(l.entries[limit:])
		l.entries = l.entries[:limit]
	}
}

// Entries are the entries, the newest first. They belong to the log.
func (l *Log) Entries() []*LogEntry { return l.entries }
