/* noreply.c: commands that do not reply. The client gets what was added: nothing. */

#include "testmodule.h"

/* noreply.nothing */
static int nothing(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(ctx);
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    return REDISMODULE_OK;
}

/* noreply.error: neither does what the function returns make a reply */
static int error(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(ctx);
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    return REDISMODULE_ERR;
}

/* noreply.call: what a call of such a command gives */
static int call(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    errno = 0;
    RedisModuleCallReply *reply = RedisModule_Call(ctx, "noreply.nothing", "");
    int error = errno;
    RedisModule_ReplyWithArray(ctx, 3);
    RedisModule_ReplyWithBool(ctx, reply != NULL);
    reply_errno(ctx, error);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_CallReplyType(reply));
    if (reply)
        RedisModule_FreeCallReply(reply);
    return REDISMODULE_OK;
}

static const struct command commands[] = {
    {"noreply.nothing", nothing, "", 0, 0, 0},
    {"noreply.error", error, "", 0, 0, 0},
    {"noreply.call", call, "", 0, 0, 0},
};

TEST_MODULE("noreply", commands)
