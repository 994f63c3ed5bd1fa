// Package hll is the representation of a HyperLogLog as a string, byte for byte that of Redis, so that values travel between
// servers and files in both directions.
//
// A value is a header of 16 bytes ("HYLL", the encoding, three bytes of nothing, the last computed cardinality with a bit that says whether it
// holds) and 16384 registers, in one of two encodings:
//
//   - dense: six bits each, the first in the low bits of the first byte;
//   - sparse: runs of equal registers, one byte (zeros up to 64, a value up to 32 up to four times) or two (zeros up to 16384) per run.
//
// Functions work on a view of the whole string. Strings come from clients, who can SET anything: [Valid] looks at the header only, and
// every function checks what it decodes and says false when the registers don't add up. None of them reads or writes
// outside of its slice. Nothing here locks or keeps state.
package hll
