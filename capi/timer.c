/* timer.c: timers. Their order is kept in Go. */

#include "background.h"

#include "_cgo_export.h"

/* RM_CreateTimer: has callback called once with data after period milliseconds, with the selected
 * database of ctx. Timers run in the order of their time.
 * Return the timer's number. Since: 5.0.0. */
RedisModuleTimerID RM_CreateTimer(RedisModuleCtx *ctx, mstime_t period,
                                  RedisModuleTimerProc callback, void *data) {
    RM_CROSS_READ();
    return goCreateTimer(ctx, period, (uintptr_t)callback, (uintptr_t)data);
}

/* RM_StopTimer: takes a timer of this module back.
 * data: out, NULL to ignore: what it was created with. Return REDISMODULE_ERR when there is no
 * such timer, as after it was called. Since: 5.0.0. */
int RM_StopTimer(RedisModuleCtx *ctx, RedisModuleTimerID id, void **data) {
    uintptr_t d = 0;
    RM_CROSS_READ();
    int r = goStopTimer(ctx, id, &d);
    if (r == REDISMODULE_OK && data != NULL)
        *data = (void *)d;
    return r;
}

/* RM_GetTimerInfo: what is known of a timer of this module.
 * remaining: out, milliseconds, at least 0. data: out, what it was created with. Either may be
 * NULL. Return REDISMODULE_ERR when there is no such timer. Since: 5.0.0. */
int RM_GetTimerInfo(RedisModuleCtx *ctx, RedisModuleTimerID id, uint64_t *remaining, void **data) {
    uintptr_t d = 0;
    uint64_t ms = 0;
    RM_CROSS_READ();
    int r = goTimerInfo(ctx, id, &ms, &d);
    if (r != REDISMODULE_OK)
        return r;
    if (remaining != NULL)
        *remaining = ms;
    if (data != NULL)
        *data = (void *)d;
    return r;
}

void rm_fire_timer(rm_module *m, int64_t go, int dbid, uintptr_t callback, uintptr_t data) {
    RedisModuleCtx *ctx = rm_temp_begin(m, go, dbid);
    ((RedisModuleTimerProc)callback)(ctx, (void *)data);
    rm_temp_end(ctx);
}
