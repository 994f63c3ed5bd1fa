// Package argsplit splits a line into arguments by the quoting rules that
// redis.conf, inline commands and redis-cli share, and quotes bytes so that the
// same rules give them back (CONFIG REWRITE, MONITOR, error messages).
//
// It keeps no state and takes no lock. It never interprets what the arguments mean.
package argsplit
