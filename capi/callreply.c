/* callreply.c: what a called command replied.
 *
 * A reply is the bytes that a client would have got. They are taken apart at the first question
 * about them, all levels at once; a reply that is only passed on is never looked into. Everything
 * that is handed out points into those bytes and lives as long as the root reply. */

#include "capi_internal.h"

#include <limits.h>
#include <stdlib.h>

enum { CR_ROOT = 1, CR_PARSED = 2, CR_RESP3 = 4 };

struct RedisModuleCallReply {
    uint32_t magic;
    uint32_t flags;
    int type; /* REDISMODULE_REPLY_* */
    const char *proto;
    size_t proto_len;
    const char *str; /* strings, errors, big numbers, verbatim strings */
    const char *format;
    size_t len; /* of str, or elements, or pairs */
    long long integer;
    double number;
    RedisModuleCallReply *elements;
    RedisModuleCallReply *attribute;
    RedisModuleCtx *ctx; /* where strings made from it go; NULL when it outlives its context */
    /* Root only. */
    rm_module *module;
    char *owned;
    uint32_t errors;
    int64_t go; /* a promise's record in Go */
};

static const char *parse(RedisModuleCallReply *r, const char *p, const char *end);

/* The number up to the line end at *p, which is moved behind it. */
static long long line_number(const char **p) {
    char *e;
    long long v = strtoll(*p, &e, 10);
    *p = e + 2;
    return v;
}

static const char *line_end(const char *p, const char *end) {
    const char *e = memchr(p, '\r', (size_t)(end - p));
    return e == NULL ? end : e;
}

static const char *parse_elements(RedisModuleCallReply *r, const char *p, const char *end,
                                  size_t per) {
    size_t n = r->len * per;
    r->elements = rm_zalloc(NULL, (n == 0 ? 1 : n) * sizeof(*r->elements));
    for (size_t i = 0; i < n; i++) {
        RedisModuleCallReply *e = &r->elements[i];
        e->ctx = r->ctx;
        e->module = r->module;
        p = parse(e, p, end);
        r->flags |= e->flags & CR_RESP3;
    }
    return p;
}

/* Takes one reply apart and returns where it ends. The bytes come from our own encoder. */
static const char *parse(RedisModuleCallReply *r, const char *p, const char *end) {
    const char *start = p;
    r->magic = RM_MAGIC_REPLY;
    r->flags |= CR_PARSED;
    r->type = REDISMODULE_REPLY_UNKNOWN;
    if (p >= end)
        return p;
    char kind = *p++;
    switch (kind) {
    case '+':
    case '-':
    case '(': {
        const char *e = line_end(p, end);
        r->type = kind == '+'   ? REDISMODULE_REPLY_STRING
                  : kind == '-' ? REDISMODULE_REPLY_ERROR
                                : REDISMODULE_REPLY_BIG_NUMBER;
        if (kind == '(')
            r->flags |= CR_RESP3;
        r->str = p;
        r->len = (size_t)(e - p);
        p = e + 2;
        break;
    }
    case ':':
        r->type = REDISMODULE_REPLY_INTEGER;
        r->integer = line_number(&p);
        break;
    case '$':
    case '=': {
        long long n = line_number(&p);
        if (n < 0) {
            r->type = REDISMODULE_REPLY_NULL;
            break;
        }
        r->type = REDISMODULE_REPLY_STRING;
        r->str = p;
        r->len = (size_t)n;
        if (kind == '=') {
            r->type = REDISMODULE_REPLY_VERBATIM_STRING;
            r->flags |= CR_RESP3;
            r->format = p;
            r->str = p + 4;
            r->len -= 4;
        }
        p += n + 2;
        break;
    }
    case '*':
    case '~':
    case '%': {
        long long n = line_number(&p);
        if (n < 0) {
            r->type = REDISMODULE_REPLY_NULL;
            break;
        }
        r->type = kind == '*'   ? REDISMODULE_REPLY_ARRAY
                  : kind == '~' ? REDISMODULE_REPLY_SET
                                : REDISMODULE_REPLY_MAP;
        if (kind != '*')
            r->flags |= CR_RESP3;
        r->len = (size_t)n;
        p = parse_elements(r, p, end, kind == '%' ? 2 : 1);
        break;
    }
    case '|': {
        RedisModuleCallReply *a = rm_zalloc(NULL, sizeof(*a));
        a->magic = RM_MAGIC_REPLY;
        a->flags = CR_PARSED | CR_RESP3;
        a->type = REDISMODULE_REPLY_ATTRIBUTE;
        a->ctx = r->ctx;
        a->module = r->module;
        a->proto = start;
        a->len = (size_t)line_number(&p);
        p = parse_elements(a, p, end, 2);
        a->proto_len = (size_t)(p - start);
        p = parse(r, p, end);
        r->attribute = a;
        r->flags |= CR_RESP3;
        break;
    }
    case '_':
        r->type = REDISMODULE_REPLY_NULL;
        r->flags |= CR_RESP3;
        p += 2;
        break;
    case '#':
        r->type = REDISMODULE_REPLY_BOOL;
        r->flags |= CR_RESP3;
        r->integer = *p == 't';
        p += 3;
        break;
    case ',': {
        char buf[RM_DOUBLE_CHARS];
        const char *e = line_end(p, end);
        size_t n = (size_t)(e - p) < sizeof(buf) ? (size_t)(e - p) : sizeof(buf) - 1;
        memcpy(buf, p, n);
        buf[n] = '\0';
        r->type = REDISMODULE_REPLY_DOUBLE;
        r->flags |= CR_RESP3;
        r->number = strtod(buf, NULL);
        p = e + 2;
        break;
    }
    default:
        p = end;
    }
    r->proto = start;
    r->proto_len = (size_t)(p - start);
    return p;
}

