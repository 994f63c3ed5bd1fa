/* blocked.c: blocked clients. Blocking crosses once; what a module's threads do afterwards stays
 * in C: unblocking only queues the client and wakes the loop, which finishes it in blocked.go. */

#include "blocked.h"

#include "_cgo_export.h"

#include "threadcheck.h"

#include <time.h>
#include <unistd.h>

/* Every runtime there ever was, so that one kept for a thread that may come late is no leak. */
static rm_runtime *runtimes;

rm_runtime *rm_runtime_new(int wakefd) {
    rm_runtime *rt = rm_zalloc(NULL, sizeof(*rt));
    rt->older = __atomic_load_n(&runtimes, __ATOMIC_ACQUIRE);
    while (!__atomic_compare_exchange_n(&runtimes, &rt->older, rt, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_ACQUIRE))
        ;
    pthread_mutex_init(&rt->mu, NULL);
    rt->shots_end = &rt->shots;
    rt->wakefd = wakefd;
    return rt;
}

void rm_runtime_thread(rm_runtime *rt) {
    rm_thread_is_loop();
    rt->loop = pthread_self();
    rt->has_loop = true;
}

void rm_runtime_close(rm_runtime *rt) {
    pthread_mutex_lock(&rt->mu);
    if (rt->wakefd >= 0)
        close(rt->wakefd);
    rt->wakefd = -1;
    pthread_mutex_unlock(&rt->mu);
}

void rm_runtime_queued(rm_runtime *rt) {
    __atomic_store_n(&rt->pending, 1, __ATOMIC_RELEASE);
    /* The loop's own thread looks before it sleeps. */
    if (rt->wakefd < 0 || (rt->has_loop && pthread_equal(rt->loop, pthread_self())))
        return;
    uint64_t one = 1;
    ssize_t n = write(rt->wakefd, &one, sizeof(one));
    (void)n; /* full means that the loop is being woken */
}

static void queue(rm_runtime *rt, RedisModuleBlockedClient *bc) {
    bc->next = NULL;
    if (rt->tail != NULL)
        rt->tail->next = bc;
    else
        rt->head = bc;
    rt->tail = bc;
    rm_runtime_queued(rt);
}

RedisModuleBlockedClient *rm_bc_next(rm_runtime *rt) {
    pthread_mutex_lock(&rt->mu);
    RedisModuleBlockedClient *bc = rt->head;
    if (bc != NULL) {
        rt->head = bc->next;
        if (rt->head == NULL)
            rt->tail = NULL;
    }
    if (rt->head == NULL && rt->shots == NULL)
        __atomic_store_n(&rt->pending, 0, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&rt->mu);
    return bc;
}

bool rm_bc_unblocked(RedisModuleBlockedClient *bc) {
    rm_runtime *rt = bc->module->rt;
    pthread_mutex_lock(&rt->mu);
    bool r = bc->unblocked;
    pthread_mutex_unlock(&rt->mu);
    return r;
}

bool rm_bc_claim(RedisModuleBlockedClient *bc) {
    rm_runtime *rt = bc->module->rt;
    pthread_mutex_lock(&rt->mu);
    bool r = !bc->unblocked;
    bc->unblocked = true;
    pthread_mutex_unlock(&rt->mu);
    return r;
}

void rm_bc_unblock(RedisModuleBlockedClient *bc) {
    rm_runtime *rt = bc->module->rt;
    pthread_mutex_lock(&rt->mu);
    if (!bc->unblocked) {
        bc->unblocked = true;
        queue(rt, bc);
    }
    pthread_mutex_unlock(&rt->mu);
}

void rm_bc_free(RedisModuleBlockedClient *bc) {
    rm_reply_free(NULL, &bc->reply);
    bc->magic = RM_DEAD;
    rm_free(NULL, bc);
}

static RedisModuleCtx *temp_ctx(RedisModuleBlockedClient *bc, int64_t go, uint32_t flags) {
    RedisModuleCtx *ctx = rm_temp_begin(bc->module, go, bc->dbid);
    ctx->flags |= flags;
    ctx->client_id = bc->client_id;
    ctx->resp = bc->resp;
    ctx->privdata = bc->privdata;
    return ctx;
}

void rm_fire_disconnect(RedisModuleBlockedClient *bc, int64_t go) {
    RedisModuleCtx *ctx = temp_ctx(bc, go, 0);
    bc->on_disconnect(ctx, bc);
    rm_temp_end(ctx);
}

void rm_fire_free(RedisModuleBlockedClient *bc, int64_t go, bool disconnected) {
    RedisModuleCtx *ctx = temp_ctx(bc, go, disconnected ? RMC_BLOCKED_DISCONNECTED : 0);
    bc->free_privdata(ctx, bc->privdata);
    rm_temp_end(ctx);
}

