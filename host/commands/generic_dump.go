package commands

import (
	"math"
	"strconv"
	"time"

	"berth/host/command"
	"berth/persistence/rdb"
)

func registerDump(t *command.Table) {
	t.Register("dump", cmdDump)
	t.Register("restore", cmdRestore)
	t.Register("restore-asking", cmdRestore)
}

var argAbsTTL = []byte("ABSTTL")

func cmdDump(c *command.Ctx) {
	e := c.LookupRead(c.Args[1])
	if e == nil {
		c.Null()
		return
	}
	// The payload is written where the reply is, and its length put in front.
	m := c.Defer()
	buf, err := c.Host.RDB().AppendDump(c.Buf, c.DB, e)
	c.Buf = buf
	if err != nil {
		c.Error("ERR " + err.Error())
		return
	}
	var tmp [24]byte
	head := strconv.AppendInt(append(tmp[:0], '$'), int64(len(buf)-int(m)), 10)
	c.RawString("\r\n")
	c.Insert(m, append(head, '\r', '\n'))
}

// restoreOptions are the arguments of RESTORE behind the payload.
type restoreOptions struct {
	replace, abs bool
	idle, freq   int64 // -1: not given
}

func (o *restoreOptions) parse(c *command.Ctx) bool {
	o.idle, o.freq = -1, -1
	for i := 4; i < len(c.Args); i++ {
		more := i+1 < len(c.Args)
		var ok bool
		switch {
		case c.ArgIs(i, "replace"):
			o.replace = true
		case c.ArgIs(i, "absttl"):
			o.abs = true
		case c.ArgIs(i, "idletime") && more && o.freq == -1:
			i++
			if o.idle, ok = c.IntArg(i); !ok {
				return false
			}
			if o.idle < 0 {
				c.Error("ERR Invalid IDLETIME value, must be >= 0")
				return false
			}
		case c.ArgIs(i, "freq") && more && o.idle == -1:
			i++
			if o.freq, ok = c.IntArg(i); !ok {
				return false
			}
			if o.freq < 0 || o.freq > 255 {
				c.Error("ERR Invalid FREQ value, must be >= 0 and <= 255")
				return false
			}
		default:
			c.Error(command.ErrSyntax)
			return false
		}
	}
	return true
}

func cmdRestore(c *command.Ctx) {
	key := c.Args[1]
	var o restoreOptions
	if !o.parse(c) {
		return
	}
	if !o.replace && c.LookupWrite(key) != nil {
		c.Error(command.ErrBusyKey)
		return
	}
	at, ok := c.IntArg(2)
	if !ok {
		return
	}
	if at < 0 {
		c.Error("ERR Invalid TTL value, must be >= 0")
		return
	}
	v := restoreValue(c, key, c.Args[3])
	if v == nil {
		return
	}
	replaced := o.replace && c.DB.Delete(key)
	relative := at != 0 && !o.abs
	if relative {
		at = int64(uint64(at) + uint64(c.KS.Now())) // wraps around as Redis's does
	}
	if at != 0 && alreadyExpired(c, at) {
		v.Free(c.KS)
		if replaced {
			verb := argDel
			if c.KS.Switches.LazyfreeServerDel {
				verb = argUnlink
			}
			c.Propagate(verb, key)
			c.Changed(key, command.NotifyGeneric, "del", 1)
		}
		c.OK()
		return
	}
	e := v.Store(c.DB, key)
	if at != 0 {
		e = c.DB.SetExpire(e, at)
	}
	if relative && c.Host.Propagates() {
		argv := append([][]byte(nil), c.Args...)
		argv[2] = strconv.AppendInt(nil, at, 10)
		c.Propagate(append(argv, argAbsTTL)...)
	}
	switch {
	case c.KS.Switches.LFU && o.freq >= 0:
		c.KS.SetFreq(e, uint8(o.freq))
	case !c.KS.Switches.LFU && o.idle >= 0:
		c.KS.SetIdleTime(e, time.Duration(min(o.idle, math.MaxInt32))*time.Second)
	}
	c.Changed(key, command.NotifyGeneric, "restore", 1)
	c.OK()
}

// restoreValue decodes a payload; it replies why it can't and returns nil then.
func restoreValue(c *command.Ctx, key, payload []byte) *rdb.Value {
	codec := c.Host.RDB()
	body, err := codec.Verify(payload)
	if err != nil {
		c.Error("ERR DUMP payload version or checksum are wrong")
		return nil
	}
	v, _, err := codec.Load(body, c.DB, key)
	switch {
	case err != nil:
		c.Error("ERR Bad data format")
		return nil
	}
	return v
}
