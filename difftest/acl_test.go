package difftest

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// aclRules are the words that random users are made of; {h} is a hash.
var aclRules = strings.Fields(`on off nopass resetpass >one >two <one #{h} !{h} reset resetkeys resetchannels allkeys allchannels allcommands
	nocommands clearselectors sanitize-payload skip-sanitize-payload ~* ~k* ~k1 ~r? %R~r* %W~w* %RW~x %R~k* %W~k1 %R~* %W~* ~[a-k]* &* &c* &c1 &d?
	+@all -@all +@read -@read +@write -@write +@string +@list -@hash +@set +@sortedset -@dangerous +@fast -@slow +@keyspace +@pubsub -@connection
	+@transaction -@admin +@geo +@nope +get -get +set -set +mget -del +del +config -config +config|get -config|set +client|id -client|kill +object +object|encoding
	-object|freq +select|0 +select|1 +get|x +debug|sleep +nope +config|nope -config|nope +acl|whoami -acl +copy +sort -sort +zunionstore +publish +subscribe +psubscribe
	-publish +georadius +set|k1 %X~a %RR~b ~ & + ( ) nonsense`)

var aclCommands = []string{
	"get K", "set K v", "set K v get", "set K v ex 100 nx", "getset K v", "mget K K K", "mset K v K v", "append K x", "strlen K", "getrange K 0 1", "getdel K",
	"getex K persist", "incr K", "del K K", "unlink K", "exists K K", "touch K", "expire K 100", "ttl K", "type K", "rename K K", "copy K K", "copy K K replace",
	"object encoding K", "object freq K", "object help", "dump K", "sort K", "sort K by nosort get #", "sort K by w* limit 0 1", "sort K store K", "sort_ro K",
	"lpush K a", "lrange K 0 -1", "lmove K K left right", "rpoplpush K K", "lmpop 2 K K left", "blpop K K 0.001", "linsert K before a b", "lpos K a",
	"hset K f v", "hget K f", "hgetall K", "hdel K f", "hrandfield K 1", "sadd K a", "smembers K", "smove K K a", "sinter K K", "sinterstore K K K", "sintercard 2 K K",
	"zadd K 1 a", "zrange K 0 -1", "zrangestore K K 0 -1", "zunion 2 K K", "zunionstore K 2 K K", "zunionstore K 9 K K", "zinter 0 K", "zdiff x K", "zmpop 1 K min",
	"geoadd K 1 1 a", "georadius K 1 1 1 km", "georadius K 1 1 1 km store K", "georadius_ro K 1 1 1 km", "geosearchstore K K frommember a byradius 1 km",
	"setbit K 1 1", "bitop and K K K", "bitfield K get u8 0", "bitfield K set u8 0 1", "bitfield K overflow sat", "pfadd K a", "pfcount K K", "pfmerge K K K",
	"xadd K * a b", "xread streams K K 0 0", "xread count 1 streams K 0", "xgroup create K g $ mkstream", "xinfo stream K",
	"publish C m", "spublish C m", "pubsub channels", "pubsub numsub C", "config get maxmemory", "config set maxmemory 0", "config resetstat", "client id", "client kill 1.1.1.1:1",
	"client no-evict off", "select 0", "select 1", "echo x", "ping", "dbsize", "randomkey", "keys K", "scan 0", "time", "acl whoami", "acl cat", "command count",
	"multi", "discard", "watch K", "unwatch", "debug sleep 0", "slowlog len", "latency latest", "memory usage K", "migrate h 1 K 0 1", `migrate h 1 "" 0 1 keys K K`,
	"lolwut", "info server", "role", "wait 0 0", "swapdb 0 0", "nope K", "get", "object", "config nope",
}

// onlyAsked are judged by DRYRUN alone: what they do to the connection or the data set would end the comparison.
var onlyAsked = regexp.MustCompile(`^(subscribe|psubscribe|multi|discard|config|client kill|migrate|debug|blpop|wait|info|slowlog|time|lolwut|role|memory|randomkey|scan|keys|command|nope)`)

