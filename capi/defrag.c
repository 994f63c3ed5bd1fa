/* defrag.c: modules' part in active defragmentation.
 *
 * What modules allocate comes from C's malloc, which does not tell how its memory is used. An
 * allocation is moved when there is free memory of its size at a lower address: the heap then
 * becomes denser at its beginning and can shrink at its end. */

#include "defrag.h"

#include <time.h>

#define MAGIC 0x44667231u
#define MAX_MOVED (64 << 10) /* larger ones do not fragment the heap */

static int64_t now_ns(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static RedisModuleDefragCtx begin(rm_module *m, rm_defrag_call *c) {
    return (RedisModuleDefragCtx){.magic = MAGIC,
                                  .module = m,
                                  .deadline_ns = c->budget_ns != 0 ? now_ns() + c->budget_ns : 0,
                                  .cursor = c->resumes ? &c->cursor : NULL,
                                  .dbid = -1};
}

static void end(RedisModuleDefragCtx *ctx, rm_defrag_call *c) {
    c->hits = ctx->hits;
    c->misses = ctx->misses;
    ctx->magic = RM_DEAD;
}

void rm_type_defrag(RedisModuleType *t, const char *key, size_t len, int dbid, rm_defrag_call *c) {
    rm_argblock *b = rm_args_new(t->module, &(rm_slice){.ptr = key, .len = len}, 1);
    RedisModuleDefragCtx ctx = begin(t->module, c);
    ctx.key = &b->s[0];
    ctx.dbid = dbid;
    c->more = t->m.defrag(&ctx, ctx.key, &c->value) != 0 && c->resumes;
    end(&ctx, c);
    rm_args_release(b);
}

bool rm_defrag_has_globals(const rm_module *m) {
    return m->defrag_cb != NULL || m->defrag_cb2 != NULL;
}

void rm_defrag_globals(rm_module *m, rm_defrag_call *c) {
    RedisModuleDefragCtx ctx = begin(m, c);
    c->more = false;
    if (m->defrag_cb2 != NULL)
        c->more = m->defrag_cb2(&ctx) != 0;
    else if (m->defrag_cb != NULL)
        m->defrag_cb(&ctx);
    end(&ctx, c);
}

void rm_defrag_start(rm_module *m, rm_defrag_call *c) {
    if (m->defrag_start_cb == NULL)
        return;
    RedisModuleDefragCtx ctx = begin(m, c);
    m->defrag_start_cb(&ctx);
    end(&ctx, c);
}

void rm_defrag_end(rm_module *m, rm_defrag_call *c) {
    if (m->defrag_end_cb == NULL)
        return;
    RedisModuleDefragCtx ctx = begin(m, c);
    m->defrag_end_cb(&ctx);
    end(&ctx, c);
}

void *rm_defrag_move(RedisModuleDefragCtx *ctx, void *p) {
    void *q = rm_heap_lower(ctx->module, p, MAX_MOVED);
    if (q != NULL)
        ctx->hits++;
    else
        ctx->misses++;
    return q;
}

/* RM_RegisterDefragFunc: has func called, once per round of active defragmentation, for data that
 * is in no key. It gets all the time it takes: see RegisterDefragFunc2.
 * func: replaces an earlier one; NULL ends that. Return REDISMODULE_OK. Since: 6.2.0. */
int RM_RegisterDefragFunc(RedisModuleCtx *ctx, RedisModuleDefragFunc func) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    ctx->module->defrag_cb = func;
    return REDISMODULE_OK;
}

/* RM_RegisterDefragFunc2: RegisterDefragFunc for a function that may stop when DefragShouldStop
 * tells it to: it returns non-zero then, and is called again; the cursor is its to use. It is
 * called in place of one given to RegisterDefragFunc. Return REDISMODULE_OK. Since: 8.0.0. */
int RM_RegisterDefragFunc2(RedisModuleCtx *ctx, RedisModuleDefragFunc2 func) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    ctx->module->defrag_cb2 = func;
    return REDISMODULE_OK;
}

/* RM_RegisterDefragCallbacks: has functions called when a round of active defragmentation begins
 * and ends. start, end: may be NULL. Return REDISMODULE_OK. Since: 8.0.0. */
int RM_RegisterDefragCallbacks(RedisModuleCtx *ctx, RedisModuleDefragFunc start,
                               RedisModuleDefragFunc end) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    ctx->module->defrag_start_cb = start;
    ctx->module->defrag_end_cb = end;
    return REDISMODULE_OK;
}

