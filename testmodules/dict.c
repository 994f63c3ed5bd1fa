/* dict.c: dictionaries. There is one, kept between commands; its values are strings. */

#include "testmodule.h"

static RedisModuleDict *dict;

static char *copy(const RedisModuleString *s) { return RedisModule_Strdup(cstr(s)); }

static int reply_value(RedisModuleCtx *ctx, const char *value) {
    if (value == NULL)
        return RedisModule_ReplyWithNull(ctx);
    return RedisModule_ReplyWithCString(ctx, value);
}

/* dict.createdict: a new one in place of the old */
static int create(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    if (dict) {
        void *value;
        RedisModuleDictIter *it = RedisModule_DictIteratorStartC(dict, "^", NULL, 0);
        while (RedisModule_DictNextC(it, NULL, &value))
            RedisModule_Free(value);
        RedisModule_DictIteratorStop(it);
        RedisModule_FreeDict(NULL, dict);
    }
    dict = RedisModule_CreateDict(NULL);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_DictSize(dict));
}

/* dict.dictsize */
static int size(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_DictSize(dict));
}

/* dict.dictset key value */
static int set(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    char *value = copy(argv[2]);
    int status = RedisModule_DictSet(dict, argv[1], value);
    if (status == REDISMODULE_ERR)
        RedisModule_Free(value);
    return reply_status(ctx, status);
}

/* dict.dictsetc key value */
static int set_c(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    size_t len;
    char *key = (char *)RedisModule_StringPtrLen(argv[1], &len), *value = copy(argv[2]);
    int status = RedisModule_DictSetC(dict, key, len, value);
    if (status == REDISMODULE_ERR)
        RedisModule_Free(value);
    return reply_status(ctx, status);
}

/* dict.dictreplace key value */
static int replace(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    char *old = RedisModule_DictGet(dict, argv[1], NULL);
    int status = RedisModule_DictReplace(dict, argv[1], copy(argv[2]));
    RedisModule_Free(old);
    return reply_status(ctx, status);
}

/* dict.dictreplacec key value */
static int replace_c(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    size_t len;
    char *key = (char *)RedisModule_StringPtrLen(argv[1], &len);
    char *old = RedisModule_DictGetC(dict, key, len, NULL);
    int status = RedisModule_DictReplaceC(dict, key, len, copy(argv[2]));
    RedisModule_Free(old);
    return reply_status(ctx, status);
}

/* dict.dictget key: [value, nokey] */
static int get(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    int nokey = -7;
    char *value = RedisModule_DictGet(dict, argv[1], &nokey);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_value(ctx, value);
    return RedisModule_ReplyWithLongLong(ctx, nokey);
}

/* dict.dictgetc key: [value, nokey] */
static int get_c(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    size_t len;
    int nokey = -7;
    char *key = (char *)RedisModule_StringPtrLen(argv[1], &len);
    char *value = RedisModule_DictGetC(dict, key, len, &nokey);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_value(ctx, value);
    return RedisModule_ReplyWithLongLong(ctx, nokey);
}

/* dict.dictdel key: [status, old value] */
static int del(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    char *old = NULL;
    int status = RedisModule_DictDel(dict, argv[1], &old);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    reply_value(ctx, old);
    RedisModule_Free(old);
    return REDISMODULE_OK;
}

/* dict.dictdelc key: [status, old value] */
static int del_c(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    size_t len;
    char *key = (char *)RedisModule_StringPtrLen(argv[1], &len), *old = NULL;
    int status = RedisModule_DictDelC(dict, key, len, &old);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    reply_value(ctx, old);
    RedisModule_Free(old);
    return REDISMODULE_OK;
}

/* ---- Iterators ---- */

