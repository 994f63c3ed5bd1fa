// Package zindex is the order of a large sorted set: a B+tree over (score, member) with element counts in
// its inner nodes, so that rank, access by rank and every range start cost O(log n).
//
// The index stores pointers to elements that the sorted set's dict owns, laid out as
//
//	score float64 | key header | member bytes
//
// (package dict with keyOff 8), and a copy of each score, so that a search rarely has to touch an
// element. Elements are ordered by score, then by the bytes of the member. An element must not move nor change its
// score while it is in the index.
//
// Leaves are linked both ways for iteration. Nodes live in package mem. The caller holds the server
// lock; a Pos is valid until the index changes.
package zindex
