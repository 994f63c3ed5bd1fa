package rdb

import (
	"encoding/binary"
	"unsafe"

	"berth/internal/crc64"
	"berth/keyspace"
	"berth/keyspace/mem"
)

// Types of modules that are not loaded. With module-unknown-values preserve, their values are kept as the bytes
// that the file has: seen by TYPE and OBJECT, dumped, copied, deleted and saved as they came, and turned into real
// ones when the module is loaded.

// moduleNameSet are the characters of type names, six bits each.
const moduleNameSet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// ModuleTypeName is the name that a type's 64-bit id tells.
func ModuleTypeName(id uint64) string {
	var name [9]byte
	id >>= encverBits
	for i := len(name) - 1; i >= 0; i-- {
		name[i] = moduleNameSet[id&63]
		id >>= 6
	}
	return string(name[:])
}

// unknownType stands for a type that no module has registered.
type unknownType struct{ id uint64 }

var _ ModuleType = (*unknownType)(nil)

// A value is one block: its id with the encoding version (8 bytes), the number of bytes (8), and the fields with
// their end mark.
const keptHead = 16

func newKept(id uint64, fields []byte) unsafe.Pointer {
	p := mem.Alloc(keptHead + len(fields))
	b := mem.Bytes(p, keptHead+len(fields))
	binary.LittleEndian.PutUint64(b, id)
	binary.LittleEndian.PutUint64(b[8:], uint64(len(fields)))
	copy(b[keptHead:], fields)
	return p
}

func keptBytes(p unsafe.Pointer) (id uint64, fields []byte) {
	head := mem.Bytes(p, keptHead)
	n := int(binary.LittleEndian.Uint64(head[8:]))
	return binary.LittleEndian.Uint64(head), mem.Bytes(p, keptHead+n)[keptHead:]
}

// unknownFor is the registry id of the stand-in for a type, which is made when it is needed first.
func unknownFor(ks *keyspace.Keyspace, id uint64) int {
	if n := ks.ModuleTypeByID(id >> encverBits); n != 0 {
		return n
	}
	return ks.RegisterModuleType(&unknownType{id})
}

// hasUnknown reports whether something stands for a type.
func hasUnknown(ks *keyspace.Keyspace, id uint64) bool {
	for i := 1; ; i++ {
		mt, more := ks.ModuleTypeAt(i)
		if !more {
			return false
		}
		if t, ok := mt.(*unknownType); ok && t.id>>encverBits == id>>encverBits {
			return true
		}
	}
}

// IsUnknown reports whether a type only stands for one that no module has registered.
func IsUnknown(mt keyspace.ModuleType) bool {
	_, ok := mt.(*unknownType)
	return ok
}

// Name implements [keyspace.ModuleType].
func (t *unknownType) Name() string { return ModuleTypeName(t.id) }

// ID implements [keyspace.ModuleType].
func (t *unknownType) ID() uint64 { return t.id }

// Free implements [keyspace.ModuleType].
func (t *unknownType) Free(p unsafe.Pointer) { mem.Free(p) }

// FreeEffort implements [keyspace.ModuleType].
func (t *unknownType) FreeEffort(int, []byte, unsafe.Pointer) int { return 1 }

// Unlink implements [keyspace.ModuleType].
func (t *unknownType) Unlink(int, []byte, unsafe.Pointer) {}

// Copy implements [keyspace.ModuleType].
func (t *unknownType) Copy(_, _ int, _, _ []byte, p unsafe.Pointer) unsafe.Pointer {
	return newKept(keptBytes(p))
}

// MemUsage implements [keyspace.ModuleType].
func (t *unknownType) MemUsage(_ int, _ []byte, p unsafe.Pointer, _ int) int { return mem.Usable(p) }

// Digest implements [keyspace.ModuleType].
func (t *unknownType) Digest(_ int, _ []byte, p unsafe.Pointer) (d [20]byte) {
	_, fields := keptBytes(p)
	binary.LittleEndian.PutUint64(d[:], crc64.Update(0, fields))
	return d
}

// Save implements [ModuleType]. The codec writes the id and the end mark itself.
func (t *unknownType) Save(w *ModuleWriter, p unsafe.Pointer) {
	_, fields := keptBytes(p)
	w.Encoded(fields[:len(fields)-1])
}

// Load implements [ModuleType].
func (t *unknownType) Load(r *ModuleReader, encver int) unsafe.Pointer {
	n, ok := SkipModuleValue(r.Rest())
	if !ok {
		return nil
	}
	p := newKept(t.id>>encverBits<<encverBits|uint64(encver), r.Rest()[:n])
	r.Skip(n - 1)
	return p
}

// ReadAux hands fields that were kept of a type, without their end mark, to whoever reads them now.
func ReadAux(fields []byte, read func(r *ModuleReader) error) error {
	m := ModuleReader{r: reader{b: append(append([]byte(nil), fields...), moduleEOF)}, DB: -1}
	if err := read(&m); err != nil {
		return err
	}
	if len(m.r.b) != 1 {
		return ErrModuleEnd
	}
	return nil
}

// Adopt turns all values that were kept for a type, whose module was loaded now, into real ones. bad is called for
// a key whose bytes the type can't read; it is deleted.
func Adopt(ks *keyspace.Keyspace, mt ModuleType, typeID int, bad func(db *keyspace.DB, key []byte)) int {
	n := 0
	if !hasUnknown(ks, mt.ID()) {
		return 0
	}
	for i := range ks.NumDBs() {
		db := ks.DB(i)
		var broken [][]byte
		for it := db.Iter(); ; {
			e := it.Next()
			if e == nil {
				it.Close()
				break
			}
			if e.Type() != keyspace.Module {
				continue
			}
			t, ok := ks.ModuleTypeOf(e).(*unknownType)
			if !ok || t.id>>encverBits != mt.ID()>>encverBits {
				continue
			}
			id, fields := keptBytes(e.Ptr())
			m := ModuleReader{r: reader{b: fields}, Key: e.Key(), DB: i}
			p := mt.Load(&m, int(id&(1<<encverBits-1)))
			if p == nil || m.r.bad || len(m.r.b) != 1 {
				if p != nil {
					mt.Free(p)
				}
				broken = append(broken, append([]byte(nil), e.Key()...))
				continue
			}
			_, old := db.ReplaceModule(e, typeID, p)
			mem.Free(old)
			n++
		}
		for _, key := range broken {
			bad(db, key)
			db.Delete(key)
		}
	}
	return n
}