static inline void look(RedisModuleCallReply *r) {
    RM_CHECK(r, RM_MAGIC_REPLY);
    if (RM_UNLIKELY(!(r->flags & CR_PARSED)))
        parse(r, r->proto, r->proto + r->proto_len);
}

RedisModuleCallReply *rm_callreply_new(RedisModuleCtx *ctx, rm_module *m, char *proto, size_t len,
                                       uint32_t errors) {
    RedisModuleCallReply *r = rm_zalloc(NULL, sizeof(*r));
    r->magic = RM_MAGIC_REPLY;
    r->flags = CR_ROOT;
    r->ctx = ctx;
    r->module = m;
    r->proto = r->owned = proto;
    r->proto_len = len;
    r->errors = errors;
    if (proto == NULL) {
        r->type = REDISMODULE_REPLY_PROMISE;
        r->flags |= CR_PARSED;
    }
    return r;
}

static void free_parts(RedisModuleCallReply *r) {
    if (r->attribute != NULL) {
        free_parts(r->attribute);
        rm_free(NULL, r->attribute);
    }
    if (r->elements != NULL) {
        size_t n = r->len;
        if (r->type == REDISMODULE_REPLY_MAP || r->type == REDISMODULE_REPLY_ATTRIBUTE)
            n *= 2;
        for (size_t i = 0; i < n; i++)
            free_parts(&r->elements[i]);
        rm_free(NULL, r->elements);
    }
}

void rm_callreply_free(RedisModuleCallReply *r) {
    free_parts(r);
    rm_free(NULL, r->owned);
    r->magic = RM_DEAD;
    rm_free(NULL, r);
}

int64_t rm_callreply_go(const RedisModuleCallReply *r) { return r->go; }
rm_module *rm_callreply_module(const RedisModuleCallReply *r) { return r->module; }
void rm_callreply_set_go(RedisModuleCallReply *r, int64_t go) { r->go = go; }

/* RM_FreeCallReply: frees a reply of Call with everything in it. For a reply that is part of
 * another nothing happens. Since: 4.0.0. */
void RM_FreeCallReply(RedisModuleCallReply *reply) {
    RM_CHECK(reply, RM_MAGIC_REPLY);
    if (!(reply->flags & CR_ROOT))
        return;
    rm_am_remove(reply->ctx, RM_AM_REPLY, reply);
    rm_callreply_free(reply);
}

