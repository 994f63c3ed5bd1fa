/* commands.c: registering commands and subcommands, key specs, command information, key positions.
 *
 * Registration is for OnLoad only, so OnLoad tries everything, also what must fail, and keeps the
 * results; commands.results replies them. */

#include "testmodule.h"

/* ---- Results of OnLoad ---- */

struct result {
    const char *what;
    int status;
    int error; /* errno, where it is documented */
};

static struct result results[160];
static int nresults;

static void note(const char *what, int status, int error) {
    results[nresults++] = (struct result){what, status, error};
}

/* Notes what an expression gives, and errno. */
#define NOTE(what, expr)                                                                           \
    do {                                                                                           \
        errno = 0;                                                                                 \
        int status_ = (expr);                                                                      \
        note(what, status_, errno);                                                                \
    } while (0)

/* commands.results */
static int reply_results(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, nresults);
    for (int i = 0; i < nresults; i++) {
        RedisModule_ReplyWithArray(ctx, 3);
        RedisModule_ReplyWithSimpleString(ctx, results[i].what);
        reply_status(ctx, results[i].status);
        reply_errno(ctx, results[i].status == REDISMODULE_OK ? 0 : results[i].error);
    }
    return REDISMODULE_OK;
}

/* ---- Handlers ---- */

/* Replies the arguments, name included. */
static int echo(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    RedisModule_ReplyWithArray(ctx, argc);
    for (int i = 0; i < argc; i++)
        RedisModule_ReplyWithString(ctx, argv[i]);
    return REDISMODULE_OK;
}

/* commands.getcurrentcommandname */
static int current_name(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    return RedisModule_ReplyWithCString(ctx, RedisModule_GetCurrentCommandName(ctx));
}

/* commands.getkeys key [skip key ...]: keys at the odd positions, told by the command itself */
static int get_keys(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (RedisModule_IsKeysPositionRequest(ctx)) {
        for (int i = 1; i < argc; i += 2)
            RedisModule_KeyAtPos(ctx, i);
        return REDISMODULE_OK;
    }
    return echo(ctx, argv, argc);
}

/* commands.getkeyswithflags key [key ...]: the first is read, the others are written */
static int get_keys_with_flags(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (RedisModule_IsKeysPositionRequest(ctx)) {
        for (int i = 1; i < argc; i++)
            RedisModule_KeyAtPosWithFlags(
                ctx, i,
                i == 1 ? REDISMODULE_CMD_KEY_RO | REDISMODULE_CMD_KEY_ACCESS
                       : REDISMODULE_CMD_KEY_OW | REDISMODULE_CMD_KEY_UPDATE);
        return REDISMODULE_OK;
    }
    return echo(ctx, argv, argc);
}

/* commands.getchannels channel ... */
static int get_channels(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (RedisModule_IsChannelsPositionRequest(ctx)) {
        for (int i = 1; i < argc; i++)
            RedisModule_ChannelAtPosWithFlags(ctx, i, REDISMODULE_CMD_CHANNEL_SUBSCRIBE);
        return REDISMODULE_OK;
    }
    return echo(ctx, argv, argc);
}

/* commands.iskeyspositionrequest: asked outside such a request; telling a position then is no harm
 */
static int no_request(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_KeyAtPos(ctx, 1);
    RedisModule_KeyAtPosWithFlags(ctx, 1, REDISMODULE_CMD_KEY_RO);
    RedisModule_ChannelAtPosWithFlags(ctx, 1, REDISMODULE_CMD_CHANNEL_PUBLISH);
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_IsKeysPositionRequest(ctx));
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_IsChannelsPositionRequest(ctx));
}

