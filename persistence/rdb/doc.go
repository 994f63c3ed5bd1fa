// Package rdb reads and writes Redis's RDB format: single values, which DUMP and RESTORE
// share, and whole files.
//
// A Codec belongs to one server. AppendValue and AppendDump write what Redis 8.0 writes
// for the same value, byte for byte, where the order of elements is determined. Load
// accepts every encoding that Redis 8.0 does, old ones included. It reads untrusted bytes:
// whatever the bytes, it returns a value that is safe to use or ErrBadFormat. Unlike Redis it
// always checks in depth, since memory is at stake; sanitize-dump-payload no is therefore
// the same as yes. A Value that Load returns is detached: it ends in Store or Free.
//
// # Writing a file
//
// A file is made in two steps, which may be two processes. What holds the data set makes a
// stream of records, uncompressed and without header and checksum: AppendInfo, AppendModuleAux,
// AppendFunction, then for each database AppendSelectDB, AppendResizeDB and AppendEntry for each
// key, at last AppendEnd. Use a Codec with Portable for it. FileWriter.Copy reads that stream and
// writes the file: it compresses, chooses the lowest version that can represent the content, and
// adds the checksum. WriteFile does so into a temporary file that takes the place of the old one when
// it is complete and on disk. Package snapshot makes such a stream while the server goes on working.
//
// # Reading a file
//
// Loader reads a file into a Keyspace, from a mapping (LoadFile, LoadBytes) or from any io.Reader
// (Load); Loader.Offset is where it ended, for what may follow. Errors are FileErrors that say where.
//
// The caller holds the server lock, except for FileWriter and WriteFile, which touch no data set. The
// package never locks, and knows a module's values only through ModuleType.
package rdb
