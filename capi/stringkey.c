/* stringkey.c: string values. A module that writes into one by DMA leaves an ordinary string. */

#include "capi_internal.h"

#include "_cgo_export.h"

static char no_bytes[1];
char *const rm_empty = no_bytes;

/* RM_StringSet: sets the value of a key that is open for writing, replacing any value and its
 * expiry. str: is copied; stays the caller's.
 * Return REDISMODULE_ERR when the key is not open for writing or an iterator is active.
 * Since: 4.0.0. */
int RM_StringSet(RedisModuleKey *key, RedisModuleString *str) {
    RM_CHECK(key, RM_MAGIC_KEY);
    if (!(key->mode & REDISMODULE_WRITE) || rm_key_iterates(key))
        return REDISMODULE_ERR;
    RM_CROSS();
    return goStringSet(key, str);
}

/* RM_StringDMA: direct access to the bytes of a string value.
 * len: out. mode: REDISMODULE_READ, or REDISMODULE_WRITE to change bytes in place.
 * Return a pointer that is valid until the key is used in another way than by DMA; for an empty
 * key a pointer to a constant and *len 0; NULL for another type. Since: 4.0.0. */
char *RM_StringDMA(RedisModuleKey *key, size_t *len, int mode) {
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    if (key->entry == NULL) {
        *len = 0;
        return "<dma-empty-string>";
    }
    if (key->type != REDISMODULE_KEYTYPE_STRING)
        return NULL;
    RM_CROSS();
    return goStringDMA(key, len, mode);
}

/* RM_StringTruncate: makes a string value shorter, or longer with zero bytes, creating it where
 * needed. The pointer from StringDMA is no longer valid.
 * Return REDISMODULE_ERR when the key is not open for writing, holds another type, or newlen is
 * above 512 MB. Since: 4.0.0. */
int RM_StringTruncate(RedisModuleKey *key, size_t newlen) {
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    if (!(key->mode & REDISMODULE_WRITE) || newlen > 512 * 1024 * 1024 ||
        (key->entry != NULL && key->type != REDISMODULE_KEYTYPE_STRING))
        return REDISMODULE_ERR;
    if (key->entry == NULL && newlen == 0)
        return REDISMODULE_OK;
    RM_CROSS();
    return goStringTruncate(key, newlen);
}
