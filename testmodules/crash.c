/* crash.c: commands that end the server, each in its own way. For tests of the crash report. */

#include "testmodule.h"

#include <pthread.h>
#include <signal.h>

/* crash.segv: writes where it must not */
static int segv(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    *(volatile int *)16 = 42;
    return RedisModule_ReplyWithSimpleString(ctx, "survived");
}

/* crash.abort */
static int abort_(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    abort();
    return RedisModule_ReplyWithSimpleString(ctx, "survived");
}

/* crash.fpe: divides by zero */
static int fpe(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    volatile int hundred = 100, zero = argc - argc;
    return RedisModule_ReplyWithLongLong(ctx, hundred / zero);
}

/* crash.assert: the API's own way out */
static int assert_(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    RedisModule_Assert(argc == 1000);
    return RedisModule_ReplyWithSimpleString(ctx, "survived");
}

/* crash.freetwice: frees a string twice */
static int free_twice(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    RedisModuleString *s = RedisModule_CreateString(ctx, "twice", 5);
    RedisModule_FreeString(ctx, s);
    RedisModule_FreeString(ctx, s);
    return RedisModule_ReplyWithSimpleString(ctx, "survived");
}

static volatile int forever = 1;

/* crash.recursion: until the stack ends */
__attribute__((noinline)) static int deeper(volatile char *above) {
    volatile char frame[4096];
    if (!forever)
        return 0;
    frame[0] = above ? above[0] + 1 : 0;
    return deeper(frame) + frame[0];
}

static int recursion(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    return RedisModule_ReplyWithLongLong(ctx, deeper(NULL));
}

static void *thread_main(void *arg) {
    *(volatile int *)16 = 42;
    return arg;
}

/* crash.thread: in a thread of the module's own */
static int thread(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    pthread_t t;
    pthread_create(&t, NULL, thread_main, NULL);
    pthread_join(t, NULL);
    return RedisModule_ReplyWithSimpleString(ctx, "survived");
}

static const struct command commands[] = {
    {"crash.segv", segv, "", 0, 0, 0},
    {"crash.abort", abort_, "", 0, 0, 0},
    {"crash.fpe", fpe, "", 0, 0, 0},
    {"crash.assert", assert_, "", 0, 0, 0},
    {"crash.freetwice", free_twice, "", 0, 0, 0},
    {"crash.recursion", recursion, "", 0, 0, 0},
    {"crash.thread", thread, "", 0, 0, 0},
};

TEST_MODULE("crash", commands)