func aclWords(r *rand.Rand, template string) []string {
	words, err := SplitArgs(template)
	if err != nil {
		panic(err)
	}
	keys := []string{"k1", "k2", "r1", "w1", "x", "zz", "", "K"}
	channels := []string{"c1", "c2", "d1", "e", "c*", "d?"}
	for i, w := range words {
		switch w {
		case "K":
			words[i] = keys[r.IntN(len(keys))]
		case "C":
			words[i] = channels[r.IntN(len(channels))]
		}
	}
	return words
}

// TestACLRandom makes users of random rules and has them run random commands, asked with ACL DRYRUN and for real: allowed or
// denied, and with which text.
func TestACLRandom(t *testing.T) {
	name, bin := subject(t, "8.0")
	a, b := StartT(t, name, bin), StartT(t, "8.0", oracle(t, "8.0"))
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 6))
	dial := func() [2]*Conn {
		var c [2]*Conn
		for i, s := range []*Server{a, b} {
			conn, err := Dial(s.Addr)
			require.NoError(t, err)
			t.Cleanup(func() { _ = conn.Close() })
			c[i] = conn
		}
		return c
	}
	do := func(c [2]*Conn, args ...string) (mine, theirs []byte) {
		mine, err := c[0].Do(args...)
		require.NoError(t, err, "%q on %s", args, a.Name)
		theirs, err = c[1].Do(args...)
		require.NoError(t, err, "%q on 8.0", args)
		return mine, theirs
	}
	admin := dial()
	hash := strings.Repeat("0123456789abcdef", 4)
	differences, denied := 0, 0
	for range 150 {
		user := fmt.Sprintf("u%d", r.IntN(4))
		set := []string{"ACL", "SETUSER", user}
		if r.IntN(3) == 0 {
			set = append(set, "reset")
		}
		for range r.IntN(7) {
			rule := strings.ReplaceAll(aclRules[r.IntN(len(aclRules))], "{h}", hash)
			if r.IntN(8) == 0 {
				rule = "(" + rule
				for range r.IntN(3) {
					rule += " " + aclRules[r.IntN(len(aclRules))]
				}
				rule += ")"
			}
			if r.IntN(20) == 0 {
				rule = strings.ToUpper(rule)
			}
			set = append(set, rule)
		}
		check := func(args []string, mine, theirs []byte) {
			if bytes.Equal(mine, theirs) {
				return
			}
			if differences++; differences <= maxReports {
				x, _ := b.run("ACL", "GETUSER", user)
				t.Errorf("%q differs after %q\n    %s  %s\n    8.0    %s\n    user %q", args, set, a.Name, quoteShort(mine), quoteShort(theirs), x)
			}
		}
		mine, theirs := do(admin, set...)
		check(set, mine, theirs)
		mine, theirs = do(admin, "ACL", "LIST")
		check([]string{"ACL", "LIST"}, mine, theirs)
		for range 25 {
			args := aclWords(r, aclCommands[r.IntN(len(aclCommands))])
			ask := append([]string{"ACL", "DRYRUN", user}, args...)
			mine, theirs := do(admin, ask...)
			if bytes.Contains(mine, []byte("not found")) && !bytes.Contains(theirs, []byte("not found")) {
				continue // a command that is not there yet
			}
			check(ask, mine, theirs)
		}
		// The same for real. What the rules said about logging in is put aside.
		mine, theirs = do(admin, "ACL", "SETUSER", user, "on", "nopass")
		check([]string{"on", "nopass"}, mine, theirs)
		c := dial()
		mine, theirs = do(c, "AUTH", user, "x")
		check([]string{"AUTH", user}, mine, theirs)
		for range 25 {
			template := aclCommands[r.IntN(len(aclCommands))]
			if onlyAsked.MatchString(template) {
				continue
			}
			args := aclWords(r, template)
			mine, theirs := do(c, args...)
			if bytes.HasPrefix(mine, []byte("-NOPERM")) || bytes.HasPrefix(theirs, []byte("-NOPERM")) || bytes.Contains(theirs, []byte("denied due to insufficient")) {
				if bytes.HasPrefix(mine, []byte("-ERR unknown command")) {
					continue
				}
				denied++
				check(args, mine, theirs)
			}
		}
		c[0].Close()
		c[1].Close()
		_, _ = do(admin, "FLUSHALL")
	}
	require.Greater(t, denied, 200, "hardly anything was denied: the rules are no good")
}

