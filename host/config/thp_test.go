package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// There is a warning only where the kernel hands out huge pages unasked and the process is left with them.
func TestDisableHugePages(t *testing.T) {
	file := filepath.Join(t.TempDir(), "enabled")
	require.NoError(t, disableHugePages(file, false), "no such file")
	require.NoError(t, os.WriteFile(file, []byte("always [madvise] never\n"), 0o600))
	require.NoError(t, disableHugePages(file, false))
	require.NoError(t, os.WriteFile(file, []byte("[always] madvise never\n"), 0o600))
	require.ErrorContains(t, disableHugePages(file, false), "You have Transparent Huge Pages (THP) support enabled in your kernel.")
	require.NoError(t, disableHugePages(file, true))
}
