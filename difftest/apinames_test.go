package difftest

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// apiRow is a function of the module API as docs/API.md has it.
type apiRow struct {
	name, since, of string
	missing         bool
}

var apiRowForm = regexp.MustCompile("(?m)^\\| `(?:Redis|Valkey)Module_(\\w+)` \\| ([^ ]+) \\| (\\w+) \\| (\\w+)")

func apiRows(t *testing.T) (rows []apiRow) {
	doc, err := os.ReadFile(filepath.Join(rootDir, "docs", "API.md"))
	require.NoError(t, err)
	for _, m := range apiRowForm.FindAllStringSubmatch(string(doc), -1) {
		rows = append(rows, apiRow{m[1], m[2], m[3], strings.HasPrefix(m[4], "no")})
	}
	require.Greater(t, len(rows), 400)
	return rows
}

// TestAPINames asks each reference server which functions it has, by name and through the same module, and berth
// as well: berth has them too, unless docs/API.md says that it lacks them, and it has no others under a server's
// prefix but those that came after it.
func TestAPINames(t *testing.T) {
	modules, err := testModules()
	require.NoError(t, err)
	rows := apiRows(t)
	for _, server := range []struct{ version, prefix, of string }{
		{"8.0", "RedisModule_", "Redis"},
		{"8.2", "RedisModule_", "Redis"},
		{"valkey-8.1", "ValkeyModule_", "Valkey"},
		{"valkey-9.1", "ValkeyModule_", "Valkey"},
	} {
		t.Run(server.version, func(t *testing.T) {
			ref := oracle(t, server.version)
			name, bin := subject(t, server.version)
			names := make([]string, 0, len(rows))
			for _, r := range rows {
				if !slices.Contains(names, r.name) {
					names = append(names, r.name)
				}
			}
			so := filepath.Join(modules, "apinames.so")
			want := apiNames(t, StartT(t, server.version, ref, "--loadmodule", so), server.prefix, names)
			have := apiNames(t, StartT(t, name, bin, "--loadmodule", so), server.prefix, names)
			require.Greater(t, len(want), 350)
			lacks := map[string]bool{}
			newer := map[string]bool{}
			for _, r := range rows {
				if r.of != "both" && r.of != server.of {
					continue
				}
				lacks[r.name] = r.missing
				newer[r.name] = release(r.since) > release(strings.TrimPrefix(server.version, "valkey-"))
			}
			for n := range want {
				if !have[n] && !lacks[n] {
					t.Errorf("%s has %s%s, berth has not, and docs/API.md does not say so", server.version, server.prefix, n)
				}
			}
			for n := range have {
				if lacks[n] && name == "berth" {
					t.Errorf("berth has %s%s, which docs/API.md calls missing", server.prefix, n)
				}
				if !want[n] && !newer[n] {
					t.Errorf("berth has %s%s, %s has not", server.prefix, n, server.version)
				}
			}
		})
	}
}

// release is the first two numbers of a version as one that can be compared.
func release(version string) int {
	parts := strings.Split(version, ".")
	major, _ := strconv.Atoi(parts[0])
	minor, _ := strconv.Atoi(parts[1])
	return major*100 + minor
}

// apiNames is which of the functions the server gives to a module that asks with the prefix.
func apiNames(t *testing.T, s *Server, prefix string, names []string) map[string]bool {
	c, err := Dial(s.Addr)
	require.NoError(t, err)
	defer c.Close()
	args := []string{"apinames.have"}
	for _, n := range names {
		args = append(args, prefix+n)
	}
	reply, err := c.Do(args...)
	require.NoError(t, err)
	lines := bytes.Split(bytes.TrimSuffix(reply, []byte("\r\n")), []byte("\r\n"))
	require.Equal(t, "*"+strconv.Itoa(len(names)), string(lines[0]))
	found := map[string]bool{}
	for i, n := range names {
		if string(lines[i+1]) == ":1" {
			found[n] = true
		}
	}
	return found
}
