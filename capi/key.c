/* key.c: open keys: opening, closing, types, deleting and expiry; what is particular to a type of
 * value is in the file of that type. */

#include "childview.h"

#include "_cgo_export.h"

#define MAX_SPARE 32

/* Structs of closed keys, for the thread to use again. */
static __thread RedisModuleKey *spare;
static __thread int nspare;

static void unlink_key(RedisModuleKey *key) {
    if (key->prev != NULL)
        key->prev->next = key->next;
    else if (key->ctx != NULL)
        key->ctx->keys = key->next;
    if (key->next != NULL)
        key->next->prev = key->prev;
}

static void free_key(RedisModuleKey *key) {
    rm_str_decr(key->name);
    if (key->z != NULL)
        rm_zset_forget(key);
    if (key->ahead != NULL)
        rm_list_forget(key);
    if (key->stream != NULL)
        rm_stream_forget(key);
    key->magic = RM_DEAD;
    if (nspare < MAX_SPARE && key->ctx != NULL && key->ctx->flags & RMC_COMMAND) {
        if (nspare == 0)
            rm_thread_keeps();
        key->next = spare;
        spare = key;
        nspare++;
    } else {
        rm_free(NULL, key);
    }
}

void rm_keys_forget(void) {
    while (spare != NULL) {
        RedisModuleKey *key = spare;
        spare = key->next;
        rm_free(NULL, key);
    }
    nspare = 0;
    rm_zset_thread_forget();
}

RedisModuleKey *rm_key_new(RedisModuleCtx *ctx, RedisModuleString *name, int dbid, int mode) {
    RedisModuleKey *key = spare;
    if (key != NULL) {
        spare = key->next;
        nspare--;
    } else {
        key = rm_malloc(NULL, sizeof(*key));
    }
    *key = (RedisModuleKey){.magic = RM_MAGIC_KEY,
                            .mode = mode,
                            .ctx = ctx,
                            .module = ctx->module,
                            .dbid = dbid,
                            .name = name,
                            .epoch = -1,
                            .list_epoch = -1};
    rm_str_incr(name);
    key->next = ctx->keys;
    if (key->next != NULL)
        key->next->prev = key;
    ctx->keys = key;
    return key;
}

void rm_key_close(RedisModuleKey *key) {
    RM_CHECK(key, RM_MAGIC_KEY);
    if (!rm_state.in_child &&
        ((key->mode & REDISMODULE_WRITE && (key->ctx == NULL || !key->ctx->unwatched)) ||
         key->iter != 0)) {
        RM_CROSS_READ();
        goCloseKey(key);
    }
    unlink_key(key);
    free_key(key);
}

void rm_key_refresh(RedisModuleKey *key) {
    RM_CROSS_READ();
    goKeyRefresh(key);
}

/* RM_OpenKey: opens a key of the selected database.
 * keyname: stays the caller's. mode: REDISMODULE_READ, REDISMODULE_WRITE or both, and
 * REDISMODULE_OPEN_KEY_* to leave less of a trace than a command would.
 * Return the key, to be closed with CloseKey, or by automatic memory; NULL for a key that does not
 * exist, unless it is opened for writing, which gives an empty key. A key left open is closed when
 * the context ends. errno: not set. Since: 4.0.0. */
RedisModuleKey *RM_OpenKey(RedisModuleCtx *ctx, RedisModuleString *keyname, int mode) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    RM_CHECK(keyname, RM_MAGIC_STRING);
    RedisModuleKey *key = rm_key_new(ctx, keyname, ctx->dbid, mode);
    if (RM_UNLIKELY(rm_state.in_child)) {
        rm_child_open(key);
    } else {
        RM_CROSS();
        goOpenKey(key);
    }
    if (key->entry == NULL && !(mode & REDISMODULE_WRITE)) {
        unlink_key(key);
        free_key(key);
        return NULL;
    }
    rm_am_add(ctx, RM_AM_KEY, key);
    return key;
}

/* RM_CloseKey: closes a key. One that was open for writing is signalled as modified, unless the
 * module has set REDISMODULE_OPTION_NO_IMPLICIT_SIGNAL_MODIFIED.
 * key: NULL is allowed. Since: 4.0.0. */
void RM_CloseKey(RedisModuleKey *key) {
    if (key == NULL)
        return;
    if (key->magic != RM_MAGIC_KEY) {
        rm_log(rm_module_at(__builtin_return_address(0)), RM_LOG_WARNING,
               "RedisModule_CloseKey() of a key that was closed before (%p)", (void *)key);
        return;
    }
    rm_am_remove(key->ctx, RM_AM_KEY, key);
    rm_key_close(key);
}

/* RM_KeyType: REDISMODULE_KEYTYPE_*; EMPTY for NULL and for a key without a value. Since: 4.0.0. */
int RM_KeyType(RedisModuleKey *key) {
    if (key == NULL)
        return REDISMODULE_KEYTYPE_EMPTY;
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    return key->type;
}

/* RM_ValueLength: bytes of a string, or elements of a list, set, sorted set, hash or stream; 0 for
 * NULL, an empty key or a module's value. Since: 4.0.0. */
size_t RM_ValueLength(RedisModuleKey *key) {
    if (key == NULL)
        return 0;
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    if (RM_UNLIKELY(rm_state.in_child) && key->entry != NULL &&
        key->type != REDISMODULE_KEYTYPE_MODULE)
        rm_child_cannot(__func__);
    return key->length;
}

