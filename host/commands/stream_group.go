package commands

import (
	"strings"

	"berth/host/command"
	"berth/keyspace"
)

var (
	argXGroup = []byte("XGROUP")
	argXClaim = []byte("XCLAIM")
)

func registerStreamGroups(t *command.Table) {
	t.Register("xgroup|create", cmdXGroupCreate)
	t.Register("xgroup|setid", cmdXGroupSetID)
	t.Register("xgroup|destroy", cmdXGroupDestroy)
	t.Register("xgroup|createconsumer", cmdXGroupCreateConsumer)
	t.Register("xgroup|delconsumer", cmdXGroupDelConsumer)
	t.Register("xgroup|help", command.Help)
	t.Register("xack", cmdXAck)
}

// subcommandSyntax is the error of a container command whose arguments don't fit.
func subcommandSyntax(c *command.Ctx) {
	sub := c.Args[1]
	c.Error("ERR unknown subcommand or wrong number of arguments for '" + cText(sub[:min(len(sub), 128)]) + "'. Try " +
		strings.ToUpper(cText(c.Args[0])) + " HELP.")
}

// groupArgs are the options of XGROUP CREATE and SETID.
type groupArgs struct {
	mkStream bool
	read     int64
}

func (a *groupArgs) parse(c *command.Ctx, create bool) bool {
	a.read = keyspace.StreamReadUnknown
	for i := 5; i < len(c.Args); i++ {
		switch {
		case create && c.ArgIs(i, "mkstream"):
			a.mkStream = true
		case c.ArgIs(i, "entriesread") && i+1 < len(c.Args):
			i++
			var ok bool
			if a.read, ok = c.IntArg(i); !ok {
				return false
			}
			if a.read < 0 && a.read != keyspace.StreamReadUnknown {
				c.Error("ERR value for ENTRIESREAD must be positive or -1")
				return false
			}
		default:
			subcommandSyntax(c)
			return false
		}
	}
	return true
}

// groupStream is the stream that a subcommand of XGROUP works on. With optional, there need not be one.
func groupStream(c *command.Ctx, optional bool) (e *keyspace.Entry, ok bool) {
	e, ok = c.WriteTyped(c.Args[2], keyspace.Stream)
	if ok && e == nil && !optional {
		c.Error("ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the " +
			"MKSTREAM option to create an empty stream automatically.")
		return nil, false
	}
	return e, ok
}

// existingGroup is the group that a subcommand of XGROUP works on.
func existingGroup(c *command.Ctx) (*keyspace.Entry, *keyspace.StreamGroup) {
	e, ok := groupStream(c, false)
	if !ok {
		return nil, nil
	}
	g := keyspace.StreamWriteGroup(c.DB, e, c.Args[3])
	if g == nil {
		noSuchGroup(c, c.Args[2], c.Args[3])
	}
	return e, g
}

func noSuchGroup(c *command.Ctx, key, group []byte) {
	c.Error("NOGROUP No such consumer group '" + cText(group) + "' for key name '" + cText(key) + "'")
}

// groupID is argument 4: the id behind which a group begins, $ for the last one of the stream, if there is one. SETID
// also takes the - and + of ranges.
func groupID(c *command.Ctx, e *keyspace.Entry, ends bool) (id keyspace.StreamID, ok bool) {
	arg := c.Args[4]
	switch {
	case string(cString(arg)) == "$" && e == nil:
		return id, true
	case string(cString(arg)) == "$":
		return keyspace.StreamStateOf(e).LastID, true
	case ends:
		id, ok = parseStreamID(arg, 0)
	default:
		id, ok = parseExactID(arg, 0)
	}
	if !ok {
		c.Error(errStreamID)
	}
	return id, ok
}

func cmdXGroupCreate(c *command.Ctx) {
	var a groupArgs
	if !a.parse(c, true) {
		return
	}
	e, ok := groupStream(c, a.mkStream)
	if !ok {
		return
	}
	if len(c.Args) > 8 {
		subcommandSyntax(c)
		return
	}
	id, ok := groupID(c, e, false)
	if !ok {
		return
	}
	key := c.Args[2]
	if e == nil {
		e = c.DB.CreateContainer(key, keyspace.Stream)
		c.Modified(key)
	}
	if keyspace.StreamCreateGroup(c.DB, e, c.Args[3], id, a.read) == nil {
		c.Error("BUSYGROUP Consumer Group name already exists")
		return
	}
	c.OK()
	c.Dirty(1)
	c.Notify(command.NotifyStream, "xgroup-create", key)
}

