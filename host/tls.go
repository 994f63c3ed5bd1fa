package host

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"berth/host/config"
	"berth/internal/errtext"

	"github.com/youmark/pkcs8"
	"golang.org/x/sys/unix"
)

// handshakeTimeout bounds the time for which a connection may hold its memory without being a client.
const handshakeTimeout = 30 * time.Second

// tlsState is what a server knows of TLS. The lock is the server's.
type tlsState struct {
	config *tls.Config // for new connections; nil until TLS is configured
	// shaking are the connections in their handshake, which count as clients.
	shaking map[net.Conn]struct{}
}

// configureTLS makes the configuration for new connections from the parameters. If they will not do, the reason is logged
// and what was in force stays.
func (s *Server) configureTLS() error {
	c, err := s.tlsConfig()
	if err != nil {
		s.log.Warn("%s", err.Error())
		return errors.New("Unable to update TLS configuration. Check server logs.")
	}
	s.tls.config = c
	return nil
}

func (s *Server) tlsConfig() (*tls.Config, error) {
	p := s.cfg
	switch {
	case p.TLSCertFile == "":
		return nil, errors.New("No tls-cert-file configured!")
	case p.TLSKeyFile == "":
		return nil, errors.New("No tls-key-file configured!")
	case p.TLSCACertFile == "" && p.TLSCACertDir == "" && p.TLSAuthClients != config.TLSAuthNo:
		return nil, errors.New("Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or tls-auth-clients are enabled!")
	}
	cert, err := loadKeyPair(p.TLSCertFile, p.TLSKeyFile, p.TLSKeyFilePass)
	if err != nil {
		return nil, err
	}
	c := &tls.Config{
		Certificates:           []tls.Certificate{cert},
		SessionTicketsDisabled: !p.TLSSessionCaching,
	}
	if p.TLSCACertFile != "" || p.TLSCACertDir != "" {
		if c.ClientCAs, err = loadCAs(p.TLSCACertFile); err != nil {
			return nil, errors.New("Failed to configure CA certificate(s) file/directory: " + errtext.Of(err))
		}
		if err := addCADir(c.ClientCAs, p.TLSCACertDir); err != nil {
			// OpenSSL looks there only when it needs to.
			s.log.Warn("No CA certificates from the directory %s: %s", p.TLSCACertDir, errtext.Of(err))
		}
	}
	switch p.TLSAuthClients {
	case config.TLSAuthYes:
		c.ClientAuth = tls.RequireAndVerifyClientCert
	case config.TLSAuthOptional:
		c.ClientAuth = tls.VerifyClientCertIfGiven
	}
	if err := setProtocols(c, p.TLSProtocols); err != nil {
		return nil, err
	}
	suites, unknown, err := parseCiphers(p.TLSCiphers)
	if err != nil {
		return nil, err
	}
	c.CipherSuites = suites
	more, err := parseCiphersuites(p.TLSCiphersuites)
	if err != nil {
		return nil, err
	}
	if unknown = append(unknown, more...); len(unknown) > 0 {
		s.log.Warn("TLS: these ciphers are not available here, or cannot be chosen or left out, and are passed over: %s", strings.Join(unknown, " "))
	}
	if p.TLSSessionCaching {
		limitSessions(c, time.Duration(p.TLSSessionCacheTimeout)*time.Second)
	}
	return c, nil
}

// limitSessions has sessions resumed only within the given time. They are kept by the clients, in
// tickets that only this server can read.
func limitSessions(c *tls.Config, lifetime time.Duration) {
	if lifetime == 0 {
		lifetime = 300 * time.Second // what 0 means to OpenSSL
	}
	const mark = "berth"
	c.WrapSession = func(cs tls.ConnectionState, ss *tls.SessionState) ([]byte, error) {
		extra := binary.BigEndian.AppendUint64([]byte(mark), uint64(time.Now().Unix()))
		ss.Extra = append(ss.Extra, extra)
		return c.EncryptTicket(cs, ss)
	}
	c.UnwrapSession = func(identity []byte, cs tls.ConnectionState) (*tls.SessionState, error) {
		ss, err := c.DecryptTicket(identity, cs)
		if ss == nil || err != nil {
			return nil, err
		}
		for i, e := range ss.Extra {
			if at, ok := strings.CutPrefix(string(e), mark); ok && len(at) == 8 {
				ss.Extra = slices.Delete(ss.Extra, i, i+1)
				if time.Since(time.Unix(int64(binary.BigEndian.Uint64([]byte(at))), 0)) <= lifetime {
					return ss, nil
				}
				break
			}
		}
		return nil, nil
	}
}

