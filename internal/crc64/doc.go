// Package crc64 computes the checksum that ends DUMP payloads and RDB files: CRC-64 with
// the Jones polynomial, bits reflected, starting at zero and without a final inversion
// (which is why hash/crc64 does not give it).
//
// It has no state: the functions may be called from any goroutine.
package crc64
