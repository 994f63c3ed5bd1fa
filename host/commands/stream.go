package commands

import (
	"math"
	"slices"

	"berth/host/command"
	"berth/keyspace"
)

func registerStreams(t *command.Table) {
	t.Register("xadd", cmdXAdd)
	t.Register("xlen", cardinality(keyspace.Stream))
	t.Register("xdel", cmdXDel)
	t.Register("xtrim", cmdXTrim)
	t.Register("xsetid", cmdXSetID)
	t.Register("xrange", func(c *command.Ctx) { xrange(c, false) })
	t.Register("xrevrange", func(c *command.Ctx) { xrange(c, true) })
	t.Register("xread", func(c *command.Ctx) { cmdXRead(c, false) })
	t.Register("xreadgroup", func(c *command.Ctx) { cmdXRead(c, true) })
	registerStreamGroups(t)
	registerStreamPending(t)
	registerStreamInfo(t)
}

// streamOf is the entry of a key as it is now, if it still is a stream: whoever is told of a change
// may have changed it again.
func streamOf(c *command.Ctx, key []byte) *keyspace.Entry {
	if e := c.DB.Find(key); e != nil && e.Type() == keyspace.Stream {
		return e
	}
	return nil
}

// trimArgs are the options of XADD and XTRIM.
type trimArgs struct {
	keyspace.StreamTrim
	given      bool
	noMkStream bool
	at         int // of the threshold
	id         parsedID
	hasID      bool
}

const errTrimBoth = "ERR syntax error, MAXLEN and MINID options at the same time are not compatible"

// parseTrim reads the options up to the id of a new entry, or to the end, and returns where it stopped; -1 if it
// replied an error.
func parseTrim(c *command.Ctx, a *trimArgs, add bool) int {
	i, limited := 2, false
	for ; i < len(c.Args); i++ {
		more := i+1 < len(c.Args)
		var ok bool
		switch {
		case add && string(c.Args[i]) == "*":
		case more && (c.ArgIs(i, "maxlen") || c.ArgIs(i, "minid")):
			if a.given {
				c.Error(errTrimBoth)
				return -1
			}
			a.given, a.ByID = true, c.ArgIs(i, "minid")
			i++
			if sign := string(c.Args[i]); i+1 < len(c.Args) && (sign == "~" || sign == "=") {
				a.Approx = sign == "~"
				i++
			}
			a.at = i
			if a.ByID {
				if a.MinID, ok = idArg(c, i); !ok {
					return -1
				}
				continue
			}
			if a.MaxLen, ok = c.IntArg(i); !ok {
				return -1
			}
			if a.MaxLen < 0 {
				c.Error("ERR The MAXLEN argument must be >= 0.")
				return -1
			}
			continue
		case more && c.ArgIs(i, "limit"):
			if a.Limit, ok = c.IntArg(i + 1); !ok {
				return -1
			}
			if a.Limit < 0 {
				c.Error("ERR The LIMIT argument must be >= 0.")
				return -1
			}
			limited = true
			i++
			continue
		case add && c.ArgIs(i, "nomkstream"):
			a.noMkStream = true
			continue
		case add:
			if a.id, ok = parseNewID(c.Args[i], 0); !ok {
				c.Error(errStreamID)
				return -1
			}
			a.hasID = true
		default:
			c.Error(command.ErrSyntax)
			return -1
		}
		break
	}
	switch {
	case a.Limit != 0 && !a.given:
		c.Error("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy")
		return -1
	case !add && !a.given:
		c.Error("ERR syntax error, XTRIM must be called with a trimming strategy")
		return -1
	case c.Flags&command.CallReplica != 0:
		// The threshold is exact: whoever trimmed first has put there what was left.
		a.Limit = 0
	case limited && !a.Approx:
		c.Error("ERR syntax error, LIMIT cannot be used without the special ~ option")
		return -1
	case !limited:
		a.Limit = 0
		if a.Approx {
			a.Limit = approxLimit(c.KS.Limits)
		}
	}
	return i
}

// approxLimit bounds the work of an approximate trim: about a hundred listpacks.
func approxLimit(lim *keyspace.Limits) int64 {
	switch n := lim.StreamNodeMaxEntries; {
	case n <= 0 || n > math.MaxInt/100:
		return 10000
	default:
		return min(100*int64(n), 1000000)
	}
}

// exactTrim puts into a command's arguments what an approximate trim came to.
func exactTrim(argv [][]byte, a *trimArgs, e *keyspace.Entry) {
	if !a.Approx {
		return
	}
	argv[a.at-1] = []byte("=")
	if a.ByID {
		id, _ := keyspace.StreamEdge(e, true, true)
		argv[a.at] = idText(id)
	} else {
		argv[a.at] = intText(int64(keyspace.StreamLen(e)))
	}
}

