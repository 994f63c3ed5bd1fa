package host

import (
	"fmt"
	"runtime/debug"
	"strings"

	"berth/host/command"
	"berth/keyspace"
	"berth/keyspace/mem"
)

func (s *Server) registerMemory() {
	reg := s.commands.Register
	reg("memory|usage", s.cmdMemoryUsage)
	reg("memory|stats", s.cmdMemoryStats)
	reg("memory|doctor", func(cc *command.Ctx) { cc.Verbatim("txt", []byte(s.memoryReport())) })
	reg("memory|malloc-stats", func(cc *command.Ctx) { cc.Verbatim("txt", []byte(s.mallocStats())) })
	reg("memory|purge", func(cc *command.Ctx) {
		debug.FreeOSMemory()
		mem.Purge()
		if d, ok := s.runtime.(Defragmenter); ok {
			d.PurgeHeap()
		}
		cc.OK()
	})
	reg("memory|help", command.Help)
}

// cmdMemoryUsage: MEMORY USAGE key [SAMPLES count].
func (s *Server) cmdMemoryUsage(cc *command.Ctx) {
	samples := int64(5)
	for i := 3; i < len(cc.Args); i += 2 {
		if !cc.ArgIs(i, "samples") || i+1 >= len(cc.Args) {
			cc.Error(command.ErrSyntax)
			return
		}
		n, ok := cc.IntArg(i + 1)
		if !ok {
			return
		}
		if n < 0 {
			cc.Error(command.ErrSyntax)
			return
		}
		samples = n
	}
	e := cc.DB.Lookup(cc.Args[2], keyspace.LookupNoTouch|keyspace.LookupNoStats|keyspace.LookupNoNotify)
	if e == nil {
		cc.Null()
		return
	}
	cc.Int(int64(cc.DB.MemUsage(e, int(samples))))
}

func (s *Server) cmdMemoryStats(cc *command.Ctx) {
	u := s.memoryUse()
	cc.Map(33 + len(u.dbs))
	num := func(name string, n int64) {
		cc.BulkString(name)
		cc.Int(n)
	}
	float := func(name string, f float64) {
		cc.BulkString(name)
		cc.Double(f)
	}
	num("peak.allocated", u.peak)
	num("total.allocated", u.used)
	num("startup.allocated", u.startup)
	num("replication.backlog", 0)
	num("replica.fullsync.buffer", 0)
	num("clients.slaves", u.replicas)
	num("clients.normal", u.clients)
	num("cluster.links", 0)
	num("aof.buffer", int64(s.aof.w.BufferMemory()))
	eval, functions, cache, libraries := s.scriptMemory()
	num("lua.caches", cache)
	num("functions.caches", libraries)
	num("script.VMs", eval+functions)
	for _, db := range u.dbs {
		cc.BulkString(fmt.Sprintf("db.%d", db.id))
		cc.Map(2)
		num("overhead.hashtable.main", int64(db.keys))
		num("overhead.hashtable.expires", int64(db.expires))
	}
	num("overhead.db.hashtable.lut", u.tables)
	num("overhead.db.hashtable.rehashing", u.rehashingBytes)
	num("overhead.total", u.overhead)
	num("db.dict.rehashing.count", u.rehashing)
	num("keys.count", u.keys)
	perKey := int64(0)
	if u.keys > 0 {
		perKey = (u.used - u.startup) / u.keys
	}
	num("keys.bytes-per-key", perKey)
	num("dataset.bytes", u.dataset)
	float("dataset.percentage", u.datasetPerc)
	float("peak.percentage", u.peakPerc())
	num("allocator.allocated", u.allocated)
	num("allocator.active", u.active)
	num("allocator.resident", u.resident)
	num("allocator.muzzy", 0)
	float("allocator-fragmentation.ratio", u.fragRatio())
	num("allocator-fragmentation.bytes", u.frag)
	float("allocator-rss.ratio", ratio(u.resident, u.active))
	num("allocator-rss.bytes", u.resident-u.active)
	float("rss-overhead.ratio", ratio(u.rss, u.resident))
	num("rss-overhead.bytes", u.rss-u.resident)
	float("fragmentation", ratio(u.rss, u.used))
	num("fragmentation.bytes", u.rss-u.used)
}

