/* poong.c: the smallest module. One command, POONG, that answers POONG.
 *
 *     gcc -shared -fPIC -I.. -o poong.so poong.c
 *     redis-cli MODULE LOAD $PWD/poong.so
 */

#include "redismodule.h"

/* POONG */
static int poong(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    if (argc != 1)
        return RedisModule_WrongArity(ctx);
    return RedisModule_ReplyWithSimpleString(ctx, "POONG");
}

/* The server calls this once, when it loads the module. */
int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "poong", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    return RedisModule_CreateCommand(ctx, "poong", poong, "readonly fast", 0, 0, 0);
}
