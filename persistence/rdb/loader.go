package rdb

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"berth/internal/crc64"
	"berth/keyspace"
)

// What is wrong with a file, beside ErrBadFormat.
var (
	// ErrTruncated: it ends in the middle.
	ErrTruncated = errors.New("unexpected end of file")
	// ErrSignature: it does not begin as a file does.
	ErrSignature = errors.New("wrong signature")
	// ErrVersion: it is of a version that is too new, or of none.
	ErrVersion = errors.New("can't handle RDB format version")
	// ErrDatabase: it has more databases than there are here.
	ErrDatabase = errors.New("database number out of range")
	// ErrDuplicate: a key is there twice, or was there already.
	ErrDuplicate = errors.New("duplicated key")
	// ErrChecksum: its checksum is wrong.
	ErrChecksum = errors.New("wrong checksum")
	// ErrNoModule: it has data of a module's type that nobody knows.
	ErrNoModule = errors.New("no matching module type")
	// ErrModuleData: a module could not read what its type had saved.
	ErrModuleData = errors.New("the module is not able to load its data")
	// ErrModuleEnd: what a module saved does not end where its type stopped reading.
	ErrModuleEnd = errors.New("module data without its end mark")
	// ErrModuleNoAux: a module's type that saved beside its values does not read that now.
	ErrModuleNoAux = errors.New("the module does not support AUX data")
	// ErrFunction: a library of functions could not be loaded.
	ErrFunction = errors.New("failed loading a library")
	// ErrStopped: Tick asked for it.
	ErrStopped = errors.New("loading was stopped")
)

// FileError says where in a file something is wrong. It wraps one of the errors above.
type FileError struct {
	Offset int64  // of the record that could not be read
	DB     int    // the database that it belongs to
	Key    []byte // nil for what is no key
	Type   string // of the value, as reports name it; "" for what is none
	Module string // the name of the module's type, if one is concerned
	Err    error
}

func (e *FileError) Error() string {
	s := fmt.Sprintf("at offset %d", e.Offset)
	if e.Key != nil {
		s += ", " + e.Where()
	}
	if e.Module != "" {
		s += fmt.Sprintf(", module type '%s'", e.Module)
	}
	return s + ": " + e.Err.Error()
}

// Where names database, key and type.
func (e *FileError) Where() string {
	return fmt.Sprintf("database %d, key %q (%s)", e.DB, e.Key, e.Type)
}

func (e *FileError) Unwrap() error { return e.Err }

// Loader reads whole files into a keyspace. Set the fields, then call LoadFile or Load once. The caller holds the
// server lock, and has set Keyspace.Switches.Loading.
type Loader struct {
	Codec    *Codec
	Keyspace *keyspace.Keyspace

	// DropExpired leaves out keys whose time is over: a master does, except in an append-only file's base.
	DropExpired bool
	// Merge has keys of the file replace those that are there; else they are an error.
	Merge bool
	// Checksum is rdbchecksum: whether the one of the file is looked at.
	Checksum bool
	// LFU and LRU say which notes of use are taken over; without either, idle times are.
	LFU bool
	// Preserve is module-unknown-values: data of types that nobody knows is kept as it is.
	Preserve bool

	// Aux is told of each fact of the file; Function gets each library's code. Either may be nil.
	Aux      func(key, value []byte)
	Function func(code []byte) error
	// ModuleAux gets what types saved beside their values: r gives the fields back, of which there must be no rest.
	ModuleAux func(mt ModuleType, r *ModuleReader, encver, when int) error
	// KeptAux is given such data of unknown types, with Preserve.
	KeptAux func(id uint64, when int, fields []byte)
	// Loaded is called for each key that is there now.
	Loaded func(db *keyspace.DB, key []byte)
	// Tick is called at least every TickEvery bytes, even in the middle of a large value. What it returns ends the
	// loading.
	Tick      func(offset int64) error
	TickEvery int64
	// KeyDelay is key-load-delay.
	KeyDelay time.Duration

	// What was found.
	Version              int
	Keys, Expired, Empty int64
	Offset               int64 // behind the last byte that belongs to the file
	NoChecksum           bool  // the file was saved without one

	l        loader
	db       *keyspace.DB
	data     []byte // the whole file, or the record at hand
	base     int64  // offset of data
	crcFrom  int    // first byte of data whose checksum is not in crc yet
	crc      uint64
	nextTick int64
	tickErr  error
	now      int64

	expire     int64
	idle, freq int64
}

