package capi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"berth/capi"
)

// benchCommand measures one call of a module's command, without the network,
// and reports the crossings it takes.
func benchCommand(b *testing.B, setup [][]string, body string, args ...string) {
	s := start(b)
	s.load(compile(b, withCommand("bench", "write", body)))
	c := s.dial()
	for _, cmd := range setup {
		require.NotContains(b, c.do(cmd...), "-ERR")
	}
	argv := [][]byte{[]byte("bench.do")}
	for _, a := range args {
		argv = append(argv, []byte(a))
	}
	s.Do(func() {
		row := s.Commands().Lookup(argv[0])
		c := s.NewInternalClient()
		defer s.FreeInternalClient(c)
		c.Args, c.Row = argv, row
		toGo, _ := capi.Crossings()
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N {
			c.Writer.Buf = c.Writer.Buf[:0]
			row.Handler(&c.Ctx)
		}
		b.StopTimer()
		now, _ := capi.Crossings()
		b.ReportMetric(float64(now-toGo)/float64(b.N), "crossings/op")
	})
}

func BenchmarkReply(b *testing.B) {
	benchCommand(b, nil, `RedisModule_ReplyWithLongLong(ctx, 1);`)
}

func BenchmarkOpenKeyDMA(b *testing.B) {
	benchCommand(b, [][]string{{"SET", "k", "0123456789012345678901234567890123456789012345678901234567890123456789"}},
		`size_t n; RedisModuleKey *k = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    char *p = RedisModule_StringDMA(k, &n, REDISMODULE_READ); RedisModule_ReplyWithStringBuffer(ctx, p, n); RedisModule_CloseKey(k);`, "k")
}

func BenchmarkCall(b *testing.B) {
	benchCommand(b, nil, `RedisModuleCallReply *r = RedisModule_Call(ctx, "INCR", "s", argv[1]);
    RedisModule_ReplyWithCallReply(ctx, r); RedisModule_FreeCallReply(r);`, "n")
}

func BenchmarkHashSetGet(b *testing.B) {
	benchCommand(b, nil, `RedisModule_AutoMemory(ctx);
    RedisModuleKey *k = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ | REDISMODULE_WRITE);
    RedisModule_HashSet(k, REDISMODULE_HASH_NONE, argv[2], argv[3], NULL);
    RedisModuleString *v; RedisModule_HashGet(k, REDISMODULE_HASH_NONE, argv[2], &v, NULL);
    RedisModule_ReplyWithString(ctx, v);`, "h", "field", "value")
}
