package commands

import (
	"strconv"

	"berth/host/command"
	"berth/internal/numfmt"
	"berth/keyspace"
)

func registerStrings(t *command.Table) {
	t.Register("set", cmdSet)
	t.Register("setnx", cmdSetNX)
	t.Register("setex", func(c *command.Ctx) { setEx(c, "setex", 1000) })
	t.Register("psetex", func(c *command.Ctx) { setEx(c, "psetex", 1) })
	t.Register("get", cmdGet)
	t.Register("getset", cmdGetSet)
	t.Register("getdel", cmdGetDel)
	t.Register("getex", cmdGetEx)
	t.Register("mget", cmdMGet)
	t.Register("mset", cmdMSet)
	t.Register("msetnx", cmdMSetNX)
	t.Register("append", cmdAppend)
	t.Register("strlen", cmdStrlen)
	t.Register("setrange", cmdSetRange)
	t.Register("getrange", cmdGetRange)
	t.Register("substr", cmdGetRange)
	t.Register("incr", func(c *command.Ctx) { incrBy(c, 1) })
	t.Register("decr", func(c *command.Ctx) { incrBy(c, -1) })
	t.Register("incrby", cmdIncrBy)
	t.Register("decrby", cmdDecrBy)
	t.Register("incrbyfloat", cmdIncrByFloat)
	t.Register("lcs", cmdLCS)
}

var (
	argSet     = []byte("SET")
	argDel     = []byte("DEL")
	argUnlink  = []byte("UNLINK")
	argPXAt    = []byte("PXAT")
	argKeepTTL = []byte("KEEPTTL")
	argPersist = []byte("PERSIST")
	argPExpire = []byte("PEXPIREAT")
)

// expiryOption is one of EX, PX, EXAT, PXAT of SET and GETEX.
type expiryOption struct {
	pos  int   // of the number; 0: the option was not given
	unit int64 // in milliseconds
	abs  bool
}

// parseExpiry reads an expiry option at argument i.
func (o *expiryOption) parse(c *command.Ctx, i int) bool {
	switch {
	case c.ArgIs(i, "ex"):
		o.unit = 1000
	case c.ArgIs(i, "px"):
		o.unit = 1
	case c.ArgIs(i, "exat"):
		o.unit, o.abs = 1000, true
	case c.ArgIs(i, "pxat"):
		o.unit, o.abs = 1, true
	default:
		return false
	}
	o.pos = i + 1
	return true
}

// at is the unix time in milliseconds that the option stands for.
func (o *expiryOption) at(c *command.Ctx, name string) (int64, bool) {
	n, ok := c.IntArg(o.pos)
	if !ok {
		return 0, false
	}
	return expireAt(c, n, o.unit, o.abs, name)
}

// expireAt turns a relative or absolute time in units of unit milliseconds into
// a unix time in milliseconds; one that is not positive or overflows is
// refused.
func expireAt(c *command.Ctx, n, unit int64, abs bool, name string) (int64, bool) {
	const most = 1<<63 - 1
	if n <= 0 || n > most/unit {
		c.Error("ERR invalid expire time in '" + name + "' command")
		return 0, false
	}
	n *= unit
	if !abs {
		if n > most-c.KS.Now() {
			c.Error("ERR invalid expire time in '" + name + "' command")
			return 0, false
		}
		n += c.KS.Now()
	}
	return n, true
}

// setString stores a string in place of whatever the key holds. An expired value
// goes first, with its own event, as in Redis.
func setString(c *command.Ctx, key, val []byte, keepTTL bool) *keyspace.Entry {
	return c.DB.SetStringAt(c.LookupWrite(key), key, val, keepTTL)
}

