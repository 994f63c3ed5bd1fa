package rdb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"berth/keyspace"
)

// everyType puts a value of each kind and encoding into a database.
func everyType(db *keyspace.DB) {
	big := strings.Repeat("0123456789abcdef", 8)
	db.SetString([]byte("int"), []byte("12345"), false)
	db.SetString([]byte("raw"), []byte(strings.Repeat("compress me ", 1000)), false)
	e := db.SetString([]byte("expires"), []byte("x"), false)
	db.SetExpire(e, 1<<42)
	for _, n := range []int{3, 700} {
		name := func(kind string) []byte { return fmt.Appendf(nil, "%s:%d", kind, n) }
		l := db.CreateContainer(name("list"), keyspace.List)
		s := db.CreateContainer(name("set"), keyspace.Set)
		is := db.CreateContainer(name("ints"), keyspace.Set)
		h := db.CreateContainer(name("hash"), keyspace.Hash)
		ht := db.CreateContainer(name("timed"), keyspace.Hash)
		z := db.CreateContainer(name("zset"), keyspace.ZSet)
		for i := range n {
			m := fmt.Appendf(nil, "member:%d", i)
			keyspace.ListPush(db, l, keyspace.ListTail, m, []byte(big))
			keyspace.SetAdd(db, s, m)
			keyspace.SetAdd(db, is, fmt.Append(nil, i*i))
			keyspace.HashSet(db, h, m, []byte(big[:i%64]))
			keyspace.HashSet(db, ht, m, m)
			if i%2 == 0 {
				keyspace.HashSetExpire(db, ht, m, 1<<43+int64(i))
			}
			keyspace.ZSetAdd(db, z, float64(i)/3, m, 0)
		}
	}
}

// records is a file's records, without header and checksum.
func records(t testing.TB, ks *keyspace.Keyspace) []byte {
	c := Codec{Portable: true}
	out := c.AppendInfo(nil, Info{RedisVersion: "8.0.2", Now: 1, UsedMemory: 2})
	for i := range ks.NumDBs() {
		db := ks.DB(i)
		if db.Len() == 0 {
			continue
		}
		out = AppendResizeDB(AppendSelectDB(out, i), db.Len(), db.ExpiresLen())
		for it := db.Iter(); ; {
			e := it.Next()
			if e == nil {
				it.Close()
				break
			}
			var err error
			out, err = c.AppendEntry(out, db, e, IdleUse)
			require.NoError(t, err)
		}
	}
	return AppendEnd(out)
}

func digest(ks *keyspace.Keyspace) any {
	return ks.Digest()
}

func TestFileRoundTrip(t *testing.T) {
	from := keyspace.New(keyspace.Options{})
	t.Cleanup(from.Close)
	everyType(from.DB(0))
	everyType(from.DB(9))
	for _, compress := range []bool{true, false} {
		path := filepath.Join(t.TempDir(), "dump.rdb")
		f, err := os.Create(path)
		require.NoError(t, err)
		w := FileWriter{Compression: compress, Checksum: true}
		require.NoError(t, w.Copy(f, bytes.NewReader(records(t, from))))
		require.NoError(t, f.Close())
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.EqualValues(t, len(data), w.Written)
		require.Equal(t, "REDIS0012", string(data[:9]))

		load := func(read func(l *Loader) error) {
			to := keyspace.New(keyspace.Options{})
			defer to.Close()
			ticks := 0
			l := Loader{Codec: &Codec{}, Keyspace: to, Checksum: true, TickEvery: 1000, Tick: func(int64) error { ticks++; return nil }}
			require.NoError(t, read(&l))
			require.Equal(t, digest(from), digest(to))
			require.EqualValues(t, 30, l.Keys)
			require.EqualValues(t, len(data), l.Offset)
			require.Greater(t, ticks, 10)
		}
		load(func(l *Loader) error {
			f, err := os.Open(path)
			require.NoError(t, err)
			defer f.Close()
			return l.LoadFile(f)
		})
		load(func(l *Loader) error { return l.Load(io.MultiReader(bytes.NewReader(data), strings.NewReader("tail"))) })
	}
}

