/* dupcmd.c: registers a command twice, or with an argument a command of that name, and fails to
 * load as modules do when CreateCommand says no. */

#include "testmodule.h"

static int command(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    return RedisModule_ReplyWithSimpleString(ctx, "dupcmd");
}

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (RedisModule_Init(ctx, "dupcmd", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    if (RedisModule_CreateCommand(ctx, "dupcmd.command", command, "", 0, 0, 0) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    const char *name = argc == 1 ? cstr(argv[0]) : "dupcmd.command";
    return RedisModule_CreateCommand(ctx, name, command, "", 0, 0, 0);
}
