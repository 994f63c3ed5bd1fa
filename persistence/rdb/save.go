package rdb

import (
	"encoding/binary"

	"berth/keyspace"
	"berth/keyspace/intset"
	"berth/keyspace/listpack"
	"berth/keyspace/quicklist"
)

// AppendValue appends the type byte and the payload of an entry's value. On an error, which
// is ErrUnsupported, what is behind len(dst) is undefined.
func (c *Codec) AppendValue(dst []byte, db *keyspace.DB, e *keyspace.Entry) ([]byte, error) {
	switch e.Type() {
	case keyspace.String:
		return c.appendStringValue(append(dst, typeString), e), nil
	case keyspace.List:
		return c.appendList(append(dst, typeListQuicklist2), e), nil
	case keyspace.Set:
		return c.appendSet(dst, e), nil
	case keyspace.ZSet:
		return c.appendZSet(dst, e), nil
	case keyspace.Hash:
		return c.appendHash(dst, db, e), nil
	case keyspace.Stream:
		return c.appendStream(dst, e), nil
	case keyspace.Module:
		return c.appendModule(append(dst, typeModule2), db, e)
	}
	return dst, ErrUnsupported
}

func (c *Codec) appendStringValue(dst []byte, e *keyspace.Entry) []byte {
	if e.Encoding() == keyspace.Int {
		v, _ := keyspace.StringInt(e)
		return appendInt(dst, v)
	}
	return c.AppendString(dst, keyspace.StringBytes(e, nil))
}

func (c *Codec) appendList(dst []byte, e *keyspace.Entry) []byte {
	if e.Encoding() == keyspace.Listpack {
		dst = append(dst, 1, nodePacked)
		return c.AppendString(dst, listpack.Bytes(e.Ptr()))
	}
	ql := (*quicklist.List)(e.Ptr())
	dst = AppendLen(dst, uint64(ql.Nodes()))
	ql.EachNode(func(plain bool, data []byte) bool {
		kind := byte(nodePacked)
		if plain {
			kind = nodePlain
		}
		dst = c.AppendString(append(dst, kind), data)
		return true
	})
	return dst
}

func (c *Codec) appendSet(dst []byte, e *keyspace.Entry) []byte {
	switch e.Encoding() {
	case keyspace.Intset:
		return c.AppendString(append(dst, typeSetIntset), intset.Bytes(e.Ptr()))
	case keyspace.Listpack:
		if !c.Portable {
			return c.AppendString(append(dst, typeSetListpack), listpack.Bytes(e.Ptr()))
		}
	}
	dst = AppendLen(append(dst, typeSet), uint64(keyspace.SetLen(e)))
	it := keyspace.NewSetIter(e)
	defer it.Close()
	for it.Next() {
		dst = c.AppendString(dst, it.Member())
	}
	return dst
}

func (c *Codec) appendZSet(dst []byte, e *keyspace.Entry) []byte {
	if e.Encoding() == keyspace.Listpack {
		return c.AppendString(append(dst, typeZSetListpack), listpack.Bytes(e.Ptr()))
	}
	n := keyspace.ZSetLen(e)
	dst = AppendLen(append(dst, typeZSet2), uint64(n))
	// From the greatest to the smallest, so that the loader of Redis, which has a skiplist
	// to fill, always inserts at the head.
	for it := keyspace.NewZSetRankIter(e, 0, n-1, true); it.Next(); {
		dst = c.AppendString(dst, it.Member())
		dst = appendDouble(dst, it.Score())
	}
	return dst
}

func (c *Codec) appendHash(dst []byte, db *keyspace.DB, e *keyspace.Entry) []byte {
	switch e.Encoding() {
	case keyspace.Listpack:
		return c.AppendString(append(dst, typeHashListpack), listpack.Bytes(e.Ptr()))
	case keyspace.ListpackEx:
		dst = binary.LittleEndian.AppendUint64(append(dst, typeHashListpackEx), uint64(keyspace.HashAnnouncedExpire(db, e)))
		return c.AppendString(dst, listpack.Bytes(keyspace.HashPacked(e)))
	case keyspace.HashtableEx:
		return c.appendTimedHash(dst, e)
	}
	dst = AppendLen(append(dst, typeHash), uint64(keyspace.HashLen(e)))
	it := keyspace.NewHashIter(e)
	defer it.Close()
	for it.Next() {
		dst = c.AppendString(dst, it.Field())
		dst = c.AppendString(dst, it.Value())
	}
	return dst
}

// appendTimedHash appends a table of which fields have a time: the earliest, and each field's, 1 more than how much
// later it is, 0 for none.
func (c *Codec) appendTimedHash(dst []byte, e *keyspace.Entry) []byte {
	first := keyspace.HashMinExpire(e)
	dst = binary.LittleEndian.AppendUint64(append(dst, typeHashMetadata), uint64(first))
	dst = AppendLen(dst, uint64(keyspace.HashLen(e)))
	it := keyspace.NewHashIter(e)
	defer it.Close()
	for it.Next() {
		dst = c.appendTimedField(dst, &it, first)
	}
	return dst
}

func (c *Codec) appendTimedField(dst []byte, it *keyspace.HashIter, first int64) []byte {
	ttl := uint64(0)
	if at := it.Expire(); at != 0 {
		ttl = uint64(at-first) + 1
	}
	dst = AppendLen(dst, ttl)
	dst = c.AppendString(dst, it.Field())
	return c.AppendString(dst, it.Value())
}
