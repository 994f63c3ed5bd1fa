package keyspace

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"berth/keyspace/mem"
)

// smallLimits make the conversions happen early, so that random tests cross them often.
func smallLimits() *Limits {
	lim := DefaultLimits()
	lim.HashMaxListpackEntries, lim.HashMaxListpackValue = 8, 16
	lim.SetMaxIntsetEntries, lim.SetMaxListpackEntries, lim.SetMaxListpackValue = 8, 12, 16
	lim.ZSetMaxListpackEntries, lim.ZSetMaxListpackValue = 8, 16
	lim.ListMaxListpackSize = 6
	return lim
}

// testDB gives a database whose memory must all be given back by the end of the test.
func testDB(t *testing.T, lim *Limits) *DB {
	used := mem.Used()
	ks := New(Options{Databases: 1, Limits: lim})
	t.Cleanup(func() {
		ks.Close()
		require.Equal(t, used, mem.Used(), "memory leaked")
	})
	return ks.DB(0)
}

func randText(n int) string {
	switch rand.IntN(10) {
	case 0:
		return strings.Repeat("w", 17+rand.IntN(10))
	case 1, 2, 3:
		return "m" + strconv.Itoa(rand.IntN(n))
	}
	return strconv.Itoa(rand.IntN(n) - n/2)
}

// dupCheck copies a container and checks that the copy is a value of its own.
func dupCheck(t *testing.T, e *Entry) *Entry {
	ops := containers[e.Type()]
	d := newEntry(nil, e.Type(), e.Encoding(), 8, 0)
	storePtr(d.value(), ops.dup(e.Encoding(), e.Ptr()))
	require.NotEqual(t, e.Ptr(), d.Ptr())
	require.Positive(t, ops.memUsage(e.Encoding(), e.Ptr(), 0))
	require.Equal(t, ContainerLen(e) > 0 || e.Encoding() == Listpack || e.Encoding() == Intset, ops.effort(e.Encoding(), e.Ptr()) > 0)
	return d
}

func listOf(e *Entry) []string {
	out := []string{}
	for it := NewListIter(nil, e, 0, false); it.Next(); {
		out = append(out, string(it.Value()))
	}
	return out
}

