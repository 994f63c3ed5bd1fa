package main

import (
	"fmt"
	"strconv"
)

// memory is what a shape of data takes, per unit.
type memory struct {
	shape string
	unit  string
	used  [servers]float64 // by used_memory
	rss   [servers]float64 // by used_memory_rss
}

// shape is a data set whose memory is measured.
type shape struct {
	name, unit string
	load       func(c *client, scale float64) (units int, err error)
}

// aggregate is a kind of collection.
type aggregate struct {
	name string
	args func(key string, i int) []string
}

const value32 = "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"

var aggregates = []aggregate{
	{"hash", func(key string, i int) []string { return []string{"HSET", key, fmt.Sprintf("field:%010d", i), value32} }},
	{"list", func(key string, i int) []string {
		return []string{"RPUSH", key, fmt.Sprintf("element:%08d", i) + value32[:16]}
	}},
	{"set", func(key string, i int) []string { return []string{"SADD", key, fmt.Sprintf("member:%09d", i)} }},
	{"sorted set", func(key string, i int) []string {
		return []string{"ZADD", key, strconv.FormatFloat(float64(i)+0.5, 'f', -1, 64), fmt.Sprintf("member:%09d", i)}
	}},
}

// shapes are a million strings, and each aggregate small and large. Small ones are many; of the large there are a few,
// so that their keys don't count.
func shapes() []shape {
	out := []shape{{name: "1,000,000 strings: key of 16 bytes, value of 32", unit: "key", load: loadStrings}}
	for _, a := range aggregates {
		for _, size := range []struct {
			members, of int
			name, unit  string
		}{
			{10, 20_000, "of 10", "key"},
			{100_000, 3, "of 100,000", "member"},
		} {
			out = append(out, shape{
				name: a.name + " " + size.name, unit: size.unit,
				load: func(c *client, scale float64) (int, error) {
					of := max(1, int(float64(size.of)*scale))
					for k := range of {
						key := fmt.Sprintf("key:%012d", k)
						for i := range size.members {
							if err := c.pipe(a.args(key, i)...); err != nil {
								return 0, err
							}
						}
					}
					if size.unit == "key" {
						return of, c.flush()
					}
					return of * size.members, c.flush()
				},
			})
		}
	}
	return out
}

// loadStrings is never scaled down: where the table stands between two doublings decides much.
func loadStrings(c *client, _ float64) (int, error) {
	const n = 1_000_000
	for i := range n {
		if err := c.pipe("SET", fmt.Sprintf("%016d", i), value32); err != nil {
			return 0, err
		}
	}
	return n, c.flush()
}

// measureMemory loads the shape into fresh servers, one after the other.
func (b *bench) measureMemory(s shape) (memory, error) {
	out := memory{shape: s.name, unit: s.unit}
	for i := range servers {
		if err := b.measureMemoryOf(i, s, &out); err != nil {
			return out, fmt.Errorf("%s on %s: %w", s.name, b.names[i], err)
		}
	}
	return out, nil
}

func (b *bench) measureMemoryOf(which int, s shape, out *memory) error {
	srv, err := b.start(which)
	if err != nil {
		return err
	}
	defer srv.Stop()
	c, err := dial(srv.Addr)
	if err != nil {
		return err
	}
	defer c.close()
	before, err := c.settle()
	if err != nil {
		return err
	}
	rssBefore, err := c.info("memory", "used_memory_rss")
	if err != nil {
		return err
	}
	// The loading connection's buffers must be gone when the data is counted.
	loader, err := dial(srv.Addr)
	if err != nil {
		return err
	}
	units, err := s.load(loader, b.scale)
	loader.close()
	if err != nil {
		return err
	}
	after, err := c.settle()
	if err != nil {
		return err
	}
	rss, err := c.info("memory", "used_memory_rss")
	if err != nil {
		return err
	}
	out.used[which] = float64(after-before) / float64(units)
	out.rss[which] = float64(rss-rssBefore) / float64(units)
	return nil
}
