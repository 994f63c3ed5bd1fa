/* call.c: calling commands, and walking their replies. */

#include "testmodule.h"

/* ---- Describing a reply ---- */

static void describe(RedisModuleCtx *ctx, RedisModuleCallReply *reply);

static void describe_text(RedisModuleCtx *ctx, const char *p, size_t len) {
    if (p == NULL) {
        RedisModule_ReplyWithNull(ctx);
    } else {
        RedisModule_ReplyWithStringBuffer(ctx, p, len);
    }
}

/* Replies [type, length, value ...] for every level of a reply, and its attribute if it has one. */
static void describe(RedisModuleCtx *ctx, RedisModuleCallReply *reply) {
    int type = RedisModule_CallReplyType(reply);
    size_t n = RedisModule_CallReplyLength(reply), len = 0;
    RedisModuleCallReply *key, *val, *attribute = NULL;
    if (type != REDISMODULE_REPLY_ATTRIBUTE)
        attribute = RedisModule_CallReplyAttribute(reply);
    const char *text, *format;
    char number[64];

    RedisModule_ReplyWithArray(ctx, attribute ? 4 : 3);
    switch (type) {
    case REDISMODULE_REPLY_STRING:
        RedisModule_ReplyWithSimpleString(ctx, "string");
        RedisModule_ReplyWithLongLong(ctx, n);
        text = RedisModule_CallReplyStringPtr(reply, &len);
        describe_text(ctx, text, len);
        break;
    case REDISMODULE_REPLY_ERROR:
        RedisModule_ReplyWithSimpleString(ctx, "error");
        RedisModule_ReplyWithLongLong(ctx, n);
        text = RedisModule_CallReplyStringPtr(reply, &len);
        describe_text(ctx, text, len);
        break;
    case REDISMODULE_REPLY_INTEGER:
        RedisModule_ReplyWithSimpleString(ctx, "integer");
        RedisModule_ReplyWithLongLong(ctx, n);
        RedisModule_ReplyWithLongLong(ctx, RedisModule_CallReplyInteger(reply));
        break;
    case REDISMODULE_REPLY_NULL:
        RedisModule_ReplyWithSimpleString(ctx, "null");
        RedisModule_ReplyWithLongLong(ctx, n);
        RedisModule_ReplyWithNull(ctx);
        break;
    case REDISMODULE_REPLY_BOOL:
        RedisModule_ReplyWithSimpleString(ctx, "bool");
        RedisModule_ReplyWithLongLong(ctx, n);
        RedisModule_ReplyWithLongLong(ctx, RedisModule_CallReplyBool(reply));
        break;
    case REDISMODULE_REPLY_DOUBLE:
        RedisModule_ReplyWithSimpleString(ctx, "double");
        RedisModule_ReplyWithLongLong(ctx, n);
        snprintf(number, sizeof number, "%.17g", RedisModule_CallReplyDouble(reply));
        RedisModule_ReplyWithCString(ctx, number);
        break;
    case REDISMODULE_REPLY_BIG_NUMBER:
        RedisModule_ReplyWithSimpleString(ctx, "bignumber");
        RedisModule_ReplyWithLongLong(ctx, n);
        text = RedisModule_CallReplyBigNumber(reply, &len);
        describe_text(ctx, text, len);
        break;
    case REDISMODULE_REPLY_VERBATIM_STRING:
        RedisModule_ReplyWithSimpleString(ctx, "verbatim");
        text = RedisModule_CallReplyVerbatim(reply, &len, &format);
        RedisModule_ReplyWithStringBuffer(ctx, format, 3);
        describe_text(ctx, text, len);
        break;
    case REDISMODULE_REPLY_ARRAY:
        RedisModule_ReplyWithSimpleString(ctx, "array");
        RedisModule_ReplyWithLongLong(ctx, n);
        RedisModule_ReplyWithArray(ctx, n);
        for (size_t i = 0; i < n; i++)
            describe(ctx, RedisModule_CallReplyArrayElement(reply, i));
        break;
    case REDISMODULE_REPLY_SET:
        RedisModule_ReplyWithSimpleString(ctx, "set");
        RedisModule_ReplyWithLongLong(ctx, n);
        RedisModule_ReplyWithArray(ctx, n);
        for (size_t i = 0; i < n; i++)
            describe(ctx, RedisModule_CallReplySetElement(reply, i));
        break;
    case REDISMODULE_REPLY_MAP:
        RedisModule_ReplyWithSimpleString(ctx, "map");
        RedisModule_ReplyWithLongLong(ctx, n);
        RedisModule_ReplyWithArray(ctx, 2 * n);
        for (size_t i = 0; i < n; i++) {
            RedisModule_CallReplyMapElement(reply, i, &key, &val);
            describe(ctx, key);
            describe(ctx, val);
        }
        break;
    case REDISMODULE_REPLY_ATTRIBUTE:
        RedisModule_ReplyWithSimpleString(ctx, "attribute");
        RedisModule_ReplyWithLongLong(ctx, n);
        RedisModule_ReplyWithArray(ctx, 3 * n);
        for (size_t i = 0; i < n; i++) {
            key = val = NULL;
            reply_status(ctx, RedisModule_CallReplyAttributeElement(reply, i, &key, &val));
            /* Redis 8.0 finds none, and most functions do not take NULL. */
            key ? describe(ctx, key) : (void)RedisModule_ReplyWithNull(ctx);
            val ? describe(ctx, val) : (void)RedisModule_ReplyWithNull(ctx);
        }
        break;
    default:
        RedisModule_ReplyWithSimpleString(ctx, "unknown");
        RedisModule_ReplyWithLongLong(ctx, type);
        RedisModule_ReplyWithNull(ctx);
    }
    if (attribute)
        describe(ctx, attribute);
}

