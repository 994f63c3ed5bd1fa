package host

import (
	"berth/host/command"
	"berth/internal/errtext"
)

// freeClientAsync has the client freed at the next turn: for places where the
// client, or a list it stands in, is still in use.
func (s *Server) freeClientAsync(c *Client) {
	if c.flags&FlagCloseASAP != 0 || c.io == nil {
		return
	}
	c.flags |= FlagCloseASAP
	s.closing = append(s.closing, c)
}

// freeClient closes the client now, unless one of its commands is running:
// then as soon as that is over.
func (s *Server) freeClient(c *Client) {
	if c.flags&(FlagExecuting|FlagProtected) != 0 || c == s.current {
		s.freeClientAsync(c)
		return
	}
	s.teardown(c)
}

// freeClosing frees the clients that were marked.
func (s *Server) freeClosing() {
	for i := 0; i < len(s.closing); i++ {
		c := s.closing[i]
		if c.flags&(FlagExecuting|FlagProtected) != 0 {
			continue
		}
		s.closing = append(s.closing[:i], s.closing[i+1:]...)
		i--
		s.teardown(c)
	}
}

func (s *Server) teardown(c *Client) {
	if s.runtime != nil {
		if c.io != nil {
			s.fireEvent(EventClientChange, 1, c)
		}
		s.runtime.ClientFreed(c)
	}
	s.dropBlocked(c)
	s.disableTracking(c)
	s.unwatchAll(c)
	c.multi = nil
	s.dropSubscriptions(c)
	if c.flags&FlagMonitor != 0 {
		s.stopMonitor(c)
	}
	for i, x := range s.postponed {
		if x == c {
			s.postponed = append(s.postponed[:i:i], s.postponed[i+1:]...)
			break
		}
	}
	if c.flags&FlagUnblocked != 0 {
		for i, x := range s.unblocked {
			if x == c {
				s.unblocked = append(s.unblocked[:i:i], s.unblocked[i+1:]...)
				break
			}
		}
	}
	if c.flags&FlagCloseASAP != 0 {
		for i, x := range s.closing {
			if x == c {
				s.closing = append(s.closing[:i:i], s.closing[i+1:]...)
				break
			}
		}
	}
	c.flags |= FlagCloseASAP
	c.forgetMemory()
	c.freePending()
	c.w.Buf = nil
	if c.io != nil {
		if c.writeQueued {
			for i, x := range s.pendingWrites {
				if x == c {
					s.pendingWrites = append(s.pendingWrites[:i:i], s.pendingWrites[i+1:]...)
					break
				}
			}
		}
		c.io.close()
		c.io = nil
		s.unlinkClient(c)
	}
}

func (s *Server) unlinkClient(c *Client) {
	delete(s.clientByID, c.id)
	if c.listIndex < 0 {
		return
	}
	// Order of arrival is what CLIENT LIST shows.
	copy(s.clients[c.listIndex:], s.clients[c.listIndex+1:])
	s.clients[len(s.clients)-1] = nil
	s.clients = s.clients[:len(s.clients)-1]
	for i := c.listIndex; i < len(s.clients); i++ {
		s.clients[i].listIndex = i
	}
	c.listIndex = -1
}

// flushWrites sends what the commands of this turn replied.
func (s *Server) flushWrites() {
	for len(s.pendingWrites) > 0 {
		batch := s.pendingWrites
		s.pendingWrites = s.pendingWrites[len(s.pendingWrites):]
		for _, c := range batch {
			c.writeQueued = false
			if c.flags&FlagCloseASAP != 0 || c.io == nil {
				continue
			}
			s.send(c)
		}
		if len(s.pendingWrites) == 0 {
			s.pendingWrites = batch[:0]
			return
		}
	}
}

// flushOut sends what the commands of this turn replied, once what they changed is kept.
func (s *Server) flushOut() {
	s.flushAOF(false)
	s.flushWrites()
}

// writable goes on with output that the socket did not take at once.
func (s *Server) writable(c *Client) {
	if s.aof.w.Buffered() > 0 && c.flags&FlagCloseASAP == 0 {
		// There may be replies to writes behind it, which are not on the disk yet.
		if !c.writeQueued {
			c.writeQueued = true
			s.pendingWrites = append(s.pendingWrites, c)
		}
		return
	}
	s.send(c)
}

// sendAtOnce is how much output does not wait for the end of the turn: a pipeline of large replies would
// gather in one buffer that is copied whenever it doubles.
const sendAtOnce = 1 << 20

// sendEarly sends a client's output in the middle of its requests, unless something that it may tell of has to
// be on the disk first. The client may be gone afterwards.
func (s *Server) sendEarly(c *Client) {
	if !c.writing && c.flags&(FlagCloseASAP|FlagReplica) == 0 && s.aof.w.Buffered() == 0 {
		s.send(c)
	}
}

// idleOutput is the largest output buffer that an idle client keeps.
const idleOutput = 64 * 1024

