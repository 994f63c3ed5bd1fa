package commands

import (
	"math"
	"strconv"

	"berth/host/command"
	"berth/keyspace"
)

func registerHashExpiry(t *command.Table) {
	t.Register("hexpire", func(c *command.Ctx) { setFieldExpire(c, c.KS.Now(), 1000) })
	t.Register("hpexpire", func(c *command.Ctx) { setFieldExpire(c, c.KS.Now(), 1) })
	t.Register("hexpireat", func(c *command.Ctx) { setFieldExpire(c, 0, 1000) })
	t.Register("hpexpireat", func(c *command.Ctx) { setFieldExpire(c, 0, 1) })
	t.Register("httl", func(c *command.Ctx) { fieldTTL(c, false, 1000) })
	t.Register("hpttl", func(c *command.Ctx) { fieldTTL(c, false, 1) })
	t.Register("hexpiretime", func(c *command.Ctx) { fieldTTL(c, true, 1000) })
	t.Register("hpexpiretime", func(c *command.Ctx) { fieldTTL(c, true, 1) })
	t.Register("hpersist", cmdHPersist)
	t.Register("hgetdel", cmdHGetDel)
	t.Register("hgetex", cmdHGetEx)
	t.Register("hsetex", cmdHSetEx)
}

const (
	// maxFieldExpire is the latest time at which a field may end.
	maxFieldExpire = 1<<46 - 1

	errFieldsMissing = "ERR Mandatory argument FIELDS is missing or not at the right position"
	errFieldsNumber  = "ERR Number of fields must be a positive integer"
	errFieldsMatch   = "ERR The `numfields` parameter must match the number of arguments"
)

// What commands reply for a field.
const (
	fieldAbsent  = -2 // no such field
	fieldNoTime  = -1 // it has no time to live
	fieldNotMet  = 0  // the condition isn't met
	fieldDone    = 1
	fieldDeleted = 2 // the time was over already
)

var (
	argHPExpireAt = []byte("HPEXPIREAT")
	argHPersist   = []byte("HPERSIST")
	argHDel       = []byte("HDEL")
)

// reapFields deletes those of the fields that a command has met whose time is over, and reports
// whether the hash is gone with them. e may be nil.
func reapFields(c *command.Ctx, e *keyspace.Entry, fields [][]byte) (gone bool) {
	return reapCount(c, e, fields) > 0 && keyspace.HashReaped(c.DB, e)
}

func reapCount(c *command.Ctx, e *keyspace.Entry, fields [][]byte) (n int) {
	if e == nil || !keyspace.HashHasDead(c.DB, e) {
		return 0
	}
	for _, f := range fields {
		if keyspace.HashReap(c.DB, e, f) {
			n++
		}
	}
	return n
}

// fieldArgs reads FIELDS n field …, which begins at argument i and ends the command.
func fieldArgs(c *command.Ctx, i int, notPositive string) ([][]byte, bool) {
	if i >= len(c.Args) || !c.ArgIs(i, "fields") {
		c.Error(errFieldsMissing)
		return nil, false
	}
	if i+1 >= len(c.Args) {
		c.Error("ERR wrong number of arguments for '" + c.Row.FullName() + "' command")
		return nil, false
	}
	n, ok := c.RangeArg(i+1, 1, math.MaxInt64, notPositive)
	if !ok {
		return nil, false
	}
	if n != int64(len(c.Args)-i-2) {
		c.Error(errFieldsMatch)
		return nil, false
	}
	return c.Args[i+2:], true
}

// fieldTime reads argument i, which counts units of unit milliseconds from base.
func fieldTime(c *command.Ctx, i int, base, unit int64) (at int64, ok bool) {
	at, ok = c.IntArg(i)
	switch {
	case !ok:
		return 0, false
	case at < 0:
		c.Error("ERR invalid expire time, must be >= 0")
		return 0, false
	case at > maxFieldExpire/unit || at*unit > maxFieldExpire-base:
		c.Error("ERR invalid expire time in '" + c.Row.FullName() + "' command")
		return 0, false
	}
	return at*unit + base, true
}

func replyEach(c *command.Ctx, n int, v int64) {
	c.Array(n)
	for range n {
		c.Int(v)
	}
}

// dropField deletes a field whose new time is over already; replicas learn of a plain deletion.
func dropField(c *command.Ctx, times *keyspace.HashTimes, e *keyspace.Entry, field []byte) {
	times.Delete(c.DB, e, field)
	c.Touch(1, field)
	c.Host.AlsoPropagate(c.DB, argHDel, c.Args[1], field)
}