// The texts of MEMORY DOCTOR are Redis's own: tools match them.
const (
	memoryEmptyText  = "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our programming as soon as I finished rebooting.\n"
	memoryFineText   = "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n"
	memoryIssuesText = "Sam, I detected a few issues in this Redis instance memory implants:\n\n"
	memoryEndText    = "I'm here to keep you safe, Sam. I want to help you.\n"
	memoryPeakText   = " * Peak memory: In the past this instance used more than 150% the memory that is currently using. The allocator is normally not able to release memory after a peak, so you can expect to see a big fragmentation ratio, however this is actually harmless and is only due to the memory peak, and if the Redis instance Resident Set Size (RSS) is currently bigger than expected, the memory will be used as soon as you fill the Redis instance with more data. If the memory peak was only occasional and you want to try to reclaim memory, please try the MEMORY PURGE command, otherwise the only other option is to shutdown and restart the instance.\n\n"
	memoryRSSText    = " * High total RSS: This instance has a memory fragmentation and RSS overhead greater than 1.4 (this means that the Resident Set Size of the Redis process is much larger than the sum of the logical allocations Redis performed). This problem is usually due either to a large peak memory (check if there is a peak memory entry above in the report) or may result from a workload that causes the allocator to fragment memory a lot. If the problem is a large peak memory, then there is no issue. Otherwise, make sure you are using the Jemalloc allocator and not the default libc malloc. Note: The currently used allocator is \"" + allocatorName + "\".\n\n"
	memoryFragText   = " * High allocator fragmentation: This instance has an allocator external fragmentation greater than 1.1. This problem is usually due either to a large peak memory (check if there is a peak memory entry above in the report) or may result from a workload that causes the allocator to fragment memory a lot. You can try enabling 'activedefrag' config option.\n\n"
	memoryProcText   = " * High process RSS overhead: This instance has non-allocator RSS memory overhead is greater than 1.1 (this means that the Resident Set Size of the Redis process is much larger than the RSS the allocator holds). This problem may be due to Lua scripts or Modules.\n\n"
	memoryBuffText   = " * Big client buffers: The clients output buffers in this instance are greater than 200K per client (on average). This may result from different causes, like Pub/Sub clients subscribed to channels bot not receiving data fast enough, so that data piles on the Redis instance output buffer, or clients sending commands with large replies or very large sequences of commands in the same pipeline. Please use the CLIENT LIST command in order to investigate the issue if it causes problems in your instance, or to understand better why certain clients are using a big amount of memory.\n\n"
)

// memoryReport is MEMORY DOCTOR. Small amounts are no problem whatever their
// ratio.
func (s *Server) memoryReport() string {
	const small = 10 << 20
	u := s.memoryUse()
	if u.used < 5<<20 {
		return memoryEmptyText
	}
	var b strings.Builder
	for _, issue := range []struct {
		there bool
		text  string
	}{
		{ratio(u.peak, u.used) > 1.5, memoryPeakText},
		{ratio(u.rss, u.used) > 1.4 && u.rss-u.used > small, memoryRSSText},
		{u.fragRatio() > 1.1 && u.frag > small, memoryFragText},
		{ratio(u.rss, u.resident) > 1.1 && u.rss-u.resident > small, memoryProcText},
		{len(s.clients) > 0 && u.clients/int64(len(s.clients)) > 200<<10, memoryBuffText},
	} {
		if issue.there {
			b.WriteString(issue.text)
		}
	}
	if b.Len() == 0 {
		return memoryFineText
	}
	return memoryIssuesText + b.String() + memoryEndText
}

// mallocStats is MEMORY MALLOC-STATS: free text of the allocator.
func (s *Server) mallocStats() string {
	u := s.memoryUse()
	return fmt.Sprintf("___ Begin berth statistics ___\nAllocated: %d, active: %d, resident: %d\n--- End berth statistics ---\n",
		u.allocated, u.active, u.resident)
}
