package aof

import (
	"berth/keyspace"
	"berth/persistence/rdb"
)

// Encoder makes a base file of commands out of a snapshot: it is a snapshot.Encoder, for a raw file.
type Encoder struct {
	// Time, if not 0, is that of the annotation at the beginning: Unix time in seconds.
	Time int64
	// Functions are the codes of the libraries.
	Functions [][]byte
	// Spliced says that values of modules come from elsewhere.
	Spliced bool

	walk Walk
}

// stepwise is from how many elements on a value is encoded bit by bit.
const stepwise = 1024

// Begin appends what comes before all keys.
func (c *Encoder) Begin(dst []byte) ([]byte, error) {
	if c.Time != 0 {
		dst = AppendTime(dst, c.Time)
	}
	for _, code := range c.Functions {
		dst = AppendArg(AppendArg(AppendArg(AppendCount(dst, 3), "FUNCTION"), "LOAD"), code)
	}
	return dst, nil
}

// Select appends SELECT.
func (c *Encoder) Select(dst []byte, db int) []byte { return AppendSelect(dst, db) }

// Entry appends a key, or the beginning of a large one and returns what goes on with it.
func (c *Encoder) Entry(dst []byte, of *keyspace.DB, e *keyspace.Entry) (_ []byte, more func([]byte) ([]byte, bool), abandon func(), err error) {
	if e.Type() == keyspace.Module {
		if c.Spliced && !rdb.IsUnknown(of.Keyspace().ModuleTypeOf(e)) {
			return dst, nil, nil, nil
		}
		return dst, nil, nil, rdb.ErrUnsupported
	}
	if e.Type() != keyspace.String && keyspace.ContainerLen(e) >= stepwise {
		w := &Walk{}
		w.Begin(of, e)
		return dst, w.Append, w.end, nil
	}
	c.walk.Begin(of, e)
	for done := false; !done; {
		dst, done = c.walk.Append(dst)
	}
	return dst, nil, nil, nil
}

// End appends the mark that tells the writer of the file that all has come.
func (c *Encoder) End(dst []byte) ([]byte, error) { return append(dst, rdb.EndMark...), nil }