func loadKeyPair(certFile, keyFile, pass string) (cert tls.Certificate, err error) {
	badCert := func(err error) (tls.Certificate, error) {
		return cert, errors.New("Failed to load certificate: " + certFile + ": " + errtext.Of(err))
	}
	badKey := func(err error) (tls.Certificate, error) {
		return cert, errors.New("Failed to load private key: " + keyFile + ": " + errtext.Of(err))
	}
	certText, err := os.ReadFile(certFile)
	if err != nil {
		return badCert(err)
	}
	if b, _ := pem.Decode(certText); b == nil {
		return badCert(errors.New("no certificate in PEM format"))
	}
	keyText, err := os.ReadFile(keyFile)
	if err != nil {
		return badKey(err)
	}
	if keyText, err = decryptKey(keyText, pass); err != nil {
		return badKey(err)
	}
	if cert, err = tls.X509KeyPair(certText, keyText); err != nil {
		return badKey(err)
	}
	return cert, nil
}

// decryptKey gives a private key in PEM without its encryption, of either of the kinds that OpenSSL
// writes.
func decryptKey(text []byte, pass string) ([]byte, error) {
	for rest := text; ; {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			return text, nil // not encrypted, or no key at all
		}
		switch {
		case b.Type == "ENCRYPTED PRIVATE KEY":
			if pass == "" {
				return nil, errors.New("the key is encrypted and tls-key-file-pass is not set")
			}
			key, err := pkcs8.ParsePKCS8PrivateKey(b.Bytes, []byte(pass))
			if err != nil {
				return nil, errors.New("the key cannot be decrypted with tls-key-file-pass")
			}
			der, err := x509.MarshalPKCS8PrivateKey(key)
			if err != nil {
				return nil, err
			}
			return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
		//lint:ignore SA1019 the keys are what they are; OpenSSL reads them too
		case x509.IsEncryptedPEMBlock(b):
			if pass == "" {
				return nil, errors.New("the key is encrypted and tls-key-file-pass is not set")
			}
			//lint:ignore SA1019 as above
			der, err := x509.DecryptPEMBlock(b, []byte(pass))
			if err != nil {
				return nil, errors.New("the key cannot be decrypted with tls-key-file-pass")
			}
			return pem.EncodeToMemory(&pem.Block{Type: b.Type, Bytes: der}), nil
		}
	}
}

// loadCAs reads the certificates that clients' certificates must be signed by.
func loadCAs(file string) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if !pool.AppendCertsFromPEM(text) {
			return nil, errors.New("no certificate in " + file)
		}
	}
	return pool, nil
}

func addCADir(pool *x509.CertPool, dir string) error {
	if dir == "" {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if text, err := os.ReadFile(filepath.Join(dir, e.Name())); err == nil {
			pool.AppendCertsFromPEM(text)
		}
	}
	return nil
}

var tlsVersions = map[string]uint16{
	"tlsv1": tls.VersionTLS10, "tlsv1.1": tls.VersionTLS11, "tlsv1.2": tls.VersionTLS12, "tlsv1.3": tls.VersionTLS13,
}

