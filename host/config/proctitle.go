package config

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"unsafe"
)

// titleArea is the memory in which the kernel put the arguments and the environment of this
// process, and which /proc/PID/cmdline and ps show.
var titleArea = sync.OnceValue(claimTitleArea)

// SetProcTitle makes /proc/PID/cmdline, and so ps and pgrep -f, show title. The name of the
// process (comm: plain ps, pgrep without -f) stays that of the executable, and /proc/PID/environ
// no longer shows the environment. A title is cut at the room that arguments and environment took
// at the start. It reports false if the area cannot be had.
func SetProcTitle(title string) bool {
	area := titleArea()
	if len(area) == 0 {
		return false
	}
	n := copy(area[:len(area)-1], title)
	clear(area[n:])
	return true
}

// claimTitleArea finds the area and moves out of it what Go and C still read: os.Args and
// the environment.
func claimTitleArea() []byte {
	argStart, argEnd, envStart, envEnd, ok := procStatArea()
	if !ok || len(os.Args) == 0 || len(os.Args[0]) == 0 {
		return nil
	}
	first := unsafe.StringData(os.Args[0])
	if uintptr(unsafe.Pointer(first)) != argStart {
		return nil // somebody replaced os.Args
	}
	size := argEnd - argStart
	if envStart == argEnd && envEnd > envStart {
		moveEnvironment()
		size = envEnd - argStart
	}
	args := make([]string, len(os.Args))
	for i, a := range os.Args {
		args[i] = strings.Clone(a)
	}
	os.Args = args
	return unsafe.Slice(first, size)
}

func moveEnvironment() {
	env := os.Environ()
	for i := range env {
		env[i] = strings.Clone(env[i])
	}
	os.Clearenv()
	for _, e := range env {
		if name, value, ok := strings.Cut(e, "="); ok && name != "" {
			_ = os.Setenv(name, value)
		}
	}
}

// procStatArea reads where the kernel put the arguments and the environment: fields 48 to 51
// of /proc/self/stat.
func procStatArea() (argStart, argEnd, envStart, envEnd uintptr, ok bool) {
	const before = 48 - 3 // fields that precede, counted from the one after `(comm)`
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return
	}
	text := string(stat)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < before+4 {
		return
	}
	var v [4]uintptr
	for i := range v {
		n, err := strconv.ParseUint(fields[before+i], 10, 64)
		if err != nil || n == 0 {
			return
		}
		v[i] = uintptr(n)
	}
	return v[0], v[1], v[2], v[3], v[1] > v[0]
}
