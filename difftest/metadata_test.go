package difftest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCommandMetadata asks both servers about every command and subcommand that the one under test has: COMMAND INFO and DOCS, and where the
// keys are in calls of all forms, some of them spoilt.
func TestCommandMetadata(t *testing.T) {
	name, bin := subject(t, "8.0")
	a, b := StartT(t, name, bin), StartT(t, "8.0", oracle(t, "8.0"))
	docs, forms := commandDocs(t, a), callForms(t, a)
	require.Greater(t, len(docs), 200)
	for _, proto := range []int{2, 3} {
		p := &Pair{A: a, B: b, Proto: proto}
		require.NoError(t, p.reset())
		found := 0
		same := func(how byte, args ...string) {
			_, report, err := p.ask(how, args...)
			require.NoError(t, err)
			if report != "" && found < maxReports {
				found++
				t.Errorf("RESP%d: %s", proto, report)
			}
		}
		for _, d := range docs {
			parent, _, _ := strings.Cut(d.name, "|")
			for _, command := range slices.Compact([]string{parent, d.name}) {
				// Subcommands, and flags in RESP3, are in no order.
				same('?', "COMMAND", "INFO", command)
				same('?', "COMMAND", "DOCS", command)
			}
		}
		for _, call := range forms {
			same('=', append([]string{"COMMAND", "GETKEYS"}, call...)...)
			same('?', append([]string{"COMMAND", "GETKEYSANDFLAGS"}, call...)...)
		}
		p.Close()
	}
}

// callForms makes calls of every command that a server has.
func callForms(t *testing.T, s *Server) (calls [][]string) {
	c, err := Dial(s.Addr)
	require.NoError(t, err)
	defer c.Close()
	reply, err := c.Do("COMMAND", "DOCS")
	require.NoError(t, err)
	all, err := derive(reply, true)
	require.NoError(t, err)
	g := NewGenerator(11, all)
	for _, tpl := range all {
		for i := range 12 {
			call := tpl.body.emit(g, nil)
			if i%4 == 3 {
				call = g.spoil(call)
			}
			calls = append(calls, call)
		}
	}
	return calls
}
