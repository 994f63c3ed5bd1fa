package host

// UnknownCommandText is the error for c.Args when they name no command.
func (s *Server) UnknownCommandText(c *Client) string {
	return s.unknownCommand(c, s.commands.Lookup(c.Args[0]))
}

// ErrorReplies counts the error replies written since the start. Those of a
// running call are counted when it ends.
func (s *Server) ErrorReplies() int64 { return s.stat.errorReplies }

// WritesRefused is the error that every write meets at present, or "".
func (s *Server) WritesRefused() string { return s.diskError }

// UsedMemory is what the data set and the modules hold.
func (s *Server) UsedMemory() int64 { return s.usedMemory() }

// Watching reports whether any client watches a key.
func (s *Server) Watching() bool { return s.watching > 0 }

// CountErrorCode adds to the error statistics the code of an error reply whose
// number is told by [command.Writer.Errors].
func (s *Server) CountErrorCode(text string) { s.countErrorCode(text) }
