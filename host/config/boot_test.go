package config

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// bootProcess is a server as far as this package goes.
func bootProcess() int {
	p, code, exit := Boot("1.2.3", nil)
	if exit {
		return code
	}
	p.Started()
	if err := p.Config.Set(SetOptions{}, "loglevel", "warning"); err != nil {
		return 9
	}
	p.Log.Log(0, "not shown")
	fmt.Println(os.Getpid())
	return 0
}

func TestBoot(t *testing.T) {
	const when = `\d\d [A-Z][a-z][a-z] \d{4} \d\d:\d\d:\d\d\.\d{3} `
	out := process(t, "boot", "", "", "--port", "7777")
	require.Regexp(t, `^(\d+):C `+when+`\* oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo
\d+:C `+when+`\* Redis version=8\.0\.2, bits=64, commit=00000000, modified=0, pid=\d+, just started
\d+:C `+when+`\* Configuration loaded
\d+:M `+when+`\* monotonic clock: POSIX clock_gettime
\d+:M `+when+`\* Running mode=standalone, port=7777\.
\d+
$`, out)
	out = process(t, "boot", "", "")
	require.Regexp(t, `:C `+when+`# Warning: no config file specified, using the default config\. In order to specify a config file use /proc/self/exe /path/to/redis\.conf\n`, out)

	dir := t.TempDir()
	out = process(t, "boot", dir, "", "--always-show-logo", "yes", "--cluster-enabled", "yes", "--logfile", "log", "--pidfile", "pid")
	require.Regexp(t, `^\d+\n$`, out)
	log, err := os.ReadFile(filepath.Join(dir, "log"))
	require.NoError(t, err)
	require.Contains(t, string(log), " PID: "+out)
	require.Contains(t, string(log), "Running in cluster mode")
	pid, err := os.ReadFile(filepath.Join(dir, "pid"))
	require.NoError(t, err)
	require.Equal(t, out, string(pid))
}
