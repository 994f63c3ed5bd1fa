package capi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"berth/host"
)

// sink notes what is propagated, a line per command.
type sink struct{ lines []string }

func (s *sink) Propagate(_ int, argv [][]byte) {
	words := make([]string, len(argv))
	for i, a := range argv {
		words[i] = string(a)
	}
	s.lines = append(s.lines, strings.Join(words, " "))
}

// take returns what has come since the last time.
func (s *sink) take(srv *host.Server) (lines []string) {
	srv.Do(func() { lines, s.lines = s.lines, nil })
	return lines
}

// units has writes at every place that is an execution unit of its own.
const units = `
#include "redismodule.h"
#include <pthread.h>
#include <string.h>

static void set(RedisModuleCtx *ctx, const char *key) {
    RedisModule_FreeCallReply(RedisModule_Call(ctx, "SET", "!cc", key, "v"));
}

static void job(RedisModuleCtx *ctx, void *pd) { set(ctx, pd); }

static int on_event(RedisModuleCtx *ctx, int type, const char *event, RedisModuleString *key) {
    (void)type;
    const char *name = RedisModule_StringPtrLen(key, NULL);
    if (strcmp(name, "trigger") == 0 && strcmp(event, "set") == 0)
        RedisModule_AddPostNotificationJob(ctx, job, "from-job", NULL);
    if (strcmp(name, "short") == 0 && strcmp(event, "expired") == 0)
        set(ctx, "from-callback");
    return REDISMODULE_OK;
}

static void on_timer(RedisModuleCtx *ctx, void *data) {
    set(ctx, data);
    set(ctx, "timer-2");
}

static int timer(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argv; (void)argc;
    RedisModule_CreateTimer(ctx, 1, on_timer, "timer-1");
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

static void *work(void *bc) {
    RedisModuleCtx *ctx = RedisModule_GetThreadSafeContext(bc);
    RedisModule_ThreadSafeContextLock(ctx);
    set(ctx, "thread-1");
    set(ctx, "trigger");
    RedisModule_ThreadSafeContextUnlock(ctx);
    RedisModule_ThreadSafeContextLock(ctx);
    set(ctx, "thread-2");
    RedisModule_ThreadSafeContextUnlock(ctx);
    RedisModule_ReplyWithSimpleString(ctx, "OK");
    RedisModule_FreeThreadSafeContext(ctx);
    RedisModule_UnblockClient(bc, NULL);
    return NULL;
}

static int thread(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argv; (void)argc;
    pthread_t t;
    pthread_create(&t, NULL, work, RedisModule_BlockClient(ctx, NULL, NULL, NULL, 0));
    return pthread_detach(t);
}

static int on_reply(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argv; (void)argc;
    set(ctx, "reply-1");
    set(ctx, "reply-2");
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

static int block(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argv; (void)argc;
    set(ctx, "before");
    return RedisModule_UnblockClient(RedisModule_BlockClient(ctx, on_reply, NULL, NULL, 0), NULL);
}

static void on_shot(void *data) {
    RedisModuleCtx *ctx = data;
    set(ctx, "shot-1");
    set(ctx, "shot-2");
    RedisModule_FreeThreadSafeContext(ctx);
}

static int shot(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argv; (void)argc;
    RedisModule_EventLoopAddOneShot(on_shot, RedisModule_GetDetachedThreadSafeContext(ctx));
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    (void)argv; (void)argc;
    if (RedisModule_Init(ctx, "units", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR) return REDISMODULE_ERR;
    RedisModule_CreateCommand(ctx, "units.timer", timer, "", 0, 0, 0);
    RedisModule_CreateCommand(ctx, "units.thread", thread, "", 0, 0, 0);
    RedisModule_CreateCommand(ctx, "units.block", block, "", 0, 0, 0);
    RedisModule_CreateCommand(ctx, "units.shot", shot, "", 0, 0, 0);
    return RedisModule_SubscribeToKeyspaceEvents(ctx, REDISMODULE_NOTIFY_STRING | REDISMODULE_NOTIFY_EXPIRED, on_event);
}
`

// TestExecutionUnits looks at what belongs together in what replicas and the
// append only file receive.
func TestExecutionUnits(t *testing.T) {
	s := start(t)
	s.load(compile(t, units))
	c := s.dial()
	var got sink
	s.Do(func() { s.AddSink(&got, host.TargetAll) })

	require.Equal(t, "+OK", c.do("SET", "k", "v"))
	require.Equal(t, []string{"SET k v"}, got.take(s.Server))

	// A job is propagated with the command that caused it, not after it.
	require.Equal(t, "+OK", c.do("SET", "trigger", "v"))
	require.Equal(t, []string{"MULTI", "SET trigger v", "SET from-job v", "EXEC"}, got.take(s.Server))

	// All that a thread does under the lock is one unit, the jobs included.
	require.Equal(t, "+OK", c.do("units.thread"))
	require.Equal(t, []string{"MULTI", "SET thread-1 v", "SET trigger v", "SET from-job v", "EXEC", "SET thread-2 v"},
		got.take(s.Server))

	require.Equal(t, "+OK", c.do("units.timer"))
	var lines []string
	require.Eventually(t, func() bool { lines = append(lines, got.take(s.Server)...); return len(lines) > 0 },
		2*time.Second, time.Millisecond)
	require.Equal(t, []string{"MULTI", "SET timer-1 v", "SET timer-2 v", "EXEC"}, lines)

	// The reply callback comes after the command that blocked.
	require.Equal(t, "+OK", c.do("units.block"))
	require.Equal(t, []string{"SET before v", "MULTI", "SET reply-1 v", "SET reply-2 v", "EXEC"}, got.take(s.Server))

	// A function that the loop calls has no unit around its calls.
	require.Equal(t, "+OK", c.do("units.shot"))
	lines = nil
	require.Eventually(t, func() bool { lines = append(lines, got.take(s.Server)...); return len(lines) > 0 },
		2*time.Second, time.Millisecond)
	require.Equal(t, []string{"SET shot-1 v", "SET shot-2 v"}, lines)

	// What a notification writes belongs to the removal that it tells of.
	require.Equal(t, "+OK", c.do("SET", "short", "v", "PX", "1"))
	got.take(s.Server)
	lines = nil
	require.Eventually(t, func() bool { lines = append(lines, got.take(s.Server)...); return len(lines) >= 4 },
		2*time.Second, 10*time.Millisecond)
	require.ElementsMatch(t, []string{"MULTI", "DEL short", "SET from-callback v", "EXEC"}, lines)
}
