package host

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"berth/host/acl"
	"berth/host/command"
)

func (s *Server) infoPersistence(w *infoWriter) {
	w.line("loading:%d", oneIf(s.loading))
	w.line("async_loading:0")
	s.infoSave(w)
	s.infoAOF(w)
	w.line("module_fork_in_progress:%d", oneIf(s.child.kind == childModule))
	w.line("module_fork_last_cow_size:0")
	s.infoAOFSizes(w)
	if s.loading {
		s.infoLoading(w)
	}
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s *Server) infoStats(w *infoWriter) {
	st, ks := &s.stat, &s.ks.Stats
	kbps := func(sample int) string { return fmt.Sprintf("%.2f", float64(st.samples[sample].rate())/1024) }
	w.line("total_connections_received:%d", st.connections)
	w.line("total_commands_processed:%d", st.commands)
	w.line("instantaneous_ops_per_sec:%d", st.samples[sampleCommands].rate())
	w.line("total_net_input_bytes:%d", st.netIn)
	w.line("total_net_output_bytes:%d", st.netOut)
	w.line("total_net_repl_input_bytes:0")
	w.line("total_net_repl_output_bytes:0")
	w.line("instantaneous_input_kbps:%s", kbps(sampleNetIn))
	w.line("instantaneous_output_kbps:%s", kbps(sampleNetOut))
	w.line("instantaneous_input_repl_kbps:0.00")
	w.line("instantaneous_output_repl_kbps:0.00")
	w.line("rejected_connections:%d", st.rejectedConns)
	w.line("sync_full:0")
	w.line("sync_partial_ok:0")
	w.line("sync_partial_err:0")
	w.line("expired_subkeys:%d", ks.ExpiredFields)
	w.line("expired_keys:%d", ks.Expired)
	w.line("expired_stale_perc:%.2f", ks.ExpiredStalePerc)
	w.line("expired_time_cap_reached_count:%d", ks.ExpiredTimeCapped)
	w.line("expire_cycle_cpu_milliseconds:%d", ks.ExpireCycleTime.Milliseconds())
	w.line("evicted_keys:%d", st.evicted)
	w.line("evicted_clients:%d", st.evictedClients)
	w.line("evicted_scripts:%d", s.scripting.scripts.Evicted)
	total, current := s.evictionExceeded()
	w.line("total_eviction_exceeded_time:%d", total)
	w.line("current_eviction_exceeded_time:%d", current)
	w.line("keyspace_hits:%d", ks.Hits)
	w.line("keyspace_misses:%d", ks.Misses)
	w.line("pubsub_channels:%d", len(s.pubsub.channels))
	w.line("pubsub_patterns:%d", len(s.pubsub.patterns))
	w.line("pubsubshard_channels:%d", len(s.pubsub.shards))
	w.line("latest_fork_usec:%d", s.child.forkMicro)
	w.line("total_forks:%d", s.child.forks)
	w.line("migrate_cached_sockets:%d", len(s.migrateLinks))
	w.line("slave_expires_tracked_keys:0")
	s.infoDefrag(w)
	w.line("tracking_total_keys:%d", len(s.tracking.table))
	w.line("tracking_total_items:%d", s.tracking.items)
	w.line("tracking_total_prefixes:%d", len(s.tracking.prefixes))
	w.line("unexpected_error_replies:%d", st.unexpectedErrors)
	w.line("total_error_replies:%d", st.errorReplies)
	w.line("dump_payload_sanitizations:%d", st.sanitizations)
	w.line("total_reads_processed:%d", st.reads)
	w.line("total_writes_processed:%d", st.writes)
	w.line("io_threaded_reads_processed:0")
	w.line("io_threaded_writes_processed:0")
	w.line("client_query_buffer_limit_disconnections:%d", st.queryLimitDisconnections)
	w.line("client_output_buffer_limit_disconnections:%d", st.outputLimitDisconnections)
	w.line("reply_buffer_shrinks:%d", st.replyShrinks)
	w.line("reply_buffer_expands:%d", st.replyExpands)
	w.line("eventloop_cycles:%d", st.loopCount)
	w.line("eventloop_duration_sum:%d", st.loopMicros)
	w.line("eventloop_duration_cmd_sum:%d", st.commandTime.Microseconds())
	w.line("instantaneous_eventloop_cycles_per_sec:%d", st.samples[sampleLoops].rate())
	w.line("instantaneous_eventloop_duration_usec:%d", st.loopDuration.rate())
	w.line("acl_access_denied_auth:%d", st.denied[acl.DeniedAuth])
	w.line("acl_access_denied_cmd:%d", st.denied[acl.DeniedCommand])
	w.line("acl_access_denied_key:%d", st.denied[acl.DeniedKey])
	w.line("acl_access_denied_channel:%d", st.denied[acl.DeniedChannel])
}