// LoadFile reads f, which is mapped rather than read.
func (l *Loader) LoadFile(f *os.File) error {
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() || st.Size() == 0 || st.Size() > math.MaxInt {
		return l.Load(f)
	}
	data, err := unix.Mmap(int(f.Fd()), 0, int(st.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return l.Load(f)
	}
	defer func() { _ = unix.Munmap(data) }()
	_ = unix.Madvise(data, unix.MADV_SEQUENTIAL)
	return l.loadMapped(data)
}

// loadMapped reads a mapped file. Someone may cut it short meanwhile: then touching it is a fault.
func (l *Loader) loadMapped(data []byte) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		fault, ok := r.(interface{ Addr() uintptr })
		start := uintptr(unsafe.Pointer(unsafe.SliceData(data)))
		if !ok || fault.Addr() < start || fault.Addr() >= start+uintptr(len(data)) {
			panic(r)
		}
		err = l.failed(l.Offset, nil, 0, ErrTruncated)
	}()
	return l.LoadBytes(data)
}

// LoadBytes reads a file that is in memory; what is behind its end is not looked at.
func (l *Loader) LoadBytes(data []byte) error {
	if err := l.begin(data); err != nil {
		return err
	}
	l.data = data
	for {
		l.Offset = int64(len(data) - len(l.l.r.b))
		end, err := l.record()
		if err != nil || end {
			return err
		}
		if at := int64(len(data) - len(l.l.r.b)); at >= l.nextTick {
			l.settle(int(at))
			l.tick(at)
		}
		if l.tickErr != nil {
			return l.tickErr
		}
	}
}

// Load reads a file that comes bit by bit. It may read beyond the file's end, up to a buffer's size.
func (l *Loader) Load(src io.Reader) error {
	w := walker{in: bufio.NewReaderSize(src, 1<<20)}
	w.raw(headerSize)
	if w.err != nil {
		return l.failed(0, nil, 0, w.err)
	}
	if err := l.begin(w.out); err != nil {
		return err
	}
	// The walker takes whole records out of the stream.
	l.settle(len(w.out))
	for {
		w.out = w.out[:0]
		l.Offset = w.off
		l.base, l.crcFrom = w.off, 0
		op := w.record()
		if op == opEOF && w.err == nil && l.Version >= 5 {
			w.raw(8)
		}
		l.data = w.out
		l.l.r.b = w.out
		if w.err != nil {
			key, typ := keyIn(w.out)
			return l.failed(l.Offset, key, typ, w.err)
		}
		end, err := l.record()
		if err != nil || end {
			return err
		}
		l.settle(len(w.out))
		if w.off >= l.nextTick {
			l.tick(w.off)
		}
		if l.tickErr != nil {
			return l.tickErr
		}
	}
}

// keyIn finds key and type in the beginning of a record.
func keyIn(b []byte) (key []byte, typ byte) {
	if len(b) == 0 {
		return nil, 0
	}
	if _, ok := typeNames[b[0]]; !ok {
		return nil, 0
	}
	r := reader{b: b[1:]}
	if s := r.string(); !r.bad {
		return s, b[0]
	}
	return nil, 0
}

// settle takes what is before data[n] into the checksum.
func (l *Loader) settle(n int) {
	if l.Checksum {
		l.crc = crc64.Update(l.crc, l.data[l.crcFrom:n])
	}
	l.crcFrom = n
}

func (l *Loader) tick(at int64) {
	if l.Tick == nil || l.tickErr != nil {
		l.nextTick = math.MaxInt64
		return
	}
	l.nextTick = at + max(l.TickEvery, 1)
	l.tickErr = l.Tick(at)
}

