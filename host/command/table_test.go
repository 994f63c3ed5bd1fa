package command

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func nop(*Ctx) {}

func TestEveryNameIsFoundInAnyCase(t *testing.T) {
	table := fullTable()
	for _, e := range rowIndex {
		r := table.LookupFull(e.name)
		require.NotNil(t, r, e.name)
		require.Equal(t, e.name, r.FullName())
		require.Same(t, r, table.LookupFull(strings.ToUpper(e.name)))
		require.Same(t, r, table.LookupFull(strings.ToUpper(e.name[:1])+e.name[1:]))
	}
	for _, r := range table.Rows() {
		for i := range r.Name {
			// Neither a byte that differs by the case bit alone nor one more
			// byte may be taken for the name.
			b := []byte(r.Name)
			b[i] ^= 0x20
			if b[i] < 'A' || b[i] > 'Z' {
				require.Nil(t, table.Lookup(b), "%q", b)
			}
			require.Nil(t, table.Lookup([]byte(r.Name+"\x00")))
		}
	}
	require.Nil(t, table.Lookup(nil))
}

func TestRegisterRefusesMistakes(t *testing.T) {
	table := NewTable()
	table.Register("config|get", nop)
	require.Panics(t, func() { table.Register("config|get", nop) })
	require.Panics(t, func() { table.Register("nosuch", nop) })
	require.Panics(t, func() { table.Register("GET", nop) })
	require.Panics(t, func() { table.Register("get", nil) })
	require.Equal(t, 1, table.Len())
	require.Nil(t, table.Lookup([]byte("config")).Handler)
	require.Nil(t, table.LookupFull("config|set"), "a subcommand without a handler does not exist")
	other := NewTable()
	require.Nil(t, other.Lookup([]byte("config")), "tables share nothing")
}

func TestRename(t *testing.T) {
	table := NewTable()
	get := table.Register("get", nop)
	table.Register("set", nop)
	table.Register("config|get", nop)
	require.ErrorIs(t, table.Rename("nosuch", "x"), ErrRenameUnknown)
	require.ErrorIs(t, table.Rename("get", "SET"), ErrRenameTarget)
	require.Same(t, get, table.Lookup([]byte("get")), "a refused rename leaves the old name")
	require.NoError(t, table.Rename("GET", "Fetch"))
	require.Nil(t, table.Lookup([]byte("get")))
	require.Same(t, get, table.Lookup([]byte("FETCH")))
	require.Same(t, get, table.LookupOriginal([]byte("get")))
	require.Equal(t, "get", get.FullName())
	require.NoError(t, table.Rename("set", "get"), "a name that was renamed away is free")
	require.NoError(t, table.Rename("config", ""))
	require.Nil(t, table.LookupFull("config|get"))
	require.Equal(t, 2, table.Len())
	require.NoError(t, table.Rename("debug", ""), "a command of Redis that is not implemented")
	require.ErrorIs(t, table.Rename("config|set", "x"), ErrRenameUnknown)
}

func TestModuleCommands(t *testing.T) {
	table := NewTable()
	table.Register("get", nop)
	require.False(t, table.Add(&Row{Name: "GET", Handler: nop}))
	box := &Row{Name: "My.Container.With.A.Long.Name", Handler: nop}
	require.True(t, table.Add(box))
	sub := &Row{Name: "Sub", Parent: box, Handler: nop}
	require.True(t, table.Add(sub))
	require.False(t, table.Add(&Row{Name: "sUB", Parent: box}))
	require.Same(t, sub, table.LookupArgs([][]byte{[]byte("MY.container.with.a.long.name"), []byte("SUB"), []byte("x")}))
	require.Nil(t, table.Lookup([]byte("MY.container.with-a.long.name")))
	id := sub.ID
	require.NotEqual(t, box.ID, id)

	table.Remove(sub)
	require.Nil(t, table.LookupFull("my.container.with.a.long.name|sub"))
	table.Remove(box)
	require.Nil(t, table.Lookup([]byte(box.Name)))
	require.Nil(t, table.LookupOriginal([]byte(box.Name)))
	require.Equal(t, 1, table.Len())
	box = &Row{Name: box.Name}
	require.True(t, table.Add(box))
	require.True(t, table.Add(&Row{Name: "other"}))
	sub = &Row{Name: "Sub", Parent: box}
	require.True(t, table.Add(sub))
	require.Equal(t, id, sub.ID, "a name keeps its ID")

	for i := range 2000 { // grows the index
		require.True(t, table.Add(&Row{Name: fmt.Sprintf("m.%d", i)}))
	}
	for i := range 2000 {
		require.NotNil(t, table.Lookup([]byte(fmt.Sprintf("M.%d", i))))
	}
}

