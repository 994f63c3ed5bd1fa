/* cluster.c: what a module can ask about the cluster, here of a server that is in none. */

#include "testmodule.h"

/* cluster.clusterkeyslot key */
static int key_slot(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_ClusterKeySlot(argv[1]));
}

/* cluster.clustercanonicalkeynameinslot slot */
static int canonical_key(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(slot, argv[1]);
    const char *s = RedisModule_ClusterCanonicalKeyNameInSlot((unsigned)slot);
    return s ? RedisModule_ReplyWithCString(ctx, s) : RedisModule_ReplyWithNull(ctx);
}

/* cluster.getmyclusterid: [GetMyClusterID, GetClusterSize] of a server that is in none */
static int my_id(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    const char *id = RedisModule_GetMyClusterID();
    RedisModule_ReplyWithArray(ctx, 2);
    id ? RedisModule_ReplyWithCString(ctx, id) : RedisModule_ReplyWithNull(ctx);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_GetClusterSize());
}

static const struct command commands[] = {
    {"cluster.clusterkeyslot", key_slot, "", 0, 0, 0},
    {"cluster.clustercanonicalkeynameinslot", canonical_key, "", 0, 0, 0},
    {"cluster.getmyclusterid", my_id, "", 0, 0, 0},
};

TEST_MODULE("cluster", commands)
