/* zset.c: sorted sets and their range iterators through an open key. */

#include "testmodule.h"

/* Flags as letters: x XX, n NX, g GT, l LT; "-" for none. */
static int zadd_flags(const RedisModuleString *s) {
    int flags = 0;
    for (const char *p = cstr(s); *p; p++) {
        switch (*p) {
        case 'x':
            flags |= REDISMODULE_ZADD_XX;
            break;
        case 'n':
            flags |= REDISMODULE_ZADD_NX;
            break;
        case 'g':
            flags |= REDISMODULE_ZADD_GT;
            break;
        case 'l':
            flags |= REDISMODULE_ZADD_LT;
            break;
        default:
            break;
        }
    }
    return flags;
}

/* The flags that come out, as words. */
static void reply_flags(RedisModuleCtx *ctx, int flags) {
    RedisModule_ReplyWithSimpleString(ctx, flags & REDISMODULE_ZADD_ADDED     ? "added"
                                           : flags & REDISMODULE_ZADD_UPDATED ? "updated"
                                           : flags & REDISMODULE_ZADD_NOP     ? "nop"
                                           : flags                            ? "other"
                                                                              : "none");
}

#define OPEN(key)                                                                                  \
    RedisModule_AutoMemory(ctx);                                                                   \
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], open_mode(argv[2]));                   \
    if (key == NULL)                                                                               \
    return RedisModule_ReplyWithSimpleString(ctx, "no key")

/* zset.zsetadd key mode flags score element: [status, flags] */
static int zset_add(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(6);
    int flags = zadd_flags(argv[3]);
    DOUBLE(score, argv[4]);
    OPEN(key);
    int status = RedisModule_ZsetAdd(key, score, argv[5], &flags);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    reply_flags(ctx, flags);
    return REDISMODULE_OK;
}

/* zset.zsetaddplain key score element: without flags */
static int zset_add_plain(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    DOUBLE(score, argv[2]);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_WRITE);
    int status = RedisModule_ZsetAdd(key, score, argv[3], NULL);
    RedisModule_CloseKey(key);
    return reply_status(ctx, status);
}

/* zset.zsetincrby key mode flags increment element: [status, flags, new score] */
static int zset_incrby(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(6);
    int flags = zadd_flags(argv[3]);
    DOUBLE(score, argv[4]);
    double after = -12345;
    OPEN(key);
    int status = RedisModule_ZsetIncrby(key, score, argv[5], &flags, &after);
    RedisModule_ReplyWithArray(ctx, 3);
    reply_status(ctx, status);
    reply_flags(ctx, flags);
    return RedisModule_ReplyWithDouble(ctx, after);
}

/* zset.zsetincrbyplain key increment element: without flags and without asking for the score */
static int zset_incrby_plain(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    DOUBLE(score, argv[2]);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_WRITE);
    int status = RedisModule_ZsetIncrby(key, score, argv[3], NULL, NULL);
    RedisModule_CloseKey(key);
    return reply_status(ctx, status);
}

/* zset.zsetrem key mode element: [status, deleted, type after] */
static int zset_rem(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    int deleted = -7;
    OPEN(key);
    int status = RedisModule_ZsetRem(key, argv[3], &deleted);
    RedisModule_ReplyWithArray(ctx, 3);
    reply_status(ctx, status);
    RedisModule_ReplyWithLongLong(ctx, deleted);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(key));
}

/* zset.zsetscore key mode element */
static int zset_score(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    double score = -12345;
    OPEN(key);
    int status = RedisModule_ZsetScore(key, argv[3], &score);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    return RedisModule_ReplyWithDouble(ctx, score);
}

/* ---- Ranges ---- */

/* Starts a range: score MIN MAX or lex MIN MAX, a "(" before a score excludes it. */
static int start(RedisModuleKey *key, RedisModuleString *kind, RedisModuleString *from,
                 RedisModuleString *min, RedisModuleString *max) {
    int first = is(from, "first");
    if (is(kind, "lex"))
        return first ? RedisModule_ZsetFirstInLexRange(key, min, max)
                     : RedisModule_ZsetLastInLexRange(key, min, max);
    const char *lo = cstr(min), *hi = cstr(max);
    int minex = *lo == '(', maxex = *hi == '(';
    double a = strtod(lo + minex, NULL), b = strtod(hi + maxex, NULL);
    return first ? RedisModule_ZsetFirstInScoreRange(key, a, b, minex, maxex)
                 : RedisModule_ZsetLastInScoreRange(key, a, b, minex, maxex);
}

