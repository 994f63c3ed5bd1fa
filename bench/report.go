package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// report is everything that was measured.
type report struct {
	quick     bool
	rounds    int
	scale     float64
	version   string
	noModule  string
	speeds    []speed
	crossings []crossings
	memory    []memory
	pauses    []pause

	savings    []saving
	savingKeys int
	loading    [servers]time.Duration
}

func (r *report) markdown(w io.Writer) {
	length := "full"
	if r.quick {
		length = "QUICK (too short to be relied on)"
	}
	fmt.Fprintf(w, "%s run of %s, %d rounds. berth %s; redis-server 8.0.2; valkey-server 9.1.2.\n%s\n\n"+
		"Command: `%s`\n",
		length, time.Now().UTC().Format("2006-01-02 15:04 UTC"), r.rounds, r.version, machine(), commandLine())
	if len(r.speeds) > 0 {
		r.speedTable(w)
	}
	if len(r.crossings) > 0 {
		r.crossingTable(w)
	}
	if len(r.memory) > 0 {
		r.memoryTable(w)
	}
	if len(r.pauses) > 0 {
		r.pauseTable(w)
	}
	if len(r.savings) > 0 {
		r.savingTable(w)
	}
}

func (r *report) speedTable(w io.Writer) {
	fmt.Fprint(w, "\n### Speed\n\nMedian ratio of berth's requests per second to the others', round by round; 1.00 is level. "+
		"Then the medians in thousands per second, and the processor time per request in microseconds, which other load on the machine disturbs less.\n\n"+
		"| command | pipeline | to redis | to valkey | to the faster | berth | redis | valkey | CPU berth | redis | valkey |\n"+
		"|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, s := range r.speeds {
		if s.skipped != "" {
			fmt.Fprintf(w, "| %s | %d | skipped | | | | | | | | |\n", s.row, s.pipeline)
			continue
		}
		mark := ""
		if s.faster < 1 {
			mark = " ▾"
		}
		fmt.Fprintf(w, "| %s | %d | %.2f | %.2f | %.2f%s | %.0f | %.0f | %.0f | %.2f | %.2f | %.2f |\n", s.row, s.pipeline, s.redis, s.valkey, s.faster, mark,
			s.perSec[berth]/1000, s.perSec[redis]/1000, s.perSec[valkey]/1000, s.cpu[berth], s.cpu[redis], s.cpu[valkey])
	}
	if r.noModule != "" {
		fmt.Fprintf(w, "\nThe module rows were skipped: %s.\n", strings.TrimSuffix(r.noModule, "."))
	}
}

func (r *report) crossingTable(w io.Writer) {
	fmt.Fprint(w, "\n### Crossings per module command\n\n| command | Go to C | C to Go |\n|---|--:|--:|\n")
	for _, c := range r.crossings {
		if c.unavailable != "" {
			fmt.Fprintf(w, "| %s | skipped | |\n", c.row)
			continue
		}
		fmt.Fprintf(w, "| %s | %.2f | %.2f |\n", c.row, c.toC, c.toGo)
	}
}

func (r *report) memoryTable(w io.Writer) {
	fmt.Fprint(w, "\n### Memory\n\nBytes by `used_memory`; in parentheses by resident memory, which includes what the allocator holds in reserve.\n\n"+
		"| data | per | berth | redis | valkey | to the smaller |\n|---|---|--:|--:|--:|--:|\n")
	for _, m := range r.memory {
		ratio := m.used[berth] / min(m.used[redis], m.used[valkey])
		mark := ""
		if ratio > 1 {
			mark = " ▴"
		}
		fmt.Fprintf(w, "| %s | %s |", m.shape, m.unit)
		for i := range servers {
			fmt.Fprintf(w, " %.1f (%.0f) |", m.used[i], m.rss[i])
		}
		fmt.Fprintf(w, " %.2f%s |\n", ratio, mark)
	}
}

func (r *report) pauseTable(w io.Writer) {
	fmt.Fprintf(w, "\n### Longest pause\n\nLongest (and 99.9th percentile) time that a client pinging every millisecond waited, in milliseconds. "+
		"The data are %d strings, one hash of %[1]d fields and one sorted set of %[1]d members. The machine's own scheduling is in it.\n\n| during | berth | redis | valkey |\n|---|--:|--:|--:|\n", pauseElements(r.scale))
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	for _, p := range r.pauses {
		fmt.Fprintf(w, "| %s |", p.during)
		for i := range servers {
			fmt.Fprintf(w, " %.1f (%.1f) |", ms(p.max[i]), ms(p.p999[i]))
		}
		fmt.Fprint(w, "\n")
	}
}

func (r *report) savingTable(w io.Writer) {
	fmt.Fprintf(w, "\n### Saving while clients write\n\n%d strings; a client sets 50 of them every millisecond. Growth is of the memory that the server and its "+
		"child have to themselves, at its peak, in proportion to that before; the pause is the longest wait for 50 replies, or for INFO.\n\n"+
		"| | berth | redis |\n|---|--:|--:|\n", r.savingKeys)
	line := func(name, format string, value func(which int) float64) {
		fmt.Fprintf(w, "| %s |", name)
		for _, which := range []int{berth, redis} {
			fmt.Fprintf(w, " "+format+" |", value(which))
		}
		fmt.Fprintln(w)
	}
	for _, s := range r.savings {
		line(s.what+": seconds", "%.2f", func(i int) float64 { return s.duration[i].Seconds() })
		line("memory growth, %", "%.1f", func(i int) float64 { return 100 * s.growth[i] })
		line("longest pause, ms", "%.1f", func(i int) float64 { return float64(s.pause[i]) / float64(time.Millisecond) })
		line("writes/s while saving, thousands", "%.1f", func(i int) float64 { return s.wrote[i] / 1000 })
		line("writes/s before, thousands", "%.1f", func(i int) float64 { return s.before[i] / 1000 })
	}
	line("loading the file at start: seconds", "%.2f", func(i int) float64 { return r.loading[i].Seconds() })
}

// machine says what the numbers were measured on.
func machine() string {
	model := "unknown processor"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	kernel := ""
	if out, err := exec.Command("uname", "-r").Output(); err == nil {
		kernel = "Linux " + strings.TrimSpace(string(out))
	}
	load := ""
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		load = ", load average " + strings.Join(strings.Fields(string(b))[:1], "")
	}
	return fmt.Sprintf("Machine: %d cores of %s, %s, %s, %s%s at the end.", runtime.NumCPU(), model, runtime.GOARCH, kernel, runtime.Version(), load)
}

func commandLine() string {
	return strings.Join(append([]string{"go run ./bench"}, os.Args[1:]...), " ")
}

// What is between the marks in docs/performance.md is the program's; the rest is kept.
const (
	markBegin = "<!-- tables: written by make bench, with -write. DO NOT EDIT. -->\n"
	markEnd   = "<!-- end of tables -->\n"
)

func writeReport(path, text string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	begin, end := bytes.Index(old, []byte(markBegin)), bytes.Index(old, []byte(markEnd))
	if begin < 0 || end < begin {
		return fmt.Errorf("%s has lost its marks %q and %q", path, strings.TrimSpace(markBegin), strings.TrimSpace(markEnd))
	}
	out := append([]byte{}, old[:begin+len(markBegin)]...)
	out = append(out, "\n"+text+"\n"...)
	out = append(out, old[end:]...)
	return os.WriteFile(path, out, 0o644)
}