// begin reads the header.
func (l *Loader) begin(data []byte) error {
	l.data = data
	w := walker{in: bufio.NewReader(bytes.NewReader(data[:min(len(data), headerSize)]))}
	var err error
	if l.Version, err = w.header(); err != nil {
		return l.failed(0, nil, 0, err)
	}
	if l.TickEvery == 0 {
		l.TickEvery = 2 << 20
	}
	l.nextTick = l.TickEvery
	l.now = time.Now().UnixMilli()
	l.db = l.Keyspace.DB(0)
	l.forget()
	l.l = loader{r: reader{b: data[headerSize:]}, preserve: l.Preserve}
	l.l.tick = func(left int) {
		at := l.base + int64(len(l.data)-left)
		if at >= l.nextTick {
			l.tick(at)
		}
	}
	return nil
}

// forget drops what was said of the next key.
func (l *Loader) forget() { l.expire, l.idle, l.freq = -1, -1, -1 }

func (l *Loader) failed(at int64, key []byte, typ byte, err error) error {
	e := &FileError{Offset: at, Err: err, Module: l.l.moduleName}
	if l.db != nil {
		e.DB = l.db.ID()
	}
	if key != nil {
		e.Key, e.Type = append([]byte{}, key...), typeNames[typ]
	}
	return e
}

// record reads one record. l.Offset is where it begins.
func (l *Loader) record() (end bool, err error) {
	r := &l.l.r
	bad := func(err error) (bool, error) { return false, l.failed(l.Offset, nil, 0, err) }
	switch op := r.byte(); op {
	case opEOF:
		if r.bad {
			break
		}
		return true, l.end()
	case opSelectDB:
		n := r.len()
		if r.bad {
			break
		}
		if n >= uint64(l.Keyspace.NumDBs()) {
			return bad(fmt.Errorf("%w: %d", ErrDatabase, n))
		}
		l.db = l.Keyspace.DB(int(n))
	case opResizeDB:
		keys, expires := r.len(), r.len()
		// Only a hint, and perhaps a false one: a key takes three bytes at least.
		most := uint64(len(r.b)) / 3
		if !r.bad && keys <= most && expires <= keys && l.base == 0 {
			l.db.Expand(l.db.Len()+int(keys), l.db.ExpiresLen()+int(expires))
		}
	case opExpireMs:
		l.expire = int64(r.uint64())
	case opExpire:
		if p := r.take(4); p != nil {
			l.expire = int64(int32(binary.LittleEndian.Uint32(p))) * 1000
		}
	case opFreq:
		l.freq = int64(r.byte())
	case opIdle:
		l.idle = int64(r.len())
	case opAux:
		key := append([]byte(nil), r.string()...)
		value := r.string()
		if !r.bad && l.Aux != nil {
			l.Aux(key, value)
		}
	case opFunction:
		code := r.string()
		if !r.bad && l.Function != nil {
			if err := l.Function(code); err != nil {
				return bad(fmt.Errorf("%w: %w", ErrFunction, err))
			}
		}
	case opFunctionPreGA:
		return bad(fmt.Errorf("%w: of a release candidate of Redis 7", ErrFunction))
	case opSlotInfo:
		r.len()
		r.len()
		r.len()
	case opModuleAux:
		if err := l.moduleAux(); err != nil {
			return bad(err)
		}
	default:
		if r.bad {
			break
		}
		return false, l.entry(op)
	}
	if r.bad {
		return bad(l.shortOr(ErrBadFormat))
	}
	return false, nil
}

// shortOr is the error for a record that could not be read: the file ends in it, or it is not well formed.
func (l *Loader) shortOr(err error) error {
	if l.l.r.short {
		return ErrTruncated
	}
	return err
}

