/* filter.c: command filters.
 *
 * The filter rewrites arguments that begin with @:
 *   @delete       goes away
 *   @replace      becomes "replaced"
 *   @insert       gets "before" in front and "after" behind
 *   @keep         is kept by the module (filter.kept)
 * and the command @probe, on whose arguments it tries positions that are not there. It counts what
 * it sees. Loaded with the argument noself, it does not see the module's own calls. */

#include "testmodule.h"

static RedisModuleCommandFilter *registered;
static RedisModuleString *kept;
static long long seen;
static unsigned long long client;
static int probe[10];

static RedisModuleString *string(const char *s) {
    return RedisModule_CreateString(NULL, s, strlen(s));
}

/* Results of misuse; the strings that were refused stay ours. */
static void probe_positions(RedisModuleCommandFilterCtx *f) {
    int n = RedisModule_CommandFilterArgsCount(f), i = 0;
    RedisModuleString *s = string("x");
    probe[i++] = n;
    probe[i++] = RedisModule_CommandFilterArgGet(f, -1) != NULL;
    probe[i++] = RedisModule_CommandFilterArgGet(f, n) != NULL;
    probe[i++] = RedisModule_CommandFilterArgInsert(f, -1, s);
    probe[i++] = RedisModule_CommandFilterArgInsert(f, n + 1, s);
    probe[i++] = RedisModule_CommandFilterArgReplace(f, -1, s);
    probe[i++] = RedisModule_CommandFilterArgReplace(f, n, s);
    probe[i++] = RedisModule_CommandFilterArgDelete(f, -1);
    probe[i++] = RedisModule_CommandFilterArgDelete(f, n);
    RedisModule_FreeString(NULL, s);
    /* The command that is run in the end. */
    probe[i++] = RedisModule_CommandFilterArgReplace(f, 0, string("echo"));
}

static void on_command(RedisModuleCommandFilterCtx *f) {
    seen++;
    client = RedisModule_CommandFilterGetClientId(f);
    const RedisModuleString *name = RedisModule_CommandFilterArgGet(f, 0);
    if (is(name, "@probe")) {
        probe_positions(f);
        return;
    }
    for (int i = 0; i < RedisModule_CommandFilterArgsCount(f); i++) {
        const RedisModuleString *arg = RedisModule_CommandFilterArgGet(f, i);
        if (is(arg, "@delete")) {
            RedisModule_CommandFilterArgDelete(f, i);
            i--;
        } else if (is(arg, "@replace")) {
            RedisModule_CommandFilterArgReplace(f, i, string("replaced"));
        } else if (is(arg, "@insert")) {
            RedisModule_CommandFilterArgInsert(f, i, string("before"));
            RedisModule_CommandFilterArgInsert(f, i + 2, string("after"));
            i += 2;
        } else if (is(arg, "@keep")) {
            if (kept)
                RedisModule_FreeString(NULL, kept);
            kept = (RedisModuleString *)arg;
            RedisModule_RetainString(NULL, kept);
        }
    }
}

/* A second filter: it sees what the first left. */
static void on_command2(RedisModuleCommandFilterCtx *f) {
    for (int i = 1; i < RedisModule_CommandFilterArgsCount(f); i++) {
        if (is(RedisModule_CommandFilterArgGet(f, i), "replaced"))
            RedisModule_CommandFilterArgReplace(f, i, string("replaced twice"));
    }
}

static RedisModuleCommandFilter *second;
static int flags;

/* filter.echo arg ... */
static int echo(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    RedisModule_ReplyWithArray(ctx, argc);
    for (int i = 0; i < argc; i++)
        RedisModule_ReplyWithString(ctx, argv[i]);
    return REDISMODULE_OK;
}

/* filter.seen: how many commands since it was last asked, this one left out */
static int get_seen(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithLongLong(ctx, seen - 1);
    seen = 0;
    return REDISMODULE_OK;
}

/* filter.commandfiltergetclientid: is it this client's? */
static int get_client(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithBool(ctx, client == RedisModule_GetClientId(ctx));
}

/* filter.kept */
static int get_kept(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    if (kept == NULL)
        return RedisModule_ReplyWithNull(ctx);
    return RedisModule_ReplyWithString(ctx, kept);
}

/* filter.probe: what the probe found */
static int get_probe(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, 10);
    for (int i = 0; i < 10; i++)
        RedisModule_ReplyWithLongLong(ctx, probe[i]);
    return REDISMODULE_OK;
}

/* filter.call command arg ... */
static int call(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    RedisModuleCallReply *reply =
        RedisModule_Call(ctx, cstr(argv[1]), "E!v", argv + 2, (size_t)(argc - 2));
    RedisModule_ReplyWithCallReply(ctx, reply);
    RedisModule_FreeCallReply(reply);
    return REDISMODULE_OK;
}

/* filter.calldelete: the module's own call, with an argument that the filter would take away */
static int call_delete(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModuleCallReply *reply = RedisModule_Call(ctx, "filter.echo", "ccc", "a", "@delete", "b");
    RedisModule_ReplyWithCallReply(ctx, reply);
    RedisModule_FreeCallReply(reply);
    return REDISMODULE_OK;
}

/* filter.unregistercommandfilter */
static int unregister(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    if (registered == NULL)
        return RedisModule_ReplyWithSimpleString(ctx, "not registered");
    int status = RedisModule_UnregisterCommandFilter(ctx, registered);
    registered = NULL;
    return reply_status(ctx, status);
}

/* filter.registercommandfilter */
static int register_(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    if (registered)
        return RedisModule_ReplyWithSimpleString(ctx, "registered");
    registered = RedisModule_RegisterCommandFilter(ctx, on_command, flags);
    return RedisModule_ReplyWithBool(ctx, registered != NULL);
}

/* filter.second 0|1 */
static int set_second(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(on, argv[1]);
    if (on && !second) {
        second = RedisModule_RegisterCommandFilter(ctx, on_command2, 0);
    } else if (!on && second) {
        RedisModule_UnregisterCommandFilter(ctx, second);
        second = NULL;
    }
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

static const struct command commands[] = {
    {"filter.echo", echo, "", 0, 0, 0},
    {"filter.seen", get_seen, "", 0, 0, 0},
    {"filter.commandfiltergetclientid", get_client, "", 0, 0, 0},
    {"filter.kept", get_kept, "", 0, 0, 0},
    {"filter.probe", get_probe, "", 0, 0, 0},
    {"filter.call", call, "", 0, 0, 0},
    {"filter.calldelete", call_delete, "", 0, 0, 0},
    {"filter.unregistercommandfilter", unregister, "", 0, 0, 0},
    {"filter.registercommandfilter", register_, "", 0, 0, 0},
    {"filter.second", set_second, "", 0, 0, 0},
};

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (RedisModule_Init(ctx, "filter", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    if (argc == 1 && is(argv[0], "noself"))
        flags = REDISMODULE_CMDFILTER_NOSELF;
    registered = RedisModule_RegisterCommandFilter(ctx, on_command, flags);
    if (registered == NULL)
        return REDISMODULE_ERR;
    return CREATE_COMMANDS(ctx, commands);
}
