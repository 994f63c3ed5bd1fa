package config

import (
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// defaults.txt is CONFIG GET * of redis-server 8.0.2 started with nothing but a port, and the hidden
// parameters, without port and dir.
func TestDefaults(t *testing.T) {
	data, err := os.ReadFile("testdata/defaults.txt")
	require.NoError(t, err)
	c := New()
	require.NoError(t, c.LoadArgs(nil, nil))
	want := map[string]string{"module-unknown-values": "refuse"} // berth's own
	for line := range strings.Lines(string(data)) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		require.True(t, ok)
		want[name] = value
	}
	got := map[string]string{}
	for _, r := range c.rows {
		if r.Name != "dir" && r.Name != "port" {
			got[r.Name] = r.Get()
		}
	}
	require.Equal(t, want, got)
	require.Equal(t, 6379, c.Port)
}

func TestGet(t *testing.T) {
	c := New()
	require.Equal(t, []Pair{{"PORT", "6379"}}, c.Get("PORT", "port"))
	require.Equal(t, []Pair{{"port", "6379"}}, c.Get("PO?t", "PORT"))
	require.Equal(t, []Pair{{"lua-time-limit", "5000"}}, c.Get("lua-time-limit"))
	require.ElementsMatch(t, []Pair{{"lua-time-limit", "5000"}, {"busy-reply-threshold", "5000"}}, c.Get("*lua*", "busy*"))
	require.Empty(t, c.Get("watch*", "nope", `\port`))
	require.Equal(t, []Pair{{"WATCHdog-period", "0"}}, c.Get("WATCHdog-period"))
}

// set sets one parameter and returns what CONFIG GET shows, or the error after the
// parameter's name.
func set(c *Config, name, value string) string {
	if err := c.Set(SetOptions{AllowProtected: true}, name, value); err != nil {
		_, reason, _ := strings.Cut(err.Error(), "') - ")
		return "! " + reason
	}
	return c.Lookup(name).Get()
}

