// Package quicklist implements Redis's quicklist: a doubly linked list whose nodes hold listpacks, or one
// large element each ("plain" nodes).
//
// How elements are spread over nodes follows Redis, because DUMP payloads and RDB files store a list node
// by node. The fill limit is list-max-listpack-size: -1 to -5 for 4 to 64 KiB per node, a positive
// number for that many elements. list-compress-depth is accepted by the configuration and has no
// effect: interior nodes are not compressed in memory.
//
// A List and everything below it lives in package mem and is owned by whoever holds the pointer. The
// caller holds the server lock. A Pos and the views read through it are valid until the list is changed by anything
// but the operation that returned it. Strings given to an operation must not be views into the list.
package quicklist