/* commands.getcommandkeys command arg ...: positions of the keys, or errno */
static int command_keys(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    int n = -7;
    errno = 0;
    int *keys = RedisModule_GetCommandKeys(ctx, argv + 1, argc - 1, &n);
    int error = errno;
    if (keys == NULL) {
        RedisModule_ReplyWithArray(ctx, 2);
        reply_errno(ctx, error);
        return RedisModule_ReplyWithLongLong(ctx, n);
    }
    RedisModule_ReplyWithArray(ctx, n);
    for (int i = 0; i < n; i++)
        RedisModule_ReplyWithLongLong(ctx, keys[i]);
    RedisModule_Free(keys);
    return REDISMODULE_OK;
}

/* commands.getcommandkeyswithflags command arg ...: position and flags of each key, or errno */
static int command_keys_with_flags(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    int n = -7, *flags = NULL;
    errno = 0;
    int *keys = RedisModule_GetCommandKeysWithFlags(ctx, argv + 1, argc - 1, &n, &flags);
    int error = errno;
    if (keys == NULL)
        return reply_errno(ctx, error);
    RedisModule_ReplyWithArray(ctx, 2L * n);
    for (int i = 0; i < n; i++) {
        RedisModule_ReplyWithLongLong(ctx, keys[i]);
        RedisModule_ReplyWithLongLong(ctx, flags[i]);
    }
    RedisModule_Free(keys);
    RedisModule_Free(flags);
    return REDISMODULE_OK;
}

/* commands.late: registration outside OnLoad */
static int late(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, 3);
    reply_status(ctx, RedisModule_CreateCommand(ctx, "commands.toolate", echo, "", 0, 0, 0));
    RedisModuleCommand *parent = RedisModule_GetCommand(ctx, "commands.parent");
    RedisModule_ReplyWithBool(ctx, parent != NULL);
    return reply_status(ctx, RedisModule_CreateSubcommand(parent, "toolate", echo, "", 0, 0, 0));
}

/* ---- OnLoad ---- */

static void create(RedisModuleCtx *ctx) {
#define CREATE(name, flags, first, last, step)                                                     \
    NOTE(name " '" flags "'", RedisModule_CreateCommand(ctx, name, echo, flags, first, last, step))
    CREATE("commands.noflags", "", 0, 0, 0);
    CREATE("commands.write", "write", 1, 1, 1);
    CREATE("commands.readonly", "readonly", 1, -1, 1);
    CREATE("commands.admin", "admin", 0, 0, 0);
    CREATE("commands.denyoom", "write deny-oom", 1, 1, 1);
    CREATE("commands.denyscript", "deny-script", 0, 0, 0);
    CREATE("commands.allowloading", "allow-loading", 0, 0, 0);
    CREATE("commands.pubsub", "pubsub", 0, 0, 0);
    CREATE("commands.random", "random", 0, 0, 0);
    CREATE("commands.allowstale", "allow-stale", 0, 0, 0);
    CREATE("commands.nomonitor", "no-monitor", 0, 0, 0);
    CREATE("commands.noslowlog", "no-slowlog", 0, 0, 0);
    CREATE("commands.fast", "fast", 0, 0, 0);
    CREATE("commands.noauth", "no-auth", 0, 0, 0);
    CREATE("commands.mayreplicate", "may-replicate", 0, 0, 0);
    CREATE("commands.nomandatorykeys", "no-mandatory-keys", 1, 1, 1);
    CREATE("commands.blocking", "blocking", 0, 0, 0);
    CREATE("commands.allowbusy", "allow-busy", 0, 0, 0);
    CREATE("commands.nocluster", "no-cluster", 0, 0, 0);
    CREATE("commands.internal", "internal", 0, 0, 0);
    CREATE("commands.many", "write deny-oom fast no-monitor allow-stale", 1, 3, 2);
    CREATE("commands.case", "WRITE Deny-OOM", 1, 1, 1);
    CREATE("commands.step", "readonly", 1, -1, 2);
    CREATE("commands.beforelast", "readonly", 2, -2, 1);
    CREATE("commands.lastonly", "readonly", -1, -1, 1);
    CREATE("commands.reversed", "readonly", 3, 1, 1);
    /* refused */
    CREATE("commands.badflag", "nosuchflag", 0, 0, 0);
    CREATE("commands.badflag2", "write nosuchflag", 0, 0, 0);
    CREATE("commands.commas", "write,fast", 0, 0, 0);
    CREATE("commands.write", "readonly", 1, 1, 1);
    CREATE("COMMANDS.WRITE", "readonly", 1, 1, 1);
    CREATE("get", "readonly", 1, 1, 1);
    CREATE("GET", "readonly", 1, 1, 1);
    CREATE("", "readonly", 0, 0, 0);
    CREATE("commands with spaces", "readonly", 0, 0, 0);
    CREATE("//", "readonly", 0, 0, 0);
    CREATE("comment:", "readonly", 0, 0, 0);
    CREATE("commands|pipe", "readonly", 0, 0, 0);
    CREATE("Commands.MixedCase", "readonly", 0, 0, 0);
}

