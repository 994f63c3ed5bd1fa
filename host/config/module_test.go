package config

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeModule registers a parameter of each kind and writes down what it is told.
type fakeModule struct {
	b    bool
	n, e int
	s    string
	log  []string
}

func (m *fakeModule) register(t *testing.T, c *Config) {
	t.Helper()
	put := func(err error, format string, args ...any) error {
		m.log = append(m.log, fmt.Sprintf(format, args...))
		return err
	}
	apply := func() error {
		var err error
		if m.n == 16 {
			err = errors.New("noap")
		}
		return put(err, "apply")
	}
	rows := []ModuleRow{
		{
			Name: "mc.b", Alias: "mcb", Apply: apply, ApplyKey: "P",
			Bool: &BoolParam{true, func() bool { return m.b }, func(v bool) error { m.b = v; return put(nil, "b %v", v) }},
		},
		{Name: "mc.n", Apply: apply, ApplyKey: "P", Int: &IntParam{5, 1, 1 << 20, true, false, false, func() int { return m.n }, func(v int) error {
			switch v {
			case 13:
				return errors.New("")
			case 14:
				return errors.New("why")
			}
			m.n = v
			return put(nil, "n %d", v)
		}}},
		{Name: "mc.e", Enum: &EnumParam{
			1, []EnumEntry{{"none", 0}, {"one", 1}, {"two", 2}, {"three", 3}, {"four", 4}}, true,
			func() int { return m.e }, func(v int) error { m.e = v; return put(nil, "e %d", v) },
		}},
		{
			Name: "mc.s", Flags: Sensitive | Hidden,
			String: &StringParam{"def ault", func() string { return m.s }, func(v string) error { m.s = v; return put(nil, "s %s", v) }},
		},
	}
	for _, r := range rows {
		r.Module = m
		require.NoError(t, c.AddRow(r))
	}
	require.ErrorIs(t, c.AddRow(ModuleRow{Module: m, Name: "MC.B", Bool: &BoolParam{}}), ErrExists)
	require.ErrorIs(t, c.AddRow(ModuleRow{Module: m, Name: "mc.x", Alias: "port", Bool: &BoolParam{}}), ErrExists)
}

// The replies, the order of callbacks and the log lines are those of redis-server 8.0.2 with a module that does the same.
func TestModuleRows(t *testing.T) {
	c := New()
	var log []string
	c.Log = func(_ slog.Level, text string) { log = append(log, text) }
	require.NoError(t, c.LoadText("mc.n 2kb\nMC.E one two\nmc.s \"x  y\" z\nother.p 1"))
	m := &fakeModule{}
	m.register(t, c)
	require.NoError(t, c.LoadModuleValues(m, false))
	require.Equal(t, []string{"b true", "n 2048", "e 3", "s x  y z"}, m.log, "loading applies nothing")
	require.Equal(t, []string{"other.p 1"}, c.UnresolvedModuleValues())
	require.Equal(t, []Pair{{"mc.b", "yes"}, {"mcb", "yes"}, {"mc.n", "2048"}, {"mc.e", "three"}}, c.Get("mc*"))

	m.log = nil
	for _, x := range []struct{ name, value, want string }{
		{"mc.n", "13", "CONFIG SET failed (possibly related to argument 'mc.n')"},
		{"MC.N", "14", "CONFIG SET failed (possibly related to argument 'mc.n') - why"},
		{"mc.n", "16", "CONFIG SET failed (possibly related to argument 'mc.n') - noap"},
		{"mc.n", "0", "CONFIG SET failed (possibly related to argument 'mc.n') - argument must be between 1 and 1048576 inclusive"},
		{"mc.n", "x", "CONFIG SET failed (possibly related to argument 'mc.n') - argument must be a memory value"},
		{"mc.e", "x", "CONFIG SET failed (possibly related to argument 'mc.e') - argument(s) must be one of the following: none, one, two, three, four"},
	} {
		require.EqualError(t, c.Set(SetOptions{}, x.name, x.value), x.want)
	}
	require.Equal(t, 2048, m.n)
	require.Equal(t, []string{"n 16", "apply", "n 2048", "apply"}, m.log)
	require.Equal(t, []string{"Failed applying new module configuration. Restoring previous settings."}, log)

	m.log = nil
	require.NoError(t, c.Set(SetOptions{}, "mc.n", "7", "mcb", "no", "mc.e", "one four"))
	require.Equal(t, []string{"n 7", "b false", "e 5", "apply"}, m.log)
	require.Equal(t, "one four", c.Lookup("mc.e").Get())

	got := string(c.rewriteAll(c.parseOld("mcb yes\nmc.old 1\nsave \"\"\n", false), RewriteState{}))
	require.Contains(t, got, "mc.b no\n# ??? mc.old 1\n")
	require.Contains(t, got, "\nmc.n 7\nmc.e one four\nmc.s \"x  y z\"\n")

	require.Len(t, c.ModuleRows(m), 4)
	require.Same(t, m, c.Lookup("mcb").Module())
	c.RemoveRows(m)
	require.Empty(t, c.Get("mc*"))
	require.Nil(t, c.Lookup("mcb"))
	require.NotNil(t, c.Lookup("port"))
	m.register(t, c)
}

