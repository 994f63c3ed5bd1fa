package host

import (
	"time"

	"berth/host/command"
	"berth/keyspace"
)

// blockKind says what a client waits for.
type blockKind uint8

const (
	blockNone blockKind = iota
	blockKeys
	blockModule
	blockPaused // CLIENT PAUSE
	blockWait   // WAIT, WAITAOF
	blockFlush  // FLUSHALL, FLUSHDB: the background frees
)

// ModuleBlock is a client blocked by a module. Package capi implements it.
type ModuleBlock interface {
	// Timeout is called when the deadline passes; it writes the reply. It
	// reports false when the module has ended the wait already, so that the
	// client is about to be served.
	Timeout(c *Client) bool
	// TryKey is called when one of the keys may be ready; it reports whether
	// the client was served (and its reply written).
	TryKey(c *Client, key []byte) bool
	// Disconnected is called when the client goes away while blocked, or has its
	// wait ended with an error.
	Disconnected(c *Client)
	// CanUnblock reports whether CLIENT UNBLOCK may end the wait.
	CanUnblock(c *Client) bool
}

type blockState struct {
	kind     blockKind
	typ      keyspace.Type
	keys     []waitKey
	deadline int64 // unix ms, 0: none
	timer    int64
	timeout  func(c *command.Ctx)
	removal  bool
	module   ModuleBlock
	acks     ackWait
	spent    time.Duration // time its command has used so far
	since    time.Time
	args     [][]byte // what the command runs again with; nil: what it ran with
}

type waitKey struct {
	db  *keyspace.DB
	key string
}

func (c *Client) blockedFor() *blockState {
	if c.blocked == nil {
		c.blocked = &blockState{}
	}
	return c.blocked
}

// block parks the client.
func (s *Server) block(c *Client, kind blockKind) *blockState {
	b := c.blockedFor()
	b.kind = kind
	b.since = time.Now()
	c.flags |= FlagBlocked
	s.stat.blocked++
	if c.countsAsBlocked() {
		s.stat.blockedReal++
	}
	return b
}

// countsAsBlocked reports whether INFO counts a blocked client: not one that CLIENT PAUSE holds, nor one that a module's
// call waits with.
func (c *Client) countsAsBlocked() bool {
	return c.blocked.kind != blockPaused && c.flags&FlagModule == 0
}

// Block implements [command.Host].
func (s *Server) Block(cc *command.Ctx, r command.BlockRequest) {
	c := cc.Client.(*Client)
	// A command that runs again keeps the deadline it began with.
	again := cc.Flags&command.CallReexecuted != 0
	var deadline int64
	if again && c.blocked != nil {
		deadline = c.blocked.deadline
	} else {
		deadline = r.Deadline
	}
	b := s.block(c, blockKeys)
	b.typ, b.timeout, b.removal = r.Type, r.OnTimeout, r.WakeOnRemoval
	b.deadline = deadline
	b.args = nil
	if r.Args != nil {
		b.args = cloneArgs(r.Args)
	}
	b.keys = b.keys[:0]
	for _, k := range r.Keys {
		s.waitFor(c, cc.DB, k, r.WakeOnRemoval)
	}
	s.armDeadline(c)
}

// BlockModule parks the client on behalf of a module. keys may be empty; a
// deadline of 0 means never. With removal the module is also asked when a key
// goes away.
func (s *Server) BlockModule(c *Client, m ModuleBlock, keys [][]byte, deadline int64, removal bool) {
	b := s.block(c, blockModule)
	b.module, b.deadline, b.typ, b.removal = m, deadline, keyspace.Module, removal
	b.keys = b.keys[:0]
	for _, k := range keys {
		s.waitFor(c, c.DB, k, removal)
	}
	s.armDeadline(c)
	c.Ctx.Blocked = true
}

func (s *Server) waitFor(c *Client, db *keyspace.DB, key []byte, removal bool) {
	k := waitKey{db, string(key)}
	for _, have := range c.blocked.keys {
		if have == k {
			return
		}
	}
	c.blocked.keys = append(c.blocked.keys, k)
	idx := s.waiting[db.ID()]
	if idx == nil {
		idx = map[string][]*Client{}
		s.waiting[db.ID()] = idx
	}
	idx[k.key] = append(idx[k.key], c)
	s.waitingKeys++
	if removal {
		s.waitingRemoval++
		s.syncRemovalHook()
	}
}

func (s *Server) armDeadline(c *Client) {
	b := c.blocked
	if b.deadline == 0 {
		return
	}
	d := max(time.Until(time.UnixMilli(b.deadline)), 0)
	b.timer = s.loop.AddTimer(d, func() time.Duration {
		b.timer = 0
		s.blockTimedOut(c)
		return -1
	})
}