static RedisModuleBlockedClient *block(RedisModuleCtx *ctx, RedisModuleCmdFunc on_reply,
                                       RedisModuleCmdFunc on_timeout,
                                       void (*free_privdata)(RedisModuleCtx *, void *),
                                       long long timeout_ms, RedisModuleString **keys, int numkeys,
                                       void *privdata, int flags) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    RedisModuleBlockedClient *bc = rm_zalloc(NULL, sizeof(*bc));
    *bc = (RedisModuleBlockedClient){.magic = RM_MAGIC_BC,
                                     .resp = ctx->resp,
                                     .dbid = ctx->dbid,
                                     .module = ctx->module,
                                     .cmd = ctx->cmd,
                                     .client_id = ctx->client_id,
                                     .privdata = privdata,
                                     .on_reply = on_reply,
                                     .on_timeout = on_timeout,
                                     .free_privdata = free_privdata,
                                     .on_keys = keys != NULL};
    rm_slice *v = NULL;
    if (numkeys > 0) {
        v = rm_malloc(NULL, (size_t)numkeys * sizeof(*v));
        for (int i = 0; i < numkeys; i++)
            v[i] = (rm_slice){keys[i]->ptr, keys[i]->len, keys[i]->len};
    }
    RM_CROSS_READ();
    int why = goBlockClient(ctx, bc, timeout_ms, v, numkeys, flags);
    rm_free(NULL, v);
    switch (why) {
    case RM_BLOCK_IN_SCRIPT:
        RM_ReplyWithError(ctx, "ERR Blocking module command called from Lua script");
        break;
    case RM_BLOCK_IN_MULTI:
        RM_ReplyWithError(ctx, "ERR Blocking module command called from transaction");
        break;
    case RM_BLOCK_IN_REPLY:
        RM_ReplyWithError(ctx, "ERR Blocking module command called from a Reply callback context");
        break;
    case RM_BLOCK_BAD_TIMEOUT:
        RM_ReplyWithError(ctx, "ERR timeout is out of range");
        break;
    }
    return bc;
}

/* RM_BlockClient: leaves the client of the running command without a reply until UnblockClient.
 * reply_callback: makes the reply then, with the command's arguments; NULL when threads reply
 * through GetThreadSafeContext. timeout_callback: makes the reply when the time is over; NULL for
 * none, and CLIENT UNBLOCK cannot end the wait then. free_privdata: gets what UnblockClient was
 * given, unless that is NULL. timeout_ms: 0 for never.
 * Return a handle, always: in transactions, scripts and reply callbacks the client gets an error
 * instead of being blocked, and the handle has no client. The handle is freed after UnblockClient
 * or AbortBlock, of which one must be called whatever happens to the client. errno: not set.
 * Since: 4.0.0. */
RedisModuleBlockedClient *RM_BlockClient(RedisModuleCtx *ctx, RedisModuleCmdFunc reply_callback,
                                         RedisModuleCmdFunc timeout_callback,
                                         void (*free_privdata)(RedisModuleCtx *, void *),
                                         long long timeout_ms) {
    return block(ctx, reply_callback, timeout_callback, free_privdata, timeout_ms, NULL, 0, NULL,
                 0);
}

/* RM_BlockClientOnKeys: BlockClient until one of the keys of the selected database can serve the
 * client.
 * reply_callback: is asked whenever one of them is written or signalled, with the key in
 * GetBlockedClientReadyKey; it replies and returns REDISMODULE_OK, or anything else to go on
 * waiting. timeout_callback: needed for UnblockClient, which has it reply. privdata: what
 * GetBlockedClientPrivateData gives; freed with free_privdata in the end. The handle needs no
 * UnblockClient. Since: 6.0.0. */
RedisModuleBlockedClient *RM_BlockClientOnKeys(RedisModuleCtx *ctx,
                                               RedisModuleCmdFunc reply_callback,
                                               RedisModuleCmdFunc timeout_callback,
                                               void (*free_privdata)(RedisModuleCtx *, void *),
                                               long long timeout_ms, RedisModuleString **keys,
                                               int numkeys, void *privdata) {
    return block(ctx, reply_callback, timeout_callback, free_privdata, timeout_ms, keys, numkeys,
                 privdata, 0);
}

/* RM_BlockClientOnKeysWithFlags: BlockClientOnKeys with REDISMODULE_BLOCK_UNBLOCK_DELETED, to be
 * asked as well when a key is removed or overwritten, or REDISMODULE_BLOCK_UNBLOCK_DEFAULT.
 * Since: 7.2.0. */
RedisModuleBlockedClient *
RM_BlockClientOnKeysWithFlags(RedisModuleCtx *ctx, RedisModuleCmdFunc reply_callback,
                              RedisModuleCmdFunc timeout_callback,
                              void (*free_privdata)(RedisModuleCtx *, void *), long long timeout_ms,
                              RedisModuleString **keys, int numkeys, void *privdata, int flags) {
    return block(ctx, reply_callback, timeout_callback, free_privdata, timeout_ms, keys, numkeys,
                 privdata, flags);
}

/* RM_SignalKeyAsReady: has the clients that wait for a key of the selected database tried again,
 * as a write to it would. Since: 6.0.0. */
