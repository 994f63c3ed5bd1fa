/* thread.c: thread-safe contexts, and the server lock for the threads of modules. */

#include "blocked.h"

#include "_cgo_export.h"

#include "threadcheck.h"

static pthread_key_t at_exit;

static void forget(void *unused) {
    (void)unused;
    rm_keys_forget();
    rm_ctx_forget();
    rm_args_forget();
}

static void make_key(void) { pthread_key_create(&at_exit, forget); }

void rm_thread_keeps(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static __thread bool known;
    if (known)
        return;
    known = true;
    pthread_once(&once, make_key);
    pthread_setspecific(at_exit, &at_exit);
}

/* RM_GetThreadSafeContext: a context for a thread of the module.
 * bc: replies made with the context are kept for this client and sent when it is unblocked; they
 * need no lock, but one thread at a time. NULL for a context without a client, whose replies go
 * nowhere. Everything else needs ThreadSafeContextLock.
 * Return a context to be freed with FreeThreadSafeContext. Any thread. Since: 4.0.0. */
RedisModuleCtx *RM_GetThreadSafeContext(RedisModuleBlockedClient *bc) {
    if (bc == NULL) {
        rm_module *m = rm_module_at(__builtin_return_address(0));
        /* Code that a module has loaded in turn belongs to some module: any can do its work. */
        for (int i = 1; m == NULL && i < RM_MAX_MODULES; i++)
            m = rm_modules[i];
        return rm_ctx_new(m, RMC_THREAD_SAFE | RMC_DETACHED);
    }
    RM_CHECK(bc, RM_MAGIC_BC);
    RedisModuleCtx *ctx = rm_ctx_new(bc->module, RMC_THREAD_SAFE);
    ctx->bc = bc;
    ctx->dbid = bc->dbid;
    ctx->client_id = bc->client_id;
    ctx->resp = bc->resp;
    return ctx;
}

/* RM_GetDetachedThreadSafeContext: a context without a client that belongs to the module of ctx,
 * and to which what is logged is attributed. To be freed with FreeThreadSafeContext.
 * Since: 6.0.9. */
RedisModuleCtx *RM_GetDetachedThreadSafeContext(RedisModuleCtx *ctx) {
    return rm_ctx_new(ctx->module, RMC_THREAD_SAFE | RMC_DETACHED);
}

/* RM_FreeThreadSafeContext: frees a context and what its automatic memory holds; with the lock
 * held if keys are among that. Since: 4.0.0. */
void RM_FreeThreadSafeContext(RedisModuleCtx *ctx) { rm_ctx_end(ctx); }

static uint32_t slot_of(RedisModuleCtx *ctx) {
    return ctx != NULL && ctx->module != NULL ? ctx->module->slot : 0;
}

/* RM_ThreadSafeContextLock: waits for the server lock. With it held the thread may use the API as
 * a command does; all that it does until the unlock is one execution unit. Not for callbacks,
 * which have the lock. Since: 4.0.0. */
void RM_ThreadSafeContextLock(RedisModuleCtx *ctx) {
    goThreadLock(slot_of(ctx));
    rm_thread_locks(true);
}

/* RM_ThreadSafeContextTryLock: takes the lock if it is free.
 * Return REDISMODULE_ERR otherwise. errno: EBUSY. Since: 6.0.8. */
int RM_ThreadSafeContextTryLock(RedisModuleCtx *ctx) {
    if (goThreadTryLock(slot_of(ctx))) {
        rm_thread_locks(true);
        return REDISMODULE_OK;
    }
    errno = EBUSY;
    return REDISMODULE_ERR;
}

/* RM_ThreadSafeContextUnlock: gives the lock back; what was written is propagated and clients that
 * waited for it are served. Since: 4.0.0. */
void RM_ThreadSafeContextUnlock(RedisModuleCtx *ctx) {
    goThreadUnlock(slot_of(ctx));
    rm_thread_locks(false);
}
