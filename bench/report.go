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
