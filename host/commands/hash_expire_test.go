package commands

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"berth/keyspace"
)

// withFieldHooks has the fake tell of expired fields as a server does.
func withFieldHooks(t *testing.T) *fake {
	f := server(t)
	f.ks.Hooks.FieldExpired = func(db *keyspace.DB, key, field []byte) {
		f.AlsoPropagate(db, []byte("HDEL"), key, field)
	}
	f.ks.Hooks.FieldsExpired = func(db *keyspace.DB, key []byte, gone bool) {
		f.Notify(db, 0, "hexpired", key)
		if gone {
			f.Notify(db, 0, "del", key)
		}
	}
	return f
}

// What replicas are told, as the append only file of redis-server 8.0.2 shows it.
func TestFieldExpiryPropagates(t *testing.T) {
	f := withFieldHooks(t)
	run(t, "HSET", "p", "a", "1", "b", "2", "c", "3", "d", "4")
	in := func(d time.Duration) string { return strconv.FormatInt(f.ks.Now()+d.Milliseconds(), 10) }
	for _, x := range []struct {
		cmd    []string
		reply  string
		want   string // with %s, the time 100 seconds from now
		events string
	}{
		{[]string{"HEXPIRE", "p", "100", "fields", "3", "a", "b", "nosuch"}, "*3\r\n:1\r\n:1\r\n:-2\r\n",
			"[HPEXPIREAT p %s fields 2 a b]", "[hexpire p]"},
		{[]string{"HEXPIRE", "p", "100", "nx", "fields", "3", "a", "b", "c"}, "*3\r\n:0\r\n:0\r\n:1\r\n",
			"[HPEXPIREAT p %s nx fields 1 c]", "[hexpire p]"},
		{[]string{"HPEXPIREAT", "p", "50000000000000", "fields", "1", "a"}, "*1\r\n:1\r\n",
			"[HPEXPIREAT p 50000000000000 fields 1 a]", "[hexpire p]"},
		{[]string{"HEXPIRE", "p", "100", "xx", "fields", "1", "d"}, "*1\r\n:0\r\n", "[]", "[]"},
		{[]string{"HEXPIREAT", "p", "1", "fields", "2", "c", "nosuch"}, "*2\r\n:2\r\n:-2\r\n", "[HDEL p c]", "[hdel p]"},
		{[]string{"HGETEX", "p", "ex", "100", "fields", "2", "a", "nosuch"}, "*2\r\n$1\r\n1\r\n$-1\r\n",
			"[HPEXPIREAT p %s fields 2 a nosuch]", "[hexpire p]"},
		{[]string{"HGETEX", "p", "persist", "fields", "2", "a", "nosuch"}, "*2\r\n$1\r\n1\r\n$-1\r\n",
			"[HPERSIST p fields 2 a nosuch]", "[hpersist p]"},
		{[]string{"HGETEX", "p", "fields", "1", "a"}, "*1\r\n$1\r\n1\r\n", "[]", "[]"},
		{[]string{"HGETEX", "p", "exat", "1", "fields", "2", "b", "nosuch"}, "*2\r\n$1\r\n2\r\n$-1\r\n",
			"[HDEL p b]", "[hdel p]"},
		{[]string{"HSETEX", "p", "ex", "100", "fields", "1", "a", "1"}, ":1\r\n",
			"[HSETEX p PXAT %s fields 1 a 1]", "[hset p hexpire p]"},
		{[]string{"HSETEX", "p", "pxat", "1", "fields", "2", "a", "1", "z", "1"}, ":1\r\n",
			"[HDEL p a HDEL p z]", "[hset p hdel p]"},
		{[]string{"HGETDEL", "p", "fields", "2", "d", "nosuch"}, "*2\r\n$1\r\n4\r\n$-1\r\n",
			"[HDEL p d nosuch]", "[hdel p del p]"},
	} {
		require.Equal(t, x.reply, run(t, x.cmd...), x.cmd)
		x.want = strings.ReplaceAll(x.want, "%s", in(100*time.Second))
		require.Equal(t, x.events, fmt.Sprint(f.events), x.cmd)
		require.Equal(t, x.want, fmt.Sprint(f.propagated), x.cmd)
	}
	require.Nil(t, f.ks.DB(0).Find([]byte("p")))
}

// A command that meets a field whose time is over deletes it and tells replicas first.
func TestFieldsExpireWhenMet(t *testing.T) {
	f := withFieldHooks(t)
	over := func() {
		run(t, "HSET", "h", "f", "1", "g", "2")
		run(t, "HPEXPIRE", "h", "1", "fields", "1", "f")
		time.Sleep(3 * time.Millisecond)
		require.Equal(t, ":2\r\n", run(t, "HLEN", "h"))
		require.Equal(t, "*2\r\n$1\r\ng\r\n$1\r\n2\r\n", run(t, "HGETALL", "h"))
		require.Equal(t, ":2\r\n", run(t, "HLEN", "h"))
	}
	for _, cmd := range [][]string{
		{"HGET", "h", "f"}, {"HMGET", "h", "f", "f"}, {"HEXISTS", "h", "f"}, {"HSTRLEN", "h", "f"},
		{"HGETEX", "h", "fields", "1", "f"}, {"HGETDEL", "h", "fields", "1", "f"}, {"HRANDFIELD", "h"},
	} {
		over()
		run(t, cmd...)
		require.Equal(t, []string{"HDEL h f"}, f.propagated, cmd)
		require.Equal(t, []string{"hexpired h"}, f.events, cmd)
		require.Equal(t, ":1\r\n", run(t, "HLEN", "h"), cmd)
	}
	over()
	require.Equal(t, ":5\r\n", run(t, "HINCRBY", "h", "f", "5"))
	require.Equal(t, []string{"hexpired h", "hincrby h"}, f.events)

	run(t, "DEL", "h")
	run(t, "HSET", "h", "f", "1")
	run(t, "HPEXPIRE", "h", "1", "fields", "1", "f")
	time.Sleep(3 * time.Millisecond)
	require.Equal(t, "$-1\r\n", run(t, "HGET", "h", "f"))
	require.Equal(t, []string{"hexpired h", "del h"}, f.events)
	require.Equal(t, ":0\r\n", run(t, "EXISTS", "h"))
}
