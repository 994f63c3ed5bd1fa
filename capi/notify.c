/* notify.c: keyspace notifications, and jobs that wait for the end of the execution unit. */

#include "background.h"

#include "_cgo_export.h"

/* RM_SubscribeToKeyspaceEvents: has callback called for each keyspace event of the classes.
 * types: REDISMODULE_NOTIFY_*. The callback runs in the middle of the change, sees the key also
 * when it has just expired, and is not called for events that it causes itself, unless the module
 * has set REDISMODULE_OPTIONS_ALLOW_NESTED_KEYSPACE_NOTIFICATIONS. It should write by way of
 * AddPostNotificationJob. Return REDISMODULE_OK. Since: 4.0.9. */
int RM_SubscribeToKeyspaceEvents(RedisModuleCtx *ctx, int types,
                                 RedisModuleNotificationFunc callback) {
    RM_CROSS_READ();
    goSubscribeKeyspace(ctx->module, types, (uintptr_t)callback);
    return REDISMODULE_OK;
}

/* RM_UnsubscribeFromKeyspaceEvents: ends the subscription that was made with the same types and
 * callback. Return REDISMODULE_ERR when there is none. Since: 8.2.0. */
int RM_UnsubscribeFromKeyspaceEvents(RedisModuleCtx *ctx, int types,
                                     RedisModuleNotificationFunc cb) {
    RM_CROSS_READ();
    return goUnsubscribeKeyspace(ctx->module, types, (uintptr_t)cb);
}

/* RM_AddPostNotificationJob: has callback called at the end of the execution unit, where it may
 * write; what it writes is propagated together with what the unit wrote.
 * pd: for the callback; freed with free_pd, which may be NULL.
 * Return REDISMODULE_ERR while the data set is loaded. Since: 7.2.0. */
int RM_AddPostNotificationJob(RedisModuleCtx *ctx, RedisModulePostNotificationJobFunc callback,
                              void *pd, void (*free_pd)(void *)) {
    RM_CROSS_READ();
    return goAddJob(ctx, (uintptr_t)callback, (uintptr_t)pd, (uintptr_t)free_pd);
}

/* RM_GetNotifyKeyspaceEvents: REDISMODULE_NOTIFY_* as configured with notify-keyspace-events.
 * Since: 6.0.0. */
int RM_GetNotifyKeyspaceEvents(void) {
    rm_module *m = rm_module_at(__builtin_return_address(0));
    RM_CROSS_READ();
    return goNotifyConfig(m != NULL ? m->slot : 0);
}

/* RM_NotifyKeyspaceEvent: tells modules and subscribed clients of an event of a key.
 * type: one of REDISMODULE_NOTIFY_*. event: its name. Return REDISMODULE_OK. Since: 6.0.0. */
int RM_NotifyKeyspaceEvent(RedisModuleCtx *ctx, int type, const char *event,
                           RedisModuleString *key) {
    if (ctx == NULL)
        return REDISMODULE_ERR;
    RM_CROSS();
    goNotify(ctx, type, (char *)event, key);
    return REDISMODULE_OK;
}

void rm_fire_notification(rm_module *m, int64_t go, int dbid, uintptr_t callback, int type,
                          const char *event, const char *key, size_t len) {
    RedisModuleCtx *ctx = rm_temp_begin(m, go, dbid);
    RedisModuleString *name = rm_str_new(m, key, len);
    ((RedisModuleNotificationFunc)callback)(ctx, type, event, name);
    rm_temp_end(ctx);
    rm_str_decr(name);
}

void rm_fire_job(rm_module *m, int64_t go, int dbid, uintptr_t callback, uintptr_t data,
                 uintptr_t free_data) {
    RedisModuleCtx *ctx = rm_temp_begin(m, go, dbid);
    ((RedisModulePostNotificationJobFunc)callback)(ctx, (void *)data);
    if (free_data != 0)
        ((void (*)(void *))free_data)((void *)data);
    rm_temp_end(ctx);
}
