// Package inspect tells what a module's file needs of a server, without running any of its code.
//
// A module asks for each API function by name when it is initialised, nearly always for all that its header
// declares, and calls but a few of them. [File] reads both from the file: the names that it carries, and the
// functions whose pointers its code loads elsewhere than where they are asked for. Beside that: the oldest
// releases of Redis and Valkey that have all it calls, what berth lacks of it, the libraries and symbols that
// the dynamic loader would not find here, and the entry points.
//
// Machine code is searched for references to the pointers, not disassembled as a whole: on x86-64 for operands
// relative to the instruction pointer, on arm64 for the instruction pairs that form an address. A pointer that is
// reached in another way, through a table that the program computes with, is not seen; so what is listed as
// called is called, and what is not may be.
//
// The package is pure Go, keeps no state and takes no lock.
package inspect