func TestListAgainstSlice(t *testing.T) {
	for _, fill := range []int{6, 1, -1} {
		lim := smallLimits()
		lim.ListMaxListpackSize = fill
		db := testDB(t, lim)
		seen := map[Encoding]bool{}
		for range 40 {
			e := db.CreateContainer([]byte("l"), List)
			m := []string{}
			var sc Scratch
			for range 120 {
				v := randText(6)
				if fill < 0 && rand.IntN(3) == 0 {
					v = strings.Repeat("L", rand.IntN(6000))
				}
				b := []byte(v)
				i := 0
				if len(m) > 0 {
					i = rand.IntN(len(m))
				}
				switch op := rand.IntN(13); {
				case op < 2:
					ListPush(db, e, ListHead, b, []byte("2"))
					m = append([]string{"2", v}, m...)
				case op < 4:
					ListPush(db, e, ListTail, b, []byte("x"))
					m = append(m, v, "x")
				case len(m) == 0:
					_, ok := ListPop(db, e, ListHead, nil)
					require.False(t, ok)
				case op == 4:
					got, ok := ListPop(db, e, ListHead, []byte("+"))
					require.True(t, ok)
					require.Equal(t, "+"+m[0], string(got))
					m = m[1:]
				case op == 5:
					got, _ := ListPop(db, e, ListTail, nil)
					require.Equal(t, m[len(m)-1], string(got))
					m = m[:len(m)-1]
				case op == 6:
					require.True(t, ListSet(db, e, i-len(m), b))
					m[i] = v
					require.False(t, ListSet(db, e, len(m), b))
				case op == 7:
					after := rand.IntN(2) == 0
					at := slices.Index(m, m[i])
					require.True(t, ListInsert(db, e, []byte(m[i]), b, after))
					if after {
						at++
					}
					m = slices.Insert(m, at, v)
					require.False(t, ListInsert(db, e, []byte("no such"), b, after))
				case op == 8:
					count := rand.IntN(5) - 2
					want := 0
					remove := func(j int) bool {
						if m[j] == v && (count == 0 || want < max(count, -count)) {
							want++
							return true
						}
						return false
					}
					if count < 0 {
						for j := len(m) - 1; j >= 0; j-- {
							if remove(j) {
								m = slices.Delete(m, j, j+1)
							}
						}
					} else {
						for j := 0; j < len(m); j++ {
							if remove(j) {
								m = slices.Delete(m, j, j+1)
								j--
							}
						}
					}
					require.Equal(t, want, ListRemove(db, e, count, b))
				case op == 9:
					n := rand.IntN(4)
					want := min(n, len(m)-i)
					require.Equal(t, want, ListDeleteRange(db, e, i, n))
					m = slices.Delete(m, i, i+want)
				case op == 10:
					// Changes through an iterator, at a random place and direction.
					back := rand.IntN(2) == 0
					it := NewListIter(db, e, i, back)
					require.True(t, it.Next())
					require.Equal(t, m[i], string(it.Value()))
					switch rand.IntN(4) {
					case 0:
						it.Set(b)
						m[i] = v
						require.Equal(t, v, string(it.Value()))
					case 1:
						it.InsertBefore(b)
						m = slices.Insert(m, i, v)
						i++
					case 2:
						it.InsertAfter(b)
						m = slices.Insert(m, i+1, v)
					default:
						it.Delete()
						m = slices.Delete(m, i, i+1)
						if !back {
							i--
						}
					}
					for {
						if back {
							i--
						} else {
							i++
						}
						ok := it.Next()
						require.Equal(t, i >= 0 && i < len(m), ok)
						if !ok {
							break
						}
						require.Equal(t, i, it.Index())
						require.Equal(t, m[i], string(it.Value()))
					}
				case op == 11:
					var want, got []int
					for j, s := range m {
						if s == v {
							want = append(want, j)
						}
					}
					ListFind(e, b, 1, 0, func(j int) bool { got = append(got, j); return true })
					require.Equal(t, want, got)
					got = nil
					ListFind(e, b, -1, 0, func(j int) bool { got = append(got, j); return true })
					slices.Reverse(got)
					require.Equal(t, want, got)
					got = nil
					ListFind(e, b, 2, 0, func(j int) bool { got = append(got, j); return false })
					if len(want) > 1 {
						require.Equal(t, want[1:2], got)
					} else {
						require.Empty(t, got)
					}
				default:
					d := dupCheck(t, e)
					require.Equal(t, m, listOf(d))
					FreeDetached(d)
				}
				require.Equal(t, m, listOf(e))
				require.Equal(t, len(m), ListLen(e))
				if len(m) > 0 {
					i = rand.IntN(len(m))
					got, ok := ListIndex(e, i, &sc)
					require.True(t, ok)
					require.Equal(t, m[i], string(got))
				}
				seen[e.Encoding()] = true
			}
			require.Equal(t, len(m) == 0, db.DeleteIfEmpty(e))
			db.Delete([]byte("l"))
		}
		require.Len(t, seen, 2)
	}
}

// A list converts at the limit and back at half of it, as redis-server 8.0.2 does with
// list-max-listpack-size 6.
func TestListEncodingLimits(t *testing.T) {
	db := testDB(t, smallLimits())
	e := db.CreateContainer([]byte("l"), List)
	for i := range 7 {
		require.Equal(t, Listpack, e.Encoding())
		ListPush(db, e, ListTail, []byte(strconv.Itoa(i)))
	}
	require.Equal(t, Quicklist, e.Encoding())
	for i := range 4 {
		require.Equal(t, Quicklist, e.Encoding(), i)
		ListPop(db, e, ListTail, nil)
	}
	require.Equal(t, Listpack, e.Encoding())
}