// blockTimedOut replies to a client whose wait is over.
func (s *Server) blockTimedOut(c *Client) {
	b := c.blocked
	out := len(c.w.Buf)
	switch b.kind {
	case blockKeys, blockWait:
		s.tick()
		b.timeout(&c.Ctx)
	case blockModule:
		s.tick()
		if !b.module.Timeout(c) {
			return
		}
	}
	s.unblock(c)
	c.endBlockedCommand(out)
}

// endBlockedCommand books and sends the reply of a command that had blocked
// and will not run again; its reply begins at out.
func (c *Client) endBlockedCommand(out int) {
	s := c.s
	failed := s.countErrors(c) > 0
	if c.Row != nil && c.blocked != nil {
		s.account(c, c.Row, c.blocked.spent, failed)
		c.blocked.spent = 0
	}
	c.Args = nil
	c.blocked = nil
	c.finishCommand(out)
}

// unblock takes the client out of every waiting list; its input is processed
// again from the next turn on.
func (s *Server) unblock(c *Client) {
	b := c.blocked
	if b == nil || c.flags&FlagBlocked == 0 {
		return
	}
	if b.timer != 0 {
		s.loop.RemoveTimer(b.timer)
		b.timer = 0
	}
	for _, k := range b.keys {
		idx := s.waiting[k.db.ID()]
		list := idx[k.key]
		for i, x := range list {
			if x == c {
				list = append(list[:i:i], list[i+1:]...)
				break
			}
		}
		if len(list) == 0 {
			delete(idx, k.key)
		} else {
			idx[k.key] = list
		}
		s.waitingKeys--
		if b.removal {
			s.waitingRemoval--
			s.syncRemovalHook()
		}
	}
	b.keys, b.removal = nil, false
	if b.kind == blockWait {
		s.dropWaiter(c)
	}
	s.stat.blocked--
	if c.countsAsBlocked() {
		s.stat.blockedReal--
	}
	b.kind = blockNone
	b.module = nil
	c.flags &^= FlagBlocked
	if c.flags&FlagUnblocked == 0 {
		c.flags |= FlagUnblocked
		s.unblocked = append(s.unblocked, c)
	}
}

// FinishModuleBlock ends a client's wait that a module began: whatever reply
// there is has been written from offset out of the client's output on. spent
// is what the module has used for it since the client was blocked.
func (s *Server) FinishModuleBlock(c *Client, out int, spent time.Duration) {
	c.blocked.spent += spent
	s.unblock(c)
	c.endBlockedCommand(out)
}

// Rerun ends a client's wait that a module began and has its command run again from the start.
func (s *Server) Rerun(c *Client) { s.unblock(c) }

// processUnblocked goes on with the input of clients that are not blocked any
// more.
func (s *Server) processUnblocked() {
	for len(s.unblocked) > 0 {
		c := s.unblocked[0]
		s.unblocked = s.unblocked[1:]
		c.flags &^= FlagUnblocked
		if c.flags&(FlagBlocked|FlagCloseASAP) != 0 {
			continue
		}
		if c.Args != nil {
			// A paused command: it was never admitted.
			c.rerun()
			if c.flags&(FlagBlocked|FlagCloseASAP) != 0 {
				continue
			}
		}
		c.processPending()
	}
	s.unblocked = nil
}

// rerun runs the retained request again from the start.
func (c *Client) rerun() {
	c.flags |= FlagReprocessing
	c.s.processCommand(c)
	c.flags &^= FlagReprocessing
	if c.flags&FlagBlocked == 0 {
		c.Args = nil
	}
}

// KeyReady implements [command.Host]. Values of a type that nothing can wait
// for wake nobody, not even modules.
func (s *Server) KeyReady(db *keyspace.DB, key []byte, t keyspace.Type) {
	if s.waitingKeys == 0 {
		return
	}
	switch t {
	case keyspace.String, keyspace.Set, keyspace.Hash:
		return
	}
	if _, ok := s.waiting[db.ID()][string(key)]; ok {
		s.ready(db, key)
	}
}

func (s *Server) ready(db *keyspace.DB, key []byte) {
	k := waitKey{db, string(key)}
	if s.readySet[k] {
		return
	}
	s.readySet[k] = true
	s.readyKeys = append(s.readyKeys, k)
}

// keyGone wakes those who want to know that a key went away; t is what it was.
func (s *Server) keyGone(db *keyspace.DB, key []byte, t keyspace.Type) {
	switch t {
	case keyspace.String, keyspace.Set, keyspace.Hash:
		return
	}
	for _, c := range s.waiting[db.ID()][string(key)] {
		if c.blocked != nil && c.blocked.removal {
			s.ready(db, key)
			return
		}
	}
}

