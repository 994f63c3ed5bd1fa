package host

import (
	"bytes"
	"fmt"
	"math/bits"
	"os"
	"strconv"
	"strings"
	"sync"

	"berth/host/config"
	"berth/keyspace"
	"berth/keyspace/mem"

	"golang.org/x/sys/unix"
)

// memoryUse is where the memory is, for INFO and MEMORY.
type memoryUse struct {
	used, peak, startup int64 // what INFO calls used_memory
	rss                 int64
	clients             int64 // not replicas
	replicas            int64
	dbs                 []dbMemory // of the databases that hold keys
	tables              int64      // all of the databases' tables
	overhead, dataset   int64
	datasetPerc         float64
	keys                int64
	rehashing           int64 // databases whose tables are being resized
	rehashingBytes      int64 // of the tables that are moved from
	allocated           int64 // by the allocators
	active, resident    int64 // pages that hold some of it; those and free ones that were not given back
	frag                int64 // what defragmentation could win back
}

type dbMemory struct {
	id            int
	keys, expires int
}

func (s *Server) memoryUse() memoryUse {
	u := memoryUse{used: s.usedMemory(), startup: s.startupMemory, rss: processRSS()}
	s.stat.peakMemory = max(s.stat.peakMemory, u.used)
	u.peak = s.stat.peakMemory
	m := &s.clientMem
	u.clients, u.replicas = m.sum[classNormal]+m.sum[classPubSub], m.sum[classReplica]
	for i := range s.ks.NumDBs() {
		db := s.ks.DB(i)
		k, e := db.Dicts()
		if k.Rehashing() || e.Rehashing() {
			u.rehashing++
			u.rehashingBytes += int64(k.RehashingBytes() + e.RehashingBytes())
		}
		if db.Len() == 0 {
			continue
		}
		m := dbMemory{id: i}
		m.keys, m.expires = db.Overhead()
		u.keys += int64(db.Len())
		u.tables += int64(m.keys + m.expires)
		u.dbs = append(u.dbs, m)
	}
	u.overhead = min(u.startup+u.tables+u.clients, u.used)
	u.dataset = u.used - u.overhead
	if net := u.used - u.startup; net > 0 {
		u.datasetPerc = min(float64(u.dataset)*100/float64(net), 100)
	}
	u.allocated = u.used
	_, u.frag = s.fragmentation()
	other := u.used - int64(mem.Used()) // modules'
	if d, ok := s.runtime.(Defragmenter); ok && other > 0 {
		other += d.HeapWaste()
	}
	u.active = other + int64(mem.Active())
	u.resident = other + int64(mem.Reserved())
	return u
}

// ratio avoids a division by nothing.
func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// fragRatio is 1 without fragmentation.
func (u *memoryUse) fragRatio() float64 { return 1 + ratio(u.frag, u.allocated) }

func (u *memoryUse) peakPerc() float64 { return ratio(u.used, u.peak) * 100 }

// processRSS is the resident set size of the process.
func processRSS() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(b)
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize())
}

var systemMemory = sync.OnceValue(func() int64 {
	var si unix.Sysinfo_t
	if unix.Sysinfo(&si) != nil {
		return 0
	}
	return int64(si.Totalram) * int64(si.Unit)
})

// allocatorName is what INFO shows as mem_allocator.
const allocatorName = "berth"

