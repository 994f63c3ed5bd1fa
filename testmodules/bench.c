/* bench.c: the module that `make bench` measures. One command per way in which a module spends its
 * time, each doing no more than that:
 *
 *   bench.reply                   reply only
 *   bench.dma key                 open a string and read its bytes in place: replies their sum
 *   bench.insert key number       append to a value of the module's own type: replies the length
 *   bench.incr key                RedisModule_Call of INCR, its reply passed on
 *   bench.hash key field value    set a hash field, get it again, reply it
 *   bench.range key count         walk a sorted set from its lowest score: replies up to count members
 */

#include <string.h>

#include "redismodule.h"

static RedisModuleType *numbers_type;

/* ---- The data type: a growing array of numbers ---- */

struct numbers {
    size_t len, cap;
    long long *v;
};

static void append(struct numbers *n, long long value) {
    if (n->len == n->cap) {
        n->cap = n->cap ? n->cap * 2 : 4;
        n->v = RedisModule_Realloc(n->v, n->cap * sizeof *n->v);
    }
    n->v[n->len++] = value;
}

static void numbers_free(void *value) {
    struct numbers *n = value;
    RedisModule_Free(n->v);
    RedisModule_Free(n);
}

static size_t numbers_mem_usage(const void *value) {
    const struct numbers *n = value;
    return sizeof *n + n->cap * sizeof *n->v;
}

static void numbers_save(RedisModuleIO *io, void *value) {
    struct numbers *n = value;
    RedisModule_SaveUnsigned(io, n->len);
    for (size_t i = 0; i < n->len; i++)
        RedisModule_SaveSigned(io, n->v[i]);
}

static void *numbers_load(RedisModuleIO *io, int encver) {
    if (encver != 0) return NULL;
    struct numbers *n = RedisModule_Calloc(1, sizeof *n);
    for (uint64_t left = RedisModule_LoadUnsigned(io); left > 0; left--) {
        long long value = RedisModule_LoadSigned(io);
        /* The count may be a lie: what was read is what there is. */
        if (RedisModule_IsIOError(io)) {
            numbers_free(n);
            return NULL;
        }
        append(n, value);
    }
    return n;
}

static void numbers_rewrite(RedisModuleIO *aof, RedisModuleString *key, void *value) {
    struct numbers *n = value;
    for (size_t i = 0; i < n->len; i++)
        RedisModule_EmitAOF(aof, "BENCH.INSERT", "sl", key, n->v[i]);
}

static void numbers_digest(RedisModuleDigest *md, void *value) {
    struct numbers *n = value;
    for (size_t i = 0; i < n->len; i++)
        RedisModule_DigestAddLongLong(md, n->v[i]);
    RedisModule_DigestEndSequence(md);
}

/* ---- The commands ---- */

static int reply(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    if (argc != 1) return RedisModule_WrongArity(ctx);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

static int dma(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 2) return RedisModule_WrongArity(ctx);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    long long sum = 0;
    int type = RedisModule_KeyType(key);
    if (type == REDISMODULE_KEYTYPE_STRING) {
        size_t len;
        const unsigned char *p = (void *)RedisModule_StringDMA(key, &len, REDISMODULE_READ);
        for (size_t i = 0; i < len; i++)
            sum += p[i];
    }
    RedisModule_CloseKey(key);
    if (type != REDISMODULE_KEYTYPE_STRING && type != REDISMODULE_KEYTYPE_EMPTY)
        return RedisModule_ReplyWithError(ctx, REDISMODULE_ERRORMSG_WRONGTYPE);
    return RedisModule_ReplyWithLongLong(ctx, sum);
}

static int insert(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 3) return RedisModule_WrongArity(ctx);
    long long value;
    if (RedisModule_StringToLongLong(argv[2], &value) != REDISMODULE_OK)
        return RedisModule_ReplyWithError(ctx, "ERR value is not an integer or out of range");
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ | REDISMODULE_WRITE);
    struct numbers *n;
    if (RedisModule_KeyType(key) == REDISMODULE_KEYTYPE_EMPTY) {
        n = RedisModule_Calloc(1, sizeof *n);
        RedisModule_ModuleTypeSetValue(key, numbers_type, n);
    } else if (RedisModule_ModuleTypeGetType(key) == numbers_type) {
        n = RedisModule_ModuleTypeGetValue(key);
    } else {
        RedisModule_CloseKey(key);
        return RedisModule_ReplyWithError(ctx, REDISMODULE_ERRORMSG_WRONGTYPE);
    }
    append(n, value);
    size_t len = n->len;
    RedisModule_CloseKey(key);
    RedisModule_ReplicateVerbatim(ctx);
    return RedisModule_ReplyWithLongLong(ctx, (long long)len);
}

