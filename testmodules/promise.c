/* promise.c: calls that may block. With K in its format, RM_Call of a command that blocks gives a
 * promise, kept when the command would have answered. */

#include "testmodule.h"

static RedisModuleCallReply *promise;
static RedisModuleBlockedClient *waiting;

static void on_unblocked(RedisModuleCtx *ctx, RedisModuleCallReply *reply, void *private_data) {
    REDISMODULE_NOT_USED(ctx);
    RedisModuleBlockedClient *bc = private_data;
    RedisModuleCtx *tctx = RedisModule_GetThreadSafeContext(bc);
    RedisModule_ReplyWithArray(tctx, 2);
    RedisModule_ReplyWithSimpleString(tctx, "unblocked");
    RedisModule_ReplyWithCallReply(tctx, reply);
    RedisModule_FreeThreadSafeContext(tctx);
    RedisModule_UnblockClient(bc, NULL);
    promise = NULL;
}

/* promise.call command arg ...: answers when the command does */
static int call_promise(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    RedisModuleCallReply *reply =
        RedisModule_Call(ctx, cstr(argv[1]), "EKv", argv + 2, (size_t)(argc - 2));
    if (RedisModule_CallReplyType(reply) != REDISMODULE_REPLY_PROMISE) {
        RedisModule_ReplyWithArray(ctx, 2);
        RedisModule_ReplyWithSimpleString(ctx, "at once");
        RedisModule_ReplyWithCallReply(ctx, reply);
        RedisModule_FreeCallReply(reply);
        return REDISMODULE_OK;
    }
    waiting = RedisModule_BlockClient(ctx, NULL, NULL, NULL, 0);
    RedisModule_CallReplyPromiseSetUnblockHandler(reply, on_unblocked, waiting);
    promise = reply;
    return REDISMODULE_OK;
}

/* promise.callreplypromiseabort: gives up the promise of promise.call */
static int promise_abort(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    if (promise == NULL)
        return RedisModule_ReplyWithSimpleString(ctx, "none");
    void *private_data = NULL;
    int status = RedisModule_CallReplyPromiseAbort(promise, &private_data);
    if (status == REDISMODULE_OK) {
        RedisModuleCtx *tctx = RedisModule_GetThreadSafeContext(private_data);
        RedisModule_ReplyWithSimpleString(tctx, "aborted");
        RedisModule_FreeThreadSafeContext(tctx);
        RedisModule_UnblockClient(private_data, NULL);
        RedisModule_FreeCallReply(promise);
        promise = NULL;
    }
    return reply_status(ctx, status);
}

static const struct command commands[] = {
    {"promise.call", call_promise, "write", 0, 0, 0},
    {"promise.callreplypromiseabort", promise_abort, "", 0, 0, 0},
};

TEST_MODULE("promise", commands)
