/* shared.c: functions that modules share with each other. */

#include "capi_internal.h"

#include "_cgo_export.h"

/* RM_ExportSharedAPI: offers a function to other modules, under a name.
 * apiname: kept by the server. func: must stay valid until the module is unloaded.
 * Return REDISMODULE_ERR when the name is taken. Since: 5.0.4. */
int RM_ExportSharedAPI(RedisModuleCtx *ctx, const char *apiname, void *func) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    RM_CROSS_READ();
    return goExportSharedAPI(ctx->module->slot, (char *)apiname, (uintptr_t)func);
}

/* RM_GetSharedAPI: a function that another module offers. That module cannot be unloaded from
 * then on before this one.
 * Return NULL when there is none of that name, perhaps not yet. Since: 5.0.4. */
void *RM_GetSharedAPI(RedisModuleCtx *ctx, const char *apiname) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    RM_CROSS_READ();
    return (void *)goGetSharedAPI(ctx->module->slot, (char *)apiname);
}
