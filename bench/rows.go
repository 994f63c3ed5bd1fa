package main

import (
	"fmt"
	"strconv"
)

// row is a line of the speed table.
type row struct {
	name   string
	args   []string // the command; __rand_int__ becomes a number below keys
	module bool
	// notValkey marks a command that valkey-server 9.1 does not have: the faster is redis-server then.
	notValkey bool
	script    string // loaded first; EVALSHA's second argument is its SHA
	requests  int    // at pipeline 1; 0 means the default. A multiple of it is taken when pipelining
	// prepare fills an empty data set for a run of n requests.
	prepare func(c *client, n int) error
}

// keys is the range of random keys and members.
const keys = 100_000

var rows = []row{
	{name: "PING", args: []string{"PING"}},
	{name: "SET", args: []string{"SET", "key:__rand_int__", "xxx"}},
	{name: "GET", args: []string{"GET", "key:__rand_int__"}, prepare: withStrings},
	{name: "INCR", args: []string{"INCR", "counter:__rand_int__"}},
	{name: "LPUSH", args: []string{"LPUSH", "mylist", "xxx"}},
	{name: "LPOP", args: []string{"LPOP", "mylist"}, prepare: func(c *client, n int) error { return withList(c, n+1000) }},
	{name: "SADD", args: []string{"SADD", "myset", "element:__rand_int__"}},
	{name: "HSET", args: []string{"HSET", "myhash", "element:__rand_int__", "xxx"}},
	{name: "ZADD", args: []string{"ZADD", "myzset", "__rand_int__", "element:__rand_int__"}},
	{name: "LRANGE 100", args: []string{"LRANGE", "mylist", "0", "99"}, requests: 30_000,
		prepare: func(c *client, _ int) error { return withList(c, 100) }},
	{name: "XADD", args: []string{"XADD", "mystream", "*", "field", "xxx"}},
	{name: "XADD, capped", args: []string{"XADD", "mystream", "MAXLEN", "~", "10000", "*", "field", "xxx"}},
	{name: "XADD into a long stream", args: []string{"XADD", "mystream", "*", "field", "xxx"},
		prepare: func(c *client, _ int) error { return withStream(c, 1_000_000) }},
	{name: "XRANGE 100 of a long stream", args: []string{"XRANGE", "mystream", "500000", "+", "COUNT", "100"}, requests: 20_000,
		prepare: func(c *client, _ int) error { return withStream(c, 1_000_000) }},
	{name: "XREAD 10", args: []string{"XREAD", "COUNT", "10", "STREAMS", "mystream", "50000"},
		prepare: func(c *client, _ int) error { return withStream(c, 100_000) }},
	{name: "MSET of 10", args: []string{"MSET",
		"key:__rand_int__", "xxx", "key:__rand_int__", "xxx", "key:__rand_int__", "xxx", "key:__rand_int__", "xxx",
		"key:__rand_int__", "xxx", "key:__rand_int__", "xxx", "key:__rand_int__", "xxx", "key:__rand_int__", "xxx",
		"key:__rand_int__", "xxx", "key:__rand_int__", "xxx"}, requests: 40_000},
	{name: "SETBIT", args: []string{"SETBIT", "bits", "123456", "1"}},
	{name: "BITCOUNT of 100 KB", args: []string{"BITCOUNT", "bits"}, requests: 20_000,
		prepare: func(c *client, _ int) error { return once(c, "SETBIT", "bits", "800000", "1") }},
	{name: "PFADD", args: []string{"PFADD", "hll", "element:__rand_int__"}},
	{name: "GEOADD", args: []string{"GEOADD", "places", "13.361389", "38.115556", "place:__rand_int__"}},
	{name: "HEXPIRE", args: []string{"HEXPIRE", "myhash", "1000", "FIELDS", "1", "f"}, notValkey: true,
		prepare: func(c *client, _ int) error { return once(c, "HSET", "myhash", "f", "v") }},
	{name: "GET of 1 MiB", args: []string{"GET", "large"}, requests: 2_000,
		prepare: func(c *client, _ int) error { return once(c, "SETRANGE", "large", "1048575", "x") }},
	{name: "ZRANGE of 10,000", args: []string{"ZRANGE", "myzset", "0", "9999"}, requests: 1_000,
		prepare: func(c *client, _ int) error { return withSortedSet(c, 100_000) }},
	{name: "SINTER of 100,000", args: []string{"SINTERCARD", "2", "odd", "third"}, requests: 100,
		prepare: func(c *client, _ int) error { return withSets(c, 100_000) }},
	{name: "EVALSHA, nothing", args: []string{"EVALSHA", "", "0"}, script: "return 1"},
	{name: "EVALSHA, 10 calls", args: []string{"EVALSHA", "", "1", "counter:__rand_int__"},
		script: "for i = 1, 10 do redis.call('INCR', KEYS[1]) end return 1", requests: 20_000},
	{name: "reply only", module: true, args: []string{"BENCH.REPLY"}},
	{name: "open a key, read it by DMA", module: true, args: []string{"BENCH.DMA", "key:__rand_int__"}, prepare: withStrings},
	{name: "insert into a module type", module: true, args: []string{"BENCH.INSERT", "numbers:__rand_int__", "12345"}},
	{name: "Call INCR", module: true, args: []string{"BENCH.INCR", "counter:__rand_int__"}},
	{name: "set and get a hash field", module: true, args: []string{"BENCH.HASH", "myhash", "element:__rand_int__", "xxx"}},
	{name: "walk 100 of a sorted set", module: true, args: []string{"BENCH.RANGE", "myzset", "100"}, requests: 20_000,
		prepare: func(c *client, _ int) error { return withSortedSet(c, 10_000) }},
}

func once(c *client, args ...string) error {
	_, err := c.do(args...)
	return err
}

// withSets makes a set of n numbers, and one of every third number up to 3n.
func withSets(c *client, n int) error {
	for i := range n {
		if err := c.pipe("SADD", "odd", strconv.Itoa(2*i+1)); err != nil {
			return err
		}
		if err := c.pipe("SADD", "third", strconv.Itoa(3*i)); err != nil {
			return err
		}
	}
	return c.flush()
}

func withStrings(c *client, _ int) error {
	for i := range keys {
		if err := c.pipe("SET", fmt.Sprintf("key:%012d", i), "xxx"); err != nil {
			return err
		}
	}
	return c.flush()
}

func withList(c *client, n int) error {
	args := []string{"RPUSH", "mylist"}
	for i := 0; i < n; {
		args = args[:2]
		for ; i < n && len(args) < 102; i++ {
			args = append(args, "xxx")
		}
		if err := c.pipe(args...); err != nil {
			return err
		}
	}
	return c.flush()
}

// withStream makes a stream of n entries with the ids 1-0 to n-0.
func withStream(c *client, n int) error {
	for i := range n {
		if err := c.pipe("XADD", "mystream", strconv.Itoa(i+1), "field", "xxx"); err != nil {
			return err
		}
	}
	return c.flush()
}

func withSortedSet(c *client, n int) error {
	for i := range n {
		if err := c.pipe("ZADD", "myzset", strconv.Itoa(i), fmt.Sprintf("element:%012d", i)); err != nil {
			return err
		}
	}
	return c.flush()
}
