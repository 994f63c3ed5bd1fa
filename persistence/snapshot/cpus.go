package snapshot

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// parseCPUs reads a list of processors as bgsave-cpulist has it: numbers, ranges, and ranges with a step, as in
// "0,2-5,8-20:4". ok is false for anything else.
func parseCPUs(list string) (set unix.CPUSet, ok bool) {
	for part := range strings.SplitSeq(list, ",") {
		part, stepText, stepped := strings.Cut(strings.TrimSpace(part), ":")
		first, last, ranged := strings.Cut(part, "-")
		a, err := strconv.Atoi(first)
		if err != nil || a < 0 {
			return set, false
		}
		b, step := a, 1
		if ranged {
			if b, err = strconv.Atoi(last); err != nil {
				return set, false
			}
		}
		if stepped {
			if step, err = strconv.Atoi(stepText); err != nil || !ranged {
				return set, false
			}
		}
		if b < a || step < 1 || b >= 1<<16 {
			return set, false
		}
		for ; a <= b; a += step {
			set.Set(a)
		}
	}
	return set, true
}

// bindTo has this process's threads run on some processors only. Like Redis it does nothing about a list that makes
// no sense.
func bindTo(list string) {
	set, ok := parseCPUs(list)
	if !ok {
		return
	}
	tasks, _ := os.ReadDir("/proc/self/task")
	for _, t := range tasks {
		// Threads that come later have it from those that make them.
		if tid, err := strconv.Atoi(t.Name()); err == nil {
			_ = unix.SchedSetaffinity(tid, &set)
		}
	}
}