// fieldsDropped ends a call that deleted fields.
func fieldsDropped(c *command.Ctx, e *keyspace.Entry) {
	key := c.Args[1]
	c.NotifyFields(command.NotifyHash, "hdel", key)
	if c.DB.DeleteIfEmpty(e) {
		c.Notify(command.NotifyGeneric, "del", key)
	}
}

// setFieldExpire is HEXPIRE and its kin: argument 2 counts units of unit milliseconds from base.
func setFieldExpire(c *command.Ctx, base, unit int64) {
	key := c.Args[1]
	e, ok := c.WriteTyped(key, keyspace.Hash)
	if !ok {
		return
	}
	at, ok := fieldTime(c, 2, base, unit)
	if !ok {
		return
	}
	var cond expireCond
	first := 4
	switch {
	case c.ArgIs(3, "nx"):
		cond.nx = true
	case c.ArgIs(3, "xx"):
		cond.xx = true
	case c.ArgIs(3, "gt"):
		cond.gt = true
	case c.ArgIs(3, "lt"):
		cond.lt = true
	default:
		first = 3
	}
	fields, ok := fieldArgs(c, first, "ERR Parameter `numFields` should be greater than 0")
	if !ok {
		return
	}
	if e == nil {
		replyEach(c, len(fields), fieldAbsent)
		return
	}
	keyspace.HashReserveTimes(c.DB, e)
	over := alreadyExpired(c, at)
	var set [][]byte
	times := keyspace.NewHashTimes(e)
	propagates := c.Host.Propagates()
	updated, deleted := 0, 0
	c.Array(len(fields))
	for _, f := range fields {
		cur, ok := keyspace.HashFieldTime(e, f)
		switch {
		case !ok:
			c.Int(fieldAbsent)
		case !cond.allow(cur, at):
			c.Int(fieldNotMet)
		case over:
			dropField(c, &times, e, f)
			deleted++
			c.Int(fieldDeleted)
		default:
			times.Set(c.DB, e, f, at)
			c.Touch(1, f)
			updated++
			if propagates {
				set = append(set, f)
			}
			c.Int(fieldDone)
		}
	}
	if updated+deleted == 0 {
		return
	}
	times.Done(e)
	c.Modified(key)
	c.Dirty(int64(updated + deleted))
	if deleted > 0 {
		c.NoPropagate = true
		fieldsDropped(c, e)
		return
	}
	c.NotifyFields(command.NotifyHash, "hexpire", key)
	if propagates && (base != 0 || unit != 1 || updated != len(fields)) {
		name := argHPExpireAt
		if base == 0 && unit == 1 {
			name = c.Args[0] // only its fields are not those that were named
		}
		argv := append([][]byte{name, key, strconv.AppendInt(nil, at, 10)}, c.Args[3:first+1]...)
		c.Propagate(append(append(argv, strconv.AppendInt(nil, int64(updated), 10)), set...)...)
	}
}

// fieldTTL replies with the times at which fields end, or the times until then, in units of unit
// milliseconds.
func fieldTTL(c *command.Ctx, abs bool, unit int64) {
	e, ok := c.ReadTyped(c.Args[1], keyspace.Hash)
	if !ok {
		return
	}
	fields, ok := fieldArgs(c, 2, errFieldsNumber)
	if !ok {
		return
	}
	if e == nil {
		replyEach(c, len(fields), fieldAbsent)
		return
	}
	c.Array(len(fields))
	for _, f := range fields {
		at, ok := keyspace.HashExpireTime(c.DB, e, f)
		switch {
		case !ok:
			c.Int(fieldAbsent)
			continue
		case at == -1:
			c.Int(fieldNoTime)
			continue
		case !abs:
			at -= c.KS.Now()
		}
		c.Int((at + unit - 1) / unit)
	}
}

func cmdHPersist(c *command.Ctx) {
	e, ok := c.WriteTyped(c.Args[1], keyspace.Hash)
	if !ok {
		return
	}
	fields, ok := fieldArgs(c, 2, errFieldsNumber)
	if !ok {
		return
	}
	if e == nil {
		replyEach(c, len(fields), fieldAbsent)
		return
	}
	changed := int64(0)
	c.Array(len(fields))
	for _, f := range fields {
		switch at, ok := keyspace.HashExpireTime(c.DB, e, f); {
		case !ok:
			c.Int(fieldAbsent)
		case at == -1:
			c.Int(fieldNoTime)
		default:
			keyspace.HashPersist(c.DB, e, f)
			c.Touch(1, f)
			changed++
			c.Int(fieldDone)
		}
	}
	if changed > 0 {
		c.ChangedFields(c.Args[1], command.NotifyHash, "hpersist", changed)
	}
}
