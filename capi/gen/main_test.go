package main

import (
	"bytes"
	"os"
	"path/filepath"
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
