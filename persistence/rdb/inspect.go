package rdb

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"berth/internal/crc64"
	"berth/keyspace"
)

// ItemKind is what an Item is.
type ItemKind uint8

// The kinds of items.
const (
	ItemKey ItemKind = iota
	ItemAux
	ItemFunction
	ItemModuleAux
)

// Item is a part of a file as Inspect finds it. Its slices are good during the call.
type Item struct {
	Kind     ItemKind
	Offset   int64 // where it begins
	Size     int64 // in the file
	DB       int
	Key      []byte // of a key or an AUX field
	Value    []byte // of an AUX field, or the code of a library
	Type     string // of a key: how the file stores its value
	Family   string // of a key: what TYPE would answer; "module" for all modules' values
	Elements int64  // of a key's value
	Expires  bool
	Module   string // the name of the type of a module's value or AUX data
}

// Inspection is what Inspect finds out about a file as a whole.
type Inspection struct {
	Version  int
	Size     int64 // up to its end, behind which there may be more
	Checksum bool  // it has one
}

// Inspect reads a whole file without loading it: visit gets each part. It checks what a load would check, the values
// too, one at a time, except what only modules can. The error is a FileError.
func Inspect(src io.Reader, visit func(it *Item)) (in Inspection, err error) {
	ks := keyspace.New(keyspace.Options{Databases: 1})
	defer ks.Close()
	see := &sight{}
	w := walker{in: bufio.NewReaderSize(src, 1<<20), see: see}
	it := Item{}
	fail := func(key []byte, typ byte, err error) error {
		e := &FileError{Offset: it.Offset, DB: it.DB, Err: err, Module: it.Module}
		if key != nil {
			e.Key, e.Type = append([]byte{}, key...), typeNames[typ]
		}
		return e
	}
	if in.Version, err = w.header(); err != nil {
		return in, fail(nil, 0, err)
	}
	sum := uint64(0)
	expires := false
	for begin := int64(0); ; {
		sum = crc64.Update(sum, w.out)
		w.out = w.out[:0]
		it.Offset, it.Module, see.module = w.off, "", 0
		if !expires {
			begin = w.off
		}
		op := w.record()
		if see.module != 0 {
			it.Module = ModuleTypeName(see.module)
		}
		in.Size = w.off
		if w.err != nil {
			key, typ := keyIn(w.out)
			return in, fail(key, typ, w.err)
		}
		it.Key, it.Value = nil, nil
		it.Size = w.off - begin
		switch op {
		case opEOF:
			sum = crc64.Update(sum, w.out)
			return in, w.checkSum(&in, sum, fail)
		case opSelectDB:
			it.DB = int(min(see.a, 1<<31-1))
			continue
		case opExpire, opExpireMs:
			expires = true
			continue
		case opIdle, opFreq, opResizeDB, opSlotInfo:
			continue
		case opFunctionPreGA:
			return in, fail(nil, 0, fmt.Errorf("%w: of a release candidate of Redis 7", ErrFunction))
		case opAux:
			it.Kind, it.Key, it.Value = ItemAux, see.first, see.second
		case opFunction:
			it.Kind, it.Value = ItemFunction, see.first
		case opModuleAux:
			it.Kind = ItemModuleAux
		default:
			it.Kind, it.Key, it.Type, it.Family = ItemKey, see.key, typeNames[op], familyOf(op)
			it.Expires, expires = expires, false
			if err := deepCheck(ks, w.out, see); err != nil {
				return in, fail(see.key, op, err)
			}
			it.Elements = see.elements
		}
		visit(&it)
	}
}

// checkSum reads the checksum behind the end.
func (w *walker) checkSum(in *Inspection, sum uint64, fail func([]byte, byte, error) error) error {
	if in.Version < 5 {
		return nil
	}
	var b [8]byte
	if _, err := io.ReadFull(w.in, b[:]); err != nil {
		return fail(nil, 0, ErrTruncated)
	}
	in.Size += 8
	got := binary.LittleEndian.Uint64(b[:])
	in.Checksum = got != 0
	if in.Checksum && got != sum {
		return fail(nil, 0, fmt.Errorf("%w: expected (%x) but got (%x)", ErrChecksum, sum, got))
	}
	return nil
}

// deepCheck decodes the value of a record, unless it is a module's, and takes its number of elements.
func deepCheck(ks *keyspace.Keyspace, record []byte, see *sight) error {
	if see.typ == typeModule2 {
		return nil
	}
	l := loader{r: reader{b: record[1:]}, db: ks.DB(0)}
	l.r.string()
	v := l.value(see.typ)
	if v == nil {
		if l.empty && !l.r.bad {
			see.elements = 0
			return nil
		}
		return ErrBadFormat
	}
	defer v.Free(ks)
	if l.r.bad {
		return ErrBadFormat
	}
	switch v.typ {
	case keyspace.String:
		see.elements = int64(len(v.str))
	case keyspace.Stream:
	default:
		see.elements = int64(keyspace.ContainerLen(v.e))
	}
	return nil
}

// familyOf is the type that TYPE would answer for values of a file's type; "module" for all modules' ones.
func familyOf(typ byte) string {
	switch typ {
	case typeString:
		return "string"
	case typeList, typeListZiplist, typeListQuicklist, typeListQuicklist2:
		return "list"
	case typeSet, typeSetIntset, typeSetListpack:
		return "set"
	case typeZSet, typeZSet2, typeZSetZiplist, typeZSetListpack:
		return "zset"
	case typeStream, typeStream2, typeStream3:
		return "stream"
	case typeModulePreGA, typeModule2:
		return "module"
	}
	return "hash"
}
