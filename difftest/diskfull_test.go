package difftest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestDiskFull fills a small disk and makes room again: writes are refused and nothing else is, and nothing that was
// acknowledged before or afterwards is lost.
func TestDiskFull(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: mounting a small tmpfs takes root; host.TestAOFDiskFull has the same with a disk that pretends")
	}
	name, bin := subject(t, "8.0")
	for _, server := range []struct{ name, bin string }{{name, bin}, {"redis", oracle(t, "8.0")}} {
		t.Run(server.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
				t.Skipf("SKIPPED: no tmpfs can be mounted here: %v", err)
			}
			t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
			logs := t.TempDir()
			t.Cleanup(func() {
				if b, _ := os.ReadFile(filepath.Join(logs, "log")); t.Failed() {
					t.Logf("%s", b)
				}
			})
			filler := filepath.Join(dir, "filler")
			require.NoError(t, os.WriteFile(filler, make([]byte, 1<<20), 0o600))
			args := []string{"--appendonly", "yes", "--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0", "--logfile", filepath.Join(logs, "log")}
			s := startIn(t, server.name, server.bin, dir, args...)
			const refused = "-MISCONF Errors writing to the AOF file: No space left on device"
			value := strings.Repeat("x", 50000)
			n := 0
			for ; n < 100; n++ {
				if reply := do(t, s, "SET", fmt.Sprintf("key:%d", n), value); reply != "+OK" {
					require.Equal(t, refused, reply)
					break
				}
			}
			require.Less(t, n, 100, "the disk is never full")
			require.Equal(t, refused, do(t, s, "PING"))
			require.Equal(t, refused, do(t, s, "DEL", "key:0"))
			require.Contains(t, do(t, s, "INFO", "persistence"), "aof_last_write_status:err")
			require.Equal(t, ":1", do(t, s, "EXISTS", "key:0"))
			require.Equal(t, fmt.Sprintf(":%d", len(value)), do(t, s, "STRLEN", "key:0"))
			if server.name == "berth" {
				// There is room for a new base, as it happens; redis-server leaves a new file that begins with zeros.
				do(t, s, "BGREWRITEAOF")
				waitInfo(t, s, "aof_rewrite_in_progress:0")
			}

			require.NoError(t, os.Remove(filler))
			require.Eventually(t, func() bool { return do(t, s, "SET", "after", "1") == "+OK" }, 20*time.Second, 50*time.Millisecond)
			require.Contains(t, do(t, s, "INFO", "persistence"), "aof_last_write_status:ok")
			want := do(t, s, "DEBUG", "DIGEST")
			s.Kill(syscall.SIGKILL)
			s = startIn(t, server.name, server.bin, dir, args...)
			require.Equal(t, fmt.Sprintf(":%d", n+1), do(t, s, "DBSIZE"))
			require.Equal(t, want, do(t, s, "DEBUG", "DIGEST"))
			s.Kill(syscall.SIGKILL)
		})
	}
}
