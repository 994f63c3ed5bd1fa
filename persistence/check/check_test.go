package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"berth/keyspace"
	"berth/persistence/rdb"
)

const moduleID = 0x1234567890abc<<10 | 3

// sample is a file with something of everything.
func sample(t testing.TB) []byte {
	ks := keyspace.New(keyspace.Options{})
	defer ks.Close()
	c := rdb.Codec{}
	records := c.AppendInfo(nil, rdb.Info{RedisVersion: "8.0.2", Now: 5, UsedMemory: 6})
	records = rdb.AppendModuleAux(records, moduleID, rdb.AuxBefore, []byte("\x02\x05"))
	records = c.AppendFunction(records, []byte("#!lua name=mylib\nredis.register_function('f', function() end)"))
	for _, id := range []int{0, 7} {
		db := ks.DB(id)
		e := db.SetString([]byte("text"), []byte("value"), false)
		db.SetExpire(e, 1<<42)
		db.SetString([]byte("long"), bytes.Repeat([]byte("0123456789"), 500), false)
		l := db.CreateContainer([]byte("list"), keyspace.List)
		keyspace.ListPush(db, l, keyspace.ListTail, []byte("a"), []byte("b"), []byte("c"))
		records = rdb.AppendSelectDB(records, id)
		for it := db.Iter(); ; {
			e := it.Next()
			if e == nil {
				it.Close()
				break
			}
			var err error
			records, err = c.AppendEntry(records, db, e, rdb.NoUse)
			require.NoError(t, err)
		}
	}
	records = append(rdb.AppendLen(append(records, "\x07\x03mod"...), moduleID), "\x02\x07\x05\x03abc\x00"...)
	var out bytes.Buffer
	w := rdb.FileWriter{Checksum: true}
	require.NoError(t, w.Copy(&out, bytes.NewReader(rdb.AppendEnd(records))))
	return out.Bytes()
}

func put(t testing.TB, dir, name string, data []byte) string {
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}

func run(t testing.TB, args ...string) (out, errs string, status int) {
	var o, e bytes.Buffer
	status = Command(args, &o, &e)
	return o.String(), e.String(), status
}

func report(t testing.TB, path string) *Report {
	out, _, _ := run(t, path, "--json")
	r := &Report{}
	require.NoError(t, json.Unmarshal([]byte(out), r), out)
	return r
}

func TestRDB(t *testing.T) {
	path := put(t, t.TempDir(), "dump.rdb", sample(t))
	r := report(t, path)
	require.True(t, r.OK)
	require.Equal(t, "rdb", r.Format)
	require.Equal(t, 10, r.Version)
	require.True(t, r.Checksum)
	require.Equal(t, "8.0.2", r.Facts["redis-ver"])
	require.Len(t, r.Databases, 2)
	db := r.Databases[1]
	require.Equal(t, 7, db.DB)
	require.EqualValues(t, 4, db.Keys)
	require.EqualValues(t, 1, db.Expires)
	require.EqualValues(t, 2, db.Types["string"].Keys)
	name := rdb.ModuleTypeName(moduleID)
	require.EqualValues(t, 1, db.Types[name].Keys)
	require.Equal(t, []*ModuleUse{{name, 1, 1}}, r.Modules)
	require.Equal(t, []string{"#!lua name=mylib"}, r.Functions)
	require.Equal(t, "long", r.Largest[0].Key)
	require.Greater(t, r.Largest[0].Bytes, int64(5000))
	out, _, status := run(t, "--largest", "1", path)
	require.Zero(t, status)
	require.Contains(t, out, "rdb version 10")
	require.Contains(t, out, "database 7: 4 keys, 1 of them expire")
	require.Contains(t, out, name+": 1 keys, 1 pieces of data beside them")
	require.Equal(t, 1, strings.Count(out, " elements "))
}

