package commands

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"berth/keyspace"
)

// step is a command with what it must do. Times in Unix milliseconds are written T.
type step struct {
	cmd    string
	reply  string
	events string // separated by "; "
	prop   string
}

var unixMS = regexp.MustCompile(`\b1[789]\d{11}\b`)

func play(t *testing.T, steps []step) {
	t.Helper()
	f := server(t)
	for _, s := range steps {
		reply := f.run(strings.Fields(s.cmd)...)
		require.Equal(t, s.reply, strings.ReplaceAll(reply, "\r\n", " "), s.cmd)
		require.Equal(t, s.events, strings.Join(f.events, "; "), "events of %s", s.cmd)
		prop := unixMS.ReplaceAllString(strings.Join(f.propagated, "; "), "T")
		require.Equal(t, s.prop, prop, "propagation of %s", s.cmd)
	}
}

func TestDelete(t *testing.T) {
	play(t, []step{
		{"MSET a 1 b 2 c 3", "+OK ", "new a; set a; new b; set b; new c; set c", "MSET a 1 b 2 c 3"},
		{"EXISTS a a x", ":2 ", "", ""},
		{"TOUCH a a x", ":2 ", "", ""},
		{"DEL a x a", ":1 ", "del a", "DEL a x a"},
		{"UNLINK b c", ":2 ", "del b; del c", "UNLINK b c"},
		{"DEL a", ":0 ", "", ""},
		{"TYPE a", "+none ", "", ""},
		{"SET gone 1 PX 1", "+OK ", "new gone; set gone; expire gone", "SET gone 1 PXAT T"},
	})
	time.Sleep(3 * time.Millisecond)
	play(t, []step{{"DEL gone", ":0 ", "expired gone", ""}})
}

func TestRename(t *testing.T) {
	play(t, []step{
		{"SET a 1 EX 100", "+OK ", "new a; set a; expire a", "SET a 1 PXAT T"},
		{"SET b 2", "+OK ", "new b; set b", "SET b 2"},
		{"RENAMENX a b", ":0 ", "", ""},
		{"RENAMENX a a", ":0 ", "", ""},
		{"RENAME a a", "+OK ", "", ""},
		{"RENAME x y", "-ERR no such key ", "", ""},
		{"RENAME a b", "+OK ", "new b; rename_from a; rename_to b", "RENAME a b"},
		{"TTL b", ":100 ", "", ""},
		{"GET b", "$1 1 ", "", ""},
		{"EXISTS a", ":0 ", "", ""},
		{"RENAMENX b c", ":1 ", "new c; rename_from b; rename_to c", "RENAMENX b c"},
	})
}

func TestMoveAndCopy(t *testing.T) {
	play(t, []step{
		{"RPUSH l a b", ":2 ", "new l; rpush l", "RPUSH l a b"},
		{"MOVE l 0", "-ERR source and destination objects are the same ", "", ""},
		{"MOVE l 16", "-ERR DB index is out of range ", "", ""},
		{"MOVE l x", "-ERR value is not an integer or out of range ", "", ""},
		{"COPY l l", "-ERR source and destination objects are the same ", "", ""},
		{"COPY l m DB 2", ":1 ", "new m@2; copy_to m@2", "COPY l m DB 2"},
		{"COPY l m DB 2", ":0 ", "", ""},
		{"COPY l m DB 2 REPLACE", ":1 ", "new m@2; copy_to m@2", "COPY l m DB 2 REPLACE"},
		{"COPY l m DB", "-ERR syntax error ", "", ""},
		{"MOVE l 1", ":1 ", "new l@1; move_from l; move_to l@1", "MOVE l 1"},
		{"MOVE l 1", ":0 ", "", ""},
	})
	f := server(t)
	f.ctx.DB = f.ks.DB(2)
	require.Equal(t, "*2\r\n$1\r\na\r\n$1\r\nb\r\n", f.run("LRANGE", "m", "0", "-1"))
}

