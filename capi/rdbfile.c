/* rdbfile.c: RDB files that modules load and save. */

#include "capi_internal.h"

#include "_cgo_export.h"

struct RedisModuleRdbStream {
    char *name;
};

/* RM_RdbStreamCreateFromFile: a stream that stands for a file, in the server's directory if its
 * name is relative. The caller frees it with RdbStreamFree. Since: 7.2.0. */
RedisModuleRdbStream *RM_RdbStreamCreateFromFile(const char *filename) {
    RedisModuleRdbStream *s = rm_malloc(NULL, sizeof(*s));
    size_t n = strlen(filename) + 1;
    s->name = memcpy(rm_malloc(NULL, n), filename, n);
    return s;
}

/* RM_RdbStreamFree: frees a stream. Since: 7.2.0. */
void RM_RdbStreamFree(RedisModuleRdbStream *stream) {
    rm_free(NULL, stream->name);
    rm_free(NULL, stream);
}

/* RM_RdbLoad: replaces the data set by what a file holds. A save in the background is ended, the
 * append-only file begun anew. Events are processed meanwhile. flags: 0. Return REDISMODULE_ERR
 * with errno EINVAL (stream NULL or flags), ENOTSUP (a replica), ENOENT or EIO; the data set is
 * empty then, but for the first two. errno 0 on success. Thread: server lock held. Since: 7.2.0. */
int RM_RdbLoad(RedisModuleCtx *ctx, RedisModuleRdbStream *stream, int flags) {
    int err = EINVAL;
    if (stream != NULL && flags == 0) {
        RM_CROSS();
        err = goRdbLoad(ctx->module->slot, stream->name);
    }
    errno = err;
    return err == 0 ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* RM_RdbSave: writes the data set to a file, at once. flags: 0.
 * Return REDISMODULE_ERR with errno EINVAL (stream NULL or flags) or what the system said. errno 0
 * on success. Thread: server lock held. Since: 7.2.0. */
int RM_RdbSave(RedisModuleCtx *ctx, RedisModuleRdbStream *stream, int flags) {
    int err = EINVAL;
    if (stream != NULL && flags == 0) {
        RM_CROSS_READ();
        err = goRdbSave(ctx->module->slot, stream->name);
    }
    errno = err;
    return err == 0 ? REDISMODULE_OK : REDISMODULE_ERR;
}