static void create_subcommands(RedisModuleCtx *ctx) {
    RedisModule_CreateCommand(ctx, "commands.parent", NULL, "", 0, 0, 0);
    RedisModuleCommand *parent = RedisModule_GetCommand(ctx, "commands.parent");
    NOTE("parent found", parent == NULL);
    NOTE("sub", RedisModule_CreateSubcommand(parent, "sub", echo, "readonly", 2, 2, 1));
    NOTE("write sub", RedisModule_CreateSubcommand(parent, "put", echo, "write", 2, 2, 1));
    NOTE("sub again", RedisModule_CreateSubcommand(parent, "sub", echo, "", 0, 0, 0));
    NOTE("SUB again", RedisModule_CreateSubcommand(parent, "SUB", echo, "", 0, 0, 0));
    NOTE("bad flag", RedisModule_CreateSubcommand(parent, "bad", echo, "nosuchflag", 0, 0, 0));
    RedisModuleCommand *sub = RedisModule_GetCommand(ctx, "commands.parent|sub");
    NOTE("sub found", sub == NULL);
    NOTE("sub of sub", RedisModule_CreateSubcommand(sub, "deeper", echo, "", 0, 0, 0));
    RedisModuleCommand *leaf = RedisModule_GetCommand(ctx, "commands.write");
    NOTE("sub of a command with a function",
         RedisModule_CreateSubcommand(leaf, "x", echo, "", 0, 0, 0));
    NOTE("no such command", RedisModule_GetCommand(ctx, "commands.nosuch") == NULL);
    NOTE("built-in command", RedisModule_GetCommand(ctx, "get") == NULL);
    NOTE("no such subcommand", RedisModule_GetCommand(ctx, "commands.parent|nosuch") == NULL);
    /* A parent that has a function of its own, called when no subcommand is given. */
    RedisModule_CreateCommand(ctx, "commands.both", echo, "", 0, 0, 0);
    NOTE("sub of both", RedisModule_CreateSubcommand(RedisModule_GetCommand(ctx, "commands.both"),
                                                     "sub", echo, "", 0, 0, 0));
}

static void categories(RedisModuleCtx *ctx) {
    NOTE("category", RedisModule_AddACLCategory(ctx, "commandscategory"));
    NOTE("category again", RedisModule_AddACLCategory(ctx, "commandscategory"));
    NOTE("category of the server", RedisModule_AddACLCategory(ctx, "read"));
    NOTE("category with bad characters", RedisModule_AddACLCategory(ctx, "no spaces"));
    NOTE("category without name", RedisModule_AddACLCategory(ctx, ""));
    RedisModule_CreateCommand(ctx, "commands.acl", echo, "", 0, 0, 0);
    RedisModuleCommand *acl = RedisModule_GetCommand(ctx, "commands.acl");
    NOTE("categories", RedisModule_SetCommandACLCategories(acl, "read string commandscategory"));
    NOTE("no such category", RedisModule_SetCommandACLCategories(acl, "nosuch"));
    NOTE("no category", RedisModule_SetCommandACLCategories(acl, ""));
}

