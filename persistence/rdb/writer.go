package rdb

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"

	"berth/internal/crc64"
	"berth/keyspace"
)

// AppendHeader appends the nine bytes that a file begins with.
func AppendHeader(dst []byte, version int) []byte { return fmt.Appendf(dst, "REDIS%04d", version) }

// AppendAux appends a fact about the file.
func (c *Codec) AppendAux(dst []byte, key, value string) []byte {
	dst = c.AppendString(append(dst, opAux), []byte(key))
	return c.AppendString(dst, []byte(value))
}

// Info is what the facts at the beginning of a file tell.
type Info struct {
	RedisVersion string
	Now          int64 // Unix time in seconds
	UsedMemory   int64
	// AOFBase marks the base file of an append-only file.
	AOFBase bool
	// Repl is what a replica goes on with, nil for none.
	Repl *ReplInfo
}

// ReplInfo is the position in a replication stream that the file holds the state of.
type ReplInfo struct {
	DB     int // that the stream has selected
	ID     string
	Offset int64
}

// AppendInfo appends the facts that Redis writes, in its order.
func (c *Codec) AppendInfo(dst []byte, info Info) []byte {
	number := func(key string, n int64) { dst = c.AppendAux(dst, key, strconv.FormatInt(n, 10)) }
	dst = c.AppendAux(dst, "redis-ver", info.RedisVersion)
	number("redis-bits", 64)
	number("ctime", info.Now)
	number("used-mem", info.UsedMemory)
	if r := info.Repl; r != nil {
		number("repl-stream-db", int64(r.DB))
		dst = c.AppendAux(dst, "repl-id", r.ID)
		number("repl-offset", r.Offset)
	}
	base := int64(0)
	if info.AOFBase {
		base = 1
	}
	number("aof-base", base)
	return dst
}

// AppendSelectDB says which database what follows belongs to.
func AppendSelectDB(dst []byte, db int) []byte {
	return AppendLen(append(dst, opSelectDB), uint64(db))
}

// AppendResizeDB tells how many keys, and how many with an expire, the database has: a hint.
func AppendResizeDB(dst []byte, keys, expires int) []byte {
	return AppendLen(AppendLen(append(dst, opResizeDB), uint64(keys)), uint64(expires))
}

// AppendFunction appends the code of a library of functions.
func (c *Codec) AppendFunction(dst, code []byte) []byte {
	return c.AppendString(append(dst, opFunction), code)
}

// The moments at which modules save facts of their own: before the keys, and behind them.
const (
	AuxBefore = 1
	AuxAfter  = 2
)

// AppendModuleAux appends what a module's type saves beside its values: fields as ModuleWriter makes them.
func AppendModuleAux(dst []byte, id uint64, when int, fields []byte) []byte {
	dst = AppendLen(append(dst, opModuleAux), id)
	dst = AppendLen(append(dst, moduleUint), uint64(when))
	return append(append(dst, fields...), moduleEOF)
}

// Use says which note of the use of keys goes into a file.
type Use uint8

// The notes: none, the idle time (an LRU policy is set) or the counter of LFU.
const (
	NoUse Use = iota
	IdleUse
	FreqUse
)

// AppendEntryHead appends what comes in front of an entry's type: its expire and its use.
func AppendEntryHead(dst []byte, ks *keyspace.Keyspace, e *keyspace.Entry, use Use) []byte {
	if at := e.Expire(); at != -1 {
		dst = binary.LittleEndian.AppendUint64(append(dst, opExpireMs), uint64(at))
	}
	switch use {
	case IdleUse:
		dst = AppendLen(append(dst, opIdle), uint64(ks.IdleTime(e).Seconds()))
	case FreqUse:
		dst = append(dst, opFreq, ks.Freq(e))
	}
	return dst
}

// AppendEntry appends a key with all that belongs to it.
func (c *Codec) AppendEntry(dst []byte, db *keyspace.DB, e *keyspace.Entry, use Use) ([]byte, error) {
	dst = AppendEntryHead(dst, db.Keyspace(), e, use)
	at := len(dst)
	dst = c.AppendString(append(dst, 0), e.Key())
	value := len(dst)
	dst, err := c.AppendValue(dst, db, e)
	if err != nil {
		return dst, err
	}
	// The type stands in front of the key.
	dst[at] = dst[value]
	return append(dst[:value], dst[value+1:]...), nil
}

