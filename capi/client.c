/* client.c: what a context knows of its client and of the server; other clients; databases. */

#include "capi_internal.h"

#include "_cgo_export.h"

/* RM_GetClientId: the number of the client whose command runs; contexts that have none are given
 * one of their own, which no client has. Since: 4.0.0. */
unsigned long long RM_GetClientId(RedisModuleCtx *ctx) {
    if (ctx->client_id == 0) {
        RM_CROSS_READ();
        ctx->client_id = goClientId(ctx);
    }
    return ctx->client_id;
}

/* RM_GetClientUserNameById: the name of the user that a client is authenticated as.
 * Ownership as with CreateString. Return NULL. errno: ENOENT no such client, ENOTSUP it has no
 * user. Since: 6.2.1. */
RedisModuleString *RM_GetClientUserNameById(RedisModuleCtx *ctx, uint64_t id) {
    int e = 0;
    RM_CROSS_READ();
    RedisModuleString *s = goClientUserName(ctx, id, &e);
    errno = e;
    return s;
}

/* RM_GetCurrentUserName: the name of the user that the running command's client is.
 * Ownership as with CreateString. Since: 7.0.0. */
RedisModuleString *RM_GetCurrentUserName(RedisModuleCtx *ctx) {
    RM_CROSS_READ();
    return goCurrentUserName(ctx);
}

/* RM_GetClientInfoById: what is known of a client.
 * ci: NULL to ask only whether it is there; else begins with the version of its struct.
 * Return REDISMODULE_ERR for no such client or an unknown version. Since: 6.0.0. */
int RM_GetClientInfoById(void *ci, uint64_t id) {
    rm_module *m = rm_module_at(__builtin_return_address(0));
    if (ci != NULL && *(uint64_t *)ci != REDISMODULE_CLIENTINFO_VERSION)
        return REDISMODULE_ERR;
    RedisModuleClientInfo info = {.version = REDISMODULE_CLIENTINFO_VERSION};
    RM_CROSS_READ();
    int r = goClientInfo(m != NULL ? m->slot : 0, id, &info);
    if (r == REDISMODULE_OK && ci != NULL)
        memcpy(ci, &info, sizeof(info));
    return r;
}

/* RM_GetClientNameById: the name a client was given by CLIENT SETNAME, or NULL.
 * Ownership as with CreateString. Since: 7.0.3. */
RedisModuleString *RM_GetClientNameById(RedisModuleCtx *ctx, uint64_t id) {
    RM_CROSS_READ();
    return goClientName(ctx, id);
}

/* RM_SetClientNameById: names a client as CLIENT SETNAME does; "" takes the name away.
 * Return REDISMODULE_ERR. errno: ENOENT no such client, EINVAL a name with spaces or the like.
 * Since: 7.0.3. */
