/* acl.c: users that modules make, and what users may do. */

#include "testmodule.h"

static RedisModuleUser *made; /* acl.create */

/* acl.create name */
static int create(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    if (made != NULL)
        RedisModule_FreeModuleUser(made);
    made = RedisModule_CreateModuleUser(cstr(argv[1]));
    return reply_status(ctx, made != NULL ? REDISMODULE_OK : REDISMODULE_ERR);
}

/* acl.free */
static int free_user(RedisModuleCtx *ctx, RedisModuleString **argv UNUSED, int argc) {
    ARITY(1);
    if (made != NULL)
        RedisModule_FreeModuleUser(made);
    made = NULL;
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* "-" is the user of acl.create, another name one of the server's. */
static RedisModuleUser *user_of(RedisModuleString *name) {
    return is(name, "-") ? made : RedisModule_GetModuleUserFromUserName(name);
}

static void done(RedisModuleUser *u) {
    if (u != made && u != NULL)
        RedisModule_FreeModuleUser(u);
}

#define USER(u, arg)                                                                               \
    RedisModuleUser *u = user_of(arg);                                                             \
    if (u == NULL)                                                                                 \
    return RedisModule_ReplyWithNull(ctx)

/* acl.set user rule: [result, errno] */
static int set(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    USER(u, argv[1]);
    errno = 0;
    int status = RedisModule_SetModuleUserACL(u, cstr(argv[2]));
    int error = errno;
    done(u);
    return reply_number_errno(ctx, status, error);
}

/* acl.setstring user rules: [status, error] */
static int set_string(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    USER(u, argv[1]);
    RedisModuleString *why = NULL;
    int status = RedisModule_SetModuleUserACLString(ctx, u, cstr(argv[2]), &why);
    done(u);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    return reply_string(ctx, why);
}

/* acl.setstringnull user rules */
static int set_string_null(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    USER(u, argv[1]);
    int status = RedisModule_SetModuleUserACLString(ctx, u, cstr(argv[2]), NULL);
    done(u);
    return reply_status(ctx, status);
}

/* acl.get user */
static int get(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    USER(u, argv[1]);
    RedisModuleString *s = RedisModule_GetModuleUserACLString(u);
    done(u);
    RedisModule_ReplyWithString(ctx, s);
    RedisModule_FreeString(NULL, s);
    return REDISMODULE_OK;
}

/* acl.command user command [arg ...]: [status, errno] */
static int check_command(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 3)
        return RedisModule_WrongArity(ctx);
    USER(u, argv[1]);
    errno = 0;
    int status = RedisModule_ACLCheckCommandPermissions(u, argv + 2, argc - 2);
    int error = errno;
    done(u);
    return reply_status_errno(ctx, status, error);
}

/* acl.key user key flags: [status, errno] */
static int check_key(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(flags, argv[3]);
    USER(u, argv[1]);
    errno = 0;
    int status = RedisModule_ACLCheckKeyPermissions(u, argv[2], (int)flags);
    int error = errno;
    done(u);
    return reply_status_errno(ctx, status, error);
}

/* acl.prefix user prefix flags: [status, errno] */
static int check_prefix(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(flags, argv[3]);
    USER(u, argv[1]);
    errno = 0;
    int status = RedisModule_ACLCheckKeyPrefixPermissions(u, argv[2], (int)flags);
    int error = errno;
    done(u);
    return reply_status_errno(ctx, status, error);
}

/* acl.channel user channel flags: [status, errno] */
static int check_channel(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(flags, argv[3]);
    USER(u, argv[1]);
    errno = 0;
    int status = RedisModule_ACLCheckChannelPermissions(u, argv[2], (int)flags);
    int error = errno;
    done(u);
    return reply_status_errno(ctx, status, error);
}

