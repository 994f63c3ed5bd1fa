package commands

import (
	"math"

	"berth/host/command"
	"berth/keyspace"
)

func registerSets(t *command.Table) {
	t.Register("sadd", cmdSAdd)
	t.Register("srem", cmdSRem)
	t.Register("smove", cmdSMove)
	t.Register("sismember", cmdSIsMember)
	t.Register("smismember", cmdSMIsMember)
	t.Register("scard", cardinality(keyspace.Set))
	t.Register("spop", cmdSPop)
	t.Register("srandmember", cmdSRandMember)
	t.Register("smembers", func(c *command.Ctx) { setInter(c, c.Args[1:], nil, nil) })
	t.Register("sscan", cmdSScan)
	registerSetAlgebra(t)
}

func cmdSAdd(c *command.Ctx) {
	key := c.Args[1]
	e, ok := c.WriteTyped(key, keyspace.Set)
	if !ok {
		return
	}
	if e == nil {
		e = c.DB.CreateContainer(key, keyspace.Set)
	}
	members := c.Args[2:]
	keyspace.SetReserve(c.DB, e, members[0], len(members))
	n := int64(0)
	for _, m := range members {
		if keyspace.SetAdd(c.DB, e, m) {
			n++
		}
	}
	if n > 0 {
		c.Changed(key, command.NotifySet, "sadd", n)
	}
	c.Int(n)
}

func cmdSRem(c *command.Ctx) {
	key := c.Args[1]
	e, ok := c.WriteTyped(key, keyspace.Set)
	if !ok {
		return
	}
	if e == nil {
		c.Int(0)
		return
	}
	n, gone := int64(0), false
	for _, m := range c.Args[2:] {
		if keyspace.SetRemove(c.DB, e, m) {
			n++
			if c.DB.DeleteIfEmpty(e) {
				gone = true
				break
			}
		}
	}
	if n > 0 {
		c.Changed(key, command.NotifySet, "srem", n)
		if gone {
			c.Notify(command.NotifyGeneric, "del", key)
		}
	}
	c.Int(n)
}

