package hll

import "strconv"

// The runs of the sparse encoding: 00zzzzzz is up to 64 zeros, 01zzzzzz and a byte up to 16384, 1vvvvvnn up to 4 registers of a
// value up to 32. Lengths and values are stored less one.
const (
	maxShortZeros  = 64
	maxValueRun    = 4
	maxSparseCount = 32
)

// run is one of them, decoded.
type run struct {
	size  int // in bytes
	n     int // in registers
	value uint8
}

// runAt decodes the run at b[at]. The second byte of one that is cut off counts as zero.
func runAt(b []byte, at int) run {
	c := b[at]
	switch {
	case c&0x80 != 0:
		return run{1, int(c&3) + 1, c>>2&31 + 1}
	case c&0x40 == 0:
		return run{1, int(c) + 1, 0}
	}
	n := int(c&63) << 8
	if at+1 < len(b) {
		n |= int(b[at+1])
	}
	return run{2, n + 1, 0}
}

func appendZeros(b []byte, n int) []byte {
	n--
	if n < maxShortZeros {
		return append(b, byte(n))
	}
	return append(b, byte(n>>8)|0x40, byte(n))
}

func valueRun(v uint8, n int) byte { return 0x80 | (v-1)<<2 | byte(n-1) }

// eachRun calls f for each run of a sparse HyperLogLog that lies within the registers, and reports whether they were all there, and no more.
func eachRun(b []byte, f func(first, n int, v uint8)) bool {
	first := 0
	for at := HeaderSize; at < len(b); {
		r := runAt(b, at)
		if first+r.n > Registers {
			return false
		}
		f(first, r.n, r.value)
		first += r.n
		at += r.size
	}
	return first == Registers
}

// AppendDense appends the dense form of a sparse HyperLogLog, or reports false if that is corrupt. The header's cardinality is kept.
func AppendDense(dst, b []byte) ([]byte, bool) {
	start := len(dst)
	dst = append(dst, make([]byte, DenseSize)...)
	out := dst[start:]
	copy(out, b[:HeaderSize])
	out[encodingAt] = dense
	return dst, eachRun(b, func(first, n int, v uint8) {
		if v == 0 {
			return
		}
		for i := first; i < first+n; i++ {
			set(out[HeaderSize:], i, v)
		}
	})
}

// Verdict is what has to be done to raise a register of a sparse HyperLogLog.
type Verdict uint8

// The verdicts.
const (
	Nothing Verdict = iota // it has the value already, or a higher one
	Change                 // replace some bytes: see Edit
	Promote                // the sparse encoding can't, or may not: convert to dense
	Corrupt
)

// Edit replaces Old bytes at At by Seq[:Len]. Old may reach one byte beyond the string's end, when the last run is cut off.
type Edit struct {
	Verdict
	At, Old, Len int
	Seq          [5]byte
	prev         int // where the run in front begins
}

// Plan finds out how to raise a register of a sparse HyperLogLog that may take up to limit bytes.
func Plan(b []byte, register int, count uint8, limit int) (e Edit) {
	if count > maxSparseCount {
		e.Verdict = Promote
		return e
	}
	at, first := HeaderSize, 0
	e.prev = HeaderSize
	var r run
	for ; at < len(b); at += r.size {
		if r = runAt(b, at); register < first+r.n {
			break
		}
		first += r.n
		e.prev = at
	}
	switch {
	case at >= len(b):
		e.Verdict = Corrupt
		return e
	case r.value >= count:
		return e
	}
	seq := e.Seq[:0]
	seq = appendRun(seq, r.value, register-first)
	seq = append(seq, valueRun(count, 1))
	seq = appendRun(seq, r.value, first+r.n-1-register)
	e.Verdict, e.At, e.Old, e.Len = Change, at, r.size, len(seq)
	if grow := e.Len - e.Old; grow > 0 && len(b)+grow > limit {
		e.Verdict = Promote
	}
	return e
}

func appendRun(seq []byte, v uint8, n int) []byte {
	switch {
	case n == 0:
		return seq
	case v == 0:
		return appendZeros(seq, n)
	}
	return append(seq, valueRun(v, n))
}

// Apply makes the change in b, a view with room for the change: old is the length of the string, and b is longer by as much as the
// change needs, if it needs any. The result is the new length: neighbours of the same value have become one run where possible.
func (e *Edit) Apply(b []byte, old int) int {
	n := old + e.Len - e.Old
	if e.At+e.Old < old {
		copy(b[e.At+e.Len:], b[e.At+e.Old:old])
	}
	copy(b[e.At:n], e.Seq[:e.Len])
	n = tidy(b[:n], e.prev)
	Invalidate(b)
	return n
}

// tidy joins runs of the same value among the next few from at on, and returns the new length.
func tidy(b []byte, at int) int {
	n := len(b)
	for range 5 {
		if at >= n {
			break
		}
		r := runAt(b[:n], at)
		if r.value != 0 && at+1 < n {
			if next := runAt(b[:n], at+1); next.value == r.value && r.n+next.n <= maxValueRun {
				b[at+1] = valueRun(r.value, r.n+next.n)
				copy(b[at:], b[at+1:n])
				n--
				continue
			}
		}
		at += r.size
	}
	return n
}

// AppendRuns appends a description of a sparse HyperLogLog's runs (PFDEBUG DECODE).
func AppendRuns(dst, b []byte) []byte {
	for at := HeaderSize; at < len(b); {
		r := runAt(b, at)
		if at > HeaderSize {
			dst = append(dst, ' ')
		}
		switch {
		case r.value != 0:
			dst = append(dst, "v:"...)
			dst = strconv.AppendInt(dst, int64(r.value), 10)
			dst = append(dst, ',')
		case r.size == 1:
			dst = append(dst, "z:"...)
		default:
			dst = append(dst, "Z:"...)
		}
		dst = strconv.AppendInt(dst, int64(r.n), 10)
		at += r.size
	}
	return dst
}