// AppendSplice says that the next part of FileWriter.Splice belongs here, which ends where its source calls
// AppendSpliced.
func AppendSplice(dst []byte) []byte { return append(dst, opSplice) }

// AppendSpliced ends a part of FileWriter.Splice.
func AppendSpliced(dst []byte) []byte { return append(dst, opSpliced) }

// AppendEnd appends the mark of the end, which the checksum follows.
func AppendEnd(dst []byte) []byte { return append(dst, opEOF) }

// FileWriter writes a whole file from a stream of records: those that AppendInfo and its kin make, without header
// and checksum, from a codec without compression. It compresses strings, finds the lowest version that the content
// allows, and ends with the checksum. The version is known only then: dst must be an io.WriterAt for it to be lower
// than Version, unless the file is short.
type FileWriter struct {
	// Compression and Checksum are rdbcompression and rdbchecksum.
	Compression, Checksum bool
	// Splice is the second source of records, nil where there is none: AppendSplice says where its parts belong.
	Splice io.Reader
	// Each, if not nil, is called behind each key.
	Each func()
	// Stop, if not nil, is asked behind each key; an error ends the writing.
	Stop func() error
	// Version, if not 0, is written whatever the content is.
	Version int

	Written int64 // bytes, when it is over

	dst  io.Writer
	crc  uint64 // of what is behind the header
	body int64
	held []byte // the beginning, until it is clear that the file isn't short
	open bool
}

const headerSize = 9

// Copy writes the file. It ends without an error only if src ends with the mark of the end.
func (f *FileWriter) Copy(dst io.Writer, src io.Reader) error {
	f.dst = dst
	w := walker{in: bufio.NewReaderSize(src, copyStep), codec: &Codec{Compression: f.Compression}, version: MinVersion}
	if !f.Compression {
		w.codec = nil
	}
	if f.Each != nil || f.Stop != nil {
		w.each = func() {
			if f.Each != nil {
				f.Each()
			}
			if f.Stop != nil {
				if err := f.Stop(); err != nil {
					w.fail(err)
				}
			}
		}
	}
	if f.Splice != nil {
		w.splice = bufio.NewReaderSize(f.Splice, copyStep)
	}
	w.drain = func(out []byte) ([]byte, error) { return out[:0], f.write(out) }
	for w.err == nil {
		op := w.record()
		if op == opEOF && w.err == nil {
			break
		}
		w.flush()
	}
	if w.err != nil {
		return w.err
	}
	return f.end(w.out, w.version)
}

// write passes on a part of the body; the first one may still wait for its header.
func (f *FileWriter) write(b []byte) error {
	if f.Checksum {
		f.crc = crc64.Update(f.crc, b)
	}
	f.body += int64(len(b))
	if !f.open {
		version := f.Version
		if version == 0 {
			version = Version
		}
		f.held = AppendHeader(nil, version)
		if _, err := f.dst.Write(f.held); err != nil {
			return err
		}
		f.open = true
	}
	_, err := f.dst.Write(b)
	return err
}

// end writes the rest of the body, settles the header and appends the checksum.
func (f *FileWriter) end(rest []byte, version int) error {
	at, canPatch := f.dst.(io.WriterAt)
	switch {
	case f.Version != 0:
		version = f.Version
	case f.open && !canPatch:
		version = Version
	}
	header := AppendHeader(nil, version)
	if !f.open {
		f.Version = version
	}
	if err := f.write(rest); err != nil {
		return err
	}
	if string(f.held) != string(header) {
		if _, err := at.WriteAt(header, 0); err != nil {
			return err
		}
	}
	sum := uint64(0)
	if f.Checksum {
		sum = crc64.Combine(crc64.Update(0, header), f.crc, f.body)
	}
	f.Written = headerSize + f.body + 8
	_, err := f.dst.Write(binary.LittleEndian.AppendUint64(nil, sum))
	return err
}
