package lint

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// merelyShown are parameters that code looks at only to tell others their
// value: they count as without effect.
var merelyShown = map[string]bool{
	"cluster-enabled": true, "repl-backlog-size": true, "replicaof": true,
}

var (
	paramRow  = regexp.MustCompile(`\w+Row\("([^"]+)",[^\n]*?&c\.(\w+)`)
	backticks = regexp.MustCompile("`([^`]+)`")
)

// TestParametersWithoutEffectAreListed finds the parameters whose field no code
// reads, and compares them with docs/differences.md.
func TestParametersWithoutEffectAreListed(t *testing.T) {
	const table = "host/config/rows.go"
	src, err := os.ReadFile(filepath.Join(root, table))
	require.NoError(t, err)
	doc, err := os.ReadFile(filepath.Join(root, "docs/differences.md"))
	require.NoError(t, err)
	_, list, found := strings.Cut(string(doc), "<!-- parameters without effect -->\n")
	require.True(t, found)
	list, _, found = strings.Cut(list, "<!-- end of parameters without effect -->\n")
	require.True(t, found)
	listed := map[string]bool{}
	for _, m := range backticks.FindAllStringSubmatch(list, -1) {
		listed[m[1]] = true
	}
	used := map[string]bool{}
	field := regexp.MustCompile(`\.(\w+)`)
	for _, f := range goFiles(t) {
		if f.test || f.path == table || !strings.HasPrefix(f.dir, "host") && !strings.HasPrefix(f.dir, "capi") &&
			!strings.HasPrefix(f.dir, "persistence") && !strings.HasPrefix(f.dir, "cmd") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, f.path))
		require.NoError(t, err)
		for _, m := range field.FindAllStringSubmatch(string(text), -1) {
			used[m[1]] = true
		}
	}
	rows := paramRow.FindAllStringSubmatch(string(src), -1)
	require.Greater(t, len(rows), 150, "the rows of %s look different now", table)
	for _, r := range rows {
		name, effect := r[1], used[r[2]] && !merelyShown[r[1]]
		switch {
		case !effect && !listed[name]:
			t.Errorf("no code reads the parameter %s: list it in docs/differences.md among those without effect", name)
		case effect && listed[name]:
			t.Errorf("the parameter %s has an effect now: take it off the list in docs/differences.md", name)
		}
	}
}