/* A command with everything that SetCommandInfo can say. */
static void information(RedisModuleCtx *ctx) {
    RedisModule_CreateCommand(ctx, "commands.info", echo, "readonly", 0, 0, 0);
    RedisModuleCommand *command = RedisModule_GetCommand(ctx, "commands.info");
    RedisModuleCommandHistoryEntry history[] = {
        {"1.1.0", "Added one thing."}, {"1.2.0", "Added another."}, {0}};
    RedisModuleCommandKeySpec key_specs[] = {
        {.notes = "by index",
         .flags = REDISMODULE_CMD_KEY_RO | REDISMODULE_CMD_KEY_ACCESS,
         .begin_search_type = REDISMODULE_KSPEC_BS_INDEX,
         .bs.index.pos = 1,
         .find_keys_type = REDISMODULE_KSPEC_FK_RANGE,
         .fk.range = {0, 1, 0}},
        {.notes = "by keyword",
         .flags = REDISMODULE_CMD_KEY_OW | REDISMODULE_CMD_KEY_UPDATE,
         .begin_search_type = REDISMODULE_KSPEC_BS_KEYWORD,
         .bs.keyword = {"STORE", 2},
         .find_keys_type = REDISMODULE_KSPEC_FK_RANGE,
         .fk.range = {-1, 1, 2}},
        {.flags = REDISMODULE_CMD_KEY_RW | REDISMODULE_CMD_KEY_ACCESS | REDISMODULE_CMD_KEY_INSERT,
         .begin_search_type = REDISMODULE_KSPEC_BS_KEYWORD,
         .bs.keyword = {"KEYS", 2},
         .find_keys_type = REDISMODULE_KSPEC_FK_KEYNUM,
         .fk.keynum = {0, 1, 1}},
        {.flags = REDISMODULE_CMD_KEY_RM | REDISMODULE_CMD_KEY_NOT_KEY |
                  REDISMODULE_CMD_KEY_VARIABLE_FLAGS | REDISMODULE_CMD_KEY_INCOMPLETE,
         .begin_search_type = REDISMODULE_KSPEC_BS_UNKNOWN,
         .find_keys_type = REDISMODULE_KSPEC_FK_UNKNOWN},
        {0}};
    RedisModuleCommandArg choice[] = {
        {.name = "one", .type = REDISMODULE_ARG_TYPE_PURE_TOKEN, .token = "ONE"},
        {.name = "two", .type = REDISMODULE_ARG_TYPE_INTEGER, .token = "TWO"},
        {0}};
    RedisModuleCommandArg block[] = {
        {.name = "pattern", .type = REDISMODULE_ARG_TYPE_PATTERN, .summary = "a pattern"},
        {.name = "when", .type = REDISMODULE_ARG_TYPE_UNIX_TIME, .since = "1.2.0"},
        {0}};
    RedisModuleCommandArg args[] = {
        {.name = "key", .type = REDISMODULE_ARG_TYPE_KEY, .key_spec_index = 0},
        {.name = "destination",
         .type = REDISMODULE_ARG_TYPE_KEY,
         .key_spec_index = 1,
         .token = "STORE",
         .flags = REDISMODULE_CMD_ARG_OPTIONAL},
        {.name = "text", .type = REDISMODULE_ARG_TYPE_STRING, .display_text = "any text"},
        {.name = "ratio",
         .type = REDISMODULE_ARG_TYPE_DOUBLE,
         .flags = REDISMODULE_CMD_ARG_OPTIONAL | REDISMODULE_CMD_ARG_MULTIPLE |
                  REDISMODULE_CMD_ARG_MULTIPLE_TOKEN,
         .token = "RATIO",
         .deprecated_since = "1.3.0"},
        {.name = "choice", .type = REDISMODULE_ARG_TYPE_ONEOF, .subargs = choice},
        {.name = "block",
         .type = REDISMODULE_ARG_TYPE_BLOCK,
         .subargs = block,
         .flags = REDISMODULE_CMD_ARG_MULTIPLE},
        {0}};
    RedisModuleCommandInfo info = {
        .version = REDISMODULE_COMMAND_INFO_VERSION,
        .summary = "A command with everything.",
        .complexity = "O(1)",
        .since = "1.0.0",
        .history = history,
        .tips = "nondeterministic_output request_policy:all_shards",
        .arity = -2,
        .key_specs = key_specs,
        .args = args,
    };
    NOTE("info", RedisModule_SetCommandInfo(command, &info));
    NOTE("info again", RedisModule_SetCommandInfo(command, &info));

    /* The same key specs without the unknown one, which spoils COMMAND GETKEYS. */
    RedisModule_CreateCommand(ctx, "commands.specs", echo, "readonly", 0, 0, 0);
    key_specs[3] = (RedisModuleCommandKeySpec){0};
    RedisModuleCommandInfo specs = {.version = REDISMODULE_COMMAND_INFO_VERSION,
                                    .key_specs = key_specs};
    NOTE("key specs",
         RedisModule_SetCommandInfo(RedisModule_GetCommand(ctx, "commands.specs"), &specs));

    RedisModule_CreateCommand(ctx, "commands.fixed", echo, "readonly", 0, 0, 0);
    RedisModuleCommandInfo fixed = {.version = REDISMODULE_COMMAND_INFO_VERSION, .arity = 3};
    NOTE("fixed arity",
         RedisModule_SetCommandInfo(RedisModule_GetCommand(ctx, "commands.fixed"), &fixed));

    RedisModuleCommandInfo sub = {
        .version = REDISMODULE_COMMAND_INFO_VERSION, .summary = "A subcommand.", .arity = 3};
    NOTE("info of a subcommand",
         RedisModule_SetCommandInfo(RedisModule_GetCommand(ctx, "commands.parent|sub"), &sub));
}