static void reply_current(RedisModuleCtx *ctx, RedisModuleKey *key) {
    double score = -12345;
    RedisModuleString *s = RedisModule_ZsetRangeCurrentElement(key, &score);
    if (s == NULL) {
        RedisModule_ReplyWithNull(ctx);
        return;
    }
    RedisModule_ReplyWithArray(ctx, 2);
    reply_string(ctx, s);
    RedisModule_ReplyWithDouble(ctx, score);
}

/* zset.range key score|lex first|last min max: [status, elements to the end of the range] */
static int range(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(6);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    if (key == NULL)
        return RedisModule_ReplyWithSimpleString(ctx, "no key");
    RedisModule_ReplyWithArray(ctx, 2);
    int status = start(key, argv[2], argv[3], argv[4], argv[5]);
    reply_status(ctx, status);
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    int forward = is(argv[3], "first");
    long count = 0;
    /* After a refused range the end may never be reached. */
    while (status == REDISMODULE_OK && !RedisModule_ZsetRangeEndReached(key)) {
        reply_current(ctx, key);
        count++;
        forward ? RedisModule_ZsetRangeNext(key) : RedisModule_ZsetRangePrev(key);
    }
    RedisModule_ReplySetArrayLength(ctx, count);
    RedisModule_ZsetRangeStop(key);
    RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

/* zset.walk key score|lex first|last min max op ...: an op is next, prev, cur, end, stop or again
 * (starts the same range anew); replies what each returned. */
static int walk(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 7)
        return RedisModule_WrongArity(ctx);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    if (key == NULL)
        return RedisModule_ReplyWithSimpleString(ctx, "no key");
    RedisModule_ReplyWithArray(ctx, argc - 5);
    reply_status(ctx, start(key, argv[2], argv[3], argv[4], argv[5]));
    for (int i = 6; i < argc; i++) {
        if (is(argv[i], "next")) {
            RedisModule_ReplyWithLongLong(ctx, RedisModule_ZsetRangeNext(key));
        } else if (is(argv[i], "prev")) {
            RedisModule_ReplyWithLongLong(ctx, RedisModule_ZsetRangePrev(key));
        } else if (is(argv[i], "end")) {
            RedisModule_ReplyWithLongLong(ctx, RedisModule_ZsetRangeEndReached(key));
        } else if (is(argv[i], "stop")) {
            RedisModule_ZsetRangeStop(key);
            RedisModule_ReplyWithSimpleString(ctx, "stopped");
        } else if (is(argv[i], "again")) {
            reply_status(ctx, start(key, argv[2], argv[3], argv[4], argv[5]));
        } else {
            reply_current(ctx, key);
        }
    }
    RedisModule_CloseKey(key); /* ends the range, too */
    return REDISMODULE_OK;
}

/* zset.change key score|lex first|last min max op ...: zset.walk on a handle that also changes the
 * set: add:SCORE:MEMBER, rem:MEMBER, call (a command of the server's that changes nothing),
 * touch (opens another key), delete (DeleteKey), type or len. */
