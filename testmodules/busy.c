/* busy.c: long commands that let the server look at its events. */

#include "testmodule.h"

#include <unistd.h>

static int stop, running;

/* busy.yield max_ms flags [reply]: until busy.stop or the time is over; flags: c (clients) or none.
 * Replies whether it was stopped. */
static int yield(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 3 && argc != 4) return RedisModule_WrongArity(ctx);
    INTEGER(max, argv[1]);
    int flags = is(argv[2], "c") ? REDISMODULE_YIELD_FLAG_CLIENTS : REDISMODULE_YIELD_FLAG_NONE;
    const char *reply = argc == 4 ? cstr(argv[3]) : NULL;
    stop = 0;
    running = 1;
    for (long long ms = 0; !stop && ms < max; ms++) {
        RedisModule_Yield(ctx, flags, reply);
        usleep(1000);
    }
    running = 0;
    return RedisModule_ReplyWithLongLong(ctx, stop);
}

/* busy.stop: whether there was something to stop */
static int stop_it(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    stop = 1;
    return RedisModule_ReplyWithLongLong(ctx, running);
}

/* busy.running */
static int is_running(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithLongLong(ctx, running);
}

static const struct command commands[] = {
    {"busy.yield", yield, "", 0, 0, 0},
    {"busy.stop", stop_it, "allow-busy", 0, 0, 0},
    {"busy.running", is_running, "", 0, 0, 0},
};

TEST_MODULE("busy", commands)
