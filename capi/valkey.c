/* valkey.c: functions that only Valkey has and that belong to no family of their own. */

#include "capi_internal.h"

#include "_cgo_export.h"

/* VM_UpdateRuntimeArgs: takes the arguments in the place of those that the module was loaded with,
 * for MODULE LIST and CONFIG REWRITE.
 * argv: the first is the command's name and left out; they stay the caller's.
 * Return REDISMODULE_OK. Since: Valkey 8.1.0. */
int VM_UpdateRuntimeArgs(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    rm_slice *v = rm_malloc(NULL, ((size_t)argc + 1) * sizeof(*v));
    int n = 0;
    for (int i = 1; i < argc; i++)
        v[n++] = (rm_slice){argv[i]->ptr, argv[i]->len, argv[i]->len};
    RM_CROSS_READ();
    goUpdateRuntimeArgs(ctx->module->slot, v, n);
    rm_free(NULL, v);
    return REDISMODULE_OK;
}

/* VM_MustObeyClient: 1 when the command comes from the primary or from the append-only file, so
 * that it must not be refused. Since: Valkey 8.1.0. */
int VM_MustObeyClient(RedisModuleCtx *ctx) {
    if (ctx == NULL)
        return 0;
    RM_CROSS_READ();
    return (goContextFlags(ctx->module->slot, ctx) & REDISMODULE_CTX_FLAGS_REPLICATED) != 0;
}
