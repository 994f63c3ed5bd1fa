// Package rlog is a log/slog handler that prints the lines of a Redis log:
//
//	12345:M 20 Nov 2026 11:41:55.009 * Ready to accept connections tcp
//
// that is pid, role, local time, level sign and text. Lines go to standard output, or
// to a file that is opened for each line (so that it can be rotated by renaming it), and to
// syslog as well if asked. Nothing is buffered: a line is one write system call.
//
// A Handler and everything derived from it may be used from any goroutine. It never
// exits the process and never reports an error: a log that cannot be written is lost,
// as in Redis.
package rlog
