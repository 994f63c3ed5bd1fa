package commands

import (
	"math"
	"strconv"

	"berth/host/command"
	"berth/internal/numfmt"
	"berth/keyspace"
)

func registerHashes(t *command.Table) {
	t.Register("hset", cmdHSet)
	t.Register("hmset", cmdHSet)
	t.Register("hsetnx", cmdHSetNX)
	t.Register("hget", cmdHGet)
	t.Register("hmget", cmdHMGet)
	t.Register("hdel", cmdHDel)
	t.Register("hlen", cardinality(keyspace.Hash))
	t.Register("hstrlen", cmdHStrlen)
	t.Register("hexists", cmdHExists)
	t.Register("hgetall", func(c *command.Ctx) { hashAll(c, true, true) })
	t.Register("hkeys", func(c *command.Ctx) { hashAll(c, true, false) })
	t.Register("hvals", func(c *command.Ctx) { hashAll(c, false, true) })
	t.Register("hincrby", cmdHIncrBy)
	t.Register("hincrbyfloat", cmdHIncrByFloat)
	t.Register("hrandfield", cmdHRandField)
	t.Register("hscan", cmdHScan)
	registerHashExpiry(t)
}

// writeHash finds the hash of the first key for writing, making one if there
// is none.
func writeHash(c *command.Ctx) (*keyspace.Entry, bool) {
	e, ok := c.WriteTyped(c.Args[1], keyspace.Hash)
	if ok && e == nil {
		e = c.DB.CreateContainer(c.Args[1], keyspace.Hash)
	}
	return e, ok
}

func cmdHSet(c *command.Ctx) {
	if len(c.Args)%2 == 1 {
		c.Error("ERR wrong number of arguments for '" + c.Row.FullName() + "' command")
		return
	}
	e, ok := writeHash(c)
	if !ok {
		return
	}
	pairs := c.Args[2:]
	keyspace.HashReserve(c.DB, e, pairs)
	created := int64(0)
	for i := 0; i < len(pairs); i += 2 {
		if keyspace.HashSet(c.DB, e, pairs[i], pairs[i+1]) {
			created++
		}
	}
	if c.Row.Name == "hmset" {
		c.OK()
	} else {
		c.Int(created)
	}
	c.Touch(2, pairs...)
	c.ChangedFields(c.Args[1], command.NotifyHash, "hset", int64(len(pairs)/2))
}

func cmdHSetNX(c *command.Ctx) {
	e, ok := writeHash(c)
	if !ok {
		return
	}
	if reapFields(c, e, c.Args[2:3]) {
		e = c.DB.CreateContainer(c.Args[1], keyspace.Hash)
	}
	if keyspace.HashExists(c.DB, e, c.Args[2]) {
		c.Int(0)
		return
	}
	keyspace.HashReserve(c.DB, e, c.Args[2:4])
	keyspace.HashSet(c.DB, e, c.Args[2], c.Args[3])
	c.Int(1)
	c.Touch(1, c.Args[2])
	c.ChangedFields(c.Args[1], command.NotifyHash, "hset", 1)
}

func replyField(c *command.Ctx, e *keyspace.Entry, field []byte) {
	if e != nil {
		var sc keyspace.Scratch
		if v, ok := keyspace.HashGet(c.DB, e, field, &sc); ok {
			c.Bulk(v)
			return
		}
	}
	c.Null()
}

func cmdHGet(c *command.Ctx) {
	if e, ok := c.ReadTyped(c.Args[1], keyspace.Hash); ok {
		replyField(c, e, c.Args[2])
		reapFields(c, e, c.Args[2:3])
	}
}

func cmdHMGet(c *command.Ctx) {
	e, ok := c.ReadTyped(c.Args[1], keyspace.Hash)
	if !ok {
		return
	}
	c.Array(len(c.Args) - 2)
	for _, f := range c.Args[2:] {
		replyField(c, e, f)
	}
	reapFields(c, e, c.Args[2:])
}

func cmdHDel(c *command.Ctx) {
	key := c.Args[1]
	e, ok := c.WriteTyped(key, keyspace.Hash)
	if !ok {
		return
	}
	if e == nil {
		c.Int(0)
		return
	}
	n, gone := int64(0), false
	for _, f := range c.Args[2:] {
		if keyspace.HashDelete(c.DB, e, f) {
			n++
			c.Touch(1, f)
			if c.DB.DeleteIfEmpty(e) {
				gone = true
				break
			}
		}
	}
	if n > 0 {
		c.ChangedFields(key, command.NotifyHash, "hdel", n)
		if gone {
			c.Notify(command.NotifyGeneric, "del", key)
		}
	}
	c.Int(n)
}

func cmdHStrlen(c *command.Ctx) {
	e, ok := c.ReadTyped(c.Args[1], keyspace.Hash)
	if !ok {
		return
	}
	if e == nil {
		c.Int(0)
		return
	}
	c.Int(int64(keyspace.HashStrLen(c.DB, e, c.Args[2])))
	reapFields(c, e, c.Args[2:3])
}

func cmdHExists(c *command.Ctx) {
	e, ok := c.ReadTyped(c.Args[1], keyspace.Hash)
	if !ok {
		return
	}
	if e != nil && keyspace.HashExists(c.DB, e, c.Args[2]) {
		c.Int(1)
		return
	}
	c.Int(0)
	reapFields(c, e, c.Args[2:3])
}

