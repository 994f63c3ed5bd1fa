/* call.c: calling commands. The arguments are laid out in C as Go slices, so that one crossing runs
 * the command and no byte of an argument is copied on the way in. */

#include "call.h"
#include "child.h"

#include "_cgo_export.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Arguments being put together. Texts of numbers are kept until the command has run. */
typedef struct args {
    rm_slice *v;
    int n, cap;
    char **tmp;
    int ntmp, tmpcap;
    rm_slice few[16];
} args;

static void add(args *a, const char *p, size_t len) {
    if (a->n == a->cap) {
        int cap = a->cap * 2;
        if (a->v == a->few) {
            a->v = rm_malloc(NULL, (size_t)cap * sizeof(*a->v));
            memcpy(a->v, a->few, sizeof(a->few));
        } else {
            a->v = rm_realloc(NULL, a->v, (size_t)cap * sizeof(*a->v));
        }
        a->cap = cap;
    }
    a->v[a->n++] = (rm_slice){p, len, len};
}

static void add_number(args *a, long long v) {
    if (a->ntmp == a->tmpcap) {
        a->tmpcap = a->tmpcap == 0 ? 8 : a->tmpcap * 2;
        a->tmp = rm_realloc(NULL, a->tmp, (size_t)a->tmpcap * sizeof(*a->tmp));
    }
    char *p = rm_malloc(NULL, 24);
    a->tmp[a->ntmp++] = p;
    add(a, p, rm_ll2str(p, v));
}

static void done(args *a) {
    for (int i = 0; i < a->ntmp; i++)
        rm_free(NULL, a->tmp[i]);
    rm_free(NULL, a->tmp);
    if (a->v != a->few)
        rm_free(NULL, a->v);
}

/* Reads the arguments of a call as fmt describes them. Whether fmt is good. */
static bool collect(args *a, const char *cmdname, const char *fmt, uint32_t *flags, va_list *ap) {
    a->v = a->few;
    a->n = 0;
    a->cap = (int)(sizeof(a->few) / sizeof(a->few[0]));
    a->tmp = NULL;
    a->ntmp = a->tmpcap = 0;
    *flags = 0;
    add(a, cmdname, strlen(cmdname));
    for (const char *p = fmt; *p != '\0'; p++) {
        switch (*p) {
        case 'c': {
            const char *s = va_arg(*ap, const char *);
            add(a, s, strlen(s));
            break;
        }
        case 's': {
            RedisModuleString *s = va_arg(*ap, RedisModuleString *);
            RM_CHECK(s, RM_MAGIC_STRING);
            add(a, s->ptr, s->len);
            break;
        }
        case 'b': {
            const char *s = va_arg(*ap, const char *);
            size_t len = va_arg(*ap, size_t);
            add(a, s, len);
            break;
        }
        case 'l':
            add_number(a, va_arg(*ap, long long));
            break;
        case 'v': {
            RedisModuleString **v = va_arg(*ap, RedisModuleString **);
            size_t n = va_arg(*ap, size_t);
            for (size_t i = 0; i < n; i++)
                add(a, v[i]->ptr, v[i]->len);
            break;
        }
        case '!':
            *flags |= RM_CALL_REPLICATE;
            break;
        case 'A':
            *flags |= RM_CALL_NO_AOF;
            break;
        case 'R':
            *flags |= RM_CALL_NO_REPLICAS;
            break;
        case '3':
            *flags |= RM_CALL_RESP3;
            break;
        case '0':
            *flags |= RM_CALL_RESP_AUTO;
            break;
        case 'C':
            *flags |= RM_CALL_RUN_AS_USER;
            break;
        case 'S':
            *flags |= RM_CALL_SCRIPT_MODE;
            break;
        case 'W':
            *flags |= RM_CALL_NO_WRITES;
            break;
        case 'E':
            *flags |= RM_CALL_ERRORS_AS_REPLIES;
            break;
        case 'M':
            *flags |= RM_CALL_RESPECT_DENY_OOM;
            break;
        case 'D':
            *flags |= RM_CALL_DRY_RUN | RM_CALL_ERRORS_AS_REPLIES;
            break;
        case 'K':
            *flags |= RM_CALL_ALLOW_BLOCK;
            break;
        default:
            return false;
        }
    }
    return true;
}

/* RM_Call: runs a command of the server and returns what it replied.
 * cmdname: a command, or the container of one. fmt: a letter per argument that follows, 'c' a C
 * string, 's' a string object, 'b' a buffer and its size_t length, 'l' a long long, 'v' an array of
 * string objects and its size_t length; and, anywhere among them: '!' replicate the command, 'A'
 * and 'R' then leave out the append only file or the replicas, '3' reply in RESP3, '0' in the
 * client's protocol, 'C' with the rights of the context's user, 'S' as a script would, 'W' no
 * writes, 'M' refuse what deny-oom refuses, 'K' the command may block and the reply be a promise,
 * 'E' errors of the call itself come as replies, 'D' only check whether it could run.
 * Return the reply, to be freed with FreeCallReply or by automatic memory; NULL when the command
 * was not run, and for 'D' when it could be.
 * errno: EBADF bad format, ENOENT no such command, EINVAL wrong arity, EPERM a key of another
 * cluster node, EROFS, ENETDOWN cluster states, ENOTSUP 'C' without a user, EACCES the user may
 * not, ENOSPC 'W' or 'M' refused it, ESPIPE 'S' refused it. Thread: server lock held.
 * Since: 4.0.0. */
