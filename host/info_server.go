package host

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"berth/host/config"
	"berth/internal/numfmt"

	"golang.org/x/sys/unix"
)

// buildInfo is what the binary knows of the source it was made from.
var buildInfo = sync.OnceValue(func() (b struct {
	revision, id string
	dirty        int
}) {
	b.revision, b.id = "00000000", "0"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, set := range info.Settings {
			switch set.Key {
			case "vcs.revision":
				if len(set.Value) >= 16 {
					b.revision, b.id = set.Value[:8], set.Value[:16]
				}
			case "vcs.modified":
				if set.Value == "true" {
					b.dirty = 1
				}
			}
		}
	}
	return b
})

var osName = sync.OnceValue(func() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return "Linux"
	}
	text := func(b []byte) string { return unix.ByteSliceToString(b) }
	return text(u.Sysname[:]) + " " + text(u.Release[:]) + " " + text(u.Machine[:])
})

var supervisedModes = map[int]string{
	config.SupervisedSystemd: "systemd", config.SupervisedUpstart: "upstart", config.SupervisedAuto: "unknown",
}

// executable is the path of the running program, as it was started.
func executable() string {
	path := os.Args[0]
	if strings.Contains(path, "/") {
		if abs, err := filepath.Abs(path); err == nil {
			return abs
		}
	}
	if p, err := os.Executable(); err == nil {
		return p
	}
	return path
}

// executablePath is taken before anything changes the directory.
var executablePath = executable()

func (s *Server) infoServer(w *infoWriter) {
	b := buildInfo()
	uptime := int64(time.Since(s.started) / time.Second)
	w.line("redis_version:%s", RedisVersion)
	w.line("server_name:berth")
	w.line("berth_version:%s", Version)
	w.line("redis_git_sha1:%s", b.revision)
	w.line("redis_git_dirty:%d", b.dirty)
	w.line("redis_build_id:%s", b.id)
	w.line("redis_mode:standalone")
	w.line("os:%s", osName())
	w.line("arch_bits:64")
	w.line("monotonic_clock:POSIX clock_gettime")
	w.line("multiplexing_api:epoll")
	w.line("atomicvar_api:c11-builtin")
	w.line("gcc_version:0.0.0") // what Redis shows where another compiler made it
	w.line("process_id:%d", os.Getpid())
	mode := supervisedModes[s.cfg.Supervised]
	if mode == "" {
		mode = "no"
	}
	w.line("process_supervised:%s", mode)
	w.line("run_id:%s", s.runID)
	w.line("tcp_port:%d", s.tcpPort())
	now := time.Now()
	w.line("server_time_usec:%d", now.UnixMicro())
	w.line("uptime_in_seconds:%d", uptime)
	w.line("uptime_in_days:%d", uptime/86400)
	w.line("hz:%d", s.effectiveHz())
	w.line("configured_hz:%d", s.cfg.Hz)
	w.line("lru_clock:%d", now.Unix()&(1<<24-1))
	w.line("executable:%s", executablePath)
	w.line("config_file:%s", s.cfg.File)
	w.line("io_threads_active:0")
	s.infoListeners(w)
}

// tcpPort is the port listened on: the configured one, unless it was 0 and the
// system chose.
func (s *Server) tcpPort() int {
	if s.cfg.Port == 0 && s.autoPort {
		for _, l := range s.listeners {
			if i := strings.LastIndexByte(l.addr, ':'); l.unix == "" && i >= 0 {
				n, _ := numfmt.ParseInt64([]byte(l.addr[i+1:]))
				return int(n)
			}
		}
	}
	if s.cfg.Port == 0 {
		return s.cfg.TLSPort
	}
	return s.cfg.Port
}

func (s *Server) infoListeners(w *infoWriter) {
	var tcp, overTLS bool
	var sock string
	for _, l := range s.listeners {
		switch {
		case l.unix != "":
			sock = l.unix
		case l.tls:
			overTLS = true
		default:
			tcp = true
		}
	}
	// The numbers are those of the kinds.
	network := func(n int, name string, port int) {
		var b strings.Builder
		for _, a := range s.cfg.Bind {
			b.WriteString(",bind=" + a)
		}
		w.line("listener%d:name=%s%s,port=%d", n, name, b.String(), port)
	}
	if tcp {
		network(0, "tcp", s.tcpPort())
	}
	if sock != "" {
		w.line("listener1:name=unix,bind=%s", sock)
	}
	if overTLS {
		network(2, "tls", s.cfg.TLSPort)
	}
}

