package host

import (
	"slices"

	"berth/host/command"
)

// The two ways in which a client learns that what it has read is out of date:
// the server remembers the keys that the client read, and says so once when
// one of them changes; or, in broadcasting mode, nothing is remembered and the
// client hears of every change to a key with one of its prefixes, once per
// turn of the loop.

// tracking is what the server knows for CLIENT TRACKING.
type tracking struct {
	clients int
	// table has the clients that may hold each key, whatever the database. What
	// it says of a client that has gone, or tracks no more, is forgotten when the
	// key changes.
	table map[string]*readers
	items int // readers of all keys
	// prefixes are those of broadcasting clients, in order of their bytes.
	prefixes []*trackedPrefix
	overruns int // how often in a row the table was still too large after a cleanup
	refs     []command.KeyRef
}

// readers are the numbers of the clients that read a key, in order.
type readers struct{ ids []int64 }

// trackedPrefix is one prefix with those who want to hear of it.
type trackedPrefix struct {
	prefix  string
	clients []*Client
	changed map[string]*Client // since the last broadcast; who changed it last
}

// clientTracking is one client's part in it.
type clientTracking struct {
	redirect int64 // number of the client that gets the messages, 0: itself
	prefixes []string
	// pending are keys that the client's own running command has changed, nil for
	// all of them: their messages come after its reply.
	pending [][]byte
}

const (
	trackingModes = FlagTrackingBroken | FlagTrackingBcast | FlagTrackingCaching | FlagTrackingOptIn |
		FlagTrackingOptOut | FlagTrackingNoLoop
	invalidateChannel = "__redis__:invalidate"
)

// enableTracking makes the client one that tracks, or changes how it does.
func (s *Server) enableTracking(c *Client, redirect int64, modes ClientFlags, prefixes []string) {
	t := &s.tracking
	if c.flags&FlagTracking == 0 {
		t.clients++
	}
	c.flags = c.flags&^(trackingModes&^FlagTrackingCaching) | FlagTracking | modes
	if c.tracking == nil {
		c.tracking = &clientTracking{}
	}
	c.tracking.redirect = redirect
	if t.table == nil {
		t.table = map[string]*readers{}
	}
	if modes&FlagTrackingBcast == 0 {
		return
	}
	if len(prefixes) == 0 {
		prefixes = []string{""}
	}
	for _, p := range prefixes {
		t.subscribe(c, p)
	}
}

func (t *tracking) find(prefix string) (int, bool) {
	return slices.BinarySearchFunc(t.prefixes, prefix, func(p *trackedPrefix, want string) int {
		switch {
		case p.prefix < want:
			return -1
		case p.prefix > want:
			return 1
		}
		return 0
	})
}

func (t *tracking) subscribe(c *Client, prefix string) {
	own := c.tracking
	at, ok := slices.BinarySearch(own.prefixes, prefix)
	if ok {
		return
	}
	own.prefixes = slices.Insert(own.prefixes, at, prefix)
	at, ok = t.find(prefix)
	if !ok {
		t.prefixes = slices.Insert(t.prefixes, at, &trackedPrefix{prefix: prefix, changed: map[string]*Client{}})
	}
	t.prefixes[at].clients = append(t.prefixes[at].clients, c)
}

// disableTracking ends it. What the table says of the client stays until the
// keys change.
func (s *Server) disableTracking(c *Client) {
	if c.flags&FlagTracking == 0 {
		return
	}
	t := &s.tracking
	for _, prefix := range c.tracking.prefixes {
		at, ok := t.find(prefix)
		if !ok {
			continue
		}
		p := t.prefixes[at]
		if i := slices.Index(p.clients, c); i >= 0 {
			p.clients = slices.Delete(p.clients, i, i+1)
		}
		if len(p.clients) == 0 {
			t.prefixes = slices.Delete(t.prefixes, at, at+1)
		}
	}
	c.tracking.prefixes = nil
	c.flags &^= FlagTracking | trackingModes
	t.clients--
}

// rememberKeys notes that the connection that is being served, which tracks,
// has read the keys of the command that c runs on its behalf.
func (s *Server) rememberKeys(c *Client) {
	target := s.served
	if target == nil || target.flags&FlagTracking == 0 || target.flags&FlagTrackingBcast != 0 {
		return
	}
	row := c.Row
	// Of a script, what counts as read are the keys of the commands inside.
	if row.Flags&command.FlagReadOnly == 0 || row.Flags&command.FlagPubSub != 0 || row.Categories&command.CatScripting != 0 {
		return
	}
	caching := target.flags&FlagTrackingCaching != 0
	if target.flags&FlagTrackingOptIn != 0 && !caching || target.flags&FlagTrackingOptOut != 0 && caching {
		return
	}
	t := &s.tracking
	// The caller's arguments may have been replaced by then: a command of a module
	// that finds its keys itself can run another one.
	refs, ok := command.GetKeys(row, c.Args, t.refs[:0], 0)
	if !ok {
		return
	}
	for _, ref := range refs {
		t.remember(c.Args[ref.Pos], target.id)
	}
	t.refs = refs[:0]
}

func (t *tracking) remember(key []byte, id int64) {
	r := t.table[string(key)]
	if r == nil {
		r = &readers{}
		t.table[string(key)] = r
	}
	// The newest clients have the highest numbers: most are added at the end.
	if n := len(r.ids); n == 0 || r.ids[n-1] < id {
		r.ids = append(r.ids, id)
	} else if at, ok := slices.BinarySearch(r.ids, id); !ok {
		r.ids = slices.Insert(r.ids, at, id)
	} else {
		return
	}
	t.items++
}

