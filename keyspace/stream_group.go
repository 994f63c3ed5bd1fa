package keyspace

import (
	"unsafe"

	"berth/keyspace/idtree"
	"berth/keyspace/mem"
)

// StreamGroup is a consumer group. It belongs to its stream and is valid until that or the group is deleted.
type StreamGroup struct {
	named
	LastID StreamID // of the entry that was delivered last
	// Read is how many entries of all that were ever added the group has seen, StreamReadUnknown where that
	// can't be told.
	Read      int64
	pending   idtree.Tree // *StreamPending, its own
	consumers nameList    // *StreamConsumer
}

// StreamReadUnknown is the Read of a group of which it can't be told.
const StreamReadUnknown = -1

// StreamConsumer is a consumer of a group, valid until it, the group or the stream is deleted.
type StreamConsumer struct {
	named
	// Seen is when the consumer last tried something, Active when it last got something, in Unix milliseconds; -1: never.
	Seen, Active int64
	pending      idtree.Tree // *StreamPending, the group's
}

// StreamPending is an entry that was delivered and not acknowledged.
type StreamPending struct {
	Delivered int64 // when, in Unix milliseconds
	Count     uint64
	consumer  uintptr // *StreamConsumer; 0 while it is being made
}

func (s *stream) groupAt(i int) *StreamGroup { return (*StreamGroup)(s.groups.at(i)) }

// StreamGroups is the number of groups.
func StreamGroups(e *Entry) int { return e.stream().groups.len() }

// StreamGroupAt is the i-th group, by name.
func StreamGroupAt(e *Entry, i int) *StreamGroup { return e.stream().groupAt(i) }

// StreamFindGroup is the group with a name, or nil.
func StreamFindGroup(e *Entry, name []byte) *StreamGroup {
	s := e.stream()
	if i, ok := s.groups.find(name); ok {
		return s.groupAt(i)
	}
	return nil
}

// StreamWriteGroup is StreamFindGroup for a group that is going to be changed.
func StreamWriteGroup(db *DB, e *Entry, name []byte) *StreamGroup {
	db.beforeWrite(e)
	return StreamFindGroup(e, name)
}

// StreamCreateGroup adds a group; nil if there is one of that name.
func StreamCreateGroup(db *DB, e *Entry, name []byte, last StreamID, read int64) *StreamGroup {
	db.beforeWrite(e)
	s := e.stream()
	i, ok := s.groups.find(name)
	if ok {
		return nil
	}
	g := (*StreamGroup)(newNamed(unsafe.Sizeof(StreamGroup{}), name))
	g.LastID, g.Read = last, read
	s.groups.insert(i, unsafe.Pointer(g))
	return g
}

// StreamDestroyGroup deletes a group and reports whether it was there.
func StreamDestroyGroup(db *DB, e *Entry, name []byte) bool {
	db.beforeWrite(e)
	s := e.stream()
	i, ok := s.groups.find(name)
	if ok {
		s.groupAt(i).free()
		s.groups.remove(i)
	}
	return ok
}

func (g *StreamGroup) free() {
	for i := range g.consumers.len() {
		c := g.ConsumerAt(i)
		c.pending.Free(nil)
		mem.Free(unsafe.Pointer(c))
	}
	g.consumers.free()
	g.pending.Free(mem.Free)
	mem.Free(unsafe.Pointer(g))
}

func (g *StreamGroup) dup() unsafe.Pointer {
	c := (*StreamGroup)(newNamed(unsafe.Sizeof(StreamGroup{}), g.Name()))
	c.LastID, c.Read = g.LastID, g.Read
	for i := range g.consumers.len() {
		from := g.ConsumerAt(i)
		to, _ := c.CreateConsumer(from.Name(), from.Seen)
		to.Active = from.Active
		for at := from.pending.First(); at.Valid(); at.Next() {
			p := PendingAt(&at)
			c.Load(at.ID(), p.Delivered, p.Count)
			c.LoadOwner(at.ID(), to)
		}
	}
	return unsafe.Pointer(c)
}

