package rdb

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// walker goes through the records of a file by their structure alone, without making values, and copies them to
// out: as they are, or, with a codec, strings encoded anew, which is how they get compressed. What it reads may be
// anything: a length that promises more than there is costs no memory.
type walker struct {
	in  *bufio.Reader
	off int64 // of the next byte of in
	out []byte
	// codec, if not nil, encodes strings anew.
	codec *Codec
	// drain, if not nil, is called with out when it has grown, and returns what to go on with.
	drain func(out []byte) ([]byte, error)
	err   error
	str   []byte // the last string that was read whole
	// version is the least that what was seen needs.
	version int
	// splice is the second source, nil where there is none.
	splice *bufio.Reader
	// each, if not nil, is called behind each key.
	each func()
	// see, if not nil, is told of the parts of a record.
	see *sight
}

// sight is what a report wants to know of a record.
type sight struct {
	elements int64 // of the value
	key      []byte
	first    []byte // strings and numbers that are no value: of an AUX record, a library, a database
	second   []byte
	a        uint64
	typ      byte
	module   uint64
}

const (
	drainAt  = 256 << 10
	copyStep = 64 << 10
)

func (w *walker) fail(err error) {
	if w.err != nil {
		return
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = ErrTruncated
	}
	w.err = err
}

// readByte reads a byte without copying it.
func (w *walker) readByte() byte {
	if w.err != nil {
		return 0
	}
	b, err := w.in.ReadByte()
	if err != nil {
		w.fail(err)
		return 0
	}
	w.off++
	return b
}

func (w *walker) byte() byte {
	b := w.readByte()
	w.out = append(w.out, b)
	return b
}

// raw copies n bytes and returns them, as a view of out that is good until the next call, if they are few.
func (w *walker) raw(n uint64) []byte {
	start := len(w.out)
	small := n <= copyStep
	for n > 0 && w.err == nil {
		step := int(min(n, copyStep))
		at := len(w.out)
		w.out = grow(w.out, step)
		if _, err := io.ReadFull(w.in, w.out[at:]); err != nil {
			w.fail(err)
			return nil
		}
		w.off += int64(step)
		n -= uint64(step)
		if !small {
			w.flush()
		}
	}
	if !small || w.err != nil {
		return nil
	}
	return w.out[start:]
}

func (w *walker) flush() {
	if w.drain == nil || len(w.out) < drainAt || w.err != nil {
		return
	}
	var err error
	if w.out, err = w.drain(w.out); err != nil {
		w.fail(err)
	}
}

// readLen reads a length; its bytes are in head.
func (w *walker) readLen() (n uint64, special bool, head [9]byte, size int) {
	head[0] = w.readByte()
	size = 1
	switch first := head[0]; {
	case first>>6 == 0:
		return uint64(first), false, head, 1
	case first>>6 == 1:
		size = 2
	case first>>6 == 3:
		return uint64(first & 0x3f), true, head, 1
	case first == 0x80:
		size = 5
	case first == 0x81:
		size = 9
	default:
		w.fail(fmt.Errorf("unknown length encoding %d", first))
		return 0, false, head, 1
	}
	for i := 1; i < size; i++ {
		head[i] = w.readByte()
	}
	switch size {
	case 2:
		n = uint64(head[0]&0x3f)<<8 | uint64(head[1])
	case 5:
		n = uint64(binary.BigEndian.Uint32(head[1:]))
	default:
		n = binary.BigEndian.Uint64(head[1:])
	}
	return n, false, head, size
}

func (w *walker) len() uint64 {
	n, special, head, size := w.readLen()
	if special {
		w.fail(errors.New("a string where a length belongs"))
	}
	w.out = append(w.out, head[:size]...)
	if w.err != nil {
		return 0
	}
	return n
}

// string copies a string. keep has it left, decoded, in w.str.
func (w *walker) string(keep bool) {
	n, special, head, size := w.readLen()
	if w.err != nil {
		return
	}
	switch {
	case special:
		w.out = append(w.out, head[:size]...)
		at := len(w.out) - size
		switch n {
		case encInt8, encInt16, encInt32:
			w.raw(1 << n)
		case encLZF:
			packed := w.len()
			w.len()
			w.raw(packed)
		default:
			w.fail(fmt.Errorf("unknown string encoding %d", n))
		}
		if keep && w.err == nil && at < len(w.out) {
			r := reader{b: w.out[at:]}
			w.str = append(w.str[:0], r.string()...)
		}
	case w.codec != nil && n >= minCompress || keep:
		w.str = w.str[:0]
		for n > 0 && w.err == nil {
			step := int(min(n, copyStep))
			at := len(w.str)
			w.str = grow(w.str, step)
			if _, err := io.ReadFull(w.in, w.str[at:]); err != nil {
				w.fail(err)
				return
			}
			w.off += int64(step)
			n -= uint64(step)
		}
		if w.codec != nil {
			w.out = w.codec.AppendString(w.out, w.str)
		} else {
			w.out = append(append(w.out, head[:size]...), w.str...)
		}
	default:
		w.out = append(w.out, head[:size]...)
		w.raw(n)
	}
	w.flush()
}

func (w *walker) strings(n uint64) {
	for ; n > 0 && w.err == nil; n-- {
		w.string(false)
	}
}

// count reads the number of elements of a value.
func (w *walker) count() uint64 {
	n := w.len()
	if w.see != nil {
		w.see.elements = int64(n)
	}
	return n
}