// All of it seen on redis-server 8.0.2, which ran 20,000 such pairs beside this package without a
// difference but for TLS, whose files the server checks.
func TestSetValues(t *testing.T) {
	const (
		badInt  = "! argument couldn't be parsed into an integer"
		badMem  = "! argument must be a memory value"
		badSave = "! Invalid save parameters"
		badCOBL = "! Error in hard, soft or soft_seconds setting in buffer limit configuration."
	)
	for _, x := range []struct{ name, value, want string }{
		{"hz", "0", "1"},
		{"hz", "1000", "500"},
		{"hz", "x", badInt},
		{"hz", " 1", badInt},
		{"hz", "+1", badInt},
		{"hz", "01", badInt},
		{"hz", "-1", "! argument must be between 0 and 2147483647 inclusive"},
		{"list-max-listpack-size", "-2147483649", "! argument must be between -2147483648 and 2147483647 inclusive"},
		{"set-max-listpack-value", "1kb", badInt},
		{"maxmemory", "1K", "1000"},
		{"maxmemory", "1kb", "1024"},
		{"maxmemory", "2GB", "2147483648"},
		{"maxmemory", "kb", "0"},
		{"maxmemory", "", "0"},
		{"maxmemory", "-1", badMem},
		{"maxmemory", "1t", badMem},
		{"maxmemory", "1.5gb", badMem},
		{"maxmemory", "99999999999999999999", "18446744073709551615"},
		{"maxmemory", "99999999999gb", "15140462030378500096"},
		{"maxmemory-clients", "5%", "5%"},
		{"maxmemory-clients", "0%", "0"},
		{"maxmemory-clients", "101%", "! percentage argument must be less or equal to 100"},
		{"maxmemory-clients", "-5%", "! argument must be a memory or percent value"},
		{"maxmemory-clients", "18446744073709551615", "1%"},
		{"repl-backlog-size", "1", "16384"},
		{"repl-backlog-size", "0", "! argument must be between 1 and 9223372036854775807 inclusive"},
		{"client-query-buffer-limit", "1", "! argument must be between 1048576 and 9223372036854775807 inclusive"},
		{"rdbcompression", "YES", "yes"},
		{"rdbcompression", "yes\x00x", "yes"},
		{"rdbcompression", "1", "! argument must be 'yes' or 'no'"},
		{"activedefrag", "yes", "yes"},
		{"appendfsync", "ALWAYS", "always"},
		{"appendfsync", "always no", "! argument(s) must be one of the following: everysec, always, no"},
		{"oom-score-adj", "relative", "yes"},
		{"maxmemory-policy", "Allkeys-LFU", "allkeys-lfu"},
		{"shutdown-on-sigterm", "force now save", "save now force"},
		{"shutdown-on-sigterm", "now default", "now"},
		{"shutdown-on-sigterm", "save  now", "! argument(s) must be one of the following: default, save, nosave, now, force"},
		{"shutdown-on-sigterm", "save nosave", "! shutdown options SAVE and NOSAVE can't be used simultaneously"},
		{"save", "60 1 300 10", "60 1 300 10"},
		{"save", "60", badSave},
		{"save", "60  1", badSave},
		{"save", "0 1", badSave},
		{"save", "60 -1", badSave},
		{"save", "", ""},
		{"bind", "", ""},
		{"bind", "-::1 127.0.0.1", "-::1 127.0.0.1"},
		{"bind", strings.TrimSpace(strings.Repeat("::1 ", 17)), "! Too many bind addresses specified."},
		{"client-output-buffer-limit", "NORMAL 1kb 2 3 replica 4 5 6", "normal 1024 2 3 slave 4 5 6 pubsub 33554432 8388608 60"},
		{"client-output-buffer-limit", "normal 1 1", "! Wrong number of arguments in buffer limit configuration."},
		{"client-output-buffer-limit", "master 1 1 1", "! Invalid client class specified in buffer limit configuration."},
		{"client-output-buffer-limit", "normal -1 1 1", badCOBL},
		{"client-output-buffer-limit", "normal 1 1 -1", badCOBL},
		{"client-output-buffer-limit", "", "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"},
		{"notify-keyspace-events", "KEA", "AKE"},
		{"notify-keyspace-events", "g$lshzxetdmn", "Am"},
		{"notify-keyspace-events", "Kn", "nK"},
		{"notify-keyspace-events", "mE$", "$Em"},
		{"notify-keyspace-events", "q", "! Invalid event class character. Use 'Ag$lshzxeKEtmdn'."},
		{"oom-score-adj-values", "5 4 3", "5 4 3"},
		{"oom-score-adj-values", "1 2", "! wrong number of arguments"},
		{"oom-score-adj-values", "-2001 1 1", "! Invalid oom-score-adj-values, elements must be between -2000 and 2000."},
		{"latency-tracking-info-percentiles", "0 99.123456789 1e1", "0 99.123457 10"},
		{"latency-tracking-info-percentiles", "", ""},
		{"latency-tracking-info-percentiles", "nan", "! Invalid latency-tracking-info-percentiles parameters"},
		{"latency-tracking-info-percentiles", "inf", "! latency-tracking-info-percentiles parameters should sit between [0.0,100.0]"},
		{"proc-title-template", "{title} {unixsocket} {config-file} {port} {tls-port} {listen-addr} {server-mode}", "{title} {unixsocket} {config-file} {port} {tls-port} {listen-addr} {server-mode}"},
		{"proc-title-template", "a{{title}", "a{{title}"},
		{"proc-title-template", "{title}", "! template format is invalid or contains unknown variables"},
		{"proc-title-template", "{title", "! template format is invalid or contains unknown variables"},
		{"proc-title-template", "{pid} x", "! template format is invalid or contains unknown variables"},
		{"cluster-announce-hostname", "a_b", "! Hostnames may only contain alphanumeric characters, hyphens or dots"},
		{"cluster-announce-hostname", strings.Repeat("a", 256), "! Hostnames must be less than 256 characters"},
		{"cluster-announce-human-nodename", "a b,c\"é", "a b,c\"é"},
		{"cluster-announce-human-nodename", "a|b", "! Announced human node name contained invalid character"},
		{"cluster-announce-ip", "a\x00b", "a"},
		{"masterauth", "a\x00b", "a\x00b"},
		{"dbfilename", "a/b", "! dbfilename can't be a path, just a filename"},
		{"locale-collate", "POSIX", "POSIX"},
		{"locale-collate", "xx", "! Invalid locale name"},
		{"dir", "/nonexistent", "! No such file or directory"},
		{"dir", "/etc/passwd", "! Not a directory"},
	} {
		require.Equal(t, x.want, set(New(), x.name, x.value), "CONFIG SET %s %q", x.name, x.value)
	}
}

