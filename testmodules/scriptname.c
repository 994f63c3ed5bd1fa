/* scriptname.c: names for Lua scripts, in place of their 40 digits.
 *
 *   SCRIPTNAME LOAD name script    loads a script and gives it a name; answers its SHA. The text is
 *                                  kept: after a restart or a SCRIPT FLUSH the name still works.
 *   SCRIPTNAME SET name sha        names a script that SCRIPT LOAD or EVAL left in the cache; answers
 *                                  OK. The text is not known here: when the cache loses the script,
 *                                  EVALNAME says so.
 *   SCRIPTNAME GET name            a map of "sha" and "script" (null for a name made by SET), or null.
 *   SCRIPTNAME DEL name [name ...] forgets names, not scripts; answers how many there were.
 *   SCRIPTNAME LIST                a map of all names, in order, to their SHAs.
 *   SCRIPTNAME HELP
 *   EVALNAME name numkeys [key ...] [arg ...]
 *                                  EVALSHA by name: as the client's user, who needs the permission for
 *                                  EVALSHA too, in the client's protocol, with all of its errors.
 *
 * Names belong to the server, not to a database: FLUSHALL leaves them. They are saved in the RDB file and
 * replicated; an append only file holds them too, unless it is rewritten without an RDB preamble.
 *
 * An example of a module with subcommands, that calls commands as its client would, and keeps something
 * beside the keys.
 */

#include "redismodule.h"

#include <ctype.h>
#include <string.h>

#define SHA_LEN 40

struct script {
    char sha[SHA_LEN + 1];   /* in small letters */
    RedisModuleString *text; /* NULL when only the SHA is known */
};

/* From name to struct script. Commands, loading and saving all happen under the server's lock. */
static RedisModuleDict *names;

static void free_script(struct script *s) {
    if (s->text != NULL)
        RedisModule_FreeString(NULL, s->text);
    RedisModule_Free(s);
}

static struct script *new_script(const char *sha, RedisModuleString *text) {
    struct script *s = RedisModule_Alloc(sizeof *s);
    for (int i = 0; i < SHA_LEN; i++)
        s->sha[i] = (char)tolower((unsigned char)sha[i]);
    s->sha[SHA_LEN] = 0;
    s->text = text;
    return s;
}

static void forget(RedisModuleString *name, int *found) {
    struct script *old = NULL;
    *found = RedisModule_DictDel(names, name, &old) == REDISMODULE_OK;
    if (*found)
        free_script(old);
}

static void bind(RedisModuleString *name, struct script *s) {
    int had;
    forget(name, &had);
    RedisModule_DictSet(names, name, s);
}

static void forget_all(void) {
    RedisModuleDictIter *it = RedisModule_DictIteratorStartC(names, "^", NULL, 0);
    struct script *s;
    while (RedisModule_DictNextC(it, NULL, (void **)&s) != NULL)
        free_script(s);
    RedisModule_DictIteratorStop(it);
    RedisModule_FreeDict(NULL, names);
    names = RedisModule_CreateDict(NULL);
}

/* ---- The server's script cache ---- */

/* As the module itself, not as the client: who may name scripts need not be allowed to use SCRIPT. */
static int cached(RedisModuleCtx *ctx, const char *sha) {
    RedisModuleCallReply *reply = RedisModule_Call(ctx, "SCRIPT", "cc", "EXISTS", sha);
    int exists = reply != NULL && RedisModule_CallReplyInteger(
                                      RedisModule_CallReplyArrayElement(reply, 0)) == 1;
    if (reply != NULL)
        RedisModule_FreeCallReply(reply);
    return exists;
}

/* The reply is the SHA, or the error of a script that does not compile. */
static RedisModuleCallReply *load(RedisModuleCtx *ctx, RedisModuleString *text) {
    return RedisModule_Call(ctx, "SCRIPT", "Ecs", "LOAD", text);
}

static int is_noscript(RedisModuleCallReply *reply) {
    size_t len;
    if (RedisModule_CallReplyType(reply) != REDISMODULE_REPLY_ERROR)
        return 0;
    const char *text = RedisModule_CallReplyStringPtr(reply, &len);
    return len >= 8 && memcmp(text, "NOSCRIPT", 8) == 0;
}

/* ---- Commands ---- */

/* Of a subcommand, argv[0] is SCRIPTNAME and argv[1] the subcommand. */

