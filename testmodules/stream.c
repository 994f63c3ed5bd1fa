/* stream.c: streams through an open key. */

#include "testmodule.h"

/* Opens argv[1] in the modes of argv[2]. */
#define OPEN(key)                                                                                  \
    RedisModule_AutoMemory(ctx);                                                                   \
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], open_mode(argv[2]));                   \
    errno = 0

/* An id, or NULL for the word none. */
#define ID(var, arg)                                                                               \
    RedisModuleStreamID var##_, *var = &var##_;                                                    \
    if (is(arg, "none"))                                                                           \
        var = NULL;                                                                                \
    else if (RedisModule_StringToStreamID(arg, var) != REDISMODULE_OK)                             \
    return RedisModule_ReplyWithError(ctx, "ERR test: not an id")

/* [status, errno]; errno means nothing after success */
static int reply_done(RedisModuleCtx *ctx, int status) {
    return reply_status_errno(ctx, status, status == REDISMODULE_OK ? 0 : errno);
}

/* [number, errno] */
static int reply_removed(RedisModuleCtx *ctx, long long n) {
    return reply_number_errno(ctx, n, n < 0 ? errno : 0);
}

static int reply_id(RedisModuleCtx *ctx, const RedisModuleStreamID *id) {
    if (id == NULL)
        return RedisModule_ReplyWithNull(ctx);
    return reply_string(ctx, RedisModule_CreateStringFromStreamID(ctx, id));
}

/* stream.add key mode flags id|none [field value ...]: [status, errno, id]. With the flags 1 and
 * the id none the id that the server chose is not asked for, with any other id it is not replied.
 */
static int add(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 5)
        return RedisModule_WrongArity(ctx);
    INTEGER(flags, argv[3]);
    ID(id, argv[4]);
    OPEN(key);
    int status = RedisModule_StreamAdd(key, (int)flags, id, argv + 5, (argc - 5) / 2);
    int error = errno;
    RedisModule_ReplyWithArray(ctx, 3);
    reply_status(ctx, status);
    reply_errno(ctx, status == REDISMODULE_OK ? 0 : error);
    if (id != NULL && flags == 1 && status == REDISMODULE_OK)
        return RedisModule_ReplyWithLongLong(ctx, id->ms != 0);
    return reply_id(ctx, id);
}

/* stream.delete key mode id|none */
static int delete (RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    ID(id, argv[3]);
    OPEN(key);
    int status = RedisModule_StreamDelete(key, id);
    return reply_done(ctx, status);
}

/* The entries of an iteration up to its end, [id, number of fields, field, value ...], and the
 * error at the end. */
static void reply_entries(RedisModuleCtx *ctx, RedisModuleKey *key, long most) {
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    long count = 0, fields;
    RedisModuleStreamID id;
    while (RedisModule_StreamIteratorNextID(key, &id, &fields) == REDISMODULE_OK) {
        RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
        reply_id(ctx, &id);
        RedisModule_ReplyWithLongLong(ctx, fields);
        long n = 2;
        RedisModuleString *field, *value;
        while (n < 2 + 2 * most &&
               RedisModule_StreamIteratorNextField(key, &field, &value) == REDISMODULE_OK) {
            reply_string(ctx, field);
            reply_string(ctx, value);
            n += 2;
        }
        RedisModule_ReplySetArrayLength(ctx, n);
        count++;
    }
    reply_errno(ctx, errno);
    RedisModule_ReplySetArrayLength(ctx, count + 1);
}

/* stream.range key mode flags start|none end|none [most]: [status, errno], entries with so many
 * fields at most */
static int range(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 6 && argc != 7)
        return RedisModule_WrongArity(ctx);
    INTEGER(flags, argv[3]);
    ID(start, argv[4]);
    ID(end, argv[5]);
    long long most = 1 << 20;
    if (argc == 7 && RedisModule_StringToLongLong(argv[6], &most) != REDISMODULE_OK)
        return RedisModule_ReplyWithError(ctx, "ERR test: not an integer");
    OPEN(key);
    int status = RedisModule_StreamIteratorStart(key, (int)flags, start, end);
    int error = errno;
    RedisModule_ReplyWithArray(ctx, 3);
    errno = error;
    reply_done(ctx, status);
    if (status != REDISMODULE_OK) {
        RedisModule_ReplyWithNull(ctx);
        return RedisModule_ReplyWithNull(ctx);
    }
    reply_entries(ctx, key, (long)most);
    return reply_done(ctx, RedisModule_StreamIteratorStop(key));
}

/* stream.iterdelete key mode flags word: deletes every entry one of whose fields is the word */
static int iter_delete(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(5);
    INTEGER(flags, argv[3]);
    OPEN(key);
    if (RedisModule_StreamIteratorStart(key, (int)flags, NULL, NULL) != REDISMODULE_OK)
        return reply_errno(ctx, errno);
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    long n = 0;
    RedisModuleStreamID id;
    while (RedisModule_StreamIteratorNextID(key, &id, NULL) == REDISMODULE_OK) {
        RedisModuleString *field;
        while (RedisModule_StreamIteratorNextField(key, &field, NULL) == REDISMODULE_OK) {
            if (RedisModule_StringCompare(field, argv[4]) != 0)
                continue;
            reply_id(ctx, &id);
            int status = RedisModule_StreamIteratorDelete(key);
            reply_done(ctx, status);
            n += 2;
            if (status == REDISMODULE_OK) {
                /* It cannot be deleted twice, and has no more fields. */
                reply_done(ctx, RedisModule_StreamIteratorDelete(key));
                reply_done(ctx, RedisModule_StreamIteratorNextField(key, NULL, NULL));
                n += 2;
            }
        }
    }
    RedisModule_ReplySetArrayLength(ctx, n);
    RedisModule_StreamIteratorStop(key);
    return REDISMODULE_OK;
}

