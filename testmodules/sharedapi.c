/* sharedapi.c: functions offered to other modules. sharedapiuser.c takes them. */

#include "sharedapi.h"

#include "testmodule.h"

static long long add(long long a, long long b) { return a + b; }
static const char *name(void) { return "sharedapi"; }

static int statuses[5];

/* sharedapi.exportsharedapi: what OnLoad got */
static int get_statuses(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, 5);
    for (int i = 0; i < 5; i++)
        reply_status(ctx, statuses[i]);
    return REDISMODULE_OK;
}

/* sharedapi.late name: exported after OnLoad */
static int late(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    static char names[8][32];
    static int next;
    char *n = names[next++ % 8];
    snprintf(n, sizeof *names, "%s", cstr(argv[1]));
    return reply_status(ctx, RedisModule_ExportSharedAPI(ctx, n, (void *)(uintptr_t)name));
}

/* sharedapi.own: a module may take what it exports itself */
static int own(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    sharedapi_add f = (sharedapi_add)(uintptr_t)RedisModule_GetSharedAPI(ctx, "sharedapi.add");
    return RedisModule_ReplyWithLongLong(ctx, f ? f(20, 22) : -1);
}

static const struct command commands[] = {
    {"sharedapi.exportsharedapi", get_statuses, "", 0, 0, 0},
    {"sharedapi.late", late, "", 0, 0, 0},
    {"sharedapi.own", own, "", 0, 0, 0},
};

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "sharedapi", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    statuses[0] = RedisModule_ExportSharedAPI(ctx, "sharedapi.add", (void *)(uintptr_t)add);
    statuses[1] = RedisModule_ExportSharedAPI(ctx, "sharedapi.name", (void *)(uintptr_t)name);
    statuses[2] = RedisModule_ExportSharedAPI(ctx, "sharedapi.add", (void *)(uintptr_t)name);
    statuses[3] = RedisModule_ExportSharedAPI(ctx, "", (void *)(uintptr_t)add);
    statuses[4] = RedisModule_ExportSharedAPI(ctx, "sharedapi.null", NULL);
    return CREATE_COMMANDS(ctx, commands);
}
