package clients

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"berth/difftest"
)

var buildDir string

func TestMain(m *testing.M) {
	var err error
	if buildDir, err = os.MkdirTemp("", "clients-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(buildDir)
	os.Exit(code)
}

// binary is the server under test: BERTH_BIN, a reference server for BERTH_BIN=oracle, or berth built now.
var binary = sync.OnceValues(func() (string, error) {
	switch bin := os.Getenv("BERTH_BIN"); bin {
	case "oracle":
		if err := difftest.FetchOracles(); err != nil {
			return "", err
		}
		return difftest.Oracle("8.0")
	case "":
	default:
		return filepath.Abs(bin)
	}
	root, err := difftest.Root()
	if err != nil {
		return "", err
	}
	bin := filepath.Join(buildDir, "berth")
	cmd := exec.Command("go", "build", "-o", bin, "./cmd/berth")
	cmd.Dir, cmd.Stderr = root, os.Stderr
	return bin, cmd.Run()
})

func start(t *testing.T) *difftest.Server {
	bin, err := binary()
	require.NoError(t, err)
	return difftest.StartT(t, "server", bin)
}
