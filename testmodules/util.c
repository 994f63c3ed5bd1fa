/* util.c: clients, context flags, versions, clocks, random bytes, publishing, logging. */

#include "testmodule.h"

/* ---- Clients ---- */

/* util.getclientid: is it the one that CLIENT ID gives? */
static int client_id(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(id, argv[1]);
    return RedisModule_ReplyWithBool(ctx, RedisModule_GetClientId(ctx) == (unsigned long long)id);
}

/* util.getclientinfobyid id: [status, version, flags, id, database, address known, port known] */
static int client_info(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(id, argv[1]);
    RedisModuleClientInfo info = REDISMODULE_CLIENTINFO_INITIALIZER_V1;
    int status = RedisModule_GetClientInfoById(&info, id);
    if (status == REDISMODULE_ERR)
        return reply_status(ctx, status);
    RedisModule_ReplyWithArray(ctx, 7);
    reply_status(ctx, status);
    RedisModule_ReplyWithLongLong(ctx, info.version);
    RedisModule_ReplyWithLongLong(ctx, info.flags);
    RedisModule_ReplyWithBool(ctx, info.id == (uint64_t)id);
    RedisModule_ReplyWithLongLong(ctx, info.db);
    RedisModule_ReplyWithCString(ctx, info.addr);
    return RedisModule_ReplyWithBool(ctx, info.port != 0);
}

/* util.clientinfonull id: without a place to put it: does the client exist? */
static int client_info_null(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(id, argv[1]);
    return reply_status(ctx, RedisModule_GetClientInfoById(NULL, id));
}

/* util.getclientnamebyid id: [name, errno] */
static int client_name(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(id, argv[1]);
    errno = 0;
    RedisModuleString *s = RedisModule_GetClientNameById(ctx, id);
    int error = errno;
    RedisModule_ReplyWithArray(ctx, 2);
    reply_string(ctx, s);
    return reply_errno(ctx, error);
}

/* util.setclientnamebyid id name: [status, errno] */
static int set_client_name(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(id, argv[1]);
    errno = 0;
    int status = RedisModule_SetClientNameById(id, argv[2]);
    return reply_status_errno(ctx, status, errno);
}

/* util.getclientusernamebyid id: [name, errno] */
static int client_user(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(id, argv[1]);
    errno = 0;
    RedisModuleString *s = RedisModule_GetClientUserNameById(ctx, id);
    int error = errno;
    RedisModule_ReplyWithArray(ctx, 2);
    reply_string(ctx, s);
    return reply_errno(ctx, error);
}

/* util.getcurrentusername */
static int current_user(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return reply_string(ctx, RedisModule_GetCurrentUserName(ctx));
}

/* ---- Flags ---- */

static const struct {
    int flag;
    const char *name;
} flag_names[] = {
    {REDISMODULE_CTX_FLAGS_LUA, "lua"},
    {REDISMODULE_CTX_FLAGS_MULTI, "multi"},
    {REDISMODULE_CTX_FLAGS_MASTER, "master"},
    {REDISMODULE_CTX_FLAGS_SLAVE, "slave"},
    {REDISMODULE_CTX_FLAGS_READONLY, "readonly"},
    {REDISMODULE_CTX_FLAGS_CLUSTER, "cluster"},
    {REDISMODULE_CTX_FLAGS_AOF, "aof"},
    {REDISMODULE_CTX_FLAGS_RDB, "rdb"},
    {REDISMODULE_CTX_FLAGS_MAXMEMORY, "maxmemory"},
    {REDISMODULE_CTX_FLAGS_EVICT, "evict"},
    {REDISMODULE_CTX_FLAGS_OOM, "oom"},
    {REDISMODULE_CTX_FLAGS_OOM_WARNING, "oom-warning"},
    {REDISMODULE_CTX_FLAGS_REPLICATED, "replicated"},
    {REDISMODULE_CTX_FLAGS_LOADING, "loading"},
    {REDISMODULE_CTX_FLAGS_ACTIVE_CHILD, "active-child"},
    {REDISMODULE_CTX_FLAGS_MULTI_DIRTY, "multi-dirty"},
    {REDISMODULE_CTX_FLAGS_IS_CHILD, "is-child"},
    {REDISMODULE_CTX_FLAGS_DENY_BLOCKING, "deny-blocking"},
    {REDISMODULE_CTX_FLAGS_RESP3, "resp3"},
    {REDISMODULE_CTX_FLAGS_SERVER_STARTUP, "startup"},
    {REDISMODULE_CTX_FLAGS_DEBUG_ENABLED, "debug"},
};