/* Replies what the call gave, or the errno of a call that gave nothing. */
static int reply_call(RedisModuleCtx *ctx, RedisModuleCallReply *reply, int error) {
    if (reply == NULL) {
        RedisModule_ReplyWithArray(ctx, 2);
        RedisModule_ReplyWithSimpleString(ctx, "no reply");
        return reply_errno(ctx, error);
    }
    describe(ctx, reply);
    RedisModule_FreeCallReply(reply);
    return REDISMODULE_OK;
}

/* ---- Calling ---- */

/* call.call format command arg ...: the format is for the flags; the arguments go as a vector */
static int call(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 3)
        return RedisModule_WrongArity(ctx);
    char format[32];
    snprintf(format, sizeof format, "%s%s", is(argv[1], "-") ? "" : cstr(argv[1]), "v");
    errno = 0;
    RedisModuleCallReply *reply =
        RedisModule_Call(ctx, cstr(argv[2]), format, argv + 3, (size_t)(argc - 3));
    return reply_call(ctx, reply, errno);
}

/* call.formats key: an argument of each kind */
static int formats(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModule_AutoMemory(ctx);
    size_t len;
    const char *p = RedisModule_StringPtrLen(argv[1], &len);
    RedisModuleString *more[] = {RedisModule_CreateString(ctx, "v1", 2),
                                 RedisModule_CreateString(ctx, "v\0002", 3)};
    RedisModuleCallReply *reply =
        RedisModule_Call(ctx, "RPUSH", "bcslvcl", p, len, "cstring", argv[1], -42LL, more,
                         (size_t)2, "", 9223372036854775807LL);
    RedisModule_ReplyWithArray(ctx, 2);
    describe(ctx, reply);
    describe(ctx, RedisModule_Call(ctx, "LRANGE", "sll", argv[1], 0LL, -1LL));
    return REDISMODULE_OK;
}

/* call.badformat: a character that means nothing */
static int bad_format(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    errno = 0;
    RedisModuleCallReply *reply = RedisModule_Call(ctx, "ping", cstr(argv[1]));
    return reply_call(ctx, reply, errno);
}

/* call.noargs command: with an empty format */
static int no_args(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    errno = 0;
    RedisModuleCallReply *reply = RedisModule_Call(ctx, cstr(argv[1]), "");
    return reply_call(ctx, reply, errno);
}

/* call.callreplyproto command arg ...: the reply's bytes */
static int proto(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    RedisModule_AutoMemory(ctx);
    RedisModuleCallReply *reply =
        RedisModule_Call(ctx, cstr(argv[1]), "Ev", argv + 2, (size_t)(argc - 2));
    size_t len = 0;
    const char *p = RedisModule_CallReplyProto(reply, &len);
    return RedisModule_ReplyWithStringBuffer(ctx, p, len);
}

/* call.elementproto index command arg ...: the bytes of one element of an array */
static int element_proto(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 3)
        return RedisModule_WrongArity(ctx);
    INTEGER(index, argv[1]);
    RedisModule_AutoMemory(ctx);
    RedisModuleCallReply *reply =
        RedisModule_Call(ctx, cstr(argv[2]), "Ev", argv + 3, (size_t)(argc - 3));
    RedisModuleCallReply *element = RedisModule_CallReplyArrayElement(reply, index);
    if (element == NULL)
        return RedisModule_ReplyWithNull(ctx);
    size_t len = 0;
    const char *p = RedisModule_CallReplyProto(element, &len);
    return RedisModule_ReplyWithStringBuffer(ctx, p, len);
}

/* call.createstringfromcallreply command arg ... */
static int string_from(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    RedisModuleCallReply *reply =
        RedisModule_Call(ctx, cstr(argv[1]), "Ev", argv + 2, (size_t)(argc - 2));
    reply_string(ctx, RedisModule_CreateStringFromCallReply(reply));
    RedisModule_FreeCallReply(reply);
    return REDISMODULE_OK;
}