static int name_load(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 4)
        return RedisModule_WrongArity(ctx);
    RedisModule_AutoMemory(ctx);
    RedisModuleCallReply *reply = load(ctx, argv[3]);
    if (reply == NULL)
        return RedisModule_ReplyWithError(ctx, "ERR the script cannot be loaded now");
    size_t len;
    const char *sha = RedisModule_CallReplyStringPtr(reply, &len);
    if (RedisModule_CallReplyType(reply) == REDISMODULE_REPLY_STRING && len == SHA_LEN) {
        /* The argument belongs to the client and its buffers: what stays is a copy. */
        bind(argv[2], new_script(sha, RedisModule_CreateStringFromString(NULL, argv[3])));
        RedisModule_ReplicateVerbatim(ctx);
    }
    return RedisModule_ReplyWithCallReply(ctx, reply);
}

static int name_set(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 4)
        return RedisModule_WrongArity(ctx);
    RedisModule_AutoMemory(ctx);
    size_t len;
    const char *sha = RedisModule_StringPtrLen(argv[3], &len);
    size_t digits = 0;
    while (digits < len && isxdigit((unsigned char)sha[digits]))
        digits++;
    if (len != SHA_LEN || digits != SHA_LEN)
        return RedisModule_ReplyWithError(ctx, "ERR a script's SHA has 40 hexadecimal digits");
    struct script *s = new_script(sha, NULL);
    /* Scripts are not replicated. What the master, or the server that wrote the file, has accepted is
     * accepted here: a client may load the script later. */
    int told = RedisModule_GetContextFlags(ctx) &
               (REDISMODULE_CTX_FLAGS_REPLICATED | REDISMODULE_CTX_FLAGS_LOADING);
    if (!told && !cached(ctx, s->sha)) {
        free_script(s);
        return RedisModule_ReplyWithError(
            ctx, "NOSCRIPT No script with this SHA. Use SCRIPT LOAD before, or SCRIPTNAME LOAD.");
    }
    bind(argv[2], s);
    RedisModule_ReplicateVerbatim(ctx);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

static int name_get(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 3)
        return RedisModule_WrongArity(ctx);
    struct script *s = RedisModule_DictGet(names, argv[2], NULL);
    if (s == NULL)
        return RedisModule_ReplyWithNull(ctx);
    RedisModule_ReplyWithMap(ctx, 2);
    RedisModule_ReplyWithCString(ctx, "sha");
    RedisModule_ReplyWithCString(ctx, s->sha);
    RedisModule_ReplyWithCString(ctx, "script");
    if (s->text == NULL)
        return RedisModule_ReplyWithNull(ctx);
    return RedisModule_ReplyWithString(ctx, s->text);
}

static int name_del(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 3)
        return RedisModule_WrongArity(ctx);
    int deleted = 0;
    for (int i = 2; i < argc; i++) {
        int found;
        forget(argv[i], &found);
        deleted += found;
    }
    if (deleted > 0)
        RedisModule_ReplicateVerbatim(ctx);
    return RedisModule_ReplyWithLongLong(ctx, deleted);
}

static int name_list(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    if (argc != 2)
        return RedisModule_WrongArity(ctx);
    RedisModule_ReplyWithMap(ctx, (long)RedisModule_DictSize(names));
    RedisModuleDictIter *it = RedisModule_DictIteratorStartC(names, "^", NULL, 0);
    struct script *s;
    const char *name;
    size_t len;
    while ((name = RedisModule_DictNextC(it, &len, (void **)&s)) != NULL) {
        RedisModule_ReplyWithStringBuffer(ctx, name, len);
        RedisModule_ReplyWithCString(ctx, s->sha);
    }
    RedisModule_DictIteratorStop(it);
    return REDISMODULE_OK;
}

static int name_help(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    static const char *const lines[] = {
        "SCRIPTNAME <subcommand> [<arg> ...]. Subcommands are:",
        "LOAD <name> <script>",
        "    Load a script and name it. The script is kept with the name.",
        "SET <name> <sha>",
        "    Name a script that is loaded.",
        "GET <name>",
        "    The SHA and the script, where it is kept.",
        "DEL <name> [<name> ...]",
        "    Forget names.",
        "LIST",
        "    All names and their SHAs.",
    };
    const long n = sizeof lines / sizeof *lines;
    REDISMODULE_NOT_USED(argv);
    if (argc != 2)
        return RedisModule_WrongArity(ctx);
    RedisModule_ReplyWithArray(ctx, n);
    for (long i = 0; i < n; i++)
        RedisModule_ReplyWithSimpleString(ctx, lines[i]);
    return REDISMODULE_OK;
}