func TestHashAgainstMap(t *testing.T) {
	db := testDB(t, smallLimits())
	seen := map[Encoding]bool{}
	for round := range 30 {
		e := db.CreateContainer([]byte("h"), Hash)
		m := map[string]string{}
		span := 8 + round%4*100
		var sc, sc2 Scratch
		for range 300 {
			f, v := randText(span), randText(1000)
			_, had := m[f]
			switch rand.IntN(8) {
			case 0, 1, 2, 3:
				require.Equal(t, !had, HashSet(db, e, []byte(f), []byte(v)))
				m[f] = v
			case 4, 5:
				require.Equal(t, had, HashDelete(db, e, []byte(f)))
				delete(m, f)
			case 6:
				if len(m) > 0 {
					rf, rv, _ := HashRandom(db, e, &sc, &sc2)
					require.Contains(t, m, string(rf))
					require.Equal(t, m[string(rf)], string(rv))
				}
				count := rand.IntN(len(m)*2+2) - len(m)
				got := map[string]string{}
				n := 0
				HashRandomMany(db, e, count, func(f, v []byte) { got[string(f)] = string(v); n++ })
				if count >= 0 {
					require.Equal(t, min(count, len(m)), n)
					require.Len(t, got, n)
				} else if len(m) > 0 {
					require.Equal(t, -count, n)
				}
				for f, v := range got {
					require.Equal(t, m[f], v)
				}
			default:
				got := map[string]string{}
				for cursor := uint64(0); ; {
					cursor = HashScan(db, e, cursor, func(f, v []byte) { got[string(f)] = string(v) })
					if cursor == 0 {
						break
					}
				}
				require.Equal(t, m, got)
				d := dupCheck(t, e)
				it := NewHashIter(d)
				n := 0
				for it.Next() {
					require.Equal(t, m[string(it.Field())], string(it.Value()))
					n++
				}
				it.Close()
				require.Equal(t, len(m), n)
				FreeDetached(d)
			}
			got, ok := HashGet(db, e, []byte(f), &sc)
			want, has := m[f]
			require.Equal(t, has, ok)
			require.Equal(t, want, string(got))
			require.Equal(t, has, HashExists(db, e, []byte(f)))
			require.Equal(t, len(want), HashStrLen(db, e, []byte(f)))
			require.Equal(t, len(m), HashLen(e))
			seen[e.Encoding()] = true
			if e.Encoding() == Listpack {
				require.LessOrEqual(t, len(m), 8)
			}
		}
		require.Equal(t, len(m) == 0, db.DeleteIfEmpty(e))
		db.Delete([]byte("h"))
	}
	require.Len(t, seen, 2)
}

func TestHashReserve(t *testing.T) {
	db := testDB(t, smallLimits())
	for _, c := range []struct {
		pairs []string
		want  Encoding
	}{
		{[]string{"a", "1"}, Listpack},
		{[]string{"a", strings.Repeat("v", 16)}, Listpack},
		{[]string{"a", strings.Repeat("v", 17)}, Hashtable},
		{strings.Split(strings.Repeat("a b ", 8)+"a b", " "), Hashtable}, // nine pairs, one field
		{strings.Split(strings.Repeat("a b ", 7)+"a b", " "), Listpack},
	} {
		e := db.CreateContainer([]byte("h"), Hash)
		var args [][]byte
		for _, s := range c.pairs {
			args = append(args, []byte(s))
		}
		HashReserve(db, e, args)
		require.Equal(t, c.want, e.Encoding(), c.pairs)
		db.Delete([]byte("h"))
	}
}

