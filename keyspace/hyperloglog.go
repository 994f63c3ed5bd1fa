package keyspace

import (
	"errors"

	"berth/keyspace/hll"
)

// ErrCorruptHLL is returned for a string whose header is a HyperLogLog's and whose registers are not all there.
var ErrCorruptHLL = errors.New("Corrupted HLL object detected")

// IsHLL reports whether a string value has the form of a HyperLogLog.
func IsHLL(e *Entry) bool {
	return e.Type() == String && e.Encoding() != Int && hll.Valid(StringBytes(e, nil))
}

// CreateHLL adds an empty HyperLogLog under a key that doesn't exist.
func (db *DB) CreateHLL(key []byte) *Entry { return db.SetBytesAt(nil, key, hll.New(), false) }

// HLLBytes makes a HyperLogLog raw, as everything does that may write into one, and returns a view to write into.
func (db *DB) HLLBytes(e *Entry) (*Entry, []byte) { return db.StringResize(e, StringLen(e)) }

// HLLAdd adds an element and reports whether that changed a register.
func (db *DB) HLLAdd(e *Entry, element []byte) (*Entry, bool, error) {
	register, count := hll.Hash(element)
	return db.hllRaise(e, register, count)
}

// hllRaise makes a register have at least the value count.
func (db *DB) hllRaise(e *Entry, register int, count uint8) (*Entry, bool, error) {
	e, b := db.HLLBytes(e)
	if !hll.Sparse(b) {
		if !hll.RaiseDense(b, register, count) {
			return e, false, nil
		}
		hll.Invalidate(b)
		return e, true, nil
	}
	edit := hll.Plan(b, register, count, db.ks.Limits.HLLSparseMaxBytes)
	switch edit.Verdict {
	case hll.Nothing:
		return e, false, nil
	case hll.Corrupt:
		return e, false, ErrCorruptHLL
	case hll.Promote:
		e, err := db.HLLToDense(e)
		if err != nil {
			return e, false, err
		}
		return db.hllRaise(e, register, count)
	}
	old := len(b)
	if grow := edit.Len - edit.Old; grow > 0 {
		e, b = db.StringResize(e, old+grow)
	}
	if n := edit.Apply(b, old); n != len(b) {
		e, _ = db.StringResize(e, n)
	}
	return e, true, nil
}

// HLLToDense converts a sparse HyperLogLog; a dense one stays as it is.
func (db *DB) HLLToDense(e *Entry) (*Entry, error) {
	e, b := db.HLLBytes(e)
	if !hll.Sparse(b) {
		return e, nil
	}
	all, ok := hll.AppendDense(nil, b)
	if !ok {
		return e, ErrCorruptHLL
	}
	e, b = db.StringResize(e, hll.DenseSize)
	copy(b, all)
	return db.TrimString(e), nil
}

// HLLCount is the cardinality of a HyperLogLog. It is kept in the value: computed says that it had to be put there.
func (db *DB) HLLCount(e *Entry) (n uint64, computed bool, err error) {
	_, b := db.HLLBytes(e)
	if n, ok := hll.Cached(b); ok {
		return n, false, nil
	}
	n, ok := hll.Count(b)
	if !ok {
		return 0, false, ErrCorruptHLL
	}
	hll.SetCached(b, n)
	return n, true, nil
}

// HLLStore raises the registers of a HyperLogLog to those of m; all of them together are no less than what it has. It becomes
// dense if asked to.
func (db *DB) HLLStore(e *Entry, m *hll.Max, toDense bool) (*Entry, error) {
	var err error
	if toDense {
		if e, err = db.HLLToDense(e); err != nil {
			return e, err
		}
		_, b := db.HLLBytes(e)
		m.Store(b)
		hll.Invalidate(b)
		return e, nil
	}
	for i, v := range m {
		if v != 0 {
			if e, _, err = db.hllRaise(e, i, v); err != nil {
				return e, err
			}
		}
	}
	e, b := db.HLLBytes(e)
	hll.Invalidate(b)
	return e, nil
}
