package commands

import (
	"math"
	"strconv"

	"berth/host/command"
	"berth/keyspace"
)

func registerExpiry(t *command.Table) {
	t.Register("expire", func(c *command.Ctx) { setExpire(c, c.KS.Now(), 1000) })
	t.Register("pexpire", func(c *command.Ctx) { setExpire(c, c.KS.Now(), 1) })
	t.Register("expireat", func(c *command.Ctx) { setExpire(c, 0, 1000) })
	t.Register("pexpireat", func(c *command.Ctx) { setExpire(c, 0, 1) })
	t.Register("ttl", func(c *command.Ctx) { ttl(c, false, 1000) })
	t.Register("pttl", func(c *command.Ctx) { ttl(c, false, 1) })
	t.Register("expiretime", func(c *command.Ctx) { ttl(c, true, 1000) })
	t.Register("pexpiretime", func(c *command.Ctx) { ttl(c, true, 1) })
	t.Register("persist", cmdPersist)
}

// expireCond are the conditions under which EXPIRE and its kin act.
type expireCond struct{ nx, xx, gt, lt bool }

// parse reads the conditions from argument i on.
func (o *expireCond) parse(c *command.Ctx, i int) bool {
	for ; i < len(c.Args); i++ {
		switch {
		case c.ArgIs(i, "nx"):
			o.nx = true
		case c.ArgIs(i, "xx"):
			o.xx = true
		case c.ArgIs(i, "gt"):
			o.gt = true
		case c.ArgIs(i, "lt"):
			o.lt = true
		default:
			c.Error("ERR Unsupported option " + string(c.Args[i]))
			return false
		}
	}
	switch {
	case o.nx && (o.xx || o.gt || o.lt):
		c.Error("ERR NX and XX, GT or LT options at the same time are not compatible")
		return false
	case o.gt && o.lt:
		c.Error("ERR GT and LT options at the same time are not compatible")
		return false
	}
	return true
}

// allow decides whether an expire of cur, -1 for none, may become at. No expire counts as
// an infinite one.
func (o *expireCond) allow(cur, at int64) bool {
	switch {
	case o.nx && cur != -1, o.xx && cur == -1:
		return false
	case o.gt && (cur == -1 || at <= cur), o.lt && cur != -1 && at >= cur:
		return false
	}
	return true
}

// alreadyExpired reports whether a key with that expire is to be deleted at once: not
// where somebody else decides about expiry.
func alreadyExpired(c *command.Ctx, at int64) bool {
	sw := &c.KS.Switches
	return at <= c.KS.Now() && !sw.Loading && !sw.Replica
}

// setExpire is EXPIRE and its kin: argument 2 counts units of unit milliseconds from base.
func setExpire(c *command.Ctx, base, unit int64) {
	key := c.Args[1]
	var cond expireCond
	if !cond.parse(c, 3) {
		return
	}
	at, ok := c.IntArg(2)
	if !ok {
		return
	}
	if at > math.MaxInt64/unit || at < math.MinInt64/unit || at*unit > math.MaxInt64-base {
		c.Error("ERR invalid expire time in '" + c.Row.FullName() + "' command")
		return
	}
	at = at*unit + base
	e := c.LookupWrite(key)
	if e == nil || !cond.allow(e.Expire(), at) {
		c.Int(0)
		return
	}
	if alreadyExpired(c, at) {
		verb := argDel
		if c.KS.Switches.LazyfreeExpire {
			verb = argUnlink
		}
		c.DB.Outlive(key)
		c.Propagate(verb, key)
		c.Changed(key, command.NotifyGeneric, "del", 1)
		c.Int(1)
		return
	}
	c.DB.SetExpire(e, at)
	if c.Host.Propagates() && (base != 0 || unit != 1) {
		argv := append([][]byte{argPExpire, key, strconv.AppendInt(nil, at, 10)}, c.Args[3:]...)
		c.Propagate(argv...)
	}
	c.Changed(key, command.NotifyGeneric, "expire", 1)
	c.Int(1)
}

// ttl replies with the time of expiry, or the time until then, in units of unit
// milliseconds.
func ttl(c *command.Ctx, abs bool, unit int64) {
	e := c.DB.Lookup(c.Args[1], keyspace.LookupNoTouch)
	switch {
	case e == nil:
		c.Int(-2)
		return
	case !e.HasExpire():
		c.Int(-1)
		return
	}
	n := e.Expire()
	if !abs {
		n -= c.KS.Now()
	}
	c.Int((max(n, 0) + unit/2) / unit)
}

func cmdPersist(c *command.Ctx) {
	e := c.LookupWrite(c.Args[1])
	if e == nil || !c.DB.Persist(e) {
		c.Int(0)
		return
	}
	c.Changed(c.Args[1], command.NotifyGeneric, "persist", 1)
	c.Int(1)
}
