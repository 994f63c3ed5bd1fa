package rdb

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"berth/keyspace"
	"berth/keyspace/mem"
)

func newDB(t testing.TB) *keyspace.DB {
	ks := keyspace.New(keyspace.Options{})
	t.Cleanup(ks.Close)
	return ks.DB(0)
}

func unhex(t testing.TB, s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

var key = []byte("k")

func container(db *keyspace.DB, t keyspace.Type) *keyspace.Entry {
	db.Delete(key)
	return db.CreateContainer(key, t)
}

// Payloads that redis-server 8.0.2 made.
func TestDumpsAsRedisDoes(t *testing.T) {
	db := newDB(t)
	c := Codec{Compression: true}
	check := func(e *keyspace.Entry, want string) {
		t.Helper()
		got, err := c.AppendDump([]byte("x"), db, e)
		require.NoError(t, err)
		require.Equal(t, hex.EncodeToString(unhex(t, want)), hex.EncodeToString(got[1:]))
	}
	set := func(s string) *keyspace.Entry { return db.SetString(key, []byte(s), false) }
	check(set("hello"), dumpHello)
	check(set("12"), dumpInt8)
	check(set("-300"), dumpInt16)
	check(set("123456789"), dumpInt32)
	check(set("1234567890123"), dumpInt64)
	check(set(strings.Repeat("a", 100)), dumpLZF)
	e := container(db, keyspace.List)
	keyspace.ListPush(db, e, keyspace.ListTail, []byte("a"), []byte("1"), bytes.Repeat([]byte("x"), 9000))
	check(e, dumpList)
	e = container(db, keyspace.Set)
	for _, m := range []string{"1", "300", "-70000"} {
		keyspace.SetAdd(db, e, []byte(m))
	}
	check(e, dumpIntset)
	e = container(db, keyspace.ZSet)
	for i, s := range []float64{2.5, math.Inf(-1), 3} {
		keyspace.ZSetAdd(db, e, s, []byte{'a' + byte(i)}, 0)
	}
	check(e, dumpZSet)
	keyspace.ZSetAdd(db, e, 1e300, bytes.Repeat([]byte("y"), 65), 0)
	check(e, dumpSkiplist)
	e = container(db, keyspace.Hash)
	keyspace.HashSet(db, e, []byte("f"), []byte("v"))
	check(e, dumpHash)
	keyspace.HashSet(db, e, []byte("f"), bytes.Repeat([]byte("v"), 65))
	check(e, dumpHashTable)
}

const (
	dumpHello     = "000568656c6c6f0c00a804ebb69f1ebe43"
	dumpInt8      = "00c00c0c00f75ccc91a62e229c"
	dumpInt16     = "00c1d4fe0c000db2b2e304944067"
	dumpInt32     = "00c215cd5b070c006fc1fdc91ac3a9d7"
	dumpInt64     = "000d313233343536373839303132330c00957a266efe032257"
	dumpLZF       = "00c3094064016161e057000161610c0023d581c74a476c38"
	dumpList      = "1202020c0c00000002008161020101ff01c3406f6328017878e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e00b000178780c00be80995e271a3781"
	dumpIntset    = "0b14040000000300000090eefeff010000002c0100000c006e2678ec1c13a788"
	dumpZSet      = "111d1d0000000600816202842d696e660581610283322e35048163020301ff0c00a551c31922162449"
	dumpSkiplist  = "0504c3094041017979e034000179799c7500883ce4377e01630000000000000840016100000000000004400162000000000000f0ff0c000c7ed813d90a2d9c"
	dumpHash      = "100d0d0000000200816602817602ff0c00eb870984d97e96d4"
	dumpHashTable = "04010166c3094041017676e034000176760c00f6078a92cdac510c"
)

func dump(t testing.TB, c *Codec, db *keyspace.DB, e *keyspace.Entry) []byte {
	p, err := c.AppendDump(nil, db, e)
	require.NoError(t, err)
	return p
}

// restore loads a payload under another key and dumps it again.
func restore(t testing.TB, c *Codec, db *keyspace.DB, payload []byte) []byte {
	body, err := c.Verify(payload)
	require.NoError(t, err)
	v, n, err := c.Load(body, db, []byte("copy"))
	require.NoError(t, err)
	require.Equal(t, len(body), n)
	return dump(t, c, db, v.Store(db, []byte("copy")))
}

func TestRoundTrip(t *testing.T) {
	db := newDB(t)
	c := Codec{Compression: true}
	rng := rand.New(rand.NewPCG(3, 4))
	text := func() []byte {
		b := make([]byte, rng.IntN(1<<rng.IntN(12)))
		for i := range b {
			b[i] = byte('a' + rng.IntN(4))
		}
		return b
	}
	for range 100 {
		s := text()
		require.NotEmpty(t, restore(t, &c, db, dump(t, &c, db, db.SetString(key, s, false))))
		require.Equal(t, s, bytes.Clone(keyspace.StringBytes(db.Find([]byte("copy")), nil)))

		n := 1 + rng.IntN(600)
		l := container(db, keyspace.List)
		for range n {
			keyspace.ListPush(db, l, keyspace.ListTail, text())
		}
		p := dump(t, &c, db, l)
		require.Equal(t, p, restore(t, &c, db, p))
		z := container(db, keyspace.ZSet)
		for i := range n {
			keyspace.ZSetAdd(db, z, rng.NormFloat64(), fmt.Append(nil, i), 0)
		}
		p = dump(t, &c, db, z)
		require.Equal(t, p, restore(t, &c, db, p))
		h := container(db, keyspace.Hash)
		for i := range n {
			keyspace.HashSet(db, h, fmt.Append(nil, i), text())
		}
		restore(t, &c, db, dump(t, &c, db, h))
		back := db.Find([]byte("copy"))
		require.Equal(t, n, keyspace.HashLen(back))
		for it := keyspace.NewHashIter(h); it.Next(); {
			var sc keyspace.Scratch
			v, ok := keyspace.HashGet(db, back, it.Field(), &sc)
			require.True(t, ok)
			require.Equal(t, string(it.Value()), string(v))
		}
	}
}

func TestVerify(t *testing.T) {
	db := newDB(t)
	var c Codec
	p := dump(t, &c, db, db.SetString(key, []byte("hello"), false))
	_, err := c.Verify(p)
	require.NoError(t, err)
	for i := range p {
		bad := bytes.Clone(p)
		bad[i] ^= 1
		_, err = c.Verify(bad)
		require.ErrorIs(t, err, ErrFooter, "byte %d", i)
		_, err = c.Verify(p[:i])
		require.ErrorIs(t, err, ErrFooter, "%d bytes", i)
	}
	bad := bytes.Clone(p)
	bad[len(bad)-1] ^= 1
	c.SkipChecksum = true
	_, err = c.Verify(bad)
	require.NoError(t, err)
	bad[len(bad)-footerSize] = Version + 1
	_, err = c.Verify(bad)
	require.ErrorIs(t, err, ErrFooter)
}

// Old encodings, as earlier versions of Redis wrote them.
func TestOldEncodings(t *testing.T) {
	db := newDB(t)
	var c Codec
	load := func(h string) *keyspace.Entry {
		t.Helper()
		v, _, err := c.Load(unhex(t, h), db, key)
		require.NoError(t, err)
		return v.Store(db, key)
	}
	get := func(e *keyspace.Entry, field string) string {
		var sc keyspace.Scratch
		v, _ := keyspace.HashGet(db, e, []byte(field), &sc)
		return string(v)
	}
	var sc keyspace.Scratch
	at := func(e *keyspace.Entry, i int) string {
		v, _ := keyspace.ListIndex(e, i, &sc)
		return string(v)
	}
	// A ziplist with a string and integers of all widths but the largest.
	zl := "22000000 1b000000 0600 00 0161 03 fd 02 fe80 03 c02c01 04 f0a08601 05 d000e1f505 ff"
	e := load("0a 22" + zl)
	require.Equal(t, keyspace.Listpack, e.Encoding())
	for i, want := range []string{"a", "12", "-128", "300", "100000", "100000000"} {
		require.Equal(t, want, at(e, i))
	}
	e = load("0e 01 22" + zl)
	require.Equal(t, 6, keyspace.ListLen(e))
	e = load("0d 22" + zl)
	require.Equal(t, "12", get(e, "a"))
	require.Equal(t, "100000000", get(e, "100000"))
	// A zipmap whose second value has two unused bytes.
	e = load("09 10 02 01 66 01 00 76 01 67 03 02 616263 0000 ff")
	require.Equal(t, "v", get(e, "f"))
	require.Equal(t, "abc", get(e, "g"))
	e = load("03 02 0161 03312e35 0162 ff")
	score, _ := keyspace.ZSetScore(e, []byte("a"))
	require.Equal(t, 1.5, score)
	score, _ = keyspace.ZSetScore(e, []byte("b"))
	require.Equal(t, math.Inf(-1), score)
	e = load("01 02 0161 c005")
	require.Equal(t, "5", at(e, 1))
}

func TestRefuses(t *testing.T) {
	db := newDB(t)
	var c Codec
	for name, h := range map[string]string{
		"nothing":                 "",
		"unknown type":            "63 05 68656c6c6f",
		"string cut short":        "00 50 68656c6c6f",
		"huge string":             "00 81 ffffffffffffffff 61",
		"huge compressed":         "00 c3 04 81 00ffffffffffffff 00010203",
		"compressed to nothing":   "00 c3 00 00",
		"unknown special string":  "00 c4",
		"empty list":              "01 00",
		"empty set":               "02 00",
		"empty hash":              "04 00",
		"empty quicklist":         "12 01 02 07 07000000 0000 ff",
		"huge list":               "01 81 ffffffffffffffff 0161",
		"huge sorted set":         "05 81 7fffffffffffffff 0161 0000000000000000",
		"duplicate member":        "02 02 0161 0161",
		"duplicate field":         "04 02 0161 0162 0161 0162",
		"duplicate packed field":  "10 13 13000000 0400 8161 02 8162 02 8161 02 8162 02 ff",
		"odd hash":                "10 0a 0a000000 0100 8161 02 ff",
		"NaN score":               "05 01 0161 000000000000f87f",
		"score that is no number": "11 0d 0d000000 0200 8161 02 8162 02 ff",
		"scores out of order":     "11 13 13000000 0400 8161 02 0201 8162 02 0101 ff",
		"listpack of wrong size":  "10 0d 0e000000 0200 8161 02 8162 02 ff",
		"listpack element cut":    "10 0d 0d000000 0200 8161 02 8562 02 ff",
		"intset out of order":     "0b 0c 02000000 02000000 0200 0100",
		"node of unknown kind":    "12 01 03 07 07000000 0000 ff",
		"module value":            "07 81 0000000000000400 00",
		"old module value":        "06 00",
	} {
		used := mem.Used()
		v, _, err := c.Load(unhex(t, h), db, key)
		require.Equal(t, used, mem.Used(), "leaked: %s", name)
		require.ErrorIs(t, err, ErrBadFormat, name)
		require.Nil(t, v, name)
	}
}

// counter is a module type whose values are two numbers and a text.
type counter struct {
	keyspace.ModuleType
	id    uint64
	freed int
}

type counterValue struct {
	n    uint64
	i    int64
	f    float32
	d    float64
	size int
}

func (m *counter) ID() uint64   { return m.id }
func (m *counter) Name() string { return "countertp" }

func (m *counter) Free(p unsafe.Pointer) {
	m.freed++
	mem.Free(p)
}

func (m *counter) FreeEffort(int, []byte, unsafe.Pointer) int { return 1 }

func (m *counter) Unlink(int, []byte, unsafe.Pointer) {}

func (m *counter) Save(w *ModuleWriter, p unsafe.Pointer) {
	v := (*counterValue)(p)
	w.Unsigned(v.n)
	w.Signed(v.i)
	w.Float(v.f)
	w.Double(v.d)
	w.String(bytes.Repeat([]byte("s"), v.size))
}

func (m *counter) Load(r *ModuleReader, encver int) unsafe.Pointer {
	v := (*counterValue)(mem.Alloc(int(unsafe.Sizeof(counterValue{}))))
	v.n, _ = r.Unsigned()
	v.i, _ = r.Signed()
	v.f, _ = r.Float()
	v.d, _ = r.Double()
	s, ok := r.String()
	v.size = len(s)
	if !ok || encver != 3 {
		mem.Free(unsafe.Pointer(v))
		return nil
	}
	return unsafe.Pointer(v)
}

func TestModuleValues(t *testing.T) {
	ks := keyspace.New(keyspace.Options{})
	defer ks.Close()
	db := ks.DB(0)
	mt := &counter{id: 0x1234567890<<10 | 3}
	id := ks.RegisterModuleType(mt)
	v := counterValue{n: 1 << 60, i: -5, f: 1.5, d: math.Pi, size: 100}
	stored := (*counterValue)(mem.Alloc(int(unsafe.Sizeof(v))))
	*stored = v
	c := Codec{Compression: true}
	p := dump(t, &c, db, db.SetModule(key, id, unsafe.Pointer(stored)))
	require.Equal(t, p, restore(t, &c, db, p))
	require.Equal(t, v, *(*counterValue)(db.Find([]byte("copy")).Ptr()))

	n, ok := SkipModuleValue(p[1+9 : len(p)-footerSize])
	require.True(t, ok)
	require.Equal(t, len(p)-footerSize-10, n)
	freed := mt.freed
	bad := bytes.Clone(p[:len(p)-footerSize])
	bad[len(bad)-1] = moduleUint // no end mark
	_, _, err := c.Load(bad, db, key)
	require.ErrorIs(t, err, ErrBadFormat)
	require.Equal(t, freed+1, mt.freed)
	for i := range bad {
		_, _, err = c.Load(bad[:i], db, key)
		require.ErrorIs(t, err, ErrBadFormat)
	}
	data := c.AppendModuleData(nil, mt, unsafe.Pointer(&v))
	loaded := c.LoadModuleData(data, mt, 3)
	defer mem.Free(loaded)
	require.Equal(t, v, *(*counterValue)(loaded))
}

// use reads and changes all of a value, as commands would.
func use(db *keyspace.DB, e *keyspace.Entry) {
	var sc keyspace.Scratch
	x := []byte("an element")
	switch e.Type() {
	case keyspace.String:
		db.Append(e, x)
	case keyspace.List:
		for it := keyspace.NewListIter(db, e, 0, false); it.Next(); {
			it.Value()
		}
		keyspace.ListPush(db, e, keyspace.ListHead, x)
		keyspace.ListPush(db, e, keyspace.ListTail, x)
		keyspace.ListIndex(e, -2, &sc)
		keyspace.ListDeleteRange(db, e, 1, 3)
		keyspace.ListRemove(db, e, 0, x)
	case keyspace.Hash:
		it := keyspace.NewHashIter(e)
		for it.Next() {
			it.Field()
			it.Value()
		}
		it.Close()
		keyspace.HashSet(db, e, x, x)
		keyspace.HashDelete(db, e, x)
		keyspace.HashRandom(db, e, &sc, new(keyspace.Scratch))
	case keyspace.Set:
		it := keyspace.NewSetIter(e)
		for it.Next() {
			it.Member()
		}
		it.Close()
		keyspace.SetAdd(db, e, x)
		keyspace.SetRemove(db, e, x)
		keyspace.SetAdd(db, e, []byte("5"))
	case keyspace.ZSet:
		for it := keyspace.NewZSetRankIter(e, 0, keyspace.ZSetLen(e)-1, false); it.Next(); {
			it.Member()
			it.Score()
		}
		keyspace.ZSetAdd(db, e, 5, x, 0)
		keyspace.ZSetRank(e, x, false)
		keyspace.ZSetRemove(db, e, x)
		keyspace.ZSetPop(db, e, true, nil)
	}
}

func FuzzLoad(f *testing.F) {
	db := newDB(f)
	// Tables begin early, so that the seeds are short.
	lim := db.Keyspace().Limits
	lim.HashMaxListpackEntries, lim.ZSetMaxListpackEntries = 6, 6
	lim.SetMaxListpackEntries, lim.ListMaxListpackSize = 6, 6
	c := Codec{Compression: true}
	seed := func(e *keyspace.Entry) {
		p := dump(f, &c, db, e)
		f.Add(p[:len(p)-footerSize])
	}
	seed(db.SetString(key, []byte("12345"), false))
	seed(db.SetString(key, bytes.Repeat([]byte("abc"), 30), false))
	for _, n := range []int{1, 5, 12} {
		l, s, z, h := container(db, keyspace.List), []byte("s"), []byte("z"), []byte("h")
		se := db.CreateContainer(s, keyspace.Set)
		ze := db.CreateContainer(z, keyspace.ZSet)
		he := db.CreateContainer(h, keyspace.Hash)
		for i := range n {
			b := fmt.Append(nil, i*i, "x"[:i&1])
			keyspace.ListPush(db, l, keyspace.ListTail, b)
			keyspace.SetAdd(db, se, b)
			keyspace.ZSetAdd(db, ze, float64(i)/3, b, 0)
			keyspace.HashSet(db, he, b, b)
		}
		for _, e := range []*keyspace.Entry{l, se, ze, he} {
			seed(e)
		}
		db.Delete(s)
		db.Delete(z)
		db.Delete(h)
	}
	f.Add(unhex(f, "0d 22 22000000 1b000000 0600 00 0161 03 fd 02 fe80 03 c02c01 04 f0a08601 05 d000e1f505 ff"))
	f.Add(unhex(f, "09 10 02 01 66 01 00 76 01 67 03 02 616263 0000 ff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, n, err := c.Load(b, db, key)
		if err != nil {
			require.Nil(t, v)
			return
		}
		require.LessOrEqual(t, n, len(b))
		e := v.Store(db, key)
		p := dump(t, &c, db, e)
		use(db, db.Find(key))
		restore(t, &c, db, p)
		db.Delete([]byte("copy"))
		db.Delete(key)
	})
}