static int change(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 7)
        return RedisModule_WrongArity(ctx);
    RedisModule_AutoMemory(ctx);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ | REDISMODULE_WRITE);
    RedisModule_ReplyWithArray(ctx, argc - 5);
    reply_status(ctx, start(key, argv[2], argv[3], argv[4], argv[5]));
    for (int i = 6; i < argc; i++) {
        char *op = RedisModule_Strdup(cstr(argv[i])), *rest = NULL;
        strtok_r(op, ":", &rest);
        char *arg = strtok_r(NULL, ":", &rest);
        const char *member = !strcmp(op, "add") ? rest : arg ? arg : "";
        RedisModuleString *s = RedisModule_CreateString(ctx, member, strlen(member));
        if (!strcmp(op, "add")) {
            reply_status(ctx, RedisModule_ZsetAdd(key, strtod(arg, NULL), s, NULL));
        } else if (!strcmp(op, "rem")) {
            int deleted = -7;
            RedisModule_ZsetRem(key, s, &deleted);
            RedisModule_ReplyWithLongLong(ctx, deleted);
        } else if (!strcmp(op, "call")) {
            reply_status(ctx, RedisModule_Call(ctx, "PING", "") != NULL ? REDISMODULE_OK
                                                                        : REDISMODULE_ERR);
        } else if (!strcmp(op, "touch")) {
            RedisModule_CloseKey(RedisModule_OpenKey(ctx, s, REDISMODULE_WRITE));
            RedisModule_ReplyWithNull(ctx);
        } else if (!strcmp(op, "delete")) {
            reply_status(ctx, RedisModule_DeleteKey(key));
        } else if (!strcmp(op, "type")) {
            RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(key));
        } else if (!strcmp(op, "len")) {
            RedisModule_ReplyWithLongLong(ctx, (long long)RedisModule_ValueLength(key));
        } else if (!strcmp(op, "next")) {
            RedisModule_ReplyWithLongLong(ctx, RedisModule_ZsetRangeNext(key));
        } else if (!strcmp(op, "prev")) {
            RedisModule_ReplyWithLongLong(ctx, RedisModule_ZsetRangePrev(key));
        } else if (!strcmp(op, "end")) {
            RedisModule_ReplyWithLongLong(ctx, RedisModule_ZsetRangeEndReached(key));
        } else if (!strcmp(op, "again")) {
            reply_status(ctx, start(key, argv[2], argv[3], argv[4], argv[5]));
        } else {
            reply_current(ctx, key);
        }
        RedisModule_Free(op);
    }
    return REDISMODULE_OK;
}

/* zset.notstarted key: range functions without a range */
static int not_started(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    if (key == NULL)
        return RedisModule_ReplyWithSimpleString(ctx, "no key");
    RedisModule_ReplyWithArray(ctx, 4);
    reply_current(ctx, key);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_ZsetRangeNext(key));
    RedisModule_ReplyWithLongLong(ctx, RedisModule_ZsetRangePrev(key));
    RedisModule_ZsetRangeStop(key);
    RedisModule_ZsetRangeStop(key);
    RedisModule_ReplyWithSimpleString(ctx, "stopped");
    RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

/* zset.delrange key min max: removes what a range by score shows, as ZREMRANGEBYSCORE; the range is
 * started anew after each removal */
static int del_range(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    DOUBLE(min, argv[2]);
    DOUBLE(max, argv[3]);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ | REDISMODULE_WRITE);
    long long removed = 0;
    while (RedisModule_KeyType(key) == REDISMODULE_KEYTYPE_ZSET) {
        RedisModule_ZsetFirstInScoreRange(key, min, max, 0, 0);
        RedisModuleString *s = RedisModule_ZsetRangeEndReached(key)
                                   ? NULL
                                   : RedisModule_ZsetRangeCurrentElement(key, NULL);
        RedisModule_ZsetRangeStop(key);
        if (s == NULL)
            break;
        RedisModule_ZsetRem(key, s, NULL);
        RedisModule_FreeString(ctx, s);
        removed++;
    }
    RedisModule_CloseKey(key);
    return RedisModule_ReplyWithLongLong(ctx, removed);
}

static const struct command commands[] = {
    {"zset.zsetadd", zset_add, "write deny-oom", 1, 1, 1},
    {"zset.zsetaddplain", zset_add_plain, "write deny-oom", 1, 1, 1},
    {"zset.zsetincrby", zset_incrby, "write deny-oom", 1, 1, 1},
    {"zset.zsetincrbyplain", zset_incrby_plain, "write deny-oom", 1, 1, 1},
    {"zset.zsetrem", zset_rem, "write", 1, 1, 1},
    {"zset.zsetscore", zset_score, "write", 1, 1, 1},
    {"zset.range", range, "readonly", 1, 1, 1},
    {"zset.walk", walk, "readonly", 1, 1, 1},
    {"zset.change", change, "write deny-oom", 1, 1, 1},
    {"zset.notstarted", not_started, "readonly", 1, 1, 1},
    {"zset.delrange", del_range, "write", 1, 1, 1},
};

TEST_MODULE("zset", commands)