/* dict.dictnextc op key: keys and values from a seek on, forwards */
static int next_c(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    size_t len, klen;
    char *key = (char *)RedisModule_StringPtrLen(argv[2], &len), *k;
    void *value;
    RedisModuleDictIter *it = RedisModule_DictIteratorStartC(dict, cstr(argv[1]), key, len);
    long n = 0;
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    while ((k = RedisModule_DictNextC(it, &klen, &value)) != NULL) {
        RedisModule_ReplyWithStringBuffer(ctx, k, klen);
        reply_value(ctx, value);
        n += 2;
    }
    RedisModule_ReplySetArrayLength(ctx, n);
    RedisModule_DictIteratorStop(it);
    return REDISMODULE_OK;
}

/* dict.dictprevc op key: the same backwards */
static int prev_c(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    size_t len, klen;
    char *key = (char *)RedisModule_StringPtrLen(argv[2], &len), *k;
    void *value;
    RedisModuleDictIter *it = RedisModule_DictIteratorStartC(dict, cstr(argv[1]), key, len);
    long n = 0;
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    while ((k = RedisModule_DictPrevC(it, &klen, &value)) != NULL) {
        RedisModule_ReplyWithStringBuffer(ctx, k, klen);
        reply_value(ctx, value);
        n += 2;
    }
    RedisModule_ReplySetArrayLength(ctx, n);
    RedisModule_DictIteratorStop(it);
    return REDISMODULE_OK;
}

/* dict.dictnext op key count: string objects, without asking for the values */
static int next(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(count, argv[3]);
    RedisModuleDictIter *it = RedisModule_DictIteratorStart(dict, cstr(argv[1]), argv[2]);
    long n = 0;
    RedisModuleString *s;
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    for (; n < count && (s = RedisModule_DictNext(ctx, it, NULL)) != NULL; n++)
        reply_string(ctx, s);
    RedisModule_ReplySetArrayLength(ctx, n);
    RedisModule_DictIteratorStop(it);
    return REDISMODULE_OK;
}

/* dict.dictprev op key count */
static int prev(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(count, argv[3]);
    RedisModuleDictIter *it = RedisModule_DictIteratorStart(dict, cstr(argv[1]), argv[2]);
    long n = 0;
    RedisModuleString *s;
    void *value;
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    for (; n < count && (s = RedisModule_DictPrev(ctx, it, &value)) != NULL; n++)
        reply_string(ctx, s);
    RedisModule_ReplySetArrayLength(ctx, n);
    RedisModule_DictIteratorStop(it);
    return REDISMODULE_OK;
}

/* dict.walk op key step ...: a step is next, prev, seek:OP:KEY, reseek:OP:KEY or cmp:OP:KEY */
static int walk(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 4)
        return RedisModule_WrongArity(ctx);
    RedisModuleDictIter *it = RedisModule_DictIteratorStart(dict, cstr(argv[1]), argv[2]);
    RedisModule_ReplyWithArray(ctx, argc - 3);
    for (int i = 3; i < argc; i++) {
        char *step = RedisModule_Strdup(cstr(argv[i])), *rest = NULL;
        strtok_r(step, ":", &rest);
        char *op = strtok_r(NULL, ":", &rest);
        const char *key = rest ? rest : "";
        RedisModuleString *s = RedisModule_CreateString(ctx, key, strlen(key));
        if (!strcmp(step, "next") || !strcmp(step, "prev")) {
            size_t len = 0;
            char *k = *step == 'n' ? RedisModule_DictNextC(it, &len, NULL)
                                   : RedisModule_DictPrevC(it, &len, NULL);
            k ? RedisModule_ReplyWithStringBuffer(ctx, k, len) : RedisModule_ReplyWithNull(ctx);
        } else if (!strcmp(step, "seek")) {
            reply_status(ctx, RedisModule_DictIteratorReseekC(it, op, (char *)key, strlen(key)));
        } else if (!strcmp(step, "reseek")) {
            reply_status(ctx, RedisModule_DictIteratorReseek(it, op, s));
        } else {
            int a = RedisModule_DictCompare(it, op, s);
            int b = RedisModule_DictCompareC(it, op, (char *)key, strlen(key));
            RedisModule_ReplyWithSimpleString(ctx, a != b                ? "differ"
                                                   : a == REDISMODULE_OK ? "yes"
                                                                         : "no");
        }
        RedisModule_FreeString(ctx, s);
        RedisModule_Free(step);
    }
    RedisModule_DictIteratorStop(it);
    return REDISMODULE_OK;
}

