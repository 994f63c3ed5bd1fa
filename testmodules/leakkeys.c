/* leakkeys.c: leaves keys, strings, replies and iterators behind. The server must go on. */

#include "testmodule.h"

#include <dlfcn.h>

/* leakkeys.open key ...: opens each for reading and for writing, closes none */
static int open_(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    for (int i = 1; i < argc; i++) {
        RedisModule_OpenKey(ctx, argv[i], REDISMODULE_READ);
        RedisModule_OpenKey(ctx, argv[i], REDISMODULE_READ | REDISMODULE_WRITE);
    }
    return RedisModule_ReplyWithLongLong(ctx, argc - 1);
}

/* leakkeys.range key: leaves a range of a sorted set open, in a key that is left open */
static int range(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    if (key == NULL)
        return RedisModule_ReplyWithNull(ctx);
    return reply_status(ctx, RedisModule_ZsetFirstInScoreRange(key, 0, 100, 0, 0));
}

/* leakkeys.list key: leaves a list in the middle of an iteration */
static int list(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ | REDISMODULE_WRITE);
    RedisModule_ListGet(key, 1);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_ValueLength(key));
}

/* leakkeys.strings */
static int strings(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    for (int i = 0; i < 100; i++)
        RedisModule_CreateStringFromLongLong(ctx, i + 100000);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* leakkeys.replies */
static int replies(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    for (int i = 0; i < 100; i++)
        RedisModule_Call(ctx, "echo", "c", "left behind");
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* leakkeys.dir: where this module's file is, for scripts that load others from there */
static int dir(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    Dl_info info;
    dladdr((void *)(uintptr_t)dir, &info);
    return RedisModule_ReplyWithStringBuffer(ctx, info.dli_fname,
                                             strrchr(info.dli_fname, '/') - info.dli_fname);
}

static const struct command commands[] = {
    {"leakkeys.open", open_, "write", 1, -1, 1}, {"leakkeys.range", range, "readonly", 1, 1, 1},
    {"leakkeys.list", list, "write", 1, 1, 1},   {"leakkeys.strings", strings, "", 0, 0, 0},
    {"leakkeys.replies", replies, "", 0, 0, 0},  {"leakkeys.dir", dir, "", 0, 0, 0},
};

TEST_MODULE("leakkeys", commands)