/* stream.trimlen key mode flags length: [removed, errno] */
static int trim_length(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(5);
    INTEGER(flags, argv[3]);
    INTEGER(length, argv[4]);
    OPEN(key);
    return reply_removed(ctx, RedisModule_StreamTrimByLength(key, (int)flags, length));
}

/* stream.trimid key mode flags id|none: [removed, errno] */
static int trim_id(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(5);
    INTEGER(flags, argv[3]);
    ID(id, argv[4]);
    OPEN(key);
    return reply_removed(ctx, RedisModule_StreamTrimByID(key, (int)flags, id));
}

/* stream.keytype key mode: [type, length] */
static int key_type(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    OPEN(key);
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(key));
    return RedisModule_ReplyWithLongLong(ctx, (long long)RedisModule_ValueLength(key));
}

/* stream.null: every function without a key */
static int null_key(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    RedisModuleStreamID id = {1, 1};
    RedisModule_ReplyWithArray(ctx, 9);
    reply_done(ctx, RedisModule_StreamAdd(NULL, 0, &id, NULL, 0));
    reply_done(ctx, RedisModule_StreamDelete(NULL, &id));
    reply_done(ctx, RedisModule_StreamIteratorStart(NULL, 0, NULL, NULL));
    reply_done(ctx, RedisModule_StreamIteratorStop(NULL));
    reply_done(ctx, RedisModule_StreamIteratorNextID(NULL, NULL, NULL));
    reply_done(ctx, RedisModule_StreamIteratorNextField(NULL, NULL, NULL));
    reply_done(ctx, RedisModule_StreamIteratorDelete(NULL));
    reply_removed(ctx, RedisModule_StreamTrimByLength(NULL, 0, 0));
    return reply_removed(ctx, RedisModule_StreamTrimByID(NULL, 0, &id));
}

/* stream.sequence key mode steps...: the iteration's functions in any order: start, stop, next,
 * field, del, delete ID, close (and open again) */
static int sequence(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 4)
        return RedisModule_WrongArity(ctx);
    OPEN(key);
    RedisModule_ReplyWithArray(ctx, argc - 3);
    for (int i = 3; i < argc; i++) {
        RedisModuleStreamID id = {0, 0};
        errno = 0;
        int status = REDISMODULE_OK;
        if (is(argv[i], "start"))
            status = RedisModule_StreamIteratorStart(key, 0, NULL, NULL);
        else if (is(argv[i], "stop"))
            status = RedisModule_StreamIteratorStop(key);
        else if (is(argv[i], "next"))
            status = RedisModule_StreamIteratorNextID(key, &id, NULL);
        else if (is(argv[i], "field"))
            status = RedisModule_StreamIteratorNextField(key, NULL, NULL);
        else if (is(argv[i], "del"))
            status = RedisModule_StreamIteratorDelete(key);
        else if (is(argv[i], "close")) {
            RedisModule_CloseKey(key);
            key = RedisModule_OpenKey(ctx, argv[1], open_mode(argv[2]));
        } else if (RedisModule_StringToStreamID(argv[i], &id) == REDISMODULE_OK)
            status = RedisModule_StreamDelete(key, &id);
        reply_done(ctx, status);
    }
    return REDISMODULE_OK;
}

/* stream.live key command args...: iterates, and runs the command after each entry's first field
 * was read */
static int live(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 3)
        return RedisModule_WrongArity(ctx);
    RedisModule_AutoMemory(ctx);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ | REDISMODULE_WRITE);
    RedisModule_StreamIteratorStart(key, 0, NULL, NULL);
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    long n = 0;
    RedisModuleStreamID id;
    while (RedisModule_StreamIteratorNextID(key, &id, NULL) == REDISMODULE_OK && n < 1000) {
        RedisModuleString *field, *value;
        reply_id(ctx, &id);
        RedisModule_StreamIteratorNextField(key, &field, &value);
        RedisModule_Call(ctx, cstr(argv[2]), "v", argv + 3, (size_t)argc - 3);
        reply_done(ctx, RedisModule_StreamIteratorNextField(key, &field, &value));
        reply_string(ctx, value);
        n += 3;
    }
    reply_errno(ctx, errno);
    RedisModule_ReplySetArrayLength(ctx, n + 1);
    return REDISMODULE_OK;
}

static const struct command commands[] = {
    {"stream.add", add, "write deny-oom", 1, 1, 1},
    {"stream.delete", delete, "write", 1, 1, 1},
    {"stream.range", range, "readonly", 1, 1, 1},
    {"stream.iterdelete", iter_delete, "write", 1, 1, 1},
    {"stream.trimlen", trim_length, "write", 1, 1, 1},
    {"stream.trimid", trim_id, "write", 1, 1, 1},
    {"stream.keytype", key_type, "readonly", 1, 1, 1},
    {"stream.null", null_key, "readonly", 0, 0, 0},
    {"stream.sequence", sequence, "write", 1, 1, 1},
    {"stream.live", live, "write", 1, 1, 1},
};

TEST_MODULE("stream", commands)
