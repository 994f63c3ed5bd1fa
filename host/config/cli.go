package config

import (
	"fmt"
	"hash/fnv"
	"io"
	"runtime/debug"
)

// VersionLine is what `berth --version` prints. It begins as redis-server's does, because scripts
// read the word after `v=`.
func VersionLine(berthVersion string) string {
	sha, dirty := "00000000", 0
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision" && len(s.Value) >= 8:
				sha = s.Value[:8]
			case s.Key == "vcs.modified" && s.Value == "true":
				dirty = 1
			}
		}
	}
	build := fnv.New64a()
	fmt.Fprintf(build, "%s %s %d", berthVersion, sha, dirty)
	return fmt.Sprintf("Redis server v=%s sha=%s:%d malloc=berth bits=64 build=%016x berth=%s",
		RedisVersion, sha, dirty, build.Sum64(), berthVersion)
}

const usage = `Usage: ./berth [/path/to/redis.conf] [options] [-]
       ./berth - (read config from stdin)
       ./berth -v or --version
       ./berth -h or --help

Examples:
       ./berth (run the server with default conf)
       echo 'maxmemory 128mb' | ./berth -
       ./berth /etc/redis/6379.conf
       ./berth --port 7777
       ./berth --port 7777 --replicaof 127.0.0.1 8888
       ./berth --port 7777 --loadmodule /usr/lib/redis/modules/redisearch.so
       ./berth /etc/myredis.conf --loglevel verbose -
       ./berth /etc/myredis.conf --loglevel verbose

Every parameter of redis.conf is an option, and every file that redis-server reads can be given.
`

// RunSpecial handles the arguments (without argv[0]) that make the program do something else than
// serve. If it returns true the process must exit with that code.
func RunSpecial(args []string, berthVersion string, stdout, stderr io.Writer) (code int, done bool) {
	if len(args) == 0 {
		return 0, false
	}
	switch args[0] {
	case "-v", "--version":
		fmt.Fprintln(stdout, VersionLine(berthVersion))
		return 0, true
	case "-h", "--help":
		fmt.Fprint(stderr, usage)
		return 1, true
	case "--test-memory":
		if len(args) != 2 {
			fmt.Fprint(stderr, "Please specify the amount of memory to test in megabytes.\n"+
				"Example: ./redis-server --test-memory 4096\n\n")
			return 1, true
		}
		fmt.Fprint(stderr, "berth has no memory test: use redis-server --test-memory, or memtest86.\n")
		return 1, true
	case "--check-system":
		fmt.Fprint(stderr, "berth has no system check: use redis-server --check-system.\n")
		return 1, true
	}
	return 0, false
}
