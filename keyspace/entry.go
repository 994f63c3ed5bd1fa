package keyspace

import (
	"unsafe"

	"berth/keyspace/dict"
	"berth/keyspace/mem"
)

// Type is the type of a value. The numbers are those of Redis's own object types.
type Type uint8

// The types of values.
const (
	String Type = iota
	List
	Set
	ZSet
	Hash
	Module
	Stream
	numTypes
)

// String returns the name that TYPE answers. A module value's is its type's own
// name, which DB.TypeName gives.
func (t Type) String() string {
	return [...]string{"string", "list", "set", "zset", "hash", "module", "stream"}[t]
}

// Encoding is how a value is stored, as OBJECT ENCODING tells it.
type Encoding uint8

// The encodings.
const (
	Raw Encoding = iota
	Int
	EmbStr
	Listpack
	Quicklist
	Intset
	Hashtable
	Skiplist
	StreamEnc
	ListpackEx
	// HashtableEx is a Hashtable of which elements have a time to live.
	HashtableEx
)

// String returns the name that OBJECT ENCODING answers.
func (e Encoding) String() string {
	return [...]string{"raw", "int", "embstr", "listpack", "quicklist", "intset", "hashtable", "skiplist",
		"stream", "listpackex", "hashtable"}[e]
}

// Entry is a key with its value: one off-heap block, owned by its DB.
//
// The block is
//
//	meta  uint32   type, encoding, whether there is an expire; 24 bits of LRU or LFU
//	aux   24 bits  embedded string: its length; module value: its type's id (16 bits);
//	               the epoch of the last snapshot that it was taken in (8 bits)
//	key            key header (dict.PutKey), at offset 7: a short one is just 1 byte + key
//	expire int64   only if the entry has one
//	value          embedded bytes, an int64, pointer and length of a string, or a pointer
//
// so that a 16-byte key with a 32-byte value is 56 bytes. Nothing behind the key
// is aligned.
//
// An Entry is valid until its DB's Gen changes. All access is under the server lock.
type Entry struct {
	meta uint32
	aux  uint32 // the top byte belongs to the key header
}

const (
	keyOff = 7 // of the key header

	metaTypeMask = 7
	metaEncShift = 3
	metaEncMask  = 15 << metaEncShift
	metaExpire   = 1 << 7
	metaLRUShift = 8

	// auxMask is the part of aux that depends on the type; the epoch of snapshots is above it.
	auxMask = 1<<16 - 1
	// auxOutside marks a string whose bytes are a block of their own.
	auxOutside = auxMask

	// maxEmbedded is the longest string kept inside its entry.
	maxEmbedded = 512
)

func (e *Entry) at(off int) unsafe.Pointer { return unsafe.Add(unsafe.Pointer(e), off) }

// Key returns a view of the key.
func (e *Entry) Key() []byte { return dict.KeyAt(e.at(keyOff)) }

// Type returns the type of the value.
func (e *Entry) Type() Type { return Type(e.meta & metaTypeMask) }

// Encoding returns the encoding of the value.
func (e *Entry) Encoding() Encoding { return Encoding(e.meta & metaEncMask >> metaEncShift) }

// SetEncoding changes the encoding; the value must be stored that way already.
func (e *Entry) SetEncoding(enc Encoding) {
	e.meta = e.meta&^metaEncMask | uint32(enc)<<metaEncShift
}

// HasExpire reports whether the key has a time to live.
func (e *Entry) HasExpire() bool { return e.meta&metaExpire != 0 }

// Expire returns the Unix time in milliseconds at which the key expires, or -1.
func (e *Entry) Expire() int64 {
	if e.meta&metaExpire == 0 {
		return -1
	}
	return *(*int64)(e.at(keyOff + dict.HeaderSizeAt(e.at(keyOff))))
}

// Ptr returns the container behind a list, hash, set, sorted set or stream, or a
// module's value.
func (e *Entry) Ptr() unsafe.Pointer { return loadPtr(e.value()) }

// SetPtr replaces the pointer to the container. The old one is not freed.
func (e *Entry) SetPtr(p unsafe.Pointer) { storePtr(e.value(), p) }

// ModuleTypeID returns the registry id of a module value's type.
func (e *Entry) ModuleTypeID() int { return int(e.aux & auxMask) }

// value is the address of the value's bytes.
func (e *Entry) value() unsafe.Pointer { return e.at(e.valueOffset()) }

func (e *Entry) valueOffset() int {
	off := keyOff + dict.HeaderSizeAt(e.at(keyOff))
	if e.meta&metaExpire != 0 {
		off += 8
	}
	return off
}

// dropExpire takes the room of the expire away; the entry isn't in expires any more.
func (e *Entry) dropExpire() {
	n := e.valueSize()
	v := e.value()
	e.meta &^= metaExpire
	copy(mem.Bytes(e.value(), n), mem.Bytes(v, n))
}

func (e *Entry) setAux(v uint32) { e.aux = e.aux&^auxMask | v }

// loadPtr and storePtr access a pointer at any alignment. Stores of pointers into
// off-heap memory go through uintptr: a typed store would make the collector's
// write barrier read what was there before, and that may be anything.
func loadPtr(p unsafe.Pointer) unsafe.Pointer {
	u := *(*uintptr)(p)
	return *(*unsafe.Pointer)(unsafe.Pointer(&u))
}

func storePtr(p, v unsafe.Pointer) { *(*uintptr)(p) = uintptr(v) }

// entrySize is the size of an entry for a key of klen bytes and vlen bytes of value.
func entrySize(klen, vlen int, expire bool) int {
	n := keyOff + dict.KeyHeaderSize(klen) + vlen
	if expire {
		n += 8
	}
	return n
}

// newEntry makes an entry with room for vlen bytes of value, without an expire.
func newEntry(key []byte, t Type, enc Encoding, vlen int, lru uint32) *Entry {
	e := (*Entry)(mem.Alloc(entrySize(len(key), vlen, false)))
	e.meta = uint32(t) | uint32(enc)<<metaEncShift | lru<<metaLRUShift
	e.aux = detachedEpoch << epochShift
	dict.PutKey(e.at(keyOff), key)
	return e
}

// valueSize is the size of what value() points at.
func (e *Entry) valueSize() int {
	if e.Type() == String {
		switch {
		case e.Encoding() == Int:
			return 8
		case e.aux&auxMask != auxOutside:
			return int(e.aux & auxMask)
		}
		return 16
	}
	return 8
}
