/* info.c: fields in INFO, and INFO read by a module. */

#include "testmodule.h"

static int crashed; /* what for_crash_report was last */
static int results[24];
static int nresults;

#define KEEP(expr)                                                                                 \
    do {                                                                                           \
        int status_ = (expr);                                                                      \
        if (nresults < 24)                                                                         \
            results[nresults++] = status_;                                                         \
    } while (0)

static void on_info(RedisModuleInfoCtx *info, int for_crash_report) {
    crashed = for_crash_report;
    nresults = 0;
    RedisModuleString *s = RedisModule_CreateString(NULL, "a string", 8);
    /* Before any section: refused. */
    KEEP(RedisModule_InfoAddFieldLongLong(info, "nosection", 1));
    /* The section without a name is called like the module. */
    KEEP(RedisModule_InfoAddSection(info, ""));
    KEEP(RedisModule_InfoAddFieldLongLong(info, "longlong", -42));
    KEEP(RedisModule_InfoAddFieldULongLong(info, "ulonglong", 18446744073709551615ULL));
    KEEP(RedisModule_InfoAddFieldDouble(info, "double", 3.1415926535897931));
    KEEP(RedisModule_InfoAddFieldCString(info, "cstring", "a C string"));
    KEEP(RedisModule_InfoAddFieldString(info, "string", s));
    /* Not asked for, perhaps: then the section and its fields are skipped. */
    KEEP(RedisModule_InfoAddSection(info, "other"));
    KEEP(RedisModule_InfoAddFieldLongLong(info, "inother", 1));
    KEEP(RedisModule_InfoAddFieldDouble(info, "large", 1e30));
    KEEP(RedisModule_InfoAddFieldDouble(info, "infinite", REDISMODULE_POSITIVE_INFINITE));
    KEEP(RedisModule_InfoAddFieldCString(info, "unsafe", "colon: hash# line\nend"));
    KEEP(RedisModule_InfoAddSection(info, "dicts"));
    KEEP(RedisModule_InfoBeginDictField(info, "dict"));
    KEEP(RedisModule_InfoAddFieldLongLong(info, "a", 1));
    KEEP(RedisModule_InfoAddFieldCString(info, "b", "two"));
    KEEP(RedisModule_InfoEndDictField(info));
    KEEP(RedisModule_InfoBeginDictField(info, "left_open"));
    KEEP(RedisModule_InfoAddFieldLongLong(info, "a", 1));
    /* The next dictionary or section closes one that was left open. */
    KEEP(RedisModule_InfoBeginDictField(info, "next"));
    KEEP(RedisModule_InfoAddFieldLongLong(info, "b", 2));
    KEEP(RedisModule_InfoAddSection(info, "last"));
    KEEP(RedisModule_InfoEndDictField(info));
    RedisModule_FreeString(NULL, s);
}

/* info.statuses: what the functions returned when INFO was last asked for */
static int statuses(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, nresults + 1);
    RedisModule_ReplyWithLongLong(ctx, crashed);
    for (int i = 0; i < nresults; i++)
        reply_status(ctx, results[i]);
    return REDISMODULE_OK;
}

/* info.serverinfogetfield section field: [string, C string, signed, errno-like, unsigned, ...,
 * double, ...] */
static int get_field(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    RedisModule_AutoMemory(ctx);
    RedisModuleServerInfoData *info = RedisModule_GetServerInfo(ctx, cstr(argv[1]));
    const char *field = cstr(argv[2]);
    int error = -7;
    RedisModule_ReplyWithArray(ctx, 8);
    reply_string(ctx, RedisModule_ServerInfoGetField(ctx, info, field));
    const char *c = RedisModule_ServerInfoGetFieldC(info, field);
    c ? RedisModule_ReplyWithCString(ctx, c) : RedisModule_ReplyWithNull(ctx);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_ServerInfoGetFieldSigned(info, field, &error));
    RedisModule_ReplyWithLongLong(ctx, error);
    error = -7;
    reply_string(ctx,
                 RedisModule_CreateStringPrintf(
                     ctx, "%llu", RedisModule_ServerInfoGetFieldUnsigned(info, field, &error)));
    RedisModule_ReplyWithLongLong(ctx, error);
    error = -7;
    RedisModule_ReplyWithDouble(ctx, RedisModule_ServerInfoGetFieldDouble(info, field, &error));
    return RedisModule_ReplyWithLongLong(ctx, error);
}

/* info.getserverinfo section field: is the field there? */
static int has_field(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    RedisModuleServerInfoData *info = RedisModule_GetServerInfo(ctx, cstr(argv[1]));
    int there = RedisModule_ServerInfoGetFieldC(info, cstr(argv[2])) != NULL;
    RedisModule_FreeServerInfo(ctx, info);
    return RedisModule_ReplyWithBool(ctx, there);
}

/* info.noctx: without a context */
static int no_ctx(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModuleServerInfoData *info = RedisModule_GetServerInfo(NULL, "server");
    RedisModuleString *s = RedisModule_ServerInfoGetField(NULL, info, "redis_mode");
    RedisModule_FreeServerInfo(NULL, info);
    RedisModule_ReplyWithString(ctx, s);
    RedisModule_FreeString(NULL, s);
    return REDISMODULE_OK;
}

static const struct command commands[] = {
    {"info.statuses", statuses, "", 0, 0, 0},
    {"info.serverinfogetfield", get_field, "", 0, 0, 0},
    {"info.getserverinfo", has_field, "", 0, 0, 0},
    {"info.noctx", no_ctx, "", 0, 0, 0},
};

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "infotest", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    if (RedisModule_RegisterInfoFunc(ctx, on_info) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    return CREATE_COMMANDS(ctx, commands);
}
