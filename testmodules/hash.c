/* hash.c: hashes through an open key. */

#include "testmodule.h"

/* Flags as letters: n NX, x XX, c CFIELDS, e EXISTS, a COUNT_ALL, t EXPIRE_TIME; "-" for none. */
static int hash_flags(const RedisModuleString *s) {
    int flags = REDISMODULE_HASH_NONE;
    for (const char *p = cstr(s); *p; p++) {
        switch (*p) {
        case 'n':
            flags |= REDISMODULE_HASH_NX;
            break;
        case 'x':
            flags |= REDISMODULE_HASH_XX;
            break;
        case 'c':
            flags |= REDISMODULE_HASH_CFIELDS;
            break;
        case 'e':
            flags |= REDISMODULE_HASH_EXISTS;
            break;
        case 'a':
            flags |= REDISMODULE_HASH_COUNT_ALL;
            break;
        case 't':
            flags |= REDISMODULE_HASH_EXPIRE_TIME;
            break;
        default:
            break;
        }
    }
    return flags;
}

/* Opens argv[1] in the modes of argv[2]; leaves the command when that gives NULL. */
#define OPEN(key)                                                                                  \
    RedisModule_AutoMemory(ctx);                                                                   \
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], open_mode(argv[2]));                   \
    if (key == NULL)                                                                               \
    return RedisModule_ReplyWithSimpleString(ctx, "no key")

/* What the variadic functions take for a field: a string object, or a C string with CFIELDS. */
static void *field(int flags, RedisModuleString *s) {
    return flags & REDISMODULE_HASH_CFIELDS ? (void *)cstr(s) : (void *)s;
}

static RedisModuleString *value(RedisModuleString *s) {
    return is(s, ":delete:") ? REDISMODULE_HASH_DELETE : s;
}

/* hash.hashset key mode flags [field value [field value [field value]]]: [count, errno, type,
 * length]. The value :delete: deletes. */
static int hash_set(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 4 || argc > 10 || argc % 2)
        return RedisModule_WrongArity(ctx);
    int flags = hash_flags(argv[3]);
    OPEN(key);
    void *f[3] = {NULL};
    RedisModuleString *v[3] = {NULL};
    for (int i = 4; i < argc; i += 2) {
        f[(i - 4) / 2] = field(flags, argv[i]);
        v[(i - 4) / 2] = value(argv[i + 1]);
    }
    errno = 0;
    int count;
    switch (argc) {
    case 4:
        count = RedisModule_HashSet(key, flags, NULL);
        break;
    case 6:
        count = RedisModule_HashSet(key, flags, f[0], v[0], NULL);
        break;
    case 8:
        count = RedisModule_HashSet(key, flags, f[0], v[0], f[1], v[1], NULL);
        break;
    default:
        count = RedisModule_HashSet(key, flags, f[0], v[0], f[1], v[1], f[2], v[2], NULL);
    }
    int error = errno;
    RedisModule_ReplyWithArray(ctx, 4);
    RedisModule_ReplyWithLongLong(ctx, count);
    reply_errno(ctx, error);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(key));
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_ValueLength(key));
}

/* hash.hashget key mode flags field [field]: [status, errno, value ...] */
static int hash_get(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 5 && argc != 6)
        return RedisModule_WrongArity(ctx);
    int flags = hash_flags(argv[3]);
    int n = argc - 4;
    OPEN(key);
    RedisModuleString *values[2] = {NULL};
    int exists[2] = {-7, -7};
    mstime_t expires[2] = {-7, -7};
    void *out[2], *f[2] = {NULL};
    for (int i = 0; i < n; i++) {
        f[i] = field(flags, argv[4 + i]);
        out[i] = flags & REDISMODULE_HASH_EXISTS        ? (void *)&exists[i]
                 : flags & REDISMODULE_HASH_EXPIRE_TIME ? (void *)&expires[i]
                                                        : (void *)&values[i];
    }
    errno = 0;
    int status = n == 1 ? RedisModule_HashGet(key, flags, f[0], out[0], NULL)
                        : RedisModule_HashGet(key, flags, f[0], out[0], f[1], out[1], NULL);
    int error = errno;
    RedisModule_ReplyWithArray(ctx, 2 + n);
    reply_status(ctx, status);
    reply_errno(ctx, error);
    for (int i = 0; i < n; i++) {
        if (flags & REDISMODULE_HASH_EXISTS) {
            RedisModule_ReplyWithLongLong(ctx, exists[i]);
        } else if (flags & REDISMODULE_HASH_EXPIRE_TIME) {
            RedisModule_ReplyWithLongLong(ctx, expires[i]);
        } else {
            reply_string(ctx, values[i]);
        }
    }
    return REDISMODULE_OK;
}

/* hash.hashfieldminexpire key mode */
static int field_min_expire(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    OPEN(key);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_HashFieldMinExpire(key));
}

/* hash.fill key count: through one open key, then read back */
static int fill(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(count, argv[2]);
    RedisModule_AutoMemory(ctx);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ | REDISMODULE_WRITE);
    long long set = 0, right = 0;
    for (long long i = 0; i < count; i++) {
        RedisModuleString *f = RedisModule_CreateStringPrintf(ctx, "field:%lld", i);
        RedisModuleString *v = RedisModule_CreateStringFromLongLong(ctx, i * i);
        set += RedisModule_HashSet(key, REDISMODULE_HASH_COUNT_ALL, f, v, NULL);
    }
    for (long long i = 0; i < count; i++) {
        RedisModuleString *f = RedisModule_CreateStringPrintf(ctx, "field:%lld", i), *v = NULL;
        long long n = -1;
        RedisModule_HashGet(key, REDISMODULE_HASH_NONE, f, &v, NULL);
        if (v && RedisModule_StringToLongLong(v, &n) == REDISMODULE_OK && n == i * i)
            right++;
    }
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, set);
    return RedisModule_ReplyWithLongLong(ctx, right);
}

/* hash.sequence key: deletes the last field, then writes through the same handle */
static int sequence(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModule_AutoMemory(ctx);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ | REDISMODULE_WRITE);
    RedisModuleString *v = RedisModule_CreateString(ctx, "v", 1), *got = NULL;
    const int c = REDISMODULE_HASH_CFIELDS;
    RedisModule_ReplyWithArray(ctx, 9);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_HashSet(key, c, "f", v, NULL));
    RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(key));
    RedisModule_ReplyWithLongLong(ctx,
                                  RedisModule_HashSet(key, c, "f", REDISMODULE_HASH_DELETE, NULL));
    RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(key));
    reply_status(ctx, RedisModule_HashGet(key, c, "f", &got, NULL));
    reply_string(ctx, got);
    RedisModule_ReplyWithLongLong(
        ctx, RedisModule_HashSet(key, c | REDISMODULE_HASH_COUNT_ALL, "g", v, "h", v, NULL));
    RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(key));
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_ValueLength(key));
}

static const struct command commands[] = {
    {"hash.hashset", hash_set, "write deny-oom", 1, 1, 1},
    {"hash.hashget", hash_get, "write", 1, 1, 1},
    {"hash.hashfieldminexpire", field_min_expire, "write", 1, 1, 1},
    {"hash.fill", fill, "write deny-oom", 1, 1, 1},
    {"hash.sequence", sequence, "write deny-oom", 1, 1, 1},
};

TEST_MODULE("hash", commands)
