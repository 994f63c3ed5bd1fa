// Package lzf compresses and expands the LZF format that RDB uses for long strings.
//
// Compressed data is a sequence of control bytes: one below 32 stands before that many
// literal bytes and one more; any other is a back reference, three bits of length and
// thirteen of distance, with a further length byte when the three bits are all set.
//
// The choice of matches follows the reference compressor, so that payloads are equal byte
// for byte. Expand is safe on any input. The functions may be called from any goroutine.
package lzf