func cmdSet(c *command.Ctx) {
	key, val := c.Args[1], c.Args[2]
	if len(c.Args) == 3 {
		setString(c, key, val, false)
		c.Changed(key, command.NotifyString, "set", 1)
		c.OK()
		return
	}
	var exp expiryOption
	var nx, xx, get, keep bool
	for i := 3; i < len(c.Args); i++ {
		more := i+1 < len(c.Args)
		switch {
		case c.ArgIs(i, "nx") && !xx:
			nx = true
		case c.ArgIs(i, "xx") && !nx:
			xx = true
		case c.ArgIs(i, "get"):
			get = true
		case c.ArgIs(i, "keepttl") && exp.pos == 0:
			keep = true
		case more && !keep && exp.pos == 0 && exp.parse(c, i):
			i++
		default:
			c.Error(command.ErrSyntax)
			return
		}
	}
	var at int64
	if exp.pos != 0 {
		var ok bool
		if at, ok = exp.at(c, "set"); !ok {
			return
		}
	}
	if get {
		e, ok := c.ReadTyped(key, keyspace.String)
		if !ok {
			return
		}
		replyString(c, e)
	}
	if nx || xx {
		found := c.LookupWrite(key) != nil
		if nx && found || xx && !found {
			if !get {
				c.Null()
			}
			return
		}
	}
	e := setString(c, key, val, keep)
	if exp.pos != 0 {
		c.DB.SetExpire(e, at)
	}
	c.Modified(key)
	c.Dirty(1)
	c.Notify(command.NotifyString, "set", key)
	if exp.pos != 0 {
		c.Notify(command.NotifyGeneric, "expire", key)
	}
	switch {
	case !c.Host.Propagates():
	case exp.pos != 0:
		// An absolute time in milliseconds is propagated as it stands, whatever else there is.
		if !exp.abs || exp.unit != 1 {
			c.Propagate(argSet, key, val, argPXAt, strconv.AppendInt(nil, at, 10))
		}
	case get:
		args := append([][]byte(nil), c.Args[:3]...)
		for i := 3; i < len(c.Args); i++ {
			if !c.ArgIs(i, "get") {
				args = append(args, c.Args[i])
			}
		}
		c.Propagate(args...)
	}
	if !get {
		c.OK()
	}
}

func cmdSetNX(c *command.Ctx) {
	key := c.Args[1]
	if c.LookupWrite(key) != nil {
		c.Int(0)
		return
	}
	c.DB.SetStringAt(nil, key, c.Args[2], false)
	c.Changed(key, command.NotifyString, "set", 1)
	c.Int(1)
}

func setEx(c *command.Ctx, name string, unit int64) {
	key, val := c.Args[1], c.Args[3]
	n, ok := c.IntArg(2)
	if !ok {
		return
	}
	at, ok := expireAt(c, n, unit, false, name)
	if !ok {
		return
	}
	e := setString(c, key, val, false)
	c.DB.SetExpire(e, at)
	c.Changed(key, command.NotifyString, "set", 1)
	c.Notify(command.NotifyGeneric, "expire", key)
	if c.Host.Propagates() {
		c.Propagate(argSet, key, val, argPXAt, strconv.AppendInt(nil, at, 10))
	}
	c.OK()
}

// replyString replies with a string value, or null for a missing key.
func replyString(c *command.Ctx, e *keyspace.Entry) {
	if e == nil {
		c.Null()
		return
	}
	var scratch keyspace.Scratch
	c.Bulk(keyspace.StringBytes(e, scratch[:0]))
}

func cmdGet(c *command.Ctx) {
	if e, ok := c.ReadTyped(c.Args[1], keyspace.String); ok {
		replyString(c, e)
	}
}

func cmdGetSet(c *command.Ctx) {
	key := c.Args[1]
	e, ok := c.ReadTyped(key, keyspace.String)
	if !ok {
		return
	}
	replyString(c, e)
	c.DB.SetStringAt(e, key, c.Args[2], false)
	c.Changed(key, command.NotifyString, "set", 1)
	if c.Host.Propagates() {
		c.Propagate(argSet, key, c.Args[2])
	}
}

