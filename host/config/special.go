package config

import (
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"berth/internal/errtext"
	"berth/internal/rlog"
)

// specialValue is a parameter with a syntax of its own.
type specialValue struct {
	getFn     func() string
	setFn     func(args []string) (bool, error)
	rewriteFn func(w *rewriter, name string)
}

func (v *specialValue) get() string                      { return v.getFn() }
func (v *specialValue) set(args []string) (bool, error)  { return v.setFn(args) }
func (v *specialValue) rewrite(w *rewriter, name string) { v.rewriteFn(w, name) }

func specialRow(name, alias string, flags Flags, v *specialValue) *Row {
	return newRow(name, alias, flags, v)
}

// maxBind is how many addresses `bind` takes.
const maxBind = 16

func (c *Config) bindValue() *specialValue {
	c.Bind = []string{"*", "-::*"}
	def := slices.Clone(c.Bind)
	return &specialValue{
		getFn: func() string { return strings.Join(c.Bind, " ") },
		setFn: func(args []string) (bool, error) {
			if len(args) > maxBind {
				return false, errors.New("Too many bind addresses specified.")
			}
			if len(args) == 1 && args[0] == "" {
				args = nil
			}
			c.Bind = slices.Clone(args)
			return true, nil
		},
		rewriteFn: func(w *rewriter, name string) {
			if slices.Equal(c.Bind, def) {
				w.done(name)
				return
			}
			text := strings.Join(c.Bind, " ")
			if len(c.Bind) == 0 {
				text = `""`
			}
			w.line(name, name+" "+text, true)
		},
	}
}

var clientClasses = [...]string{ClientNormal: "normal", ClientReplica: "slave", ClientPubSub: "pubsub"}

func clientClass(name string) (int, bool) {
	if strings.EqualFold(name, "replica") {
		return ClientReplica, true
	}
	for i, s := range clientClasses {
		if strings.EqualFold(name, s) {
			return i, true
		}
	}
	return 0, false
}

func (c *Config) outputBufferValue() *specialValue {
	def := [3]OutputBufferLimit{
		ClientReplica: {256 << 20, 64 << 20, 60},
		ClientPubSub:  {32 << 20, 8 << 20, 60},
	}
	c.ClientOutputBufferLimit = def
	return &specialValue{
		getFn: func() string {
			var words []string
			for i, l := range c.ClientOutputBufferLimit {
				words = append(words, clientClasses[i], strconv.Itoa(l.Hard), strconv.Itoa(l.Soft), strconv.Itoa(l.SoftSeconds))
			}
			return strings.Join(words, " ")
		},
		setFn: func(args []string) (bool, error) {
			if len(args)%4 != 0 {
				return false, errors.New("Wrong number of arguments in buffer limit configuration.")
			}
			limits := c.ClientOutputBufferLimit
			for ; len(args) > 0; args = args[4:] {
				class, ok := clientClass(args[0])
				if !ok {
					return false, errors.New("Invalid client class specified in buffer limit configuration.")
				}
				hard, ok1 := parseMemory(args[1])
				soft, ok2 := parseMemory(args[2])
				secs, rest, _ := cNumber(cString(args[3]), 10)
				if !ok1 || !ok2 || secs < 0 || rest != "" {
					return false, errors.New("Error in hard, soft or soft_seconds setting in buffer limit configuration.")
				}
				limits[class] = OutputBufferLimit{int(hard), int(soft), int(secs)}
			}
			c.ClientOutputBufferLimit = limits
			return true, nil
		},
		rewriteFn: func(w *rewriter, name string) {
			for i, l := range c.ClientOutputBufferLimit {
				class := clientClasses[i]
				if i == ClientReplica {
					class = "replica"
				}
				w.line(name, strings.Join([]string{
					name, class, formatMemory(l.Hard), formatMemory(l.Soft), strconv.Itoa(l.SoftSeconds),
				}, " "), l != def[i])
			}
		},
	}
}

