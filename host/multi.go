package host

import (
	"strings"
	"unsafe"

	"berth/host/acl"
	"berth/host/command"
	"berth/keyspace"
)

type multiState struct {
	queue []queuedCommand
	bytes int64
	flags command.Flags // union of the queued commands' flags
}

type queuedCommand struct {
	row  *command.Row
	args [][]byte
}

// watchedKey is one key that a client watches. It stands in the client's list
// and in the database's index.
type watchedKey struct {
	c       *Client
	db      *keyspace.DB
	key     string
	expired bool // was expired already when WATCH came: its removal is no change
}

func (c *Client) queueMulti(row *command.Row) {
	if c.flags&(FlagDirtyCAS|FlagDirtyExec) != 0 {
		// EXEC will fail: nothing is worth keeping.
		return
	}
	if c.multi == nil {
		c.multi = &multiState{}
	}
	args := cloneArgs(c.Args)
	for _, a := range args {
		c.multi.bytes += int64(len(a)) + 24
	}
	c.multi.queue = append(c.multi.queue, queuedCommand{row, args})
	c.multi.flags |= row.Flags
}

func (s *Server) registerMulti() {
	s.commands.Register("multi", s.cmdMulti)
	s.commands.Register("exec", s.cmdExec)
	s.commands.Register("discard", s.cmdDiscard)
	s.commands.Register("watch", s.cmdWatch)
	s.commands.Register("unwatch", s.cmdUnwatch)
	for _, name := range []string{"multi", "exec", "discard", "watch", "quit", "reset"} {
		s.commands.LookupFull(name).Flags |= flagRunsInMulti
	}
}

func (s *Server) cmdMulti(cc *command.Ctx) {
	c := cc.Client.(*Client)
	if c.flags&FlagMulti != 0 {
		cc.Error(command.ErrNestedMulti)
		return
	}
	c.flags |= FlagMulti
	c.multi = &multiState{}
	cc.OK()
}

func (s *Server) cmdDiscard(cc *command.Ctx) {
	c := cc.Client.(*Client)
	if c.flags&FlagMulti == 0 {
		cc.Error("ERR DISCARD without MULTI")
		return
	}
	s.discardTransaction(c)
	cc.OK()
}

// discardTransaction leaves MULTI and stops watching.
func (s *Server) discardTransaction(c *Client) {
	c.multi = nil
	c.flags &^= FlagMulti | FlagDirtyCAS | FlagDirtyExec
	s.unwatchAll(c)
}

// execAborted is EXEC refused before it could run.
func (s *Server) execAborted(c *Client, msg string) {
	msg = strings.TrimPrefix(msg, "ERR ")
	s.discardTransaction(c)
	c.w.Error("EXECABORT Transaction discarded because of: " + msg)
	s.countErrors(c)
}

func (s *Server) cmdExec(cc *command.Ctx) {
	c := cc.Client.(*Client)
	if c.flags&FlagMulti == 0 {
		cc.Error("ERR EXEC without MULTI")
		return
	}
	if s.watchedKeyExpired(c) {
		c.flags |= FlagDirtyCAS
	}
	if c.flags&(FlagDirtyCAS|FlagDirtyExec) != 0 {
		if c.flags&FlagDirtyExec != 0 {
			cc.Error("EXECABORT Transaction discarded because of previous errors.")
		} else {
			cc.NullArray()
		}
		s.discardTransaction(c)
		return
	}
	queue := c.multi.queue
	s.unwatchAll(c)
	denied := c.flags & FlagDenyBlocking
	c.flags |= FlagDenyBlocking
	s.inExec = true
	args, row, offHeap := c.Args, c.Row, c.ArgsOffHeap
	c.ArgsOffHeap = false
	c.Ctx.Flags |= command.CallMulti
	cc.Array(len(queue))
	for i := range queue {
		q := &queue[i]
		c.Args, c.Row = q.args, q.row
		if d, at := c.user.Check(q.row, q.args); d != acl.Allowed {
			cc.Error(s.deniedInExec(c, q.row, d, at))
			s.countErrors(c)
			continue
		}
		s.call(c)
		// The replies of many commands gather here: too much of them ends the
		// client now, and the rest replies nothing.
		c.checkOutputLimit()
	}
	c.Ctx.Flags &^= command.CallMulti
	c.Args, c.Row, c.ArgsOffHeap = args, row, offHeap
	s.inExec = false
	if denied == 0 {
		c.flags &^= FlagDenyBlocking
	}
	s.discardTransaction(c)
	cc.NoPropagate = true
}