func cmdXGroupSetID(c *command.Ctx) {
	var a groupArgs
	if !a.parse(c, false) {
		return
	}
	e, g := existingGroup(c)
	if g == nil {
		return
	}
	if len(c.Args) > 7 {
		subcommandSyntax(c)
		return
	}
	id, ok := groupID(c, e, true)
	if !ok {
		return
	}
	g.LastID, g.Read = id, a.read
	c.OK()
	c.Dirty(1)
	c.Notify(command.NotifyStream, "xgroup-setid", c.Args[2])
}

func cmdXGroupDestroy(c *command.Ctx) {
	e, ok := groupStream(c, false)
	if !ok {
		return
	}
	key := c.Args[2]
	if !keyspace.StreamDestroyGroup(c.DB, e, c.Args[3]) {
		c.Int(0)
		return
	}
	c.Int(1)
	c.Dirty(1)
	c.Notify(command.NotifyStream, "xgroup-destroy", key)
	// Whoever waits for the group must learn that it is gone.
	c.Host.KeyReady(c.DB, key, keyspace.Stream)
}

func cmdXGroupCreateConsumer(c *command.Ctx) {
	_, g := existingGroup(c)
	if g == nil {
		return
	}
	if g.Consumer(c.Args[4]) != nil {
		c.Int(0)
		return
	}
	makeConsumer(c, c.Args[2], c.Args[3], c.Args[4], g)
	c.Int(1)
}

// makeConsumer adds a consumer to a group and tells of it. It returns stream, group and consumer as they are then; nil
// if somebody who was told has deleted one of them.
func makeConsumer(c *command.Ctx, key, group, name []byte, g *keyspace.StreamGroup) (*keyspace.Entry,
	*keyspace.StreamGroup, *keyspace.StreamConsumer) {
	g.CreateConsumer(name, c.KS.Now())
	c.Dirty(1)
	c.Notify(command.NotifyStream, "xgroup-createconsumer", key)
	e := streamOf(c, key)
	if e == nil {
		return nil, nil, nil
	}
	if g = keyspace.StreamFindGroup(e, group); g == nil {
		return nil, nil, nil
	}
	return e, g, g.Consumer(name)
}

func cmdXGroupDelConsumer(c *command.Ctx) {
	_, g := existingGroup(c)
	if g == nil {
		return
	}
	pending, ok := g.DeleteConsumer(c.Args[4])
	c.Int(int64(pending))
	if ok {
		c.Dirty(1)
		c.Notify(command.NotifyStream, "xgroup-delconsumer", c.Args[2])
	}
}

func cmdXAck(c *command.Ctx) {
	e, ok := c.ReadTyped(c.Args[1], keyspace.Stream)
	if !ok {
		return
	}
	var g *keyspace.StreamGroup
	if e != nil {
		g = keyspace.StreamWriteGroup(c.DB, e, c.Args[2])
	}
	if g == nil {
		c.Int(0)
		return
	}
	for i := 3; i < len(c.Args); i++ {
		if _, ok := idArg(c, i); !ok {
			return
		}
	}
	n := int64(0)
	for _, arg := range c.Args[3:] {
		if id, _ := parseExactID(arg, 0); g.Ack(id) {
			n++
		}
	}
	c.Int(n)
	c.Dirty(n)
}

// propagateClaim tells replicas whose an entry is now, in words that can be repeated.
func propagateClaim(c *command.Ctx, key []byte, g *keyspace.StreamGroup, id []byte, p *keyspace.StreamPending) {
	c.Host.AlsoPropagate(c.DB, argXClaim, key, g.Name(), p.Consumer().Name(), []byte("0"), id,
		[]byte("TIME"), intText(p.Delivered), []byte("RETRYCOUNT"), intText(int64(p.Count)),
		[]byte("FORCE"), []byte("JUSTID"), []byte("LASTID"), idText(g.LastID))
}

// propagateGroupID tells replicas what a group was given last.
func propagateGroupID(c *command.Ctx, key []byte, g *keyspace.StreamGroup) {
	c.Host.AlsoPropagate(c.DB, argXGroup, []byte("SETID"), key, g.Name(), idText(g.LastID),
		[]byte("ENTRIESREAD"), intText(g.Read))
}