func TestSetAgainstMap(t *testing.T) {
	db := testDB(t, smallLimits())
	seen := map[Encoding]bool{}
	for round := range 60 {
		e := db.CreateContainer([]byte("s"), Set)
		m := map[string]bool{}
		span := 8 + round%4*100
		var sc Scratch
		for range 200 {
			v := randText(span)
			if round%3 == 0 {
				v = strconv.Itoa(rand.IntN(span))
			}
			switch rand.IntN(8) {
			case 0, 1, 2:
				require.Equal(t, !m[v], SetAdd(db, e, []byte(v)))
				m[v] = true
			case 3, 4:
				require.Equal(t, m[v], SetRemove(db, e, []byte(v)))
				delete(m, v)
			case 5:
				got, ok := SetPop(db, e, []byte("+"))
				require.Equal(t, len(m) > 0, ok)
				if ok {
					require.True(t, m[string(got[1:])])
					delete(m, string(got[1:]))
				}
			case 6:
				if len(m) > 0 {
					require.True(t, m[string(SetRandom(e, &sc))])
				}
				count := rand.IntN(len(m)*2+2) - len(m)
				got := map[string]bool{}
				n := 0
				SetRandomMany(e, count, func(v []byte) { got[string(v)] = true; n++ })
				if count >= 0 {
					require.Equal(t, min(count, len(m)), n)
					require.Len(t, got, n)
				} else if len(m) > 0 {
					require.Equal(t, -count, n)
				}
				for v := range got {
					require.True(t, m[v])
				}
			default:
				got := map[string]bool{}
				for cursor := uint64(0); ; {
					cursor = SetScan(e, cursor, func(v []byte) { got[string(v)] = true })
					if cursor == 0 {
						break
					}
				}
				require.Equal(t, m, got)
				d := dupCheck(t, e)
				it := NewSetIter(d)
				n := 0
				for it.Next() {
					require.True(t, m[string(it.Member())])
					if v, ok := it.Int(); ok {
						require.Equal(t, strconv.FormatInt(v, 10), string(it.Member()))
					}
					n++
				}
				it.Close()
				require.Equal(t, len(m), n)
				FreeDetached(d)
			}
			require.Equal(t, m[v], SetIsMember(e, []byte(v)))
			require.Equal(t, len(m), SetLen(e))
			seen[e.Encoding()] = true
		}
		require.Equal(t, len(m) == 0, db.DeleteIfEmpty(e))
		db.Delete([]byte("s"))
	}
	require.Len(t, seen, 3)
}

// The encodings are those of redis-server 8.0.2 with the same limits and the same members.
func TestSetEncodings(t *testing.T) {
	db := testDB(t, smallLimits())
	for _, c := range []struct {
		members string
		reserve int // of a command that names more members than it adds
		want    Encoding
	}{
		{"1 2 3", 0, Intset},
		{"1 2 3 4 5 6 7 8", 0, Intset},
		{"1 2 3 4 5 6 7 8 9", 0, Hashtable},
		{"1 2 a", 0, Listpack},
		{"a", 13, Hashtable},
		{"a", 12, Listpack},
		{"1", 9, Listpack},
		{"1", 13, Hashtable},
		{"a " + strings.Repeat("b", 17), 0, Hashtable},
		{"1234567890123456789 a", 0, Hashtable}, // the integer's text is too long for a listpack
		{"1 " + strings.Repeat("b", 17), 0, Hashtable},
	} {
		e := db.CreateContainer([]byte("s"), Set)
		members := strings.Fields(c.members)
		if c.reserve > 0 {
			SetReserve(db, e, []byte(members[0]), c.reserve)
		}
		for _, m := range members {
			SetAdd(db, e, []byte(m))
		}
		require.Equal(t, c.want, e.Encoding(), c.members)
		db.Delete([]byte("s"))
	}
}

func TestDetached(t *testing.T) {
	db := testDB(t, smallLimits())
	e := NewDetached(Set)
	for i := range 100 {
		SetAdd(db, e, []byte("m"+strconv.Itoa(i)))
	}
	got := db.StoreDetached([]byte("dst"), e)
	require.Equal(t, 100, SetLen(got))
	require.Equal(t, unsafe.Pointer(got), unsafe.Pointer(db.Find([]byte("dst"))))
	FreeDetached(NewDetached(ZSet))
}
