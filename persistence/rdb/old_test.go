package rdb

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"berth/internal/crc64"
	"berth/internal/numfmt"
	"berth/keyspace"
)

// oldFile makes files as servers since the first one wrote them. It is only for tests: nothing else writes these
// encodings any more.
type oldFile struct {
	version int
	b       []byte
}

func newOldFile(version int) *oldFile {
	return &oldFile{version, fmt.Appendf(nil, "REDIS%04d\xfe\x00", version)}
}

// text appends a string that is there literally.
func (f *oldFile) text(s string) *oldFile {
	f.b = append(AppendLen(f.b, uint64(len(s))), s...)
	return f
}

func (f *oldFile) key(typ byte, key string) *oldFile {
	f.b = append(f.b, typ)
	return f.text(key)
}

func (f *oldFile) len(n int) *oldFile { f.b = AppendLen(f.b, uint64(n)); return f }

func (f *oldFile) end() []byte {
	f.b = append(f.b, opEOF)
	if f.version >= 5 {
		f.b = binary.LittleEndian.AppendUint64(f.b, crc64.Update(0, f.b))
	}
	return f.b
}

// ziplist is the packed encoding of before listpacks.
func ziplist(elements ...string) string {
	b := make([]byte, 10)
	prev, last := 0, 10
	for _, e := range elements {
		last = len(b)
		if prev < 254 {
			b = append(b, byte(prev))
		} else {
			b = binary.LittleEndian.AppendUint32(append(b, 254), uint32(prev))
		}
		n, err := strconv.ParseInt(e, 10, 64)
		switch {
		case err == nil && n >= 0 && n <= 12:
			b = append(b, 0xf1+byte(n))
		case err == nil && n == int64(int8(n)):
			b = append(b, 0xfe, byte(n))
		case err == nil && n == int64(int16(n)):
			b = binary.LittleEndian.AppendUint16(append(b, 0xc0), uint16(n))
		case err == nil && n == int64(int32(n)):
			b = binary.LittleEndian.AppendUint32(append(b, 0xd0), uint32(n))
		case err == nil:
			b = binary.LittleEndian.AppendUint64(append(b, 0xe0), uint64(n))
		case len(e) < 64:
			b = append(append(b, byte(len(e))), e...)
		case len(e) < 1<<14:
			b = append(append(b, 0x40|byte(len(e)>>8), byte(len(e))), e...)
		default:
			b = append(binary.BigEndian.AppendUint32(append(b, 0x80), uint32(len(e))), e...)
		}
		prev = len(b) - last
	}
	b = append(b, 0xff)
	binary.LittleEndian.PutUint32(b, uint32(len(b)))
	binary.LittleEndian.PutUint32(b[4:], uint32(last))
	binary.LittleEndian.PutUint16(b[8:], uint16(len(elements)))
	return string(b)
}

// zipmap is the encoding of small hashes of Redis 2.0 to 2.4.
func zipmap(pairs ...string) string {
	b := []byte{byte(len(pairs) / 2)}
	for i, s := range pairs {
		b = append(b, byte(len(s)))
		if i%2 == 1 {
			b = append(b, 2) // unused bytes behind the value
			s += "??"
		}
		b = append(b, s...)
	}
	return string(append(b, 0xff))
}

func intsetOf(width int, values ...int64) string {
	b := binary.LittleEndian.AppendUint32(nil, uint32(width))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(values)))
	for _, v := range values {
		var raw [8]byte
		binary.LittleEndian.PutUint64(raw[:], uint64(v))
		b = append(b, raw[:width]...)
	}
	return string(b)
}