func TestExpire(t *testing.T) {
	play(t, []step{
		{"SET k v", "+OK ", "new k; set k", "SET k v"},
		{"TTL k", ":-1 ", "", ""},
		{"TTL x", ":-2 ", "", ""},
		{"PERSIST k", ":0 ", "", ""},
		{"EXPIRE k 100 XX", ":0 ", "", ""},
		{"EXPIRE k 100 GT", ":0 ", "", ""},
		{"EXPIRE k 100 LT", ":1 ", "expire k", "PEXPIREAT k T LT"},
		{"EXPIRE k 200 NX", ":0 ", "", ""},
		{"EXPIRE k 50 GT", ":0 ", "", ""},
		{"EXPIRE k 200 LT", ":0 ", "", ""},
		{"EXPIRE k 100 NX XX", "-ERR NX and XX, GT or LT options at the same time are not compatible ", "", ""},
		{"EXPIRE k 100 GT LT", "-ERR GT and LT options at the same time are not compatible ", "", ""},
		{"EXPIRE k 100 FOO", "-ERR Unsupported option FOO ", "", ""},
		{"EXPIRE k 9223372036854775807", "-ERR invalid expire time in 'expire' command ", "", ""},
		{"PEXPIRE k 9223372036854775807", "-ERR invalid expire time in 'pexpire' command ", "", ""},
		{"PEXPIREAT k 99999999999999", ":1 ", "expire k", "PEXPIREAT k 99999999999999"},
		{"PEXPIRETIME k", ":99999999999999 ", "", ""},
		{"EXPIRETIME k", ":100000000000 ", "", ""},
		{"EXPIREAT k 88888888888", ":1 ", "expire k", "PEXPIREAT k 88888888888000"},
		{"PERSIST k", ":1 ", "persist k", "PERSIST k"},
		{"EXPIRE k -1", ":1 ", "del k", "DEL k"},
		{"EXPIRE k 100", ":0 ", "", ""},
	})
}

func TestDumpAndRestore(t *testing.T) {
	f := server(t)
	f.run("SET", "k", "hello")
	reply := f.run("DUMP", "k")
	p := reply[len("$17\r\n") : len(reply)-2]
	restore := func(args ...string) string { return f.run(append([]string{"RESTORE"}, args...)...) }
	require.Equal(t, "-BUSYKEY Target key name already exists.\r\n", restore("k", "0", p))
	require.Equal(t, "+OK\r\n", restore("r", "5000", p))
	require.Equal(t, []string{"new r", "restore r"}, f.events)
	require.Len(t, f.propagated, 1)
	require.Regexp(t, `(?s)^RESTORE r \d{13} .* ABSTTL$`, f.propagated[0])
	require.Equal(t, "$5\r\nhello\r\n", f.run("GET", "r"))
	require.Equal(t, "+OK\r\n", restore("r", "1", p, "ABSTTL", "REPLACE"), "replaced by what has expired")
	require.Equal(t, []string{"del r"}, f.events)
	require.Equal(t, []string{"DEL r"}, f.propagated)
	require.Equal(t, "+OK\r\n", restore("r", "1", p, "ABSTTL"))
	require.Empty(t, f.events)
	require.Empty(t, f.propagated)
	require.Equal(t, "+OK\r\n", restore("r", "0", p, "IDLETIME", "1000"))
	require.Equal(t, ":1000\r\n", f.run("OBJECT", "IDLETIME", "r"))
	require.Equal(t, "-ERR syntax error\r\n", restore("x", "0", p, "IDLETIME", "1", "FREQ", "1"))
	require.Equal(t, "-ERR Invalid TTL value, must be >= 0\r\n", restore("x", "-1", p))
	require.Equal(t, "-ERR DUMP payload version or checksum are wrong\r\n", restore("x", "0", p[2:]))
	f.codec.SkipChecksum = true
	require.Equal(t, "-ERR Bad data format\r\n", restore("x", "0", "\x02\x00"+p[len(p)-10:]))
}

