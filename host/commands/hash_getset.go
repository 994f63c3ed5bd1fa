package commands

import (
	"math"
	"strconv"

	"berth/host/command"
	"berth/keyspace"
)

func replyNulls(c *command.Ctx, n int) {
	c.Array(n)
	for range n {
		c.Null()
	}
}

func cmdHGetDel(c *command.Ctx) {
	key := c.Args[1]
	e, ok := c.WriteTyped(key, keyspace.Hash)
	if !ok {
		return
	}
	fields, ok := fieldArgs(c, 2, errFieldsNumber)
	if !ok {
		return
	}
	if e == nil {
		replyNulls(c, len(fields))
		return
	}
	expired := reapCount(c, e, fields)
	deleted := int64(0)
	c.Array(len(fields))
	for _, f := range fields {
		replyField(c, e, f)
		if keyspace.HashExists(c.DB, e, f) {
			keyspace.HashDelete(c.DB, e, f)
			c.Touch(1, f)
			deleted++
		}
	}
	if expired == 0 && deleted == 0 {
		return
	}
	c.Modified(key)
	if expired > 0 {
		c.Notify(command.NotifyHash, "hexpired", key)
	}
	if deleted > 0 {
		c.NotifyFields(command.NotifyHash, "hdel", key)
		c.Dirty(deleted)
		if c.Host.Propagates() {
			c.Propagate(append([][]byte{argHDel, key}, fields...)...)
		}
	}
	if c.DB.DeleteIfEmpty(e) {
		c.Notify(command.NotifyGeneric, "del", key)
	}
}

// fieldExpireOption tells whether argument i is EX, PX, EXAT or PXAT, and what the time behind it counts.
func fieldExpireOption(c *command.Ctx, i int) (base, unit int64, ok bool) {
	switch {
	case c.ArgIs(i, "ex"):
		return c.KS.Now(), 1000, true
	case c.ArgIs(i, "px"):
		return c.KS.Now(), 1, true
	case c.ArgIs(i, "exat"):
		return 0, 1000, true
	case c.ArgIs(i, "pxat"):
		return 0, 1, true
	}
	return 0, 0, false
}

func cmdHGetEx(c *command.Ctx) {
	key := c.Args[1]
	e, ok := c.WriteTyped(key, keyspace.Hash)
	if !ok {
		return
	}
	first := 2
	var at int64
	base, unit, expire := fieldExpireOption(c, 2)
	if expire {
		if at, ok = fieldTime(c, 3, base, unit); !ok {
			return
		}
	}
	persist := !expire && c.ArgIs(2, "persist")
	if expire {
		first = 4
	} else if persist {
		first = 3
	}
	fields, ok := fieldArgs(c, first, errFieldsNumber)
	if !ok {
		return
	}
	if e == nil {
		replyNulls(c, len(fields))
		return
	}
	expired := reapCount(c, e, fields)
	if expire || persist {
		keyspace.HashReserveTimes(c.DB, e)
	}
	times := keyspace.NewHashTimes(e)
	over := expire && alreadyExpired(c, at)
	updated, deleted := int64(0), int64(0)
	c.Array(len(fields))
	for _, f := range fields {
		replyField(c, e, f)
		switch {
		case persist:
			if keyspace.HashPersist(c.DB, e, f) {
				c.Touch(1, f)
				updated++
			}
		case !expire || !keyspace.HashExists(c.DB, e, f):
		case over:
			dropField(c, &times, e, f)
			deleted++
		default:
			times.Set(c.DB, e, f, at)
			c.Touch(1, f)
			updated++
		}
	}
	times.Done(e)
	if int64(expired)+updated+deleted == 0 {
		return
	}
	c.Modified(key)
	c.Dirty(updated + deleted)
	if expired > 0 {
		c.Notify(command.NotifyHash, "hexpired", key)
	}
	switch {
	case updated > 0 && persist:
		c.NotifyFields(command.NotifyHash, "hpersist", key)
		if c.Host.Propagates() {
			c.Propagate(append([][]byte{argHPersist, key}, c.Args[first:]...)...)
		}
	case updated > 0:
		c.NotifyFields(command.NotifyHash, "hexpire", key)
		if c.Host.Propagates() {
			c.Propagate(append([][]byte{argHPExpireAt, key, strconv.AppendInt(nil, at, 10)}, c.Args[first:]...)...)
		}
	case deleted > 0:
		c.NoPropagate = true
		c.NotifyFields(command.NotifyHash, "hdel", key)
	}
	if c.DB.DeleteIfEmpty(e) {
		c.Notify(command.NotifyGeneric, "del", key)
	}
}

// setExOptions are the arguments of HSETEX.
type setExOptions struct {
	fnx, fxx, keep, expire bool
	at                     int64
	timeArg                int // where the option with the time is
	pairs                  [][]byte
}

