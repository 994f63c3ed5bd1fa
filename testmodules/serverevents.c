/* serverevents.c: events of the server. What comes is noted; serverevents.log replies and clears
 * the notes. */

#include "testmodule.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static char notes[8192];
static long long crons, sleeps, wakes;
static int hz;

static void note(const char *fmt, ...) {
    char line[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (strlen(notes) + strlen(line) + 2 < sizeof notes) strcat(strcat(notes, line), ";");
}

static void on_client(RedisModuleCtx *ctx, RedisModuleEvent e, uint64_t sub, void *data) {
    RedisModuleClientInfo *ci = data;
    RedisModuleClientInfo again = REDISMODULE_CLIENTINFO_INITIALIZER_V1;
    int found = RedisModule_GetClientInfoById(&again, ci->id);
    note("client %d %d v%d flags %d db %d %s port %d same %d found %d id %d", (int)e.id, (int)sub,
         (int)ci->version, (int)ci->flags, ci->db, ci->addr, ci->port != 0,
         RedisModule_GetClientId(ctx) == ci->id, found == REDISMODULE_OK, again.id == ci->id);
}

static void on_flush(RedisModuleCtx *ctx, RedisModuleEvent e, uint64_t sub, void *data) {
    RedisModuleFlushInfo *fi = data;
    note("flush %d %d v%d sync %d db %d selected %d keys %d", (int)e.id, (int)sub, (int)fi->version,
         fi->sync, fi->dbnum, RedisModule_GetSelectedDb(ctx), (int)RedisModule_DbSize(ctx));
}

static void on_module(RedisModuleCtx *ctx, RedisModuleEvent e, uint64_t sub, void *data) {
    REDISMODULE_NOT_USED(ctx);
    RedisModuleModuleChange *mc = data;
    note("module %d %d v%d %s %d", (int)e.id, (int)sub, (int)mc->version, mc->module_name,
         mc->module_version);
}

static void on_swap(RedisModuleCtx *ctx, RedisModuleEvent e, uint64_t sub, void *data) {
    RedisModuleSwapDbInfo *si = data;
    note("swap %d %d v%d %d %d selected %d", (int)e.id, (int)sub, (int)si->version, si->dbnum_first,
         si->dbnum_second, RedisModule_GetSelectedDb(ctx));
}

static void on_config(RedisModuleCtx *ctx, RedisModuleEvent e, uint64_t sub, void *data) {
    REDISMODULE_NOT_USED(ctx);
    RedisModuleConfigChange *cc = data;
    note("config %d %d v%d n %d", (int)e.id, (int)sub, (int)cc->version, (int)cc->num_changes);
    for (uint32_t i = 0; i < cc->num_changes; i++) note("%s", cc->config_names[i]);
}

static void on_key(RedisModuleCtx *ctx, RedisModuleEvent e, uint64_t sub, void *data) {
    RedisModuleKeyInfo *ki = data;
    const RedisModuleString *name = RedisModule_GetKeyNameFromModuleKey(ki->key);
    note("key %d %d v%d %s db %d %d type %d len %d exists %d", (int)e.id, (int)sub,
         (int)ki->version, cstr(name), RedisModule_GetDbIdFromModuleKey(ki->key),
         RedisModule_GetSelectedDb(ctx), RedisModule_KeyType(ki->key),
         (int)RedisModule_ValueLength(ki->key),
         RedisModule_KeyExists(ctx, (RedisModuleString *)name));
}

static void on_cron(RedisModuleCtx *ctx, RedisModuleEvent e, uint64_t sub, void *data) {
    REDISMODULE_NOT_USED(ctx);
    REDISMODULE_NOT_USED(e);
    REDISMODULE_NOT_USED(sub);
    crons++;
    hz = ((RedisModuleCronLoop *)data)->hz;
}

static void on_loop(RedisModuleCtx *ctx, RedisModuleEvent e, uint64_t sub, void *data) {
    REDISMODULE_NOT_USED(ctx);
    REDISMODULE_NOT_USED(e);
    if (data != NULL) note("loop with data");
    if (sub == REDISMODULE_SUBEVENT_EVENTLOOP_BEFORE_SLEEP) sleeps++;
    if (sub == REDISMODULE_SUBEVENT_EVENTLOOP_AFTER_SLEEP) wakes++;
}

static void on_other(RedisModuleCtx *ctx, RedisModuleEvent e, uint64_t sub, void *data) {
    REDISMODULE_NOT_USED(ctx);
    REDISMODULE_NOT_USED(data);
    note("event %d %d", (int)e.id, (int)sub);
}

static const RedisModuleEventCallback callbacks[] = {
    [REDISMODULE_EVENT_FLUSHDB] = on_flush,
    [REDISMODULE_EVENT_CLIENT_CHANGE] = on_client,
    [REDISMODULE_EVENT_CRON_LOOP] = on_cron,
    [REDISMODULE_EVENT_MODULE_CHANGE] = on_module,
    [REDISMODULE_EVENT_SWAPDB] = on_swap,
    [REDISMODULE_EVENT_EVENTLOOP] = on_loop,
    [REDISMODULE_EVENT_CONFIG] = on_config,
    [REDISMODULE_EVENT_KEY] = on_key,
    [63] = NULL,
};

/* serverevents.subscribetoserverevent id dataver: [status] */
static int subscribe(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(id, argv[1]);
    INTEGER(dataver, argv[2]);
    RedisModuleEventCallback callback = id < 63 && callbacks[id] ? callbacks[id] : on_other;
    return reply_status(ctx, RedisModule_SubscribeToServerEvent(
                                 ctx, (RedisModuleEvent){(uint64_t)id, (uint64_t)dataver}, callback));
}

/* serverevents.unsubscribe id: [status] */
static int unsubscribe(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(id, argv[1]);
    return reply_status(ctx, RedisModule_SubscribeToServerEvent(
                                 ctx, (RedisModuleEvent){(uint64_t)id, 1}, NULL));
}

/* serverevents.issubeventsupported id: the answers for subevents 0 to 6 */
static int supported(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(id, argv[1]);
    RedisModule_ReplyWithArray(ctx, 7);
    for (uint64_t sub = 0; sub < 7; sub++)
        RedisModule_ReplyWithLongLong(
            ctx, RedisModule_IsSubEventSupported((RedisModuleEvent){(uint64_t)id, 1}, sub));
    return REDISMODULE_OK;
}

/* serverevents.log */
static int get_log(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithCString(ctx, notes);
    notes[0] = 0;
    return REDISMODULE_OK;
}

/* serverevents.loops: whether there were any cron loops, sleeps and wakes since the last time, and
 * the frequency of the first */
static int loops(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, 4);
    RedisModule_ReplyWithBool(ctx, crons > 0);
    RedisModule_ReplyWithBool(ctx, sleeps > 0);
    RedisModule_ReplyWithBool(ctx, wakes > 0);
    RedisModule_ReplyWithLongLong(ctx, hz);
    crons = sleeps = wakes = hz = 0;
    return REDISMODULE_OK;
}

