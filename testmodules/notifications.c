/* notifications.c: keyspace notifications, received and sent, and jobs after them. */

#include "testmodule.h"

#include <stdarg.h>

static char notes[16384];
static int quiet; /* while the module's own commands must not be noted */

__attribute__((format(printf, 1, 2))) static void note(const char *fmt, ...) {
    size_t n = strlen(notes);
    va_list ap;
    va_start(ap, fmt);
    if (n < sizeof notes - 300) {
        vsnprintf(notes + n, 290, fmt, ap);
        strcat(notes, ";");
    }
    va_end(ap);
}

static int freed;

static void free_job(void *pd) {
    freed++;
    RedisModule_Free(pd);
}

/* A job may write, which a notification must not. */
static void job(RedisModuleCtx *ctx, void *pd) {
    note("job %s", (char *)pd);
    RedisModule_FreeCallReply(RedisModule_Call(ctx, "INCR", "!c", pd));
}

static int on_event(RedisModuleCtx *ctx, int type, const char *event, RedisModuleString *key) {
    const char *name = cstr(key);
    if (quiet)
        return REDISMODULE_OK;
    note("%d %s %s db %d", type, event, name, RedisModule_GetSelectedDb(ctx));
    if (!strncmp(name, "job:", 4) && !strcmp(event, "set")) {
        char counter[64];
        snprintf(counter, sizeof counter, "counter:%s", name + 4);
        int status =
            RedisModule_AddPostNotificationJob(ctx, job, RedisModule_Strdup(counter), free_job);
        if (status != REDISMODULE_OK)
            note("job refused");
    }
    if (!strncmp(name, "read:", 5)) {
        /* The key as the command left it. */
        RedisModuleKey *k = RedisModule_OpenKey(ctx, key, REDISMODULE_READ);
        note("type %d length %zu", RedisModule_KeyType(k), RedisModule_ValueLength(k));
        RedisModule_CloseKey(k);
    }
    return REDISMODULE_OK;
}

/* A second subscription, for strings only. */
static int on_string(RedisModuleCtx *ctx, int type, const char *event, RedisModuleString *key) {
    REDISMODULE_NOT_USED(ctx);
    REDISMODULE_NOT_USED(type);
    if (!quiet)
        note("string %s %s", event, cstr(key));
    return REDISMODULE_OK;
}

/* notifications.log */
static int get_log(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithCString(ctx, notes);
    notes[0] = 0;
    return REDISMODULE_OK;
}

/* notifications.freed: how many jobs' data were freed */
static int get_freed(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithLongLong(ctx, freed);
}

/* notifications.quiet 0|1 */
static int set_quiet(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(n, argv[1]);
    quiet = (int)n;
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* notifications.getnotifykeyspaceevents: what notify-keyspace-events is set to, as a number */
static int get_flags(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_GetNotifyKeyspaceEvents());
}

/* notifications.getkeyspacenotificationflagsall */
static int all_flags(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_GetKeyspaceNotificationFlagsAll());
}

/* notifications.notifykeyspaceevent type event key */
static int notify(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(type, argv[1]);
    return reply_status(ctx,
                        RedisModule_NotifyKeyspaceEvent(ctx, (int)type, cstr(argv[2]), argv[3]));
}

/* notifications.addpostnotificationjob counter: outside a notification */
static int add_job(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    int status =
        RedisModule_AddPostNotificationJob(ctx, job, RedisModule_Strdup(cstr(argv[1])), free_job);
    return reply_status(ctx, status);
}

/* notifications.set key value: through the API, which notifies nobody by itself */
static int set(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_WRITE);
    RedisModule_StringSet(key, argv[2]);
    RedisModule_CloseKey(key);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* notifications.call command arg ... */
static int call(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    RedisModuleCallReply *reply =
        RedisModule_Call(ctx, cstr(argv[1]), "E!v", argv + 2, (size_t)(argc - 2));
    RedisModule_ReplyWithCallReply(ctx, reply);
    RedisModule_FreeCallReply(reply);
    return REDISMODULE_OK;
}

static const struct command commands[] = {
    {"notifications.log", get_log, "", 0, 0, 0},
    {"notifications.freed", get_freed, "", 0, 0, 0},
    {"notifications.quiet", set_quiet, "", 0, 0, 0},
    {"notifications.getnotifykeyspaceevents", get_flags, "", 0, 0, 0},
    {"notifications.getkeyspacenotificationflagsall", all_flags, "", 0, 0, 0},
    {"notifications.notifykeyspaceevent", notify, "", 3, 3, 1},
    {"notifications.addpostnotificationjob", add_job, "", 1, 1, 1},
    {"notifications.set", set, "write", 1, 1, 1},
    {"notifications.call", call, "write", 0, 0, 0},
};

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "notifications", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    if (RedisModule_SubscribeToKeyspaceEvents(ctx,
                                              REDISMODULE_NOTIFY_ALL | REDISMODULE_NOTIFY_KEY_MISS |
                                                  REDISMODULE_NOTIFY_LOADED |
                                                  REDISMODULE_NOTIFY_NEW,
                                              on_event) != REDISMODULE_OK ||
        RedisModule_SubscribeToKeyspaceEvents(ctx, REDISMODULE_NOTIFY_STRING, on_string) !=
            REDISMODULE_OK)
        return REDISMODULE_ERR;
    return CREATE_COMMANDS(ctx, commands);
}
