package idtree

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"berth/keyspace/mem"
)

func block(n int) unsafe.Pointer {
	p := mem.Alloc(8)
	*(*int)(p) = n
	return p
}

// check compares a tree with what it should hold, in both directions.
func check(t *testing.T, tree *Tree, want map[ID]int) {
	t.Helper()
	ids := make([]ID, 0, len(want))
	for id := range want {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, ID.Compare)
	require.Equal(t, len(ids), tree.Len())
	i := 0
	for c := tree.First(); c.Valid(); c.Next() {
		require.Equal(t, ids[i], c.ID())
		require.Equal(t, want[ids[i]], *(*int)(c.Ptr()))
		i++
	}
	require.Equal(t, len(ids), i)
	for c := tree.Last(); c.Valid(); c.Prev() {
		i--
		require.Equal(t, ids[i], c.ID())
	}
	require.Zero(t, i)
}

func TestTree(t *testing.T) {
	defer mem.LeakCheck(t.Errorf)()
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 12 {
		var tree Tree
		want := map[ID]int{}
		next := ID{5, 0}
		draw := func() ID {
			if round%3 == 0 { // in order, as streams grow
				next.Seq++
				return next
			}
			return ID{uint64(rng.IntN(40)), uint64(rng.IntN(1 << (2 + round)))}
		}
		for i := range 6000 * (1 + round%2) {
			id := draw()
			if i%5 == 4 || i > 5000 && i%3 != 0 {
				if round%3 == 0 {
					id = ID{5, uint64(rng.IntN(int(next.Seq) + 1))}
				}
				p, ok := tree.Delete(id)
				_, there := want[id]
				require.Equal(t, there, ok)
				if ok {
					require.Equal(t, want[id], *(*int)(p))
					mem.Free(p)
					delete(want, id)
				}
				continue
			}
			p := block(i)
			_, there := want[id]
			require.Equal(t, !there, tree.Put(id, p))
			if there {
				mem.Free(p)
			} else {
				want[id] = i
			}
		}
		check(t, &tree, want)
		for range 500 {
			id := ID{uint64(rng.IntN(42)), uint64(rng.IntN(1 << 12))}
			p, ok := tree.Get(id)
			n, there := want[id]
			require.Equal(t, there, ok)
			if ok {
				require.Equal(t, n, *(*int)(p))
			}
			var ge, le *ID
			for x := range want {
				if !x.Less(id) && (ge == nil || x.Less(*ge)) {
					ge = &x
				}
				if !id.Less(x) && (le == nil || le.Less(x)) {
					le = &x
				}
			}
			c := tree.SeekGE(id)
			require.Equal(t, ge != nil, c.Valid())
			if ge != nil {
				require.Equal(t, *ge, c.ID())
			}
			c = tree.SeekLE(id)
			require.Equal(t, le != nil, c.Valid())
			if le != nil {
				require.Equal(t, *le, c.ID())
			}
		}
		if round%2 == 0 { // in a random order down to nothing
			for id := range want {
				p, ok := tree.Delete(id)
				require.True(t, ok)
				mem.Free(p)
				delete(want, id)
			}
			check(t, &tree, want)
			require.Equal(t, Tree{}, tree)
		}
		tree.Free(mem.Free)
	}
}

func TestTreeIsSmall(t *testing.T) {
	defer mem.LeakCheck(t.Errorf)()
	var tree Tree
	tree.Put(ID{1, 1}, block(1))
	require.LessOrEqual(t, tree.MemUsage(), 48)
	for i := range 10000 {
		tree.Put(ID{2, uint64(i)}, block(i))
	}
	require.Less(t, tree.MemUsage(), 10000*26)
	for c := tree.First(); c.Valid(); c = tree.First() {
		id := c.ID()
		if tree.Len() == 100 {
			break
		}
		p, _ := tree.Delete(id)
		mem.Free(p)
	}
	require.Less(t, tree.MemUsage(), 100*60)
	tree.Free(mem.Free)
}

func TestIDs(t *testing.T) {
	next, ok := ID{1, math.MaxUint64}.Next()
	require.True(t, ok)
	require.Equal(t, ID{2, 0}, next)
	prev, ok := next.Prev()
	require.True(t, ok)
	require.Equal(t, ID{1, math.MaxUint64}, prev)
	_, ok = Max.Next()
	require.False(t, ok)
	_, ok = ID{}.Prev()
	require.False(t, ok)
	var b [Size]byte
	Max.Put(&b)
	require.Equal(t, Max, FromBytes(b[:]))
	require.Len(t, Max.String(), MaxText)
	require.Equal(t, "18446744073709551615-18446744073709551615", Max.String())
}
