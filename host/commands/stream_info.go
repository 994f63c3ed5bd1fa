package commands

import (
	"strconv"

	"berth/host/command"
	"berth/keyspace"
	"berth/keyspace/idtree"
)

func registerStreamInfo(t *command.Table) {
	t.Register("xinfo|stream", cmdXInfoStream)
	t.Register("xinfo|groups", cmdXInfoGroups)
	t.Register("xinfo|consumers", cmdXInfoConsumers)
	t.Register("xinfo|help", command.Help)
}

// insertID puts an id, as a reply, at m.
func insertID(c *command.Ctx, m command.Mark, id keyspace.StreamID) {
	var room, text [idtree.MaxText + 10]byte
	b := id.Append(text[:0])
	h := strconv.AppendInt(append(room[:0], '$'), int64(len(b)), 10)
	h = append(append(append(h, '\r', '\n'), b...), '\r', '\n')
	c.Insert(m, h)
}

// infoStream finds the stream that XINFO tells of.
func infoStream(c *command.Ctx) *keyspace.Entry {
	e := c.LookupRead(c.Args[2])
	switch {
	case e == nil:
		c.Error(command.ErrNoSuchKey)
	case e.Type() != keyspace.Stream:
		c.Error(command.ErrWrongType)
		e = nil
	}
	return e
}

func infoID(c *command.Ctx, name string, id keyspace.StreamID) {
	c.BulkString(name)
	replyID(c, id)
}

func infoInt(c *command.Ctx, name string, n int64) {
	c.BulkString(name)
	c.Int(n)
}

func cmdXInfoStream(c *command.Ctx) {
	e := infoStream(c)
	if e == nil {
		return
	}
	n := len(c.Args)
	full, count := n > 3, int64(10)
	if full {
		if n != 4 && n != 6 || !c.ArgIs(3, "full") || n == 6 && !c.ArgIs(4, "count") {
			subcommandSyntax(c)
			return
		}
		if n == 6 {
			var ok bool
			if count, ok = c.IntArg(5); !ok {
				return
			}
			if count < 0 {
				count = 10
			}
		}
		c.Map(9)
	} else {
		c.Map(10)
	}
	st := keyspace.StreamStateOf(e)
	infoInt(c, "length", int64(st.Length))
	infoInt(c, "radix-tree-keys", int64(keyspace.StreamNodes(e)))
	infoInt(c, "radix-tree-nodes", int64(keyspace.StreamRadixNodes(e)))
	infoID(c, "last-generated-id", st.LastID)
	infoID(c, "max-deleted-entry-id", st.MaxDeletedID)
	infoInt(c, "entries-added", int64(st.EntriesAdded))
	infoID(c, "recorded-first-entry-id", st.FirstID)
	if full {
		c.BulkString("entries")
		replyRange(c, e, keyspace.StreamID{}, keyspace.MaxStreamID, count, false)
		c.BulkString("groups")
		c.Array(keyspace.StreamGroups(e))
		for i := range keyspace.StreamGroups(e) {
			infoGroupFull(c, e, keyspace.StreamGroupAt(e, i), count)
		}
		return
	}
	infoInt(c, "groups", int64(keyspace.StreamGroups(e)))
	for _, rev := range [...]bool{false, true} {
		if rev {
			c.BulkString("last-entry")
		} else {
			c.BulkString("first-entry")
		}
		if it := keyspace.NewStreamIter(e, keyspace.StreamID{}, keyspace.MaxStreamID, rev); it.Next() {
			replyEntry(c, &it)
		} else {
			c.Null()
		}
	}
}

// infoProgress tells how far a group has come.
func infoProgress(c *command.Ctx, e *keyspace.Entry, g *keyspace.StreamGroup) {
	infoID(c, "last-delivered-id", g.LastID)
	c.BulkString("entries-read")
	if g.Read != keyspace.StreamReadUnknown {
		c.Int(g.Read)
	} else {
		c.Null()
	}
	c.BulkString("lag")
	if lag, ok := keyspace.StreamLag(e, g); ok {
		c.Int(lag)
	} else {
		c.Null()
	}
}

func infoGroupFull(c *command.Ctx, e *keyspace.Entry, g *keyspace.StreamGroup, count int64) {
	c.Map(7)
	c.BulkString("name")
	c.Bulk(g.Name())
	infoProgress(c, e, g)
	infoInt(c, "pel-count", int64(g.Pending().Len()))
	c.BulkString("pending")
	infoPending(c, g.Pending(), count, true)
	c.BulkString("consumers")
	c.Array(g.Consumers())
	for i := range g.Consumers() {
		consumer := g.ConsumerAt(i)
		c.Map(5)
		c.BulkString("name")
		c.Bulk(consumer.Name())
		infoInt(c, "seen-time", consumer.Seen)
		infoInt(c, "active-time", consumer.Active)
		infoInt(c, "pel-count", int64(consumer.Pending().Len()))
		c.BulkString("pending")
		infoPending(c, consumer.Pending(), count, false)
	}
}

// infoPending lists pending entries, those of a group with their consumers.
func infoPending(c *command.Ctx, pending *idtree.Tree, count int64, group bool) {
	n := int64(pending.Len())
	if count > 0 {
		n = min(n, count)
	}
	c.Array(int(n))
	for at := pending.First(); n > 0; n-- {
		p := keyspace.PendingAt(&at)
		if group {
			c.Array(4)
			replyID(c, at.ID())
			c.Bulk(p.Consumer().Name())
		} else {
			c.Array(3)
			replyID(c, at.ID())
		}
		c.Int(p.Delivered)
		c.Int(int64(p.Count))
		at.Next()
	}
}

func cmdXInfoGroups(c *command.Ctx) {
	e := infoStream(c)
	if e == nil {
		return
	}
	c.Array(keyspace.StreamGroups(e))
	for i := range keyspace.StreamGroups(e) {
		g := keyspace.StreamGroupAt(e, i)
		c.Map(6)
		c.BulkString("name")
		c.Bulk(g.Name())
		infoInt(c, "consumers", int64(g.Consumers()))
		infoInt(c, "pending", int64(g.Pending().Len()))
		infoProgress(c, e, g)
	}
}

func cmdXInfoConsumers(c *command.Ctx) {
	e := infoStream(c)
	if e == nil {
		return
	}
	g := keyspace.StreamFindGroup(e, c.Args[3])
	if g == nil {
		noSuchGroup(c, c.Args[2], c.Args[3])
		return
	}
	now := c.KS.Now()
	c.Array(g.Consumers())
	for i := range g.Consumers() {
		consumer := g.ConsumerAt(i)
		c.Map(4)
		c.BulkString("name")
		c.Bulk(consumer.Name())
		infoInt(c, "pending", int64(consumer.Pending().Len()))
		infoInt(c, "idle", max(now-consumer.Seen, 0))
		inactive := int64(-1)
		if consumer.Active != -1 {
			inactive = max(now-consumer.Active, 0)
		}
		infoInt(c, "inactive", inactive)
	}
}