/* RM_CallReplyType: REDISMODULE_REPLY_*; REDISMODULE_REPLY_UNKNOWN for NULL. Since: 4.0.0. */
int RM_CallReplyType(RedisModuleCallReply *reply) {
    if (reply == NULL)
        return REDISMODULE_REPLY_UNKNOWN;
    look(reply);
    return reply->type;
}

/* RM_CallReplyLength: bytes of a string or error, elements of an array or set, pairs of a map or
 * attribute; 0 for anything else. Since: 4.0.0. */
size_t RM_CallReplyLength(RedisModuleCallReply *reply) {
    look(reply);
    switch (reply->type) {
    case REDISMODULE_REPLY_STRING:
    case REDISMODULE_REPLY_ERROR:
    case REDISMODULE_REPLY_ARRAY:
    case REDISMODULE_REPLY_SET:
    case REDISMODULE_REPLY_MAP:
    case REDISMODULE_REPLY_ATTRIBUTE:
        return reply->len;
    }
    return 0;
}

static RedisModuleCallReply *element(RedisModuleCallReply *r, size_t idx, int type) {
    look(r);
    return r->type == type && idx < r->len ? &r->elements[idx] : NULL;
}

static int pair(RedisModuleCallReply *r, size_t idx, int type, RedisModuleCallReply **key,
                RedisModuleCallReply **val) {
    look(r);
    if (r->type != type || idx >= r->len)
        return REDISMODULE_ERR;
    if (key != NULL)
        *key = &r->elements[idx * 2];
    if (val != NULL)
        *val = &r->elements[idx * 2 + 1];
    return REDISMODULE_OK;
}

/* RM_CallReplyArrayElement: element idx of an array, from 0; it belongs to the reply.
 * Return NULL when there is none or the reply is no array. Since: 4.0.0. */
RedisModuleCallReply *RM_CallReplyArrayElement(RedisModuleCallReply *reply, size_t idx) {
    return element(reply, idx, REDISMODULE_REPLY_ARRAY);
}

/* RM_CallReplySetElement: CallReplyArrayElement for a set. Since: 7.0.0. */
RedisModuleCallReply *RM_CallReplySetElement(RedisModuleCallReply *reply, size_t idx) {
    return element(reply, idx, REDISMODULE_REPLY_SET);
}

/* RM_CallReplyMapElement: pair idx of a map, from 0.
 * key, val: out, belong to the reply; either may be NULL.
 * Return REDISMODULE_OK, or REDISMODULE_ERR when there is none or the reply is no map.
 * Since: 7.0.0. */
int RM_CallReplyMapElement(RedisModuleCallReply *reply, size_t idx, RedisModuleCallReply **key,
                           RedisModuleCallReply **val) {
    return pair(reply, idx, REDISMODULE_REPLY_MAP, key, val);
}

/* RM_CallReplyAttribute: the attribute that came with a reply, or NULL. It belongs to the reply.
 * Since: 7.0.0. */
RedisModuleCallReply *RM_CallReplyAttribute(RedisModuleCallReply *reply) {
    look(reply);
    return reply->attribute;
}

/* RM_CallReplyAttributeElement: CallReplyMapElement; meant for an attribute, but Redis takes only
 * maps, and so do we. Since: 7.0.0. */
int RM_CallReplyAttributeElement(RedisModuleCallReply *reply, size_t idx,
                                 RedisModuleCallReply **key, RedisModuleCallReply **val) {
    return pair(reply, idx, REDISMODULE_REPLY_MAP, key, val);
}

/* RM_CallReplyInteger: the number of an integer reply; LLONG_MIN for another type.
 * Since: 4.0.0. */
long long RM_CallReplyInteger(RedisModuleCallReply *reply) {
    look(reply);
    return reply->type == REDISMODULE_REPLY_INTEGER ? reply->integer : LLONG_MIN;
}

/* RM_CallReplyDouble: the number of a double reply; LLONG_MIN for another type. Since: 7.0.0. */
double RM_CallReplyDouble(RedisModuleCallReply *reply) {
    look(reply);
    return reply->type == REDISMODULE_REPLY_DOUBLE ? reply->number : (double)LLONG_MIN;
}

