package difftest

import (
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// migrateSteps are commands for the source, or, after "target:", for the server that keys go to. PORT is that server's, CLOSING and
// SILENT are ports where somebody hangs up at once or never says anything.
var migrateSteps = strings.Split(strings.TrimSpace(`
set s value
set i 12345
rpush l a b c 1 2 3
hset h f v g w
sadd t 1 2 3
sadd words one two
zadd z 1 a 2.5 b
set ttl v px 100000000
migrate 127.0.0.1 PORT s 0 5000
exists s
target: get s
set s again
migrate 127.0.0.1 PORT s 0 5000
get s
migrate 127.0.0.1 PORT s 0 5000 copy
migrate 127.0.0.1 PORT s 0 5000 copy replace
get s
target: get s
migrate 127.0.0.1 PORT s 3 5000 replace
target: exists s
target: select 3
target: get s
target: select 0
migrate 127.0.0.1 PORT "" 0 5000 keys i l nosuch h t words z ttl
dbsize
target: keys ttl
target: get i
target: lrange l 0 -1
target: hget h f
target: smembers t
target: zrange z 0 -1 withscores
target: ttl ttl
migrate 127.0.0.1 PORT "" 0 5000 keys i l
mset a 1 b 2 c 3
target: set b taken
migrate 127.0.0.1 PORT "" 0 5000 keys a b c
mget a b c
target: mget a b c
migrate 127.0.0.1 PORT b 99 5000
migrate 127.0.0.1 PORT b 99 5000 copy
exists b
migrate 127.0.0.1 PORT b 4 5000
exists b
hset he f v g w
hpexpireat he 33177117420000 fields 1 f
migrate 127.0.0.1 PORT he 0 5000
target: hpexpiretime he fields 2 f g
info stats
set k v
migrate 127.0.0.1 PORT k 0 5000 auth wrong
exists k
target: config set requirepass secret
migrate 127.0.0.1 PORT k 5 5000 auth wrong
migrate 127.0.0.1 PORT k 5 5000
exists k
migrate 127.0.0.1 PORT k 5 5000 auth secret
exists k
set k v
migrate 127.0.0.1 PORT k 6 5000 auth2 default secret
exists k
target: auth secret
target: select 6
target: get k
set k v
migrate 127.0.0.1 PORT k 7 5000 auth2 nobody secret
target: client kill type normal skipme yes
migrate 127.0.0.1 PORT k 7 5000
migrate 127.0.0.1 PORT k 7 5000 auth secret
exists k
set k v
migrate 127.0.0.1 CLOSING k 0 2000
migrate 127.0.0.1 SILENT k 0 60
migrate 127.0.0.1 SILENT k 0 60 copy
exists k
multi
set inside v
migrate 127.0.0.1 PORT inside 8 5000 auth secret
exists inside
exec
target: select 8
target: get inside
`), "\n")

// peer listens on a free port until the test ends; serve gets each connection.
func peer(t *testing.T, serve func(net.Conn)) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// migrate plays the steps and returns what was answered.
func migrate(t *testing.T, from, to *Server) []string {
	closing := peer(t, func(c net.Conn) { _ = c.Close() })
	silent := peer(t, func(net.Conn) {})
	source, err := Dial(from.Addr)
	require.NoError(t, err)
	defer source.Close()
	target, err := Dial(to.Addr)
	require.NoError(t, err)
	defer target.Close()
	ports := strings.NewReplacer("PORT", strconv.Itoa(to.Port), "CLOSING", strconv.Itoa(closing), "SILENT", strconv.Itoa(silent))
	var out []string
	for _, step := range migrateSteps {
		line, isTarget := strings.CutPrefix(ports.Replace(step), "target: ")
		args, err := SplitArgs(line)
		require.NoError(t, err)
		c := source
		if isTarget {
			c = target
		}
		reply, err := c.Do(args...)
		require.NoError(t, err, step)
		if args[0] == "info" {
			at := strings.Index(string(reply), "migrate_cached_sockets")
			require.Positive(t, at)
			reply = reply[at : at+len("migrate_cached_sockets:1")]
		}
		out = append(out, step+": "+string(Unordered(reply, 1)))
	}
	return out
}

// TestMigrate sends keys from the server under test to a reference server, the other way round, and to another of its kind: all
// as between two reference servers.
func TestMigrate(t *testing.T) {
	name, bin := subject(t, "8.0")
	ref := oracle(t, "8.0")
	want := migrate(t, StartT(t, "8.0", ref), StartT(t, "8.0 too", ref))
	for _, pair := range [][4]string{{name, bin, "8.0", ref}, {"8.0", ref, name, bin}, {name, bin, name + " too", bin}} {
		t.Run(pair[0]+" to "+pair[2], func(t *testing.T) {
			got := migrate(t, StartT(t, pair[0], pair[1]), StartT(t, pair[2], pair[3]))
			for i := range want {
				require.Equal(t, want[i], got[i])
			}
		})
	}
}