func (c *Config) dirValue() *specialValue {
	return &specialValue{
		getFn: func() string {
			dir, err := c.Getwd()
			if err != nil {
				return ""
			}
			return dir
		},
		setFn: func(args []string) (bool, error) {
			if len(args) != 1 {
				return false, errArity
			}
			if err := c.Chdir(cString(args[0])); err != nil {
				return false, errors.New(errtext.Of(err))
			}
			return true, nil
		},
		rewriteFn: func(w *rewriter, name string) {
			if dir, err := c.Getwd(); err == nil {
				w.line(name, name+" "+quoted(dir), true)
				return
			}
			w.done(name)
		},
	}
}

func (c *Config) percentilesValue() *specialValue {

	c.LatencyTrackingInfoPercentiles = []float64{50, 99, 99.9}
	text := func() string {
		words := make([]string, len(c.LatencyTrackingInfoPercentiles))
		for i, p := range c.LatencyTrackingInfoPercentiles {
			words[i] = formatDouble(p)
		}
		return strings.Join(words, " ")
	}
	return &specialValue{
		getFn: text,
		setFn: func(args []string) (bool, error) {
			if len(args) == 1 && args[0] == "" {
				args = nil
			}
			list := make([]float64, len(args))
			for i, a := range args {
				p, err := parseDouble(a)
				if err != nil {
					return false, errors.New("Invalid latency-tracking-info-percentiles parameters")
				}
				if p < 0 || p > 100 {
					return false, errors.New("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]")
				}
				list[i] = p
			}
			c.LatencyTrackingInfoPercentiles = list
			return true, nil
		},
		rewriteFn: func(w *rewriter, name string) {
			s := text()
			if s == "" {
				s = `""`
			}
			// Redis compares these with a default that no list equals.
			w.line(name, name+" "+s, true)
		},
	}
}

// notifyChars lists the event classes in the order in which they are shown.
var notifyChars = []struct {
	char byte
	flag int
}{
	{'A', NotifyAll}, {'g', NotifyGeneric}, {'$', NotifyString}, {'l', NotifyList}, {'s', NotifySet},
	{'h', NotifyHash}, {'z', NotifyZset}, {'x', NotifyExpired}, {'e', NotifyEvicted}, {'t', NotifyStream},
	{'d', NotifyModule}, {'n', NotifyNew}, {'K', NotifyKeyspace}, {'E', NotifyKeyevent}, {'m', NotifyKeyMiss},
}

// ParseNotifyFlags reads event classes as notify-keyspace-events writes them.
func ParseNotifyFlags(s string) (flags int, ok bool) {
next:
	for i := range len(s) {
		for _, e := range notifyChars {
			if e.char == s[i] {
				flags |= e.flag
				continue next
			}
		}
		return 0, false
	}
	return flags, true
}

// FormatNotifyFlags writes event classes. With all of `A` present, `n` is not shown: Redis
// lists it among those that `A` replaces although `A` does not turn it on.
func FormatNotifyFlags(flags int) string {
	var b []byte
	all := flags&NotifyAll == NotifyAll
	for _, e := range notifyChars {
		hidden := all && e.char != 'A' && (e.flag&NotifyAll != 0 || e.flag == NotifyNew)
		if flags&e.flag == e.flag && !hidden {
			b = append(b, e.char)
		}
	}
	return string(b)
}

