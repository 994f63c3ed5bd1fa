/* alloc.c: heap, pools and memory accounting. */

#include "testmodule.h"

static int filled(const char *p, size_t n, char with) {
    for (size_t i = 0; i < n; i++)
        if (p[i] != with)
            return 0;
    return 1;
}

/* Replies whether the block is there and as large as it must be, then frees it. */
static int reply_block(RedisModuleCtx *ctx, char *p, size_t n) {
    if (p == NULL)
        return RedisModule_ReplyWithNull(ctx);
    int ok = RedisModule_MallocSize(p) >= n && (uintptr_t)p % 8 == 0;
    memset(p, 'x', n);
    RedisModule_Free(p);
    return RedisModule_ReplyWithSimpleString(ctx, ok ? "block" : "too small");
}

/* alloc.alloc bytes */
static int alloc(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(n, argv[1]);
    return reply_block(ctx, RedisModule_Alloc(n), n);
}

/* alloc.tryalloc bytes */
static int try_alloc(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(n, argv[1]);
    return reply_block(ctx, RedisModule_TryAlloc(n), n);
}

static int reply_zeroed(RedisModuleCtx *ctx, char *p, size_t n) {
    if (p != NULL && !filled(p, n, 0)) {
        RedisModule_Free(p);
        return RedisModule_ReplyWithSimpleString(ctx, "not zeroed");
    }
    return reply_block(ctx, p, n);
}

/* alloc.calloc count size */
static int calloc_(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(n, argv[1]);
    INTEGER(size, argv[2]);
    return reply_zeroed(ctx, RedisModule_Calloc(n, size), n * size);
}

/* alloc.trycalloc count size */
static int try_calloc(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(n, argv[1]);
    INTEGER(size, argv[2]);
    return reply_zeroed(ctx, RedisModule_TryCalloc(n, size), n * size);
}

/* Grows or shrinks a block and looks whether what fits was kept. */
static int resize(RedisModuleCtx *ctx, RedisModuleString **argv, int argc,
                  void *(*function)(void *, size_t)) {
    ARITY(3);
    INTEGER(from, argv[1]);
    INTEGER(to, argv[2]);
    char *p = NULL;
    if (from >= 0) { /* -1: from no block at all */
        p = RedisModule_Alloc(from);
        memset(p, 'k', from);
    }
    char *q = function(p, to);
    if (q == NULL) {
        /* A failed attempt leaves the old block alone; size 0 has freed it. */
        if (p != NULL && to != 0)
            RedisModule_Free(p);
        return RedisModule_ReplyWithNull(ctx);
    }
    if (from > 0 && !filled(q, from < to ? from : to, 'k')) {
        RedisModule_Free(q);
        return RedisModule_ReplyWithSimpleString(ctx, "not kept");
    }
    return reply_block(ctx, q, to);
}

/* alloc.realloc from to */
static int realloc_(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    return resize(ctx, argv, argc, RedisModule_Realloc);
}

/* alloc.tryrealloc from to */
static int try_realloc(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    return resize(ctx, argv, argc, RedisModule_TryRealloc);
}

