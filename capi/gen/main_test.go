package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFunctionListIsUpToDate(t *testing.T) {
	out := filepath.Join(t.TempDir(), "API.md")
	require.NoError(t, run("../api.def", out))
	want, err := os.ReadFile(out)
	require.NoError(t, err)
	got, err := os.ReadFile("../../docs/API.md")
	require.NoError(t, err)
	if !bytes.Equal(got, want) {
		t.Fatal("docs/API.md is not what capi/api.def says: run `make gen` and commit the result")
	}
}

// testdata/names.csv has every function that Redis (4.0 to 8.10) or Valkey (to 9.1) registers, with the release
// that brought it; for Valkey only what Redis has not, or has with another signature.
func TestEveryFunctionHasARow(t *testing.T) {
	f, err := os.Open("testdata/names.csv")
	require.NoError(t, err)
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	rows, err := parse("../api.def")
	require.NoError(t, err)

	byName := map[string]row{}
	for _, r := range rows {
		server := "redis"
		if r.valkeyOnly() {
			server = "valkey"
		}
		key := server + " " + r.name
		if _, twice := byName[key]; twice {
			t.Errorf("api.def has %s twice", r.name)
		}
		byName[key] = r
	}
	for _, l := range lines[1:] {
		name, server, since := l[0], l[1], l[2]
		r, ok := byName[server+" "+name]
		if !ok {
			t.Errorf("api.def has no row for %s of %s %s: add one, MISSING with a reason if need be", name, server, since)
			continue
		}
		if r.since != since {
			t.Errorf("api.def says that %s came with %s, names.csv with %s", name, r.since, since)
		}
		delete(byName, server+" "+name)
	}
	for key := range byName {
		t.Errorf("no server is known to have the function of row %s: add it to testdata/names.csv", key)
	}
}

// The compiler checks the type of what is implemented; this also finds a function that is declared but never
// fetched.
func TestHeaderHasWhatTheTableHas(t *testing.T) {
	header, err := os.ReadFile("../../redismodule.h")
	require.NoError(t, err)
	text := string(header)
	rows, err := parse("../api.def")
	require.NoError(t, err)
	for _, r := range rows {
		if r.missing != "" && (r.valkeyOnly() || newerThan80(r.since)) {
			continue // declared when it is there
		}
		if !strings.Contains(text, "(*"+r.pointer()+")(") {
			t.Errorf("redismodule.h does not declare %s", r.pointer())
		}
		get := "REDISMODULE_GET_API(" + r.name + ");"
		if r.valkeyOnly() {
			get = "REDISMODULE_GET_VALKEY_API(" + r.name + ");"
		}
		if r.name != "GetApi" && !strings.Contains(text, get) {
			t.Errorf("RedisModule_Init of redismodule.h does not say %s", get)
		}
	}
}
