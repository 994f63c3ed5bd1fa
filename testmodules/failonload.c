/* failonload.c: registers one of everything and then fails to load. Nothing of it may remain.
 *
 * With the argument gentle it makes no timer: Redis 8.0 lets the timer of a module that failed fire
 * into the void. With the argument succeed it loads after all. */

#include "testmodule.h"

static int touched; /* callbacks that were called after OnLoad failed would count here */

static int command(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    return RedisModule_ReplyWithLongLong(ctx, touched);
}

static void on_timer(RedisModuleCtx *ctx, void *data) {
    REDISMODULE_NOT_USED(ctx);
    REDISMODULE_NOT_USED(data);
    touched++;
}

static int on_event(RedisModuleCtx *ctx, int type, const char *event, RedisModuleString *key) {
    REDISMODULE_NOT_USED(ctx);
    REDISMODULE_NOT_USED(type);
    REDISMODULE_NOT_USED(event);
    REDISMODULE_NOT_USED(key);
    touched++;
    return REDISMODULE_OK;
}

static void on_command(RedisModuleCommandFilterCtx *filter) {
    REDISMODULE_NOT_USED(filter);
    touched++;
}

static void on_info(RedisModuleInfoCtx *info, int for_crash_report) {
    REDISMODULE_NOT_USED(for_crash_report);
    RedisModule_InfoAddSection(info, "");
    RedisModule_InfoAddFieldLongLong(info, "touched", touched);
}

static void on_server_event(RedisModuleCtx *ctx, RedisModuleEvent e, uint64_t sub, void *data) {
    REDISMODULE_NOT_USED(ctx);
    REDISMODULE_NOT_USED(e);
    REDISMODULE_NOT_USED(sub);
    REDISMODULE_NOT_USED(data);
    touched++;
}

static int get_bool(const char *name, void *value) {
    REDISMODULE_NOT_USED(name);
    return *(int *)value;
}

static int set_bool(const char *name, int b, void *value, RedisModuleString **err) {
    REDISMODULE_NOT_USED(name);
    REDISMODULE_NOT_USED(err);
    *(int *)value = b;
    return REDISMODULE_OK;
}

static void free_value(void *value) { REDISMODULE_NOT_USED(value); }

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    static int flag;
    if (RedisModule_Init(ctx, "failonload", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    int succeed = argc == 1 && is(argv[0], "succeed");
    int gentle = argc == 1 && is(argv[0], "gentle");
    RedisModule_CreateCommand(ctx, "failonload.command", command, "", 0, 0, 0);
    RedisModule_CreateCommand(ctx, "failonload.parent", NULL, "", 0, 0, 0);
    RedisModule_CreateSubcommand(RedisModule_GetCommand(ctx, "failonload.parent"), "sub", command,
                                 "", 0, 0, 0);
    RedisModule_RegisterBoolConfig(ctx, "flag", 0, 0, get_bool, set_bool, NULL, &flag);
    RedisModule_LoadConfigs(ctx);
    RedisModule_RegisterInfoFunc(ctx, on_info);
    RedisModule_ExportSharedAPI(ctx, "failonload.api", (void *)(uintptr_t)free_value);
    RedisModule_SubscribeToKeyspaceEvents(ctx, REDISMODULE_NOTIFY_ALL, on_event);
    RedisModule_SubscribeToServerEvent(ctx, RedisModuleEvent_ModuleChange, on_server_event);
    RedisModule_RegisterCommandFilter(ctx, on_command, 0);
    if (!succeed) {
        /* A type would keep a module that did load from being unloaded. */
        RedisModuleTypeMethods methods = {.version = REDISMODULE_TYPE_METHOD_VERSION,
                                          .free = free_value};
        RedisModule_CreateDataType(ctx, "failonld1", 0, &methods);
        if (!gentle)
            RedisModule_CreateTimer(ctx, 10, on_timer, NULL);
    }
    return succeed ? REDISMODULE_OK : REDISMODULE_ERR;
}