// serveReadyKeys lets the clients that wait for the keys that became ready try
// again, in the order in which they came.
func (s *Server) serveReadyKeys() {
	ready := s.readyKeys
	s.readyKeys = nil
	clear(s.readySet)
	for _, k := range ready {
		// A client that blocks again joins the end and is not tried twice.
		for _, c := range append([]*Client(nil), s.waiting[k.db.ID()][k.key]...) {
			if c.flags&FlagBlocked == 0 || c.blocked == nil {
				continue
			}
			e := k.db.Find([]byte(k.key))
			if e != nil && k.db.Expired(e) {
				e = nil
			}
			b := c.blocked
			if b.kind == blockModule {
				if e != nil || b.removal {
					s.tryModuleBlock(c, k.key)
				}
				continue
			}
			if b.kind != blockKeys || !(e != nil && e.Type() == b.typ || b.removal) {
				continue
			}
			s.reexecute(c)
			s.flushPropagation()
		}
	}
}

// tryModuleBlock lets a module serve a client that it blocked on a key.
func (s *Server) tryModuleBlock(c *Client, key string) {
	out := len(c.w.Buf)
	start := s.mono()
	s.nesting++
	previous, outer := s.current, s.served
	s.current, s.served = c, c
	c.flags |= FlagProtected
	served := c.blocked.module.TryKey(c, []byte(key))
	c.flags &^= FlagProtected
	s.current, s.served = previous, outer
	s.nesting--
	if served {
		s.FinishModuleBlock(c, out, s.mono()-start)
	}
	s.endCallback()
}

// reexecute runs a blocked client's command again; it may block once more.
func (s *Server) reexecute(c *Client) {
	deadline := c.blocked.deadline
	s.unblock(c)
	c.blocked.deadline = deadline
	if args := c.blocked.args; args != nil {
		c.Args, c.ArgsOffHeap = args, false
	}
	db := c.DB
	out := len(c.w.Buf)
	served := s.served
	s.served = c
	c.flags |= FlagExecuting
	c.Ctx.Flags |= command.CallReexecuted
	s.nesting++
	// Rights may have been taken away since the command blocked.
	if msg := s.CheckCommand(c, c.Row); msg != "" {
		s.rejectCommand(c, c.Row, msg)
	} else {
		s.call(c)
	}
	s.nesting--
	c.Ctx.Flags &^= command.CallReexecuted
	c.DB = db
	if c.flags&FlagBlocked == 0 {
		c.Args = nil
		c.blocked = nil
	}
	c.finishCommand(out)
	s.served = served
}

// paused reports whether CLIENT PAUSE holds this command back.
func (s *Server) paused(c *Client, row *command.Row) bool {
	if s.pauseUntil == 0 || c.flags&(FlagReplica|FlagModule|FlagMaster) != 0 || c.io == nil {
		return false
	}
	if s.unixMillis() >= s.pauseUntil {
		s.unpause()
		return false
	}
	if s.pauseAll {
		return true
	}
	flags := row.Flags
	if row.Name == "exec" && row.Parent == nil && c.multi != nil {
		flags |= c.multi.flags
	}
	return flags&(command.FlagWrite|command.FlagMayReplicate) != 0
}

// postpone parks a client until the pause ends; its command is admitted anew.
func (s *Server) postpone(c *Client) {
	s.block(c, blockPaused)
	s.postponed = append(s.postponed, c)
}

// pause holds clients back until the given unix time in milliseconds.
func (s *Server) pause(all bool, until int64) {
	s.pauseAll = all || s.pauseAll && s.pauseUntil != 0
	s.pauseUntil = max(s.pauseUntil, until)
	s.ks.Switches.ExpirePaused = true
	if s.pauseTimer != 0 {
		s.loop.RemoveTimer(s.pauseTimer)
	}
	s.pauseTimer = s.loop.AddTimer(time.Until(time.UnixMilli(s.pauseUntil)), func() time.Duration {
		s.pauseTimer = 0
		s.unpause()
		return -1
	})
}

// unpause lets every held client go on.
func (s *Server) unpause() {
	s.pauseUntil, s.pauseAll = 0, false
	s.ks.Switches.ExpirePaused = false
	if s.pauseTimer != 0 {
		s.loop.RemoveTimer(s.pauseTimer)
		s.pauseTimer = 0
	}
	held := s.postponed
	s.postponed = nil
	for _, c := range held {
		if c.blocked != nil && c.blocked.kind == blockPaused {
			s.unblock(c)
		}
	}
}

// dropBlocked forgets the wait of a client that goes away.
func (s *Server) dropBlocked(c *Client) {
	if c.flags&FlagBlocked == 0 {
		return
	}
	if c.blocked.kind == blockModule {
		c.blocked.module.Disconnected(c)
	}
	s.unblock(c)
	c.blocked = nil
}
