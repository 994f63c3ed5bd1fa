/* valkey: a module of Valkey. It asks for the functions under their names there, and so means by
 * the numbers that the two servers use differently what Valkey means. */

#define REDISMODULE_VALKEY
#include "testmodule.h"

#include <stdarg.h>

/* valkey.all: what the *All functions answer */
static int all(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, 6);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_GetServerVersion() >> 8);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_GetContextFlagsAll());
    RedisModule_ReplyWithLongLong(ctx, RedisModule_GetModuleOptionsAll());
    RedisModule_ReplyWithLongLong(ctx, RedisModule_GetKeyspaceNotificationFlagsAll());
    RedisModule_ReplyWithLongLong(ctx, RedisModule_GetOpenKeyModesAll());
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_GetTypeMethodVersion());
}

/* valkey.contextflags: without those that depend on how the server was started */
static int context_flags(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithLongLong(
        ctx, RedisModule_GetContextFlags(ctx) &
                 ~(REDISMODULE_CTX_FLAGS_RDB | REDISMODULE_CTX_FLAGS_AOF));
}

/* valkey.clientflags id */
static int client_flags(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(id, argv[1]);
    RedisModuleClientInfo info = {.version = REDISMODULE_CLIENTINFO_VERSION};
    if (RedisModule_GetClientInfoById(&info, (uint64_t)id) == REDISMODULE_ERR)
        return RedisModule_ReplyWithSimpleString(ctx, "ERR");
    return RedisModule_ReplyWithLongLong(ctx, (long long)info.flags);
}

/* valkey.error counted text */
static int custom_error(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(counted, argv[1]);
    return ValkeyModule_ReplyWithCustomErrorFormat(ctx, (int)counted, "%s %d", cstr(argv[2]), 5);
}

/* valkey.runtimeargs [arg ...] */
static int runtime_args(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    return reply_status(ctx, ValkeyModule_UpdateRuntimeArgs(ctx, argv, argc));
}

/* valkey.prefix user prefix flags: [status, errno] */
static int check_prefix(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(flags, argv[3]);
    RedisModuleUser *u = RedisModule_GetModuleUserFromUserName(argv[1]);
    size_t len;
    const char *prefix = RedisModule_StringPtrLen(argv[2], &len);
    errno = 0;
    int status = ValkeyModule_ACLCheckKeyPrefixPermissions(u, prefix, len, (unsigned)flags);
    int error = errno;
    RedisModule_FreeModuleUser(u);
    return reply_status_errno(ctx, status, error);
}

/* valkey.permitted user database command [arg ...]: [status, errno, reason] */
static int check_command(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    INTEGER(db, argv[2]);
    RedisModuleUser *u = RedisModule_GetModuleUserFromUserName(argv[1]);
    RedisModuleACLLogEntryReason reason = 99;
    errno = 0;
    int status = ValkeyModule_ACLCheckPermissions(u, argv + 3, argc - 3, (int)db, &reason);
    int error = errno;
    RedisModule_FreeModuleUser(u);
    RedisModule_ReplyWithArray(ctx, 3);
    reply_status(ctx, status);
    reply_errno(ctx, error);
    return RedisModule_ReplyWithLongLong(ctx, reason);
}

static int must_obey(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, ValkeyModule_MustObeyClient(ctx));
    return RedisModule_ReplyWithLongLong(ctx, ValkeyModule_MustObeyClient(NULL));
}

/* valkey.keyslotc key */
static int key_slot(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    size_t n;
    const char *p = RedisModule_StringPtrLen(argv[1], &n);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_ClusterKeySlotC(p, n));
}

/* valkey.has: which of some functions the module has been given */
static int has(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, 5);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_ConfigGet != NULL);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_HashFieldMinExpire != NULL);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_LoadDefaultConfigs != NULL);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_GetInternalSecret != NULL);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_TryRealloc != NULL);
}

/* ---- Events of Valkey alone ---- */

static char seen[8192];

static void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *fmt, ...) {
    size_t n = strlen(seen);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(seen + n, sizeof seen - n, fmt, ap);
    va_end(ap);
}

static void on_event(RedisModuleCtx *ctx, RedisModuleEvent event, uint64_t sub, void *data) {
    REDISMODULE_NOT_USED(ctx);
    note("%d/%d", (int)event.id, (int)sub);
    if (event.id == VALKEYMODULE_EVENT_AUTHENTICATION_ATTEMPT) {
        ValkeyModuleAuthenticationInfo *a = data;
        note(" v%d %s by %s: %d", (int)a->version, a->username,
             a->module_name ? a->module_name : "server", a->result);
    } else {
        ValkeyModuleCommandResultInfo *c = data;
        note(" v%d %s%s", (int)c->version, c->command_name ? c->command_name : "(none)",
             c->is_module_client ? " of a module" : "");
        for (int i = 0; i < c->argc; i++)
            note(" <%s>", cstr(c->argv[i]));
        note(" dirty %lld%s", c->dirty, c->duration_us < 0 ? " before it began" : "");
        if (c->rejection_context)
            note(" because %s", c->rejection_context);
    }
    note("\n");
}

/* valkey.listen [event ...]: to these, and no others; replies each status and whether subevent 0 is
 * known */
