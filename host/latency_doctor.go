package host

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The texts of LATENCY DOCTOR are Redis's own: tools match them.
const (
	latencyDisabledText = "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it. If we weren't in a deep space mission I'd suggest to take a look at https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency-monitor.\n"
	latencyNoneText     = "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. I honestly think you ought to sit down calmly, take a stress pill, and think things over.\n"
	latencySomeText     = "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do you Dave?\n\n"
	latencyNoAdviceText = "\nWhile there are latency events logged, I'm not able to suggest any easy fix. Please use the Redis community to get some help, providing this report in your help request.\n"
)

type latencyAdvice int

// The advices in the order of the report.
const (
	adviseSlowlogEnable latencyAdvice = iota
	adviseSlowlogTune
	adviseSlowlogInspect
	adviseScheduler
	adviseHz
	adviseLargeObjects
	adviseMassEviction
)

var latencyAdvices = [...]string{
	adviseSlowlogEnable:  "- There are latency issues with potentially slow commands you are using. Try to enable the Slow Log Redis feature using the command 'CONFIG SET slowlog-log-slower-than %d'. If the Slow log is disabled Redis is not able to log slow commands execution for you.\n",
	adviseSlowlogTune:    "- Your current Slow Log configuration only logs events that are slower than your configured latency monitor threshold. Please use 'CONFIG SET slowlog-log-slower-than %d'.\n",
	adviseSlowlogInspect: "- Check your Slow Log to understand what are the commands you are running which are too slow to execute. Please check https://redis.io/commands/slowlog for more information.\n",
	adviseScheduler: "- The system is slow to execute Redis code paths not containing system calls. This usually means the system does not provide Redis CPU time to run for long periods. You should try to:\n" +
		"  1) Lower the system load.\n" +
		"  2) Use a computer / VM just for Redis if you are running other software in the same system.\n" +
		"  3) Check if you have a \"noisy neighbour\" problem.\n" +
		"  4) Check with 'redis-cli --intrinsic-latency 100' what is the intrinsic latency in your system.\n" +
		"  5) Check if the problem is allocator-related by recompiling Redis with MALLOC=libc, if you are using Jemalloc. However this may create fragmentation problems.\n",
	adviseHz:           "- In order to make the Redis keys expiring process more incremental, try to set the 'hz' configuration parameter to 100 using 'CONFIG SET hz 100'.\n",
	adviseLargeObjects: "- Deleting, expiring or evicting (because of maxmemory policy) large objects is a blocking operation. If you have very large objects that are often deleted, expired, or evicted, try to fragment those objects into multiple smaller objects.\n",
	adviseMassEviction: "- Sudden changes to the 'maxmemory' setting via 'CONFIG SET', or allocation of large objects via sets or sorted sets intersections, STORE option of SORT, Redis Cluster large keys migrations (RESTORE command), may create sudden memory pressure forcing the server to block trying to evict keys. \n",
}

// latencyReport is LATENCY DOCTOR.
func (s *Server) latencyReport() string {
	events := s.latency.events
	if len(events) == 0 {
		if s.cfg.LatencyMonitorThreshold == 0 {
			return latencyDisabledText
		}
		return latencyNoneText
	}
	var b strings.Builder
	b.WriteString(latencySomeText)
	var advise [len(latencyAdvices)]bool
	for i, name := range slices.Sorted(maps.Keys(events)) {
		e := events[name]
		list := e.all()
		avg, mad, period := spikeStats(list, time.Now().Unix())
		fmt.Fprintf(&b, "%d. %s: %d latency spikes (average %dms, mean deviation %dms, period %.2f sec). Worst all time event %dms.\n",
			i+1, name, len(list), avg, mad, period, e.max)
		for _, a := range s.adviceFor(name) {
			advise[a] = true
		}
	}
	if !slices.Contains(advise[:], true) {
		b.WriteString(latencyNoAdviceText)
		return b.String()
	}
	b.WriteString("\nI have a few advices for you:\n\n")
	for a, on := range advise {
		switch text := latencyAdvices[a]; {
		case !on:
		case strings.Contains(text, "%d"):
			fmt.Fprintf(&b, text, s.cfg.LatencyMonitorThreshold*1000)
		default:
			b.WriteString(text)
		}
	}
	return b.String()
}

func (s *Server) adviceFor(event string) []latencyAdvice {
	switch event {
	case "command":
		out := []latencyAdvice{adviseSlowlogInspect, adviseLargeObjects}
		switch slower := s.cfg.SlowlogLogSlowerThan; {
		case slower < 0 || s.cfg.SlowlogMaxLen == 0:
			out = append(out, adviseSlowlogEnable)
		case slower/1000 > s.cfg.LatencyMonitorThreshold:
			out = append(out, adviseSlowlogTune)
		}
		return out
	case "fast-command":
		return []latencyAdvice{adviseScheduler}
	case "expire-cycle":
		return []latencyAdvice{adviseHz, adviseLargeObjects}
	case "eviction-del":
		return []latencyAdvice{adviseLargeObjects}
	case "eviction-cycle":
		return []latencyAdvice{adviseMassEviction}
	}
	return nil
}

// spikeStats are the mean, the mean deviation from it, and the mean time
// between two spikes.
func spikeStats(list []latencySample, now int64) (avg, mad int64, period float64) {
	n := int64(len(list))
	var sum int64
	for _, x := range list {
		sum += x.ms
	}
	avg = sum / n
	sum = 0
	for _, x := range list {
		sum += max(x.ms-avg, avg-x.ms)
	}
	return avg, sum / n, float64(max(now-list[0].time, 1)) / float64(n)
}
