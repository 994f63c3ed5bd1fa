package keyspace

import (
	"errors"
	"math"
	"strconv"
	"unsafe"

	"berth/keyspace/dict"
	"berth/keyspace/mem"
)

const (
	// maxEmbStr is the length up to which a string that isn't an integer is reported
	// as embstr when it is made. It says nothing about where berth keeps the bytes.
	maxEmbStr = 44
	// maxIntLen is the longest decimal int64.
	maxIntLen = 20

	// greedyLimit is the size up to which a growing string doubles its room.
	greedyLimit = 1 << 20
)

// ErrNotInteger is what the integer operations return for a value that isn't one.
var ErrNotInteger = errors.New("value is not an integer or out of range")

// ErrOverflow is what increments return when the result is not an int64.
var ErrOverflow = errors.New("increment or decrement would overflow")

// outside reports whether a string's bytes are a block of their own. The value is
// then that block's address and the length.
func (e *Entry) outside() bool {
	return e.aux&auxMask == auxOutside && e.meta&metaTypeMask == uint32(String)
}

func (e *Entry) outsideLen() int { return int(*(*int64)(unsafe.Add(e.value(), 8))) }

func (e *Entry) setOutside(p unsafe.Pointer, n int) {
	v := e.value()
	storePtr(v, p)
	*(*int64)(unsafe.Add(v, 8)) = int64(n)
}

func (e *Entry) intValue() *int64 { return (*int64)(e.value()) }

// ParseInt parses a canonical decimal int64: what the int encoding can represent
// without changing a byte.
func ParseInt(b []byte) (int64, bool) {
	n := len(b)
	if n == 0 || n > maxIntLen {
		return 0, false
	}
	neg := b[0] == '-'
	i := 0
	if neg {
		i = 1
		if n == 1 {
			return 0, false
		}
	}
	if b[i] == '0' {
		return 0, n == 1
	}
	var v uint64
	for ; i < n; i++ {
		d := b[i] - '0'
		if d > 9 || v > (math.MaxUint64-9)/10 {
			return 0, false
		}
		v = v*10 + uint64(d)
	}
	if neg {
		if v > 1<<63 {
			return 0, false
		}
		return int64(-v), true
	}
	if v > math.MaxInt64 {
		return 0, false
	}
	return int64(v), true
}

// SetString stores a string under a key, in place of whatever is there, as an int if
// it is one. The expire goes unless keepTTL. val may not be a view of the old value.
func (db *DB) SetString(key, val []byte, keepTTL bool) *Entry {
	return db.SetStringAt(db.Find(key), key, val, keepTTL)
}

// SetStringAt is SetString for a caller that has just looked the key up: e is its entry
// or nil.
func (db *DB) SetStringAt(e *Entry, key, val []byte, keepTTL bool) *Entry {
	if len(val) <= maxIntLen {
		if n, ok := ParseInt(val); ok {
			return db.SetIntAt(e, key, n, keepTTL)
		}
	}
	return db.SetBytesAt(e, key, val, keepTTL)
}

// SetBytesAt is SetStringAt that doesn't look for an int: the encoding is embstr or raw
// by length (values of RM_StringSet, INCRBYFLOAT).
func (db *DB) SetBytesAt(e *Entry, key, val []byte, keepTTL bool) *Entry {
	enc := Raw
	if len(val) <= maxEmbStr {
		enc = EmbStr
	}
	e, isNew := db.stringRoom(e, key, enc, len(val), keepTTL)
	if e.outside() {
		p := mem.Alloc(len(val))
		copy(mem.Bytes(p, len(val)), val)
		e.setOutside(p, len(val))
	} else {
		copy(mem.Bytes(e.value(), len(val)), val)
	}
	if isNew {
		return db.added(e, key)
	}
	return e
}

// SetRaw stores a string of n zero bytes in raw encoding (SETBIT, SETRANGE, module
// writes of a new key). The expire stays.
func (db *DB) SetRaw(e *Entry, key []byte, n int) *Entry {
	e, isNew := db.stringRoom(e, key, Raw, n, true)
	if e.outside() {
		e.setOutside(mem.AllocZero(n), n)
	} else {
		clear(mem.Bytes(e.value(), n))
	}
	if isNew {
		return db.added(e, key)
	}
	return e
}

