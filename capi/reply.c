/* reply.c: replies, encoded in C into the buffer of the context and taken from there in one piece.
 *
 * A postponed aggregate leaves a mark; the headers are inserted when the reply is finished, in one
 * pass, so that nesting and length cost nothing extra. One whose length is never told leaves no
 * trace, as in Redis. */

#include "capi_internal.h"

#include <stdio.h>

#define KEEP (64 * 1024) /* a larger buffer is given back after use */

static char *reserve(const rm_module *m, rm_reply *r, size_t n) {
    if (RM_UNLIKELY(r->cap - r->len < n)) {
        size_t cap = r->cap == 0 ? 512 : r->cap;
        while (cap - r->len < n)
            cap *= 2;
        r->buf = rm_realloc(m, r->buf, cap);
        r->cap = cap;
    }
    return r->buf + r->len;
}

void rm_reply_raw(const rm_module *m, rm_reply *r, const char *p, size_t n) {
    memcpy(reserve(m, r, n), p, n);
    r->len += n;
}

void rm_reply_finish(const rm_module *m, rm_reply *r) {
    size_t extra = 0;
    for (uint32_t i = 0; i < r->npost; i++)
        extra += r->post[i].hlen;
    if (extra == 0) {
        r->npost = r->nopen = 0;
        return;
    }
    reserve(m, r, extra);
    for (uint32_t e = 0; e < r->spans; e++) {
        size_t moved = 0;
        for (uint32_t i = 0; i < r->npost && r->post[i].off <= r->error_at[e].off; i++)
            moved += r->post[i].hlen;
        r->error_at[e].off += moved;
    }
    /* From the back: each stretch of bytes moves once. */
    size_t from = r->len, to = r->len + extra;
    r->len += extra;
    for (uint32_t i = r->npost; i-- > 0;) {
        rm_postponed *p = &r->post[i];
        size_t n = from - p->off;
        to -= n;
        memmove(r->buf + to, r->buf + p->off, n);
        from = p->off;
        to -= p->hlen;
        memcpy(r->buf + to, p->header, p->hlen);
    }
    r->npost = r->nopen = 0;
}

void rm_reply_error(rm_reply *r, size_t off, size_t len) {
    if (r->spans < RM_ERRORS)
        r->error_at[r->spans++] = (rm_span){off, len};
    r->errors++;
}

void rm_reply_reset(const rm_module *m, rm_reply *r) {
    r->len = 0;
    r->npost = r->nopen = 0;
    r->errors = r->quiet = r->spans = 0;
    if (RM_UNLIKELY(r->cap > KEEP || r->postcap > 1024))
        rm_reply_free(m, r);
}

void rm_reply_free(const rm_module *m, rm_reply *r) {
    rm_free(m, r->buf);
    rm_free(m, r->post);
    rm_free(m, r->open);
    memset(r, 0, sizeof(*r));
}

/* Buffers are the host's memory whichever module fills them, because contexts are reused. */
#define OWNER ((const rm_module *)NULL)

static void add(rm_reply *r, const char *p, size_t n) { rm_reply_raw(OWNER, r, p, n); }

static void add_number(rm_reply *r, char kind, long long v) {
    char *p = reserve(OWNER, r, 24);
    p[0] = kind;
    size_t n = 1 + rm_ll2str(p + 1, v);
    p[n] = '\r';
    p[n + 1] = '\n';
    r->len += n + 2;
}

static void add_bulk(rm_reply *r, const char *s, size_t len) {
    char *p = reserve(OWNER, r, len + 32);
    *p++ = '$';
    p += rm_ull2str(p, len);
    *p++ = '\r';
    *p++ = '\n';
    memcpy(p, s, len);
    p += len;
    *p++ = '\r';
    *p++ = '\n';
    r->len = (size_t)(p - r->buf);
}

/* text without the '-' and the line end. What would end the line becomes a space, except at the
 * end, where it is dropped. */
static void add_error(rm_reply *r, const char *text, size_t len) {
    while (len > 0 && (text[len - 1] == '\r' || text[len - 1] == '\n'))
        len--;
    char *p = reserve(OWNER, r, len + 3);
    p[0] = '-';
    for (size_t i = 0; i < len; i++)
        p[i + 1] = text[i] == '\r' || text[i] == '\n' ? ' ' : text[i];
    p[len + 1] = '\r';
    p[len + 2] = '\n';
    rm_reply_error(r, r->len, len + 3);
    r->len += len + 3;
}