func (c *Config) notifyValue() *specialValue {
	return &specialValue{
		getFn: func() string { return FormatNotifyFlags(c.NotifyKeyspaceEvents) },
		setFn: func(args []string) (bool, error) {
			if len(args) != 1 {
				return false, errArity
			}
			flags, ok := ParseNotifyFlags(cString(args[0]))
			if !ok {
				return false, errors.New("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
			}
			c.NotifyKeyspaceEvents = flags
			return true, nil
		},
		rewriteFn: func(w *rewriter, name string) {
			w.line(name, name+" "+quoted(FormatNotifyFlags(c.NotifyKeyspaceEvents)), c.NotifyKeyspaceEvents != 0)
		},
	}
}

func (c *Config) oomScoreValue() *specialValue {
	def := [3]int{0, 200, 800}
	c.OOMScoreAdjValues = def
	text := func() string {
		v := c.OOMScoreAdjValues
		return strconv.Itoa(v[0]) + " " + strconv.Itoa(v[1]) + " " + strconv.Itoa(v[2])
	}
	return &specialValue{
		getFn: text,
		setFn: func(args []string) (bool, error) {
			var v [3]int
			if len(args) != len(v) {
				return false, errArity
			}
			for i, a := range args {
				n, rest, _ := cNumber(cString(a), 10)
				if rest != "" || n < -2000 || n > 2000 {
					return false, errors.New("Invalid oom-score-adj-values, elements must be between -2000 and 2000.")
				}
				v[i] = int(n)
			}
			if v[1] < v[0] || v[2] < v[1] {
				c.log(rlog.LevelWarning, "The oom-score-adj-values configuration may not work for non-privileged processes! "+
					"Please consult the documentation.")
			}
			changed := v != c.OOMScoreAdjValues
			c.OOMScoreAdjValues = v
			return changed, nil
		},
		rewriteFn: func(w *rewriter, name string) { w.line(name, name+" "+text(), c.OOMScoreAdjValues != def) },
	}
}

func (c *Config) replicaofValue() *specialValue {
	return &specialValue{
		getFn: func() string {
			if c.MasterHost == "" {
				return ""
			}
			return c.MasterHost + " " + strconv.Itoa(c.MasterPort)
		},
		setFn: func(args []string) (bool, error) {
			if len(args) != 2 {
				return false, errArity
			}
			c.MasterHost = ""
			if strings.EqualFold(args[0], "no") && strings.EqualFold(args[1], "one") {
				return true, nil
			}
			port, rest, _ := cNumber(cString(args[1]), 10)
			if port < 0 || port > 65535 || rest != "" {
				return false, errors.New("Invalid master port")
			}
			c.MasterHost, c.MasterPort = args[0], int(port)
			return true, nil
		},
		rewriteFn: func(w *rewriter, name string) {
			// In a cluster nodes.conf says whose replica this is.
			if c.ClusterEnabled || c.MasterHost == "" {
				w.done(name)
				return
			}
			w.line(name, name+" "+c.MasterHost+" "+strconv.Itoa(c.MasterPort), true)
		},
	}
}

func (c *Config) saveValue() *specialValue {
	bad := errors.New("Invalid save parameters")
	return &specialValue{
		getFn: func() string {
			var words []string
			for _, p := range c.Save {
				words = append(words, strconv.Itoa(p.Seconds), strconv.Itoa(p.Changes))
			}
			return strings.Join(words, " ")
		},
		setFn: func(args []string) (bool, error) {
			reset := !c.reading || !c.saveRead
			if len(args) == 1 && args[0] == "" {
				args, reset = nil, true
			}
			if len(args)%2 != 0 {
				return false, bad
			}
			var list []SavePoint
			for i := 0; i < len(args); i += 2 {
				seconds, rest1, _ := cNumber(cString(args[i]), 10)
				changes, rest2, _ := cNumber(cString(args[i+1]), 10)
				if rest1 != "" || rest2 != "" || seconds < 1 || changes < 0 {
					return false, bad
				}
				list = append(list, SavePoint{int(seconds), int(int32(changes))})
			}
			// In a file the first line replaces the defaults and the next ones add to it.
			if !reset {
				list = append(slices.Clone(c.Save), list...)
			}
			c.saveRead = c.saveRead || c.reading
			c.Save = list
			return true, nil
		},
		rewriteFn: func(w *rewriter, name string) {
			if len(c.Save) == 0 {
				w.line(name, name+` ""`, true)
			}
			for _, p := range c.Save {
				w.line(name, name+" "+strconv.Itoa(p.Seconds)+" "+strconv.Itoa(p.Changes), true)
			}
			w.done(name)
		},
	}
}

func (c *Config) log(level slog.Level, text string) {
	if c.Log != nil {
		c.Log(level, text)
	}
}
