/* event.c: server events. */

#include "background.h"

#include "_cgo_export.h"

/* Subevents that there are, by event; 0 also for events without any. */
static const uint64_t subevents[] = {
    [REDISMODULE_EVENT_REPLICATION_ROLE_CHANGED] = _REDISMODULE_EVENT_REPLROLECHANGED_NEXT,
    [REDISMODULE_EVENT_PERSISTENCE] = _REDISMODULE_SUBEVENT_PERSISTENCE_NEXT,
    [REDISMODULE_EVENT_FLUSHDB] = _REDISMODULE_SUBEVENT_FLUSHDB_NEXT,
    [REDISMODULE_EVENT_LOADING] = _REDISMODULE_SUBEVENT_LOADING_NEXT,
    [REDISMODULE_EVENT_CLIENT_CHANGE] = _REDISMODULE_SUBEVENT_CLIENT_CHANGE_NEXT,
    [REDISMODULE_EVENT_SHUTDOWN] = _REDISMODULE_SUBEVENT_SHUTDOWN_NEXT,
    [REDISMODULE_EVENT_REPLICA_CHANGE] = _REDISMODULE_SUBEVENT_REPLICA_CHANGE_NEXT,
    [REDISMODULE_EVENT_MASTER_LINK_CHANGE] = _REDISMODULE_SUBEVENT_MASTER_NEXT,
    [REDISMODULE_EVENT_CRON_LOOP] = _REDISMODULE_SUBEVENT_CRON_LOOP_NEXT,
    [REDISMODULE_EVENT_MODULE_CHANGE] = _REDISMODULE_SUBEVENT_MODULE_NEXT,
    [REDISMODULE_EVENT_LOADING_PROGRESS] = _REDISMODULE_SUBEVENT_LOADING_PROGRESS_NEXT,
    [REDISMODULE_EVENT_SWAPDB] = _REDISMODULE_SUBEVENT_SWAPDB_NEXT,
    [REDISMODULE_EVENT_REPL_BACKUP] = 0, /* not fired since 7.0 */
    [REDISMODULE_EVENT_FORK_CHILD] = _REDISMODULE_SUBEVENT_FORK_CHILD_NEXT,
    [REDISMODULE_EVENT_REPL_ASYNC_LOAD] = _REDISMODULE_SUBEVENT_REPL_ASYNC_LOAD_NEXT,
    [REDISMODULE_EVENT_EVENTLOOP] = _REDISMODULE_SUBEVENT_EVENTLOOP_NEXT,
    [REDISMODULE_EVENT_CONFIG] = _REDISMODULE_SUBEVENT_CONFIG_NEXT,
    [REDISMODULE_EVENT_KEY] = _REDISMODULE_SUBEVENT_KEY_NEXT,
};

#define EVENTS (sizeof(subevents) / sizeof(subevents[0]))

/* Events that have data, all of it in its first version. */
static bool has_data(uint64_t id) {
    switch (id) {
    case REDISMODULE_EVENT_REPLICATION_ROLE_CHANGED:
    case REDISMODULE_EVENT_FLUSHDB:
    case REDISMODULE_EVENT_CLIENT_CHANGE:
    case REDISMODULE_EVENT_CRON_LOOP:
    case REDISMODULE_EVENT_MODULE_CHANGE:
    case REDISMODULE_EVENT_LOADING_PROGRESS:
    case REDISMODULE_EVENT_SWAPDB:
    case REDISMODULE_EVENT_KEY:
        return true;
    }
    return false;
}

/* RM_SubscribeToServerEvent: has callback called for an event of the server.
 * event: one of the constants RedisModuleEvent_*. callback: replaces an earlier one of the module;
 * NULL ends the subscription.
 * Return REDISMODULE_ERR for an event, or a version of its data, that the server does not know.
 * Since: 6.0.0. */
int RM_SubscribeToServerEvent(RedisModuleCtx *ctx, RedisModuleEvent event,
                              RedisModuleEventCallback callback) {
    bool valkeys = rm_valkey(ctx->module) && event.id >= EVENTS;
    if (event.id >= (valkeys ? (uint64_t)_VALKEYMODULE_EVENT_NEXT : EVENTS) ||
        ((valkeys || has_data(event.id)) && event.dataver > 1))
        return REDISMODULE_ERR;
    RM_CROSS_READ();
    goSubscribeEvent(ctx->module, event.id, event.dataver, (uintptr_t)callback);
    return REDISMODULE_OK;
}