/* A collection of len elements: its RESP2 kind is always an array, of two per pair. */
static int collection(RedisModuleCtx *ctx, long len, char kind3, int per) {
    rm_reply *r = rm_reply_target(ctx);
    if (r == NULL)
        return REDISMODULE_OK;
    if (len == REDISMODULE_POSTPONED_LEN) {
        if (r->npost == r->postcap) {
            r->postcap = r->postcap == 0 ? 8 : r->postcap * 2;
            r->post = rm_realloc(OWNER, r->post, r->postcap * sizeof(*r->post));
        }
        if (r->nopen == r->opencap) {
            r->opencap = r->opencap == 0 ? 8 : r->opencap * 2;
            r->open = rm_realloc(OWNER, r->open, r->opencap * sizeof(*r->open));
        }
        r->open[r->nopen++] = r->npost;
        r->post[r->npost++] = (rm_postponed){.off = r->len};
        return REDISMODULE_OK;
    }
    if (ctx->resp == 2)
        add_number(r, '*', (long long)len * per);
    else
        add_number(r, kind3, len);
    return REDISMODULE_OK;
}

static void set_length(RedisModuleCtx *ctx, long len, char kind3, int per) {
    rm_reply *r = rm_reply_target(ctx);
    if (r == NULL)
        return;
    if (r->nopen == 0) {
        rm_server_log(
            ctx->module, RM_LOG_WARNING,
            "API misuse detected in module %s: RedisModule_ReplySet*Length() called without "
            "previous RedisModule_ReplyWith*(ctx,REDISMODULE_POSTPONED_LEN) call.",
            rm_module_name(ctx->module));
        return;
    }
    rm_postponed *p = &r->post[r->open[--r->nopen]];
    p->header[0] = ctx->resp == 2 ? '*' : kind3;
    size_t n = 1 + rm_ll2str(p->header + 1, ctx->resp == 2 ? (long long)len * per : len);
    p->header[n++] = '\r';
    p->header[n++] = '\n';
    p->hlen = (uint32_t)n;
}

/* All ReplyWith functions: they add one reply to what the client gets when the command returns
 * (for a thread-safe context, when its client is unblocked). Where there is no client they do
 * nothing. They return REDISMODULE_OK unless said otherwise. Thread: the context's. */

/* RM_WrongArity: the error for a wrong number of arguments, naming the command. Since: 4.0.0. */
int RM_WrongArity(RedisModuleCtx *ctx) {
    return RM_ReplyWithErrorFormat(ctx, "ERR wrong number of arguments for '%s' command",
                                   ctx->cmd == NULL ? "" : ctx->cmd->fullname);
}

/* RM_ReplyWithLongLong: an integer. Since: 4.0.0. */
int RM_ReplyWithLongLong(RedisModuleCtx *ctx, long long ll) {
    rm_reply *r = rm_reply_target(ctx);
    if (r != NULL)
        add_number(r, ':', ll);
    return REDISMODULE_OK;
}

/* RM_ReplyWithError: an error.
 * err: the whole text, beginning with its code ("ERR no such thing"). Since: 4.0.0. */
int RM_ReplyWithError(RedisModuleCtx *ctx, const char *err) {
    rm_reply *r = rm_reply_target(ctx);
    if (r != NULL)
        add_error(r, err, strlen(err));
    return REDISMODULE_OK;
}

