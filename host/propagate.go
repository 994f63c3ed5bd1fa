package host

import (
	"berth/keyspace"
)

// Target says who receives a command that is propagated.
type Target uint8

// The targets.
const (
	TargetAOF Target = 1 << iota
	TargetReplicas

	TargetAll = TargetAOF | TargetReplicas
)

// Sink receives the commands that replicas or the append only file replay: in order, one
// execution unit at a time. The slices are the sink's only during the call.
type Sink interface {
	// Propagate delivers one command for database db (-1: it does not matter,
	// as for MULTI and EXEC).
	Propagate(db int, argv [][]byte)
}

type targetedSink struct {
	Sink
	is Target
}

// propagated is one command of the present unit; its arguments are args[from:to] of propagation.
type propagated struct {
	db       int
	targets  Target
	from, to int
}

// propagation gathers what the present execution unit propagates. Its memory is used again and again.
type propagation struct {
	sinks []targetedSink
	has   Target // the union of what the sinks are
	ops   []propagated
	args  [][]byte
	flat  []byte
	// suppressed is whether what commands add is dropped: a module's call without `!` is under way.
	suppressed bool
}

// idlePropagation is the most memory that is kept from one unit to the next.
const idlePropagation = 1 << 20

// AddSink attaches a receiver of propagated commands, for those targets that it stands for.
func (s *Server) AddSink(k Sink, is Target) {
	s.prop.sinks = append(s.prop.sinks, targetedSink{k, is})
	s.prop.has |= is
}

// RemoveSink detaches it.
func (s *Server) RemoveSink(k Sink) {
	p := &s.prop
	for i, x := range p.sinks {
		if x.Sink == k {
			p.sinks = append(p.sinks[:i:i], p.sinks[i+1:]...)
			break
		}
	}
	p.has = 0
	for _, x := range p.sinks {
		p.has |= x.is
	}
}

// Propagates implements [command.Host].
func (s *Server) Propagates() bool { return s.propagates(TargetAll) && !s.prop.suppressed }

func (s *Server) propagates(to Target) bool { return s.prop.has&to != 0 && !s.loading }

// AlsoPropagate implements [command.Host].
func (s *Server) AlsoPropagate(db *keyspace.DB, argv ...[]byte) { s.PropagateTo(TargetAll, db, argv) }

// PropagateTo adds a command to what the present unit propagates, for some receivers only.
func (s *Server) PropagateTo(to Target, db *keyspace.DB, argv [][]byte) {
	if !s.prop.suppressed {
		s.propagate(to, db.ID(), argv)
	}
}

// SuppressPropagation has commands not propagate anything, keys that they find expired aside,
// until it is called with what it returned.
func (s *Server) SuppressPropagation(on bool) (before bool) {
	before = s.prop.suppressed
	s.prop.suppressed = on
	return before
}

// propagateRemoval propagates that a key, or a field of it, went away on its own account, whatever is under way.
func (s *Server) propagateRemoval(db *keyspace.DB, argv ...[]byte) {
	s.propagate(TargetAll, db.ID(), argv)
}

// propagate copies a command to the end of the present unit's.
func (s *Server) propagate(to Target, db int, argv [][]byte) {
	if !s.propagates(to) {
		return
	}
	p := &s.prop
	from := len(p.args)
	for _, a := range argv {
		// When flat moves, earlier arguments keep the old array.
		at := len(p.flat)
		p.flat = append(p.flat, a...)
		p.args = append(p.args, p.flat[at:len(p.flat):len(p.flat)])
	}
	p.ops = append(p.ops, propagated{db, to, from, len(p.args)})
}

var (
	argMulti = [][]byte{[]byte("MULTI")}
	argExec  = [][]byte{[]byte("EXEC")}
)

// flushPropagation hands the unit that ended to the sinks, wrapped in a
// transaction when it is more than one command.
func (s *Server) flushPropagation() {
	p := &s.prop
	if len(p.ops) == 0 || s.nesting > 0 {
		return
	}
	wrap := len(p.ops) > 1
	if wrap {
		s.deliver(TargetAll, -1, argMulti)
	}
	for i := range p.ops {
		op := &p.ops[i]
		s.deliver(op.targets, op.db, p.args[op.from:op.to])
	}
	if wrap {
		s.deliver(TargetAll, -1, argExec)
	}
	p.ops = p.ops[:0]
	if cap(p.flat) > idlePropagation {
		p.flat, p.args = nil, nil
	}
	p.flat, p.args = p.flat[:0], p.args[:0]
}

func (s *Server) deliver(to Target, db int, argv [][]byte) {
	for _, k := range s.prop.sinks {
		if k.is&to != 0 {
			k.Propagate(db, argv)
		}
	}
	if to&TargetReplicas != 0 && s.prop.has&TargetReplicas == 0 {
		// Without replicas the offset counts commands: WAITAOF tells by it what is on the disk.
		s.replOffset++
	}
}
