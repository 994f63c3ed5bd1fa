package rdb

import (
	"encoding/binary"
	"errors"

	"berth/internal/crc64"
)

// AppendFunctionDump appends the payload of FUNCTION DUMP: the codes of libraries, the version and
// the checksum of both.
func (c *Codec) AppendFunctionDump(dst []byte, codes [][]byte) []byte {
	start := len(dst)
	for _, code := range codes {
		dst = c.AppendFunction(dst, code)
	}
	dst = binary.LittleEndian.AppendUint16(dst, Version)
	return binary.LittleEndian.AppendUint64(dst, crc64.Update(0, dst[start:]))
}

// LoadFunctionDump reads the payload of FUNCTION RESTORE. The error's text is for the reply.
func (c *Codec) LoadFunctionDump(payload []byte) (codes []string, err error) {
	b, err := c.Verify(payload)
	if err != nil {
		return nil, errors.New("DUMP payload version or checksum are wrong")
	}
	r := reader{b: b}
	for len(r.b) > 0 {
		if r.byte() != opFunction {
			return nil, errors.New("given type is not a function")
		}
		code := string(r.string())
		if r.bad {
			return nil, errors.New("Failed loading library code")
		}
		codes = append(codes, code)
	}
	return codes, nil
}
