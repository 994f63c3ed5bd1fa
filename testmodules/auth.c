/* auth.c: authentication by modules. */

#include "testmodule.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static RedisModuleUser *own;
static long long changes, last_changed, freed;

static void changed(uint64_t id, void *privdata) {
    changes += privdata == &changes;
    last_changed = (long long)id;
}

/* auth.own: the client becomes the module's user; replies whether the id is right */
static int auth_own(RedisModuleCtx *ctx, RedisModuleString **argv UNUSED, int argc) {
    ARITY(1);
    uint64_t id = 0;
    if (RedisModule_AuthenticateClientWithUser(ctx, own, changed, &changes, &id) ==
        REDISMODULE_ERR)
        return RedisModule_ReplyWithError(ctx, "ERR not authenticated");
    return RedisModule_ReplyWithBool(ctx, id == RedisModule_GetClientId(ctx));
}

/* auth.named name [quiet] */
static int auth_named(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    size_t len;
    const char *name = RedisModule_StringPtrLen(argv[1], &len);
    if (RedisModule_AuthenticateClientWithACLUser(ctx, name, len, argc == 2 ? changed : NULL,
                                                  &changes, NULL) == REDISMODULE_ERR)
        return RedisModule_ReplyWithError(ctx, "ERR not authenticated");
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* auth.enable on|off */
static int enable(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_SetModuleUserACL(own, cstr(argv[1])));
}

/* auth.changes: how many clients became others since */
static int count(RedisModuleCtx *ctx, RedisModuleString **argv UNUSED, int argc UNUSED) {
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, changes);
    return RedisModule_ReplyWithLongLong(ctx, freed);
}

/* auth.waslast id */
static int was_last(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(id, argv[1]);
    return RedisModule_ReplyWithBool(ctx, id == last_changed);
}

/* auth.close id */
static int close_client(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(id, argv[1]);
    return reply_status(ctx, RedisModule_DeauthenticateAndCloseClient(ctx, (uint64_t)id));
}

/* auth.replace: a new user in the place of the module's */
static int replace(RedisModuleCtx *ctx, RedisModuleString **argv UNUSED, int argc UNUSED) {
    RedisModule_FreeModuleUser(own);
    own = RedisModule_CreateModuleUser("global");
    RedisModule_SetModuleUserACL(own, "allcommands");
    RedisModule_SetModuleUserACL(own, "allkeys");
    RedisModule_SetModuleUserACL(own, "on");
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* auth.blockoutside: BlockClientOnAuth where it may not be called */
static int block_outside(RedisModuleCtx *ctx, RedisModuleString **argv UNUSED, int argc UNUSED) {
    if (RedisModule_BlockClientOnAuth(ctx, NULL, NULL) != NULL)
        RedisModule_ReplyWithSimpleString(ctx, "a handle");
    return REDISMODULE_OK;
}

/* auth.certificate id */
static int certificate(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(id, argv[1]);
    return reply_string(ctx, RedisModule_GetClientCertificate(ctx, (uint64_t)id));
}

static int decide(RedisModuleCtx *ctx, RedisModuleString *name, RedisModuleString *password,
                  RedisModuleString **err) {
    if (!is(name, "mod") && !is(name, "modslow"))
        return REDISMODULE_AUTH_NOT_HANDLED;
    if (is(password, "own")) {
        RedisModule_AuthenticateClientWithUser(ctx, own, NULL, NULL, NULL);
        return REDISMODULE_AUTH_HANDLED;
    }
    if (is(password, "named")) {
        RedisModule_AuthenticateClientWithACLUser(ctx, "named", 5, changed, &changes, NULL);
        return REDISMODULE_AUTH_HANDLED;
    }
    if (is(password, "deny")) {
        RedisModule_ACLAddLogEntryByUserName(ctx, name, password, REDISMODULE_ACL_LOG_AUTH);
        *err = RedisModule_CreateString(ctx, "-DENIED by the module", 21);
        return REDISMODULE_AUTH_HANDLED;
    }
    if (is(password, "denyplain")) {
        *err = RedisModule_CreateString(ctx, "no code", 7);
        return REDISMODULE_AUTH_HANDLED;
    }
    if (is(password, "denyquiet"))
        return REDISMODULE_AUTH_HANDLED;
    return REDISMODULE_AUTH_NOT_HANDLED;
}

static void free_privdata(RedisModuleCtx *ctx, void *privdata) {
    REDISMODULE_NOT_USED(ctx);
    freed++;
    free(privdata);
}

static int slow_reply(RedisModuleCtx *ctx, RedisModuleString *name, RedisModuleString *password,
                      RedisModuleString **err) {
    char *kept = RedisModule_GetBlockedClientPrivateData(ctx);
    if (kept == NULL || strcmp(kept, cstr(password)) != 0) {
        *err = RedisModule_CreateString(ctx, "-TEST private data is lost", 26);
        return REDISMODULE_AUTH_HANDLED;
    }
    return decide(ctx, name, password, err);
}

struct job {
    RedisModuleBlockedClient *bc;
    char *password;
};

static void *work(void *arg) {
    struct job *j = arg;
    usleep(1000);
    RedisModule_UnblockClient(j->bc, j->password);
    free(j);
    return NULL;
}

static int slow(RedisModuleCtx *ctx, RedisModuleString *name, RedisModuleString *password,
                RedisModuleString **err) {
    REDISMODULE_NOT_USED(err);
    if (!is(name, "modslow"))
        return REDISMODULE_AUTH_NOT_HANDLED;
    struct job *j = malloc(sizeof(*j));
    j->password = strdup(cstr(password));
    j->bc = RedisModule_BlockClientOnAuth(ctx, slow_reply, free_privdata);
    pthread_t t;
    pthread_create(&t, NULL, work, j);
    pthread_detach(t);
    return REDISMODULE_AUTH_HANDLED;
}

/* auth.register quick|slow */
static int register_callback(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModule_RegisterAuthCallback(ctx, is(argv[1], "slow") ? slow : decide);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

static const struct command commands[] = {
    {"auth.own", auth_own, "no-auth", 0, 0, 0},
    {"auth.named", auth_named, "no-auth", 0, 0, 0},
    {"auth.enable", enable, "", 0, 0, 0},
    {"auth.changes", count, "", 0, 0, 0},
    {"auth.waslast", was_last, "", 0, 0, 0},
    {"auth.close", close_client, "", 0, 0, 0},
    {"auth.replace", replace, "", 0, 0, 0},
    {"auth.blockoutside", block_outside, "", 0, 0, 0},
    {"auth.certificate", certificate, "", 0, 0, 0},
    {"auth.register", register_callback, "", 0, 0, 0},
};

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "auth", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR ||
        CREATE_COMMANDS(ctx, commands) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    own = RedisModule_CreateModuleUser("global");
    RedisModule_SetModuleUserACL(own, "allcommands");
    RedisModule_SetModuleUserACL(own, "allkeys");
    RedisModule_SetModuleUserACL(own, "on");
    return REDISMODULE_OK;
}

int RedisModule_OnUnload(RedisModuleCtx *ctx) {
    REDISMODULE_NOT_USED(ctx);
    RedisModule_FreeModuleUser(own);
    return REDISMODULE_OK;
}
