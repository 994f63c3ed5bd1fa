package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCommandsListIsUpToDate(t *testing.T) {
	var want bytes.Buffer
	require.NoError(t, write(&want))
	got, err := os.ReadFile("../../docs/COMMANDS.md")
	require.NoError(t, err)
	if !bytes.Equal(got, want.Bytes()) {
		t.Fatal("docs/COMMANDS.md is not what the command table says: run `make gen` and commit the result")
	}
}
