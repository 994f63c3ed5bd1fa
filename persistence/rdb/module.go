package rdb

import (
	"encoding/binary"
	"math"
	"unsafe"

	"berth/keyspace"
)

// ModuleType is what a module's type must offer, beyond what the keyspace wants, for its
// values to be saved and loaded.
type ModuleType interface {
	keyspace.ModuleType
	// Save writes the value p to w.
	Save(w *ModuleWriter, p unsafe.Pointer)
	// Load reads a value that a type of the same name saved with the given encoding version;
	// nil if that fails. What it returns belongs to the caller.
	Load(r *ModuleReader, encver int) unsafe.Pointer
}

// The kinds of fields in a module's value.
const (
	moduleEOF    = 0
	moduleSigned = 1
	moduleUint   = 2
	moduleFloat  = 3
	moduleDouble = 4
	moduleString = 5
)

// encverBits are those of a type's 64-bit id that are the encoding version; the others are
// its name.
const encverBits = 10

// ModuleWriter takes the fields that a module saves. It is valid during Save.
type ModuleWriter struct {
	codec *Codec
	buf   []byte
	// Key is the key whose value is saved, nil if there is none; DB its database's number,
	// -1 if there is none. Key is a view.
	Key []byte
	DB  int
}

// Unsigned writes an unsigned integer.
func (w *ModuleWriter) Unsigned(v uint64) {
	w.buf = AppendLen(append(w.buf, moduleUint), v)
}

// Signed writes a signed integer; in the payload it is the unsigned one of the same bits.
func (w *ModuleWriter) Signed(v int64) { w.Unsigned(uint64(v)) }

// Float writes a single precision number.
func (w *ModuleWriter) Float(v float32) {
	w.buf = binary.LittleEndian.AppendUint32(append(w.buf, moduleFloat), math.Float32bits(v))
}

// Double writes a double precision number.
func (w *ModuleWriter) Double(v float64) {
	w.buf = appendDouble(append(w.buf, moduleDouble), v)
}

// String writes a string.
func (w *ModuleWriter) String(s []byte) {
	w.buf = w.codec.AppendString(append(w.buf, moduleString), s)
}

// Encoded appends fields that the caller has encoded as the methods above do.
func (w *ModuleWriter) Encoded(b []byte) { w.buf = append(w.buf, b...) }

// Len returns how many bytes have been written.
func (w *ModuleWriter) Len() int { return len(w.buf) }

func (c *Codec) appendModule(dst []byte, db *keyspace.DB, e *keyspace.Entry) ([]byte, error) {
	mt, ok := db.Keyspace().ModuleTypeOf(e).(ModuleType)
	if !ok {
		return dst, ErrUnsupported
	}
	return c.AppendModuleValue(dst, mt, e.Ptr(), e.Key(), db.ID()), nil
}

// AppendModuleValue appends a module's value as AppendValue does behind the type byte: the
// type's id, the fields that it saves and an end mark.
func (c *Codec) AppendModuleValue(dst []byte, mt ModuleType, p unsafe.Pointer, key []byte, db int) []byte {
	id := mt.ID()
	if IsUnknown(mt) {
		id, _ = keptBytes(p) // of the version that it was saved with
	}
	w := ModuleWriter{codec: c, buf: AppendLen(dst, id), Key: key, DB: db}
	mt.Save(&w, p)
	return append(w.buf, moduleEOF)
}

// AuxFields returns the fields that save writes, for AppendModuleAux.
func (c *Codec) AuxFields(save func(w *ModuleWriter)) []byte {
	w := ModuleWriter{codec: c, DB: -1}
	save(&w)
	return w.buf
}

// AppendModuleData appends the bare fields that save writes, without id and end mark
// (RM_SaveDataTypeToString).
func (c *Codec) AppendModuleData(dst []byte, mt ModuleType, p unsafe.Pointer) []byte {
	w := ModuleWriter{codec: c, buf: dst, DB: -1}
	mt.Save(&w, p)
	return w.buf
}