/* EVALSHA with what follows the name. 0: in the protocol of the client. C: as the client's user, also
 * for what the script calls. E: errors come as replies. The script's own commands are replicated
 * one by one by the server, so there is nothing for us to replicate. M: without memory left the script may
 * not write, unless it says allow-oom; a module that does not ask for this would let it. */
static RedisModuleCallReply *evalsha(RedisModuleCtx *ctx, const char *sha, RedisModuleString **argv,
                                     int argc) {
    return RedisModule_Call(ctx, "EVALSHA", "0CEMcv", sha, argv + 2, (size_t)(argc - 2));
}

static int evalname(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 3)
        return RedisModule_WrongArity(ctx);
    RedisModule_AutoMemory(ctx);
    struct script *s = RedisModule_DictGet(names, argv[1], NULL);
    if (s == NULL)
        return RedisModule_ReplyWithError(ctx, "NOSCRIPT No script has this name. Use SCRIPTNAME LOAD.");

    /* While a slow script runs, other clients are served now and then and may change the names: what
     * is needed after the call is not taken from s. */
    char sha[SHA_LEN + 1];
    memcpy(sha, s->sha, sizeof sha);
    RedisModuleString *text = s->text;
    if (text != NULL)
        RedisModule_RetainString(ctx, text);

    RedisModuleCallReply *reply = evalsha(ctx, sha, argv, argc);
    /* A script may answer with an error of this name itself, after it changed keys. It is run again
     * only if it cannot have run. */
    if (reply != NULL && is_noscript(reply) && !cached(ctx, sha)) {
        if (text == NULL)
            return RedisModule_ReplyWithError(
                ctx, "NOSCRIPT The script of this name is no longer loaded. Use SCRIPT LOAD again, or "
                     "SCRIPTNAME LOAD, which keeps it.");
        load(ctx, text);
        reply = evalsha(ctx, sha, argv, argc);
    }
    if (reply == NULL)
        return RedisModule_ReplyWithError(ctx, "ERR the script cannot be called now");
    return RedisModule_ReplyWithCallReply(ctx, reply);
}

/* ---- Persistence ---- */

/* Not one value of this type exists: a type is what the RDB file knows a module by. */
static void save_names(RedisModuleIO *io, int when) {
    REDISMODULE_NOT_USED(when);
    if (RedisModule_DictSize(names) == 0)
        return; /* then the file has no trace of the module and loads without it */
    RedisModule_SaveUnsigned(io, RedisModule_DictSize(names));
    RedisModuleDictIter *it = RedisModule_DictIteratorStartC(names, "^", NULL, 0);
    struct script *s;
    const char *name;
    size_t len;
    while ((name = RedisModule_DictNextC(it, &len, (void **)&s)) != NULL) {
        RedisModule_SaveStringBuffer(io, name, len);
        RedisModule_SaveStringBuffer(io, s->sha, SHA_LEN);
        RedisModule_SaveUnsigned(io, s->text != NULL);
        if (s->text != NULL)
            RedisModule_SaveString(io, s->text);
    }
    RedisModule_DictIteratorStop(it);
}

/* One name, or ERR when the file ends early or is damaged. */
static int load_name(RedisModuleIO *io) {
    RedisModuleString *name = RedisModule_LoadString(io), *text = NULL;
    size_t len = 0;
    char *sha = RedisModule_LoadStringBuffer(io, &len);
    if (RedisModule_LoadUnsigned(io) == 1)
        text = RedisModule_LoadString(io);
    int ok = !RedisModule_IsIOError(io) && len == SHA_LEN;
    if (ok)
        bind(name, new_script(sha, text));
    else if (text != NULL)
        RedisModule_FreeString(NULL, text);
    if (name != NULL)
        RedisModule_FreeString(NULL, name);
    if (sha != NULL)
        RedisModule_Free(sha);
    return ok ? REDISMODULE_OK : REDISMODULE_ERR;
}

static int load_names(RedisModuleIO *io, int encver, int when) {
    REDISMODULE_NOT_USED(when);
    if (encver != 1)
        return REDISMODULE_ERR;
    uint64_t n = RedisModule_LoadUnsigned(io);
    while (n-- > 0 && !RedisModule_IsIOError(io)) {
        if (load_name(io) != REDISMODULE_OK)
            return REDISMODULE_ERR;
    }
    return RedisModule_IsIOError(io) ? REDISMODULE_ERR : REDISMODULE_OK;
}

/* A file replaces the data set, and with it the names. */
static void on_loading(RedisModuleCtx *ctx, RedisModuleEvent e, uint64_t sub, void *data) {
    REDISMODULE_NOT_USED(ctx);
    REDISMODULE_NOT_USED(e);
    REDISMODULE_NOT_USED(data);
    if (sub == REDISMODULE_SUBEVENT_LOADING_RDB_START ||
        sub == REDISMODULE_SUBEVENT_LOADING_AOF_START ||
        sub == REDISMODULE_SUBEVENT_LOADING_REPL_START)
        forget_all();
}