/* RM_CallReplyBool: 1 or 0 of a boolean reply; INT_MIN for another type. Since: 7.0.0. */
int RM_CallReplyBool(RedisModuleCallReply *reply) {
    look(reply);
    return reply->type == REDISMODULE_REPLY_BOOL ? (int)reply->integer : INT_MIN;
}

/* RM_CallReplyBigNumber: the digits of a big number, without a NUL at the end.
 * len: out. Return NULL for another type. Valid while the reply lives. Since: 7.0.0. */
const char *RM_CallReplyBigNumber(RedisModuleCallReply *reply, size_t *len) {
    look(reply);
    if (reply->type != REDISMODULE_REPLY_BIG_NUMBER)
        return NULL;
    *len = reply->len;
    return reply->str;
}

/* RM_CallReplyVerbatim: the text of a verbatim string, without a NUL at the end.
 * len: out. format: out, its three letters; may be NULL. Return NULL for another type. Valid
 * while the reply lives. Since: 7.0.0. */
const char *RM_CallReplyVerbatim(RedisModuleCallReply *reply, size_t *len, const char **format) {
    look(reply);
    if (reply->type != REDISMODULE_REPLY_VERBATIM_STRING)
        return NULL;
    *len = reply->len;
    if (format != NULL)
        *format = reply->format;
    return reply->str;
}

/* RM_CallReplyStringPtr: the bytes of a string or error, without a NUL at the end.
 * len: out, may be NULL. Return NULL for another type. Valid while the reply lives.
 * Since: 4.0.0. */
const char *RM_CallReplyStringPtr(RedisModuleCallReply *reply, size_t *len) {
    look(reply);
    if (reply->type != REDISMODULE_REPLY_STRING && reply->type != REDISMODULE_REPLY_ERROR)
        return NULL;
    if (len != NULL)
        *len = reply->len;
    return reply->str;
}

/* RM_CreateStringFromCallReply: a string object of a string, error or integer reply.
 * Ownership as with CreateString, in the context of the Call. Return NULL for other types.
 * Since: 4.0.0. */
RedisModuleString *RM_CreateStringFromCallReply(RedisModuleCallReply *reply) {
    look(reply);
    char buf[24];
    const char *s = reply->str;
    size_t n = reply->len;
    switch (reply->type) {
    case REDISMODULE_REPLY_STRING:
    case REDISMODULE_REPLY_ERROR:
        break;
    case REDISMODULE_REPLY_INTEGER:
        s = buf;
        n = rm_ll2str(buf, reply->integer);
        break;
    default:
        return NULL;
    }
    RedisModuleString *str = rm_str_new(reply->module, s, n);
    rm_am_add(reply->ctx, RM_AM_STRING, str);
    return str;
}

/* RM_CallReplyProto: the reply, or this part of it, as it was encoded for the wire.
 * len: out. Return NULL for a promise. Valid while the root reply lives. Since: 4.0.0. */
const char *RM_CallReplyProto(RedisModuleCallReply *reply, size_t *len) {
    RM_CHECK(reply, RM_MAGIC_REPLY);
    if (reply->proto == NULL)
        return NULL;
    if (len != NULL)
        *len = reply->proto_len;
    return reply->proto;
}

/* RM_ReplyWithCallReply: passes on what a called command replied.
 * Return REDISMODULE_ERR, with nothing added, when the reply has been looked into and holds types
 * of RESP3 while the client speaks RESP2. Since: 4.0.0. */
int RM_ReplyWithCallReply(RedisModuleCtx *ctx, RedisModuleCallReply *reply) {
    RM_CHECK(reply, RM_MAGIC_REPLY);
    rm_reply *r = rm_reply_target(ctx);
    if (r == NULL)
        return REDISMODULE_OK;
    if (ctx->resp == 2 && reply->flags & CR_RESP3)
        return REDISMODULE_ERR;
    if (reply->proto == NULL)
        return REDISMODULE_OK;
    if (reply->errors > 0) {
        rm_reply_error(r, r->len, reply->proto_len);
        r->errors += reply->errors - 1;
    }
    rm_reply_raw(NULL, r, reply->proto, reply->proto_len);
    return REDISMODULE_OK;
}