func (l *Loader) end() error {
	r := &l.l.r
	at := len(l.data) - len(r.b)
	l.settle(at)
	l.Offset = l.base + int64(at)
	if l.Version < 5 {
		return nil
	}
	sum := r.uint64()
	if r.bad {
		return l.failed(l.Offset, nil, 0, ErrTruncated)
	}
	l.Offset += 8
	switch {
	case !l.Checksum || l.Codec.SkipChecksum:
	case sum == 0:
		l.NoChecksum = true
	case sum != l.crc:
		return l.failed(l.Offset-8, nil, 0, fmt.Errorf("%w: expected (%x) but got (%x)", ErrChecksum, l.crc, sum))
	}
	return nil
}

// entry reads a key and its value.
func (l *Loader) entry(typ byte) error {
	r := &l.l.r
	if _, known := typeNames[typ]; !known {
		return l.failed(l.Offset, nil, 0, fmt.Errorf("unknown opcode or type %d", typ))
	}
	key := r.string()
	if r.bad {
		return l.failed(l.Offset, nil, 0, l.shortOr(ErrBadFormat))
	}
	if len(r.scratch) > 0 && len(key) > 0 && &key[0] == &r.scratch[0] {
		l.l.keyBuf = append(l.l.keyBuf[:0], key...)
		key = l.l.keyBuf
	}
	l.l.db, l.l.key, l.l.moduleName, l.l.why = l.db, key, "", nil
	v := l.l.value(typ)
	if v != nil && r.bad {
		v.Free(l.Keyspace)
		v = nil
	}
	if v == nil {
		if l.l.empty && !r.bad {
			l.Empty++
			l.forget()
			return nil
		}
		err := l.l.why
		if err == nil {
			err = l.shortOr(ErrBadFormat)
		}
		return l.failed(l.Offset, key, typ, err)
	}
	expire, idle, freq := l.expire, l.idle, l.freq
	l.forget()
	if l.DropExpired && expire != -1 && expire < l.now {
		v.Free(l.Keyspace)
		l.Expired++
		return nil
	}
	if old := l.db.Find(key); old != nil {
		if !l.Merge {
			v.Free(l.Keyspace)
			return l.failed(l.Offset, key, typ, ErrDuplicate)
		}
		l.db.Delete(key)
	}
	e := v.Store(l.db, key)
	switch {
	case l.LFU && freq >= 0:
		l.Keyspace.SetFreq(e, uint8(freq))
	case !l.LFU && idle >= 0:
		l.Keyspace.SetIdleTime(e, time.Duration(min(idle, math.MaxInt32))*time.Second)
	}
	if expire != -1 {
		l.db.SetExpire(e, expire)
	}
	l.Keys++
	if l.Loaded != nil {
		l.Loaded(l.db, key)
	}
	if l.KeyDelay > 0 {
		time.Sleep(l.KeyDelay)
	}
	return nil
}

// moduleAux hands a type what it saved beside its values.
func (l *Loader) moduleAux() error {
	r := &l.l.r
	id := r.len()
	if r.len() != moduleUint {
		r.fail()
	}
	when := int(r.len())
	if r.bad {
		return l.shortOr(ErrBadFormat)
	}
	l.l.moduleName = ModuleTypeName(id)
	n, ok := SkipModuleValue(r.b)
	if !ok {
		return ErrTruncated
	}
	fields := r.take(uint64(n))
	mt, known := l.Keyspace.ModuleType(l.Keyspace.ModuleTypeByID(id >> encverBits)).(ModuleType)
	if known {
		if _, kept := mt.(*unknownType); kept {
			known = false
		}
	}
	switch {
	case !known && l.Preserve:
		if l.KeptAux != nil {
			l.KeptAux(id, when, fields[:n-1])
		}
	case !known:
		return ErrNoModule
	case l.ModuleAux != nil:
		m := ModuleReader{r: reader{b: fields}, DB: -1}
		if err := l.ModuleAux(mt, &m, int(id&(1<<encverBits-1)), when); err != nil {
			return err
		}
		if len(m.r.b) != 1 {
			return ErrModuleEnd
		}
	}
	l.l.moduleName = ""
	return nil
}
