package commands

import (
	"berth/host/command"
	"berth/keyspace"
	"berth/keyspace/hll"
)

func registerHLL(t *command.Table) {
	t.Register("pfadd", cmdPFAdd)
	t.Register("pfcount", cmdPFCount)
	t.Register("pfmerge", cmdPFMerge)
	t.Register("pfdebug", cmdPFDebug)
	t.Register("pfselftest", cmdPFSelfTest)
}

const errCorruptHLL = "INVALIDOBJ Corrupted HLL object detected"

// hllTyped refuses an entry that is no HyperLogLog; a missing one is fine.
func hllTyped(c *command.Ctx, e *keyspace.Entry) bool {
	switch {
	case e == nil || keyspace.IsHLL(e):
		return true
	case e.Type() != keyspace.String:
		c.Error(command.ErrWrongType)
	default:
		c.Error("WRONGTYPE Key is not a valid HyperLogLog string value.")
	}
	return false
}

func cmdPFAdd(c *command.Ctx) {
	key := c.Args[1]
	e := c.LookupWrite(key)
	if !hllTyped(c, e) {
		return
	}
	updated := int64(0)
	if e == nil {
		updated++
		if e = c.DB.CreateHLL(key); e == nil {
			// Whoever was told of the new key took it away.
			c.Changed(key, command.NotifyString, "pfadd", updated)
			c.Int(1)
			return
		}
	}
	for _, element := range c.Args[2:] {
		ne, changed, err := c.DB.HLLAdd(e, element)
		if err != nil {
			c.Error(errCorruptHLL)
			return
		}
		e = ne
		if changed {
			updated++
		}
	}
	_, b := c.DB.HLLBytes(e)
	if updated == 0 {
		c.Int(0)
		return
	}
	hll.Invalidate(b)
	c.Changed(key, command.NotifyString, "pfadd", updated)
	c.Int(1)
}

func cmdPFCount(c *command.Ctx) {
	if len(c.Args) > 2 {
		var m hll.Max
		if _, ok := collectHLL(c, &m, c.Args[1:]); ok {
			c.Int(int64(m.Count()))
		}
		return
	}
	key := c.Args[1]
	e := c.LookupRead(key)
	if !hllTyped(c, e) {
		return
	}
	if e == nil {
		c.Int(0)
		return
	}
	n, computed, err := c.DB.HLLCount(e)
	if err != nil {
		c.Error(errCorruptHLL)
		return
	}
	if computed {
		// A read that writes: replicas and the append-only file get it.
		c.Modified(key)
		c.Dirty(1)
	}
	c.Int(int64(n))
}

// collectHLL takes the registers of all keys together; dense says that one of them is dense.
func collectHLL(c *command.Ctx, m *hll.Max, keys [][]byte) (dense, ok bool) {
	for _, key := range keys {
		e := c.LookupRead(key)
		if !hllTyped(c, e) {
			return false, false
		}
		if e == nil {
			continue
		}
		b := keyspace.StringBytes(e, nil)
		dense = dense || !hll.Sparse(b)
		if !m.Add(b) {
			c.Error(errCorruptHLL)
			return false, false
		}
	}
	return dense, true
}

func cmdPFMerge(c *command.Ctx) {
	var m hll.Max
	dense, ok := collectHLL(c, &m, c.Args[1:])
	if !ok {
		return
	}
	key := c.Args[1]
	e := c.LookupWrite(key)
	if e == nil {
		e = c.DB.CreateHLL(key)
	}
	if e != nil && keyspace.IsHLL(e) {
		if _, err := c.DB.HLLStore(e, &m, dense); err != nil {
			c.Error(errCorruptHLL)
			return
		}
	}
	c.Changed(key, command.NotifyString, "pfadd", 1)
	c.OK()
}

func cmdPFDebug(c *command.Ctx) {
	if c.ArgIs(1, "simd") {
		pfdebugSIMD(c)
		return
	}
	e := c.LookupWrite(c.Args[2])
	if e == nil {
		c.Error("ERR The specified key does not exist")
		return
	}
	if !hllTyped(c, e) {
		return
	}
	e, b := c.DB.HLLBytes(e)
	sparse := hll.Sparse(b)
	switch {
	case c.ArgIs(1, "getreg"), c.ArgIs(1, "todense"):
		e, err := c.DB.HLLToDense(e)
		if err != nil {
			c.Error(errCorruptHLL)
			return
		}
		if sparse {
			c.Dirty(1)
		}
		if c.ArgIs(1, "todense") {
			n := int64(0)
			if sparse {
				n = 1
			}
			c.Int(n)
			return
		}
		_, b = c.DB.HLLBytes(e)
		c.Array(hll.Registers)
		for i := range hll.Registers {
			c.Int(int64(hll.Register(b, i)))
		}
	case c.ArgIs(1, "decode"):
		if !sparse {
			c.Error("ERR HLL encoding is not sparse")
			return
		}
		c.Bulk(hll.AppendRuns(nil, b))
	case c.ArgIs(1, "encoding"):
		if sparse {
			c.Simple("sparse")
		} else {
			c.Simple("dense")
		}
	default:
		c.Error("ERR Unknown PFDEBUG subcommand '" + string(c.Args[1]) + "'")
	}
}

func cmdPFSelfTest(c *command.Ctx) {
	if err := hll.SelfTest(); err != nil {
		c.Error("TESTFAILED " + err.Error())
		return
	}
	c.OK()
}

// pfdebugSIMD is Redis's switch between its implementations. Here there is one, without such instructions, so the answer is
// what Redis gives on a processor that lacks them.
func pfdebugSIMD(c *command.Ctx) {
	if !c.ArgIs(2, "on") && !c.ArgIs(2, "off") {
		c.Error("ERR Argument must be ON or OFF")
		return
	}
	c.Simple("disabled")
}
