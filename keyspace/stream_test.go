package keyspace

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"berth/keyspace/listpack"
	"berth/keyspace/mem"
)

func sid(ms, seq uint64) StreamID { return StreamID{MS: ms, Seq: seq} }

// streamEntry is an entry as a model of a stream has it.
type streamEntry struct {
	id    StreamID
	pairs []string
}

func entriesOf(e *Entry, start, end StreamID, rev bool) (all []streamEntry) {
	var fsc, vsc Scratch
	for it := NewStreamIter(e, start, end, rev); it.Next(); {
		x := streamEntry{id: it.ID()}
		for it.Fields() > 0 {
			f, v := it.Field(&fsc, &vsc)
			x.pairs = append(x.pairs, string(f), string(v))
		}
		all = append(all, x)
	}
	return all
}

func addEntry(t *testing.T, db *DB, e *Entry, id StreamID, pairs ...string) {
	t.Helper()
	b := make([][]byte, len(pairs))
	for i, p := range pairs {
		b[i] = []byte(p)
	}
	got, result := StreamAdd(db, e, StreamIDGiven, id, b)
	require.Equal(t, StreamAdded, result)
	require.Equal(t, id, got)
}

// groupsOf is a comparable picture of a stream's groups, which also checks that both trees of
// pending entries agree.
func groupsOf(e *Entry) string {
	var b bytes.Buffer
	for i := range StreamGroups(e) {
		g := StreamGroupAt(e, i)
		fmt.Fprintf(&b, "%s %v %d:", g.Name(), g.LastID, g.Read)
		owned := 0
		for j := range g.Consumers() {
			c := g.ConsumerAt(j)
			fmt.Fprintf(&b, " %s %d %d", c.Name(), c.Seen, c.Active)
			for at := c.Pending().First(); at.Valid(); at.Next() {
				p := g.FindPending(at.ID())
				if p != PendingAt(&at) || p.Consumer() != c {
					panic("an entry that group and consumer see differently")
				}
				fmt.Fprintf(&b, " %v/%d/%d", at.ID(), p.Delivered, p.Count)
				owned++
			}
		}
		if owned != g.Pending().Len() {
			panic("entries without a consumer")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestStreamAsModel does random things to a stream and to a slice, moving blocks about between them.
func TestStreamAsModel(t *testing.T) {
	defer mem.MoveAll()()
	for seed := range uint64(8) {
		ks := newTestKS(t, Hooks{})
		ks.Limits.StreamNodeMaxEntries = []int{3, 100, 10, 0}[seed%4]
		ks.Limits.StreamNodeMaxBytes = []int{4096, 200}[seed/4]
		db := ks.DB(0)
		e := db.CreateContainer([]byte("s"), Stream)
		r := rand.New(rand.NewPCG(seed, 9))
		var model []streamEntry
		next := sid(1, 0)
		last := StreamID{}
		id := func() StreamID {
			if len(model) > 0 && r.IntN(3) > 0 {
				return model[r.IntN(len(model))].id
			}
			return sid(uint64(r.IntN(int(next.MS)+2)), uint64(r.IntN(5)))
		}
		for step := range 4000 {
			switch r.IntN(12) {
			case 0:
				x := id()
				i := slices.IndexFunc(model, func(m streamEntry) bool { return m.id == x })
				require.Equal(t, i >= 0, StreamHas(e, x))
				require.Equal(t, i >= 0, StreamDelete(db, e, x))
				if i >= 0 {
					model = slices.Delete(model, i, i+1)
					StreamDeleted(e, x)
				}
			case 1:
				if r.IntN(5) > 0 {
					break
				}
				spec := StreamTrim{ByID: r.IntN(2) == 0, MaxLen: int64(r.IntN(60)), MinID: id()}
				keep := len(model) - min(int(spec.MaxLen), len(model))
				if spec.ByID {
					for keep = 0; keep < len(model) && model[keep].id.Less(spec.MinID); {
						keep++
					}
				}
				require.Equal(t, int64(keep), StreamTrimTo(db, e, &spec))
				model = model[keep:]
			case 2, 3:
				start, end := id(), id()
				want := []streamEntry(nil)
				for _, m := range model {
					if !m.id.Less(start) && !end.Less(m.id) {
						want = append(want, m)
					}
				}
				require.Equal(t, want, entriesOf(e, start, end, false))
				slices.Reverse(want)
				require.Equal(t, want, entriesOf(e, start, end, true))
			default:
				if next.Seq++; r.IntN(4) == 0 {
					next.MS += uint64(r.IntN(1 << r.IntN(20)))
				}
				pairs := []string{"f", fmt.Sprint(r.IntN(1000)), "g", fmt.Sprint(step)}
				if r.IntN(4) == 0 {
					pairs = pairs[:2]
				}
				last = next
				addEntry(t, db, e, last, pairs...)
				model = append(model, streamEntry{last, pairs})
			}
			if step%97 == 0 {
				d := ks.NewDefrag(10)
				for !d.Run(time.Now().Add(time.Second)) {
				}
				d.Close()
				e = db.Find([]byte("s"))
				checkStream(t, e, model, last)
				if c := db.Find([]byte("copy")); c != nil {
					db.Delete([]byte("copy"))
				}
				checkStream(t, db.CopyKey(e, db, []byte("copy")), model, last)
				e = db.Find([]byte("s"))
			}
		}
	}
}

func checkStream(t *testing.T, e *Entry, model []streamEntry, last StreamID) {
	t.Helper()
	require.Equal(t, append([]streamEntry{}, model...), append([]streamEntry{}, entriesOf(e, StreamID{}, MaxStreamID, false)...))
	st := StreamStateOf(e)
	require.Equal(t, uint64(len(model)), st.Length)
	require.Equal(t, last, st.LastID)
	first := StreamID{}
	if len(model) > 0 {
		first = model[0].id
		top, ok := StreamEdge(e, false, false)
		require.True(t, ok)
		require.Equal(t, model[len(model)-1].id, top)
	}
	require.Equal(t, first, st.FirstID)
	// Each listpack is one that a payload may have.
	keys := [][]byte{}
	for at := StreamNode(e, StreamID{}); at.Valid(); at.Next() {
		require.True(t, listpack.Validate(listpack.Bytes(at.Ptr()), true))
		require.True(t, validNode(at.Ptr()))
		var b [16]byte
		at.ID().Put(&b)
		keys = append(keys, b[:])
	}
	require.Equal(t, radixNodes(keys), StreamRadixNodes(e))
}

// radixNodes counts the nodes of a compressed trie the slow way.
func radixNodes(keys [][]byte) int {
	if len(keys) == 0 || len(keys[0]) == 0 {
		return 1
	}
	byFirst := map[byte][][]byte{}
	for _, k := range keys {
		byFirst[k[0]] = append(byFirst[k[0]], k[1:])
	}
	if len(byFirst) > 1 {
		n := 1
		for _, rest := range byFirst {
			n += radixNodes(rest)
		}
		return n
	}
	// A run of bytes that all share is one node.
	for len(byFirst) == 1 {
		for _, rest := range byFirst {
			keys = rest
		}
		byFirst = map[byte][][]byte{}
		for _, k := range keys {
			if len(k) > 0 {
				byFirst[k[0]] = append(byFirst[k[0]], k[1:])
			}
		}
	}
	return 1 + radixNodes(keys)
}

// TestStreamGroupsAsModel does random things to groups of two equal streams, of which one has its blocks
// moved all the time.
func TestStreamGroupsAsModel(t *testing.T) {
	defer mem.MoveAll()()
	moved, still := newTestKS(t, Hooks{}), New(Options{})
	t.Cleanup(still.Close)
	ra, rb := rand.New(rand.NewPCG(3, 3)), rand.New(rand.NewPCG(3, 3))
	change := func(ks *Keyspace, r *rand.Rand) {
		db := ks.DB(0)
		e := db.Find([]byte("s"))
		if e == nil {
			e = db.CreateContainer([]byte("s"), Stream)
		}
		name := fmt.Appendf(nil, "g%d", r.IntN(3))
		who := fmt.Appendf(nil, "c%d", r.IntN(4))
		id := sid(uint64(r.IntN(300)), uint64(r.IntN(2)))
		g := StreamWriteGroup(db, e, name)
		if g == nil {
			g = StreamCreateGroup(db, e, name, id, StreamReadUnknown)
			require.Nil(t, StreamCreateGroup(db, e, name, id, 0))
		}
		switch r.IntN(40) {
		case 0:
			require.True(t, StreamDestroyGroup(db, e, name))
			require.False(t, StreamDestroyGroup(db, e, name))
		case 1:
			if c := g.Consumer(who); c != nil {
				n := c.Pending().Len()
				pending, ok := g.DeleteConsumer(who)
				require.True(t, ok)
				require.Equal(t, n, pending)
			}
			_, ok := g.DeleteConsumer(who)
			require.False(t, ok)
		case 2, 3, 4, 5, 6, 7:
			was := g.FindPending(id) != nil
			require.Equal(t, was, g.Ack(id))
		case 8:
			if top := StreamStateOf(e).LastID; top.MS < 1e6 {
				addTo := sid(top.MS+1, 0)
				_, result := StreamAdd(db, e, StreamIDGiven, addTo, [][]byte{[]byte("f"), []byte("v")})
				require.Equal(t, StreamAdded, result)
				StreamAdvance(e, g, addTo)
			}
		default:
			c, _ := g.CreateConsumer(who, int64(r.IntN(1000)))
			if p := g.FindPending(id); p != nil && r.IntN(2) == 0 {
				p.Count++
				g.Give(id, p, c)
			} else {
				g.Deliver(id, c, int64(r.IntN(1000)))
			}
		}
	}
	for step := range 8000 {
		change(moved, ra)
		change(still, rb)
		if step%20 != 0 {
			continue
		}
		d := moved.NewDefrag(5)
		for !d.Run(time.Now().Add(time.Second)) {
		}
		d.Close()
		a, b := moved.DB(0).Find([]byte("s")), still.DB(0).Find([]byte("s"))
		require.Equal(t, groupsOf(b), groupsOf(a))
		if step%500 == 0 {
			still.DB(0).Delete([]byte("copy"))
			c := still.DB(0).CopyKey(b, still.DB(0), []byte("copy"))
			require.Equal(t, groupsOf(b), groupsOf(c))
		}
	}
}

func TestStreamIDsThatAreChosen(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	ks.SetNow(5000)
	db := ks.DB(0)
	e := db.CreateContainer([]byte("s"), Stream)
	pair := [][]byte{[]byte("f"), []byte("v")}
	add := func(mode StreamIDMode, id StreamID) (StreamID, StreamAddResult) {
		return StreamAdd(db, e, mode, id, pair)
	}
	id, _ := add(StreamIDAuto, StreamID{})
	require.Equal(t, sid(5000, 0), id)
	id, _ = add(StreamIDAuto, StreamID{})
	require.Equal(t, sid(5000, 1), id)
	ks.SetNow(4000) // the clock goes back
	id, _ = add(StreamIDAuto, StreamID{})
	require.Equal(t, sid(5000, 2), id)
	id, _ = add(StreamIDAutoSeq, StreamID{MS: 5000})
	require.Equal(t, sid(5000, 3), id)
	id, _ = add(StreamIDAutoSeq, StreamID{MS: 5001})
	require.Equal(t, sid(5001, 0), id)
	_, result := add(StreamIDAutoSeq, StreamID{MS: 5000})
	require.Equal(t, StreamIDTooLow, result)
	_, result = add(StreamIDGiven, sid(5001, 0))
	require.Equal(t, StreamIDTooLow, result)
	_, result = add(StreamIDGiven, sid(5001, math.MaxUint64))
	require.Equal(t, StreamAdded, result)
	_, result = add(StreamIDAutoSeq, StreamID{MS: 5001})
	require.Equal(t, StreamIDTooLow, result)
	id, _ = add(StreamIDAuto, StreamID{})
	require.Equal(t, sid(5002, 0), id)
	require.Equal(t, 7, StreamLen(e))
}

// TestStreamMemory compares with redis-server 8.0.2, where the entries take 4.2 MB and pending ones 11.4 MB.
func TestStreamMemory(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	db := ks.DB(0)
	before := mem.Used()
	e := db.CreateContainer([]byte("s"), Stream)
	one := mem.Used() - before
	require.Less(t, one, 250)
	for i := range 100000 {
		addEntry(t, db, e, sid(1700000000000+uint64(i/3), uint64(i%3)), "field", fmt.Sprintf("%030d", i))
	}
	used := mem.Used() - before
	require.Less(t, used, 4_250_000)
	require.InEpsilon(t, used, db.MemUsage(e, 0), 0.01)
	require.InEpsilon(t, used, db.MemUsage(e, 5), 0.05)
	g := StreamCreateGroup(db, e, []byte("g"), StreamID{}, 0)
	c, _ := g.CreateConsumer([]byte("c"), 1)
	for i := range 100000 {
		g.Deliver(sid(1700000000000+uint64(i/3), uint64(i%3)), c, 1)
	}
	pending := mem.Used() - before - used
	require.Less(t, pending, 100000*80)
	require.InEpsilon(t, used+pending, db.MemUsage(e, 0), 0.01)
}

func TestStreamNodesThatAreRefused(t *testing.T) {
	ks := newTestKS(t, Hooks{})
	db := ks.DB(0)
	e := db.CreateContainer([]byte("s"), Stream)
	addEntry(t, db, e, sid(1, 1), "a", "1")
	addEntry(t, db, e, sid(1, 2), "b", "1")
	at := StreamNode(e, StreamID{})
	good := bytes.Clone(listpack.Bytes(at.Ptr()))
	x := db.CreateContainer([]byte("x"), Stream)
	require.True(t, StreamLoadNode(x, sid(1, 1), good))
	require.False(t, StreamLoadNode(x, sid(1, 1), good), "the same id twice")
	// Any element left out, put in twice or changed to a string breaks the shape.
	lp := listpack.FromBytes(good)
	defer func() { mem.Free(lp) }()
	n := listpack.Len(lp)
	for i := range n {
		for way := range 2 {
			bad := listpack.FromBytes(good)
			off := listpack.Seek(bad, i)
			if way == 0 {
				bad, _ = listpack.Delete(bad, off)
			} else {
				bad = listpack.InsertBefore(bad, off, []byte("x"))
			}
			ok := StreamLoadNode(x, sid(2, uint64(2*i+way)), listpack.Bytes(bad))
			require.False(t, ok, "element %d, way %d", i, way)
			mem.Free(bad)
		}
	}
	for _, v := range []int64{-1, math.MinInt64, math.MaxInt64, 3} {
		for i := range 3 {
			bad := listpack.FromBytes(good)
			bad = listpack.ReplaceInt(bad, listpack.Seek(bad, i), v)
			require.False(t, StreamLoadNode(x, sid(3, 3), listpack.Bytes(bad)), "element %d is %d", i, v)
			mem.Free(bad)
		}
	}
}