static int delete_key(RedisModuleKey *key, int lazy) {
    RM_CHECK(key, RM_MAGIC_KEY);
    if (!(key->mode & REDISMODULE_WRITE))
        return REDISMODULE_ERR;
    rm_key_fresh(key);
    if (RM_UNLIKELY(rm_state.in_child)) {
        rm_child_delete(key);
    } else if (key->entry != NULL) {
        RM_CROSS();
        goDeleteKey(key, lazy);
    }
    return REDISMODULE_OK;
}

/* RM_DeleteKey: removes the value of a key that is open for writing; the key stays open, empty.
 * Return REDISMODULE_ERR when it is not open for writing. Since: 4.0.0. */
int RM_DeleteKey(RedisModuleKey *key) { return delete_key(key, 0); }

/* RM_UnlinkKey: DeleteKey that frees a large value in the background. Since: 4.0.7. */
int RM_UnlinkKey(RedisModuleKey *key) { return delete_key(key, 1); }

/* RM_GetExpire: the time that a key has left, milliseconds, at least 0; REDISMODULE_NO_EXPIRE for
 * a key that has no end or is empty. Since: 4.0.0. */
mstime_t RM_GetExpire(RedisModuleKey *key) {
    RM_CHECK(key, RM_MAGIC_KEY);
    RM_CROSS_READ();
    return goGetExpire(key, 1);
}

/* RM_GetAbsExpire: the time at which a key ends, milliseconds since the epoch;
 * REDISMODULE_NO_EXPIRE for a key that has no end or is empty. Since: 6.2.2. */
mstime_t RM_GetAbsExpire(RedisModuleKey *key) {
    RM_CHECK(key, RM_MAGIC_KEY);
    RM_CROSS_READ();
    return goGetExpire(key, 0);
}

static int set_expire(RedisModuleKey *key, mstime_t expire, int relative) {
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    if (!(key->mode & REDISMODULE_WRITE) || key->entry == NULL ||
        (expire < 0 && expire != REDISMODULE_NO_EXPIRE))
        return REDISMODULE_ERR;
    RM_CROSS();
    return goSetExpire(key, expire, relative);
}

/* RM_SetExpire: has a key end in so many milliseconds, or never with REDISMODULE_NO_EXPIRE.
 * Return REDISMODULE_ERR for a key that is empty or not open for writing, and for a negative
 * time. Since: 4.0.0. */
int RM_SetExpire(RedisModuleKey *key, mstime_t expire) { return set_expire(key, expire, 1); }

/* RM_SetAbsExpire: SetExpire with milliseconds since the epoch. Since: 6.2.2. */
int RM_SetAbsExpire(RedisModuleKey *key, mstime_t expire) { return set_expire(key, expire, 0); }

/* RM_KeyExists: 1 when a key of the selected database exists, without touching it. Since: 7.0.0. */
int RM_KeyExists(RedisModuleCtx *ctx, RedisModuleString *keyname) {
    RM_CROSS();
    return goKeyExists(ctx, keyname);
}

/* RM_GetKeyNameFromModuleKey: the name of an open key; NULL for NULL. It belongs to the key.
 * Since: 6.0.0. */
const RedisModuleString *RM_GetKeyNameFromModuleKey(RedisModuleKey *key) {
    return key != NULL ? key->name : NULL;
}

/* RM_GetDbIdFromModuleKey: the database of an open key; -1 for NULL. Since: 7.0.0. */
int RM_GetDbIdFromModuleKey(RedisModuleKey *key) { return key != NULL ? key->dbid : -1; }

/* RM_SetLRU: makes a key look unused for so many milliseconds; a negative number says nothing.
 * Return REDISMODULE_ERR for an empty key or a policy that goes by frequency. Since: 6.0.0. */
int RM_SetLRU(RedisModuleKey *key, mstime_t lru_idle) {
    rm_key_fresh(key);
    if (key->entry == NULL)
        return REDISMODULE_ERR;
    RM_CROSS_READ();
    return goSetLRU(key, lru_idle);
}

/* RM_GetLRU: how long a key has not been used.
 * lru_idle: out, milliseconds; -1 for a policy that goes by frequency.
 * Return REDISMODULE_ERR for an empty key. Since: 6.0.0. */
int RM_GetLRU(RedisModuleKey *key, mstime_t *lru_idle) {
    *lru_idle = -1;
    rm_key_fresh(key);
    if (key->entry == NULL)
        return REDISMODULE_ERR;
    RM_CROSS_READ();
    *lru_idle = goGetLRU(key);
    return REDISMODULE_OK;
}

/* RM_SetLFU: sets how frequently a key seems used, 0 to 255; a negative number says nothing.
 * Return REDISMODULE_ERR for an empty key or a policy that does not go by frequency.
 * Since: 6.0.0. */
int RM_SetLFU(RedisModuleKey *key, long long lfu_freq) {
    rm_key_fresh(key);
    if (key->entry == NULL)
        return REDISMODULE_ERR;
    RM_CROSS_READ();
    return goSetLFU(key, lfu_freq);
}

/* RM_GetLFU: how frequently a key is used.
 * lfu_freq: out, 0 to 255; -1 for a policy that does not go by frequency.
 * Return REDISMODULE_ERR for an empty key. Since: 6.0.0. */
int RM_GetLFU(RedisModuleKey *key, long long *lfu_freq) {
    *lfu_freq = -1;
    rm_key_fresh(key);
    if (key->entry == NULL)
        return REDISMODULE_ERR;
    RM_CROSS_READ();
    *lfu_freq = goGetLFU(key);
    return REDISMODULE_OK;
}