/* serverevents.call command arg ... */
static int call(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2) return RedisModule_WrongArity(ctx);
    RedisModuleCallReply *reply =
        RedisModule_Call(ctx, cstr(argv[1]), "Ev", argv + 2, (size_t)(argc - 2));
    if (reply == NULL) return RedisModule_ReplyWithSimpleString(ctx, "no reply");
    RedisModule_ReplyWithCallReply(ctx, reply);
    RedisModule_FreeCallReply(reply);
    return REDISMODULE_OK;
}

/* serverevents.unlinkkey key: by the API */
static int unlink_key(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_WRITE);
    int status = RedisModule_UnlinkKey(key);
    RedisModule_CloseKey(key);
    return reply_status(ctx, status);
}

/* serverevents.stringset key value: by the API */
static int string_set(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_WRITE);
    int status = RedisModule_StringSet(key, argv[2]);
    RedisModule_CloseKey(key);
    return reply_status(ctx, status);
}

static const struct command commands[] = {
    {"serverevents.subscribetoserverevent", subscribe, "", 0, 0, 0},
    {"serverevents.unsubscribe", unsubscribe, "", 0, 0, 0},
    {"serverevents.issubeventsupported", supported, "", 0, 0, 0},
    {"serverevents.log", get_log, "", 0, 0, 0},
    {"serverevents.loops", loops, "", 0, 0, 0},
    {"serverevents.call", call, "", 0, 0, 0},
    {"serverevents.unlinkkey", unlink_key, "write", 1, 1, 1},
    {"serverevents.stringset", string_set, "write", 1, 1, 1},
};

TEST_MODULE("serverevents", commands)
