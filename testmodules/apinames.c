/* apinames: which functions the server has.
 *
 *   APINAMES.HAVE name [name ...]   1 or 0 for each, named in full, with its prefix
 */

#include "testmodule.h"

static int have(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    int (*getapi)(const char *, void *) = ((int (**)(const char *, void *))ctx)[0];
    RedisModule_ReplyWithArray(ctx, argc - 1);
    for (int i = 1; i < argc; i++) {
        void *fn = NULL;
        int r = getapi(RedisModule_StringPtrLen(argv[i], NULL), &fn);
        RedisModule_ReplyWithLongLong(ctx, r == REDISMODULE_OK && fn != NULL);
    }
    return REDISMODULE_OK;
}

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "apinames", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    return RedisModule_CreateCommand(ctx, "apinames.have", have, "readonly", 0, 0, 0);
}
