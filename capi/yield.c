/* yield.c: Yield, and what modules do to clients other than replying. */

#include "capi_internal.h"

#include "_cgo_export.h"

/* RM_Yield: has the server look at its events in the middle of a long command, or callback.
 * flags: REDISMODULE_YIELD_FLAG_CLIENTS also lets clients run what is allowed while the server is
 * busy, and answers the others with an error; without it they wait. busy_reply: the text of that
 * error behind "BUSY ", NULL for Redis's own.
 * Nothing happens before the command has taken as long as busy-reply-threshold says, and on a
 * module's thread. Since: 7.0.0. */
void RM_Yield(RedisModuleCtx *ctx, int flags, const char *busy_reply) {
    int64_t now = (int64_t)RM_MonotonicMicroseconds();
    if (ctx->flags & RMC_THREAD_SAFE || (ctx->yield_us != 0 && now < ctx->yield_us))
        return;
    RM_CROSS();
    ctx->yield_us = goYield(ctx, flags, (char *)busy_reply, now);
}

/* RM_DeauthenticateAndCloseClient: takes a client's rights away and closes it, after its command
 * if that is running. Return REDISMODULE_ERR when there is no such client. Since: 6.0.0. */
int RM_DeauthenticateAndCloseClient(RedisModuleCtx *ctx, uint64_t client_id) {
    RM_CROSS_READ();
    return goCloseClient(ctx, client_id);
}

/* RM_RedactClientCommandArgument: keeps an argument of the running command out of the slow log and
 * out of MONITOR. pos: 1 for the first after the name. Return REDISMODULE_ERR for a bad position.
 * Since: 7.0.0. */
int RM_RedactClientCommandArgument(RedisModuleCtx *ctx, int pos) {
    if (ctx == NULL || pos <= 0 || pos >= ctx->argc)
        return REDISMODULE_ERR;
    RM_CROSS_READ();
    goRedact(ctx, pos);
    return REDISMODULE_OK;
}
