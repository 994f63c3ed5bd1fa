package host

import (
	"fmt"
	"strings"
	"time"

	"berth/host/command"
)

// latencySamples is how many samples of an event are kept, one per second at most.
const latencySamples = 160

// latencyMonitor has the spikes of each event (latency-monitor-threshold).
type latencyMonitor struct {
	events map[string]*latencyEvent
}

type latencyEvent struct {
	name    string
	samples [latencySamples]latencySample // a ring; next is the oldest
	next    int
	max     int64 // ms, of all time
}

type latencySample struct {
	time int64 // unix seconds, 0: no sample
	ms   int64
}

// addLatencySample notes that something took d, if that is long enough to be
// of interest.
func (s *Server) addLatencySample(event string, d time.Duration) {
	ms := d.Milliseconds()
	if s.cfg.LatencyMonitorThreshold <= 0 || ms < int64(s.cfg.LatencyMonitorThreshold) {
		return
	}
	s.AddLatencyEvent(event, ms)
}

// AddLatencyEvent notes a spike of ms milliseconds whatever the threshold.
func (s *Server) AddLatencyEvent(event string, ms int64) {
	e := s.latency.events[event]
	if e == nil {
		if s.latency.events == nil {
			s.latency.events = map[string]*latencyEvent{}
		}
		e = &latencyEvent{name: strings.Clone(event)}
		s.latency.events[e.name] = e
	}
	e.max = max(e.max, ms)
	now := time.Now().Unix()
	if last := e.last(); last.time == now {
		last.ms = max(last.ms, ms)
		return
	}
	e.samples[e.next] = latencySample{now, ms}
	e.next = (e.next + 1) % latencySamples
}

// last is the newest sample, which may be an empty one.
func (e *latencyEvent) last() *latencySample {
	return &e.samples[(e.next+latencySamples-1)%latencySamples]
}

// all lists the samples, oldest first.
func (e *latencyEvent) all() []latencySample {
	var out []latencySample
	for i := range latencySamples {
		if x := e.samples[(e.next+i)%latencySamples]; x.time != 0 {
			out = append(out, x)
		}
	}
	return out
}

func (s *Server) registerLatency() {
	reg := s.commands.Register
	reg("latency|latest", s.cmdLatencyLatest)
	reg("latency|history", s.cmdLatencyHistory)
	reg("latency|reset", s.cmdLatencyReset)
	reg("latency|graph", s.cmdLatencyGraph)
	reg("latency|doctor", func(cc *command.Ctx) { cc.Verbatim("txt", []byte(s.latencyReport())) })
	reg("latency|histogram", s.cmdLatencyHistogram)
	reg("latency|help", command.Help)
}

func (s *Server) cmdLatencyLatest(cc *command.Ctx) {
	cc.Array(len(s.latency.events))
	for name, e := range s.latency.events {
		last := e.last()
		cc.Array(4)
		cc.BulkString(name)
		cc.Int(last.time)
		cc.Int(last.ms)
		cc.Int(e.max)
	}
}

func (s *Server) cmdLatencyHistory(cc *command.Ctx) {
	e := s.latency.events[string(cc.Args[2])]
	if e == nil {
		cc.Array(0)
		return
	}
	list := e.all()
	cc.Array(len(list))
	for _, x := range list {
		cc.Array(2)
		cc.Int(x.time)
		cc.Int(x.ms)
	}
}

func (s *Server) cmdLatencyReset(cc *command.Ctx) {
	n := 0
	if len(cc.Args) == 2 {
		n = len(s.latency.events)
		clear(s.latency.events)
	}
	for _, name := range cc.Args[2:] {
		if s.latency.events[string(name)] != nil {
			delete(s.latency.events, string(name))
			n++
		}
	}
	cc.Int(int64(n))
}

func (s *Server) cmdLatencyGraph(cc *command.Ctx) {
	e := s.latency.events[string(cc.Args[2])]
	if e == nil {
		cc.Error("ERR No samples available for event '" + string(cc.Args[2]) + "'")
		return
	}
	cc.Verbatim("txt", []byte(e.graph(time.Now().Unix())))
}