/* ---- Loading the module ---- */

static int create_subcommands(RedisModuleCtx *ctx) {
    static const struct {
        const char *name;
        RedisModuleCmdFunc f;
        const char *flags;
    } subcommands[] = {
        {"load", name_load, "write deny-oom deny-script"},
        {"set", name_set, "write deny-oom deny-script"},
        {"get", name_get, "readonly fast allow-stale deny-script"},
        {"del", name_del, "write deny-script"},
        {"list", name_list, "readonly allow-stale deny-script"},
        {"help", name_help, "allow-stale allow-loading"},
    };
    if (RedisModule_CreateCommand(ctx, "scriptname", NULL, "", 0, 0, 0) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    RedisModuleCommand *parent = RedisModule_GetCommand(ctx, "scriptname");
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++) {
        if (RedisModule_CreateSubcommand(parent, subcommands[i].name, subcommands[i].f,
                                         subcommands[i].flags, 0, 0, 0) == REDISMODULE_ERR)
            return REDISMODULE_ERR;
    }
    return REDISMODULE_OK;
}

static int create_evalname(RedisModuleCtx *ctx) {
    /* Where the keys are: as many as the second argument says, right after it. */
    RedisModuleCommandKeySpec key_specs[] = {
        {
            .flags = REDISMODULE_CMD_KEY_RW | REDISMODULE_CMD_KEY_ACCESS | REDISMODULE_CMD_KEY_UPDATE,
            .begin_search_type = REDISMODULE_KSPEC_BS_INDEX,
            .bs.index.pos = 2,
            .find_keys_type = REDISMODULE_KSPEC_FK_KEYNUM,
            .fk.keynum = {.keynumidx = 0, .firstkey = 1, .keystep = 1},
        },
        {0},
    };
    RedisModuleCommandArg args[] = {
        {.name = "name", .type = REDISMODULE_ARG_TYPE_STRING},
        {.name = "numkeys", .type = REDISMODULE_ARG_TYPE_INTEGER},
        {.name = "key",
         .type = REDISMODULE_ARG_TYPE_KEY,
         .key_spec_index = 0,
         .flags = REDISMODULE_CMD_ARG_OPTIONAL | REDISMODULE_CMD_ARG_MULTIPLE},
        {.name = "arg",
         .type = REDISMODULE_ARG_TYPE_STRING,
         .flags = REDISMODULE_CMD_ARG_OPTIONAL | REDISMODULE_CMD_ARG_MULTIPLE},
        {0},
    };
    RedisModuleCommandInfo info = {
        .version = REDISMODULE_COMMAND_INFO_VERSION,
        .summary = "Runs a server-side Lua script by its name.",
        .complexity = "Depends on the script that is run.",
        .since = "1.0.0",
        .arity = -3,
        .key_specs = key_specs,
        .args = args,
    };
    /* The script decides what is written, and says itself what it needs: the flags of EVALSHA. */
    if (RedisModule_CreateCommand(ctx, "evalname", evalname,
                                  "deny-script allow-stale may-replicate no-mandatory-keys", 0, 0,
                                  0) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    return RedisModule_SetCommandInfo(RedisModule_GetCommand(ctx, "evalname"), &info);
}

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "scriptname", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    if (!RMAPI_FUNC_SUPPORTED(RedisModule_CreateSubcommand)) {
        RedisModule_Log(ctx, "warning", "scriptname needs Redis 7.0 or later");
        return REDISMODULE_ERR;
    }
    RedisModuleTypeMethods methods = {
        .version = REDISMODULE_TYPE_METHOD_VERSION,
        .aux_load = load_names,
        .aux_save2 = save_names,
        .aux_save_triggers = REDISMODULE_AUX_BEFORE_RDB,
    };
    names = RedisModule_CreateDict(NULL);
    /* We check for a file that ends early ourselves; otherwise the server would exit. */
    RedisModule_SetModuleOptions(ctx, REDISMODULE_OPTIONS_HANDLE_IO_ERRORS);
    if (RedisModule_CreateDataType(ctx, "scriptnam", 1, &methods) == NULL)
        return REDISMODULE_ERR;
    RedisModule_SubscribeToServerEvent(ctx, RedisModuleEvent_Loading, on_loading);
    if (create_subcommands(ctx) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    return create_evalname(ctx);
}