func TestSetRefusals(t *testing.T) {
	for _, x := range []struct {
		o     SetOptions
		pairs string
		want  string
	}{
		{pairs: "port 1 x", want: "syntax error"},
		{pairs: "port 1 port 2", want: "CONFIG SET failed (possibly related to argument 'port') - duplicate parameter"},
		{pairs: "port 1 PORT x", want: "CONFIG SET failed (possibly related to argument 'PORT') - duplicate parameter"},
		{pairs: "port x nope 1", want: "Unknown option or number of arguments for CONFIG SET - 'nope'"},
		{pairs: "Databases 1 nope 1", want: "CONFIG SET failed (possibly related to argument 'Databases') - can't set immutable config"},
		{pairs: "nope 1 databases 1", want: "Unknown option or number of arguments for CONFIG SET - 'nope'"},
		{pairs: "slaveof a", want: "CONFIG SET failed (possibly related to argument 'slaveof') - can't set immutable config"},
		{pairs: "dir /", want: "CONFIG SET failed (possibly related to argument 'dir') - can't set protected config"},
		{pairs: "HZ x", want: "CONFIG SET failed (possibly related to argument 'hz') - argument couldn't be parsed into an integer"},
		{pairs: "lua-time-limit x", want: "CONFIG SET failed (possibly related to argument 'lua-time-limit') - argument couldn't be parsed into an integer"},
		{o: SetOptions{Loading: true}, pairs: "hz x appendonly yes", want: "loading"},
	} {
		err := New().Set(x.o, strings.Fields(x.pairs)...)
		require.EqualError(t, err, x.want, x.pairs)
	}
	// An alias is another parameter as far as duplicates go.
	c := New()
	require.NoError(t, c.Set(SetOptions{}, "lua-time-limit", "1", "busy-reply-threshold", "2"))
	require.Equal(t, 2, c.BusyReplyThreshold)
}

func TestSetIsAllOrNothing(t *testing.T) {
	c := New()
	var log []string
	c.Log = func(_ slog.Level, text string) { log = append(log, text) }
	calls := 0
	var seen []int
	c.OnChange(func() error {
		calls++
		seen = append(seen, c.Port, c.Timeout)
		if c.Port == 1 {
			return errors.New("Unable to listen on this port. Check server logs.")
		}
		return nil
	}, "port", "timeout")

	require.Error(t, c.Set(SetOptions{}, "port", "2", "save", "1 2", "timeout", "x"))
	require.Equal(t, 6379, c.Port)
	require.Equal(t, "", c.Lookup("save").Get())
	require.Zero(t, calls, "values that never held are not applied")

	require.EqualError(t, c.Set(SetOptions{}, "timeout", "7", "port", "1"),
		"CONFIG SET failed (possibly related to argument 'timeout') - Unable to listen on this port. Check server logs.")
	require.Equal(t, []int{1, 7, 6379, 0}, seen, "the hook runs once for both, and again for the old values")
	require.Equal(t, 0, c.Timeout)
	require.Equal(t, []string{"Failed applying new configuration. Possibly related to new timeout setting. Restoring previous settings."}, log)

	require.NoError(t, c.Set(SetOptions{}, "port", "6379", "timeout", "0"))
	require.Equal(t, 2, calls, "nothing changed")
	require.NoError(t, c.Set(SetOptions{}, "port", "6380"))
	require.Equal(t, 3, calls)
}

func TestVolatileIsAppliedAnyway(t *testing.T) {
	c := New()
	calls := 0
	c.OnChange(func() error { calls++; return nil }, "tls-cert-file", "tls-key-file")
	require.NoError(t, c.Set(SetOptions{}, "tls-cert-file", "", "tls-key-file", ""))
	require.Equal(t, 1, calls)
}

func TestHookOfAliasAndClampedParameter(t *testing.T) {
	c := New()
	var hz []int
	c.OnChange(func() error { hz = append(hz, c.Hz); return nil }, "hz", "replica-priority")
	require.NoError(t, c.Set(SetOptions{}, "hz", "9999", "slave-priority", "3"))
	require.Equal(t, []int{500, 500}, hz, "the clamped parameter has a hook of its own")
	require.True(t, c.Sensitive("REQUIREPASS"))
	require.False(t, c.Sensitive("port"))
}

func TestProcTitle(t *testing.T) {
	c := New()
	require.Equal(t, "berth *:6379", c.ProcTitle("berth"))
	c.Bind, c.ClusterEnabled = []string{"127.0.0.1"}, true
	require.Equal(t, "berth 127.0.0.1:6379 [cluster]", c.ProcTitle("berth"))
	c.Port, c.UnixSocket = 0, "/tmp/s"
	require.Equal(t, "berth unixsocket:/tmp/s [cluster]", c.ProcTitle("berth"))
}
