package host

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"berth/host/command"
	"berth/keyspace"
	"berth/keyspace/dict"
)

// debugSub is one subcommand of DEBUG: how many arguments it takes, DEBUG and
// the name included (most -1: no limit), and what it does. With a number of
// arguments that does not fit, Redis does not know the subcommand.
type debugSub struct {
	least, most int
	run         func(s *Server, cc *command.Ctx)
}

// debugOK is for what other servers need and this one has no use for.
func debugOK(_ *Server, cc *command.Ctx) { cc.OK() }

var debugSubs map[string]debugSub

func init() {
	debugSubs = map[string]debugSub{
		"help":                         {2, 2, func(_ *Server, cc *command.Ctx) { command.Help(cc) }},
		"segfault":                     {2, -1, (*Server).debugSegfault},
		"panic":                        {2, -1, (*Server).debugPanic},
		"assert":                       {2, -1, (*Server).debugAssert},
		"oom":                          {2, -1, (*Server).debugOOM},
		"restart":                      {2, -1, (*Server).debugRestart},
		"crash-and-recover":            {2, -1, (*Server).debugRestart},
		"log":                          {3, 3, (*Server).debugLog},
		"leak":                         {3, 3, debugLeak},
		"error":                        {3, 3, debugError},
		"sleep":                        {3, 3, (*Server).debugSleep},
		"structsize":                   {2, 2, func(_ *Server, cc *command.Ctx) { cc.BulkString(debugStructSize) }},
		"set-active-expire":            {3, 3, (*Server).debugActiveExpire},
		"populate":                     {3, 5, (*Server).debugPopulate},
		"protocol":                     {3, 3, (*Server).debugProtocol},
		"object":                       {3, 3, (*Server).debugObject},
		"sdslen":                       {3, 3, (*Server).debugSDSLen},
		"listpack":                     {3, 3, (*Server).debugListpack},
		"quicklist":                    {3, 4, (*Server).debugQuicklist},
		"quicklist-packed-threshold":   {3, 3, (*Server).debugPackedThreshold},
		"digest":                       {2, 2, (*Server).debugDigest},
		"digest-value":                 {2, -1, (*Server).debugDigestValue},
		"htstats":                      {3, 4, (*Server).debugHTStats},
		"htstats-key":                  {3, 4, (*Server).debugHTStatsKey},
		"change-repl-id":               {2, 2, (*Server).debugChangeReplID},
		"pause-cron":                   {3, 3, (*Server).debugPauseCron},
		"dict-resizing":                {3, 3, debugOK},
		"replybuffer":                  {4, 4, (*Server).debugReplyBuffer},
		"client-enforce-reply-list":    {3, 3, (*Server).debugEnforceReplyList},
		"set-skip-checksum-validation": {3, 3, (*Server).debugSkipChecksum},
		"set-disable-deny-scripts":     {3, 3, (*Server).debugDenyScripts},
		"aof-flush-sleep":              {3, 3, (*Server).debugAOFFlushSleep},
		"reload":                       {2, -1, (*Server).debugReload},
		"loadaof":                      {2, 2, (*Server).debugLoadAOF},
		"replicate":                    {3, -1, (*Server).debugReplicate},
		"mallctl":                      {3, 4, (*Server).debugMallctl},
		"mallctl-str":                  {3, 4, func(_ *Server, cc *command.Ctx) { cc.Error(errNoMallctl) }},
		"internal_secret":              {2, 2, func(_ *Server, cc *command.Ctx) { cc.Error("ERR Internal secret is missing") }},
		"mark-internal-client":         {2, 3, debugMarkInternal},
		"client-eviction":              {2, 2, (*Server).debugClientEviction},
		"config-rewrite-force-all":     {2, 2, (*Server).debugConfigRewrite},
	}
}

// errNoMallctl is what jemalloc says of a name that it does not know.
const errNoMallctl = "ERR No such file or directory"

