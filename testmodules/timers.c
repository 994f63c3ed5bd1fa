/* timers.c: timers. They stand in slots 0 to 15, so that scripts need not know their ids. */

#include "testmodule.h"

struct timer {
    RedisModuleTimerID id;
    char text[32];
    long long repeat; /* how often it is made anew when it fires */
    mstime_t period;
};

static struct timer timers[16];
static char notes[4096];

static void fire(RedisModuleCtx *ctx, void *data) {
    struct timer *t = data;
    size_t n = strlen(notes);
    snprintf(notes + n, sizeof notes - n, "%s db %d;", t->text, RedisModule_GetSelectedDb(ctx));
    RedisModule_FreeCallReply(RedisModule_Call(ctx, "INCR", "!c", "timers"));
    if (t->repeat-- > 0)
        t->id = RedisModule_CreateTimer(ctx, t->period, fire, t);
}

/* Reads a slot or leaves the command. */
#define SLOT(var, arg)                                                                             \
    INTEGER(var##_, arg);                                                                          \
    if (var##_ < 0 || var##_ > 15)                                                                 \
        return RedisModule_ReplyWithError(ctx, "ERR test: no slot");                               \
    struct timer *var = &timers[var##_]

/* timers.createtimer slot period_ms text [repeat] */
static int create(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 4 && argc != 5)
        return RedisModule_WrongArity(ctx);
    SLOT(t, argv[1]);
    INTEGER(period, argv[2]);
    t->repeat = 0;
    if (argc == 5) {
        INTEGER(repeat, argv[4]);
        t->repeat = repeat;
    }
    snprintf(t->text, sizeof t->text, "%s", cstr(argv[3]));
    t->period = period;
    t->id = RedisModule_CreateTimer(ctx, period, fire, t);
    return RedisModule_ReplyWithBool(ctx, t->id != 0);
}

/* timers.stoptimer slot: [status, text of its data] */
static int stop(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    SLOT(t, argv[1]);
    void *data = NULL;
    int status = RedisModule_StopTimer(ctx, t->id, &data);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    return RedisModule_ReplyWithCString(ctx, data ? ((struct timer *)data)->text : "none");
}

/* timers.stopplain slot: without asking for the data */
static int stop_plain(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    SLOT(t, argv[1]);
    return reply_status(ctx, RedisModule_StopTimer(ctx, t->id, NULL));
}

/* timers.gettimerinfo slot: [status, text, is what remains between 0 and the period] */
static int info(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    SLOT(t, argv[1]);
    void *data = NULL;
    uint64_t remaining = 0;
    int status = RedisModule_GetTimerInfo(ctx, t->id, &remaining, &data);
    RedisModule_ReplyWithArray(ctx, 3);
    reply_status(ctx, status);
    RedisModule_ReplyWithCString(ctx, data ? ((struct timer *)data)->text : "none");
    return RedisModule_ReplyWithBool(ctx, remaining <= (uint64_t)t->period);
}

/* timers.unknown: ids that were never given */
static int unknown(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, 4);
    reply_status(ctx, RedisModule_StopTimer(ctx, 0, NULL));
    reply_status(ctx, RedisModule_StopTimer(ctx, 12345678901234ULL, NULL));
    reply_status(ctx, RedisModule_GetTimerInfo(ctx, 0, NULL, NULL));
    return reply_status(ctx, RedisModule_GetTimerInfo(ctx, ~0ULL, NULL, NULL));
}

/* timers.many count: as many with the same period; replies how many ids differ */
static void nothing(RedisModuleCtx *ctx, void *data) {
    REDISMODULE_NOT_USED(ctx);
    (*(long long *)data)++;
}

static long long fired;

static int many(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(count, argv[1]);
    RedisModuleTimerID last = 0;
    long long differ = 0;
    for (long long i = 0; i < count; i++) {
        RedisModuleTimerID id = RedisModule_CreateTimer(ctx, 10, nothing, &fired);
        differ += id != last;
        last = id;
    }
    return RedisModule_ReplyWithLongLong(ctx, differ);
}

/* timers.fired: how many of timers.many */
static int get_fired(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithLongLong(ctx, fired);
}

/* timers.log */
static int get_log(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithCString(ctx, notes);
    notes[0] = 0;
    return REDISMODULE_OK;
}

static const struct command commands[] = {
    {"timers.createtimer", create, "", 0, 0, 0},   {"timers.stoptimer", stop, "", 0, 0, 0},
    {"timers.stopplain", stop_plain, "", 0, 0, 0}, {"timers.gettimerinfo", info, "", 0, 0, 0},
    {"timers.unknown", unknown, "", 0, 0, 0},      {"timers.many", many, "", 0, 0, 0},
    {"timers.fired", get_fired, "", 0, 0, 0},      {"timers.log", get_log, "", 0, 0, 0},
};

TEST_MODULE("timers", commands)
