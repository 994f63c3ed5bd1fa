package host

import (
	"bytes"
	"strconv"

	"berth/host/command"
	"berth/keyspace"
)

// Notify implements [command.Host]: modules first, in the middle of the
// change, then those who subscribed.
func (s *Server) Notify(db *keyspace.DB, class command.Class, event string, key []byte) {
	s.NotifyFields(db, class, event, key, nil)
}

// ListenFields tells the server whether any module wants the fields of events.
func (s *Server) ListenFields(on bool) { s.fieldEvents = on }

// WantsFields implements [command.Host].
func (s *Server) WantsFields() bool { return s.fieldEvents }

// rememberExpired keeps a field whose time is over for the event that tells of it.
func (s *Server) rememberExpired(key, field []byte) {
	if e := s.expiredFields; e == nil || !bytes.Equal(e[0], key) {
		s.expiredFields = [][]byte{bytes.Clone(key)}
	}
	s.expiredFields = append(s.expiredFields, bytes.Clone(field))
}

// NotifyFields implements [command.Host].
func (s *Server) NotifyFields(db *keyspace.DB, class command.Class, event string, key []byte, fields [][]byte) {
	if s.moduleEvents&class != 0 {
		if e := s.expiredFields; e != nil && event == "hexpired" {
			if s.expiredFields = nil; bytes.Equal(e[0], key) {
				fields = e[1:]
			}
		}
		s.runtime.KeyspaceEvent(db, class, event, key, fields)
	}
	on := command.Class(s.cfg.NotifyKeyspaceEvents)
	if on&class == 0 {
		return
	}
	if on&command.NotifyKeyspace != 0 {
		ch := append(s.scratch[:0], "__keyspace@"...)
		ch = strconv.AppendInt(ch, int64(db.ID()), 10)
		ch = append(ch, "__:"...)
		ch = append(ch, key...)
		s.publish(ch, []byte(event), false)
		s.scratch = ch[:0]
	}
	if on&command.NotifyKeyevent != 0 {
		ch := append(s.scratch[:0], "__keyevent@"...)
		ch = strconv.AppendInt(ch, int64(db.ID()), 10)
		ch = append(ch, "__:"...)
		ch = append(ch, event...)
		s.publish(ch, key, false)
		s.scratch = ch[:0]
	}
}

// TellsOfKeys reports whether anybody would notice that a key is removed and
// added again.
func (s *Server) TellsOfKeys() bool {
	return s.ks.Hooks.KeyRemoved != nil ||
		(s.moduleEvents|command.Class(s.cfg.NotifyKeyspaceEvents))&command.NotifyNew != 0
}

// ListenEvents tells the server which classes of keyspace events modules want.
func (s *Server) ListenEvents(classes command.Class) { s.moduleEvents = classes }

// Modified implements [command.Host].
func (s *Server) Modified(cc *command.Ctx, db *keyspace.DB, key []byte) {
	if s.watching > 0 {
		s.touchWatched(db, key)
	}
	if s.tracking.tracks() {
		var by *Client
		if cc != nil {
			by, _ = cc.Client.(*Client)
		}
		s.invalidate(by, key)
	}
}
