package difftest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// scriptACL runs scripts as users who may not do everything and returns the replies.
func scriptACL(t *testing.T, who, path string) []string {
	t.Helper()
	srv := StartT(t, who, path)
	admin, c := dialT(t, srv), dialT(t, srv)
	var lines []string
	do := func(c *Conn, args ...string) {
		t.Helper()
		raw, err := c.Do(args...)
		require.NoError(t, err)
		lines = append(lines, args[0]+" "+args[1]+" => "+string(raw))
	}
	do(admin, "function", "load", "#!lua name=l\n"+
		"redis.register_function('f', function(keys, args) return redis.call(unpack(args)) end)\n"+
		"redis.register_function{function_name='ro', callback=function(keys, args) return redis.pcall(unpack(args)) end, flags={'no-writes'}}")
	do(admin, "set", "ok:1", "v")
	do(admin, "set", "other", "v")
	for _, user := range [][]string{
		{"+@all", "-set", "-config|get", "~ok:*", "&ch:*"},
		{"+eval", "+eval_ro", "+fcall", "+get", "~ok:*", "resetchannels"},
		{"+@scripting", "+@read", "-@dangerous", "%R~ok:*", "%W~w:*", "&*"},
		{"+eval", "+acl|whoami", "(+get ~sel:*)", "~ok:*"},
		{"+get", "~*"},
	} {
		do(admin, append([]string{"acl", "setuser", "u", "reset", "on", "nopass"}, user...)...)
		do(c, "auth", "u", "x")
		for _, call := range []string{
			"'get','ok:1'", "'get','other'", "'get','sel:1'", "'set','ok:1','x'", "'set','w:1','x'", "'set','other','x'",
			"'mget','ok:1','other'", "'mget','other','ok:1'", "'copy','ok:1','w:1'", "'config','get','maxmemory'", "'publish','ch:1','m'",
			"'publish','x','m'", "'spublish','x','m'", "'keys','ok*'", "'acl','whoami'", "'ping'", "'nosuch'", "'config'", "'config','nosuch'", "'config','get'", "'mset','a'", "'mset','a','b','c'", "'get','a','b'", "''", "1", "'get',1", "'get'", "'flushall'",
			"'sort','ok:1','by','x*'", "'eval','return 1','0'", "'subscribe','ch:1'", "'client','no-evict','on'",
		} {
			for _, f := range []string{"call", "pcall"} {
				do(c, "eval", "return redis."+f+"("+call+")", "0")
			}
			do(c, "eval", "local ok, r = pcall(redis.acl_check_cmd, "+call+") return {ok and 1 or 0, type(r) == 'table' and r.err or r}", "0")
			do(c, "eval", "local r = redis.pcall("+call+") return {type(r), type(r) == 'table' and r.err}", "0")
		}
		do(c, "eval", "return 1", "1", "other")
		do(c, "eval", "return 1", "2", "ok:1", "other")
		do(c, "eval_ro", "return redis.call('get', KEYS[1])", "1", "ok:1")
		do(c, "fcall", "f", "0", "get", "other")
		do(c, "fcall", "f", "1", "ok:1", "get", "ok:1")
		do(c, "fcall", "ro", "0", "set", "ok:1", "x")
		do(c, "multi", "")
		do(c, "eval", "return redis.call('set','other','x')", "0")
		do(c, "eval", "return redis.call('get','ok:1')", "0")
	}
	do(admin, "eval", "return redis.acl_check_cmd()", "0")
	do(admin, "eval", "return redis.acl_check_cmd('get', {})", "0")
	do(admin, "acl", "dryrun", "u", "eval", "return 1", "0")
	return lines
}

// A script may do what its caller may, and the refusals are the same.
func TestScriptACL(t *testing.T) {
	name, bin := subject(t, "8.0")
	require.Equal(t, scriptACL(t, "8.0", oracle(t, "8.0")), scriptACL(t, name, bin))
}
