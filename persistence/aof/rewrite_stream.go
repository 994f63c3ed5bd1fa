package aof

import (
	"berth/keyspace"
)

// streamWalk is how far the walk of a stream has come: its entries, what it knows about itself, its groups.
type streamWalk struct {
	next    keyspace.StreamID // entry, or pending one, to go on from
	told    bool              // the entries are done, and XSETID
	group   int
	created bool // the group is
	of      int  // consumer of the group
}

// appendStream appends some commands and reports whether there are more.
func (w *Walk) appendStream(dst []byte) (_ []byte, more bool) {
	s := &w.stream
	if !s.told {
		return w.appendEntries(dst), true
	}
	if s.group == keyspace.StreamGroups(w.e) {
		return dst, false
	}
	g := keyspace.StreamGroupAt(w.e, s.group)
	switch {
	case !s.created:
		s.created = true
		dst = w.streamCommand(dst, 7, "XGROUP", "CREATE")
		dst = w.appendID(AppendArg(dst, g.Name()), g.LastID)
		dst = w.appendInt(AppendArg(dst, "ENTRIESREAD"), g.Read)
	case s.of == g.Consumers():
		w.stream = streamWalk{told: true, group: s.group + 1}
	default:
		dst = w.appendConsumer(dst, g)
	}
	return dst, true
}

func (w *Walk) appendEntries(dst []byte) []byte {
	s := &w.stream
	var fsc, vsc keyspace.Scratch
	it := keyspace.NewStreamIter(w.e, s.next, keyspace.MaxStreamID, false)
	for range itemsPerCommand {
		if !it.Next() {
			s.next, s.told = keyspace.StreamID{}, true
			break
		}
		dst = AppendArg(AppendArg(AppendCount(dst, 3+2*it.Fields()), "XADD"), w.e.Key())
		dst = w.appendID(dst, it.ID())
		for it.Fields() > 0 {
			field, value := it.Field(&fsc, &vsc)
			dst = AppendArg(AppendArg(dst, field), value)
		}
		var ok bool
		if s.next, ok = it.ID().Next(); !ok {
			s.next, s.told = keyspace.StreamID{}, true
			break
		}
	}
	if !s.told {
		return dst
	}
	st := keyspace.StreamStateOf(w.e)
	if st.Length == 0 {
		// There is no command that makes an empty stream but one that adds and trims.
		dst = AppendArg(AppendArg(AppendCount(dst, 7), "XADD"), w.e.Key())
		for _, word := range [...]string{"MAXLEN", "0", "0-1", "x", "y"} {
			dst = AppendArg(dst, word)
		}
	}
	dst = AppendArg(AppendArg(AppendCount(dst, 7), "XSETID"), w.e.Key())
	dst = w.appendID(dst, st.LastID)
	dst = w.appendInt(AppendArg(dst, "ENTRIESADDED"), int64(st.EntriesAdded))
	return w.appendID(AppendArg(dst, "MAXDELETEDID"), st.MaxDeletedID)
}

// appendConsumer says a consumer, by name if nothing is pending for it, else by some of what is.
func (w *Walk) appendConsumer(dst []byte, g *keyspace.StreamGroup) []byte {
	s := &w.stream
	c := g.ConsumerAt(s.of)
	if c.Pending().Len() == 0 {
		s.of++
		dst = w.streamCommand(dst, 5, "XGROUP", "CREATECONSUMER")
		return AppendArg(AppendArg(dst, g.Name()), c.Name())
	}
	at := c.Pending().SeekGE(s.next)
	for n := 0; n < itemsPerCommand && at.Valid(); n++ {
		p := keyspace.PendingAt(&at)
		dst = w.streamCommand(dst, 12, "XCLAIM", "")
		dst = AppendArg(AppendArg(AppendArg(dst, g.Name()), c.Name()), "0")
		dst = w.appendID(dst, at.ID())
		dst = w.appendInt(AppendArg(dst, "TIME"), p.Delivered)
		dst = w.appendInt(AppendArg(dst, "RETRYCOUNT"), int64(p.Count))
		dst = AppendArg(AppendArg(dst, "JUSTID"), "FORCE")
		at.Next()
	}
	if at.Valid() {
		s.next = at.ID()
	} else {
		s.next = keyspace.StreamID{}
		s.of++
	}
	return dst
}

// streamCommand begins a command of n arguments on the stream.
func (w *Walk) streamCommand(dst []byte, n int, name, sub string) []byte {
	dst = AppendArg(AppendCount(dst, n), name)
	if sub != "" {
		dst = AppendArg(dst, sub)
	}
	return AppendArg(dst, w.e.Key())
}

func (w *Walk) appendID(dst []byte, id keyspace.StreamID) []byte {
	w.number = id.Append(w.number[:0])
	return AppendArg(dst, w.number)
}