// tracks reports whether a changed key may concern anybody.
func (t *tracking) tracks() bool { return len(t.table) > 0 || len(t.prefixes) > 0 }

// invalidate tells of a changed key; by is the client whose command changed
// it, or nil.
func (s *Server) invalidate(by *Client, key []byte) {
	for _, p := range s.tracking.prefixes {
		if len(p.prefix) <= len(key) && string(key[:len(p.prefix)]) == p.prefix {
			p.changed[string(key)] = by
		}
	}
	s.invalidateReaders(key)
}

// invalidateReaders tells those who read the key, and forgets them.
func (s *Server) invalidateReaders(key []byte) {
	t := &s.tracking
	r := t.table[string(key)]
	if r == nil {
		return
	}
	t.items -= len(r.ids)
	delete(t.table, string(key))
	for _, id := range r.ids {
		target := s.clientByID[id]
		if target == nil || target.flags&FlagTracking == 0 || target.flags&FlagTrackingBcast != 0 {
			continue
		}
		switch {
		case target != s.served:
			s.sendInvalidation(target, key, true)
		case target.flags&FlagTrackingNoLoop != 0:
		case target == s.ahead || target.flags&FlagExecuting == 0:
			s.sendInvalidation(target, key, true)
		default:
			target.tracking.pending = append(target.tracking.pending, slices.Clone(key))
		}
	}
}

// invalidateAll tells every client that tracks, in whatever mode, that all keys
// are gone.
func (s *Server) invalidateAll() {
	t := &s.tracking
	if t.clients > 0 {
		for _, c := range s.clients {
			switch {
			case c.flags&FlagTracking == 0:
			case c == s.served:
				c.tracking.pending = append(c.tracking.pending, nil)
			default:
				s.sendInvalidation(c, nil, false)
			}
		}
	}
	clear(t.table)
	t.items = 0
}

// sendPending sends what the client's own command has left for the time after
// its reply.
func (s *Server) sendPending(c *Client) {
	t := c.tracking
	if t == nil || len(t.pending) == 0 {
		return
	}
	for _, key := range t.pending {
		s.sendInvalidation(c, key, key != nil)
	}
	t.pending = nil
}

// sendInvalidation sends the message for one key, or for all keys.
func (s *Server) sendInvalidation(c *Client, key []byte, one bool) {
	s.sendTracking(c, func(w *command.Writer) {
		if !one {
			w.RawString(nullFor(c))
			return
		}
		w.Array(1)
		w.Bulk(key)
	})
}

// nullFor is the null that stands for all keys: in the protocol of the client
// that tracks, even where another one receives it.
func nullFor(c *Client) string {
	if c.w.Proto >= 3 {
		return "_\r\n"
	}
	return "$-1\r\n"
}

// sendTracking sends a client, or the one that it redirects to, a message whose
// keys write writes.
func (s *Server) sendTracking(c *Client, write func(w *command.Writer)) {
	to, redirected := c, c.tracking.redirect != 0
	if redirected {
		if to = s.clientByID[c.tracking.redirect]; to == nil {
			c.flags |= FlagTrackingBroken
			if c.w.Proto >= 3 {
				c.Push(func(w *command.Writer) {
					w.Push(2)
					w.BulkString("tracking-redir-broken")
					w.Int(c.tracking.redirect)
				})
			}
			return
		}
	}
	switch {
	case to.w.Proto >= 3:
		to.Push(func(w *command.Writer) {
			w.Push(2)
			w.BulkString("invalidate")
			write(w)
		})
	case redirected && to.flags&FlagPubSub != 0:
		to.Push(func(w *command.Writer) {
			w.Array(3)
			w.BulkString("message")
			w.BulkString(invalidateChannel)
			write(w)
		})
	}
	// A client with RESP2 of its own can't be told: there are no pushes.
}

// broadcastInvalidations sends the changes of this turn to the clients that
// want to know of their prefixes.
func (s *Server) broadcastInvalidations() {
	for _, p := range s.tracking.prefixes {
		if len(p.changed) == 0 {
			continue
		}
		keys := make([]string, 0, len(p.changed))
		for key := range p.changed {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		var all command.Writer
		writeKeys(&all, keys)
		for _, c := range p.clients {
			if c.flags&FlagTrackingNoLoop == 0 {
				s.sendTracking(c, func(w *command.Writer) { w.Raw(all.Buf) })
				continue
			}
			others := make([]string, 0, len(keys))
			for _, key := range keys {
				if p.changed[key] != c {
					others = append(others, key)
				}
			}
			if len(others) > 0 {
				s.sendTracking(c, func(w *command.Writer) { writeKeys(w, others) })
			}
		}
		clear(p.changed)
	}
}

func writeKeys(w *command.Writer, keys []string) {
	w.Array(len(keys))
	for _, key := range keys {
		w.BulkString(key)
	}
}

// limitTracking brings the table back to tracking-table-max-keys: clients are
// told to forget keys that did not change. How much it does at a time grows
// while that is not enough.
func (s *Server) limitTracking() {
	t := &s.tracking
	limit := int(s.cfg.TrackingTableMaxKeys)
	if limit == 0 {
		return
	}
	if len(t.table) <= limit {
		t.overruns = 0
		return
	}
	effort := 100 * (t.overruns + 1)
	for key := range t.table {
		s.invalidateReaders([]byte(key))
		if len(t.table) <= limit {
			t.overruns = 0
			return
		}
		if effort--; effort == 0 {
			break
		}
	}
	t.overruns++
}
