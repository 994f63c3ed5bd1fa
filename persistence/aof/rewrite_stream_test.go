package aof

import (
	"strings"
	"testing"

	"berth/keyspace"

	"github.com/stretchr/testify/require"
)

// A stream in commands, as redis-server 8.0.2 says it.
func TestStreamRewrite(t *testing.T) {
	ks := keyspace.New(keyspace.Options{})
	defer ks.Close()
	db := ks.DB(0)
	id := func(ms, seq uint64) keyspace.StreamID { return keyspace.StreamID{MS: ms, Seq: seq} }
	say := func(e *keyspace.Entry) string {
		var w Walk
		w.Begin(db, e)
		var b []byte
		for done := false; !done; {
			b, done = w.Append(b)
		}
		var words []string
		for i, line := range strings.Split(strings.TrimSuffix(string(b), "\r\n"), "\r\n") {
			switch {
			case line[0] == '*' && i > 0:
				words = append(words, "\n")
			case line[0] != '*' && line[0] != '$':
				words = append(words, line)
			}
		}
		return strings.ReplaceAll(strings.Join(words, " "), " \n ", "\n")
	}
	e := db.CreateContainer([]byte("s"), keyspace.Stream)
	keyspace.StreamAdd(db, e, keyspace.StreamIDGiven, id(1, 1), [][]byte{[]byte("a"), []byte("b")})
	keyspace.StreamAdd(db, e, keyspace.StreamIDGiven, id(1, 2), [][]byte{[]byte("a"), []byte("5"), []byte("c"), []byte("d")})
	g := keyspace.StreamCreateGroup(db, e, []byte("g"), id(1, 1), 1)
	c, _ := g.CreateConsumer([]byte("c"), 5)
	g.Deliver(id(1, 1), c, 1000)
	g.CreateConsumer([]byte("idle"), 5)
	keyspace.StreamCreateGroup(db, e, []byte("h"), id(0, 0), keyspace.StreamReadUnknown)
	require.Equal(t, strings.Join([]string{
		"XADD s 1-1 a b",
		"XADD s 1-2 a 5 c d",
		"XSETID s 1-2 ENTRIESADDED 2 MAXDELETEDID 0-0",
		"XGROUP CREATE s g 1-1 ENTRIESREAD 1",
		"XCLAIM s g c 0 1-1 TIME 1000 RETRYCOUNT 1 JUSTID FORCE",
		"XGROUP CREATECONSUMER s g idle",
		"XGROUP CREATE s h 0-0 ENTRIESREAD -1",
	}, "\n"), say(e))
	e = db.CreateContainer([]byte("e"), keyspace.Stream)
	require.Equal(t, "XADD e MAXLEN 0 0-1 x y\nXSETID e 0-0 ENTRIESADDED 0 MAXDELETEDID 0-0", say(e))
	// More than one command's worth of everything.
	e = db.CreateContainer([]byte("l"), keyspace.Stream)
	g = keyspace.StreamCreateGroup(db, e, []byte("g"), id(0, 0), 0)
	c, _ = g.CreateConsumer([]byte("c"), 5)
	for i := range uint64(200) {
		keyspace.StreamAdd(db, e, keyspace.StreamIDGiven, id(1, i+1), [][]byte{[]byte("a"), []byte("b")})
		g.Deliver(id(1, i+1), c, 1000)
	}
	text := say(e)
	require.Equal(t, 200, strings.Count(text, "XADD l "))
	require.Equal(t, 200, strings.Count(text, "XCLAIM l g c 0 "))
	require.Equal(t, 200+1+1+200, strings.Count(text, "\n")+1)
}
