/* automemory.c: what automatic memory releases when a command returns, and what it must not.
 *
 * Each command makes many objects and leaves them. automemory.growth tells afterwards whether the
 * server's memory grew, which it does when they were not released. */

#include "testmodule.h"

enum { MANY = 2000 };

static int ok(RedisModuleCtx *ctx) { return RedisModule_ReplyWithSimpleString(ctx, "OK"); }

/* automemory.strings */
static int strings(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_AutoMemory(ctx);
    for (int i = 0; i < MANY; i++)
        RedisModule_CreateStringPrintf(ctx, "a string that is long enough to be seen %d", i);
    return ok(ctx);
}

/* automemory.freed: what was freed early is not freed again */
static int freed(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_AutoMemory(ctx);
    RedisModuleString *kept[3];
    for (int i = 0; i < 3; i++)
        kept[i] = RedisModule_CreateStringFromLongLong(ctx, 100000 + i);
    for (int i = 0; i < MANY; i++) {
        RedisModuleString *s = RedisModule_CreateString(ctx, "early", 5);
        RedisModule_FreeString(ctx, s);
    }
    RedisModule_FreeString(ctx, kept[1]);
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithString(ctx, kept[0]);
    return RedisModule_ReplyWithString(ctx, kept[2]);
}

static RedisModuleString *saved;

static void save(RedisModuleString *s) {
    if (saved)
        RedisModule_FreeString(NULL, saved);
    saved = s;
}

/* automemory.retain string: a new string, retained, outlives the command */
static int retain(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModule_AutoMemory(ctx);
    RedisModuleString *s = RedisModule_CreateStringFromString(ctx, argv[1]);
    RedisModule_RetainString(ctx, s);
    save(s);
    return ok(ctx);
}

/* automemory.retainarg string: so does an argument */
static int retain_arg(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModule_AutoMemory(ctx);
    RedisModule_RetainString(ctx, argv[1]);
    save(argv[1]);
    return ok(ctx);
}

/* automemory.retainoff string: the same without automatic memory */
static int retain_off(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModule_RetainString(ctx, argv[1]);
    save(argv[1]);
    return ok(ctx);
}

/* automemory.hold string: held without a context */
static int hold(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModule_AutoMemory(ctx);
    save(RedisModule_HoldString(NULL, argv[1]));
    return ok(ctx);
}

/* automemory.holdauto string: held under automatic memory, so released with the command */
static int hold_auto(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModule_AutoMemory(ctx);
    for (int i = 0; i < MANY; i++)
        RedisModule_HoldString(ctx, argv[1]);
    return RedisModule_ReplyWithString(ctx, RedisModule_HoldString(ctx, argv[1]));
}

/* automemory.nullctx string: made without a context, so not managed */
static int null_ctx(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModule_AutoMemory(ctx);
    save(RedisModule_CreateStringFromString(NULL, argv[1]));
    return ok(ctx);
}

/* automemory.saved: what one of the above kept */
static int get_saved(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    if (saved == NULL)
        return RedisModule_ReplyWithNull(ctx);
    return RedisModule_ReplyWithString(ctx, saved);
}

/* automemory.keys key: opened many times, closed by nobody or early */
static int keys(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModule_AutoMemory(ctx);
    int type = 0;
    for (int i = 0; i < MANY; i++) {
        RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
        type = RedisModule_KeyType(key);
        if (i % 2)
            RedisModule_CloseKey(key);
    }
    return RedisModule_ReplyWithLongLong(ctx, type);
}

/* automemory.calls: replies freed by nobody, early, and by their elements */
static int calls(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_AutoMemory(ctx);
    for (int i = 0; i < MANY; i++) {
        RedisModuleCallReply *reply = RedisModule_Call(ctx, "echo", "c", "some text to keep");
        if (i % 2)
            RedisModule_FreeCallReply(reply);
        reply = RedisModule_Call(ctx, "time", "");
        /* Freeing an element does nothing: it belongs to the reply that it is part of. */
        RedisModule_FreeCallReply(RedisModule_CallReplyArrayElement(reply, 0));
        if (RedisModule_CallReplyArrayElement(reply, 0) == NULL)
            return RedisModule_ReplyWithError(ctx, "ERR test: the element is gone");
    }
    return ok(ctx);
}

/* automemory.dicts */
static int dicts(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_AutoMemory(ctx);
    for (int i = 0; i < MANY; i++) {
        RedisModuleDict *d = RedisModule_CreateDict(ctx);
        RedisModule_DictSetC(d, "key", 3, NULL);
        if (i % 2)
            RedisModule_FreeDict(ctx, d);
    }
    return ok(ctx);
}

/* automemory.infos */
static int infos(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_AutoMemory(ctx);
    for (int i = 0; i < 50; i++) {
        RedisModuleServerInfoData *info = RedisModule_GetServerInfo(ctx, "server");
        RedisModule_ServerInfoGetField(ctx, info, "redis_version");
        if (i % 2)
            RedisModule_FreeServerInfo(ctx, info);
    }
    return ok(ctx);
}

/* automemory.late: turned on half-way, it takes care of what comes after only */
static int late(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModuleString *early = RedisModule_CreateString(ctx, "early", 5);
    RedisModule_AutoMemory(ctx);
    RedisModule_AutoMemory(ctx); /* turning it on again changes nothing */
    RedisModule_CreateString(ctx, "late", 4);
    RedisModule_ReplyWithString(ctx, early);
    RedisModule_FreeString(ctx, early);
    return REDISMODULE_OK;
}

/* automemory.growth: 1 when used_memory grew by more than 40 kB since it was last asked */
static int growth(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    static unsigned long long before;
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModuleServerInfoData *info = RedisModule_GetServerInfo(ctx, "memory");
    unsigned long long now = RedisModule_ServerInfoGetFieldUnsigned(info, "used_memory", NULL);
    RedisModule_FreeServerInfo(ctx, info);
    int grew = now > before + 40000;
    before = now;
    return RedisModule_ReplyWithLongLong(ctx, grew);
}

static const struct command commands[] = {
    {"automemory.strings", strings, "", 0, 0, 0},
    {"automemory.freed", freed, "", 0, 0, 0},
    {"automemory.retain", retain, "", 0, 0, 0},
    {"automemory.retainarg", retain_arg, "", 0, 0, 0},
    {"automemory.retainoff", retain_off, "", 0, 0, 0},
    {"automemory.hold", hold, "", 0, 0, 0},
    {"automemory.holdauto", hold_auto, "", 0, 0, 0},
    {"automemory.nullctx", null_ctx, "", 0, 0, 0},
    {"automemory.saved", get_saved, "", 0, 0, 0},
    {"automemory.keys", keys, "readonly", 1, 1, 1},
    {"automemory.calls", calls, "", 0, 0, 0},
    {"automemory.dicts", dicts, "", 0, 0, 0},
    {"automemory.infos", infos, "", 0, 0, 0},
    {"automemory.late", late, "", 0, 0, 0},
    {"automemory.growth", growth, "", 0, 0, 0},
};

TEST_MODULE("automemory", commands)
