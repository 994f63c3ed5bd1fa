package host

// yieldState is what a module's Yield has made of the server, until the
// command in which it was called ends.
type yieldState struct {
	on      bool
	clients bool   // what is allowed while the server is busy is served
	reply   string // the error for the rest
}

// busyModule is the error for what is not allowed while a module's command
// takes its time.
const busyModule = "BUSY Redis is busy running a module command."

// yieldRounds bounds how long one Yield may serve a stream of events.
const yieldRounds = 4

// Yield processes events in the middle of a module's command. clients says
// whether commands that are allowed while the server is busy are served, and
// the others refused with reply; all of them wait otherwise.
func (s *Server) Yield(clients bool, reply string) {
	before := s.yield
	s.yield = yieldState{on: true, clients: clients, reply: busyModule}
	if reply != "" {
		s.yield.reply = "BUSY " + reply
	}
	c := s.current
	if c != nil {
		c.flags |= FlagProtected
	}
	for range yieldRounds {
		if s.loop.ProcessOnce() == 0 {
			break
		}
	}
	s.flushOut()
	s.yield = yieldState{on: true, clients: before.clients, reply: before.reply}
	s.monoNow = s.mono()
	if c != nil {
		c.flags &^= FlagProtected
	}
}

// EndYield ends what Yield began: the command is over, and those who waited
// for that go on.
func (s *Server) EndYield() {
	if !s.yield.on {
		return
	}
	s.yield = yieldState{}
	if s.pauseUntil == 0 {
		s.unpause()
	}
}

// waitsForYield reports whether a client's command waits for the end of the
// command that called Yield.
func (s *Server) waitsForYield(c *Client) bool { return s.yield.on && !s.yield.clients && c.io != nil }
