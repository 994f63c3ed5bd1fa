package keyspace

import (
	"berth/keyspace/listpack"
)

// StreamLoadNode adds a listpack of a payload, which becomes the stream's; b may be anything. It reports whether it did.
func StreamLoadNode(e *Entry, id StreamID, b []byte) bool {
	// As in Redis, the number of elements in the header may be wrong: it is of no use here.
	if !listpack.ValidateUncounted(b) {
		return false
	}
	lp := listpack.FromBytes(b)
	if !validNode(lp) || !e.stream().nodes.Put(id, lp) {
		listpack.Free(lp)
		return false
	}
	return true
}

// nodeReader reads the elements of a listpack that is valid as such.
type nodeReader struct {
	lp  listpack.LP
	off int // 0 at the end
	bad bool
}

func (r *nodeReader) skip(n int64) {
	for ; n > 0 && r.off != 0; n-- {
		r.off = listpack.Next(r.lp, r.off)
	}
	if n != 0 {
		r.bad = true
	}
}

func (r *nodeReader) int() int64 {
	if r.off == 0 {
		r.bad = true
		return 0
	}
	s, v := listpack.Get(r.lp, r.off)
	r.off = listpack.Next(r.lp, r.off)
	if s != nil {
		r.bad = true
	}
	return v
}

// validNode reports whether a listpack has the shape that all others rely on.
func validNode(lp listpack.LP) bool {
	r := nodeReader{lp: lp, off: listpack.First(lp)}
	valid, gone := r.int(), r.int()
	names := r.int()
	r.skip(names)
	if zero := r.int(); zero != 0 || valid < 0 || gone < 0 {
		return false
	}
	for left := valid + gone; left > 0 && !r.bad; left-- {
		flags := r.int()
		r.int()
		r.int()
		n, count := names, names+3
		if flags&recordSameFields == 0 {
			n = r.int()
			r.skip(n)
			count = 2*n + 4
		}
		r.skip(n)
		if r.int() != count {
			return false
		}
	}
	return !r.bad && r.off == 0
}
