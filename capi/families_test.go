package capi_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// run compiles a module whose command has the given body and runs it once.
func run(t *testing.T, body string, args ...string) (reply, log string) {
	t.Helper()
	s := start(t)
	s.load(compile(t, withCommand("unit", "write", body)))
	reply = s.dial().do(append([]string{"unit.do"}, args...)...)
	return reply, s.log.String()
}

// The bytes of an argument that a module has looked at stay where they are
// when it retains the string, and after its command.
func TestRetainedArgumentKeepsItsAddress(t *testing.T) {
	for _, size := range []int{3, 5000} {
		s := start(t)
		s.load(compile(t, withCommand("unit", "", `static RedisModuleString *kept; static const char *at;
    if (argc == 2) {
        size_t n; at = RedisModule_StringPtrLen(argv[1], &n);
        RedisModule_RetainString(ctx, argv[1]); kept = argv[1];
        return RedisModule_ReplyWithLongLong(ctx, at[n] == 0);
    }
    size_t n; const char *p = RedisModule_StringPtrLen(kept, &n);
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, p == at && p[n] == 0);
    RedisModule_ReplyWithStringBuffer(ctx, p, n);
    RedisModule_FreeString(NULL, kept);`)))
		c := s.dial()
		want := strings.Repeat("x", size)
		require.Equal(t, ":1", c.do("unit.do", want))
		for range 20 {
			c.do("PING", strings.Repeat("y", size))
		}
		require.Equal(t, "*2 :1 "+want, c.do("unit.do"))
	}
}

// A dictionary changes under its iterator in every way.
func TestDictIteratorSurvivesChanges(t *testing.T) {
	reply, _ := run(t, `RedisModuleDict *d = RedisModule_CreateDict(NULL);
    char key[8]; long sum = 0; size_t n; void *v;
    for (int i = 0; i < 1000; i++) { int k = snprintf(key, sizeof key, "%03d", i); RedisModule_DictSetC(d, key, k, (void *)(long)i); }
    RedisModuleDictIter *it = RedisModule_DictIteratorStartC(d, "^", NULL, 0);
    char *p;
    while ((p = RedisModule_DictNextC(it, &n, &v)) != NULL) {
        sum += (long)v;
        RedisModule_DictDelC(d, p, n, NULL);                    /* the key it is at */
        if ((long)v % 3 == 0) { int k = snprintf(key, sizeof key, "%03d", (int)(long)v + 1); RedisModule_DictDelC(d, key, k, NULL); }
        if ((long)v == 500) RedisModule_DictSetC(d, "500a", 4, (void *)100000);
    }
    RedisModule_DictIteratorStop(it);
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, sum); RedisModule_ReplyWithLongLong(ctx, RedisModule_DictSize(d));
    RedisModule_FreeDict(NULL, d);`)
	sum := 100000
	for i := range 1000 {
		if i%3 != 1 {
			sum += i
		}
	}
	require.Equal(t, "*2 :"+strconv.Itoa(sum)+" :0", reply)
}

// Collections of unknown length nest; one whose length is never told leaves
// no trace, as in Redis.
func TestPostponedLengths(t *testing.T) {
	reply, _ := run(t, `RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    for (int i = 0; i < 3; i++) {
        RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
        for (int j = 0; j < i; j++) RedisModule_ReplyWithLongLong(ctx, j);
        RedisModule_ReplySetArrayLength(ctx, i);
    }
    RedisModule_ReplyWithError(ctx, "ERR inside");
    RedisModule_ReplySetArrayLength(ctx, 4);`)
	require.Equal(t, "*4 *0 *1 :0 *2 :0 :1 -ERR inside", reply)
}

// What a command leaves behind is given back, whatever it forgot: the memory
// of the module after many calls is what it was after one.
func TestCommandsLeaveNoMemory(t *testing.T) {
	s := start(t)
	s.load(compile(t, withCommand("unit", "write", `RedisModule_AutoMemory(ctx);
    RedisModule_PoolAlloc(ctx, 10000);
    RedisModule_CreateString(ctx, "forgotten", 9);
    RedisModule_CreateDict(ctx);
    RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ | REDISMODULE_WRITE);
    RedisModule_Call(ctx, "GET", "s", argv[1]);
    RedisModule_GetServerInfo(ctx, "server");
    RedisModule_RetainString(ctx, argv[1]); RedisModule_FreeString(ctx, argv[1]);
    RedisModule_ReplyWithLongLong(ctx, 1);`)))
	c := s.dial()
	used := func() (n int64) {
		s.Do(func() { n = s.rt.AllocatedMemory() })
		return n
	}
	require.Equal(t, ":1", c.do("unit.do", "k"))
	before := used()
	for range 500 {
		c.do("unit.do", "k")
	}
	require.InDelta(t, before, used(), 256, "malloc rounds differently from call to call, but nothing may grow")
}

// Keys left open without automatic memory are closed with the context.
func TestKeysLeftOpen(t *testing.T) {
	s := start(t)
	s.load(compile(t, withCommand("unit", "write", `RedisModule_OpenKey(ctx, argv[1], REDISMODULE_WRITE); RedisModule_ReplyWithNull(ctx);`)))
	a, b := s.dial(), s.dial()
	require.Equal(t, "+OK", a.do("WATCH", "k"))
	require.Equal(t, "$-1", b.do("unit.do", "k"))
	a.do("MULTI")
	a.do("PING")
	require.Equal(t, "*-1", a.do("EXEC"), "closing a key that was open for writing touches it")
}

// Every row of api.def is either found or not, under both prefixes.
func TestGetApi(t *testing.T) {
	reply, _ := run(t, `int (*get)(const char *, void *) = ((void **)ctx)[0]; void *p = (void *)7; (void)argv;
    RedisModule_ReplyWithArray(ctx, 5);
    RedisModule_ReplyWithLongLong(ctx, get("RedisModule_OpenKey", &p) == 0 && p == (void *)RedisModule_OpenKey);
    RedisModule_ReplyWithLongLong(ctx, get("ValkeyModule_OpenKey", &p) == 0 && p == (void *)RedisModule_OpenKey);
    p = (void *)7;
    RedisModule_ReplyWithLongLong(ctx, get("RedisModule_ReplySetPushLength", &p) == 1 && p == (void *)7);
    RedisModule_ReplyWithLongLong(ctx, get("RedisModule_GetApi", &p) == 1 && p == (void *)7);
    RedisModule_ReplyWithLongLong(ctx, get("OpenKey", &p) == 1 && get("", &p) == 1 && get("RedisModule_", &p) == 1);`)
	require.Equal(t, "*5 :1 :1 :1 :1 :1", reply)
}