// hashAll is HGETALL, HKEYS and HVALS.
func hashAll(c *command.Ctx, fields, values bool) {
	e, ok := c.ReadTyped(c.Args[1], keyspace.Hash)
	if !ok {
		return
	}
	n := 0
	if e != nil {
		n = keyspace.HashLive(c.DB, e)
	}
	if fields && values {
		c.Map(n)
	} else {
		c.Array(n)
	}
	if e == nil {
		return
	}
	it := keyspace.NewLiveHashIter(c.DB, e)
	for it.Next() {
		if fields {
			c.Bulk(it.Field())
		}
		if values {
			c.Bulk(it.Value())
		}
	}
	it.Close()
}

func cmdHIncrBy(c *command.Ctx) {
	by, ok := c.IntArg(3)
	if !ok {
		return
	}
	e, ok := writeHash(c)
	if !ok {
		return
	}
	field := c.Args[2]
	if reapFields(c, e, c.Args[2:3]) {
		e = c.DB.CreateContainer(c.Args[1], keyspace.Hash)
	}
	var sc keyspace.Scratch
	var v int64
	if old, ok := keyspace.HashGet(c.DB, e, field, &sc); ok {
		if v, ok = numfmt.ParseInt64(old); !ok {
			c.Error("ERR hash value is not an integer")
			return
		}
	}
	sum := v + by
	if by > 0 && sum < v || by < 0 && sum > v {
		c.Error(command.ErrIncrOverflow)
		return
	}
	var tmp [24]byte
	keyspace.HashSetKeep(c.DB, e, field, strconv.AppendInt(tmp[:0], sum, 10))
	c.Int(sum)
	c.Touch(1, c.Args[2])
	c.ChangedFields(c.Args[1], command.NotifyHash, "hincrby", 1)
}

func cmdHIncrByFloat(c *command.Ctx) {
	by, ok := numfmt.ParseLongDouble(c.Args[3])
	if !ok {
		c.Error(command.ErrNotFloat)
		return
	}
	if by.IsInf() {
		c.Error("ERR value is NaN or Infinity")
		return
	}
	e, ok := writeHash(c)
	if !ok {
		return
	}
	field := c.Args[2]
	if reapFields(c, e, c.Args[2:3]) {
		e = c.DB.CreateContainer(c.Args[1], keyspace.Hash)
	}
	var sc keyspace.Scratch
	old, ok := keyspace.HashGet(c.DB, e, field, &sc)
	if !ok {
		old = []byte("0")
	}
	v, ok := numfmt.ParseLongDouble(old)
	if !ok {
		c.Error("ERR hash value is not a float")
		return
	}
	sum, ok := numfmt.AddLongDouble(v, by)
	if !ok {
		c.Error("ERR increment would produce NaN or Infinity")
		return
	}
	text := numfmt.AppendLongDouble(nil, sum)
	keyspace.HashReserve(c.DB, e, [][]byte{field, text})
	keyspace.HashSetKeep(c.DB, e, field, text)
	c.Bulk(text)
	c.Touch(1, c.Args[2])
	c.ChangedFields(c.Args[1], command.NotifyHash, "hincrbyfloat", 1)
	if c.Host.Propagates() {
		// The sum, not the addend: floats may be computed differently elsewhere.
		c.Propagate([]byte("HSET"), c.Args[1], field, text)
	}
}

// symmetricCount reads a count whose sign has a meaning.
func symmetricCount(c *command.Ctx, i int) (int64, bool) {
	return c.RangeArgMsg(i, -math.MaxInt64, math.MaxInt64, command.ErrNotInteger,
		"ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")
}

func cmdHRandField(c *command.Ctx) {
	if len(c.Args) == 2 {
		e, ok := c.ReadTyped(c.Args[1], keyspace.Hash)
		if !ok {
			return
		}
		if e == nil || keyspace.HashReapAll(c.DB, e) {
			c.Null()
			return
		}
		var fsc, vsc keyspace.Scratch
		if f, _, ok := keyspace.HashRandom(c.DB, e, &fsc, &vsc); ok {
			c.Bulk(f)
		} else {
			c.Null()
		}
		return
	}
	count, ok := symmetricCount(c, 2)
	if !ok {
		return
	}
	withValues := false
	if len(c.Args) > 4 || len(c.Args) == 4 && !c.ArgIs(3, "withvalues") {
		c.Error(command.ErrSyntax)
		return
	}
	if len(c.Args) == 4 {
		withValues = true
		if count < -math.MaxInt64/2 || count > math.MaxInt64/2 {
			c.Error(command.ErrOutOfRange)
			return
		}
	}
	e, ok := c.ReadTyped(c.Args[1], keyspace.Hash)
	if !ok {
		return
	}
	live := 0
	if e != nil && count != 0 && !keyspace.HashReapAll(c.DB, e) {
		live = keyspace.HashLive(c.DB, e)
	}
	if live == 0 {
		c.Array(0)
		return
	}
	n := count
	if count < 0 {
		n = -count
	} else {
		n = min(n, int64(live))
	}
	switch {
	case !withValues:
		c.Array(int(n))
	case c.RESP3():
		c.Array(int(n))
	default:
		c.Array(int(2 * n))
	}
	keyspace.HashRandomMany(c.DB, e, int(count), func(f, v []byte) {
		if withValues && c.RESP3() {
			c.Array(2)
		}
		c.Bulk(f)
		if withValues {
			c.Bulk(v)
		}
	})
}

func cmdHScan(c *command.Ctx) {
	scanValue(c, keyspace.Hash, func(e *keyspace.Entry, cursor uint64, o *scanOptions, n *int) uint64 {
		return keyspace.HashScan(c.DB, e, cursor, func(f, v []byte) {
			if !o.matches(f) {
				return
			}
			c.Bulk(f)
			*n++
			if !o.noValues {
				c.Bulk(v)
				*n++
			}
		})
	})
}