func (o *setExOptions) parse(c *command.Ctx) bool {
	for i := 2; i < len(c.Args); i++ {
		base, unit, expire := fieldExpireOption(c, i)
		switch {
		case c.ArgIs(i, "fields"):
			return o.parseFields(c, i)
		case expire || c.ArgIs(i, "keepttl"):
			if o.expire || o.keep {
				c.Error("ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified")
				return false
			}
			if o.keep = !expire; o.keep {
				continue
			}
			if i+1 == len(c.Args) {
				c.Error("ERR missing expire time")
				return false
			}
			var ok bool
			if o.at, ok = fieldTime(c, i+1, base, unit); !ok {
				return false
			}
			o.expire, o.timeArg = true, i
			i++
		case c.ArgIs(i, "fnx"), c.ArgIs(i, "fxx"):
			if o.fnx || o.fxx {
				c.Error("ERR Only one of FXX or FNX arguments can be specified")
				return false
			}
			o.fnx = c.ArgIs(i, "fnx")
			o.fxx = !o.fnx
		default:
			c.Error("ERR unknown argument: " + string(c.Args[i]))
			return false
		}
	}
	c.Error("ERR missing FIELDS argument")
	return false
}

// parseFields reads FIELDS n field value …, the end of the command.
func (o *setExOptions) parseFields(c *command.Ctx, i int) bool {
	if i+3 < len(c.Args) {
		n, ok := c.RangeArg(i+1, 1, math.MaxInt32, "ERR invalid number of fields")
		if !ok {
			return false
		}
		if int64(len(c.Args)-i-2) == 2*n {
			o.pairs = c.Args[i+2:]
			return true
		}
	}
	c.Error("ERR wrong number of arguments for '" + c.Row.FullName() + "' command")
	return false
}

func cmdHSetEx(c *command.Ctx) {
	key := c.Args[1]
	var o setExOptions
	if !o.parse(c) {
		return
	}
	e, ok := c.WriteTyped(key, keyspace.Hash)
	if !ok {
		return
	}
	if o.fnx || o.fxx {
		if e == nil && o.fxx {
			c.Int(0)
			return
		}
		for i := 0; e != nil && i < len(o.pairs); i += 2 {
			// What is over goes without being told of, unless the whole hash does.
			reaped := keyspace.HashReap(c.DB, e, o.pairs[i])
			exists := keyspace.HashExists(c.DB, e, o.pairs[i])
			if reaped && o.fnx && c.DB.DeleteIfEmpty(e) {
				c.Notify(command.NotifyGeneric, "del", key)
				e = nil
				continue
			}
			if exists != o.fxx {
				c.Int(0)
				if c.DB.DeleteIfEmpty(e) {
					c.Notify(command.NotifyGeneric, "del", key)
				}
				if reaped {
					c.Modified(key)
				}
				return
			}
		}
	}
	if e == nil {
		e = c.DB.CreateContainer(key, keyspace.Hash)
	}
	keyspace.HashReserve(c.DB, e, o.pairs)
	n := int64(len(o.pairs) / 2)
	if o.expire && alreadyExpired(c, o.at) {
		// Each field goes before the next one comes, so that the hash stays as small as it is.
		keyspace.HashReserveTimes(c.DB, e)
		times := keyspace.NewHashTimes(e)
		for i := 0; i < len(o.pairs); i += 2 {
			keyspace.HashSetKeep(c.DB, e, o.pairs[i], o.pairs[i+1])
			dropField(c, &times, e, o.pairs[i])
		}
		times.Done(e)
		c.Int(1)
		c.Changed(key, command.NotifyHash, "hset", n)
		c.NoPropagate = true
		fieldsDropped(c, e)
		return
	}
	for i := 0; i < len(o.pairs); i += 2 {
		if o.keep || o.expire {
			keyspace.HashSetKeep(c.DB, e, o.pairs[i], o.pairs[i+1])
		} else {
			keyspace.HashSet(c.DB, e, o.pairs[i], o.pairs[i+1])
		}
	}
	c.Int(1)
	c.Touch(2, o.pairs...)
	c.ChangedFields(key, command.NotifyHash, "hset", n)
	if !o.expire {
		return
	}
	keyspace.HashReserveTimes(c.DB, e)
	times := keyspace.NewHashTimes(e)
	for i := 0; i < len(o.pairs); i += 2 {
		times.Set(c.DB, e, o.pairs[i], o.at)
	}
	times.Done(e)
	c.Touch(2, o.pairs...)
	c.NotifyFields(command.NotifyHash, "hexpire", key)
	if c.Host.Propagates() && !c.ArgIs(o.timeArg, "pxat") {
		argv := append([][]byte(nil), c.Args...)
		argv[o.timeArg] = argPXAt
		argv[o.timeArg+1] = strconv.AppendInt(nil, o.at, 10)
		c.Propagate(argv...)
	}
}
