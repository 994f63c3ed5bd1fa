/* list.c: lists through an open key. */

#include "testmodule.h"

static int where(const RedisModuleString *s) {
    return is(s, "head") ? REDISMODULE_LIST_HEAD : REDISMODULE_LIST_TAIL;
}

/* Opens argv[1] in the modes of argv[2]. */
#define OPEN(key)                                                                                  \
    RedisModule_AutoMemory(ctx);                                                                   \
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], open_mode(argv[2]));                   \
    errno = 0

/* [string or null, errno] */
static int reply_element(RedisModuleCtx *ctx, RedisModuleString *s, int error) {
    RedisModule_ReplyWithArray(ctx, 2);
    reply_string(ctx, s);
    return reply_errno(ctx, s ? 0 : error);
}

/* [status, errno]; errno means nothing after success */
static int reply_done(RedisModuleCtx *ctx, int status, int error) {
    return reply_status_errno(ctx, status, status == REDISMODULE_OK ? 0 : error);
}

/* list.listpush key mode head|tail element */
static int list_push(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(5);
    OPEN(key);
    int status = RedisModule_ListPush(key, where(argv[3]), argv[4]);
    return reply_done(ctx, status, errno);
}

/* list.listpop key mode head|tail */
static int list_pop(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    OPEN(key);
    RedisModuleString *s = RedisModule_ListPop(key, where(argv[3]));
    return reply_element(ctx, s, errno);
}

/* list.listget key mode index */
static int list_get(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(index, argv[3]);
    OPEN(key);
    RedisModuleString *s = RedisModule_ListGet(key, (long)index);
    return reply_element(ctx, s, errno);
}

/* list.listset key mode index element */
static int list_set(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(5);
    INTEGER(index, argv[3]);
    OPEN(key);
    int status = RedisModule_ListSet(key, (long)index, argv[4]);
    return reply_done(ctx, status, errno);
}

/* list.listinsert key mode index element */
static int list_insert(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(5);
    INTEGER(index, argv[3]);
    OPEN(key);
    int status = RedisModule_ListInsert(key, (long)index, argv[4]);
    return reply_done(ctx, status, errno);
}

/* list.listdelete key mode index */
static int list_delete(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(index, argv[3]);
    OPEN(key);
    int status = RedisModule_ListDelete(key, (long)index);
    return reply_done(ctx, status, errno);
}

/* list.nullelement key: no element given */
static int null_element(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModule_AutoMemory(ctx);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_WRITE);
    RedisModule_ReplyWithArray(ctx, 3);
    errno = 0;
    int status = RedisModule_ListPush(key, REDISMODULE_LIST_HEAD, NULL);
    reply_done(ctx, status, errno);
    errno = 0;
    status = RedisModule_ListSet(key, 0, NULL);
    reply_done(ctx, status, errno);
    errno = 0;
    status = RedisModule_ListInsert(key, 0, NULL);
    return reply_done(ctx, status, errno);
}

/* list.sequence key op ...: many operations on one open handle, one reply each. An op is
 * get:INDEX, set:INDEX:ELEMENT, ins:INDEX:ELEMENT, del:INDEX, push:head|tail:ELEMENT,
 * pop:head|tail, strset:VALUE (StringSet), len or type. */
static int sequence(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 3)
        return RedisModule_WrongArity(ctx);
    RedisModule_AutoMemory(ctx);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ | REDISMODULE_WRITE);
    RedisModule_ReplyWithArray(ctx, argc - 2);
    for (int i = 2; i < argc; i++) {
        char *op = RedisModule_Strdup(cstr(argv[i])), *rest = NULL;
        strtok_r(op, ":", &rest);
        char *arg = strtok_r(NULL, ":", &rest);
        long index = arg ? strtol(arg, NULL, 10) : 0;
        int end = arg && !strcmp(arg, "tail") ? REDISMODULE_LIST_TAIL : REDISMODULE_LIST_HEAD;
        const char *text = rest ? rest : "";
        RedisModuleString *element = RedisModule_CreateString(ctx, text, strlen(text));
        errno = 0;
        if (!strcmp(op, "get")) {
            RedisModuleString *s = RedisModule_ListGet(key, index);
            reply_element(ctx, s, errno);
        } else if (!strcmp(op, "set")) {
            int status = RedisModule_ListSet(key, index, element);
            reply_done(ctx, status, errno);
        } else if (!strcmp(op, "ins")) {
            int status = RedisModule_ListInsert(key, index, element);
            reply_done(ctx, status, errno);
        } else if (!strcmp(op, "del")) {
            int status = RedisModule_ListDelete(key, index);
            reply_done(ctx, status, errno);
        } else if (!strcmp(op, "push")) {
            int status = RedisModule_ListPush(key, end, element);
            reply_done(ctx, status, errno);
        } else if (!strcmp(op, "pop")) {
            RedisModuleString *s = RedisModule_ListPop(key, end);
            reply_element(ctx, s, errno);
        } else if (!strcmp(op, "strset")) {
            RedisModuleString *value = RedisModule_CreateString(ctx, arg, strlen(arg));
            reply_status(ctx, RedisModule_StringSet(key, value));
        } else if (!strcmp(op, "len")) {
            RedisModule_ReplyWithLongLong(ctx, RedisModule_ValueLength(key));
        } else {
            RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(key));
        }
        RedisModule_Free(op);
    }
    return REDISMODULE_OK;
}

/* list.all key [backwards]: every element by its index */
static int all(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 2 && argc != 3)
        return RedisModule_WrongArity(ctx);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    long n = (long)RedisModule_ValueLength(key);
    RedisModule_ReplyWithArray(ctx, n);
    for (long i = 0; i < n; i++)
        reply_string(ctx, RedisModule_ListGet(key, argc == 2 ? i : -1 - i));
    RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

static const struct command commands[] = {
    {"list.listpush", list_push, "write deny-oom", 1, 1, 1},
    {"list.listpop", list_pop, "write", 1, 1, 1},
    {"list.listget", list_get, "write", 1, 1, 1},
    {"list.listset", list_set, "write deny-oom", 1, 1, 1},
    {"list.listinsert", list_insert, "write deny-oom", 1, 1, 1},
    {"list.listdelete", list_delete, "write", 1, 1, 1},
    {"list.nullelement", null_element, "write", 1, 1, 1},
    {"list.sequence", sequence, "write", 1, 1, 1},
    {"list.all", all, "readonly", 1, 1, 1},
};

TEST_MODULE("list", commands)
