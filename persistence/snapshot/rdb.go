package snapshot

import (
	"io"

	"berth/keyspace"
	"berth/persistence/rdb"
)

// RDB is the Encoder of RDB files.
type RDB struct {
	Info rdb.Info
	Use  rdb.Use
	// Functions are the libraries' codes.
	Functions [][]byte
	// Before and After are records of modules (rdb.AppendModuleAux) for those moments.
	Before, After []byte
	// Spliced says that the writer has a second source of records: first those before the keys, then module values
	// and those behind the keys. Module values of the keyspace are passed over then.
	Spliced bool

	Keyspace *keyspace.Keyspace
	codec    rdb.Codec
	sizes    []dbSize
}

type dbSize struct{ keys, expires int }

// Begin implements [Encoder].
func (r *RDB) Begin(dst []byte) ([]byte, error) {
	r.codec.Portable = true
	r.sizes = nil
	for i := range r.Keyspace.NumDBs() {
		db := r.Keyspace.DB(i)
		r.sizes = append(r.sizes, dbSize{db.Len(), db.ExpiresLen()})
	}
	dst = r.codec.AppendInfo(dst, r.Info)
	if r.Spliced {
		dst = rdb.AppendSplice(dst)
	}
	dst = append(dst, r.Before...)
	for _, code := range r.Functions {
		dst = r.codec.AppendFunction(dst, code)
	}
	return dst, nil
}

// Select implements [Encoder]. The hint about sizes comes with the first mention of a database.
func (r *RDB) Select(dst []byte, db int) []byte {
	dst = rdb.AppendSelectDB(dst, db)
	if s := &r.sizes[db]; s.keys > 0 {
		dst = rdb.AppendResizeDB(dst, s.keys, s.expires)
		s.keys = 0
	}
	return dst
}

// Entry implements [Encoder].
func (r *RDB) Entry(dst []byte, of *keyspace.DB, e *keyspace.Entry) ([]byte, func([]byte) ([]byte, bool), func(), error) {
	if r.Spliced && e.Type() == keyspace.Module && !rdb.IsUnknown(r.Keyspace.ModuleTypeOf(e)) {
		return dst, nil, nil, nil
	}
	return r.codec.AppendEntryStepwise(dst, of, e, r.Use)
}

// End implements [Encoder].
func (r *RDB) End(dst []byte) ([]byte, error) {
	if r.Spliced {
		dst = rdb.AppendSplice(dst)
	}
	return rdb.AppendEnd(append(dst, r.After...)), nil
}

// Save writes all of the data set at once, as SAVE does.
func (r *RDB) Save(spec *Spec) error {
	d := &direct{r: r, db: -1}
	defer d.close()
	return spec.write(d, nil, nil)
}

// direct is the stream of records of a data set that does not change while it is read.
type direct struct {
	r     *RDB
	buf   []byte
	off   int
	db    int // -1 before the first one
	it    keyspace.Iter
	open  bool // it is
	more  func([]byte) ([]byte, bool)
	ended bool
}

// Read implements [io.Reader].
func (d *direct) Read(b []byte) (int, error) {
	for d.off == len(d.buf) {
		if d.ended {
			return 0, io.EOF
		}
		var err error
		d.off = 0
		if d.buf, err = d.next(d.buf[:0]); err != nil {
			return 0, err
		}
	}
	n := copy(b, d.buf[d.off:])
	d.off += n
	return n, nil
}

// next appends some more.
func (d *direct) next(dst []byte) (_ []byte, err error) {
	if d.more != nil {
		var last bool
		if dst, last = d.more(dst); last {
			d.more = nil
		}
		return dst, nil
	}
	if !d.open {
		ks := d.r.Keyspace
		if d.db == -1 {
			dst, err = d.r.Begin(dst)
		}
		for d.db++; d.db < ks.NumDBs() && ks.DB(d.db).Len() == 0; d.db++ {
		}
		if err != nil || d.db == ks.NumDBs() {
			d.ended = true
			if err == nil {
				dst, err = d.r.End(dst)
			}
			return dst, err
		}
		dst = d.r.Select(dst, d.db)
		d.it, d.open = ks.DB(d.db).Iter(), true
	}
	for len(dst) < chunk && d.more == nil {
		e := d.it.Next()
		if e == nil {
			d.close()
			return dst, nil
		}
		if dst, d.more, _, err = d.r.Entry(dst, d.r.Keyspace.DB(d.db), e); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func (d *direct) close() {
	if d.open {
		d.it.Close()
		d.open = false
	}
}
