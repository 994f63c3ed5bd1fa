package rdb

import (
	"encoding/binary"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"berth/keyspace"
	"berth/keyspace/mem"
)

// The same stream in the three versions; the newest is what redis-server 8.0.2 made, without footer, where nodes have two
// entries. The older ones know less.
const (
	streamV1 = "0f02100000000000000001000000000000000130300000001200010101010201816102816202000103010001000101018178020501020100010101c12c028179020501ff10000000000000000500000000000000001d1d0000000a000101000101018163020001020100010001dff9020401ff02050002016701020100000000000000010000000000000002e803000000000000030101639bf0132fa20100000100000000000000010000000000000002016805000000"
	streamV2 = "1302100000000000000001000000000000000130300000001200010101010201816102816202000103010001000101018178020501020100010101c12c028179020501ff10000000000000000500000000000000001d1d0000000a000101000101018163020001020100010001dff9020401ff02050001020101030201670102020100000000000000010000000000000002e803000000000000030101639bf0132fa2010000010000000000000001000000000000000201680500030000"
	streamV3 = "1502100000000000000001000000000000000130300000001200010101010201816102816202000103010001000101018178020501020100010101c12c028179020501ff10000000000000000500000000000000001d1d0000000a000101000101018163020001020100010001dff9020401ff02050001020101030201670102020100000000000000010000000000000002e803000000000000030101639bf0132fa20100009bf0132fa2010000010000000000000001000000000000000201680500030000"
)

func sid(ms, seq uint64) keyspace.StreamID { return keyspace.StreamID{MS: ms, Seq: seq} }

// seen is the time at which the stream's only consumer was seen.
var seen = int64(binary.LittleEndian.Uint64([]byte{0x9b, 0xf0, 0x13, 0x2f, 0xa2, 0x01, 0, 0}))

func TestStreamDumpsAsRedisDoes(t *testing.T) {
	db := newDB(t)
	db.Keyspace().Limits.StreamNodeMaxEntries = 2
	e := container(db, keyspace.Stream)
	add := func(id keyspace.StreamID, pairs ...string) {
		var b [][]byte
		for _, p := range pairs {
			b = append(b, []byte(p))
		}
		_, result := keyspace.StreamAdd(db, e, keyspace.StreamIDGiven, id, b)
		require.Equal(t, keyspace.StreamAdded, result)
	}
	add(sid(1, 1), "a", "1", "b", "x")
	add(sid(1, 2), "a", "300", "b", "y")
	add(sid(5, 0), "c", "-7")
	require.True(t, keyspace.StreamDelete(db, e, sid(1, 1)))
	keyspace.StreamDeleted(e, sid(1, 1))
	g := keyspace.StreamCreateGroup(db, e, []byte("g"), sid(0, 0), keyspace.StreamReadUnknown)
	keyspace.StreamCreateGroup(db, e, []byte("h"), sid(5, 0), 3)
	c, _ := g.CreateConsumer([]byte("c"), seen)
	require.True(t, keyspace.StreamAdvance(e, g, sid(1, 2)))
	p := g.Deliver(sid(1, 2), c, seen)
	p.Delivered, p.Count = 1000, 3
	codec := Codec{Compression: true}
	got, err := codec.AppendValue(nil, db, e)
	require.NoError(t, err)
	require.Equal(t, streamV3, hex.EncodeToString(got))
}

func TestStreamVersions(t *testing.T) {
	db := newDB(t)
	var c Codec
	for version, h := range []string{streamV1, streamV2, streamV3} {
		b := unhex(t, h)
		v, n, err := c.Load(b, db, key)
		require.NoError(t, err)
		require.Equal(t, len(b), n)
		e := v.Store(db, key)
		st := keyspace.StreamStateOf(e)
		require.Equal(t, uint64(2), st.Length)
		require.Equal(t, sid(5, 0), st.LastID)
		require.Equal(t, sid(1, 2), st.FirstID)
		g := keyspace.StreamFindGroup(e, []byte("g"))
		require.Equal(t, sid(1, 2), g.LastID)
		who := g.Consumer([]byte("c"))
		require.Equal(t, seen, who.Seen)
		require.Equal(t, seen, who.Active)
		p := g.FindPending(sid(1, 2))
		require.Equal(t, who, p.Consumer())
		require.Equal(t, int64(1000), p.Delivered)
		require.Equal(t, uint64(3), p.Count)
		want := keyspace.StreamState{Length: 2, LastID: sid(5, 0), FirstID: sid(1, 2), MaxDeletedID: sid(1, 1), EntriesAdded: 3}
		read := int64(2)
		if version == 0 {
			want.MaxDeletedID, want.EntriesAdded, read = sid(0, 0), 2, 1
		}
		require.Equal(t, want, st)
		require.Equal(t, read, g.Read)
	}
	got, err := c.AppendValue(nil, db, db.Find(key))
	require.NoError(t, err)
	require.Equal(t, streamV3, hex.EncodeToString(got))
}

// A stream is saved alike at once and bit by bit.
func TestStreamStepwise(t *testing.T) {
	db := newDB(t)
	db.Keyspace().Limits.StreamNodeMaxEntries = 2
	e := container(db, keyspace.Stream)
	for i := range uint64(1000) {
		keyspace.StreamAdd(db, e, keyspace.StreamIDGiven, sid(1+i, 0), [][]byte{[]byte("f"), []byte("v")})
	}
	keyspace.StreamCreateGroup(db, e, []byte("g"), sid(0, 0), 0)
	var c Codec
	want, err := c.AppendEntry(nil, db, e, NoUse)
	require.NoError(t, err)
	got, more, _, err := c.AppendEntryStepwise(nil, db, e, NoUse)
	require.NoError(t, err)
	require.NotNil(t, more)
	steps := 0
	for done := false; !done; steps++ {
		got, done = more(got)
	}
	require.Equal(t, want, got)
}

