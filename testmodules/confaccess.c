/* confaccess: the parameters of the server and of other modules, as a module reads and sets them
 * (Redis 8.2). */

#include "testmodule.h"

#include <stdlib.h>

/* confaccess.names [pattern]: the number of names for no pattern, else the names in order. */
static int names(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    const char *pattern = argc > 1 ? cstr(argv[1]) : NULL;
    RedisModuleConfigIterator *iter = RedisModule_ConfigIteratorCreate(ctx, pattern);
    const char *name;
    long n = 0;
    int maxmemory = 0;
    if (pattern != NULL)
        RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    while ((name = RedisModule_ConfigIteratorNext(iter)) != NULL) {
        n++;
        if (pattern != NULL)
            RedisModule_ReplyWithCString(ctx, name);
        maxmemory |= strcmp(name, "maxmemory") == 0;
    }
    if (pattern != NULL)
        RedisModule_ReplySetArrayLength(ctx, n);
    else
        RedisModule_ReplyWithLongLong(ctx, n > 150 && maxmemory);
    RedisModule_ConfigIteratorRelease(ctx, iter);
    return REDISMODULE_OK;
}

/* confaccess.automatic: an iterator that is left to the context. */
static int automatic(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_AutoMemory(ctx);
    RedisModuleConfigIterator *iter = RedisModule_ConfigIteratorCreate(ctx, "maxmemor[y]");
    RedisModule_ConfigIteratorCreate(ctx, "nothing*");
    const char *name = RedisModule_ConfigIteratorNext(iter);
    return name ? RedisModule_ReplyWithCString(ctx, name) : RedisModule_ReplyWithNull(ctx);
}

static int type(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    static const char *const words[] = {"string", "enum", "numeric", "bool"};
    ARITY(2);
    RedisModuleConfigType t;
    if (RedisModule_ConfigGetType(cstr(argv[1]), &t) == REDISMODULE_ERR)
        return RedisModule_ReplyWithSimpleString(ctx, "ERR");
    return RedisModule_ReplyWithSimpleString(ctx, words[t]);
}

static int get(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleString *s = NULL;
    if (RedisModule_ConfigGet(ctx, cstr(argv[1]), &s) == REDISMODULE_ERR)
        return RedisModule_ReplyWithSimpleString(ctx, s == NULL ? "ERR" : "ERR and a string");
    return reply_string(ctx, s);
}

static int get_enum(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleString *s = NULL;
    if (RedisModule_ConfigGetEnum(ctx, cstr(argv[1]), &s) == REDISMODULE_ERR)
        return RedisModule_ReplyWithSimpleString(ctx, s == NULL ? "ERR" : "ERR and a string");
    return reply_string(ctx, s);
}

static int get_bool(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    int v = 77;
    if (RedisModule_ConfigGetBool(ctx, cstr(argv[1]), &v) == REDISMODULE_ERR)
        return RedisModule_ReplyWithSimpleString(ctx, v == 77 ? "ERR" : "ERR and a value");
    return RedisModule_ReplyWithLongLong(ctx, v);
}

static int get_numeric(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    long long v = 77;
    if (RedisModule_ConfigGetNumeric(ctx, cstr(argv[1]), &v) == REDISMODULE_ERR)
        return RedisModule_ReplyWithSimpleString(ctx, v == 77 ? "ERR" : "ERR and a value");
    return RedisModule_ReplyWithLongLong(ctx, v);
}

/* [status, reason] */
static int outcome(RedisModuleCtx *ctx, int status, RedisModuleString *err) {
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    return reply_string(ctx, err);
}

static int set(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    RedisModuleString *err = NULL;
    return outcome(ctx, RedisModule_ConfigSet(ctx, cstr(argv[1]), argv[2], &err), err);
}

static int set_enum(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    RedisModuleString *err = NULL;
    return outcome(ctx, RedisModule_ConfigSetEnum(ctx, cstr(argv[1]), argv[2], &err), err);
}

static int set_bool(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(v, argv[2]);
    RedisModuleString *err = NULL;
    return outcome(ctx, RedisModule_ConfigSetBool(ctx, cstr(argv[1]), (int)v, &err), err);
}

static int set_numeric(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(v, argv[2]);
    RedisModuleString *err = NULL;
    return outcome(ctx, RedisModule_ConfigSetNumeric(ctx, cstr(argv[1]), v, &err), err);
}

static const struct command commands[] = {
    {"confaccess.names", names, "", 0, 0, 0},
    {"confaccess.automatic", automatic, "", 0, 0, 0},
    {"confaccess.type", type, "", 0, 0, 0},
    {"confaccess.get", get, "", 0, 0, 0},
    {"confaccess.getenum", get_enum, "", 0, 0, 0},
    {"confaccess.getbool", get_bool, "", 0, 0, 0},
    {"confaccess.getnumeric", get_numeric, "", 0, 0, 0},
    {"confaccess.set", set, "", 0, 0, 0},
    {"confaccess.setenum", set_enum, "", 0, 0, 0},
    {"confaccess.setbool", set_bool, "", 0, 0, 0},
    {"confaccess.setnumeric", set_numeric, "", 0, 0, 0},
};

TEST_MODULE("confaccess", commands)
