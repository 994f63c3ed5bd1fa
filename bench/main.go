package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"berth/difftest"
)

// The servers, in the order of the columns.
const (
	berth = iota
	redis
	valkey
	servers
)

// bench is one run of the program.
type bench struct {
	names    [servers]string
	binaries [servers]string
	running  [servers]*difftest.Server
	client   string // redis-benchmark
	module   string // path of bench.so
	noModule string // why berth can't load it, or ""
	rounds   int
	scale    float64 // of the work of each run
	share    float64 // of that, for speed
	only     []string
}

func main() {
	var (
		binary  = flag.String("berth", "bin/berth", "berth's `binary`")
		modules = flag.String("modules", "build/testmodules", "`directory` of bench.so")
		rounds  = flag.Int("rounds", 5, "`runs` of each row on each server")
		quick   = flag.Bool("quick", false, "a short run: two rounds of a tenth of the work")
		share   = flag.Float64("share", 1, "`part` of the requests of each row of the speed table: shorter runs, as many rounds")
		parts   = flag.String("parts", "speed,crossings,memory,saving,pauses", "what to measure")
		only    = flag.String("rows", "", "measure only the speed of rows whose name contains one of these, separated by commas")
		write   = flag.Bool("write", false, "write the tables to docs/performance.md too")
	)
	flag.Parse()
	if err := run(*binary, *modules, *rounds, *quick, *share, *parts, *only, *write); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(binary, modules string, rounds int, quick bool, share float64, parts, only string, write bool) error {
	b := &bench{
		names:  [servers]string{"berth", "redis-server 8.0.2", "valkey-server 9.1.2"},
		rounds: rounds, scale: 1, share: share,
		client: filepath.Join(difftest.OracleDir(), "bin", "redis-benchmark"),
	}
	if quick {
		b.rounds, b.scale = min(b.rounds, 2), 0.1
	}
	if only != "" {
		b.only = strings.Split(only, ",")
	}
	if err := b.find(binary, modules); err != nil {
		return err
	}
	defer b.stop()
	for i := range servers {
		var err error
		if b.running[i], err = b.start(i); err != nil {
			return err
		}
	}
	if err := b.loadModule(); err != nil {
		return err
	}
	out := &report{quick: quick, rounds: b.rounds, scale: b.scale, noModule: b.noModule, version: b.version()}
	if err := b.measure(out, strings.Split(parts, ",")); err != nil {
		return err
	}
	var text bytes.Buffer
	out.markdown(&text)
	fmt.Print(text.String())
	if !write {
		return nil
	}
	root, err := difftest.Root()
	if err != nil {
		return err
	}
	return writeReport(filepath.Join(root, "docs", "performance.md"), text.String())
}

func (b *bench) find(binary, modules string) error {
	var err error
	if b.binaries[berth], err = filepath.Abs(binary); err != nil {
		return err
	}
	if b.binaries[redis], err = difftest.Oracle("8.0"); err != nil {
		return err
	}
	if b.binaries[valkey], err = difftest.Oracle("valkey-9.1"); err != nil {
		return err
	}
	b.module, err = filepath.Abs(filepath.Join(modules, "bench.so"))
	return err
}

func (b *bench) start(which int) (*difftest.Server, error) {
	return difftest.Start(b.names[which], b.binaries[which])
}

func (b *bench) stop() {
	for _, s := range b.running {
		if s != nil {
			s.Stop()
		}
	}
}

// loadModule loads the module into all servers. That berth can't is noted, and leaves out its rows.
func (b *bench) loadModule() error {
	for i := range servers {
		c, err := dial(b.running[i].Addr)
		if err != nil {
			return err
		}
		_, err = c.do("MODULE", "LOAD", b.module)
		c.close()
		switch {
		case err == nil:
		case i != berth:
			return fmt.Errorf("%s: %w", b.names[i], err)
		default:
			b.noModule = "berth did not load bench.so: " + err.Error()
			// It may not have survived the attempt.
			b.running[i].Stop()
			if b.running[i], err = b.start(i); err != nil {
				return err
			}
		}
	}
	return nil
}

// version is what berth says of itself.
func (b *bench) version() string {
	c, err := dial(b.running[berth].Addr)
	if err != nil {
		return "?"
	}
	defer c.close()
	v, err := c.do("INFO", "server")
	if err != nil {
		return "?"
	}
	field := func(name string) string {
		for line := range strings.Lines(v.String()) {
			if value, ok := strings.CutPrefix(line, name+":"); ok {
				return strings.TrimSpace(value)
			}
		}
		return "?"
	}
	version := field("berth_version") + ", commit " + field("redis_git_sha1")
	if field("redis_git_dirty") == "1" {
		version += " with changes"
	}
	return version
}

func (b *bench) wants(name string) bool {
	if b.only == nil {
		return true
	}
	return slices.ContainsFunc(b.only, func(s string) bool { return strings.Contains(strings.ToLower(name), strings.ToLower(s)) })
}

func (b *bench) measure(out *report, parts []string) error {
	progress := func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
	if slices.Contains(parts, "speed") {
		for _, pipeline := range []int{1, 16} {
			for _, r := range rows {
				if !b.wants(r.name) {
					continue
				}
				s, err := b.measureSpeed(r, pipeline)
				if err != nil {
					return err
				}
				if s.skipped == "" {
					progress("pipeline %2d  %-28s %.2f of the faster", pipeline, r.name, s.faster)
				}
				out.speeds = append(out.speeds, s)
			}
		}
	}
	if slices.Contains(parts, "crossings") {
		for _, r := range rows {
			if r.module && b.wants(r.name) {
				c, err := b.measureCrossings(r)
				if err != nil {
					return err
				}
				out.crossings = append(out.crossings, c)
			}
		}
	}
	// What follows runs on servers of its own.
	b.stop()
	if slices.Contains(parts, "memory") {
		for _, s := range shapes() {
			m, err := b.measureMemory(s)
			if err != nil {
				return err
			}
			progress("memory  %-50s %.1f  %.1f  %.1f", s.name, m.used[berth], m.used[redis], m.used[valkey])
			out.memory = append(out.memory, m)
		}
	}
	if slices.Contains(parts, "saving") {
		var err error
		out.savingKeys = int(savingKeys * b.scale)
		if out.savings, out.loading, err = b.measureSaving(); err != nil {
			return err
		}
	}
	if slices.Contains(parts, "pauses") {
		var err error
		if out.pauses, err = b.measurePauses(); err != nil {
			return err
		}
	}
	return nil
}