void RM_SignalKeyAsReady(RedisModuleCtx *ctx, RedisModuleString *key) {
    RM_CROSS_READ();
    goSignalKeyAsReady(ctx, key);
}

/* RM_BlockClientGetPrivateData: the private data of a blocked client. The module sees to it that
 * threads do not meet here. Since: 7.2.0. */
void *RM_BlockClientGetPrivateData(RedisModuleBlockedClient *bc) { return bc->privdata; }

/* RM_BlockClientSetPrivateData: sets it; UnblockClient replaces it with its own. Since: 7.2.0. */
void RM_BlockClientSetPrivateData(RedisModuleBlockedClient *bc, void *private_data) {
    bc->privdata = private_data;
}

/* RM_UnblockClient: ends a client's wait; it gets its reply from the reply callback or from what
 * threads have replied. Clients that wait for keys get it from the timeout callback.
 * bc: is freed soon. privdata: for the callbacks, NULL for nothing; ignored for keys.
 * Return REDISMODULE_ERR for a client that waits for keys without a timeout callback; OK also for
 * one that has gone. errno: not set. Any thread, without the lock. Since: 4.0.0. */
int RM_UnblockClient(RedisModuleBlockedClient *bc, void *privdata) {
    RM_CHECK(bc, RM_MAGIC_BC);
    if (bc->on_keys && bc->on_timeout == NULL)
        return REDISMODULE_ERR;
    rm_runtime *rt = bc->module->rt;
    pthread_mutex_lock(&rt->mu);
    if (!bc->unblocked) {
        if (bc->on_keys)
            bc->by_module = true;
        else
            bc->privdata = privdata;
        bc->unblocked = true;
        queue(rt, bc);
    }
    pthread_mutex_unlock(&rt->mu);
    return REDISMODULE_OK;
}

/* RM_AbortBlock: ends a client's wait without a reply; only the private data is freed.
 * Return as UnblockClient. Since: 4.0.0. */
int RM_AbortBlock(RedisModuleBlockedClient *bc) {
    RM_CHECK(bc, RM_MAGIC_BC);
    bc->on_reply = NULL;
    bc->on_disconnect = NULL;
    return RM_UnblockClient(bc, NULL);
}

/* RM_SetDisconnectCallback: what is called when the client goes away while it is blocked. The
 * handle is still to be unblocked, in the callback or later. Since: 5.0.0. */
void RM_SetDisconnectCallback(RedisModuleBlockedClient *bc, RedisModuleDisconnectFunc callback) {
    bc->on_disconnect = callback;
}

/* RM_IsBlockedReplyRequest: whether this is a reply callback. Since: 4.0.0. */
int RM_IsBlockedReplyRequest(RedisModuleCtx *ctx) { return (ctx->flags & RMC_BLOCKED_REPLY) != 0; }

/* RM_IsBlockedTimeoutRequest: whether this is a timeout callback. Since: 4.0.0. */
int RM_IsBlockedTimeoutRequest(RedisModuleCtx *ctx) {
    return (ctx->flags & RMC_BLOCKED_TIMEOUT) != 0;
}

/* RM_GetBlockedClientPrivateData: in callbacks of a blocked client, its private data; else NULL.
 * Since: 4.0.0. */
void *RM_GetBlockedClientPrivateData(RedisModuleCtx *ctx) { return ctx->privdata; }

/* RM_GetBlockedClientReadyKey: in a reply callback for keys, the key that is ready; else NULL. It
 * belongs to the context. Since: 6.0.0. */
RedisModuleString *RM_GetBlockedClientReadyKey(RedisModuleCtx *ctx) { return ctx->ready_key; }

/* RM_GetBlockedClientHandle: in reply and timeout callbacks, the blocked client; else NULL.
 * Since: 5.0.0. */
RedisModuleBlockedClient *RM_GetBlockedClientHandle(RedisModuleCtx *ctx) { return ctx->bc; }

/* RM_BlockedClientDisconnected: in a free callback, whether the client got no reply because it
 * went away or its time was over. Since: 5.0.0. */
int RM_BlockedClientDisconnected(RedisModuleCtx *ctx) {
    return (ctx->flags & RMC_BLOCKED_DISCONNECTED) != 0;
}

static int64_t monotonic_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* RM_BlockedClientMeasureTimeStart: begins to count time as used by the command that blocked, for
 * its statistics. Return REDISMODULE_OK. Any thread, without the lock. Since: 6.2.0. */
int RM_BlockedClientMeasureTimeStart(RedisModuleBlockedClient *bc) {
    bc->started_us = monotonic_us();
    return REDISMODULE_OK;
}

/* RM_BlockedClientMeasureTimeEnd: adds the time since the start.
 * Return REDISMODULE_ERR when none was begun. Any thread, without the lock. Since: 6.2.0. */
int RM_BlockedClientMeasureTimeEnd(RedisModuleBlockedClient *bc) {
    if (bc->started_us == 0)
        return REDISMODULE_ERR;
    bc->measured_us += monotonic_us() - bc->started_us;
    return REDISMODULE_OK;
}