// debugStructSize are sizes of Redis's own structures, which tools print.
const debugStructSize = "bits:64 robj:16 dictentry:24 sdshdr5:1 sdshdr8:3 sdshdr16:5 sdshdr32:9 sdshdr64:17 "

func (s *Server) registerDebug() {
	s.commands.Register("debug", s.cmdDebug)
}

func (s *Server) cmdDebug(cc *command.Ctx) {
	sub, ok := debugSubs[strings.ToLower(string(cc.Args[1]))]
	if n := len(cc.Args); !ok || n < sub.least || sub.most >= 0 && n > sub.most {
		subcommandSyntax(cc)
		return
	}
	sub.run(s, cc)
}

// debugSegfault faults, so that the crash report can be seen.
func (s *Server) debugSegfault(*command.Ctx) { s.faultNow() }

func (s *Server) debugPanic(*command.Ctx) {
	s.panicked(fmt.Sprintf("DEBUG PANIC called at Unix time %d", time.Now().Unix()))
}

func (s *Server) debugAssert(cc *command.Ctx) { s.assertionFailed(cc.Client.(*Client), "1 == 2") }

func (s *Server) debugOOM(*command.Ctx) {
	s.log.Warn("Out Of Memory allocating %d bytes!", uint64(math.MaxInt64))
	s.panicked(fmt.Sprintf("Redis aborting for OUT OF MEMORY. Allocating %d bytes!", uint64(math.MaxInt64)))
}

// debugRestart: DEBUG RESTART [ms] and DEBUG CRASH-AND-RECOVER [ms]. The
// process becomes a new one; RESTART ends in order first.
func (s *Server) debugRestart(cc *command.Ctx) {
	delay := int64(0)
	if len(cc.Args) >= 3 {
		ms, ok := cc.IntArg(2)
		if !ok {
			return
		}
		delay = max(ms, 0)
	}
	if !s.serving || s.exit.signals == nil {
		cc.Error("ERR failed to restart the server. Check server logs.")
		return
	}
	graceful := cc.ArgIs(1, "restart")
	if graceful {
		s.fireEvent(EventShutdown, 0, nil)
	}
	s.closeListeners()
	time.Sleep(time.Duration(delay) * time.Millisecond)
	runtime.LockOSThread()
	err := syscall.Exec(executablePath, os.Args, os.Environ())
	s.log.Warn("Can't restart: %s", err)
	os.Exit(1)
}

func (s *Server) debugLog(cc *command.Ctx) {
	s.log.Warn("DEBUG LOG: %s", cc.Args[2])
	cc.OK()
}

// debugError replies the text as an error that nobody counts.
func debugError(_ *Server, cc *command.Ctx) {
	cc.RawString("-" + strings.NewReplacer("\r", " ", "\n", " ").Replace(string(cc.Args[2])) + "\r\n")
}

func (s *Server) debugSleep(cc *command.Ctx) {
	seconds, _ := strconv.ParseFloat(string(cc.Args[2]), 64)
	time.Sleep(time.Duration(seconds * float64(time.Second)))
	cc.OK()
}

// cInt reads a number as C's atoi does: what is none counts as 0.
func cInt(b []byte) int {
	n, _ := strconv.Atoi(string(b))
	return n
}

func (s *Server) debugActiveExpire(cc *command.Ctx) {
	s.noActiveExpire = cInt(cc.Args[2]) == 0
	cc.OK()
}

func (s *Server) debugPauseCron(cc *command.Ctx) {
	s.cronPaused = cInt(cc.Args[2]) != 0
	cc.OK()
}