// SetInt stores an integer under a key, in place of whatever is there.
func (db *DB) SetInt(key []byte, n int64, keepTTL bool) *Entry {
	return db.SetIntAt(db.Find(key), key, n, keepTTL)
}

// SetIntAt is SetInt for a caller that has just looked the key up.
func (db *DB) SetIntAt(e *Entry, key []byte, n int64, keepTTL bool) *Entry {
	if e != nil && keepTTL && e.Encoding() == Int && e.Type() == String && db.ks.Hooks.KeyRemoved == nil {
		db.beforeWrite(e)
		*e.intValue() = n
		return e
	}
	e, isNew := db.stringRoom(e, key, Int, 8, keepTTL)
	*e.intValue() = n
	if isNew {
		return db.added(e, key)
	}
	return e
}

// stringRoom makes the entry for a string of n bytes, with its bytes to be filled in, or
// with its block to be set if it is too long to be embedded.
func (db *DB) stringRoom(e *Entry, key []byte, enc Encoding, n int, keepTTL bool) (_ *Entry, isNew bool) {
	vlen, aux := n, uint32(n)
	if n > maxEmbedded {
		vlen, aux = 16, auxOutside
	}
	switch {
	case e == nil:
		e = newEntry(key, String, enc, vlen, db.ks.newLRU())
		e.setAux(aux)
		db.insert(dict.Hash(key), e)
		return e, true
	case e.Type() == String && !e.outside() && db.ks.Hooks.KeyRemoved == nil && (keepTTL || !e.HasExpire()):
		// The usual overwrite: nothing to free, nobody to tell.
		db.beforeWrite(e)
		e = db.resizeValue(e, vlen)
		if !db.ks.Switches.LFU {
			e.SetLRU(db.ks.lruSecs)
		}
		e.SetEncoding(enc)
	default:
		e = db.overwrite(e, String, enc, vlen, keepTTL)
	}
	e.setAux(aux)
	return e, false
}

// StringLen returns the length of a string value.
func (db *DB) StringLen(e *Entry) int { return StringLen(e) }

// StringLen returns the length of a string value.
func StringLen(e *Entry) int {
	switch {
	case e.Encoding() == Int:
		var b [maxIntLen]byte
		return len(strconv.AppendInt(b[:0], *e.intValue(), 10))
	case e.outside():
		return e.outsideLen()
	}
	return int(e.aux & auxMask)
}

// StringBytes returns the bytes of a string value: a view that is valid until the entry
// is written, or, for an int, its decimal form appended to scratch[:0].
func StringBytes(e *Entry, scratch []byte) []byte {
	switch {
	case e.Encoding() == Int:
		return strconv.AppendInt(scratch[:0], *e.intValue(), 10)
	case e.outside():
		return mem.Bytes(loadPtr(e.value()), e.outsideLen())
	}
	return mem.Bytes(e.value(), int(e.aux&auxMask))
}

// StringInt returns a string value as an integer, if it is a canonical one.
func StringInt(e *Entry) (int64, bool) {
	if e.Encoding() == Int {
		return *e.intValue(), true
	}
	return ParseInt(StringBytes(e, nil))
}

// IncrBy adds to the integer that a string value is. An int encoded one is changed in
// place; another gets the int encoding. The expire stays.
func (db *DB) IncrBy(e *Entry, by int64) (*Entry, int64, error) {
	n, ok := StringInt(e)
	if !ok {
		return e, 0, ErrNotInteger
	}
	if by > 0 && n > math.MaxInt64-by || by < 0 && n < math.MinInt64-by {
		return e, 0, ErrOverflow
	}
	n += by
	if e.Encoding() == Int {
		db.beforeWrite(e)
		*e.intValue() = n
		return e, n, nil
	}
	return db.SetIntAt(e, nil, n, true), n, nil
}

