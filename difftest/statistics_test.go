package difftest

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// statistics runs commands, as [runOnTwo] does, and returns what the server counted: without times.
func statistics(t *testing.T, who, path string, script []string) map[string][]string {
	t.Helper()
	srv := StartT(t, who, path, "--slowlog-log-slower-than", "0", "--slowlog-max-len", "1000")
	a, b := dialT(t, srv), dialT(t, srv)
	runOnTwo(t, a, b, script)
	out := map[string][]string{}
	times := regexp.MustCompile(`(usec|usec_per_call|p50|p99|p99\.9)=[\d.]+`)
	for _, section := range []string{"stats", "commandstats", "errorstats", "latencystats", "keyspace"} {
		raw, err := a.Do("info", section)
		require.NoError(t, err)
		for _, l := range strings.Split(string(raw), "\r\n")[1:] {
			name, _, _ := strings.Cut(l, ":")
			if section == "stats" && !slices.Contains(countedExactly, name) {
				continue
			}
			out[section] = append(out[section], times.ReplaceAllString(l, "$1=N"))
		}
		slices.Sort(out[section]) // Redis's order is that of a hash table
	}
	raw, err := a.Do("slowlog", "get", "-1")
	require.NoError(t, err)
	v, err := ParseReply(raw)
	require.NoError(t, err)
	for _, e := range v.Elems {
		var words []string
		for _, w := range e.Elems[3].Elems {
			words = append(words, string(w.Text))
		}
		out["slowlog"] = append(out["slowlog"], strings.Join(words, " ")+" by "+string(e.Elems[5].Text))
	}
	return out
}

// countedExactly are fields of INFO stats that depend on nothing but the commands.
var countedExactly = []string{
	"total_connections_received", "total_commands_processed", "rejected_connections", "expired_keys", "evicted_keys", "keyspace_hits",
	"keyspace_misses", "pubsub_channels", "pubsub_patterns", "pubsubshard_channels", "tracking_total_keys", "tracking_total_items",
	"tracking_total_prefixes", "unexpected_error_replies", "total_error_replies", "acl_access_denied_auth", "acl_access_denied_cmd",
	"acl_access_denied_key", "acl_access_denied_channel", "expired_subkeys", "evicted_clients", "sync_full",
}

// Whatever a command does, and however it fails, is counted where the reference server counts it.
func TestStatistics(t *testing.T) {
	name, bin := subject(t, "8.0")
	script := []string{
		"set a b", "get a", "get nokey", "mget a b c", "exists a b", "lpush a x", "incr a", "get", "nosuch", "config nosuch", "config get",
		"client setname me", "multi", "set a 1", "lpush a x", "get", "exec", "multi", "set m 1", "lpush m x", "get m", "exec",
		"multi", "discard", "exec", "watch a", "multi", "exec", "auth x y", "auth x", "hello 2 auth u p", "select 99", "select 1", "select 0",
		"2:blpop l 0", "echo wait", "rpush l x", "2:blpop l 0", "echo wait", "client unblock 4", "2:blpop l 0.01", "debug sleep 0.1",
		"2:blpop l 0", "debug sleep 0.05", "client list", "expire a 100", "ttl a", "set e 1 px 1", "debug sleep 0.01", "get e", "set e 1 px 1",
		"debug sleep 0.01", "set e 2", "object encoding a", "object freq a", "object nosuch a", "memory usage nokey", "debug error \"X y\"",
		"subscribe c", "ping", "get a", "unsubscribe c", "spublish s m", "publish s m", "hset h f v", "hexpire h 100 fields 1 f", "hget h f",
		"scan 0", "sscan nokey 0", "sort nokey", "sort a", "sunionstore d nokey", "copy a z", "rename a y", "rename nokey x", "restore r 0 x",
		"dump y", "getex y", "getdel y", "touch y h", "type h", "randomkey", "keys *", "lset l 99 x", "setrange y 999999999999 x",
		"acl setuser bob on >pw +get ~a*", "acl setuser carl nosuchrule", "auth bob pw", "get a", "get b", "set a 1", "acl whoami",
		"auth default ''", "reset", "acl deluser bob", "command getkeys get", "command getkeys nosuch", "bitcount a b", "pfadd pf x", "geoadd g 1 x y",
		"mset a", "mset a b c", "zadd z nan x", "zadd z xx gt 1", "setbit bits -1 1", "slowlog get x", "latency graph nosuch", "debug nosuch",
		"mset " + strings.Repeat("k v ", 40), "set long " + strings.Repeat("x", 500),
	}
	want, got := statistics(t, "8.0", oracle(t, "8.0"), script), statistics(t, name, bin, script)
	for section := range want {
		require.Equal(t, want[section], got[section], section)
	}
}
