/* scan.c: scanning the keys of a database, and the elements of a key. One crossing takes the
 * elements of one step; the callbacks then run on copies of them. */

#include "scan.h"

#include "_cgo_export.h"

#include <stdlib.h>

struct RedisModuleScanCursor {
    uint32_t magic;
    uint32_t slot;
    unsigned long long cursor;
    bool done;
};

/* RM_ScanCursorCreate: a cursor at the start, for Scan or ScanKey; to be freed with
 * ScanCursorDestroy. Since: 6.0.0. */
RedisModuleScanCursor *RM_ScanCursorCreate(void) {
    rm_module *m = rm_module_at(__builtin_return_address(0));
    RedisModuleScanCursor *c = rm_zalloc(m, sizeof(*c));
    c->magic = RM_MAGIC_CURSOR;
    c->slot = m != NULL ? m->slot : 0;
    return c;
}

/* RM_ScanCursorRestart: puts a cursor back to the start. Since: 6.0.0. */
void RM_ScanCursorRestart(RedisModuleScanCursor *cursor) {
    RM_CHECK(cursor, RM_MAGIC_CURSOR);
    cursor->cursor = 0;
    cursor->done = false;
}

/* RM_ScanCursorDestroy: frees a cursor. Since: 6.0.0. */
void RM_ScanCursorDestroy(RedisModuleScanCursor *cursor) {
    RM_CHECK(cursor, RM_MAGIC_CURSOR);
    cursor->magic = RM_DEAD;
    rm_free_slot(cursor->slot, cursor);
}

/* 0 at the end, for Scan to return. */
static int step_done(RedisModuleScanCursor *cursor) {
    if (cursor->cursor == 0)
        cursor->done = true;
    errno = 0;
    return !cursor->done;
}

/* RM_Scan: calls fn for some keys of the selected database; to be called again until it returns
 * 0. Keys that are there all the time are seen at least once.
 * fn: gets the key's name and the key open for reading, both the server's; it may delete the key.
 * Return 1 when there may be more, 0 at the end. errno: ENOENT for a cursor that is at the end
 * already, else 0. Since: 6.0.0. */
int RM_Scan(RedisModuleCtx *ctx, RedisModuleScanCursor *cursor, RedisModuleScanCB fn,
            void *privdata) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    RM_CHECK(cursor, RM_MAGIC_CURSOR);
    if (cursor->done) {
        errno = ENOENT;
        return 0;
    }
    rm_found found = {.n = 0};
    RM_CROSS_READ();
    cursor->cursor = goScan(ctx, cursor->cursor, &found);
    int64_t epoch = rm_state.epoch;
    for (size_t i = 0; i < found.n; i++) {
        rm_argblock *b = rm_args_new(ctx->module, &found.at[i], 1);
        RedisModuleKey *key = rm_key_new(ctx, &b->s[0], ctx->dbid, REDISMODULE_READ);
        /* Another callback, or another thread that fn let in, may have deleted it. */
        bool there = true;
        if (rm_state.epoch != epoch) {
            rm_key_refresh(key);
            there = key->entry != NULL;
        }
        if (there)
            fn(ctx, &b->s[0], key, privdata);
        rm_key_close(key);
        rm_args_release(b);
    }
    free(found.at);
    return step_done(cursor);
}

/* RM_ScanKey: calls fn for some elements of a set, hash or sorted set; to be called again until
 * it returns 0. What is stored compactly comes all at once.
 * fn: gets the key, an element and, for hashes and sorted sets, its value or score, else NULL.
 * The strings are the server's. Return 1 when there may be more, 0 at the end or on
 * failure. errno: EINVAL for NULL, an empty key or another type, ENOENT for a cursor that is at
 * the end already, else 0. Since: 6.0.0. */
int RM_ScanKey(RedisModuleKey *key, RedisModuleScanCursor *cursor, RedisModuleScanKeyCB fn,
               void *privdata) {
    RM_CHECK(cursor, RM_MAGIC_CURSOR);
    if (key != NULL) {
        RM_CHECK(key, RM_MAGIC_KEY);
        rm_key_fresh(key);
    }
    if (key == NULL || key->entry == NULL ||
        (key->type != REDISMODULE_KEYTYPE_SET && key->type != REDISMODULE_KEYTYPE_HASH &&
         key->type != REDISMODULE_KEYTYPE_ZSET)) {
        errno = EINVAL;
        return 0;
    }
    if (cursor->done) {
        errno = ENOENT;
        return 0;
    }
    rm_found found = {.n = 0};
    rm_module *m = key->module;
    RM_CROSS_READ();
    cursor->cursor = goScanKey(key, cursor->cursor, &found);
    for (size_t i = 0; i < found.n; i += (size_t)found.per) {
        rm_argblock *b = rm_args_new(m, &found.at[i], found.per);
        fn(key, &b->s[0], found.per == 2 ? &b->s[1] : NULL, privdata);
        rm_args_release(b);
    }
    free(found.at);
    return step_done(cursor);
}