type fakeModule string

func (m fakeModule) ModuleName() string { return string(m) }

// The expected replies are those of redis-server 8.0.2 to a module with the
// same commands.
func TestModuleCommandReplies(t *testing.T) {
	table := NewTable()
	RegisterCommand(table)
	spec := []KeySpec{{Flags: KeyRW | KeyAccess | KeyUpdate, Begin: BeginSearch{Type: BSIndex, Index: 1},
		Find: FindKeys{Type: FKRange, LastKey: -1, KeyStep: 2}}}
	add := func(r *Row) *Row {
		r.Handler, r.Module, r.Group = nop, fakeModule("tmod"), "module"
		r.Flags |= FlagModule
		r.DeriveKeyRange()
		require.True(t, table.Add(r))
		return r
	}
	add(&Row{Name: "T.Int", Arity: -1, Flags: FlagInternal, KeySpecs: spec})
	add(&Row{Name: "T.Plain", Arity: -1, Flags: FlagReadOnly, KeySpecs: spec})
	add(&Row{Name: "T.gk", Arity: -1, Flags: FlagWrite | FlagModuleGetKeys,
		GetKeys: func(_ *Row, argv [][]byte, dst []KeyRef) ([]KeyRef, bool) {
			if len(argv) > 2 {
				dst = append(dst, KeyRef{2, KeyRW | KeyAccess})
			}
			return dst, true
		}})
	add(&Row{Name: "T.none", Arity: -1})
	box := add(&Row{Name: "T.box", Arity: -2})
	add(&Row{Name: "SubA", Arity: -2, Flags: FlagInternal, Parent: box})
	add(&Row{Name: "SubB", Arity: -2, Flags: FlagReadOnly | FlagAllowBusy | FlagMayReplicate, Parent: box})

	for _, c := range []struct {
		flags CallFlags
		argv  string
		want  string
	}{
		{0, "COMMAND COUNT", ":5\r\n"},
		{CallInternal, "COMMAND COUNT", ":6\r\n"},
		{0, "COMMAND INFO t.int t.box|suba", "*2\r\n$-1\r\n$-1\r\n"},
		{0, "COMMAND INFO t.box", "*1\r\n*10\r\n$5\r\nT.box\r\n:-2\r\n*1\r\n+module\r\n:0\r\n:0\r\n:0\r\n*0\r\n*0\r\n*0\r\n" +
			"*2\r\n$-1\r\n*10\r\n$10\r\nT.box|SubB\r\n:-2\r\n*3\r\n+readonly\r\n+module\r\n+allow_busy\r\n" +
			":0\r\n:0\r\n:0\r\n*0\r\n*0\r\n*0\r\n*0\r\n"},
		{0, "COMMAND DOCS t.int t.plain", "*2\r\n$7\r\nT.Plain\r\n*4\r\n$5\r\ngroup\r\n$6\r\nmodule\r\n$6\r\nmodule\r\n$4\r\ntmod\r\n"},
		{0, "COMMAND LIST FILTERBY MODULE TMOD", "*5\r\n$7\r\nT.Plain\r\n$4\r\nT.gk\r\n$6\r\nT.none\r\n$5\r\nT.box\r\n$10\r\nT.box|SubB\r\n"},
		{CallInternal, "COMMAND LIST FILTERBY PATTERN t.i*", "*1\r\n$5\r\nT.Int\r\n"},
		{0, "COMMAND GETKEYS t.int a", "-ERR Invalid command specified\r\n"},
		{CallInternal, "COMMAND GETKEYS t.int a", "*1\r\n$1\r\na\r\n"},
		{0, "COMMAND GETKEYSANDFLAGS t.gk a b", "*1\r\n*2\r\n$1\r\nb\r\n*2\r\n+RW\r\n+access\r\n"},
		{0, "COMMAND GETKEYSANDFLAGS t.gk a", "-ERR Invalid arguments specified for command\r\n"},
		{0, "COMMAND GETKEYS t.plain a b c", "*2\r\n$1\r\na\r\n$1\r\nc\r\n"},
		{0, "COMMAND GETKEYS t.plain", "-ERR Invalid arguments specified for command\r\n"},
		{0, "COMMAND GETKEYS t.none x", "-ERR The command has no key arguments\r\n"},
	} {
		require.Equal(t, c.want, runAs(table, c.flags, 2, strings.Fields(c.argv)...), c.argv)
	}
	require.Equal(t, FlagMovableKeys, table.LookupFull("t.gk").Flags&FlagMovableKeys)
}

