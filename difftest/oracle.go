package difftest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Root returns the repository's directory: the nearest one above the working directory that holds go.mod.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = parent
	}
}

// OracleDir is where tools/oracles puts the reference servers.
func OracleDir() string {
	if dir := os.Getenv("BERTH_ORACLES"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = "/root"
	}
	return filepath.Join(home, ".cache", "berth", "oracles")
}

// FetchOracles runs tools/oracles, which returns at once when everything is there.
func FetchOracles() error {
	root, err := Root()
	if err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(root, "tools", "oracles"), OracleDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("tools/oracles: %w\n%s", err, out)
	}
	return nil
}

// Oracle returns the binary of a reference server: "7.0", "8.0", "8.2", "valkey-8.1" or "valkey-9.1".
func Oracle(version string) (string, error) {
	name, ok := map[string]string{
		"7.0":        "redis-server-7.0",
		"8.0":        "redis-server-8.0",
		"8.2":        "redis-server-8.2",
		"valkey-8.1": "valkey-server-8.1",
		"valkey-9.1": "valkey-server-9.1",
	}[version]
	if !ok {
		return "", fmt.Errorf("no reference server is called %q", version)
	}
	path := filepath.Join(OracleDir(), "bin", name)
	if _, err := os.Stat(path); err != nil {
		return "", err
	}
	return path, nil
}