func TestDamagedRDB(t *testing.T) {
	dir, data := t.TempDir(), sample(t)
	for n := 0; n < len(data); n += 1 + n/10 {
		r := report(t, put(t, dir, "cut.rdb", data[:n]))
		require.False(t, r.OK, "cut at %d", n)
		require.NotEmpty(t, r.Problem.Text)
		require.LessOrEqual(t, r.Problem.Offset, int64(n))
		flipped := bytes.Clone(data)
		flipped[n] ^= 0x10
		require.False(t, report(t, put(t, dir, "flipped.rdb", flipped)).OK, "flipped at %d", n)
	}
	at := bytes.Index(data, []byte("0123456789"))
	out, _, status := run(t, put(t, dir, "cut.rdb", data[:at+3]))
	require.Equal(t, 1, status)
	require.Regexp(t, `breaks at offset \d+: unexpected end of file`, out)
	require.Contains(t, out, `in database 0, key "long" (string)`)
}

func TestAOF(t *testing.T) {
	dir := t.TempDir()
	command := func(words ...string) string {
		s := fmt.Sprintf("*%d\r\n", len(words))
		for _, w := range words {
			s += fmt.Sprintf("$%d\r\n%s\r\n", len(w), w)
		}
		return s
	}
	text := command("SELECT", "0") + command("SET", "a", "b") + command("MULTI") + command("SET", "c", "d") + command("EXEC")
	r := report(t, put(t, dir, "x.aof", []byte(text)))
	require.True(t, r.OK, r.Problem)
	require.Equal(t, map[string]int64{"select": 1, "set": 2, "multi": 1, "exec": 1}, r.Commands)
	require.EqualValues(t, 1, r.Transactions)

	r = report(t, put(t, dir, "cut.aof", []byte(text[:len(text)-3])))
	require.False(t, r.OK)
	r = report(t, put(t, dir, "multi.aof", []byte(text[:len(text)-len(command("EXEC"))])))
	require.Contains(t, r.Problem.Text, "transaction")
	r = report(t, put(t, dir, "bad.aof", []byte(text+"*2\r\nhello\r\n")))
	require.False(t, r.OK)
	require.GreaterOrEqual(t, r.Problem.Offset, int64(len(text)))

	// With an RDB file in front, and as the manifest has it.
	both := append(sample(t), text...)
	r = report(t, put(t, dir, "both.aof", both))
	require.True(t, r.OK, r.Problem)
	require.Len(t, r.Parts, 1)
	require.Len(t, r.Parts[0].Databases, 2)
	require.EqualValues(t, 2, r.Commands["set"])

	put(t, dir, "base.rdb", sample(t))
	put(t, dir, "empty.aof", nil)
	manifest := "file base.rdb seq 1 type b\nfile x.aof seq 1 type i\nfile empty.aof seq 2 type i\n"
	r = report(t, put(t, dir, "x.manifest", []byte(manifest)))
	require.True(t, r.OK, r.Problem)
	require.Len(t, r.Parts, 3)
	r = report(t, put(t, dir, "x.manifest", []byte(strings.Replace(manifest, "x.aof", "gone.aof", 1))))
	require.False(t, r.OK)
	require.Equal(t, "No such file or directory", r.Parts[1].Problem.Text)
}

func TestArguments(t *testing.T) {
	_, errs, status := run(t)
	require.Equal(t, 2, status)
	require.Contains(t, errs, "usage: berth check")
	_, _, status = run(t, "a", "b")
	require.Equal(t, 2, status)
	_, _, status = run(t, "--nosuch", "a")
	require.Equal(t, 2, status)
	_, errs, status = run(t, filepath.Join(t.TempDir(), "nosuch"))
	require.Equal(t, 1, status)
	require.Contains(t, errs, "No such file or directory")
	out, _, status := run(t, put(t, t.TempDir(), "x", []byte("something else")))
	require.Equal(t, 1, status)
	require.Contains(t, out, "neither")
}

func FuzzCheck(f *testing.F) {
	f.Add(sample(f))
	f.Add([]byte("*1\r\n$4\r\nPING\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = File(put(t, t.TempDir(), "f", data), 3)
	})
}
