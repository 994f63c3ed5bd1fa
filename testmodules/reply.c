/* reply.c: what a command can answer, in both protocols. */

#include "testmodule.h"

/* reply.wrongarity */
static int wrong_arity(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    return RedisModule_WrongArity(ctx);
}

/* reply.replywithlonglong n */
static int long_long(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(n, argv[1]);
    return RedisModule_ReplyWithLongLong(ctx, n);
}

/* reply.replywitherror text */
static int error(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    return RedisModule_ReplyWithError(ctx, cstr(argv[1]));
}

/* reply.replywitherrorformat code number text */
static int error_format(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(n, argv[2]);
    return RedisModule_ReplyWithErrorFormat(ctx, "%s number %lld: %s", cstr(argv[1]), n,
                                            cstr(argv[3]));
}

/* reply.replywithsimplestring text */
static int simple_string(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    return RedisModule_ReplyWithSimpleString(ctx, cstr(argv[1]));
}

/* reply.replywitharray element ... */
static int array(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    RedisModule_ReplyWithArray(ctx, argc - 1);
    for (int i = 1; i < argc; i++)
        RedisModule_ReplyWithString(ctx, argv[i]);
    return REDISMODULE_OK;
}

/* reply.replywithmap [key value ...] */
static int map(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc % 2 == 0)
        return RedisModule_WrongArity(ctx);
    RedisModule_ReplyWithMap(ctx, (argc - 1) / 2);
    for (int i = 1; i < argc; i++)
        RedisModule_ReplyWithString(ctx, argv[i]);
    return REDISMODULE_OK;
}

/* reply.replywithset element ... */
static int set(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    RedisModule_ReplyWithSet(ctx, argc - 1);
    for (int i = 1; i < argc; i++)
        RedisModule_ReplyWithString(ctx, argv[i]);
    return REDISMODULE_OK;
}

/* reply.replywithattribute [key value ...]: then the status of ReplyWithAttribute */
static int attribute(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc % 2 == 0)
        return RedisModule_WrongArity(ctx);
    int status = RedisModule_ReplyWithAttribute(ctx, (argc - 1) / 2);
    for (int i = 1; status == REDISMODULE_OK && i < argc; i++)
        RedisModule_ReplyWithString(ctx, argv[i]);
    return reply_status(ctx, status);
}

/* reply.replywithnullarray */
static int null_array(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithNullArray(ctx);
}

/* reply.replywithemptyarray */
static int empty_array(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithEmptyArray(ctx);
}

/* reply.replywithstringbuffer bytes */
static int string_buffer(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    size_t len;
    const char *p = RedisModule_StringPtrLen(argv[1], &len);
    return RedisModule_ReplyWithStringBuffer(ctx, p, len);
}

/* reply.replywithcstring text */
static int c_string(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    return RedisModule_ReplyWithCString(ctx, cstr(argv[1]));
}

/* reply.replywithstring string */
static int string(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    return RedisModule_ReplyWithString(ctx, argv[1]);
}

/* reply.replywithemptystring */
static int empty_string(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithEmptyString(ctx);
}

/* reply.replywithverbatimstring text */
static int verbatim(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    size_t len;
    const char *p = RedisModule_StringPtrLen(argv[1], &len);
    return RedisModule_ReplyWithVerbatimString(ctx, p, len);
}

/* reply.replywithverbatimstringtype text type */
static int verbatim_type(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    size_t len;
    const char *p = RedisModule_StringPtrLen(argv[1], &len);
    return RedisModule_ReplyWithVerbatimStringType(ctx, p, len, cstr(argv[2]));
}

/* reply.replywithnull */
static int null(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithNull(ctx);
}

/* reply.replywithbool n */
static int boolean(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(n, argv[1]);
    return RedisModule_ReplyWithBool(ctx, (int)n);
}

/* reply.replywithcallreply command arg ... */
static int call_reply(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    RedisModuleCallReply *reply =
        RedisModule_Call(ctx, cstr(argv[1]), "0v", argv + 2, (size_t)(argc - 2));
    if (reply == NULL)
        return RedisModule_ReplyWithError(ctx, "ERR test: no reply");
    int status = RedisModule_ReplyWithCallReply(ctx, reply);
    RedisModule_FreeCallReply(reply);
    return status;
}

/* reply.replywithcallreply3 command arg ...: the reply comes in RESP3 and is passed on as it is,
 * to a client that speaks RESP2 too */