func (s *Server) infoClients(w *infoWriter) {
	in, out := s.stat.recentPeaks(s.unixSeconds())
	watching, timed := 0, 0
	for _, c := range s.clients {
		if len(c.watched) > 0 {
			watching++
		}
		if c.flags&FlagBlocked != 0 && c.blocked != nil && c.blocked.deadline != 0 {
			timed++
		}
	}
	blocking, onNoKey := s.blockingKeys()
	w.line("connected_clients:%d", len(s.clients))
	w.line("cluster_connections:0")
	w.line("maxclients:%d", s.cfg.MaxClients)
	w.line("client_recent_max_input_buffer:%d", in)
	w.line("client_recent_max_output_buffer:%d", out)
	w.line("blocked_clients:%d", s.stat.blockedReal)
	w.line("tracking_clients:%d", s.tracking.clients)
	w.line("pubsub_clients:%d", s.pubsub.clients)
	w.line("watching_clients:%d", watching)
	w.line("clients_in_timeout_table:%d", timed)
	w.line("total_watched_keys:%d", s.watchedKeys())
	w.line("total_blocking_keys:%d", blocking)
	w.line("total_blocking_keys_on_nokey:%d", onNoKey)
}

func (s *Server) watchedKeys() int {
	n := 0
	for _, idx := range s.watchIndex {
		n += len(idx)
	}
	return n
}

// blockingKeys counts the keys that clients wait for, and those of them whose
// removal would wake somebody.
func (s *Server) blockingKeys() (all, onNoKey int) {
	for _, idx := range s.waiting {
		all += len(idx)
		for _, list := range idx {
			for _, c := range list {
				if c.blocked != nil && c.blocked.removal {
					onNoKey++
					break
				}
			}
		}
	}
	return all, onNoKey
}

func (s *Server) infoThreads(w *infoWriter) {
	w.line("io_thread_0:clients=%d,reads=%d,writes=%d", len(s.clients), s.stat.reads, s.stat.writes)
}

func (s *Server) infoCPU(w *infoWriter) {
	usage := func(who int) (sys, user string) {
		var r unix.Rusage
		_ = unix.Getrusage(who, &r)
		return timevalText(r.Stime), timevalText(r.Utime)
	}
	for _, x := range []struct {
		who    int
		suffix string
	}{{unix.RUSAGE_SELF, ""}, {unix.RUSAGE_CHILDREN, "_children"}, {unix.RUSAGE_THREAD, "_main_thread"}} {
		sys, user := usage(x.who)
		w.line("used_cpu_sys%s:%s", x.suffix, sys)
		w.line("used_cpu_user%s:%s", x.suffix, user)
	}
}

func (s *Server) infoModules(w *infoWriter) {
	if s.runtime == nil {
		return
	}
	for _, m := range s.runtime.Modules() {
		w.line("module:name=%s,ver=%d,api=%d,filters=%d,usedby=[%s],using=[%s],options=[%s]", m.Name, m.Version, m.API, m.Filters,
			strings.Join(m.UsedBy, "|"), strings.Join(m.Using, "|"), strings.Join(m.Options, "|"))
	}
}

func (s *Server) infoReplication(w *infoWriter) {
	w.line("role:master")
	w.line("connected_slaves:0")
	w.line("master_failover_state:no-failover")
	w.line("master_replid:%s", s.replID)
	w.line("master_replid2:%s", strings.Repeat("0", 40))
	w.line("master_repl_offset:0")
	w.line("second_repl_offset:-1")
	w.line("repl_backlog_active:0")
	w.line("repl_backlog_size:%d", s.cfg.ReplBacklogSize)
	w.line("repl_backlog_first_byte_offset:0")
	w.line("repl_backlog_histlen:0")
}

func (s *Server) infoCluster(w *infoWriter) { w.line("cluster_enabled:0") }

func timevalText(t unix.Timeval) string { return fmt.Sprintf("%d.%06d", t.Sec, t.Usec) }
