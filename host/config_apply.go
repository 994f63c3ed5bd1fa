package host

import (
	"errors"

	"berth/host/config"
	"berth/host/eventloop"
	"berth/keyspace"

	"golang.org/x/sys/unix"
)

// keyspaceLimits are the encoding thresholds. The server keeps the pointer and
// changes what it points to.
func (s *Server) keyspaceLimits() *keyspace.Limits {
	l := new(keyspace.Limits)
	s.fillLimits(l)
	return l
}

func (s *Server) fillLimits(l *keyspace.Limits) {
	c := s.cfg
	*l = keyspace.Limits{
		HashMaxListpackEntries: c.HashMaxListpackEntries,
		HashMaxListpackValue:   c.HashMaxListpackValue,
		ListMaxListpackSize:    c.ListMaxListpackSize,
		ListCompressDepth:      c.ListCompressDepth,
		SetMaxIntsetEntries:    c.SetMaxIntsetEntries,
		SetMaxListpackEntries:  c.SetMaxListpackEntries,
		SetMaxListpackValue:    c.SetMaxListpackValue,
		ZSetMaxListpackEntries: c.ZsetMaxListpackEntries,
		ZSetMaxListpackValue:   c.ZsetMaxListpackValue,
		HLLSparseMaxBytes:      c.HLLSparseMaxBytes,
		StreamNodeMaxBytes:     c.StreamNodeMaxBytes,
		StreamNodeMaxEntries:   c.StreamNodeMaxEntries,
	}
}

// attachConfig carries parameters to where they act: now, and whenever CONFIG
// SET changes one.
func (s *Server) attachConfig() {
	on := func(fn func(), names ...string) {
		fn()
		s.cfg.OnChange(func() error { fn(); return nil }, names...)
	}
	on(func() { s.fillLimits(s.ks.Limits) },
		"hash-max-listpack-entries", "hash-max-listpack-value", "list-max-listpack-size", "list-compress-depth",
		"set-max-intset-entries", "set-max-listpack-entries", "set-max-listpack-value", "zset-max-listpack-entries",
		"zset-max-listpack-value", "hll-sparse-max-bytes", "stream-node-max-bytes", "stream-node-max-entries")
	on(func() {
		ks := s.ks
		ks.LFULogFactor, ks.LFUDecayTime = s.cfg.LFULogFactor, s.cfg.LFUDecayTime
		ks.ActiveExpireEffort = s.cfg.ActiveExpireEffort
		ks.Switches.LazyfreeExpire = s.cfg.LazyfreeLazyExpire
		ks.Switches.LazyfreeEviction = s.cfg.LazyfreeLazyEviction
		ks.Switches.LazyfreeServerDel = s.cfg.LazyfreeLazyServerDel
		ks.Switches.LazyfreeUserDel = s.cfg.LazyfreeLazyUserDel
	}, "lfu-log-factor", "lfu-decay-time", "active-expire-effort", "lazyfree-lazy-expire", "lazyfree-lazy-eviction",
		"lazyfree-lazy-server-del", "lazyfree-lazy-user-del")
	on(func() {
		s.ks.Switches.LFU = s.policy().LFU()
		s.ks.ClearEvictionPool()
	}, "maxmemory-policy")
	on(func() { s.ks.Switches.Unshared = s.cfg.MaxMemory > 0 && s.policy().ByUse() }, "maxmemory", "maxmemory-policy")
	on(func() {
		for _, c := range s.clients {
			c.parser.MaxBulk = int64(s.cfg.ProtoMaxBulkLen)
		}
	}, "proto-max-bulk-len")
	on(func() { s.acl.SetDefaultPassword(s.cfg.RequirePass) }, "requirepass")
	on(func() { s.defrag.changed = true }, "active-defrag-threshold-lower", "active-defrag-threshold-upper",
		"active-defrag-cycle-min", "active-defrag-cycle-max")
	on(s.maxMemoryClientsChanged, "maxmemory-clients")
	s.cfg.OnChange(s.maxMemoryChanged, "maxmemory")
	s.cfg.OnChange(s.watchdogChanged, "watchdog-period")
	s.cfg.OnChange(func() error { return s.rebind("Unable to listen on this port. Check server logs.", true, false) }, "port")
	s.cfg.OnChange(func() error { return s.rebind("Failed to bind to specified addresses.", true, true) }, "bind")
	s.cfg.OnChange(s.tlsPortChanged, "tls-port")
	s.cfg.OnChange(s.tlsParamsChanged, "tls-cert-file", "tls-key-file", "tls-key-file-pass", "tls-ca-cert-file", "tls-ca-cert-dir",
		"tls-auth-clients", "tls-protocols", "tls-ciphers", "tls-ciphersuites", "tls-session-caching", "tls-session-cache-timeout")
}

// policies translates the values of maxmemory-policy.
var policies = map[int]keyspace.Policy{
	config.PolicyNoEviction:     keyspace.NoEviction,
	config.PolicyVolatileLRU:    keyspace.VolatileLRU,
	config.PolicyVolatileLFU:    keyspace.VolatileLFU,
	config.PolicyVolatileTTL:    keyspace.VolatileTTL,
	config.PolicyVolatileRandom: keyspace.VolatileRandom,
	config.PolicyAllKeysLRU:     keyspace.AllKeysLRU,
	config.PolicyAllKeysLFU:     keyspace.AllKeysLFU,
	config.PolicyAllKeysRandom:  keyspace.AllKeysRandom,
}

func (s *Server) policy() keyspace.Policy { return policies[s.cfg.MaxMemoryPolicy] }

func (s *Server) maxMemoryChanged() error {
	if limit := s.cfg.MaxMemory; limit > 0 {
		if used := s.usedMemory(); uint64(used) > limit {
			s.log.Warn("WARNING: the new maxmemory value set via CONFIG SET (%d) is smaller than the current memory usage (%d). This will result in key eviction and/or the inability to accept new write commands depending on the maxmemory-policy.", limit, used)
			s.evictLater()
		}
	}
	return nil
}

// rebind moves listeners to where port, tls-port and bind say: the plain ones, those for TLS, or both. failure
// is the error's text.
func (s *Server) rebind(failure string, plain, overTLS bool) error {
	if !s.serving {
		return nil
	}
	old := s.listeners
	s.listeners = nil
	for _, l := range old {
		if l.unix != "" || l.tls && !overTLS || !l.tls && !plain {
			s.listeners = append(s.listeners, l)
			continue
		}
		s.loop.Remove(l.fd, eventloop.Readable)
		_ = unix.Close(l.fd)
	}
	if plain && s.cfg.Port != 0 {
		if err := s.listenTCP(s.cfg.Port, false); err != nil {
			return errors.New(failure)
		}
	}
	if overTLS && s.cfg.TLSPort != 0 {
		if err := s.listenTCP(s.cfg.TLSPort, true); err != nil {
			return errors.New(failure)
		}
	}
	return nil
}