/* dict.many count: as many keys, then every second deleted; [set, size, deleted, size, in order] */
static int many(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(count, argv[1]);
    RedisModuleDict *d = RedisModule_CreateDict(ctx);
    long long set = 0, deleted = 0, ordered = 1;
    char key[32], last[32] = "";
    for (long long i = 0; i < count; i++) {
        int n = snprintf(key, sizeof key, "key:%lld", i * 7919 % count);
        set += RedisModule_DictSetC(d, key, n, (void *)(intptr_t)(i + 1)) == REDISMODULE_OK;
    }
    RedisModule_ReplyWithArray(ctx, 5);
    RedisModule_ReplyWithLongLong(ctx, set);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_DictSize(d));
    for (long long i = 0; i < count; i += 2) {
        int n = snprintf(key, sizeof key, "key:%lld", i);
        deleted += RedisModule_DictDelC(d, key, n, NULL) == REDISMODULE_OK;
    }
    RedisModuleDictIter *it = RedisModule_DictIteratorStartC(d, "^", NULL, 0);
    size_t len;
    char *k;
    while ((k = RedisModule_DictNextC(it, &len, NULL)) != NULL) {
        snprintf(key, sizeof key, "%.*s", (int)len, k);
        if (strcmp(last, key) >= 0)
            ordered = 0;
        strcpy(last, key);
    }
    RedisModule_DictIteratorStop(it);
    RedisModule_ReplyWithLongLong(ctx, deleted);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_DictSize(d));
    RedisModule_ReplyWithLongLong(ctx, ordered);
    RedisModule_FreeDict(ctx, d);
    return REDISMODULE_OK;
}

/* dict.nullvalue: NULL is a value; nokey tells it from a missing key */
static int null_value(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModuleDict *d = RedisModule_CreateDict(ctx);
    int there = -7, missing = -7;
    RedisModule_DictSetC(d, "null", 4, NULL);
    void *a = RedisModule_DictGetC(d, "null", 4, &there);
    void *b = RedisModule_DictGetC(d, "gone", 4, &missing);
    RedisModule_ReplyWithArray(ctx, 5);
    RedisModule_ReplyWithBool(ctx, a == NULL);
    RedisModule_ReplyWithLongLong(ctx, there);
    RedisModule_ReplyWithBool(ctx, b == NULL);
    RedisModule_ReplyWithLongLong(ctx, missing);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_DictSize(d));
    RedisModule_FreeDict(ctx, d);
    return REDISMODULE_OK;
}

static const struct command commands[] = {
    {"dict.createdict", create, "", 0, 0, 0},
    {"dict.dictsize", size, "", 0, 0, 0},
    {"dict.dictset", set, "", 0, 0, 0},
    {"dict.dictsetc", set_c, "", 0, 0, 0},
    {"dict.dictreplace", replace, "", 0, 0, 0},
    {"dict.dictreplacec", replace_c, "", 0, 0, 0},
    {"dict.dictget", get, "", 0, 0, 0},
    {"dict.dictgetc", get_c, "", 0, 0, 0},
    {"dict.dictdel", del, "", 0, 0, 0},
    {"dict.dictdelc", del_c, "", 0, 0, 0},
    {"dict.dictnextc", next_c, "", 0, 0, 0},
    {"dict.dictprevc", prev_c, "", 0, 0, 0},
    {"dict.dictnext", next, "", 0, 0, 0},
    {"dict.dictprev", prev, "", 0, 0, 0},
    {"dict.walk", walk, "", 0, 0, 0},
    {"dict.many", many, "", 0, 0, 0},
    {"dict.nullvalue", null_value, "", 0, 0, 0},
};

TEST_MODULE("dict", commands)
