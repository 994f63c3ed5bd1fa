package commands

import (
	"math"
	"strconv"

	"berth/host/command"
	"berth/keyspace"
)

// mpop is LMPOP, BLMPOP, ZMPOP or BZMPOP: the first of some keys that has
// elements gives up to count of them from one of its ends.
type mpop struct {
	typ    keyspace.Type
	size   func(e *keyspace.Entry) int
	first  string // the words for the two ends
	second string
	// take replies with n elements, the header of the pair is written, and
	// removes them.
	take func(c *command.Ctx, key []byte, e *keyspace.Entry, second bool, n int64)
	// name is the command that is propagated.
	name func(second bool) []byte
}

// run executes the command; its number of keys is argument at.
func (m *mpop) run(c *command.Ctx, at int, deadline int64, blocking bool) {
	n, ok := c.RangeArg(at, 1, math.MaxInt64, "ERR numkeys should be greater than 0")
	if !ok {
		return
	}
	if n >= int64(len(c.Args)-at-1) {
		c.Error(command.ErrSyntax)
		return
	}
	i := at + 1 + int(n)
	keys := c.Args[at+1 : i]
	second := c.ArgIs(i, m.second)
	if !second && !c.ArgIs(i, m.first) {
		c.Error(command.ErrSyntax)
		return
	}
	count := int64(-1)
	for i++; i < len(c.Args); i += 2 {
		if count != -1 || !c.ArgIs(i, "count") || i+1 >= len(c.Args) {
			c.Error(command.ErrSyntax)
			return
		}
		if count, ok = c.RangeArg(i+1, 1, math.MaxInt64, "ERR count should be greater than 0"); !ok {
			return
		}
	}
	if count < 0 {
		count = 1
	}
	for _, key := range keys {
		e, ok := c.WriteTyped(key, m.typ)
		if !ok {
			return
		}
		if e == nil {
			continue
		}
		n := min(count, int64(m.size(e)))
		c.Array(2)
		c.Bulk(key)
		m.take(c, key, e, second, n)
		if c.Host.Propagates() {
			c.Propagate(m.name(second), key, strconv.AppendInt(nil, n, 10))
		}
		return
	}
	if !blocking || !c.MayBlock() {
		c.NullArray()
		return
	}
	c.Block(command.BlockRequest{Type: m.typ, Keys: keys, Deadline: deadline, OnTimeout: nullArray})
}

// register adds the command and its blocking form.
func (m *mpop) register(t *command.Table, name, blocking string) {
	t.Register(name, func(c *command.Ctx) { m.run(c, 1, 0, false) })
	t.Register(blocking, func(c *command.Ctx) {
		if at, ok := blockDeadline(c, 1); ok {
			m.run(c, 2, at, true)
		}
	})
}