// ModuleReader gives a module its fields back. It is valid during Load. After a field
// that isn't there, or is of another kind, Failed reports true and everything reads as
// zero.
type ModuleReader struct {
	r reader
	// Key and DB are as in ModuleWriter.
	Key []byte
	DB  int
}

// Rest returns what has not been read yet, the value's end mark and what is behind it included.
// The view is good during Load.
func (m *ModuleReader) Rest() []byte { return m.r.b }

// Skip drops n bytes of Rest: whole fields, which the caller has decoded.
func (m *ModuleReader) Skip(n int) { m.r.take(uint64(n)) }

// Failed reports whether a read failed (RM_IsIOError).
func (m *ModuleReader) Failed() bool { return m.r.bad }

func (m *ModuleReader) kind(want uint64) bool {
	if m.r.len() != want {
		m.r.fail()
	}
	return !m.r.bad
}

// Unsigned reads an unsigned integer.
func (m *ModuleReader) Unsigned() (uint64, bool) {
	if !m.kind(moduleUint) {
		return 0, false
	}
	v := m.r.len()
	return v, !m.r.bad
}

// Signed reads a signed integer.
func (m *ModuleReader) Signed() (int64, bool) {
	v, ok := m.Unsigned()
	return int64(v), ok
}

// Float reads a single precision number.
func (m *ModuleReader) Float() (float32, bool) {
	if !m.kind(moduleFloat) {
		return 0, false
	}
	p := m.r.take(4)
	if p == nil {
		return 0, false
	}
	return math.Float32frombits(binary.LittleEndian.Uint32(p)), true
}

// Double reads a double precision number.
func (m *ModuleReader) Double() (float64, bool) {
	if !m.kind(moduleDouble) {
		return 0, false
	}
	v := m.r.double()
	return v, !m.r.bad
}

// String reads a string: a view that is valid until the next read.
func (m *ModuleReader) String() ([]byte, bool) {
	if !m.kind(moduleString) {
		return nil, false
	}
	s := m.r.string()
	return s, !m.r.bad
}

func (l *loader) module() *Value {
	id := l.r.len()
	if l.r.bad {
		return nil
	}
	l.moduleName = ModuleTypeName(id)
	ks := l.db.Keyspace()
	typeID := ks.ModuleTypeByID(id >> encverBits)
	if typeID == 0 && l.preserve {
		typeID = unknownFor(ks, id)
	}
	mt, ok := ks.ModuleType(typeID).(ModuleType)
	if !ok || !l.preserve && IsUnknown(mt) {
		l.why = ErrNoModule
		return nil
	}
	m := ModuleReader{r: l.r, Key: l.key, DB: l.db.ID()}
	p := mt.Load(&m, int(id&(1<<encverBits-1)))
	l.r = m.r
	if p == nil {
		l.why = ErrModuleData
		return nil
	}
	// Redis checks the end mark only; a module that ignored a failed read is not trusted here.
	if l.r.len() != moduleEOF || l.r.bad {
		mt.Free(p)
		l.why = ErrModuleEnd
		return nil
	}
	l.out = Value{typ: keyspace.Module, typeID: typeID, ptr: p}
	return &l.out
}

// LoadModuleData is the inverse of AppendModuleData; nil if the type can't make a value of
// the bytes (RM_LoadDataTypeFromStringEncver).
func (c *Codec) LoadModuleData(b []byte, mt ModuleType, encver int) unsafe.Pointer {
	m := ModuleReader{r: reader{b: b}, DB: -1}
	return mt.Load(&m, encver)
}

// SkipModuleValue reports how many bytes a module's value takes, from behind its id to
// behind its end mark; ok is false for bytes that are none. So the values of modules that
// aren't loaded can be kept or passed over.
func SkipModuleValue(b []byte) (n int, ok bool) {
	r := reader{b: b}
	for {
		switch r.len() {
		case moduleEOF:
			return len(b) - len(r.b), !r.bad
		case moduleSigned, moduleUint:
			r.len()
		case moduleFloat:
			r.take(4)
		case moduleDouble:
			r.take(8)
		case moduleString:
			r.string()
		default:
			return 0, false
		}
		if r.bad {
			return 0, false
		}
	}
}