// Every version of files, with the encodings that appeared up to it.
func TestOldVersions(t *testing.T) {
	long := string(bytes.Repeat([]byte("long "), 4000))
	for version := 1; version <= Version; version++ {
		f := newOldFile(version)
		f.b = binary.LittleEndian.AppendUint32(append(f.b, opExpire), math.MaxInt32) // seconds
		f.key(typeString, "plain").text("text")
		f.key(typeString, "packed")
		f.b = append(f.b, 0xc3, 0x05, 0x0c, 0x00, 'a', 0xe0, 0x02, 0x00) // LZF: 12 times a
		f.key(typeList, "list").len(3).text("a").text("1").text(long)
		f.key(typeSet, "set").len(2).text("a").text("1")
		f.key(typeZSet, "zset").len(3).text("a")
		f.b = append(f.b, "\x041.25"...)
		f.text("b")
		f.b = append(f.b, 254)
		f.text("c")
		f.b = append(f.b, 255)
		f.key(typeHash, "hash").len(2).text("f").text("v").text("g").text(long)
		want := map[string]string{
			"plain": "text", "packed": "aaaaaaaaaaaa", "list": "a 1 " + long, "set": "1 a", "zset": "c:-inf a:1.25 b:inf", "hash": "f=v g=" + long,
		}
		if version >= 2 {
			f.key(typeHashZipmap, "zipmap").text(zipmap("one", "1", "two", "zwei"))
			f.key(typeListZiplist, "list-zip").text(ziplist("a", "5", "-100", "1000", "100000", "10000000000", long, "z"))
			f.key(typeSetIntset, "ints").text(intsetOf(2, -5, 7, 300))
			f.key(typeZSetZiplist, "zset-zip").text(ziplist("a", "1", "b", "2.5"))
			want["zipmap"], want["ints"] = "one=1 two=zwei", "-5 300 7"
			want["list-zip"] = "a 5 -100 1000 100000 10000000000 " + long + " z"
			want["zset-zip"] = "a:1 b:2.5"
		}
		if version >= 3 {
			f.b = binary.LittleEndian.AppendUint64(append(f.b, opExpireMs), 1<<42)
			f.key(typeString, "millis").text("v")
			want["millis"] = "v"
		}
		if version >= 4 {
			f.key(typeHashZiplist, "hash-zip").text(ziplist("f", "1", "g", "text"))
			want["hash-zip"] = "f=1 g=text"
		}
		if version >= 7 {
			f.b = append(f.b, opAux)
			f.text("redis-ver").text("3.2.0")
			f.b = append(f.b, opResizeDB, 20, 2)
			f.key(typeListQuicklist, "quick").len(2).text(ziplist("a", "b")).text(ziplist("3", "d"))
			want["quick"] = "a b 3 d"
		}
		if version >= 8 {
			f.key(typeZSet2, "zset2").len(1).text("m")
			f.b = appendDouble(f.b, 1.5)
			want["zset2"] = "m:1.5"
		}
		if version >= 9 {
			f.b = append(f.b, opFreq, 7, opIdle, 9)
			f.key(typeString, "used").text("v")
			f.key(typeStream, "stream").len(0)
			f.len(0).len(5).len(3) // no items; the last id
			f.len(1).text("group").len(5).len(0).len(0).len(1).text("consumer")
			f.b = binary.LittleEndian.AppendUint64(f.b, 1<<40) // seen
			f.len(0)
			want["used"], want["stream"] = "v", "stream"
		}
		if version >= 12 {
			f.key(typeHashMetadataPreGA, "timed-rc").len(2).len(1 << 42).text("f").text("v").len(0).text("g").text("w")
			want["timed-rc"] = "f=v g=w"
		}
		for _, stream := range []bool{false, true} {
			ks := keyspace.New(keyspace.Options{})
			l := Loader{Codec: &Codec{}, Keyspace: ks, Checksum: true, DropExpired: true}
			data := bytes.Clone(f.b)
			data = (&oldFile{version, data}).end()
			if stream {
				require.NoError(t, l.Load(bytes.NewReader(data)), "version %d", version)
			} else {
				require.NoError(t, l.LoadBytes(data), "version %d", version)
			}
			require.Equal(t, version, l.Version)
			got := map[string]string{}
			for it := ks.DB(0).Iter(); ; {
				e := it.Next()
				if e == nil {
					it.Close()
					break
				}
				got[string(e.Key())] = show(e)
			}
			require.Equal(t, want, got, "version %d", version)
			require.EqualValues(t, math.MaxInt32*1000, ks.DB(0).Find([]byte("plain")).Expire())
			in, err := Inspect(bytes.NewReader(data), func(*Item) {})
			require.NoError(t, err)
			require.EqualValues(t, len(data), in.Size)
			ks.Close()
		}
	}
}

// show is the content of a value, sorted where it has no order.
func show(e *keyspace.Entry) string {
	var out []string
	var sc keyspace.Scratch
	switch e.Type() {
	case keyspace.String:
		return string(keyspace.StringBytes(e, nil))
	case keyspace.List:
		for i := range keyspace.ListLen(e) {
			s, _ := keyspace.ListIndex(e, i, &sc)
			out = append(out, string(s))
		}
	case keyspace.Set:
		it := keyspace.NewSetIter(e)
		for it.Next() {
			out = append(out, string(it.Member()))
		}
		it.Close()
		slices.Sort(out)
	case keyspace.ZSet:
		for it := keyspace.NewZSetRankIter(e, 0, keyspace.ZSetLen(e)-1, false); it.Next(); {
			out = append(out, string(it.Member())+":"+string(numfmt.AppendDouble(nil, it.Score())))
		}
	case keyspace.Hash:
		it := keyspace.NewHashIter(e)
		for it.Next() {
			out = append(out, string(it.Field())+"="+string(it.Value()))
		}
		it.Close()
		slices.Sort(out)
	case keyspace.Stream:
		return "stream"
	}
	return strings.Join(out, " ")
}