/* RM_IsSubEventSupported: 1 when the server knows this subevent of an event; 0 for events that
 * have none. Since: 6.0.9. */
int RM_IsSubEventSupported(RedisModuleEvent event, uint64_t subevent) {
    if (event.id >= EVENTS && rm_valkey(rm_module_at(__builtin_return_address(0)))) {
        uint64_t n = event.id == VALKEYMODULE_EVENT_COMMAND_RESULT_REJECTED       ? 1
                     : event.id == VALKEYMODULE_EVENT_COMMAND_RESULT_ACL_REJECTED ? 5
                                                                                  : 0;
        return subevent < n;
    }
    return event.id < EVENTS && subevent < subevents[event.id];
}

RedisModuleCtx *rm_event_begin(rm_module *m, int64_t go, const rm_event_data *d) {
    RedisModuleCtx *ctx = rm_temp_begin(m, go, d->dbid);
    ctx->client_id = d->client_id;
    if (d->resp != 0)
        ctx->resp = d->resp;
    return ctx;
}

RedisModuleKey *rm_event_key(RedisModuleCtx *ctx, int dbid, const char *name, size_t len) {
    RedisModuleString *s = rm_str_new(ctx->module, name, len);
    RedisModuleKey *key = rm_key_new(ctx, s, dbid, REDISMODULE_READ);
    rm_str_decr(s);
    return key;
}

/* Of Valkey's events, which have numbers of which Redis makes another use. */
static void *valkey_data(uint64_t id, rm_event_data *d) {
    return id == VALKEYMODULE_EVENT_AUTHENTICATION_ATTEMPT ? (void *)&d->auth : (void *)&d->command;
}

void rm_event_args(RedisModuleCtx *ctx, rm_event_data *d, const rm_slice *argv, int argc) {
    d->block = rm_args_new(ctx->module, argv, argc);
    d->command.argc = argc;
    d->command.argv = rm_malloc(NULL, ((size_t)argc + 1) * sizeof(*d->command.argv));
    for (int i = 0; i < argc; i++)
        d->command.argv[i] = &d->block->s[i];
    d->command.argv[argc] = NULL;
}

void rm_event_args_end(rm_event_data *d) {
    rm_free(NULL, d->command.argv);
    rm_args_release(d->block);
    d->block = NULL;
}

void rm_event_call(RedisModuleCtx *ctx, uintptr_t callback, uint64_t id, uint64_t dataver,
                   uint64_t sub, rm_event_data *d, RedisModuleKey *key) {
    RedisModuleKeyInfo info = {.version = REDISMODULE_KEYINFO_VERSION, .key = key};
    void *data = NULL;
    if (id >= EVENTS)
        data = valkey_data(id, d);
    switch (id) {
    case REDISMODULE_EVENT_CLIENT_CHANGE:
        data = &d->client;
        break;
    case REDISMODULE_EVENT_FLUSHDB:
        data = &d->flush;
        break;
    case REDISMODULE_EVENT_MODULE_CHANGE:
        data = &d->module;
        break;
    case REDISMODULE_EVENT_CRON_LOOP:
        data = &d->cron;
        break;
    case REDISMODULE_EVENT_LOADING_PROGRESS:
        data = &d->progress;
        break;
    case REDISMODULE_EVENT_SWAPDB:
        data = &d->swap;
        break;
    case REDISMODULE_EVENT_CONFIG:
        data = &d->config;
        break;
    case REDISMODULE_EVENT_KEY:
        data = &info;
        break;
    }
    ((RedisModuleEventCallback)callback)(ctx, (RedisModuleEvent){id, dataver}, sub, data);
}

void rm_event_end(RedisModuleCtx *ctx, RedisModuleKey *key) {
    if (key != NULL && key->magic == RM_MAGIC_KEY)
        rm_key_close(key);
    rm_temp_end(ctx);
}