static int incr(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 2) return RedisModule_WrongArity(ctx);
    RedisModuleCallReply *r = RedisModule_Call(ctx, "INCR", "s!", argv[1]);
    if (r == NULL) return RedisModule_ReplyWithError(ctx, "ERR INCR can't be called");
    RedisModule_ReplyWithCallReply(ctx, r);
    RedisModule_FreeCallReply(r);
    return REDISMODULE_OK;
}

static int hash(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 4) return RedisModule_WrongArity(ctx);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ | REDISMODULE_WRITE);
    int type = RedisModule_KeyType(key);
    if (type != REDISMODULE_KEYTYPE_HASH && type != REDISMODULE_KEYTYPE_EMPTY) {
        RedisModule_CloseKey(key);
        return RedisModule_ReplyWithError(ctx, REDISMODULE_ERRORMSG_WRONGTYPE);
    }
    RedisModuleString *value = NULL;
    RedisModule_HashSet(key, REDISMODULE_HASH_NONE, argv[2], argv[3], NULL);
    RedisModule_HashGet(key, REDISMODULE_HASH_NONE, argv[2], &value, NULL);
    RedisModule_CloseKey(key);
    RedisModule_ReplicateVerbatim(ctx);
    if (value == NULL) return RedisModule_ReplyWithNull(ctx);
    RedisModule_ReplyWithString(ctx, value);
    RedisModule_FreeString(ctx, value);
    return REDISMODULE_OK;
}

static int range(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 3) return RedisModule_WrongArity(ctx);
    long long count;
    if (RedisModule_StringToLongLong(argv[2], &count) != REDISMODULE_OK || count < 0)
        return RedisModule_ReplyWithError(ctx, "ERR value is not an integer or out of range");
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    int type = RedisModule_KeyType(key);
    if (type != REDISMODULE_KEYTYPE_ZSET) {
        RedisModule_CloseKey(key);
        if (type == REDISMODULE_KEYTYPE_EMPTY) return RedisModule_ReplyWithArray(ctx, 0);
        return RedisModule_ReplyWithError(ctx, REDISMODULE_ERRORMSG_WRONGTYPE);
    }
    RedisModule_ZsetFirstInScoreRange(key, REDISMODULE_NEGATIVE_INFINITE,
                                      REDISMODULE_POSITIVE_INFINITE, 0, 0);
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    long n = 0;
    while (n < count && !RedisModule_ZsetRangeEndReached(key)) {
        double score;
        RedisModuleString *member = RedisModule_ZsetRangeCurrentElement(key, &score);
        RedisModule_ReplyWithString(ctx, member);
        RedisModule_FreeString(ctx, member);
        n++;
        RedisModule_ZsetRangeNext(key);
    }
    RedisModule_ReplySetArrayLength(ctx, n);
    RedisModule_ZsetRangeStop(key);
    RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "bench", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    RedisModuleTypeMethods methods = {
        .version = REDISMODULE_TYPE_METHOD_VERSION,
        .rdb_load = numbers_load,
        .rdb_save = numbers_save,
        .aof_rewrite = numbers_rewrite,
        .mem_usage = numbers_mem_usage,
        .free = numbers_free,
        .digest = numbers_digest,
    };
    numbers_type = RedisModule_CreateDataType(ctx, "bench-num", 0, &methods);
    if (numbers_type == NULL) return REDISMODULE_ERR;
    static const struct {
        const char *name;
        RedisModuleCmdFunc func;
        const char *flags;
        int key;
    } commands[] = {
        {"bench.reply", reply, "fast", 0},
        {"bench.dma", dma, "readonly fast", 1},
        {"bench.insert", insert, "write deny-oom", 1},
        {"bench.incr", incr, "write deny-oom fast", 1},
        {"bench.hash", hash, "write deny-oom", 1},
        {"bench.range", range, "readonly", 1},
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        int key = commands[i].key;
        if (RedisModule_CreateCommand(ctx, commands[i].name, commands[i].func, commands[i].flags,
                                      key, key, key) == REDISMODULE_ERR)
            return REDISMODULE_ERR;
    }
    return REDISMODULE_OK;
}