func cmdGetDel(c *command.Ctx) {
	key := c.Args[1]
	e, ok := c.ReadTyped(key, keyspace.String) // counts as a read, as in Redis
	if !ok {
		return
	}
	replyString(c, e)
	if e == nil {
		return
	}
	c.DB.Delete(key)
	c.Changed(key, command.NotifyGeneric, "del", 1)
	if c.Host.Propagates() {
		c.Propagate(argDel, key)
	}
}

func cmdGetEx(c *command.Ctx) {
	key := c.Args[1]
	var exp expiryOption
	persist := false
	for i := 2; i < len(c.Args); i++ {
		more := i+1 < len(c.Args)
		switch {
		case c.ArgIs(i, "persist") && exp.pos == 0:
			persist = true
		case more && !persist && exp.pos == 0 && exp.parse(c, i):
			i++
		default:
			c.Error(command.ErrSyntax)
			return
		}
	}
	e, ok := c.ReadTyped(key, keyspace.String)
	if !ok {
		return
	}
	if e == nil {
		c.Null()
		return
	}
	var at int64
	if exp.pos != 0 {
		if at, ok = exp.at(c, "getex"); !ok {
			return
		}
	}
	replyString(c, e)
	switch {
	case exp.pos != 0 && exp.abs && at <= c.KS.Now():
		c.DB.Outlive(key)
		c.Changed(key, command.NotifyGeneric, "del", 1)
		c.Propagate(argDel, key)
	case exp.pos != 0:
		c.DB.SetExpire(e, at)
		c.Changed(key, command.NotifyGeneric, "expire", 1)
		if c.Host.Propagates() {
			c.Propagate(argPExpire, key, strconv.AppendInt(nil, at, 10))
		}
	case persist && e.HasExpire():
		c.DB.Persist(e)
		c.Changed(key, command.NotifyGeneric, "persist", 1)
		c.Propagate(argPersist, key)
	}
}

func cmdMGet(c *command.Ctx) {
	c.Array(len(c.Args) - 1)
	for _, key := range c.Args[1:] {
		e := c.LookupRead(key)
		if e != nil && e.Type() != keyspace.String {
			e = nil
		}
		replyString(c, e)
	}
}

func cmdMSet(c *command.Ctx) {
	if len(c.Args)%2 == 0 {
		c.Error("ERR wrong number of arguments for 'mset' command")
		return
	}
	mset(c)
	c.OK()
}

func mset(c *command.Ctx) {
	for i := 1; i < len(c.Args); i += 2 {
		setString(c, c.Args[i], c.Args[i+1], false)
		c.Changed(c.Args[i], command.NotifyString, "set", 1)
	}
}

func cmdMSetNX(c *command.Ctx) {
	if len(c.Args)%2 == 0 {
		c.Error("ERR wrong number of arguments for 'msetnx' command")
		return
	}
	for i := 1; i < len(c.Args); i += 2 {
		if c.LookupWrite(c.Args[i]) != nil {
			c.Int(0)
			return
		}
	}
	mset(c)
	c.Int(1)
}

// tooLong refuses a string of more than proto-max-bulk-len bytes.
func tooLong(c *command.Ctx, n int64) bool {
	if n > c.Host.MaxBulkLen() {
		c.Error(command.ErrStringTooLong)
		return true
	}
	return false
}

func cmdAppend(c *command.Ctx) {
	key, val := c.Args[1], c.Args[2]
	e, ok := c.WriteTyped(key, keyspace.String)
	if !ok {
		return
	}
	var n int
	if e == nil {
		c.DB.SetStringAt(nil, key, val, false)
		n = len(val)
	} else {
		n = keyspace.StringLen(e) + len(val)
		if tooLong(c, int64(n)) {
			return
		}
		c.DB.Append(e, val)
	}
	c.Changed(key, command.NotifyString, "append", 1)
	c.Int(int64(n))
}

func cmdStrlen(c *command.Ctx) {
	e, ok := c.ReadTyped(c.Args[1], keyspace.String)
	if !ok {
		return
	}
	if e == nil {
		c.Int(0)
		return
	}
	c.Int(int64(keyspace.StringLen(e)))
}

