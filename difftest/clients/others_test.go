//go:build clients

package clients

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// clientsDir is where tools/clients puts the libraries.
func clientsDir(t *testing.T) string {
	if dir := os.Getenv("BERTH_CLIENTS"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	require.NoError(t, err)
	return filepath.Join(home, ".cache", "berth", "clients")
}

// script runs an example against a server of its own; it says ok at its end.
func script(t *testing.T, program, path, env string, args ...string) {
	_, err := exec.LookPath(program)
	require.NoError(t, err, "install %s to run this", program)
	s := start(t)
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, append([]string{filepath.Join("testdata", path), strconv.Itoa(s.Port)}, args...)...)
	cmd.Env = append(os.Environ(), env)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "ok")
}

func TestRedisPy(t *testing.T) {
	script(t, "python3", "redispy.py", "PYTHONPATH="+filepath.Join(clientsDir(t), "python3", "dist-packages"))
}

func TestIORedis(t *testing.T) {
	script(t, "node", "ioredis.js", "NODE_PATH="+filepath.Join(clientsDir(t), "node_modules"))
}

func TestNodeRedis(t *testing.T) {
	for _, proto := range []string{"2", "3"} {
		t.Run("RESP"+proto, func(t *testing.T) {
			script(t, "node", "noderedis.js", "NODE_PATH="+filepath.Join(clientsDir(t), "node_modules"), proto)
		})
	}
}