// debugPopulate: DEBUG POPULATE count [prefix] [size].
func (s *Server) debugPopulate(cc *command.Ctx) {
	count, ok := cc.RangeArg(2, 0, math.MaxInt64, command.ErrMustPositive)
	if !ok {
		return
	}
	prefix := []byte("key")
	if len(cc.Args) > 3 {
		prefix = cc.Args[3]
	}
	size := int64(0)
	if len(cc.Args) > 4 {
		if size, ok = cc.RangeArg(4, 0, math.MaxInt32, command.ErrMustPositive); !ok {
			return
		}
	}
	var key, value []byte
	cc.DB.Expand(cc.DB.Len()+int(count), 0)
	for i := range count {
		key = strconv.AppendInt(append(append(key[:0], prefix...), ':'), i, 10)
		if cc.LookupWrite(key) != nil {
			continue
		}
		value = strconv.AppendInt(append(value[:0], "value:"...), i, 10)
		if size > 0 {
			for int64(len(value)) < size {
				value = append(value, 0)
			}
			value = value[:size]
		}
		cc.DB.SetString(key, value, false)
		cc.Modified(key)
	}
	cc.OK()
}

func (s *Server) debugProtocol(cc *command.Ctx) {
	three := func() {
		for i := range 3 {
			cc.Int(int64(i))
		}
	}
	switch strings.ToLower(string(cc.Args[2])) {
	case "string":
		cc.BulkString("Hello World")
	case "integer":
		cc.Int(12345)
	case "double":
		cc.Double(3.141)
	case "null":
		cc.Null()
	case "array":
		cc.Array(3)
		three()
	case "set":
		cc.Set(3)
		three()
	case "map":
		cc.Map(3)
		for i := range 3 {
			cc.Int(int64(i))
			cc.Bool(i == 1)
		}
	case "attrib":
		if cc.RESP3() {
			cc.Attribute(1)
			cc.BulkString("key-popularity")
			cc.Array(2)
			cc.BulkString("key:123")
			cc.Int(90)
		}
		cc.BulkString("Some real reply following the attribute")
	case "push":
		if !cc.RESP3() {
			cc.Error("ERR RESP2 is not supported by this command")
			return
		}
		cc.BulkString("Some real reply following the push reply")
		cc.Client.(*Client).Push(func(w *command.Writer) {
			w.Push(2)
			w.BulkString("server-cpu-usage")
			w.Int(42)
		})
	case "true":
		cc.Bool(true)
	case "false":
		cc.Bool(false)
	case "bignum":
		cc.BigNumber([]byte("1234567999999999999999999999999999999"))
	case "verbatim":
		cc.Verbatim("txt", []byte("This is a verbatim\nstring"))
	default:
		cc.Error("ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false")
	}
}

// debugLookup finds the key of argument 2 without leaving a trace.
func debugLookup(cc *command.Ctx) *keyspace.Entry {
	e := cc.DB.Find(cc.Args[2])
	if e == nil {
		cc.Error(command.ErrNoSuchKey)
	}
	return e
}

func (s *Server) debugChangeReplID(cc *command.Ctx) {
	s.log.Notice("Changing replication IDs after receiving change-repl-id")
	s.replID = newRunID()
	cc.OK()
}

func (s *Server) debugReplyBuffer(cc *command.Ctx) {
	switch {
	case cc.ArgIs(2, "resizing"):
		s.replyBuffers.fixed = cInt(cc.Args[3]) == 0
	case cc.ArgIs(2, "peak-reset-time"):
		after := int64(neverReset)
		if cc.ArgIs(3, "reset") {
			after = peakResetTime
		} else if !cc.ArgIs(3, "never") {
			var ok bool
			if after, ok = cc.IntArg(3); !ok {
				return
			}
		}
		s.replyBuffers.peakReset = after
	default:
		subcommandSyntax(cc)
		return
	}
	cc.OK()
}

// debugEnforceReplyList: DEBUG CLIENT-ENFORCE-REPLY-LIST 0|1.
func (s *Server) debugEnforceReplyList(cc *command.Ctx) {
	s.replyBuffers.listed = cInt(cc.Args[2]) != 0
	cc.OK()
}

// debugReplicate: DEBUG REPLICATE command ... propagates a command that is not
// run.
func (s *Server) debugReplicate(cc *command.Ctx) {
	cc.Host.AlsoPropagate(cc.DB, cc.Args[2:]...)
	cc.OK()
}

