/* sharedapiuser.c: uses the functions that sharedapi.c exports. With the argument eager it takes
 * them in OnLoad; else with the command sharedapiuser.take. */

#include "sharedapi.h"

#include "testmodule.h"

static sharedapi_add add;
static sharedapi_name name;

static int take(RedisModuleCtx *ctx) {
    add = (sharedapi_add)(uintptr_t)RedisModule_GetSharedAPI(ctx, "sharedapi.add");
    name = (sharedapi_name)(uintptr_t)RedisModule_GetSharedAPI(ctx, "sharedapi.name");
    return add != NULL && name != NULL;
}

/* sharedapiuser.take */
static int take_command(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithBool(ctx, take(ctx));
}

/* sharedapiuser.getsharedapi name */
static int get(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    return RedisModule_ReplyWithBool(ctx, RedisModule_GetSharedAPI(ctx, cstr(argv[1])) != NULL);
}

/* sharedapiuser.add a b */
static int add_command(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(a, argv[1]);
    INTEGER(b, argv[2]);
    if (add == NULL)
        return RedisModule_ReplyWithError(ctx, "ERR test: not taken");
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, add(a, b));
    return RedisModule_ReplyWithCString(ctx, name());
}

static const struct command commands[] = {
    {"sharedapiuser.take", take_command, "", 0, 0, 0},
    {"sharedapiuser.getsharedapi", get, "", 0, 0, 0},
    {"sharedapiuser.add", add_command, "", 0, 0, 0},
};

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (RedisModule_Init(ctx, "sharedapiuser", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    if (argc == 1 && is(argv[0], "eager") && !take(ctx))
        return REDISMODULE_ERR;
    return CREATE_COMMANDS(ctx, commands);
}