func TestSort(t *testing.T) {
	f := server(t)
	f.run("RPUSH", "l", "2", "10", "1")
	play(t, []step{
		{"SORT l", "*3 $1 1 $1 2 $2 10 ", "", ""},
		{"SORT l DESC LIMIT 0 1", "*1 $2 10 ", "", ""},
		{"SORT l ALPHA", "*3 $1 1 $2 10 $1 2 ", "", ""},
		{"SORT l BY nosort LIMIT 1 5", "*2 $2 10 $1 1 ", "", ""},
		{"HSET h1 f 9 n one", ":2 ", "new h1; hset h1", "HSET h1 f 9 n one"},
		{"SORT l BY h*->f GET # GET h*->n", "*6 $2 10 $-1 $1 2 $-1 $1 1 $3 one ", "", ""},
		{"SORT l STORE d GET h*->n", ":3 ", "new d; sortstore d", "SORT l STORE d GET h*->n"},
		{"LRANGE d 0 -1", "*3 $3 one $0  $0  ", "", ""},
		{"SORT none STORE d", ":0 ", "del d", "SORT none STORE d"},
		{"SORT_RO l STORE d", "-ERR syntax error ", "", ""},
		{"SORT h1", "-WRONGTYPE Operation against a key holding the wrong kind of value ", "", ""},
		{"RPUSH l x", ":4 ", "rpush l", "RPUSH l x"},
		{"SORT l", "-ERR One or more scores can't be converted into double ", "", ""},
		{"SADD s c a b", ":3 ", "new s; sadd s", "SADD s c a b"},
		{"SORT s BY nosort STORE d", ":3 ", "new d; sortstore d", "SORT s BY nosort STORE d"},
		{"LRANGE d 0 -1", "*3 $1 a $1 b $1 c ", "", ""},
		{"ZADD z 1 a 2 b", ":2 ", "new z; zadd z", "ZADD z 1 a 2 b"},
		{"OBJECT ENCODING z", "$8 listpack ", "", ""},
		{"SORT z BY nosort DESC", "*2 $1 b $1 a ", "", ""},
		{"OBJECT ENCODING z", "$8 skiplist ", "", ""},
	})
}

func TestScanVisitsAll(t *testing.T) {
	f := server(t)
	want := map[string]bool{}
	for i := range 500 {
		key := "k" + string(rune('a'+i%26)) + strings.Repeat("x", i/26)
		want[key] = true
		f.run("SET", key, "v")
	}
	f.run("RPUSH", "list", "1")
	seen := map[string]bool{}
	for cursor := "0"; ; {
		lines := strings.Split(f.run("SCAN", cursor, "COUNT", "7", "MATCH", "k*", "TYPE", "string"), "\r\n")
		cursor = lines[2]
		for i := 5; i < len(lines); i += 2 {
			seen[lines[i]] = true
		}
		if cursor == "0" {
			break
		}
	}
	require.Equal(t, want, seen)
}

// modType is a module type that copies values while ok is set.
type modType struct {
	keyspace.ModuleType
	ok     bool
	copies int
	freed  int
}

func (m *modType) Name() string        { return "testtype1" }
func (m *modType) Free(unsafe.Pointer) { m.freed++ }

func (m *modType) FreeEffort(int, []byte, unsafe.Pointer) int { return 1 }

func (m *modType) Unlink(int, []byte, unsafe.Pointer) {}

func (m *modType) Copy(_, _ int, _, _ []byte, p unsafe.Pointer) unsafe.Pointer {
	if !m.ok {
		return nil
	}
	m.copies++
	return p
}

func TestModuleValues(t *testing.T) {
	f := server(t)
	mt := &modType{}
	var value int
	f.ctx.DB.SetModule([]byte("m"), f.ks.RegisterModuleType(mt), unsafe.Pointer(&value))
	f.run("SET", "x", "1")
	play(t, []step{
		{"TYPE m", "+testtype1 ", "", ""},
		{"OBJECT ENCODING m", "$3 raw ", "", ""},
		{"COPY m x REPLACE", "-ERR module key failed to copy ", "", ""},
		{"GET x", "$1 1 ", "", ""},
	})
	mt.ok = true
	play(t, []step{
		{"COPY m x REPLACE", ":1 ", "new x; copy_to x", "COPY m x REPLACE"},
		{"TYPE x", "+testtype1 ", "", ""},
		{"SCAN 0 TYPE testtype1 MATCH m", "*2 $1 0 *1 $1 m ", "", ""},
		{"UNLINK m x", ":2 ", "del m; del x", "UNLINK m x"},
	})
	f.ks.WaitLazyfree()
	require.Equal(t, 1, mt.copies)
	require.Equal(t, 2, mt.freed)
}