static int call_reply3(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    RedisModuleCallReply *reply =
        RedisModule_Call(ctx, cstr(argv[1]), "3v", argv + 2, (size_t)(argc - 2));
    if (reply == NULL)
        return RedisModule_ReplyWithError(ctx, "ERR test: no reply");
    int status = RedisModule_ReplyWithCallReply(ctx, reply);
    RedisModule_FreeCallReply(reply);
    return status;
}

/* reply.replywithdouble d */
static int double_(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    DOUBLE(d, argv[1]);
    return RedisModule_ReplyWithDouble(ctx, d);
}

/* reply.replywithbignumber digits */
static int big_number(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    size_t len;
    const char *p = RedisModule_StringPtrLen(argv[1], &len);
    return RedisModule_ReplyWithBigNumber(ctx, p, len);
}

/* reply.replywithlongdouble d */
static int long_double(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    return RedisModule_ReplyWithLongDouble(ctx, strtold(cstr(argv[1]), NULL));
}

/* ---- Postponed lengths ---- */

/* reply.replysetarraylength element ... */
static int set_array_length(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    for (int i = 1; i < argc; i++)
        RedisModule_ReplyWithString(ctx, argv[i]);
    RedisModule_ReplySetArrayLength(ctx, argc - 1);
    return REDISMODULE_OK;
}

/* reply.replysetmaplength [key value ...] */
static int set_map_length(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc % 2 == 0)
        return RedisModule_WrongArity(ctx);
    RedisModule_ReplyWithMap(ctx, REDISMODULE_POSTPONED_LEN);
    for (int i = 1; i < argc; i++)
        RedisModule_ReplyWithString(ctx, argv[i]);
    RedisModule_ReplySetMapLength(ctx, (argc - 1) / 2);
    return REDISMODULE_OK;
}

/* reply.replysetsetlength element ... */
static int set_set_length(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    RedisModule_ReplyWithSet(ctx, REDISMODULE_POSTPONED_LEN);
    for (int i = 1; i < argc; i++)
        RedisModule_ReplyWithString(ctx, argv[i]);
    RedisModule_ReplySetSetLength(ctx, argc - 1);
    return REDISMODULE_OK;
}

/* reply.replysetattributelength [key value ...] */
static int set_attribute_length(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc % 2 == 0)
        return RedisModule_WrongArity(ctx);
    int status = RedisModule_ReplyWithAttribute(ctx, REDISMODULE_POSTPONED_LEN);
    if (status == REDISMODULE_OK) {
        for (int i = 1; i < argc; i++)
            RedisModule_ReplyWithString(ctx, argv[i]);
        RedisModule_ReplySetAttributeLength(ctx, (argc - 1) / 2);
    }
    return reply_status(ctx, status);
}

/* A tree of arrays, each with an integer, its children and a string; lengths told at the end. */
static void tree(RedisModuleCtx *ctx, int depth, int width) {
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    long count = 0;
    RedisModule_ReplyWithLongLong(ctx, depth), count++;
    for (int i = 0; depth > 0 && i < width; i++)
        tree(ctx, depth - 1, width), count++;
    RedisModule_ReplyWithCString(ctx, "end"), count++;
    RedisModule_ReplySetArrayLength(ctx, count);
}

/* reply.tree depth width */
static int tree_command(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(depth, argv[1]);
    INTEGER(width, argv[2]);
    tree(ctx, (int)depth, (int)width);
    return REDISMODULE_OK;
}

/* reply.nested: every container inside another, lengths postponed, told before, and mixed */
static int nested(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    /* 1: a map of a set and a fixed array */
    RedisModule_ReplyWithMap(ctx, REDISMODULE_POSTPONED_LEN);
    RedisModule_ReplyWithCString(ctx, "set");
    RedisModule_ReplyWithSet(ctx, REDISMODULE_POSTPONED_LEN);
    RedisModule_ReplyWithDouble(ctx, 1.5);
    RedisModule_ReplyWithBool(ctx, 1);
    RedisModule_ReplyWithNull(ctx);
    RedisModule_ReplySetSetLength(ctx, 3);
    RedisModule_ReplyWithCString(ctx, "array");
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    RedisModule_ReplySetArrayLength(ctx, 0);
    RedisModule_ReplyWithMap(ctx, REDISMODULE_POSTPONED_LEN);
    RedisModule_ReplySetMapLength(ctx, 0);
    RedisModule_ReplySetMapLength(ctx, 2);
    /* 2: an empty set, 3: a number and 4: an error among the elements */
    RedisModule_ReplyWithSet(ctx, REDISMODULE_POSTPONED_LEN);
    RedisModule_ReplySetSetLength(ctx, 0);
    RedisModule_ReplyWithLongLong(ctx, 42);
    RedisModule_ReplyWithError(ctx, "ERR inside");
    RedisModule_ReplySetArrayLength(ctx, 4);
    return REDISMODULE_OK;
}