func (g *StreamGroup) memUsage() int {
	n := mem.Usable(unsafe.Pointer(g)) + g.consumers.memUsage() + g.pending.MemUsage() +
		g.pending.Len()*mem.UsableFor(int(unsafe.Sizeof(StreamPending{})))
	for i := range g.consumers.len() {
		c := g.ConsumerAt(i)
		n += mem.Usable(unsafe.Pointer(c)) + c.pending.MemUsage()
	}
	return n
}

// Name is the group's name, a view.
func (g *StreamGroup) Name() []byte { return nameOf(unsafe.Pointer(g)) }

// Consumers is the number of consumers.
func (g *StreamGroup) Consumers() int { return g.consumers.len() }

// ConsumerAt is the i-th consumer, by name.
func (g *StreamGroup) ConsumerAt(i int) *StreamConsumer { return (*StreamConsumer)(g.consumers.at(i)) }

// Consumer is the consumer with a name, or nil.
func (g *StreamGroup) Consumer(name []byte) *StreamConsumer {
	if i, ok := g.consumers.find(name); ok {
		return g.ConsumerAt(i)
	}
	return nil
}

// CreateConsumer adds a consumer, seen now; if there is one of that name, created is false.
func (g *StreamGroup) CreateConsumer(name []byte, now int64) (c *StreamConsumer, created bool) {
	i, ok := g.consumers.find(name)
	if ok {
		return g.ConsumerAt(i), false
	}
	c = (*StreamConsumer)(newNamed(unsafe.Sizeof(StreamConsumer{}), name))
	c.Seen, c.Active = now, -1
	g.consumers.insert(i, unsafe.Pointer(c))
	return c, true
}

// DeleteConsumer deletes a consumer with what is pending for it, and returns how much that was.
func (g *StreamGroup) DeleteConsumer(name []byte) (pending int, ok bool) {
	i, ok := g.consumers.find(name)
	if !ok {
		return 0, false
	}
	c := g.ConsumerAt(i)
	pending = c.pending.Len()
	for at := c.pending.First(); at.Valid(); at.Next() {
		p, _ := g.pending.Delete(at.ID())
		mem.Free(p)
	}
	c.pending.Free(nil)
	mem.Free(unsafe.Pointer(c))
	g.consumers.remove(i)
	return pending, true
}

// Pending are the entries of the group that wait to be acknowledged, each a *StreamPending.
func (g *StreamGroup) Pending() *idtree.Tree { return &g.pending }

// Name is the consumer's name, a view.
func (c *StreamConsumer) Name() []byte { return nameOf(unsafe.Pointer(c)) }

// Pending are the entries that wait to be acknowledged by the consumer.
func (c *StreamConsumer) Pending() *idtree.Tree { return &c.pending }

// PendingAt is what is pending at a place in a tree of Pending.
func PendingAt(at *idtree.Cursor) *StreamPending { return (*StreamPending)(at.Ptr()) }

// Consumer is whom the entry was delivered to; nil for one that Force has just made.
func (p *StreamPending) Consumer() *StreamConsumer {
	return *(**StreamConsumer)(unsafe.Pointer(&p.consumer))
}

// FindPending is what is pending under an id, or nil.
func (g *StreamGroup) FindPending(id StreamID) *StreamPending {
	p, _ := g.pending.Get(id)
	return (*StreamPending)(p)
}

// Force makes an entry pending that is not, as delivered once now, to nobody yet: Give must follow.
func (g *StreamGroup) Force(id StreamID, now int64) *StreamPending {
	p := (*StreamPending)(mem.Alloc(int(unsafe.Sizeof(StreamPending{}))))
	*p = StreamPending{Delivered: now, Count: 1}
	if !g.pending.Put(id, unsafe.Pointer(p)) {
		mem.Free(unsafe.Pointer(p))
		return nil
	}
	return p
}

// Give makes what is pending under an id the consumer's.
func (g *StreamGroup) Give(id StreamID, p *StreamPending, c *StreamConsumer) {
	was := p.Consumer()
	if was == c {
		return
	}
	if was != nil {
		was.pending.Delete(id)
	}
	c.pending.Put(id, unsafe.Pointer(p))
	p.consumer = uintptr(unsafe.Pointer(c))
}

