package rdb

import (
	"encoding/binary"

	"berth/keyspace"
	"berth/keyspace/quicklist"
)

// Values with more elements, or strings of more bytes, than these are encoded bit by bit.
const (
	largeValue  = 2048
	largeString = 1 << 20
	// perStep is how many elements one step takes, stepBytes how many bytes end it earlier.
	perStep   = 512
	stepBytes = 256 << 10
)

// AppendEntryStepwise is AppendEntry for whoever must not take long: for a large value it appends only the
// beginning and returns a function that appends some more to what it is given and reports whether that was the rest.
// The value must not change until then; close must be called if it is given up before.
func (c *Codec) AppendEntryStepwise(dst []byte, db *keyspace.DB, e *keyspace.Entry, use Use) (
	_ []byte, more func(dst []byte) ([]byte, bool), abandon func(), err error) {
	typ, n, step, abandon := c.stepper(e)
	if step == nil {
		dst, err = c.AppendEntry(dst, db, e, use)
		return dst, nil, nil, err
	}
	dst = AppendEntryHead(dst, db.Keyspace(), e, use)
	dst = c.AppendString(append(dst, typ), e.Key())
	if typ == typeHashMetadata {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(keyspace.HashMinExpire(e)))
	}
	dst = AppendLen(dst, uint64(n))
	more = func(dst []byte) ([]byte, bool) {
		start := len(dst)
		for range perStep {
			var ok bool
			if dst, ok = step(dst); !ok {
				return dst, true
			}
			if len(dst)-start >= stepBytes {
				break
			}
		}
		return dst, false
	}
	return dst, more, abandon, nil
}

func nothing() {}

// stepper returns, for a large value, its type and number of elements and a function that appends one and
// reports whether there was one; nil for what is not large.
func (c *Codec) stepper(e *keyspace.Entry) (typ byte, n int, step func(dst []byte) ([]byte, bool), abandon func()) {
	switch e.Type() {
	case keyspace.String:
		return c.stringStepper(e)
	case keyspace.Module:
		return 0, 0, nil, nil
	case keyspace.Stream:
		return c.streamStepper(e)
	}
	if n = keyspace.ContainerLen(e); n < largeValue {
		return 0, 0, nil, nil
	}
	switch e.Encoding() {
	case keyspace.Quicklist:
		ql := (*quicklist.List)(e.Ptr())
		it := ql.NodeIter()
		return typeListQuicklist2, ql.Nodes(), func(dst []byte) ([]byte, bool) {
			plain, data, ok := it.Next()
			if !ok {
				return dst, false
			}
			kind := byte(nodePacked)
			if plain {
				kind = nodePlain
			}
			return c.AppendString(append(dst, kind), data), true
		}, nothing
	case keyspace.Skiplist:
		it := keyspace.NewZSetRankIter(e, 0, n-1, true)
		return typeZSet2, n, func(dst []byte) ([]byte, bool) {
			if !it.Next() {
				return dst, false
			}
			return appendDouble(c.AppendString(dst, it.Member()), it.Score()), true
		}, nothing
	case keyspace.Hashtable:
		if e.Type() == keyspace.Set {
			it := keyspace.NewSetIter(e)
			return typeSet, n, func(dst []byte) ([]byte, bool) {
				if !it.Next() {
					it.Close()
					return dst, false
				}
				return c.AppendString(dst, it.Member()), true
			}, it.Close
		}
		it := keyspace.NewHashIter(e)
		return typeHash, n, func(dst []byte) ([]byte, bool) {
			if !it.Next() {
				it.Close()
				return dst, false
			}
			return c.AppendString(c.AppendString(dst, it.Field()), it.Value()), true
		}, it.Close
	case keyspace.HashtableEx:
		first := keyspace.HashMinExpire(e)
		it := keyspace.NewHashIter(e)
		return typeHashMetadata, n, func(dst []byte) ([]byte, bool) {
			if !it.Next() {
				it.Close()
				return dst, false
			}
			return c.appendTimedField(dst, &it, first), true
		}, it.Close
	}
	return 0, 0, nil, nil
}

// stringStepper appends a long string in pieces, behind its length.
func (c *Codec) stringStepper(e *keyspace.Entry) (typ byte, n int, step func(dst []byte) ([]byte, bool), abandon func()) {
	if n = keyspace.StringLen(e); n < largeString || c.Compression {
		return 0, 0, nil, nil
	}
	rest := keyspace.StringBytes(e, nil)
	return typeString, n, func(dst []byte) ([]byte, bool) {
		piece := rest[:min(len(rest), stepBytes)]
		rest = rest[len(piece):]
		return append(dst, piece...), len(piece) > 0
	}, nothing
}

// streamStepper appends a stream listpack by listpack, and the rest with the last.
func (c *Codec) streamStepper(e *keyspace.Entry) (typ byte, n int, step func(dst []byte) ([]byte, bool), abandon func()) {
	const perNode = 16 // elements that count as one listpack
	if n = keyspace.StreamNodes(e); n < largeValue/perNode {
		return 0, 0, nil, nil
	}
	var next keyspace.StreamID
	more := true
	typ = c.streamType(e)
	return typ, n, func(dst []byte) ([]byte, bool) {
		at := keyspace.StreamNode(e, next)
		if !more || !at.Valid() {
			return c.appendStreamRest(dst, e, typ), false
		}
		next, more = at.ID().Next()
		return c.appendStreamNode(dst, &at), true
	}, nothing
}