/* reply.many count: an array long enough to leave the client's static buffer */
static int many(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(n, argv[1]);
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    for (long long i = 0; i < n; i++)
        RedisModule_ReplyWithLongLong(ctx, i);
    RedisModule_ReplySetArrayLength(ctx, n);
    return REDISMODULE_OK;
}

/* reply.big bytes */
static int big(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(n, argv[1]);
    char *p = RedisModule_Alloc(n);
    memset(p, 'b', n);
    RedisModule_ReplyWithStringBuffer(ctx, p, n);
    RedisModule_Free(p);
    return REDISMODULE_OK;
}

/* ---- Misuse ---- */

/* reply.unmatched: lengths told that nobody asked for are logged and ignored */
static int unmatched(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplySetArrayLength(ctx, 3);
    RedisModule_ReplySetMapLength(ctx, 3);
    RedisModule_ReplySetSetLength(ctx, 3);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* reply.twice: two replies to one command */
static int twice(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithSimpleString(ctx, "one");
    return RedisModule_ReplyWithSimpleString(ctx, "two");
}

/* reply.returnserr: what the function returns is nobody's business */
static int returns_err(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithSimpleString(ctx, "fine");
    return REDISMODULE_ERR;
}

static const struct command commands[] = {
    {"reply.wrongarity", wrong_arity, "", 0, 0, 0},
    {"reply.replywithlonglong", long_long, "", 0, 0, 0},
    {"reply.replywitherror", error, "", 0, 0, 0},
    {"reply.replywitherrorformat", error_format, "", 0, 0, 0},
    {"reply.replywithsimplestring", simple_string, "", 0, 0, 0},
    {"reply.replywitharray", array, "", 0, 0, 0},
    {"reply.replywithmap", map, "", 0, 0, 0},
    {"reply.replywithset", set, "", 0, 0, 0},
    {"reply.replywithattribute", attribute, "", 0, 0, 0},
    {"reply.replywithnullarray", null_array, "", 0, 0, 0},
    {"reply.replywithemptyarray", empty_array, "", 0, 0, 0},
    {"reply.replywithstringbuffer", string_buffer, "", 0, 0, 0},
    {"reply.replywithcstring", c_string, "", 0, 0, 0},
    {"reply.replywithstring", string, "", 0, 0, 0},
    {"reply.replywithemptystring", empty_string, "", 0, 0, 0},
    {"reply.replywithverbatimstring", verbatim, "", 0, 0, 0},
    {"reply.replywithverbatimstringtype", verbatim_type, "", 0, 0, 0},
    {"reply.replywithnull", null, "", 0, 0, 0},
    {"reply.replywithbool", boolean, "", 0, 0, 0},
    {"reply.replywithcallreply", call_reply, "", 0, 0, 0},
    {"reply.replywithcallreply3", call_reply3, "", 0, 0, 0},
    {"reply.replywithdouble", double_, "", 0, 0, 0},
    {"reply.replywithbignumber", big_number, "", 0, 0, 0},
    {"reply.replywithlongdouble", long_double, "", 0, 0, 0},
    {"reply.replysetarraylength", set_array_length, "", 0, 0, 0},
    {"reply.replysetmaplength", set_map_length, "", 0, 0, 0},
    {"reply.replysetsetlength", set_set_length, "", 0, 0, 0},
    {"reply.replysetattributelength", set_attribute_length, "", 0, 0, 0},
    {"reply.tree", tree_command, "", 0, 0, 0},
    {"reply.nested", nested, "", 0, 0, 0},
    {"reply.many", many, "", 0, 0, 0},
    {"reply.big", big, "", 0, 0, 0},
    {"reply.unmatched", unmatched, "", 0, 0, 0},
    {"reply.twice", twice, "", 0, 0, 0},
    {"reply.returnserr", returns_err, "", 0, 0, 0},
};

TEST_MODULE("reply", commands)
