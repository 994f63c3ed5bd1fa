// Package numfmt turns numbers into text and text into numbers exactly as Redis does.
//
// Replies, stored values and payloads are compared byte for byte with a reference server, so the
// choice of digits, exponent form and accepted syntax is part of the protocol. Nothing here
// allocates except the long double functions, which are built on math/big.
package numfmt
