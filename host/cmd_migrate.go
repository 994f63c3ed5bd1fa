package host

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"berth/host/command"
	"berth/internal/numfmt"
)

func (s *Server) registerMigrate() { s.commands.Register("migrate", s.cmdMigrate) }

const (
	migrateLinks    = 64               // kept open at most
	migrateLinkIdle = 10 * time.Second // after which one is closed
	migrateChunk    = 64 << 10         // written within one timeout
	migrateLine     = 1024             // of a reply that is looked at
)

// migrateLink is an open connection to a server that keys were sent to.
type migrateLink struct {
	conn net.Conn
	r    *bufio.Reader
	db   int64 // selected there; -1: not known
	used time.Time
}

// migrateOptions are the arguments of MIGRATE.
type migrateOptions struct {
	host, port         string
	db                 int64
	timeout            time.Duration
	copy, replace      bool
	username, password []byte // nil: not given
	keys               [][]byte
}

func (s *Server) parseMigrate(cc *command.Ctx) (o migrateOptions, ok bool) {
	o.host, o.port = string(cc.Args[1]), string(cc.Args[2])
	o.keys = cc.Args[3:4]
	c := cc.Client.(*Client)
	last := len(cc.Args) - 1
options:
	for i := 6; i <= last; i++ {
		switch {
		case cc.ArgIs(i, "copy"):
			o.copy = true
		case cc.ArgIs(i, "replace"):
			o.replace = true
		case cc.ArgIs(i, "auth") && i+1 <= last:
			i++
			o.password = cc.Args[i]
			c.Redact(i)
		case cc.ArgIs(i, "auth2") && i+2 <= last:
			o.username, o.password = cc.Args[i+1], cc.Args[i+2]
			c.Redact(i + 1)
			c.Redact(i + 2)
			i += 2
		case cc.ArgIs(i, "keys"):
			if len(cc.Args[3]) != 0 {
				cc.Error("ERR When using MIGRATE KEYS option, the key argument must be set to the empty string")
				return o, false
			}
			o.keys = cc.Args[i+1:]
			break options
		default:
			cc.Error(command.ErrSyntax)
			return o, false
		}
	}
	ms, ok := cc.IntArg(5)
	if !ok {
		return o, false
	}
	if o.db, ok = cc.IntArg(4); !ok {
		return o, false
	}
	if ms <= 0 {
		ms = 1000
	}
	const longest = int64(1<<63-1) / int64(time.Millisecond)
	o.timeout = time.Duration(min(ms, longest)) * time.Millisecond
	return o, true
}

// cmdMigrate: MIGRATE host port key|"" db timeout [COPY] [REPLACE] [AUTH password | AUTH2 username password] [KEYS key ...].
// The loop waits for the other server meanwhile, as Redis does: a key is never on both or on neither.
func (s *Server) cmdMigrate(cc *command.Ctx) {
	o, ok := s.parseMigrate(cc)
	if !ok {
		return
	}
	var keys [][]byte
	for _, key := range o.keys {
		if cc.LookupRead(key) != nil {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		cc.Simple("NOKEY")
		return
	}
	m := migration{s: s, cc: cc, o: &o, keys: keys}
	// A link that was open may have been closed by the other side meanwhile: one new attempt.
	for attempt := 0; ; attempt++ {
		err := m.try()
		if err == nil {
			return
		}
		m.dropLink()
		if attempt == 0 && m.acknowledged == 0 && !m.final && !errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		doing := "reading"
		if m.writing {
			doing = "writing"
		}
		cc.Error("IOERR error or timeout " + doing + " to target instance")
		return
	}
}

// migration is one MIGRATE under way.
type migration struct {
	s    *Server
	cc   *command.Ctx
	o    *migrateOptions
	keys [][]byte
	link *migrateLink

	writing      bool // the attempt was still sending
	final        bool // there is nothing to be gained by another attempt
	acknowledged int  // keys that have been answered for
}

func (m *migration) linkName() string { return m.o.host + ":" + m.o.port }

// open finds or makes the link. ok is false when it can't be had and the reply says so. An error is of a server that refused: Redis
// sees that in its first write only.
func (m *migration) open() (ok bool, err error) {
	links := m.s.migrateLinks
	if l := links[m.linkName()]; l != nil {
		l.used = m.s.now()
		m.link = l
		return true, nil
	}
	if len(links) >= migrateLinks {
		for name := range links { // any one
			m.s.closeMigrateLink(name)
			break
		}
	}
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(m.o.host, strconv.Itoa(numfmt.Atoi([]byte(m.o.port)))), m.o.timeout)
	switch {
	case errors.Is(err, unix.ECONNREFUSED), errors.Is(err, unix.EHOSTUNREACH), errors.Is(err, unix.ECONNRESET):
		return false, err
	case err != nil:
		m.cc.Error("IOERR error or timeout connecting to the client")
		return false, nil
	}
	m.link = &migrateLink{conn: conn, r: bufio.NewReaderSize(conn, 16<<10), db: -1, used: m.s.now()}
	if links == nil {
		m.s.migrateLinks = map[string]*migrateLink{}
	}
	m.s.migrateLinks[m.linkName()] = m.link
	return true, nil
}

func (m *migration) dropLink() { m.s.closeMigrateLink(m.linkName()) }

