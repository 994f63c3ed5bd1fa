package command

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"berth/internal/resptree"

	"github.com/stretchr/testify/require"
)

// fullTable has every command of Redis.
func fullTable() *Table {
	t := NewTable()
	RegisterCommand(t)
	for i := range rowIndex {
		if t.native[i] == nil || t.native[i].Handler == nil {
			t.Register(rowIndex[i].name, func(*Ctx) {})
		}
	}
	return t
}

// run answers argv in one protocol as the server would.
func run(t *Table, proto int, argv ...string) string {
	return runAs(t, 0, proto, argv...)
}

func runAs(t *Table, flags CallFlags, proto int, argv ...string) string {
	c := Ctx{Writer: &Writer{Proto: proto}, Flags: flags}
	for _, a := range argv {
		c.Args = append(c.Args, []byte(a))
	}
	c.Row = t.LookupArgs(c.Args)
	if !c.Row.ArityOK(len(c.Args)) {
		c.Error("ERR wrong number of arguments for '" + c.Row.FullName() + "' command")
	} else {
		c.Row.Handler(&c)
	}
	return string(c.Buf)
}

// canonical parses a reply and puts into order what Redis leaves to the order
// of a hash table: subcommands, and the names of COMMAND LIST.
func canonical(t *testing.T, raw string, list bool) string {
	t.Helper()
	r := bufio.NewReader(strings.NewReader(raw))
	n, err := resptree.Read(r)
	require.NoError(t, err, "%q", raw)
	require.Zero(t, r.Buffered(), "%q", raw)
	if list && n.Kind == '*' {
		slices.SortFunc(n.Elems, func(a, b resptree.Node) int { return cmp.Compare(a.Text, b.Text) })
	}
	sortSubs(&n)
	return string(resptree.Append(nil, n))
}

func sortSubs(n *resptree.Node) {
	for i := range n.Elems {
		sortSubs(&n.Elems[i])
		if n.Elems[i].Text == "subcommands" && i+1 < len(n.Elems) && len(n.Elems[i+1].Elems) > 0 {
			sortPairs(&n.Elems[i+1])
		}
	}
	if n.Kind == '*' && len(n.Elems) == 10 && n.Elems[9].Kind == '*' {
		slices.SortFunc(n.Elems[9].Elems, func(a, b resptree.Node) int {
			if len(a.Elems) == 0 || len(b.Elems) == 0 {
				return 0
			}
			return cmp.Compare(a.Elems[0].Text, b.Elems[0].Text)
		})
	}
}

func sortPairs(n *resptree.Node) {
	pairs := slices.Collect(slices.Chunk(n.Elems, 2))
	slices.SortFunc(pairs, func(a, b []resptree.Node) int { return cmp.Compare(a[0].Text, b[0].Text) })
	n.Elems = slices.Concat(pairs...)
}

func TestRepliesEqualRedis(t *testing.T) {
	f, err := os.Open("testdata/golden.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	dec := json.NewDecoder(z)
	table := fullTable()
	seen, bad := 0, 0
	for {
		var g struct {
			Cmd []string `json:"c"`
			R2  string   `json:"2"`
			R3  string   `json:"3"`
		}
		if err := dec.Decode(&g); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		seen++
		list := len(g.Cmd) > 1 && g.Cmd[1] == "LIST"
		for proto, want := range map[int]string{2: g.R2, 3: g.R3} {
			got := run(table, proto, g.Cmd...)
			if canonical(t, got, list) != canonical(t, want, list) {
				if bad++; bad <= 20 {
					t.Errorf("RESP%d %q\n got %q\nwant %q", proto, g.Cmd, got, want)
				}
			}
		}
	}
	require.Zero(t, bad)
	require.Greater(t, seen, 3000)
}