// run sends one command on a connection of its own.
func (s *Server) run(args ...string) ([]byte, error) {
	c, err := Dial(s.Addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.Do(args...)
}

// TestACLFiles exchanges files of users with redis-server both ways.
func TestACLFiles(t *testing.T) {
	name, bin := subject(t, "8.0")
	ref := oracle(t, "8.0")
	users := [][]string{
		{"alice", "on", ">secret", ">other", "~a*", "%R~b*", "%W~c", "&news.*", "+@all", "-@dangerous", "+config|get"},
		{"bob", "nopass", "allkeys", "allchannels", "+select|0", "+@read", "(+set %W~log:*)", "(~x &y -@all +get)"},
		{"zed", "skip-sanitize-payload", "allcommands", "-debug"},
		{"default", "on", ">pw", "~*", "+@all", "&*"},
	}
	dir := t.TempDir()
	for _, way := range [][2]string{{bin, ref}, {ref, bin}} {
		file := filepath.Join(dir, "users.acl")
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		from := StartT(t, "writer", way[0], "--aclfile", file)
		c, err := Dial(from.Addr)
		require.NoError(t, err)
		defer c.Close()
		for _, u := range users {
			reply, err := c.Do(append([]string{"ACL", "SETUSER"}, u...)...)
			require.NoError(t, err)
			require.Equal(t, "+OK\r\n", string(reply))
		}
		list, err := c.Do("ACL", "LIST")
		require.NoError(t, err)
		reply, err := c.Do("ACL", "SAVE")
		require.NoError(t, err)
		require.Equal(t, "+OK\r\n", string(reply))
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		// The other reads it at its start, and again, and writes the same.
		second := filepath.Join(dir, "second.acl")
		require.NoError(t, os.WriteFile(second, text, 0o600))
		s := StartT(t, "reader", way[1], "--aclfile", second)
		d, err := Dial(s.Addr)
		require.NoError(t, err)
		defer d.Close()
		for _, step := range []struct{ command, want string }{
			{"AUTH pw", "+OK\r\n"}, {"ACL LIST", string(list)}, {"ACL SAVE", "+OK\r\n"}, {"ACL LOAD", "+OK\r\n"}, {"ACL LIST", string(list)},
		} {
			reply, err := d.Do(strings.Fields(step.command)...)
			require.NoError(t, err)
			require.Equal(t, step.want, string(reply), step.command)
		}
		again, err := os.ReadFile(second)
		require.NoError(t, err)
		require.Equal(t, string(text), string(again))
	}

	// Files with mistakes, and odd ones, loaded by both from one place.
	file := filepath.Join(dir, "odd.acl")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	a, b := StartT(t, name, bin, "--aclfile", file), StartT(t, "8.0", ref, "--aclfile", file)
	for _, text := range []string{
		"\n\n  \n", "user a on\nuser a off\n", "nonsense\n", "user\n", "user a on +nope -nope2 +get\nuser b ~* ~a ~b\n", "user a (+get ~x\n",
		"user a (+get ~x) ( +set ~y ) on\r\n", "  user   a on\n", "user a  on   +get\n", "# comment\nuser a on\n", "user a\x00b on\n", "user a on #abc\n",
		"user a on nopass", "USER a on\n", "user a <nope\n", "user a on +config|get|x +select|0\n", "user a \"on\"\n", "user a (+nope) +get|\nuser c +nope\n",
		"user default on nopass ~* &* +@all\nuser x on\n",
		"user default off\n", // the last: nobody gets in afterwards
	} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		for _, command := range [][]string{{"ACL", "LOAD"}, {"ACL", "LIST"}} {
			mine, err := a.run(command...)
			require.NoError(t, err, "%s of %q", command[1], text)
			theirs, err := b.run(command...)
			require.NoError(t, err, "%s of %q", command[1], text)
			assert.Equal(t, string(theirs), string(mine), "%s of %q", command[1], text)
		}
	}
}