func TestCategories(t *testing.T) {
	table := NewTable()
	cat, ok := table.Category("SortedSet")
	require.True(t, ok)
	require.Equal(t, CatSortedSet, cat)
	_, ok = table.Category("@hash")
	require.False(t, ok)
	mine, err := table.AddCategory("mine")
	require.NoError(t, err)
	require.Equal(t, CatFirstModule, mine)
	_, err = table.AddCategory("hash")
	require.Error(t, err)
	var names []string
	table.CategoryNames(mine|CatRead, func(n string) { names = append(names, n) })
	require.Equal(t, []string{"read", "mine"}, names)
	table.DropCategories(1)
	_, ok = table.Category("mine")
	require.False(t, ok)
	for i := range maxCategories - len(categoryNames) {
		_, err = table.AddCategory(fmt.Sprint("c", i))
		require.NoError(t, err)
	}
	_, err = table.AddCategory("one-too-many")
	require.Error(t, err)
	require.Equal(t, ^Category(0), table.AllCategories())
}

// The legacy key range of a native row comes from redis-server; that which
// berth derives for modules has to come out the same.
func TestDeriveKeyRange(t *testing.T) {
	for _, e := range rowIndex {
		r := *e.row
		r.DeriveKeyRange()
		require.Equal(t, [3]int{e.row.FirstKey, e.row.LastKey, e.row.KeyStep},
			[3]int{r.FirstKey, r.LastKey, r.KeyStep}, e.name)
		require.Equal(t, e.row.Flags&FlagMovableKeys, r.Flags&FlagMovableKeys, e.name)
	}
}

func TestChannels(t *testing.T) {
	argv := [][]byte{[]byte("x"), []byte("a"), []byte("b")}
	for name, want := range map[string][]ChannelRef{
		"publish":    {{1, ChannelPublish}},
		"psubscribe": {{1, ChannelPattern | ChannelSubscribe}, {2, ChannelPattern | ChannelSubscribe}},
		"get":        nil,
	} {
		i, _ := findMeta(name)
		got, ok := Channels(rowIndex[i].row, argv, nil)
		require.True(t, ok)
		require.Equal(t, want, got, name)
	}
}

func TestNotKeySpecsOnRequest(t *testing.T) {
	i, _ := findMeta("spublish")
	argv := [][]byte{[]byte("spublish"), []byte("a"), []byte("b")}
	keys, _ := GetKeys(rowIndex[i].row, argv, nil, 0)
	require.Empty(t, keys)
	keys, ok := GetKeys(rowIndex[i].row, argv, nil, IncludeNotKeys)
	require.True(t, ok)
	require.Equal(t, 1, keys[0].Pos)
}

func TestKeyExtractionAllocatesNothing(t *testing.T) {
	table := fullTable()
	argv := bytes.Fields([]byte("ZuNiOnStOrE d 2 a b"))
	room := make([]KeyRef, 0, 8)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		keys, ok := GetKeys(table.Lookup(argv[0]), argv, room, 0)
		if !ok || len(keys) != 3 {
			t.Fatal(keys, ok)
		}
	}))
}

func TestWriteMarkdown(t *testing.T) {
	table := NewTable()
	table.Register("config|get", nop)
	var b bytes.Buffer
	require.NoError(t, WriteMarkdown(&b, table))
	require.Contains(t, b.String(), "2 of 382 commands")
	require.Contains(t, b.String(), "| `CONFIG GET` | 2.0.0 | yes |")
	require.Contains(t, b.String(), "| `CONFIG SET` | 2.0.0 | no |")
	require.Contains(t, b.String(), "| `CONFIG` | 2.0.0 | yes |")
}

func BenchmarkLookup(b *testing.B) {
	table := fullTable()
	for _, name := range []string{"get", "SET", "LRange", "ZRANGEBYSCORE", "georadiusbymember_ro"} {
		arg := []byte(name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				table.Lookup(arg)
			}
		})
	}
}

func BenchmarkNewTable(b *testing.B) {
	for b.Loop() {
		fullTable()
	}
}
