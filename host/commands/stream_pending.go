package commands

import (
	"math"

	"berth/host/command"
	"berth/internal/numfmt"
	"berth/keyspace"
	"berth/keyspace/idtree"
)

func registerStreamPending(t *command.Table) {
	t.Register("xpending", cmdXPending)
	t.Register("xclaim", cmdXClaim)
	t.Register("xautoclaim", cmdXAutoClaim)
}

// readGroup finds a group for a command that counts as a reader of the key.
func readGroup(c *command.Ctx) (e *keyspace.Entry, g *keyspace.StreamGroup) {
	e, ok := c.ReadTyped(c.Args[1], keyspace.Stream)
	if !ok {
		return nil, nil
	}
	if e != nil {
		g = keyspace.StreamWriteGroup(c.DB, e, c.Args[2])
	}
	if g == nil {
		c.Error("NOGROUP No such key '" + cText(c.Args[1]) + "' or consumer group '" + cText(c.Args[2]) + "'")
	}
	return e, g
}

// idleFor is how long ago an entry was delivered, in milliseconds.
func idleFor(c *command.Ctx, p *keyspace.StreamPending) int64 { return c.KS.Now() - p.Delivered }

func cmdXPending(c *command.Ctx) {
	n := len(c.Args)
	if n != 3 && (n < 6 || n > 9) {
		c.Error(command.ErrSyntax)
		return
	}
	if n == 3 {
		if _, g := readGroup(c); g != nil {
			pendingSummary(c, g)
		}
		return
	}
	i, minIdle := 3, int64(0)
	var ok bool
	if c.ArgIs(3, "idle") {
		if minIdle, ok = c.IntArg(4); !ok {
			return
		}
		if n < 8 {
			c.Error(command.ErrSyntax)
			return
		}
		i = 5
	}
	count, ok := c.IntArg(i + 2)
	if !ok {
		return
	}
	start, ok := intervalStart(c, i)
	if !ok {
		return
	}
	end, ok := intervalEnd(c, i+1)
	if !ok {
		return
	}
	_, g := readGroup(c)
	if g == nil {
		return
	}
	pending := g.Pending()
	if i+3 < n {
		consumer := g.Consumer(c.Args[i+3])
		if consumer == nil {
			c.Array(0)
			return
		}
		pending = consumer.Pending()
	}
	m, found := c.Defer(), 0
	for at := pending.SeekGE(start); at.Valid() && int64(found) < count && !end.Less(at.ID()); at.Next() {
		p := keyspace.PendingAt(&at)
		idle := idleFor(c, p)
		if minIdle != 0 && idle < minIdle {
			continue
		}
		c.Array(4)
		replyID(c, at.ID())
		c.Bulk(p.Consumer().Name())
		c.Int(max(idle, 0))
		c.Int(int64(p.Count))
		found++
	}
	c.DeferredArray(m, found)
}

// pendingSummary is XPENDING without a range.
func pendingSummary(c *command.Ctx, g *keyspace.StreamGroup) {
	c.Array(4)
	pending := g.Pending()
	c.Int(int64(pending.Len()))
	if pending.Len() == 0 {
		c.Null()
		c.Null()
		c.NullArray()
		return
	}
	first, last := pending.First(), pending.Last()
	replyID(c, first.ID())
	replyID(c, last.ID())
	m, n := c.Defer(), 0
	for i := range g.Consumers() {
		consumer := g.ConsumerAt(i)
		if k := consumer.Pending().Len(); k > 0 {
			c.Array(2)
			c.Bulk(consumer.Name())
			c.BulkInt(int64(k))
			n++
		}
	}
	c.DeferredArray(m, n)
}

// claimArgs are the options of XCLAIM.
type claimArgs struct {
	minIdle     int64
	ids         int // index behind the last id
	delivered   int64
	retry       int64 // -1: not given
	force, just bool
	last        keyspace.StreamID
}

func (a *claimArgs) parse(c *command.Ctx) bool {
	var ok bool
	if a.minIdle, ok = c.IntArgMsg(4, "ERR Invalid min-idle-time argument for XCLAIM"); !ok {
		return false
	}
	a.minIdle = max(a.minIdle, 0)
	i := 5
	for ; i < len(c.Args); i++ {
		if _, ok := parseExactID(c.Args[i], 0); !ok {
			break
		}
	}
	a.ids = i
	a.retry = -1
	now := c.KS.Now()
	delivered := int64(-1)
	for ; i < len(c.Args); i++ {
		more := i+1 < len(c.Args)
		switch {
		case c.ArgIs(i, "force"):
			a.force = true
		case c.ArgIs(i, "justid"):
			a.just = true
		case more && c.ArgIs(i, "idle"):
			i++
			if delivered, ok = c.IntArgMsg(i, "ERR Invalid IDLE option argument for XCLAIM"); !ok {
				return false
			}
			delivered = now - delivered
		case more && c.ArgIs(i, "time"):
			i++
			if delivered, ok = c.IntArgMsg(i, "ERR Invalid TIME option argument for XCLAIM"); !ok {
				return false
			}
		case more && c.ArgIs(i, "retrycount"):
			i++
			if a.retry, ok = c.IntArgMsg(i, "ERR Invalid RETRYCOUNT option argument for XCLAIM"); !ok {
				return false
			}
		case more && c.ArgIs(i, "lastid"):
			i++
			if a.last, ok = idArg(c, i); !ok {
				return false
			}
		default:
			c.Error("ERR Unrecognized XCLAIM option '" + cText(c.Args[i]) + "'")
			return false
		}
	}
	// A time that makes no sense, as from a clock that is ahead, is now.
	if delivered < 0 || delivered > now {
		delivered = now
	}
	a.delivered = delivered
	return true
}