func cmdSMove(c *command.Ctx) {
	srcKey, dstKey, m := c.Args[1], c.Args[2], c.Args[3]
	src, dst := c.LookupWrite(srcKey), c.LookupWrite(dstKey)
	if src == nil {
		c.Int(0)
		return
	}
	if src.Type() != keyspace.Set || dst != nil && dst.Type() != keyspace.Set {
		c.Error(command.ErrWrongType)
		return
	}
	if src == dst {
		c.Int(b2i(keyspace.SetIsMember(src, m)))
		return
	}
	if !keyspace.SetRemove(c.DB, src, m) {
		c.Int(0)
		return
	}
	c.Notify(command.NotifySet, "srem", srcKey)
	if c.DB.DeleteIfEmpty(src) {
		c.Notify(command.NotifyGeneric, "del", srcKey)
	}
	// What was told may have changed the target.
	if dst = c.DB.Find(dstKey); dst == nil {
		dst = c.DB.CreateContainer(dstKey, keyspace.Set)
	}
	c.Modified(srcKey)
	c.Dirty(1)
	if dst.Type() == keyspace.Set && keyspace.SetAdd(c.DB, dst, m) {
		c.Changed(dstKey, command.NotifySet, "sadd", 1)
	}
	c.Int(1)
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func cmdSIsMember(c *command.Ctx) {
	if e, ok := c.ReadTyped(c.Args[1], keyspace.Set); ok {
		c.Int(b2i(e != nil && keyspace.SetIsMember(e, c.Args[2])))
	}
}

func cmdSMIsMember(c *command.Ctx) {
	e, ok := c.ReadTyped(c.Args[1], keyspace.Set)
	if !ok {
		return
	}
	c.Array(len(c.Args) - 2)
	for _, m := range c.Args[2:] {
		c.Int(b2i(e != nil && keyspace.SetIsMember(e, m)))
	}
}

// cardinality is the handler of LLEN, SCARD, ZCARD and HLEN.
func cardinality(t keyspace.Type) command.Handler {
	return func(c *command.Ctx) {
		e, ok := c.ReadTyped(c.Args[1], t)
		if !ok {
			return
		}
		if e == nil {
			c.Int(0)
			return
		}
		c.Int(int64(keyspace.ContainerLen(e)))
	}
}

var argSRem = []byte("SREM")

func cmdSPop(c *command.Ctx) {
	key := c.Args[1]
	if len(c.Args) == 3 {
		spopCount(c)
		return
	}
	if len(c.Args) > 3 {
		c.Error(command.ErrSyntax)
		return
	}
	e, ok := c.WriteTyped(key, keyspace.Set)
	if !ok {
		return
	}
	if e == nil {
		c.Null()
		return
	}
	var tmp [256]byte
	m, _ := keyspace.SetPop(c.DB, e, tmp[:0])
	c.Notify(command.NotifySet, "spop", key)
	c.Bulk(m)
	if c.Host.Propagates() {
		c.Propagate(argSRem, key, append([]byte(nil), m...))
	}
	endSPop(c, key, e, 1)
}

// endSPop ends a removal of random members.
func endSPop(c *command.Ctx, key []byte, e *keyspace.Entry, n int64) {
	if c.DB.DeleteIfEmpty(e) {
		c.Notify(command.NotifyGeneric, "del", key)
	}
	c.Modified(key)
	c.Dirty(n)
}

// removeBatch is how many members one propagated SREM names at most.
const removeBatch = 1024

func spopCount(c *command.Ctx) {
	key := c.Args[1]
	count, ok := c.RangeArgMsg(2, 0, math.MaxInt64, command.ErrMustPositive, command.ErrMustPositive)
	if !ok {
		return
	}
	e, ok := c.WriteTyped(key, keyspace.Set)
	if !ok {
		return
	}
	if e == nil || count == 0 {
		c.Set(0)
		return
	}
	n := int64(keyspace.SetLen(e))
	if count >= n {
		c.Notify(command.NotifySet, "spop", key)
		replySet(c, e)
		c.DB.Delete(key)
		c.Notify(command.NotifyGeneric, "del", key)
		if c.Host.Propagates() {
			name := argDel
			if c.Host.LazyUserDel() {
				name = argUnlink
			}
			c.Propagate(name, key)
		}
		c.Modified(key)
		c.Dirty(n)
		return
	}
	propagates := c.Host.Propagates()
	var batch [][]byte
	c.Set(int(count))
	for range count {
		var tmp [256]byte
		m, _ := keyspace.SetPop(c.DB, e, tmp[:0])
		c.Bulk(m)
		if propagates {
			if len(batch) == 0 {
				batch = append(batch, argSRem, key)
			}
			batch = append(batch, append([]byte(nil), m...))
			if len(batch) == removeBatch+2 {
				c.Host.AlsoPropagate(c.DB, batch...)
				batch = batch[:0]
			}
		}
	}
	if len(batch) > 0 {
		c.Host.AlsoPropagate(c.DB, batch...)
	}
	c.NoPropagate = true
	c.Notify(command.NotifySet, "spop", key)
	c.Modified(key)
	c.Dirty(count)
}

func cmdSRandMember(c *command.Ctx) {
	if len(c.Args) > 3 {
		c.Error(command.ErrSyntax)
		return
	}
	if len(c.Args) == 2 {
		e, ok := c.ReadTyped(c.Args[1], keyspace.Set)
		if !ok {
			return
		}
		if e == nil {
			c.Null()
			return
		}
		var sc keyspace.Scratch
		c.Bulk(keyspace.SetRandom(e, &sc))
		return
	}
	count, ok := symmetricCount(c, 2)
	if !ok {
		return
	}
	e, ok := c.ReadTyped(c.Args[1], keyspace.Set)
	if !ok {
		return
	}
	if e == nil || count == 0 {
		c.Array(0)
		return
	}
	n := -count
	if count > 0 {
		n = min(count, int64(keyspace.SetLen(e)))
	}
	c.Array(int(n))
	keyspace.SetRandomMany(e, int(count), func(m []byte) { c.Bulk(m) })
}

func cmdSScan(c *command.Ctx) {
	scanValue(c, keyspace.Set, func(e *keyspace.Entry, cursor uint64, o *scanOptions, n *int) uint64 {
		return keyspace.SetScan(e, cursor, func(m []byte) {
			if o.matches(m) {
				c.Bulk(m)
				*n++
			}
		})
	})
}

// replySet replies with all members.
func replySet(c *command.Ctx, e *keyspace.Entry) {
	c.Set(keyspace.SetLen(e))
	it := keyspace.NewSetIter(e)
	for it.Next() {
		c.Bulk(it.Member())
	}
	it.Close()
}