// evictionExceeded is for how long the data set has been over maxmemory, in
// milliseconds: in all, and at present.
func (s *Server) evictionExceeded() (total, current int64) {
	e := &s.eviction
	var now time.Duration
	if !e.since.IsZero() {
		now = time.Since(e.since)
	}
	return (e.total + now).Milliseconds(), now.Milliseconds()
}

func (s *Server) infoDebug(w *infoWriter) {
	w.line("eventloop_duration_aof_sum:%d", s.stat.aofTime.Microseconds())
	w.line("eventloop_duration_cron_sum:%d", s.stat.cronTime.Microseconds())
	w.line("eventloop_duration_max:%d", s.stat.loopMax.Microseconds())
	w.line("eventloop_cmd_per_cycle_max:%d", s.stat.commandsPerLoopMax)
	w.line("allocator_allocated_lua:0")
	w.line("allocator_active_lua:0")
	w.line("allocator_resident_lua:0")
	w.line("allocator_frag_bytes_lua:0")
}

func (s *Server) infoCommandStats(w *infoWriter) {
	s.commands.All(func(r *command.Row) {
		st := &r.Stats
		if st.Calls == 0 && st.RejectedCalls == 0 && st.FailedCalls == 0 {
			return
		}
		perCall := 0.0
		if st.Calls > 0 {
			perCall = float64(st.Microseconds) / float64(st.Calls)
		}
		w.line("cmdstat_%s:calls=%d,usec=%d,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d",
			infoName(r.FullName()), st.Calls, st.Microseconds, perCall, st.RejectedCalls, st.FailedCalls)
	})
}

// infoName makes a name safe to stand before a colon.
func infoName(name string) string {
	if !strings.ContainsAny(name, "#:\n\r") {
		return name
	}
	return strings.NewReplacer("#", "_", ":", "_", "\n", "_", "\r", "_").Replace(name)
}

func (s *Server) infoErrorStats(w *infoWriter) {
	for _, code := range slices.Sorted(maps.Keys(s.stat.errorsByCode)) {
		w.line("errorstat_%s:count=%d", infoName(code), s.stat.errorsByCode[code])
	}
}

func (s *Server) infoLatencyStats(w *infoWriter) {
	if !s.cfg.LatencyTracking {
		return
	}
	s.commands.All(func(r *command.Row) {
		h := r.Stats.Latency
		if h == nil || h.TotalCount() == 0 {
			return
		}
		list := make([]string, len(s.cfg.LatencyTrackingInfoPercentiles))
		for i, p := range s.cfg.LatencyTrackingInfoPercentiles {
			list[i] = fmt.Sprintf("p%s=%.3f", percentileText(p), float64(h.ValueAtQuantile(p))/1000)
		}
		w.line("latency_percentiles_usec_%s:%s", infoName(r.FullName()), strings.Join(list, ","))
	})
}

// percentileText prints a percentile without needless zeros.
func percentileText(p float64) string {
	t := fmt.Sprintf("%f", p)
	return strings.TrimSuffix(strings.TrimRight(t, "0"), ".")
}
