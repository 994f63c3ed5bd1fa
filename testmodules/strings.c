/* strings.c: string objects. */

#include "testmodule.h"

/* strings.createstring bytes */
static int create_string(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    size_t len;
    const char *p = RedisModule_StringPtrLen(argv[1], &len);
    return reply_string(ctx, RedisModule_CreateString(ctx, p, len));
}

/* strings.createstringnull len: from NULL, which is zeroes */
static int create_string_null(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(len, argv[1]);
    return reply_string(ctx, RedisModule_CreateString(ctx, NULL, len));
}

/* strings.createstringprintf int string double */
static int create_string_printf(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(n, argv[1]);
    DOUBLE(d, argv[3]);
    return reply_string(ctx, RedisModule_CreateStringPrintf(ctx, "[%5lld|%-4s|%.3f|%%|%c|%zu]", n,
                                                            cstr(argv[2]), d, 'c', (size_t)n));
}

/* strings.createstringfromlonglong n */
static int from_long_long(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    return reply_string(
        ctx, RedisModule_CreateStringFromLongLong(ctx, strtoll(cstr(argv[1]), NULL, 10)));
}

/* strings.createstringfromulonglong n */
static int from_unsigned_long_long(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    return reply_string(
        ctx, RedisModule_CreateStringFromULongLong(ctx, strtoull(cstr(argv[1]), NULL, 10)));
}

/* strings.createstringfromdouble d */
static int from_double(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    DOUBLE(d, argv[1]);
    return reply_string(ctx, RedisModule_CreateStringFromDouble(ctx, d));
}

/* strings.createstringfromlongdouble d humanfriendly */
static int from_long_double(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(human, argv[2]);
    return reply_string(
        ctx, RedisModule_CreateStringFromLongDouble(ctx, strtold(cstr(argv[1]), NULL), (int)human));
}

/* strings.createstringfromstring string: a copy, which does not change with its original */
static int from_string(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleString *first = RedisModule_CreateStringFromString(ctx, argv[1]);
    RedisModuleString *second = RedisModule_CreateStringFromString(ctx, first);
    RedisModule_StringAppendBuffer(ctx, first, "+", 1);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_string(ctx, first);
    return reply_string(ctx, second);
}

/* strings.createstringfromstreamid ms seq */
static int from_stream_id(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    RedisModuleStreamID id = {strtoull(cstr(argv[1]), NULL, 10), strtoull(cstr(argv[2]), NULL, 10)};
    return reply_string(ctx, RedisModule_CreateStringFromStreamID(ctx, &id));
}

/* strings.noctx string: made and freed without a context */
static int no_ctx(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleString *s[] = {
        RedisModule_CreateStringFromString(NULL, argv[1]),
        RedisModule_CreateString(NULL, "c", 1),
        RedisModule_CreateStringFromLongLong(NULL, 7),
        RedisModule_CreateStringPrintf(NULL, "%d", 8),
        RedisModule_CreateStringFromDouble(NULL, 1.5),
        RedisModule_HoldString(NULL, argv[1]),
    };
    int n = sizeof s / sizeof *s;
    RedisModule_ReplyWithArray(ctx, n);
    for (int i = 0; i < n; i++) {
        RedisModule_ReplyWithString(ctx, s[i]);
        RedisModule_FreeString(NULL, s[i]);
    }
    return REDISMODULE_OK;
}

static RedisModuleString *kept;

/* strings.retainstring string: retained twice, freed twice, still there until the last */
static int retain_string(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleString *s = RedisModule_CreateStringFromString(ctx, argv[1]);
    RedisModule_RetainString(ctx, s);
    RedisModule_RetainString(ctx, s);
    RedisModule_FreeString(ctx, s);
    RedisModule_FreeString(ctx, s);
    return reply_string(ctx, s);
}

