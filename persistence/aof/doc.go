// Package aof keeps the append only file: the commands that changed the data set, in order, in
// the files of a directory that a manifest lists. A base file holds the data set as the
// last rewrite found it, incremental files the commands since.
//
// Files has the manifest and the directory; Writer appends to the last incremental file and
// brings it to the disk as appendfsync says; Reader takes the commands out of a file again;
// AppendEntry says a key in commands, which is what a rewrite without RDB consists of.
//
// Everything is called with the server lock held, but for what Writer does in the background:
// syncing and closing files, which takes no lock. The package knows neither clients nor the
// command table: what is read is run by package host.
package aof
