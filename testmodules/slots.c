/* slots: hash slots and their ranges, outside of a cluster (Redis 8.4 and later). */

#include "testmodule.h"

/* slots.keyslotc key */
static int key_slot(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    size_t n;
    const char *p = RedisModule_StringPtrLen(argv[1], &n);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_ClusterKeySlotC(p, n));
}

/* slots.canaccess slot */
static int can_access(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(slot, argv[1]);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_ClusterCanAccessKeysInSlot((int)slot));
}

static int reply_ranges(RedisModuleCtx *ctx, const RedisModuleSlotRangeArray *a) {
    RedisModule_ReplyWithArray(ctx, a->num_ranges);
    for (int32_t i = 0; i < a->num_ranges; i++) {
        RedisModule_ReplyWithArray(ctx, 2);
        RedisModule_ReplyWithLongLong(ctx, a->ranges[i].start);
        RedisModule_ReplyWithLongLong(ctx, a->ranges[i].end);
    }
    return REDISMODULE_OK;
}

/* slots.local [auto] */
static int local(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    if (argc > 1)
        RedisModule_AutoMemory(ctx);
    RedisModuleSlotRangeArray *a = RedisModule_ClusterGetLocalSlotRanges(ctx);
    reply_ranges(ctx, a);
    if (argc == 1)
        RedisModule_ClusterFreeSlotRanges(ctx, a);
    return REDISMODULE_OK;
}

/* slots.node id */
static int node(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleSlotRangeArray *a = RedisModule_GetClusterNodeSlotRanges(NULL, cstr(argv[1]));
    reply_ranges(ctx, a);
    RedisModule_ClusterFreeSlotRanges(NULL, a);
    RedisModule_ClusterFreeSlotRanges(NULL, NULL);
    return REDISMODULE_OK;
}

static const struct command commands[] = {
    {"slots.keyslotc", key_slot, "", 0, 0, 0},
    {"slots.canaccess", can_access, "", 0, 0, 0},
    {"slots.local", local, "", 0, 0, 0},
    {"slots.node", node, "", 0, 0, 0},
};

TEST_MODULE("slots", commands)
