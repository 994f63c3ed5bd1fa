package inspect

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

// functions.csv is generated from capi/api.def and names.csv by capi/gen.
//
//go:embed functions.csv
var functionsCSV string

// function is one of the API.
type function struct {
	redis, valkey         string // the releases that brought it, "" for never
	haveRedis, haveValkey string // "yes", or why berth lacks it under that prefix
}

var functions = sync.OnceValue(func() map[string]function {
	table := map[string]function{}
	for _, line := range strings.Split(strings.TrimSpace(functionsCSV), "\n")[1:] {
		f := strings.SplitN(line, ",", 5)
		table[f[0]] = function{f[1], f[2], f[3], f[4]}
	}
	return table
})

const (
	redisPrefix  = "RedisModule_"
	valkeyPrefix = "ValkeyModule_"
)

// lookup finds a function by its full name, and what matters about it under that prefix.
func lookup(full string) (since, have string, known bool) {
	if name, ok := strings.CutPrefix(full, valkeyPrefix); ok {
		f, known := functions()[name]
		return f.valkey, f.haveValkey, known && f.valkey != ""
	}
	f, known := functions()[strings.TrimPrefix(full, redisPrefix)]
	return f.redis, f.haveRedis, known && f.redis != ""
}

// newest is the later of two releases; "" is earlier than any.
func newest(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		switch {
		case m > n:
			return a
		case n > m:
			return b
		}
	}
	return a
}
