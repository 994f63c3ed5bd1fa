package rdb

import (
	"math"
	"unsafe"

	"berth/internal/numfmt"
	"berth/keyspace"
	"berth/keyspace/intset"
	"berth/keyspace/listpack"
	"berth/keyspace/quicklist"
)

// Value is a value that was loaded and is under no key yet. It ends in Store or Free.
type Value struct {
	typ    keyspace.Type
	str    []byte          // String: a copy or a view of what was loaded from
	e      *keyspace.Entry // containers, detached
	typeID int             // Module
	ptr    unsafe.Pointer  // Module
}

// Type returns the type of the value.
func (v *Value) Type() keyspace.Type { return v.typ }

// Store puts the value under a key, in place of what is there, without an expire.
func (v *Value) Store(db *keyspace.DB, key []byte) *keyspace.Entry {
	switch v.typ {
	case keyspace.String:
		return db.SetString(key, v.str, false)
	case keyspace.Module:
		return db.SetModule(key, v.typeID, v.ptr)
	}
	return db.StoreDetached(key, v.e)
}

// Free ends a value that isn't wanted.
func (v *Value) Free(ks *keyspace.Keyspace) {
	switch v.typ {
	case keyspace.String:
	case keyspace.Module:
		ks.ModuleType(v.typeID).Free(v.ptr)
	default:
		keyspace.FreeDetached(v.e)
	}
}

// loader is the state of one Load.
type loader struct {
	r   reader
	db  *keyspace.DB
	key []byte
	out Value // what value returns

	preserve bool
	tick     func(left int) // for loading a file: is told of what is left, now and then
	ticks    int

	// Why there is no value: it is empty, which is no error in a file, or something else.
	empty      bool
	why        error
	moduleName string
	keyBuf     []byte
}

// Load decodes a value, type byte first, that is to be stored under key of db, and returns
// how many bytes it took. The value may be a view of b until it is stored. The error
// is ErrBadFormat.
func (c *Codec) Load(b []byte, db *keyspace.DB, key []byte) (v *Value, n int, err error) {
	l := loader{r: reader{b: b}, db: db, key: key, preserve: c.Preserve}
	v = l.value(l.r.byte())
	if v == nil || l.r.bad {
		if v != nil {
			v.Free(db.Keyspace())
		}
		return nil, 0, ErrBadFormat
	}
	return v, len(b) - len(l.r.b), nil
}

// value reads what is behind a type byte. The value is the loader's own, until the next one.
func (l *loader) value(t byte) *Value {
	l.empty, l.why = false, nil
	switch t {
	case typeString:
		l.out = Value{typ: keyspace.String, str: l.r.string()}
		return &l.out
	case typeList:
		return l.container(l.list())
	case typeListQuicklist, typeListQuicklist2:
		return l.container(l.quicklist(t == typeListQuicklist2))
	case typeListZiplist:
		return l.container(l.listZiplist())
	case typeSet:
		return l.container(l.set())
	case typeSetIntset:
		return l.container(l.intset())
	case typeSetListpack:
		return l.container(l.packed(keyspace.Set, copyListpack))
	case typeZSet, typeZSet2:
		return l.container(l.zset(t == typeZSet2))
	case typeZSetZiplist:
		return l.container(l.packed(keyspace.ZSet, ziplistToListpack))
	case typeZSetListpack:
		return l.container(l.packed(keyspace.ZSet, copyListpack))
	case typeHash:
		return l.container(l.hash())
	case typeHashZipmap:
		return l.container(l.zipmap())
	case typeHashZiplist:
		return l.container(l.packed(keyspace.Hash, ziplistToListpack))
	case typeHashListpack:
		return l.container(l.packed(keyspace.Hash, copyListpack))
	case typeHashMetadata, typeHashMetadataPreGA:
		return l.container(l.timedHash(t == typeHashMetadata))
	case typeHashListpackEx, typeHashListpackExPreGA:
		return l.container(l.packedTimedHash(t == typeHashListpackEx))
	case typeModule2:
		return l.module()
	case typeStream:
		return l.container(l.stream(1))
	case typeStream2:
		return l.container(l.stream(2))
	case typeStream3:
		return l.container(l.stream(3))
	}
	return nil
}

// container wraps a detached entry, or drops it if it is not what it should be. No
// container but a stream is ever empty.
func (l *loader) container(e *keyspace.Entry) *Value {
	if e == nil {
		return nil
	}
	if l.empty = e.Type() != keyspace.Stream && keyspace.ContainerLen(e) == 0; l.r.bad || l.empty {
		keyspace.FreeDetached(e)
		return nil
	}
	keyspace.FitEncoding(l.db, e)
	l.out = Value{typ: e.Type(), e: e}
	return &l.out
}

