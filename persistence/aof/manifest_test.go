package aof

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func parse(t *testing.T, text string) *Manifest {
	t.Helper()
	m, err := ParseManifest(strings.NewReader(text))
	require.NoError(t, err)
	return m
}

func TestManifestLife(t *testing.T) {
	m := &Manifest{}
	require.True(t, m.Empty())
	require.Nil(t, m.LastIncr())
	require.Equal(t, "appendonly.aof.1.base.rdb", m.NewBase("appendonly.aof", true).Name)
	require.Equal(t, "appendonly.aof.1.incr.aof", m.NewIncr("appendonly.aof", 0).Name)
	require.Equal(t, "file appendonly.aof.1.base.rdb seq 1 type b\n"+
		"file appendonly.aof.1.incr.aof seq 1 type i startoffset 0\n", string(m.Append(nil)))

	// Two rewrites begin, the first of which fails.
	m.LastIncr().End = 7
	m.NewIncr("appendonly.aof", 7)
	m.NewIncr("appendonly.aof", 9)
	before := m.Clone()
	require.Equal(t, "appendonly.aof.2.base.aof", m.NewBase("appendonly.aof", false).Name)
	m.Rewritten(1)
	require.Equal(t, `file appendonly.aof.2.base.aof seq 2 type b
file appendonly.aof.1.incr.aof seq 1 type h startoffset 0 endoffset 7
file appendonly.aof.2.incr.aof seq 2 type h startoffset 7
file appendonly.aof.1.base.rdb seq 1 type h
file appendonly.aof.3.incr.aof seq 3 type i startoffset 9
`, string(m.Append(nil)))
	require.Len(t, before.Incr, 3, "a clone shares nothing")
	require.Equal(t, Base, before.Base.Type)

	again := parse(t, string(m.Append(nil)))
	m.Dirty = false
	require.Equal(t, m, again)
}

func TestManifestNames(t *testing.T) {
	m := &Manifest{}
	m.NewBase(`a "b" 'c`, true)
	text := string(m.Append(nil))
	require.Equal(t, `file "a \"b\" 'c.1.base.rdb" seq 1 type b`+"\n", text)
	require.Equal(t, m.Base.Name, parse(t, text).Base.Name)
}

func TestParseManifest(t *testing.T) {
	m := parse(t, "#comment\n  SEQ 3x FILE 'a b' later 1 TYPE base \t\r\nfile i seq 2 type i\nfile j seq 5 type i startoffset 10 endoffset 20\n")
	require.Equal(t, &Manifest{
		Base: &Info{"a b", 3, Base, NoOffset, NoOffset},
		Incr: []Info{{"i", 2, Incr, NoOffset, NoOffset}, {"j", 5, Incr, 10, 20}}, BaseSeq: 3, IncrSeq: 5,
	}, m)

	for _, x := range []struct {
		text, reason string
		line         int
	}{
		{"", "Found an empty AOF manifest", 0},
		{"\n", badManifest, 1},
		{"#only a comment\n \n", badManifest, 2},
		{"file a seq 1 type b", "The AOF manifest file contains too long line", 0},
		{"file " + strings.Repeat("a", 2000) + " seq 1 type b\n", "The AOF manifest file contains too long line", 0},
		{"file a seq 1 type b\nfile a seq 1\n", badManifest, 2},
		{"file a seq 1 type b more\n", badManifest, 1},
		{"file a seq 0 type b\n", badManifest, 1},
		{"file a seq x type b\n", badManifest, 1},
		{"file a seq 1 type ''\n", badManifest, 1},
		{"seq 1 type b later 5\n", badManifest, 1},
		{"file \"a seq 1 type b\n", badManifest, 1},
		{"file ../a seq 1 type b\n", "File can't be a path, just a filename", 1},
		{"file a seq 1 type b\nfile b seq 2 type b\n", "Found duplicate base file information", 2},
		{"file a seq 2 type i\nfile b seq 2 type i\n", "Found a non-monotonic sequence number", 2},
		{"file a seq -1 type i\n", "Found a non-monotonic sequence number", 1},
		{"file a seq 1 type x\n", "Unknown AOF file type", 1},
	} {
		_, err := ParseManifest(strings.NewReader(x.text))
		var bad *ManifestError
		require.ErrorAs(t, err, &bad, "%q", x.text)
		require.Equal(t, x.reason, bad.Reason, "%q", x.text)
		require.Equal(t, x.line, bad.Line, "%q", x.text)
		require.NotEmpty(t, bad.Error())
	}
}

func FuzzManifest(f *testing.F) {
	f.Add("file a seq 1 type b\nfile a.2 seq 2 type i startoffset 1\nfile h seq 1 type h startoffset 2 endoffset 4\n")
	f.Add("#x\nfile \"\\x00a\" seq 1 type i\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseManifest(strings.NewReader(text))
		if err != nil {
			var bad *ManifestError
			require.ErrorAs(t, err, &bad)
			return
		}
		if m.Empty() && len(m.History) == 0 {
			return
		}
		// What was read is written so that it reads the same; an end without a beginning is not written.
		for _, f := range append(m.History, m.Incr...) {
			if f.Start == NoOffset && f.End != NoOffset {
				return
			}
		}
		if b := m.Base; b != nil && b.Start == NoOffset && b.End != NoOffset {
			return
		}
		again := m.Append(nil)
		for _, line := range strings.SplitAfter(string(again), "\n") {
			if len(line) > maxManifestLine {
				return
			}
		}
		require.Equal(t, m, parse(t, string(again)))
	})
}
