/* promise.c: replies that come later, of commands called with 'K' that blocked. */

#include "call.h"

#include "_cgo_export.h"

/* RM_CallReplyPromiseSetUnblockHandler: has a function called with the reply when the command has
 * ended; the reply is the function's to free. private_data: is passed to it.
 * Nothing happens for another kind of reply, or when the command has ended. Since: 7.2.0. */
void RM_CallReplyPromiseSetUnblockHandler(RedisModuleCallReply *reply,
                                          RedisModuleOnUnblocked on_unblock, void *private_data) {
    if (rm_callreply_go(reply) == 0)
        return;
    RM_CROSS_READ();
    goPromiseHandler(rm_callreply_module(reply), rm_callreply_go(reply), on_unblock, private_data);
}

/* RM_CallReplyPromiseAbort: gives up waiting; the function that was set is not called.
 * private_data: out, what was given with the function; may be NULL.
 * Return REDISMODULE_ERR when the command has ended or was given up before. Since: 7.2.0. */
int RM_CallReplyPromiseAbort(RedisModuleCallReply *reply, void **private_data) {
    if (rm_callreply_go(reply) == 0)
        return REDISMODULE_ERR;
    RM_CROSS();
    return goPromiseAbort(rm_callreply_module(reply), rm_callreply_go(reply), private_data);
}

void rm_fire_unblocked(rm_module *m, int64_t go, int dbid, RedisModuleOnUnblocked fn,
                       uintptr_t data, const rm_call_result *r) {
    RedisModuleCtx *ctx = rm_temp_begin(m, go, dbid);
    char *proto = rm_malloc(NULL, r->len + 1);
    if (r->len > 0)
        memcpy(proto, (const void *)r->ptr, r->len);
    fn(ctx, rm_callreply_new(NULL, m, proto, r->len, r->errors), (void *)data);
    rm_temp_end(ctx);
}