func TestStreamRefuses(t *testing.T) {
	db := newDB(t)
	var c Codec
	const (
		head = "15 00 00 0000 0000 0000 00 01 0167 0000 00" // no entries, one group
		id   = "0000000000000001 0000000000000002"
		at   = "0000000000000000"
	)
	for name, h := range map[string]string{
		"a pending entry of two consumers": head + "01" + id + at + "01 02 0163" + at + at + "01" + id + "0164" + at + at + "01" + id,
		"a pending entry of nobody":        head + "01" + id + at + "01 00",
		"an entry that is not pending":     head + "00 01 0163" + at + at + "01" + id,
		"a group twice":                    "15 00 00 0000 0000 0000 00 02 0167 0000 00 00 00 0167 0000 00 00 00",
		"a length of no known form":        "15 00 00 0082 0000 0000 00 00",
		"a length without entries":         "15 00 05 0000 0000 0000 00 00",
		"less than it says":                head,
	} {
		used := mem.Used()
		_, _, err := c.Load(unhex(t, h), db, key)
		require.ErrorIs(t, err, ErrBadFormat, name)
		require.Equal(t, used, mem.Used(), "leaked: %s", name)
	}
}

// useStream does to a stream of any origin what commands would.
func useStream(db *keyspace.DB, e *keyspace.Entry) {
	var fsc, vsc keyspace.Scratch
	var ids []keyspace.StreamID
	for _, rev := range []bool{false, true} {
		for it := keyspace.NewStreamIter(e, keyspace.StreamID{}, keyspace.MaxStreamID, rev); it.Next(); {
			ids = append(ids, it.ID())
			for it.Fields() > 0 {
				it.Field(&fsc, &vsc)
			}
		}
	}
	keyspace.StreamRadixNodes(e)
	for i := range keyspace.StreamGroups(e) {
		g := keyspace.StreamGroupAt(e, i)
		keyspace.StreamLag(e, g)
		c, _ := g.CreateConsumer([]byte("somebody"), 1)
		for n, id := range ids {
			keyspace.StreamAdvance(e, g, id)
			if g.Deliver(id, c, 1); n%2 == 0 {
				g.Ack(id)
			}
		}
		if g.Consumers() > 1 {
			g.DeleteConsumer(append([]byte(nil), g.ConsumerAt(0).Name()...))
		}
	}
	pair := [][]byte{[]byte("a field"), []byte("a value")}
	keyspace.StreamAdd(db, e, keyspace.StreamIDAuto, keyspace.StreamID{}, pair)
	for n, id := range ids {
		if n%3 == 0 && keyspace.StreamDelete(db, e, id) {
			keyspace.StreamDeleted(e, id)
		}
	}
	if len(ids) > 1 {
		keyspace.StreamTrimTo(db, e, &keyspace.StreamTrim{ByID: true, MinID: ids[1]})
	}
	keyspace.StreamTrimTo(db, e, &keyspace.StreamTrim{MaxLen: 3, Approx: true, Limit: 100})
	keyspace.StreamTrimTo(db, e, &keyspace.StreamTrim{MaxLen: 1})
	keyspace.StreamAdd(db, e, keyspace.StreamIDAuto, keyspace.StreamID{}, pair)
}

// Whatever the bytes, the value is one that can be used, copied, saved and freed.
func FuzzStream(f *testing.F) {
	db := newDB(f)
	db.Keyspace().Limits.StreamNodeMaxEntries = 3
	for i, h := range []string{streamV1, streamV2, streamV3} {
		f.Add(byte(i), unhex(f, h)[1:])
	}
	f.Add(byte(2), unhex(f, "15000000000000000000000000")[1:])
	e := container(db, keyspace.Stream)
	for i := range uint64(7) {
		pairs := [][]byte{[]byte("f"), []byte{byte(i)}, []byte("1"), []byte("-300")}
		keyspace.StreamAdd(db, e, keyspace.StreamIDGiven, sid(1+i/2, i), pairs[:2+i%2*2])
	}
	var c Codec
	whole, err := c.AppendValue(nil, db, e)
	require.NoError(f, err)
	f.Add(byte(2), whole[1:])
	db.Delete(key)
	f.Fuzz(func(t *testing.T, version byte, b []byte) {
		used := mem.Used()
		types := []byte{typeStream, typeStream2, typeStream3}
		v, n, err := c.Load(append([]byte{types[version%3]}, b...), db, key)
		if err != nil {
			require.Nil(t, v)
			require.Equal(t, used, mem.Used(), "leaked")
			return
		}
		require.LessOrEqual(t, n, len(b)+1)
		e := v.Store(db, key)
		p := dump(t, &c, db, e)
		require.Equal(t, p, restore(t, &c, db, p))
		useStream(db, db.CopyKey(e, db, []byte("another")))
		useStream(db, db.Find(key))
		dump(t, &c, db, db.Find(key))
		for _, k := range []string{"copy", "another", "k"} {
			db.Delete([]byte(k))
		}
	})
}