/* alloc.free: of NULL */
static int free_(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_Free(NULL);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* alloc.strdup string */
static int strdup_(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    char *s = RedisModule_Strdup(cstr(argv[1]));
    RedisModule_ReplyWithCString(ctx, s);
    RedisModule_Free(s);
    return REDISMODULE_OK;
}

/* alloc.poolalloc size [size ...]: all at once, so that blocks must not overlap */
static int pool_alloc(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    struct {
        char *p;
        long long n;
    } blocks[64];
    if (argc > 64)
        return RedisModule_WrongArity(ctx);
    for (int i = 1; i < argc; i++) {
        INTEGER(n, argv[i]);
        blocks[i].n = n;
        blocks[i].p = RedisModule_PoolAlloc(ctx, n);
        if (blocks[i].p)
            memset(blocks[i].p, i, n);
    }
    RedisModule_ReplyWithArray(ctx, argc - 1);
    for (int i = 1; i < argc; i++) {
        char *p = blocks[i].p;
        const char *what = p == NULL                                           ? "null"
                           : !filled(p, blocks[i].n, (char)i)                  ? "overlaps"
                           : blocks[i].n >= 8 && (uintptr_t)p % sizeof(void *) ? "not aligned"
                                                                               : "block";
        RedisModule_ReplyWithSimpleString(ctx, what);
    }
    return REDISMODULE_OK;
}

/* alloc.poolmany count size: allocated one by one, each written to */
static int pool_many(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(count, argv[1]);
    INTEGER(size, argv[2]);
    char *first = NULL;
    for (long long i = 0; i < count; i++) {
        char *p = RedisModule_PoolAlloc(ctx, size);
        memset(p, i == 0 ? 'f' : 'x', size);
        if (i == 0)
            first = p;
    }
    return RedisModule_ReplyWithSimpleString(ctx, filled(first, size, 'f') ? "OK" : "overwritten");
}

/* alloc.mallocsize bytes */
static int malloc_size(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(n, argv[1]);
    void *p = RedisModule_Alloc(n);
    size_t size = RedisModule_MallocSize(p);
    RedisModule_Free(p);
    return RedisModule_ReplyWithBool(ctx, size >= (size_t)n && size < (size_t)n * 2 + 64);
}

/* alloc.mallocusablesize bytes: all of it may be written to */
static int malloc_usable_size(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(n, argv[1]);
    char *p = RedisModule_Alloc(n);
    size_t size = RedisModule_MallocUsableSize(p);
    memset(p, 'u', size);
    RedisModule_Free(p);
    return RedisModule_ReplyWithBool(ctx, size >= (size_t)n);
}

/* alloc.mallocsizestring string */
static int malloc_size_string(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleString *copy = RedisModule_CreateStringFromString(ctx, argv[1]);
    size_t len;
    RedisModule_StringPtrLen(copy, &len);
    size_t size = RedisModule_MallocSizeString(copy);
    RedisModule_FreeString(ctx, copy);
    return RedisModule_ReplyWithBool(ctx, size > len && size < len * 2 + 100);
}

/* alloc.mallocsizedict count: grows with what the dictionary holds */
static int malloc_size_dict(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(count, argv[1]);
    RedisModuleDict *d = RedisModule_CreateDict(NULL);
    size_t empty = RedisModule_MallocSizeDict(d);
    for (long long i = 0; i < count; i++)
        RedisModule_DictSetC(d, &i, sizeof i, NULL);
    size_t full = RedisModule_MallocSizeDict(d);
    RedisModule_FreeDict(NULL, d);
    return RedisModule_ReplyWithBool(ctx, empty > 0 && full > empty);
}

/* alloc.getusedmemoryratio: as "zero", "below" or "over" */
static int get_used_memory_ratio(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    float ratio = RedisModule_GetUsedMemoryRatio();
    return RedisModule_ReplyWithSimpleString(ctx, ratio == 0  ? "zero"
                                                  : ratio < 1 ? "below"
                                                              : "over");
}

static unsigned long long used_memory(RedisModuleCtx *ctx) {
    int error;
    RedisModuleServerInfoData *info = RedisModule_GetServerInfo(ctx, "memory");
    unsigned long long used = RedisModule_ServerInfoGetFieldUnsigned(info, "used_memory", &error);
    RedisModule_FreeServerInfo(ctx, info);
    return used;
}

/* alloc.counted bytes: does used_memory grow with Alloc and shrink with Free? */
static int counted(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(n, argv[1]);
    unsigned long long before = used_memory(ctx);
    void *p = RedisModule_Alloc(n);
    unsigned long long during = used_memory(ctx);
    RedisModule_Free(p);
    unsigned long long after = used_memory(ctx);
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithBool(ctx, during >= before + n);
    return RedisModule_ReplyWithBool(ctx, after + n <= during);
}

static const struct command commands[] = {
    {"alloc.alloc", alloc, "", 0, 0, 0},
    {"alloc.tryalloc", try_alloc, "", 0, 0, 0},
    {"alloc.calloc", calloc_, "", 0, 0, 0},
    {"alloc.trycalloc", try_calloc, "", 0, 0, 0},
    {"alloc.realloc", realloc_, "", 0, 0, 0},
    {"alloc.tryrealloc", try_realloc, "", 0, 0, 0},
    {"alloc.free", free_, "", 0, 0, 0},
    {"alloc.strdup", strdup_, "", 0, 0, 0},
    {"alloc.poolalloc", pool_alloc, "", 0, 0, 0},
    {"alloc.poolmany", pool_many, "", 0, 0, 0},
    {"alloc.mallocsize", malloc_size, "", 0, 0, 0},
    {"alloc.mallocusablesize", malloc_usable_size, "", 0, 0, 0},
    {"alloc.mallocsizestring", malloc_size_string, "", 0, 0, 0},
    {"alloc.mallocsizedict", malloc_size_dict, "", 0, 0, 0},
    {"alloc.getusedmemoryratio", get_used_memory_ratio, "", 0, 0, 0},
    {"alloc.counted", counted, "", 0, 0, 0},
};

TEST_MODULE("alloc", commands)