int RM_SetClientNameById(uint64_t id, RedisModuleString *name) {
    rm_module *m = rm_module_at(__builtin_return_address(0));
    RM_CROSS_READ();
    int e = goSetClientName(m != NULL ? m->slot : 0, id, name);
    errno = e;
    return e == 0 ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* RM_PublishMessage: publishes to a channel.
 * Return how many clients received it. Since: 6.0.0. */
int RM_PublishMessage(RedisModuleCtx *ctx, RedisModuleString *channel, RedisModuleString *message) {
    RM_CROSS();
    return goPublish(ctx, channel, message, 0);
}

/* RM_PublishMessageShard: PublishMessage to a shard channel. Since: 7.0.0. */
int RM_PublishMessageShard(RedisModuleCtx *ctx, RedisModuleString *channel,
                           RedisModuleString *message) {
    RM_CROSS();
    return goPublish(ctx, channel, message, 1);
}

/* RM_GetSelectedDb: the database that the context works in. Since: 4.0.0. */
int RM_GetSelectedDb(RedisModuleCtx *ctx) { return ctx->dbid; }

/* RM_SelectDb: changes the database that the context works in; the client of a command keeps it
 * afterwards. Return REDISMODULE_ERR when there is no such database. Since: 4.0.0. */
int RM_SelectDb(RedisModuleCtx *ctx, int newid) {
    if (newid < 0 || newid >= ctx->module->databases)
        return REDISMODULE_ERR;
    ctx->dbid = newid;
    return REDISMODULE_OK;
}

/* RM_GetContextFlags: REDISMODULE_CTX_FLAGS_* that hold now.
 * ctx: NULL asks about the server alone. Since: 4.0.3. */
int RM_GetContextFlags(RedisModuleCtx *ctx) {
    rm_module *m = ctx != NULL ? ctx->module : rm_module_at(__builtin_return_address(0));
    int child = rm_state.in_child ? REDISMODULE_CTX_FLAGS_IS_CHILD : 0;
    if (child != 0)
        return child;
    RM_CROSS_READ();
    int flags = goContextFlags(m != NULL ? m->slot : 0, ctx);
    /* The bit says something else to a module of Valkey. */
    return rm_valkey(m) ? flags & ~REDISMODULE_CTX_FLAGS_DEBUG_ENABLED : flags;
}

/* RM_AvoidReplicaTraffic: 1 when clients are paused and nothing should be replicated now.
 * Since: 6.0.0. */
int RM_AvoidReplicaTraffic(void) {
    rm_module *m = rm_module_at(__builtin_return_address(0));
    RM_CROSS_READ();
    return goAvoidReplicaTraffic(m != NULL ? m->slot : 0);
}

/* RM_ResetDataset: empties all databases, as FLUSHALL. restart_aof: begin the append only file
 * anew. async: free in the background. Since: 6.0.0. */
void RM_ResetDataset(int restart_aof, int async) {
    rm_module *m = rm_module_at(__builtin_return_address(0));
    RM_CROSS();
    goResetDataset(m != NULL ? m->slot : 0, restart_aof, async);
}

/* RM_DbSize: the number of keys in the selected database. Since: 6.0.0. */
unsigned long long RM_DbSize(RedisModuleCtx *ctx) {
    RM_CROSS_READ();
    return goDbSize(ctx);
}

/* RM_RandomKey: the name of some key of the selected database, or NULL when it is empty.
 * Ownership as with CreateString. Since: 6.0.0. */
RedisModuleString *RM_RandomKey(RedisModuleCtx *ctx) {
    RM_CROSS();
    return goRandomKey(ctx);
}

/* RM_SignalModifiedKey: tells watchers of a key that it changed; closing a key that was open for
 * writing does so by itself. Since: 6.0.0. */
int RM_SignalModifiedKey(RedisModuleCtx *ctx, RedisModuleString *keyname) {
    RM_CROSS_READ();
    goSignalModified(ctx, keyname);
    return REDISMODULE_OK;
}

/* RM_GetUsedMemoryRatio: used memory in proportion to maxmemory; 0 when that is not set. Above 1
 * when there is too much. Since: 6.0.0. */
float RM_GetUsedMemoryRatio(void) {
    rm_module *m = rm_module_at(__builtin_return_address(0));
    RM_CROSS_READ();
    return goUsedMemoryRatio(m != NULL ? m->slot : 0);
}

/* RM_GetCommandKeysWithFlags: which arguments of a command are keys.
 * num_keys: out, set with the result only. out_flags: out, NULL or an array of
 * REDISMODULE_CMD_KEY_* to be freed with Free. Return an array of positions, to be freed with Free,
 * or NULL. errno: ENOENT no such command, EINVAL wrong arguments, 0 the command has no keys.
 * Since: 7.0.0. */
int *RM_GetCommandKeysWithFlags(RedisModuleCtx *ctx, RedisModuleString **argv, int argc,
                                int *num_keys, int **out_flags) {
    rm_slice *v = rm_malloc(NULL, ((size_t)argc + 1) * sizeof(*v));
    for (int i = 0; i < argc; i++)
        v[i] = (rm_slice){argv[i]->ptr, argv[i]->len, argv[i]->len};
    int e = 0, *flags = NULL;
    RM_CROSS_READ();
    int *keys = goCommandKeys(ctx, v, argc, num_keys, &flags, &e);
    rm_free(NULL, v);
    if (out_flags != NULL)
        *out_flags = flags;
    else
        rm_free(ctx->module, flags);
    errno = e;
    return keys;
}

/* RM_GetCommandKeys: GetCommandKeysWithFlags without the flags. Since: 6.0.9. */
int *RM_GetCommandKeys(RedisModuleCtx *ctx, RedisModuleString **argv, int argc, int *num_keys) {
    return RM_GetCommandKeysWithFlags(ctx, argv, argc, num_keys, NULL);
}
