package errtext

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOf(t *testing.T) {
	_, err := os.Open("/nonexistent/file")
	require.Equal(t, "No such file or directory", Of(err))
	require.Equal(t, "No space left on device", Of(&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}))
	require.Equal(t, "Something else", Of(errors.New("something else")))
	require.Empty(t, Of(errors.New("")))
}
