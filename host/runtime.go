package host

import "time"

// UnknownCommandText is the error for c.Args when they name no command.
func (s *Server) UnknownCommandText(c *Client) string {
	return s.unknownCommand(c, s.commands.Lookup(c.Args[0]))
}

// WritesRefused is the error that every write meets at present, or "".
func (s *Server) WritesRefused() string {
	if text := s.saveDenies(); text != "" {
		return text
	}
	return s.aofDenies()
}

// UsedMemory is what the data set and the modules hold.
func (s *Server) UsedMemory() int64 { return s.usedMemory() }

// Watching reports whether any client watches or tracks a key.
func (s *Server) Watching() bool {
	return s.watching > 0 || s.tracking.clients > 0 || s.tracking.tracks()
}

// CountErrorCode adds to the error statistics the code of an error reply whose
// number is told by [command.Writer.Errors].
func (s *Server) CountErrorCode(text string) { s.countErrorCode(text) }

// Publish sends a message to a channel, or a shard channel, and returns how
// many clients received it.
func (s *Server) Publish(channel, message []byte, sharded bool) int {
	return s.publish(channel, message, sharded)
}

// NewClientID takes the next client's number, for something that counts as a
// client without being one. Safe from any goroutine.
func (s *Server) NewClientID() int64 { return s.nextClientID.Add(1) }

// InExec reports whether a transaction is being run.
func (s *Server) InExec() bool { return s.inExec }

// AddBlockedTime counts time as used by the command for which the client is
// blocked.
func (c *Client) AddBlockedTime(d time.Duration) {
	if c.blocked != nil {
		c.blocked.spent += d
	}
}

// Loading reports whether the data set is being loaded.
func (s *Server) Loading() bool { return s.loading }

// Paused reports whether CLIENT PAUSE is in effect.
func (s *Server) Paused() bool { return s.pauseUntil > s.unixMillis() }

// ResetInternalClient takes back what commands may have done to a client of
// NewInternalClient, before it runs others.
func (s *Server) ResetInternalClient(c *Client, flags ClientFlags) {
	if c.flags&FlagMulti != 0 {
		s.discardTransaction(c)
	}
	if len(c.watched) > 0 {
		s.unwatchAll(c)
	}
	if c.subs != nil {
		s.dropSubscriptions(c)
	}
	if c.flags&FlagMonitor != 0 {
		s.stopMonitor(c)
	}
	c.Name, c.user = nil, nil
	c.w.Buf = c.w.Buf[:0]
	c.w.Errors = 0
	c.flags = FlagDenyBlocking | FlagAuthenticated | flags
}

// Starting reports whether the modules of the configuration are being loaded.
func (s *Server) Starting() bool { return s.starting }

// Flush empties a database, or all of them (-1), without propagating it.
func (s *Server) Flush(db int, sync bool) int { return s.flush(db, sync) }

// RetainArgs copies the arguments of a client that blocked, which then last
// until its command runs again.
func (c *Client) RetainArgs() { c.retainArgs() }
