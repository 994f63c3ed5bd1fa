package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"berth/difftest"
)

// saving is what a save in the background costs while clients write.
type saving struct {
	what     string
	duration [servers]time.Duration
	growth   [servers]float64 // peak memory of the server and its child beyond what there was, in proportion to that
	pause    [servers]time.Duration
	wrote    [servers]float64 // commands per second while it ran
	before   [servers]float64 // and for as long before it
}

const (
	savingKeys  = 5_000_000
	writesAtOne = 50 // every millisecond: 50,000 a second
)

// measureSaving loads a data set, keeps writing to it at 50,000 commands a second, and saves it twice: as a snapshot
// and as the base of an append-only file. Valkey is left out: what it does is what Redis does. Afterwards the file is
// loaded by a new server.
func (b *bench) measureSaving() ([]saving, [servers]time.Duration, error) {
	out := []saving{{what: "BGSAVE"}, {what: "BGREWRITEAOF"}}
	var loading [servers]time.Duration
	n := int(savingKeys * b.scale)
	for _, which := range []int{berth, redis} {
		dir, err := os.MkdirTemp("", "bench-saving-")
		if err != nil {
			return nil, loading, err
		}
		defer os.RemoveAll(dir)
		args := []string{"--dir", dir, "--save", "", "--enable-debug-command", "yes"}
		srv, err := difftest.Start(b.names[which], b.binaries[which], args...)
		if err != nil {
			return nil, loading, err
		}
		err = b.saveTwice(srv, which, n, out)
		srv.Stop()
		if err != nil {
			return nil, loading, fmt.Errorf("%s: %w", b.names[which], err)
		}
		start := time.Now()
		srv, err = difftest.Start(b.names[which], b.binaries[which], args...)
		if err != nil {
			return nil, loading, err
		}
		err = waitLoaded(srv.Addr, n)
		loading[which] = time.Since(start)
		srv.Stop()
		if err != nil {
			return nil, loading, fmt.Errorf("%s: %w", b.names[which], err)
		}
		if _, err := os.Stat(filepath.Join(dir, "dump.rdb")); err != nil {
			return nil, loading, err
		}
	}
	return out, loading, nil
}

func waitLoaded(addr string, n int) error {
	for range 6000 {
		if c, err := dial(addr); err == nil {
			size, err := c.do("DBSIZE")
			c.close()
			if err == nil && size.Integer() >= n {
				return nil
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("%s did not load its file", addr)
}

func (b *bench) saveTwice(srv *difftest.Server, which, n int, out []saving) error {
	c, err := dial(srv.Addr)
	if err != nil {
		return err
	}
	defer c.close()
	for i := range n {
		if err := c.pipe("SET", fmt.Sprintf("%016d", i), value32); err != nil {
			return err
		}
	}
	if err := c.flush(); err != nil {
		return err
	}
	for i, command := range []string{"BGSAVE", "BGREWRITEAOF"} {
		field := []string{"rdb_bgsave_in_progress", "aof_rewrite_in_progress"}[i]
		base := resident(srv.PID())
		w := &writer{addr: srv.Addr, keys: n, stop: make(chan struct{}), done: make(chan error, 1)}
		go w.run()
		time.Sleep(2 * time.Second)
		quiet, t0 := w.count(), time.Now()
		time.Sleep(2 * time.Second)
		out[i].before[which] = float64(w.count()-quiet) / time.Since(t0).Seconds()
		peak, looked := base, time.Now()
		var worst time.Duration
		wrote, start := w.count(), time.Now()
		if _, err := c.do(command); err != nil {
			return err
		}
		for {
			at := time.Now()
			running, err := c.info("persistence", field)
			if err != nil {
				return err
			}
			worst = max(worst, time.Since(at))
			// Looking takes the kernel a while.
			if time.Since(looked) > 50*time.Millisecond {
				peak, looked = max(peak, resident(srv.PID())), time.Now()
			}
			if running == 0 {
				break
			}
			time.Sleep(time.Millisecond)
		}
		took := time.Since(start)
		out[i].wrote[which] = float64(w.count()-wrote) / took.Seconds()
		close(w.stop)
		if err := <-w.done; err != nil {
			return err
		}
		out[i].duration[which], out[i].pause[which] = took, max(worst, w.worst)
		out[i].growth[which] = float64(peak-base) / float64(base)
	}
	return nil
}

// writer sets random keys at a steady rate, in one batch every millisecond, and keeps the longest wait for a batch.
type writer struct {
	addr  string
	keys  int
	stop  chan struct{}
	done  chan error
	total atomic.Int64
	worst time.Duration
}

func (w *writer) count() int64 { return w.total.Load() }

func (w *writer) run() {
	c, err := dial(w.addr)
	if err != nil {
		w.done <- err
		return
	}
	defer c.close()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	seed := uint64(1)
	for {
		select {
		case <-w.stop:
			w.done <- nil
			return
		case <-tick.C:
		}
		start := time.Now()
		for range writesAtOne {
			seed = seed*6364136223846793005 + 1442695040888963407
			if err := c.pipe("SET", fmt.Sprintf("%016d", seed>>33%uint64(w.keys)), value32); err != nil {
				w.done <- err
				return
			}
		}
		if err := c.flush(); err != nil {
			w.done <- err
			return
		}
		w.worst = max(w.worst, time.Since(start))
		w.total.Add(writesAtOne)
	}
}

// resident is the memory of a process and of its children that belongs to them alone, in bytes: pages that a child
// shares with its parent count once.
func resident(pid int) int64 {
	total := proportional(pid)
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	tasks, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	for _, t := range tasks {
		if t.Name() != strconv.Itoa(pid) {
			more, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, t.Name()))
			children = append(children, more...)
		}
	}
	for _, f := range strings.Fields(string(children)) {
		child, _ := strconv.Atoi(f)
		total += proportional(child)
	}
	return total
}

// proportional is the proportional set size of a process.
func proportional(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(line, "Pss:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(v)[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}