func (s *Server) send(c *Client) {
	if c.outputLen() > 0 {
		c.noteReplies(c.outputLen())
		n, err := c.io.write(c.w.Buf[c.outOff:])
		c.outOff += n
		c.totalOut += int64(n)
		s.stat.netOut += int64(n)
		s.stat.writes++
		if err != nil {
			s.log.Verbose("Error writing to client: " + errtext.Of(err))
			s.freeClient(c)
			return
		}
		if n > 0 {
			c.lastActive = s.unixSeconds()
		}
	}
	if c.outputLen() > 0 {
		c.writing = true
		if c.outOff > 1<<20 && c.outOff > len(c.w.Buf)/2 && c.flags&FlagExecuting == 0 {
			n := copy(c.w.Buf, c.w.Buf[c.outOff:])
			c.w.Buf, c.outOff = c.w.Buf[:n], 0
		}
		c.updateMemory()
		return
	}
	c.writing = false
	c.outOff = 0
	if cap(c.w.Buf) > idleOutput {
		s.largeOutput.give(c.w.Buf)
		c.w.Buf = nil
	} else {
		c.w.Buf = c.w.Buf[:0]
	}
	c.updateMemory()
	if c.flags&FlagCloseAfterReply != 0 {
		s.freeClientAsync(c)
	}
}

// feed takes input that arrived through a net.Conn.
func (s *Server) feed(c *Client, b []byte) {
	if c.io == nil || c.flags&FlagCloseASAP != 0 {
		return
	}
	c.totalIn += int64(len(b))
	s.stat.netIn += int64(len(b))
	s.stat.reads++
	c.lastActive = s.unixSeconds()
	c.keepPending(b)
	c.inRecent = max(c.inRecent, len(c.pending))
	if c.inputTooLarge() {
		return
	}
	if c.flags&FlagExecuting == 0 {
		c.processPending()
	}
}

// Output buffer limit classes.
const (
	classNormal = iota
	classReplica
	classPubSub
	classes
)

func (c *Client) outputClass() int {
	switch {
	case c.flags&FlagReplica != 0 && c.flags&FlagMonitor == 0:
		return classReplica
	case c.flags&FlagPubSub != 0:
		return classPubSub
	}
	return classNormal
}

// checkOutputLimit closes a client whose unsent output is over the limits of
// its class.
func (c *Client) checkOutputLimit() {
	if c.io == nil || c.flags&FlagCloseASAP != 0 {
		return
	}
	used := int64(c.outputLen())
	limit := &c.s.cfg.ClientOutputBufferLimit[c.outputClass()]
	hard := limit.Hard > 0 && used >= int64(limit.Hard)
	soft := limit.Soft > 0 && used >= int64(limit.Soft)
	if soft {
		now := c.s.unixSeconds()
		if c.softLimitSince == 0 {
			c.softLimitSince = now
			soft = false
		} else {
			soft = now-c.softLimitSince > int64(limit.SoftSeconds)
		}
	} else {
		c.softLimitSince = 0
	}
	if hard || soft {
		info := c.info()
		c.s.freeClientAsync(c)
		c.s.stat.outputLimitDisconnections++
		c.s.log.Warn("Client " + info + " scheduled to be closed ASAP for overcoming of output buffer limits.")
	}
}

// beforeSleep runs each time the loop is about to wait.
func (s *Server) beforeSleep() {
	if s.loop.Depth() > 0 {
		s.flushOut()
		return
	}
	s.EndUnit()
	if s.sleepHook != nil {
		s.sleepHook()
	}
	if len(s.unblocked) > 0 {
		s.processUnblocked()
		s.EndUnit()
	}
	if s.activeExpire() {
		s.expireCycle(true)
		s.EndUnit()
	}
	s.broadcastInvalidations()
	s.fireLoopEvent(0)
	s.evictClients()
	s.flushOut()
	if len(s.closing) > 0 {
		s.freeClosing()
	}
	s.stepChild()
	if len(s.unblocked) > 0 || len(s.pendingWrites) > 0 {
		s.loop.DontWait()
	}
	s.stat.addLoopTime(s.mono() - s.wokeAt)
}

// afterSleep runs as soon as the loop has the lock again.
func (s *Server) afterSleep() {
	s.syncClock()
	s.wokeAt = s.monoNow
	s.fireLoopEvent(1)
}

// fireLoopEvent tells modules of the loop going to sleep (0) or waking (1).
func (s *Server) fireLoopEvent(sub int) {
	if s.loopEvents {
		s.runtime.ServerEvent(EventEventLoop, sub, nil)
	}
}

// BeforeSleep sets what runs when the loop is about to sleep, after clients
// that wait for keys were served.
func (s *Server) BeforeSleep(fn func()) { s.sleepHook = fn }

// CloseClient closes a client as DeauthenticateAndCloseClient does: with the
// rights of nobody from now on, and after its command if one is running.
func (s *Server) CloseClient(c *Client) {
	s.deauthenticate(c)
	c.flags &^= FlagAuthenticated
	if c == s.current {
		c.flags |= FlagCloseAfterCommand
	} else {
		s.freeClientAsync(c)
	}
}

// ListenLoopEvents tells the server whether any module wants EventEventLoop.
func (s *Server) ListenLoopEvents(on bool) { s.loopEvents = on }

// protectedCommand is the refusal of DEBUG and MODULE where configuration
// does not allow them to this client.
func (s *Server) protectedCommand(c *Client, row *command.Row) string {
	top := row
	if row.Parent != nil {
		top = row.Parent
	}
	var mode int
	switch top.Name {
	case "debug":
		mode = s.cfg.EnableDebugCommand
	case "module":
		mode = s.cfg.EnableModuleCommand
	default:
		return ""
	}
	if mode == protectedYes || mode == protectedLocal && c.local() {
		return ""
	}
	name := upper(top.Name)
	return "ERR " + name + " command not allowed. If the enable-" + top.Name +
		"-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server."
}