// graphColumns is the width of LATENCY GRAPH.
const graphColumns = 80

func (e *latencyEvent) graph(now int64) string {
	list := e.all()
	low, high := list[0].ms, list[0].ms
	for _, x := range list {
		low, high = min(low, x.ms), max(high, x.ms)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s - high %d ms, low %d ms (all time high %d ms)\n", e.name, high, low, e.max)
	b.WriteString(strings.Repeat("-", graphColumns))
	b.WriteByte('\n')
	for len(list) > 0 {
		part := list[:min(len(list), graphColumns)]
		sparkline(&b, part, low, high, now)
		if list = list[len(part):]; len(list) > 0 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// sparkline draws the samples as columns four characters high, a character
// having three heights, and below each column its age, read downwards.
func sparkline(b *strings.Builder, list []latencySample, low, high, now int64) {
	const rows, heights = 4, "_o#"
	span := max(high-low, 1)
	line := make([]byte, len(list))
	for row := range rows {
		for i, x := range list {
			step := min((x.ms-low)*int64(rows*len(heights))/span, int64(rows*len(heights)-1))
			switch at := int(step) - (rows-1-row)*len(heights); {
			case at < 0:
				line[i] = ' '
			case at >= len(heights):
				line[i] = '|'
			default:
				line[i] = heights[at]
			}
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	labels, longest := make([]string, len(list)), 0
	for i, x := range list {
		labels[i] = ageLabel(now - x.time)
		longest = max(longest, len(labels[i]))
	}
	for row := -1; row < longest; row++ {
		for i, l := range labels {
			line[i] = ' '
			if row >= 0 && row < len(l) {
				line[i] = l[row]
			}
		}
		b.Write(line)
		b.WriteByte('\n')
	}
}

func ageLabel(seconds int64) string {
	switch {
	case seconds < 60:
		return fmt.Sprintf("%ds", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%dm", seconds/60)
	case seconds < 86400:
		return fmt.Sprintf("%dh", seconds/3600)
	}
	return fmt.Sprintf("%dd", seconds/86400)
}

func (s *Server) cmdLatencyHistogram(cc *command.Ctx) {
	mark, n := cc.Defer(), 0
	put := func(r *command.Row) {
		if r.Stats.Latency != nil && r.Stats.Latency.TotalCount() > 0 {
			writeHistogram(cc, r)
			n++
		}
	}
	if len(cc.Args) == 2 {
		s.commands.All(put)
	}
	for _, name := range cc.Args[2:] {
		r := s.commands.LookupFull(string(name))
		if r == nil {
			continue
		}
		put(r)
		for _, sub := range r.Subs {
			put(sub)
		}
	}
	cc.DeferredMap(mark, n)
}

// writeHistogram replies the cumulative distribution of a command's
// latencies at powers of two of 1024 ns. The level that is printed is the
// upper end of the bucket in which the power lies.
func writeHistogram(cc *command.Ctx, r *command.Row) {
	h := r.Stats.Latency
	cc.BulkString(r.FullName())
	cc.Map(2)
	cc.BulkString("calls")
	cc.Int(h.TotalCount())
	cc.BulkString("histogram_usec")
	mark, n := cc.Defer(), 0
	var seen, shown int64
	level := int64(1024)
	for _, bar := range h.Distribution() {
		seen += bar.Count
		if level <= bar.To {
			if seen > shown {
				cc.Int(bar.To / 1000)
				cc.Int(seen)
				shown = seen
				n++
			}
			level *= 2
		}
	}
	if seen > shown {
		cc.Int(bucketEnd(level) / 1000)
		cc.Int(seen)
		n++
	}
	cc.DeferredMap(mark, n)
}

// bucketEnd is the largest value that counts as equal to a power of two: two
// digits of precision make 128 buckets of each octave.
func bucketEnd(power int64) int64 { return power + max(power/128, 1) - 1 }
