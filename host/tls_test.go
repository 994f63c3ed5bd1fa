package host

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"github.com/youmark/pkcs8"

	"berth/host/config"
)

// certs are a certificate authority and what it has signed, in files and at hand.
type certs struct {
	t    *testing.T
	dir  string
	key  *ecdsa.PrivateKey
	ca   *x509.Certificate
	pool *x509.CertPool
}

func newCerts(t *testing.T) *certs {
	c := &certs{t: t, dir: t.TempDir(), pool: x509.NewCertPool()}
	var err error
	c.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	tpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tpl, tpl, &c.key.PublicKey, c.key)
	require.NoError(t, err)
	c.ca, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	c.pool.AddCert(c.ca)
	c.write("ca.crt", "CERTIFICATE", der)
	c.issue("server")
	c.issue("client")
	return c
}

func (c *certs) path(name string) string { return filepath.Join(c.dir, name) }

func (c *certs) write(name, kind string, der []byte) {
	require.NoError(c.t, os.WriteFile(c.path(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

// issue makes NAME.crt and NAME.key.
func (c *certs) issue(name string) tls.Certificate {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(c.t, err)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<40))
	require.NoError(c.t, err)
	tpl := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, tpl, c.ca, &key.PublicKey, c.key)
	require.NoError(c.t, err)
	c.write(name+".crt", "CERTIFICATE", der)
	c.write(name+".key", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
	return c.pair(name)
}

func (c *certs) pair(name string) tls.Certificate {
	p, err := tls.LoadX509KeyPair(c.path(name+".crt"), c.path(name+".key"))
	require.NoError(c.t, err)
	return p
}

// client is the configuration of a client, with a certificate or ("") without.
func (c *certs) client(name string) *tls.Config {
	cfg := &tls.Config{RootCAs: c.pool, ServerName: "127.0.0.1"}
	if name != "" {
		cfg.Certificates = []tls.Certificate{c.pair(name)}
	}
	return cfg
}

// tlsServer starts a server that listens for TLS only.
func (c *certs) server(set ...string) (s *testServer, addr string) {
	c.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(c.t, err)
	port := l.Addr().(*net.TCPAddr).Port
	require.NoError(c.t, l.Close())
	s = newTestServer(c.t, append([]string{
		"bind", "127.0.0.1", "tls-port", strconv.Itoa(port), "tls-cert-file", c.path("server.crt"), "tls-key-file", c.path("server.key"),
		"tls-ca-cert-file", c.path("ca.crt"),
	}, set...)...)
	addr = "127.0.0.1:" + strconv.Itoa(port)
	require.Eventually(c.t, func() bool { return len(s.Addrs()) == 1 }, 10*time.Second, time.Millisecond)
	return s, addr
}

// ping connects, sends PING and returns what went wrong.
func ping(addr string, cfg *tls.Config) error {
	d := &tls.Dialer{NetDialer: &net.Dialer{Timeout: 10 * time.Second}, Config: cfg}
	conn, err := d.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	buf := make([]byte, 7)
	if _, err := conn.Read(buf); err != nil {
		return err
	}
	if string(buf) != "+PONG\r\n" {
		return fmt.Errorf("PING: %q", buf)
	}
	return nil
}

func TestTLSClientCertificates(t *testing.T) {
	c := newCerts(t)
	stranger := newCerts(t)
	foreign := c.client("")
	foreign.Certificates = []tls.Certificate{stranger.pair("client")}
	s, addr := c.server()
	admin := s.client()
	require.Error(t, ping(addr, c.client("")))
	require.NoError(t, ping(addr, c.client("client")))
	require.Error(t, ping(addr, foreign))
	admin.send("config set tls-auth-clients optional")
	require.Equal(t, "+OK\r\n", admin.read())
	require.NoError(t, ping(addr, c.client("")))
	require.NoError(t, ping(addr, c.client("client")))
	require.Error(t, ping(addr, foreign))
	admin.send("config set tls-auth-clients no")
	require.Equal(t, "+OK\r\n", admin.read())
	require.NoError(t, ping(addr, c.client("")))
	require.NoError(t, ping(addr, foreign))
	require.Error(t, ping(addr, stranger.client("")), "the server's certificate is checked by the client")
	// A directory of authorities.
	dir := t.TempDir()
	text, err := os.ReadFile(stranger.path("ca.crt"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other.pem"), text, 0o600))
	admin.sendArgs("CONFIG", "SET", "tls-ca-cert-dir", dir, "tls-auth-clients", "yes")
	require.Equal(t, "+OK\r\n", admin.read())
	require.NoError(t, ping(addr, foreign))
	require.NoError(t, ping(addr, c.client("client")))
}

// TestTLSWithGoRedis uses a real client library, with and without a certificate, as a restricted user.
func TestTLSWithGoRedis(t *testing.T) {
	c := newCerts(t)
	s, addr := c.server("tls-auth-clients", "optional")
	admin := s.client()
	admin.send("acl setuser app on >secret +@read +@write +@connection -flushall ~app:*")
	require.Equal(t, "+OK\r\n", admin.read())
	ctx := context.Background()
	for _, name := range []string{"", "client"} {
		for _, proto := range []int{2, 3} {
			r := redis.NewClient(&redis.Options{Addr: addr, TLSConfig: c.client(name), Username: "app", Password: "secret", Protocol: proto})
			big := strings.Repeat("x", 3<<20)
			require.NoError(t, r.Set(ctx, "app:k", big, 0).Err())
			got, err := r.Get(ctx, "app:k").Result()
			require.NoError(t, err)
			require.True(t, got == big)
			pipe := r.Pipeline()
			for i := range 1000 {
				pipe.RPush(ctx, "app:l", i)
			}
			_, err = pipe.Exec(ctx)
			require.NoError(t, err)
			require.EqualError(t, r.Set(ctx, "other", 1, 0).Err(), "NOPERM No permissions to access a key")
			require.EqualError(t, r.FlushAll(ctx).Err(), "NOPERM User app has no permissions to run the 'flushall' command")
			require.NoError(t, r.Close())
		}
	}
	bad := redis.NewClient(&redis.Options{Addr: addr, TLSConfig: c.client(""), Username: "app", Password: "wrong", MaxRetries: -1})
	require.ErrorContains(t, bad.Ping(ctx).Err(), "WRONGPASS")
	require.NoError(t, bad.Close())
}

func TestTLSReload(t *testing.T) {
	c := newCerts(t)
	s, addr := c.server("tls-auth-clients", "no")
	admin := s.client()
	served := func() string {
		conn, err := tls.Dial("tcp", addr, c.client(""))
		require.NoError(t, err)
		defer func() { _ = conn.Close() }()
		return conn.ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	require.Equal(t, "server", served())
	const refused = "-ERR CONFIG SET failed (possibly related to argument '%s') - Unable to update TLS configuration. Check server logs.\r\n"
	for _, bad := range [][2]string{
		{"tls-cert-file", "/nope"}, {"tls-cert-file", c.path("client.crt")}, {"tls-cert-file", c.path("client.key")}, {"tls-key-file", "/nope"},
		{"tls-cert-file", ""}, {"tls-protocols", "SSLv3"}, {"tls-ciphers", "none"}, {"tls-ciphersuites", "TLS_NOPE"}, {"tls-ca-cert-file", "/nope"},
	} {
		admin.sendArgs("CONFIG", "SET", bad[0], bad[1])
		require.Equal(t, fmt.Sprintf(refused, bad[0]), admin.read(), bad)
		require.Equal(t, "server", served())
	}
	c.issue("second")
	admin.sendArgs("CONFIG", "SET", "tls-cert-file", c.path("second.crt"), "tls-key-file", c.path("second.key"))
	require.Equal(t, "+OK\r\n", admin.read())
	require.Equal(t, "second", served())
	// The same names with another content.
	for _, ext := range []string{".crt", ".key"} {
		text, err := os.ReadFile(c.path("server" + ext))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(c.path("second"+ext), text, 0o600))
	}
	admin.sendArgs("CONFIG", "SET", "tls-cert-file", c.path("second.crt"))
	require.Equal(t, "+OK\r\n", admin.read())
	require.Equal(t, "server", served())
}

func TestTLSKeysWithPassword(t *testing.T) {
	c := newCerts(t)
	key := c.pair("server").PrivateKey.(*rsa.PrivateKey)
	der, err := pkcs8.MarshalPrivateKey(key, []byte("sesame"), nil)
	require.NoError(t, err)
	c.write("new.key", "ENCRYPTED PRIVATE KEY", der)
	//lint:ignore SA1019 such keys exist
	block, err := x509.EncryptPEMBlock(rand.Reader, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key), []byte("sesame"), x509.PEMCipherAES128)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(c.path("old.key"), pem.EncodeToMemory(block), 0o600))
	for _, name := range []string{"new.key", "old.key"} {
		_, err := loadKeyPair(c.path("server.crt"), c.path(name), "sesame")
		require.NoError(t, err)
		for _, pass := range []string{"", "wrong"} {
			_, err = loadKeyPair(c.path("server.crt"), c.path(name), pass)
			require.ErrorContains(t, err, "Failed to load private key: "+c.path(name))
			require.NotContains(t, err.Error(), "wrong")
		}
	}
}

func TestTLSProtocolsAndCiphers(t *testing.T) {
	c := newCerts(t)
	s, addr := c.server("tls-auth-clients", "no")
	admin := s.client()
	dial := func(version uint16) (uint16, uint16, error) {
		cfg := c.client("")
		cfg.MinVersion, cfg.MaxVersion = tls.VersionTLS10, version
		conn, err := tls.Dial("tcp", addr, cfg)
		if err != nil {
			return 0, 0, err
		}
		defer func() { _ = conn.Close() }()
		return conn.ConnectionState().Version, conn.ConnectionState().CipherSuite, nil
	}
	v, _, err := dial(tls.VersionTLS13)
	require.NoError(t, err)
	require.Equal(t, uint16(tls.VersionTLS13), v)
	_, _, err = dial(tls.VersionTLS11)
	require.Error(t, err)
	admin.sendArgs("CONFIG", "SET", "tls-protocols", "TLSv1.1 TLSv1.3")
	require.Equal(t, "+OK\r\n", admin.read())
	v, _, err = dial(tls.VersionTLS12)
	require.NoError(t, err)
	require.Equal(t, uint16(tls.VersionTLS11), v, "1.2 is left out")
	v, _, err = dial(tls.VersionTLS13)
	require.NoError(t, err)
	require.Equal(t, uint16(tls.VersionTLS13), v)
	admin.sendArgs("CONFIG", "SET", "tls-protocols", "tlsv1.2", "tls-ciphers", "ECDHE-RSA-AES256-GCM-SHA384")
	require.Equal(t, "+OK\r\n", admin.read())
	_, suite, err := dial(tls.VersionTLS13)
	require.NoError(t, err)
	require.Equal(t, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, suite)

	ids, unknown, err := parseCiphers("HIGH:!aNULL:!SHA1:!RSA:nonsense:-AES128+SHA256:+ECDHE-RSA-AES256-GCM-SHA384:@STRENGTH")
	require.NoError(t, err)
	require.Equal(t, []string{"nonsense"}, unknown)
	require.Equal(t, []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
		tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	}, ids)
	over, err := parseCiphersuites("TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256")
	require.NoError(t, err)
	require.Equal(t, []string{"!TLS_AES_256_GCM_SHA384", "!TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256"}, over)
}

func TestTLSSessions(t *testing.T) {
	c := newCerts(t)
	s, addr := c.server("tls-auth-clients", "no")
	admin := s.client()
	resumed := func(cache tls.ClientSessionCache) bool {
		cfg := c.client("")
		cfg.ClientSessionCache = cache
		d := &tls.Dialer{Config: cfg}
		conn, err := d.Dial("tcp", addr)
		require.NoError(t, err)
		defer func() { _ = conn.Close() }()
		// The ticket comes with the first bytes that are read.
		_, err = conn.Write([]byte("PING\r\n"))
		require.NoError(t, err)
		_, err = conn.Read(make([]byte, 7))
		require.NoError(t, err)
		return conn.(*tls.Conn).ConnectionState().DidResume
	}
	cache := tls.NewLRUClientSessionCache(4)
	require.False(t, resumed(cache))
	require.True(t, resumed(cache))
	admin.send("config set tls-session-cache-timeout 1")
	require.Equal(t, "+OK\r\n", admin.read())
	cache = tls.NewLRUClientSessionCache(4)
	require.False(t, resumed(cache))
	time.Sleep(2100 * time.Millisecond)
	require.False(t, resumed(cache), "too old")
	admin.send("config set tls-session-caching no")
	require.Equal(t, "+OK\r\n", admin.read())
	cache = tls.NewLRUClientSessionCache(4)
	require.False(t, resumed(cache))
	require.False(t, resumed(cache))
}

// TestTLSHostileHandshakes: those who never finish, or speak something else, hold up nobody, and count
// against maxclients.
func TestTLSHostileHandshakes(t *testing.T) {
	c := newCerts(t)
	s, addr := c.server("tls-auth-clients", "no", "maxclients", "12", "max-new-tls-connections-per-cycle", "4")
	var silent []net.Conn
	for range 10 {
		conn, err := net.Dial("tcp", addr)
		require.NoError(t, err)
		defer func() { _ = conn.Close() }()
		silent = append(silent, conn)
	}
	shaking := func() (n int) {
		s.Do(func() { n = len(s.tls.shaking) })
		return n
	}
	require.Eventually(t, func() bool { return shaking() == 10 }, 10*time.Second, 5*time.Millisecond)
	require.NoError(t, ping(addr, c.client("")))
	require.Eventually(t, func() bool { return clients(s) == 0 }, 10*time.Second, 5*time.Millisecond)
	for range 2 {
		conn, err := net.Dial("tcp", addr)
		require.NoError(t, err)
		defer func() { _ = conn.Close() }()
	}
	require.Eventually(t, func() bool { return shaking() == 12 }, 10*time.Second, 5*time.Millisecond)
	require.Error(t, ping(addr, c.client("")), "no room for more")
	for _, conn := range silent {
		_, _ = conn.Write([]byte("PING\r\nthis is not TLS at all\r\n"))
	}
	require.Eventually(t, func() bool { return shaking() == 2 }, 10*time.Second, 5*time.Millisecond)
	require.NoError(t, ping(addr, c.client("")))
}

func clients(s *testServer) (n int) {
	s.Do(func() { n = len(s.clients) })
	return n
}

// TestTLSSlowReader: output that a client does not take stays with the client, where its limit sees it.
func TestTLSSlowReader(t *testing.T) {
	c := newCerts(t)
	s, addr := c.server("tls-auth-clients", "no", "client-output-buffer-limit", "normal 8000000 0 0")
	admin := s.client()
	admin.sendArgs("SET", "big", strings.Repeat("x", 1<<20))
	require.Equal(t, "+OK\r\n", admin.read())
	conn, err := tls.Dial("tcp", addr, c.client(""))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = conn.Write([]byte(strings.Repeat("GET big\r\n", 60)))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		admin.send("info stats")
		return strings.Contains(admin.read(), "client_output_buffer_limit_disconnections:1\r\n")
	}, 10*time.Second, 10*time.Millisecond)
	// One that does read gets everything.
	s.Do(func() { s.cfg.ClientOutputBufferLimit[config.ClientNormal] = config.OutputBufferLimit{} })
	slow, err := tls.Dial("tcp", addr, c.client(""))
	require.NoError(t, err)
	defer func() { _ = slow.Close() }()
	_, err = slow.Write([]byte(strings.Repeat("GET big\r\n", 20)))
	require.NoError(t, err)
	time.Sleep(50 * time.Millisecond)
	_ = slow.SetReadDeadline(time.Now().Add(30 * time.Second))
	want, got := 20*(len("$1048576\r\n")+1<<20+2), 0
	buf := make([]byte, 1<<16)
	for got < want {
		n, err := slow.Read(buf)
		require.NoError(t, err)
		got += n
	}
	require.Equal(t, want, got)
}
