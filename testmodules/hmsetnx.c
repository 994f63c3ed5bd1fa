/* hmsetnx.c: HMSETNX key field value [field value ...]
 *
 * Sets the fields of a hash only if none of them exists: all of them, or nothing. Answers 1 when
 * they were set, 0 when at least one was there already. Redis has HSETNX for one field only.
 *
 * An example of a command that writes: it opens a key, refuses a wrong type, changes a hash, tells
 * replicas and the AOF, and notifies subscribers, as a built-in command would.
 */

#include "redismodule.h"

/* 1 if the hash has the field, 0 if not, also when the key does not exist. */
static int has_field(RedisModuleKey *key, RedisModuleString *field) {
    int exists = 0;
    RedisModule_HashGet(key, REDISMODULE_HASH_EXISTS, field, &exists, NULL);
    return exists;
}

static int hmsetnx(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 4 || argc % 2 != 0)
        return RedisModule_WrongArity(ctx);

    /* From here on keys and strings that we obtain are released when the command returns. */
    RedisModule_AutoMemory(ctx);

    /* Opened for writing, a key that does not exist is a handle of type EMPTY, and becomes a hash
     * with the first field. */
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ | REDISMODULE_WRITE);
    int type = RedisModule_KeyType(key);
    if (type != REDISMODULE_KEYTYPE_EMPTY && type != REDISMODULE_KEYTYPE_HASH)
        return RedisModule_ReplyWithError(ctx, REDISMODULE_ERRORMSG_WRONGTYPE);

    for (int i = 2; i < argc; i += 2) {
        if (has_field(key, argv[i]))
            return RedisModule_ReplyWithLongLong(ctx, 0);
    }
    for (int i = 2; i < argc; i += 2)
        RedisModule_HashSet(key, REDISMODULE_HASH_NONE, argv[i], argv[i + 1], NULL);

    /* Only here: a command that changed nothing has nothing to replicate. */
    RedisModule_ReplicateVerbatim(ctx);
    RedisModule_NotifyKeyspaceEvent(ctx, REDISMODULE_NOTIFY_HASH, "hset", argv[1]);
    return RedisModule_ReplyWithLongLong(ctx, 1);
}

/* What COMMAND DOCS and ACL know about the command beyond its flags. */
static int describe(RedisModuleCtx *ctx) {
    RedisModuleCommandKeySpec key_specs[] = {
        {
            .flags = REDISMODULE_CMD_KEY_RW | REDISMODULE_CMD_KEY_INSERT,
            .begin_search_type = REDISMODULE_KSPEC_BS_INDEX,
            .bs.index.pos = 1,
            .find_keys_type = REDISMODULE_KSPEC_FK_RANGE,
            .fk.range = {.lastkey = 0, .keystep = 1, .limit = 0},
        },
        {0},
    };
    RedisModuleCommandArg pair[] = {
        {.name = "field", .type = REDISMODULE_ARG_TYPE_STRING},
        {.name = "value", .type = REDISMODULE_ARG_TYPE_STRING},
        {0},
    };
    RedisModuleCommandArg args[] = {
        {.name = "key", .type = REDISMODULE_ARG_TYPE_KEY, .key_spec_index = 0},
        {.name = "data",
         .type = REDISMODULE_ARG_TYPE_BLOCK,
         .flags = REDISMODULE_CMD_ARG_MULTIPLE,
         .subargs = pair},
        {0},
    };
    RedisModuleCommandInfo info = {
        .version = REDISMODULE_COMMAND_INFO_VERSION,
        .summary = "Sets fields of a hash only when none of them exists.",
        .complexity = "O(N) where N is the number of fields being set.",
        .since = "1.0.0",
        .arity = -4,
        .key_specs = key_specs,
        .args = args,
    };
    return RedisModule_SetCommandInfo(RedisModule_GetCommand(ctx, "hmsetnx"), &info);
}

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "hmsetnx", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    /* The key is the first argument: first 1, last 1, step 1. */
    if (RedisModule_CreateCommand(ctx, "hmsetnx", hmsetnx, "write deny-oom fast", 1, 1, 1) ==
        REDISMODULE_ERR)
        return REDISMODULE_ERR;
    /* Command information came with Redis 7.0; the module works without. */
    if (RMAPI_FUNC_SUPPORTED(RedisModule_SetCommandInfo))
        return describe(ctx);
    return REDISMODULE_OK;
}