func (s *Server) debugConfigRewrite(cc *command.Ctx) {
	if err := s.RewriteConfig(true); err != nil {
		text := err.Error()
		if s.cfg.File == "" {
			text = "Bad address" // as the C library calls it
		}
		cc.Error("ERR CONFIG-REWRITE-FORCE-ALL failed: " + text)
		return
	}
	cc.OK()
}

// debugHTStats: DEBUG HTSTATS dbid [full].
func (s *Server) debugHTStats(cc *command.Ctx) {
	n, ok := cc.IntArg(2)
	if !ok {
		return
	}
	if n < 0 || n >= int64(s.ks.NumDBs()) {
		cc.Error("ERR Out of range database")
		return
	}
	full := len(cc.Args) == 4 && cc.ArgIs(3, "full")
	keys, expires := s.ks.DB(int(n)).Dicts()
	b := appendTableStats([]byte("[Dictionary HT]\n"), keys, full)
	b = appendTableStats(append(b, "[Expires HT]\n"...), expires, full)
	cc.Verbatim("txt", b)
}

func (s *Server) debugHTStatsKey(cc *command.Ctx) {
	e := debugLookup(cc)
	if e == nil {
		return
	}
	d := keyspace.TableOf(e)
	if d == nil {
		cc.Error("ERR The value stored at the specified key is not represented using an hash table")
		return
	}
	cc.Verbatim("txt", appendTableStats(nil, d, len(cc.Args) == 4 && cc.ArgIs(3, "full")))
}

// appendTableStats describes a table in the lines that DEBUG HTSTATS has in
// Redis.
func appendTableStats(b []byte, d *dict.Dict, full bool) []byte {
	for i, t := range d.Stats(full) {
		if t.Used == 0 && i == 0 {
			continue
		}
		name := "main hash table"
		if i == 1 {
			name = "rehashing target"
		}
		b = fmt.Appendf(b, "Hash table %d stats (%s):\n table size: %d\n number of elements: %d\n", i, name, t.Size, t.Used)
		if !full {
			continue
		}
		mean := ratio(int64(t.Used), int64(t.NonEmpty))
		b = fmt.Appendf(b, " different slots: %d\n max chain length: %d\n avg chain length (counted): %.2f\n"+
			" avg chain length (computed): %.2f\n Chain length distribution:\n", t.NonEmpty, t.MaxLen, mean, mean)
		for n, count := range t.ByLen {
			if count == 0 {
				continue
			}
			least := ""
			if n == len(t.ByLen)-1 {
				least = ">= "
			}
			b = fmt.Appendf(b, "   %s%d: %d (%.2f%%)\n", least, n, count, 100*ratio(int64(count), int64(t.Size)))
		}
	}
	return b
}

// debugMallctl: DEBUG MALLCTL name [value]. The allocator has few of
// jemalloc's controls, and nothing to set.
func (s *Server) debugMallctl(cc *command.Ctx) {
	u := s.memoryUse()
	values := map[string]int64{
		"stats.allocated": u.allocated, "stats.active": u.active, "stats.resident": u.resident, "stats.mapped": u.resident,
		"arenas.narenas": 1, "thread.arena": 0, "background_thread": 0, "epoch": 1,
	}
	v, ok := values[string(cc.Args[2])]
	if !ok {
		cc.Error(errNoMallctl)
		return
	}
	cc.Int(v)
}

// debugMarkInternal: DEBUG MARK-INTERNAL-CLIENT [UNMARK].
func debugMarkInternal(_ *Server, cc *command.Ctx) {
	if len(cc.Args) == 3 && !cc.ArgIs(2, "unmark") {
		subcommandSyntax(cc)
		return
	}
	cc.Client.(*Client).SetFlag(FlagInternal, len(cc.Args) == 2)
	cc.OK()
}