func (s *Server) closeMigrateLink(name string) {
	if l := s.migrateLinks[name]; l != nil {
		_ = l.conn.Close()
		delete(s.migrateLinks, name)
	}
}

// closeIdleMigrateLinks closes those that have not been used for a while; with all, every one.
func (s *Server) closeIdleMigrateLinks(all bool) {
	for name, l := range s.migrateLinks {
		if all || s.now().Sub(l.used) > migrateLinkIdle {
			s.closeMigrateLink(name)
		}
	}
}

// try sends everything and reads the replies. An error is one of the connection; whatever else there was to say
// has been replied.
func (m *migration) try() error {
	m.writing = true
	if ok, err := m.open(); !ok {
		return err
	}
	var buf []byte
	o := m.o
	switch {
	case o.username != nil:
		buf = appendRequest(buf, []byte("AUTH"), o.username, o.password)
	case o.password != nil:
		buf = appendRequest(buf, []byte("AUTH"), o.password)
	}
	selects := m.link.db != o.db
	if selects {
		buf = appendRequest(buf, []byte("SELECT"), strconv.AppendInt(nil, o.db, 10))
	}
	sent := m.keys[:0:0]
	for _, key := range m.keys {
		var ok bool
		var err error
		if buf, ok, err = m.appendRestore(buf, key); err != nil {
			m.cc.Error("ERR " + err.Error())
			return nil
		}
		if ok {
			sent = append(sent, key)
		}
	}
	if err := m.send(buf); err != nil {
		return err
	}
	m.writing = false
	return m.readReplies(sent, selects)
}

// appendRestore adds the request that makes the key there; ok is false if it has expired meanwhile.
func (m *migration) appendRestore(buf []byte, key []byte) (_ []byte, ok bool, err error) {
	cc := m.cc
	e := cc.DB.Find(key)
	if e == nil {
		return buf, false, nil
	}
	ttl := int64(0)
	if e.HasExpire() {
		if ttl = e.Expire() - cc.KS.Now(); ttl < 0 {
			return buf, false, nil
		}
		ttl = max(ttl, 1)
	}
	payload, err := m.s.RDB().AppendDump(nil, cc.DB, e)
	if err != nil {
		return buf, false, err
	}
	verb := "RESTORE"
	if m.s.cfg.ClusterEnabled {
		verb = "RESTORE-ASKING"
	}
	argv := [][]byte{[]byte(verb), key, strconv.AppendInt(nil, ttl, 10), payload}
	if m.o.replace {
		argv = append(argv, []byte("REPLACE"))
	}
	return appendRequest(buf, argv...), true, nil
}

// appendRequest appends a request as an array of bulk strings.
func appendRequest(buf []byte, argv ...[]byte) []byte {
	w := command.Writer{Buf: buf}
	w.Array(len(argv))
	for _, a := range argv {
		w.Bulk(a)
	}
	return w.Buf
}

func (m *migration) send(buf []byte) error {
	for len(buf) > 0 {
		n := min(len(buf), migrateChunk)
		if err := m.link.conn.SetWriteDeadline(time.Now().Add(m.o.timeout)); err != nil {
			return err
		}
		if _, err := m.link.conn.Write(buf[:n]); err != nil {
			return err
		}
		buf = buf[n:]
	}
	return nil
}

// line reads one line of a reply.
func (m *migration) line() (string, error) {
	if err := m.link.conn.SetReadDeadline(time.Now().Add(m.o.timeout)); err != nil {
		return "", err
	}
	var line []byte
	for len(line) < migrateLine-1 {
		b, err := m.link.r.ReadByte()
		if err != nil {
			return "", err
		}
		if b == '\n' {
			if n := len(line); n > 0 && line[n-1] == '\r' {
				line = line[:n-1]
			}
			break
		}
		line = append(line, b)
	}
	if len(line) == 0 {
		return "", io.ErrUnexpectedEOF
	}
	return string(line), nil
}

func isErrorLine(line string) bool { return len(line) > 0 && line[0] == '-' }

func (m *migration) readReplies(sent [][]byte, selects bool) (err error) {
	var auth, selected string
	if m.o.password != nil {
		if auth, err = m.line(); err != nil {
			return err
		}
	}
	if selects {
		if selected, err = m.line(); err != nil {
			return err
		}
	}
	refused := ""
	var gone [][]byte
	for _, key := range sent {
		var restored string
		if restored, err = m.line(); err != nil {
			break
		}
		m.acknowledged++
		switch {
		case isErrorLine(auth), isErrorLine(selected), isErrorLine(restored):
			if refused == "" {
				m.link.db = -1
				refused = restored
				if isErrorLine(auth) {
					refused = auth
				} else if isErrorLine(selected) {
					refused = selected
				}
				m.cc.Error("ERR Target instance replied with error: " + refused[1:])
			}
		case !m.o.copy:
			m.cc.DB.Delete(key)
			m.cc.Changed(key, command.NotifyGeneric, "del", 1)
			gone = append(gone, key)
		}
	}
	if len(gone) > 0 {
		// Replicas have no use for the other server: for them the keys just go.
		m.cc.Propagate(append([][]byte{[]byte("DEL")}, gone...)...)
	}
	switch {
	case err != nil && refused == "":
		m.final = len(gone) > 0
		return err
	case err != nil:
		m.dropLink()
	case refused == "":
		m.link.db = m.o.db
		m.cc.OK()
	}
	return nil
}