/* call.wrongtype command arg ...: every accessor on whatever comes */
static int wrong_type(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    RedisModuleCallReply *reply = RedisModule_Call(ctx, cstr(argv[1]), "3Ev", argv + 2,
                                                   (size_t)(argc - 2)),
                         *k, *v;
    size_t len = 99;
    const char *format, *p;
    RedisModule_ReplyWithArray(ctx, 12);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_CallReplyType(reply));
    RedisModule_ReplyWithLongLong(ctx, RedisModule_CallReplyLength(reply));
    RedisModule_ReplyWithLongLong(ctx, RedisModule_CallReplyInteger(reply));
    RedisModule_ReplyWithBool(ctx, RedisModule_CallReplyBool(reply));
    RedisModule_ReplyWithBool(ctx, RedisModule_CallReplyArrayElement(reply, 0) != NULL);
    RedisModule_ReplyWithBool(ctx, RedisModule_CallReplySetElement(reply, 0) != NULL);
    reply_status(ctx, RedisModule_CallReplyMapElement(reply, 0, &k, &v));
    reply_status(ctx, RedisModule_CallReplyAttributeElement(reply, 0, &k, &v));
    RedisModule_ReplyWithBool(ctx, RedisModule_CallReplyAttribute(reply) != NULL);
    p = RedisModule_CallReplyStringPtr(reply, &len);
    describe_text(ctx, p, len);
    p = RedisModule_CallReplyBigNumber(reply, &len);
    describe_text(ctx, p, len);
    p = RedisModule_CallReplyVerbatim(reply, &len, &format);
    describe_text(ctx, p, len);
    RedisModule_FreeCallReply(reply);
    return REDISMODULE_OK;
}

/* call.outofrange command arg ...: elements that are not there */
static int out_of_range(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    RedisModuleCallReply *reply = RedisModule_Call(ctx, cstr(argv[1]), "3Ev", argv + 2,
                                                   (size_t)(argc - 2)),
                         *k, *v;
    RedisModule_ReplyWithArray(ctx, 3);
    RedisModule_ReplyWithBool(ctx, RedisModule_CallReplyArrayElement(reply, 100) != NULL);
    RedisModule_ReplyWithBool(ctx, RedisModule_CallReplySetElement(reply, 100) != NULL);
    reply_status(ctx, RedisModule_CallReplyMapElement(reply, 100, &k, &v));
    RedisModule_FreeCallReply(reply);
    return REDISMODULE_OK;
}

/* call.nested depth command arg ...: calls itself before it calls the command */
static int nested(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 3)
        return RedisModule_WrongArity(ctx);
    INTEGER(depth, argv[1]);
    RedisModule_AutoMemory(ctx);
    RedisModuleCallReply *reply;
    if (depth > 0) {
        reply =
            RedisModule_Call(ctx, "call.nested", "!Elv", depth - 1, argv + 2, (size_t)(argc - 2));
    } else {
        reply = RedisModule_Call(ctx, cstr(argv[2]), "!Ev", argv + 3, (size_t)(argc - 3));
    }
    if (reply == NULL)
        return RedisModule_ReplyWithNull(ctx);
    return RedisModule_ReplyWithCallReply(ctx, reply);
}

/* call.select db: a SELECT in a call changes the calling context only */
static int select_(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModule_FreeCallReply(RedisModule_Call(ctx, "SELECT", "s", argv[1]));
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_GetSelectedDb(ctx));
}

/* call.replicate mode key: mode is verbatim, call or replicate; writes and says how to propagate */
static int replicate(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    if (is(argv[1], "verbatim")) {
        RedisModule_FreeCallReply(RedisModule_Call(ctx, "INCR", "s", argv[2]));
        RedisModule_ReplicateVerbatim(ctx);
    } else if (is(argv[1], "call")) {
        RedisModule_FreeCallReply(RedisModule_Call(ctx, "INCR", "!s", argv[2]));
        RedisModule_FreeCallReply(RedisModule_Call(ctx, "INCR", "!s", argv[2]));
    } else {
        int status = RedisModule_Replicate(ctx, "SET", "sclb", argv[2], "x", 5LL, "EX", (size_t)2);
        return reply_status(ctx, status);
    }
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

static const struct command commands[] = {
    {"call.call", call, "write", 0, 0, 0},
    {"call.callreadonly", call, "readonly", 0, 0, 0},
    {"call.formats", formats, "write", 1, 1, 1},
    {"call.badformat", bad_format, "", 0, 0, 0},
    {"call.noargs", no_args, "", 0, 0, 0},
    {"call.callreplyproto", proto, "write", 0, 0, 0},
    {"call.elementproto", element_proto, "write", 0, 0, 0},
    {"call.createstringfromcallreply", string_from, "write", 0, 0, 0},
    {"call.wrongtype", wrong_type, "write", 0, 0, 0},
    {"call.outofrange", out_of_range, "write", 0, 0, 0},
    {"call.nested", nested, "write", 0, 0, 0},
    {"call.select", select_, "write", 0, 0, 0},
    {"call.replicate", replicate, "write", 2, 2, 1},
};

TEST_MODULE("call", commands)
