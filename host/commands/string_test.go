package commands

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSetAndGet(t *testing.T) {
	const syntax = "-ERR syntax error "
	play(t, []step{
		{"SET k 1", "+OK ", "new k; set k", "SET k 1"},
		{"SET k 2 NX", "$-1 ", "", ""},
		{"SET k 2 XX GET", "$1 1 ", "set k", "SET k 2 XX"},
		{"SET k 3 EX 100", "+OK ", "set k; expire k", "SET k 3 PXAT T"},
		{"SET k 4 KEEPTTL", "+OK ", "set k", "SET k 4 KEEPTTL"},
		{"TTL k", ":100 ", "", ""},
		{"SET k 5 PX 0", "-ERR invalid expire time in 'set' command ", "", ""},
		{"SET k 5 EX 10 PX 10", syntax, "", ""},
		{"SET k 5 NX XX", syntax, "", ""},
		{"SETNX k 5", ":0 ", "", ""},
		{"SETEX k 100 5", "+OK ", "set k; expire k", "SET k 5 PXAT T"},
		{"GETSET k 6", "$1 5 ", "set k", "SET k 6"},
		{"TTL k", ":-1 ", "", ""},
		{"GETEX k EX 100", "$1 6 ", "expire k", "PEXPIREAT k T"},
		{"GETEX k PERSIST", "$1 6 ", "persist k", "PERSIST k"},
		{"GETEX k PERSIST", "$1 6 ", "", ""},
		{"GETEX k EXAT 1", "$1 6 ", "del k", "DEL k"},
		{"GETDEL k", "$-1 ", "", ""},
		{"MSETNX a 1 b 2", ":1 ", "new a; set a; new b; set b", "MSETNX a 1 b 2"},
		{"MSETNX c 1 b 2", ":0 ", "", ""},
		{"MGET a x b", "*3 $1 1 $-1 $1 2 ", "", ""},
		{"GETDEL a", "$1 1 ", "del a", "DEL a"},
	})
}

func TestNumbersAndRanges(t *testing.T) {
	play(t, []step{
		{"INCR n", ":1 ", "new n; incrby n", "INCR n"},
		{"DECRBY n 5", ":-4 ", "incrby n", "DECRBY n 5"},
		{"DECRBY n -9223372036854775808", "-ERR decrement would overflow ", "", ""},
		{"INCRBY n -9223372036854775807", "-ERR increment or decrement would overflow ", "", ""},
		{"INCRBYFLOAT n 0.5", "$4 -3.5 ", "incrbyfloat n", "SET n -3.5 KEEPTTL"},
		{"INCR n", "-ERR value is not an integer or out of range ", "", ""},
		{"APPEND n abc", ":7 ", "append n", "APPEND n abc"},
		{"GETRANGE n -3 -1", "$3 abc ", "", ""},
		{"SETRANGE n 4 ABC", ":7 ", "setrange n", "SETRANGE n 4 ABC"},
		{"SETRANGE n -1 x", "-ERR offset is out of range ", "", ""},
		{"SETRANGE n 999999999999 x", "-ERR string exceeds maximum allowed size (proto-max-bulk-len) ", "", ""},
		{"GET n", "$7 -3.5ABC ", "", ""},
		{"STRLEN n", ":7 ", "", ""},
		{"SADD s m", ":1 ", "new s; sadd s", "SADD s m"},
		{"APPEND s x", "-WRONGTYPE Operation against a key holding the wrong kind of value ", "", ""},
	})
}

func TestLCS(t *testing.T) {
	run(t, "MSET", "a", "ohmytext", "b", "mynewtext")
	require.Equal(t, "$6\r\nmytext\r\n", run(t, "LCS", "a", "b"))
	require.Equal(t, ":6\r\n", run(t, "LCS", "a", "b", "LEN"))
	require.Equal(t, "*4\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n$3\r\nlen\r\n:6\r\n",
		run(t, "LCS", "a", "b", "IDX", "MINMATCHLEN", "4", "WITHMATCHLEN"))
	require.Equal(t, "$0\r\n\r\n", run(t, "LCS", "a", "none"))
}