func cmdXClaim(c *command.Ctx) {
	e, g := readGroup(c)
	if g == nil {
		return
	}
	var a claimArgs
	if !a.parse(c) {
		return
	}
	c.NoPropagate = true
	key := c.Args[1]
	now := c.KS.Now()
	propagates := c.Host.Propagates()
	moved := g.LastID.Less(a.last)
	if moved {
		g.LastID = a.last
	}
	e, g, consumer := claimant(c, e, g)
	if consumer == nil {
		c.Array(0)
		return
	}
	m, n := c.Defer(), 0
	for _, arg := range c.Args[5:a.ids] {
		id, _ := parseExactID(arg, 0)
		p := g.FindPending(id)
		if !keyspace.StreamHas(e, id) {
			if p != nil {
				dropPending(c, key, g, id, p)
				moved = false
			}
			continue
		}
		if p == nil {
			if !a.force {
				continue
			}
			p = g.Force(id, now)
		} else if a.minIdle > 0 && now-p.Delivered < a.minIdle {
			continue
		}
		p.Delivered = a.delivered
		if a.retry >= 0 {
			p.Count = uint64(a.retry)
		} else if !a.just {
			p.Count++
		}
		g.Give(id, p, consumer)
		if a.just {
			replyID(c, id)
		} else {
			replyOne(c, e, id)
		}
		n++
		consumer.Active = now
		if propagates {
			propagateClaim(c, key, g, arg, p)
		}
		moved = false
		c.Dirty(1)
	}
	c.DeferredArray(m, n)
	if moved {
		if propagates {
			propagateGroupID(c, key, g)
		}
		c.Dirty(1)
	}
}

// claimant is the consumer that entries are claimed for, which is made where needed.
func claimant(c *command.Ctx, e *keyspace.Entry, g *keyspace.StreamGroup) (*keyspace.Entry, *keyspace.StreamGroup,
	*keyspace.StreamConsumer) {
	consumer := g.Consumer(c.Args[3])
	if consumer == nil {
		if e, g, consumer = makeConsumer(c, c.Args[1], c.Args[2], c.Args[3], g); consumer == nil {
			return nil, nil, nil
		}
	}
	consumer.Seen = c.KS.Now()
	return e, g, consumer
}

// dropPending forgets a pending entry that the stream does not have any more.
func dropPending(c *command.Ctx, key []byte, g *keyspace.StreamGroup, id keyspace.StreamID, p *keyspace.StreamPending) {
	if c.Host.Propagates() {
		propagateClaim(c, key, g, idText(id), p)
	}
	g.Ack(id)
	c.Dirty(1)
}

// maxAutoClaim is from where on Redis can't have room for so many ids, whatever the machine has.
const maxAutoClaim = 1 << 47 / idtree.Size

func cmdXAutoClaim(c *command.Ctx) {
	// attempts is how many pending entries are looked at for each that may be replied.
	const attempts = 10
	minIdle, ok := c.IntArgMsg(4, "ERR Invalid min-idle-time argument for XAUTOCLAIM")
	if !ok {
		return
	}
	minIdle = max(minIdle, 0)
	start, ok := intervalStart(c, 5)
	if !ok {
		return
	}
	count, just := int64(100), false
	for i := 6; i < len(c.Args); i++ {
		switch {
		case c.ArgIs(i, "count") && i+1 < len(c.Args):
			i++
			if count, ok = numfmt.ParseInt64(c.Args[i]); !ok {
				c.Error("ERR COUNT must be > 0")
				return
			}
			if count < 1 || count > math.MaxInt64/16 {
				c.Error("ERR COUNT must be > 0")
				return
			}
		case c.ArgIs(i, "justid"):
			just = true
		default:
			c.Error(command.ErrSyntax)
			return
		}
	}
	e, g := readGroup(c)
	if g == nil {
		return
	}
	if count > maxAutoClaim {
		c.Error("ERR Insufficient memory, failed allocating transient memory, COUNT too high.")
		return
	}
	c.NoPropagate = true
	key := c.Args[1]
	now := c.KS.Now()
	c.Array(3)
	e, g, consumer := claimant(c, e, g)
	if consumer == nil {
		replyID(c, keyspace.StreamID{})
		c.Array(0)
		c.Array(0)
		return
	}
	propagates := c.Host.Propagates()
	m, n := c.Defer(), 0
	var gone []keyspace.StreamID
	at := g.Pending().SeekGE(start)
	for left := count * attempts; left > 0 && count > 0 && at.Valid(); left-- {
		id, p := at.ID(), keyspace.PendingAt(&at)
		if !keyspace.StreamHas(e, id) {
			gone = append(gone, id)
			dropPending(c, key, g, id, p)
			at = g.Pending().SeekGE(id)
			count--
			continue
		}
		at.Next()
		if minIdle > 0 && now-p.Delivered < minIdle {
			continue
		}
		p.Delivered = now
		if !just {
			p.Count++
		}
		g.Give(id, p, consumer)
		if just {
			replyID(c, id)
		} else {
			replyOne(c, e, id)
		}
		n++
		count--
		consumer.Active = now
		if propagates {
			propagateClaim(c, key, g, idText(id), p)
		}
		c.Dirty(1)
	}
	// The cursor, which is known last, is replied first.
	next := keyspace.StreamID{}
	if at.Valid() {
		next = at.ID()
	}
	c.DeferredArray(m, n)
	insertID(c, m, next)
	c.Array(len(gone))
	for _, id := range gone {
		replyID(c, id)
	}
}