static void add_error_format(rm_reply *r, bool counted, const char *fmt, va_list ap) {
    char buf[512], *text = buf;
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(buf, sizeof(buf), fmt, ap);
    if (n >= (int)sizeof(buf)) {
        text = rm_malloc(OWNER, (size_t)n + 1);
        vsnprintf(text, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    uint32_t errors = r->errors, spans = r->spans;
    add_error(r, text, n < 0 ? 0 : (size_t)n);
    if (!counted) {
        r->errors = errors;
        r->spans = spans;
        r->quiet++;
    }
    if (text != buf)
        rm_free(OWNER, text);
}

/* RM_ReplyWithErrorFormat: an error, formatted as by printf. fmt begins with the error code.
 * Since: 7.2.0. */
int RM_ReplyWithErrorFormat(RedisModuleCtx *ctx, const char *fmt, ...) {
    rm_reply *r = rm_reply_target(ctx);
    if (r == NULL)
        return REDISMODULE_OK;
    va_list ap;
    va_start(ap, fmt);
    add_error_format(r, true, fmt, ap);
    va_end(ap);
    return REDISMODULE_OK;
}

/* VM_ReplyWithCustomErrorFormat: ReplyWithErrorFormat that the statistics of errors leave out when
 * update_error_stats is 0. Since: Valkey 9.1.0. */
int VM_ReplyWithCustomErrorFormat(RedisModuleCtx *ctx, int update_error_stats, const char *fmt,
                                  ...) {
    rm_reply *r = rm_reply_target(ctx);
    if (r == NULL)
        return REDISMODULE_OK;
    va_list ap;
    va_start(ap, fmt);
    add_error_format(r, update_error_stats != 0, fmt, ap);
    va_end(ap);
    return REDISMODULE_OK;
}

/* RM_ReplyWithSimpleString: a simple string; msg must not contain line ends. Since: 4.0.0. */
int RM_ReplyWithSimpleString(RedisModuleCtx *ctx, const char *msg) {
    rm_reply *r = rm_reply_target(ctx);
    if (r == NULL)
        return REDISMODULE_OK;
    add(r, "+", 1);
    add(r, msg, strlen(msg));
    add(r, "\r\n", 2);
    return REDISMODULE_OK;
}

/* RM_ReplyWithArray: the head of an array of len elements, which are replied next.
 * len: REDISMODULE_POSTPONED_LEN to tell it afterwards with ReplySetArrayLength; postponed
 * collections nest. Since: 4.0.0. */
int RM_ReplyWithArray(RedisModuleCtx *ctx, long len) { return collection(ctx, len, '*', 1); }

/* RM_ReplyWithMap: the head of a map of len pairs; RESP2 clients see an array of twice as many.
 * len: as with ReplyWithArray. Since: 7.0.0. */
int RM_ReplyWithMap(RedisModuleCtx *ctx, long len) { return collection(ctx, len, '%', 2); }

/* RM_ReplyWithSet: the head of a set; RESP2 clients see an array. Since: 7.0.0. */
int RM_ReplyWithSet(RedisModuleCtx *ctx, long len) { return collection(ctx, len, '~', 1); }

/* RM_ReplyWithAttribute: the head of an attribute of len pairs, in front of the reply it annotates.
 * Return REDISMODULE_ERR, with nothing added, for RESP2 clients. Since: 7.0.0. */
int RM_ReplyWithAttribute(RedisModuleCtx *ctx, long len) {
    if (ctx->resp == 2)
        return REDISMODULE_ERR;
    return collection(ctx, len, '|', 2);
}

/* RM_ReplyWithNullArray: the null array; RESP3 has only one null. Since: 6.0.0. */
int RM_ReplyWithNullArray(RedisModuleCtx *ctx) {
    rm_reply *r = rm_reply_target(ctx);
    if (r != NULL)
        ctx->resp == 2 ? add(r, "*-1\r\n", 5) : add(r, "_\r\n", 3);
    return REDISMODULE_OK;
}

/* RM_ReplyWithEmptyArray: an array of no elements. Since: 6.0.0. */
int RM_ReplyWithEmptyArray(RedisModuleCtx *ctx) {
    rm_reply *r = rm_reply_target(ctx);
    if (r != NULL)
        add(r, "*0\r\n", 4);
    return REDISMODULE_OK;
}

/* RM_ReplySetArrayLength: tells the length of the newest collection that was begun with
 * REDISMODULE_POSTPONED_LEN and not yet told. Without one a warning is logged. Since: 4.0.0. */
void RM_ReplySetArrayLength(RedisModuleCtx *ctx, long len) { set_length(ctx, len, '*', 1); }

/* RM_ReplySetMapLength: ReplySetArrayLength for a map of len pairs. Since: 7.0.0. */
void RM_ReplySetMapLength(RedisModuleCtx *ctx, long len) { set_length(ctx, len, '%', 2); }

/* RM_ReplySetSetLength: ReplySetArrayLength for a set. Since: 7.0.0. */
void RM_ReplySetSetLength(RedisModuleCtx *ctx, long len) { set_length(ctx, len, '~', 1); }

/* RM_ReplySetAttributeLength: ReplySetArrayLength for an attribute; nothing for RESP2 clients.
 * Since: 7.0.0. */
void RM_ReplySetAttributeLength(RedisModuleCtx *ctx, long len) {
    if (ctx->resp != 2)
        set_length(ctx, len, '|', 2);
}

/* RM_ReplyWithStringBuffer: a bulk string with a copy of len bytes. Since: 4.0.0. */
int RM_ReplyWithStringBuffer(RedisModuleCtx *ctx, const char *buf, size_t len) {
    rm_reply *r = rm_reply_target(ctx);
    if (r != NULL)
        add_bulk(r, buf, len);
    return REDISMODULE_OK;
}

/* RM_ReplyWithCString: a bulk string of a C string. Since: 5.0.6. */
int RM_ReplyWithCString(RedisModuleCtx *ctx, const char *buf) {
    return RM_ReplyWithStringBuffer(ctx, buf, strlen(buf));
}

/* RM_ReplyWithString: a bulk string of a string object, which stays the caller's. Since: 4.0.0. */
int RM_ReplyWithString(RedisModuleCtx *ctx, RedisModuleString *str) {
    return RM_ReplyWithStringBuffer(ctx, str->ptr, str->len);
}

/* RM_ReplyWithEmptyString: a bulk string of no bytes. Since: 6.0.0. */
int RM_ReplyWithEmptyString(RedisModuleCtx *ctx) { return RM_ReplyWithStringBuffer(ctx, "", 0); }

/* RM_ReplyWithVerbatimStringType: a verbatim string; RESP2 clients see a bulk string.
 * ext: its format, three letters; shorter ones are padded with spaces. Since: 7.0.0. */
int RM_ReplyWithVerbatimStringType(RedisModuleCtx *ctx, const char *buf, size_t len,
                                   const char *ext) {
    rm_reply *r = rm_reply_target(ctx);
    if (r == NULL)
        return REDISMODULE_OK;
    if (ctx->resp == 2) {
        add_bulk(r, buf, len);
        return REDISMODULE_OK;
    }
    add_number(r, '=', (long long)len + 4);
    char format[4] = {' ', ' ', ' ', ':'};
    for (int i = 0; i < 3 && ext[i] != '\0'; i++)
        format[i] = ext[i];
    add(r, format, 4);
    add(r, buf, len);
    add(r, "\r\n", 2);
    return REDISMODULE_OK;
}

/* RM_ReplyWithVerbatimString: a verbatim string of format "txt". Since: 6.0.0. */
int RM_ReplyWithVerbatimString(RedisModuleCtx *ctx, const char *buf, size_t len) {
    return RM_ReplyWithVerbatimStringType(ctx, buf, len, "txt");
}

/* RM_ReplyWithNull: the null; RESP2 clients see a null bulk string. Since: 4.0.0. */
int RM_ReplyWithNull(RedisModuleCtx *ctx) {
    rm_reply *r = rm_reply_target(ctx);
    if (r != NULL)
        ctx->resp == 2 ? add(r, "$-1\r\n", 5) : add(r, "_\r\n", 3);
    return REDISMODULE_OK;
}

/* RM_ReplyWithBool: a boolean; RESP2 clients see the integer 1 or 0. Since: 7.0.0. */
int RM_ReplyWithBool(RedisModuleCtx *ctx, int b) {
    rm_reply *r = rm_reply_target(ctx);
    if (r == NULL)
        return REDISMODULE_OK;
    if (ctx->resp == 2)
        add(r, b ? ":1\r\n" : ":0\r\n", 4);
    else
        add(r, b ? "#t\r\n" : "#f\r\n", 4);
    return REDISMODULE_OK;
}

/* RM_ReplyWithDouble: a double, in few digits that read back the same; RESP2 clients see it as a
 * bulk string. Since: 4.0.0. */
int RM_ReplyWithDouble(RedisModuleCtx *ctx, double d) {
    rm_reply *r = rm_reply_target(ctx);
    if (r == NULL)
        return REDISMODULE_OK;
    char buf[RM_DOUBLE_CHARS];
    size_t n = rm_double2str(buf, d);
    if (ctx->resp == 2) {
        add_bulk(r, buf, n);
        return REDISMODULE_OK;
    }
    add(r, ",", 1);
    add(r, buf, n);
    add(r, "\r\n", 2);
    return REDISMODULE_OK;
}

/* RM_ReplyWithBigNumber: a number of any size, given in decimal; RESP2 clients see a bulk string.
 * Since: 7.0.0. */
int RM_ReplyWithBigNumber(RedisModuleCtx *ctx, const char *bignum, size_t len) {
    rm_reply *r = rm_reply_target(ctx);
    if (r == NULL)
        return REDISMODULE_OK;
    if (ctx->resp == 2) {
        add_bulk(r, bignum, len);
        return REDISMODULE_OK;
    }
    add(r, "(", 1);
    add(r, bignum, len);
    add(r, "\r\n", 2);
    return REDISMODULE_OK;
}

/* RM_ReplyWithLongDouble: a long double in plain decimals without trailing zeros; RESP2 clients
 * see a bulk string. Since: 6.0.0. */
int RM_ReplyWithLongDouble(RedisModuleCtx *ctx, long double d) {
    rm_reply *r = rm_reply_target(ctx);
    if (r == NULL)
        return REDISMODULE_OK;
    char buf[RM_LONGDOUBLE_CHARS];
    size_t n = rm_longdouble2str(buf, d, true);
    if (ctx->resp == 2) {
        add_bulk(r, buf, n);
        return REDISMODULE_OK;
    }
    add(r, ",", 1);
    add(r, buf, n);
    add(r, "\r\n", 2);
    return REDISMODULE_OK;
}
