package keyspace

import (
	"crypto/sha1" //nolint:gosec // the digest is Redis's, and no secret depends on it
	"encoding/binary"
	"strconv"

	"berth/internal/numfmt"
)

// Digest identifies a value or a data set, as DEBUG DIGEST and DEBUG DIGEST-VALUE print
// it: equal data sets have equal digests, whatever the order of keys and the encodings.
type Digest [sha1.Size]byte

// Xor folds b in so that the order of several calls doesn't matter.
func (d *Digest) Xor(b []byte) {
	h := sha1.Sum(b) //nolint:gosec // see above
	for i := range d {
		d[i] ^= h[i]
	}
}

// Mix folds b in so that the order of several calls matters.
func (d *Digest) Mix(b []byte) {
	d.Xor(b)
	*d = sha1.Sum(d[:]) //nolint:gosec // see above
}

func (d *Digest) mixInt(n int) {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(n))
	d.Mix(b[:])
}

// mixPair folds in a pair that is a member of something without order.
func (d *Digest) mixPair(a, b []byte) {
	var pair Digest
	pair.Mix(a)
	pair.Mix(b)
	d.Xor(pair[:])
}

// Digest returns the digest of all databases.
func (ks *Keyspace) Digest() Digest {
	var all Digest
	for _, db := range ks.dbs {
		if db.Len() == 0 {
			continue
		}
		all.mixInt(db.id)
		it := db.Iter()
		for e := it.Next(); e != nil; e = it.Next() {
			var d Digest
			d.Mix(e.Key())
			db.mixValue(&d, e)
			all.Xor(d[:])
		}
		it.Close()
	}
	return all
}

// ValueDigest returns the digest of a single value.
func (db *DB) ValueDigest(e *Entry) Digest {
	var d Digest
	db.mixValue(&d, e)
	return d
}

func (db *DB) mixValue(d *Digest, e *Entry) {
	d.mixInt(int(e.Type()))
	switch e.Type() {
	case String:
		var scratch [maxIntLen]byte
		d.Mix(StringBytes(e, scratch[:]))
	case List:
		for it := NewListIter(db, e, 0, false); it.Next(); {
			d.Mix(it.Value())
		}
	case Set:
		it := NewSetIter(e)
		for it.Next() {
			d.Xor(it.Member())
		}
		it.Close()
	case Hash:
		it := NewHashIter(e)
		for it.Next() {
			var pair Digest
			pair.Mix(it.Field())
			pair.Mix(it.Value())
			if it.Expire() != 0 {
				pair.Xor([]byte("!!hexpire!!"))
			}
			d.Xor(pair[:])
		}
		it.Close()
	case ZSet:
		for it := NewZSetRankIter(e, 0, ZSetLen(e)-1, false); it.Next(); {
			d.mixPair(it.Member(), numfmt.AppendDigestDouble(nil, it.Score()))
		}
	case Stream:
		mixStream(d, e)
	case Module:
		mt := db.ks.ModuleTypeOf(e)
		if has, ok := mt.(interface{ HasDigest() bool }); ok && !has.HasDigest() {
			break
		}
		x := mt.Digest(db.id, e.Key(), e.Ptr())
		d.Xor(x[:])
	}
	if e.HasExpire() {
		d.Xor([]byte("!!expire!!"))
	}
}

func mixStream(d *Digest, e *Entry) {
	var fsc, vsc Scratch
	for it := NewStreamIter(e, StreamID{}, MaxStreamID, false); it.Next(); {
		id := it.ID()
		b := strconv.AppendUint(nil, id.MS, 10)
		d.Mix(strconv.AppendUint(append(b, '.'), id.Seq, 10))
		for it.Fields() > 0 {
			field, value := it.Field(&fsc, &vsc)
			d.Mix(field)
			d.Mix(value)
		}
	}
}
