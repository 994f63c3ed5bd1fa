/* background.h: how Go runs the callbacks of timers, events, notifications and filters. Callbacks
 * and their data are numbers to Go, so that it never takes them for pointers of its own. */

#ifndef BERTH_CAPI_BACKGROUND_H
#define BERTH_CAPI_BACKGROUND_H

#include "capi_internal.h"

#pragma GCC visibility push(hidden)

void rm_fire_timer(rm_module *m, int64_t go, int dbid, uintptr_t callback, uintptr_t data);

void rm_fire_notification(rm_module *m, int64_t go, int dbid, uintptr_t callback, int type,
                          const char *event, const char *key, size_t len);
void rm_fire_notification_fields(rm_module *m, int64_t go, int dbid, uintptr_t callback, int type,
                                 const char *event, const char *key, size_t len,
                                 const rm_slice *fields, int n);
void rm_fire_job(rm_module *m, int64_t go, int dbid, uintptr_t callback, uintptr_t data,
                 uintptr_t free_data);

void rm_fire_file(uintptr_t callback, int fd, uintptr_t data, int mask);

/* The data of a server event: the member that its number asks for, and what its context is. */
typedef struct rm_event_data {
    int dbid;
    int resp;
    uint64_t client_id;
    RedisModuleClientInfo client;
    RedisModuleFlushInfo flush;
    RedisModuleModuleChange module;
    RedisModuleCronLoop cron;
    RedisModuleLoadingProgress progress;
    RedisModuleSwapDbInfo swap;
    RedisModuleConfigChange config;
    ValkeyModuleAuthenticationInfo auth;
    ValkeyModuleCommandResultInfo command;
    rm_argblock *block; /* of command.argv */
} rm_event_data;

/* The arguments of the command that an event is about; they are the context's module's. */
void rm_event_args(RedisModuleCtx *ctx, rm_event_data *d, const rm_slice *argv, int argc);
void rm_event_args_end(rm_event_data *d);

RedisModuleCtx *rm_event_begin(rm_module *m, int64_t go, const rm_event_data *d);
void rm_event_call(RedisModuleCtx *ctx, uintptr_t callback, uint64_t id, uint64_t dataver,
                   uint64_t sub, rm_event_data *d, RedisModuleKey *key);
void rm_event_end(RedisModuleCtx *ctx, RedisModuleKey *key);
RedisModuleKey *rm_event_key(RedisModuleCtx *ctx, int dbid, const char *name, size_t len);

/* Command filters: the arguments while they are looked at. */
struct RedisModuleCommandFilterCtx {
    RedisModuleString **argv;
    int argc, cap;
    bool changed;
    uint64_t client_id;
    rm_argblock *block;
};

struct RedisModuleCommandFilter {
    rm_module *module;
    RedisModuleCommandFilterFunc func;
    int flags;
    int64_t go;
};

RedisModuleCommandFilterCtx *rm_filter_begin(uintptr_t argv, int argc, uint64_t client_id);
void rm_filter_call(RedisModuleCommandFilterCtx *f, RedisModuleCommandFilter *filter);
RedisModuleString *rm_filter_arg(RedisModuleCommandFilterCtx *f, int i);
void rm_filter_end(RedisModuleCommandFilterCtx *f);

#pragma GCC visibility pop

#endif