RedisModuleCallReply *RM_Call(RedisModuleCtx *ctx, const char *cmdname, const char *fmt, ...) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    args a;
    uint32_t flags;
    va_list ap;
    va_start(ap, fmt);
    bool ok = collect(&a, cmdname, fmt, &flags, &ap);
    va_end(ap);
    if (!ok) {
        done(&a);
        errno = EBADF;
        return NULL;
    }
    rm_call_result r = {0};
    RM_CROSS();
    goCall(ctx, a.v, a.n, flags, &r);
    RedisModuleCallReply *reply = NULL;
    if (r.promise != 0) {
        reply = rm_callreply_new(ctx, ctx->module, NULL, 0, 0);
        rm_callreply_set_go(reply, r.promise);
    } else if (r.ran) {
        /* The bytes lie in a buffer that Go keeps for the next call: they are ours only now. */
        char *proto = rm_malloc(NULL, r.len + 1);
        if (r.len > 0)
            memcpy(proto, (const void *)r.ptr, r.len);
        reply = rm_callreply_new(ctx, ctx->module, proto, r.len, r.errors);
    }
    done(&a);
    if (reply != NULL)
        rm_am_add(ctx, RM_AM_REPLY, reply);
    errno = r.error;
    return reply;
}

/* RM_Replicate: has a command replicated with this one's effects, as if it had been called.
 * fmt: as for Call; of the modifiers '!', 'A' and 'R' count.
 * Return REDISMODULE_ERR for a bad format or an unknown command. Since: 4.0.0. */
int RM_Replicate(RedisModuleCtx *ctx, const char *cmdname, const char *fmt, ...) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    args a;
    uint32_t flags;
    va_list ap;
    va_start(ap, fmt);
    bool ok = collect(&a, cmdname, fmt, &flags, &ap);
    va_end(ap);
    int status = REDISMODULE_ERR;
    if (ok) {
        RM_CROSS_READ();
        status = goReplicate(ctx, a.v, a.n, flags);
    }
    done(&a);
    return status;
}

/* RM_ReplicateVerbatim: has the running command replicated as the client sent it. Since: 4.0.0. */
int RM_ReplicateVerbatim(RedisModuleCtx *ctx) {
    RM_CROSS_READ();
    return goReplicateVerbatim(ctx);
}

/* RM_SetContextUser: the user whose rights 'C' in Call checks; NULL for the client's.
 * Since: 7.0.6. */
void RM_SetContextUser(RedisModuleCtx *ctx, const RedisModuleUser *user) { ctx->user = user; }

/* RM_EmitAOF: adds a command to the append only file that is being rewritten; for aof_rewrite.
 * io: what the callback was given. cmdname: a command that the server has. fmt and the arguments:
 * as for RM_Call. After a failure the rewrite fails. errno: EINVAL when there is no such command or
 * fmt is wrong. Thread: in the child that rewrites. Since: 4.0.0. */
void RM_EmitAOF(RedisModuleIO *io, const char *cmdname, const char *fmt, ...) {
    RM_CHECK(io, RM_MAGIC_IO);
    if (io->error)
        return;
    char text[200];
    if (!rm_child_emits(cmdname)) {
        snprintf(text, sizeof(text),
                 "Fatal: AOF method for module data type '%s' tried to emit unknown command '%s'",
                 io->type->name, cmdname);
        rm_child_log(RM_LOG_WARNING, text);
        io->error = 1;
        errno = EINVAL;
        return;
    }
    args a;
    uint32_t flags;
    va_list ap;
    va_start(ap, fmt);
    bool good = collect(&a, cmdname, fmt, &flags, &ap);
    va_end(ap);
    if (good) {
        rm_child_count(&io->out, a.n);
        for (int i = 0; i < a.n; i++)
            rm_child_arg(&io->out, a.v[i].ptr, a.v[i].len);
        if (io->out.len > 1 << 16)
            rm_child_put(&io->out);
    } else {
        snprintf(text, sizeof(text),
                 "Fatal: AOF method for module data type '%s' tried to call "
                 "RedisModule_EmitAOF() with wrong format specifiers '%s'",
                 io->type->name, fmt);
        rm_child_log(RM_LOG_WARNING, text);
        io->error = 1;
        errno = EINVAL;
    }
    done(&a);
}
