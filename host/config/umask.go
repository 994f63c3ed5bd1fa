package config

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// umask reads the process's file mode mask without changing it even for a moment.
func umask() fs.FileMode {
	const usual = 0o022
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return usual
	}
	_, rest, _ := strings.Cut(string(status), "\nUmask:\t")
	line, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseUint(line, 8, 32)
	if err != nil {
		return usual
	}
	return fs.FileMode(n)
}
