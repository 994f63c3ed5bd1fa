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
    return goUnsubscribeKeyspace(ctx->module, types, 0, (uintptr_t)cb, false);
}

/* RM_SubscribeToKeyspaceEventsWithSubkeys: SubscribeToKeyspaceEvents for a callback that is also
 * told which fields of the hash an event is about, as often as the command named each. flags:
 * REDISMODULE_NOTIFY_FLAG_NONE for all events of the types, those without fields with NULL and 0;
 * REDISMODULE_NOTIFY_FLAG_SUBKEYS_REQUIRED for no others than those with fields. The strings live
 * until the callback returns. Since: 8.8.0. */
int RM_SubscribeToKeyspaceEventsWithSubkeys(RedisModuleCtx *ctx, int types, int flags,
                                            RedisModuleNotificationWithSubkeysFunc cb) {
    RM_CROSS_READ();
    goSubscribeFields(ctx->module, types, flags, (uintptr_t)cb);
    return REDISMODULE_OK;
}

/* RM_UnsubscribeFromKeyspaceEventsWithSubkeys: ends the subscription that was made with the same
 * types, flags and callback. Return REDISMODULE_ERR when there is none. Since: 8.8.0. */
int RM_UnsubscribeFromKeyspaceEventsWithSubkeys(RedisModuleCtx *ctx, int types, int flags,
                                                RedisModuleNotificationWithSubkeysFunc cb) {
    RM_CROSS_READ();
    return goUnsubscribeKeyspace(ctx->module, types, flags, (uintptr_t)cb, true);
}

/* RM_NotifyKeyspaceEventWithSubkeys: NotifyKeyspaceEvent that also tells which fields the event is
 * about. subkeys: count of them, the caller's; may be NULL for none. Clients learn of the key
 * alone, as from any event of Redis 8.0. Since: 8.8.0. */
int RM_NotifyKeyspaceEventWithSubkeys(RedisModuleCtx *ctx, int type, const char *event,
                                      RedisModuleString *key, RedisModuleString **subkeys,
                                      int count) {
    if (ctx == NULL || count < 0 || (subkeys == NULL && count > 0))
        return REDISMODULE_ERR;
    rm_slice *v = rm_malloc(NULL, ((size_t)count + 1) * sizeof(*v));
    for (int i = 0; i < count; i++)
        v[i] = (rm_slice){subkeys[i]->ptr, subkeys[i]->len, subkeys[i]->len};
    RM_CROSS();
    goNotifyFields(ctx, type, (char *)event, key, v, count);
    rm_free(NULL, v);
    return REDISMODULE_OK;
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

void rm_fire_notification_fields(rm_module *m, int64_t go, int dbid, uintptr_t callback, int type,
                                 const char *event, const char *key, size_t len,
                                 const rm_slice *fields, int n) {
    RedisModuleCtx *ctx = rm_temp_begin(m, go, dbid);
    RedisModuleString *name = rm_str_new(m, key, len);
    rm_argblock *block = rm_args_new(m, fields, n);
    RedisModuleString **list = NULL;
    if (n > 0) {
        list = rm_malloc(NULL, (size_t)n * sizeof(*list));
        for (int i = 0; i < n; i++)
            list[i] = &block->s[i];
    }
    ((RedisModuleNotificationWithSubkeysFunc)callback)(ctx, type, event, name, list, n);
    rm_temp_end(ctx);
    rm_free(NULL, list);
    rm_args_release(block);
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
