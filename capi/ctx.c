/* ctx.c: contexts, automatic memory and memory pools. */

#include "capi_internal.h"

struct rm_pool_block {
    rm_pool_block *next;
    size_t size, used;
    char bytes[];
};

#define POOL_BLOCK (8 * 1024)
#define MAX_FREE_CTX 256 /* more than commands nest */

/* Contexts to be used again, per thread. */
static __thread RedisModuleCtx *free_list;
static __thread int nfree;

RedisModuleCtx *rm_ctx_new(rm_module *m, uint32_t flags) {
    RedisModuleCtx *ctx = free_list;
    if (ctx != NULL) {
        free_list = ctx->next_free;
        nfree--;
        rm_reply_reset(NULL, &ctx->reply);
        ctx->npos = 0;
    } else {
        ctx = rm_zalloc(NULL, sizeof(*ctx));
        ctx->getapi = (void *)rm_getapi;
    }
    ctx->magic = RM_MAGIC_CTX;
    ctx->flags = flags;
    ctx->module = m;
    ctx->resp = 2;
    return ctx;
}

static void free_am(RedisModuleCtx *ctx) {
    /* Newest first, as Redis: an object may refer to an older one. */
    while (ctx->nam > 0) {
        rm_am_entry e = ctx->am[--ctx->nam];
        switch (e.type) {
        case RM_AM_STRING:
            rm_str_decr(e.ptr);
            break;
        case RM_AM_KEY:
            rm_key_close(e.ptr);
            break;
        case RM_AM_REPLY:
            rm_callreply_free(e.ptr);
            break;
        case RM_AM_DICT:
            rm_dict_free(e.ptr);
            break;
        case RM_AM_INFO:
            rm_serverinfo_free(e.ptr);
            break;
        case RM_AM_CONFIGS:
            rm_configs_free(e.ptr);
            break;
        case RM_AM_PLAIN:
            rm_free(NULL, e.ptr);
            break;
        }
    }
}

static void free_ctx(RedisModuleCtx *ctx) {
    rm_reply_free(NULL, &ctx->reply);
    rm_free(NULL, ctx->am);
    rm_free(NULL, ctx->pos);
    rm_free(NULL, ctx);
}

void rm_ctx_end(RedisModuleCtx *ctx) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    free_am(ctx);
    while (ctx->keys != NULL)
        rm_key_close(ctx->keys);
    while (ctx->pool != NULL) {
        rm_pool_block *b = ctx->pool;
        ctx->pool = b->next;
        rm_free(ctx->module, b);
    }
    if (RM_UNLIKELY(ctx->amcap > 1024)) {
        rm_free(NULL, ctx->am);
        ctx->am = NULL;
        ctx->amcap = 0;
    }
    ctx->cmd = NULL;
    ctx->dbid = 0;
    ctx->client_id = 0;
    ctx->unwatched = false;
    ctx->go = 0;
    ctx->argv = NULL;
    ctx->argc = 0;
    ctx->bc = NULL;
    ctx->privdata = NULL;
    ctx->ready_key = NULL;
    ctx->user = NULL;
    ctx->yield_us = 0;
    ctx->magic = RM_DEAD;
    /* A command's reply is read after this, so its context is always kept. */
    if (ctx->flags & (RMC_COMMAND | RMC_TEMP) && nfree < MAX_FREE_CTX) {
        if (nfree == 0)
            rm_thread_keeps();
        ctx->next_free = free_list;
        free_list = ctx;
        nfree++;
        return;
    }
    free_ctx(ctx);
}

void rm_ctx_forget(void) {
    while (free_list != NULL) {
        RedisModuleCtx *ctx = free_list;
        free_list = ctx->next_free;
        free_ctx(ctx);
    }
    nfree = 0;
}

RedisModuleCtx *rm_temp_begin(rm_module *m, int64_t go, int dbid) {
    RedisModuleCtx *ctx = rm_ctx_new(m, RMC_TEMP);
    ctx->go = go;
    ctx->dbid = dbid;
    ctx->outer = rm_running;
    rm_running = ctx;
    rm_touch();
    m->in_calls++;
    return ctx;
}

void rm_temp_end(RedisModuleCtx *ctx) {
    rm_running = ctx->outer;
    ctx->module->in_calls--;
    rm_ctx_end(ctx);
}

rm_reply *rm_reply_target(RedisModuleCtx *ctx) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    if (ctx->flags & RMC_THREAD_SAFE)
        return ctx->bc != NULL ? &ctx->bc->reply : NULL;
    return ctx->flags & RMC_COMMAND ? &ctx->reply : NULL;
}

void rm_am_add(RedisModuleCtx *ctx, enum rm_am_type type, void *ptr) {
    if (ctx == NULL || !(ctx->flags & RMC_AUTOMEM))
        return;
    if (ctx->nam == ctx->amcap) {
        ctx->amcap = ctx->amcap == 0 ? 16 : ctx->amcap * 2;
        ctx->am = rm_realloc(NULL, ctx->am, ctx->amcap * sizeof(*ctx->am));
    }
    ctx->am[ctx->nam++] = (rm_am_entry){ptr, type};
}

bool rm_am_remove(RedisModuleCtx *ctx, enum rm_am_type type, void *ptr) {
    if (ctx == NULL || !(ctx->flags & RMC_AUTOMEM))
        return false;
    /* What is freed early was mostly made last. */
    for (uint32_t i = ctx->nam; i-- > 0;) {
        if (ctx->am[i].ptr == ptr && ctx->am[i].type == type) {
            ctx->nam--;
            memmove(&ctx->am[i], &ctx->am[i + 1], (ctx->nam - i) * sizeof(*ctx->am));
            return true;
        }
    }
    return false;
}

/* RM_AutoMemory: has strings, keys, call replies, dictionaries and server-info data made with this
 * context from now on freed when the callback that it was given to returns. Freeing them by hand
 * stays allowed. Since: 4.0.0. */
void RM_AutoMemory(RedisModuleCtx *ctx) { ctx->flags |= RMC_AUTOMEM; }

/* RM_PoolAlloc: memory that is freed when the callback returns, and not before.
 * bytes: aligned to a pointer, or for fewer bytes than one to the next power of two.
 * Return the memory, not zeroed; NULL for 0 bytes. Since: 4.0.0. */
void *RM_PoolAlloc(RedisModuleCtx *ctx, size_t bytes) {
    if (bytes == 0)
        return NULL;
    rm_pool_block *b = ctx->pool;
    if (b != NULL) {
        size_t align = sizeof(void *);
        while (bytes < align && align / 2 >= bytes)
            align /= 2;
        size_t at = (b->used + align - 1) & ~(align - 1);
        if (at <= b->size && b->size - at >= bytes) {
            b->used = at + bytes;
            return b->bytes + at;
        }
    }
    size_t size = bytes > POOL_BLOCK ? bytes : POOL_BLOCK;
    b = rm_malloc(ctx->module, sizeof(*b) + size);
    b->size = size;
    b->used = bytes;
    b->next = ctx->pool;
    ctx->pool = b;
    return b->bytes;
}
