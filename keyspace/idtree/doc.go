// Package idtree is an ordered index from stream ids to pointers: what the nodes of a stream, and the pending
// entries of its groups and consumers, are found by.
//
// It is a B+tree whose leaves begin small and grow, so that an index of one id takes 48 bytes, and 24 bytes per id when
// ids come in order, as they mostly do. Everything below a Tree is in package mem; the Tree itself may be part of an
// off-heap struct, and its zero value is empty. The pointers belong to the caller.
//
// The caller holds the server lock. A Cursor is valid until the tree is changed, SetPtr excepted.
package idtree
