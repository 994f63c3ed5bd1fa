/* subkeys: keyspace events that say which fields of a hash they are about (Redis 8.8). */

#include "testmodule.h"

static char seen[8192];

static void on_event(RedisModuleCtx *ctx, int type, const char *event, RedisModuleString *key,
                     RedisModuleString **subkeys, int count, const char *who) {
    size_t n = strlen(seen);
    REDISMODULE_NOT_USED(type);
    n += (size_t)snprintf(seen + n, sizeof seen - n, "%s db%d %s %s", who,
                          RedisModule_GetSelectedDb(ctx), event, cstr(key));
    if (subkeys == NULL)
        n += (size_t)snprintf(seen + n, sizeof seen - n, " none(%d)", count);
    for (int i = 0; i < count; i++)
        n += (size_t)snprintf(seen + n, sizeof seen - n, " <%s>", cstr(subkeys[i]));
    snprintf(seen + n, sizeof seen - n, "\n");
}

static void on_any(RedisModuleCtx *ctx, int type, const char *event, RedisModuleString *key,
                   RedisModuleString **subkeys, int count) {
    on_event(ctx, type, event, key, subkeys, count, "any");
}

static void on_some(RedisModuleCtx *ctx, int type, const char *event, RedisModuleString *key,
                    RedisModuleString **subkeys, int count) {
    on_event(ctx, type, event, key, subkeys, count, "some");
}

/* subkeys.on|off any|some classes: some are told of events with fields only */
static int change(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(types, argv[2]);
    int some = is(argv[1], "some");
    int flags = some ? REDISMODULE_NOTIFY_FLAG_SUBKEYS_REQUIRED : REDISMODULE_NOTIFY_FLAG_NONE;
    RedisModuleNotificationWithSubkeysFunc cb = some ? on_some : on_any;
    if (is(argv[0], "subkeys.on"))
        return reply_status(
            ctx, RedisModule_SubscribeToKeyspaceEventsWithSubkeys(ctx, (int)types, flags, cb));
    return reply_status(
        ctx, RedisModule_UnsubscribeFromKeyspaceEventsWithSubkeys(ctx, (int)types, flags, cb));
}

/* subkeys.seen: since the last time */
static int get_seen(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithCString(ctx, seen);
    seen[0] = 0;
    return REDISMODULE_OK;
}

/* subkeys.notify class event key [field ...] */
static int notify(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 4)
        return RedisModule_WrongArity(ctx);
    INTEGER(type, argv[1]);
    return reply_status(
        ctx, RedisModule_NotifyKeyspaceEventWithSubkeys(ctx, (int)type, cstr(argv[2]), argv[3],
                                                        argc > 4 ? argv + 4 : NULL, argc - 4));
}

static const struct command commands[] = {
    {"subkeys.on", change, "", 0, 0, 0},
    {"subkeys.off", change, "", 0, 0, 0},
    {"subkeys.seen", get_seen, "", 0, 0, 0},
    {"subkeys.notify", notify, "", 0, 0, 0},
};

TEST_MODULE("subkeys", commands)
