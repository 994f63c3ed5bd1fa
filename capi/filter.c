/* filter.c: command filters. The arguments of a command become strings for as long as the filters
 * look at them; Go takes over what has changed. */

#include "background.h"

#include "_cgo_export.h"

/* RM_RegisterCommandFilter: has callback see, and change, every command before it is looked up:
 * those of clients, scripts and Call.
 * flags: REDISMODULE_CMDFILTER_NOSELF leaves out what runs while the module is in a Call.
 * Return the filter, which lives as long as the module unless it is unregistered. Since: 5.0.5. */
RedisModuleCommandFilter *RM_RegisterCommandFilter(RedisModuleCtx *ctx,
                                                   RedisModuleCommandFilterFunc callback,
                                                   int flags) {
    RedisModuleCommandFilter *f = rm_zalloc(NULL, sizeof(*f));
    f->module = ctx->module;
    f->func = callback;
    f->flags = flags;
    RM_CROSS_READ();
    goRegisterFilter(f);
    return f;
}

/* RM_UnregisterCommandFilter: ends and frees a filter.
 * Return REDISMODULE_ERR for one of another module. Since: 5.0.5. */
int RM_UnregisterCommandFilter(RedisModuleCtx *ctx, RedisModuleCommandFilter *filter) {
    if (filter->module != ctx->module)
        return REDISMODULE_ERR;
    RM_CROSS_READ();
    return goUnregisterFilter(filter);
}

/* RM_CommandFilterArgsCount: the number of arguments, the command's name included. Since: 5.0.5. */
int RM_CommandFilterArgsCount(RedisModuleCommandFilterCtx *fctx) { return fctx->argc; }

/* RM_CommandFilterArgGet: an argument, which stays the command's; NULL beyond the last one.
 * Since: 5.0.5. */
RedisModuleString *RM_CommandFilterArgGet(RedisModuleCommandFilterCtx *fctx, int pos) {
    return pos < 0 || pos >= fctx->argc ? NULL : fctx->argv[pos];
}

static void own_array(RedisModuleCommandFilterCtx *f, int room) {
    if (room <= f->cap)
        return;
    int cap = room < 16 ? 16 : room * 2;
    f->argv = rm_realloc(NULL, f->argv, (size_t)cap * sizeof(*f->argv));
    f->cap = cap;
}

/* RM_CommandFilterArgInsert: puts an argument in front of the one at pos, or at the end.
 * arg: the caller gives its reference away. Return REDISMODULE_ERR for a bad position.
 * Since: 5.0.5. */
int RM_CommandFilterArgInsert(RedisModuleCommandFilterCtx *fctx, int pos, RedisModuleString *arg) {
    if (pos < 0 || pos > fctx->argc)
        return REDISMODULE_ERR;
    own_array(fctx, fctx->argc + 1);
    memmove(&fctx->argv[pos + 1], &fctx->argv[pos],
            (size_t)(fctx->argc - pos) * sizeof(*fctx->argv));
    fctx->argv[pos] = arg;
    fctx->argc++;
    fctx->changed = true;
    return REDISMODULE_OK;
}

/* RM_CommandFilterArgReplace: replaces an argument; the old one is freed.
 * arg: the caller gives its reference away. Return REDISMODULE_ERR for a bad position.
 * Since: 5.0.5. */
int RM_CommandFilterArgReplace(RedisModuleCommandFilterCtx *fctx, int pos, RedisModuleString *arg) {
    if (pos < 0 || pos >= fctx->argc)
        return REDISMODULE_ERR;
    rm_str_decr(fctx->argv[pos]);
    fctx->argv[pos] = arg;
    fctx->changed = true;
    return REDISMODULE_OK;
}

/* RM_CommandFilterArgDelete: takes an argument away and frees it.
 * Return REDISMODULE_ERR for a bad position. Since: 5.0.5. */
int RM_CommandFilterArgDelete(RedisModuleCommandFilterCtx *fctx, int pos) {
    if (pos < 0 || pos >= fctx->argc)
        return REDISMODULE_ERR;
    rm_str_decr(fctx->argv[pos]);
    fctx->argc--;
    memmove(&fctx->argv[pos], &fctx->argv[pos + 1],
            (size_t)(fctx->argc - pos) * sizeof(*fctx->argv));
    fctx->changed = true;
    return REDISMODULE_OK;
}

/* RM_CommandFilterGetClientId: the client whose command it is. Since: 7.2.0. */
unsigned long long RM_CommandFilterGetClientId(RedisModuleCommandFilterCtx *fctx) {
    return fctx->client_id;
}

RedisModuleCommandFilterCtx *rm_filter_begin(uintptr_t argv, int argc, uint64_t client_id) {
    RedisModuleCommandFilterCtx *f = rm_zalloc(NULL, sizeof(*f));
    f->client_id = client_id;
    f->block = rm_args_new(NULL, (const rm_slice *)argv, argc);
    own_array(f, argc);
    for (int i = 0; i < argc; i++) {
        f->argv[i] = &f->block->s[i];
        /* A reference for the array, beside that of the command. */
        rm_str_incr(f->argv[i]);
    }
    f->argc = argc;
    return f;
}

void rm_filter_call(RedisModuleCommandFilterCtx *f, RedisModuleCommandFilter *filter) {
    rm_module *m = filter->module;
    m->in_calls++;
    filter->func(f);
    m->in_calls--;
}

RedisModuleString *rm_filter_arg(RedisModuleCommandFilterCtx *f, int i) { return f->argv[i]; }

void rm_filter_end(RedisModuleCommandFilterCtx *f) {
    for (int i = 0; i < f->argc; i++)
        rm_str_decr(f->argv[i]);
    rm_args_release(f->block);
    rm_free(NULL, f->argv);
    rm_free(NULL, f);
}
