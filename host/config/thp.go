package config

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// hugePagesFile says when the kernel uses transparent huge pages.
const hugePagesFile = "/sys/kernel/mm/transparent_hugepage/enabled"

// DisableHugePages keeps the process from getting transparent huge pages where the kernel hands them out unasked (disable-thp).
// The error is the warning for the log when it gets them all the same.
func DisableHugePages(disable bool) error { return disableHugePages(hugePagesFile, disable) }

func disableHugePages(file string, disable bool) error {
	b, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(b), "[always]") {
		return nil
	}
	if disable && unix.Prctl(unix.PR_SET_THP_DISABLE, 1, 0, 0, 0) == nil {
		return nil
	}
	return errors.New("You have Transparent Huge Pages (THP) support enabled in your kernel. This will create latency and memory usage issues with Redis. To fix this issue run the command 'echo madvise > /sys/kernel/mm/transparent_hugepage/enabled' as root, and add it to your /etc/rc.local in order to retain the setting after a reboot. Redis must be restarted after THP is disabled (set to 'madvise' or 'never').") //nolint:staticcheck // Redis's log line
}