func TestLowestVersion(t *testing.T) {
	for want, put := range map[int]func(db *keyspace.DB){
		10: func(db *keyspace.DB) {
			db.SetString([]byte("s"), bytes.Repeat([]byte("long enough not to be held back"), 30000), false)
			keyspace.SetAdd(db, db.CreateContainer([]byte("set"), keyspace.Set), []byte("small"))
		},
		12: func(db *keyspace.DB) {
			db.SetString([]byte("s"), bytes.Repeat([]byte("long enough not to be held back"), 30000), false)
			h := db.CreateContainer([]byte("h"), keyspace.Hash)
			keyspace.HashSet(db, h, []byte("f"), []byte("v"))
			keyspace.HashSetExpire(db, h, []byte("f"), 1<<43)
		},
	} {
		ks := keyspace.New(keyspace.Options{})
		put(ks.DB(0))
		f, err := os.Create(filepath.Join(t.TempDir(), "f"))
		require.NoError(t, err)
		w := FileWriter{Checksum: true}
		require.NoError(t, w.Copy(f, bytes.NewReader(records(t, ks))))
		data, _ := os.ReadFile(f.Name())
		require.Equal(t, fmt.Sprintf("REDIS%04d", want), string(data[:9]))
		to := keyspace.New(keyspace.Options{})
		l := Loader{Codec: &Codec{}, Keyspace: to, Checksum: true}
		require.NoError(t, l.LoadBytes(data), "the checksum covers the settled header")
		ks.Close()
		to.Close()
		f.Close()
	}
}

// file is a whole file of a small data set.
func file(t testing.TB) []byte {
	ks := keyspace.New(keyspace.Options{})
	defer ks.Close()
	everyType(ks.DB(3))
	var out bytes.Buffer
	w := FileWriter{Compression: true, Checksum: true}
	require.NoError(t, w.Copy(&out, bytes.NewReader(records(t, ks))))
	return out.Bytes()
}