func (s *Server) infoMemory(w *infoWriter) {
	u := s.memoryUse()
	w.human("used_memory", u.used)
	w.human("used_memory_rss", u.rss)
	w.human("used_memory_peak", u.peak)
	w.line("used_memory_peak_perc:%.2f%%", u.peakPerc())
	w.line("used_memory_overhead:%d", u.overhead)
	w.line("used_memory_startup:%d", u.startup)
	w.line("used_memory_dataset:%d", u.dataset)
	w.line("used_memory_dataset_perc:%.2f%%", u.datasetPerc)
	w.line("allocator_allocated:%d", u.allocated)
	w.line("allocator_active:%d", u.active)
	w.line("allocator_resident:%d", u.resident)
	w.line("allocator_muzzy:0")
	w.human("total_system_memory", systemMemory())
	eval, functions, cache, libraries := s.scriptMemory()
	w.line("used_memory_lua:%d", eval)
	w.line("used_memory_vm_eval:%d", eval)
	w.line("used_memory_lua_human:%s", humanBytes(eval))
	w.line("used_memory_scripts_eval:%d", cache)
	w.line("number_of_cached_scripts:%d", s.scripting.scripts.Len())
	w.line("number_of_functions:%d", s.scripting.functions.Count())
	w.line("number_of_libraries:%d", len(s.scripting.functions.Libraries()))
	w.line("used_memory_vm_functions:%d", functions)
	w.human("used_memory_vm_total", eval+functions)
	w.line("used_memory_functions:%d", libraries)
	w.human("used_memory_scripts", cache+libraries)
	w.human("maxmemory", int64(s.cfg.MaxMemory))
	w.line("maxmemory_policy:%s", config.PolicyName(s.cfg.MaxMemoryPolicy))
	w.line("allocator_frag_ratio:%.2f", u.fragRatio())
	w.line("allocator_frag_bytes:%d", u.frag)
	w.line("allocator_rss_ratio:%.2f", ratio(u.resident, u.active))
	w.line("allocator_rss_bytes:%d", u.resident-u.active)
	w.line("rss_overhead_ratio:%.2f", ratio(u.rss, u.resident))
	w.line("rss_overhead_bytes:%d", u.rss-u.resident)
	w.line("mem_fragmentation_ratio:%.2f", ratio(u.rss, u.used))
	w.line("mem_fragmentation_bytes:%d", u.rss-u.used)
	w.line("mem_not_counted_for_evict:0")
	w.line("mem_replication_backlog:0")
	w.line("mem_total_replication_buffers:0")
	w.line("mem_replica_full_sync_buffer:0")
	w.line("mem_clients_slaves:%d", u.replicas)
	w.line("mem_clients_normal:%d", u.clients)
	w.line("mem_cluster_links:0")
	w.line("mem_aof_buffer:%d", s.aof.w.BufferMemory())
	w.line("mem_allocator:%s", allocatorName)
	w.line("mem_overhead_db_hashtable_rehashing:%d", u.rehashingBytes)
	w.line("active_defrag_running:%d", s.defrag.percent)
	w.line("lazyfree_pending_objects:%d", s.ks.LazyfreePending())
	w.line("lazyfreed_objects:%d", s.ks.Lazyfreed())
}

func (s *Server) infoKeyspace(w *infoWriter) {
	for i := range s.ks.NumDBs() {
		db := s.ks.DB(i)
		if db.Len() == 0 && db.ExpiresLen() == 0 {
			continue
		}
		w.line("db%d:keys=%d,expires=%d,avg_ttl=%d,subexpiry=%d", i, db.Len(), db.ExpiresLen(), db.AvgTTL(), db.HashesWithTimes())
	}
}

func (s *Server) keyCount() int {
	n := 0
	for i := range s.ks.NumDBs() {
		n += s.ks.DB(i).Len()
	}
	return n
}

// keySizesUnasked is up to how many keys INFO counts the sizes without being
// asked for the section by name: they are counted when they are shown.
const keySizesUnasked = 20000

// sizedTypes are the types that the section Keysizes has, in its order.
var sizedTypes = [...]struct {
	typ   keyspace.Type
	field string
}{
	{keyspace.String, "strings_sizes"}, {keyspace.List, "lists_items"}, {keyspace.Set, "sets_items"},
	{keyspace.ZSet, "zsets_items"}, {keyspace.Hash, "hashes_items"},
}

// infoKeySizes shows, per database and type, how many values have a size of
// which power of two.
func (s *Server) infoKeySizes(w *infoWriter) {
	for i := range s.ks.NumDBs() {
		db := s.ks.DB(i)
		if db.Len() == 0 {
			continue
		}
		var counts [len(sizedTypes)][65]int
		it := db.Iter()
		for e := it.Next(); e != nil; e = it.Next() {
			for t := range sizedTypes {
				if sizedTypes[t].typ == e.Type() {
					counts[t][bits.Len(uint(valueSize(e)))]++
				}
			}
		}
		it.Close()
		for t := range sizedTypes {
			var list []string
			for b, n := range counts[t] {
				if n > 0 {
					list = append(list, sizeLabel(b)+"="+strconv.Itoa(n))
				}
			}
			if len(list) > 0 {
				w.line("db%d_distrib_%s:%s", i, sizedTypes[t].field, strings.Join(list, ","))
			}
		}
	}
}

func valueSize(e *keyspace.Entry) int {
	if e.Type() == keyspace.String {
		return keyspace.StringLen(e)
	}
	return keyspace.ContainerLen(e)
}

// sizeLabel names the sizes of a given number of bits.
func sizeLabel(bitLen int) string {
	if bitLen == 0 {
		return "0"
	}
	exp := bitLen - 1
	return fmt.Sprintf("%d%s", 1<<(exp%10), [...]string{"", "K", "M", "G", "T", "P", "E"}[exp/10])
}