func TestModuleDefaultsFirst(t *testing.T) {
	c := New()
	m := &fakeModule{}
	m.register(t, c)
	c.QueueModuleValue("mc.n", "2kb")
	require.NoError(t, c.LoadModuleDefaults(m))
	require.NoError(t, c.LoadModuleValues(m, true))
	require.Equal(t, []string{"b true", "n 5", "e 1", "s def ault", "n 2048"}, m.log)
}

// What RM_ConfigGet and its like answer on redis-server 8.2.3.
func TestModuleAccess(t *testing.T) {
	c := New()
	for name, want := range map[string]Kind{
		"port": KindInt, "maxmemory": KindInt, "unixsocketperm": KindInt, "dir": KindString, "save": KindString,
		"requirepass": KindString, "appendfsync": KindEnum, "shutdown-on-sigterm": KindEnum, "RDBcompression": KindBool,
	} {
		require.Equal(t, want, c.Lookup(name).Kind(), name)
	}
	n, ok := c.Lookup("lua-time-limit").Int()
	require.True(t, ok)
	require.Equal(t, 5000, n)
	_, ok = c.Lookup("dir").Int()
	require.False(t, ok)
	b, ok := c.Lookup("rdbcompression").Bool()
	require.True(t, ok && b)
	_, ok = c.Lookup("hz").Bool()
	require.False(t, ok)

	result := func(err error) string {
		if err == nil {
			return "ok"
		}
		return err.Error()
	}
	c.OnChange(func() error {
		if c.MaxClients == 9 {
			return errors.New("no nine")
		}
		return nil
	}, "maxclients")
	for _, x := range []struct {
		kind              Kind
		name, value, want string
	}{
		{KindAny, "HZ", "0", "ok"},
		{KindAny, "nope", "1", "Config name not found"},
		{KindAny, "databases", "1", "Config is immutable"},
		{KindBool, "databases", "yes", "Config is immutable"},
		{KindAny, "dir", "/tmp", "Config is protected"},
		{KindAny, "hz", "x", "argument couldn't be parsed into an integer"},
		{KindAny, "save", "60 1", "ok"},
		{KindAny, "maxclients", "9", "no nine"},
		{KindBool, "rdbcompression", "no", "ok"},
		{KindBool, "rdbcompression", "7", "argument must be 'yes' or 'no'"},
		{KindBool, "hz", "yes", ""},
		{KindEnum, "appendfsync", "x", "argument(s) must be one of the following: everysec, always, no"},
		{KindEnum, "shutdown-on-sigterm", "save now", "ok"},
		{KindEnum, "hz", "1", ""},
	} {
		require.Equal(t, x.want, result(c.ModuleSet(x.kind, x.name, x.value)), "%s %s", x.name, x.value)
	}
	require.Equal(t, 1, c.Hz)
	require.Equal(t, 10000, c.MaxClients)
	for _, x := range []struct {
		name  string
		value int
		want  string
	}{
		{"maxmemory", 100, "ok"},
		{"maxmemory", -1, "argument must be greater or equal to 0"},
		{"hll-sparse-max-bytes", -1, "argument must be greater or equal to 0"},
		{"repl-backlog-size", -5, "argument must be between 1 and 9223372036854775807 inclusive"},
		{"maxmemory-clients", -5, "ok"},
		{"maxmemory-clients", -101, "percentage argument must be less or equal to 100"},
		{"maxclients", 1 << 32, "argument must be between 1 and 4294967295 inclusive"},
		{"rdbcompression", 1, ""},
		{"nope", 1, "Config name not found"},
	} {
		require.Equal(t, x.want, result(c.ModuleSetInt(x.name, x.value)), "%s %d", x.name, x.value)
	}
	require.Equal(t, "5%", c.Lookup("maxmemory-clients").Get())
	require.Equal(t, []string{"lua-time-limit"}, c.Names("*lua*"))
	require.Equal(t, []string{"port"}, c.Names("PORT"))
	require.Equal(t, []string{"watchdog-period"}, c.Names("watchdog-period"))
	require.NotContains(t, c.Names(""), "watchdog-period")
	require.Contains(t, c.Names(""), "slave-priority")
}

func TestModuleValueRefused(t *testing.T) {
	c := New()
	var log []string
	c.Log = func(_ slog.Level, text string) { log = append(log, text) }
	m := &fakeModule{}
	m.register(t, c)
	c.QueueModuleValue("MC.n", "13")
	c.QueueModuleValue("mc.s", "x")
	require.Error(t, c.LoadModuleValues(m, false))
	require.Equal(t, []string{"Issue during loading of configuration mc.n : (null)"}, log)
	require.Empty(t, c.UnresolvedModuleValues())
}
