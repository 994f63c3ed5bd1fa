package intset

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"berth/keyspace/mem"
)

func TestAgainstMap(t *testing.T) {
	used := mem.Used()
	for round := range 30 {
		s := New()
		m := map[int64]bool{}
		for range 400 {
			v := int64(rand.Uint64()) >> (rand.IntN(20) + 44 - min(round, 44))
			if rand.IntN(3) > 0 {
				var added bool
				s, added = Add(s, v)
				require.Equal(t, !m[v], added)
				m[v] = true
			} else {
				if len(m) > 0 && rand.IntN(2) == 0 {
					v = Random(s)
					require.True(t, m[v])
				}
				var removed bool
				s, removed = Remove(s, v)
				require.Equal(t, m[v], removed)
				delete(m, v)
			}
			require.Equal(t, m[v], Has(s, v))
			require.Equal(t, len(m), Len(s))
			require.Equal(t, len(m) > 0, Validate(Bytes(s), true))
		}
		var keys []int64
		for k := range m {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for i, k := range keys {
			require.Equal(t, k, Get(s, i))
		}
		require.Equal(t, keys[0], Min(s))
		require.Equal(t, keys[len(keys)-1], Max(s))
		d := Dup(s)
		require.True(t, bytes.Equal(Bytes(s), Bytes(d)))
		Free(s)
		Free(d)
	}
	require.Equal(t, used, mem.Used())
}

// The bytes are those that redis-server 8.0.2 puts in a DUMP payload.
func TestLayout(t *testing.T) {
	s := New()
	defer func() { Free(s) }()
	for _, v := range []int64{5, -1, 70000} {
		s, _ = Add(s, v)
	}
	require.Equal(t, "\x04\x00\x00\x00\x03\x00\x00\x00\xff\xff\xff\xff\x05\x00\x00\x00\x70\x11\x01\x00", string(Bytes(s)))
}

func FuzzValidate(f *testing.F) {
	s := New()
	for i := range 10 {
		s, _ = Add(s, int64(i*i*i*1000))
	}
	f.Add(bytes.Clone(Bytes(s)))
	Free(s)
	f.Fuzz(func(t *testing.T, b []byte) {
		if !Validate(b, true) {
			return
		}
		s := FromBytes(b)
		for i := range Len(s) {
			if !Has(s, Get(s, i)) {
				t.Fatal("a member is not found")
			}
		}
		Free(s)
	})
}