static int load_flags;

static int reply_flags(RedisModuleCtx *ctx, int flags) {
    long n = 0;
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    for (size_t i = 0; i < sizeof flag_names / sizeof *flag_names; i++) {
        if (!(flags & flag_names[i].flag))
            continue;
        RedisModule_ReplyWithSimpleString(ctx, flag_names[i].name);
        n++;
    }
    RedisModule_ReplySetArrayLength(ctx, n);
    return REDISMODULE_OK;
}

/* util.getcontextflags */
static int context_flags(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return reply_flags(ctx, RedisModule_GetContextFlags(ctx));
}

/* util.callflags: inside a call */
static int call_flags(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModuleCallReply *reply = RedisModule_Call(ctx, "util.getcontextflags", "");
    RedisModule_ReplyWithCallReply(ctx, reply);
    RedisModule_FreeCallReply(reply);
    return REDISMODULE_OK;
}

/* util.loadflags: in OnLoad */
static int get_load_flags(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return reply_flags(ctx, load_flags);
}

/* util.all: [GetContextFlagsAll, GetModuleOptionsAll, GetServerVersion, AvoidReplicaTraffic] */
static int all(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, 4);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_GetContextFlagsAll());
    RedisModule_ReplyWithLongLong(ctx, RedisModule_GetModuleOptionsAll());
    RedisModule_ReplyWithLongLong(ctx, RedisModule_GetServerVersion());
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_AvoidReplicaTraffic());
}

/* util.issubeventsupported event subevent */
static int sub_event(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(event, argv[1]);
    INTEGER(subevent, argv[2]);
    RedisModuleEvent e = {event, 1};
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_IsSubEventSupported(e, subevent));
}

/* util.getapi name: does the server have the function? */
static int get_api(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    void *pointer = NULL;
    int status = RedisModule_GetApi(cstr(argv[1]), &pointer);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    return RedisModule_ReplyWithBool(ctx, pointer != NULL);
}

/* ---- Clocks and chance ---- */

/* util.clocks: is each about what the others say, and does none go backwards? */
static int clocks(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    mstime_t ms = RedisModule_Milliseconds();
    ustime_t us = RedisModule_Microseconds(), cached = RedisModule_CachedMicroseconds();
    uint64_t mono = RedisModule_MonotonicMicroseconds();
    RedisModule_ReplyWithArray(ctx, 4);
    RedisModule_ReplyWithBool(ctx, ms > 1600000000000LL);
    RedisModule_ReplyWithBool(ctx, us / 1000 - ms < 1000 && us / 1000 >= ms);
    RedisModule_ReplyWithBool(ctx, cached <= us && us - cached < 1000000);
    return RedisModule_ReplyWithBool(ctx, RedisModule_MonotonicMicroseconds() >= mono);
}

/* util.cachedmicroseconds: the same throughout a command */
static int cached_clock(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    ustime_t first = RedisModule_CachedMicroseconds();
    mstime_t start = RedisModule_Milliseconds();
    while (RedisModule_Milliseconds() < start + 3) {
    }
    return RedisModule_ReplyWithBool(ctx, RedisModule_CachedMicroseconds() == first);
}

