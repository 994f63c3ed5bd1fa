package commands

import (
	"strings"

	"berth/host/command"
	"berth/internal/glob"
	"berth/internal/numfmt"
	"berth/keyspace"
)

func registerGeneric(t *command.Table) {
	t.Register("del", func(c *command.Ctx) { deleteKeys(c, c.Host.LazyUserDel()) })
	t.Register("unlink", func(c *command.Ctx) { deleteKeys(c, true) })
	t.Register("exists", cmdExists)
	t.Register("touch", cmdTouch)
	t.Register("type", cmdType)
	t.Register("keys", cmdKeys)
	t.Register("scan", cmdScan)
	t.Register("randomkey", cmdRandomKey)
	t.Register("rename", func(c *command.Ctx) { rename(c, false) })
	t.Register("renamenx", func(c *command.Ctx) { rename(c, true) })
	t.Register("move", cmdMove)
	t.Register("copy", cmdCopy)
	registerExpiry(t)
	registerObject(t)
	registerDump(t)
	t.Register("sort", func(c *command.Ctx) { sortKey(c, false) })
	t.Register("sort_ro", func(c *command.Ctx) { sortKey(c, true) })
}

func deleteKeys(c *command.Ctx, lazy bool) {
	n := int64(0)
	for _, key := range c.Args[1:] {
		// An expired key goes as expired and doesn't count.
		if c.DB.Lookup(key, keyspace.LookupWrite|keyspace.LookupNoTouch) == nil {
			continue
		}
		if lazy {
			c.DB.Unlink(key)
		} else {
			c.DB.Delete(key)
		}
		c.Changed(key, command.NotifyGeneric, "del", 1)
		n++
	}
	c.Int(n)
}

func cmdExists(c *command.Ctx) {
	n := int64(0)
	for _, key := range c.Args[1:] {
		if c.DB.Exists(key) {
			n++
		}
	}
	c.Int(n)
}

func cmdTouch(c *command.Ctx) {
	n := int64(0)
	for _, key := range c.Args[1:] {
		// Also under CLIENT NO-TOUCH: touching is what was asked for.
		if c.DB.Lookup(key, keyspace.LookupRead) != nil {
			n++
		}
	}
	c.Int(n)
}

func cmdType(c *command.Ctx) {
	e := c.DB.Lookup(c.Args[1], keyspace.LookupNoTouch)
	if e == nil {
		c.Simple("none")
		return
	}
	c.Simple(c.KS.TypeName(e))
}

func matchAll(pattern []byte) bool { return len(pattern) == 1 && pattern[0] == '*' }

func cmdKeys(c *command.Ctx) {
	pattern := c.Args[1]
	all := matchAll(pattern)
	m := c.Defer()
	n := 0
	it := c.DB.Iter()
	for e := it.Next(); e != nil; e = it.Next() {
		if (all || glob.Match(pattern, e.Key(), false)) && !c.DB.Expired(e) {
			c.Bulk(e.Key())
			n++
		}
	}
	it.Close()
	c.DeferredArray(m, n)
}

func cmdScan(c *command.Ctx) {
	var o scanOptions
	if !parseScanCursor(c, 1, &o) || !parseScanOptions(c, 2, &o, true, 0) {
		return
	}
	var found [][]byte
	cursor := o.cursor
	seen, rounds := int64(0), o.count*10
	for {
		cursor = c.DB.Scan(cursor, func(e *keyspace.Entry) {
			seen++
			if (o.typ == nil || strings.EqualFold(c.KS.TypeName(e), string(o.typ))) && o.matches(e.Key()) {
				found = append(found, append([]byte(nil), e.Key()...))
			}
		})
		// A sparse table must not keep the server busy for ever.
		if rounds--; cursor == 0 || rounds <= 0 || seen >= o.count {
			break
		}
	}
	c.Array(2)
	start := c.Defer()
	n := 0
	for _, key := range found {
		if e := c.DB.Find(key); e == nil || c.DB.Expired(e) {
			// As every access does, this one removes what has expired.
			c.DB.Lookup(key, keyspace.LookupWrite|keyspace.LookupNoTouch)
			continue
		}
		c.Bulk(key)
		n++
	}
	c.DeferredArray(start, n)
	insertCursor(c, start, cursor)
}