// elements reads a count and calls f as often, until it returns false or reading fails.
func (l *loader) elements(f func() bool) {
	n := l.r.len()
	for ; n > 0 && !l.r.bad; n-- {
		if !f() {
			l.r.fail()
		}
		if l.ticks++; l.ticks&1023 == 0 && l.tick != nil {
			l.tick(len(l.r.b))
		}
	}
}

func (l *loader) list() *keyspace.Entry {
	ql := quicklist.New(keyspace.ListFill(l.db))
	l.elements(func() bool {
		if s := l.r.string(); !l.r.bad {
			ql.PushTail(s)
		}
		return true
	})
	return keyspace.NewDetachedOf(keyspace.List, keyspace.Quicklist, unsafe.Pointer(ql))
}

// listZiplist reads a list that is one ziplist, which may be larger than a node of ours.
func (l *loader) listZiplist() *keyspace.Entry {
	s := l.r.string()
	if l.r.bad {
		return nil
	}
	lp, ok := ziplistToListpack(s)
	if !ok {
		return nil
	}
	ql := quicklist.New(keyspace.ListFill(l.db))
	pushAll(ql, lp)
	return keyspace.NewDetachedOf(keyspace.List, keyspace.Quicklist, unsafe.Pointer(ql))
}

// maxNode is how many elements a node of a quicklist can count.
const maxNode = 1<<16 - 1

// pushAll moves the elements of a listpack to the end of a list.
func pushAll(ql *quicklist.List, lp listpack.LP) {
	var sc listpack.Scratch
	for off := listpack.First(lp); off != 0; off = listpack.Next(lp, off) {
		ql.PushTail(listpack.GetBytes(lp, off, &sc))
	}
	listpack.Free(lp)
}

func (l *loader) quicklist(containers bool) *keyspace.Entry {
	ql := quicklist.New(keyspace.ListFill(l.db))
	l.elements(func() bool {
		kind := uint64(nodePacked)
		if containers {
			if kind = l.r.len(); kind != nodePacked && kind != nodePlain {
				return false
			}
		}
		s := l.r.string()
		if l.r.bad {
			return false
		}
		if kind == nodePlain {
			ql.AppendPlain(s)
			return true
		}
		convert := ziplistToListpack
		if containers {
			convert = copyListpack
		}
		lp, ok := convert(s)
		if !ok {
			return false
		}
		if n := listpack.Len(lp); n == 0 || n > maxNode {
			pushAll(ql, lp)
		} else {
			ql.AppendListpack(lp)
		}
		return true
	})
	return keyspace.NewDetachedOf(keyspace.List, keyspace.Quicklist, unsafe.Pointer(ql))
}

func (l *loader) set() *keyspace.Entry {
	e := keyspace.NewDetached(keyspace.Set)
	// Redis asks the limit for intsets here, whatever the elements are.
	ahead := l.r
	if n := ahead.len(); n > uint64(l.db.Keyspace().Limits.SetMaxIntsetEntries) {
		keyspace.SetToTable(e, int(min(n, uint64(len(l.r.b)))))
	}
	l.elements(func() bool {
		s := l.r.string()
		return !l.r.bad && keyspace.SetAdd(l.db, e, s)
	})
	return e
}

func (l *loader) intset() *keyspace.Entry {
	s := l.r.string()
	if l.r.bad || !intset.Validate(s, true) {
		return nil
	}
	return keyspace.NewDetachedOf(keyspace.Set, keyspace.Intset, intset.FromBytes(s))
}

func (l *loader) hash() *keyspace.Entry {
	e := keyspace.NewDetached(keyspace.Hash)
	var field []byte
	l.elements(func() bool {
		// The first string of a pair may be in the storage that the second one takes.
		field = append(field[:0], l.r.string()...)
		value := l.r.string()
		return !l.r.bad && keyspace.HashSet(l.db, e, field, value)
	})
	return e
}

// maxFieldTime is the latest time at which a field may end.
const maxFieldTime = 1<<46 - 1

// timedHash reads a table of which fields have a time. Release candidates wrote the times themselves, later
// versions how much later than the first one they are.
func (l *loader) timedHash(relative bool) *keyspace.Entry {
	e := keyspace.NewDetached(keyspace.Hash)
	first := uint64(1)
	if relative {
		first = l.r.uint64()
	}
	var field []byte
	l.elements(func() bool {
		ttl := l.r.len()
		field = append(field[:0], l.r.string()...)
		value := l.r.string()
		at := uint64(0)
		if ttl != 0 {
			at = first + ttl - 1
		}
		return !l.r.bad && first <= maxFieldTime && ttl <= maxFieldTime && at <= maxFieldTime &&
			keyspace.HashLoad(l.db, e, field, value, int64(at))
	})
	return e
}