func cmdXAdd(c *command.Ctx) {
	var a trimArgs
	at := parseTrim(c, &a, true)
	if at < 0 {
		return
	}
	if n := len(c.Args) - at - 1; n < 2 || n%2 != 0 {
		c.Error("ERR wrong number of arguments for '" + c.Row.FullName() + "' command")
		return
	}
	if a.hasID && !a.id.anySeq && a.id.IsZero() {
		c.Error("ERR The ID specified in XADD must be greater than 0-0")
		return
	}
	key := c.Args[1]
	e, ok := c.WriteTyped(key, keyspace.Stream)
	if !ok {
		return
	}
	if e == nil {
		if a.noMkStream {
			c.Null()
			return
		}
		e = c.DB.CreateContainer(key, keyspace.Stream)
	}
	if keyspace.StreamStateOf(e).LastID == keyspace.MaxStreamID {
		c.Error("ERR The stream has exhausted the last possible ID, unable to add more items")
		return
	}
	mode := keyspace.StreamIDAuto
	switch {
	case a.hasID && a.id.anySeq:
		mode = keyspace.StreamIDAutoSeq
	case a.hasID:
		mode = keyspace.StreamIDGiven
	}
	id, result := keyspace.StreamAdd(c.DB, e, mode, a.id.StreamID, c.Args[at+1:])
	switch result {
	case keyspace.StreamIDTooLow:
		c.Error("ERR The ID specified in XADD is equal or smaller than the target stream top item")
		return
	case keyspace.StreamTooLarge:
		c.Error("ERR Elements are too large to be stored")
		return
	}
	replyID(c, id)
	c.Changed(key, command.NotifyStream, "xadd", 1)
	if a.given {
		if e = streamOf(c, key); e != nil && keyspace.StreamTrimTo(c.DB, e, &a.StreamTrim) > 0 {
			c.Notify(command.NotifyStream, "xtrim", key)
			e = streamOf(c, key)
		}
	}
	if c.Host.Propagates() && (a.Approx || mode != keyspace.StreamIDGiven) {
		argv := slices.Clone(c.Args)
		argv[at] = idText(id)
		if e != nil {
			exactTrim(argv, &a, e)
		}
		c.Propagate(argv...)
	}
	c.Host.KeyReady(c.DB, key, keyspace.Stream)
}

func cmdXTrim(c *command.Ctx) {
	var a trimArgs
	if parseTrim(c, &a, false) < 0 {
		return
	}
	key := c.Args[1]
	e, ok := c.WriteTyped(key, keyspace.Stream)
	if !ok {
		return
	}
	if e == nil {
		c.Int(0)
		return
	}
	n := keyspace.StreamTrimTo(c.DB, e, &a.StreamTrim)
	c.Int(n)
	if n == 0 {
		return
	}
	if a.Approx && c.Host.Propagates() {
		argv := slices.Clone(c.Args)
		exactTrim(argv, &a, e)
		c.Propagate(argv...)
	}
	c.Notify(command.NotifyStream, "xtrim", key)
	c.Modified(key)
	c.Dirty(n)
}

func cmdXDel(c *command.Ctx) {
	key := c.Args[1]
	e, ok := c.WriteTyped(key, keyspace.Stream)
	if !ok {
		return
	}
	if e == nil {
		c.Int(0)
		return
	}
	for i := 2; i < len(c.Args); i++ {
		if _, ok := idArg(c, i); !ok {
			return
		}
	}
	n := int64(0)
	var greatest keyspace.StreamID
	for _, arg := range c.Args[2:] {
		id, _ := parseExactID(arg, 0)
		if keyspace.StreamDelete(c.DB, e, id) {
			n++
			if greatest.Less(id) {
				greatest = id
			}
		}
	}
	c.Int(n)
	if n > 0 {
		keyspace.StreamDeleted(e, greatest)
		c.Changed(key, command.NotifyStream, "xdel", n)
	}
}

func cmdXSetID(c *command.Ctx) {
	id, ok := idArg(c, 2)
	if !ok {
		return
	}
	added := int64(-1)
	var deleted keyspace.StreamID
	for i := 3; i < len(c.Args); i += 2 {
		more := i+1 < len(c.Args)
		switch {
		case more && c.ArgIs(i, "entriesadded"):
			if added, ok = c.IntArg(i + 1); !ok {
				return
			}
			if added < 0 {
				c.Error("ERR entries_added must be positive")
				return
			}
		case more && c.ArgIs(i, "maxdeletedid"):
			if deleted, ok = idArg(c, i+1); !ok {
				return
			}
			if id.Less(deleted) {
				c.Error("ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id")
				return
			}
		default:
			c.Error(command.ErrSyntax)
			return
		}
	}
	key := c.Args[1]
	e := c.LookupWrite(key)
	if e == nil {
		c.Error(command.ErrNoSuchKey)
		return
	}
	if e.Type() != keyspace.Stream {
		c.Error(command.ErrWrongType)
		return
	}
	st := keyspace.StreamStateOf(e)
	if id.Less(st.MaxDeletedID) {
		c.Error("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id")
		return
	}
	if st.Length > 0 {
		if top, _ := keyspace.StreamEdge(e, false, false); id.Less(top) {
			c.Error("ERR The ID specified in XSETID is smaller than the target stream top item")
			return
		}
		if added != -1 && st.Length > uint64(added) {
			c.Error("ERR The entries_added specified in XSETID is smaller than the target stream length")
			return
		}
	}
	st.LastID = id
	if added != -1 {
		st.EntriesAdded = uint64(added)
	}
	if !deleted.IsZero() {
		st.MaxDeletedID = deleted
	}
	keyspace.StreamSetState(c.DB, e, st)
	c.OK()
	c.Dirty(1)
	c.Notify(command.NotifyStream, "xsetid", key)
}