static int listen_to(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    for (int id = VALKEYMODULE_EVENT_AUTHENTICATION_ATTEMPT; id < _VALKEYMODULE_EVENT_NEXT; id++)
        RedisModule_SubscribeToServerEvent(ctx, (RedisModuleEvent){(uint64_t)id, 1}, NULL);
    RedisModule_ReplyWithArray(ctx, (argc - 1) * 2);
    for (int i = 1; i < argc; i++) {
        INTEGER(id, argv[i]);
        RedisModuleEvent e = {(uint64_t)id, 1};
        reply_status(ctx, RedisModule_SubscribeToServerEvent(ctx, e, on_event));
        RedisModule_ReplyWithLongLong(ctx, RedisModule_IsSubEventSupported(e, 0));
    }
    return REDISMODULE_OK;
}

/* valkey.seen: the events since the last time */
static int get_seen(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithCString(ctx, seen);
    seen[0] = 0;
    return REDISMODULE_OK;
}

/* valkey.call command [arg ...] */
static int call(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    RedisModuleCallReply *r = RedisModule_Call(ctx, cstr(argv[1]), "v", argv + 2, (size_t)argc - 2);
    if (r == NULL)
        return RedisModule_ReplyWithNull(ctx);
    RedisModule_ReplyWithCallReply(ctx, r);
    RedisModule_FreeCallReply(r);
    return REDISMODULE_OK;
}

/* valkey.subevents event: which of the first eight are known */
static int subevents(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(id, argv[1]);
    RedisModule_ReplyWithArray(ctx, 8);
    for (uint64_t i = 0; i < 8; i++)
        RedisModule_ReplyWithLongLong(
            ctx, RedisModule_IsSubEventSupported((RedisModuleEvent){(uint64_t)id, 1}, i));
    return REDISMODULE_OK;
}

/* ---- Numbers without a sign ---- */

static unsigned long long big = 1, small = 2, memory = 3, loaded;

static unsigned long long get_number(const char *name, void *privdata) {
    REDISMODULE_NOT_USED(name);
    return *(unsigned long long *)privdata;
}

static int set_number(const char *name, unsigned long long value, void *privdata,
                      RedisModuleString **err) {
    loaded++;
    if (value == 13) {
        *err = RedisModule_CreateStringPrintf(NULL, "%s has bad luck", name);
        return REDISMODULE_ERR;
    }
    *(unsigned long long *)privdata = value;
    return REDISMODULE_OK;
}

static long long get_signed(const char *name, void *privdata) {
    REDISMODULE_NOT_USED(name);
    return *(long long *)privdata;
}

static int set_signed(const char *name, long long value, void *privdata, RedisModuleString **err) {
    REDISMODULE_NOT_USED(name);
    REDISMODULE_NOT_USED(err);
    *(long long *)privdata = value;
    return REDISMODULE_OK;
}

static long long with_flag;
static int results[6];

/* valkey.results: of registering, in order */
static int get_results(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, 6);
    for (int i = 0; i < 6; i++)
        reply_status(ctx, results[i]);
    return REDISMODULE_OK;
}

static const struct command commands[] = {
    {"valkey.prefix", check_prefix, "", 0, 0, 0},
    {"valkey.permitted", check_command, "", 0, 0, 0},
    {"valkey.all", all, "", 0, 0, 0},
    {"valkey.contextflags", context_flags, "", 0, 0, 0},
    {"valkey.clientflags", client_flags, "", 0, 0, 0},
    {"valkey.error", custom_error, "", 0, 0, 0},
    {"valkey.runtimeargs", runtime_args, "", 0, 0, 0},
    {"valkey.mustobey", must_obey, "", 0, 0, 0},
    {"valkey.listen", listen_to, "", 0, 0, 0},
    {"valkey.subevents", subevents, "", 0, 0, 0},
    {"valkey.seen", get_seen, "", 0, 0, 0},
    {"valkey.call", call, "", 0, 0, 0},
    {"valkey.keyslotc", key_slot, "", 0, 0, 0},
    {"valkey.has", has, "", 0, 0, 0},
    {"valkey.results", get_results, "", 0, 0, 0},
};

int ValkeyModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "valkey", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR ||
        CREATE_COMMANDS(ctx, commands) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    results[0] = ValkeyModule_RegisterUnsignedNumericConfig(
        ctx, "big", UINT64_MAX, 0, 5, UINT64_MAX, get_number, set_number, NULL, &big);
    results[1] = ValkeyModule_RegisterUnsignedNumericConfig(
        ctx, "small", 3, VALKEYMODULE_CONFIG_UNSIGNED, 0, 20, get_number, set_number, NULL, &small);
    results[2] = ValkeyModule_RegisterUnsignedNumericConfig(ctx, "memory", 3,
                                                            REDISMODULE_CONFIG_MEMORY, 0, 1LL << 40,
                                                            get_number, set_number, NULL, &memory);
    results[3] = RedisModule_RegisterNumericConfig(ctx, "withflag", 3, VALKEYMODULE_CONFIG_UNSIGNED,
                                                   0, 10, get_signed, set_signed, NULL, &with_flag);
    results[4] = ValkeyModule_RegisterUnsignedNumericConfig(ctx, "small", 3, 0, 0, 20, get_number,
                                                            set_number, NULL, &small);
    results[5] = ValkeyModule_RegisterUnsignedNumericConfig(
        ctx, "flags", 3, REDISMODULE_CONFIG_BITFLAGS, 0, 20, get_number, set_number, NULL, &small);
    return RedisModule_LoadConfigs(ctx);
}
