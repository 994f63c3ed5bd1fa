package rdb

import (
	"encoding/binary"
	"errors"
	"fmt"

	"berth/internal/crc64"
	"berth/internal/lzf"
	"berth/keyspace"
)

// Version is the RDB version that footers and files carry, and the newest that is read.
const Version = 12

// The types of values, as the byte in front of each tells them.
const (
	typeString         = 0
	typeList           = 1
	typeSet            = 2
	typeZSet           = 3
	typeHash           = 4
	typeZSet2          = 5
	typeModulePreGA    = 6
	typeModule2        = 7
	typeHashZipmap     = 9
	typeListZiplist    = 10
	typeSetIntset      = 11
	typeZSetZiplist    = 12
	typeHashZiplist    = 13
	typeListQuicklist  = 14
	typeStream         = 15
	typeHashListpack   = 16
	typeZSetListpack   = 17
	typeListQuicklist2 = 18
	typeStream2        = 19
	typeSetListpack    = 20
	typeStream3        = 21
	typeHashMetadata   = 24
	typeHashListpackEx = 25

	// What release candidates of Redis 7.4 wrote.
	typeHashMetadataPreGA   = 22
	typeHashListpackExPreGA = 23
)

// The special encodings of strings: the low bits of a length byte whose high bits are 11.
const (
	encInt8 = iota
	encInt16
	encInt32
	encLZF
)

// The kinds of nodes of typeListQuicklist2.
const (
	nodePlain  = 1
	nodePacked = 2
)

// The errors of AppendValue, Load and Verify.
var (
	// ErrBadFormat: the bytes are no value.
	ErrBadFormat = errors.New("bad data format")
	// ErrFooter: a payload's version is too new, or its checksum is wrong.
	ErrFooter = errors.New("version or checksum are wrong")
	// ErrUnsupported: the value is of a module's type that can't be saved.
	ErrUnsupported = errors.New("the type of the value can't be saved")
)

// Codec encodes and decodes the values of one server. The zero value is ready, without
// compression. It is not safe for concurrent use.
type Codec struct {
	// Compression is rdbcompression.
	Compression bool
	// SkipChecksum accepts payloads whose checksum is wrong (DEBUG
	// SET-SKIP-CHECKSUM-VALIDATION).
	SkipChecksum bool
	// Preserve is module-unknown-values preserve: values of types that no module has registered are kept.
	Preserve bool
	// Portable writes small sets element by element, as servers before Redis 7.2 do: files, unlike payloads of
	// DUMP, have the lowest version that can hold their content.
	Portable bool

	lz *lzf.Compressor // made when it is first needed
}

const footerSize = 2 + 8

// AppendDump appends the payload of DUMP: the value, the version and the checksum of both.
func (c *Codec) AppendDump(dst []byte, db *keyspace.DB, e *keyspace.Entry) ([]byte, error) {
	start := len(dst)
	dst, err := c.AppendValue(dst, db, e)
	if err != nil {
		return dst[:start], err
	}
	dst = binary.LittleEndian.AppendUint16(dst, Version)
	return binary.LittleEndian.AppendUint64(dst, crc64.Update(0, dst[start:])), nil
}

// Verify checks the footer of a payload and returns the value before it.
func (c *Codec) Verify(payload []byte) ([]byte, error) {
	n := len(payload) - footerSize
	if n < 0 {
		return nil, ErrFooter
	}
	foot := payload[n:]
	if v := binary.LittleEndian.Uint16(foot); v > Version {
		return nil, fmt.Errorf("%w: version %d", ErrFooter, v)
	}
	if !c.SkipChecksum && crc64.Update(0, payload[:n+2]) != binary.LittleEndian.Uint64(foot[2:]) {
		return nil, fmt.Errorf("%w: checksum", ErrFooter)
	}
	return payload[:n], nil
}