func cmdRandomKey(c *command.Ctx) {
	e := c.DB.RandomKey()
	if e == nil {
		c.Null()
		return
	}
	c.Bulk(e.Key())
}

func rename(c *command.Ctx, nx bool) {
	from, to := c.Args[1], c.Args[2]
	e := c.LookupWrite(from)
	if e == nil {
		c.Error(command.ErrNoSuchKey)
		return
	}
	same := string(from) == string(to)
	taken := same || c.LookupWrite(to) != nil
	switch {
	case nx && taken:
		c.Int(0)
		return
	case same:
		c.OK()
		return
	}
	c.DB.MoveKey(e, c.DB, to)
	c.Modified(from)
	c.Modified(to)
	c.Notify(command.NotifyGeneric, "rename_from", from)
	c.Notify(command.NotifyGeneric, "rename_to", to)
	c.Dirty(1)
	if nx {
		c.Int(1)
	} else {
		c.OK()
	}
}

// dbArg is the database whose number argument i is.
func dbArg(c *command.Ctx, i int) (*keyspace.DB, bool) {
	n, ok := numfmt.ParseInt64(c.Args[i])
	switch {
	case !ok:
		c.Error(command.ErrNotInteger)
	case n != int64(int32(n)):
		c.Error(command.ErrNotInt32)
	case n < 0 || n >= int64(c.KS.NumDBs()):
		c.Error(command.ErrDBIndex)
	default:
		return c.KS.DB(int(n)), true
	}
	return nil, false
}

func cmdMove(c *command.Ctx) {
	key := c.Args[1]
	to, ok := dbArg(c, 2)
	if !ok {
		return
	}
	if to == c.DB {
		c.Error(command.ErrSameObject)
		return
	}
	e := c.LookupWrite(key)
	if e == nil || to.Lookup(key, keyspace.LookupWrite) != nil {
		c.Int(0)
		return
	}
	c.DB.MoveKey(e, to, key)
	c.Modified(key)
	c.Host.Modified(c, to, key)
	c.Notify(command.NotifyGeneric, "move_from", key)
	c.Host.Notify(to, command.NotifyGeneric, "move_to", key)
	c.Dirty(1)
	c.Int(1)
}

func cmdCopy(c *command.Ctx) {
	from, to := c.Args[1], c.Args[2]
	db, replace := c.DB, false
	for i := 3; i < len(c.Args); i++ {
		switch {
		case c.ArgIs(i, "replace"):
			replace = true
		case c.ArgIs(i, "db") && i+1 < len(c.Args):
			var ok bool
			if db, ok = dbArg(c, i+1); !ok {
				return
			}
			i++
		default:
			c.Error(command.ErrSyntax)
			return
		}
	}
	if db == c.DB && string(from) == string(to) {
		c.Error(command.ErrSameObject)
		return
	}
	e := c.LookupRead(from)
	if e == nil || db.Lookup(to, keyspace.LookupWrite) != nil && !replace {
		c.Int(0)
		return
	}
	if e.Type() == keyspace.Module {
		if !copyModule(c, e, db, from, to) {
			return
		}
	} else {
		db.Delete(to)
		db.CopyKey(e, db, to)
	}
	c.Host.Modified(c, db, to)
	c.Host.Notify(db, command.NotifyGeneric, "copy_to", to)
	c.Dirty(1)
	c.Int(1)
}

// copyModule copies a module's value, which may fail: the destination is only
// replaced when there is a copy.
func copyModule(c *command.Ctx, e *keyspace.Entry, db *keyspace.DB, from, to []byte) bool {
	mt := c.KS.ModuleTypeOf(e)
	if can, ok := mt.(interface{ CanCopy() bool }); ok && !can.CanCopy() {
		c.Error("ERR not supported for this module key")
		return false
	}
	p := mt.Copy(c.DB.ID(), db.ID(), from, to, e.Ptr())
	if p == nil {
		c.Error("ERR module key failed to copy")
		return false
	}
	id, at := e.ModuleTypeID(), e.Expire()
	db.Delete(to)
	ne := db.SetModule(to, id, p)
	if at != -1 {
		db.SetExpire(ne, at)
	}
	return true
}
