package host

import (
	"strings"
	"time"

	"berth/host/acl"
	"berth/host/command"
)

// CommandResult is the data of the events about commands, which modules of Valkey may ask for.
type CommandResult struct {
	Client   *Client
	Name     string // "" when there is no such command
	Args     [][]byte
	Duration time.Duration
	Dirty    int64
	// Reason says why a command was rejected, as Valkey tells modules; for a denied one it is the key or the
	// channel. It is empty for a command that ran.
	Reason string
	// Denial is what the user lacks, for EventCommandDenied.
	Denial acl.Denial
}

// AuthAttempt is the data of EventAuthAttempt.
type AuthAttempt struct {
	Client  *Client
	User    string
	Granted bool
}

// ListenCommandEvents tells the server whether any module wants the events about commands.
func (s *Server) ListenCommandEvents(on bool) { s.commandEvents = on }

// commandDone tells modules how c.Args went.
func (s *Server) commandDone(c *Client, row *command.Row, spent time.Duration, dirty int64, failed bool) {
	event := EventCommandSuccess
	if failed {
		event = EventCommandFailure
	}
	s.fireEvent(event, 0, CommandResult{Client: c, Name: row.FullName(), Args: c.Args, Duration: spent, Dirty: dirty})
}

// commandRejected tells modules that c.Args did not run, and what the client was told.
func (s *Server) commandRejected(c *Client, row *command.Row, msg string) {
	r := CommandResult{Client: c, Args: c.Args}
	if row != nil {
		r.Name = row.FullName()
		if d, at := c.user.Check(row, c.Args); d != acl.Allowed && strings.HasPrefix(msg, "NOPERM ") {
			if r.Denial = d; d != acl.DeniedCommand {
				r.Reason = string(c.Args[at])
			}
			s.fireEvent(EventCommandDenied, 0, r)
			return
		}
	}
	// Texts that Valkey keeps ready as whole replies are told as such.
	r.Reason = "-" + msg + "\r\n"
	if text, ok := strings.CutPrefix(msg, "ERR "); ok {
		r.Reason = text
	}
	s.fireEvent(EventCommandRejected, 0, r)
}