// Deliver notes that an entry went to a consumer for the first time, whoever had it before.
func (g *StreamGroup) Deliver(id StreamID, c *StreamConsumer, now int64) *StreamPending {
	p := g.Force(id, now)
	if p == nil {
		p = g.FindPending(id)
		p.Delivered, p.Count = now, 1
	}
	g.Give(id, p, c)
	c.Active = now
	return p
}

// Ack forgets that an entry is pending, and reports whether it was.
func (g *StreamGroup) Ack(id StreamID) bool {
	q, ok := g.pending.Delete(id)
	if !ok {
		return false
	}
	p := (*StreamPending)(q)
	if c := p.Consumer(); c != nil {
		c.pending.Delete(id)
	}
	mem.Free(q)
	return true
}

// Load makes an entry pending as a payload says, owned by nobody yet; false if it is already.
func (g *StreamGroup) Load(id StreamID, delivered int64, count uint64) bool {
	p := g.Force(id, delivered)
	if p == nil {
		return false
	}
	p.Count = count
	return true
}

// LoadOwner gives a loaded entry its consumer; false if it isn't there or has one.
func (g *StreamGroup) LoadOwner(id StreamID, c *StreamConsumer) bool {
	p := g.FindPending(id)
	if p == nil || p.consumer != 0 {
		return false
	}
	g.Give(id, p, c)
	return true
}

// Owned reports whether each pending entry has a consumer.
func (g *StreamGroup) Owned() bool {
	for at := g.pending.First(); at.Valid(); at.Next() {
		if PendingAt(&at).consumer == 0 {
			return false
		}
	}
	return true
}

// StreamAdvance notes that the group was given the entry with an id, the next one that it had not been given, or any
// later one. It reports whether that moved the group on.
func StreamAdvance(e *Entry, g *StreamGroup, id StreamID) bool {
	s := e.stream()
	if !g.LastID.Less(id) {
		return false
	}
	switch {
	case g.Read != StreamReadUnknown && !g.LastID.Less(s.first) && !s.deletedFrom(g.LastID):
		// Nothing is missing behind what was read: it was the next one.
		g.Read++
	case s.added > 0:
		g.Read = s.distance(id)
	}
	g.LastID = id
	return true
}

// deletedFrom reports whether an entry may have been deleted at or behind an id.
func (s *stream) deletedFrom(id StreamID) bool {
	return s.length > 0 && !s.deleted.IsZero() && !s.deleted.Less(id)
}

// StreamDistance is how many entries were ever added up to the one with an id, or StreamReadUnknown.
func StreamDistance(e *Entry, id StreamID) int64 { return e.stream().distance(id) }

func (s *stream) distance(id StreamID) int64 {
	switch {
	case s.added == 0:
		return 0
	case s.length == 0 && !s.last.Less(id):
		return int64(s.added)
	case !id.IsZero() && id.Less(s.deleted):
		return StreamReadUnknown
	case id == s.last:
		return int64(s.added)
	case s.last.Less(id):
		return StreamReadUnknown
	case s.deleted.IsZero() || s.deleted.Less(s.first):
		// Whatever was removed, was removed from the beginning.
		if id.Less(s.first) {
			return int64(s.added - s.length)
		}
		if id == s.first {
			return int64(s.added - s.length + 1)
		}
	}
	return StreamReadUnknown
}

// StreamLag is how many entries the group has still to be given; false where that can't be told.
func StreamLag(e *Entry, g *StreamGroup) (int64, bool) {
	s := e.stream()
	switch {
	case s.added == 0 || s.length == 0:
		return 0, true
	case g.LastID.Less(s.first) && s.deleted.Less(s.first):
		return int64(s.length), true
	case g.Read != StreamReadUnknown && !s.deletedFrom(g.LastID):
		return int64(s.added) - g.Read, true
	}
	if n := s.distance(g.LastID); n != StreamReadUnknown {
		return int64(s.added) - n, true
	}
	return 0, false
}
