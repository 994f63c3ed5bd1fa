package rdb

import (
	"encoding/binary"
	"math"

	"berth/keyspace"
	"berth/keyspace/idtree"
	"berth/keyspace/listpack"
)

// streamType is the oldest encoding that has all of a stream, for files: only the newest tells apart when a consumer last
// tried to get something and when it got it.
func (c *Codec) streamType(e *keyspace.Entry) byte {
	if !c.Portable {
		return typeStream3
	}
	for i := range keyspace.StreamGroups(e) {
		g := keyspace.StreamGroupAt(e, i)
		for k := range g.Consumers() {
			if consumer := g.ConsumerAt(k); consumer.Seen != consumer.Active {
				return typeStream3
			}
		}
	}
	return typeStream2
}

// appendStream appends a stream, type byte first: its listpacks under their ids, what it knows about itself, and its groups.
func (c *Codec) appendStream(dst []byte, e *keyspace.Entry) []byte {
	typ := c.streamType(e)
	dst = append(dst, typ)
	dst = AppendLen(dst, uint64(keyspace.StreamNodes(e)))
	for at := keyspace.StreamNode(e, keyspace.StreamID{}); at.Valid(); at.Next() {
		dst = c.appendStreamNode(dst, &at)
	}
	return c.appendStreamRest(dst, e, typ)
}

func (c *Codec) appendStreamNode(dst []byte, at *idtree.Cursor) []byte {
	var id [idtree.Size]byte
	at.ID().Put(&id)
	return c.AppendString(c.AppendString(dst, id[:]), listpack.Bytes(at.Ptr()))
}

// appendStreamRest appends what is behind the listpacks.
func (c *Codec) appendStreamRest(dst []byte, e *keyspace.Entry, typ byte) []byte {
	st := keyspace.StreamStateOf(e)
	dst = AppendLen(dst, st.Length)
	dst = appendStreamID(dst, st.LastID)
	dst = appendStreamID(dst, st.FirstID)
	dst = appendStreamID(dst, st.MaxDeletedID)
	dst = AppendLen(dst, st.EntriesAdded)
	dst = AppendLen(dst, uint64(keyspace.StreamGroups(e)))
	for i := range keyspace.StreamGroups(e) {
		dst = c.appendGroup(dst, keyspace.StreamGroupAt(e, i), typ)
	}
	return dst
}

func appendStreamID(dst []byte, id keyspace.StreamID) []byte {
	return AppendLen(AppendLen(dst, id.MS), id.Seq)
}

func (c *Codec) appendGroup(dst []byte, g *keyspace.StreamGroup, typ byte) []byte {
	dst = c.AppendString(dst, g.Name())
	dst = appendStreamID(dst, g.LastID)
	dst = AppendLen(dst, uint64(g.Read))
	dst = appendPending(dst, g.Pending(), true)
	dst = AppendLen(dst, uint64(g.Consumers()))
	for i := range g.Consumers() {
		consumer := g.ConsumerAt(i)
		dst = c.AppendString(dst, consumer.Name())
		dst = binary.LittleEndian.AppendUint64(dst, uint64(consumer.Seen))
		if typ == typeStream3 {
			dst = binary.LittleEndian.AppendUint64(dst, uint64(consumer.Active))
		}
		dst = appendPending(dst, consumer.Pending(), false)
	}
	return dst
}

// appendPending appends ids, in a group with what is known of each.
func appendPending(dst []byte, t *idtree.Tree, group bool) []byte {
	dst = AppendLen(dst, uint64(t.Len()))
	var id [idtree.Size]byte
	for at := t.First(); at.Valid(); at.Next() {
		at.ID().Put(&id)
		dst = append(dst, id[:]...)
		if group {
			p := keyspace.PendingAt(&at)
			dst = binary.LittleEndian.AppendUint64(dst, uint64(p.Delivered))
			dst = AppendLen(dst, p.Count)
		}
	}
	return dst
}

// stream reads a stream of any version: 1 (Redis 5), 2 (7.0) and 3 (7.2).
func (l *loader) stream(version int) *keyspace.Entry {
	e := keyspace.NewDetached(keyspace.Stream)
	nodes := 0
	l.elements(func() bool {
		s := l.r.string()
		if len(s) != idtree.Size {
			return false
		}
		id := idtree.FromBytes(s)
		s = l.r.string()
		nodes++
		return !l.r.bad && keyspace.StreamLoadNode(e, id, s)
	})
	var st keyspace.StreamState
	st.Length = l.r.len()
	st.LastID = l.streamID()
	if version >= 2 {
		st.FirstID = l.streamID()
		st.MaxDeletedID = l.streamID()
		st.EntriesAdded = l.r.len()
	} else {
		// Nothing tells of what was deleted: as if nothing had been.
		st.EntriesAdded = st.Length
	}
	// A length beyond what a payload can hold would be one that counting from wraps around.
	if st.Length > 0 && nodes == 0 || st.Length > math.MaxInt64 {
		l.r.fail()
	}
	keyspace.StreamSetState(l.db, e, st)
	if version < 2 && !l.r.bad {
		st.FirstID, _ = keyspace.StreamEdge(e, true, false)
		keyspace.StreamSetState(l.db, e, st)
	}
	l.elements(func() bool { return l.group(e, version) })
	return e
}

func (l *loader) streamID() keyspace.StreamID {
	ms := l.r.len()
	return keyspace.StreamID{MS: ms, Seq: l.r.len()}
}

// rawID reads an id that is not a string.
func (l *loader) rawID() keyspace.StreamID {
	if b := l.r.take(idtree.Size); b != nil {
		return idtree.FromBytes(b)
	}
	return keyspace.StreamID{}
}

func (l *loader) group(e *keyspace.Entry, version int) bool {
	name := append([]byte(nil), l.r.string()...)
	last := l.streamID()
	read := int64(0)
	if version >= 2 {
		read = int64(l.r.len())
	} else if !l.r.bad {
		read = keyspace.StreamDistance(e, last)
	}
	if l.r.bad {
		return false
	}
	g := keyspace.StreamCreateGroup(l.db, e, name, last, read)
	if g == nil {
		return false
	}
	l.elements(func() bool {
		id := l.rawID()
		delivered := int64(l.r.uint64())
		count := l.r.len()
		return !l.r.bad && g.Load(id, delivered, count)
	})
	l.elements(func() bool { return l.consumer(g, version) })
	return !l.r.bad && g.Owned()
}

func (l *loader) consumer(g *keyspace.StreamGroup, version int) bool {
	name := append([]byte(nil), l.r.string()...)
	seen := int64(l.r.uint64())
	active := seen
	if version >= 3 {
		active = int64(l.r.uint64())
	}
	if l.r.bad {
		return false
	}
	c, created := g.CreateConsumer(name, seen)
	if !created {
		return false
	}
	c.Active = active
	l.elements(func() bool {
		id := l.rawID()
		return !l.r.bad && g.LoadOwner(id, c)
	})
	return true
}