// packedTimedHash reads a listpack of fields, values and times.
func (l *loader) packedTimedHash(first bool) *keyspace.Entry {
	if first {
		l.r.uint64() // the earliest time, which the listpack begins with
	}
	s := l.r.string()
	if l.r.bad {
		return nil
	}
	lp, ok := copyListpack(s)
	if !ok {
		return nil
	}
	if !distinct(lp, 3) || !timesAscend(lp) {
		listpack.Free(lp)
		return nil
	}
	return keyspace.NewDetachedTimed(lp)
}

// timesAscend reports whether a listpack of fields, values and times is in the order of a hash: what is
// due is found by it.
func timesAscend(lp listpack.LP) bool {
	last := int64(0)
	for off := listpack.First(lp); off != 0; off = listpack.Next(lp, off) {
		off = listpack.Next(lp, listpack.Next(lp, off))
		s, at := listpack.Get(lp, off)
		if s != nil || at < 0 || at > maxFieldTime || at != 0 && (last == -1 || at < last) {
			return false
		}
		if last = at; at == 0 {
			last = -1
		}
	}
	return true
}

func (l *loader) zset(binary bool) *keyspace.Entry {
	e := keyspace.NewDetached(keyspace.ZSet)
	l.reserveZSet(e, binary)
	l.elements(func() bool {
		member := l.r.string()
		score := l.r.score(binary)
		if l.r.bad {
			return false
		}
		_, did := keyspace.ZSetAdd(l.db, e, score, member, 0)
		return did == keyspace.ZAddAdded
	})
	return e
}

// reserveZSet chooses the encoding before the first element comes: a listpack, even if it
// became a table later, would lose the sign of zeros.
func (l *loader) reserveZSet(e *keyspace.Entry, binary bool) {
	ahead := l.r
	n := ahead.len()
	longest := 0
	if n <= uint64(l.db.Keyspace().Limits.ZSetMaxListpackEntries) {
		for range n {
			longest = max(longest, len(ahead.string()))
			ahead.score(binary)
		}
	}
	// A false number must not make room for more than there can be.
	keyspace.ZSetReserve(l.db, e, int(min(n, uint64(len(l.r.b)/2))), longest)
}

// packed reads a string that is a whole container of type t, in a form that convert
// makes a listpack of, and checks its elements.
func (l *loader) packed(t keyspace.Type, convert func([]byte) (listpack.LP, bool)) *keyspace.Entry {
	s := l.r.string()
	if l.r.bad {
		return nil
	}
	lp, ok := convert(s)
	if !ok {
		return nil
	}
	switch t {
	case keyspace.Set:
		ok = distinct(lp, 1)
	case keyspace.Hash:
		ok = distinct(lp, 2)
	case keyspace.ZSet:
		ok = distinct(lp, 2) && scoresAscend(lp)
	}
	if !ok {
		listpack.Free(lp)
		return nil
	}
	return keyspace.NewDetachedOf(t, keyspace.Listpack, lp)
}

// zipmap reads a hash in the one packed encoding for which the lengths of the elements count.
func (l *loader) zipmap() *keyspace.Entry {
	e := l.packed(keyspace.Hash, zipmapToListpack)
	if e == nil {
		return nil
	}
	var longest []byte
	for it := keyspace.NewHashIter(e); it.Next(); {
		for _, s := range [][]byte{it.Field(), it.Value()} {
			if len(s) > len(longest) {
				longest = s
			}
		}
	}
	keyspace.HashReserve(l.db, e, [][]byte{longest})
	return e
}

func copyListpack(b []byte) (listpack.LP, bool) {
	if !listpack.Validate(b, true) {
		return nil, false
	}
	return listpack.FromBytes(b), true
}

// distinct reports whether the elements of a listpack come in groups of step, and the
// first ones of all groups are different.
func distinct(lp listpack.LP, step int) bool {
	if listpack.Len(lp)%step != 0 {
		return false
	}
	seen := make(map[string]struct{}, listpack.Len(lp)/step)
	var sc listpack.Scratch
	i := 0
	for off := listpack.First(lp); off != 0; off = listpack.Next(lp, off) {
		if i++; (i-1)%step != 0 {
			continue
		}
		s := listpack.GetBytes(lp, off, &sc)
		if _, dup := seen[string(s)]; dup {
			return false
		}
		seen[string(s)] = struct{}{}
	}
	return true
}

// scoresAscend reports whether a listpack of members and scores is in the order of a
// sorted set: searches rely on it.
func scoresAscend(lp listpack.LP) bool {
	var sc, last listpack.Scratch
	var member []byte
	score := math.Inf(-1)
	for off := listpack.First(lp); off != 0; off = listpack.Next(lp, off) {
		m := listpack.GetBytes(lp, off, &last)
		off = listpack.Next(lp, off)
		f, ok := numfmt.ParseDouble(listpack.GetBytes(lp, off, &sc))
		if !ok || f < score || f == score && member != nil && string(m) < string(member) {
			return false
		}
		score = f
		member = append(member[:0:0], m...)
	}
	return true
}