// setProtocols allows the named versions only, also where there is a gap between them.
func setProtocols(c *tls.Config, names string) error {
	c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS13
	if names == "" {
		return nil
	}
	allowed := map[uint16]bool{}
	for _, n := range strings.Fields(names) {
		v, ok := tlsVersions[strings.ToLower(n)]
		if !ok {
			return errors.New("Invalid tls-protocols specified. Use a combination of 'TLSv1', 'TLSv1.1', 'TLSv1.2' and 'TLSv1.3'.")
		}
		allowed[v] = true
	}
	if len(allowed) == 0 {
		return nil
	}
	var list []uint16
	for v := range allowed {
		list = append(list, v)
	}
	c.MinVersion, c.MaxVersion = slices.Min(list), slices.Max(list)
	if int(c.MaxVersion-c.MinVersion)+1 == len(list) {
		return nil
	}
	c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		best := uint16(0)
		for _, v := range hello.SupportedVersions {
			if allowed[v] {
				best = max(best, v)
			}
		}
		if best == 0 {
			return nil, errors.New("unsupported protocol")
		}
		one := c.Clone()
		one.GetConfigForClient = nil
		one.MinVersion, one.MaxVersion = best, best
		return one, nil
	}
	return nil
}

// acceptTLS begins the handshake of a new connection. It takes place on a goroutine of its own, so that a slow one holds up
// nobody; the client comes into being when it has succeeded.
func (s *Server) acceptTLS(fd int, addr, laddr string) {
	file := os.NewFile(uintptr(fd), "")
	raw, err := net.FileConn(file) // has a descriptor of its own
	_ = file.Close()
	if err != nil {
		s.log.Warn("Accepting client connection: " + err.Error())
		return
	}
	if len(s.clients)+len(s.tls.shaking) >= s.cfg.MaxClients {
		s.stat.rejectedConns++
		_ = raw.Close()
		return
	}
	if s.tls.shaking == nil {
		s.tls.shaking = map[net.Conn]struct{}{}
	}
	s.tls.shaking[raw] = struct{}{}
	conn := tls.Server(raw, s.tls.config)
	go func() {
		_ = raw.SetDeadline(time.Now().Add(handshakeTimeout))
		err := conn.Handshake()
		if err == nil {
			err = raw.SetDeadline(time.Time{})
		}
		s.loop.Post(func() { s.handshaken(raw, conn, err, addr, laddr) })
	}()
}

func (s *Server) handshaken(raw net.Conn, conn *tls.Conn, err error, addr, laddr string) {
	delete(s.tls.shaking, raw)
	if err != nil {
		s.log.Warn("Error accepting a client connection: %s (addr=%s laddr=%s)", strings.TrimPrefix(err.Error(), "tls: "), addr, laddr)
		_ = raw.Close()
		return
	}
	t := newConnTransport(conn)
	if sc, ok := raw.(*net.TCPConn); ok {
		if rc, err := sc.SyscallConn(); err == nil {
			_ = rc.Control(func(fd uintptr) { t.fd = int(fd) })
		}
	}
	if c := s.acceptTransport(t, addr, laddr, 0); c != nil {
		t.c = c
		t.start()
	}
}

// closeHandshakes ends what has not become a client yet.
func (s *Server) closeHandshakes() {
	for raw := range s.tls.shaking {
		_ = raw.Close()
	}
}

// startTLS is called before the server listens.
func (s *Server) startTLS() error {
	if s.cfg.TLSPort == 0 {
		return nil
	}
	if s.configureTLS() != nil {
		return errors.New("Failed to configure TLS. Check logs for more info.")
	}
	return nil
}

// tlsParamsChanged follows CONFIG SET of anything about TLS but the port.
func (s *Server) tlsParamsChanged() error {
	if s.cfg.TLSPort == 0 {
		return nil
	}
	return s.configureTLS()
}

func (s *Server) tlsPortChanged() error {
	if s.cfg.TLSPort != 0 && s.tls.config == nil {
		if err := s.configureTLS(); err != nil {
			return err
		}
	}
	return s.rebind("Unable to listen on this port. Check server logs.", false, true)
}

// setSocketOptions is for a fresh TCP connection.
func (s *Server) setSocketOptions(fd int) {
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	s.keepAlive(fd)
}