/* acl.log user object reason */
static int log_entry(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(reason, argv[3]);
    USER(u, argv[1]);
    RedisModule_ACLAddLogEntry(ctx, u, argv[2], (RedisModuleACLLogEntryReason)reason);
    done(u);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* acl.logname name object reason */
static int log_name(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(reason, argv[3]);
    RedisModule_ACLAddLogEntryByUserName(ctx, argv[1], argv[2],
                                         (RedisModuleACLLogEntryReason)reason);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

static int call(RedisModuleCtx *ctx, const char *fmt, RedisModuleString **argv, int argc) {
    errno = 0;
    RedisModuleCallReply *r =
        RedisModule_Call(ctx, cstr(argv[0]), fmt, argv + 1, (size_t)(argc - 1));
    int error = errno;
    if (r == NULL)
        return reply_errno(ctx, error);
    RedisModule_ReplyWithCallReply(ctx, r);
    RedisModule_FreeCallReply(r);
    return REDISMODULE_OK;
}

/* acl.call command [arg ...]: with the rights of the client */
static int call_as_client(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    return call(ctx, "vC", argv + 1, argc - 1);
}

/* acl.callerror command [arg ...]: the same, with errors as replies */
static int call_error(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    return call(ctx, "vCE", argv + 1, argc - 1);
}

/* acl.callplain command [arg ...]: as nobody in particular */
static int call_plain(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    return call(ctx, "vE", argv + 1, argc - 1);
}

/* acl.callas user command [arg ...]: with those of a user */
static int call_as_user(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 3)
        return RedisModule_WrongArity(ctx);
    USER(u, argv[1]);
    RedisModule_SetContextUser(ctx, u);
    int r = call(ctx, "vCE", argv + 2, argc - 2);
    RedisModule_SetContextUser(ctx, NULL);
    done(u);
    return r;
}

static int nothing(RedisModuleCtx *ctx, RedisModuleString **argv UNUSED, int argc UNUSED) {
    return RedisModule_ReplyWithSimpleString(ctx, "did it");
}

static int getkeys(RedisModuleCtx *ctx, RedisModuleString **argv UNUSED, int argc) {
    if (RedisModule_IsKeysPositionRequest(ctx)) {
        for (int i = 1; i < argc; i++)
            RedisModule_KeyAtPosWithFlags(ctx, i,
                                          i % 2 ? REDISMODULE_CMD_KEY_RO | REDISMODULE_CMD_KEY_ACCESS
                                                : REDISMODULE_CMD_KEY_OW | REDISMODULE_CMD_KEY_UPDATE);
        return REDISMODULE_OK;
    }
    return RedisModule_ReplyWithSimpleString(ctx, "did it");
}

static int getchannels(RedisModuleCtx *ctx, RedisModuleString **argv UNUSED, int argc) {
    if (RedisModule_IsChannelsPositionRequest(ctx)) {
        for (int i = 1; i < argc; i++)
            RedisModule_ChannelAtPosWithFlags(
                ctx, i,
                i == 1   ? REDISMODULE_CMD_CHANNEL_PUBLISH
                : i == 2 ? REDISMODULE_CMD_CHANNEL_SUBSCRIBE | REDISMODULE_CMD_CHANNEL_PATTERN
                         : REDISMODULE_CMD_CHANNEL_UNSUBSCRIBE);
        return REDISMODULE_OK;
    }
    return RedisModule_ReplyWithSimpleString(ctx, "did it");
}

static int categorised(RedisModuleCtx *ctx, const char *name, const char *flags,
                       const char *categories) {
    if (RedisModule_CreateCommand(ctx, name, nothing, flags, 1, 1, 1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    return RedisModule_SetCommandACLCategories(RedisModule_GetCommand(ctx, name), categories);
}

static const struct command commands[] = {
    {"acl.create", create, "", 0, 0, 0},
    {"acl.free", free_user, "", 0, 0, 0},
    {"acl.set", set, "", 0, 0, 0},
    {"acl.setstring", set_string, "", 0, 0, 0},
    {"acl.setstringnull", set_string_null, "", 0, 0, 0},
    {"acl.get", get, "", 0, 0, 0},
    {"acl.command", check_command, "", 0, 0, 0},
    {"acl.key", check_key, "", 0, 0, 0},
    {"acl.prefix", check_prefix, "", 0, 0, 0},
    {"acl.channel", check_channel, "", 0, 0, 0},
    {"acl.log", log_entry, "", 0, 0, 0},
    {"acl.logname", log_name, "", 0, 0, 0},
    {"acl.call", call_as_client, "", 0, 0, 0},
    {"acl.callerror", call_error, "", 0, 0, 0},
    {"acl.callplain", call_plain, "", 0, 0, 0},
    {"acl.callas", call_as_user, "", 0, 0, 0},
    {"acl.plainkey", nothing, "readonly", 1, 1, 1},
    {"acl.getkeys", getkeys, "getkeys-api", 0, 0, 0},
    {"acl.getchannels", getchannels, "getchannels-api", 0, 0, 0},
};

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "acl", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR ||
        CREATE_COMMANDS(ctx, commands) == REDISMODULE_ERR ||
        RedisModule_AddACLCategory(ctx, "own") == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    if (categorised(ctx, "acl.own", "readonly", "own") == REDISMODULE_ERR ||
        categorised(ctx, "acl.ownread", "readonly", "own read") == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    return REDISMODULE_OK;
}