/* RM_DefragShouldStop: whether a callback that can be continued should return now. It does so with
 * its place in the cursor and a result other than 0.
 * Return 1 or 0; always 0 in a callback that can't be continued. Since: 6.2.0. */
int RM_DefragShouldStop(RedisModuleDefragCtx *ctx) {
    RM_CHECK(ctx, MAGIC);
    if (!ctx->stopping && ctx->deadline_ns != 0)
        ctx->stopping = now_ns() >= ctx->deadline_ns;
    return ctx->stopping;
}

/* RM_DefragCursorSet: stores a number for the next call of a callback that is going to be
 * continued. Return REDISMODULE_ERR in one that can't be. Since: 6.2.0. */
int RM_DefragCursorSet(RedisModuleDefragCtx *ctx, unsigned long cursor) {
    RM_CHECK(ctx, MAGIC);
    if (ctx->cursor == NULL)
        return REDISMODULE_ERR;
    *ctx->cursor = cursor;
    return REDISMODULE_OK;
}

/* RM_DefragCursorGet: the number that DefragCursorSet stored, 0 in the first call.
 * Return REDISMODULE_ERR, with *cursor untouched, in a callback that can't be continued.
 * Since: 6.2.0. */
int RM_DefragCursorGet(RedisModuleDefragCtx *ctx, unsigned long *cursor) {
    RM_CHECK(ctx, MAGIC);
    if (ctx->cursor == NULL)
        return REDISMODULE_ERR;
    *cursor = *ctx->cursor;
    return REDISMODULE_OK;
}

/* RM_DefragAlloc: moves memory of RM_Alloc and its kin.
 * Return where it is now, ptr being freed; NULL when it was left where it was. Since: 6.2.0. */
void *RM_DefragAlloc(RedisModuleDefragCtx *ctx, void *ptr) {
    RM_CHECK(ctx, MAGIC);
    return rm_defrag_move(ctx, ptr);
}

/* RM_DefragAllocRaw: memory for the module to copy to what several pointers lead to: the old is
 * freed with DefragFreeRaw when the last of them was changed. Since: 8.0.0. */
void *RM_DefragAllocRaw(RedisModuleDefragCtx *ctx, size_t size) {
    RM_CHECK(ctx, MAGIC);
    return rm_malloc(ctx->module, size);
}

/* RM_DefragFreeRaw: frees memory that was copied to that of DefragAllocRaw. Since: 8.0.0. */
void RM_DefragFreeRaw(RedisModuleDefragCtx *ctx, void *ptr) {
    RM_CHECK(ctx, MAGIC);
    rm_free(ctx->module, ptr);
    ctx->hits++;
}

/* RM_DefragRedisModuleString: moves a string object that has one owner.
 * Return where it is now, str being freed; NULL when the object was left where it was, though its
 * bytes may be elsewhere. Since: 6.2.0. */
RedisModuleString *RM_DefragRedisModuleString(RedisModuleDefragCtx *ctx, RedisModuleString *str) {
    RM_CHECK(ctx, MAGIC);
    RM_CHECK(str, RM_MAGIC_STRING);
    if (str->refcount != 1 || str->block != NULL)
        return NULL;
    RedisModuleString *s = rm_defrag_move(ctx, str);
    if (s != NULL && s->flags & RMS_INLINE)
        s->ptr = (char *)(s + 1);
    RedisModuleString *at = s != NULL ? s : str;
    if (at->flags & RMS_HEAP) {
        char *p = rm_defrag_move(ctx, at->ptr);
        if (p != NULL)
            at->ptr = p;
    }
    return s;
}

/* VM_DefragValkeyModuleString: Valkey's name for DefragRedisModuleString. Since: Valkey 8.0.0. */
RedisModuleString *VM_DefragValkeyModuleString(RedisModuleDefragCtx *ctx, RedisModuleString *str) {
    return RM_DefragRedisModuleString(ctx, str);
}

/* RM_GetKeyNameFromDefragCtx: the name of the key whose value a callback is about; NULL in the
 * callbacks that are about none. It is the server's, for the callback. Since: 7.0.0. */
const RedisModuleString *RM_GetKeyNameFromDefragCtx(RedisModuleDefragCtx *ctx) {
    RM_CHECK(ctx, MAGIC);
    return ctx->key;
}

/* RM_GetDbIdFromDefragCtx: the database of the key whose value a callback is about, else -1.
 * Since: 7.0.0. */
int RM_GetDbIdFromDefragCtx(RedisModuleDefragCtx *ctx) {
    RM_CHECK(ctx, MAGIC);
    return ctx->dbid;
}