// TestACLDirectives compares `user` lines of configuration files: what they make, how mistakes in them end the
// start, and what CONFIG REWRITE writes.
func TestACLDirectives(t *testing.T) {
	name, bin := subject(t, "8.0")
	ref := oracle(t, "8.0")
	dir := t.TempDir()
	write := func(file, text string) string {
		path := filepath.Join(dir, file)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	good := "user alice on >secret ~a* +@read -get (+set ~s)\nuser default on nopass ~* &* +@all -flushall\nuser bob off\nuser carl on ( +get ~x ) allchannels\nacl-pubsub-default allchannels\n"
	confA, confB := write("a.conf", good), write("b.conf", good)
	a, b := StartT(t, name, bin, confFirst, confA), StartT(t, "8.0", ref, confFirst, confB)
	for _, command := range []string{"ACL LIST", "ACL GETUSER alice", "ACL SETUSER dan on +get", "CONFIG REWRITE"} {
		mine, err := a.run(strings.Fields(command)...)
		require.NoError(t, err)
		theirs, err := b.run(strings.Fields(command)...)
		require.NoError(t, err)
		require.Equal(t, string(theirs), string(mine), command)
	}
	userLines := func(path string) (lines []string) {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, l := range strings.Split(string(text), "\n") {
			if strings.HasPrefix(l, "user ") {
				lines = append(lines, l)
			}
		}
		return lines
	}
	require.Equal(t, userLines(confB), userLines(confA))

	// Those that end the start.
	file := write("x.acl", "user a on +nope\n")
	for _, text := range []string{
		"user a on nonsense\n", "user a on\nuser a off\n", "user a (+get\n", "user\n", "user a ~* ~b\n", "user a +nope\n", "user a on (+nope)\n", "user a on #abc\n",
		"aclfile " + file + "\n", "aclfile /nope/x.acl\n", "aclfile " + file + "\nuser a on\n", "user a \"on\n",
	} {
		path := write("bad.conf", text)
		var said [2]string
		var codes [2]int
		for i, binary := range []string{bin, ref} {
			port, err := freePort()
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			cmd := exec.CommandContext(ctx, binary, path, "--port", fmt.Sprint(port), "--dir", dir, "--save", "")
			out, _ := cmd.CombinedOutput()
			cancel()
			codes[i] = cmd.ProcessState.ExitCode()
			said[i] = lastWords(string(out))
		}
		assert.Equal(t, codes[1], codes[0], "exit status for %q", text)
		assert.Equal(t, said[1], said[0], "for %q", text)
	}
}

var logStamp = regexp.MustCompile(`^\d+:[A-Z] \d+ \w+ \d{4} [0-9:.]+ `)

// lastWords are the lines of warnings, or what was printed without being logged.
func lastWords(out string) string {
	var keep []string
	for _, l := range strings.Split(out, "\n") {
		stamp := logStamp.FindString(l)
		l = l[len(stamp):]
		if l == "" || stamp != "" && l[0] != '#' || strings.Contains(l, "overcommit") || strings.Contains(l, "TCP backlog") {
			continue
		}
		keep = append(keep, l)
	}
	return strings.Join(keep, "\n")
}
