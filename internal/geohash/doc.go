// Package geohash places points of the earth on the 52-bit line that Redis uses as the score of a
// geo set, and finds the stretches of that line that cover an area around a point.
//
// A [Hash] names a cell: step bits of latitude and step bits of longitude, interleaved, the latitude in
// the even bits. Points are encoded with [MaxStep]; coarser cells are stretches of the line.
//
// Distances are those of a sphere, by the haversine formula. Redis stores them (STOREDIST), so they must not
// differ in the last bit from what the C library makes of the formula: see trig.go. The package keeps no state
// and allocates nothing.
package geohash