/* Gives information to a command made for it: once it is accepted, no other is. */
static int inform(RedisModuleCtx *ctx, const RedisModuleCommandInfo *info) {
    static int count;
    char name[32];
    snprintf(name, sizeof name, "commands.badinfo%d", count++);
    RedisModule_CreateCommand(ctx, name, echo, "readonly", 0, 0, 0);
    errno = 0;
    return RedisModule_SetCommandInfo(RedisModule_GetCommand(ctx, name), info);
}

/* What SetCommandInfo refuses, and what it does not. */
static void bad_information(RedisModuleCtx *ctx) {
    RedisModuleCommandKeySpec spec[] = {{.flags = REDISMODULE_CMD_KEY_RO,
                                         .begin_search_type = REDISMODULE_KSPEC_BS_INDEX,
                                         .bs.index.pos = 1,
                                         .find_keys_type = REDISMODULE_KSPEC_FK_RANGE,
                                         .fk.range = {0, 1, 0}},
                                        {0}};
    RedisModuleCommandArg arg[] = {{.name = "a", .type = REDISMODULE_ARG_TYPE_STRING}, {0}};
    RedisModuleCommandArg sub[] = {{.name = "b", .type = REDISMODULE_ARG_TYPE_STRING}, {0}};
    RedisModuleCommandHistoryEntry history[] = {{"1.0.0", NULL}, {0}};
    RedisModuleCommandInfo info = {.version = REDISMODULE_COMMAND_INFO_VERSION};
#define BAD(what) NOTE(what, inform(ctx, &info))
    info.version = NULL;
    BAD("no version");
    info.version = REDISMODULE_COMMAND_INFO_VERSION;
    info.key_specs = spec;
    spec[0].flags = REDISMODULE_CMD_KEY_RO | REDISMODULE_CMD_KEY_RW;
    BAD("two kinds of access");
    spec[0].flags = 0;
    BAD("no kind of access");
    spec[0].flags =
        REDISMODULE_CMD_KEY_RW | REDISMODULE_CMD_KEY_INSERT | REDISMODULE_CMD_KEY_DELETE;
    BAD("insert and delete");
    spec[0].flags = REDISMODULE_CMD_KEY_RO | (1ULL << 40);
    BAD("unknown key flag");
    spec[0].flags = REDISMODULE_CMD_KEY_RO;
    spec[0].bs.index.pos = -1;
    BAD("negative position");
    spec[0].begin_search_type = REDISMODULE_KSPEC_BS_KEYWORD;
    spec[0].bs.keyword.keyword = NULL;
    spec[0].bs.keyword.startfrom = 1;
    BAD("no keyword");
    spec[0].bs.keyword.keyword = "K";
    spec[0].bs.keyword.startfrom = 0;
    BAD("keyword from 0");
    spec[0].begin_search_type = 99;
    BAD("unknown begin search");
    spec[0].begin_search_type = REDISMODULE_KSPEC_BS_INDEX;
    spec[0].bs.index.pos = 1;
    spec[0].fk.range.keystep = -1;
    BAD("negative step");
    spec[0].fk.range.keystep = 0;
    BAD("step 0");
    spec[0].fk.range.keystep = 1;
    spec[0].fk.range.limit = -1;
    BAD("negative limit");
    spec[0].fk.range.limit = 3;
    BAD("limit without lastkey -1");
    spec[0].find_keys_type = REDISMODULE_KSPEC_FK_KEYNUM;
    spec[0].fk.keynum.keynumidx = -1;
    spec[0].fk.keynum.firstkey = 1;
    spec[0].fk.keynum.keystep = 1;
    BAD("negative keynum index");
    spec[0].fk.keynum.keynumidx = 0;
    spec[0].fk.keynum.firstkey = -1;
    BAD("negative first key");
    spec[0].find_keys_type = 99;
    BAD("unknown find keys");
    info.key_specs = NULL;
    info.args = arg;
    arg[0].type = 99;
    BAD("unknown argument type");
    arg[0].type = REDISMODULE_ARG_TYPE_PURE_TOKEN;
    BAD("pure token without token");
    arg[0].type = REDISMODULE_ARG_TYPE_KEY;
    arg[0].key_spec_index = 5;
    BAD("key spec that is not there");
    arg[0].type = REDISMODULE_ARG_TYPE_ONEOF;
    arg[0].key_spec_index = 0;
    BAD("oneof without choices");
    arg[0].type = REDISMODULE_ARG_TYPE_STRING;
    arg[0].subargs = sub;
    BAD("string with subargs");
    arg[0].subargs = NULL;
    arg[0].flags = REDISMODULE_CMD_ARG_MULTIPLE_TOKEN;
    BAD("multiple token without token");
    arg[0].flags = 1 << 20;
    BAD("unknown argument flag");
    arg[0].flags = 0;
    arg[0].name = "";
    BAD("empty argument name");
    info.args = NULL;
    info.history = history;
    BAD("history without changes");
    info.history = NULL;
    BAD("nothing at all");
}

static const struct command commands[] = {
    {"commands.results", reply_results, "", 0, 0, 0},
    {"commands.getcurrentcommandname", current_name, "", 0, 0, 0},
    {"commands.getkeys", get_keys, "getkeys-api", 0, 0, 0},
    {"commands.getkeyswithflags", get_keys_with_flags, "getkeys-api", 0, 0, 0},
    {"commands.getchannels", get_channels, "getchannels-api", 0, 0, 0},
    {"commands.iskeyspositionrequest", no_request, "", 0, 0, 0},
    {"commands.getcommandkeys", command_keys, "", 0, 0, 0},
    {"commands.getcommandkeyswithflags", command_keys_with_flags, "", 0, 0, 0},
    {"commands.late", late, "", 0, 0, 0},
};

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "commands", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    create(ctx);
    create_subcommands(ctx);
    categories(ctx);
    information(ctx);
    bad_information(ctx);
    return CREATE_COMMANDS(ctx, commands);
}
