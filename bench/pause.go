package main

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// pause is how long a client that pings every millisecond had to wait while something large went on.
type pause struct {
	during string
	max    [servers]time.Duration
	p999   [servers]time.Duration
}

// phase is a load under which pauses are looked for.
type phase struct {
	name string
	run  func(c *client, n int) error
}

var phases = []phase{
	{"loading strings", func(c *client, n int) error {
		for i := range n {
			if err := c.pipe("SET", fmt.Sprintf("%016d", i), value32); err != nil {
				return err
			}
		}
		return c.flush()
	}},
	{"loading one hash", func(c *client, n int) error {
		for i := range n {
			if err := c.pipe("HSET", "hash", strconv.Itoa(i), "v"); err != nil {
				return err
			}
		}
		return c.flush()
	}},
	{"loading one sorted set", func(c *client, n int) error {
		for i := range n {
			if err := c.pipe("ZADD", "zset", strconv.Itoa(i*7919%n), strconv.Itoa(i)); err != nil {
				return err
			}
		}
		return c.flush()
	}},
	{"UNLINK of that hash and sorted set", func(c *client, _ int) error {
		_, err := c.do("UNLINK", "hash", "zset")
		if err == nil {
			time.Sleep(300 * time.Millisecond)
		}
		return err
	}},
	{"all strings expiring at once", func(c *client, n int) error {
		at := strconv.FormatInt(time.Now().Add(6*time.Second).UnixMilli(), 10)
		for i := range n {
			if err := c.pipe("PEXPIREAT", fmt.Sprintf("%016d", i), at); err != nil {
				return err
			}
		}
		if err := c.flush(); err != nil {
			return err
		}
		for range 200 {
			size, err := c.do("DBSIZE")
			if err != nil || size.Integer() == 0 {
				return err
			}
			time.Sleep(100 * time.Millisecond)
		}
		return nil
	}},
}

// pauseElements is how many strings, fields and members the phases load.
func pauseElements(scale float64) int { return int(1_000_000 * scale) }

// measurePauses runs the phases one after the other on a fresh server of each kind.
func (b *bench) measurePauses() ([]pause, error) {
	out := make([]pause, len(phases))
	for which := range servers {
		srv, err := b.start(which)
		if err != nil {
			return nil, err
		}
		for i, p := range phases {
			out[i].during = p.name
			if out[i].max[which], out[i].p999[which], err = pausesDuring(srv.Addr, p, pauseElements(b.scale)); err != nil {
				srv.Stop()
				return nil, fmt.Errorf("%s on %s: %w", p.name, b.names[which], err)
			}
		}
		srv.Stop()
	}
	return out, nil
}

func pausesDuring(addr string, p phase, n int) (worst, p999 time.Duration, err error) {
	pinger, err := dial(addr)
	if err != nil {
		return 0, 0, err
	}
	defer pinger.close()
	load, err := dial(addr)
	if err != nil {
		return 0, 0, err
	}
	defer load.close()

	stop, done := make(chan struct{}), make(chan error, 1)
	var seen []time.Duration
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				done <- nil
				return
			case <-tick.C:
			}
			start := time.Now()
			if _, err := pinger.do("PING"); err != nil {
				done <- err
				return
			}
			seen = append(seen, time.Since(start))
		}
	}()
	err = p.run(load, n)
	close(stop)
	if perr := <-done; err == nil {
		err = perr
	}
	if err != nil || len(seen) == 0 {
		return 0, 0, err
	}
	slices.Sort(seen)
	return seen[len(seen)-1], seen[len(seen)*999/1000], nil
}