/* util.getrandombytes n: do two draws differ? */
static int random_bytes(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(n, argv[1]);
    unsigned char a[256] = {0}, b[256] = {0};
    if (n < 0 || n > 256)
        n = 256;
    RedisModule_GetRandomBytes(a, n);
    RedisModule_GetRandomBytes(b, n);
    return RedisModule_ReplyWithBool(ctx, memcmp(a, b, 256) != 0);
}

/* util.getrandomhexchars n */
static int random_hex(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(n, argv[1]);
    char a[257];
    if (n < 0 || n > 256)
        n = 256;
    RedisModule_GetRandomHexChars(a, n);
    return RedisModule_ReplyWithStringBuffer(ctx, a, n);
}

/* ---- Publishing, logging, and the rest ---- */

/* util.publishmessage channel message */
static int publish(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_PublishMessage(ctx, argv[1], argv[2]));
}

/* util.publishmessageshard channel message */
static int publish_shard(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    return RedisModule_ReplyWithLongLong(ctx,
                                         RedisModule_PublishMessageShard(ctx, argv[1], argv[2]));
}

/* util.log level text */
static int log_(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    RedisModule_Log(ctx, cstr(argv[1]), "%s", cstr(argv[2]));
    RedisModule_Log(NULL, cstr(argv[1]), "%s without a context", cstr(argv[2]));
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* util.longlog length */
static int long_log(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(n, argv[1]);
    char *s = RedisModule_Calloc(1, n + 1);
    memset(s, 'l', n);
    RedisModule_Log(ctx, REDISMODULE_LOGLEVEL_NOTICE, "%s", s);
    RedisModule_Free(s);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* util.latencyaddsample event ms */
static int latency(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(ms, argv[2]);
    RedisModule_LatencyAddSample(cstr(argv[1]), ms);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* util.redactclientcommandargument position secret ...: SLOWLOG shows it redacted */
static int redact(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    INTEGER(position, argv[1]);
    return reply_status(ctx, RedisModule_RedactClientCommandArgument(ctx, (int)position));
}

/* util.yield */
static int yield(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_Yield(ctx, REDISMODULE_YIELD_FLAG_NONE, NULL);
    RedisModule_Yield(ctx, REDISMODULE_YIELD_FLAG_CLIENTS, "busy with this");
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

static const struct command commands[] = {
    {"util.getclientid", client_id, "", 0, 0, 0},
    {"util.getclientinfobyid", client_info, "", 0, 0, 0},
    {"util.clientinfonull", client_info_null, "", 0, 0, 0},
    {"util.getclientnamebyid", client_name, "", 0, 0, 0},
    {"util.setclientnamebyid", set_client_name, "", 0, 0, 0},
    {"util.getclientusernamebyid", client_user, "", 0, 0, 0},
    {"util.getcurrentusername", current_user, "", 0, 0, 0},
    {"util.getcontextflags", context_flags, "", 0, 0, 0},
    {"util.callflags", call_flags, "", 0, 0, 0},
    {"util.loadflags", get_load_flags, "", 0, 0, 0},
    {"util.all", all, "", 0, 0, 0},
    {"util.issubeventsupported", sub_event, "", 0, 0, 0},
    {"util.getapi", get_api, "", 0, 0, 0},
    {"util.clocks", clocks, "", 0, 0, 0},
    {"util.cachedmicroseconds", cached_clock, "", 0, 0, 0},
    {"util.getrandombytes", random_bytes, "", 0, 0, 0},
    {"util.getrandomhexchars", random_hex, "", 0, 0, 0},
    {"util.publishmessage", publish, "", 0, 0, 0},
    {"util.publishmessageshard", publish_shard, "", 0, 0, 0},
    {"util.log", log_, "", 0, 0, 0},
    {"util.longlog", long_log, "", 0, 0, 0},
    {"util.latencyaddsample", latency, "", 0, 0, 0},
    {"util.redactclientcommandargument", redact, "", 0, 0, 0},
    {"util.yield", yield, "", 0, 0, 0},
};

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "util", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    load_flags = RedisModule_GetContextFlags(ctx);
    return CREATE_COMMANDS(ctx, commands);
}