func cmdSetRange(c *command.Ctx) {
	key, val := c.Args[1], c.Args[3]
	off, ok := c.IntArg(2)
	if !ok {
		return
	}
	if off < 0 {
		c.Error("ERR offset is out of range")
		return
	}
	e, ok := c.WriteTyped(key, keyspace.String)
	if !ok {
		return
	}
	if len(val) == 0 {
		n := 0
		if e != nil {
			n = keyspace.StringLen(e)
		}
		c.Int(int64(n))
		return
	}
	if off > c.Host.MaxBulkLen() || tooLong(c, off+int64(len(val))) {
		if off > c.Host.MaxBulkLen() {
			c.Error(command.ErrStringTooLong)
		}
		return
	}
	if e == nil {
		e = c.DB.SetRaw(nil, key, int(off)+len(val))
	}
	e = c.DB.SetRange(e, int(off), val)
	c.Changed(key, command.NotifyString, "setrange", 1)
	c.Int(int64(keyspace.StringLen(e)))
}

func cmdGetRange(c *command.Ctx) {
	start, ok := c.IntArg(2)
	if !ok {
		return
	}
	end, ok := c.IntArg(3)
	if !ok {
		return
	}
	e, ok := c.ReadTyped(c.Args[1], keyspace.String)
	if !ok {
		return
	}
	if e == nil {
		c.Bulk(nil)
		return
	}
	var scratch keyspace.Scratch
	b := keyspace.StringBytes(e, scratch[:0])
	n := int64(len(b))
	if start < 0 && end < 0 && start > end {
		c.Bulk(nil)
		return
	}
	if start < 0 {
		start = max(start+n, 0)
	}
	if end < 0 {
		end = max(end+n, 0)
	}
	end = min(end, n-1)
	if n == 0 || start > end {
		c.Bulk(nil)
		return
	}
	c.Bulk(b[start : end+1])
}

func cmdIncrBy(c *command.Ctx) {
	if n, ok := c.IntArg(2); ok {
		incrBy(c, n)
	}
}

func cmdDecrBy(c *command.Ctx) {
	n, ok := c.IntArg(2)
	if !ok {
		return
	}
	if n == -1<<63 {
		c.Error("ERR decrement would overflow")
		return
	}
	incrBy(c, -n)
}

func incrBy(c *command.Ctx, by int64) {
	key := c.Args[1]
	e, ok := c.WriteTyped(key, keyspace.String)
	if !ok {
		return
	}
	sum := by
	if e == nil {
		c.DB.SetIntAt(nil, key, by, false)
	} else {
		var err error
		switch _, sum, err = c.DB.IncrBy(e, by); err {
		case nil:
		case keyspace.ErrOverflow:
			c.Error(command.ErrIncrOverflow)
			return
		default:
			c.Error(command.ErrNotInteger)
			return
		}
	}
	c.Changed(key, command.NotifyString, "incrby", 1)
	c.Int(sum)
}

func cmdIncrByFloat(c *command.Ctx) {
	key := c.Args[1]
	e, ok := c.WriteTyped(key, keyspace.String)
	if !ok {
		return
	}
	var scratch keyspace.Scratch
	old := []byte("0")
	if e != nil {
		old = keyspace.StringBytes(e, scratch[:0])
	}
	v, ok := numfmt.ParseLongDouble(old)
	if !ok {
		c.Error(command.ErrNotFloat)
		return
	}
	by, ok := numfmt.ParseLongDouble(c.Args[2])
	if !ok {
		c.Error(command.ErrNotFloat)
		return
	}
	sum, ok := numfmt.AddLongDouble(v, by)
	if !ok {
		c.Error("ERR increment would produce NaN or Infinity")
		return
	}
	text := numfmt.AppendLongDouble(nil, sum)
	c.DB.SetBytesAt(e, key, text, true)
	c.Changed(key, command.NotifyString, "incrbyfloat", 1)
	if c.Host.Propagates() {
		c.Propagate(argSet, key, text, argKeepTTL)
	}
	c.Bulk(text)
}
