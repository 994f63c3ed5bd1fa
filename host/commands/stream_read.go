package commands

import (
	"math"
	"slices"

	"berth/host/command"
	"berth/internal/numfmt"
	"berth/keyspace"
)

// replyEntry writes the entry that an iterator is at: its id, and its fields and values.
func replyEntry(c *command.Ctx, it *keyspace.StreamIter) {
	c.Array(2)
	replyID(c, it.ID())
	n := it.Fields()
	c.Array(2 * n)
	var fsc, vsc keyspace.Scratch
	for range n {
		field, value := it.Field(&fsc, &vsc)
		c.Bulk(field)
		c.Bulk(value)
	}
}

// replyRange writes an array of up to count entries, all if it is 0.
func replyRange(c *command.Ctx, e *keyspace.Entry, start, end keyspace.StreamID, count int64, rev bool) {
	m := c.Defer()
	n := 0
	for it := keyspace.NewStreamIter(e, start, end, rev); it.Next(); {
		replyEntry(c, &it)
		if n++; int64(n) == count {
			break
		}
	}
	c.DeferredArray(m, n)
}

// replyOne writes the entry with an id, and reports whether there is one.
func replyOne(c *command.Ctx, e *keyspace.Entry, id keyspace.StreamID) bool {
	it := keyspace.NewStreamIter(e, id, id, false)
	if !it.Next() {
		return false
	}
	replyEntry(c, &it)
	return true
}

// xrange is XRANGE and XREVRANGE, which is given the end first.
func xrange(c *command.Ctx, rev bool) {
	first, last := 2, 3
	if rev {
		first, last = 3, 2
	}
	start, ok := intervalStart(c, first)
	if !ok {
		return
	}
	end, ok := intervalEnd(c, last)
	if !ok {
		return
	}
	count := int64(-1)
	for i := 4; i < len(c.Args); i += 2 {
		if i+1 >= len(c.Args) || !c.ArgIs(i, "count") {
			c.Error(command.ErrSyntax)
			return
		}
		if count, ok = c.IntArg(i + 1); !ok {
			return
		}
		count = max(count, 0)
	}
	e, ok := c.ReadTyped(c.Args[1], keyspace.Stream)
	switch {
	case !ok:
	case e == nil:
		c.Array(0)
	case count == 0:
		c.NullArray()
	default:
		replyRange(c, e, start, end, max(count, 0), rev)
	}
}

// readArgs are the arguments of XREAD and XREADGROUP.
type readArgs struct {
	group, consumer []byte // nil: XREAD
	noAck           bool
	block           bool
	deadline        int64
	count           int64 // 0: all
	first, streams  int   // index of the first key, and their number; as many ids follow
}

// meaningless is the error for a word of XREAD's in XREADGROUP.
func meaningless(word string) string {
	return "ERR The " + word + " ID is meaningless in the context of XREADGROUP: you want to read the history of this " +
		"consumer by specifying a proper ID, or use the > ID to get new messages. The " + word +
		" ID would just return an empty result set."
}

func onlyInGroups(option string) string {
	return "ERR The " + option + " option is only supported by XREADGROUP. You called XREAD instead."
}

func (a *readArgs) parse(c *command.Ctx, grouped bool) bool {
	for i := 1; i < len(c.Args) && a.first == 0; i++ {
		more := len(c.Args) - i - 1
		var ok bool
		switch {
		case more >= 1 && c.ArgIs(i, "block"):
			i++
			a.block = true
			if a.deadline, ok = blockDeadlineMS(c, i); !ok {
				return false
			}
		case more >= 1 && c.ArgIs(i, "count"):
			i++
			if a.count, ok = c.IntArg(i); !ok {
				return false
			}
			a.count = max(a.count, 0)
		case more >= 1 && c.ArgIs(i, "streams"):
			if more%2 != 0 {
				wanted := "an ID, '+', or '$'"
				if grouped {
					wanted = "an ID or '>'"
				}
				c.Error("ERR Unbalanced '" + c.Row.FullName() + "' list of streams: for each stream key " + wanted +
					" must be specified.")
				return false
			}
			a.first, a.streams = i+1, more/2
		case more >= 2 && c.ArgIs(i, "group"):
			if !grouped {
				c.Error(onlyInGroups("GROUP"))
				return false
			}
			a.group, a.consumer = c.Args[i+1], c.Args[i+2]
			i += 2
		case c.ArgIs(i, "noack"):
			if !grouped {
				c.Error(onlyInGroups("NOACK"))
				return false
			}
			a.noAck = true
		default:
			c.Error(command.ErrSyntax)
			return false
		}
	}
	if a.first == 0 {
		c.Error(command.ErrSyntax)
		return false
	}
	if grouped && a.group == nil {
		c.Error("ERR Missing GROUP option for XREADGROUP")
		return false
	}
	return true
}