// StringResize makes a string value n bytes long and raw, cutting its end off or adding zero
// bytes, and returns the entry, which may have moved, and a view of all bytes to write into.
// This is also what gives modules direct access (RM_StringDMA, RM_StringTruncate). The view is
// valid until the next operation on the key.
func (db *DB) StringResize(e *Entry, n int) (*Entry, []byte) {
	db.beforeWrite(e)
	if e.Encoding() == Int {
		e = db.intToRaw(e)
	}
	e.SetEncoding(Raw)
	if e.outside() {
		return e, e.resizeOutside(n)
	}
	old := int(e.aux & auxMask)
	switch {
	case n == old:
	case n <= maxEmbedded:
		e = db.growEmbedded(e, n)
	default:
		room := stringRoomFor(old, n)
		p := mem.Alloc(room)
		copy(mem.Bytes(p, old), mem.Bytes(e.value(), old))
		clear(mem.Bytes(unsafe.Add(p, old), n-old))
		e = db.resizeValue(e, 16)
		e.setAux(auxOutside)
		e.setOutside(p, n)
		return e, mem.Bytes(p, n)
	}
	b := mem.Bytes(e.value(), n)
	if n > old {
		clear(b[old:])
	}
	return e, b
}

func (db *DB) growEmbedded(e *Entry, n int) *Entry {
	if e.valueOffset()+n > mem.Usable(unsafe.Pointer(e)) {
		// It is growing: leave room, so that not every append moves it.
		e = db.resizeValue(e, min(n+n/4, maxEmbedded))
	}
	e.setAux(uint32(n))
	return e
}

// stringRoomFor is what to allocate for a string that grows from old to n bytes.
func stringRoomFor(old, n int) int {
	switch {
	case old == 0:
		return n
	case n < greedyLimit:
		return 2 * n
	}
	return n + max(greedyLimit, n/8)
}

// resizeOutside is StringResize for a string in a block of its own, which it stays.
func (e *Entry) resizeOutside(n int) []byte {
	p, old := loadPtr(e.value()), e.outsideLen()
	if room := mem.Usable(p); n > room {
		p = mem.Realloc(p, stringRoomFor(old, n))
	} else if n < room/4 {
		p = mem.Realloc(p, n)
	}
	e.setOutside(p, n)
	b := mem.Bytes(p, n)
	if n > old {
		clear(b[old:])
	}
	return b
}

// intToRaw gives an int its decimal form.
func (db *DB) intToRaw(e *Entry) *Entry {
	var buf [maxIntLen]byte
	b := strconv.AppendInt(buf[:0], *e.intValue(), 10)
	e = db.resizeValue(e, max(len(b), 8))
	e.SetEncoding(Raw)
	e.setAux(uint32(len(b)))
	copy(mem.Bytes(e.value(), len(b)), b)
	return e
}

// Append appends to a string value, which becomes raw. val may not be a view of it.
func (db *DB) Append(e *Entry, val []byte) *Entry {
	db.beforeWrite(e)
	if e.Encoding() == Int {
		e = db.intToRaw(e)
	}
	n := StringLen(e)
	e, b := db.StringResize(e, n+len(val))
	copy(b[n:], val)
	return e
}

// SetRange overwrites part of a string value, which becomes raw, with zero bytes in front
// of the part if the value is too short. val may not be a view of it.
func (db *DB) SetRange(e *Entry, offset int, val []byte) *Entry {
	db.beforeWrite(e)
	if e.Encoding() == Int {
		e = db.intToRaw(e)
	}
	e, b := db.StringResize(e, max(StringLen(e), offset+len(val)))
	copy(b[offset:], val)
	return e
}

// TrimString gives back the room that a string has beyond its length, when no more
// growth is expected.
func (db *DB) TrimString(e *Entry) *Entry {
	db.beforeWrite(e)
	if e.Encoding() == Int {
		return e
	}
	if !e.outside() {
		return db.resizeValue(e, int(e.aux&auxMask))
	}
	if n := e.outsideLen(); n > 0 {
		e.setOutside(mem.Realloc(loadPtr(e.value()), n), n)
	}
	return e
}
