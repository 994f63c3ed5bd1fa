package host

import (
	"crypto/rand"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"berth/host/acl"
	"berth/host/command"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// stats are the counters behind INFO; CONFIG RESETSTAT clears most of them.
type stats struct {
	connections, rejectedConns       int64
	commands                         int64
	netIn, netOut                    int64
	errorReplies                     int64
	errorsByCode                     map[string]int64
	errorsDisabled                   bool
	outputLimitDisconnections        int64
	queryLimitDisconnections         int64
	blocked, blockedReal             int64
	peakMemory                       int64
	loopMicros, loopCount            int64
	evicted, evictedClients          int64
	unexpectedErrors                 int64
	sanitizations                    int64
	reads, writes                    int64
	replyShrinks, replyExpands       int64
	denied                           [acl.DeniedChannel + 1]int64 // by the reason
	commandTime, cronTime, aofTime   time.Duration
	loopMax                          time.Duration
	commandsPerLoopMax, loopCommands int64

	samples      [sampleKinds]rateSampler
	loopDuration rateSampler // µs per turn
	recent       [recentSeconds]peakSlot
}

// The rates of INFO instantaneous_*.
const (
	sampleCommands = iota
	sampleNetIn
	sampleNetOut
	sampleLoops
	sampleKinds
)

const rateSamples = 16

// rateSampler keeps the latest rates of a counter.
type rateSampler struct {
	lastCount int64
	lastTime  time.Duration
	rates     [rateSamples]int64
	next      int
}

func (r *rateSampler) track(now time.Duration, count int64) {
	if d := now - r.lastTime; d > 0 {
		r.rates[r.next] = (count - r.lastCount) * int64(time.Second) / int64(d)
		r.next = (r.next + 1) % rateSamples
	}
	r.lastCount, r.lastTime = count, now
}

// trackMean keeps the latest means of a sum over a count.
func (r *rateSampler) trackMean(count int64, sum int64) {
	if n := count - int64(r.lastTime); n > 0 {
		r.rates[r.next] = (sum - r.lastCount) / n
		r.next = (r.next + 1) % rateSamples
	}
	r.lastCount, r.lastTime = sum, time.Duration(count)
}

func (r *rateSampler) rate() int64 {
	var sum int64
	for _, v := range r.rates {
		sum += v
	}
	return sum / rateSamples
}

func (t *stats) addLoopTime(d time.Duration) {
	t.loopCount++
	t.loopMicros += d.Microseconds()
	t.loopMax = max(t.loopMax, d)
	t.commandsPerLoopMax = max(t.commandsPerLoopMax, t.commands-t.loopCommands)
	t.loopCommands = t.commands
}

// recentSeconds is for how long INFO remembers the largest buffers.
const recentSeconds = 8

// notePeaks takes the largest buffers that a client had of late.
func (t *stats) notePeaks(now int64, c *Client) {
	slot := &t.recent[now%recentSeconds]
	if slot.second != now {
		*slot = peakSlot{second: now}
	}
	slot.in, slot.out = max(slot.in, c.inRecent), max(slot.out, c.outRecent)
	c.inRecent, c.outRecent = 0, 0
}

type peakSlot struct {
	second  int64
	in, out int
}

// recentPeaks are the largest buffers of the last seconds.
func (t *stats) recentPeaks(now int64) (in, out int) {
	for _, p := range t.recent {
		if now-p.second < recentSeconds {
			in, out = max(in, p.in), max(out, p.out)
		}
	}
	return in, out
}

func (s *Server) initStats() {
	s.stat = stats{errorsByCode: map[string]int64{}, blocked: s.stat.blocked, blockedReal: s.stat.blockedReal,
		peakMemory: s.stat.peakMemory}
	s.eviction.total, s.eviction.since = 0, time.Time{}
	s.resetDefragStats()
	s.ks.ResetStats()
}

// maxErrorCodes bounds the table of error codes, which scripts and modules can
// make up at will: with one more it is given up until CONFIG RESETSTAT.
const maxErrorCodes = 128

// errorsGivenUp stands in the table alone then.
const errorsGivenUp = "ERRORSTATS_DISABLED"

func (s *Server) countErrorCode(msg string) {
	if s.stat.errorsDisabled {
		return
	}
	// As in Redis, a code ends with a space among the first bytes; what has
	// none counts as ERR.
	code, _, found := strings.Cut(msg[:min(len(msg), 31)], " ")
	if !found {
		code = "ERR"
	}
	if n, ok := s.stat.errorsByCode[code]; ok {
		s.stat.errorsByCode[code] = n + 1
		return
	}
	if len(s.stat.errorsByCode) >= maxErrorCodes {
		s.log.Warn("Errorstats stopped adding new errors because the number of errors reached the limit, may be misuse of lua error_reply, please check INFO ERRORSTATS, this can be re-enabled via CONFIG RESETSTAT.")
		s.log.Warn("Current errors code list: %s", strings.Join(slices.Sorted(maps.Keys(s.stat.errorsByCode)), ", "))
		s.stat.errorsDisabled = true
		s.stat.errorsByCode = map[string]int64{errorsGivenUp: 1}
		return
	}
	s.stat.errorsByCode[strings.Clone(code)] = 1
}

// The range of the latency histograms, as in Redis: 1 ns to 1 s, two digits.
const (
	latencyMin    = 1
	latencyMax    = int64(time.Second)
	latencyDigits = 2
)

func (s *Server) recordLatency(row *command.Row, d time.Duration) {
	h := row.Stats.Latency
	if h == nil {
		h = hdrhistogram.New(latencyMin, latencyMax, latencyDigits)
		row.Stats.Latency = h
	}
	_ = h.RecordValue(min(max(int64(d), latencyMin), latencyMax))
}

func newRunID() string {
	var b [20]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func upper(s string) string { return strings.ToUpper(s) }
