package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGeneratedFilesAreUpToDate(t *testing.T) {
	dir := t.TempDir()
	doc, threads, table := filepath.Join(dir, "API.md"), filepath.Join(dir, "threads.md"), filepath.Join(dir, "functions.csv")
	require.NoError(t, run("../api.def", "../threads.def", "../inspect/names.csv", doc, threads, table))
	for made, committed := range map[string]string{doc: "../../docs/API.md", threads: "../../docs/threads.md", table: "../inspect/functions.csv"} {
		want, err := os.ReadFile(made)
		require.NoError(t, err)
		got, err := os.ReadFile(committed)
		require.NoError(t, err)
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the tables say: run `make gen` and commit the result", committed)
		}
	}
}

// names.csv has every function that Redis (4.0 to 8.10) or Valkey (to 9.1) registers, with the releases that brought
// it: for Valkey 7.2.4, its first, where it took the function over.
func TestEveryFunctionHasARow(t *testing.T) {
	names, err := readNames("../inspect/names.csv")
	require.NoError(t, err)
	rows, err := parse("../api.def")
	require.NoError(t, err)
	byKey := map[string]row{}
	for _, r := range rows {
		key := "redis " + r.name
		if r.valkeyOnly() {
			key = "valkey " + r.name
		}
		if _, twice := byKey[key]; twice {
			t.Errorf("api.def has %s twice", r.name)
		}
		byKey[key] = r
	}
	for _, n := range names {
		r, ok := byKey["redis "+n.name]
		v, valkeyOnly := byKey["valkey "+n.name]
		switch {
		case !ok && !valkeyOnly:
			t.Errorf("api.def has no row for %s: add one, MISSING with a reason if need be", n.name)
		case n.redis == "" && n.valkey == "":
			if r.missing == "" {
				t.Errorf("no server registers %s, and api.def says that berth does", n.name)
			}
		case ok && r.since != n.redis:
			t.Errorf("api.def says that %s came with Redis %s, names.csv with %s", n.name, r.since, n.redis)
		case valkeyOnly && v.since != n.valkey:
			t.Errorf("api.def says that %s came with Valkey %s, names.csv with %s", n.name, v.since, n.valkey)
		case ok && r.kind == "REDIS" && n.valkey != "" && !valkeyOnly:
			t.Errorf("api.def keeps %s from modules of Valkey, which has it since %s", n.name, n.valkey)
		case ok && r.kind == "API" && n.valkey == "":
			t.Errorf("api.def gives %s to modules of Valkey, which does not have it: make it REDIS", n.name)
		}
		delete(byKey, "redis "+n.name)
		delete(byKey, "valkey "+n.name)
	}
	for key := range byKey {
		t.Errorf("no server is known to have the function of row %s: add it to capi/inspect/names.csv", key)
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
