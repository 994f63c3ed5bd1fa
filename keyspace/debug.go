package keyspace

import (
	"berth/keyspace/dict"
	"berth/keyspace/quicklist"
)

// TableOf returns the hash table that holds a value, or nil if it is held in another
// way. For DEBUG HTSTATS-KEY; the caller does not change it.
func TableOf(e *Entry) *dict.Dict {
	switch e.Encoding() {
	case Hashtable, HashtableEx:
		return hashTable(e)
	case Skiplist:
		return e.zset().members
	}
	return nil
}

// QuicklistOf returns the list behind a value whose encoding is Quicklist, or nil. For DEBUG OBJECT;
// the caller does not change it.
func QuicklistOf(e *Entry) *quicklist.List {
	if e.Encoding() == Quicklist {
		return e.quicklist()
	}
	return nil
}