// blockDeadlineMS is blockDeadline for milliseconds.
func blockDeadlineMS(c *command.Ctx, i int) (at int64, ok bool) {
	ms, ok := numfmt.ParseInt64(c.Args[i])
	switch {
	case !ok:
		c.Error(command.ErrTimeoutInt)
	case ms < 0:
		c.Error(command.ErrTimeoutNeg)
		ok = false
	case ms == 0:
	case ms > math.MaxInt64-c.KS.Now():
		c.Error("ERR timeout is out of range")
		ok = false
	default:
		at = c.KS.Now() + ms
	}
	return at, ok
}

// readFrom is where one stream is to be read from: behind id, or, with fresh, behind what its group has been given.
type readFrom struct {
	id    keyspace.StreamID
	fresh bool
}

// from resolves the id of the i-th stream.
func (a *readArgs) from(c *command.Ctx, i int) (f readFrom, ok bool) {
	key, arg := c.Args[a.first+i], c.Args[a.first+a.streams+i]
	e, ok := c.ReadTyped(key, keyspace.Stream)
	if !ok {
		return f, false
	}
	grouped := a.group != nil
	if grouped && (e == nil || keyspace.StreamFindGroup(e, a.group) == nil) {
		c.Error("NOGROUP No such key '" + cText(key) + "' or consumer group '" + cText(a.group) +
			"' in XREADGROUP with GROUP option")
		return f, false
	}
	switch word := cString(arg); string(word) {
	case "$", "+":
		if grouped {
			c.Error(meaningless(string(word)))
			return f, false
		}
		if e == nil {
			return f, true
		}
		st := keyspace.StreamStateOf(e)
		if f.id = st.LastID; word[0] == '+' {
			if st.Length > 0 {
				f.id, _ = keyspace.StreamEdge(e, false, false)
			}
			f.id, _ = f.id.Prev()
		}
		return f, true
	case ">":
		if !grouped {
			c.Error("ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.")
			return f, false
		}
		f.id, f.fresh = keyspace.MaxStreamID, true
		return f, true
	}
	if f.id, ok = parseExactID(arg, 0); !ok {
		c.Error(errStreamID)
	}
	// The greatest id means the same as >.
	f.fresh = grouped && f.id == keyspace.MaxStreamID
	return f, ok
}

func cmdXRead(c *command.Ctx, grouped bool) {
	// What XREADGROUP does is propagated in other words, piece by piece.
	c.NoPropagate = true
	var a readArgs
	if !a.parse(c, grouped) {
		return
	}
	var room [8]readFrom
	from := room[:0]
	for i := range a.streams {
		f, ok := a.from(c, i)
		if !ok {
			return
		}
		from = append(from, f)
	}
	m, served := c.Defer(), 0
	for i, f := range from {
		if a.serve(c, i, f) {
			served++
		}
	}
	switch {
	case served > 0 && c.RESP3():
		c.DeferredMap(m, served)
	case served > 0:
		c.DeferredArray(m, served)
	case !a.block || !c.MayBlock():
		c.NullArray()
	default:
		c.Block(command.BlockRequest{Type: keyspace.Stream, Keys: c.Args[a.first : a.first+a.streams], Deadline: a.deadline,
			OnTimeout: nullArray, WakeOnRemoval: grouped, Args: a.pinned(c, from)})
	}
}

