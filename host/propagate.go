package host

import (
	"berth/keyspace"
)

// Sink receives the commands that replicas and the append only file replay:
// in order, one execution unit at a time. The slices are the sink's only
// during the call.
type Sink interface {
	// Propagate delivers one command for database db (-1: it does not matter,
	// as for MULTI and EXEC).
	Propagate(db int, argv [][]byte)
}

type propagated struct {
	db   int
	argv [][]byte
}

// AddSink attaches a receiver of propagated commands.
func (s *Server) AddSink(k Sink) { s.sinks = append(s.sinks, k) }

// RemoveSink detaches it.
func (s *Server) RemoveSink(k Sink) {
	for i, x := range s.sinks {
		if x == k {
			s.sinks = append(s.sinks[:i:i], s.sinks[i+1:]...)
			return
		}
	}
}

// Propagates implements [command.Host].
func (s *Server) Propagates() bool { return len(s.sinks) > 0 }

// AlsoPropagate implements [command.Host].
func (s *Server) AlsoPropagate(db *keyspace.DB, argv ...[]byte) {
	if len(s.sinks) == 0 {
		return
	}
	s.also = append(s.also, propagated{db.ID(), cloneArgs(argv)})
}

// propagateCall puts the call itself before what ran inside it.
func (s *Server) propagateCall(c *Client, argv [][]byte) {
	s.also = append(s.also, propagated{c.DB.ID(), cloneArgs(argv)})
}

var (
	argMulti = [][]byte{[]byte("MULTI")}
	argExec  = [][]byte{[]byte("EXEC")}
)

// flushPropagation hands the unit that ended to the sinks, wrapped in a
// transaction when it is more than one command.
func (s *Server) flushPropagation() {
	if len(s.also) == 0 || s.nesting > 0 {
		return
	}
	ops := s.also
	s.also = nil
	for _, k := range s.sinks {
		if len(ops) > 1 {
			k.Propagate(-1, argMulti)
		}
		for _, op := range ops {
			k.Propagate(op.db, op.argv)
		}
		if len(ops) > 1 {
			k.Propagate(-1, argExec)
		}
	}
}
