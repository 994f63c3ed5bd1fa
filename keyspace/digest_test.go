package keyspace

import (
	"encoding/hex"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDigest: the expected digests are those of redis-server 8.0.2 for the same data.
func TestDigest(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	db := ks.DB(0)
	set(db, "s", "hello")
	set(db, "i", "123")
	db.SetExpire(set(db, "x", "v"), 99999999999999)
	ListPush(db, db.CreateContainer([]byte("l"), List), ListTail, []byte("a"), []byte("b"), []byte("3"))
	e := db.CreateContainer([]byte("st"), Set)
	for _, m := range []string{"1", "2", "3"} {
		SetAdd(db, e, []byte(m))
	}
	e = db.CreateContainer([]byte("st2"), Set)
	SetAdd(db, e, []byte("x"))
	SetAdd(db, e, []byte("y"))
	e = db.CreateContainer([]byte("h"), Hash)
	HashSet(db, e, []byte("f"), []byte("v"))
	HashSet(db, e, []byte("g"), []byte("w"))
	e = db.CreateContainer([]byte("z"), ZSet)
	for m, s := range map[string]float64{"a": 1, "b": 0.1, "c": -2.5, "d": 100, "e": 123456789012345678,
		"f": math.Inf(1), "g": 1e-7} {
		ZSetAdd(db, e, s, []byte(m), 0)
	}
	set(ks.DB(3), "other", "1")
	for k, want := range map[string]string{
		"s":   "36b23a1456b2dce2c3ed252c456761301dba8060",
		"i":   "89f7f51b707418f666d5b45e053bd5bbbf82ac2b",
		"x":   "311b17018163335616e089f6b951c82c477335ac",
		"l":   "09eb1fc9381ee92790d59930ab462945f8cd948b",
		"st":  "2a462a3f51a1db89738ebbeef0c47ce1bbc85246",
		"st2": "36846f8a92fb6b6b824c73bf468c5bbcf5075ede",
		"h":   "d127864ed50239662bf61bafc9bda63c17da5b37",
		"z":   "ea6fd2050e5ab9dfe1127fb5c7d19c80a31daa43",
	} {
		d := db.ValueDigest(db.Find([]byte(k)))
		require.Equal(t, want, hex.EncodeToString(d[:]), k)
	}
	d := ks.Digest()
	require.Equal(t, "c3821dbcbbf5573de46a4d9b7fae2d21cb23336d", hex.EncodeToString(d[:]))
}
