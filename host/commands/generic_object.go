package commands

import (
	"math"
	"time"

	"berth/host/command"
	"berth/keyspace"
)

func registerObject(t *command.Table) {
	t.Register("object|encoding", func(c *command.Ctx) {
		if e := objectKey(c); e != nil {
			c.BulkString(e.Encoding().String())
		}
	})
	t.Register("object|refcount", cmdObjectRefcount)
	t.Register("object|idletime", cmdObjectIdletime)
	t.Register("object|freq", cmdObjectFreq)
	t.Register("object|help", command.Help)
}

// objectKey finds the key that a subcommand of OBJECT asks about, without touching it; a
// missing one is replied.
func objectKey(c *command.Ctx) *keyspace.Entry {
	e := c.DB.Lookup(c.Args[2], keyspace.LookupNoTouch|keyspace.LookupNoNotify)
	if e == nil {
		c.Null()
	}
	return e
}

func cmdObjectRefcount(c *command.Ctx) {
	e := objectKey(c)
	if e == nil {
		return
	}
	// Nothing is shared here, but Redis shares small integers and says so.
	if !c.KS.Switches.Unshared && e.Type() == keyspace.String && e.Encoding() == keyspace.Int {
		const shared = 10000
		if n, _ := keyspace.StringInt(e); n >= 0 && n < shared {
			c.Int(math.MaxInt32)
			return
		}
	}
	c.Int(1)
}

const errPolicySwitch = " Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."

func cmdObjectIdletime(c *command.Ctx) {
	e := objectKey(c)
	switch {
	case e == nil:
	case c.KS.Switches.LFU:
		c.Error("ERR An LFU maxmemory policy is selected, idle time not tracked." + errPolicySwitch)
	default:
		c.Int(int64(c.KS.IdleTime(e) / time.Second))
	}
}

func cmdObjectFreq(c *command.Ctx) {
	e := objectKey(c)
	switch {
	case e == nil:
	case !c.KS.Switches.LFU:
		c.Error("ERR An LFU maxmemory policy is not selected, access frequency not tracked." + errPolicySwitch)
	default:
		c.Int(int64(c.KS.Freq(e)))
	}
}
