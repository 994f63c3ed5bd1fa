package difftest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// infoAbsent are the fields of INFO that only one of the servers has, by design.
var infoAbsent = map[string]bool{
	"server_name": true, "berth_version": true, // berth says what it is
	"module": true, // the reference has a module compiled in
}

// infoFields lists the headings and field names of INFO, in order. What is named after a command, an error or an address
// is told apart by kind only.
func infoFields(t *testing.T, c *Conn, args ...string) []string {
	t.Helper()
	raw, err := c.Do(args...)
	require.NoError(t, err)
	var names []string
	for _, line := range strings.Split(string(raw), "\r\n") {
		if i := strings.Index(line, "# "); i >= 0 && (i == 0) {
			names = append(names, line[i:])
			continue
		}
		name, _, ok := strings.Cut(line, ":")
		if !ok || infoAbsent[name] {
			continue
		}
		for _, kind := range []string{"cmdstat_", "latency_percentiles_usec_", "errorstat_", "io_thread_"} {
			if strings.HasPrefix(name, kind) {
				name = kind
			}
		}
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	return names
}

// INFO has the fields of the reference server, all of them, in its order.
func TestInfoFields(t *testing.T) {
	name, bin := subject(t, "8.0")
	reply := map[string]map[string][]string{}
	sections := [][]string{
		{"INFO"}, {"INFO", "all"}, {"INFO", "everything"}, {"INFO", "default"}, {"INFO", "debug"}, {"INFO", "modules"},
		{"INFO", "keysizes"}, {"INFO", "keysizes", "server", "clients"}, {"INFO", "memory", "MEMORY", "nosuch"},
	}
	for who, path := range map[string]string{name: bin, "8.0": oracle(t, "8.0")} {
		srv := StartT(t, who, path, "--maxmemory-policy", "allkeys-lru")
		c, err := Dial(srv.Addr)
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		for _, cmd := range []string{"set a b", "rpush l 1 2 3", "select 3", "hset h f v", "zadd z 1 m", "sadd s x y", "nosuch", "get l", "select 0", "expire a 100"} {
			_, err := c.Do(strings.Fields(cmd)...)
			require.NoError(t, err)
		}
		reply[who] = map[string][]string{}
		for _, args := range sections {
			reply[who][strings.Join(args, " ")] = infoFields(t, c, args...)
		}
	}
	for _, args := range sections {
		key := strings.Join(args, " ")
		require.Equal(t, reply["8.0"][key], reply[name][key], key)
	}
}
