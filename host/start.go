package host

import (
	"errors"
	"fmt"

	"berth/host/command"
	"berth/internal/argsplit"
	"berth/keyspace"
	"berth/keyspace/mem"
)

// The values of enable-debug-command and its like.
const (
	protectedNo = iota
	protectedYes
	protectedLocal
)

const protectedModeText = "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. In this mode connections are only accepted from the loopback interface. If you want to connect from external computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by editing the Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. 3) If you started the server manually just for testing, restart it with the '--protected-mode no' option. 4) Set up an authentication password for the default user. NOTE: You only need to do one of the above things in order for the server to start accepting connections from the outside.\r\n"

// registerOwn adds the commands that package host implements itself.
func (s *Server) registerOwn() {
	s.registerConnection()
	s.registerClient()
	s.registerTracking()
	s.registerPubSub()
	s.registerMonitor()
	s.registerScripting()
	s.registerSlowlog()
	s.registerLatency()
	s.registerInfo()
	s.registerServer()
	s.registerMigrate()
	s.registerMemory()
	s.registerDebug()
	command.RegisterCommand(s.commands)
	s.registerConfig()
	s.registerACL()
	s.registerMulti()
	s.registerModule()
	s.registerSave()
	s.registerWait()
	s.registerPersistence()
}

// keyspaceHooks connect the data set to the server.
func (s *Server) keyspaceHooks() keyspace.Hooks {
	return keyspace.Hooks{
		KeyExpired: func(db *keyspace.DB, key []byte, _ *keyspace.Entry) { s.keyExpired(db, key) },
		KeyAdded: func(db *keyspace.DB, key []byte, t keyspace.Type) {
			s.KeyReady(db, key, t)
			if (s.moduleEvents|command.Class(s.cfg.NotifyKeyspaceEvents))&command.NotifyNew != 0 {
				s.Notify(db, command.NotifyNew, "new", key)
			}
		},
		FieldExpired: func(db *keyspace.DB, key, field []byte) {
			s.propagateRemoval(db, argHDel, key, field)
			if s.fieldEvents {
				s.rememberExpired(key, field)
			}
		},
		FieldsExpired: func(db *keyspace.DB, key []byte, gone bool) {
			s.Notify(db, command.NotifyHash, "hexpired", key)
			if gone {
				s.Notify(db, command.NotifyGeneric, "del", key)
			}
			s.Modified(nil, db, key)
		},
		KeyMiss: func(db *keyspace.DB, key []byte) { s.Notify(db, command.NotifyKeyMiss, "keymiss", key) },
	}
}

// syncRemovalHook has the keyspace tell of removed keys while anybody wants to
// know: without it an overwrite takes a shorter way.
func (s *Server) syncRemovalHook() {
	s.ks.Hooks.KeyRemoved = nil
	if s.keyEvents || s.waitingRemoval > 0 {
		s.ks.Hooks.KeyRemoved = s.keyRemoved
	}
}

func (s *Server) keyRemoved(db *keyspace.DB, key []byte, e *keyspace.Entry, why keyspace.Reason) {
	if s.waitingRemoval > 0 {
		s.keyGone(db, key, e.Type())
	}
	if s.keyEvents {
		s.runtime.ServerEvent(EventKey, int(why), KeyInfo{db, key, e})
	}
}

// ListenKeyEvents tells the server whether any module wants EventKey.
func (s *Server) ListenKeyEvents(on bool) {
	s.keyEvents = on
	s.syncRemovalHook()
}

var argHDel, argDel, argUnlink = []byte("HDEL"), []byte("DEL"), []byte("UNLINK")

// removal is the command by which the removal of a key is propagated.
func removal(lazy bool) []byte {
	if lazy {
		return argUnlink
	}
	return argDel
}

// keyExpired propagates the removal of an expired key and tells of it.
func (s *Server) keyExpired(db *keyspace.DB, key []byte) {
	s.propagateRemoval(db, removal(s.cfg.LazyfreeLazyExpire), key)
	s.Notify(db, command.NotifyExpired, "expired", key)
	s.Modified(nil, db, key)
}

// MaxBulkLen implements [command.Host].
func (s *Server) MaxBulkLen() int64 { return int64(s.cfg.ProtoMaxBulkLen) }

// LazyUserDel implements [command.Host].
func (s *Server) LazyUserDel() bool { return s.cfg.LazyfreeLazyUserDel }

// SetDB implements [command.Host].
func (s *Server) SetDB(cc *command.Ctx, db *keyspace.DB) { cc.DB = db }

// usedMemory is what the data set, the modules and the clients' buffers hold.
func (s *Server) usedMemory() int64 {
	n := int64(mem.Used())
	for _, sum := range s.clientMem.sum {
		n += sum
	}
	n -= s.queryBufMem // counted on both sides
	if s.runtime != nil {
		n += s.runtime.AllocatedMemory()
	}
	return n
}

// activeExpire reports whether the expiry cycles run.
func (s *Server) activeExpire() bool { return !s.noActiveExpire && !s.loading }

// loadConfiguredModules loads what loadmodule directives name. The error is the last line for the
// log; the lines before it are there already.
func (s *Server) loadConfiguredModules() error {
	s.starting = true
	defer func() { s.starting = false }()
	for _, m := range s.cfg.LoadModules {
		if s.runtime == nil {
			s.log.Warn("Module %s not loaded: this server hosts no modules", m.Path)
			return fmt.Errorf("Can't load module from %s: server aborting", m.Path) //nolint:staticcheck // Redis's log line
		}
		args := make([][]byte, len(m.Args))
		for i, a := range m.Args {
			args[i] = []byte(a)
		}
		if err := s.runtime.Load(m.Path, args, nil); err != nil {
			return fmt.Errorf("Can't load module from %s: server aborting", m.Path) //nolint:staticcheck // Redis's log line
		}
	}
	if left := s.cfg.UnresolvedModuleValues(); len(left) > 0 {
		s.log.Warn("Unresolved Configuration(s) Detected:")
		for _, line := range left {
			s.log.Warn(">>> '" + line + "'")
		}
		return errors.New("Module Configuration detected without loadmodule directive or no ApplyConfig call: aborting")
	}
	return nil
}

func (s *Server) logReady() {
	if s.cfg.Port > 0 || s.autoPort {
		s.log.Notice("Ready to accept connections tcp")
	}
	if s.cfg.UnixSocket != "" {
		s.log.Notice("Ready to accept connections unix")
	}
	if s.cfg.TLSPort > 0 {
		s.log.Notice("Ready to accept connections tls")
	}
}

func quoteForLog(b []byte, limit int) string {
	return string(argsplit.Quote(nil, b[:min(len(b), limit)]))
}