// Whatever is cut off or changed, the loader says where it broke, in both ways of reading.
func TestBrokenFiles(t *testing.T) {
	data := file(t)
	try := func(b []byte, stream bool) error {
		ks := keyspace.New(keyspace.Options{})
		defer ks.Close()
		l := Loader{Codec: &Codec{}, Keyspace: ks, Checksum: true}
		if stream {
			return l.Load(bytes.NewReader(b))
		}
		return l.LoadBytes(b)
	}
	for _, stream := range []bool{false, true} {
		for n := 0; n < len(data); n += 1 + n/8 {
			err := try(data[:n], stream)
			var fe *FileError
			require.ErrorAs(t, err, &fe, "cut at %d", n)
			require.LessOrEqual(t, fe.Offset, int64(n))
		}
		for n := 9; n < len(data); n += 1 + n/16 {
			b := bytes.Clone(data)
			b[n] ^= 0x41
			require.Error(t, try(b, stream), "flipped at %d", n)
		}
		require.ErrorIs(t, try([]byte("REDIX0012 what"), stream), ErrSignature)
		require.ErrorIs(t, try([]byte("REDIS0013 what"), stream), ErrVersion)
		require.ErrorIs(t, try(append(AppendSelectDB(AppendHeader(nil, 10), 16), opEOF), stream), ErrDatabase)
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	ks := keyspace.New(keyspace.Options{})
	defer ks.Close()
	everyType(ks.DB(0))
	all := records(t, ks)
	o := FileOptions{Path: filepath.Join(dir, "dump.rdb"), Temp: filepath.Join(dir, "temp-1.rdb"), Checksum: true, Incremental: true}
	require.NoError(t, os.WriteFile(o.Path, []byte("old"), 0o600))
	_, err := WriteFile(o, bytes.NewReader(all[:len(all)-1]))
	require.ErrorIs(t, err, ErrTruncated)
	old, _ := os.ReadFile(o.Path)
	require.Equal(t, "old", string(old), "an incomplete file does not replace the old one")
	left, _ := os.ReadDir(dir)
	require.Len(t, left, 1)
	n, err := WriteFile(o, bytes.NewReader(all))
	require.NoError(t, err)
	st, err := os.Stat(o.Path)
	require.NoError(t, err)
	require.Equal(t, n, st.Size())

	o.Temp = filepath.Join(dir, "nosuch", "temp")
	_, err = WriteFile(o, bytes.NewReader(all))
	var we *WriteError
	require.ErrorAs(t, err, &we)
	require.Equal(t, "open", we.Step)
	require.Equal(t, "No such file or directory", we.Cause())
}

func TestStoppedByTick(t *testing.T) {
	ks := keyspace.New(keyspace.Options{})
	defer ks.Close()
	stop := errors.New("stop")
	l := Loader{Codec: &Codec{}, Keyspace: ks, TickEvery: 100, Tick: func(int64) error { return stop }}
	require.ErrorIs(t, l.LoadBytes(file(t)), stop)
}

// A length that promises more than there is costs no memory.
func TestAbsurdLengths(t *testing.T) {
	for _, tail := range []string{
		"\x00\x01k\x81\xff\xff\xff\xff\xff\xff\xff\xff",              // a string
		"\x00\x01k\xc3\x05\x81\x00\x00\xff\xff\xff\xff\xff\xffhello", // a compressed one
		"\x02\x01k\x81\x00\xff\xff\xff\xff\xff\xff\xff",              // a set
		"\x04\x01k\x81\xff\xff\xff\xff\xff\xff\xff\xff",              // a hash
		"\x05\x01k\x81\x00\x0f\xff\xff\xff\xff\xff\xff",              // a sorted set
		"\xfb\x81\x00\x00\x0f\xff\xff\xff\xff\xff\x00",               // a resize hint
	} {
		data := append(AppendHeader(nil, 10), tail...)
		for _, stream := range []bool{false, true} {
			ks := keyspace.New(keyspace.Options{})
			l := Loader{Codec: &Codec{}, Keyspace: ks}
			load := func() error { return l.LoadBytes(data) }
			if stream {
				load = func() error { return l.Load(bytes.NewReader(data)) }
			}
			require.Error(t, load())
			ks.Close()
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add(file(f))
	f.Add([]byte("REDIS0010\xfe\x00\x00\x01a\x01b\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var counts [2]int64
		var errs [2]error
		for i := range counts {
			ks := keyspace.New(keyspace.Options{})
			l := Loader{Codec: &Codec{Preserve: true}, Preserve: true, Keyspace: ks}
			if i == 0 {
				errs[i] = l.LoadBytes(data)
			} else {
				errs[i] = l.Load(bytes.NewReader(data))
			}
			counts[i] = l.Keys
			ks.Close()
		}
		if (errs[0] == nil) != (errs[1] == nil) || errs[0] == nil && counts[0] != counts[1] {
			t.Fatalf("mapped: %d keys, %v; streamed: %d keys, %v", counts[0], errs[0], counts[1], errs[1])
		}
	})
}

func TestUseOfKeysIsKept(t *testing.T) {
	for _, use := range []Use{IdleUse, FreqUse} {
		from := keyspace.New(keyspace.Options{})
		from.Switches.LFU = use == FreqUse
		db := from.DB(0)
		e := db.SetString([]byte("k"), []byte("v"), false)
		if use == FreqUse {
			from.SetFreq(e, 77)
		} else {
			from.SetIdleTime(e, 1234*time.Second)
		}
		out, err := (&Codec{}).AppendEntry(AppendHeader(nil, MinVersion), db, e, use)
		require.NoError(t, err)
		data := append(AppendEnd(out), make([]byte, 8)...)
		to := keyspace.New(keyspace.Options{})
		to.Switches.LFU = use == FreqUse
		l := Loader{Codec: &Codec{}, Keyspace: to, LFU: use == FreqUse}
		require.NoError(t, l.LoadBytes(data))
		e = to.DB(0).Find([]byte("k"))
		if use == FreqUse {
			require.EqualValues(t, 77, to.Freq(e))
		} else {
			require.InDelta(t, 1234, to.IdleTime(e).Seconds(), 2)
		}
		from.Close()
		to.Close()
	}
}
