/* unsubscribe: subscriptions to keyspace events that end again (Redis 8.2). */

#include "testmodule.h"

static long long first, second;

static int on_first(RedisModuleCtx *ctx, int type, const char *event, RedisModuleString *key) {
    (void)ctx, (void)type, (void)event, (void)key;
    first++;
    return REDISMODULE_OK;
}

/* Ends itself at its third event. */
static int on_second(RedisModuleCtx *ctx, int type, const char *event, RedisModuleString *key) {
    (void)type, (void)event, (void)key;
    if (++second == 3)
        RedisModule_UnsubscribeFromKeyspaceEvents(ctx, REDISMODULE_NOTIFY_STRING, on_second);
    return REDISMODULE_OK;
}

/* unsubscribe.on|off first|second classes */
static int change(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(types, argv[2]);
    RedisModuleNotificationFunc cb = is(argv[1], "first") ? on_first : on_second;
    if (is(argv[0], "unsubscribe.on"))
        return reply_status(ctx, RedisModule_SubscribeToKeyspaceEvents(ctx, (int)types, cb));
    return reply_status(ctx, RedisModule_UnsubscribeFromKeyspaceEvents(ctx, (int)types, cb));
}

static int counts(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, first);
    RedisModule_ReplyWithLongLong(ctx, second);
    return REDISMODULE_OK;
}

static const struct command commands[] = {
    {"unsubscribe.on", change, "", 0, 0, 0},
    {"unsubscribe.off", change, "", 0, 0, 0},
    {"unsubscribe.counts", counts, "", 0, 0, 0},
};

TEST_MODULE("unsubscribe", commands)