func (s *Server) cmdWatch(cc *command.Ctx) {
	c := cc.Client.(*Client)
	if c.flags&FlagMulti != 0 {
		cc.Error("ERR WATCH inside MULTI is not allowed")
		return
	}
	if c.flags&FlagDirtyCAS != 0 {
		// EXEC will fail already.
		cc.OK()
		return
	}
	for _, key := range cc.Args[1:] {
		s.watch(c, key)
	}
	cc.OK()
}

func (s *Server) cmdUnwatch(cc *command.Ctx) {
	c := cc.Client.(*Client)
	s.unwatchAll(c)
	c.flags &^= FlagDirtyCAS
	cc.OK()
}

func (s *Server) watch(c *Client, key []byte) {
	for _, w := range c.watched {
		if w.db == c.DB && w.key == string(key) {
			return
		}
	}
	e := c.DB.Find(key)
	w := &watchedKey{c: c, db: c.DB, key: string(key), expired: e != nil && c.DB.Expired(e)}
	c.watched = append(c.watched, w)
	c.watchedBytes += int(unsafe.Sizeof(*w)) + len(w.key)
	idx := s.watchIndex[c.DB.ID()]
	if idx == nil {
		idx = map[string][]*watchedKey{}
		s.watchIndex[c.DB.ID()] = idx
	}
	idx[w.key] = append(idx[w.key], w)
	s.watching++
}

func (s *Server) unwatchAll(c *Client) {
	for _, w := range c.watched {
		idx := s.watchIndex[w.db.ID()]
		list := idx[w.key]
		for i, x := range list {
			if x == w {
				list[i] = list[len(list)-1]
				list = list[:len(list)-1]
				break
			}
		}
		if len(list) == 0 {
			delete(idx, w.key)
		} else {
			idx[w.key] = list
		}
		s.watching--
	}
	c.watched, c.watchedBytes = nil, 0
}

func (s *Server) watchedKeyExpired(c *Client) bool {
	for _, w := range c.watched {
		if w.expired {
			continue
		}
		if e := w.db.Find([]byte(w.key)); e != nil && w.db.Expired(e) {
			return true
		}
	}
	return false
}

// touchWatched fails the transactions of those who watch key.
func (s *Server) touchWatched(db *keyspace.DB, key []byte) {
	for _, w := range s.watchIndex[db.ID()][string(key)] {
		if w.expired {
			// The key was dead when it was watched. That it goes away changes
			// nothing; that it is written again does.
			if db.Find(key) == nil {
				w.expired = false
				continue
			}
			w.expired = false
		}
		w.c.flags |= FlagDirtyCAS
	}
}

// touchWatchedDB fails the transactions of those who watch a key that exists
// in db, or that exists in replacement, before the two change places or db is
// emptied (replacement nil).
func (s *Server) touchWatchedDB(db, replacement *keyspace.DB) {
	for key, list := range s.watchIndex[db.ID()] {
		k := []byte(key)
		there := db.Find(k) != nil
		for _, w := range list {
			if w.expired && (replacement == nil || replacement.Find(k) == nil) {
				w.expired = false
				continue
			}
			if there || replacement != nil && replacement.Find(k) != nil {
				w.expired = false
				w.c.flags |= FlagDirtyCAS
			}
		}
	}
}