// header reads the nine bytes that a file begins with.
func (w *walker) header() (version int, err error) {
	b := w.raw(9)
	if w.err != nil {
		return 0, w.err
	}
	if string(b[:5]) != "REDIS" {
		return 0, ErrSignature
	}
	for _, c := range b[5:] {
		version = version*10 + int(c-'0')
		if c < '0' || c > '9' {
			version = 0
			break
		}
	}
	if version < 1 || version > Version {
		return version, fmt.Errorf("%w %d", ErrVersion, version)
	}
	return version, nil
}

// record copies one record: an opcode with what belongs to it, or a key with its value. The checksum behind the
// end is not a part of the last one.
func (w *walker) record() (op byte) {
	op = w.readByte()
	if w.splice != nil && (op == opSplice || op == opSpliced) {
		if op == opSplice {
			w.spliced()
		}
		return op
	}
	w.out = append(w.out, op)
	switch op {
	case opEOF:
	case opSelectDB:
		a := w.len()
		if w.see != nil {
			w.see.a = a
		}
	case opExpire:
		w.raw(4)
	case opExpireMs:
		w.raw(8)
	case opAux:
		w.string(w.see != nil)
		if w.see != nil {
			w.see.first = append(w.see.first[:0], w.str...)
		}
		w.string(w.see != nil)
		if w.see != nil {
			w.see.second = append(w.see.second[:0], w.str...)
		}
	case opResizeDB:
		w.len()
		w.len()
	case opFreq:
		w.byte()
	case opIdle:
		w.len()
	case opModuleAux:
		id := w.len()
		if w.see != nil {
			w.see.module = id
		}
		if kind := w.len(); kind != moduleUint {
			w.fail(errors.New("module AUX data without its moment"))
		}
		w.len()
		w.module()
	case opFunction:
		w.string(w.see != nil)
		if w.see != nil {
			w.see.first = append(w.see.first[:0], w.str...)
		}
	case opSlotInfo:
		w.len()
		w.len()
		w.len()
	default:
		if _, known := typeNames[op]; !known {
			w.fail(fmt.Errorf("unknown opcode or type %d", op))
			return op
		}
		w.string(w.see != nil)
		if w.see != nil {
			w.see.key = append(w.see.key[:0], w.str...)
			w.see.typ, w.see.elements, w.see.module = op, 1, 0
		}
		w.value(op)
		if w.each != nil {
			w.each()
		}
	}
	return op
}

// spliced copies the next part of the second source.
func (w *walker) spliced() {
	first := w.in
	w.in = w.splice
	for w.err == nil && w.record() != opSpliced {
		w.flush()
	}
	w.in = first
}

// value copies a value, type byte excluded.
func (w *walker) value(typ byte) {
	w.version = max(w.version, versionOf(typ))
	switch typ {
	case typeList, typeSet, typeListQuicklist:
		w.strings(w.count())
	case typeHash:
		w.strings(2 * min(w.count(), 1<<62))
	case typeListQuicklist2:
		for n := w.count(); n > 0 && w.err == nil; n-- {
			w.len()
			w.string(false)
		}
	case typeZSet:
		for n := w.count(); n > 0 && w.err == nil; n-- {
			w.string(false)
			if size := w.byte(); size < 253 {
				w.raw(uint64(size))
			}
		}
	case typeZSet2:
		for n := w.count(); n > 0 && w.err == nil; n-- {
			w.string(false)
			w.raw(8)
		}
	case typeHashMetadata, typeHashMetadataPreGA:
		if typ == typeHashMetadata {
			w.raw(8)
		}
		for n := w.count(); n > 0 && w.err == nil; n-- {
			w.len()
			w.strings(2)
		}
	case typeHashListpackEx:
		w.raw(8)
		w.string(false)
	case typeStream, typeStream2, typeStream3:
		w.stream(typ)
	case typeModule2:
		id := w.len()
		if w.see != nil {
			w.see.module = id
		}
		w.module()
	case typeModulePreGA:
		w.fail(errors.New("a module's value of a release candidate of Redis 4"))
	default:
		w.string(false)
	}
}

// module copies the fields of a module's value up to the end mark.
func (w *walker) module() {
	for w.err == nil {
		switch kind := w.len(); kind {
		case moduleEOF:
			return
		case moduleSigned, moduleUint:
			w.len()
		case moduleFloat:
			w.raw(4)
		case moduleDouble:
			w.raw(8)
		case moduleString:
			w.string(false)
		default:
			w.fail(fmt.Errorf("unknown kind %d of a module's field", kind))
		}
	}
}

func (w *walker) stream(typ byte) {
	w.strings(2 * min(w.len(), 1<<62))
	items := w.len()
	if w.see != nil {
		w.see.elements = int64(items)
	}
	skip := func(n int) {
		for ; n > 0 && w.err == nil; n-- {
			w.len()
		}
	}
	skip(2) // the last id
	if typ != typeStream {
		skip(5) // the first id, the greatest deleted one, entries added
	}
	for groups := w.len(); groups > 0 && w.err == nil; groups-- {
		w.string(false)
		skip(2)
		if typ != typeStream {
			skip(1)
		}
		for pending := w.len(); pending > 0 && w.err == nil; pending-- {
			w.raw(16 + 8)
			w.len()
			w.flush()
		}
		for consumers := w.len(); consumers > 0 && w.err == nil; consumers-- {
			w.string(false)
			w.raw(8)
			if typ == typeStream3 {
				w.raw(8)
			}
			for pending := w.len(); pending > 0 && w.err == nil; pending-- {
				w.raw(16)
				w.flush()
			}
		}
	}
}
