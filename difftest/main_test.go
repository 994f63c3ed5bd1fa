package difftest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	rootDir string
	tempDir string // holds the berth built for this run
)

func TestMain(m *testing.M) {
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "difftest:", err)
		code = 1
	}
	os.Exit(code)
}

func runTests(m *testing.M) (int, error) {
	var err error
	if rootDir, err = Root(); err != nil {
		return 1, err
	}
	if err := FetchOracles(); err != nil {
		return 1, err
	}
	if tempDir, err = os.MkdirTemp("", "difftest-build-"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(tempDir)
	return m.Run(), nil
}

// berthBinary builds berth once per run. BERTH_BIN names another binary, or "oracle" for the reference server
// itself, in which case the result is "".
var berthBinary = sync.OnceValues(func() (string, error) {
	switch bin := os.Getenv("BERTH_BIN"); bin {
	case "oracle":
		return "", nil
	case "":
	default:
		return filepath.Abs(bin)
	}
	bin := filepath.Join(tempDir, "berth")
	cmd := exec.Command("go", "build", "-o", bin, "./cmd/berth")
	cmd.Dir = rootDir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./cmd/berth: %w\n%s", err, out)
	}
	return bin, nil
})

// testModules builds the test modules once per run and returns their directory.
var testModules = sync.OnceValues(func() (string, error) {
	out := filepath.Join(rootDir, "build", "testmodules")
	cmd := exec.Command(filepath.Join(rootDir, "testmodules", "build.sh"), out)
	cmd.Dir = rootDir
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("testmodules/build.sh: %w\n%s", err, text)
	}
	return out, nil
})

// oracle returns the binary of a reference server, or skips the test when this machine could not fetch it.
// 8.0 is never missing: tools/oracles fails without it.
func oracle(t *testing.T, version string) string {
	t.Helper()
	bin, err := Oracle(version)
	if os.IsNotExist(err) {
		t.Skipf("reference server %s is not on this machine: %v", version, err)
	}
	require.NoError(t, err)
	return bin
}

// subject returns the binary under test and what reports call it.
func subject(t *testing.T, reference string) (name, bin string) {
	t.Helper()
	bin, err := berthBinary()
	require.NoError(t, err)
	if bin == "" {
		return "again", oracle(t, reference)
	}
	return "berth", bin
}
