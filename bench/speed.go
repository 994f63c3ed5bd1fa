package main

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// speed is the result of one row at one pipeline depth.
type speed struct {
	row      string
	pipeline int
	perSec   [servers]float64 // medians
	redis    float64          // median ratio of berth to redis-server
	valkey   float64
	faster   float64          // to the faster of the two, round by round
	cpu      [servers]float64 // median processor time per request, in microseconds
	skipped  string
}

// defaultRequests are sent at pipeline 1; pipelined runs send pipelinedFactor times as many.
const (
	defaultRequests = 60_000
	pipelinedFactor = 6
)

// measureSpeed runs a row in rounds on every server. The order changes with the round, so that none is always
// the one that runs on the warm, or on the throttled, machine.
func (b *bench) measureSpeed(r row, pipeline int) (speed, error) {
	out := speed{row: r.name, pipeline: pipeline}
	if r.module && b.noModule != "" {
		out.skipped = b.noModule
		return out, nil
	}
	n := r.requests
	if n == 0 {
		n = defaultRequests
	}
	if pipeline > 1 {
		n *= pipelinedFactor
	}
	n = int(float64(n) * b.scale * b.share)
	var got, cpu [servers][]float64
	for round := range b.rounds {
		for i := range servers {
			which := (i + round) % servers
			if which == valkey && r.notValkey {
				got[which], cpu[which] = append(got[which], 0), append(cpu[which], 0)
				continue
			}
			rate, used, err := b.run(which, r, pipeline, n)
			if err != nil {
				return out, fmt.Errorf("%s on %s: %w", r.name, b.names[which], err)
			}
			got[which] = append(got[which], rate)
			cpu[which] = append(cpu[which], used)
		}
	}
	var toRedis, toValkey, toFaster []float64
	for i := range b.rounds {
		ours, redis, valkey := got[berth][i], got[redis][i], got[valkey][i]
		toRedis = append(toRedis, ours/redis)
		if valkey > 0 {
			toValkey = append(toValkey, ours/valkey)
		} else {
			toValkey = append(toValkey, 0)
		}
		toFaster = append(toFaster, ours/max(redis, valkey))
	}
	out.redis, out.valkey, out.faster = median(toRedis), median(toValkey), median(toFaster)
	for i := range servers {
		out.perSec[i], out.cpu[i] = median(got[i]), median(cpu[i])
	}
	return out, nil
}

// run is one run of redis-benchmark: requests per second, and the server's processor time for each in microseconds.
func (b *bench) run(which int, r row, pipeline, n int) (rate, cpu float64, err error) {
	c, err := dial(b.running[which].Addr)
	if err != nil {
		return 0, 0, err
	}
	defer c.close()
	if err := c.empty(); err != nil {
		return 0, 0, err
	}
	if r.prepare != nil {
		if err := r.prepare(c, n); err != nil {
			return 0, 0, err
		}
	}
	command := slices.Clone(r.args)
	if r.script != "" {
		sha, err := c.do("SCRIPT", "LOAD", r.script)
		if err != nil {
			return 0, 0, err
		}
		command[1] = sha.String()
	}
	// An error reply is quick; redis-benchmark does not look.
	try := make([]string, len(command))
	for i, a := range command {
		try[i] = strings.ReplaceAll(a, "__rand_int__", "000000000001")
	}
	if _, err := c.do(try...); err != nil {
		return 0, 0, err
	}
	args := append([]string{
		"-h", "127.0.0.1", "-p", strconv.Itoa(b.running[which].Port), "--csv", "-c", "50",
		"-n", strconv.Itoa(n), "-r", strconv.Itoa(keys), "-P", strconv.Itoa(pipeline),
	}, command...)
	before, err := c.cpu()
	if err != nil {
		return 0, 0, err
	}
	out, err := exec.Command(b.client, args...).Output()
	if err != nil {
		return 0, 0, err
	}
	after, err := c.cpu()
	if err != nil {
		return 0, 0, err
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	fields := strings.Split(lines[len(lines)-1], `","`)
	if len(fields) < 2 {
		return 0, 0, errors.New("redis-benchmark printed " + string(out))
	}
	rate, err = strconv.ParseFloat(fields[1], 64)
	return rate, (after - before) / float64(n), err
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

// crossings is how often a module command goes from C into Go and back.
type crossings struct {
	row         string
	toC, toGo   float64
	unavailable string
}

func (b *bench) measureCrossings(r row) (crossings, error) {
	out := crossings{row: r.name, unavailable: b.noModule}
	if b.noModule != "" {
		return out, nil
	}
	const n = 1000
	c, err := dial(b.running[berth].Addr)
	if err != nil {
		return out, err
	}
	defer c.close()
	if err := c.empty(); err != nil {
		return out, err
	}
	if r.prepare != nil {
		if err := r.prepare(c, n); err != nil {
			return out, err
		}
	}
	look := func() (toC, toGo int64) {
		var err2 error
		toC, err = c.info("berth", "crossings_to_c")
		toGo, err2 = c.info("berth", "crossings_to_go")
		err = errors.Join(err, err2)
		return toC, toGo
	}
	toC, toGo := look()
	for i := range n {
		args := make([]string, len(r.args))
		for j, a := range r.args {
			args[j] = strings.ReplaceAll(a, "__rand_int__", fmt.Sprintf("%012d", i))
		}
		if err := c.pipe(args...); err != nil {
			return out, err
		}
	}
	if err := c.flush(); err != nil {
		return out, err
	}
	toC2, toGo2 := look()
	out.toC, out.toGo = float64(toC2-toC)/n, float64(toGo2-toGo)/n
	return out, err
}