// pinned are the arguments with which to try again: $ becomes the id that it meant at first.
func (a *readArgs) pinned(c *command.Ctx, from []readFrom) [][]byte {
	var argv [][]byte
	for i, f := range from {
		at := a.first + a.streams + i
		if string(cString(c.Args[at])) != "$" {
			continue
		}
		if argv == nil {
			argv = slices.Clone(c.Args)
		}
		argv[at] = idText(f.id)
	}
	return argv
}

// serve replies with what the i-th stream has, and reports whether that was anything.
func (a *readArgs) serve(c *command.Ctx, i int, f readFrom) bool {
	key := c.Args[a.first+i]
	e := c.LookupRead(key)
	if e == nil || e.Type() != keyspace.Stream {
		return false
	}
	if a.group != nil {
		return a.serveGroup(c, key, e, f)
	}
	if keyspace.StreamLen(e) == 0 {
		return false
	}
	if top, _ := keyspace.StreamEdge(e, false, false); !f.id.Less(top) {
		return false
	}
	a.head(c, key)
	start, _ := f.id.Next()
	replyRange(c, e, start, keyspace.MaxStreamID, a.count, false)
	return true
}

// head begins the reply of one stream.
func (a *readArgs) head(c *command.Ctx, key []byte) {
	if !c.RESP3() {
		c.Array(2)
	}
	c.Bulk(key)
}

func (a *readArgs) serveGroup(c *command.Ctx, key []byte, e *keyspace.Entry, f readFrom) bool {
	g := keyspace.StreamWriteGroup(c.DB, e, a.group)
	if g == nil {
		return false
	}
	serve := !f.fresh
	if f.fresh && keyspace.StreamLen(e) > 0 {
		top, _ := keyspace.StreamEdge(e, false, false)
		serve = g.LastID.Less(top)
	}
	consumer := g.Consumer(a.consumer)
	if consumer == nil {
		if e, g, consumer = makeConsumer(c, key, a.group, a.consumer, g); consumer == nil {
			return false
		}
		if a.noAck && c.Host.Propagates() {
			c.Host.AlsoPropagate(c.DB, argXGroup, []byte("CREATECONSUMER"), key, a.group, a.consumer)
		}
	}
	consumer.Seen = c.KS.Now()
	if !serve {
		return false
	}
	a.head(c, key)
	if f.fresh {
		a.deliver(c, key, e, g, consumer)
	} else {
		start, _ := f.id.Next()
		a.history(c, e, start, consumer)
	}
	c.Dirty(1)
	return true
}

// deliver replies with entries that the group has not been given and notes that the consumer has them.
func (a *readArgs) deliver(c *command.Ctx, key []byte, e *keyspace.Entry, g *keyspace.StreamGroup, consumer *keyspace.StreamConsumer) {
	m, n := c.Defer(), 0
	moved := false
	propagates := c.Host.Propagates()
	start, _ := g.LastID.Next()
	for it := keyspace.NewStreamIter(e, start, keyspace.MaxStreamID, false); it.Next(); {
		id := it.ID()
		if keyspace.StreamAdvance(e, g, id) {
			moved = true
		}
		replyEntry(c, &it)
		if !a.noAck {
			p := g.Deliver(id, consumer, c.KS.Now())
			if propagates {
				propagateClaim(c, key, g, idText(id), p)
			}
		}
		if n++; int64(n) == a.count {
			break
		}
	}
	c.DeferredArray(m, n)
	if moved && propagates {
		propagateGroupID(c, key, g)
	}
}

// history replies with entries that wait for the consumer's acknowledgement.
func (a *readArgs) history(c *command.Ctx, e *keyspace.Entry, start keyspace.StreamID, consumer *keyspace.StreamConsumer) {
	m, n := c.Defer(), 0
	for at := consumer.Pending().SeekGE(start); at.Valid() && (a.count == 0 || int64(n) < a.count); at.Next() {
		if replyOne(c, e, at.ID()) {
			p := keyspace.PendingAt(&at)
			p.Delivered = c.KS.Now()
			p.Count++
		} else {
			c.Array(2)
			replyID(c, at.ID())
			c.NullArray()
		}
		n++
	}
	c.DeferredArray(m, n)
}