/* strings.holdstring string: kept until strings.held asks for it */
static int hold_string(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    if (kept)
        RedisModule_FreeString(NULL, kept);
    kept = RedisModule_HoldString(ctx, argv[1]);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* strings.held */
static int held(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    if (!kept)
        return RedisModule_ReplyWithNull(ctx);
    RedisModuleString *s = kept;
    kept = NULL;
    return reply_string(ctx, s);
}

/* strings.stringptrlen string: [length, does a zero byte follow] */
static int string_ptr_len(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    size_t len;
    const char *p = RedisModule_StringPtrLen(argv[1], &len);
    RedisModule_ReplyWithArray(ctx, 3);
    RedisModule_ReplyWithLongLong(ctx, len);
    RedisModule_ReplyWithLongLong(ctx, p[len] == 0);
    return RedisModule_ReplyWithBool(ctx, p == RedisModule_StringPtrLen(argv[1], NULL));
}

/* strings.stringptrlennull: of no string at all */
static int string_ptr_len_null(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    size_t len = 0;
    const char *p = RedisModule_StringPtrLen(NULL, &len);
    return RedisModule_ReplyWithStringBuffer(ctx, p, len);
}

/* Replies the number that was read, or the status if none was. */
#define READ(type, initial, read, reply)                                                           \
    ARITY(2);                                                                                      \
    type value = initial;                                                                          \
    int status = read(argv[1], &value);                                                            \
    if (status != REDISMODULE_OK)                                                                  \
        return reply_status(ctx, status);                                                          \
    return reply

/* strings.stringtolonglong string */
static int to_long_long(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    READ(long long, 0, RedisModule_StringToLongLong, RedisModule_ReplyWithLongLong(ctx, value));
}

/* strings.stringtoulonglong string */
static int to_unsigned_long_long(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    READ(unsigned long long, 0, RedisModule_StringToULongLong,
         reply_string(ctx, RedisModule_CreateStringPrintf(ctx, "%llu", value)));
}

/* strings.stringtodouble string */
static int to_double(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    READ(double, 0, RedisModule_StringToDouble,
         reply_string(ctx, RedisModule_CreateStringPrintf(ctx, "%.17g", value)));
}

/* strings.stringtolongdouble string */
static int to_long_double(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    READ(long double, 0, RedisModule_StringToLongDouble,
         reply_string(ctx, RedisModule_CreateStringPrintf(ctx, "%.17Lg", value)));
}

/* strings.stringtostreamid string */
static int to_stream_id(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    READ(RedisModuleStreamID, {0}, RedisModule_StringToStreamID,
         reply_string(ctx,
                      RedisModule_CreateStringPrintf(ctx, "%llu-%llu", (unsigned long long)value.ms,
                                                     (unsigned long long)value.seq)));
}

/* strings.stringcompare a b: as -1, 0 or 1 */
static int string_compare(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    int cmp = RedisModule_StringCompare(argv[1], argv[2]);
    return RedisModule_ReplyWithLongLong(ctx, cmp < 0 ? -1 : cmp > 0);
}

/* strings.stringappendbuffer string suffix times: [status, string] */
static int string_append_buffer(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(times, argv[3]);
    size_t len;
    const char *suffix = RedisModule_StringPtrLen(argv[2], &len);
    RedisModuleString *s = RedisModule_CreateStringFromString(ctx, argv[1]);
    int status = REDISMODULE_OK;
    for (long long i = 0; i < times; i++)
        status |= RedisModule_StringAppendBuffer(ctx, s, suffix, len);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    return reply_string(ctx, s);
}

/* strings.stringappendshared string: refused for a string that somebody else holds */
static int string_append_shared(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleString *s = RedisModule_CreateStringFromString(ctx, argv[1]);
    RedisModule_RetainString(ctx, s);
    int shared = RedisModule_StringAppendBuffer(ctx, s, "x", 1);
    RedisModule_FreeString(ctx, s);
    int alone = RedisModule_StringAppendBuffer(ctx, s, "y", 1);
    RedisModule_ReplyWithArray(ctx, 3);
    reply_status(ctx, shared);
    reply_status(ctx, alone);
    return reply_string(ctx, s);
}

/* strings.trimstringallocation string: changes nothing that can be read */
static int trim_string_allocation(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    if (argv[1])
        RedisModule_TrimStringAllocation(argv[1]);
    RedisModuleString *s = RedisModule_CreateStringFromString(ctx, argv[1]);
    for (int i = 0; i < 100; i++)
        RedisModule_StringAppendBuffer(ctx, s, "0123456789", 10);
    RedisModule_TrimStringAllocation(s);
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithString(ctx, argv[1]);
    return reply_string(ctx, s);
}

static const struct command commands[] = {
    {"strings.createstring", create_string, "", 0, 0, 0},
    {"strings.createstringnull", create_string_null, "", 0, 0, 0},
    {"strings.createstringprintf", create_string_printf, "", 0, 0, 0},
    {"strings.createstringfromlonglong", from_long_long, "", 0, 0, 0},
    {"strings.createstringfromulonglong", from_unsigned_long_long, "", 0, 0, 0},
    {"strings.createstringfromdouble", from_double, "", 0, 0, 0},
    {"strings.createstringfromlongdouble", from_long_double, "", 0, 0, 0},
    {"strings.createstringfromstring", from_string, "", 0, 0, 0},
    {"strings.createstringfromstreamid", from_stream_id, "", 0, 0, 0},
    {"strings.noctx", no_ctx, "", 0, 0, 0},
    {"strings.retainstring", retain_string, "", 0, 0, 0},
    {"strings.holdstring", hold_string, "", 0, 0, 0},
    {"strings.held", held, "", 0, 0, 0},
    {"strings.stringptrlen", string_ptr_len, "", 0, 0, 0},
    {"strings.stringptrlennull", string_ptr_len_null, "", 0, 0, 0},
    {"strings.stringtolonglong", to_long_long, "", 0, 0, 0},
    {"strings.stringtoulonglong", to_unsigned_long_long, "", 0, 0, 0},
    {"strings.stringtodouble", to_double, "", 0, 0, 0},
    {"strings.stringtolongdouble", to_long_double, "", 0, 0, 0},
    {"strings.stringtostreamid", to_stream_id, "", 0, 0, 0},
    {"strings.stringcompare", string_compare, "", 0, 0, 0},
    {"strings.stringappendbuffer", string_append_buffer, "", 0, 0, 0},
    {"strings.stringappendshared", string_append_shared, "", 0, 0, 0},
    {"strings.trimstringallocation", trim_string_allocation, "", 0, 0, 0},
};

TEST_MODULE("strings", commands)
